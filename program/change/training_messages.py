"""What invited people are told of a training session: the invitation, another time, a cancellation, a free seat."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.change.models import TrainingSession
from program.extensions import db
from program.ground import formats
from program.ground.actor import Actor
from program.ground.now import zone
from program.ground.pages import path_to
from program.outbox.kinds import MessageKind, Pace, Words, register
from program.outbox.messages import tell
from program.people.models import Person
from program.planning.models import Program


def _when(data: Mapping[str, Any]) -> str:
    """'Thu 12 Mar 2026, 14:00–16:00' on the wall clock of the program, where the training is."""
    there = zone(str(data.get("zone") or "UTC"))
    start, end = (datetime.fromisoformat(str(data[name])).astimezone(there) for name in ("starts_at", "ends_at"))
    return f"{formats.dated(start.date())}, {start:%H:%M}–{end:%H:%M}"


def _details(data: Mapping[str, Any]) -> str:
    lines = [_when(data)]
    if data.get("place"):
        lines.append(_("Place: %(place)s", place=data["place"]))
    if data.get("trainer"):
        lines.append(_("Trainer: %(name)s", name=data["trainer"]))
    if data.get("note"):
        lines.append(str(data["note"]))
    return "\n".join(lines)


def _invited(data: Mapping[str, Any]) -> Words:
    subject = _("Training “%(title)s”: can you come?", title=data.get("title", ""))
    return Words(subject, _details(data), _("Answer"))


def _moved(data: Mapping[str, Any]) -> Words:
    subject = _("Training “%(title)s” has another time or place", title=data.get("title", ""))
    text = _("Your answer stays. Change it if the new time does not suit you.")
    return Words(subject, _details(data) + "\n" + text, _("Answer"))


def _cancelled(data: Mapping[str, Any]) -> Words:
    subject = _("Training “%(title)s” is cancelled", title=data.get("title", ""))
    return Words(subject, _("It would have been on %(when)s.", when=_when(data)), _("See my trainings"))


def _seat(data: Mapping[str, Any]) -> Words:
    subject = _("Training “%(title)s”: a seat became free, and it is yours", title=data.get("title", ""))
    return Words(subject, _details(data), _("See my trainings"))


def _kind(name: str, label: Any, words: Callable[[Mapping[str, Any]], Words]) -> MessageKind:
    return register(MessageKind(f"change.training_{name}", label, Pace.DIRECT, words, icon="calendar-event"))


INVITED = _kind("invited", _l("Invitation to a training"), _invited)
MOVED = _kind("moved", _l("A training has another time or place"), _moved)
CANCELLED = _kind("cancelled", _l("A training is cancelled"), _cancelled)
SEAT = _kind("seat", _l("A seat in a training became free"), _seat)


def tell_of(
    actor: Actor, session: TrainingSession, people: Collection[int], kind: MessageKind, *, occasion: str = ""
) -> None:
    """Tell those people, all but the one who acts, what happened to the session. Two or three statements."""
    told = [person_id for person_id in people if person_id != actor.person_id]
    if not told:
        return
    key, timezone = db.session.execute(
        select(Program.key, Program.timezone).where(Program.id == session.program_id)
    ).one()
    trainer = db.session.scalar(select(Person.name).where(Person.id == session.trainer_id))
    data = {
        "title": session.title,
        "starts_at": session.starts_at.isoformat(),
        "ends_at": session.ends_at.isoformat(),
        "zone": timezone,
        "place": session.place,
        "trainer": trainer or "",
        "note": session.note,
    }
    tell(
        told,
        kind,
        data,
        # A session may be moved twice; each time is news, saying the same time twice is not.
        key=f"{kind.name}:{session.id}:{occasion or session.revision}",
        path=path_to("front_line.show", key=key) + "#trainings",
        program_id=session.program_id,
        about=f"training:{session.id}",
    )
