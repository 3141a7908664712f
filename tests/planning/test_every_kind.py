"""Gates that ask for everything that can be asked: the pages cost no statement more than gates that ask for nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from flask import Flask

from program.extensions import db
from program.ground import database
from program.kpis.gate_kpis import Ask, ask
from program.kpis.models import Kpi
from program.planning.criteria import find, implied_kinds, optional_kinds
from program.planning.gates import ask_for, find_gate
from program.planning.models import Gate
from program.planning.opening import find_program
from program.planning.readiness import readiness
from tests.cast import Cast
from tests.planning.reading import NOON, TODAY, write_program

# Kinds of the rooms above planning; what a room adds later is asked for by itself.
ROOMS = {"roles", "risks", "pulse", "training", "coverage", "kpis", "kpi"}
PAGES = ("week", "", "gates", "gates/{gate}", "progress", "plan", "plan/phases", "plan/phases/{phase}", "plan/90-days")


@pytest.fixture
def ids(app: Flask, cast: Cast) -> dict[str, int]:
    """Two gates that ask for every kind, with items behind them."""
    with app.app_context():
        found = write_program(cast)
        database.begin_writing()
        actor = cast.manager.actor
        kpi = Kpi(program_id=cast.program_id, code="CSAT", unit="percent", better="up", amber_percent=Decimal(5))
        db.session.add(kpi)
        db.session.flush()
        for name in ("pilot gate", "rollout gate"):
            gate = find_gate(actor, cast.program_id, found[name])
            gate.kpis = ["CSAT", "NPS"]
            for kind in optional_kinds():
                ask_for(actor, gate, kind.kind)
            ask(actor, gate, Ask(kpi.id, "", "at_least", Decimal(80), None, 4))
        db.session.commit()
    return found


def test_every_kind_answers_from_one_statement(app: Flask, cast: Cast, ids: dict[str, int], statements: Any) -> None:
    with app.app_context():
        program = find_program(cast.manager.actor, cast.key)
        with statements() as ran:
            gates = readiness(program, TODAY)
        asked = {criterion.kind for criterion in gates[0].criteria}
        assert asked >= ROOMS
        assert {kind.kind for kind in (*optional_kinds(), *implied_kinds())} <= asked
        assert len(ran) == 3
        with statements() as ran:
            (alone,) = readiness(program, TODAY, only=gates[0].gate_id)
        assert alone == gates[0]
        assert len(ran) == 3


def test_rooms_that_nobody_asks_are_left_alone(app: Flask, cast: Cast, ids: dict[str, int], statements: Any) -> None:
    with app.app_context():
        bare = Gate(program_id=cast.program_id, phase_id=ids["launch"], name="Launch", planned_on=date(2026, 8, 28))
        db.session.add(bare)
        db.session.flush()
        program = find_program(cast.manager.actor, cast.key)
        with statements() as ran:
            (found,) = readiness(program, TODAY, only=bare.id)
    assert all(find(criterion.kind).standing for criterion in found.criteria)  # type: ignore[union-attr]
    said = " ".join(ran.texts)
    for table in ("program_role", "risk", "survey_round", "impacted_group", "kpi"):
        assert f"FROM {table}" not in said


@pytest.mark.parametrize("page", [*PAGES, None])
def test_no_page_pays_for_what_gates_ask(browser: Any, cast: Cast, ids: dict[str, int], statements: Any, page: Any):
    address = "/programs" if page is None else f"/p/ALFA/{page.format(gate=ids['pilot gate'], phase=ids['pilot'])}"
    with time_machine.travel(NOON, tick=False):
        client = browser(cast.manager)
        with statements() as ran:
            assert client.get(address).status_code == 200
    assert len(ran) <= 12, ran.texts
