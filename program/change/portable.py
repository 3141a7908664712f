"""What of the change work goes along with a program that is carried to another instance."""

from __future__ import annotations

from program.change.models import (
    AbTest,
    AdoptionReading,
    CalendarFeed,
    ChangeLimits,
    ChangePlanItem,
    Coaching,
    Communication,
    GoLive,
    GroupImpact,
    GroupMember,
    Idea,
    IdeaStep,
    IdeaSupport,
    ImpactedGroup,
    JobAid,
    OtherChange,
    OtherChangeGroup,
    Proof,
    Ritual,
    RitualMeeting,
    RitualPerson,
    TrainingGroup,
    TrainingSeat,
    TrainingSession,
)
from program.change.models.adoption import Measure
from program.change.models.groups import Aspect
from program.change.models.ideas import Stage
from program.change.models.proofs import ProofKind
from program.change.models.rituals import MeetingState, Rhythm, RitualKind
from program.change.models.saturation import OtherKind
from program.planning.portable_rooms import Carried, carry, leave


def init_app() -> None:
    """Tell planning of the room's tables."""
    carry(
        "change",
        Carried(GoLive),
        Carried(ChangePlanItem),
        Carried(ImpactedGroup),
        Carried(GroupImpact, words={"aspect": Aspect}),
        Carried(GroupMember),
        Carried(Communication),
        Carried(TrainingSession),
        Carried(TrainingGroup),
        Carried(TrainingSeat),
        Carried(AdoptionReading, words={"measure": Measure}),
        Carried(Ritual, words={"kind": RitualKind, "rhythm": Rhythm}),
        Carried(RitualPerson),
        Carried(RitualMeeting, words={"state": MeetingState}),
        Carried(JobAid),
        Carried(Coaching),
        Carried(Idea),
        Carried(IdeaStep, words={"stage": Stage}),
        Carried(IdeaSupport),
        Carried(AbTest),
        Carried(Proof, words={"kind": ProofKind}),
        Carried(OtherChange, words={"kind": OtherKind}),
        Carried(OtherChangeGroup),
        Carried(ChangeLimits),
    )
    leave({CalendarFeed: "a secret address of somebody's calendar"})
