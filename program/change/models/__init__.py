"""What the change room remembers, by subject: groups, the plan around go-lives, training, ideas, proofs, rituals."""

from program.change.models.adoption import AdoptionReading
from program.change.models.groups import GroupImpact, GroupMember, ImpactedGroup
from program.change.models.ideas import AbTest, Idea, IdeaStep, IdeaSupport
from program.change.models.plan import ChangePlanItem, Coaching, Communication, GoLive
from program.change.models.proofs import Proof
from program.change.models.rituals import CalendarFeed, Ritual, RitualMeeting, RitualPerson
from program.change.models.saturation import ChangeLimits, OtherChange, OtherChangeGroup
from program.change.models.training import JobAid, TrainingGroup, TrainingSeat, TrainingSession

__all__ = [
    "AbTest",
    "AdoptionReading",
    "CalendarFeed",
    "ChangeLimits",
    "ChangePlanItem",
    "Coaching",
    "Communication",
    "GoLive",
    "GroupImpact",
    "GroupMember",
    "Idea",
    "IdeaStep",
    "IdeaSupport",
    "ImpactedGroup",
    "JobAid",
    "OtherChange",
    "OtherChangeGroup",
    "Proof",
    "Ritual",
    "RitualMeeting",
    "RitualPerson",
    "TrainingGroup",
    "TrainingSeat",
    "TrainingSession",
]
