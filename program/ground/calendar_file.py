"""Writing dates as an iCalendar file (RFC 5545) that Google Calendar, Outlook and Apple Calendar take alike.

Every date is an event of its own: a series with exceptions (RRULE with EXDATE and RECURRENCE-ID) is what calendar
programs disagree on most, and a year of rituals is a few dozen events. Hours are wall-clock times of a zone that the
file describes itself; what lasts a day has no hour and takes no time. The library folds lines at 75 octets, ends them
with CRLF and escapes text. Time zones are described here: its own put the onset of summer time an hour late.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from program.ground.now import zone
from program.ground.records import record

if TYPE_CHECKING:
    from icalendar import Event, Timezone, TimezoneDaylight, TimezoneStandard, vRecur

# The library is imported where it is used: it takes its time, and few processes ever write a file.
PRODUCT = "-//Milepost//Milepost//EN"
# Calendar programs ask again about this often, if they ask the file at all.
REFRESH = timedelta(hours=1)
DAY_NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@record
class Entry:
    """One date. `starts` and `ends` are aware moments, or days (the last day included) for what takes whole days.

    `uid` names it for ever; `sequence` rises with every change of its date; `stamp` is when it was last changed.
    """

    uid: str
    title: str
    starts: datetime | date
    ends: datetime | date
    stamp: datetime
    timezone: str = "UTC"
    place: str = ""
    text: str = ""
    url: str = ""
    cancelled: bool = False
    # Asked, and not answered yet.
    tentative: bool = False
    sequence: int = 0


def calendar_file(name: str, entries: Iterable[Entry]) -> bytes:
    """The file, in the order of the dates. The same entries always give the same bytes."""
    from icalendar import Calendar, vDuration

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    ordered = sorted(entries, key=lambda one: (_moment(one.starts), one.uid))
    timed = [one for one in ordered if isinstance(one.starts, datetime) and one.timezone != "UTC"]
    for zone_name in sorted({one.timezone for one in timed}):
        years = [one.starts.year for one in timed if one.timezone == zone_name]
        calendar.add_component(time_zone(zone_name, min(years), max(years)))
    for entry in ordered:
        calendar.add_component(_event(entry))
    return calendar.to_ical(sorted=False)


def _event(entry: Entry) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.stamp.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", entry.sequence)
    if isinstance(entry.starts, datetime) and isinstance(entry.ends, datetime):
        where = zone(entry.timezone) if entry.timezone != "UTC" else UTC
        event.add("dtstart", entry.starts.astimezone(where))
        event.add("dtend", entry.ends.astimezone(where))
    else:
        event.add("dtstart", entry.starts)
        # The end of whole days is the day after, as the standard has it.
        event.add("dtend", entry.ends + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    event.add("summary", entry.title)
    for field, value in (("location", entry.place), ("description", entry.text)):
        if value:
            event.add(field, value)
    if entry.url:
        event.add("url", entry.url)
    event.add("status", "CANCELLED" if entry.cancelled else "TENTATIVE" if entry.tentative else "CONFIRMED")
    return event


def _moment(value: datetime | date) -> datetime:
    if isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


@record
class Onset:
    """A moment at which a zone's clocks change: `local` is the wall clock just before it is touched."""

    local: datetime
    before: timedelta
    after: timedelta
    name: str
    is_summer: bool

    @property
    def yearly(self) -> tuple[Any, ...]:
        """What repeats from year to year: month, weekday and its place there, hour, offsets."""
        local = self.local
        is_last = (local + timedelta(days=7)).month != local.month
        # Counted from the end where it is the last, as the European rule says.
        place = -1 if is_last and local.day > 24 else (local.day - 1) // 7 + 1
        return local.month, place, local.weekday(), local.time(), self.before, self.after, self.name


@lru_cache(maxsize=64)
def _onsets(zone_name: str, first: int, last: int) -> tuple[Onset, ...]:
    """The clock changes of those years, both included."""
    found, where = [], zone(zone_name)
    for early in _days_of_change(zone_name, first, last):
        low, high = early, early + timedelta(days=1)
        before = low.astimezone(where).utcoffset()
        while high - low > timedelta(seconds=1):
            middle = low + (high - low) // 2
            low, high = (middle, high) if middle.astimezone(where).utcoffset() == before else (low, middle)
        high = high.replace(microsecond=0)
        after = high.astimezone(where)
        local = (high + (before or timedelta())).replace(tzinfo=None)
        found.append(
            Onset(
                local, before or timedelta(), after.utcoffset() or timedelta(), after.tzname() or "", bool(after.dst())
            )
        )
    return tuple(found)


def _days_of_change(zone_name: str, first: int, last: int) -> Iterator[datetime]:
    where = zone(zone_name)
    day, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    while day < end:
        following = day + timedelta(days=1)
        if day.astimezone(where).utcoffset() != following.astimezone(where).utcoffset():
            yield day
        day = following


def time_zone(zone_name: str, first: int, last: int) -> Timezone:
    """The zone as calendars read it, right at least for the years from `first` to `last`.

    Onsets are given in the wall-clock time that holds before them, as the standard asks; by a yearly rule where the
    years agree on one, else one by one.
    """
    from icalendar import Timezone

    first -= 1
    component = Timezone()
    component.add("tzid", zone_name)
    onsets = _onsets(zone_name, first, last)
    rules = {onset.yearly for onset in onsets}
    is_regular = len(rules) == 2 and len(onsets) == 2 * (last - first + 1)
    begin = datetime(first, 1, 1, tzinfo=UTC).astimezone(zone(zone_name))
    offset = begin.utcoffset() or timedelta()
    if not is_regular:
        start = Onset(
            datetime(first, 1, 1, tzinfo=UTC).replace(tzinfo=None),
            offset,
            offset,
            begin.tzname() or "",
            bool(begin.dst()),
        )
        component.add_component(_observance(start, None))
    for onset in onsets[:2] if is_regular else onsets:
        component.add_component(_observance(onset, _rule(onset) if is_regular else None))
    return component


def _rule(onset: Onset) -> vRecur:
    from icalendar import vRecur

    month, place, weekday, *_rest = onset.yearly
    return vRecur(freq="yearly", bymonth=month, byday=f"{place}{DAY_NAMES[weekday]}")


def _observance(onset: Onset, rule: vRecur | None) -> TimezoneStandard | TimezoneDaylight:
    from icalendar import TimezoneDaylight, TimezoneStandard

    part = TimezoneDaylight() if onset.is_summer else TimezoneStandard()
    part.add("dtstart", onset.local)
    if rule is not None:
        part.add("rrule", rule)
    part.add("tzoffsetfrom", onset.before)
    part.add("tzoffsetto", onset.after)
    part.add("tzname", onset.name)
    return part
