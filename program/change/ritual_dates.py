"""When rituals meet: computed from their rhythm and from what is known of single meetings, never stored.

A rhythm speaks in wall-clock time of the program's zone (`ground/cadence.py`), so 9:00 stays 9:00 when clocks change.
What follows a phase meets on the working day after the phase ended, or is expected to. A meeting is named by the day
its rhythm gives, or by its phase, and keeps that name when it is moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from program.change.models.rituals import MeetingState, Rhythm
from program.ground.cadence import LAST, Cadence, moment_of, monthly, occurrences, weekly
from program.ground.calendar import DAY, FIRST_DAY, LAST_DAY, WorkingCalendar
from program.ground.records import record

# The furthest a single meeting can be moved from its day.
MOST_MOVED = timedelta(days=92)


@record
class PhaseEnd:
    """When a phase ended or is expected to end; None for nobody knows."""

    id: int
    name: str
    ends_on: date | None


@record
class Slot:
    """A meeting as the rhythm gives it."""

    planned_on: date
    phase: PhaseEnd | None = None


@record
class Meeting:
    """One meeting, with what is known of it. `state` is '' while nothing is, else one of MeetingState.

    `planned_on` names it (with `phase_id` where it follows a phase); `day` is when it takes place.
    """

    ritual: Any
    planned_on: date
    day: date
    starts_at: datetime
    ends_at: datetime
    state: str = ""
    phase_id: int | None = None
    phase_name: str = ""
    # The public holiday it falls on; '' for none.
    holiday: str = ""
    notes: str = ""
    # 0 while nothing is known of it.
    revision: int = 0
    noted_at: datetime | None = None

    @property
    def is_cancelled(self) -> bool:
        """True when it does not take place."""
        return self.state == MeetingState.CANCELLED


def cadence_of(ritual: Any) -> Cadence | None:
    """The cadence of a ritual; None for those that meet once or after phases."""
    at = _clock(ritual.starts_at_minute)
    first = ritual.first_on
    if ritual.rhythm == Rhythm.WEEKLY:
        return weekly(first.weekday(), at, first, every=ritual.every)
    if ritual.rhythm in (Rhythm.MONTHLY, Rhythm.QUARTERLY):
        place = (first.day - 1) // 7 + 1
        every = ritual.every * (3 if ritual.rhythm == Rhythm.QUARTERLY else 1)
        return monthly(place if place <= 4 else LAST, first.weekday(), at, first, every=every)
    return None


def slots(
    ritual: Any, first: date, last: date, calendar: WorkingCalendar, phases: Sequence[PhaseEnd] = ()
) -> Iterator[Slot]:
    """The meetings that the rhythm gives from `first` to `last`, both included, in order."""
    first = max(first, ritual.first_on)
    last = min(last, ritual.last_on or LAST_DAY)
    if first > last:
        return
    if ritual.rhythm == Rhythm.ONCE:
        if first <= ritual.first_on:
            yield Slot(ritual.first_on)
    elif ritual.rhythm == Rhythm.AFTER_PHASE:
        ended = [(calendar.on_or_after(one.ends_on + DAY), one) for one in phases if one.ends_on is not None]
        for day, phase in sorted(ended, key=lambda one: (one[0], one[1].id)):
            if first <= day <= last:
                yield Slot(day, phase)
    else:
        cadence = cadence_of(ritual)
        # In UTC: only the days matter here, the hour is looked up where the program is.
        after = moment_of(first, time(), "UTC") - timedelta(minutes=1)
        before = moment_of(last, time(23, 59), "UTC")
        for one in occurrences(cadence, "UTC", after, before) if cadence else ():
            yield Slot(one.meant_for)


def meetings(
    rituals: Iterable[Any],
    known: Iterable[Any],
    first: date,
    last: date,
    timezone: str,
    calendar: WorkingCalendar,
    phases: Sequence[PhaseEnd] = (),
    language: str = "",
) -> list[Meeting]:
    """The meetings of those rituals that take place from `first` to `last`, in order of time.

    `known` are rows of RitualMeeting. Recorded ones stand in the list even where the rhythm no longer gives their day.
    """
    by_ritual: dict[int, list[Any]] = {}
    for row in known:
        by_ritual.setdefault(row.ritual_id, []).append(row)
    found: list[Meeting] = []
    for ritual in rituals:
        rows = by_ritual.get(ritual.id, [])
        begin, end = max(FIRST_DAY, first - MOST_MOVED), min(LAST_DAY, last + MOST_MOVED)
        given = list(slots(ritual, begin, end, calendar, phases))
        found += _of_ritual(ritual, given, rows, timezone, calendar, language)
    within = [one for one in found if first <= one.day <= last]
    return sorted(within, key=lambda one: (one.starts_at, one.ritual.id, one.planned_on))


def named(ritual: Any, planned_on: date, phase_id: int | None, known: Iterable[Any], **around: Any) -> Meeting | None:
    """The meeting of that name, None when the ritual has none. `around` as for `meetings`."""
    begin, end = max(FIRST_DAY, planned_on - 4 * MOST_MOVED), min(LAST_DAY, planned_on + 4 * MOST_MOVED)
    for one in meetings([ritual], known, begin, end, **around):
        if (one.phase_id == phase_id) if phase_id is not None else (one.planned_on == planned_on):
            return one
    return None


def _of_ritual(
    ritual: Any, given: Sequence[Slot], rows: Sequence[Any], timezone: str, calendar: WorkingCalendar, language: str
) -> Iterator[Meeting]:
    by_phase = {row.phase_id: row for row in rows if row.phase_id is not None}
    by_day = {row.planned_on: row for row in rows if row.phase_id is None}
    used = set()
    for slot in given:
        row = by_phase.get(slot.phase.id) if slot.phase else by_day.get(slot.planned_on)
        if row is not None:
            used.add(row.planned_on)
        yield _meeting(ritual, slot, row, timezone, calendar, language)
    for row in rows:
        # What was held stays, whatever became of the rhythm; a move or cancellation of what no longer is, is nothing.
        if row.planned_on not in used and row.state == MeetingState.HELD:
            yield _meeting(ritual, Slot(row.planned_on), row, timezone, calendar, language)


def _meeting(ritual: Any, slot: Slot, row: Any, timezone: str, calendar: WorkingCalendar, language: str) -> Meeting:
    day = slot.planned_on
    if row is not None:
        # One that follows a phase moves along with it until somebody has given it a day.
        day = row.moved_to or (row.planned_on if row.state == MeetingState.HELD else day)
    starts_at = moment_of(day, _clock(ritual.starts_at_minute), timezone)
    return Meeting(
        ritual=ritual,
        planned_on=row.planned_on if row is not None else slot.planned_on,
        day=day,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=ritual.minutes),
        state=row.state if row is not None else "",
        phase_id=slot.phase.id if slot.phase else getattr(row, "phase_id", None),
        phase_name=slot.phase.name if slot.phase else "",
        holiday=calendar.holiday(day, language) or "",
        notes=row.notes if row is not None else "",
        revision=row.revision if row is not None else 0,
        noted_at=row.noted_at if row is not None else None,
    )


def _clock(minute: int) -> time:
    return time(minute // 60, minute % 60)


def phase_ends(phases: Iterable[Any], today: date) -> list[PhaseEnd]:
    """The ends of phases (`phase_dates.PhaseDates`): actual, forecast, or planned where that is still ahead."""
    return [
        PhaseEnd(phase.id, phase.name, phase.ends_on or (phase.planned_end if phase.planned_end >= today else None))
        for phase in phases
    ]
