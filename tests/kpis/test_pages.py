"""The board, a KPI's page, a channel's page, correlation, remarks, and the addresses of charts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from program.charts import drawing
from program.charts.drawing import NotDrawn, Order
from program.cli.bench.kpi_seeding import KpiSize, seed_kpis
from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.kpis.annotations import annotate
from program.kpis.models import (
    Correction,
    CustomerChannel,
    Kpi,
    KpiAnnotation,
    KpiBaseline,
    KpiChannel,
    KpiTarget,
    Way,
)
from program.kpis.views import charts
from program.kpis.writing import NewReading, write
from tests.cast import Cast
from tests.kpis.conftest import at, make_kpi, monday

D = Decimal


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> list[Order]:
    """Charts are described and asked for, but drawn by nobody."""
    orders: list[Order] = []

    def draw(order: Order, folder: Path) -> bytes:
        assert folder.name == "charts"
        orders.append(order)
        return b'<svg xmlns="http://www.w3.org/2000/svg"><text fill="#1c212b"/></svg>'

    monkeypatch.setattr(charts, "drawn", draw)
    return orders


@pytest.fixture
def followed(app: Any, cast: Cast) -> Any:
    """CSAT in chat and phone, off track after an odd week; AHT, falling, on track; NPS, never read."""
    with app.app_context(), database.transaction():
        csat = make_kpi(cast.program_id, "CSAT", catalogue="CSAT", owner_id=cast.contributor.id)
        aht = make_kpi(
            cast.program_id, "AHT", unit="seconds", better="down", scale_high=None, decimals=0, name="<Czas>"
        )
        make_kpi(cast.program_id, "NPS", unit="points", scale_low=D(-100), decimals=0)
        make_kpi(cast.program_id, "VOL", unit="number", scale_high=None, is_on_board=False)
        for place, key in enumerate(("chat", "phone")):
            db.session.add(CustomerChannel(program_id=cast.program_id, key=key, position=place))
            db.session.add(KpiChannel(kpi_id=csat.id, channel=key))
        since, until = monday(1), monday(4)
        db.session.add(KpiBaseline(kpi_id=csat.id, value=D(70), since=since, until=until))
        db.session.add(KpiTarget(kpi_id=csat.id, kind="at_least", value=D(80), due_on=date(2026, 6, 1)))
        db.session.add(KpiTarget(kpi_id=aht.id, kind="at_most", value=D(300), due_on=date(2026, 6, 1)))
        values = [72, 73, 71, 72, 73, 72, 71, 73, 72, 60]
        weeks = [monday(24) - timedelta(weeks=back) for back in range(len(values))][::-1]
        rows = [NewReading(csat.id, "", week, D(value)) for week, value in zip(weeks, values, strict=True)]
        rows += [NewReading(csat.id, "chat", monday(24), D("64.5")), NewReading(aht.id, "", monday(24), D(1280))]
        rows += [NewReading(aht.id, "", monday(23), D(1300))]
        rows += [NewReading(csat.id, "phone", week, D(value)) for week, value in zip(weeks, values, strict=True)]
        write(cast.program_id, rows, way=Way.FORM)
        db.session.add(
            Correction(kpi_id=csat.id, channel="", period=monday(24), former=D(61), value=D(60), way="form", by_id=None)
        )
        annotate(cast.manager.actor, cast.program_id, csat, date(2026, 6, 9), "Awaria strony")
        ids = {"CSAT": csat.id, "AHT": aht.id}
    with at():
        yield ids


def test_the_board_says_what_matters_first(followed: Any, cast: Cast, browser: Any) -> None:
    page = browser(cast.viewer).get("/p/ALFA/kpis").text
    assert "CSAT and AHT are off track." in page.replace("AHT and CSAT", "CSAT and AHT")
    assert "NPS has no fresh figure." in page
    assert "CSAT moved by more than its usual ups and downs." in page
    assert page.index("CSAT</span>") < page.index("NPS</span>")
    assert "VOL</span>" not in page
    for words in (
        "60.0\N{NO-BREAK SPACE}%",
        "−12.0\N{NO-BREAK SPACE}pp",
        "(worse)",
        "1,280\N{NO-BREAK SPACE}s",
        "(better)",
    ):
        assert words in page
    assert "&lt;Czas&gt;" in page
    assert 'class="spark"' in page


def test_the_board_is_filtered_by_its_address(followed: Any, cast: Cast, browser: Any) -> None:
    reader = browser(cast.contributor)

    def codes(query: str) -> set[str]:
        page = reader.get(f"/p/ALFA/kpis?{query}").text
        return {code for code in ("CSAT", "AHT", "NPS") if f"{code}</span>" in page}

    assert codes("state=off_track") == {"CSAT", "AHT"}
    assert codes("owner=me") == {"CSAT"}
    assert codes("channel=chat") == {"CSAT"}
    assert codes("channel=nowhere&state=nonsense") == set()
    assert "No KPI fits" in reader.get("/p/ALFA/kpis?state=at_risk").text


def test_an_empty_board_says_what_belongs_there(cast: Cast, browser: Any) -> None:
    assert "No KPIs yet" in browser(cast.viewer).get("/p/ALFA/kpis").text
    assert "No weekly KPIs yet" in browser(cast.viewer).get("/p/ALFA/kpis/correlation").text


def test_a_kpi_page_tells_value_target_noise_and_history(followed: Any, cast: Cast, browser: Any) -> None:
    page = browser(cast.manager).get("/p/ALFA/kpis/csat").text
    assert "60.0\N{NO-BREAK SPACE}% in week 24: 20.0\N{NO-BREAK SPACE}pp away from what is asked for" in page
    assert "More than the usual ups and downs: worth asking why." in page
    assert "trend.svg" in page
    assert "channels.svg" in page
    assert "Awaria strony" in page
    assert page.index('id="corrections"') > page.index('id="figures"')
    assert "61.0\N{NO-BREAK SPACE}%" in page
    chat = browser(cast.viewer).get("/p/ALFA/kpis/CSAT?channel=chat&span=all").text
    assert "64.5\N{NO-BREAK SPACE}% in week 24" in chat
    assert "remarks/new" not in chat
    assert "No figure has been read yet." in browser(cast.viewer).get("/p/ALFA/kpis/NPS").text


def test_a_channel_stands_beside_all_of_them(followed: Any, cast: Cast, browser: Any) -> None:
    page = browser(cast.viewer).get("/p/ALFA/kpis/channels/chat").text
    assert "+4.5\N{NO-BREAK SPACE}pp" in page
    assert "Against all channels together it is better in 1 of 1 KPIs and worse in 0." in page


@pytest.mark.parametrize(
    "path",
    [
        "kpis/NONE",
        "kpis/CSAT?channel=fax",
        "kpis/channels/fax",
        "kpis/CSAT/trend.svg?channel=fax",
        "kpis/NONE/channels.svg",
        "kpis/correlation.svg?first=CSAT",
    ],
)
def test_what_is_not_there_is_not_found(followed: Any, cast: Cast, browser: Any, path: str) -> None:
    assert browser(cast.manager).get(f"/p/ALFA/{path}").status_code == 404


def test_charts_are_asked_for_by_those_who_may_and_kept_by_their_browsers(
    followed: Any, cast: Cast, browser: Any, shelf: list[Order]
) -> None:
    path = "/p/ALFA/kpis/CSAT/trend.svg?channel=&span=year"
    assert browser(cast.stranger).get(path).status_code == 404
    reader = browser(cast.viewer)
    answer = reader.get(path)
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("image/svg+xml", "private, no-cache")
    assert "#1c212b" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    again = reader.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, len(shelf)) == (304, 1)
    dark = reader.get(f"{path}&theme=dark&size=narrow")
    assert "#1c212b" not in dark.text
    assert shelf[1].chart.spec["width"] < shelf[0].chart.spec["width"]
    assert "Awaria strony" in str(shelf[0].chart.spec)
    assert "from 72.0" in shelf[0].chart.alt
    for other in ("CSAT/channels.svg", "NPS/trend.svg", "correlation.svg?first=CSAT&second=AHT"):
        assert reader.get(f"/p/ALFA/kpis/{other}").status_code == 200


def test_a_chart_that_cannot_be_drawn_leaves_the_table(
    followed: Any, cast: Cast, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(order: Order, folder: Path) -> bytes:
        raise NotDrawn("out of ink")

    monkeypatch.setattr(charts, "drawn", fail)
    answer = browser(cast.viewer).get("/p/ALFA/kpis/CSAT/trend.svg")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (503, "no-store")
    assert drawing.SVG == "svg"


def test_correlation_says_how_sure_it_is(followed: Any, cast: Cast, browser: Any, app: Any) -> None:
    reader = browser(cast.viewer)
    few = reader.get("/p/ALFA/kpis/correlation?first=CSAT&second=AHT").text
    assert "both known in only 2 weeks" in few
    with app.app_context(), database.transaction():
        rows = [
            NewReading(followed["AHT"], "", monday(24) - timedelta(weeks=back), D(300 - 7 * (back % 4)))
            for back in range(10)
        ]
        write(cast.program_id, rows, way=Way.FORM)
    page = reader.get("/p/ALFA/kpis/correlation?first=CSAT&second=AHT&lag=0").text
    assert "Moving together is no cause." in page
    assert "Only 10 weeks" in page
    assert "correlation.svg" in page
    assert reader.get("/p/ALFA/kpis/correlation?first=x&lag=-3").status_code == 200


def test_remarks_are_added_changed_and_taken_away(followed: Any, cast: Cast, browser: Any, app: Any) -> None:
    writer = browser(cast.contributor)
    assert browser(cast.viewer).get("/p/ALFA/kpis/remarks/new?kpi=CSAT").status_code == 403
    refused = writer.post("/p/ALFA/kpis/remarks/new?kpi=CSAT", data={"on_day": "2026-06-01", "text": ""})
    assert refused.status_code == 422
    kept = writer.post(
        "/p/ALFA/kpis/remarks/new?kpi=CSAT", data={"on_day": "2026-06-15", "text": "Podwyżka", "kpi_id": ""}
    )
    assert kept.status_code == 303
    assert "Podwyżka" in writer.get("/p/ALFA/kpis/AHT").text
    with app.app_context():
        row = db.session.query(KpiAnnotation).filter_by(text="Podwyżka").one()
        remark_id, revision = row.id, row.revision
        csat = db.session.scalars(db.select(Kpi.id).where(Kpi.code == "CSAT")).one()
    path = f"/p/ALFA/kpis/remarks/{remark_id}"
    assert 'value="Podwyżka"' in writer.get(path).text
    changed = {"on_day": "2026-06-02", "text": "Podwyżka cen", "kpi_id": str(csat), "revision": str(revision)}
    assert writer.post(path, data=changed).status_code == 303
    assert writer.post(path, data={**changed, "text": "Późno"}).status_code == 409
    assert "Podwyżka" not in writer.get("/p/ALFA/kpis/AHT").text
    assert writer.post(f"{path}/remove").status_code == 303
    with app.app_context():
        verbs = {entry.verb for entry in db.session.query(AuditEntry).filter_by(object_type="annotation")}
        assert {"annotation.created", "annotation.changed", "annotation.removed"} <= verbs
        assert db.session.get(KpiAnnotation, remark_id) is None


def test_sixty_kpis_in_twelve_channels_take_no_more_statements(
    app: Any, cast: Cast, browser: Any, statements: Any, shelf: list[Order]
) -> None:
    # As many KPIs and channels as are asked for; of the 156 weeks only so many as are read.
    with app.app_context(), database.transaction():
        people = [cast.manager.id, cast.contributor.id]
        seed_kpis(cast.program_id, people, date(2026, 6, 17), KpiSize(kpis=60, channels=12, weeks=8))
        assert db.session.query(Kpi).count() == 60
    reader = browser(cast.viewer)
    with at():
        for path in (
            "kpis",
            "kpis?channel=channel01&state=off_track",
            "kpis/KPI00?span=all&rows=all",
            "kpis/channels/channel01",
            "kpis/correlation?first=KPI00&second=KPI01&lag=1",
            "kpis/KPI00/trend.svg",
            "kpis/KPI00/channels.svg?span=all",
        ):
            reader.get(f"/p/ALFA/{path}")
            with statements() as ran:
                assert reader.get(f"/p/ALFA/{path}").status_code == 200
            assert len(ran) <= 12, path
