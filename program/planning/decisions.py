"""Deciding a gate: go, conditional go, hold or no-go. People decide; the software shows, asks and keeps.

The rules:
- A decision has a reason, a day, and at least one person who took it; dissent is kept with its reason.
- A gate that is not passed takes any outcome, as often as it comes up. A passed gate takes only hold or no-go, which
  take the passing back; it takes another go or conditional go once a late condition has reopened it.
- No gate passes while an earlier conditional go has unfinished conditions. There is no way around this one.
- Go with criteria unmet, or with own conditions unfinished, asks for a written reason that is kept with the evidence;
  it lifts the conditions, which stay on the checklist as required items.
- A conditional go asks for at least one condition with owner and date. Conditions become required items of the next
  phase (of the gate's own if it is the last). Unfinished conditions of an earlier conditional go of the same gate must
  be taken along, each with a date that is not past.
- What was seen is frozen (`gate_evidence.py`) and a baseline is taken, in one transaction with the decision.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select, update

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.now import today_in, utc_now
from program.people import access
from program.people.models import Membership, Person
from program.planning import gate_evidence as evidence
from program.planning.baselines import MAX_NAME, take_baseline
from program.planning.decision_rules import ConditionDraft, DecisionDraft, Dissent, Member, check
from program.planning.gates import find_gate
from program.planning.items import ItemDraft, add_items, change_item, find_item
from program.planning.models import Gate, GateDecision, Phase, Program
from program.planning.models.gates import PASSING_OUTCOMES, Outcome
from program.planning.models.items import Kind
from program.planning.readiness import GateReadiness, readiness

__all__ = ["ConditionDraft", "DecisionDraft", "Dissent", "LookAgain", "Member", "check", "decide", "members_of"]

DECIDED_MEANWHILE = _l("Somebody decided or changed this gate while you had it open. Look at it again.")
OUTCOME_WORDS: dict[str, Any] = {
    Outcome.GO.value: _l("Go"),
    Outcome.CONDITIONAL_GO.value: _l("Conditional go"),
    Outcome.HOLD.value: _l("Hold"),
    Outcome.NO_GO.value: _l("No-go"),
}


_MEMBERS = (
    select(Person.id, Person.name, Membership.access)
    .join(Membership, Membership.person_id == Person.id)
    .where(Membership.program_id == bindparam("program"), Person.is_active)
    .order_by(Person.name_folded, Person.id)
)


class LookAgain(Invalid):
    """What the gate showed has changed since the decider looked; they have to see it before it is frozen."""

    status = 409


def members_of(program_id: int) -> list[Member]:
    """The program's active people by name. Permission is the caller's."""
    return [Member(*row) for row in read(_MEMBERS, {"program": program_id}).all()]


def decide(actor: Actor, program_id: int, gate_id: int, draft: DecisionDraft, *, seen: int) -> GateDecision:
    """Record a decision with what was seen. Raises Conflict when the gate moved on since revision `seen`,
    LookAgain when its readiness did, Invalid naming the fields at fault."""
    gate = find_gate(actor, program_id, gate_id, Access.MANAGER)
    program = _lock(program_id)
    today = today_in(program.timezone)
    _claim(gate, seen)
    (found,) = readiness(program, today, only=gate_id)
    # The claim has just raised the revision by one; the decider saw the one before.
    if draft.looked and draft.looked != evidence.look(replace(found, revision=seen)):
        raise LookAgain(_l("Something has changed since you looked. Look at it as it is now, then record."))
    members = members_of(program_id)
    draft = check(found, draft, today, members)
    behind = evidence.items_behind(program_id, found)
    phase, following = _phases(program_id, found.phase_id)
    decision = _record(actor, program, found, draft, members, behind)
    _make_conditions(actor, draft, decision, program.next_number, (following or phase).id)
    _tell(actor, found, decision)
    if draft.close_phase and draft.outcome in PASSING_OUTCOMES and draft.decided_on:
        _close(actor, phase, following, draft.decided_on)
    with force_locale(program.locale):
        name = _("%(gate)s: %(outcome)s", gate=found.name[: MAX_NAME - 30], outcome=OUTCOME_WORDS[draft.outcome])
        take_baseline(actor, program_id, name, decision.id)
    return decision


def _lock(program_id: int) -> Program:
    """The program, its row held until the commit: two decisions in one program follow one another."""
    program = db.session.scalars(
        select(Program).where(Program.id == program_id).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if program is None:
        raise NotFound(access.NOT_HERE)
    return program


def _claim(gate: Gate, seen: int) -> None:
    """Raise the gate's revision from the one the decider saw; whoever comes second finds it raised."""
    claimed: Any = db.session.execute(
        update(Gate)
        .where(Gate.id == gate.id, Gate.revision == seen)
        .values(revision=seen + 1)
        .execution_options(synchronize_session=False)
    )
    if claimed.rowcount != 1:
        raise Conflict(DECIDED_MEANWHILE, object_type="gate", object_id=gate.id)
    db.session.refresh(gate)


def _phases(program_id: int, phase_id: int) -> tuple[Phase, Phase | None]:
    """The gate's phase and the one after it, if there is one."""
    phases = db.session.scalars(
        select(Phase).where(Phase.program_id == program_id).order_by(Phase.position, Phase.id)
    ).all()
    place = next(place for place, phase in enumerate(phases) if phase.id == phase_id)
    return phases[place], phases[place + 1] if place + 1 < len(phases) else None


