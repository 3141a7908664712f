"""Assignments from a spreadsheet: all rows or none, each refusal with its row, column and reason."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook

from program.extensions import db
from program.ground import database
from program.planning.models import ImportUpload
from program.team.models import Assignment, ProgramRole
from tests.cast import Cast
from tests.team.crew import give, join, make_roles

AT = "/p/ALFA/team/import"
HEAD = "person,role,share,from,to,pilot,note\n"


@pytest.fixture
def team(app: Flask, cast: Cast) -> None:
    """Two roles of the catalogue; Wanda is the sponsor from March on."""
    with app.app_context(), database.transaction():
        _analyst, sponsor = make_roles(cast, "data_analyst", "executive_sponsor")
        give(cast, sponsor, cast.viewer.id, share=5)


def send(client: Any, content: str | bytes, name: str = "team.csv") -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return client.post(AT, data={"file": (io.BytesIO(raw), name)}, content_type="multipart/form-data")


def kept(app: Flask) -> list[tuple[Any, ...]]:
    with app.app_context():
        rows = db.session.query(Assignment).order_by(Assignment.id).all()
        return [(row.person_id, row.share, row.starts_on, row.ends_on, row.in_pilot_team, row.note) for row in rows]


def upload_id(app: Flask) -> int:
    with app.app_context():
        return int(db.session.query(ImportUpload.id).order_by(ImportUpload.id.desc()).limit(1).scalar())


@pytest.mark.usefixtures("team")
def test_a_file_is_previewed_and_then_taken_over(app: Flask, cast: Cast, browser: Any) -> None:
    client = browser(cast.manager)
    content = (
        "Osoba;Rola;Wymiar czasu;Od;Do;Pilot;Uwagi\n"
        "tomek@alfa.example;Analityk danych;60%;02.03.2026;29.05.2026;tak;Od poniedziałku\n"
        "Maria Zielińska;data analyst;0,2;2026-03-02;;;\n"
    )
    before = kept(app)
    page = send(client, content)
    assert page.status_code == 200, page.text
    assert "2 assignments will be made." in page.text
    assert "Tomek Wójcik" in page.text
    assert kept(app) == before
    number = upload_id(app)
    assert client.post(f"{AT}/{number}").status_code == 303
    assert kept(app)[1:] == [
        (cast.contributor.id, 60, date(2026, 3, 2), date(2026, 5, 29), True, "Od poniedziałku"),
        (cast.manager.id, 20, date(2026, 3, 2), None, False, ""),
    ]
    # The upload is spent.
    assert client.post(f"{AT}/{number}").status_code == 404


@pytest.mark.usefixtures("team")
def test_a_workbook_does_as_well(app: Flask, cast: Cast, browser: Any) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["E-mail", "Role", "Share", "First day", "Last day"])
    sheet.append(["tomek@alfa.example", "Data analyst", 0.6, date(2026, 3, 2), date(2026, 5, 29)])
    sheet.append(["maria@alfa.example", "Data analyst", 40, date(2026, 3, 2), None])
    file = io.BytesIO()
    book.save(file)
    client = browser(cast.manager)
    assert send(client, file.getvalue(), "team.xlsx").status_code == 200
    assert client.post(f"{AT}/{upload_id(app)}").status_code == 303
    assert [row[1] for row in kept(app)] == [5, 60, 40]


WRONG = [
    ("obcy@elsewhere.example,data analyst,50,2026-03-02,,,", "Nobody in this program has this e-mail or name."),
    (",data analyst,50,2026-03-02,,,", "Say who: the e-mail of somebody in this program."),
    ("tomek@alfa.example,juggler,50,2026-03-02,,,", "This program has no such role."),
    ("tomek@alfa.example,,50,2026-03-02,,,", "Say which role."),
    ("tomek@alfa.example,data analyst,,2026-03-02,,,", "Give a share from 1 to 100 percent"),
    ("tomek@alfa.example,data analyst,0,2026-03-02,,,", "Give a share from 1 to 100 percent"),
    ("tomek@alfa.example,data analyst,101,2026-03-02,,,", "Give a share from 1 to 100 percent"),
    ("tomek@alfa.example,data analyst,12.5,2026-03-02,,,", "Give a share from 1 to 100 percent"),
    ("tomek@alfa.example,data analyst,nan,2026-03-02,,,", "Give a share from 1 to 100 percent"),
    ("tomek@alfa.example,data analyst,1e9,2026-03-02,,,", "Give a share from 1 to 100 percent"),
    ("tomek@alfa.example,data analyst,half,2026-03-02,,,", "Give a share from 1 to 100 percent"),
    ("tomek@alfa.example,data analyst,50,,,,", "Say from which day."),
    ("tomek@alfa.example,data analyst,50,2026-02-30,,,", "There is no such day."),
    ("tomek@alfa.example,data analyst,50,9999-01-01,,,", "Give a day between 2000 and 2099."),
    ("tomek@alfa.example,data analyst,50,2026-03-02,2026-03-01,,", "The last day lies before the first one."),
    ("tomek@alfa.example,data analyst,50,2026-03-02,,perhaps,", "Write yes or no."),
    ("tomek@alfa.example,data analyst,50,2026-03-02,,," + "x" * 301, "Up to 300 letters."),
    (
        "wanda@alfa.example,executive sponsor,5,2026-06-01,,,",
        "This person has this role in some of these days",
    ),
    ("maria@alfa.example,data analyst,50,2026-03-02,,,", "Row 2 gives this person this role in some of these days."),
]


@pytest.mark.usefixtures("team")
@pytest.mark.parametrize(("row", "told"), WRONG)
def test_one_wrong_row_stops_all_and_is_told(app: Flask, cast: Cast, browser: Any, row: str, told: str) -> None:
    client = browser(cast.manager)
    before = kept(app)
    good = "maria@alfa.example,data analyst,50,2026-03-02,,,\n"
    answer = send(client, f"{HEAD}{good}{row}\n")
    assert answer.status_code == 422
    assert told in answer.text
    assert "1 row cannot be taken over, so nothing can." in answer.text
    assert '<td class="figure shrink" data-label="Row">3</td>' in answer.text
    # A refused file is not kept: there is nothing to go on with.
    with app.app_context():
        assert db.session.query(ImportUpload).count() == 0
    assert kept(app) == before


@pytest.mark.usefixtures("team")
def test_what_changed_since_the_preview_stops_all(app: Flask, cast: Cast, browser: Any) -> None:
    client = browser(cast.manager)
    send(client, HEAD + "tomek@alfa.example,data analyst,50,2026-03-02,,,\n")
    typed = {"role_id": "1", "person": "tomek@alfa.example", "share": "20", "starts_on": "2026-05-04"}
    with app.app_context():
        typed["role_id"] = str(db.session.query(ProgramRole.id).filter_by(key="data_analyst").scalar())
    assert client.post("/p/ALFA/team/assignments/new", data=typed).status_code == 303
    before = kept(app)
    answer = client.post(f"{AT}/{upload_id(app)}", follow_redirects=True)
    assert "Some rows cannot be taken over. Nothing was imported." in answer.text
    assert kept(app) == before


@pytest.mark.usefixtures("team")
@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "The file is empty."),
        ("person,role\nx,y\n", "The file has no column with this heading: Share of time, in percent, First day."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "This is a file of an old Excel"),
    ],
)
def test_files_that_cannot_be_read_are_told(cast: Cast, browser: Any, content: str | bytes, told: str) -> None:
    answer = send(browser(cast.manager), content)
    assert answer.status_code == 422
    assert told in answer.text
    assert browser(cast.manager).post(AT).status_code == 422


@pytest.mark.usefixtures("team")
def test_what_people_typed_reaches_no_page_as_markup(cast: Cast, browser: Any) -> None:
    answer = send(browser(cast.manager), HEAD + "<script>alert(1)</script>,<b>x</b>,50,2026-03-02,,,\n")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert" in answer.text


@pytest.mark.usefixtures("team")
def test_only_its_own_manager_goes_on_with_an_upload(app: Flask, cast: Cast, browser: Any) -> None:
    send(browser(cast.manager), HEAD + "tomek@alfa.example,data analyst,50,2026-03-02,,,\n")
    number = upload_id(app)
    assert browser(cast.admin).post(f"{AT}/{number}").status_code == 404
    assert browser(cast.contributor).post(f"{AT}/{number}").status_code == 403
    assert browser(cast.stranger).post(f"{AT}/{number}").status_code == 404
    assert len(kept(app)) == 1


@pytest.mark.usefixtures("team")
def test_two_people_of_one_name_are_told_apart_by_e_mail(app: Flask, cast: Cast, browser: Any) -> None:
    with app.app_context(), database.transaction():
        join(cast, "Tomek Wójcik", "other@alfa.example")
    client = browser(cast.manager)
    assert "Several people have this name." in send(client, HEAD + "Tomek Wójcik,data analyst,50,2026-03-02,,,\n").text
    assert send(client, HEAD + "other@alfa.example,data analyst,50,2026-03-02,,,\n").status_code == 200


@pytest.mark.usefixtures("team")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_empty_file_has_headings_that_are_understood(app: Flask, cast: Cast, browser: Any, kind: str) -> None:
    client = browser(cast.manager)
    answer = client.get(f"{AT}/template.{kind}")
    assert answer.status_code == 200
    if kind == "csv":
        filled = answer.data + b"tomek@alfa.example,data analyst,50,2026-03-02,,,\r\n"
    else:
        book = load_workbook(io.BytesIO(answer.data))
        book.active.append(["tomek@alfa.example", "data analyst", 50, date(2026, 3, 2)])
        file = io.BytesIO()
        book.save(file)
        filled = file.getvalue()
    assert "1 assignment will be made." in send(client, filled, f"team.{kind}").text
