"""Lines of the budget from a spreadsheet: what is new is added, the same phase and label is changed. All rows or none.

The reading of files, and what an upload may be, is planning's (`imports.py`, `spreadsheets_in.py`); figures are read as
everywhere else. A seal on what the preview saw keeps somebody from confirming what they have not seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Conflict, Invalid
from program.ground.folding import fold
from program.ground.records import record
from program.kpis.models import Unit
from program.kpis.numbers import UNDECLARED, Writing, decimal_marks, read_figure
from program.people import access
from program.planning.import_rows import RowProblem
from program.planning.models import ImportUpload, Phase, Program
from program.planning.sheet_columns import Column, in_all_languages, places_of
from program.planning.spreadsheets_in import Sheet, SheetRow
from program.steering import budget
from program.steering.budget import MOST_LINES
from program.steering.models import BudgetLine

MOST_SHOWN = 80
# Headings that people use for each column, folded, besides its own in every language.
_LABEL = ("label", "line", "budget line", "item", "name", "pozycja", "nazwa", "etykieta", "na co")
_APPROVED = ("approved", "budget", "plan", "planned", "zatwierdzono", "zatwierdzone", "budzet", "kwota")
_SPENT = ("spent", "actual", "cost", "wydano", "wydane", "wydatki", "wykonanie", "koszt")
COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Column("phase_id", _l("Phase"), 26, ("phase", "stage", "faza", "etap")),
        Column("label", _l("What for"), 40, _LABEL),
        Column("approved", _l("Approved"), 16, _APPROVED),
        Column("spent", _l("Spent so far"), 16, _SPENT),
        Column("forecast", _l("Forecast"), 16, ("forecast", "prognoza", "przewidywane")),
        Column("note", _l("Note"), 40, ("note", "notes", "uwagi", "notatka", "opis")),
    )
}
NEEDED = ("label", "approved")
FIGURES = ("approved", "spent", "forecast")


@record
class Entry:
    """A row as it would be kept. `act` is 'new', 'changed' or 'same'; `phase` is '' for the whole program."""

    act: str
    phase: str
    values: Mapping[str, Any]
    line: BudgetLine | None


@dataclass(slots=True)
class BudgetPlan:
    """What an import would do, row by row, or the problems; `seal` stands for the state it was worked out from."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)

    def count(self, act: str) -> int:
        """How many rows are 'new', 'changed' or 'same'."""
        return sum(entry.act == act for entry in self.entries)

    @property
    def bad_rows(self) -> int:
        """How many rows have something wrong."""
        return len({problem.row for problem in self.problems})

    @property
    def is_nothing(self) -> bool:
        """True when there is nothing to do."""
        return self.count("same") == len(self.entries)

    @property
    def seal(self) -> str:
        """A mark of what each row would do to which state of which line."""
        seen = [(entry.act, entry.line and (entry.line.id, entry.line.revision)) for entry in self.entries]
        return hashlib.sha256(repr(seen).encode()).hexdigest()


@lru_cache(maxsize=1)
def _whole_program() -> frozenset[str]:
    return frozenset(("", "-", *in_all_languages(_l("The whole program"))))


def columns_of(sheet: Sheet) -> dict[str, int]:
    """The file's column by ours, by their headings. Raises Invalid for a file without those that are needed."""
    found = places_of(sheet.headings, COLUMNS.values(), NEEDED)
    if len(sheet.rows) > MOST_LINES:
        raise Invalid(_("A budget has up to %(most)s lines.", most=MOST_LINES))
    return found


def plan_import(actor: Actor, program_id: int, sheet: Sheet) -> BudgetPlan:
    """What the import would do, every row read. Raises Invalid for a file that cannot be taken at all."""
    access.require(actor, program_id, Access.MANAGER)
    reader = _RowReader(program_id, columns_of(sheet), sheet)
    for row in sheet.rows:
        reader.read(row)
    plan = reader.plan
    if not plan.problems and reader.present + plan.count("new") > MOST_LINES:
        raise Invalid(_("A budget has up to %(most)s lines.", most=MOST_LINES))
    return plan


def confirm_import(actor: Actor, program_id: int, upload: ImportUpload, sheet: Sheet, *, seal: str) -> tuple[str, int]:
    """Do it: all rows or none; returns the batch and how many lines were written. The upload is gone afterwards.

    Raises Invalid when a row cannot be taken over, Conflict when the budget moved on since the preview.
    """
    access.require(actor, program_id, Access.MANAGER)
    # Two imports at once go one after the other, and the later one finds the budget changed.
    db.session.execute(select(Program.id).where(Program.id == program_id).with_for_update(key_share=True))
    plan = plan_import(actor, program_id, sheet)
    if plan.problems:
        raise Invalid(_("Some rows cannot be taken over. Nothing was imported."), rows=plan.problems)
    if plan.seal != seal:
        raise Conflict(_("The budget was changed since the preview. Choose the file again."))
    if plan.is_nothing:
        raise Invalid(_("There is nothing to change."))
    batch = audit.new_batch()
    added = [entry.values for entry in plan.entries if entry.act == "new"]
    changed = [(entry.line, entry.values) for entry in plan.entries if entry.act == "changed" and entry.line]
    budget.write_lines(actor, program_id, added, changed, batch=batch)
    db.session.delete(upload)
    db.session.flush()
    return batch, len(added) + len(changed)


