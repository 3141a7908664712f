"""What of the pulse goes along when a program is carried to another instance: what is asked, never what was said."""

from __future__ import annotations

from program.ground.cadence import Cadence
from program.planning.portable_rooms import Carried, carry, leave
from program.pulse.bank import Kind, Theme
from program.pulse.models import (
    Asked,
    OpenAnswer,
    Reply,
    Roster,
    Round,
    RoundComment,
    RoundResult,
    RoundTurnout,
    Survey,
    SurveyQuestion,
    SurveyState,
)

_PROMISE = "answers were given under the limits of the place they were given in"


def init_app() -> None:
    """Tell planning of the room's tables."""
    carry(
        "pulse",
        # It asks nobody before a manager here says whom, and opens it.
        Carried(
            Survey,
            stays=frozenset({"audience", "last_on"}),
            becomes={"state": SurveyState.DRAFT, "next_at": None},
            checks={"cadence": Cadence.from_data},
        ),
        Carried(SurveyQuestion, words={"theme": Theme, "kind": Kind}),
    )
    leave(
        {
            Round: _PROMISE,
            Asked: _PROMISE,
            Roster: _PROMISE,
            OpenAnswer: _PROMISE,
            RoundResult: _PROMISE,
            RoundTurnout: _PROMISE,
            RoundComment: _PROMISE,
            Reply: "an answer to what was said there",
        }
    )
