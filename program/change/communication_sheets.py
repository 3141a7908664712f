"""The communication plan as a spreadsheet, and from one: every row is taken over, or none and each reason is said.

What was exported can be imported into another program. Rows that stand in the plan already (the same message, day and
audience) are left out, so that a file sent twice is taken over once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import insert, select

from program.change.communications import COLUMNS as STORED
from program.change.communications import MAX_AUDIENCE, MAX_DETAIL, MAX_MESSAGE
from program.change.group_choice import groups_named
from program.change.models import Communication, GoLive, ImpactedGroup
from program.change.models.plan import Medium
from program.change.people_here import named
from program.change.plan_words import MEDIUM_WORDS
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Invalid
from program.ground.folding import fold
from program.ground.now import utc_now
from program.ground.text import clean_line, clean_text
from program.people import access
from program.people.models import Person
from program.planning.import_rows import RowProblem
from program.planning.sheet_columns import Column, in_all_languages, places_of
from program.planning.spreadsheets_in import Sheet, SheetRow, parse_day, read_spreadsheet
from program.planning.spreadsheets_out import Cell

MAX_ROWS = 2000
_COLUMNS = (
    Column("message", _l("Message"), 50, ("message", "topic", "wiadomosc", "komunikat", "temat")),
    Column("audience", _l("Audience"), 30, ("audience", "for whom", "odbiorcy", "adresaci", "dla kogo")),
    Column("group", _l("Group"), 24, ("group", "grupa")),
    Column("medium", _l("Medium"), 14, ("medium", "channel", "kanal", "forma")),
    Column("sender", _l("Sender"), 24, ("sender", "owner", "who", "nadawca", "kto")),
    Column("planned_on", _l("Day"), 13, ("day", "date", "planned", "dzien", "data", "termin")),
    Column("done_on", _l("Done on"), 13, ("done", "done on", "sent", "zrobione", "wyslano")),
    Column("go_live", _l("Go-live"), 24, ("go-live", "go live", "uruchomienie")),
    Column("detail", _l("Details"), 60, ("details", "text", "szczegoly", "tresc", "opis")),
)
WIDTHS = [column.width for column in _COLUMNS]


@dataclass(slots=True)
class ImportedPlan:
    """What a file says: rows to add, how many stand in the plan already, and what is wrong."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    known: int = 0
    problems: list[RowProblem] = field(default_factory=list)


def headings() -> list[str]:
    """The headings in the reader's language."""
    return [str(column.heading) for column in _COLUMNS]


def rows_out(program_id: int) -> Iterator[list[Cell]]:
    """Every line of the plan by day, as cells. One statement."""
    words = {key: str(word) for key, word in MEDIUM_WORDS.items()}
    query = (
        select(
            Communication.message,
            Communication.audience,
            ImpactedGroup.name.label("group"),
            Communication.medium,
            Person.name.label("sender"),
            Communication.planned_on,
            Communication.done_on,
            GoLive.name.label("go_live"),
            Communication.detail,
        )
        .outerjoin(ImpactedGroup, ImpactedGroup.id == Communication.group_id)
        .outerjoin(GoLive, GoLive.id == Communication.go_live_id)
        .outerjoin(Person, Person.id == Communication.sender_id)
        .where(Communication.program_id == program_id)
        .order_by(Communication.planned_on, Communication.id)
    )
    for row in read(query):
        cells = [words.get(cell, cell) if name == "medium" else cell for name, cell in row._mapping.items()]
        yield cells


def import_plan(actor: Actor, program_id: int, data: bytes) -> tuple[str, ImportedPlan]:
    """Take a spreadsheet over: all rows or none. Returns the batch that takes it back.

    Raises Invalid for a file that cannot be read, and with `rows` (RowProblem) for rows that cannot be taken over.
    """
    access.require(actor, program_id, Access.CONTRIBUTOR)
    sheet = read_spreadsheet(data)
    if len(sheet.rows) > MAX_ROWS:
        raise Invalid(_("The file has more than %(most)s rows. Send it in parts.", most=MAX_ROWS))
    plan = _read(program_id, sheet)
    if plan.problems:
        raise Invalid(_("Some rows cannot be taken over. Nothing was imported."), rows=plan.problems)
    if not plan.rows:
        raise Invalid(_("There is nothing new in this file."))
    batch = audit.new_batch()
    _write(actor, program_id, plan.rows, batch)
    return batch, plan


def _write(actor: Actor, program_id: int, rows: Sequence[Mapping[str, Any]], batch: str) -> None:
    fixed = {"program_id": program_id, "step": "", "created_at": utc_now(), "revision": 1}
    ids = db.session.scalars(
        insert(Communication).returning(Communication.id, sort_by_parameter_order=True),
        [{**row, **fixed} for row in rows],
    ).all()
    entries = [(line, row["message"], audit.created({**row, "step": ""})) for line, row in zip(ids, rows, strict=True)]
    audit.record_many(actor, "communication.created", program_id, entries, batch=batch)


