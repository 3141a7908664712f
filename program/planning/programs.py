"""A program: making one from a playbook, changing what it is called and lives by, closing it and opening it again.

Everybody with an account may create a program and becomes its manager: a program costs nothing, is seen by nobody else,
and the person who was asked to start one should not have to wait for an administrator.
Neighbours: `scheduling.py` works out the dates, `phases.py` and `moving.py` change the plan afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import COUNTRIES, FIRST_DAY, LAST_DAY, WorkingCalendar
from program.ground.errors import Invalid, NotFound
from program.ground.folding import fold
from program.ground.now import today_in, zone_names
from program.ground.records import record
from program.ground.text import clean_line, clean_text
from program.people import access
from program.people.models import Membership, Person
from program.planning import baselines, playbook_shelf
from program.planning.items import ItemDraft, add_items
from program.planning.models import Dependency, Gate, GateCriterion, Phase, PhaseBlock, Program
from program.planning.scheduling import PlannedGate, PlannedPhase, PlannedProgram, plan
from program.playbooks.model import COMPUTED_KINDS, Playbook

MAX_NAME, MAX_PURPOSE, MAX_KEY = 120, 10_000, 10
LOCALES = ("en", "pl")
KEY_RULE = re.compile(r"[A-Z][A-Z0-9]{1,9}")
# What a manager changes afterwards. The key stands in addresses that were sent around, so it stays.
CHANGEABLE = frozenset({"name", "purpose", "timezone", "locale", "country"})
CHANGED_MEANWHILE = _l("Somebody changed the settings of this program while you had them open.")
FIRST_BASELINE = _l("Plan at the start")
PHASE_COLUMNS = ("position", "key", "name", "purpose", "planned_start", "planned_end", "actual_start", "actual_end")
GATE_COLUMNS = ("phase_id", "key", "name", "planned_on", "kpis")
BLOCK_COLUMNS = ("phase_id", "position", "key", "name", "starts_on", "ends_on")


@record
class NewProgram:
    """A program that does not exist yet. `playbook` is a playbook's key, '' to start empty.

    The creator becomes the manager; `manager_id` names somebody else where a command creates it.
    """

    name: str
    key: str
    playbook: str
    starts_on: date | None
    timezone: str = "Europe/Warsaw"
    locale: str = "en"
    country: str = "PL"
    purpose: str = ""
    manager_id: int | None = None


@record
class Checked:
    """What `check` found usable: the program's columns and its dated plan."""

    values: dict[str, Any]
    planned: PlannedProgram


def check(actor: Actor, new: NewProgram) -> Checked:
    """What would be created: nothing is written. Raises Invalid naming every field that is wrong."""
    _require_account(actor)
    values: dict[str, Any] = {
        "name": new.name,
        "purpose": new.purpose,
        "timezone": new.timezone,
        "locale": new.locale,
        "country": new.country,
    }
    wrong = _tidy(values)
    values["key"] = clean_line(new.key).upper()
    if not KEY_RULE.fullmatch(values["key"]):
        wrong["key"] = _l("Two to ten letters A to Z and digits, a letter first.")
    elif db.session.scalar(select(Program.id).where(Program.key == values["key"])) is not None:
        wrong["key"] = _l("Another program has this key already. Choose another one.")
    playbook: Playbook | None = None
    if new.playbook:
        shelved = playbook_shelf.find(new.playbook)
        if shelved is None:
            wrong["playbook"] = _l("Choose one from the list.")
        else:
            playbook = shelved.playbook
    planned = None
    if new.starts_on is None:
        wrong["starts_on"] = _l("Say on which day it starts.")
    elif not FIRST_DAY <= new.starts_on <= LAST_DAY:
        wrong["starts_on"] = _l("Give a day between 2000 and 2099.")
    elif not wrong:
        try:
            planned = plan(playbook, new.starts_on, WorkingCalendar(new.country), new.locale)
        except OverflowError:
            wrong["starts_on"] = _l("The plan would run beyond the year 2099.")
    if wrong or planned is None:
        raise Invalid(_l("Something is not right yet."), wrong)
    values |= {"starts_on": planned.starts_on, "playbook_key": playbook.key if playbook else None}
    return Checked(values, planned)


def create_program(actor: Actor, new: NewProgram) -> Program:
    """Create the program with everything its playbook plans. Raises Invalid naming every field that is wrong.

    Two who choose one key in the same moment: the second is told so, as beside any other taken key.
    """
    checked = check(actor, new)
    program = insert_program(actor, checked.values)
    add_manager(actor, program, actor.person_id or new.manager_id)
    batch = audit.new_batch()
    audit.record(
        actor,
        "program.created",
        object_id=program.id,
        name=program.name,
        program_id=program.id,
        changes=audit.created(checked.values),
        batch=batch,
    )
    _write_plan(actor, program, checked.planned, batch)
    # Kept text, so in the program's language and not in that of whoever created it.
    with force_locale(program.locale):
        first_name = str(FIRST_BASELINE)
    baselines.take_baseline(actor, program.id, first_name)
    return program


