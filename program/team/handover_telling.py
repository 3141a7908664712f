"""What the two people of a handing over are told: what came to one, and to whom the other's work went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.extensions import db
from program.ground.actor import Actor
from program.ground.pages import path_to
from program.outbox.kinds import MessageKind, Pace, Words, register
from program.outbox.messages import tell
from program.people.models import Person
from program.planning import handing_over
from program.planning.handing_over import Handover
from program.planning.models import Program


def counts_in_words(counts: Mapping[str, int]) -> str:
    """'Open items: 5, Roles: 2', in the reader's language; parts that nobody registers any more are left out."""
    labels = {part.name: part.label for part in handing_over.parts()}
    return ", ".join(f"{labels[name]}: {count}" for name, count in counts.items() if name in labels)


def _taken(data: Mapping[str, Any]) -> Words:
    subject = _("%(name)s handed over to you in %(program)s", name=data["from"], program=data["program"])
    return Words(subject, counts_in_words(data["counts"]), _("See what is yours now"))


def _given(data: Mapping[str, Any]) -> Words:
    subject = _("Your work in %(program)s went to %(name)s", name=data["to"], program=data["program"])
    return Words(subject, counts_in_words(data["counts"]), _("See who does what"))


TAKEN = register(
    MessageKind("team.handed_to_me", _l("Work is handed over to me"), Pace.DIGEST, _taken, icon="arrow-right")
)
GIVEN = register(
    MessageKind("team.handed_from_me", _l("My work is handed over"), Pace.DIGEST, _given, icon="arrow-right")
)


def tell_both(
    actor: Actor, handover: Handover, from_name: str, to_name: str, counts: Mapping[str, int], batch: str
) -> None:
    """Tell who takes over and who hands over; nobody is told of what they did themselves, or without an account."""
    ids = {handover.from_id, handover.to_id} - {actor.person_id, None}
    active = set(db.session.scalars(select(Person.id).where(Person.id.in_(ids), Person.is_active)))
    name = db.session.scalars(select(Program.name).where(Program.id == handover.program_id)).one()
    data = {"program": name, "from": from_name, "to": to_name, "counts": dict(counts)}
    if handover.to_id in active:
        path = path_to("team_people.show", key=handover.key, person_id=handover.to_id)
        tell([handover.to_id], TAKEN, data, key=f"handover:{batch}:to", path=path, program_id=handover.program_id)
    if handover.from_id in active:
        path = path_to("roles.index", key=handover.key)
        tell([handover.from_id], GIVEN, data, key=f"handover:{batch}:from", path=path, program_id=handover.program_id)
