"""How much a change asks of a group in a week: plain arithmetic, no database.

A week's load is a sum of points, so it does not matter in which order things are planned:
- training: each hour of a session counts 1, times the share of the invited groups' people for whom it has seats; -
go-live: twice the group's overall impact in its week, once in each of the two weeks after it; 3 while nobody has looked
  at the impact;
- other changes: their weight in each week that they touch. A freeze is no load: in a frozen week nothing of ours should
happen at all, so it wins over any figure. The points and what counts how much are Milepost's own working values; the
handbook asks for limits and gives none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum

from program.change.limits import Limits
from program.ground.records import record

WEEK = timedelta(days=7)
# Points are kept in tenths, as whole numbers, so that sums are exact.
TENTHS = 10
IMPACT_UNKNOWN = 3
GO_LIVE_WEEKS = (2, 1, 1)


class Source(StrEnum):
    """Where load comes from. Training and go-lives are the program's own; others come from elsewhere."""

    TRAINING = "training"
    GO_LIVE = "go_live"
    OTHER = "other"


class State(StrEnum):
    """What a group's week is. `broken`: something of ours is planned into a freeze."""

    FREE = "free"
    FINE = "fine"
    AMBER = "amber"
    RED = "red"
    FROZEN = "frozen"
    BROKEN = "broken"


# Weeks into which nothing more should be planned.
FULL = frozenset((State.RED, State.FROZEN, State.BROKEN))
# Weeks that are already too much.
BAD = frozenset((State.RED, State.BROKEN))


@record
class Part:
    """Something that lands on a group in a week (its Monday), in tenths of a point."""

    group_id: int
    week: date
    source: Source
    tenths: int
    name: str


@record
class Freeze:
    """A week in which nothing should be planned for a group."""

    group_id: int
    week: date
    name: str


@record
class Cell:
    """A group's week: what lands there and which freezes lie over it."""

    parts: tuple[Part, ...] = ()
    freezes: tuple[str, ...] = ()

    @property
    def tenths(self) -> int:
        """The load in tenths of a point."""
        return sum(part.tenths for part in self.parts)

    @property
    def points(self) -> float:
        """The load in points."""
        return self.tenths / TENTHS

    def state(self, limits: Limits) -> State:
        """What the week is under these limits."""
        if self.freezes:
            own = any(part.tenths and part.source is not Source.OTHER for part in self.parts)
            return State.BROKEN if own else State.FROZEN
        if self.tenths >= limits.red_from * TENTHS:
            return State.RED
        if self.tenths >= limits.amber_from * TENTHS:
            return State.AMBER
        return State.FINE if self.tenths else State.FREE


Cells = dict[tuple[int, date], Cell]


def monday_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def weeks_between(first: date, last: date) -> list[date]:
    """The Mondays of the weeks that the days from `first` to `last` touch."""
    monday, found = monday_of(first), []
    while monday <= last:
        found.append(monday)
        monday += WEEK
    return found


def add_up(parts: Iterable[Part], freezes: Iterable[Freeze] = ()) -> Cells:
    """All weeks in which something lands or that are frozen. In each, the heaviest part stands first."""
    landed: dict[tuple[int, date], list[Part]] = {}
    frozen: dict[tuple[int, date], set[str]] = {}
    for part in parts:
        landed.setdefault((part.group_id, part.week), []).append(part)
    for freeze in freezes:
        frozen.setdefault((freeze.group_id, freeze.week), set()).add(freeze.name)
    return {
        at: Cell(
            tuple(sorted(landed.get(at, ()), key=lambda part: (-part.tenths, part.source, part.name))),
            tuple(sorted(frozen.get(at, ()))),
        )
        for at in landed.keys() | frozen.keys()
    }


def of_training(name: str, week: date, hours: float, capacity: int, sizes: Mapping[int, int]) -> list[Part]:
    """What a session asks of the groups it is for, by their sizes. Sizes nobody knows (0) count as full seats."""
    total = sum(sizes.values())
    share = min(1.0, capacity / total) if total else 1.0
    tenths = round(hours * TENTHS * share)
    return [Part(group_id, week, Source.TRAINING, tenths, name) for group_id in sizes]


def of_go_live(group_id: int, name: str, on_date: date, impact: int | None) -> list[Part]:
    """What a go-live asks of a group in its week and the two after it."""
    level = IMPACT_UNKNOWN if impact is None else impact
    first = monday_of(on_date)
    return [
        Part(group_id, first + WEEK * step, Source.GO_LIVE, level * times * TENTHS, name)
        for step, times in enumerate(GO_LIVE_WEEKS)
    ]
