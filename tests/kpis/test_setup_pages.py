"""The pages that define KPIs and set the index, as a manager and as others meet them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from program.extensions import db
from program.ground import database
from program.kpis.goals import baselines_of, targets_of
from program.kpis.index import latest
from program.kpis.models import Kpi, KpiAnnotation, Way
from program.kpis.readings import settled_until
from program.kpis.writing import NewReading, write
from program.kpis.years import year_begins
from program.planning.models import Gate, Phase
from tests.cast import Cast
from tests.kpis.conftest import at, make_figures, monday

AT = "/p/ALFA/kpis"
SETUP = f"{AT}/setup"


@dataclass(frozen=True)
class Kept:
    """The KPIs by id, committed for pages to see; `look` opens a transaction of the test's own."""

    app: Flask
    cast: Cast
    csat: int
    volume: int
    nps: int

    @contextmanager
    def look(self) -> Iterator[None]:
        """Within the block the database can be read and written; requests come after it."""
        with self.app.app_context(), database.transaction():
            yield


@pytest.fixture
def kept(app: Flask, cast: Cast) -> Kept:
    """The KPIs, with a gate that names two."""
    with app.app_context(), database.transaction():
        figures = make_figures(cast)
        day = monday(40)
        phase = Phase(program_id=cast.program_id, position=1, name="Pilot", planned_start=monday(10), planned_end=day)
        db.session.add(phase)
        db.session.flush()
        named = ["CSAT", "FCR"]
        db.session.add(Gate(program_id=cast.program_id, phase_id=phase.id, name="G", planned_on=day, kpis=named))
        return Kept(app, cast, figures.csat.id, figures.volume.id, figures.nps.id)


def token(page: Any, name: str = "revision") -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.text)
    assert found is not None, name
    return found[1]


def test_pages_for_everybody_and_for_managers(kept: Kept, browser: Any, statements: Any) -> None:
    paths = ("setup", "remarks", "index")
    only = ("setup/new", f"setup/{kept.csat}", f"setup/{kept.csat}/goals", "setup/channels", "setup/closing")
    for person, expected in ((kept.cast.manager, 200), (kept.cast.viewer, 403), (kept.cast.stranger, 404)):
        client = browser(person)
        for path in (*paths, *only, "index/mix"):
            with statements() as ran:
                answer = client.get(f"{AT}/{path}")
            wanted = 200 if path in paths and expected == 403 else expected
            assert answer.status_code == wanted, path
            assert len(ran) <= 12, (path, ran.texts)


def test_from_the_gates_to_a_baseline_and_a_target(kept: Kept, browser: Any) -> None:
    client = browser(kept.cast.manager)
    page = client.get(SETUP)
    assert "FCR." in page.text
    client.post(f"{SETUP}/adopt", data={"code": ["FCR"]})
    with kept.look():
        fcr = db.session.scalars(db.select(Kpi.id).where(Kpi.code == "FCR")).one()
    assert "nobody follows yet" not in client.get(SETUP).text
    goals = f"{SETUP}/{fcr}/goals"
    page = client.get(goals)
    assert "at least 70.0" in page.text
    base = {"base-value": "61,5 %", "base-since": "2026-01-05", "base-until": "2026-02-01", "base-source": "sample"}
    assert (
        client.post(f"{goals}/baseline", data={**base, "base-revision": token(page, "base-revision")}).status_code
        == 303
    )
    with kept.look():
        assert baselines_of(fcr)[""].value == Decimal("61.5")
    # The form of before: somebody else was first.
    assert client.post(f"{goals}/baseline", data={**base, "base-revision": "1"}).status_code == 409
    page = client.get(goals)
    rows = {
        "stones-0-kind": "at_least",
        "stones-0-value": "70",
        "stones-0-due_on": "2026-12-31",
        "stones-1-kind": "rise_by",
        "stones-1-value": "5",
        "stones-1-due_on": "2026-06-30",
        "stones-2-kind": "at_least",
        "stones-2-value": "",
        "stones-2-due_on": "",
    }
    wrong = client.post(f"{goals}/targets", data={**rows, "stones-1-value": "x", "revision": token(page)})
    assert wrong.status_code == 422
    assert "This is not a figure." in wrong.text
    late = client.post(f"{goals}/targets", data={**rows, "stones-1-value": "120000", "revision": token(page)})
    assert (late.status_code, "A share above 0" in late.text) == (422, True)
    assert client.post(f"{goals}/targets", data={**rows, "revision": token(page)}).status_code == 303
    with kept.look():
        assert [row.value for row in targets_of(fcr)[""]] == [Decimal(5), Decimal(70)]
    assert "at least 64.6" in client.get(goals).text


