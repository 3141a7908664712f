"""The program's money, by hand or from a file: approved for a thing, spent so far, what it will have cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, func, insert, select, update

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.text import clean_line
from program.kpis.exact import LARGEST
from program.people import access
from program.people.access import NOT_HERE
from program.planning import undo
from program.planning.history_words import TITLES
from program.planning.models import Phase
from program.steering.models import BudgetLine, SteeringPlan

MAX_LABEL, MAX_NOTE, MOST_LINES = 120, 300, 200
NOT_RIGHT = _l("Something is not right yet.")
CHANGED_MEANWHILE = _l("Somebody changed this line while you had it open.")
COLUMNS = ("phase_id", "label", "approved", "spent", "forecast", "note")
# All that is needed to write a line anew.
_WHOLE = (*COLUMNS, "position")
TITLES.update(
    {
        "budget.created": _l("Budget line “%(name)s” added"),
        "budget.changed": _l("Budget line “%(name)s” changed"),
        "budget.removed": _l("Budget line “%(name)s” removed"),
        "budget.undone": _l("Change of the budget line “%(name)s” taken back"),
    }
)
undo.register("budget", BudgetLine, whole=True)


def lines_of(program_id: int) -> Sequence[Any]:
    """The lines in the order of their phases, those of the whole program first. One statement."""
    columns = (BudgetLine.id, BudgetLine.label, BudgetLine.approved, BudgetLine.spent, BudgetLine.forecast)
    query = (
        select(*columns, BudgetLine.note, BudgetLine.revision, Phase.name.label("phase"))
        .outerjoin(Phase, Phase.id == BudgetLine.phase_id)
        .where(BudgetLine.program_id == program_id)
        .order_by(func.coalesce(Phase.position, -1), BudgetLine.position, BudgetLine.id)
    )
    return db.session.execute(query).all()


def currency_of(program_id: int) -> str:
    """In which currency the program's money is written."""
    found = db.session.scalar(select(SteeringPlan.currency).where(SteeringPlan.program_id == program_id))
    return found or "PLN"


def find_line(actor: Actor, program_id: int, line_id: int, needed: Access = Access.VIEWER) -> BudgetLine:
    """That line of the program. Raises NotFound."""
    access.require(actor, program_id, needed)
    query = select(BudgetLine).where(BudgetLine.id == line_id, BudgetLine.program_id == program_id)
    line = db.session.scalars(query).one_or_none()
    if line is None:
        raise NotFound(NOT_HERE)
    return line


def add_line(actor: Actor, program_id: int, values: Mapping[str, Any]) -> BudgetLine:
    """Add a line; `values` by column (`COLUMNS`). Raises Invalid naming the fields at fault."""
    access.require(actor, program_id, Access.MANAGER)
    checked = _checked(program_id, values)
    count, last = db.session.execute(
        select(func.count(), func.max(BudgetLine.position)).where(BudgetLine.program_id == program_id)
    ).one()
    if count >= MOST_LINES:
        raise Invalid(_l("A budget has up to %(most)s lines.", most=MOST_LINES))
    line = BudgetLine(program_id=program_id, position=(last or 0) + 1, **checked)
    db.session.add(line)
    db.session.flush()
    _record(actor, "budget.created", line, audit.created(checked))
    return line


def change_line(actor: Actor, line: BudgetLine, values: Mapping[str, Any], *, seen: int) -> None:
    """Change a line. Raises Conflict, Invalid."""
    access.require(actor, line.program_id, Access.MANAGER)
    audit.check_revision(line, seen, CHANGED_MEANWHILE, "budget")
    changes = audit.change(line, _checked(line.program_id, values))
    if changes:
        db.session.flush()
        _record(actor, "budget.changed", line, changes)


