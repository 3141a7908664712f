"""What is remembered of steering: risks, decisions, the committee, its meetings, and what the progress page keeps."""

from program.steering.models.committee import (
    CommitteeMeeting,
    CommitteeMember,
    MeetingAction,
    MeetingDecision,
    MeetingMinutes,
    MeetingNote,
    MeetingPoint,
    MeetingState,
    Presence,
    Seat,
    SteeringPlan,
)
from program.steering.models.decisions import (
    DecidedBy,
    DecisionOption,
    DecisionOutcome,
    DecisionRequest,
    DecisionVote,
    RequestState,
)
from program.steering.models.needs import ProgramNeed
from program.steering.models.progress import (
    BudgetLine,
    ShareLink,
    Snapshot,
    SnapshotKind,
    StateOverride,
    StatusReport,
)
from program.steering.models.risks import (
    Risk,
    RiskCategory,
    RiskState,
)

__all__ = [
    "BudgetLine",
    "CommitteeMeeting",
    "CommitteeMember",
    "DecidedBy",
    "DecisionOption",
    "DecisionOutcome",
    "DecisionRequest",
    "DecisionVote",
    "MeetingAction",
    "MeetingDecision",
    "MeetingMinutes",
    "MeetingNote",
    "MeetingPoint",
    "MeetingState",
    "Presence",
    "ProgramNeed",
    "RequestState",
    "Risk",
    "RiskCategory",
    "RiskState",
    "Seat",
    "ShareLink",
    "Snapshot",
    "SnapshotKind",
    "StateOverride",
    "StatusReport",
    "SteeringPlan",
]
