"""The columns of a spreadsheet of items: what a file that leaves has, and what a file that comes in may have.

One list serves both ways, so that what was exported can be imported again. Headings are known in every language of the
product, whatever the reader's: files travel between people.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from program.ground.folding import fold
from program.ground.records import record
from program.people.session import LOCALES


@record
class Column:
    """A column by its name in code, its heading, its width in letters, and other headings people use for it."""

    name: str
    heading: Any
    width: int
    also: tuple[str, ...] = ()


COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Column("number", _l("No."), 12, ("number", "key", "id", "nr", "numer", "klucz", "lp", "lp.", "no")),
        Column("phase", _l("Phase"), 22, ("phase", "stage", "faza", "etap")),
        Column(
            "title",
            _l("Title"),
            60,
            ("title", "item", "task", "name", "summary", "subject", "tytul", "punkt", "zadanie", "nazwa", "temat"),
        ),
        Column("status", _l("Status"), 14, ("status", "state", "stan")),
        Column("status_reason", _l("Reason"), 30, ("reason", "why", "powod", "przyczyna", "powod blokady")),
        Column(
            "required", _l("Required"), 12, ("required", "mandatory", "must", "wymagane", "wymagany", "obowiazkowe")
        ),
        Column(
            "owner",
            _l("Owner"),
            24,
            (
                "owner",
                "assignee",
                "responsible",
                "person",
                "wlasciciel",
                "osoba",
                "odpowiedzialny",
                "przypisany",
                "kto",
            ),
        ),
        Column("due_on", _l("Due"), 13, ("due", "due date", "deadline", "end", "termin", "data", "do kiedy", "koniec")),
        Column("priority", _l("Priority"), 12, ("priority", "priorytet", "waznosc")),
        Column("tags", _l("Tags"), 24, ("tags", "tag", "labels", "etykiety", "tagi", "znaczniki")),
        Column("kind", _l("Kind"), 20, ("kind", "type", "rodzaj", "typ")),
        Column("start_on", _l("Start"), 13, ("start", "start date", "begin", "poczatek", "start od", "od kiedy")),
        Column("channel", _l("Channel"), 14, ("channel", "kanal")),
        Column("role", _l("Role"), 26, ("role", "rola", "stanowisko")),
        Column("description", _l("Description"), 60, ("description", "details", "notes", "opis", "szczegoly", "uwagi")),
    )
}
# What the list shows, and everything.
SHOWN = ("number", "phase", "title", "required", "status", "status_reason", "owner", "due_on", "priority", "tags")
ALL = (*SHOWN, "kind", "start_on", "channel", "role", "description")


def in_all_languages(text: Any) -> tuple[str, ...]:
    """A lazy text in every language of the product, folded for comparing."""
    found = []
    for locale in LOCALES:
        with force_locale(locale):
            found.append(fold(str(text)))
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=1)
def known_headings() -> dict[str, str]:
    """The column meant by a heading, by the folded heading, in every language."""
    found: dict[str, str] = {}
    for column in COLUMNS.values():
        for heading in (*in_all_languages(column.heading), *map(fold, column.also)):
            found.setdefault(heading, column.name)
    return found
