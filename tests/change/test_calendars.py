"""Calendar feeds: whose eyes they read with, what stands in them, and that their address stays private."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from icalendar import Calendar
from sqlalchemy import delete, insert, select, update

from program.change import calendar_feeds, meetings, rituals
from program.change.meetings import Name
from program.change.models import CalendarFeed, GroupMember, TrainingSeat, TrainingSession
from program.change.rituals import RitualDraft
from program.extensions import db
from program.ground import database
from program.ground.actor import Access
from program.ground.audit import AuditEntry
from program.ground.errors import Invalid, NotFound
from program.people.models import Membership, Person
from program.planning.items import ItemDraft, add_item
from program.planning.opening import find_program
from tests.cast import Cast, Member, make_program
from tests.crowd import gather_crowd
from tests.ground.test_calendar_file import check_rules
from tests.planning.helpers import make_gate, make_phase

NOON = datetime(2026, 3, 12, 11, 0, tzinfo=UTC)
REVIEW = RitualDraft("weekly_review", "Weekly review; with, commas", "weekly", date(2026, 3, 2), 9 * 60)


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def filled(app: Flask, cast: Cast, zosia: Member) -> int:
    """Rituals, a training, a phase with its gate, a milestone and an own item; gives the weekly ritual's id."""
    manager = cast.manager.actor
    with app.app_context(), database.transaction():
        phase = make_phase(cast.program_id, "Pilot", date(2026, 3, 2), date(2026, 4, 24))
        make_gate(phase, "Roll out", date(2026, 4, 24))
        review = rituals.add_ritual(manager, cast.program_id, replace(REVIEW, organiser_id=cast.manager.id))
        rituals.invite(manager, review, "Tomek Wójcik")
        retro = replace(REVIEW, kind="retrospective", rhythm="after_phase", title="Retrospective", minutes=90)
        rituals.add_ritual(manager, cast.program_id, retro)
        session = TrainingSession(
            program_id=cast.program_id, title="One view", starts_at=NOON, ends_at=NOON + timedelta(hours=2)
        )
        db.session.add(session)
        db.session.flush()
        for person in (zosia.id, cast.contributor.id):
            db.session.add(TrainingSeat(session_id=session.id, person_id=person, program_id=cast.program_id))
        add_item(
            manager, cast.program_id, ItemDraft("Contract", due_on=date(2026, 3, 20), owner_id=cast.contributor.id)
        )
        add_item(manager, cast.program_id, ItemDraft("Live", kind="milestone", due_on=date(2026, 5, 4)))
        add_item(manager, cast.program_id, ItemDraft("Somebody's", due_on=date(2026, 3, 20), owner_id=cast.manager.id))
        return review.id


def address(app: Flask, who: Member, program_id: int | None = None) -> str:
    with app.app_context(), database.transaction():
        _feed, token = calendar_feeds.make_feed(who.actor, program_id)
        return f"/calendar/{token}.ics"


def titles(client: Any, path: str) -> set[str]:
    answer = client.get(path)
    assert answer.status_code == 200
    check_rules(answer.data)
    return {str(event["summary"]) for event in Calendar.from_ical(answer.data).walk("VEVENT")}


REVIEWS, TRAINING = "Weekly review; with, commas", "Training: One view"
GATE, MILESTONE, DUE = "Gate: Roll out", "Milestone: Live", "Due: Contract"


def test_ones_own_dates(app: Flask, cast: Cast, zosia: Member, filled: int, browser: Any):
    client = browser()
    assert titles(client, address(app, cast.contributor)) == {REVIEWS, TRAINING, DUE}
    assert titles(client, address(app, cast.manager)) == {REVIEWS, GATE, MILESTONE, "Due: Somebody's"}
    assert titles(client, address(app, zosia)) == {TRAINING}
    assert titles(client, address(app, cast.viewer)) == set()
    assert titles(client, address(app, cast.stranger)) == set()


def test_a_programs_dates(app: Flask, cast: Cast, filled: int, browser: Any):
    whole = {REVIEWS, "Retrospective: Pilot", TRAINING, GATE, MILESTONE}
    for who in (cast.viewer, cast.manager, cast.admin):
        assert titles(browser(), address(app, who, cast.program_id)) == whole


