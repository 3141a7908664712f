"""Links to share: what they show and to whom, and what attackers get: one and the same page that says nothing."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from program.extensions import db
from program.ground import database
from program.ground.errors import Forbidden, Invalid, NotFound
from program.ground.now import held_at, utc_now
from program.steering import share_links
from program.steering.models import Risk, ShareLink
from program.steering.progress_parts import Section
from tests.cast import Cast, make_program

EVERYTHING = tuple(Section)


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    with held_at(datetime.fromisoformat("2026-06-17T12:00+02:00")):
        yield


def make(app: Flask, cast: Cast, sections: Any = EVERYTHING, passcode: str = "", days: int = 30) -> tuple[int, str]:
    with app.app_context(), database.transaction():
        link, token = share_links.make_link(
            cast.manager.actor, cast.program_id, name="Board", sections=sections, days=days, passcode=passcode
        )
        return link.id, token


def plain(page: Any) -> str:
    """The page without what differs from request to request."""
    return re.sub(r"[0-9a-f]{16}|content=\"[^\"]*\"|/s/[\w-]+|value=\"[^\"]*\"", "", page.text)


def row(app: Flask, link_id: int) -> ShareLink:
    with app.app_context():
        return db.session.scalars(select(ShareLink).where(ShareLink.id == link_id)).one()


def test_whoever_has_the_link_reads_without_an_account(app: Flask, cast: Cast, browser: Any, statements: Any):
    link_id, token = make(app, cast)
    with statements() as ran:
        page = browser().get(f"/s/{token}")
    assert page.status_code == 200
    assert "Alfa" in page.text
    assert len(ran) <= 12, ran.texts
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    # Nothing leads into the program.
    assert "/p/ALFA" not in page.text
    browser().head(f"/s/{token}")
    found = row(app, link_id)
    assert (found.opened, found.revision) == (1, 1)
    assert found.last_opened_at == utc_now()
    # The token is nowhere in the database.
    assert token not in found.token_hash


def test_only_chosen_parts_are_there(app: Flask, cast: Cast, browser: Any):
    with app.app_context(), database.transaction():
        db.session.add(
            Risk(
                program_id=cast.program_id,
                number=1,
                title="A secret weakness",
                category="data",
                probability=5,
                impact=5,
                owner_id=cast.contributor.id,
            )
        )
    _id, with_risks = make(app, cast, ["risks"])
    _id, without = make(app, cast, ["gates"])
    shown, hidden = (browser().get(f"/s/{token}").text for token in (with_risks, without))
    assert "A secret weakness" in shown
    assert cast.contributor.name not in shown
    assert "A secret weakness" not in hidden
    assert "Top risks" not in hidden


def test_guessed_expired_and_revoked_links_are_the_same_nothing(app: Flask, cast: Cast, browser: Any):
    expired_id, expired = make(app, cast, days=1)
    revoked_id, revoked = make(app, cast)
    _id, locked = make(app, cast, passcode="three words here")
    with app.app_context(), database.transaction():
        share_links.revoke_link(cast.manager.actor, cast.program_id, revoked_id)
        share_links.revoke_link(cast.manager.actor, cast.program_id, revoked_id)
    client = browser()
    with held_at(utc_now() + timedelta(days=1)):
        answers = [client.get(f"/s/{token}") for token in (expired, revoked, "A" * 43, "x", "%F0%9F%A6%8A", "a" * 400)]
        answers += [client.post(f"/s/{token}", data={"passcode": "x"}) for token in (expired, revoked, "A" * 43)]
        assert client.get(f"/s/{locked}").status_code == 200
    assert {answer.status_code for answer in answers} == {404}
    assert len({plain(answer) for answer in answers[:6]}) == 1
    assert len({plain(answer) for answer in answers[6:]}) == 1
    for answer in answers:
        assert "ALFA" not in answer.text
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert (row(app, expired_id).opened, row(app, revoked_id).opened) == (0, 0)


def test_a_passcode_tried_by_the_thousand_is_refused(app: Flask, cast: Cast, browser: Any, monkeypatch: Any):
    link_id, token = make(app, cast, passcode="three words here")
    looked = []
    monkeypatch.setattr(share_links, "matches", lambda typed, _kept: (looked.append(typed), (False, None))[1])
    client = browser()
    answers = [client.post(f"/s/{token}", data={"passcode": f"guess {n}"}) for n in range(1000)]
    assert len(looked) == share_links.ACCOUNT.free
    assert [answer.status_code for answer in answers[:5]] == [422] * 5
    assert {answer.status_code for answer in answers[5:]} == {429}
    assert answers[-1].headers["Retry-After"]
    # Nothing of the program before the passcode, and none of what was typed afterwards.
    assert not any("Alfa" in answer.text or "guess" in answer.text for answer in answers)
    assert row(app, link_id).failed == 5
    # The wait ends, whatever the others did; then the right one opens and forgets them.
    monkeypatch.undo()
    with held_at(utc_now() + timedelta(minutes=16)):
        assert client.post(f"/s/{token}", data={"passcode": "three words here"}).status_code == 303
        assert row(app, link_id).failed == 0
        assert client.get(f"/s/{token}").status_code == 200


def test_the_proof_of_one_passcode_opens_one_link(app: Flask, cast: Cast, browser: Any):
    _id, one = make(app, cast, passcode="three words here")
    _id, other = make(app, cast, passcode="three words here")
    client = browser()
    before = client.get(f"/s/{one}")
    assert "Alfa" not in before.text
    answer = client.post(f"/s/{one}", data={"passcode": "three words here"})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert f"Path=/s/{one}" in cookie
    assert "Alfa" in client.get(f"/s/{one}").text
    kept = cookie.partition("=")[2].partition(";")[0]
    stranger = browser()
    stranger.set_cookie("milepost_shared", kept, path="/")
    assert "Alfa" not in stranger.get(f"/s/{other}").text
    assert "Alfa" in stranger.get(f"/s/{one}").text


def test_links_belong_to_managers_of_their_program(app: Flask, cast: Cast, browser: Any):
    link_id, token = make(app, cast)
    with app.app_context(), database.transaction():
        other = make_program("BETA", "Beta").id
        with pytest.raises(NotFound):
            share_links.revoke_link(cast.admin.actor, other, link_id)
        for member, error in ((cast.contributor, Forbidden), (cast.stranger, NotFound)):
            with pytest.raises(error):
                share_links.revoke_link(member.actor, cast.program_id, link_id)
            with pytest.raises(error):
                share_links.make_link(member.actor, cast.program_id, name="x", sections=["gates"], days=1)
    client = browser(cast.manager)
    assert client.post("/p/ALFA/progress/links", data={"name": "", "days": "0"}).status_code == 422
    made = client.post("/p/ALFA/progress/links", data={"name": "Owners", "days": "7", "sections": ["kpis"]})
    address = re.search(r"https?://[^\"]*(/s/[\w-]{43})", made.text)
    assert address
    assert browser().get(address[1]).status_code == 200
    listed = client.get("/p/ALFA/progress/links").text
    assert "opened once" in listed
    assert address[1] not in listed
    assert token not in listed
    at = f"/p/ALFA/progress/links/{link_id}/revoke"
    assert "confirmed" in client.post(at).text
    assert browser().get(f"/s/{token}").status_code == 200
    assert client.post(at, data={"confirmed": "1"}).status_code == 303
    assert browser().get(f"/s/{token}").status_code == 404


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"name": " "}, "name"), ({"sections": ["all"]}, "sections"), ({"days": 400}, "days"), ({"days": None}, "days")]
    + [({"locale": "de"}, "locale"), ({"passcode": "12345"}, "passcode")],
)
def test_what_is_no_link(cast: Cast, context: None, changed: dict[str, Any], field: str):
    values: dict[str, Any] = {"name": "Board", "sections": ["gates"], "days": 3, **changed}
    with pytest.raises(Invalid) as refused:
        share_links.make_link(cast.manager.actor, cast.program_id, **values)
    assert set(refused.value.fields) == {field}
