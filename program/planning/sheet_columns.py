"""The columns of a spreadsheet of items: what a file that leaves has, and what a file that comes in may have.

One list serves both ways, so that what was exported can be imported again. Headings are known in every language of the
product, whatever the reader's: files travel between people.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from program.ground.errors import Invalid
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


def by_heading(columns: Iterable[Column]) -> dict[str, str]:
    """The names of columns by their headings, folded, in every language; the first of two columns keeps a heading."""
    found: dict[str, str] = {}
    for column in columns:
        for heading in (*in_all_languages(column.heading), *map(fold, column.also)):
            found.setdefault(heading, column.name)
    return found


def places_of(headings: Sequence[str], columns: Iterable[Column], needed: Collection[str]) -> dict[str, int]:
    """Where each column stands in a file, by its name; the first of two that are called alike.

    Raises Invalid naming the `needed` ones that are not there.
    """
    columns = tuple(columns)
    known = by_heading(columns)
    found: dict[str, int] = {}
    for place, heading in enumerate(headings):
        name = known.get(fold(heading))
        if name is not None:
            found.setdefault(name, place)
    missing = [str(column.heading) for column in columns if column.name in needed and column.name not in found]
    if missing:
        raise Invalid(_("The file has no column with this heading: %(headings)s.", headings=", ".join(missing)))
    return found


@lru_cache(maxsize=1)
def known_headings() -> dict[str, str]:
    """The columns of items by their headings."""
    return by_heading(COLUMNS.values())
