"""Thirteen weeks: everything due is counted once, in its own week, with what it waits for."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from program.extensions import db
from program.ground import database
from program.ground.calendar import WorkingCalendar, monday_of
from program.planning.models import Dependency, WorkItem
from program.planning.sprints import FEW, NAMED, NAMED_OF_FEW, WAITS, WEEKS, sprints
from program.planning.standing import gates_of
from tests.planning.plans import item_id, make_items
from tests.planning.reading import NOON, TODAY, day, write_program

PL = WorkingCalendar("PL")


@pytest.fixture(autouse=True)
def _wednesday():
    with time_machine.travel(NOON, tick=False):
        yield


def read(cast, start=TODAY):
    return sprints(cast.program_id, start, [], gates_of([cast.program_id], TODAY).get(cast.program_id, []), PL)


def test_weeks_follow_each_other_from_a_monday(context, cast, statements):
    with statements() as ran:
        weeks = read(cast)
    assert len(ran) <= 4
    assert len(weeks) == WEEKS
    assert weeks[0].first == date(2026, 5, 18)
    for week, following in pairwise(weeks):
        assert following.first == week.last + timedelta(days=1)
    # Corpus Christi is in the third of them.
    assert [week.working_days for week in weeks[:4]] == [5, 5, 4, 5]


def test_items_gates_milestones_and_load_fall_into_their_week(app, cast):
    with app.app_context():
        ids = write_program(cast)
        weeks = read(cast)
    assert [item.title for item in weeks[0].items] == ["Tune the unified inbox", "Compare CSAT with baseline"]
    assert [gate.id for gate in weeks[1].gates] == [ids["pilot gate"]]
    assert [item.title for week in weeks for item in week.milestones] == ["Cut-over"]
    assert sorted(weeks[0].load) == [("Maria Zielińska", 1), ("Tomek Wójcik", 1)]


def test_a_week_names_what_it_waits_for_in_other_weeks(context, cast):
    make_items(cast.program_id, [{"due_on": day(1)}, {"due_on": day(8)}, {"due_on": day(8)}, {"due_on": None}])
    for before, after in ((1, 2), (3, 2), (4, 2), (2, 1)):
        db.session.add(
            Dependency(
                program_id=cast.program_id,
                predecessor_id=item_id(cast.program_id, before),
                successor_id=item_id(cast.program_id, after),
            )
        )
    db.session.flush()
    weeks = read(cast)
    # What is due in the same week is no dependency between weeks.
    assert [(wait.number, wait.for_number, wait.is_wrong) for wait in weeks[1].waits] == [
        (2, 1, False),
        (2, 4, False),
    ]
    assert [(wait.number, wait.for_number, wait.is_wrong) for wait in weeks[0].waits] == [(1, 2, True)]


def test_a_full_week_names_some_and_counts_all(context, cast):
    make_items(cast.program_id, [{"due_on": day(0)}] * 30 + [{"due_on": day(0), "kind": "milestone"}] * 2)
    week = read(cast)[0]
    assert (len(week.items), len(week.milestones), week.total, week.more) == (
        NAMED_OF_FEW,
        2,
        32,
        32 - NAMED_OF_FEW - 2,
    )
    make_items(cast.program_id, [{"due_on": day(7)}] * FEW)
    weeks = read(cast)
    assert [(len(week.items), week.total) for week in weeks[:3]] == [(NAMED, 32), (NAMED, FEW), (0, 0)]


def test_a_week_with_many_waits_says_that_there_are_more(context, cast):
    make_items(cast.program_id, [{"due_on": day(0)}] * 5 + [{"due_on": day(8)}])
    for before in range(1, 6):
        ends = {"predecessor_id": item_id(cast.program_id, before), "successor_id": item_id(cast.program_id, 6)}
        db.session.add(Dependency(program_id=cast.program_id, **ends))
    db.session.flush()
    week = read(cast)[1]
    assert [wait.for_number for wait in week.waits] == [1, 2][:WAITS]
    assert week.more_waits


def test_the_busiest_owners_are_named_and_the_others_counted(context, cast):
    people = [cast.manager, cast.contributor, cast.viewer, cast.admin, cast.stranger]
    owners = [person.id for place, person in enumerate(people, 1) for _ in range(place)]
    make_items(cast.program_id, [{"due_on": day(0), "owner_id": owner} for owner in [*owners, None, None]])
    week = read(cast)[0]
    assert [count for _name, count in week.load] == [5, 4, 3, 2]
    assert week.others == 2


STATUSES = st.sampled_from(["todo", "doing", "blocked", "done", "dropped"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(-30, 120), STATUSES), max_size=40), st.integers(-20, 20))
def test_everything_due_is_counted_once_in_its_own_week(context, cast, drafts, shift):
    database.begin_writing()
    db.session.connection().execute(WorkItem.__table__.delete())
    make_items(cast.program_id, [{"due_on": day(offset), "status": status} for offset, status in drafts])
    weeks = read(cast, day(shift))
    first = monday_of(day(shift))
    expected = [0] * WEEKS
    for offset, status in drafts:
        place = (day(offset) - first).days // 7
        if status != "dropped" and 0 <= place < WEEKS:
            expected[place] += 1
    assert [week.total for week in weeks] == expected
    assert all(sum(count for _name, count in week.load) == week.open or week.others for week in weeks)
    db.session.rollback()


def test_the_page_takes_any_start_and_says_what_it_cannot_read(app, browser, cast):
    with app.app_context():
        write_program(cast)
    person = browser(cast.contributor)
    text = person.get("/p/ALFA/plan/90-days").get_data(as_text=True)
    assert "week 21" in text
    assert "this week" in text
    assert "waits for ALFA-28 of week 24" in text
    assert 'value="2026-01-05"' in person.get("/p/ALFA/plan/90-days?start=2026-01-07").get_data(as_text=True)
    for wrong in ("2026-02-30", "9999-12-31", "x" * 50):
        page = person.get("/p/ALFA/plan/90-days", query_string={"start": wrong})
        assert page.status_code == 200
        assert 'id="start-problem"' in page.get_data(as_text=True)


def test_the_price_does_not_grow_with_the_program(app, browser, cast, statements):
    counts = []
    for scale in (1, 30):
        with app.app_context():
            database.begin_writing()
            for table in ("dependency", "work_item", "gate", "phase"):
                db.session.connection().exec_driver_sql(f"DELETE FROM {table}")
            db.session.commit()
            write_program(cast, scale)
        person = browser(cast.manager)
        for address in ("/p/ALFA/plan/90-days", "/p/ALFA/plan"):
            with statements() as ran:
                assert person.get(address).status_code == 200
            counts.append(len(ran))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 12
