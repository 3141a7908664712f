"""What the committee is told of decisions: that one is wanted, or still is, and how it went.

Each once, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.extensions import db
from program.ground import formats
from program.ground.actor import Actor
from program.outbox import messages
from program.outbox.kinds import MessageKind, Pace, Words, register
from program.outbox.models import Message
from program.planning.models import Program
from program.steering.models import DecisionRequest
from program.steering.seats import Seated
from program.steering.votes import Tally


def _asked(data: Mapping[str, Any]) -> Words:
    subject = _("A decision is wanted in %(program)s: %(title)s", program=data["program"], title=data["title"])
    text = _("Needed by %(day)s.", day=formats.dated(date.fromisoformat(data["decide_by"])))
    return Words(subject, text, _("Read and vote"))


def _taken(data: Mapping[str, Any]) -> Words:
    subject = _("Decided in %(program)s: %(title)s", program=data["program"], title=data["title"])
    option = data["option"] or _("None of the options")
    return Words(subject, f"{option}. {data['reason']}", _("See the decision"))


def _reminded(data: Mapping[str, Any]) -> Words:
    day = formats.dated(date.fromisoformat(data["decide_by"]))
    votes = _("%(spoken)s of the %(needed)s seats that are needed have voted.", **data["votes"])
    if data["stage"] == "late":
        subject = _("A decision is overdue in %(program)s: %(title)s", program=data["program"], title=data["title"])
        text = _("It was needed by %(day)s. The chair may decide without the missing votes.", day=day)
        return Words(subject, f"{text}\n{votes}", _("See the votes and decide"))
    subject = _("Your vote is missing in %(program)s: %(title)s", program=data["program"], title=data["title"])
    return Words(subject, "\n".join([_("Needed by %(day)s.", day=day), votes]), _("Read and vote"))


ASKED = register(
    MessageKind("steering.decision_asked", _l("A decision is wanted from me"), Pace.DIRECT, _asked, icon="gavel")
)
TAKEN = register(
    MessageKind("steering.decision_taken", _l("The committee has decided"), Pace.DIGEST, _taken, icon="gavel")
)

REMINDED = register(
    MessageKind("steering.decision_reminder", _l("Reminder of a decision"), Pace.DIRECT, _reminded, icon="gavel")
)


def about(request_id: int) -> str:
    """What all messages that ask for one decision are about."""
    return f"decision:{request_id}:asked"


def tell_asked(actor: Actor, program: Program, request: DecisionRequest, seats: Sequence[Seated]) -> None:
    """Tell members and deputies that a decision is wanted; not who asks."""
    people = {seat.person_id for seat in seats} | {seat.deputy_id for seat in seats if seat.deputy_id}
    messages.tell(
        people - {actor.person_id or 0},
        ASKED,
        {
            "program": program.name,
            "request": request.id,
            "title": request.title,
            "number": request.number,
            "decide_by": request.decide_by.isoformat() if request.decide_by else "",
        },
        key=f"steering.decision_asked:{request.id}",
        path=f"/p/{program.key}/decisions/{request.number}",
        program_id=program.id,
        about=about(request.id),
    )


def tell_reminder(
    program: Program, request: DecisionRequest, people: Collection[int], stage: str, counted: Tally
) -> int:
    """Remind people of a request at a stage, each once; 1 when somebody had not been told of it, else 0."""
    key = f"steering.decision_reminder:{request.id}:{stage}"
    # A request that gets another day is another matter.
    key += f":{request.decide_by.isoformat()}" if request.decide_by else ""
    keys = {f"{key}>{person_id}": person_id for person_id in people}
    known = set(db.session.scalars(select(Message.key).where(Message.key.in_(keys))))
    fresh = [person_id for one, person_id in keys.items() if one not in known]
    messages.tell(
        fresh,
        REMINDED,
        {
            "program": program.name,
            "request": request.id,
            "title": request.title,
            "decide_by": request.decide_by.isoformat() if request.decide_by else "",
            "stage": stage,
            "votes": {"spoken": counted.spoken, "needed": counted.needed},
        },
        key=key,
        path=f"/p/{program.key}/decisions/{request.number}",
        program_id=program.id,
        about=about(request.id),
    )
    return 1 if fresh else 0


def withdraw_asked(request: DecisionRequest) -> None:
    """Nobody needs to vote any more."""
    messages.withdraw(about(request.id))


def tell_taken(
    actor: Actor, program: Program, request: DecisionRequest, seats: Sequence[Seated], option: str, reason: str
) -> None:
    """Tell members, deputies and who asked how it went; not who decided."""
    people = {seat.person_id for seat in seats} | {seat.deputy_id for seat in seats if seat.deputy_id}
    if request.asked_by_id:
        people.add(request.asked_by_id)
    messages.tell(
        people - {actor.person_id or 0},
        TAKEN,
        {"program": program.name, "title": request.title, "option": option, "reason": reason},
        key=f"steering.decision_taken:{request.id}",
        path=f"/p/{program.key}/decisions/{request.number}",
        program_id=program.id,
    )