def test_a_kpi_is_changed_retired_and_brought_back(kept: Kept, browser: Any) -> None:
    client = browser(kept.cast.manager)
    path = f"{SETUP}/{kept.nps}"
    page = client.get(path)
    form = {
        "code": "NPS",
        "name": "Would they recommend us",
        "unit": "points",
        "decimals": "0",
        "better": "up",
        "scale_low": "-100",
        "scale_high": "100",
        "amber_percent": "7,5",
        "every": "week",
        "stale_after": "3",
        "overall_by": "entered",
        "is_on_board": "y",
        "owner_id": str(kept.cast.viewer.id),
        "revision": token(page),
        "channels": ["chat"],
    }
    assert client.post(path, data={**form, "decimals": "9"}).status_code == 422
    assert client.post(path, data=form).status_code == 303
    with kept.look():
        nps = db.session.get_one(Kpi, kept.nps)
        assert (nps.amber_percent, nps.owner_id, nps.stale_after) == (Decimal("7.5"), kept.cast.viewer.id, 3)
    page = client.get(path)
    assert "Would they recommend us" in page.text
    asked = client.post(f"{path}/retire", data={"revision": token(page)})
    assert (asked.status_code, "can come back" in asked.text) == (200, True)
    client.post(f"{path}/retire", data={"revision": token(page), "confirmed": "1"})
    page = client.get(SETUP)
    assert "Follow it again" in page.text
    client.post(f"{path}/restore", data={"revision": token(page)})
    assert "Follow it again" not in client.get(SETUP).text
    assert client.post(f"{SETUP}/new", data={**form, "code": "QUEUE", "name": "Queue"}).status_code == 303
    assert client.post(f"{SETUP}/new", data={**form, "code": "QUEUE", "name": "Queue"}).status_code == 422


def test_channels_remarks_and_closing(kept: Kept, browser: Any) -> None:
    client = browser(kept.cast.manager)
    assert client.post(f"{SETUP}/channels", data={"key": "web"}).status_code == 303
    page = client.get(f"{SETUP}/channels")
    assert "<code>web</code>" in page.text
    assert client.post(f"{SETUP}/channels", data={"key": "", "name": ""}).status_code == 422
    helper = browser(kept.cast.contributor)
    remark = {"kpi_id": str(kept.csat), "on_day": "2026-06-01", "text": "Outage"}
    assert helper.post(f"{AT}/remarks/new", data=remark).status_code == 303
    assert helper.post(f"{AT}/remarks/new", data={**remark, "text": ""}).status_code == 422
    with kept.look():
        remark_id = db.session.scalars(db.select(KpiAnnotation.id)).one()
    assert "Outage" in helper.get(f"{AT}/remarks").text
    assert helper.post(f"{AT}/remarks/{remark_id}/remove").status_code == 303
    with at():
        assert client.post(f"{SETUP}/closing", data={"until": "2026-06-14", "seen": ""}).status_code == 303
        assert client.post(f"{SETUP}/closing", data={"until": "2026-06-07", "seen": ""}).status_code == 409
        assert client.post(f"{SETUP}/closing", data={"until": "2027-06-07", "seen": "2026-06-14"}).status_code == 422
        with kept.look():
            assert settled_until(kept.cast.program_id) == monday(24) + timedelta(days=6)
        assert client.post(f"{SETUP}/closing", data={"open": "1", "seen": "2026-06-14"}).status_code == 303
    with kept.look():
        assert settled_until(kept.cast.program_id) is None


