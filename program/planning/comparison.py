"""What changed between two moments of a plan: added, gone, moved, renamed, done, handed over.

Both moments are plans of `baselines.py`: a baseline, the present, or any past moment. Shifts are counted in working
days of the program's calendar, later ones positive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from flask_babel import gettext as _
from flask_babel import ngettext

from program.ground import formats
from program.ground.calendar import DAY, WorkingCalendar
from program.ground.records import record
from program.planning.baselines import Plan, PlanLine
from program.planning.models.items import Status

# What can have happened to a line, in the order it is told.
KINDS = (
    *("removed", "added", "dropped", "finished", "reopened", "later", "earlier", "dated", "undated"),
    *("status", "phase", "owner", "renamed"),
)


@record
class LineChange:
    """One line that differs: what it was, what it is (None where there is none), and what happened to it."""

    object_type: str
    object_id: int
    before: PlanLine | None
    after: PlanLine | None
    kinds: tuple[str, ...]
    # Working days its end moved; 0 where it did not or where one side has none.
    shift: int = 0

    @property
    def line(self) -> PlanLine:
        """The newer side, or the older where the line is gone."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a change has at least one side")
        return found

    @property
    def name(self) -> str:
        """What it is called."""
        return self.line.name

    @property
    def phase_id(self) -> int | None:
        """The phase it is told under."""
        return self.line.phase_id


@record
class Comparison:
    """Everything that differs between two moments, phases first, then gates, then items by due date."""

    changes: tuple[LineChange, ...]

    def of(self, *kinds: str, object_type: str = "item") -> list[LineChange]:
        """The changes of those kinds among one type of line."""
        wanted = set(kinds)
        return [
            change for change in self.changes if change.object_type == object_type and wanted.intersection(change.kinds)
        ]

    @property
    def counts(self) -> Counter[str]:
        """How many items each kind of change touches."""
        return Counter(kind for change in self.changes if change.object_type == "item" for kind in change.kinds)

    def by_phase(self) -> dict[int | None, list[LineChange]]:
        """The changes under the phase they belong to, in the order of `changes`."""
        grouped: dict[int | None, list[LineChange]] = {}
        for change in self.changes:
            grouped.setdefault(change.phase_id, []).append(change)
        return grouped


@lru_cache(maxsize=65_536)
def working_days_between(calendar: WorkingCalendar, first: date, last: date) -> int:
    """How many working days `last` lies after `first`, not counting the earlier of the two; negative when before."""
    if last < first:
        return -working_days_between(calendar, last, first)
    return calendar.between(first + DAY, last) if last > first else 0


def compare(before: Plan, after: Plan, calendar: WorkingCalendar) -> Comparison:
    """What differs between two moments."""
    changes = []
    for key, new in after.items():
        old = before.get(key)
        if old != new:
            changes.append(_change(key, old, new, calendar))
    changes += [_change(key, old, None, calendar) for key, old in before.items() if key not in after]
    order = {"phase": 0, "gate": 1, "item": 2}
    changes.sort(
        key=lambda change: (
            order[change.object_type],
            change.line.ends_on or date.max,
            change.name,
            change.object_id,
        )
    )
    return Comparison(tuple(changes))


def _change(key: tuple[str, int], old: PlanLine | None, new: PlanLine | None, calendar: WorkingCalendar) -> LineChange:
    if old is None or new is None:
        return LineChange(*key, old, new, ("added" if old is None else "removed",))
    kinds = set()
    shift = 0
    if old.status != new.status:
        kinds.add(_status_kind(old.status, new.status))
    if old.ends_on != new.ends_on or old.starts_on != new.starts_on:
        shift = _shift(old, new, calendar)
        kinds.add(_date_kind(old, new))
    if old.name != new.name:
        kinds.add("renamed")
    if old.owner_id != new.owner_id:
        kinds.add("owner")
    if old.phase_id != new.phase_id:
        kinds.add("phase")
    return LineChange(*key, old, new, tuple(kind for kind in KINDS if kind in kinds), shift)


def _status_kind(old: str, new: str) -> str:
    finished = (Status.DONE, Status.DROPPED)
    if new == Status.DROPPED:
        return "dropped"
    if new == Status.DONE:
        return "finished"
    return "reopened" if old in finished else "status"


def _pair(old: PlanLine, new: PlanLine) -> tuple[date | None, date | None]:
    """The dates that say whether a line moved: its end, or its start where only that differs."""
    return (old.ends_on, new.ends_on) if old.ends_on != new.ends_on else (old.starts_on, new.starts_on)


def _shift(old: PlanLine, new: PlanLine, calendar: WorkingCalendar) -> int:
    first, last = _pair(old, new)
    return working_days_between(calendar, first, last) if first and last else 0


def _date_kind(old: PlanLine, new: PlanLine) -> str:
    first, last = _pair(old, new)
    if first is None:
        return "dated"
    if last is None:
        return "undated"
    return "later" if last > first else "earlier"


def summary(comparison: Comparison) -> str:
    """The comparison in one sentence without its beginning: '4 items later by 6 working days on average, 2 added'."""
    parts = [part for part in (*_item_parts(comparison), *_gate_parts(comparison)) if part]
    return _("nothing changed") if not parts else ", ".join(parts)


def _average(changes: Iterable[LineChange]) -> int:
    shifts = [abs(change.shift) for change in changes]
    return round(sum(shifts) / len(shifts)) if shifts else 0


def _item_parts(comparison: Comparison) -> list[str]:
    later, earlier = comparison.of("later"), comparison.of("earlier")
    counts = comparison.counts
    parts = []
    if later:
        moved = ngettext("%(num)s item later", "%(num)s items later", len(later))
        parts.append(by_days(moved, _average(later), len(later)))
    if earlier:
        moved = ngettext("%(num)s item earlier", "%(num)s items earlier", len(earlier))
        parts.append(by_days(moved, _average(earlier), len(earlier)))
    if counts["added"]:
        parts.append(ngettext("%(num)s added", "%(num)s added", counts["added"]))
    if counts["finished"]:
        parts.append(ngettext("%(num)s done", "%(num)s done", counts["finished"]))
    if counts["reopened"]:
        parts.append(ngettext("%(num)s taken up again", "%(num)s taken up again", counts["reopened"]))
    if counts["dropped"]:
        parts.append(ngettext("%(num)s dropped", "%(num)s dropped", counts["dropped"]))
    if counts["removed"]:
        parts.append(ngettext("%(num)s gone", "%(num)s gone", counts["removed"]))
    return parts


def by_days(moved: str, days: int, count: int) -> str:
    """The words with the working days behind them: '4 items later by 6 working days on average'."""
    if not days:
        return moved
    if count == 1:
        shifted = ngettext("by %(num)s working day", "by %(num)s working days", days)
    else:
        shifted = ngettext("by %(num)s working day on average", "by %(num)s working days on average", days)
    return f"{moved} {shifted}"


def _gate_parts(comparison: Comparison) -> list[str]:
    return [
        _(
            "the gate “%(gate)s” moved from %(before)s to %(after)s",
            gate=change.name,
            before=formats.day(change.before.ends_on),
            after=formats.day(change.after.ends_on),
        )
        for change in comparison.of("later", "earlier", object_type="gate")
        if change.before and change.after
    ]
