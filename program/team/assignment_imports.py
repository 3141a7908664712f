"""Assignments from a spreadsheet: a row is a person, a role, a share and the days. All rows or none.

People are found by e-mail, or by a name that only one person of the program has; roles by their name in any language.
The reading of files, and what an upload may be, is planning's (`imports.py`, `spreadsheets_in.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Invalid
from program.ground.folding import fold
from program.people import access
from program.people.models import Membership, Person
from program.planning.import_rows import RowProblem
from program.planning.models import ImportUpload
from program.planning.sheet_columns import Column, places_of
from program.planning.spreadsheets_in import Sheet, SheetRow, parse_day, slash_order
from program.playbooks.roles import roles as catalogue
from program.team.assignments import MAX_NOTE, AssignmentDraft, assign_many
from program.team.models import Assignment, ProgramRole
from program.team.role_words import role_name
from program.team.spans import Span

MAX_ROWS, MOST_SHOWN = 1000, 80
# Headings that people use for each column, folded, besides its own in every language.
_PERSON = ("person", "e-mail", "email", "mail", "name", "osoba", "adres", "imie i nazwisko", "kto")
_SHARE = ("share", "share of time", "percent", "%", "udzial", "wymiar", "wymiar czasu", "procent")
_FROM = ("from", "start", "starts on", "first day", "od", "poczatek", "pierwszy dzien")
_TO = ("to", "until", "end", "ends on", "last day", "do", "koniec", "ostatni dzien")
_PILOT = ("pilot", "pilot team", "pilotaz", "zespol pilotazowy")
COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Column("person", _l("Person"), 30, _PERSON),
        Column("role", _l("Role"), 28, ("role", "rola", "stanowisko")),
        Column("share", _l("Share of time, in percent"), 16, _SHARE),
        Column("starts_on", _l("First day"), 14, _FROM),
        Column("ends_on", _l("Last day"), 14, _TO),
        Column("in_pilot_team", _l("Pilot team"), 12, _PILOT),
        Column("note", _l("Note"), 40, ("note", "notes", "uwagi", "notatka", "opis")),
    )
}
NEEDED = ("person", "role", "share", "starts_on")
_YES = frozenset(("yes", "y", "tak", "t", "x", "1", "true", "prawda", "v"))
_NO = frozenset(("", "no", "n", "nie", "0", "false", "falsz", "-"))


@dataclass(slots=True)
class AssignmentPlan:
    """What an import would do: drafts with the names of their person and role, or problems."""

    drafts: list[AssignmentDraft] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)

    @property
    def bad_rows(self) -> int:
        """How many rows have something wrong."""
        return len({problem.row for problem in self.problems})


class _Wrong(Exception):
    """A cell that cannot be read; becomes a RowProblem."""


def columns_of(sheet: Sheet) -> dict[str, int]:
    """The file's column by ours, by their headings. Raises Invalid for a file without those that are needed."""
    found = places_of(sheet.headings, COLUMNS.values(), NEEDED)
    if len(sheet.rows) > MAX_ROWS:
        raise Invalid(_("Up to %(most)s rows at a time. Send the file in parts.", most=MAX_ROWS))
    return found


def plan_import(actor: Actor, program_id: int, sheet: Sheet) -> AssignmentPlan:
    """What the import would do, every row read. Raises Invalid for a file without the needed columns."""
    access.require(actor, program_id, Access.MANAGER)
    columns = columns_of(sheet)
    days = [columns[name] for name in ("starts_on", "ends_on") if name in columns]
    order = slash_order(row.cells[index] for row in sheet.rows for index in days if index < len(row.cells))
    reader = _RowReader(program_id, columns, sheet.headings, day_first=order != "month")
    for row in sheet.rows:
        reader.read(row)
    return reader.plan


def confirm_import(actor: Actor, program_id: int, upload: ImportUpload, sheet: Sheet) -> int:
    """Do it: all rows or none; returns how many assignments were made. The upload is gone afterwards.

    Raises Invalid when a row cannot be taken over, with its problems as `rows`.
    """
    plan = plan_import(actor, program_id, sheet)
    if plan.problems:
        raise Invalid(_("Some rows cannot be taken over. Nothing was imported."), rows=plan.problems)
    if not plan.drafts:
        raise Invalid(_("The file has no rows."))
    made = assign_many(actor, program_id, plan.drafts, batch=audit.new_batch())
    db.session.delete(upload)
    db.session.flush()
    return len(made)


