"""What planning remembers, by subject: programs, items, gates, baselines, lists."""

from program.planning.models.baselines import Baseline, BaselineLine
from program.planning.models.gates import Gate, GateCriterion, GateDecision
from program.planning.models.items import Comment, Dependency, EvidenceLink, ItemTag, Mention, WorkItem
from program.planning.models.lists import ImportUpload, SavedView
from program.planning.models.programs import Phase, PhaseBlock, Program

__all__ = [
    "Baseline",
    "BaselineLine",
    "Comment",
    "Dependency",
    "EvidenceLink",
    "Gate",
    "GateCriterion",
    "GateDecision",
    "ImportUpload",
    "ItemTag",
    "Mention",
    "Phase",
    "PhaseBlock",
    "Program",
    "SavedView",
    "WorkItem",
]
