"""Figures that plugins bring: written once, wrong ones listed, corrections kept; and the manual's source of figures."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from program import create_app
from program.extensions import db
from program.ground import database
from program.kpis.models import Kpi, Reading, Way
from program.kpis.readings import close_until, corrections_of, put_reading
from program.plugin_api import contract, core
from program.plugin_api.models import FiguresReport
from program.plugin_host import connections, figures, switching, syncing
from program.plugin_host.forms import Kept
from program.plugin_host.host import host
from program.settings import Settings
from tests.cast import Cast
from tests.conftest import Browser
from tests.kpis.conftest import Figures, at, make_figures, monday
from tests.plugins import sample


@pytest.fixture
def alfa(inside: Flask, cast: Cast) -> Iterator[Figures]:
    """The KPIs of ALFA, committed; it is week 25."""
    with database.transaction():
        made = make_figures(cast)
        for kpi in (made.csat, made.volume, made.nps):
            db.session.refresh(kpi)
            db.session.expunge(kpi)
    with at():
        yield made


def sent(code: str, period: Any, value: str, channel: str = "", key: str = "") -> contract.Reading:
    """A row of a source, called by its KPI and channel."""
    return contract.Reading("ALFA", code, period, value, key or f"{code}/{channel}", channel)


def bring(number: int, *rows: contract.Reading) -> figures.Taken:
    """The clock's round, in which the source answers with those rows."""
    sample.INSTEAD["readings"] = lambda _given: list(rows)
    assert syncing.sync(host().plugins["sample"], number)
    with database.looking():
        found = figures.of_connection(number)
    assert found is not None
    return found


def values() -> dict[tuple[str, date], Decimal]:
    with database.looking():
        query = select(Reading.channel, Reading.period, Reading.value).where(Reading.way != Way.WEIGHTED)
        return {(row[0], row[1]): row[2] for row in db.session.execute(query)}


def counts(taken: figures.Taken) -> tuple[int, int, int, int]:
    return taken.added, taken.changed, taken.unchanged, taken.wrong_rows


def test_the_clock_takes_figures_and_twice_is_once(alfa: Figures, connect: Any) -> None:
    number = connect()
    rows = [
        sent("CSAT", "2026-W23", "78.1", "chat"),
        sent("csat", monday(23), "+64.25", "Phone"),
        sent("NPS", "2026-W23", "-4"),
    ]
    sample.INSTEAD["readings"] = lambda _given: rows
    assert syncing.sync_what_is_due() == 1
    assert values() == {
        ("chat", monday(23)): Decimal("78.1"),
        ("phone", monday(23)): Decimal("64.25"),
        ("", monday(23)): Decimal(-4),
    }
    assert counts(bring(number, *rows)) == (0, 0, 3, 0)
    with database.looking():
        assert set(db.session.scalars(select(Reading.source).where(Reading.way == Way.PLUGIN))) == {"sample: Board"}


def test_what_is_wrong_is_listed_and_the_rest_is_taken(alfa: Figures, cast: Cast, connect: Any, visit: Any) -> None:
    number = connect()
    taken = bring(
        number,
        sent("CSAT", "2026-W23", "78", "chat"),
        sent("CSAT", "2026-W23", "79", "chat", "again"),
        sent("CSAT", "2026-W23", "7,9", "phone"),
        sent("CSAT", "2026-W23", "101", "shop"),
        sent("CSAT", "2026-W23", "70", "drone"),
        sent("CSAT", "2026-W60", "70", "phone"),
        sent("FCR", "2026-W23", "70"),
        sent("NPS", "2026-W30", "7"),
        contract.Reading("BETA", "NPS", "2026-W23", "7", "nps"),
        contract.Reading("ALFA", "NPS", "2026-W23", "7", " "),
        sent("NPS", "2026-W22", "1e3"),
    )
    assert counts(taken) == (1, 0, 0, 10)
    assert values() == {("chat", monday(23)): Decimal(78)}
    assert {one.source_key: one.reason for one in taken.wrong}["again"] == "This figure is given twice."
    assert taken.wrong[1].place == "CSAT · phone · 2026-W23 · 7,9"
    page = visit(cast.manager).get(f"/p/ALFA/settings/plugins/sample/{number}").text
    assert "10 figures could not be taken." in page
    assert "There is no channel “drone” here." in page
    with database.looking():
        (line,) = connections.of_plugin(cast.admin.actor, "sample")
    assert (line.wrong_figures, line.state) == (10, "bad")
    bring(number, sent("CSAT", "2026-W23", "78", "chat"))
    assert "could not be taken" not in visit(cast.manager).get(f"/p/ALFA/settings/plugins/sample/{number}").text


def test_a_person_s_correction_stands_until_the_source_says_something_else(alfa: Figures, connect: Any) -> None:
    number, week = connect(), monday(23)
    bring(number, sent("NPS", week, "40"))
    with database.transaction():
        nps = db.session.get_one(Kpi, alfa.nps.id)
        put_reading(alfa.cast.manager.actor, nps, "", week, Decimal(44), way=Way.FORM)
    assert counts(bring(number, sent("NPS", week, "40.0"))) == (0, 0, 1, 0)
    assert values() == {("", week): Decimal(44)}
    assert counts(bring(number, sent("NPS", week, "41"))) == (0, 1, 0, 0)
    assert values() == {("", week): Decimal(41)}
    with database.looking():
        assert [row.former for row in corrections_of(alfa.nps.id)] == [44, 40]