class _RowReader:
    """Reads rows one after the other; knows the program's phases and the lines of its budget."""

    def __init__(self, program_id: int, columns: Mapping[str, int], sheet: Sheet) -> None:
        self.columns, self.headings = columns, sheet.headings
        self.plan = BudgetPlan()
        self._phases: dict[str, list[int]] = {}
        self._phase_names: dict[int, str] = {}
        for phase_id, name in db.session.execute(select(Phase.id, Phase.name).where(Phase.program_id == program_id)):
            self._phases.setdefault(fold(name), []).append(phase_id)
            self._phase_names[phase_id] = name
        self._lines: dict[tuple[int | None, str], list[BudgetLine]] = {}
        lines = db.session.scalars(select(BudgetLine).where(BudgetLine.program_id == program_id)).all()
        self.present = len(lines)
        for line in lines:
            self._lines.setdefault((line.phase_id, fold(line.label)), []).append(line)
        # The row that says each line.
        self._said: dict[tuple[int | None, str], int] = {}
        figures = [self._cell(row, name) for row in sheet.rows for name in FIGURES]
        mark = decimal_marks([text for text in figures if text])
        self._writing = Writing(mark) if mark in (",", ".") else UNDECLARED

    def read(self, row: SheetRow) -> None:
        """Take one row in: an entry, or problems."""
        wrong: dict[str, Any] = {}
        phase_id = self._phase(self._cell(row, "phase_id"), wrong)
        label = " ".join(self._cell(row, "label").split())
        known = self._lines.get((phase_id, fold(label)), [])
        line = known[0] if known else None
        # What the file does not have stays as it is.
        given: dict[str, Any] = {name: getattr(line, name, None) for name in COLUMNS}
        given |= {"phase_id": phase_id, "label": label}
        if line is None:
            given["spent"] = Decimal(0)
        if "note" in self.columns:
            given["note"] = self._cell(row, "note")
        for name in FIGURES:
            self._figure(row, name, given, wrong)
        values, judged = budget.judged(given)
        wrong = {**judged, **wrong}
        if not wrong:
            self._fits(row, (phase_id, fold(label)), known, wrong)
        if wrong:
            self.plan.problems += [self._problem(row, name, str(wrong[name])) for name in COLUMNS if name in wrong]
            return
        act = "new"
        if line is not None:
            act = "changed" if any(getattr(line, name) != value for name, value in values.items()) else "same"
        self.plan.entries.append(Entry(act, self._phase_names.get(phase_id or 0, ""), values, line))

    def _fits(
        self, row: SheetRow, place: tuple[int | None, str], known: list[BudgetLine], wrong: dict[str, Any]
    ) -> None:
        earlier = self._said.setdefault(place, row.number)
        if earlier != row.number:
            wrong["label"] = _("Row %(row)s is for this line already.", row=earlier)
        elif len(known) > 1:
            wrong["label"] = _("Several lines of the budget have this name in this phase.")

    def _figure(self, row: SheetRow, name: str, given: dict[str, Any], wrong: dict[str, Any]) -> None:
        if name not in self.columns:
            return
        text = self._cell(row, name)
        if text:
            try:
                given[name] = read_figure(text, Unit.MONEY, self._writing)
            except Invalid as error:
                wrong[name] = error
        elif name == "forecast":
            given[name] = None
        elif name == "approved":
            wrong[name] = _("Give an amount from zero up.")

    def _phase(self, text: str, wrong: dict[str, Any]) -> int | None:
        if fold(text) in _whole_program():
            return None
        found = self._phases.get(fold(text), [])
        if not found:
            wrong["phase_id"] = _("There is no such phase in this program.")
        elif len(found) > 1:
            wrong["phase_id"] = _("Several phases have this name.")
        return found[0] if found else None

    def _cell(self, row: SheetRow, name: str) -> str:
        index = self.columns.get(name, len(row.cells))
        return row.cells[index].strip() if index < len(row.cells) else ""

    def _problem(self, row: SheetRow, name: str, reason: str) -> RowProblem:
        heading = self.headings[self.columns[name]] if name in self.columns else str(COLUMNS[name].heading)
        return RowProblem(row.number, heading, reason, self._cell(row, name)[:MOST_SHOWN])
