"""Job aids and helpdesks: what is to be looked at again first, addresses that may be linked to, one click back."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from program.change import job_aids
from program.change.models import JobAid
from program.extensions import db
from program.ground import database
from program.ground.errors import Forbidden, NotFound
from tests.cast import Cast, Member, make_program

AT = "/p/ALFA/change/job-aids"
DATA = {
    "title": "Answering a chat",
    "kind": "job_aid",
    "channel": "phone",
    "url": "https://wiki.example/chat",
    "note": "",
    "owner": "Tomek Wójcik",
    "review_on": "2026-01-15",
}


def the_aid(app: Flask) -> int:
    with app.app_context():
        return db.session.scalars(select(JobAid.id)).one()


def test_an_aid_is_added_shown_to_the_front_line_changed_and_removed_and_back(
    app: Flask, cast: Cast, browser: Any, zosia: Member
) -> None:
    client = browser(cast.contributor)
    assert "Add the first one" in client.get(AT).text
    assert client.post(f"{AT}/new", data=DATA).status_code == 303
    assert "should be looked at again" in client.get(AT).text
    assert "Answering a chat" in browser(zosia).get("/p/ALFA/for-you").text
    assert browser(zosia).get(AT).status_code == 404
    at = f"{AT}/{the_aid(app)}"
    assert 'value="Tomek Wójcik"' in client.get(at).text
    changed = {**DATA, "title": "<i>Chat</i>", "review_on": "", "revision": "1"}
    assert client.post(at, data=changed).status_code == 303
    assert "&lt;i&gt;Chat&lt;/i&gt;" in client.get(AT).text
    assert client.post(at, data=changed).status_code == 409
    assert client.post(f"{at}/remove", data={"revision": "2"}).status_code == 303
    page = client.get(AT).text
    assert "Add the first one" in page
    back = re.findall(r'action="(/p/ALFA/undo/[0-9a-f]+)"', page)[-1]
    assert client.post(back).status_code == 303
    assert "&lt;i&gt;Chat&lt;/i&gt;" in client.get(AT).text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("kind", "rumour"),
        ("channel", "fax"),
        ("url", ""),
        ("url", "javascript:alert(1)"),
        ("url", "https://me:secret@wiki.example"),
        ("url", "https://wiki.example/" + "x" * 2000),
        ("owner", "Obcy Człowiek"),
        ("review_on", "2026-02-30"),
        ("review_on", "9999-12-31"),
        ("note", "x" * 301),
    ],
)
def test_an_aid_that_cannot_be(app: Flask, cast: Cast, browser: Any, field: str, value: str) -> None:
    answer = browser(cast.contributor).post(f"{AT}/new", data={**DATA, field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    with app.app_context():
        assert db.session.scalars(select(JobAid.id)).all() == []


def test_a_helpdesk_may_have_only_a_telephone(cast: Cast, browser: Any) -> None:
    client = browser(cast.contributor)
    desk = {**DATA, "kind": "helpdesk", "url": ""}
    assert client.post(f"{AT}/new", data=desk).status_code == 422
    assert client.post(f"{AT}/new", data={**desk, "note": "Telephone 1234"}).status_code == 303


@pytest.mark.usefixtures("context")
def test_who_may_not(cast: Cast) -> None:
    aid = job_aids.add_aid(cast.contributor.actor, cast.program_id, {"title": "A", "url": "https://a.example"})
    for person, error in ((cast.viewer, Forbidden), (cast.stranger, NotFound)):
        with pytest.raises(error):
            job_aids.change_aid(person.actor, aid, {"title": "B"}, seen=1)
        with pytest.raises(error):
            job_aids.remove_aid(person.actor, aid, seen=1)
    beta = make_program("BETA", "Beta")
    with pytest.raises(NotFound):
        job_aids.find_aid(cast.admin.actor, beta.id, aid.id)


def test_many_take_few_statements_and_the_stale_stand_first(
    app: Flask, cast: Cast, browser: Any, statements: Any
) -> None:
    with app.app_context(), database.transaction():
        rows = [
            {"program_id": cast.program_id, "title": f"Aid {number:03}", "url": "https://a.example"}
            for number in range(500)
        ]
        db.session.execute(insert(JobAid), rows)
        db.session.add(
            JobAid(program_id=cast.program_id, title="Zoo", url="https://z.example", review_on=date(2020, 1, 1))
        )
    with statements() as ran:
        page = browser(cast.viewer).get(f"{AT}?kind=job_aid&channel=phone")
    assert len(ran) <= 12
    assert page.text.index("Zoo") < page.text.index("Aid 000")
    assert len(page.data) < 150_000