def insert_program(actor: Actor, values: Mapping[str, Any]) -> Program:
    """Write the program's row alone. Raises Invalid when the key was taken in this moment."""
    program = Program(**values, name_folded=fold(values["name"]), created_by_id=actor.person_id)
    try:
        with db.session.begin_nested():
            db.session.add(program)
    except IntegrityError as error:
        taken = _l("Another program has this key already. Choose another one.")
        raise Invalid(_l("Something is not right yet."), {"key": taken}) from error
    return program


def add_manager(actor: Actor, program: Program, person_id: int | None) -> None:
    """Make that person the program's first manager; without one, administrators look after it."""
    if person_id is not None:
        name = db.session.scalar(select(Person.name).where(Person.id == person_id, Person.is_active))
        if name is None:
            raise NotFound(access.NOT_HERE)
        membership = Membership(program_id=program.id, person_id=person_id, access=Access.MANAGER.value)
        db.session.add(membership)
        db.session.flush()
        audit.record(
            actor,
            "member.added",
            object_id=person_id,
            name=name,
            program_id=program.id,
            changes=audit.created({"access": Access.MANAGER.value}),
        )
    if actor.person_id is not None and actor.person_id == person_id:
        actor.known_access[program.id] = Access.MANAGER


def change_program(actor: Actor, program: Program, values: Mapping[str, Any], *, seen: int) -> audit.Changes:
    """Set columns of CHANGEABLE; dates stay as they are, whatever the calendar. Raises Conflict, Invalid."""
    access.require(actor, program.id, Access.MANAGER)
    if unknown := set(values) - CHANGEABLE:
        raise ValueError(f"not changeable: {sorted(unknown)}")
    audit.check_revision(program, seen, CHANGED_MEANWHILE, "program")
    values = dict(values)
    if wrong := _tidy(values):
        raise Invalid(_l("Something is not right yet."), wrong)
    changes = audit.change(program, values)
    if changes:
        program.name_folded = fold(program.name)
        _recorded(actor, "program.changed", program, changes)
    return changes


def close_program(actor: Actor, program: Program, *, seen: int) -> None:
    """Close the program today: it leaves the lists of what runs, and stays readable. Closing twice is closing once."""
    _set_closed(actor, program, seen, today_in(program.timezone), "program.closed")


def reopen_program(actor: Actor, program: Program, *, seen: int) -> None:
    """Open a closed program again."""
    _set_closed(actor, program, seen, None, "program.reopened")


def get_program(actor: Actor, program_id: int, needed: Access = Access.MANAGER) -> Program:
    """The program's row to edit. Raises NotFound, Forbidden."""
    access.require(actor, program_id, needed)
    program = db.session.get(Program, program_id)
    if program is None:
        raise NotFound(access.NOT_HERE)
    return program


def suggest_key(name: str) -> str:
    """A free key from the name: the first letters of its words, or the beginning of a single one."""
    words = re.findall(r"[a-z0-9]+", fold(name))
    while words and not words[0][0].isalpha():
        words[0] = words[0].lstrip("0123456789")
        words = words if words[0] else words[1:]
    if not words:
        return ""
    short = "".join(word[0] for word in words[:6]) if len(words) > 1 else words[0][:4]
    short = (short if len(short) > 1 else short + "P").upper()
    taken = set(db.session.scalars(select(Program.key).where(Program.key.startswith(short, autoescape=True))))
    candidates = [short, *(f"{short}{number}" for number in range(2, 1000))]
    return next((key for key in candidates if key not in taken), "")


def _set_closed(actor: Actor, program: Program, seen: int, day: date | None, verb: str) -> None:
    access.require(actor, program.id, Access.MANAGER)
    audit.check_revision(program, seen, CHANGED_MEANWHILE, "program")
    if (program.closed_on is None) == (day is None):
        return
    _recorded(actor, verb, program, audit.change(program, {"closed_on": day}))


def _recorded(actor: Actor, verb: str, program: Program, changes: audit.Changes) -> None:
    db.session.flush()
    audit.record(actor, verb, object_id=program.id, name=program.name, program_id=program.id, changes=changes)


def _require_account(actor: Actor) -> None:
    # The signed-in person, or the system itself: strangers never get as far as a verb.
    if actor.person_id is None and not actor.is_admin:
        raise NotFound(access.NOT_HERE)


def tidy_texts(values: dict[str, Any]) -> dict[str, Any]:
    """Clean the name and the purpose of a program or a phase, in place, and say what is wrong with them."""
    wrong: dict[str, Any] = {}
    if "name" in values:
        values["name"] = clean_line(values["name"])
        if not values["name"]:
            wrong["name"] = _l("Give it a name.")
        elif len(values["name"]) > MAX_NAME:
            wrong["name"] = _l("Up to %(most)s letters.", most=MAX_NAME)
    if "purpose" in values:
        values["purpose"] = clean_text(values["purpose"])
        if len(values["purpose"]) > MAX_PURPOSE:
            wrong["purpose"] = _l("Up to %(most)s letters.", most=MAX_PURPOSE)
    return wrong


