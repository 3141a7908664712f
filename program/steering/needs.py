"""Dependencies between programs: what one needs of another, by when, and whether it will be there in time.

Whoever manages the program that waits writes it down, of a program they may see; that it is there may be said by the
managers of either. What waits for what must not go round in a circle, or nobody could ever begin.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Invalid, NotFound
from program.ground.model import UtcDateTime
from program.ground.now import utc_now, zone
from program.ground.records import record
from program.ground.text import clean_line
from program.people import access
from program.people.access import NOT_HERE
from program.planning.history_words import TITLES
from program.planning.models import Gate, GateDecision, Program
from program.planning.models.gates import PASSING_OUTCOMES
from program.steering.models import ProgramNeed

MAX_TITLE, MOST = 200, 100
NOT_RIGHT = _l("Something is not right yet.")
CHANGED_MEANWHILE = _l("Somebody changed this meanwhile.")
TITLES.update(
    {
        "need.created": _l("“%(name)s” is needed of another program"),
        "need.met": _l("“%(name)s” is there"),
        "need.unmet": _l("“%(name)s” is waited for again"),
        "need.removed": _l("“%(name)s” is not needed of another program any more"),
    }
)


@record
class Need:
    """A dependency as lists show it. `state` is 'done', 'off_track' (late), 'at_risk' (its gate comes later) or 'open'.

    Key and name of a program that the reader may not see are ''.
    """

    id: int
    revision: int
    program_id: int
    program: str
    program_name: str
    giver_id: int
    giver: str
    giver_name: str
    title: str
    needed_on: date
    gate: str
    gate_on: date | None
    state: str


def add_need(
    actor: Actor, program_id: int, giver_key: str, title: str, needed_on: date | None, gate_id: int | None = None
) -> ProgramNeed:
    """Write down what the program needs of the one with that key.

    Raises Invalid with fields giver, title, needed_on, gate_id; a circle stands at the giver.
    """
    access.require(actor, program_id, Access.MANAGER)
    title = clean_line(title or "")
    giver = _giver(actor, program_id, giver_key)
    wrong: dict[str, Any] = {}
    if giver is None:
        wrong["giver"] = _l("Choose another program that is open to you.")
    if not title or len(title) > MAX_TITLE:
        wrong["title"] = _l("Say what it is that you need.")
    if needed_on is None:
        wrong["needed_on"] = _l("Say by when you need it.")
    if gate_id is not None and giver is not None and not _is_gate_of(gate_id, giver.id):
        wrong["gate_id"] = _l("Choose one from the list.")
    if wrong or giver is None or needed_on is None:
        raise Invalid(NOT_RIGHT, wrong)
    # Of two that would close a circle together, the second waits here and then sees the first.
    db.session.execute(select(Program.id).order_by(Program.id).with_for_update(key_share=True))
    waits = _edges()
    if sum(len(of) for of in waits.values()) >= MOST * 10 or len(waits[program_id]) >= MOST:
        raise Invalid(_l("A program can wait for up to %(most)s others.", most=MOST))
    if program_id in _reached(waits, giver.id):
        circle = _l("That would be a circle: %(name)s waits for this program already.", name=giver.name)
        raise Invalid(circle, {"giver": circle})
    need = ProgramNeed(
        program_id=program_id,
        giver_id=giver.id,
        title=title,
        needed_on=needed_on,
        gate_id=gate_id,
        created_by_id=actor.person_id,
    )
    db.session.add(need)
    db.session.flush()
    _record(actor, "need.created", need, audit.created({"title": title, "needed_on": needed_on, "gate_id": gate_id}))
    return need


def set_met(actor: Actor, program_id: int, need_id: int, met: bool, *, seen: int) -> None:
    """Say that it is there, or is not after all: managers of either program. Raises NotFound, Conflict."""
    need = _found(actor, program_id, need_id)
    if met == (need.met_at is not None):
        return
    audit.check_revision(need, seen, CHANGED_MEANWHILE, "need")
    if not met and need.program_id in _reached(_edges(), need.giver_id):
        raise Invalid(_l("That would be a circle by now: the other program has come to wait for this one."))
    changes = audit.change(need, {"met_at": utc_now() if met else None})
    db.session.flush()
    _record(actor, "need.met" if met else "need.unmet", need, changes)


def remove_need(actor: Actor, program_id: int, need_id: int, *, seen: int) -> None:
    """Take it back: managers of the program that waits. Raises NotFound, Conflict."""
    access.require(actor, program_id, Access.MANAGER)
    need = _found(actor, program_id, need_id)
    if need.program_id != program_id:
        raise NotFound(NOT_HERE)
    audit.check_revision(need, seen, CHANGED_MEANWHILE, "need")
    _record(actor, "need.removed", need, audit.removed({"title": need.title, "needed_on": need.needed_on}))
    db.session.delete(need)
    db.session.flush()


def needs_of(program_ids: Iterable[int], visible: Collection[int] | None, day: date, timezone: str) -> list[Need]:
    """What those programs need and are to bring, as on that day, the first needed first. One statement.

    Names of programs that are not in `visible` are left out (None: all may be known). Permission is the caller's.
    """
    end = datetime.combine(day + timedelta(days=1), time(), zone(timezone))
    rows = read(_needs_query(), {"ids": list(program_ids), "end": end}).all()
    return [_need(row, visible, day) for row in rows]


def _need(row: Any, visible: Collection[int] | None, day: date) -> Need:
    if row.met:
        state = "done"
    elif row.needed_on < day:
        state = "off_track"
    else:
        state = "at_risk" if row.gate_on and row.gate_on > row.needed_on and not row.passed else "open"

    def known(program_id: int, text: str) -> str:
        return text if visible is None or program_id in visible else ""

    return Need(
        *(row.id, row.revision, row.program_id, known(row.program_id, row.waiting_key)),
        *(known(row.program_id, row.waiting_name), row.giver_id, known(row.giver_id, row.giver_key)),
        *(known(row.giver_id, row.giver_name), row.title, row.needed_on),
        *(known(row.giver_id, row.gate or ""), row.gate_on, state),
    )


@cache
def _needs_query() -> Any:
    waiting, giver, need = aliased(Program), aliased(Program), ProgramNeed
    end = bindparam("end", type_=UtcDateTime())
    ids: Any = bindparam("ids", expanding=True)
    last = (
        select(GateDecision.outcome)
        .where(GateDecision.gate_id == Gate.id)
        .order_by(GateDecision.sequence.desc())
        .limit(1)
        .correlate(Gate)
        .scalar_subquery()
    )
    return (
        select(
            *(need.id, need.revision, need.program_id, need.giver_id, need.title, need.needed_on),
            *(waiting.key.label("waiting_key"), waiting.name.label("waiting_name")),
            *(giver.key.label("giver_key"), giver.name.label("giver_name")),
            and_(need.met_at.is_not(None), need.met_at < end).label("met"),
            *(Gate.name.label("gate"), Gate.planned_on.label("gate_on")),
            func.coalesce(last, "").in_(PASSING_OUTCOMES).label("passed"),
        )
        .join(waiting, waiting.id == need.program_id)
        .join(giver, giver.id == need.giver_id)
        .outerjoin(Gate, Gate.id == need.gate_id)
        .where(need.created_at < end, or_(need.program_id.in_(ids), need.giver_id.in_(ids)))
        .order_by(need.needed_on, need.id)
    )


def _giver(actor: Actor, program_id: int, key: str) -> Any:
    """The other program, where the actor may see it."""
    query = select(Program.id, Program.name).where(Program.key == (key or "").upper(), Program.closed_on.is_(None))
    row = db.session.execute(query).first()
    if row is None or row.id == program_id or access.access_of(actor, row.id) is None:
        return None
    return row


def _is_gate_of(gate_id: int, program_id: int) -> bool:
    return db.session.scalar(select(Gate.id).where(Gate.id == gate_id, Gate.program_id == program_id)) is not None


def _found(actor: Actor, program_id: int, need_id: int) -> ProgramNeed:
    access.require(actor, program_id, Access.MANAGER)
    query = select(ProgramNeed).where(
        ProgramNeed.id == need_id, or_(ProgramNeed.program_id == program_id, ProgramNeed.giver_id == program_id)
    )
    need = db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if need is None:
        raise NotFound(NOT_HERE)
    return need


def _edges() -> dict[int, list[int]]:
    """Who waits for whom, of what is not there yet."""
    found: dict[int, list[int]] = defaultdict(list)
    query = select(ProgramNeed.program_id, ProgramNeed.giver_id).where(ProgramNeed.met_at.is_(None))
    for waiting, giver in db.session.execute(query):
        found[waiting].append(giver)
    return found


def _reached(waits: Mapping[int, Sequence[int]], start: int) -> set[int]:
    """The programs that one waits for, at once or by way of others, itself included."""
    found, todo = {start}, [start]
    while todo:
        for giver in waits.get(todo.pop(), ()):
            if giver not in found:
                found.add(giver)
                todo.append(giver)
    return found


def _record(actor: Actor, verb: str, need: ProgramNeed, changes: audit.Changes) -> None:
    # It stands in the history of both.
    for program_id in (need.program_id, need.giver_id):
        audit.record(actor, verb, object_id=need.id, name=need.title, program_id=program_id, changes=changes)