def _make_conditions(
    actor: Actor, draft: DecisionDraft, decision: GateDecision, first_number: int, phase_id: int
) -> None:
    """The conditions as items: those taken along with their new dates, the new ones from that number on."""
    program_id = decision.program_id
    for condition in draft.conditions:
        if condition.number is not None:
            item = find_item(actor, program_id, condition.number)
            values = {"title": condition.title, "owner_id": condition.owner_id, "due_on": condition.due_on}
            change_item(actor, item, values, seen=None)
            item.decision_id = decision.id
    drafts = [
        ItemDraft(
            title=condition.title,
            kind=Kind.CONDITION,
            required=True,
            owner_id=condition.owner_id,
            due_on=condition.due_on,
            phase_id=phase_id,
            decision_id=decision.id,
        )
        for condition in draft.conditions
        if condition.number is None
    ]
    items = add_items(actor, program_id, drafts)
    if items and items[0].number != first_number:
        # The program's row is held, so nobody else can have taken a number; the record names them already.
        raise RuntimeError("the conditions did not get the numbers that their decision's record names")
    db.session.flush()


def _record(
    actor: Actor,
    program: Program,
    found: GateReadiness,
    draft: DecisionDraft,
    members: list[Member],
    behind: list[dict[str, Any]],
) -> GateDecision:
    """Freeze what was seen and decided as the next link of the program's chain."""
    last = db.session.execute(
        select(GateDecision.sequence, GateDecision.hash)
        .where(GateDecision.program_id == program.id)
        .order_by(GateDecision.sequence.desc())
        .limit(1)
    ).first()
    sequence, previous_hash = (last.sequence + 1, last.hash) if last else (1, evidence.GENESIS)
    now = utc_now()
    names = {member.id: member.name for member in members}
    recorder = db.session.get(Person, actor.person_id) if actor.person_id else None
    record = {
        "format": evidence.FORMAT,
        "program": {"id": program.id, "key": program.key, "name": program.name, "timezone": program.timezone},
        "gate": {
            "id": found.gate_id,
            "name": found.name,
            "phase": found.phase_name,
            "planned_on": found.planned_on.isoformat(),
        },
        "sequence": sequence,
        "outcome": draft.outcome,
        "reason": draft.reason,
        "override": draft.override,
        "decided_on": draft.decided_on.isoformat() if draft.decided_on else None,
        "decided_at": now.isoformat(),
        "recorded_by": {"id": recorder.id, "name": recorder.name} if recorder else None,
        "origin": actor.origin.value,
        "deciders": [{"id": person_id, "name": names[person_id]} for person_id in draft.deciders]
        + [{"id": None, "name": guest} for guest in draft.guests],
        "dissent": [{"id": each.person_id, "name": each.name, "why": each.why} for each in draft.dissent],
        "conditions": _conditions_in_record(draft, names, program.next_number),
        "readiness": evidence.as_seen(found),
        "items": behind,
        "closes_phase": draft.close_phase,
    }
    text = evidence.canonical(record)
    decision = GateDecision(
        program_id=program.id,
        gate_id=found.gate_id,
        sequence=sequence,
        outcome=draft.outcome,
        reason=draft.reason,
        decided_at=now,
        recorded_by_id=actor.person_id,
        record=text,
        previous_hash=previous_hash,
        hash=evidence.digest(previous_hash, text),
    )
    db.session.add(decision)
    db.session.flush()
    return decision


def _conditions_in_record(draft: DecisionDraft, names: dict[int, str], next_number: int) -> list[dict[str, Any]]:
    """The conditions with the numbers they have or are about to get."""
    fresh = count(next_number)
    return [
        {
            "number": next(fresh) if condition.number is None else condition.number,
            "title": condition.title,
            "owner": names[condition.owner_id] if condition.owner_id else "",
            "due_on": condition.due_on.isoformat() if condition.due_on else None,
        }
        for condition in draft.conditions
    ]


def _tell(actor: Actor, found: GateReadiness, decision: GateDecision) -> None:
    before = found.decision.outcome if found.decision else None
    audit.record(
        actor,
        "gate.decided",
        object_id=decision.gate_id,
        name=found.name,
        program_id=decision.program_id,
        changes={
            "outcome": [before, decision.outcome],
            "sequence": [None, decision.sequence],
            "hash": [None, decision.hash],
        },
    )


def _close(actor: Actor, phase: Phase, following: Phase | None, day: date) -> None:
    """End the phase on the day of the decision and begin the next one, where nobody has said so yet."""
    ended: dict[str, Any] = {"actual_end": day}
    if phase.actual_start is None or phase.actual_start > day:
        ended["actual_start"] = min(phase.planned_start, day)
    for row, values in ((phase, ended), (following, {"actual_start": day})):
        if row is None or (row is following and row.actual_start is not None):
            continue
        changes = audit.change(row, values)
        if changes:
            db.session.flush()
            audit.record(
                actor,
                "phase.changed",
                object_id=row.id,
                name=row.name,
                program_id=row.program_id,
                changes=changes,
            )
