"""The budget from a spreadsheet: new and changed lines, all rows or none, one act that is taken back with one click."""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook

from program.extensions import db
from program.ground import database
from program.ground.errors import Conflict
from program.planning.models import ImportUpload, Phase
from program.steering import budget
from program.steering.models import BudgetLine
from tests.cast import Cast

AT = "/p/ALFA/budget/import"
HEAD = "phase,label,approved,spent,forecast,note\n"
ADVICE = ("", "Advice", "1000", "10", "1200", "Kept")
LICENCES = ("Pilot", "Licences", "500", "12.5", None, "")


@pytest.fixture
def money(app: Flask, cast: Cast) -> Cast:
    """A phase, and two lines: of the phase and of the whole program."""
    with app.app_context(), database.transaction():
        days = {"planned_start": date(2026, 6, 1), "planned_end": date(2026, 7, 3)}
        phase = Phase(program_id=cast.program_id, position=1, name="Pilot", **days)
        db.session.add(phase)
        db.session.flush()
        for place, label, approved, spent, forecast, note in (ADVICE, LICENCES):
            values = {"approved": Decimal(approved or 0), "spent": Decimal(spent or 0), "label": label, "note": note}
            values |= {"phase_id": phase.id if place else None, "forecast": Decimal(forecast) if forecast else None}
            budget.add_line(cast.manager.actor, cast.program_id, values)
    return cast


def send(client: Any, content: str | bytes, name: str = "budget.csv") -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return client.post(AT, data={"file": (io.BytesIO(raw), name)}, content_type="multipart/form-data")


def confirm(client: Any, page: Any) -> Any:
    assert page.status_code == 200, page.text
    number, seal = re.search(r"/budget/import/(\d+)\"", page.text), re.search(r'name="seal" value="(\w+)"', page.text)
    assert number
    assert seal
    return client.post(f"{AT}/{number[1]}", data={"seal": seal[1]})


def kept(app: Flask) -> list[tuple[Any, ...]]:
    def written(value: Decimal | None) -> str | None:
        return None if value is None else f"{value.normalize():f}"

    with app.app_context():
        names = dict(db.session.query(Phase.id, Phase.name).all())
        rows = db.session.query(BudgetLine).order_by(BudgetLine.position).all()
        return [
            (
                names.get(row.phase_id or 0, ""),
                row.label,
                *map(written, (row.approved, row.spent, row.forecast)),
                row.note,
            )
            for row in rows
        ]


def test_a_polish_file_is_previewed_taken_over_and_taken_back(app: Flask, money: Cast, browser: Any) -> None:
    client = browser(money.manager)
    before = kept(app)
    page = send(
        client,
        "Faza;Nazwa;Zatwierdzono;Wydano;Prognoza;Uwagi\n"
        "pilot;licences;1 250,50 zł;;;\n"
        ";Advice;1000,00;10;1200;Kept\n"
        "Pilot;Szkolenia;20 000;1 234,56;;Trzy dni\n",
    )
    assert "New: 1. Changed: 1. Like the file already: 1." in page.text
    assert "before: 500.00" in page.text
    assert kept(app) == before
    answer = confirm(client, page)
    assert answer.status_code == 303
    after = [
        ADVICE,
        ("Pilot", "licences", "1250.5", "12.5", None, ""),
        ("Pilot", "Szkolenia", "20000", "1234.56", None, "Trzy dni"),
    ]
    assert kept(app) == after
    shown = client.get("/p/ALFA/budget").text
    assert "2 lines of the budget are imported." in shown
    undo = re.search(r"/p/ALFA/undo/\w+", shown)
    assert undo
    assert client.post(undo[0]).status_code == 303
    assert kept(app) == before
    # And once more the other way round.
    redo = re.search(r"/p/ALFA/undo/\w+", client.get("/p/ALFA/budget").text)
    assert redo
    assert client.post(redo[0]).status_code == 303
    assert kept(app) == after


def test_an_import_that_was_edited_since_is_not_taken_back(app: Flask, money: Cast, browser: Any) -> None:
    client = browser(money.manager)
    confirm(client, send(client, HEAD + ",Travel,5,,,\n"))
    undo = re.search(r"/p/ALFA/undo/\w+", client.get("/p/ALFA/budget").text)
    with app.app_context(), database.transaction():
        line = db.session.query(BudgetLine).filter_by(label="Travel").one()
        values = {name: getattr(line, name) for name in budget.COLUMNS} | {"forecast": Decimal(7)}
        budget.change_line(money.manager.actor, line, values, seen=1)
    assert undo
    client.post(undo[0])
    assert kept(app)[-1] == ("", "Travel", "5", "0", "7", "")


def test_a_workbook_does_as_well(app: Flask, money: Cast, browser: Any) -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["What for", "Approved", "Spent so far"])
    sheet.append(["Advice", 1000.25, 10])
    sheet.append(["Travel", 30000, None])
    file = io.BytesIO()
    book.save(file)
    client = browser(money.manager)
    confirm(client, send(client, file.getvalue(), "budget.xlsx"))
    # Columns that the file does not have stayed.
    assert kept(app) == [
        ("", "Advice", "1000.25", "10", "1200", "Kept"),
        LICENCES,
        ("", "Travel", "30000", "0", None, ""),
    ]


