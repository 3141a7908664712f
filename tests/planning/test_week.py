"""This week: the right items in the right list, the sentence on top, and a price that does not grow."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from program.extensions import db
from program.ground import database
from program.planning.health import Health, State
from program.planning.items import change_item, find_item
from program.planning.opening import find_program
from program.planning.phase_dates import phase_dates
from program.planning.progress import phase_progress
from program.planning.standing import gates_of, standing, standings
from program.planning.week import gates_ahead, headline, last_monday, read_week, since_in_figures, worst_first
from tests.cast import make_program
from tests.planning.plans import make_items
from tests.planning.reading import NOON, TODAY, day, write_program


@pytest.fixture(autouse=True)
def _wednesday():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def ids(app, cast):
    with app.app_context():
        return write_program(cast)


def titles(section):
    return [item.title for item in section.items]


def standing_of(cast):
    program = find_program(cast.manager.actor, cast.key)
    progress = phase_progress(program.id, TODAY)
    gates = gates_of([program.id], TODAY).get(program.id, [])
    return standing(program, phase_dates(program, TODAY, progress), gates, progress, TODAY)


def test_each_list_holds_what_belongs_there(context, cast, ids, statements):
    with statements() as ran:
        week = read_week([cast.program_id], TODAY)
    assert len(ran) == 1
    assert titles(week.overdue) == ["Verify CRM linking", "Tune the unified inbox"]
    assert titles(week.due) == ["Compare CSAT with baseline"]
    assert titles(week.blocked) == ["Agree the vendor contract"]
    assert week.blocked.items[0].status_reason == "Waiting for the vendor"
    assert titles(week.waiting) == ["Train pilot agents"]
    assert week.waiting.items[0].waits_for == week.blocked.items[0].number
    assert [(one.name, one.total, one.overdue) for one in week.load] == [
        ("Tomek Wójcik", 2, 1),
        ("Maria Zielińska", 1, 1),
        (None, 1, 0),
    ]
    assert not week.nothing


def test_lists_are_cut_but_counted(context, cast):
    write_program(cast, scale=20)
    week = read_week([cast.program_id], TODAY)
    assert (len(week.overdue.items), week.overdue.total) == (8, 40)
    assert (len(week.waiting.items), week.waiting.total) == (4, 20)


def test_the_week_of_several_programs_is_that_of_each(context, cast, ids):
    other = make_program("BETA", "Beta")
    make_items(other.id, [{"due_on": day(-1)}, {"due_on": day(4)}, {"due_on": day(5)}])
    both = read_week([cast.program_id, other.id], TODAY)
    assert both.overdue.total == 3
    # Sunday is this week, Monday is not.
    assert both.due.total == 2
    assert {item.program_id for item in both.overdue.items} == {cast.program_id, other.id}
    assert read_week([], TODAY).nothing


def test_the_headline_says_how_late_and_what_blocks_the_gate(app, context, cast, ids):
    with app.test_request_context():
        found = headline(standing_of(cast), TODAY)
    assert found == "Pilot is 6 working days late. 2 items block the gate on Fri 29 May."


def test_a_gate_whose_day_went_by_is_named(app, context, cast, ids):
    with app.test_request_context():
        found = headline(standing_of(cast), day(12))
    assert "The decision at Pilot gate was planned for Fri 29 May and is open." in found


def test_a_calm_headline_names_the_next_gate(app, context, cast):
    from tests.planning.plans import make_gate, make_phase

    phase_id = make_phase(cast.program_id, 1, day(-2), day(60))
    make_items(cast.program_id, [{"phase_id": phase_id, "due_on": day(30)}])
    make_gate(cast.program_id, phase_id, day(60))
    with app.test_request_context():
        assert headline(standing_of(cast), TODAY) == "All is on plan. The next gate is on Sun 19 Jul."


def test_a_program_without_items_says_so(app, context, cast):
    with app.test_request_context():
        assert headline(standing_of(cast), TODAY) == "There are no items yet."


def test_gates_ahead_are_those_of_thirty_days(app, context, cast, ids):
    with app.test_request_context():
        ahead = gates_ahead([standing_of(cast)], TODAY)
    assert [(one.gate.name, one.met, one.total) for one in ahead] == [("Pilot gate", 0, 2)]


class Fake:
    """A standing as far as sorting looks at it."""

    def __init__(self, name, state, late, overdue):
        self.health = Health(state, ())
        self.program = type("P", (), {"name": name})
        self.progress = type("Q", (), {"overdue": overdue})
        self.dates = type("D", (), {"phases": [type("F", (), {"late_by": late})]})


FAKES = st.lists(
    st.builds(Fake, st.text(min_size=1, max_size=5), st.sampled_from(State), st.integers(0, 30), st.integers(0, 9)),
    max_size=8,
)


@given(FAKES)
def test_the_worst_comes_first(found):
    order = worst_first(found)
    assert sorted(map(id, order)) == sorted(map(id, found))
    ranks = [one.health.rank for one in order]
    assert ranks == sorted(ranks)


def test_since_counts_what_happened_after_monday(context, cast, ids, statements):
    item = find_item(cast.manager.actor, cast.program_id, 25)
    change_item(cast.manager.actor, item, {"status": "done"}, seen=item.revision)
    moment = last_monday(TODAY, "Europe/Warsaw")
    assert moment.isoformat() == "2026-05-18T00:00:00+02:00"
    with statements() as ran:
        found = since_in_figures([cast.program_id, 0], moment)
    assert len(ran) == 1
    assert found[cast.program_id].finished == 1
    assert 0 not in found
    assert since_in_figures([], moment) == {}


def test_on_a_monday_last_monday_is_a_week_ago():
    assert last_monday(day(-2), "UTC") == datetime(2026, 5, 11, tzinfo=UTC)
    assert last_monday(day(4), "UTC") == datetime(2026, 5, 18, tzinfo=UTC)


def test_many_programs_stand_in_four_statements(context, cast, ids, statements):
    programs = [find_program(cast.admin.actor, cast.key)]
    programs += [make_program(f"P{number}", f"Program {number}") for number in range(5)]
    with statements() as ran:
        found = standings(programs, TODAY, "Europe/Warsaw")
    assert len(ran) == 4
    assert len(found) == 6
    assert found[cast.program_id].dates == standing_of(cast).dates
    assert found[programs[-1].id].health.state is State.NO_DATA


def test_the_page_of_a_program(browser, cast, ids):
    page = browser(cast.contributor).get("/p/ALFA/week")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert "Pilot is 6 working days late." in text
    assert "1 of 5 criteria met" not in text
    assert "criteria met" in text
    assert "Waiting for the vendor" in text
    assert 'name="status" value="done"' in text


def test_a_viewer_reads_but_is_offered_no_change(browser, cast, ids):
    text = browser(cast.viewer).get("/p/ALFA/week").get_data(as_text=True)
    assert "Verify CRM linking" in text
    assert 'name="status" value="done"' not in text


def test_a_stranger_sees_no_program_and_no_week_of_it(browser, cast, ids):
    stranger = browser(cast.stranger)
    assert stranger.get("/p/ALFA/week").status_code == 404
    page = stranger.get("/").get_data(as_text=True)
    assert "Start a program" in page
    assert "Verify CRM linking" not in page


def test_done_in_one_click_comes_back_here(app, browser, cast, ids):
    person = browser(cast.contributor)
    answer = person.post("/p/ALFA/items/25/status", data={"status": "done", "revision": "1", "next": "/p/ALFA/week"})
    assert (answer.status_code, answer.location) == (303, "/p/ALFA/week")
    assert "Verify CRM linking" in person.get("/p/ALFA/week").get_data(as_text=True)


@pytest.mark.parametrize("address", ["/", "/p/ALFA/week"])
def test_the_price_does_not_grow_with_the_program(app, browser, cast, statements, address):
    counts = []
    for scale in (1, 30):
        with app.app_context():
            write_program(cast, scale)
        person = browser(cast.manager)
        with statements() as ran:
            assert person.get(address).status_code == 200
        counts.append(len(ran))
        with app.app_context():
            database.begin_writing()
            for table in ("dependency", "work_item", "gate", "phase"):
                db.session.connection().exec_driver_sql(f"DELETE FROM {table}")
            db.session.commit()
    # Three of them are for what team, change and steering show there.
    assert counts[0] == counts[1] <= 12
