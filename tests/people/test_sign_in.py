"""Signing in by password: who gets in, what the others learn (nothing), and what a session is worth afterwards."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from program.extensions import db
from program.ground import database
from program.people import accounts, passwords
from program.people.models import Person, SignInAttempt
from tests.cast import Cast, Member

PASSWORD = "cztery zielone parasole"


def give_password(app: Flask, member: Member, password: str = PASSWORD) -> None:
    """Set the member's password directly; the session key stays."""
    with app.app_context(), database.transaction():
        db.session.get_one(Person, member.id).password_hash = passwords.make_hash(password)


def try_sign_in(client: Any, email: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def test_the_right_password_opens_and_leads_on(app: Flask, cast: Cast, browser: Any):
    give_password(app, cast.manager)
    client = browser()
    answer = try_sign_in(client, " Maria@ALFA.example ", next="/me")
    assert (answer.status_code, answer.location) == (303, "/me")
    assert b"Maria Zieli" in client.get("/me").data


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_it_never_leads_elsewhere(app: Flask, cast: Cast, browser: Any, target: str):
    give_password(app, cast.manager)
    assert try_sign_in(browser(), cast.manager.email, next=target).location == "/"


def test_a_person_who_is_signed_in_needs_no_sign_in_page(cast: Cast, browser: Any):
    answer = browser(cast.viewer).get("/sign-in?next=/me")
    assert (answer.status_code, answer.location) == (302, "/me")


def test_all_wrong_tries_get_the_same_answer(app: Flask, cast: Cast, browser: Any):
    give_password(app, cast.manager)
    give_password(app, cast.stranger)
    with app.app_context(), database.transaction():
        accounts.set_active(cast.admin.actor, cast.stranger.id, False)
    answers = {}
    for email, password in (
        (cast.manager.email, "wrong"),
        (cast.viewer.email, PASSWORD),  # has no password
        (cast.stranger.email, PASSWORD),  # closed
        ("nobody@nowhere.example", PASSWORD),
    ):
        answer = try_sign_in(browser(), email, password)
        assert answer.status_code == 422
        answers[email] = answer.get_data(as_text=True).replace(email, "…")
    bodies = {body[body.index("<main") :] for body in answers.values()}
    assert len({strip_tokens(body) for body in bodies}) == 1


def strip_tokens(body: str) -> str:
    """The page without what differs at every view."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", body)


def test_a_wrong_try_costs_the_same_work_for_everybody(
    app: Flask, cast: Cast, browser: Any, monkeypatch: pytest.MonkeyPatch, statements: Any
):
    give_password(app, cast.manager)
    checked: list[str] = []
    hasher = passwords._hasher()
    real = hasher.verify_and_update
    monkeypatch.setattr(hasher, "verify_and_update", lambda *a: checked.append(a[1]) or real(*a))
    counts = []
    for email in (cast.manager.email, cast.viewer.email, "nobody@nowhere.example"):
        with statements() as ran:
            try_sign_in(browser(), email, "wrong")
        counts.append(len(ran))
    assert len(set(counts)) == 1
    assert len(checked) == 3
    # All hashes ask for the same work.
    assert len({kept.rsplit("$", 2)[0] for kept in checked}) == 1


def test_a_failed_try_is_remembered_though_its_answer_is_an_error(app: Flask, cast: Cast, browser: Any):
    try_sign_in(browser(), cast.manager.email, "wrong")
    with app.app_context():
        subjects = db.session.scalars(db.select(SignInAttempt.subject)).all()
    # One for the account, one for the address; neither can be read back.
    assert len(subjects) == 2
    assert all(re.fullmatch("[0-9a-f]{64}", subject) for subject in subjects)


def test_a_planted_session_does_not_survive_the_sign_in(app: Flask, cast: Cast, browser: Any):
    give_password(app, cast.manager)
    client = browser()
    with client.session_transaction() as planted:
        planted["planted"] = "by somebody else"
        planted["csrf_token"] = "known to somebody else"
    try_sign_in(client, cast.manager.email)
    with client.session_transaction() as kept:
        assert "planted" not in kept
        assert kept.get("csrf_token") != "known to somebody else"


def test_sign_out_everywhere_makes_every_cookie_worthless(cast: Cast, browser: Any):
    here, there = browser(cast.viewer), browser(cast.viewer)
    assert there.get("/me").status_code == 200
    assert here.post("/sign-out-everywhere").status_code == 303
    for client in (here, there):
        assert client.get("/me").location.startswith("/sign-in")


def test_sign_out_ends_this_session_only(cast: Cast, browser: Any):
    here, there = browser(cast.viewer), browser(cast.viewer)
    assert here.post("/sign-out").location == "/sign-in"
    assert here.get("/me").status_code == 302
    assert there.get("/me").status_code == 200


def test_weaker_hashes_are_renewed_at_sign_in(app: Flask, cast: Cast, browser: Any):
    from pwdlib.hashers.argon2 import Argon2Hasher

    weak = Argon2Hasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with app.app_context(), database.transaction():
        db.session.get_one(Person, cast.manager.id).password_hash = weak
    assert try_sign_in(browser(), cast.manager.email).status_code == 303
    with app.app_context():
        kept = db.session.get_one(Person, cast.manager.id).password_hash
    assert kept != weak
    assert "m=19456" in kept
    assert try_sign_in(browser(), cast.manager.email).status_code == 303
