"""What the adoption pages show: each group's four shares with mark, source, age and course over the months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from flask_babel import gettext as _

from program.change.adoption import SMALL_GROUP, Reading, month_ends
from program.change.group_lists import GroupRow
from program.change.models.adoption import Measure
from program.change.trained import Heads
from program.ground import formats
from program.ground.records import record

MONTHS = 6


@record
class Figure:
    """A share as the page shows it: percent or None, a state of `macros/states.html`, and where it comes from.

    `course` are shares over time, oldest first, for the small line; `held_back` says that it is not for this reader.
    """

    percent: int | None
    state: str
    source: str = ""
    course: tuple[int, ...] = ()
    held_back: bool = False


@record
class GroupAdoption:
    """A group with its figures by measure."""

    group: GroupRow
    figures: Mapping[str, Figure]
    # How many more people must be trained to meet the target.
    missing: int

    @property
    def is_short_before_go_live(self) -> bool:
        """Whether it is below its target and has a go-live."""
        return self.missing > 0 and self.group.go_live_on is not None


def adoption_of(
    group: GroupRow,
    trained: Heads,
    coached: Heads,
    readings: Mapping[str, Sequence[Reading]],
    today: date,
    *,
    sees_persons: bool,
) -> GroupAdoption:
    """The group's figures today. `sees_persons`: whether the reader may see what would say who."""
    months = month_ends(today, MONTHS)
    missing = max(0, -(-group.size * group.training_target // 100) - trained.by(today, group.size))
    figures = {
        Measure.TRAINED.value: _trained(group, trained, today, months, missing),
        Measure.COACHED.value: _coached(group, coached, today, months, sees_persons),
        **{
            measure.value: _entered(readings.get(measure.value, ()), today)
            for measure in (Measure.ACTIVE, Measure.CONFIDENT)
        },
    }
    return GroupAdoption(group, figures, missing)


def _trained(group: GroupRow, heads: Heads, today: date, months: Sequence[date], missing: int) -> Figure:
    percent = heads.share(today, group.size)
    if percent is None:
        return Figure(None, "no_data")
    # Short of the target: that is wrong once the go-live is near or over.
    near = group.go_live_on is not None and (group.go_live_on - today).days <= 28
    state = "on_track" if not missing else "off_track" if near else "at_risk"
    source = _("attendance, last %(day)s", day=formats.day(heads.last)) if heads.last else _("attendance, nobody yet")
    return Figure(percent, state, source, _course(heads, group.size, months))


def _coached(group: GroupRow, heads: Heads, today: date, months: Sequence[date], sees_persons: bool) -> Figure:
    if not sees_persons and group.size < SMALL_GROUP:
        return Figure(None, "no_data", _("held back: fewer than %(count)s people", count=SMALL_GROUP), held_back=True)
    percent = heads.share(today, group.size)
    # Nobody coached may be good news: it is a fact, not a state.
    return Figure(
        percent, "" if percent is not None else "no_data", _("coaching list"), _course(heads, group.size, months)
    )


def _entered(readings: Sequence[Reading], today: date) -> Figure:
    if not readings:
        return Figure(None, "no_data")
    last = readings[-1]
    source = _("%(source)s, %(day)s", source=last.source, day=formats.day(last.on_date))
    state = "stale" if last.is_stale(today) else ""
    return Figure(last.value, state, source, tuple(reading.value for reading in readings[-12:]))


def _course(heads: Heads, size: int, months: Sequence[date]) -> tuple[int, ...]:
    shares = [heads.share(day, size) for day in months]
    return tuple(share for share in shares if share is not None) if heads.added else ()
