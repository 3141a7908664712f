"""The timeline: days become positions without a slip, and the drawing says in words what it shows."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from program.extensions import db
from program.planning.baselines import take_baseline
from program.planning.models import Phase
from program.planning.opening import find_program
from program.planning.phase_dates import phase_dates
from program.planning.standing import gates_of
from program.planning.timeline import ITEM_ROW, PHASE_ROW, ZOOMS, Scale, draw, ghosts_of, items_of, milestones_of
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


def drawn(app, cast, zoom="month", ghosts=None, open_phase=None):
    program = find_program(cast.manager.actor, cast.key)
    items = {open_phase: items_of(program.id, open_phase)} if open_phase else {}
    with app.test_request_context():
        return draw(
            phase_dates(program, TODAY),
            gates_of([program.id], TODAY)[program.id],
            milestones_of(program.id),
            ghosts or {},
            items,
            program.calendar,
            TODAY,
            zoom,
        )


DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(DAYS, DAYS, st.sampled_from(sorted(ZOOMS)))
def test_positions_keep_the_order_and_length_of_days(one, other, zoom):
    scale = Scale(date(2026, 1, 1), date(2027, 12, 31), zoom)
    assert (scale.at(one) < scale.at(other)) == (one < other)
    first, last = min(one, other), max(one, other)
    span = scale.span(first, last)
    assert span.width == pytest.approx(((last - first).days + 1) * scale.pixels, abs=0.11)
    assert span.x + span.width <= scale.width + 0.11


@given(DAYS)
def test_days_beyond_the_drawing_lie_on_its_edge(found):
    scale = Scale(date(2026, 6, 1), date(2026, 6, 30), "week")
    assert 0 <= scale.at(found) <= scale.width
    assert scale.span(found, found).width >= 2


def test_phases_gates_and_milestones_lie_on_their_days(app, context, cast, ids):
    chart = drawn(app, cast)
    scale = Scale(TODAY, TODAY, "month")
    # A day is six pixels at this zoom, and the drawing begins on the Monday before the first phase.
    first = date(2026, 2, 23)
    assert [bar.phase.name for bar in chart.phases] == ["Discovery", "Pilot", "Full rollout", "Launch"]
    assert chart.phases[0].plan.x == (date(2026, 3, 2) - first).days * scale.pixels
    assert chart.phases[0].plan.width == (date(2026, 4, 10) - date(2026, 3, 2)).days * 6 + 6
    assert chart.phases[0].forecast is None
    pilot = chart.phases[1]
    assert pilot.forecast.x == (TODAY - first).days * 6
    assert pilot.tail.x == pilot.forecast.x + pilot.forecast.width
    assert pilot.done == pytest.approx(pilot.plan.width * 24 / 29, abs=0.1)
    assert chart.today == (TODAY - first).days * 6 + 3
    assert [mark.x for mark in chart.gates] == [(gate - first).days * 6 + 3 for gate in (day(9), date(2026, 7, 31))]
    assert [mark.y for mark in chart.gates] == [chart.phases[1].y + 15, chart.phases[2].y + 15]
    assert [mark.state for mark in chart.milestones] == ["todo"]
    assert "not decided yet" in chart.gates[0].facts


def test_rows_do_not_overlap_when_a_phase_is_open(app, context, cast, ids):
    chart = drawn(app, cast, open_phase=ids["pilot"])
    assert chart.items[ids["pilot"]][0].title == "Verify CRM linking"
    assert [item.late for item in chart.items[ids["pilot"]]] == [True, True, False, False, False]
    rows = [bar.y for bar in chart.phases] + [item.y for item in chart.items[ids["pilot"]]]
    assert len(set(rows)) == len(rows)
    assert chart.phases[2].y == chart.phases[1].y + PHASE_ROW + 5 * ITEM_ROW
    assert chart.height > max(rows)


def test_ghosts_stand_where_the_baseline_saw_them(app, context, cast, ids):
    baseline = take_baseline(cast.manager.actor, cast.program_id, "As agreed")
    pilot = db.session.get_one(Phase, ids["pilot"])
    pilot.planned_end += timedelta(days=14)
    db.session.flush()
    ghosts = ghosts_of(baseline.id, ids["pilot"])
    chart = drawn(app, cast, ghosts=ghosts, open_phase=ids["pilot"])
    assert chart.phases[1].ghost.width == chart.phases[1].plan.width - 14 * 6
    assert all(item.ghost for item in chart.items[ids["pilot"]])
    assert {kind for kind, _id in ghosts_of(baseline.id, None)} == {"phase", "gate"}


def test_the_week_zoom_shades_weekends_and_names_holidays(app, context, cast, ids):
    chart = drawn(app, cast, "week")
    named = [tick.label for tick in chart.free_days if tick.label]
    assert any("Thu 4 Jun" in label for label in named)
    # Every weekend is shaded: two days for each of the weeks that are drawn.
    assert chart.weekends.count("M") == round(chart.width / 20 / 7) * 2 - sum(
        "Sat" in one or "Sun" in one for one in named
    )
    quarters = drawn(app, cast, "quarter")
    assert (quarters.free_days, quarters.weekends) == ((), "")


def test_the_page_says_in_words_what_it_draws(browser, cast, ids):
    text = browser(cast.viewer).get("/p/ALFA/plan").get_data(as_text=True)
    assert re.search(r'aria-label="Pilot · planned Mon 13 Apr – Tue 12 May · expected', text)
    assert "The same as a table" in text
    assert "style=" not in text
    assert "Full rollout" in text


def test_the_address_chooses_zoom_baseline_and_phase(app, browser, cast, ids):
    with app.app_context():
        take_baseline(cast.manager.actor, cast.program_id, "As agreed")
        db.session.commit()
    person = browser(cast.manager)
    text = person.get(f"/p/ALFA/plan?zoom=week&phase={ids['pilot']}").get_data(as_text=True)
    assert "plan-week" in text
    assert 'class="plan-ghost"' in text
    assert "Verify CRM linking" in text
    assert 'class="plan-ghost"' not in person.get("/p/ALFA/plan?baseline=none").get_data(as_text=True)
    # What makes no sense is left out.
    assert person.get("/p/ALFA/plan?zoom=century&phase=99999&baseline=x").status_code == 200


def test_a_program_without_phases_offers_the_first_step(browser, cast):
    assert "Add the first phase" in browser(cast.manager).get("/p/ALFA/plan").get_data(as_text=True)


def test_a_thousand_bars_are_drawn_and_more_are_said(app, browser, cast, ids, statements):
    with app.app_context():
        many = [{"phase_id": ids["rollout"], "due_on": day(n % 60), "start_on": day(n % 60 - 3)} for n in range(1005)]
        make_items(cast.program_id, many)
        db.session.commit()
    person = browser(cast.viewer)
    with statements() as ran:
        text = person.get(f"/p/ALFA/plan?phase={ids['rollout']}").get_data(as_text=True)
    assert len(ran) <= 12
    assert text.count('class="plan-thin"') == 1000
    assert "The first 1,000 items" in text


def test_a_stranger_gets_nothing(browser, cast, ids):
    assert browser(cast.stranger).get("/p/ALFA/plan").status_code == 404
    assert browser(cast.stranger).get("/p/ALFA/plan/90-days").status_code == 404
