"""The words by which files, pasted cells and other systems name KPIs, channels and confidence, and what they mean.

KPIs by their code or their name, channels by their key, the handbook's word in every language or the program's own
name; all channels together by nothing at all, or by a word for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.extensions import db
from program.ground.errors import Invalid
from program.ground.folding import fold
from program.kpis.catalogue import entries
from program.kpis.models import OVERALL, CustomerChannel, Kpi
from program.kpis.words import ALL_CHANNELS, CONFIDENCE_WORDS
from program.kpis.years import year_begins
from program.planning.item_words import CHANNEL_WORDS
from program.planning.sheet_columns import Column, in_all_languages

_OVERALL = (
    *("", "-", "overall", "all", "total", "together", "all channels"),
    *("razem", "lacznie", "ogolem", "wszystkie", "wszystkie kanaly", "calosc"),
)
# The columns of a file of readings: an export has these headings, an import knows them and more.
COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Column("code", _l("KPI"), 14, ("kpi", "code", "indicator", "metric", "kod", "wskaznik", "miernik")),
        Column("channel", _l("Channel"), 18, ("channel", "kanal")),
        Column(
            "period",
            _l("Period"),
            14,
            ("period", "week", "date", "day", "month", "quarter", "okres", "tydzien", "data", "dzien", "miesiac"),
        ),
        Column("value", _l("Value"), 14, ("value", "figure", "result", "reading", "wartosc", "wynik", "odczyt")),
        Column("note", _l("Note"), 40, ("note", "notes", "comment", "uwagi", "notatka", "komentarz")),
        Column("confidence", _l("How sure"), 14, ("confidence", "certainty", "pewnosc")),
    )
}


@dataclass(slots=True)
class Words:
    """What words mean in one program; made by `words_of`."""

    kpis: dict[str, tuple[int, ...]]
    channels: dict[str, tuple[str, ...]]
    confidence: dict[str, str]
    # The month the company's year begins with.
    fiscal_from: int = 1

    def kpi(self, text: str) -> int:
        """The KPI of that code or name. Raises Invalid."""
        found = self.kpis.get(fold(text.strip()), ())
        if len(found) == 1:
            return found[0]
        if not text.strip():
            raise Invalid(_("Say which KPI."))
        raise Invalid(
            _("Several KPIs have this name. Write the code.")
            if found
            else _("There is no KPI “%(text)s” here.", text=text.strip()[:40])
        )

    def channel(self, text: str) -> str:
        """The key of the channel of that name. Raises Invalid."""
        found = self.channels.get(fold(text.strip()), ())
        if len(found) == 1:
            return found[0]
        raise Invalid(
            _("Several channels have this name.")
            if found
            else _("There is no channel “%(text)s” here.", text=text.strip()[:40])
        )

    def sureness(self, text: str) -> str | None:
        """How sure somebody is; None for an empty text. Raises Invalid."""
        if not text.strip():
            return None
        found = self.confidence.get(fold(text.strip()))
        if found is None:
            raise Invalid(_("Write how sure: high, medium or low."))
        return found


def words_of(program_id: int) -> Words:
    """The words of a program. Three statements. Permission is the caller's."""
    kpis: dict[str, set[int]] = {}
    names: dict[str, set[int]] = {}
    query = select(Kpi.id, Kpi.code, Kpi.name, Kpi.catalogue).where(Kpi.program_id == program_id, Kpi.is_active)
    for kpi_id, code, name, catalogue in db.session.execute(query):
        kpis.setdefault(fold(code), set()).add(kpi_id)
        entry = entries().get(catalogue)
        for known in (name, *((entry.name.en, entry.name.pl) if entry and not name else ())):
            if known:
                names.setdefault(fold(known), set()).add(kpi_id)
    # A code is a code, whatever other KPIs are called.
    found = {known: tuple(sorted(ids)) for known, ids in {**names, **kpis}.items()}
    return Words(found, _channels(program_id), _confidence(), year_begins(program_id))


def _channels(program_id: int) -> dict[str, tuple[str, ...]]:
    query = select(CustomerChannel.key, CustomerChannel.name).where(CustomerChannel.program_id == program_id)
    rows = db.session.execute(query).all()
    found: dict[str, set[str]] = {}
    for key, name in rows:
        words: Any = (fold(name),) if name else in_all_languages(CHANNEL_WORDS.get(key, key))
        for known in (fold(key), *words):
            found.setdefault(known, set()).add(key)
    channels = {known: tuple(sorted(keys)) for known, keys in found.items()}
    for known in (*_OVERALL, *in_all_languages(ALL_CHANNELS)):
        channels.setdefault(known, (OVERALL,))
    return channels


def _confidence() -> dict[str, str]:
    found = {known: key for key, word in CONFIDENCE_WORDS.items() for known in (*in_all_languages(word), fold(key))}
    more = {"high": ("wysoka", "h"), "medium": ("srednia", "m"), "low": ("niska", "l")}
    return {**{known: key for key, words in more.items() for known in words}, **found}