def _read(program_id: int, sheet: Sheet) -> ImportedPlan:
    columns = places_of(sheet.headings, _COLUMNS, ("message", "planned_on"))
    reader = _Reader(program_id, sheet, columns)
    for row in sheet.rows:
        reader.take(row)
    return reader.plan


@lru_cache(maxsize=1)
def _media() -> dict[str, str]:
    found = {medium.value: medium.value for medium in Medium}
    for key, word in MEDIUM_WORDS.items():
        found |= dict.fromkeys(in_all_languages(word), key)
    return found


class _Reader:
    """Reads rows against the groups, go-lives and people of the program, each looked up once for the whole file."""

    def __init__(self, program_id: int, sheet: Sheet, columns: Mapping[str, int]) -> None:
        self.plan = ImportedPlan()
        self._columns = columns
        self._labels = {name: sheet.headings[index] for name, index in columns.items()}
        self._groups = groups_named(program_id, self._all(sheet, "group"))
        senders = self._all(sheet, "sender")
        self._people = named(program_id, senders) if senders else {}
        go_lives = read(select(GoLive.id, GoLive.name).where(GoLive.program_id == program_id))
        self._go_lives = {fold(row.name): row.id for row in go_lives}
        present = read(
            select(Communication.message, Communication.planned_on, Communication.audience).where(
                Communication.program_id == program_id
            )
        )
        self._present = {(fold(row.message), row.planned_on, fold(row.audience)) for row in present}

    def take(self, row: SheetRow) -> None:
        """Read one row; what is wrong with it joins the problems."""
        before = len(self.plan.problems)
        padded = (*row.cells, *[""] * (max(self._columns.values()) + 1))
        cells = {name: padded[index].strip() for name, index in self._columns.items()}
        values: dict[str, Any] = dict.fromkeys(STORED)
        for name, most, clean in (
            ("message", MAX_MESSAGE, clean_line),
            ("audience", MAX_AUDIENCE, clean_line),
            ("detail", MAX_DETAIL, clean_text),
        ):
            values[name] = clean(cells.get(name, ""))
            if len(values[name]) > most:
                self._refuse(row, name, _("Up to %(most)s letters.", most=most), cells)
        if not values["message"]:
            self._refuse(row, "message", _("Say in a line what the message is."), cells)
        for name in ("planned_on", "done_on"):
            values[name] = self._day(row, name, cells)
        if not cells.get("planned_on"):
            self._refuse(row, "planned_on", _("Say on which day."), cells)
        values["medium"] = _media().get(fold(cells.get("medium", "")), "")
        if not cells.get("medium"):
            values["medium"] = Medium.MEETING.value
        elif not values["medium"]:
            known = ", ".join(str(word) for word in MEDIUM_WORDS.values())
            self._refuse(row, "medium", _("Choose one of: %(known)s.", known=known), cells)
        values["group_id"] = self._looked_up(row, "group", self._groups, cells)
        values["go_live_id"] = self._looked_up(row, "go_live", self._go_lives, cells)
        values["sender_id"] = self._sender(row, cells)
        if len(self.plan.problems) > before:
            return
        key = (fold(values["message"]), values["planned_on"], fold(values["audience"]))
        if key in self._present:
            self.plan.known += 1
            return
        self._present.add(key)
        self.plan.rows.append(values)

    def _all(self, sheet: Sheet, name: str) -> list[str]:
        index = self._columns.get(name)
        if index is None:
            return []
        return list({row.cells[index] for row in sheet.rows if index < len(row.cells) and row.cells[index].strip()})

    def _day(self, row: SheetRow, name: str, cells: Mapping[str, str]) -> Any:
        if not cells.get(name):
            return None
        try:
            return parse_day(cells[name])
        except Invalid as error:
            self._refuse(row, name, str(error), cells)
            return None

    def _looked_up(self, row: SheetRow, name: str, known: Mapping[str, int], cells: Mapping[str, str]) -> int | None:
        if not cells.get(name):
            return None
        found = known.get(fold(cells[name]))
        if found is None:
            self._refuse(row, name, _("There is none of this name in the program."), cells)
        return found

    def _sender(self, row: SheetRow, cells: Mapping[str, str]) -> int | None:
        if not cells.get("sender"):
            return None
        found = self._people.get(fold(cells["sender"]), ())
        if len(found) == 1:
            return found[0]
        reason = (
            _("Several people have this name. Write the e-mail.")
            if found
            else _("Nobody of this program or its groups has this name or e-mail.")
        )
        self._refuse(row, "sender", reason, cells)
        return None

    def _refuse(self, row: SheetRow, name: str, reason: str, cells: Mapping[str, str]) -> None:
        label = self._labels.get(name, name)
        self.plan.problems.append(RowProblem(row.number, label, reason, cells.get(name, "")[:80]))