def test_strangers_and_the_front_line_get_no_address_of_a_program(app: Flask, cast: Cast, zosia: Member):
    for who in (cast.stranger, zosia):
        with pytest.raises(NotFound):
            address(app, who, cast.program_id)


def test_what_is_lost_disappears_at_once(app: Flask, cast: Cast, zosia: Member, filled: int, browser: Any):
    client = browser()
    own, whole = address(app, cast.contributor), address(app, cast.contributor, cast.program_id)
    front = address(app, zosia)
    before = client.get(own).headers["ETag"]
    with app.app_context(), database.transaction():
        db.session.execute(delete(Membership).where(Membership.person_id == cast.contributor.id))
        db.session.execute(delete(GroupMember))
    assert titles(client, own) == set()
    assert titles(client, front) == set()
    assert client.get(whole).status_code == 404
    # A calendar that asks whether anything is new is told so.
    assert client.get(own, headers={"If-None-Match": before}).status_code == 200


def test_revoked_renewed_and_closed_accounts(app: Flask, cast: Cast, filled: int, browser: Any):
    client = browser()
    path = address(app, cast.manager)
    with app.app_context(), database.transaction():
        feed_id = db.session.scalar(select(CalendarFeed.id))
        with pytest.raises(NotFound):
            calendar_feeds.revoke_feed(cast.contributor.actor, feed_id)
        _feed, token = calendar_feeds.renew_feed(cast.manager.actor, feed_id)
    assert client.get(path).status_code == 404
    assert client.get(f"/calendar/{token}.ics").status_code == 200
    with app.app_context(), database.transaction():
        db.session.execute(update(Person).values(is_active=False))
    assert client.get(f"/calendar/{token}.ics").status_code == 404
    for nobody in ("x", "A" * 43, "%00", "ż" * 20, "'"):
        assert client.get(f"/calendar/{nobody}.ics").status_code in (400, 404)


def test_a_calendar_program_is_answered_as_it_asks(app: Flask, cast: Cast, filled: int, browser: Any):
    client = browser()
    path = address(app, cast.manager)
    first = client.get(path)
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert "Set-Cookie" not in first.headers
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    with time_machine.travel(NOON + timedelta(hours=5), tick=False):
        assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert client.head(path).status_code == 200


def test_moved_and_cancelled_keep_their_names(app: Flask, cast: Cast, filled: int, browser: Any):
    path = address(app, cast.manager)

    def reviews() -> dict[str, Any]:
        events = Calendar.from_ical(browser().get(path).data).walk("VEVENT")
        return {str(event["uid"]): event for event in events if str(event["summary"]) == REVIEWS}

    before = reviews()
    moved, cancelled = (
        next(uid for uid in before if uid.startswith(f"ritual-{filled}-{day}")) for day in ("2026-03-30", "2026-04-06")
    )
    with app.test_request_context(), database.transaction():
        program = find_program(cast.manager.actor, "ALFA")
        ritual = rituals.find_ritual(cast.manager.actor, program.id, filled)
        name = Name(date(2026, 3, 30))
        meetings.move(cast.manager.actor, program, ritual, name, date(2026, 3, 31), seen=0)
        meetings.cancel(cast.manager.actor, program, ritual, Name(date(2026, 4, 6)), seen=0)
    after = reviews()
    assert set(after) == set(before)
    # Summer time began on 29 March: nine in Warsaw is seven in UTC by then.
    assert after[moved].decoded("dtstart").astimezone(UTC) == datetime(2026, 3, 31, 7, tzinfo=UTC)
    assert after[moved]["sequence"] > before[moved]["sequence"]
    assert str(after[cancelled]["status"]) == "CANCELLED"
    assert len(after) >= 52


