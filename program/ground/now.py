"""The time, from one place: moments are UTC, days are those of a program's or a person's time zone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

_held_at: ContextVar[datetime | None] = ContextVar("held_at", default=None)


def utc_now() -> datetime:
    """This moment, aware, in UTC, to the microsecond."""
    return _held_at.get() or datetime.now(UTC)


@contextmanager
def held_at(moment: datetime) -> Iterator[None]:
    """Within the block it is `moment` (aware): for commands that do another time's work."""
    token = _held_at.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _held_at.reset(token)


def held_moment() -> datetime | None:
    """The moment that is held, or None; for handing it on to a thread, which starts without it."""
    return _held_at.get()


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """The time zone of that name. Raises ZoneInfoNotFoundError for one that does not exist."""
    return ZoneInfo(name)


def today_in(zone_name: str) -> date:
    """The calendar day it is now in that time zone."""
    return utc_now().astimezone(zone(zone_name)).date()


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """Names of the time zones offered to people: places, without the technical aliases."""
    continents = (
        *("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/"),
        *("Australia/", "Europe/", "Indian/", "Pacific/"),
    )
    return (*sorted(name for name in available_timezones() if name.startswith(continents)), "UTC")
