"""Coaching is seen by managers, the coach and the person; for everybody else it does not exist."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from program.change import coaching
from program.change.models import Coaching, TrainingSeat
from program.change.models.plan import CoachingState
from program.change.models.training import SeatState
from program.extensions import db
from program.ground import database
from program.ground.actor import Access
from program.ground.errors import Forbidden, Invalid, NotFound
from program.people.models import Membership
from tests.cast import Cast, Member, as_member, make_person, make_program
from tests.crowd import gather_crowd

AT = "/p/ALFA/change/coaching"


@pytest.fixture
def basia(app: Flask, cast: Cast) -> Member:
    """Another contributor, who has nothing to do with it."""
    with app.app_context(), database.transaction():
        person = make_person("Basia Trzecia", "basia@alfa.example")
        db.session.add(Membership(program_id=cast.program_id, person_id=person.id, access=Access.CONTRIBUTOR.value))
        return as_member(person)


@pytest.fixture
def entry(app: Flask, cast: Cast) -> int:
    """Tomek coaches Wanda."""
    with app.app_context(), database.transaction():
        made = coaching.add(
            cast.manager.actor,
            cast.program_id,
            {"person_id": cast.viewer.id, "coach_id": cast.contributor.id, "topic": "Afraid of the <b>chat</b>"},
        )
        return made.id


def test_only_those_few_see_it(cast: Cast, browser: Any, basia: Member, entry: int) -> None:
    for person in (cast.manager, cast.contributor, cast.viewer, cast.admin):
        client = browser(person)
        assert "Afraid of the &lt;b&gt;chat" in client.get(AT).text
        assert client.get(f"{AT}/{entry}").status_code == 200
    client = browser(basia)
    page = client.get(AT)
    assert page.status_code == 200
    assert "Afraid" not in page.text
    assert "Wanda" not in page.text
    assert "You coach nobody" in page.text
    assert client.get(f"{AT}/{entry}").status_code == 404
    assert client.post(f"{AT}/{entry}", data={}).status_code == 404
    assert browser(cast.stranger).get(f"{AT}/{entry}").status_code == 404


def test_the_trail_names_nobody(cast: Cast, browser: Any, basia: Member, entry: int) -> None:
    page = browser(basia).get("/p/ALFA/activity").text
    assert "A coaching was added" in page
    assert "Afraid" not in page
    assert "Wanda" not in page


def test_the_coach_and_managers_write_and_the_person_reads(
    app: Flask, cast: Cast, browser: Any, basia: Member, entry: int
) -> None:
    data = {
        "topic": "Chat",
        "coach": "Tomek Wójcik",
        "state": "running",
        "next_on": "2026-05-04",
        "revision": "1",
    }
    assert browser(cast.viewer).post(f"{AT}/{entry}", data=data).status_code == 403
    coach = browser(cast.contributor)
    assert coach.post(f"{AT}/{entry}", data={**data, "coach": "Basia Trzecia"}).status_code == 422
    assert coach.post(f"{AT}/{entry}", data=data).status_code == 303
    assert coach.post(f"{AT}/{entry}", data=data).status_code == 409
    manager = browser(cast.manager)
    data |= {"coach": "Basia Trzecia", "state": "done", "revision": "2"}
    assert manager.post(f"{AT}/{entry}", data=data).status_code == 303
    with app.app_context():
        found = db.session.get_one(Coaching, entry)
        assert (found.coach_id, found.state) == (basia.id, CoachingState.DONE)
        assert found.ended_at is not None
    assert "Chat" in manager.get(f"{AT}?show=over").text
    # Who coached before sees it no longer.
    assert coach.get(f"{AT}/{entry}").status_code == 404


@pytest.mark.usefixtures("context")
class TestAdding:
    def test_contributors_add_those_they_coach(self, cast: Cast) -> None:
        values = {"person_id": cast.viewer.id, "topic": "Chat"}
        with pytest.raises(Invalid) as caught:
            coaching.add(cast.contributor.actor, cast.program_id, values)
        assert "coach" in caught.value.fields
        made = coaching.add(cast.contributor.actor, cast.program_id, {**values, "coach_id": cast.contributor.id})
        assert made.state == CoachingState.RUNNING
        for person, error in ((cast.viewer, Forbidden), (cast.stranger, NotFound)):
            with pytest.raises(error):
                coaching.add(person.actor, cast.program_id, values)
        with pytest.raises(Forbidden):
            coaching.candidates(cast.contributor.actor, cast.program_id)

    def test_what_cannot_be(self, cast: Cast) -> None:
        good: dict[str, Any] = {"person_id": cast.viewer.id, "coach_id": cast.contributor.id, "topic": "Chat"}
        for name, value, field in (
            ("person_id", None, "person"),
            ("person_id", cast.stranger.id, "person"),
            ("coach_id", cast.stranger.id, "coach"),
            ("coach_id", cast.viewer.id, "coach"),
            ("topic", "", "topic"),
            ("topic", "x" * 301, "topic"),
            ("next_on", date(9999, 1, 1), "next_on"),
        ):
            with pytest.raises(Invalid) as caught:
                coaching.add(cast.manager.actor, cast.program_id, {**good, name: value})
            assert field in caught.value.fields
        coaching.add(cast.manager.actor, cast.program_id, good)
        with pytest.raises(Invalid):
            coaching.add(cast.manager.actor, cast.program_id, good)
        beta = make_program("BETA", "Beta")
        made = db.session.scalars(select(Coaching)).one()
        with pytest.raises(NotFound):
            coaching.find(cast.admin.actor, beta.id, made.id)


def test_candidates_are_those_who_missed_and_never_came(app: Flask, cast: Cast, browser: Any) -> None:
    with app.app_context(), database.transaction():
        crowd = gather_crowd(cast, people=210, groups=30)
        db.session.execute(
            TrainingSeat.__table__.delete()  # type: ignore[attr-defined]
        )
        missed, came, coached = crowd.people[:3]
        for person, state, place in (
            (missed, SeatState.MISSED, 0),
            (missed, SeatState.MISSED, 1),
            (came, SeatState.MISSED, 0),
            (came, SeatState.ATTENDED, 1),
            (coached, SeatState.MISSED, 0),
        ):
            db.session.add(
                TrainingSeat(
                    session_id=crowd.sessions[place], person_id=person, program_id=cast.program_id, state=state
                )
            )
        coaching.add(cast.manager.actor, cast.program_id, {"person_id": coached, "topic": "Chat"})
        found = coaching.candidates(cast.manager.actor, cast.program_id)
        assert [(one.id, one.missed) for one in found] == [(missed, 2)]
        assert found[0].group == "Team 001"
    page = browser(cast.manager).get(AT).text
    assert "Perhaps glad of a coach" in page
    form = browser(cast.manager).get(f"{AT}/new?person=Agent 0001 Łęcki").text
    assert 'value="Agent 0001 Łęcki"' in form
    made = browser(cast.manager).post(
        f"{AT}/new", data={"person": "Agent 0001 Łęcki", "coach": "", "topic": "Chat", "next_on": ""}
    )
    assert made.status_code == 303
    assert "Perhaps glad of a coach" not in browser(cast.contributor).get(AT).text


@pytest.mark.parametrize(
    ("field", "value"),
    [("person", ""), ("person", "Nobody Here"), ("coach", "X"), ("topic", ""), ("next_on", "2026-02-30")],
)
def test_a_coaching_that_cannot_be(cast: Cast, browser: Any, field: str, value: str) -> None:
    data = {"person": "Wanda Łoś", "coach": "Tomek Wójcik", "topic": "Chat", "next_on": "", field: value}
    answer = browser(cast.manager).post(f"{AT}/new", data=data)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_the_front_line_finds_its_own_on_its_page(app: Flask, cast: Cast, browser: Any, zosia: Member) -> None:
    with app.app_context(), database.transaction():
        values = {"person_id": zosia.id, "coach_id": cast.contributor.id, "topic": "Two chats at once"}
        made = coaching.add(cast.manager.actor, cast.program_id, values).id
    page = browser(zosia).get("/p/ALFA/for-you").text
    assert "Two chats at once" in page
    assert "Coach: Tomek Wójcik" in page
    # The coach's own page speaks of the ones who coach them, not of the coached; the room itself stays closed.
    assert "Two chats at once" not in browser(cast.contributor).get("/p/ALFA/for-you").text
    assert browser(zosia).get(f"{AT}/{made}").status_code == 404


def test_the_person_finds_it_on_their_own(app: Flask, cast: Cast, entry: int) -> None:
    with app.app_context():
        assert [row.id for row in coaching.own(cast.program_id, cast.viewer.id)] == [entry]
        assert coaching.own(cast.program_id, cast.contributor.id) == []


def test_a_crowd_takes_few_statements(app: Flask, cast: Cast, browser: Any, statements: Any) -> None:
    with app.app_context(), database.transaction():
        crowd = gather_crowd(cast)
        rows = [
            {"program_id": cast.program_id, "person_id": person, "coach_id": crowd.people[0], "topic": "Chat"}
            for person in crowd.people[1:1500]
        ]
        db.session.execute(insert(Coaching), rows)
        made = db.session.scalars(select(Coaching.id).limit(1)).one()
    for path in (AT, f"{AT}?show=over", f"{AT}?page=20", f"{AT}/{made}", f"{AT}/new"):
        with statements() as ran:
            page = browser(cast.manager).get(path)
        assert page.status_code == 200
        assert len(ran) <= 12, path
        assert len(page.data) < 150_000, path
