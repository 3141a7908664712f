"""The portfolio for a sponsor: all programs side by side, today and on a past day; what they need of one another."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from program.extensions import db
from program.ground import database
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.ground.now import held_at
from program.people.models import Membership
from program.planning.models import Gate, Phase, Program
from program.steering import budget, needs, snapshots, states
from program.steering.models import ProgramNeed
from program.steering.sponsor import portrait
from program.team.models import Assignment, ProgramRole
from tests.cast import Cast
from tests.steering.at_once import at_once

TODAY = date(2026, 6, 17)
NOON = datetime.fromisoformat("2026-06-17T12:00+02:00")


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    with held_at(NOON):
        yield


def add_program(cast: Cast, key: str, *people: Any) -> Program:
    values = {"name": f"Program {key}", "name_folded": f"program {key}".lower(), "country": "PL"}
    program = Program(key=key, locale="en", timezone="Europe/Warsaw", starts_on=TODAY, **values)
    db.session.add(program)
    db.session.flush()
    for person in people:
        db.session.add(Membership(program_id=program.id, person_id=person.id, access=3))
    db.session.flush()
    cast.manager.actor.known_access.clear()
    return program


@pytest.fixture
def two(app: Flask, cast: Cast) -> int:
    """ALFA and BETA, both of the manager; ALFA with money, a gate and a word against the rules. BETA's id."""
    with app.app_context(), database.transaction():
        beta = add_program(cast, "BETA", cast.manager)
        planned = {"planned_start": date(2026, 6, 1), "planned_end": date(2026, 7, 3)}
        phase = Phase(program_id=beta.id, position=1, name="Pilot", **planned)
        db.session.add(phase)
        db.session.flush()
        db.session.add(Gate(program_id=beta.id, phase_id=phase.id, name="Go", planned_on=date(2026, 7, 3)))
        values = {"label": "All", "approved": Decimal(500), "spent": Decimal(100), "forecast": Decimal(600)}
        budget.add_line(cast.manager.actor, cast.program_id, values)
        states.say_state(cast.manager.actor, cast.program_id, "at_risk", "The vendor.", TODAY, seen=None)
        for program_id, share in ((cast.program_id, 60), (beta.id, 70)):
            role = ProgramRole(program_id=program_id, key="lead", name="Lead")
            db.session.add(role)
            db.session.flush()
            db.session.add(
                Assignment(
                    program_id=program_id,
                    role_id=role.id,
                    person_id=cast.manager.id,
                    share=share,
                    starts_on=TODAY - timedelta(days=30),
                )
            )
        return beta.id


def seen(actor: Any, day: date = TODAY) -> Any:
    return portrait(actor, day, TODAY, "Europe/Warsaw", sort="name", page=1)


def test_a_sponsor_sees_state_reason_gate_money_people(cast: Cast, two: int, context: None):
    page = seen(cast.manager.actor)
    alfa, beta = page.rows
    assert (alfa.key, alfa.state, alfa.reason, alfa.said_until) == ("ALFA", "at_risk", "The vendor.", TODAY)
    assert alfa.money is not None
    assert (alfa.money.spent, alfa.money.approved, alfa.money.is_over) == (Decimal(100), Decimal(500), True)
    assert (beta.gate, beta.gate_on, beta.money) == ("Go", date(2026, 7, 3), None)
    # One person, 60 and 70 percent: more than a full week, in both.
    assert [(one.name, one.most) for one in page.people] == [(cast.manager.name, 650)]
    assert (alfa.over, beta.over) == (1, 1)
    # A viewer of ALFA alone learns that work elsewhere counts, and not where.
    theirs = seen(cast.viewer.actor)
    assert [row.key for row in theirs.rows] == ["ALFA"]
    assert theirs.people[0].loads[0].in_words() == "ALFA 60%, elsewhere 70%"
    assert "BETA" not in theirs.people[0].loads[0].in_words()


def test_a_past_day_is_as_it_was_kept(cast: Cast, two: int, app: Flask):
    with app.app_context():
        assert snapshots.take_due() == 2
        now = seen(cast.manager.actor)
        with held_at(NOON + timedelta(days=300)), database.transaction():
            values = {"label": "More", "approved": Decimal(1), "spent": Decimal(1)}
            budget.add_line(cast.manager.actor, cast.program_id, values)
            later = TODAY + timedelta(days=300)
            then = portrait(cast.manager.actor, TODAY, later, "Europe/Warsaw", sort="name", page=1)
            nothing = portrait(
                cast.manager.actor, TODAY - timedelta(days=1), later, "Europe/Warsaw", sort="name", page=1
            )
    shown = [(row.key, row.state, row.reason, row.gate, row.gate_on, row.money, row.over) for row in then.rows]
    assert shown == [(row.key, row.state, row.reason, row.gate, row.gate_on, row.money, row.over) for row in now.rows]
    assert [row.as_of for row in nothing.rows] == [None, None]


