"""What gates ask of KPIs: those they name, and figures that hold for periods in a row."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from program.extensions import db
from program.ground.errors import Forbidden, Invalid, NotFound
from program.kpis.gate_kpis import Ask, ask
from program.kpis.goals import set_baseline, set_targets
from program.kpis.models import Way
from program.kpis.writing import NewReading, write
from program.planning.gates import stop_asking_this
from program.planning.models import Gate, Phase
from program.planning.readiness import CriterionState, readiness
from tests.kpis.conftest import Figures, at, make_kpi, monday, rev

D = Decimal
# A Wednesday of week 25: week 24 is over.
TODAY = date(2026, 6, 17)


@pytest.fixture
def gate(figures: Figures) -> Gate:
    """A gate that names NPS and FCR, which nobody follows."""
    phase = Phase(
        program_id=figures.program_id, position=1, name="Pilot", planned_start=monday(10), planned_end=monday(40)
    )
    db.session.add(phase)
    db.session.flush()
    made = Gate(program_id=figures.program_id, phase_id=phase.id, name="G1", planned_on=monday(40), kpis=["NPS", "FCR"])
    db.session.add(made)
    db.session.flush()
    return made


class _Program:
    key = "ALFA"

    def __init__(self, program_id: int) -> None:
        self.id = program_id


def asked(figures: Figures, kind: str) -> CriterionState:
    """The only criterion of that kind."""
    (found,) = readiness(_Program(figures.program_id), TODAY)
    (one,) = [criterion for criterion in found.criteria if criterion.kind == kind]
    return one


def enter(figures: Figures, kpi_id: int, **weeks: int) -> None:
    """Enter weekly figures: w24=5."""
    rows = [NewReading(kpi_id, "", monday(int(week[1:])), D(value)) for week, value in weeks.items()]
    write(figures.program_id, rows, way=Way.FORM)


def test_the_kpis_a_gate_names_are_asked_for_without_being_asked(figures: Figures, gate: Gate) -> None:
    one = asked(figures, "kpis")
    assert (one.met, one.value) == (None, "0 of 2 on track")
    assert one.why_not == "Not on track: NPS – no data, FCR – no data."
    fcr = make_kpi(figures.program_id, "FCR")
    actor = figures.cast.manager.actor
    for kpi in (figures.nps, fcr):
        stone = {"kind": "at_least", "value": D(50), "due_on": monday(10)}
        set_targets(actor, kpi, "", [stone], seen=rev(kpi))
        enter(figures, kpi.id, w24=60)
    assert (asked(figures, "kpis").met, asked(figures, "kpis").value) == (True, "2 of 2 on track")
    enter(figures, fcr.id, w24=49)
    assert (asked(figures, "kpis").met, asked(figures, "kpis").why_not) == (False, "Not on track: FCR – at risk.")
    gate.kpis = []
    db.session.flush()
    (found,) = readiness(_Program(figures.program_id), TODAY)
    assert "kpis" not in {criterion.kind for criterion in found.criteria}


def test_a_figure_has_to_hold_for_periods_in_a_row(figures: Figures, gate: Gate, statements: Any) -> None:
    actor, kpi = figures.cast.manager.actor, figures.nps
    criterion = ask(actor, gate, Ask(kpi.id, "", "rise_by", D(15), None, 4))
    one = asked(figures, "kpi")
    assert one.text == "NPS: at least 15 % above the baseline, for 4 weeks"
    assert (one.met, one.why_not) == (None, "No figure has come in.")
    enter(figures, kpi.id, w21=30, w22=24, w24=23)
    assert asked(figures, "kpi").why_not == "What is asked cannot be worked out: set targets or a baseline."
    base = {"value": D(20), "since": monday(1), "until": monday(4)}
    set_baseline(actor, kpi, "", base, seen=rev(kpi))
    one = asked(figures, "kpi")
    assert (one.met, one.value, one.why_not) == (
        None,
        "23\N{NO-BREAK SPACE}pts; held in 3 of 4",
        "1 period has no figure.",
    )
    enter(figures, kpi.id, w23=22)
    assert (asked(figures, "kpi").met, asked(figures, "kpi").why_not) == (False, "It was missed in 1 period.")
    enter(figures, kpi.id, w23=23)
    with statements() as ran:
        assert asked(figures, "kpi").met is True
    # As many as planning itself takes.
    assert len(ran) == 3
    with pytest.raises(NotFound):
        stop_asking_this(actor, figures.program_id, criterion.id + 1)
    stop_asking_this(actor, figures.program_id, criterion.id)
    (found,) = readiness(_Program(figures.program_id), TODAY)
    assert "kpi" not in {row.kind for row in found.criteria}


def test_who_may_ask_and_for_what(figures: Figures, gate: Gate) -> None:
    cast, kpi = figures.cast, figures.nps
    with pytest.raises(Forbidden):
        ask(cast.contributor.actor, gate, Ask(kpi.id, "", "at_least", D(15), None, 4))
    for wrong, fields in (
        (Ask(-1, "", "at_least", D(15), None, 4), {"kpi_id"}),
        (Ask(kpi.id, "", "at_least", None, None, 27), {"value", "periods"}),
        (Ask(kpi.id, "", "between", D(15), D(15), 1), {"upper"}),
        (Ask(kpi.id, "", "more", D(15), None, 1), {"kind"}),
    ):
        with pytest.raises(Invalid) as caught:
            ask(cast.manager.actor, gate, wrong)
        assert set(caught.value.fields) == fields


def test_the_page_asks_and_stops_asking(figures: Figures, gate: Gate, browser: Any, statements: Any) -> None:
    gate_id, kpi_id = gate.id, figures.nps.id
    db.session.commit()
    client = browser(figures.cast.manager)
    path = "/p/ALFA/kpis/setup/gates"
    with at():
        form = {"gate_id": str(gate_id), "kpi_id": str(kpi_id), "kind": "at_least", "value": "20", "periods": "4"}
        assert client.post(path, data={**form, "value": ""}).status_code == 422
        assert client.post(path, data=form).status_code == 303
        with statements() as ran:
            page = client.get(path)
        assert len(ran) <= 12
        assert "NPS: at least 20\N{NO-BREAK SPACE}pts, for 4 weeks" in page.text
        for other in ("/p/ALFA/gates", f"/p/ALFA/gates/{gate_id}", "/p/ALFA/"):
            with statements() as ran:
                assert client.get(other).status_code == 200
            assert len(ran) <= 12, other
