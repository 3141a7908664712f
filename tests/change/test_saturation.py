"""Saturation as the database gives it, its warning, and its pages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

from program.change import impacts, other_changes, saturation
from program.change.impacts import Impact
from program.change.load import State, monday_of
from program.change.models import ImpactedGroup, TrainingGroup, TrainingSession
from program.extensions import db
from program.ground import database
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from tests.cast import Cast, make_program
from tests.change.conftest import Floor
from tests.crowd import TODAY, gather_crowd

GO_LIVE_WEEK = date(2026, 5, 4)
FREEZE = {"kind": "freeze", "name": "Black Week", "starts_on": date(2026, 5, 6), "ends_on": date(2026, 5, 8)}


def train(floor: Floor, at: datetime, hours: int = 4, *groups: int) -> None:
    session = TrainingSession(
        program_id=floor.program_id,
        title="One inbox",
        starts_at=at,
        ends_at=at.replace(hour=at.hour + hours),
        capacity=100,
    )
    db.session.add(session)
    db.session.flush()
    for group in groups or (floor.night_shift,):
        db.session.add(TrainingGroup(session_id=session.id, group_id=group))
    db.session.flush()


@pytest.mark.usefixtures("context")
class TestThePicture:
    def test_all_that_lands_is_added_up(self, floor: Floor):
        manager = floor.cast.manager.actor
        group = db.session.get_one(ImpactedGroup, floor.night_shift)
        impacts.set_impacts(manager, group, {"tools": Impact(4), "pay": Impact(1)}, seen=None)
        train(floor, datetime(2026, 5, 6, 8, tzinfo=UTC), 3)
        change = {"kind": "change", "name": "Payroll", "weight": 2}
        days = {"starts_on": date(2026, 5, 10), "ends_on": date(2026, 5, 11)}
        other_changes.add_other(manager, floor.program_id, {**change, **days}, [])
        picture = saturation.picture_of(floor.program_id, date(2026, 5, 7), 3)
        assert [picture.cell(floor.night_shift, week).points for week in picture.weeks] == [8 + 3 + 2, 4 + 2, 4]
        assert [picture.cell(floor.chat_team, week).points for week in picture.weeks] == [2, 2, 0]
        assert picture.state(floor.night_shift, GO_LIVE_WEEK) is State.RED
        assert picture.by_load()[0].name == "Night shift"

    def test_a_session_late_on_sunday_counts_in_its_local_week(self, floor: Floor):
        # 22:30 in London's winter is Monday in Warsaw.
        train(floor, datetime(2026, 3, 8, 23, 0, tzinfo=UTC).replace(hour=20), 1)
        session = db.session.query(TrainingSession).one()
        session.starts_at, session.ends_at = (
            datetime(2026, 3, 8, 23, 30, tzinfo=UTC),
            datetime(2026, 3, 9, 0, 30, tzinfo=UTC),
        )
        db.session.flush()
        picture = saturation.picture_of(floor.program_id, date(2026, 3, 9), 1)
        assert picture.cell(floor.night_shift, date(2026, 3, 9)).points == 1

    def test_cancelled_sessions_ask_nothing(self, floor: Floor):
        train(floor, datetime(2026, 3, 10, 8, tzinfo=UTC))
        db.session.query(TrainingSession).one().state = "cancelled"
        db.session.flush()
        assert saturation.picture_of(floor.program_id, date(2026, 3, 9), 1).cells == {}

    def test_other_programs_stay_out(self, floor: Floor):
        beta = make_program("BETA", "Beta")
        other_changes.add_other(floor.cast.admin.actor, beta.id, {**FREEZE, "kind": "change", "weight": 3}, [])
        both = saturation.pictures_of([floor.program_id, beta.id], GO_LIVE_WEEK, 3)
        assert both[beta.id].cells == {}
        assert both[floor.program_id].cells == saturation.picture_of(floor.program_id, GO_LIVE_WEEK, 3).cells


@pytest.mark.usefixtures("context")
class TestTheWarning:
    def test_silence_where_all_is_well(self, floor: Floor):
        day = date(2026, 3, 12)
        assert saturation.warning_for(floor.program_id, [floor.night_shift], day, day) is None

    def test_a_red_week_is_named_with_its_worst_group(self, floor: Floor):
        for _session in range(2):
            train(floor, datetime(2026, 5, 6, 8, tzinfo=UTC), 4)
        said = saturation.warning_for(
            floor.program_id, [floor.night_shift, floor.chat_team], date(2026, 5, 5), date(2026, 5, 5)
        )
        assert said is not None
        assert "Night shift carries 14 points in week 19" in said
        assert saturation.warning_for(floor.program_id, [floor.chat_team], date(2026, 5, 5), date(2026, 5, 5)) is None

    def test_a_freeze_comes_first(self, floor: Floor):
        other_changes.add_other(floor.cast.manager.actor, floor.program_id, FREEZE, ["chat team"])
        said = saturation.warning_for(floor.program_id, [floor.chat_team], date(2026, 5, 4), date(2026, 5, 4))
        assert said is not None
        assert "Black Week" in said
        assert saturation.warning_for(floor.program_id, [floor.night_shift], date(2026, 5, 4), date(2026, 5, 4)) is None

    @pytest.mark.parametrize(
        ("first", "last"), [(date(1900, 1, 1), date(9999, 12, 31)), (date(2026, 5, 9), date(2026, 5, 2))]
    )
    def test_strange_days_break_nothing(self, floor: Floor, first: date, last: date):
        saturation.warning_for(floor.program_id, [floor.night_shift, 987654], first, last)

    def test_it_costs_one_statement_whatever_the_crowd(self, cast: Cast, statements: Any):
        crowd = gather_crowd(cast)
        with statements() as ran:
            saturation.warning_for(crowd.program_id, crowd.groups, TODAY, TODAY)
        assert len(ran) == 1


@pytest.mark.usefixtures("context")
class TestOtherChanges:
    def test_they_are_added_changed_and_removed(self, floor: Floor):
        manager = floor.cast.manager.actor
        other = other_changes.add_other(manager, floor.program_id, FREEZE, ["NIGHT shift", ""])
        found = other_changes.list_others(floor.cast.viewer.actor, floor.program_id, date(2026, 5, 1))
        assert [(row.name, row.weight, row.groups) for row in found] == [("Black Week", 0, ("Night shift",))]
        changes = other_changes.change_other(manager, other, {**FREEZE, "name": "Black Friday"}, [], seen=1)
        assert set(changes) == {"name", "groups"}
        with pytest.raises(Conflict):
            other_changes.change_other(manager, other, FREEZE, [], seen=1)
        other_changes.remove_other(manager, other, seen=2)
        assert other_changes.list_others(manager, floor.program_id, date(2026, 1, 1)) == []

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"name": " "}, "name"),
            ({"name": "x" * 121}, "name"),
            ({"kind": "war"}, "kind"),
            ({"ends_on": date(2026, 5, 1)}, "ends_on"),
            ({"starts_on": date(1999, 12, 31)}, "starts_on"),
            ({"ends_on": None}, "ends_on"),
            ({"kind": "change", "weight": 6}, "weight"),
            ({"kind": "change", "weight": -1}, "weight"),
        ],
    )
    def test_what_cannot_be_is_refused_at_its_field(self, floor: Floor, values: dict[str, Any], field: str):
        with pytest.raises(Invalid) as refused:
            other_changes.add_other(floor.cast.manager.actor, floor.program_id, {**FREEZE, **values}, [])
        assert list(refused.value.fields) == [field]

    def test_unknown_groups_are_named(self, floor: Floor):
        with pytest.raises(Invalid, match="not right") as refused:
            other_changes.add_other(floor.cast.manager.actor, floor.program_id, FREEZE, ["Nobody's team"])
        assert "Nobody's team" in str(refused.value.fields["groups"])

    def test_shaping_takes_a_manager(self, floor: Floor):
        with pytest.raises(Forbidden):
            other_changes.add_other(floor.cast.contributor.actor, floor.program_id, FREEZE, [])
        with pytest.raises(NotFound):
            other_changes.list_others(floor.agent.actor, floor.program_id, date(2026, 1, 1))


class TestThePages:
    @pytest.mark.parametrize("path", ["", "?from=2026-03-02", "?q=team 01&page=1", "?page=3", "/{group}"])
    def test_they_cost_the_same_for_a_crowd(self, app: Flask, cast: Cast, browser: Any, statements: Any, path: str):
        with app.app_context(), database.transaction():
            crowd = gather_crowd(cast)
        client = browser(cast.manager)
        with statements() as ran:
            answer = client.get(f"/p/ALFA/change/saturation{path.format(group=crowd.groups[0])}")
        assert answer.status_code == 200
        assert len(ran) <= 12, ran.texts

    @pytest.mark.parametrize("raw", ["2026-02-30", "9999-12-31", "0001-01-01", "x" * 500, "2026-05-06", "%00"])
    def test_strange_weeks_in_the_address_break_nothing(self, floor: Floor, browser: Any, raw: str):
        assert browser(floor.cast.viewer).get(f"/p/ALFA/change/saturation?from={raw}").status_code == 200

    def test_the_worst_group_is_named(self, app: Flask, floor: Floor, browser: Any):
        with app.app_context(), database.transaction():
            for _session in range(2):
                train(floor, datetime(2026, 5, 6, 8, tzinfo=UTC), 4)
        page = browser(floor.cast.viewer).get("/p/ALFA/change/saturation?from=2026-05-04").text
        assert "Night shift carries too much: 14 points in week 19; red begins at 12." in page
        assert "sat-red" in page

    def test_a_freeze_is_added_changed_and_removed(self, floor: Floor, browser: Any):
        client = browser(floor.cast.manager)
        form = {"kind": "freeze", "name": "Święta <i>", "starts_on": "2026-12-14", "ends_on": "2026-12-31"}
        refused = client.post("/p/ALFA/change/saturation/others/new", data={**form, "groups": "Nobody"})
        assert refused.status_code == 422
        assert "There is no such group: Nobody" in refused.text
        for wrong in ({"starts_on": "2026-02-30"}, {"ends_on": "9999-01-01"}, {"name": ""}, {"kind": "x"}):
            assert client.post("/p/ALFA/change/saturation/others/new", data={**form, **wrong}).status_code == 422
        assert client.post("/p/ALFA/change/saturation/others/new", data=form).status_code == 303
        page = client.get("/p/ALFA/change/saturation?from=2026-11-30").text
        assert "Święta &lt;i&gt;" in page
        path = page.split('href="/p/ALFA/change/saturation/others/')[-1].split('"')[0]
        path = f"/p/ALFA/change/saturation/others/{path.split('/')[0]}"
        assert 'value="Święta' in client.get(path).text
        assert client.post(path, data={**form, "name": "Święta", "revision": "1"}).status_code == 303
        assert client.post(path, data={**form, "name": "Inne", "revision": "1"}).status_code == 409
        assert "It cannot be taken back" in client.post(f"{path}/remove").text
        assert client.post(f"{path}/remove", data={"confirmed": "1", "revision": "2"}).status_code == 303
        assert client.get(path).status_code == 404


def test_the_week_of_a_monday_is_itself():
    assert monday_of(GO_LIVE_WEEK) == GO_LIVE_WEEK
