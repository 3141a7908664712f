"""Somebody leaves: all open work, roles and meetings of theirs in a program go to another person, in one act.

What there is to hand over, rooms say as parts (`planning/handing_over.py`). The manager sees all of it first; the
fingerprint of that preview makes sure that what was seen is what changes hands. The one who leaves may be gone already:
out of the program, or without an account.

All of it is done in one transaction. In the trail each part has a batch of its own, which follows from the act's: so a
part that can be taken back with one click stays so, whatever another part did.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, or_, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.audit import AuditEntry
from program.ground.database import read
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.folding import fold
from program.ground.now import today_in
from program.ground.records import record
from program.ground.text import clean_line
from program.people import access
from program.people.models import Membership, Person
from program.planning import handing_over
from program.planning.handing_over import Handover, Line, Part
from program.planning.models import Program, WorkItem
from program.planning.undo import can_undo
from program.team.handover_telling import tell_both
from program.team.models import Assignment

CHANGED_MEANWHILE = _l("Something changed since you saw the preview. Look at it again, then hand over.")
MOST_MEANT = 10


@record
class Preview:
    """All that would change hands, part by part, empty parts included."""

    handover: Handover
    from_name: str
    to_name: str
    sections: Sequence[tuple[Part, Sequence[Line]]]

    @property
    def count(self) -> int:
        """How many things would change hands."""
        return sum(len(lines) for _part, lines in self.sections)

    @property
    def fingerprint(self) -> str:
        """The same for the same people and the same things."""
        shown = [(part.name, [(line.name, line.url) for line in lines]) for part, lines in self.sections]
        return hashlib.sha256(repr((self.handover.from_id, self.handover.to_id, shown)).encode()).hexdigest()


@record
class DonePart:
    """What changed hands in one part; `batch` is None when it cannot be taken back with one click."""

    label: str
    count: int
    names: Sequence[str]
    batch: str | None


@record
class Done:
    """What changed hands, part by part, and from whom to whom."""

    from_name: str
    to_name: str
    parts: Sequence[DonePart]


def preview(actor: Actor, program_id: int, from_id: int, to_id: int) -> Preview:
    """What would change hands. Raises NotFound for a leaver whom the program does not know, Invalid at `to`."""
    access.require(actor, program_id, Access.MANAGER)
    people = {row.id: row for row in read(_people(False), {"program": program_id, "ids": [from_id, to_id]})}
    leaver = people.get(from_id)
    if leaver is None:
        raise NotFound(access.NOT_HERE)
    return _preview(program_id, leaver, people.get(to_id))


def preview_named(actor: Actor, program_id: int, leaver: str, successor: str) -> Preview:
    """What would change hands between two people given by name or e-mail.

    Who leaves may be anybody who is or was in the program; who takes over works on it. Raises Invalid at `from`, at
    `to` or at both, saying what to write instead.
    """
    access.require(actor, program_id, Access.MANAGER)
    leaver, successor = clean_line(leaver), clean_line(successor)
    values = {
        "program": program_id,
        "names": [fold(leaver) or None, fold(successor) or None],
        "mails": [leaver.lower(), successor.lower()],
    }
    rows = read(_people(True), values).all()
    found: dict[str, Any] = {}
    wrong: dict[str, Any] = {}
    for field, text in (("from", leaver), ("to", successor)):
        fitting = [row for row in rows if _fits(row, text) and (row.is_known if field == "from" else _works(row))]
        if len(fitting) == 1:
            found[field] = fitting[0]
        else:
            wrong[field] = _reason(text, [row.email for row in fitting], leaving=field == "from")
    if wrong:
        raise Invalid(_l("Something is not right yet."), wrong)
    return _preview(program_id, found["from"], found["to"])


def _preview(program_id: int, leaver: Any, successor: Any) -> Preview:
    to_id = None if successor is None else successor.id
    handover = Handover(program_id, leaver.key, leaver.id, to_id, today_in(leaver.timezone))
    sections = handing_over.carried(handover)
    if not (leaver.is_known or any(lines for _part, lines in sections)):
        raise NotFound(access.NOT_HERE)
    wrong = None
    if leaver.id == to_id:
        wrong = _l("Choose somebody else: this is the person who hands over.")
    elif successor is None or not _works(successor):
        wrong = _l("Choose somebody who works on this program: a contributor or a manager with an open account.")
    if wrong is not None:
        raise Invalid(_l("Something is not right yet."), {"to": wrong})
    return Preview(handover, leaver.name, successor.name, sections)


def hand_over(actor: Actor, program_id: int, from_id: int, to_id: int, *, seen: str) -> str:
    """Hand over what the preview with that fingerprint showed, all of it or nothing; returns the batch.

    Raises what `preview` raises, Conflict when anything changed since, Invalid when there is nothing to hand over.
    """
    access.require(actor, program_id, Access.MANAGER)
    found = preview(actor, program_id, from_id, to_id)
    if found.fingerprint != seen:
        raise Conflict(CHANGED_MEANWHILE)
    if not found.count:
        raise Invalid(_l("There is nothing to hand over."))
    batch = audit.new_batch()
    counts = {
        part.name: part.carry_out(actor, found.handover, batch_of(batch, part.name))
        for part, lines in found.sections
        if lines
    }
    # Under no batch: taking a part back gives the work back, and does not unsay that it was handed over.
    audit.record(
        actor,
        "handover.done",
        object_id=from_id,
        name=found.from_name,
        program_id=program_id,
        changes={"handed_to": [None, found.to_name], "batch": [None, batch], "counts": [None, counts]},
    )
    tell_both(actor, found.handover, found.from_name, found.to_name, counts, batch)
    return batch


def done(actor: Actor, program_id: int, batch: str) -> Done:
    """What changed hands under that batch. Raises NotFound."""
    access.require(actor, program_id, Access.MANAGER)
    acts = db.session.execute(
        select(AuditEntry.name, AuditEntry.changes)
        .where(AuditEntry.program_id == program_id, AuditEntry.verb == "handover.done")
        .order_by(AuditEntry.id.desc())
    )
    told = next((row for row in acts if row.changes.get("batch") == [None, batch]), None)
    if told is None:
        raise NotFound(access.NOT_HERE)
    counts, labels = told.changes["counts"][1], {part.name: str(part.label) for part in handing_over.parts()}
    batches = {batch_of(batch, name): name for name in counts}
    rows = db.session.execute(
        select(AuditEntry.batch, AuditEntry.verb, AuditEntry.name)
        .where(AuditEntry.program_id == program_id, AuditEntry.batch.in_(batches))
        .order_by(AuditEntry.id)
    ).all()
    parts = []
    for part_batch, name in batches.items():
        entries = [row for row in rows if row.batch == part_batch]
        undoable = bool(entries) and can_undo(row.verb for row in entries)
        names = list(dict.fromkeys(row.name for row in entries if row.name))
        parts.append(DonePart(labels.get(name, name), counts[name], names, part_batch if undoable else None))
    return Done(told.name, told.changes["handed_to"][1], parts)


def batch_of(batch: str, part: str) -> str:
    """The batch of one part of the act with that batch."""
    return uuid.uuid5(uuid.UUID(hex=batch), part).hex


def _fits(row: Any, text: str) -> bool:
    return bool(text) and (row.name_folded == fold(text) or row.email == text.lower())


def _works(row: Any) -> bool:
    return bool(row.is_active) and (row.access or 0) >= Access.CONTRIBUTOR


def _reason(text: str, mails: Sequence[str], *, leaving: bool) -> Any:
    if mails:
        told = ", ".join(mails[:MOST_MEANT])
        return _l("Several people have this name. Write the e-mail of the one you mean: %(mails)s.", mails=told)
    if not text:
        return _l("Say who.")
    if leaving:
        return _l("Nobody who is or was in this program has this name or e-mail.")
    return _l("Nobody who works on this program has this name or e-mail.")


def name_of(program_id: int, person_id: int) -> str:
    """The name of somebody who is or was in the program; '' for others. One statement."""
    rows = read(_people(False), {"program": program_id, "ids": [person_id]}).all()
    return rows[0].name if rows and rows[0].is_known else ""


def _was_here(program: Any) -> Any:
    """The condition that a person is or was in the program: a member, an owner of items, or one who played a role."""
    return or_(
        select(Membership.id).where(Membership.program_id == program, Membership.person_id == Person.id).exists(),
        select(WorkItem.id).where(WorkItem.program_id == program, WorkItem.owner_id == Person.id).exists(),
        select(Assignment.id).where(Assignment.program_id == program, Assignment.person_id == Person.id).exists(),
    )


@cache
def _people(by_name: bool) -> Any:
    membership = select(Membership.access).where(
        Membership.program_id == bindparam("program"), Membership.person_id == Person.id
    )
    if by_name:
        asked = or_(
            Person.name_folded.in_(bindparam("names", expanding=True)),
            Person.email.in_(bindparam("mails", expanding=True)),
        )
    else:
        asked = Person.id.in_(bindparam("ids", expanding=True))
    return (
        select(
            *(Person.id, Person.name, Person.name_folded, Person.email, Person.is_active),
            membership.scalar_subquery().label("access"),
            _was_here(bindparam("program")).label("is_known"),
            *(Program.key, Program.timezone),
        )
        .join(Program, Program.id == bindparam("program"))
        .where(asked)
        .order_by(Person.id)
    )
