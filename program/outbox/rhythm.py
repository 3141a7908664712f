"""When a message may reach out to a person: their hours, their working days, one gathered message a morning.

Pure functions on a person's wishes; `wishes.py` keeps them, `claiming.py` asks here. The page of messages shows
everything at once and asks nobody. Never more than one unprompted message a morning, and not more of them a week than
the person's budget: people answer as long as they are not worn out.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from program.ground.cadence import moment_of
from program.ground.calendar import DAY, WorkingCalendar, monday_of
from program.ground.now import zone
from program.ground.records import record
from program.outbox.kinds import Pace

# What comes up within this time after the first is gathered into the same message.
GATHERING = timedelta(minutes=5)
# How long a morning lasts: what asks for attention later than that waits for the next one.
MORNING = timedelta(hours=4)
# Nobody is on holiday longer than this without a working day; then something is set wrong, and the message goes.
_LONGEST = 60


class Mode(StrEnum):
    """How mentions, assignments and prompts reach a person."""

    AT_ONCE = "at_once"
    MORNING = "morning"
    PAGE = "page"  # only on the page of messages


@record
class Rhythm:
    """A person's wishes. Hours are minutes after midnight in their zone; weekdays 0 for Monday."""

    zone: str
    digest: Mode = Mode.MORNING
    prompts: Mode = Mode.MORNING
    day_begins: int = 8 * 60 + 30
    day_ends: int = 18 * 60
    weekdays: frozenset[int] = frozenset(range(5))
    country: str = "PL"
    budget: int = 5

    def works_on(self, day: date) -> bool:
        """True on the person's working days that are no public holiday."""
        return day.weekday() in self.weekdays and WorkingCalendar(self.country).holiday(day) is None


@record
class Verdict:
    """What to do with a message now: let it go; else wait `until`, or (None) leave it to the page of messages.

    `why` is a code of `words.WHY`; '' when it goes.
    """

    go: bool
    until: datetime | None = None
    why: str = ""


GO = Verdict(True)
PAGE_ONLY = Verdict(False, None, "page")


def gathers(rhythm: Rhythm, pace: Pace) -> bool:
    """True when messages of that pace go out together, once a morning."""
    mode = _mode(rhythm, pace)
    return mode is Mode.MORNING and rhythm.budget > 0


def decide(
    rhythm: Rhythm, pace: Pace, asked_at: datetime, now: datetime, mornings: tuple[datetime, ...] = ()
) -> Verdict:
    """Whether a message that is due may go now. `asked_at` is when it came up, or the first of those gathered with it.

    `mornings` are the moments of the gathered messages of the last eight days.
    """
    mode = _mode(rhythm, pace)
    if pace is Pace.AT_ONCE:
        return GO
    if mode is Mode.PAGE or (mode is Mode.MORNING and rhythm.budget <= 0):
        return PAGE_ONLY
    if mode is Mode.AT_ONCE:
        open_from = next_open(rhythm, now)
        return GO if open_from <= now else Verdict(False, open_from, "quiet")
    return _morning(rhythm, asked_at, now, mornings)


def next_open(rhythm: Rhythm, now: datetime) -> datetime:
    """The first moment from `now` on that lies within the person's hours, on a working day."""
    local = now.astimezone(zone(rhythm.zone))
    day = local.date()
    for _ in range(_LONGEST):
        begin, end = _hours(rhythm, day)
        if rhythm.works_on(day) and now < end:
            return max(now, begin)
        day += DAY
    return now


def next_morning(rhythm: Rhythm, day: date) -> datetime:
    """When the first working day from `day` on begins for the person."""
    for _ in range(_LONGEST):
        if rhythm.works_on(day):
            break
        day += DAY
    return _hours(rhythm, day)[0]


def _mode(rhythm: Rhythm, pace: Pace) -> Mode:
    if pace is Pace.DIGEST:
        return rhythm.digest
    return rhythm.prompts if pace is Pace.PROMPT else Mode.AT_ONCE


def _morning(rhythm: Rhythm, asked_at: datetime, now: datetime, mornings: tuple[datetime, ...]) -> Verdict:
    here = zone(rhythm.zone)
    today = now.astimezone(here).date()
    days = [moment.astimezone(here).date() for moment in mornings]
    begin, end = _hours(rhythm, today)
    if len([day for day in days if monday_of(day) == monday_of(today)]) >= rhythm.budget:
        return Verdict(False, next_morning(rhythm, monday_of(today) + 7 * DAY), "budget")
    if today in days or now >= min(begin + MORNING, end):
        return Verdict(False, next_morning(rhythm, today + DAY), "morning")
    if not rhythm.works_on(today) or now < begin:
        return Verdict(False, next_morning(rhythm, today), "morning")
    ready = asked_at + GATHERING
    if asked_at > begin and now < ready:
        return Verdict(False, ready, "morning")
    return GO


def _hours(rhythm: Rhythm, day: date) -> tuple[datetime, datetime]:
    """When the person's day begins and ends. A day that ends before it begins ends at midnight."""
    begin = moment_of(day, _time(rhythm.day_begins), rhythm.zone)
    if rhythm.day_ends <= rhythm.day_begins:
        return begin, moment_of(day + DAY, time(0), rhythm.zone)
    if rhythm.day_ends >= 24 * 60:
        return begin, moment_of(day + DAY, time(0), rhythm.zone)
    return begin, moment_of(day, _time(rhythm.day_ends), rhythm.zone)


def _time(minutes: int) -> time:
    return (datetime.min.replace(tzinfo=UTC) + timedelta(minutes=minutes)).time()
