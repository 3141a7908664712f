"""Rituals and their meetings: set up, moved, cancelled, held with actions; who may, who is told, what pages cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask, g
from sqlalchemy import delete, insert, select

from program.change import meetings, rituals
from program.change.meetings import Name
from program.change.models import Ritual, RitualMeeting, RitualPerson
from program.change.rituals import RitualDraft
from program.extensions import db
from program.ground import database
from program.ground.calendar import WorkingCalendar
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.outbox.models import Message
from program.people.models import Membership
from program.planning.models import WorkItem
from program.planning.opening import OpenProgram, find_program
from tests.cast import Cast
from tests.crowd import gather_crowd
from tests.planning.helpers import make_phase

AT = "/p/ALFA/change/rituals"
NOON = datetime(2026, 3, 12, 11, 0, tzinfo=UTC)
REVIEW = RitualDraft("weekly_review", "Weekly review", "weekly", date(2026, 3, 2), 9 * 60)


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def program(cast: Cast, context: None) -> OpenProgram:
    g.timezone = "Europe/Warsaw"
    return find_program(cast.manager.actor, "ALFA")


@pytest.fixture
def review(cast: Cast, program: OpenProgram) -> Ritual:
    """Mondays at nine; Tomek comes, Maria organises."""
    ritual = rituals.add_ritual(cast.manager.actor, program.id, replace(REVIEW, organiser_id=cast.manager.id))
    rituals.invite(cast.manager.actor, ritual, "tomek wojcik")
    return ritual


def told() -> list[tuple[int, str, dict[str, Any]]]:
    rows = db.session.scalars(select(Message).order_by(Message.id, Message.person_id))
    return [(row.person_id, row.kind, row.data) for row in rows]


class TestRituals:
    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"title": " "}, "title"),
            ({"title": "x" * 121}, "title"),
            ({"kind": "party"}, "kind"),
            ({"rhythm": "daily"}, "rhythm"),
            ({"first_on": None}, "first_on"),
            ({"first_on": date(9999, 1, 1)}, "first_on"),
            ({"last_on": date(2026, 3, 1)}, "last_on"),
            ({"starts_at_minute": 1440}, "starts_at_minute"),
            ({"starts_at_minute": None}, "starts_at_minute"),
            ({"minutes": 0}, "minutes"),
            ({"every": 0}, "every"),
            ({"every": 999_999}, "every"),
            ({"organiser_id": 999}, "organiser_id"),
        ],
    )
    def test_what_cannot_be_is_refused(self, cast: Cast, program: OpenProgram, changed: dict[str, Any], field: str):
        with pytest.raises(Invalid) as caught:
            rituals.add_ritual(cast.manager.actor, program.id, replace(REVIEW, **changed))
        assert field in caught.value.fields

    def test_only_managers_shape_them(self, cast: Cast, program: OpenProgram, review: Ritual):
        for actor, error in ((cast.contributor.actor, Forbidden), (cast.stranger.actor, NotFound)):
            with pytest.raises(error):
                rituals.add_ritual(actor, program.id, REVIEW)
            with pytest.raises(error):
                rituals.change_ritual(actor, review, REVIEW, seen=review.revision)
            with pytest.raises(error):
                rituals.invite(actor, review, "Maria Zielińska")
            with pytest.raises(error):
                rituals.remove_ritual(actor, review, seen=review.revision)

    def test_the_usual_five_come_once_and_with_the_team(self, cast: Cast, program: OpenProgram):
        calendar = WorkingCalendar("PL")
        added = rituals.set_up_usual(cast.manager.actor, program.id, date(2026, 3, 12), calendar)
        assert [ritual.kind for ritual in added] == [
            *("weekly_review", "lunch_and_learn", "workshop", "retrospective", "shadowing")
        ]
        assert [ritual.rhythm for ritual in added] == ["weekly", "monthly", "quarterly", "after_phase", "weekly"]
        assert all(ritual.first_on > date(2026, 3, 12) for ritual in added)
        guests = db.session.scalars(select(RitualPerson.person_id)).all()
        assert set(guests) == {cast.contributor.id}
        assert rituals.set_up_usual(cast.manager.actor, program.id, date(2026, 3, 12), calendar) == []

    def test_who_comes_is_of_the_program(self, cast: Cast, program: OpenProgram, review: Ritual):
        for name in ("Obcy Człowiek", "", "x" * 300, "Tomek Wójcik"):
            with pytest.raises(Invalid):
                rituals.invite(cast.manager.actor, review, name)
        assert rituals.invite(cast.manager.actor, review, "WANDA@alfa.example") == cast.viewer.id
        rituals.uninvite(cast.manager.actor, review, cast.viewer.id)
        with pytest.raises(NotFound):
            rituals.uninvite(cast.manager.actor, review, cast.viewer.id)

    def test_one_that_has_met_is_not_removed(self, cast: Cast, program: OpenProgram, review: Ritual):
        meetings.hold(cast.manager.actor, program, review, Name(date(2026, 3, 9)), seen=0)
        with pytest.raises(Conflict):
            rituals.remove_ritual(cast.manager.actor, review, seen=review.revision)


class TestMeetings:
    def test_moving_one_tells_who_comes(self, cast: Cast, program: OpenProgram, review: Ritual):
        name = Name(date(2026, 3, 16))
        meeting = meetings.move(cast.manager.actor, program, review, name, date(2026, 3, 17), seen=0)
        assert (meeting.day, meeting.planned_on) == (date(2026, 3, 17), date(2026, 3, 16))
        days = {"title": "Weekly review", "from": "2026-03-16", "to": "2026-03-17"}
        assert told() == [(cast.contributor.id, "change.meeting_moved", days)]
        # The whole of it again, back to where it was.
        meetings.move(cast.manager.actor, program, review, name, date(2026, 3, 16), seen=meeting.revision)
        assert db.session.scalars(select(RitualMeeting)).all() == []

    def test_who_left_the_program_is_told_nothing(self, cast: Cast, program: OpenProgram, review: Ritual):
        db.session.execute(delete(Membership).where(Membership.person_id == cast.contributor.id))
        meetings.cancel(cast.manager.actor, program, review, Name(date(2026, 3, 16)), seen=0)
        assert told() == []

    def test_cancelled_and_after_all(self, cast: Cast, program: OpenProgram, review: Ritual):
        name = Name(date(2026, 3, 16))
        meeting = meetings.cancel(cast.contributor.actor, program, review, name, seen=0)
        assert meeting.is_cancelled
        assert [(who, kind) for who, kind, _data in told()] == [(cast.manager.id, "change.meeting_cancelled")]
        assert not meetings.restore(cast.contributor.actor, program, review, name, seen=meeting.revision).is_cancelled

    @pytest.mark.parametrize("to", [None, date(2026, 3, 16), date(2026, 9, 1), date(9999, 1, 1)])
    def test_days_that_cannot_be(self, cast: Cast, program: OpenProgram, review: Ritual, to: date | None):
        with pytest.raises(Invalid):
            meetings.move(cast.manager.actor, program, review, Name(date(2026, 3, 16)), to, seen=0)

    def test_days_on_which_it_does_not_meet_are_not_there(self, cast: Cast, program: OpenProgram, review: Ritual):
        for day in (date(2026, 3, 17), date(2026, 2, 23), date(1999, 1, 4), date(9999, 12, 31)):
            with pytest.raises(NotFound):
                meetings.cancel(cast.manager.actor, program, review, Name(day), seen=0)

    def test_readers_and_strangers(self, cast: Cast, program: OpenProgram, review: Ritual):
        for actor, error in ((cast.viewer.actor, Forbidden), (cast.stranger.actor, NotFound)):
            for act in (meetings.cancel, meetings.hold, meetings.restore):
                with pytest.raises(error):
                    act(actor, program, review, Name(date(2026, 3, 9)), seen=0)

    def test_the_second_of_two_is_told(self, cast: Cast, program: OpenProgram, review: Ritual):
        name = Name(date(2026, 3, 16))
        meetings.cancel(cast.manager.actor, program, review, name, seen=0)
        with pytest.raises(Conflict):
            meetings.move(cast.contributor.actor, program, review, name, date(2026, 3, 18), seen=0)

    def test_held_with_actions_that_become_items(self, cast: Cast, program: OpenProgram, review: Ritual):
        name = Name(date(2026, 3, 9))
        actions = "- Call the vendor @Tomek Wójcik\n\n  Write to shops\n"
        due = date(2026, 3, 20)
        made = meetings.hold(
            cast.manager.actor, program, review, name, notes="**Fine**", actions=actions, due_on=due, seen=0
        )
        assert [(item.kind, item.owner_id, item.due_on) for item in made] == [
            ("action", cast.contributor.id, due),
            ("action", None, due),
        ]
        assert [item.title for item in made] == ["Call the vendor", "Write to shops"]
        assert "Weekly review" in made[0].description
        row = db.session.scalars(select(RitualMeeting)).one()
        assert (row.state, row.notes) == ("held", "**Fine**")
        with pytest.raises(Conflict):
            meetings.move(cast.manager.actor, program, review, name, date(2026, 3, 10), seen=row.revision)
        meetings.hold(cast.manager.actor, program, review, name, notes="Better", seen=row.revision)
        assert row.notes == "Better"

    def test_what_has_not_met_is_not_held(self, cast: Cast, program: OpenProgram, review: Ritual):
        with pytest.raises(Invalid):
            meetings.hold(cast.manager.actor, program, review, Name(date(2026, 3, 16)), seen=0)

    def test_an_action_for_a_reader_is_refused_whole(self, cast: Cast, program: OpenProgram, review: Ritual):
        with pytest.raises(Invalid) as caught:
            meetings.hold(
                cast.manager.actor, program, review, Name(date(2026, 3, 9)), actions="Look @Wanda Łoś", seen=0
            )
        assert "actions" in caught.value.fields

    def test_after_a_phase_the_phase_names_it(self, cast: Cast, program: OpenProgram):
        draft = replace(REVIEW, kind="retrospective", rhythm="after_phase", title="Retrospective")
        retro = rituals.add_ritual(cast.manager.actor, program.id, draft)
        pilot = make_phase(program.id, "Pilot", date(2026, 3, 2), date(2026, 4, 24))
        other = make_phase(program.id, "Beside it", date(2026, 3, 2), date(2026, 4, 24), position=2)
        day = date(2026, 4, 27)
        for phase in (pilot, other):
            found = meetings.find_meeting(cast.manager.actor, program, retro, Name(day, phase.id))
            assert (found.day, found.phase_name) == (day, phase.name)
            meetings.cancel(cast.manager.actor, program, retro, Name(day, phase.id), seen=0)
        # One that follows the forecast is found by its phase, whatever day the phase ends on by now.
        pilot.planned_end = date(2026, 5, 8)
        db.session.flush()
        found = meetings.find_meeting(cast.manager.actor, program, retro, Name(day, pilot.id))
        assert (found.day, found.state) == (date(2026, 5, 11), "cancelled")


def test_the_pages(app: Flask, cast: Cast, browser: Any):
    manager, contributor, viewer = (browser(who) for who in (cast.manager, cast.contributor, cast.viewer))
    assert "Set up the usual five" in manager.get(AT).text
    assert "Set up the usual five" not in viewer.get(AT).text
    assert viewer.post(f"{AT}/usual").status_code == 403
    assert manager.post(f"{AT}/usual").status_code == 303
    page = manager.get(AT).text
    assert "Next: Weekly review, Mon 16 Mar, 09:00." in page
    form = {
        "kind": "other",
        "title": "Coffee <i>",
        "rhythm": "weekly",
        "every": "1",
        "first_on": "2026-03-06",
        "starts_at_minute": "15:30",
        "minutes": "30",
        "organiser_id": str(cast.manager.id),
    }
    for wrong in ({"first_on": "2026-02-30"}, {"starts_at_minute": "25:00"}, {"minutes": "-5"}, {"every": "9" * 12}):
        assert manager.post(f"{AT}/new", data=form | wrong).status_code == 422
    made = manager.post(f"{AT}/new", data=form).location
    assert "Next: Fri 13 Mar, 15:30." in manager.get(made).text
    assert "Coffee &lt;i&gt;" in manager.get(made).text
    assert manager.post(f"{made}/people", data={"name": "Nobody"}).status_code == 422
    assert manager.post(f"{made}/people", data={"name": "Wanda Łoś"}).status_code == 303
    assert 'value="15:30"' in manager.get(f"{made}/edit").text
    assert manager.post(f"{made}/edit", data={**form, "title": "Tea", "revision": "1"}).status_code == 303
    assert manager.post(f"{made}/edit", data={**form, "revision": "1"}).status_code == 409
    past, ahead = f"{made}/meetings/2026-03-06", f"{made}/meetings/2026-03-13"
    assert viewer.get(past).status_code == 200
    for nowhere in ("2026-03-07", "2026-02-30", "x", "9999-12-31", "20260306"):
        assert viewer.get(f"{made}/meetings/{nowhere}").status_code == 404, nowhere
    held = contributor.post(past, data={"notes": "**Bold**", "actions": "Do it", "revision": "0"})
    assert held.status_code == 303
    assert "<strong>Bold</strong>" in viewer.get(made).text
    assert contributor.post(past, data={"notes": "Second", "revision": "0"}).status_code == 409
    assert contributor.post(f"{ahead}/move", data={"to": "2026-02-30", "revision": "0"}).status_code == 422
    assert contributor.post(f"{ahead}/move", data={"to": "2026-03-14", "revision": "0"}).status_code == 303
    assert "whoever comes is told" in contributor.post(f"{ahead}/cancel", data={"revision": "1"}).text
    sure = {"revision": "1", "confirmed": "1"}
    assert contributor.post(f"{ahead}/cancel", data=sure).status_code == 303
    assert contributor.post(f"{ahead}/restore", data={"revision": "2"}).status_code == 303
    assert viewer.post(f"{ahead}/cancel", data=sure).status_code == 403
    assert manager.post(f"{made}/remove", data={"revision": "2", "confirmed": "1"}).status_code == 409
    with app.app_context():
        assert db.session.scalars(select(WorkItem.title)).all() == ["Do it"]


def test_a_holiday_is_said_and_another_day_offered(app: Flask, cast: Cast, browser: Any):
    with app.app_context(), database.transaction():
        draft = replace(REVIEW, first_on=date(2026, 3, 3), title="Third of the month", rhythm="once")
        ritual = rituals.add_ritual(cast.manager.actor, cast.program_id, replace(draft, first_on=date(2026, 4, 6)))
        at = f"{AT}/{ritual.id}/meetings/2026-04-06"
    page = browser(cast.contributor).get(at).text
    assert "falls on a public holiday: Easter Monday." in page
    assert "Move it to Tue 7 Apr" in page
    assert "1 meeting falls on a public holiday." in browser(cast.viewer).get(AT).text


def test_costs_with_a_crowd(app: Flask, cast: Cast, statements: Any, browser: Any):
    with app.app_context(), database.transaction():
        crowd = gather_crowd(cast)
        for number in range(6):
            make_phase(cast.program_id, f"Phase {number}", date(2026, 3, 2), date(2026, 4, 24), number)
        draft = replace(REVIEW, rhythm="after_phase", kind="retrospective")
        retro = rituals.add_ritual(cast.manager.actor, cast.program_id, draft)
        for number in range(40):
            ritual = rituals.add_ritual(cast.manager.actor, cast.program_id, replace(REVIEW, title=f"Review {number}"))
            db.session.execute(
                insert(RitualPerson), [{"ritual_id": ritual.id, "person_id": one} for one in crowd.members]
            )
            db.session.add(
                RitualMeeting(ritual_id=ritual.id, planned_on=date(2026, 3, 2), state="held", notes="Fine " * 50)
            )
        one, after = ritual.id, retro.id
    client = browser(cast.manager)
    for path in ("", f"/{one}", f"/{after}", f"/{one}/edit", f"/{one}/meetings/2026-03-09", "/new"):
        with statements() as ran:
            page = client.get(AT + path)
        assert page.status_code == 200, path
        assert len(ran) <= 12, (path, len(ran), ran.texts)
        assert len(page.data) < 260_000, (path, len(page.data))