def test_closed_periods_are_neither_asked_for_nor_written(alfa: Figures, cast: Cast, connect: Any) -> None:
    number = connect()
    bring(number, sent("NPS", monday(20), "40"))
    with database.transaction():
        close_until(cast.manager.actor, cast.program_id, date(2026, 6, 7), seen=None)
    taken = bring(number, sent("NPS", monday(20), "40"), sent("NPS", monday(21), "40"), sent("NPS", monday(24), "40"))
    assert counts(taken) == (1, 0, 1, 1)
    assert taken.wrong[0].reason == "This period is closed. A manager of the program can correct it."
    assert [given[1] for name, given in sample.CALLS if name == "readings"] == [date(2025, 6, 17), date(2026, 6, 8)]


def test_it_asks_again_from_a_while_before_all_went_well(alfa: Figures, connect: Any) -> None:
    number = connect()
    bring(number, sent("NPS", monday(20), "40"))
    with at("2026-07-17T10:00+02:00"):
        bring(number, sent("NPS", monday(20), "far"))
        bring(number)
        bring(number)
    asked = [given[1] for name, given in sample.CALLS if name == "readings"]
    assert asked == [date(2025, 6, 17), date(2026, 3, 9), date(2026, 3, 9), date(2026, 4, 8)]


@pytest.mark.parametrize("answer", [None, "78", [78], [contract.Reading("ALFA", "NPS", 7, "7", "k")]])
def test_an_answer_of_another_shape_is_a_failure_of_the_plugin(alfa: Figures, connect: Any, answer: Any) -> None:
    number = connect()
    sample.INSTEAD["readings"] = lambda _given: answer
    assert not syncing.sync(host().plugins["sample"], number)
    with database.looking():
        assert db.session.get(FiguresReport, number) is None
        found = connections.line(alfa.cast.manager.actor, alfa.program_id, "sample", number)
    assert "readings answers with Reading(" in found.reason


def test_a_plugin_learns_what_to_send(alfa: Figures, cast: Cast) -> None:
    csat, nps = (one for one in core.kpis(core.find_program("ALFA")) if one.code in ("CSAT", "NPS"))
    assert (csat.name, csat.unit, csat.every, csat.takes_overall) == ("Customer satisfaction", "%", "week", False)
    assert csat.channels == (("chat", "Chat"), ("phone", "Phone"), ("shop", "Shop"))
    assert (nps.channels, nps.takes_overall, nps.open_from) == ((), True, None)
    with database.transaction():
        close_until(cast.manager.actor, cast.program_id, date(2026, 6, 7), seen=None)
    assert {one.open_from for one in core.kpis(core.find_program("ALFA"))} == {date(2026, 6, 8)}


class Table(BaseHTTPRequestHandler):
    """Another system: a table for whoever knows its token."""

    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        good = self.headers["Authorization"] == "Bearer sesame"
        self.send_response(200 if good else 401)
        self.end_headers()
        self.wfile.write(b"kpi,channel,period,value\nNPS,,2026-W23,31.5\nCSAT,chat,2026-W23,78\nOTHER,,2026-W23,1\n")

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    """Where that system answers."""
    Table.asked.clear()
    server = HTTPServer(("127.0.0.1", 0), Table)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/figures.csv"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project_root: Path) -> Iterator[EntryPoint]:
    """The manual's plugin, as its reader writes it."""
    manual = (project_root / "docs" / "plugins.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^`figure_table\.py`:\n\n```python\n(.*?)^```", manual, re.MULTILINE | re.DOTALL)
    (tmp_path / "figure_table.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield EntryPoint("figure_table", "figure_table:FigureTable", "milepost.plugins")
    loaded: ModuleType | None = sys.modules.pop("figure_table", None)
    assert loaded is not None


def test_the_manual_s_source_of_figures_works(
    app: Flask, database_url: str, cast: Cast, written: EntryPoint, address: str
) -> None:
    with app.app_context(), database.transaction():
        make_figures(cast)
    settings = Settings(database_url=database_url, secret_key="x" * 32, internal_hosts="127.0.0.1")
    own = create_app(settings, TESTING=True, PLUGINS=[written])
    own.test_client_class = Browser
    with own.app_context(), at():
        with database.transaction():
            switching.set_enabled(cast.admin.actor, "figure_table", True)
            switching.set_in_program(cast.manager.actor, cast.program_id, "figure_table", True)
            kept = Kept({"address": address, "token": "sesame"})
            number = connections.add(cast.manager.actor, cast.program_id, "figure_table", "Genesys", kept)
            wrong = Kept({"address": address, "token": "wrong"})
            other = connections.add(cast.manager.actor, cast.program_id, "figure_table", "Other", wrong)
        assert syncing.sync_what_is_due() == 2
        assert values() == {("", monday(23)): Decimal("31.5"), ("chat", monday(23)): Decimal(78)}
        with database.looking():
            lines = {one.id: one for one in connections.of_program(cast.manager.actor, cast.program_id)}
        assert (lines[number].reason, lines[number].wrong_figures) == ("", 0)
        assert (lines[other].reason, lines[other].needs_person) == ("The system does not accept this token.", True)
        assert Table.asked[0].endswith("?since=2025-06-17")
        db.session.remove()
        db.engine.dispose()
