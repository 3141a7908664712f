"""What an agenda is made of: points with the facts behind them, kept without words so that each reads it in theirs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from program.ground.records import record


class PointKind(StrEnum):
    """What a point is about, in the order in which a committee takes them."""

    ACTIONS = "actions"
    DECISION = "decision"
    GATE = "gate"
    RISKS = "risks"
    FIGURES = "figures"
    BUDGET = "budget"
    # Put there by somebody.
    OWN = "own"


# How long each is talked about unless somebody says otherwise.
USUAL_MINUTES = {
    PointKind.ACTIONS: 5,
    PointKind.DECISION: 15,
    PointKind.GATE: 10,
    PointKind.RISKS: 10,
    PointKind.FIGURES: 5,
    PointKind.BUDGET: 5,
    PointKind.OWN: 10,
}


@record
class Measure:
    """A KPI as far as its name and figures go."""

    code: str
    name: str
    catalogue: str
    unit: str
    unit_name: str
    decimals: int


@record
class Fact:
    """One thing that a point tells. `kind` says what the other fields hold (`agenda_words.py`)."""

    kind: str
    text: str = ""
    # What people call the item, decision or risk by.
    number: int | None = None
    day: date | None = None
    who: str = ""
    state: str = ""
    more: str = ""
    amount: Decimal | None = None
    before: Decimal | None = None
    measure: Measure | None = None


@record
class Point:
    """A point of the agenda. `key` names it within its meeting for good: 'actions', 'decision:7', 'own:3'."""

    key: str
    kind: str
    title: str = ""
    number: int | None = None
    day: date | None = None
    note: str = ""
    minutes: int = 0
    facts: tuple[Fact, ...] = ()


@record
class Agenda:
    """The points in their order; `as_of` is the moment they were read (ISO text)."""

    as_of: str
    points: tuple[Point, ...]

    @property
    def minutes(self) -> int:
        """How long all of it takes."""
        return sum(point.minutes for point in self.points)

    def point(self, key: str) -> Point | None:
        """The point of that key."""
        return next((point for point in self.points if point.key == key), None)
