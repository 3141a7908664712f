"""Files of readings: laid out, previewed, imported all or not at all, and taken back."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from program.extensions import db
from program.ground import database
from program.ground.errors import Conflict, Forbidden, Invalid
from program.kpis import import_running, import_undo, imports
from program.kpis.import_columns import Layout
from program.kpis.models import Correction, ImportedReading, ImportState, Reading, ReadingImport
from program.kpis.readings import close_until, put_reading
from tests.kpis.conftest import Figures, at, monday

LONG = """KPI;Kanał;Tydzień;Wartość;Uwagi
CSAT;czat;2026-W23;85,4;po zmianie
CSAT;phone;2026-W23;79,1;
VOL;chat;2026-W23;1 200;
NPS;;2026-W23;−12;
"""


@pytest.fixture
def known(figures: Figures, app: Flask) -> Any:
    """The KPIs, committed: the clock works in transactions of its own."""
    db.session.commit()
    with at():
        yield figures


def bring(known: Figures, text: str | bytes, layout: dict[str, Any] | None = None, *, by: str = "manager") -> int:
    """Choose a file, lay it out and send it off; gives the import's id."""
    actor = getattr(known.cast, by).actor
    with database.transaction():
        data = text.encode() if isinstance(text, str) else text
        kept = imports.keep_file(actor, known.program_id, imports.read_file("figures.csv", data))
        if layout is not None:
            reason = layout.pop("reason", "")
            imports.lay_out(kept, Layout(**{**imports.layout_of(kept).to_data(), **layout}), reason)
        imports.send_off(actor, kept)
        return kept.id


def ran(known: Figures, text: str | bytes, layout: dict[str, Any] | None = None, *, by: str = "manager") -> Any:
    """The same, run by the clock; gives the import as it is then."""
    import_id = bring(known, text, layout, by=by)
    assert import_running.run_imports() == 1
    return db.session.get_one(ReadingImport, import_id)


def figures_of(known: Figures) -> dict[tuple[str, str, str], Decimal]:
    """All readings, by KPI, channel and week."""
    rows = db.session.execute(select(Reading.kpi_id, Reading.channel, Reading.period, Reading.value)).all()
    codes = {known.csat.id: "CSAT", known.volume.id: "VOL", known.nps.id: "NPS"}
    return {(codes[row[0]], row[1], row[2].strftime("W%V")): row[3] for row in rows}


def test_a_long_polish_file_is_understood_and_imported(known: Figures) -> None:
    done = ran(known, LONG)
    assert (done.state, done.problems) == (ImportState.DONE, [])
    assert (done.added, done.changed, done.unchanged, done.rows) == (4, 0, 0, 4)
    assert figures_of(known) == {
        ("CSAT", "chat", "W23"): Decimal("85.4"),
        ("CSAT", "phone", "W23"): Decimal("79.1"),
        ("VOL", "chat", "W23"): 1200,
        ("NPS", "", "W23"): -12,
        # Weighted: only the chat has both.
        ("CSAT", "", "W23"): Decimal("85.4"),
    }
    assert done.content is None


def test_importing_twice_says_nothing_new_and_a_correction_is_kept(known: Figures) -> None:
    ran(known, LONG)
    again = ran(known, LONG)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 4)
    more = ran(known, LONG.replace("85,4", "86,0"))
    assert (more.added, more.changed, more.unchanged) == (0, 1, 3)
    kept = db.session.scalars(select(Correction).where(Correction.channel == "chat")).one()
    assert (kept.former, kept.value, kept.way) == (Decimal("85.4"), Decimal("86"), "import")