def test_what_is_needed_of_another_program(cast: Cast, two: int, context: None):
    actor = cast.manager.actor
    gate = db.session.scalars(select(Gate)).one()
    need = needs.add_need(actor, cast.program_id, "beta", "The interface", date(2026, 6, 26), gate.id)
    (told,) = seen(actor).needs
    assert (told.program, told.giver, told.gate, told.state) == ("ALFA", "BETA", "Go", "at_risk")
    assert seen(actor).rows[0].late_needs == 1
    (told,) = needs.needs_of([two], {two}, date(2026, 6, 27), "Europe/Warsaw")
    assert (told.program, told.state) == ("", "off_track")
    # The manager of either says that it is there; whoever had an older state open is told.
    with pytest.raises(Conflict):
        needs.set_met(actor, two, need.id, True, seen=7)
    needs.set_met(actor, two, need.id, True, seen=need.revision)
    assert seen(actor).needs[0].state == "done"
    with pytest.raises(NotFound):
        needs.remove_need(actor, two, need.id, seen=need.revision)
    needs.remove_need(actor, cast.program_id, need.id, seen=need.revision)
    assert seen(actor).needs == []


def test_circles_and_what_is_not_open_are_refused(cast: Cast, two: int, context: None):
    actor, day = cast.manager.actor, date(2026, 7, 1)
    third = add_program(cast, "CETA", cast.manager)
    first = needs.add_need(actor, cast.program_id, "BETA", "Data", day)
    needs.add_need(actor, two, "CETA", "Data", day)
    with pytest.raises(Invalid, match="circle"):
        needs.add_need(actor, third.id, "ALFA", "Money", day)
    # What is there already is waited for no more, until it is again.
    needs.set_met(actor, cast.program_id, first.id, True, seen=first.revision)
    needs.add_need(actor, third.id, "ALFA", "Money", day)
    with pytest.raises(Invalid, match="circle"):
        needs.set_met(actor, cast.program_id, first.id, False, seen=first.revision)
    add_program(cast, "DELTA")
    for giver in ("DELTA", "ALFA", "NOPE", ""):
        with pytest.raises(Invalid) as refused:
            needs.add_need(actor, cast.program_id, giver, "Data", day)
        assert set(refused.value.fields) == {"giver"}
    gate = db.session.scalars(select(Gate)).one()
    with pytest.raises(Invalid) as refused:
        needs.add_need(actor, cast.program_id, "CETA", " ", None, gate.id)
    assert set(refused.value.fields) == {"title", "needed_on", "gate_id"}
    with pytest.raises(Forbidden):
        needs.add_need(cast.viewer.actor, cast.program_id, "BETA", "Data", day)
    with pytest.raises(NotFound):
        needs.add_need(cast.stranger.actor, cast.program_id, "BETA", "Data", day)


def test_two_who_would_close_a_circle_together_do_not(cast: Cast, two: int, app: Flask):
    def need(program_id: int, giver: str) -> Any:
        return lambda: needs.add_need(cast.manager.actor, program_id, giver, "Data", TODAY)

    assert at_once(app, need(cast.program_id, "BETA"), need(two, "ALFA")) == ["Invalid", "done"]


def test_the_pages(cast: Cast, two: int, browser: Any):
    client = browser(cast.manager)
    typed = {"title": "<b>Cards</b>", "giver": "BETA", "needed_on": "2026-06-10", "gate": ""}
    assert client.post("/p/ALFA/needs", data={**typed, "giver": "ALFA"}).status_code == 422
    assert client.post("/p/ALFA/needs", data=typed).status_code == 303
    for path in ("/p/ALFA/needs", "/p/BETA/needs", "/portfolio"):
        page = client.get(path).text
        assert "&lt;b&gt;Cards" in page
        assert "Late" in page
    assert "/portfolio" in client.get("/programs").text
    viewer = browser(cast.viewer)
    page = viewer.get("/p/ALFA/needs").text
    assert "another program" in page
    assert "BETA" not in page
    assert viewer.post("/p/ALFA/needs", data=typed).status_code == 403
    assert browser(cast.stranger).get("/p/ALFA/needs").status_code == 404
    assert "Nothing was kept of this day." in client.get("/portfolio?on=2026-06-01").text
    assert client.get("/portfolio?on=x&sort=y&page=99999").status_code == 200


def test_two_hundred_programs_cost_what_one_does(cast: Cast, app: Flask, browser: Any, statements: Any):
    with app.app_context(), database.transaction():
        programs = [add_program(cast, f"N{number}", cast.manager) for number in range(200)]
        db.session.add_all(
            ProgramNeed(program_id=one.id, giver_id=other.id, title="Data", needed_on=TODAY)
            for one, other in pairwise(programs)
        )
    client = browser(cast.manager)
    for path in ("/portfolio", "/portfolio?on=2026-06-01"):
        with statements() as ran:
            assert client.get(path).status_code == 200
        assert len(ran) <= 12, ran.texts
