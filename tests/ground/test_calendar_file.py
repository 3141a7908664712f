"""The file that calendars read: what Google, Outlook and Apple are strict about, and zones right to the hour."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from program.ground.calendar_file import Entry, calendar_file, time_zone

STAMP = datetime(2026, 3, 1, 12, tzinfo=UTC)
NIGHTS = ("Europe/Warsaw", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca")


def parsed(*entries: Entry) -> Calendar:
    return Calendar.from_ical(calendar_file("Alfa", entries))


@pytest.mark.parametrize("zone_name", NIGHTS)
def test_zones_are_right_at_every_half_hour(zone_name: str):
    """As another reader understands them, through both nights of two years."""
    text = time_zone(zone_name, 2026, 2027).to_ical().decode()
    read = tzical(StringIO(text)).get(zone_name)
    moment, wrong = datetime(2026, 1, 1, tzinfo=UTC), []
    while moment < datetime(2027, 12, 31, tzinfo=UTC):
        local = moment.astimezone(ZoneInfo(zone_name))
        # The second coming of an hour is not told apart by a file's wall clock; it names the first.
        if not local.fold and local.replace(tzinfo=read).utcoffset() != local.utcoffset():
            wrong.append(local)
        moment += timedelta(minutes=30)
    assert wrong == []


@pytest.mark.parametrize(
    ("zone_name", "rules"),
    [
        ("Europe/Warsaw", {"FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"}),
        ("America/New_York", {"FREQ=YEARLY;BYDAY=2SU;BYMONTH=3", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"}),
    ],
)
def test_the_usual_zones_have_the_usual_rules(zone_name: str, rules: set[str]):
    text = time_zone(zone_name, 2026, 2026).to_ical().decode()
    assert set(re.findall(r"RRULE:(.*)\r", text)) == rules
    # Before the clocks change it is two in the morning, in both.
    assert re.search(r"BEGIN:DAYLIGHT\r\nDTSTART:\d{8}T020000", text)


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=120).filter(
    lambda text: text.strip()
)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)


@given(
    title=TEXTS,
    place=TEXTS,
    text=st.lists(TEXTS, max_size=3).map("\n".join),
    starts=MOMENTS,
    minutes=st.integers(5, 1440),
    zone_name=st.sampled_from(("Europe/Warsaw", "America/New_York", "UTC")),
    cancelled=st.booleans(),
    sequence=st.integers(0, 1000),
)
def test_what_goes_in_comes_out(
    title: str,
    place: str,
    text: str,
    starts: datetime,
    minutes: int,
    zone_name: str,
    cancelled: bool,
    sequence: int,
):
    entry = Entry(
        "x@alfa",
        title,
        starts,
        starts + timedelta(minutes=minutes),
        STAMP,
        zone_name,
        place,
        text,
        "https://alfa.example/p/ALFA/?a=1;b,2",
        cancelled,
        sequence=sequence,
    )
    body = calendar_file("Ąlfa; beta, \\gamma", [entry])
    check_rules(body)
    (event,) = Calendar.from_ical(body).walk("VEVENT")
    assert (str(event["summary"]), str(event["location"])) == (title, place)
    assert str(event.get("description", "")) == text
    assert event.decoded("dtstart").astimezone(UTC) == starts
    assert event.decoded("dtend").astimezone(UTC) == starts + timedelta(minutes=minutes)
    assert str(event["status"]) == ("CANCELLED" if cancelled else "CONFIRMED")
    assert (str(event["uid"]), event["sequence"], str(event["url"])) == ("x@alfa", sequence, entry.url)


def check_rules(body: bytes) -> None:
    """What strict readers refuse a file for (RFC 5545, 3.1 and 3.6)."""
    lines = body.split(b"\r\n")
    assert lines[-1] == b"", "every line ends with CRLF, the last too"
    assert b"\n" not in body.replace(b"\r\n", b""), "no bare line feed"
    assert b"\r" not in body.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in lines), "lines fold at 75 octets"
    body.decode("utf-8")
    for line in lines:
        line.decode("utf-8")  # no letter is cut in two by a fold
    calendar = Calendar.from_ical(body)
    assert {str(calendar[name]) for name in ("version", "calscale")} == {"2.0", "GREGORIAN"}
    assert "prodid" in calendar
    zones = {str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")}
    used = set(re.findall(rb"TZID=([^:;]+)[:;]", body.replace(b"\r\n ", b"")))
    assert {name.decode() for name in used} <= zones, "a zone that is used is described"
    uids = [str(event["uid"]) for event in calendar.walk("VEVENT")]
    assert len(uids) == len(set(uids))
    for event in calendar.walk("VEVENT"):
        for name in ("uid", "dtstamp", "dtstart", "dtend", "summary", "sequence", "status"):
            assert len([1 for key, _value in event.property_items(recursive=False) if key == name.upper()]) == 1, name
        assert event["dtstamp"].to_ical().endswith(b"Z")
        start, end = event.decoded("dtstart"), event.decoded("dtend")
        assert type(start) is type(end)
        assert end > start


def test_whole_days_end_on_the_day_after():
    day = date(2026, 3, 12)
    (event,) = parsed(Entry("x", "Due", day, day, STAMP)).walk("VEVENT")
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (day, date(2026, 3, 13))
    assert str(event["transp"]) == "TRANSPARENT"
    assert event["dtstart"].params["VALUE"] == "DATE"


def test_the_same_dates_are_the_same_bytes():
    entries = [Entry(f"{n}", "x", STAMP, STAMP + timedelta(hours=1), STAMP, "Europe/Warsaw") for n in range(5)]
    assert calendar_file("Alfa", entries) == calendar_file("Alfa", reversed(entries))


def test_an_empty_calendar_is_a_calendar():
    check_rules(calendar_file("Alfa", []))
