"""The portfolio: the right programs in the right order, for the right people, at a price that does not grow."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from program.extensions import db
from program.ground import database
from program.ground.actor import Access
from program.people.models import Membership
from program.planning.models import GateDecision
from program.planning.portfolio import SIZE, portfolio
from tests.cast import make_program
from tests.planning.plans import make_gate, make_items, make_phase
from tests.planning.reading import NOON, TODAY, day


@pytest.fixture(autouse=True)
def _wednesday():
    with time_machine.travel(NOON, tick=False):
        yield


def add_program(key, name, *, required_late=False, late=False, gate=None, person=None, closed_on=None, starts_on=TODAY):
    """A program with one phase and what makes it stand as it should."""
    program = make_program(key, name, starts_on)
    program.closed_on = closed_on
    phase_id = make_phase(program.id, 1, day(-10), day(60))
    make_items(program.id, [{"phase_id": phase_id, "due_on": day(30)}])
    if late or required_late:
        make_items(program.id, [{"phase_id": phase_id, "due_on": day(-1), "required": required_late}])
    if gate:
        make_gate(program.id, phase_id, gate)
    if person:
        db.session.add(Membership(program_id=program.id, person_id=person.id, access=Access.VIEWER.value))
    db.session.flush()
    return program


def keys(found):
    return [program.key for program in found.programs]


@pytest.fixture
def four(context, cast):
    add_program("CALM", "Árvore", person=cast.viewer, gate=day(20), starts_on=date(2026, 1, 5))
    add_program("LATE", "Boat", late=True, person=cast.viewer, starts_on=date(2026, 2, 2))
    add_program("RED", "Castle", required_late=True, person=cast.viewer, gate=day(10), starts_on=date(2026, 4, 6))
    add_program("GATE", "Dam", gate=day(-1), person=cast.viewer, starts_on=date(2026, 3, 2))


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("attention", ["RED", "GATE", "LATE", "ALFA", "CALM"]),
        ("name", ["ALFA", "CALM", "LATE", "RED", "GATE"]),
        ("gate", ["GATE", "RED", "CALM", "ALFA", "LATE"]),
        ("start", ["RED", "ALFA", "GATE", "LATE", "CALM"]),
        ("activity", ["ALFA", "CALM", "LATE", "RED", "GATE"]),
    ],
)
def test_orders(cast, four, sort, expected):
    assert keys(portfolio(cast.viewer.actor, TODAY, "UTC", sort=sort)) == expected


def test_the_order_of_attention_agrees_with_the_states(app, cast, four):
    with app.test_request_context():
        found = portfolio(cast.viewer.actor, TODAY, "UTC")
    ranks = [found.standings[program.id].health.state.value for program in found.programs]
    assert ranks == ["off_track", "off_track", "at_risk", "no_data", "on_track"]


def test_a_passed_gate_is_no_worry(app, cast, context):
    program = add_program("GATE", "Dam", gate=day(-1), person=cast.viewer)
    gate_id = portfolio(cast.viewer.actor, TODAY, "UTC").standings[program.id].gates[0].id
    db.session.add(
        GateDecision(
            program_id=program.id,
            gate_id=gate_id,
            sequence=1,
            outcome="go",
            reason="Ready",
            record="{}",
            previous_hash="0" * 64,
            hash="1" * 64,
        )
    )
    db.session.flush()
    with app.test_request_context():
        found = portfolio(cast.viewer.actor, TODAY, "UTC")
    assert found.standings[program.id].next_gate is None
    assert found.standings[program.id].health.state == "on_track"


def test_people_see_their_own_programs_and_administrators_all(cast, context):
    add_program("OTHER", "Other")
    assert keys(portfolio(cast.viewer.actor, TODAY, "UTC")) == ["ALFA"]
    assert keys(portfolio(cast.stranger.actor, TODAY, "UTC")) == []
    assert sorted(keys(portfolio(cast.admin.actor, TODAY, "UTC"))) == ["ALFA", "OTHER"]


def test_names_are_found_without_accents_and_by_key(cast, four):
    find = lambda name: keys(portfolio(cast.viewer.actor, TODAY, "UTC", name=name))  # noqa: E731
    assert find("arv") == find("ÁRV") == ["CALM"]
    assert find("red") == ["RED"]
    assert find("100%") == []
    assert len(find("  ")) == 5


def test_closed_programs_stand_apart(cast, four):
    add_program("DONE", "Done", closed_on=day(-30), person=cast.viewer)
    running = portfolio(cast.viewer.actor, TODAY, "UTC")
    closed = portfolio(cast.viewer.actor, TODAY, "UTC", closed=True)
    assert "DONE" not in keys(running)
    assert keys(closed) == ["DONE"]
    assert (running.running, running.closed) == (closed.running, closed.closed) == (5, 1)


def test_the_pages_hold_every_program_once(cast, context):
    for number in range(SIZE + 7):
        add_program(f"P{number}", f"Program {number:03}", late=number % 3 == 0)
    first = portfolio(cast.admin.actor, TODAY, "UTC")
    second = portfolio(cast.admin.actor, TODAY, "UTC", page=2)
    assert (len(first.programs), len(second.programs), first.total) == (SIZE, 8, SIZE + 8)
    assert len({*keys(first), *keys(second)}) == SIZE + 8


def test_the_page_says_why(app, browser, cast):
    with app.app_context(), database.transaction():
        add_program("RED", "Castle", required_late=True, person=cast.viewer)
    page = browser(cast.viewer).get("/programs?sort=name")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert "1 required item is overdue." in text
    assert "What the states mean" in text
    assert "No program has this name" in browser(cast.viewer).get("/programs?q=zzz").get_data(as_text=True)
    assert browser(cast.viewer).get("/programs?sort=%00&page=99999&closed=x&q=%00").status_code == 200


def test_a_newcomer_is_told_what_belongs_here(browser, cast):
    text = browser(cast.stranger).get("/programs").get_data(as_text=True)
    assert "Start one from a playbook" in text
    assert browser().get("/programs").status_code == 302


def test_the_price_does_not_grow_with_programs_or_items(app, browser, cast, statements):
    counts = []
    for number in (1, 40):
        with app.app_context(), database.transaction():
            for place in range(number):
                program = add_program(f"N{number}X{place}", f"Program {place}", late=True, gate=day(place))
                make_items(program.id, [{"due_on": day(-1)}] * 5 * number)
        person = browser(cast.admin)
        with statements() as ran:
            assert person.get("/programs").status_code == 200
        counts.append(len(ran))
    assert counts[0] == counts[1] <= 12
