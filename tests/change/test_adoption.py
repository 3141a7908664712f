"""Adoption: what is counted, what is entered, what is held back, and the pages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from program.change import adoption, group_members
from program.change.models import Coaching, ImpactedGroup, TrainingGroup, TrainingSeat, TrainingSession
from program.change.trained import Heads, coached_heads, trained_heads
from program.extensions import db
from program.ground import database
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from tests.cast import Cast
from tests.change.conftest import Floor
from tests.crowd import gather_crowd

TODAY = date(2026, 4, 20)
READING = {"measure": "active", "on_date": date(2026, 4, 1), "value": 40, "source": "CRM report"}


def group_of(floor: Floor) -> ImpactedGroup:
    return db.session.get_one(ImpactedGroup, floor.night_shift)


def session_on(floor: Floor, day: datetime, audience: str = "agents", state: str = "held", counted: int = 0) -> int:
    session = TrainingSession(
        program_id=floor.program_id,
        title="One inbox",
        audience=audience,
        starts_at=day,
        ends_at=day.replace(hour=day.hour + 1),
        state=state,
    )
    db.session.add(session)
    db.session.flush()
    db.session.add(TrainingGroup(session_id=session.id, group_id=floor.night_shift, counted=counted))
    db.session.flush()
    return session.id


def seat(floor: Floor, session_id: int, person_id: int, state: str = "attended") -> None:
    db.session.add(TrainingSeat(session_id=session_id, person_id=person_id, program_id=floor.program_id, state=state))
    db.session.flush()


@pytest.mark.usefixtures("context")
class TestWhatIsCounted:
    def heads(self, floor: Floor) -> Heads:
        return trained_heads(floor.program_id, "Europe/Warsaw")[floor.night_shift]

    def test_each_person_counts_once_and_counted_heads_are_added(self, floor: Floor):
        for day in (2, 9):
            seat(floor, session_on(floor, datetime(2026, 3, day, 9, tzinfo=UTC), counted=3), floor.agent.id)
        assert self.heads(floor).added == ((date(2026, 3, 2), 1), (date(2026, 3, 2), 3), (date(2026, 3, 9), 3))
        assert self.heads(floor).by(date(2026, 3, 5), 30) == 4
        assert self.heads(floor).share(TODAY, 30) == 23

    def test_who_did_not_come_is_not_trained(self, floor: Floor):
        session = session_on(floor, datetime(2026, 3, 2, 9, tzinfo=UTC))
        seat(floor, session, floor.agent.id, "missed")
        session_on(floor, datetime(2026, 3, 3, 9, tzinfo=UTC), state="planned", counted=9)
        assert self.heads(floor).added == ()

    def test_a_session_for_super_users_trains_super_users(self, floor: Floor):
        seat(floor, session_on(floor, datetime(2026, 3, 2, 9, tzinfo=UTC), "super_users"), floor.agent.id)
        assert self.heads(floor).added == ()
        group_members.mark_member(floor.cast.manager.actor, group_of(floor), floor.agent.id, is_super_user=True)
        assert self.heads(floor).by(TODAY, 30) == 1

    def test_who_comes_from_elsewhere_counts_elsewhere(self, floor: Floor):
        group_members.mark_member(floor.cast.manager.actor, group_of(floor), floor.agent.id, belongs=False)
        seat(floor, session_on(floor, datetime(2026, 3, 2, 9, tzinfo=UTC)), floor.agent.id)
        assert self.heads(floor).added == ()

    def test_wanting_a_coach_is_not_being_coached(self, floor: Floor):
        for state, expected in (("wanted", 0), ("running", 1), ("done", 1), ("stopped", 0)):
            db.session.query(Coaching).delete()
            db.session.add(Coaching(program_id=floor.program_id, person_id=floor.agent.id, topic="Calls", state=state))
            db.session.flush()
            found = coached_heads(floor.program_id, "Europe/Warsaw")[floor.night_shift]
            assert sum(count for _day, count in found.added) == expected


@given(
    st.lists(st.tuples(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 40))),
    st.integers(0, 100),
    st.dates(date(2026, 1, 1), date(2026, 12, 30)),
)
def test_a_share_only_grows_and_never_passes_the_whole(added: list[tuple[date, int]], size: int, day: date):
    heads = Heads(tuple(sorted(added)))
    share, later = heads.share(day, size), heads.share(date.fromordinal(day.toordinal() + 1), size)
    if size == 0:
        assert share is None
    else:
        assert share is not None
        assert later is not None
        assert 0 <= share <= later <= 100


@given(st.dates(date(2001, 1, 1), date(2099, 12, 31)), st.integers(1, 24))
def test_months_end_where_months_end(today: date, months: int):
    ends = adoption.month_ends(today, months)
    assert len(ends) == months
    assert ends[-1] == today
    for day in ends[:-1]:
        assert date.fromordinal(day.toordinal() + 1).day == 1
    assert len({(day.year, day.month) for day in ends}) == months


@pytest.mark.usefixtures("context")
class TestReadings:
    def test_they_are_entered_corrected_and_removed(self, floor: Floor):
        actor, group = floor.cast.contributor.actor, group_of(floor)
        reading = adoption.enter(actor, group, READING, TODAY)
        assert adoption.correct(actor, group, reading, {**READING, "value": 45}, TODAY, seen=1) == {"value": [40, 45]}
        with pytest.raises(Conflict):
            adoption.correct(actor, group, reading, {**READING, "value": 50}, TODAY, seen=1)
        adoption.remove(actor, group, reading, seen=2)
        assert adoption.readings_of([group.id]) == {group.id: {}}

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"measure": "trained"}, "measure"),
            ({"measure": "x"}, "measure"),
            ({"value": 101}, "value"),
            ({"value": -1}, "value"),
            ({"value": None}, "value"),
            ({"source": " "}, "source"),
            ({"source": "x" * 201}, "source"),
            ({"on_date": date(2026, 4, 21)}, "on_date"),
            ({"on_date": date(1999, 1, 1)}, "on_date"),
            ({"on_date": None}, "on_date"),
        ],
    )
    def test_what_cannot_be_is_refused_at_its_field(self, floor: Floor, values: dict[str, Any], field: str):
        with pytest.raises(Invalid) as refused:
            adoption.enter(floor.cast.contributor.actor, group_of(floor), {**READING, **values}, TODAY)
        assert list(refused.value.fields) == [field]

    def test_one_reading_a_day_of_each(self, floor: Floor):
        actor, group = floor.cast.contributor.actor, group_of(floor)
        adoption.enter(actor, group, READING, TODAY)
        with pytest.raises(Invalid) as refused:
            adoption.enter(actor, group, {**READING, "value": 41}, TODAY)
        assert list(refused.value.fields) == ["on_date"]
        adoption.enter(actor, group, {**READING, "measure": "confident"}, TODAY)

    def test_readers_and_the_front_line_enter_nothing(self, floor: Floor):
        with pytest.raises(Forbidden):
            adoption.enter(floor.cast.viewer.actor, group_of(floor), READING, TODAY)
        with pytest.raises(NotFound):
            adoption.enter(floor.agent.actor, group_of(floor), READING, TODAY)


class TestThePages:
    @pytest.mark.parametrize("path", ["", "?q=team 01", "?page=4", "/{group}"])
    def test_they_cost_the_same_for_a_crowd(self, app: Flask, cast: Cast, browser: Any, statements: Any, path: str):
        with app.app_context(), database.transaction():
            crowd = gather_crowd(cast)
        client = browser(cast.manager)
        with statements() as ran:
            answer = client.get(f"/p/ALFA/change/adoption{path.format(group=crowd.groups[0])}")
        assert answer.status_code == 200
        assert len(ran) <= 12, ran.texts

    def test_a_reading_goes_in_by_the_form(self, floor: Floor, browser: Any):
        client = browser(floor.cast.contributor)
        path = f"/p/ALFA/change/adoption/{floor.night_shift}"
        form = {"measure": "active", "value": "40", "on_date": "2026-04-01", "source": "<b>CRM</b>"}
        for wrong in (
            {"value": "x"},
            {"value": ""},
            {"on_date": "2026-02-30"},
            {"on_date": "9999-01-01"},
            {"source": ""},
        ):
            assert client.post(path, data={**form, **wrong}).status_code == 422
        assert client.post(path, data=form).status_code == 303
        page = client.get(path).text
        assert "&lt;b&gt;CRM" in page
        at = page.split(f'href="{path}/readings/')[1].split('"')[0]
        assert client.post(f"{path}/readings/{at}", data={**form, "value": "45", "revision": "1"}).status_code == 303
        assert client.post(f"{path}/readings/{at}", data={**form, "value": "46", "revision": "1"}).status_code == 409
        assert "history keeps it" in client.post(f"{path}/readings/{at}/remove").text
        other = f"/p/ALFA/change/adoption/{floor.chat_team}/readings/{at}"
        assert client.get(other).status_code == 404
        assert client.post(f"{path}/readings/{at}/remove", data={"confirmed": "1", "revision": "2"}).status_code == 303

    def test_what_nobody_measured_is_no_data(self, floor: Floor, browser: Any):
        page = browser(floor.cast.viewer).get("/p/ALFA/change/adoption").text
        assert page.count("state-no_data") >= 4
        assert "0 groups" not in page

    def test_who_is_coached_in_a_small_group_is_for_managers(self, app: Flask, floor: Floor, browser: Any):
        with app.app_context(), database.transaction():
            group_of(floor).headcount = 4
            db.session.add(
                Coaching(program_id=floor.program_id, person_id=floor.agent.id, topic="Calls", state="running")
            )
        path = f"/p/ALFA/change/adoption/{floor.night_shift}"
        for who, seen in (("viewer", False), ("contributor", False), ("manager", True)):
            page = browser(getattr(floor.cast, who)).get(path).text
            assert ("held back" in page) is not seen
            assert ("25%" in page) is seen
