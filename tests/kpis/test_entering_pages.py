"""The pages where figures come in: the table of a week, pasted cells, files, and sources."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import select

from program.extensions import db
from program.kpis import import_running
from program.kpis.models import CustomerChannel, Kpi, KpiChannel, Reading, ReadingSource
from tests.kpis.conftest import Figures, at, make_kpi, monday

WEEK = "period=2026-W23"
ENTER = f"/p/ALFA/kpis/enter?{WEEK}"


@pytest.fixture
def known(figures: Figures) -> Any:
    """The KPIs, committed; it is the Wednesday of week 25."""
    db.session.commit()
    with at():
        yield figures


@pytest.fixture
def browser(browser: Any) -> Any:
    """Clients whose requests know nothing of each other, although the test holds an app context around them."""

    def open_browser(person: Any = None) -> Any:
        client = browser(person)
        send = client.open

        def forgetfully(*args: Any, **more: Any) -> Any:
            vars(g._get_current_object()).clear()
            return send(*args, **more)

        client.open = forgetfully
        return client

    return open_browser


def values() -> dict[tuple[int, str], Decimal]:
    """What is read in week 23."""
    db.session.rollback()
    query = select(Reading.kpi_id, Reading.channel, Reading.value).where(Reading.period == monday(23))
    return {(row[0], row[1]): row[2] for row in db.session.execute(query)}


def seen(page: str) -> str:
    """The revisions that a table shows."""
    return page.split('name="seen" value="')[1].split('"')[0].replace("&#34;", '"')


def test_a_week_is_entered_corrected_and_taken_back(known: Figures, browser: Any) -> None:
    csat, nps = known.csat.id, known.nps.id
    client = browser(known.cast.manager)
    page = client.get(ENTER).text
    assert f'name="v-{csat}-chat"' in page
    assert f'name="v-{csat}-"' not in page  # worked out
    sent = {f"v-{csat}-chat": "85,4", f"v-{csat}-phone": "", f"v-{nps}-": "−12", "seen": seen(page)}
    assert client.post(ENTER, data=sent).status_code == 303
    assert values() == {(csat, "chat"): Decimal("85.4"), (nps, ""): -12}
    page = client.get(ENTER).text
    again = {f"v-{csat}-chat": "85.4", f"v-{nps}-": "", "seen": seen(page)}
    assert client.post(ENTER, data=again).status_code == 303
    assert values() == {(csat, "chat"): Decimal("85.4")}
    assert "85.4" in client.get("/p/ALFA/kpis/enter?period=2026-W24").text


def test_a_table_is_saved_as_a_whole_or_not_at_all(known: Figures, browser: Any) -> None:
    csat = known.csat.id
    client = browser(known.cast.contributor)
    wrong = {f"v-{csat}-chat": "85", f"v-{csat}-phone": "lots", f"v-{csat}-shop": "120", "seen": "{}"}
    answer = client.post(ENTER, data=wrong)
    assert answer.status_code == 422
    assert 'value="lots"' in answer.text
    assert answer.text.count('aria-invalid="true"') == 2
    assert values() == {}
    # Somebody else's KPI is no cell of this table.
    client.post(ENTER, data={f"v-{known.nps.id}-": "5", "seen": "{}"})
    assert values() == {}


def test_who_comes_second_is_told_at_the_cell(known: Figures, browser: Any) -> None:
    csat = known.csat.id
    maria, tomek = browser(known.cast.manager), browser(known.cast.contributor)
    page = maria.get(ENTER).text
    tomek.post(ENTER, data={f"v-{csat}-chat": "80", "seen": seen(page)})
    answer = maria.post(ENTER, data={f"v-{csat}-chat": "90", "seen": seen(page)})
    assert answer.status_code == 422
    assert "meanwhile" in answer.text
    assert values() == {(csat, "chat"): 80}
    # The same figure is no quarrel.
    assert maria.post(ENTER, data={f"v-{csat}-chat": "80", "seen": seen(page)}).status_code == 303


@pytest.mark.parametrize(
    "cells",
    ["KPI\tchat\tphone\nCSAT\t85,4\t79,1\n", "\tCSAT\nchat\t85,4\nphone\t79,1\n"]
    + ["KPI\tKanał\tWartość\nCSAT\tchat\t85,4\nCSAT\tphone\t79,1"],
)
def test_pasted_cells_stand_in_the_table_before_they_are_saved(known: Figures, browser: Any, cells: str) -> None:
    client = browser(known.cast.manager)
    answer = client.post(f"/p/ALFA/kpis/enter/paste?{WEEK}", data={"cells": cells})
    assert answer.status_code == 200
    assert 'value="85.4"' in answer.text
    assert 'value="79.1"' in answer.text
    assert values() == {}
    assert client.post(f"/p/ALFA/kpis/enter/paste?{WEEK}", data={"cells": "a\tb\nc\td"}).status_code == 422


def test_a_large_table_takes_few_statements(known: Figures, browser: Any, statements: Any) -> None:
    program_id = known.program_id
    channels = [f"c{number}" for number in range(12)]
    db.session.add_all(CustomerChannel(program_id=program_id, key=key) for key in channels)
    for number in range(60):
        kpi = make_kpi(program_id, f"K{number}")
        db.session.add_all(KpiChannel(kpi_id=kpi.id, channel=key) for key in channels)
    db.session.commit()
    client = browser(known.cast.manager)
    with statements() as ran:
        page = client.get(ENTER).text
    assert page.count("figure-input") > 60 * 12
    assert len(ran) <= 12, ran.texts
    names = [part.split('"')[0] for part in page.split('name="v-')[1:]]
    with statements() as ran:
        sent = client.post(ENTER, data={"seen": "{}", **{f"v-{name}": "50" for name in names}})
    assert sent.status_code == 303
    assert len(ran) <= 30, ran.texts


def test_a_file_goes_all_the_way_and_comes_out_again(known: Figures, app: Flask, browser: Any) -> None:
    client = browser(known.cast.manager)
    text = "KPI;Channel;Week;Value\nCSAT;chat;2026-W23;85,4\nCSAT;phone;2026-W23;79,1\n"
    sent = client.post("/p/ALFA/kpis/import", data={"file": (io.BytesIO(text.encode()), "figures.csv")})
    assert sent.status_code == 303
    columns = client.get(sent.location).text
    assert "85,4" in columns
    one = sent.location.removesuffix("/columns")
    chosen = {"column-0": "code", "column-1": "channel", "column-2": "period", "column-3": "value", "decimal": ","}
    assert client.post(sent.location, data={**chosen, "column-3": ""}).status_code == 422
    assert client.post(sent.location, data=chosen).status_code == 303
    assert "2 figures are understood" in client.get(one).text
    assert client.post(f"{one}/send").status_code == 303
    assert "hx-get" in client.get(one).text
    assert "<html" not in client.get(one, headers={"HX-Request": "true"}).text
    with app.app_context():
        assert import_running.run_imports() == 1
    assert "2 new" in client.get(one).text
    for kind in ("csv", "xlsx"):
        file = client.get(f"/p/ALFA/kpis/readings.{kind}").data
        back = client.post("/p/ALFA/kpis/import", data={"file": (io.BytesIO(file), f"readings.{kind}")})
        again = back.location.removesuffix("/columns")
        client.post(f"{again}/send")
        with app.app_context():
            import_running.run_imports()
        assert "<dd>2</dd>" in client.get(again).text.split("Like the file already")[1]
    assert client.post(f"{one}/undo").status_code == 303
    assert "The import is being taken back." in client.get(one).text
    with app.app_context():
        import_running.run_imports()
    assert "The import is taken back." in client.get(one).text
    assert values() == {}


def test_wrong_rows_can_be_fetched(known: Figures, app: Flask, browser: Any) -> None:
    client = browser(known.cast.manager)
    text = "KPI;Channel;Week;Value\nCSAT;chat;2026-W23;85,4\n=CMD();phone;2026-W23;79,1\n"
    sent = client.post("/p/ALFA/kpis/import", data={"file": (io.BytesIO(text.encode()), "figures.csv")})
    one = sent.location.removesuffix("/columns")
    assert "no KPI" in client.get(one).text
    client.post(f"{one}/send")
    with app.app_context():
        import_running.run_imports()
    assert "cannot" in client.get(one).text or "no KPI" in client.get(one).text
    rows = client.get(f"{one}/wrong.csv").data.decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert rows[1].startswith("3,")
    assert "'=CMD()" in rows[1]
    assert values() == {}


def test_sources_are_made_by_managers_and_their_secret_is_shown_once(known: Figures, browser: Any) -> None:
    client = browser(known.cast.manager)
    made = client.post("/p/ALFA/kpis/sources", data={"name": "Genesys", "code": ["CSAT"]})
    kept = db.session.scalars(select(ReadingSource)).one()
    assert f"/kpis/in/{kept.public_id}" in made.text
    secret = made.text.split("<code>")[2].split("</code>")[0]
    assert len(secret) > 40
    listed = client.get("/p/ALFA/kpis/sources").text
    assert "Genesys" in listed
    assert secret not in listed
    assert client.post("/p/ALFA/kpis/sources", data={"name": "Genesys"}).status_code == 422
    assert client.post(f"/p/ALFA/kpis/sources/{kept.id}/revoke").status_code == 303
    assert browser(known.cast.contributor).get("/p/ALFA/kpis/sources").status_code == 403


def test_who_may_enter_nothing_is_told_so(known: Figures, browser: Any) -> None:
    client = browser(known.cast.viewer)
    assert "figure-input" not in client.get(ENTER).text
    assert client.get("/p/ALFA/kpis/import").status_code == 403
    assert browser(known.cast.stranger).get(ENTER).status_code == 404
    assert db.session.scalars(select(Kpi.id)).first() is not None


FIGURE = "/p/ALFA/kpis/CSAT/figure"


def test_one_figure_is_entered_with_a_note_and_corrected_beside_what_it_said(known: Figures, browser: Any) -> None:
    csat = known.csat.id
    client = browser(known.cast.contributor)
    page = client.get(f"{FIGURE}?{WEEK}&channel=phone").text
    assert "Nothing has come in yet." in page
    assert "All channels" not in page  # worked out
    at_phone = f"{FIGURE}?{WEEK}&channel=phone"
    sent = {"value": "78.5 %", "note": "Bez poniedziałku", "confidence": "low", "seen": "0"}
    assert client.post(at_phone, data=sent).headers["Location"].endswith("/p/ALFA/kpis/CSAT?channel=phone")
    with_row = select(Reading).where(Reading.kpi_id == csat, Reading.channel == "phone")
    row = db.session.scalars(with_row).one()
    assert (row.value, row.note, row.confidence, row.way) == (Decimal("78.5"), "Bez poniedziałku", "low", "form")
    assert client.post(at_phone, data={**sent, "value": "79"}).status_code == 409
    db.session.rollback()
    answer = client.post(f"{at_phone}&to=table", data={**sent, "value": "79", "seen": "1"})
    assert "/kpis/enter?" in answer.headers["Location"]
    page = client.get(at_phone).text
    assert 'value="79"' in page
    assert "78.5" in page.split('id="said"')[1]
    assert client.post(at_phone, data={"seen": "2", "remove": "1"}).status_code == 303
    assert values() == {}


@pytest.mark.parametrize(
    ("value", "reason"), [("", "Write a figure."), ("120", "between 0 and 100"), ("1 min", "unit")]
)
def test_a_wrong_figure_is_told_beside_its_field(known: Figures, browser: Any, value: str, reason: str) -> None:
    answer = browser(known.cast.contributor).post(f"{FIGURE}?{WEEK}", data={"value": value, "confidence": "high"})
    assert answer.status_code == 422
    assert reason in answer.text
    assert values() == {}


def test_who_may_enter_what(known: Figures, browser: Any, statements: Any) -> None:
    cast = known.cast
    assert browser(cast.viewer).get(FIGURE).status_code == 403
    assert browser(cast.contributor).get("/p/ALFA/kpis/NPS/figure").status_code == 403
    assert browser(cast.manager).get(f"{FIGURE}?channel=drone").status_code == 404
    assert "week 24" in browser(cast.manager).get(f"{FIGURE}?period=never").text
    with statements() as sent:
        assert browser(cast.manager).get("/p/ALFA/kpis/NPS/figure?period=2031-W02").status_code == 200
    assert len(sent) <= 12


def test_a_closed_period_takes_a_manager_and_a_reason(known: Figures, browser: Any) -> None:
    cast = known.cast
    closing = {"until": "2026-06-14", "seen": ""}
    assert browser(cast.manager).post("/p/ALFA/kpis/setup/closing", data=closing).status_code == 303
    assert "A manager of the program can correct it." in browser(cast.contributor).get(f"{FIGURE}?{WEEK}").text
    sent = {"value": "80", "confidence": "high", "seen": "0"}
    assert browser(cast.contributor).post(f"{FIGURE}?{WEEK}", data=sent).status_code == 422
    refused = browser(cast.manager).post(f"{FIGURE}?{WEEK}", data=sent)
    assert "Say why it is corrected." in refused.text
    assert browser(cast.manager).post(f"{FIGURE}?{WEEK}", data={**sent, "reason": "Late report"}).status_code == 303
    assert set(values().values()) == {Decimal(80)}
