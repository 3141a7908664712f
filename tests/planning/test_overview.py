"""The overview: phases, gate, lateness and history of a program on one page, at a price that does not grow."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from program.extensions import db
from program.ground import database
from program.planning.items import change_item, find_item
from program.planning.opening import find_program
from program.planning.overview import how_it_goes, last_happenings, late_items, strip
from program.planning.phase_dates import phase_dates
from tests.planning.reading import NOON, TODAY, write_program


@pytest.fixture(autouse=True)
def _wednesday():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def ids(app, cast):
    with app.app_context():
        return write_program(cast)


def test_the_strip_sets_the_plan_beside_how_it_goes(app, context, cast, ids):
    with app.test_request_context():
        dates = phase_dates(find_program(cast.manager.actor, cast.key), TODAY)
        found = strip(dates.phases)
    assert [(phase.name, phase.state, phase.health) for phase in found] == [
        ("Discovery", "ended", "at_risk"),
        ("Pilot", "running", "at_risk"),
        ("Full rollout", "next", "on_track"),
        ("Launch", "next", "no_data"),
    ]
    assert found[0].dates == "2 Mar – 3 Apr"
    assert found[0].note == "ended 4 working days late"
    assert found[1].note == "expected Fri 5 Jun, 17 working days late"
    assert found[3].note == "no forecast yet"


def test_a_phase_past_its_end_is_late_even_without_a_forecast(app, context, cast):
    from tests.planning.plans import make_phase

    make_phase(cast.program_id, 1, date(2026, 5, 4), date(2026, 5, 15), actual_start=date(2026, 5, 4))
    with app.test_request_context():
        phase = phase_dates(find_program(cast.manager.actor, cast.key), TODAY).phases[0]
        assert how_it_goes(phase) == "3 working days late"


def test_late_items_come_oldest_first(context, cast, ids, statements):
    with statements() as ran:
        found = late_items(cast.program_id, TODAY)
    assert len(ran) == 1
    assert [(row.title, row.owner) for row in found] == [
        ("Verify CRM linking", "Tomek Wójcik"),
        ("Tune the unified inbox", "Maria Zielińska"),
    ]
    assert len(late_items(cast.program_id, TODAY, 1)) == 1


def test_what_happened_last_is_told_in_sentences(app, context, cast, ids):
    item = find_item(cast.manager.actor, cast.program_id, 25)
    change_item(cast.manager.actor, item, {"status": "done"}, seen=item.revision)
    with app.test_request_context():
        found = last_happenings(cast.program_id)
    assert found[0].person == "Maria Zielińska"
    assert "Verify CRM linking" in found[0].text


def test_the_page_holds_it_all(browser, cast, ids):
    page = browser(cast.viewer).get("/p/ALFA/")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    for words in ("Off track", "Pilot gate", "In the way", "Verify CRM linking", "Latest decisions", "ended 4 working"):
        assert words in text


def test_a_program_without_phases_offers_the_first_step(browser, cast):
    text = browser(cast.manager).get("/p/ALFA/").get_data(as_text=True)
    assert "Add the first phase" in text


def test_a_stranger_gets_nothing(browser, cast, ids):
    assert browser(cast.stranger).get("/p/ALFA/").status_code == 404
    assert browser().get("/p/ALFA/").status_code == 302


def test_the_price_does_not_grow_with_the_program(app, browser, cast, statements):
    counts = []
    for scale in (1, 30):
        with app.app_context():
            write_program(cast, scale)
        person = browser(cast.manager)
        with statements() as ran:
            assert person.get("/p/ALFA/").status_code == 200
        counts.append(len(ran))
        with app.app_context():
            database.begin_writing()
            for table in ("dependency", "work_item", "gate", "phase"):
                db.session.connection().exec_driver_sql(f"DELETE FROM {table}")
            db.session.commit()
    # Two of them are for what team and change show there.
    assert counts[0] == counts[1] <= 12