def write_lines(
    actor: Actor,
    program_id: int,
    added: Sequence[Mapping[str, Any]],
    changed: Sequence[tuple[BudgetLine, Mapping[str, Any]]],
    *,
    batch: str,
) -> None:
    """Add and change many lines in one act, which can be taken back by its batch.

    The values were judged (`judged`), their phases are the program's. Raises Invalid when the lines get too many,
    Conflict when one of them changed since it was read. Five statements at most, however many lines there are.
    """
    access.require(actor, program_id, Access.MANAGER)
    count, last = db.session.execute(
        select(func.count(), func.max(BudgetLine.position)).where(BudgetLine.program_id == program_id)
    ).one()
    if count + len(added) > MOST_LINES:
        raise Invalid(_l("A budget has up to %(most)s lines.", most=MOST_LINES))
    first = (last or 0) + 1
    rows = [
        {"program_id": program_id, "position": position, "revision": 1, **values}
        for position, values in enumerate(added, start=first)
    ]
    ids: dict[tuple[int, str], int] = {}
    if rows:
        written = insert(BudgetLine).returning(BudgetLine.id, BudgetLine.position, BudgetLine.label)
        ids = {(line.position, line.label): line.id for line in db.session.execute(written, rows)}
    edits = _write_changes(program_id, changed)
    # Empty columns are named too: a line that got a forecast since is not taken back as if nobody had touched it.
    news = [
        (ids[row["position"], row["label"]], row["label"], {name: [None, audit.in_json(row[name])] for name in _WHOLE})
        for row in rows
    ]
    audit.record_many(actor, "budget.created", program_id, news, batch)
    audit.record_many(actor, "budget.changed", program_id, edits, batch)


def _write_changes(
    program_id: int, changed: Sequence[tuple[BudgetLine, Mapping[str, Any]]]
) -> list[tuple[int, str, audit.Changes]]:
    """Write all of them at once, and tell of each what the trail keeps."""
    if not changed:
        return []
    table: Any = BudgetLine.__table__
    its_own = (
        table.c.id == bindparam("its_id"),
        table.c.program_id == program_id,
        table.c.revision == bindparam("its_revision"),
    )
    columns: dict[str, Any] = {name: bindparam(f"to_{name}") for name in COLUMNS}
    rows, edits = [], []
    for line, values in changed:
        rows.append(
            {"its_id": line.id, "its_revision": line.revision, **{f"to_{name}": values[name] for name in COLUMNS}}
        )
        before = {name: getattr(line, name) for name in COLUMNS}
        changes = {
            name: [audit.in_json(before[name]), audit.in_json(values[name])]
            for name in COLUMNS
            if before[name] != values[name]
        }
        edits.append((line.id, values["label"], changes))
    statement = update(table).where(*its_own).values(revision=table.c.revision + 1, **columns)
    if db.session.connection().execute(statement, rows).rowcount != len(rows):
        raise Conflict(CHANGED_MEANWHILE)
    for line, _values in changed:
        db.session.expire(line)
    return edits


def remove_line(actor: Actor, line: BudgetLine, *, seen: int) -> None:
    """Remove a line; the trail keeps its figures. Raises Conflict."""
    access.require(actor, line.program_id, Access.MANAGER)
    audit.check_revision(line, seen, CHANGED_MEANWHILE, "budget")
    _record(actor, "budget.removed", line, audit.removed({name: getattr(line, name) for name in _WHOLE}))
    db.session.delete(line)
    db.session.flush()


def judged(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of a line by column, tidied, and what is wrong with them by column. The phase is not looked at."""
    values = {name: given.get(name) for name in COLUMNS}
    wrong: dict[str, Any] = {}
    for name, most in (("label", MAX_LABEL), ("note", MAX_NOTE)):
        text = values[name] = clean_line(given.get(name) or "")
        if len(text) > most:
            wrong[name] = _l("Up to %(most)s letters.", most=most)
    if not values["label"]:
        wrong["label"] = _l("Say what the money is for.")
    for name in ("approved", "spent", "forecast"):
        amount = values[name]
        if amount is None and name == "forecast":
            continue
        if not isinstance(amount, Decimal) or not amount.is_finite() or not 0 <= amount <= LARGEST:
            wrong[name] = _l("Give an amount from zero up.")
    return values, wrong


def _checked(program_id: int, given: Mapping[str, Any]) -> dict[str, Any]:
    values, wrong = judged(given)
    if values["phase_id"] is not None:
        phase = select(Phase.id).where(Phase.id == values["phase_id"], Phase.program_id == program_id)
        if db.session.scalar(phase) is None:
            wrong["phase_id"] = _l("Choose one from the list.")
    if wrong:
        raise Invalid(NOT_RIGHT, wrong)
    return values


def _record(actor: Actor, verb: str, line: BudgetLine, changes: audit.Changes) -> None:
    audit.record(actor, verb, object_id=line.id, name=line.label, program_id=line.program_id, changes=changes)
