"""The time, from one place: moments are UTC, days are those of a program's or a person's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones


def utc_now() -> datetime:
    """This moment, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """The time zone of that name. Raises ZoneInfoNotFoundError for one that does not exist."""
    return ZoneInfo(name)


def today_in(zone_name: str) -> date:
    """The calendar day it is now in that time zone."""
    return datetime.now(zone(zone_name)).date()


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """Names of the time zones offered to people: places, without the technical aliases."""
    continents = (
        "Africa/",
        "America/",
        "Antarctica/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    )
    return tuple(sorted(name for name in available_timezones() if name.startswith(continents))) + ("UTC",)