@pytest.mark.parametrize(
    "text",
    [
        "KPI,Channel,2026-W22,2026-W23\nCSAT,chat,80.5,81.25\nCSAT,phone,,79.5\n",
        "KPI\tWeek\tchat\tphone\nCSAT\t2026-W22\t80,5\t\nCSAT\t2026-W23\t81,25\t79,5\n",
        "Week;Channel;CSAT\n2026-W22;chat;80,5\n2026-W23;Chat;81,25\n2026-W23;Phone;79,5\n",
    ],
)
def test_wide_files_have_a_column_for_each_week_channel_or_kpi(known: Figures, text: str) -> None:
    done = ran(known, text)
    assert done.problems == []
    found = {key: value for key, value in figures_of(known).items() if key[1]}
    assert found == {
        ("CSAT", "chat", "W22"): Decimal("80.5"),
        ("CSAT", "chat", "W23"): Decimal("81.25"),
        ("CSAT", "phone", "W23"): Decimal("79.5"),
    }


def test_a_spreadsheet_is_read_cell_by_cell(known: Figures) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet: Any = book.active
    sheet.append(["KPI", "Channel", "Date", "Value"])
    sheet.append(["CSAT", "chat", monday(23), 0.8125])
    file = io.BytesIO()
    book.save(file)
    done = ran(known, file.getvalue(), {"shares": True})
    assert done.problems == []
    assert figures_of(known)["CSAT", "chat", "W23"] == Decimal("81.25")


def test_all_or_nothing_with_a_reason_for_each_wrong_row(known: Figures) -> None:
    rows = ["KPI;Channel;Period;Value", "CSAT;chat;2026-W23;85,4", "NOPE;chat;2026-W23;1", "CSAT;moon;2026-W23;1"]
    rows += ["CSAT;chat;2026-13;1", "CSAT;chat;2026-W23;lots", "CSAT;chat;2026-W22;101", "CSAT;;2026-W23;80"]
    rows += ["CSAT;chat;2026-W40;80", "CSAT;chat;2026-W23;85,5", "CSAT;chat;2026-W22;1,234,5"]
    done = ran(known, "\n".join(rows))
    assert done.state == ImportState.REFUSED
    assert figures_of(known) == {}
    assert [problem[0] for problem in done.problems] == [3, 4, 5, 6, 7, 8, 9, 10, 11]
    assert done.wrong_rows == 9
    assert all(len(problem[2]) > 10 for problem in done.problems)
    assert "NOPE" in done.problems[0][2]
    kept = db.session.scalars(select(ImportedReading.row).order_by(ImportedReading.row)).all()
    assert kept == [3, 4, 5, 6, 7, 8, 9, 10, 11]


def test_the_format_of_numbers_decides_what_could_be_two(known: Figures) -> None:
    text = "KPI;Channel;Period;Value\nVOL;chat;2026-W23;1.234\n"
    assert ran(known, text).state == ImportState.REFUSED
    assert ran(known, text, {"decimal": ","}).state == ImportState.DONE
    assert figures_of(known)["VOL", "chat", "W23"] == 1234


def test_owners_import_their_own_kpis_only(known: Figures) -> None:
    mine = ran(known, "KPI;Channel;Period;Value\nCSAT;chat;2026-W23;85,4\n", by="contributor")
    assert mine.state == ImportState.DONE
    theirs = ran(known, "KPI;Channel;Period;Value\nVOL;chat;2026-W23;85\n", by="contributor")
    assert theirs.state == ImportState.REFUSED
    for who in (known.cast.viewer, known.cast.stranger):
        with pytest.raises((Forbidden, Exception)) as refused:
            imports.keep_file(who.actor, known.program_id, imports.read_file("a.csv", LONG.encode()))
        assert type(refused.value).__name__ in ("Forbidden", "NotFound")


def test_a_closed_period_takes_a_reason(known: Figures) -> None:
    ran(known, LONG)
    with database.transaction():
        close_until(known.cast.manager.actor, known.program_id, monday(24), seen=None)
    other = LONG.replace("85,4", "86,0")
    assert ran(known, other).state == ImportState.REFUSED
    assert ran(known, other, {"reason": "The survey was counted anew."}).state == ImportState.DONE