def test_wrong_rows_are_each_told_and_nothing_is_written(app: Flask, money: Cast, browser: Any) -> None:
    rows = {
        "Mars,Rover,5,,,": "There is no such phase in this program.",
        ",,5,,,": "Say what the money is for.",
        ",No amount,,,,": "Give an amount from zero up.",
        ",Below,-5,,,": "Give an amount from zero up.",
        ",Words,a lot,,,": "This is not a figure.",
        ',Unclear,"1,234",,,': "Nobody can tell whether the mark",
        ",Long,5,,," + "x" * 301: "Up to 300 letters.",
        ",Travel,6,,,": "Row 2 is for this line already.",
    }
    before = kept(app)
    answer = send(browser(money.manager), HEAD + ",travel,5,,,\n" + "\n".join(rows) + "\n")
    assert answer.status_code == 422
    assert "8 rows cannot be taken over, so nothing can." in answer.text
    told = re.findall(r'data-label="Row">(\d+)</td><td>(\w+)</td><td class="main">([^<]+)<', answer.text)
    assert [
        (int(row), reason[: len(said)]) for (row, _column, reason), said in zip(told, rows.values(), strict=True)
    ] == [(number, said) for number, said in enumerate(rows.values(), start=3)]
    assert [column for _row, column, _reason in told][:3] == ["phase", "label", "approved"]
    with app.app_context():
        assert db.session.query(ImportUpload).count() == 0
    assert kept(app) == before


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("phase,note\nPilot,x\n", "The file has no column with this heading: What for, Approved."),
        (HEAD, "The file has headings but no rows below them."),
        (HEAD + "".join(f",Line {number},1,,,\n" for number in range(199)), "A budget has up to 200 lines."),
    ],
)
def test_files_that_cannot_be_taken_are_told(money: Cast, browser: Any, content: str, told: str) -> None:
    answer = send(browser(money.manager), content)
    assert answer.status_code == 422
    assert told in answer.text


def test_what_changed_since_the_preview_stops_all(app: Flask, money: Cast, browser: Any) -> None:
    client = browser(money.manager)
    page = send(client, HEAD + ",Advice,7,,,\n")
    with app.app_context(), database.transaction():
        line = db.session.query(BudgetLine).filter_by(label="Advice").one()
        values = {name: getattr(line, name) for name in budget.COLUMNS} | {"spent": Decimal(11)}
        budget.change_line(money.manager.actor, line, values, seen=1)
    before = kept(app)
    assert confirm(client, page).status_code == 303
    assert "The budget was changed since the preview." in client.get(AT).text
    assert kept(app) == before


def test_only_managers_import(app: Flask, money: Cast, browser: Any) -> None:
    page = send(browser(money.manager), HEAD + ",Travel,5,,,\n")
    for person, status in ((money.stranger, 404), (money.viewer, 403), (money.contributor, 403)):
        client = browser(person)
        assert client.get(AT).status_code == status
        assert send(client, HEAD + ",Travel,5,,,\n").status_code == status
        assert confirm(client, page).status_code == status
    assert "budget/import" not in browser(money.viewer).get("/p/ALFA/budget").text
    assert "budget/import" in browser(money.manager).get("/p/ALFA/budget").text
    assert len(kept(app)) == 2


def test_a_full_budget_costs_twelve_statements_at_most(money: Cast, browser: Any, statements: Any) -> None:
    """Added or changed: reading and confirming cost the same for two lines and for two hundred."""
    client = browser(money.manager)
    client.get(AT)
    for amount, lines in ((1, 2), (2, 198), (3, 198)):
        # Of the 198, two are changed at first, then all of them.
        rows = "".join(f"Pilot,Line {number},{amount + number},{number},,\n" for number in range(lines))
        with statements() as ran:
            page = send(client, HEAD + rows)
        assert len(ran) <= 12, ran.texts
        with statements() as ran:
            assert confirm(client, page).status_code == 303
        assert len(ran) <= 12, ran.texts
    assert "198 lines of the budget are imported." in client.get("/p/ALFA/budget").text


def test_a_line_that_somebody_changed_in_the_same_moment_stops_all(app: Flask, money: Cast, context: None) -> None:
    line = db.session.query(BudgetLine).filter_by(label="Advice").one()
    values = {name: getattr(line, name) for name in budget.COLUMNS} | {"spent": Decimal(11)}
    assert line.revision == 1
    # As another transaction would have left it, unseen by this one.
    db.session.connection().execute(BudgetLine.__table__.update().values(revision=2))
    with pytest.raises(Conflict):
        budget.write_lines(money.manager.actor, money.program_id, [], [(line, values)], batch="b" * 32)
    db.session.rollback()