class _RowReader:
    """Reads rows one after the other; knows the program's people and roles, and who holds what when."""

    def __init__(
        self, program_id: int, columns: Mapping[str, int], headings: tuple[str, ...], *, day_first: bool
    ) -> None:
        self.columns, self.headings, self.day_first = columns, headings, day_first
        self.plan = AssignmentPlan()
        self._people: dict[str, tuple[int, ...]] = {}
        self._names: dict[int, str] = {}
        self._roles: dict[str, tuple[int, ...]] = {}
        self._role_names: dict[int, str] = {}
        # Days in which a person holds a role, with the row that says so (0: the program does already).
        self._held: dict[tuple[int, int], list[tuple[Span, int]]] = {}
        self._learn(program_id)

    def _learn(self, program_id: int) -> None:
        people = (
            select(Person.id, Person.name, Person.email)
            .join(Membership, Membership.person_id == Person.id)
            .where(Membership.program_id == program_id, Person.is_active)
        )
        for row in db.session.execute(people):
            self._names[row.id] = row.name
            for known in {fold(row.name), fold(row.email)}:
                self._people[known] = (*self._people.get(known, ()), row.id)
        roles = select(ProgramRole.id, ProgramRole.key, ProgramRole.name).where(ProgramRole.program_id == program_id)
        for role_id, key, own_name in db.session.execute(roles):
            self._role_names[role_id] = role_name(key, own_name)
            found = catalogue().get(key)
            names = {own_name, key, *((found.name.en, found.name.pl) if found and not own_name else ())}
            for known in {fold(name) for name in names if name}:
                self._roles[known] = (*self._roles.get(known, ()), role_id)
        held = select(Assignment.role_id, Assignment.person_id, Assignment.starts_on, Assignment.ends_on).where(
            Assignment.program_id == program_id
        )
        for role_id, person_id, starts_on, ends_on in db.session.execute(held):
            self._held.setdefault((role_id, person_id), []).append((Span(starts_on, ends_on), 0))

    def read(self, row: SheetRow) -> None:
        """Take one row in: a draft, or problems."""
        readers: dict[str, Callable[[str], Any]] = {
            "person": self._person,
            "role": self._role,
            "share": _share,
            "starts_on": self._day,
            "ends_on": self._day,
            "in_pilot_team": _yes_or_no,
            "note": _note,
        }
        values: dict[str, Any] = {}
        problems = []
        for name, reader in readers.items():
            if name not in self.columns:
                continue
            try:
                values[name] = reader(self._cell(row, name))
            except (Invalid, _Wrong) as error:
                problems.append(self._problem(row, name, str(error)))
        if not problems and values["starts_on"] is None:
            problems.append(self._problem(row, "starts_on", _("Say from which day.")))
        if not problems:
            problems += self._fits(row, values)
        if problems:
            self.plan.problems += problems
            return
        person_id, role_id = values.pop("person"), values.pop("role")
        self.plan.drafts.append(AssignmentDraft(role_id=role_id, person_id=person_id, **values))
        self.plan.names.append(self._names[person_id])
        self.plan.roles.append(self._role_names[role_id])

    def _fits(self, row: SheetRow, values: dict[str, Any]) -> list[RowProblem]:
        """What is wrong between the cells, or with an earlier row; otherwise the days are taken."""
        start, end = values["starts_on"], values.get("ends_on")
        if end is not None and end < start:
            return [self._problem(row, "ends_on", _("The last day lies before the first one."))]
        span = Span(start, end)
        held = self._held.setdefault((values["role"], values["person"]), [])
        for other, number in held:
            if span.meets(other):
                reason = (
                    _("Row %(row)s gives this person this role in some of these days.", row=number)
                    if number
                    else _("This person has this role in some of these days already.")
                )
                return [self._problem(row, "starts_on", reason)]
        held.append((span, row.number))
        return []

    def _cell(self, row: SheetRow, name: str) -> str:
        index = self.columns[name]
        return row.cells[index].strip() if index < len(row.cells) else ""

    def _problem(self, row: SheetRow, name: str, reason: str) -> RowProblem:
        heading = self.headings[self.columns[name]] if name in self.columns else str(COLUMNS[name].heading)
        value = self._cell(row, name) if name in self.columns else ""
        return RowProblem(row.number, heading, reason, value[:MOST_SHOWN])

    def _person(self, text: str) -> int:
        found = self._people.get(fold(text), ())
        if not text:
            raise _Wrong(_("Say who: the e-mail of somebody in this program."))
        if not found:
            raise _Wrong(_("Nobody in this program has this e-mail or name."))
        if len(found) > 1:
            raise _Wrong(_("Several people have this name. Write the e-mail instead."))
        return found[0]

    def _role(self, text: str) -> int:
        found = self._roles.get(fold(text), ())
        if not text:
            raise _Wrong(_("Say which role."))
        if not found:
            raise _Wrong(_("This program has no such role. Add it first."))
        if len(found) > 1:
            raise _Wrong(_("Several roles have this name."))
        return found[0]

    def _day(self, text: str) -> date | None:
        return parse_day(text, self.day_first) if text else None


def _share(text: str) -> int:
    raw = text.removesuffix("%").strip().replace(",", ".")
    try:
        value = float(raw) if raw.isascii() and len(raw) <= 8 else -1.0
    except ValueError:
        value = -1.0
    # A cell formatted as percent comes out of a spreadsheet as 0.5.
    if 0 < value < 1 and not text.endswith("%"):
        value *= 100
    share = round(value) if value == value else -1
    if abs(value - share) > 1e-6 or not 1 <= share <= 100:
        raise _Wrong(_("Give a share from 1 to 100 percent, without decimals."))
    return share


def _yes_or_no(text: str) -> bool:
    if fold(text) in _YES:
        return True
    if fold(text) in _NO:
        return False
    raise _Wrong(_("Write yes or no."))


def _note(text: str) -> str:
    if len(text) > MAX_NOTE:
        raise _Wrong(_("Up to %(most)s letters.", most=MAX_NOTE))
    return text
