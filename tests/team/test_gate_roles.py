"""The gate's question whether every required role has somebody."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from program.extensions import db
from program.ground import database
from program.ground.errors import Forbidden, Invalid
from program.planning.as_playbook import to_playbook
from program.planning.gates import ask_for, find_gate, stop_asking
from program.planning.models import GateCriterion, Program
from program.planning.opening import find_program
from program.planning.readiness import readiness
from tests.cast import Cast
from tests.planning.builder import TODAY, Alfa, build_alfa
from tests.team.crew import give, make_roles


@pytest.fixture
def alfa(cast: Any, context: None) -> Alfa:
    """Program ALFA with its three gates, each of which asks for roles."""
    built = build_alfa(cast)
    for gate_id in built.gates:
        gate = find_gate(built.manager, built.id, gate_id)
        ask_for(built.manager, gate, "roles")
    return built


def answers(alfa: Alfa, today: date = TODAY) -> list[Any]:
    """The criterion of each gate, in order."""
    program = find_program(alfa.manager, alfa.key)
    found = readiness(program, today)
    return [next(one for one in gate.criteria if one.kind == "roles") for gate in found]


def test_while_nothing_is_required_nothing_is_missing(alfa: Alfa) -> None:
    assert [(one.met, one.value) for one in answers(alfa)] == [(True, "no role is required")] * 3


def test_each_gate_looks_at_its_own_day(alfa: Alfa) -> None:
    analyst, sponsor = make_roles(alfa.cast, required=("data_analyst", "executive_sponsor"))
    give(alfa.cast, analyst, alfa.cast.contributor.id, ends_on=date(2026, 5, 22))
    give(alfa.cast, sponsor, alfa.cast.viewer.id, share=5, starts_on=date(2026, 4, 1))
    first, second, third = answers(alfa)
    assert (first.met, first.why_not) == (False, "A required role has nobody on that day: Executive sponsor.")
    assert (second.met, second.value, second.why_not) == (True, "2 of 2 filled", "")
    assert (third.met, third.value) == (False, "1 of 2 filled")
    assert "Data analyst" in third.why_not
    assert first.see.endpoint == "roles.index"


def test_a_gate_whose_day_went_by_is_asked_for_today(alfa: Alfa) -> None:
    (analyst,) = make_roles(alfa.cast, required=("data_analyst",))
    give(alfa.cast, analyst, alfa.cast.contributor.id, starts_on=date(2026, 4, 1))
    assert [one.met for one in answers(alfa, date(2026, 3, 12))] == [False, True, True]
    assert [one.met for one in answers(alfa, date(2026, 4, 2))] == [True, True, True]


def test_many_vacancies_are_named_and_counted(alfa: Alfa) -> None:
    make_roles(alfa.cast, required=("data_analyst", "cx_specialist", "integration_lead", "product_owner", "compliance"))
    (first, *_rest) = answers(alfa)
    assert first.value == "0 of 5 filled"
    assert first.why_not.startswith("5 required roles have nobody on that day: ")
    assert first.why_not.endswith("and 2 more.")


def test_asking_for_it_costs_no_statement_more(alfa: Alfa, statements: Any) -> None:
    make_roles(alfa.cast, required=("data_analyst",))
    program = find_program(alfa.manager, alfa.key)
    db.session.flush()
    with statements() as with_roles:
        readiness(program, TODAY)
    db.session.query(GateCriterion).filter_by(kind="roles").delete()
    with statements() as without:
        readiness(program, TODAY)
    assert len(with_roles) == len(without)


def test_managers_ask_for_it_and_stop(alfa: Alfa) -> None:
    gate = find_gate(alfa.manager, alfa.id, alfa.gates[0])
    assert ask_for(alfa.manager, gate, "roles") is None
    assert stop_asking(alfa.manager, gate, "roles") is True
    assert stop_asking(alfa.manager, gate, "roles") is False
    assert stop_asking(alfa.manager, gate, "manual") is False
    for kind in ("manual", "no_blockers", "boss", ""):
        with pytest.raises(Invalid):
            ask_for(alfa.manager, gate, kind)
    for act in (ask_for, stop_asking):
        with pytest.raises(Forbidden):
            act(alfa.contributor, gate, "roles")


def test_the_pages_show_it(app: Flask, cast: Cast, browser: Any) -> None:
    with app.app_context(), database.transaction():
        built = build_alfa(cast)
        gate_id = built.gates[0]
        ask_for(built.manager, find_gate(built.manager, built.id, gate_id), "roles")
        make_roles(cast, required=("data_analyst",))
    gate = f"/p/ALFA/gates/{gate_id}"
    page = browser(cast.viewer).get(gate).text
    assert "A required role has nobody on that day: Data analyst." in page
    assert '<a href="/p/ALFA/team">Roles and who plays them</a>' in page
    manager = browser(cast.manager)
    assert "No longer ask for it" in manager.get(f"{gate}/edit").text
    assert manager.post(f"{gate}/worked-out", data={"kind": "roles", "ask": "0"}).status_code == 303
    assert "Data analyst" not in manager.get(gate).text
    assert manager.post(f"{gate}/worked-out", data={"kind": "roles", "ask": "1"}).status_code == 303
    assert manager.post(f"{gate}/worked-out", data={"kind": "<b>", "ask": "1"}).status_code == 422
    assert "Data analyst" in manager.get(gate).text


def test_a_program_saved_as_a_playbook_asks_again(alfa: Alfa) -> None:
    program = db.session.get_one(Program, alfa.id)
    playbook = to_playbook(program, "again", "Again")
    assert [[one.kind for one in phase.gate.own_criteria] for phase in playbook.phases if phase.gate] == [
        ["manual", "roles"],
        ["roles"],
        ["roles"],
    ]
