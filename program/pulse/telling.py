"""What the pulse says to people: that they are asked, once or twice that it waits, and what came of it.

Before the first tap the message says who will see what. Everything told about a round is forgotten when it closes, as a
reminder that was sent says that somebody had not answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import select

from program.extensions import db
from program.ground import formats
from program.outbox.kinds import MessageKind, Pace, Words, register
from program.planning.models import Program
from program.pulse.models import Round

# Seconds that a question takes, as we tell people; a question in words takes as long as somebody likes.
SECONDS = 6


def about(round_id: int) -> str:
    """What all messages of a round are about."""
    return f"pulse.round:{round_id}"


def asked_data(one: Round) -> dict[str, Any]:
    """What the messages of an open round need to be put into words."""
    name = db.session.scalar(select(Program.name).where(Program.id == one.program_id))
    return {
        "round": one.id,
        "program": name,
        "questions": max(len(asked) for asked in one.questions.values()),
        "scores_from": one.scores_from,
        "comments_from": one.comments_from,
        "closes_at": one.closes_at.isoformat(),
    }


def promise(scores_from: int, comments_from: int) -> str:
    """Who will see what, in two sentences; the same on the page, in messages and in the chat."""
    return _(
        "Your answers are counted, never shown one by one: scores are told when at least %(scores)s people answered, "
        "comments when at least %(comments)s wrote one. When the round closes, nobody can find out who said what.",
        scores=scores_from,
        comments=comments_from,
    )


def _asked(data: Mapping[str, Any]) -> Words:
    number = int(data["questions"])
    length = ngettext("%(num)s question, half a minute.", "%(num)s questions, half a minute.", number)
    return Words(
        _("How was your week? The pulse of %(program)s", program=data["program"]),
        f"{length} {promise(data['scores_from'], data['comments_from'])}",
        _("Answer"),
    )


def _reminded(data: Mapping[str, Any]) -> Words:
    closes = formats.moment(datetime.fromisoformat(data["closes_at"]))
    return Words(
        _("The pulse of %(program)s still waits for you", program=data["program"]),
        _("It takes half a minute and closes on %(when)s.", when=closes)
        + " "
        + promise(data["scores_from"], data["comments_from"]),
        _("Answer"),
    )


ASKED = register(
    MessageKind(
        "pulse.asked", _l("Pulse check"), Pace.PROMPT, _asked, icon="activity-heartbeat", private=True, unlisted=True
    )
)
REMINDED = register(
    MessageKind(
        "pulse.reminded",
        _l("Reminder of the pulse check"),
        Pace.PROMPT,
        _reminded,
        "activity-heartbeat",
        private=True,
        unlisted=True,
    )
)
