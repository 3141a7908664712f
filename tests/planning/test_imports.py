"""Spreadsheets in and out: what leaves comes back unchanged, what is wrong is told by row, all or nothing happens."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from openpyxl import load_workbook

from program.extensions import db
from program.ground import database
from program.ground.actor import Access
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.people.models import Membership
from program.planning import imports
from program.planning.models import ImportUpload, WorkItem
from program.planning.undo import undo
from tests.cast import Cast, make_person
from tests.planning.list_samples import add_phases, add_rows

LIST = "/p/ALFA/checklist"
START = f"{LIST}/import"
QUERIES = ["sort=-title&group=none", "status=open&group=status", "q=nothing", "group=owner&size=25"]


def plan(cast: Cast, text: str, actor: Any = None, **more: Any) -> Any:
    sheet = imports.sheet_of(imports.keep_upload(cast.manager.actor, cast.program_id, "plan.csv", text.encode()))
    mapping = imports.guess_mapping(sheet.headings)
    return imports.plan_import(actor or cast.manager.actor, cast.program_id, "ALFA", sheet, mapping, **more)[0]


def told(cast: Cast, text: str, **more: Any) -> list[tuple[int, str, str, str]]:
    return [(p.row, p.column, p.reason, p.value) for p in plan(cast, text, **more).problems]


def everything(app: Flask) -> list[Any]:
    columns = [column for column in WorkItem.__table__.columns if column.name not in ("updated_at", "revision")]
    with app.app_context():
        return list(db.session.execute(db.select(*columns).order_by(WorkItem.number)))


@pytest.fixture
def items(app: Flask, cast: Cast) -> list[int]:
    """Items that are awkward to write into a file and read again."""
    with app.app_context(), database.transaction():
        (discovery, _), (pilot, _) = add_phases(cast.program_id, "Discovery", "Pilot; 8 weeks")
        gone = make_person("Anna Była", "gone@alfa.example")
        return add_rows(
            cast.program_id,
            [
                {"title": "=SUM(A1:A9)", "phase_id": discovery, "due_on": date(2026, 3, 12), "tags": ["crm", "pilot"]},
                {
                    "title": "'=quoted",
                    "phase_id": pilot,
                    "owner_id": cast.manager.id,
                    "required": True,
                    "channel": "shop",
                },
                {"title": 'Say "yes"; then', "status": "blocked", "channel": "shop", "description": "One\n\n- two\t=x"},
                {"title": "-5 % of AHT 🙂 مرحبا", "status": "done", "owner_id": gone.id, "role": "product_owner"},
                {"title": "+48 hotline", "status": "dropped", "kind": "condition", "priority": 4},
                {"title": "@home", "start_on": date(2026, 1, 5), "role": "of an older catalogue"},
            ],
        )


def rows_of_csv(data: bytes, separator: str) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=separator))


def page_titles(page: Any) -> list[str]:
    import html

    return [html.unescape(text) for text in re.findall(r'class="row-link"[^>]*>([^<]*)<', page.text)]


@pytest.mark.parametrize("query", QUERIES)
def test_a_file_holds_what_the_page_shows(browser: Any, cast: Cast, items: list[int], query: str) -> None:
    client = browser(cast.viewer)
    shown = page_titles(client.get(f"{LIST}?{query}"))
    rows = rows_of_csv(client.get(f"{LIST}/export.csv?{query}").data, ",")
    assert rows[0] == ["No.", "Phase", "Title", "Required", "Status", "Reason", "Owner", "Due", "Priority", "Tags"]
    unquoted = [title[1:] if title.startswith("'") else title for title in (row[2] for row in rows[1:])]
    assert unquoted == shown
    # Nothing that a spreadsheet would compute.
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]
    answer = client.get(f"{LIST}/export.xlsx?{query}")
    sheet = load_workbook(io.BytesIO(answer.data))["Checklist"]
    cells = list(sheet.iter_rows(min_row=2))
    assert [row[2].value for row in cells] == shown
    assert {row[2].data_type for row in cells} <= {"s"}
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:J{len(shown) + 1}"
    days = {row[0].value: row[7].value for row in cells}
    assert days.get("ALFA-1", datetime(2026, 3, 12)) == datetime(2026, 3, 12)


def test_a_polish_reader_gets_polish_separators(app: Flask, browser: Any, cast: Cast, items: list[int]) -> None:
    with app.app_context():
        db.session.execute(db.text("UPDATE person SET locale = 'pl' WHERE id = :i"), {"i": cast.viewer.id})
        db.session.commit()
    answer = browser(cast.viewer).get(f"{LIST}/export.csv")
    assert len(rows_of_csv(answer.data, ";")[0]) == 10
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("columns", ["all", "shown"])
def test_what_was_exported_comes_back_as_nothing_to_change(
    app: Flask, browser: Any, cast: Cast, items: list[int], kind: str, columns: str
) -> None:
    client, before = browser(cast.manager), everything(app)
    data = client.get(f"{LIST}/export.{kind}?columns={columns}").data
    answer = client.post(START, data={"file": (io.BytesIO(data), f"list.{kind}")})
    assert answer.status_code == 303
    page = client.get(answer.location)
    mapping = dict(re.findall(r'<select[^>]*name="(column-\d+)".*?value="(\w+)" selected', page.text))
    assert len(mapping) == (15 if columns == "all" else 10)
    page = client.post(answer.location, data=mapping)
    assert page.status_code == 200, re.findall(r"<td[^>]*>([^<]*)</td>", page.text)
    assert "There is nothing to change" in page.text
    assert everything(app) == before


def test_an_import_is_one_act_and_is_taken_back(app: Flask, browser: Any, cast: Cast, items: list[int]) -> None:
    client = browser(cast.manager)
    text = (
        "Nr;Tytuł;Właściciel;Termin;Status;Wymagane;Etykiety\n"
        "ALFA-1;Nowy tytuł;maria@alfa.example;12.03.2026;doing;tak;crm, nowe\n"
        ";Zupełnie nowy;tomek wojcik;2026-04-01;To do;nie;\n"
    )
    with app.test_request_context():
        pass
    before = everything(app)
    answer = client.post(
        START, data={"file": (io.BytesIO(text.replace("doing", "doing").encode("cp1250")), "plan.csv")}
    )
    page = client.get(answer.location)
    assert "Windows-1250" in page.text
    mapping = dict(re.findall(r'<select[^>]*name="(column-\d+)".*?value="(\w+)" selected', page.text))
    page = client.post(answer.location, data=mapping)
    assert "1 item will be added. 1 item will be changed." in page.text
    seal = re.search(r'name="seal" value="(\w+)"', page.text)
    assert seal is not None
    # Somebody else cannot go on with it.
    assert (
        browser(cast.contributor).post(f"{answer.location}/confirm", data={**mapping, "seal": seal[1]}).status_code
        == 404
    )
    assert browser(cast.contributor).get(answer.location).status_code == 404
    done = client.post(f"{answer.location}/confirm", data={**mapping, "seal": seal[1]})
    assert done.status_code == 303
    after = everything(app)
    assert (after[0].title, after[0].status, after[0].owner_id, after[0].required) == (
        "Nowy tytuł",
        "doing",
        cast.manager.id,
        True,
    )
    assert (after[6].number, after[6].title, after[6].owner_id) == (7, "Zupełnie nowy", cast.contributor.id)
    page = client.get(done.location)
    assert "1 item added, 1 item changed" in page.text
    batch = re.search(r"/p/ALFA/undo/(\w+)", page.text)
    assert batch is not None
    assert client.post(f"/p/ALFA/undo/{batch[1]}").status_code == 303
    undone = everything(app)
    assert undone[:6] == before
    assert (undone[6].status, undone[6].status_reason) == ("dropped", "What added it was taken back.")
    # The upload is gone once it was taken over.
    assert client.get(answer.location).status_code == 404


def test_every_wrong_cell_is_told_and_nothing_is_written(
    context: None, app: Flask, cast: Cast, items: list[int]
) -> None:
    text = (
        "Key,Title,Status,Reason,Due,Start,Owner,Phase,Priority,Required,Channel,Role,Kind,Tags\n"
        ",,To do,,,,,,,,,,,\n"
        ",Two,finished,,,,,,,,,,,\n"
        ",Three,Blocked,,,,,,,,,,,\n"
        ",Four,,,2026-02-30,,,,,,,,,\n"
        ",Five,,,2026-01-01,2026-02-01,,,,,,,,\n"
        ",Six,,,,,Nobody Known,,,,,,,\n"
        ",Seven,,,,,,No phase of ours,,,,,,\n"
        ",Eight,,,,,,,huge,perhaps,fax,king,dream,\n"
        "ALFA-99,Nine,,,,,,,,,,,,\n"
        "BETA-1,Ten,,,,,,,,,,,,\n"
        "ALFA-1,Eleven,,,,,,,,,,,,\n"
        "alfa-1,Twelve,,,,,,,,,,,,\n"
        f",{'x' * 201},,,,,,,,,,,,{'y' * 41}\n"
        ",Fourteen,,,,,,,,,,,Condition of a gate,\n"
    )
    problems = told(cast, text)
    assert [(row, column) for row, column, _reason, _value in problems] == [
        (2, "Title"),
        (3, "Status"),
        (4, "Reason"),
        (5, "Due"),
        (6, "Due"),
        (7, "Owner"),
        (8, "Phase"),
        *((9, column) for column in ("Priority", "Required", "Channel", "Role", "Kind")),
        (10, "Key"),
        (11, "Key"),
        (13, "Key"),
        (14, "Tags"),
        (15, "Kind"),
    ]
    assert problems[3][2:] == ("There is no such day.", "2026-02-30")
    assert "row 12" in problems[-3][2]


def test_all_or_nothing(app: Flask, browser: Any, cast: Cast, items: list[int]) -> None:
    client, before = browser(cast.manager), everything(app)
    answer = client.post(START, data={"file": (io.BytesIO(b"Title,Due\nGood,2026-03-12\nBad,someday\n"), "a.csv")})
    mapping = {"column-0": "title", "column-1": "due_on"}
    page = client.post(answer.location, data=mapping)
    assert page.status_code == 422
    assert "1 row cannot be taken over" in page.text
    assert "someday" in page.text
    assert client.post(f"{answer.location}/confirm", data={**mapping, "seal": "x"}).status_code == 303
    assert everything(app) == before


def test_owners_of_one_name_are_told_apart_by_e_mail(context: None, cast: Cast, items: list[int]) -> None:
    twin = make_person("Tomek Wojcik", "twin@alfa.example")
    db.session.add(Membership(program_id=cast.program_id, person_id=twin.id, access=Access.CONTRIBUTOR.value))
    db.session.flush()
    assert "Several people" in told(cast, "Title,Owner\nx,Tomek Wójcik\n")[0][2]
    assert plan(cast, "Title,Owner\nx,TWIN@alfa.example\n").drafts[0].owner_id == twin.id
    # Viewers and strangers own nothing.
    assert len(told(cast, "Title,Owner\nx,Wanda Łoś\ny,obcy@elsewhere.example\n")) == 2


def test_a_contributor_may_not_import_what_only_managers_decide(context: None, cast: Cast, items: list[int]) -> None:
    problems = plan(cast, "Key,Title,Required\nALFA-1,x,yes\n,y,yes\n,z,no\n", actor=cast.contributor.actor).problems
    assert [(problem.row, "Only a manager" in problem.reason) for problem in problems] == [(2, True), (3, True)]
    with pytest.raises(Forbidden):
        plan(cast, "Title\nx\n", actor=cast.viewer.actor)


def test_days_with_slashes_are_read_as_chosen(context: None, cast: Cast, items: list[int]) -> None:
    text = "Title,Due\nx,12/03/2026\n"
    assert plan(cast, text).drafts[0].due_on == date(2026, 3, 12)
    assert plan(cast, text, day_first=False).drafts[0].due_on == date(2026, 12, 3)


def test_an_empty_cell_clears_what_can_be_empty(context: None, cast: Cast, items: list[int]) -> None:
    found = plan(cast, "Key,Owner,Due,Status,Tags,Phase\nALFA-1,,,,,\n").updates
    assert found == {1: ({"due_on": None, "phase_id": None}, ())}


def test_the_list_that_moved_on_is_told(context: None, cast: Cast, items: list[int]) -> None:
    actor, program_id = cast.manager.actor, cast.program_id
    upload = imports.keep_upload(actor, program_id, "a.csv", b"Key,Title\nALFA-1,New\n")
    sheet = imports.sheet_of(upload)
    _plan, seal = imports.plan_import(actor, program_id, "ALFA", sheet, ["number", "title"])
    db.session.execute(db.text("UPDATE work_item SET revision = 2 WHERE id = :i"), {"i": items[0]})
    with pytest.raises(Conflict):
        imports.confirm_import(actor, program_id, "ALFA", upload, ["number", "title"], seal=seal)


def test_uploads_are_swept_after_a_day(context: None, cast: Cast, items: list[int]) -> None:
    imports.keep_upload(cast.manager.actor, cast.program_id, "a.csv", b"Title\nx\n")
    db.session.commit()
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1, minutes=1)):
        imports.keep_upload(cast.manager.actor, cast.program_id, "b.csv", b"Title\nx\n")
    assert db.session.scalars(db.select(ImportUpload.file_name)).all() == ["b.csv"]
    with pytest.raises(NotFound):
        imports.find_upload(cast.manager.actor, cast.program_id, 999)


@pytest.mark.parametrize(
    ("mapping", "field"),
    [
        (["", ""], "column-0"),
        (["title", "title"], "column-1"),
        (["password", ""], "column-0"),
        (["status", ""], "column-0"),
    ],
)
def test_a_mapping_that_makes_no_sense_names_the_column(
    browser: Any, cast: Cast, items: list[int], mapping: list[str], field: str
) -> None:
    client = browser(cast.manager)
    answer = client.post(START, data={"file": (io.BytesIO(b"A,B\nx,y\n"), "a.csv")})
    page = client.post(answer.location, data={f"column-{n}": name for n, name in enumerate(mapping)})
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "The file is empty."), (b"\x00\x01\x02\x03junk", "Save it as"), (b"PK\x03\x04junk", "damaged")],
)
def test_a_file_that_cannot_be_read_is_told_on_the_page(
    browser: Any, cast: Cast, items: list[int], data: bytes, words: str
) -> None:
    page = browser(cast.manager).post(START, data={"file": (io.BytesIO(data), "<b>a.csv")})
    assert page.status_code == 422
    assert words in page.text


def test_no_file_and_too_large_a_file(browser: Any, cast: Cast, items: list[int]) -> None:
    client = browser(cast.manager)
    assert client.post(START, data={}).status_code == 422
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="big.csv"\r\n\r\n'
    body = head + b"x" * (50 * 1024 * 1024) + b"\r\n--x--\r\n"
    answer = client.post(START, data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413
    assert "10 MB" in answer.text
    assert browser(cast.viewer).get(START).status_code == 403


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_has_headings_that_are_understood(browser: Any, cast: Cast, items: list[int], kind: str) -> None:
    answer = browser(cast.manager).get(f"{START}/template.{kind}")
    if kind == "csv":
        headings = rows_of_csv(answer.data, ",")[0]
    else:
        headings = [str(cell.value) for cell in load_workbook(io.BytesIO(answer.data)).active[1]]
    assert "" not in imports.guess_mapping(headings)


def test_headings_are_guessed_in_both_languages_and_not_twice(context: None) -> None:
    assert imports.guess_mapping(["Tytuł", "Do kiedy", "WŁAŚCICIEL", "Task", "Budget"]) == [
        "title",
        "due_on",
        "owner",
        "",
        "",
    ]


def test_ten_thousand_rows_come_in(cast: Cast, context: None) -> None:
    actor = cast.manager.actor
    text = "Title,Due,Tags\n" + "".join(f"Item {n},2026-03-12,wave\n" for n in range(10_000))
    upload = imports.keep_upload(actor, cast.program_id, "a.csv", text.encode())
    mapping = ["title", "due_on", "tags"]
    _plan, seal = imports.plan_import(actor, cast.program_id, "ALFA", imports.sheet_of(upload), mapping)
    result = imports.confirm_import(actor, cast.program_id, "ALFA", upload, mapping, seal=seal)
    assert result.added == 10_000
    assert db.session.scalar(db.select(db.func.count()).select_from(WorkItem)) == 10_000
    with pytest.raises(Invalid):
        imports.plan_import(actor, cast.program_id, "ALFA", imports.sheet_of(upload), ["", "due_on", ""])
    undo(actor, cast.program_id, result.batch)
    db.session.rollback()