def test_a_clock_that_died_leaves_nothing_twice(known: Figures) -> None:
    import_id = bring(known, LONG)
    with database.transaction():
        kept = db.session.get_one(ReadingImport, import_id)
        kept.state = ImportState.RUNNING
        db.session.add(ImportedReading(import_id=import_id, place=0, row=2))
    assert import_running.run_imports() == 1
    assert db.session.get_one(ReadingImport, import_id).state == ImportState.DONE
    assert len(figures_of(known)) == 5


def test_what_an_import_did_is_taken_back_but_not_what_people_did_since(known: Figures) -> None:
    manager = known.cast.manager.actor
    first = "KPI;Channel;Period;Value;Note\nCSAT;chat;2026-W22;70;old\nCSAT;chat;2026-W23;71;\n"
    ran(known, first)
    with database.transaction():
        before = figures_of(known)
    second = "KPI;Channel;Period;Value\nCSAT;chat;2026-W22;80\nCSAT;chat;2026-W23;81\nCSAT;phone;2026-W23;82\n"
    second += "CSAT;shop;2026-W23;83\n"
    done = ran(known, second)
    with database.transaction():
        put_reading(manager, known.csat, "shop", monday(23), Decimal(90), way="form")
    with database.transaction():
        import_undo.ask(manager, imports.find_import(manager, known.program_id, done.id, lock=True))
    assert import_running.run_imports() == 1
    assert db.session.get_one(ReadingImport, done.id).stayed == 1
    assert figures_of(known) == {**before, ("CSAT", "shop", "W23"): 90}
    back = db.session.scalars(select(Reading).where(Reading.channel == "chat", Reading.period == monday(22))).one()
    assert (back.note, back.way) == ("old", "import")
    with pytest.raises(Conflict):
        import_undo.ask(manager, imports.find_import(manager, known.program_id, done.id))


def test_undoing_a_closed_period_takes_a_reason(known: Figures) -> None:
    manager = known.cast.manager.actor
    done = ran(known, LONG)
    with database.transaction():
        close_until(manager, known.program_id, monday(24), seen=None)
    with pytest.raises(Invalid):
        import_undo.ask(manager, imports.find_import(manager, known.program_id, done.id))
    db.session.rollback()
    with database.transaction():
        import_undo.ask(manager, imports.find_import(manager, known.program_id, done.id), "Wrong file.")
    assert import_running.run_imports() == 1
    assert figures_of(known) == {}


def test_taking_back_goes_by_steps_and_on_where_a_dead_clock_stopped(
    known: Figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_undo, "STEP", 2)
    manager = known.cast.manager.actor
    done = ran(known, LONG)
    with database.transaction():
        import_undo.ask(manager, imports.find_import(manager, known.program_id, done.id))
    assert import_undo._step(done.id)
    kept = db.session.get_one(ReadingImport, done.id)
    assert (kept.state, kept.rows_done, len(figures_of(known))) == (ImportState.UNDOING, 2, 2)
    # Another clock leaves it alone while that one is heard of, and goes on when it is silent.
    assert import_running.run_imports() == 0
    with at("2026-06-17T10:05+02:00"):
        assert import_running.run_imports() == 1
    kept = db.session.get_one(ReadingImport, done.id)
    assert (kept.state, kept.rows_done, kept.stayed, figures_of(known)) == (ImportState.UNDONE, 4, 0, {})


def test_the_preview_is_what_happens(known: Figures) -> None:
    with database.transaction():
        kept = imports.keep_file(known.cast.manager.actor, known.program_id, imports.read_file("a.csv", LONG.encode()))
        found = imports.preview(known.cast.manager.actor, kept)
    assert [figure.reading.value for figure in found.readable if figure.reading] == [
        Decimal("85.4"),
        Decimal("79.1"),
        1200,
        -12,
    ]
    assert found.problems == []
