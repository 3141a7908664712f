"""What a spreadsheet of people says: who is in which group, and who is ambassador or super-user there.

People are found by e-mail. Somebody new gets an account without a password, no access to the program, and no message.
An account that is here already keeps its name and language: they are its owner's. An empty yes-or-no leaves things as
they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.change.models import GroupMember, ImpactedGroup
from program.change.sheet_rows import Rows, Wrong, yes_or_no
from program.ground.database import read
from program.ground.errors import Invalid
from program.ground.folding import fold
from program.ground.text import clean_line
from program.people import accounts
from program.people.models import Person
from program.planning.import_rows import RowProblem
from program.planning.item_lists import chunks
from program.planning.sheet_columns import Column
from program.planning.spreadsheets_in import Sheet, SheetRow

COLUMNS = (
    Column("name", _l("Full name"), 28, ("name", "full name", "person", "imie i nazwisko", "nazwisko", "osoba")),
    Column("email", _l("E-mail"), 32, ("e-mail", "email", "mail", "adres e-mail")),
    Column("group", _l("Group"), 28, ("group", "team", "grupa", "zespol")),
    Column("is_ambassador", _l("Ambassador"), 14, ("ambassador", "ambasador", "ambasador zmiany")),
    Column("is_super_user", _l("Super-user"), 14, ("super-user", "super user", "superuzytkownik")),
    Column("belongs", _l("Belongs to the group"), 14, ("belongs", "nalezy do grupy", "nalezy")),
    Column("locale", _l("Language"), 12, ("language", "jezyk")),
)
NEEDED = ("email", "group")
FLAGS = ("belongs", "is_ambassador", "is_super_user")
_LANGUAGES = {"pl": "pl", "polski": "pl", "polish": "pl", "en": "en", "english": "en", "angielski": "en"}


@dataclass(slots=True)
class PeoplePlan:
    """What an import of people would do."""

    # E-mail, name and language of accounts to make.
    new_people: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    # (group, e-mail, flags) of new places in groups; ids of those who have an account, by e-mail.
    places: list[tuple[int, str, dict[str, bool]]] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=dict)
    # By (group, person): flags that differ.
    marks: dict[tuple[int, int], dict[str, bool]] = field(default_factory=dict)
    unchanged: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def first(self) -> list[str]:
        """The names of the first new people."""
        return [name for _email, name, _locale in list(self.new_people.values())[:5]]


def read_people(program_id: int, sheet: Sheet) -> PeoplePlan:
    """Read the sheet against the program as it is. A handful of statements whatever the size."""
    rows = Rows(sheet, COLUMNS, NEEDED)
    reader = _Reader(program_id, rows)
    for row in sheet.rows:
        reader.take(row)
    reader.plan.problems, reader.plan.left_out = rows.problems, rows.left_out
    return reader.plan


class _Reader:
    def __init__(self, program_id: int, rows: Rows) -> None:
        self.rows, self.plan = rows, PeoplePlan()
        groups = read(select(ImpactedGroup.name_folded, ImpactedGroup.id).where(ImpactedGroup.program_id == program_id))
        self.groups = {row.name_folded: row.id for row in groups}
        self.accounts: dict[str, Any] = {}
        emails = sorted({accounts.clean_email(text) for text in rows.column("email")})
        for part in chunks(emails):
            found = read(select(Person.id, Person.email, Person.is_active).where(Person.email.in_(part)))
            self.accounts.update((row.email, row) for row in found)
        columns = (GroupMember.group_id, GroupMember.person_id, *(getattr(GroupMember, flag) for flag in FLAGS))
        present = read(select(*columns).where(GroupMember.program_id == program_id))
        self.members = {(row.group_id, row.person_id): row for row in present}
        self.seen: dict[tuple[str, int], int] = {}

    def take(self, row: SheetRow) -> None:
        """Read one row: a new place with or without a new account, other flags, nothing to do, or problems."""
        before = len(self.rows.problems)
        email = accounts.clean_email(self.rows.cell(row, "email"))
        group_id = self._group(row)
        flags = self._flags(row)
        locale = self._locale(row)
        account = self.accounts.get(email)
        if account is None:
            self._newcomer(row, email, locale)
        elif not account.is_active:
            self.rows.refuse(row, "email", _("This person's account is closed. An administrator can open it again."))
        if len(self.rows.problems) > before or group_id is None:
            return
        earlier = self.seen.setdefault((email, group_id), row.number)
        if earlier != row.number:
            self.rows.refuse(
                row, "email", _("The same person stands in this group in row %(row)s already.", row=earlier)
            )
            return
        present = self.members.get((group_id, account.id)) if account is not None else None
        if present is None:
            if account is not None:
                self.plan.known[email] = account.id
            given = {"belongs": True, "is_ambassador": False, "is_super_user": False, **flags}
            self.plan.places.append((group_id, email, given))
            return
        differing = {flag: value for flag, value in flags.items() if getattr(present, flag) != value}
        if differing:
            self.plan.marks[group_id, present.person_id] = differing
        else:
            self.plan.unchanged += 1

    def _group(self, row: SheetRow) -> int | None:
        text = self.rows.cell(row, "group")
        found = self.groups.get(fold(text)) if text else None
        if found is None:
            reason = _("There is no such group. Import the groups first.") if text else _("Write the group.")
            self.rows.refuse(row, "group", reason)
        return found

    def _flags(self, row: SheetRow) -> dict[str, bool]:
        found = {}
        for flag in FLAGS:
            text = self.rows.cell(row, flag)
            if text:
                try:
                    found[flag] = yes_or_no(text)
                except Wrong as error:
                    self.rows.refuse(row, flag, error)
        return found

    def _locale(self, row: SheetRow) -> str:
        text = self.rows.cell(row, "locale")
        if text and fold(text) not in _LANGUAGES:
            self.rows.refuse(row, "locale", _("Write pl or en."))
        return _LANGUAGES.get(fold(text), "")

    def _newcomer(self, row: SheetRow, email: str, locale: str) -> None:
        name = clean_line(self.rows.cell(row, "name"))
        known = self.plan.new_people.get(email)
        if known is not None:
            # Somebody in several groups: the name may stand in one row only, but not differ.
            if name and name != known[1]:
                self.rows.refuse(
                    row, "name", _("Another row has another name for this e-mail: %(name)s", name=known[1])
                )
            return
        try:
            values = accounts.checked_person(email, name, locale)
        except Invalid as error:
            for column, reason in error.fields.items():
                self.rows.refuse(row, column, reason)
            return
        self.plan.new_people[email] = (values["email"], values["name"], locale)
