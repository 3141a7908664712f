"""The communication plan: late first, done with one click and back, as a file and from one, all rows or none."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from program.change import communications, go_lives
from program.change.models import Communication, GoLive, ImpactedGroup
from program.extensions import db
from program.ground import database
from program.ground.errors import Forbidden, Invalid, NotFound
from tests.cast import Cast, make_program
from tests.crowd import gather_crowd

AT = "/p/ALFA/change/communication"
DATA = {
    "message": "Why we change",
    "planned_on": "2026-05-04",
    "medium": "email",
    "sender": "Tomek Wójcik",
    "audience": "Everybody",
    "group": "hotline",
    "go_live_id": "",
    "detail": "**Bold** <script>",
    "done_on": "",
}


@pytest.fixture
def group(app: Flask, cast: Cast) -> int:
    with app.app_context(), database.transaction():
        made = ImpactedGroup(program_id=cast.program_id, name="Hotline", name_folded="hotline")
        db.session.add(made)
        db.session.flush()
        return made.id


def kept(app: Flask) -> list[Any]:
    columns = (Communication.message, Communication.planned_on, Communication.sender_id, Communication.group_id)
    with app.app_context():
        return db.session.execute(select(*columns).order_by(Communication.id)).all()


def undo_in(page: str) -> str:
    """The address that takes the newest act back."""
    return re.findall(r'action="(/p/ALFA/undo/[0-9a-f]+)"', page)[-1]


def upload(client: Any, text: str, name: str = "plan.csv") -> Any:
    return client.post(f"{AT}/import", data={"file": (io.BytesIO(text.encode()), name)})


def test_an_empty_plan_offers_the_first_step(cast: Cast, browser: Any) -> None:
    assert "Plan the first message" in browser(cast.contributor).get(AT).text
    assert "Plan the first message" not in browser(cast.viewer).get(AT).text


def test_a_message_is_planned_said_taken_back_and_removed(app: Flask, cast: Cast, browser: Any, group: int) -> None:
    client = browser(cast.contributor)
    assert client.post(f"{AT}/new", data=DATA).status_code == 303
    assert kept(app) == [("Why we change", date(2026, 5, 4), cast.contributor.id, group)]
    page = client.get(AT).text
    line = re.search(r"/change/communication/(\d+)\"", page)
    assert line
    at = f"{AT}/{line[1]}"
    form = client.get(at).text
    assert "&lt;script&gt;" in form
    assert 'value="Tomek Wójcik"' in form
    assert client.post(f"{at}/done", data={"revision": "1"}).status_code == 303
    page = client.get(AT).text
    assert "is done." in page
    client.post(undo_in(page))
    with app.app_context():
        assert db.session.scalars(select(Communication.done_on)).all() == [None]
    assert client.post(f"{at}/remove", data={}).status_code == 303
    page = client.get(AT).text
    assert kept(app) == []
    client.post(undo_in(page))
    assert kept(app) == [("Why we change", date(2026, 5, 4), cast.contributor.id, group)]


def test_a_stale_edit_is_told(cast: Cast, browser: Any, group: int, app: Flask) -> None:
    client = browser(cast.contributor)
    client.post(f"{AT}/new", data=DATA)
    with app.app_context():
        at = f"{AT}/{db.session.scalars(select(Communication.id)).one()}"
    assert client.post(at, data={**DATA, "message": "First", "revision": "1"}).status_code == 303
    late = client.post(at, data={**DATA, "message": "Second", "revision": "1"})
    assert late.status_code == 409
    assert [row.message for row in kept(app)] == ["First"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("message", ""),
        ("message", "x" * 201),
        ("planned_on", ""),
        ("planned_on", "2026-02-30"),
        ("planned_on", "9999-01-01"),
        ("medium", "pigeon"),
        ("sender", "Obcy Człowiek"),
        ("group", "Nobody's"),
        ("go_live_id", "99999"),
        ("go_live_id", "x"),
        ("audience", "x" * 201),
        ("done_on", "31-12-2026"),
    ],
)
def test_a_message_that_cannot_be(app: Flask, cast: Cast, browser: Any, group: int, field: str, value: str) -> None:
    answer = browser(cast.contributor).post(f"{AT}/new", data={**DATA, field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert kept(app) == []


def test_late_ones_stand_first_and_done_ones_last(cast: Cast, app: Flask) -> None:
    with app.app_context(), database.transaction():
        actor = cast.contributor.actor
        for message, day, done in (
            ("ahead", date(2026, 6, 1), None),
            ("said", date(2026, 3, 1), date(2026, 3, 2)),
            ("later", date(2026, 5, 1), None),
            ("late", date(2026, 3, 3), None),
        ):
            communications.add(actor, cast.program_id, {"message": message, "planned_on": day, "done_on": done})
        today = date(2026, 4, 1)
        listed = communications.lines(cast.program_id, today)
        assert [line.message for line in listed] == ["late", "later", "ahead", "said"]
        assert [line.message for line in communications.lines(cast.program_id, today, state="late")] == ["late"]
        counted = communications.counts(cast.program_id, today)
        assert (counted.late, counted.ahead, counted.done) == (1, 2, 1)


@pytest.mark.usefixtures("context")
def test_who_may_not(cast: Cast) -> None:
    line = communications.add(cast.contributor.actor, cast.program_id, {"message": "A", "planned_on": date(2026, 5, 1)})
    for person, error in ((cast.viewer, Forbidden), (cast.stranger, NotFound)):
        with pytest.raises(error):
            communications.change(person.actor, line, {"message": "B"}, seen=1)
        with pytest.raises(error):
            communications.remove(person.actor, line, seen=1)
    beta = make_program("BETA", "Beta")
    with pytest.raises(NotFound):
        communications.find(cast.admin.actor, beta.id, line.id)
    theirs = go_lives.add_go_live(cast.admin.actor, beta.id, {"name": "B", "on_date": date(2026, 5, 1)})
    with pytest.raises(Invalid):
        communications.change(cast.contributor.actor, line, {"go_live_id": theirs.id}, seen=1)


def test_a_file_goes_out_and_comes_in_again(app: Flask, cast: Cast, browser: Any, group: int) -> None:
    with app.app_context(), database.transaction():
        db.session.add(GoLive(program_id=cast.program_id, name="Wave 1", on_date=date(2026, 5, 4)))
    client = browser(cast.contributor)
    text = (
        "Message;Day;Sender;Group;Medium;Go-live;Done on\n"
        "Why;2026-05-01;tomek@alfa.example;HOTLINE;E-mail;wave 1;\n"
        "=cmd();12.05.2026;;;;;2026-05-12\n"
    )
    assert upload(client, text).status_code == 303
    back, rows = undo_in(client.get(AT).text), kept(app)
    assert [row.message for row in rows] == ["Why", "=cmd()"]
    assert (rows[0].sender_id, rows[0].group_id) == (cast.contributor.id, group)
    for kind in ("csv", "xlsx"):
        file = client.get(f"{AT}/export.{kind}").data
        again = client.post(f"{AT}/import", data={"file": (io.BytesIO(file), f"plan.{kind}")})
        assert again.status_code == 422
        assert "nothing new" in again.text
    client.post(back)
    assert kept(app) == []
    assert client.post(f"{AT}/import", data={"file": (io.BytesIO(file), "plan.xlsx")}).status_code == 303
    assert kept(app) == rows


def test_polish_headings_are_known(app: Flask, cast: Cast, browser: Any) -> None:
    assert upload(browser(cast.contributor), "Komunikat,Dzień\nDlaczego,2026-05-01\n").status_code == 303
    assert [row.message for row in kept(app)] == ["Dlaczego"]


def test_one_wrong_row_and_nothing_is_taken_over(app: Flask, cast: Cast, browser: Any) -> None:
    text = "message,day,sender,group,medium\nFine,2026-05-01,,,\n,2026-02-30,Obcy Człowiek,Nobody,pigeon\n"
    answer = upload(browser(cast.contributor), text)
    assert answer.status_code == 422
    for words in ("Say in a line", "There is no such day", "Nobody of this program", "There is none of this name"):
        assert words in answer.text
    assert "Choose one of: Meeting" in answer.text
    assert kept(app) == []


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "message\nx\n", "\x00\x01", "message,day\n"])
def test_files_that_cannot_be(app: Flask, cast: Cast, browser: Any, text: str) -> None:
    assert upload(browser(cast.contributor), text).status_code == 422
    assert browser(cast.contributor).post(f"{AT}/import", data={}).status_code == 422
    assert kept(app) == []


def test_a_crowd_takes_few_statements(app: Flask, cast: Cast, browser: Any, statements: Any) -> None:
    with app.app_context(), database.transaction():
        crowd = gather_crowd(cast)
        rows = [
            {
                "program_id": cast.program_id,
                "message": f"Message {number}",
                "planned_on": date(2026, 3, 1 + number % 28),
                "group_id": crowd.groups[number % 300],
                "sender_id": crowd.people[number % 2000],
                "go_live_id": crowd.go_lives[number % 6],
            }
            for number in range(1000)
        ]
        db.session.execute(insert(Communication), rows)
        line = db.session.scalars(select(Communication.id).limit(1)).one()
    client = browser(cast.contributor)
    for path in (AT, f"{AT}?state=late&page=2", f"{AT}/{line}", f"{AT}/new", f"{AT}/export.csv"):
        with statements() as ran:
            page = client.get(path)
        assert page.status_code == 200
        assert len(ran) <= 12, path
        assert len(page.data) < 150_000, path
