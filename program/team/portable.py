"""What of the team goes along with a program that is carried to another instance."""

from __future__ import annotations

from program.planning.portable_rooms import Carried, carry, leave
from program.team.models import (
    Assignment,
    Letter,
    Model,
    ModelChoice,
    PersonSkill,
    ProgramRole,
    RaciMark,
    RaciRow,
    SkillNeed,
)


def init_app() -> None:
    """Tell planning of the room's tables."""
    carry(
        "team",
        Carried(ProgramRole),
        Carried(Assignment),
        Carried(RaciRow),
        Carried(RaciMark, words={"letter": Letter}),
        Carried(SkillNeed),
        Carried(ModelChoice, words={"model": Model}),
    )
    leave({PersonSkill: "what somebody can do is theirs, in every program of an instance"})
