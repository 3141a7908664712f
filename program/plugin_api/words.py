"""Speaking to a person in their language and the time of their zone, for plugins that write to several people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from program.ground import formats
from program.plugin_api.contract import Person


@contextmanager
def speaking_to(person: Person) -> Iterator[None]:
    """Within the block texts, days and moments are that person's: in their language, in their time zone."""
    with formats.reading_as(person.locale, person.timezone):
        yield


def day_in_words(day: date) -> str:
    """'Thu 12 Mar', as the person spoken to writes it."""
    return formats.day(day)


def moment_in_words(moment: datetime) -> str:
    """'Thu 12 Mar, 14:05' in the zone of the person spoken to."""
    return formats.moment(moment)


def number_in_words(number: float, places: int = 0) -> str:
    """A number as the person spoken to writes it, with that many decimal places."""
    return formats.number(number, places)
