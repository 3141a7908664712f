"""The risk register as pages read it: all risks of a program in one statement, in the order they need somebody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import bindparam, select

from program.ground.database import read
from program.ground.records import record
from program.people.models import Person
from program.steering.models import Risk, RiskState
from program.steering.models.risks import HIGHEST
from program.steering.risk_words import HIGH_FROM, Band, band, score


@record
class RiskRow:
    """A risk of the register."""

    id: int
    number: int
    title: str
    category: str
    probability: int
    impact: int
    probability_after: int | None
    impact_after: int | None
    measure: str
    owner_id: int | None
    review_on: date | None
    state: str
    escalated_at: datetime | None
    owner: str
    handbook_key: str | None

    @property
    def score(self) -> int:
        """Probability times impact, as it stands."""
        return score(self.probability, self.impact)

    @property
    def band(self) -> Band:
        """What the score calls for."""
        return band(self.score)

    @property
    def score_after(self) -> int | None:
        """The score that the measures are to bring; None while nobody has said."""
        if self.probability_after is None or self.impact_after is None:
            return None
        return score(self.probability_after, self.impact_after)

    @property
    def is_open(self) -> bool:
        """True while somebody has to watch it."""
        return self.state == RiskState.OPEN

    def is_due(self, today: date) -> bool:
        """True when it is to be looked at by that day."""
        return self.is_open and self.review_on is not None and self.review_on <= today


@record
class Cell:
    """One field of the matrix: where it is, and the risks in it."""

    probability: int
    impact: int
    risks: tuple[RiskRow, ...]

    @property
    def score(self) -> int:
        """The score of every risk in it."""
        return score(self.probability, self.impact)

    @property
    def band(self) -> Band:
        """What it calls for."""
        return band(self.score)


def register_of(program_id: int) -> Sequence[RiskRow]:
    """All risks of the program: open ones first, the worst of them on top. One statement."""
    found = read(_register(), {"program": program_id}).all()
    rows = [RiskRow(**{**row._mapping, "owner": row.owner or ""}) for row in found]
    return sorted(rows, key=lambda row: (not row.is_open, -row.score, row.number))


def top_risks(program_id: int, limit: int, most: int | None = None) -> Sequence[RiskRow]:
    """The open risks of that score and above, the worst first. One statement."""
    return [row for row in register_of(program_id) if row.is_open and row.score >= limit][:most]


def matrix_of(risks: Iterable[RiskRow], *, after: bool = False) -> list[list[Cell]]:
    """Rows from the likeliest down, columns from the smallest impact up. `after`: as the measures are to leave them.

    A risk without measures stays where it is.
    """
    found: dict[tuple[int, int], list[RiskRow]] = {}
    for risk in risks:
        place = (risk.probability, risk.impact)
        if after and risk.probability_after is not None and risk.impact_after is not None:
            place = (risk.probability_after, risk.impact_after)
        found.setdefault(place, []).append(risk)
    levels = range(1, HIGHEST + 1)
    return [
        [Cell(probability, impact, tuple(found.get((probability, impact), ()))) for impact in levels]
        for probability in reversed(levels)
    ]


def headline(risks: Sequence[RiskRow], today: date) -> str:
    """So what? The high ones without a measure, else how many are high, and those to look at."""
    running = [risk for risk in risks if risk.is_open]
    if not running:
        return _("No open risks.") if risks else ""
    bare = sum(1 for risk in running if risk.score >= HIGH_FROM and not risk.measure)
    high = sum(1 for risk in running if risk.band is Band.HIGH)
    due = sum(1 for risk in running if risk.is_due(today))
    if bare:
        said = ngettext("%(num)s high risk has no measure.", "%(num)s high risks have no measure.", bare)
    elif high:
        said = ngettext("%(num)s open risk is high.", "%(num)s open risks are high.", high)
    else:
        said = ngettext(
            "%(num)s open risk, and it is not high.", "%(num)s open risks, none of them high.", len(running)
        )
    if due:
        said += " " + ngettext("%(num)s is due for a look.", "%(num)s are due for a look.", due)
    return said


@cache
def _register() -> Any:
    return (
        select(
            Risk.id,
            Risk.number,
            Risk.title,
            Risk.category,
            Risk.probability,
            Risk.impact,
            Risk.probability_after,
            Risk.impact_after,
            Risk.measure,
            Risk.owner_id,
            Risk.review_on,
            Risk.state,
            Risk.escalated_at,
            Person.name.label("owner"),
            Risk.handbook_key,
        )
        .outerjoin(Person, Person.id == Risk.owner_id)
        .where(Risk.program_id == bindparam("program"))
        .order_by(Risk.number)
    )
