"""KPIs on planning's pages: on This week, on the overview, and when somebody leaves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from program.kpis.goals import set_targets
from program.kpis.index import NewPart, set_mix
from program.kpis.insets import overview, seen_to_by
from program.kpis.models import Kpi, Way
from program.kpis.writing import NewReading, write
from program.planning.handing_over import Handover, parts
from program.planning.insets import Asked
from tests.kpis.conftest import Figures, at, make_kpi, monday, rev

D = Decimal
TODAY = date(2026, 6, 17)


@pytest.fixture
def owned(figures: Figures) -> Kpi:
    """An own KPI of Tomek with a target of 80 and figures up to week 24."""
    kpi = make_kpi(figures.program_id, "QUICK", name="Quick", owner_id=figures.cast.contributor.id)
    target = {"kind": "at_least", "value": D(80), "due_on": monday(10)}
    set_targets(figures.cast.manager.actor, kpi, "", [target], seen=rev(kpi))
    write(figures.program_id, [NewReading(kpi.id, "", monday(24), D(50))], way=Way.FORM)
    return kpi


def test_this_week_shows_owners_what_needs_them(figures: Figures, owned: Kpi, app: Flask, statements: Any) -> None:
    programs = {figures.program_id: "ALFA"}
    with app.test_request_context():
        tomek = figures.cast.contributor.id
        with statements() as ran:
            found = seen_to_by(tomek, programs, TODAY)[0]
        assert len(ran) == 1
        assert [(line.text.partition(":")[0], line.state) for line in found] == [
            ("Quick", "off_track"),
            ("Customer satisfaction", "stale"),
        ]
        write(figures.program_id, [NewReading(owned.id, "", monday(24), D(85))], way=Way.FORM)
        assert [line.state for line in seen_to_by(tomek, programs, TODAY)[0]] == ["stale"]
        assert seen_to_by(figures.cast.viewer.id, programs, TODAY)[0] == []
        assert seen_to_by(tomek, {}, TODAY)[0] == []


def test_the_overview_shows_the_index(figures: Figures, owned: Kpi, app: Flask, statements: Any) -> None:
    asked = Asked(figures.cast.viewer.actor, {figures.program_id: "ALFA"}, TODAY)
    with app.test_request_context():
        assert overview(asked) is None
        with at():
            part = NewPart(owned.id, "", D(100), D(0), D(100))
            set_mix(figures.cast.manager.actor, figures.program_id, monday(20), [part], seen=None)
        with statements() as ran:
            found = overview(asked)
        assert len(ran) == 1
        assert found is not None
        assert (found.data["value"], found.data["change"], found.data["is_partial"]) == ("50.0", None, False)


def test_kpis_change_hands(figures: Figures, owned: Kpi, app: Flask) -> None:
    cast = figures.cast
    owned.deputy_id = cast.viewer.id
    handover = Handover(figures.program_id, "ALFA", cast.contributor.id, cast.viewer.id, TODAY)
    (owners, deputies) = [part for part in parts() if part.name.startswith("kpis.")]
    with app.test_request_context():
        assert [line.name for line in owners.carried(handover)] == ["Customer satisfaction", "Quick"]
        assert deputies.carried(handover) == []
        assert owners.carry_out(cast.manager.actor, handover, "batch") == 2
    # The deputy who takes over is no longer deputy.
    assert owned.owner_id == cast.viewer.id
    assert owned.deputy_id is None
    assert figures.csat.owner_id == cast.viewer.id
