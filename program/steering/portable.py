"""What of steering goes along with a program that is carried to another instance.

Decisions and meetings go out for the record; what arrives are matters that nobody has decided yet, as drafts: the chain
of decisions and the committee's minutes belong to the program that took and kept them.
"""

from __future__ import annotations

from program.planning.portable_rooms import Carried, carry, leave
from program.steering.models import (
    BudgetLine,
    CommitteeMeeting,
    CommitteeMember,
    DecisionOption,
    DecisionOutcome,
    DecisionRequest,
    DecisionVote,
    MeetingAction,
    MeetingDecision,
    MeetingMinutes,
    MeetingNote,
    MeetingPoint,
    ProgramNeed,
    RequestState,
    Risk,
    RiskCategory,
    ShareLink,
    Snapshot,
    StateOverride,
    StatusReport,
    SteeringPlan,
)


def init_app() -> None:
    """Tell planning of the room's tables."""
    carry(
        "steering",
        Carried(Risk, words={"category": RiskCategory}),
        # It meets, and is reported on, again when a manager here says so.
        Carried(
            SteeringPlan,
            stays=frozenset({"cadence", "report_weekday"}),
            becomes={"next_at": None, "report_at": None},
        ),
        Carried(CommitteeMember),
        Carried(
            DecisionRequest,
            becomes={"state": RequestState.DRAFT, "opened_at": None},
            comes_in=lambda row: row["state"] in (RequestState.DRAFT, RequestState.OPEN),
        ),
        Carried(DecisionOption),
        Carried(DecisionVote, comes_in=lambda _row: False),
        Carried(DecisionOutcome, comes_in=lambda _row: False),
        Carried(BudgetLine),
    )
    leave(
        {
            CommitteeMeeting: "agenda and minutes belong to the committee that held it",
            MeetingPoint: "belongs to a meeting",
            MeetingAction: "belongs to a meeting; the item goes along",
            MeetingDecision: "belongs to a meeting; the request goes along",
            MeetingNote: "belongs to a meeting",
            MeetingMinutes: "chained to the minutes of the committee that approved them",
            StateOverride: "a person's word on a day that has passed",
            Snapshot: "how another program stood",
            ProgramNeed: "ties two programs of one instance together",
            ShareLink: "a secret of this instance",
            StatusReport: "what another program's committee was told",
        }
    )
