"""Pages of the responsibility matrix: reading with a big plan, filling in with two editors, files, one's own list."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from typing import Any

import pytest
import time_machine
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import insert, select, update

from program.extensions import db
from program.ground import database
from program.planning.models import Phase, WorkItem
from program.team import raci_matrix
from program.team.models import ProgramRole, RaciMark, RaciRow
from tests.cast import Cast, Member, make_program
from tests.planning.plan_parts import make_parts
from tests.planning.plans import make_items, make_phase
from tests.team.samples import assign, make_roles, make_row, write

AT = "/p/ALFA/team/responsibilities"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-04-15T09:00:00+00:00", tick=False):
        yield


@pytest.fixture
def plan(app: Flask, cast: Cast) -> dict[str, int]:
    """The small plan with three roles; ids of phases, items and roles by name."""
    with app.app_context(), database.transaction():
        parts = make_parts(cast)
        roles = make_roles(cast.program_id, "product_owner", "data_analyst", "it_architect")
        return {
            **roles,
            "pilot": parts.pilot.id,
            "discovery": parts.discovery.id,
            "item": parts.items["late"].id,
            "number": parts.items["late"].number,
        }


def rows_in(app: Flask, cast: Cast) -> dict[str, raci_matrix.MatrixRow]:
    with app.app_context():
        rows = raci_matrix.rows_of(cast.program_id)
        raci_matrix.fill(rows)
        return {row.label: row for row in rows}


def sent(page: str) -> dict[str, str]:
    """What a browser would send back from the page of a phase."""
    form = dict(re.findall(r'name="((?:seen|base)-\w+)" value="([^"]*)"', page))
    for name, options in re.findall(r'<select[^>]* name="(cell-[\w-]+)"[^>]*>(.*?)</select>', page):
        chosen = re.search(r'value="(\w*)" selected', options)
        form[name] = chosen.group(1) if chosen else ""
    return form


def test_without_phases_or_roles_the_page_says_what_comes_first(app: Flask, cast: Cast, browser: Any):
    client = browser(cast.manager)
    assert "No phases yet" in client.get(AT).text
    with app.app_context(), database.transaction():
        make_phase(cast.program_id, 1, date(2026, 3, 2), date(2026, 4, 3))
    assert "No roles yet" in client.get(AT).text


def test_a_manager_fills_in_a_phase(app: Flask, cast: Cast, plan: dict[str, int], browser: Any):
    client = browser(cast.manager)
    assert "For 3 of 3 rows nobody is accountable." in client.get(AT).text
    form = sent(client.get(f"{AT}/phases/{plan['pilot']}").text)
    cell = f"cell-p{plan['pilot']}-{plan['product_owner']}"
    assert form[cell] == ""
    answer = client.post(f"{AT}/phases/{plan['pilot']}", data=form | {cell: "A"})
    assert (answer.status_code, answer.location) == (303, f"{AT}#phase-{plan['pilot']}")
    page = client.get(AT).text
    assert "For 2 of 3 rows nobody is accountable." in page
    assert "Product owner is accountable, but nobody plays this role today." in page
    assert client.get(f"{AT}?show=double").text.count("Nothing in the matrix is unclear") == 1


def test_two_editors_meet_row_by_row_and_lose_nothing(app: Flask, cast: Cast, plan: dict[str, int], browser: Any):
    client = browser(cast.manager)
    at = f"{AT}/phases/{plan['pilot']}"
    client.post(f"{at}/add", data={"ids": [plan["item"]], "name": "Training plan"})
    rows = rows_in(app, cast)
    item, named = rows["Compare KPIs with baseline"].id, rows["Training plan"].id
    mine = sent(client.get(at).text)
    theirs = sent(client.get(at).text)
    owner, analyst = plan["product_owner"], plan["data_analyst"]
    assert client.post(at, data=theirs | {f"cell-{item}-{owner}": "A"}).status_code == 303
    # Mine touches another row: both are kept.
    assert client.post(at, data=mine | {f"cell-{named}-{owner}": "R"}).status_code == 303
    found = rows_in(app, cast)
    assert found["Compare KPIs with baseline"].letters == {owner: "A"}
    assert found["Training plan"].letters == {owner: "R"}
    # Now the same row: nothing is written, both versions stand there, and saving again is a choice.
    late = client.post(at, data=mine | {f"cell-{item}-{analyst}": "A", f"cell-{named}-{owner}": "R"})
    assert late.status_code == 409
    assert "Somebody changed “Compare KPIs with baseline”" in late.text
    assert "A Product owner" in late.text
    again = sent(late.text)
    assert (again[f"cell-{item}-{analyst}"], again[f"seen-{item}"]) == ("A", "2")
    assert rows_in(app, cast)["Compare KPIs with baseline"].letters == {owner: "A"}
    assert client.post(at, data=again).status_code == 303
    assert rows_in(app, cast)["Compare KPIs with baseline"].letters == {analyst: "A"}


@pytest.mark.parametrize("bad", ["X", "AAAAA", "<b>", "🦊"])
def test_strange_letters_are_refused_and_nothing_is_written(
    app: Flask, cast: Cast, plan: dict[str, int], browser: Any, bad: str
):
    client = browser(cast.manager)
    at = f"{AT}/phases/{plan['pilot']}"
    form = sent(client.get(at).text)
    token = f"p{plan['pilot']}"
    good, wrong = f"cell-{token}-{plan['product_owner']}", f"cell-{token}-{plan['data_analyst']}"
    answer = client.post(at, data=form | {good: "A", wrong: bad})
    assert answer.status_code == 422
    assert "A cell holds R, A, A/R, C, I or nothing." in answer.text
    assert rows_in(app, cast)["Pilot"].id is None


def test_deliverables_are_added_renamed_and_taken_out(app: Flask, cast: Cast, plan: dict[str, int], browser: Any):
    client = browser(cast.manager)
    add = f"{AT}/phases/{plan['pilot']}/add"
    assert "Compare KPIs with baseline" in client.get(add).text
    assert client.post(add, data={"name": " "}).status_code == 422
    too_long = client.post(add, data={"name": "x" * 201})
    assert too_long.status_code == 422
    assert 'id="name-error"' in too_long.text
    assert client.post(add, data={"ids": ["999999"]}).status_code == 404
    assert client.post(add, data={"ids": [plan["item"]], "name": "<i>Plan</i>"}).status_code == 303
    # What is in the matrix is not offered again.
    assert "Compare KPIs with baseline" not in client.get(add).text
    page = client.get(AT).text
    assert "&lt;i&gt;Plan&lt;/i&gt;" in page
    row = rows_in(app, cast)["<i>Plan</i>"]
    assert client.post(f"{AT}/rows/{row.id}", data={"name": "Plan", "revision": "9"}).status_code == 409
    assert client.post(f"{AT}/rows/{row.id}", data={"name": "", "revision": "1"}).status_code == 422
    assert client.post(f"{AT}/rows/{row.id}", data={"name": "Plan", "revision": "1"}).status_code == 303
    asked = client.post(f"{AT}/rows/{row.id}/remove", data={"revision": "2"})
    assert "Its letters go with it." in asked.text
    gone = client.post(f"{AT}/rows/{row.id}/remove", data={"revision": "2", "confirmed": "1"})
    assert gone.status_code == 303
    assert "Plan" not in rows_in(app, cast)


def test_the_plan_fills_in_after_a_preview(app: Flask, cast: Cast, plan: dict[str, int], browser: Any):
    client = browser(cast.manager)
    assert "Nothing to fill in" in client.get(f"{AT}/suggestion").text
    with app.app_context(), database.transaction():
        db.session.execute(update(WorkItem).where(WorkItem.id == plan["item"]).values(role="data_analyst"))
    page = client.get(f"{AT}/suggestion").text
    assert "1 empty cell gets an R" in page
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    stale = client.post(f"{AT}/suggestion", data={"seen": "old"})
    assert stale.status_code == 409
    assert "Look at the new preview." in stale.text
    assert client.post(f"{AT}/suggestion", data={"seen": seen.group(1)}).status_code == 303
    assert rows_in(app, cast)["Pilot"].letters == {plan["data_analyst"]: "R"}


def test_rows_of_another_program_are_not_found(app: Flask, cast: Cast, plan: dict[str, int], browser: Any):
    with app.app_context(), database.transaction():
        beta = make_program("BETA", "Beta")
        phase = make_phase(beta.id, 1, date(2026, 3, 2), date(2026, 4, 3))
        row = make_row(beta.id, {}, phase_id=phase, name="Theirs")
    client = browser(cast.manager)
    for path in (f"{AT}/phases/{phase}", f"{AT}/phases/{phase}/add", f"{AT}/rows/{row}", f"{AT}/phases/999999"):
        assert client.get(path).status_code == 404, path
    assert client.post(f"{AT}/rows/{row}/remove", data={"confirmed": "1", "revision": "1"}).status_code == 404


def test_readers_read(cast: Cast, plan: dict[str, int], browser: Any):
    client = browser(cast.viewer)
    page = client.get(AT)
    assert page.status_code == 200
    assert "Fill in" not in page.text
    assert client.get(f"{AT}/phases/{plan['pilot']}").status_code == 403
    assert client.get(f"{AT}/export.csv").status_code == 200


def test_files_hold_the_matrix_and_no_formula(app: Flask, cast: Cast, plan: dict[str, int], browser: Any):
    formula = '=HYPERLINK("http://evil.example")'
    with app.app_context(), database.transaction():
        db.session.add(ProgramRole(program_id=cast.program_id, key="own", name=formula, position=9, skills={}))
        make_row(cast.program_id, {plan["product_owner"]: "AR"}, phase_id=plan["pilot"], name="+1-2")
    client = browser(cast.manager)
    text = client.get(f"{AT}/export.csv").get_data().decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[0][-1] == f"'{formula}"
    named = next(line for line in lines if line[1] == "'+1-2")
    assert named[0] == "Pilot"
    assert named[4] == "A/R"
    sheet = load_workbook(io.BytesIO(client.get(f"{AT}/export.xlsx").get_data())).active
    cells = [cell for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert formula in [cell.value for cell in cells]


def test_what_i_answer_for_stands_first_with_what_is_late(app: Flask, cast: Cast, plan: dict[str, int], browser: Any):
    client = browser(cast.contributor)
    assert "You answer for nothing at the moment." in client.get(f"{AT}/mine").text
    with app.app_context(), database.transaction():
        for key in ("product_owner", "data_analyst"):
            assign(cast.program_id, plan[key], cast.contributor.id)
        owner, analyst = plan["product_owner"], plan["data_analyst"]
        make_row(cast.program_id, {owner: "A", analyst: "R"}, phase_id=plan["pilot"])
        make_row(cast.program_id, {analyst: "R"}, item_id=plan["item"])
        late = update(WorkItem).where(WorkItem.title == "Talk to the shops")
        db.session.execute(late.values(due_on=date(2026, 4, 10)))
        # A program that the reader has left: a role in it gives no view of it.
        beta = make_program("BETA", "Beta of others")
        theirs = make_roles(beta.id, "product_owner")["product_owner"]
        assign(beta.id, theirs, cast.contributor.id)
        phase = make_phase(beta.id, 1, date(2026, 3, 2), date(2026, 4, 3))
        make_row(beta.id, {theirs: "A"}, phase_id=phase)
    page = client.get(f"{AT}/mine").text
    assert "You answer for 1 phase or deliverable." in page
    assert "1 late item" in page
    assert page.index("Accountable</b>") < page.index("Compare KPIs with baseline")
    assert "Beta of others" not in page


@pytest.fixture
def big(app: Flask, cast: Cast, plan: dict[str, int]) -> Cast:
    """Forty more phases with forty deliverables each, thirty roles, letters everywhere."""
    with app.app_context(), database.transaction():
        roles = [
            {"program_id": cast.program_id, "key": f"role_{n}", "name": f"Role {n}", "position": n, "skills": {}}
            for n in range(10, 40)
        ]
        write(ProgramRole, [{**role, "revision": 1} for role in roles])
        role_ids = db.session.scalars(select(ProgramRole.id)).all()
        for n in range(10, 50):
            make_phase(cast.program_id, n, date(2026, 3, 2), date(2026, 4, 3))
        phases = db.session.scalars(select(Phase.id)).all()
        make_items(cast.program_id, [{"phase_id": phase} for phase in phases for _n in range(40)])
        items = db.session.scalars(select(WorkItem.id)).all()
        write(RaciRow, [{"program_id": cast.program_id, "item_id": item, "revision": 1} for item in items])
        rows = db.session.scalars(select(RaciRow.id)).all()
        for role in role_ids[:5]:
            db.session.execute(insert(RaciMark), [{"row_id": row, "role_id": role, "letter": "A"} for row in rows])
        for role in role_ids:
            assign(cast.program_id, role, cast.contributor.id)
    return cast


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("manager", AT),
        ("manager", f"{AT}?show=double&page=3"),
        ("manager", f"{AT}/suggestion"),
        ("contributor", f"{AT}/mine"),
        ("contributor", f"{AT}/export.csv"),
    ],
)
def test_a_big_matrix_takes_no_more_statements(big: Cast, browser: Any, statements: Any, who: str, path: str):
    person: Member = getattr(big, who)
    client = browser(person)
    with statements() as ran:
        answer = client.get(path)
    assert answer.status_code == 200
    assert len(ran) <= 12, ran.texts
    assert len(answer.data) < 1_500_000


def test_filling_in_a_big_phase_goes_page_by_page(big: Cast, plan: dict[str, int], browser: Any, statements: Any):
    client = browser(big.manager)
    at = f"{AT}/phases/{plan['pilot']}"
    with statements() as ran:
        page = client.get(at).text
    assert len(ran) <= 12
    assert page.count("<select") < 25 * 40
    answer = client.post(at, data=sent(page))
    assert answer.location == f"{at}?page=2"