def test_the_index_is_set_and_explained(kept: Kept, browser: Any) -> None:
    rows = [NewReading(kept.nps, "", monday(week), Decimal(10)) for week in (22, 23)]
    rows += [NewReading(kpi, "chat", monday(22), Decimal(70)) for kpi in (kept.csat, kept.volume)]
    with kept.look():
        write(kept.cast.program_id, rows, way=Way.FORM)
    client = browser(kept.cast.manager)
    with at():
        assert "Set up the index" in client.get(f"{AT}/index").text
        page = client.get(f"{AT}/index/mix")
        names = {match[1]: match[0] for match in re.findall(r'name="parts-(\d)-kpi_id"[^>]*value="(\d+)"', page.text)}
        nps, csat = names[str(kept.nps)], names[str(kept.csat)]
        form = {"since": "2026-05-25", "carries": "2", "seen": ""}
        for number, weight, kpi in ((csat, "60", kept.csat), (nps, "40", kept.nps)):
            form |= {
                f"parts-{number}-kpi_id": str(kpi),
                f"parts-{number}-channel": "",
                f"parts-{number}-weight": weight,
                f"parts-{number}-floor": "0",
                f"parts-{number}-goal": "100",
            }
        wrong = client.post(f"{AT}/index/mix", data={**form, f"parts-{nps}-weight": "39"})
        assert (wrong.status_code, "add up to 100" in wrong.text) == (422, True)
        wrong = client.post(f"{AT}/index/mix", data={**form, f"parts-{nps}-goal": "-1"})
        assert (wrong.status_code, "better than the floor" in wrong.text) == (422, True)
        assert client.post(f"{AT}/index/mix", data=form).status_code == 303
        with kept.look():
            now = latest(kept.cast.program_id)
        assert now is not None
        assert (now.point.week, now.point.value, now.change) == (monday(23), Decimal(46), Decimal(0))
        page = client.get(f"{AT}/index")
        assert "46.0 of 100 in week 23, as in week 22." in page.text
        assert "Customer satisfaction is the figure of week 22." in page.text
        assert f"index/parts.svg?week={monday(23).isoformat()}" in page.text
        assert client.get(f"{AT}/index/parts.svg?week={monday(20).isoformat()}").status_code == 404
        assert client.get(f"{AT}/index/parts.svg?week=once").status_code == 404
        assert client.get(f"{AT}/index/{monday(22).isoformat()}").status_code == 200
        assert client.get(f"{AT}/index/{monday(20).isoformat()}").status_code == 404
        assert client.get(f"{AT}/index/once").status_code == 404


def test_quarters_follow_the_company_s_year(kept: Kept, browser: Any) -> None:
    client = browser(kept.cast.manager)
    with at():
        page = client.get(f"{SETUP}/closing").text
        assert '<option value="1" selected>January</option>' in page
        assert client.post(f"{SETUP}/year", data={"begins": "10", "seen": "1"}).status_code == 303
        assert client.post(f"{SETUP}/year", data={"begins": "4", "seen": "1"}).status_code == 409
        client.post(f"{SETUP}/year", data={"begins": "5", "seen": "10"})
        assert browser(kept.cast.contributor).post(f"{SETUP}/year", data={"begins": "4"}).status_code == 403
        with kept.look():
            assert year_begins(kept.cast.program_id) == 10
            db.session.get_one(Kpi, kept.nps).every = "quarter"
            row = NewReading(kept.nps, "", date(2026, 1, 1), Decimal(30))
            write(kept.cast.program_id, [row], way=Way.FORM)
        assert "Q2 2025/26" in client.get(f"{AT}/NPS").text
        assert "Q2 2025/26" in client.get(AT).text
        assert "Enter figures: Q2 2025/26" in client.get(f"{AT}/enter?every=quarter&period=2026-Q1").text
        assert "Q2 2025/26" in client.get(f"{AT}/NPS/figure?period=2026-Q1").text
