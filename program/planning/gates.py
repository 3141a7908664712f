"""Gates and what people ask at them: adding, renaming and moving gates; manual criteria, ticked by a named person.

How ready a gate is stands in `readiness.py`; the decision is taken in `decisions.py`. What was decided stays: a gate
with a decision cannot be removed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.errors import Invalid, NotFound
from program.ground.now import utc_now
from program.ground.text import clean_line
from program.people import access
from program.planning import criteria
from program.planning.criteria import MANUAL
from program.planning.models import Gate, GateCriterion, GateDecision, Phase

MAX_NAME, MAX_TEXT, MAX_NOTE, MAX_CRITERIA = 120, 300, 500, 40
CHANGEABLE = frozenset(("name", "planned_on", "phase_id"))
GATE_CHANGED = _l("Somebody changed this gate while you had it open.")
CRITERION_CHANGED = _l("Somebody changed this criterion while you had it open.")


def find_gate(actor: Actor, program_id: int, gate_id: int, needed: Access = Access.VIEWER) -> Gate:
    """The gate with that id in the program. Raises NotFound."""
    access.require(actor, program_id, needed)
    gate = db.session.scalars(select(Gate).where(Gate.id == gate_id, Gate.program_id == program_id)).one_or_none()
    if gate is None:
        raise NotFound(access.NOT_HERE)
    return gate


def find_criterion(actor: Actor, program_id: int, criterion_id: int, needed: Access = Access.VIEWER) -> GateCriterion:
    """The stored criterion with that id in the program. Raises NotFound."""
    access.require(actor, program_id, needed)
    criterion = db.session.scalars(
        select(GateCriterion).where(GateCriterion.id == criterion_id, GateCriterion.program_id == program_id)
    ).one_or_none()
    if criterion is None:
        raise NotFound(access.NOT_HERE)
    return criterion


def add_gate(actor: Actor, program_id: int, *, phase_id: int | None, name: str, planned_on: date | None) -> Gate:
    """Add a gate to a phase. Raises Invalid naming the field at fault."""
    access.require(actor, program_id, Access.MANAGER)
    values = _checked(program_id, {"name": name, "planned_on": planned_on, "phase_id": phase_id})
    gate = Gate(program_id=program_id, kpis=[], **values)
    db.session.add(gate)
    db.session.flush()
    audit.record(
        actor,
        "gate.created",
        object_id=gate.id,
        name=gate.name,
        program_id=program_id,
        changes=audit.created(values),
    )
    return gate


def change_gate(actor: Actor, gate: Gate, values: Mapping[str, Any], *, seen: int | None) -> audit.Changes:
    """Rename a gate, move its day or give it to another phase; returns what really changed.

    Raises Conflict when it moved on since the revision `seen`, Invalid naming the field at fault.
    """
    access.require(actor, gate.program_id, Access.MANAGER)
    unknown = set(values) - CHANGEABLE
    if unknown:
        raise ValueError(f"not changeable: {sorted(unknown)}")
    if seen is not None:
        audit.check_revision(gate, seen, GATE_CHANGED, "gate")
    changes = audit.change(gate, _checked(gate.program_id, dict(values)))
    if changes:
        db.session.flush()
        audit.record(
            actor, "gate.changed", object_id=gate.id, name=gate.name, program_id=gate.program_id, changes=changes
        )
    return changes


def remove_gate(actor: Actor, gate: Gate, *, seen: int) -> None:
    """Remove a gate nothing was decided at, with its criteria. Raises Invalid when it has a decision."""
    access.require(actor, gate.program_id, Access.MANAGER)
    audit.check_revision(gate, seen, GATE_CHANGED, "gate")
    if db.session.scalar(select(GateDecision.id).where(GateDecision.gate_id == gate.id).limit(1)):
        raise Invalid(_l("A gate that was decided stays: its evidence hangs on it."))
    gone = audit.removed({"name": gate.name, "phase_id": gate.phase_id, "planned_on": gate.planned_on})
    gate_id, name, program_id = gate.id, gate.name, gate.program_id
    for criterion in db.session.scalars(select(GateCriterion).where(GateCriterion.gate_id == gate_id)):
        db.session.delete(criterion)
    db.session.flush()
    db.session.delete(gate)
    db.session.flush()
    audit.record(actor, "gate.removed", object_id=gate_id, name=name, program_id=program_id, changes=gone)


def add_criterion(actor: Actor, gate: Gate, text: str) -> GateCriterion:
    """Ask something more at a gate, to be ticked by a person. Raises Invalid for a text that is empty or too long."""
    access.require(actor, gate.program_id, Access.MANAGER)
    text = _checked_text(text)
    count, last = db.session.execute(
        select(func.count(), func.max(GateCriterion.position)).where(GateCriterion.gate_id == gate.id)
    ).one()
    if count >= MAX_CRITERIA:
        raise Invalid(fields={"text": _l("A gate takes up to %(most)s criteria.", most=MAX_CRITERIA)})
    criterion = GateCriterion(
        program_id=gate.program_id, gate_id=gate.id, position=(last or 0) + 1, kind=MANUAL, text=text
    )
    db.session.add(criterion)
    db.session.flush()
    _record(actor, criterion, "criterion.created", audit.created({"text": text, "gate_id": gate.id}))
    return criterion


def ask_for(actor: Actor, gate: Gate, kind: str) -> GateCriterion | None:
    """Ask the gate for something that is worked out, of `criteria.optional_kinds`; None when it asks for it already.

    Raises Invalid for any other kind.
    """
    access.require(actor, gate.program_id, Access.MANAGER)
    if kind not in {criterion.kind for criterion in criteria.optional_kinds()}:
        raise Invalid(_l("Choose one from the list."))
    # Held, so that two who ask at the same moment ask once.
    db.session.execute(select(Gate.id).where(Gate.id == gate.id).with_for_update())
    rows = db.session.execute(
        select(GateCriterion.kind, GateCriterion.position).where(GateCriterion.gate_id == gate.id)
    ).all()
    if any(row.kind == kind for row in rows):
        return None
    position = max((row.position for row in rows), default=0) + 1
    criterion = GateCriterion(program_id=gate.program_id, gate_id=gate.id, position=position, kind=kind, text="")
    db.session.add(criterion)
    db.session.flush()
    _record_kind(actor, criterion, "criterion.created", audit.created({"gate_id": gate.id}))
    return criterion


def ask_in_particular(actor: Actor, gate: Gate, kind: str, sentence: str) -> GateCriterion:
    """Ask the gate for something of a kind that says more than its name (`Criterion.particular`), for its own room.

    `sentence` says what is asked in the trail, and where nobody can work it out any more. Raises Invalid for another
    kind, and for too many.
    """
    access.require(actor, gate.program_id, Access.MANAGER)
    known = criteria.find(kind)
    if known is None or not known.particular:
        raise Invalid(_l("Choose one from the list."))
    count, last = db.session.execute(
        select(func.count(), func.max(GateCriterion.position)).where(GateCriterion.gate_id == gate.id)
    ).one()
    if count >= MAX_CRITERIA:
        raise Invalid(_l("A gate takes up to %(most)s criteria.", most=MAX_CRITERIA))
    criterion = GateCriterion(
        program_id=gate.program_id,
        gate_id=gate.id,
        position=(last or 0) + 1,
        kind=kind,
        text=sentence[:MAX_TEXT],
    )
    db.session.add(criterion)
    db.session.flush()
    _record(actor, criterion, "criterion.created", audit.created({"text": criterion.text, "gate_id": gate.id}))
    return criterion


def stop_asking_this(actor: Actor, program_id: int, criterion_id: int) -> None:
    """No longer ask for something particular. Raises NotFound."""
    access.require(actor, program_id, Access.MANAGER)
    criterion = db.session.scalars(
        select(GateCriterion).where(GateCriterion.id == criterion_id, GateCriterion.program_id == program_id)
    ).one_or_none()
    known = criteria.find(criterion.kind) if criterion is not None else None
    if criterion is None or known is None or not known.particular:
        raise NotFound(access.NOT_HERE)
    _record(
        actor, criterion, "criterion.removed", audit.removed({"text": criterion.text, "gate_id": criterion.gate_id})
    )
    db.session.delete(criterion)
    db.session.flush()


def stop_asking(actor: Actor, gate: Gate, kind: str) -> bool:
    """No longer ask the gate for something that is worked out; False when it did not ask."""
    access.require(actor, gate.program_id, Access.MANAGER)
    found = db.session.scalars(
        select(GateCriterion).where(GateCriterion.gate_id == gate.id, GateCriterion.kind == kind)
    ).all()
    if kind == MANUAL or not found:
        return False
    for criterion in found:
        _record_kind(actor, criterion, "criterion.removed", audit.removed({"gate_id": gate.id}))
        db.session.delete(criterion)
    db.session.flush()
    return True


def change_criterion(actor: Actor, criterion: GateCriterion, text: str, *, seen: int) -> audit.Changes:
    """Put a manual criterion into other words. A tick was given to the old words, so it falls."""
    _require_manual(actor, criterion, Access.MANAGER, seen)
    changes = audit.change(criterion, {"text": _checked_text(text)})
    if changes:
        changes |= audit.change(criterion, {"ticked_at": None, "ticked_by_id": None, "note": ""})
        db.session.flush()
        _record(actor, criterion, "criterion.changed", changes)
    return changes


def remove_criterion(actor: Actor, criterion: GateCriterion, *, seen: int) -> None:
    """Stop asking a manual criterion."""
    _require_manual(actor, criterion, Access.MANAGER, seen)
    gone = audit.removed({"text": criterion.text, "gate_id": criterion.gate_id, "ticked_at": criterion.ticked_at})
    db.session.delete(criterion)
    db.session.flush()
    _record(actor, criterion, "criterion.removed", gone)


def tick(actor: Actor, criterion: GateCriterion, note: str, *, seen: int) -> None:
    """Confirm a manual criterion by name, with a note where it can be seen. Raises Invalid when it is ticked."""
    _require_manual(actor, criterion, Access.CONTRIBUTOR, seen)
    if criterion.ticked_at is not None:
        raise Invalid(_l("It is confirmed already."))
    note = clean_line(note)
    if len(note) > MAX_NOTE:
        raise Invalid(fields={"note": _l("Up to %(most)s letters.", most=MAX_NOTE)})
    changes = audit.change(criterion, {"ticked_at": utc_now(), "ticked_by_id": actor.person_id, "note": note})
    db.session.flush()
    _record(actor, criterion, "criterion.ticked", changes)


def untick(actor: Actor, criterion: GateCriterion, *, seen: int) -> None:
    """Take a confirmation back; who had given it stays in the audit trail."""
    _require_manual(actor, criterion, Access.CONTRIBUTOR, seen)
    if criterion.ticked_at is None:
        raise Invalid(_l("It is not confirmed."))
    changes = audit.change(criterion, {"ticked_at": None, "ticked_by_id": None, "note": ""})
    db.session.flush()
    _record(actor, criterion, "criterion.unticked", changes)


def _require_manual(actor: Actor, criterion: GateCriterion, needed: Access, seen: int) -> None:
    access.require(actor, criterion.program_id, needed)
    audit.check_revision(criterion, seen, CRITERION_CHANGED, "criterion")
    if criterion.kind != MANUAL:
        raise Invalid(_l("This criterion is worked out, not ticked."))


def _record(actor: Actor, criterion: GateCriterion, verb: str, changes: audit.Changes) -> None:
    audit.record(
        actor,
        verb,
        object_id=criterion.id,
        name=criterion.text,
        program_id=criterion.program_id,
        changes=changes,
    )


def _record_kind(actor: Actor, criterion: GateCriterion, verb: str, changes: audit.Changes) -> None:
    known = criteria.find(criterion.kind)
    name = str(known.text) if known else criterion.kind
    audit.record(actor, verb, object_id=criterion.id, name=name, program_id=criterion.program_id, changes=changes)


def _checked_text(text: str) -> str:
    text = clean_line(text)
    if not text:
        raise Invalid(fields={"text": _l("Say what has to be true.")})
    if len(text) > MAX_TEXT:
        raise Invalid(fields={"text": _l("Up to %(most)s letters.", most=MAX_TEXT)})
    return text


def _checked(program_id: int, values: dict[str, Any]) -> dict[str, Any]:
    """The gate's values, tidied. Raises Invalid with every field that is wrong."""
    wrong: dict[str, Any] = {}
    if "name" in values:
        values["name"] = clean_line(str(values["name"]))
        if not values["name"]:
            wrong["name"] = _l("Give it a name.")
        elif len(values["name"]) > MAX_NAME:
            wrong["name"] = _l("Up to %(most)s letters.", most=MAX_NAME)
    if "planned_on" in values and values["planned_on"] is None:
        wrong["planned_on"] = _l("Say which day it is planned for.")
    elif "planned_on" in values and not FIRST_DAY <= values["planned_on"] <= LAST_DAY:
        wrong["planned_on"] = _l("Give a day between 2000 and 2099.")
    if "phase_id" in values:
        found = db.session.scalar(
            select(Phase.id).where(Phase.id == values["phase_id"], Phase.program_id == program_id)
        )
        if found is None:
            wrong["phase_id"] = _l("Choose a phase of this program.")
    if wrong:
        raise Invalid(_l("Something is not right yet."), wrong)
    return values