def _tidy(values: dict[str, Any]) -> dict[str, Any]:
    """Clean the columns that are given, in place, and say what is wrong with them."""
    wrong = tidy_texts(values)
    choices = {"timezone": zone_names(), "locale": LOCALES, "country": COUNTRIES}
    for name, allowed in choices.items():
        if name in values and values[name] not in allowed:
            wrong[name] = _l("Choose one from the list.")
    return wrong


def _write_plan(actor: Actor, program: Program, planned: PlannedProgram, batch: str) -> None:
    phases = [
        Phase(
            program_id=program.id,
            position=position,
            key=phase.key,
            name=phase.name,
            purpose=phase.purpose,
            planned_start=phase.planned_start,
            planned_end=phase.planned_end,
        )
        for position, phase in enumerate(planned.phases, start=1)
    ]
    db.session.add_all(phases)
    db.session.flush()
    record_created(actor, "phase.created", program.id, phases, PHASE_COLUMNS, batch)
    pairs = list(zip(phases, planned.phases, strict=True))
    blocks = _write_blocks(actor, program.id, pairs, batch)
    _write_gates(actor, program.id, pairs, batch)
    _write_items(actor, program.id, pairs, blocks, batch)


def _write_blocks(
    actor: Actor, program_id: int, pairs: list[tuple[Phase, PlannedPhase]], batch: str
) -> dict[tuple[int, str], int]:
    blocks = [
        PhaseBlock(
            program_id=program_id,
            phase_id=phase.id,
            position=position,
            key=block.key,
            name=block.name,
            starts_on=block.starts_on,
            ends_on=block.ends_on,
        )
        for phase, planned in pairs
        for position, block in enumerate(planned.blocks, start=1)
    ]
    db.session.add_all(blocks)
    db.session.flush()
    record_created(actor, "block.created", program_id, blocks, BLOCK_COLUMNS, batch)
    return {(block.phase_id, block.key): block.id for block in blocks}


def _write_gates(actor: Actor, program_id: int, pairs: list[tuple[Phase, PlannedPhase]], batch: str) -> None:
    planned_gates: list[tuple[Gate, PlannedGate]] = [
        (
            Gate(
                program_id=program_id,
                phase_id=phase.id,
                key=planned.gate.key,
                name=planned.gate.name,
                planned_on=planned.gate.planned_on,
                kpis=list(planned.gate.kpis),
            ),
            planned.gate,
        )
        for phase, planned in pairs
        if planned.gate
    ]
    gates = [gate for gate, _planned in planned_gates]
    db.session.add_all(gates)
    db.session.flush()
    record_created(actor, "gate.created", program_id, gates, GATE_COLUMNS, batch)
    # What every gate asks is worked out for every gate; only a gate's own questions are rows.
    own = [
        {"program_id": program_id, "gate_id": gate.id, "position": position, "kind": one.kind, "text": one.text}
        for gate, planned_gate in planned_gates
        for position, one in enumerate(
            (one for one in planned_gate.criteria if one.kind not in COMPUTED_KINDS), start=1
        )
    ]
    if own:
        db.session.execute(insert(GateCriterion), [{**row, "note": "", "revision": 1} for row in own])


def _write_items(
    actor: Actor,
    program_id: int,
    pairs: list[tuple[Phase, PlannedPhase]],
    blocks: Mapping[tuple[int, str], int],
    batch: str,
) -> None:
    planned_items = [(phase, item) for phase, planned in pairs for item in planned.items]
    drafts = [
        ItemDraft(
            title=item.title,
            description=item.description,
            kind=item.kind,
            required=item.required,
            role=item.role,
            channel=item.channel,
            start_on=item.start_on,
            due_on=item.due_on,
            phase_id=phase.id,
            block_id=blocks.get((phase.id, item.block)) if item.block else None,
            key=item.key,
            tags=item.tags,
        )
        for phase, item in planned_items
    ]
    written = add_items(actor, program_id, drafts, batch=batch)
    by_key = {item.key: item.id for item in written}
    # The loader has refused circles and unknown keys, so these need no further check.
    waits = [
        {"predecessor_id": by_key[earlier], "successor_id": by_key[item.key], "program_id": program_id}
        for _phase, item in planned_items
        for earlier in item.after
    ]
    if waits:
        db.session.execute(insert(Dependency), waits)


def record_created(
    actor: Actor, verb: str, program_id: int, rows: list[Any], columns: tuple[str, ...], batch: str | None
) -> None:
    """Audit rows that came into being, with those columns, in one statement."""
    audit.record_many(
        actor,
        verb,
        program_id,
        [(row.id, row.name, audit.created({name: getattr(row, name) for name in columns})) for row in rows],
        batch=batch,
    )
