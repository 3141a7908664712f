"""What a spreadsheet of groups says: groups to add and to change, found by their names, with the ten aspects.

An empty cell leaves things as they are: nothing is cleared by an import. So importing a file twice is importing it
once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.change.group_words import ASPECT_WORDS, KIND_WORDS
from program.change.groups import DEFAULTS, Around, checked
from program.change.impacts import ASPECTS, Impact, impacts_of
from program.change.models import GoLive, ImpactedGroup
from program.change.models.groups import IMPACT_MAX
from program.change.people_here import named
from program.change.sheet_rows import Rows, Wrong, whole_number, words_known
from program.extensions import db
from program.ground.database import read
from program.ground.errors import Invalid
from program.ground.folding import fold
from program.planning.import_rows import RowProblem
from program.planning.item_words import CHANNEL_WORDS
from program.planning.sheet_columns import Column
from program.planning.spreadsheets_in import Sheet, SheetRow

COLUMNS = (
    Column("name", _l("Group"), 30, ("group", "name", "team", "grupa", "nazwa", "zespol")),
    Column("kind", _l("What it is"), 14, ("kind", "type", "rodzaj", "typ")),
    Column("site", _l("Site"), 20, ("site", "location of the group", "lokalizacja", "oddzial", "miejsce")),
    Column("channel", _l("Customer channel"), 16, ("channel", "kanal")),
    Column("headcount", _l("People"), 10, ("people", "headcount", "size", "liczba osob", "osoby")),
    Column("representative", _l("Who speaks for them"), 28, ("representative", "reprezentant", "przedstawiciel")),
    Column("go_live", _l("Go-live"), 20, ("go-live", "go live", "wave", "start", "fala", "uruchomienie")),
    Column(
        "training_target", _l("Training target in percent"), 14, ("training target", "target", "cel szkolen", "cel")
    ),
    Column("note", _l("Note"), 40, ("note", "notes", "uwagi", "notatka")),
    *(Column(aspect, ASPECT_WORDS[aspect], 12, (aspect, aspect.replace("_", " "))) for aspect in ASPECTS),
)
NEEDED = ("name",)


@dataclass(slots=True)
class GroupPlan:
    """What an import of groups would do."""

    # Values and impacts of new groups, in the order of the file.
    added: list[tuple[dict[str, Any], dict[str, Impact | None]]] = field(default_factory=list)
    # By the id of the group: values and impacts that differ.
    changed: dict[int, tuple[dict[str, Any], dict[str, Impact | None]]] = field(default_factory=dict)
    unchanged: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    # What the plan was worked out from: the revisions of the groups it changes.
    revisions: list[tuple[int, int]] = field(default_factory=list)

    @property
    def first(self) -> list[str]:
        """The names of the first new groups."""
        return [values["name"] for values, _impacts in self.added[:5]]


def read_groups(program_id: int, sheet: Sheet) -> GroupPlan:
    """Read the sheet against the program as it is. A handful of statements whatever the size."""
    rows = Rows(sheet, COLUMNS, NEEDED)
    reader = _Reader(program_id, rows)
    for row in sheet.rows:
        reader.take(row)
    reader.plan.problems, reader.plan.left_out = rows.problems, rows.left_out
    return reader.plan


class _Reader:
    def __init__(self, program_id: int, rows: Rows) -> None:
        self.rows, self.plan, self.around = rows, GroupPlan(), Around.of(program_id)
        present = db.session.scalars(select(ImpactedGroup).where(ImpactedGroup.program_id == program_id))
        self.groups: dict[str, Any] = {group.name_folded: group for group in present}
        self.impacts = impacts_of([group.id for group in self.groups.values()])
        self.go_lives: dict[str, list[int]] = {}
        for row in read(select(GoLive.id, GoLive.name).where(GoLive.program_id == program_id)):
            self.go_lives.setdefault(fold(row.name), []).append(row.id)
        texts = rows.column("representative")
        self.people = named(program_id, list(dict.fromkeys(texts))) if texts else {}
        self.kinds, self.channels = words_known(KIND_WORDS), words_known(CHANNEL_WORDS)
        self.seen: dict[str, int] = {}

    def take(self, row: SheetRow) -> None:
        """Read one row: a new group, changes of one, nothing to do, or problems."""
        before = len(self.rows.problems)
        values = self._values(row)
        impacts = self._impacts(row)
        name = values.get("name", "")
        earlier = self.seen.setdefault(fold(name), row.number)
        if name and earlier != row.number:
            self.rows.refuse(row, "name", _("The same group stands in row %(row)s already.", row=earlier))
        present = self.groups.get(fold(name))
        if present is not None:
            # Found by its name, however that is written: its own way of writing stays.
            values["name"] = present.name
        try:
            tidy = checked(values if present else {**DEFAULTS, **values}, present, self.around)
        except Invalid as error:
            for column, reason in error.fields.items():
                self.rows.refuse(row, _COLUMN_OF.get(column, column), reason)
            return
        if len(self.rows.problems) > before:
            return
        if present is None:
            self.plan.added.append((tidy, dict(impacts)))
            return
        differing = {column: value for column, value in tidy.items() if getattr(present, column) != value}
        known = self.impacts[present.id]
        new = {
            aspect: Impact(impact.level, known[aspect].note if aspect in known else "")
            for aspect, impact in impacts.items()
            if aspect not in known or known[aspect].level != impact.level
        }
        if differing or new:
            self.plan.changed[present.id] = (differing, dict(new))
            self.plan.revisions.append((present.id, present.revision))
        else:
            self.plan.unchanged += 1

    def _values(self, row: SheetRow) -> dict[str, Any]:
        values: dict[str, Any] = {"name": self.rows.cell(row, "name")}
        readers: dict[str, Any] = {
            "kind": lambda text: _chosen(text, self.kinds),
            "channel": lambda text: _chosen(text, self.channels),
            "headcount": whole_number,
            "training_target": whole_number,
            "representative": self._person,
            "go_live": self._go_live,
        }
        for name in ("kind", "site", "channel", "headcount", "representative", "go_live", "training_target", "note"):
            text = self.rows.cell(row, name)
            if not text:
                continue
            try:
                values[_STORED_AS.get(name, name)] = readers[name](text) if name in readers else text
            except Wrong as error:
                self.rows.refuse(row, name, error)
        return values

    def _impacts(self, row: SheetRow) -> dict[str, Impact]:
        found = {}
        for aspect in ASPECTS:
            text = self.rows.cell(row, aspect)
            if not text:
                continue
            if text.isdigit() and len(text) == 1 and int(text) <= IMPACT_MAX:
                found[aspect] = Impact(int(text))
            else:
                self.rows.refuse(row, aspect, _("Write a level from 0 to %(most)s.", most=IMPACT_MAX))
        return found

    def _person(self, text: str) -> int:
        found = self.people.get(fold(text), ())
        if len(found) == 1:
            return found[0]
        if found:
            raise Wrong(_("Several people have this name. Write the e-mail."))
        raise Wrong(_("Nobody of this program or its groups has this name or e-mail."))

    def _go_live(self, text: str) -> int:
        found = self.go_lives.get(fold(text), [])
        if len(found) == 1:
            return found[0]
        raise Wrong(_("Several go-lives have this name.") if found else _("There is no such go-live in this program."))


def _chosen(text: str, known: dict[str, str]) -> str:
    if fold(text) not in known:
        raise Wrong(_("This word is not known here."))
    return known[fold(text)]


_STORED_AS = {"representative": "representative_id", "go_live": "go_live_id"}
_COLUMN_OF = {stored: name for name, stored in _STORED_AS.items()}
