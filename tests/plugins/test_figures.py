"""Figures of KPIs through the door for plugins."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from program.extensions import db
from program.ground import database
from program.kpis.models import Reading
from program.kpis.readings import close_until
from program.plugin_api import core, setups
from program.plugin_api.contract import Connection, Invalid, NotFound, Person, Recorded
from tests.kpis.conftest import Figures, at, figures, monday

__all__ = ["figures"]


@pytest.fixture
def tomek(figures: Figures) -> Any:
    """The owner of CSAT, as a plugin knows him; everything is committed and it is week 25."""
    db.session.commit()
    with at():
        yield Person(figures.cast.contributor.id, "Tomek", "tomek@alfa.example", "pl", "Europe/Warsaw")


def values() -> dict[str, Decimal]:
    with database.looking():
        return {row[0]: row[1] for row in db.session.execute(select(Reading.channel, Reading.value))}


def test_a_person_is_told_what_to_enter_and_enters_it(tomek: Person) -> None:
    (kpi,) = core.own_kpis(tomek)
    assert (kpi.code, kpi.period, kpi.unit, kpi.program) == ("CSAT", monday(24), "%", "ALFA")
    assert [channel.key for channel in kpi.channels] == ["chat", "phone", "shop"]
    sent = {"chat": "85,4", "phone": "79", "shop": ""}
    assert core.record_figures(tomek, kpi.id, kpi.period, sent, seen={}) == Recorded(2, 0, 0)
    assert values() == {"chat": Decimal("85.4"), "phone": 79}
    (again,) = core.own_kpis(tomek)
    assert (again.channels[0].value, again.channels[0].revision) == (Decimal("85.4"), 1)
    assert "kpis/enter?every=week&period=2026-W24" in kpi.url


def test_what_is_wrong_is_told_by_channel(tomek: Person) -> None:
    (kpi,) = core.own_kpis(tomek)
    with pytest.raises(Invalid) as refused:
        core.record_figures(tomek, kpi.id, kpi.period, {"chat": "lots", "phone": "101", "shop": "80"}, seen={})
    assert set(refused.value.fields) == {"chat", "phone"}
    with pytest.raises(Invalid) as refused:
        core.record_figures(tomek, kpi.id, kpi.period, {"phone": "101", "shop": "80"}, seen={})
    assert set(refused.value.fields) == {"phone"}
    assert values() == {}


def test_nobody_enters_through_a_plugin_what_they_may_not(tomek: Person, figures: Figures) -> None:
    nps, stranger = figures.nps.id, figures.cast.stranger
    with pytest.raises(NotFound):
        core.record_figures(tomek, nps, monday(24), {"": "5"}, seen={})
    other = Person(stranger.id, stranger.name, stranger.email, "en", "Europe/Warsaw")
    assert core.own_kpis(other) == ()
    with pytest.raises(NotFound):
        core.record_figures(other, figures.csat.id, monday(24), {"chat": "5"}, seen={})


def test_a_system_records_as_often_as_it_likes_but_nothing_closed(tomek: Person, figures: Figures) -> None:
    with database.looking():
        program = setups.program_data((figures.program_id, "ALFA", "Alfa", "en", "Europe/Warsaw"))
    board = Connection("sample", 1, "Genesys", program)
    assert core.record_reading(board, "csat", "2026-W24", Decimal("80.5"), channel="chat") == Recorded(1, 0, 0)
    assert core.record_reading(board, "CSAT", date(2026, 6, 10), Decimal("80.5"), channel="chat") == Recorded(0, 0, 1)
    with pytest.raises(Invalid):
        core.record_reading(board, "CSAT", "2026-W24", Decimal(500), channel="chat")
    with database.transaction():
        close_until(figures.cast.manager.actor, figures.program_id, date(2026, 6, 15), seen=None)
    with pytest.raises(Invalid):
        core.record_reading(board, "CSAT", "2026-W24", Decimal(81), channel="chat")