def test_the_address_is_shown_once_and_never_logged(
    app: Flask, cast: Cast, browser: Any, caplog: pytest.LogCaptureFixture
):
    client = browser(cast.manager)
    with caplog.at_level(logging.DEBUG):
        page = client.post("/me/calendars", data={"program": "ALFA"}).text
        path = "/calendar/" + page.split("/calendar/")[1].split('"')[0]
        token = path.removeprefix("/calendar/").removesuffix(".ics")
        assert len(token) == 43
        assert browser().get(path).status_code == 200
        assert token not in client.get("/me/calendars").text
    assert any("/calendar/<token>.ics" in str(getattr(record, "fields", "")) for record in caplog.records)
    assert not any(token in f"{record.getMessage()}{getattr(record, 'fields', '')}" for record in caplog.records)
    with app.app_context():
        assert token not in str(db.session.execute(select(CalendarFeed)).scalars().one().token_hash)
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "calendar_feed.created")).all()
        assert [(one.program_id, token in str(one.changes)) for one in entries] == [(None, False)]


def test_the_page(app: Flask, cast: Cast, zosia: Member, browser: Any):
    client = browser(cast.manager)
    assert "in the calendar you already use" in client.get("/me/calendars").text
    assert "/me/calendars" in client.get("/me").text
    assert "webcal://" in client.post("/me/calendars").text
    assert client.post("/me/calendars", data={"program": "NOPE"}).status_code == 404
    assert browser(cast.stranger).post("/me/calendars", data={"program": "ALFA"}).status_code == 404
    assert browser(zosia).post("/me/calendars").status_code == 200
    with app.app_context():
        feed_id = db.session.scalar(select(CalendarFeed.id).where(CalendarFeed.person_id == cast.manager.id))
    assert browser(zosia).post(f"/me/calendars/{feed_id}/revoke", data={"confirmed": "1"}).status_code == 404
    assert browser(zosia).post(f"/me/calendars/{feed_id}/renew").status_code == 404
    assert "find nothing any more" in client.post(f"/me/calendars/{feed_id}/revoke").text
    assert client.post(f"/me/calendars/{feed_id}/revoke", data={"confirmed": "1"}).status_code == 303
    assert client.post(f"/me/calendars/{feed_id}/renew").status_code == 404


def test_there_is_an_end_to_addresses(app: Flask, cast: Cast):
    for _one in range(calendar_feeds.MOST):
        address(app, cast.manager)
    with pytest.raises(Invalid):
        address(app, cast.manager)


def test_in_the_owners_language(app: Flask, cast: Cast, filled: int, browser: Any):
    with app.app_context(), database.transaction():
        db.session.execute(update(Person).where(Person.id == cast.manager.id).values(locale="pl"))
    polish = titles(browser(), address(app, cast.manager))
    assert len(polish) == 4
    # Somebody else's language does not stay behind.
    assert GATE in titles(browser(), address(app, cast.admin, cast.program_id))


def test_the_price_is_the_same_whatever_there_is(app: Flask, cast: Cast, filled: int, statements: Any, browser: Any):
    client = browser()
    own, whole = address(app, cast.manager), address(app, cast.manager, cast.program_id)
    counts = []
    for _scale in range(2):
        for path in (own, whole):
            with statements() as ran:
                assert client.get(path).status_code == 200
            counts.append(len(ran))
        with app.app_context(), database.transaction():
            if db.session.scalar(select(Person.id).where(Person.email == "agent0001@alfa.example")) is not None:
                break
            gather_crowd(cast)
            for number in range(10):
                program = make_program(f"P{number}", f"Program {number}")
                db.session.execute(
                    insert(Membership),
                    [
                        {
                            "program_id": program.id,
                            "person_id": cast.manager.id,
                            "access": Access.MANAGER.value,
                            "created_at": NOON,
                            "revision": 1,
                        }
                    ],
                )
                phase = make_phase(program.id, "Pilot", date(2026, 3, 2), date(2026, 4, 24))
                make_gate(phase, "Gate", date(2026, 4, 24))
                draft = replace(REVIEW, rhythm="after_phase", organiser_id=cast.manager.id)
                rituals.add_ritual(cast.admin.actor, program.id, draft)
    assert max(counts) <= 12, counts
    assert counts[1] == counts[3], counts
