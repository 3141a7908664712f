"""Accounts: who may change what, what is refused, and what a change ends."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from program.extensions import db
from program.ground import database
from program.ground.actor import Actor, Origin, system
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.people import accounts
from program.people.models import Person
from tests.cast import Cast, Member
from tests.people.test_sign_in import PASSWORD, give_password

SYSTEM = system(Origin.CLI)


@pytest.mark.parametrize(
    "email",
    ["", "maria", "maria@", "@alfa.example", "maria@alfa example", "a@b@c", "ma ria@x.example", "<b>@x.example"]
    + ["maria@-x.example", "x" * 250 + "@x.pl", "maria@x.example\nBcc: all@x.example", '"a"@x.example'],
)
def test_unusable_emails_are_refused_at_the_field(context: None, email: str):
    with pytest.raises(Invalid) as refused:
        accounts.create_person(SYSTEM, email, "Maria")
    assert set(refused.value.fields) == {"email"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Maria@Alfa.EXAMPLE ", "maria@alfa.example"),
        ("o'brien+tag@x.example", "o'brien+tag@x.example"),
        ("józef@łódź.example", "józef@łódź.example"),
        ("root@localhost", "root@localhost"),
        ("ｍaria@alfa.example", "maria@alfa.example"),
    ],
)
def test_emails_are_kept_in_one_form(context: None, given: str, kept: str):
    assert accounts.create_person(SYSTEM, given, "Maria").email == kept
    assert accounts.find_by_email(given).email == kept


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "x" * 121, "\x00\x01"])
def test_unusable_names_are_refused_at_the_field(context: None, name: str):
    with pytest.raises(Invalid) as refused:
        accounts.create_person(SYSTEM, "maria@alfa.example", name)
    assert set(refused.value.fields) == {"name"}


@pytest.mark.parametrize(
    "name", ["مريم العلي", "李小龍", "Zoë 🦊 d'Arc", "<script>alert(1)</script>", "O'Brien; DROP TABLE"]
)
def test_names_of_the_world_are_kept_as_they_are(context: None, name: str):
    assert accounts.create_person(SYSTEM, "maria@alfa.example", name).name == name


def test_a_name_cannot_turn_the_text_around(context: None):
    person = accounts.create_person(SYSTEM, "maria@alfa.example", "Maria \u202eadA\u202c")
    assert person.name == "Maria adA"


def test_an_email_belongs_to_one(cast: Cast, context: None):
    with pytest.raises(Invalid) as refused:
        accounts.create_person(cast.admin.actor, "MARIA@alfa.example", "Another Maria")
    assert "already" in str(refused.value.fields["email"])


def test_two_who_add_the_same_person_at_once_make_one(app: Flask, cast: Cast):
    start = threading.Barrier(4)
    outcomes: list[str] = []

    def add() -> None:
        start.wait()
        with app.app_context():
            try:
                with database.transaction():
                    accounts.create_person(SYSTEM, "nowa@alfa.example", "Nowa")
            except (Invalid, IntegrityError) as error:
                outcomes.append(type(error).__name__)
            else:
                outcomes.append("made")

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("made") == 1
    assert set(outcomes) <= {"made", "Invalid", "IntegrityError"}


def test_only_administrators_add_close_and_raise(cast: Cast, context: None):
    for member in (cast.manager, cast.contributor, cast.viewer, cast.stranger):
        for act in (
            lambda actor: accounts.create_person(actor, "nowa@alfa.example", "Nowa"),
            lambda actor: accounts.set_active(actor, cast.viewer.id, False),
            lambda actor: accounts.set_admin(actor, cast.viewer.id, True),
            lambda actor: accounts.set_admin(actor, actor.person_id, True),
            lambda actor: accounts.get_person(actor, cast.admin.id),
            lambda actor: accounts.change_person(actor, cast.admin.id, {"name": "Mine"}),
            lambda actor: accounts.set_password(actor, cast.admin.id, PASSWORD),
        ):
            with pytest.raises(NotFound):
                act(member.actor)


def test_people_change_themselves_but_not_the_name_they_sign_in_by(cast: Cast, context: None):
    accounts.change_person(cast.viewer.actor, cast.viewer.id, {"name": "Wanda Nowa", "theme": "dark", "locale": "pl"})
    person = db.session.get_one(Person, cast.viewer.id)
    assert (person.name, person.name_folded, person.theme, person.locale) == ("Wanda Nowa", "wanda nowa", "dark", "pl")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "person.changed")).one()
    assert entry.changes["theme"] == ["auto", "dark"]
    for values in ({"email": "x@y.example"}, {"is_admin": True}, {"is_active": False}, {"password_hash": "x"}):
        with pytest.raises(Forbidden):
            accounts.change_person(cast.viewer.actor, cast.viewer.id, values)


@pytest.mark.parametrize(
    "values", [{"locale": "de"}, {"theme": "pink"}, {"timezone": "Mars/Olympus"}, {"timezone": "../../etc/passwd"}]
)
def test_only_what_is_offered_can_be_chosen(cast: Cast, context: None, values: dict[str, str]):
    with pytest.raises(Invalid) as refused:
        accounts.change_person(cast.viewer.actor, cast.viewer.id, values)
    assert set(refused.value.fields) == set(values)


def test_the_second_of_two_editors_is_told(cast: Cast, context: None):
    accounts.change_person(cast.viewer.actor, cast.viewer.id, {"name": "First"}, seen=1)
    with pytest.raises(Conflict):
        accounts.change_person(cast.admin.actor, cast.viewer.id, {"name": "Second"}, seen=1)


def test_there_is_always_an_administrator(cast: Cast, context: None):
    with pytest.raises(Invalid):
        accounts.set_admin(cast.admin.actor, cast.admin.id, False)
    with pytest.raises(Invalid):
        accounts.set_active(cast.admin.actor, cast.admin.id, False)
    accounts.set_admin(cast.admin.actor, cast.manager.id, True)
    accounts.set_active(cast.admin.actor, cast.admin.id, False)
    with pytest.raises(Invalid):
        accounts.set_admin(cast.admin.actor, cast.manager.id, False)


def test_two_administrators_who_leave_at_once_leave_one(app: Flask, cast: Cast):
    with app.app_context(), database.transaction():
        accounts.set_admin(cast.admin.actor, cast.manager.id, True)
    start = threading.Barrier(2)
    left: list[bool] = []

    def leave(member: Member) -> None:
        start.wait()
        with app.app_context():
            try:
                with database.transaction():
                    accounts.set_admin(Actor(member.id, is_admin=True), member.id, False)
            except Invalid:
                left.append(False)
            else:
                left.append(True)

    threads = [threading.Thread(target=leave, args=(member,)) for member in (cast.admin, cast.manager)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(left) == [False, True]


def test_a_closed_account_is_out_at_once_and_comes_back_with_a_new_key(app: Flask, cast: Cast, browser: Any):
    give_password(app, cast.viewer)
    client = browser(cast.viewer)
    assert client.get("/me").status_code == 200
    with app.app_context(), database.transaction():
        accounts.set_active(cast.admin.actor, cast.viewer.id, False)
    assert client.get("/me").status_code == 302
    with app.app_context(), database.transaction():
        accounts.set_active(cast.admin.actor, cast.viewer.id, True)
    # The old cookie stays worthless.
    assert client.get("/me").status_code == 302
    assert browser().post("/sign-in", data={"email": cast.viewer.email, "password": PASSWORD}).status_code == 303


def test_changing_the_password_signs_out_the_others_only(app: Flask, cast: Cast, browser: Any):
    give_password(app, cast.viewer)
    here, there = browser(cast.viewer), browser(cast.viewer)
    new = "pięć białych lokomotyw"
    wrong = here.post("/me/password", data={"password": "not it", "new_password": new})
    assert wrong.status_code == 422
    assert "not the password you have now" in wrong.text
    weak = here.post("/me/password", data={"password": PASSWORD, "new_password": "Wanda1234567"})
    assert weak.status_code == 422
    assert "mostly your name" in weak.text
    assert here.post("/me/password", data={"password": PASSWORD, "new_password": new}).status_code == 303
    assert here.get("/me").status_code == 200
    assert there.get("/me").status_code == 302
    assert browser().post("/sign-in", data={"email": cast.viewer.email, "password": new}).status_code == 303


def test_a_first_password_needs_no_old_one(cast: Cast, browser: Any):
    client = browser(cast.viewer)
    assert client.post("/me/password", data={"new_password": PASSWORD}).status_code == 303
    assert "You have no password" not in client.get("/me").text


class TestMyAccount:
    """The page where people look after themselves."""

    def test_it_says_who_i_am_and_where(self, cast: Cast, browser: Any, statements: Any):
        client = browser(cast.viewer)
        with statements() as ran:
            page = client.get("/me").text
        assert len(ran) <= 12
        assert cast.viewer.email in page
        assert "Alfa Bank omnichannel" in page
        assert "Viewer" in page

    def test_what_i_change_holds_at_once(self, cast: Cast, browser: Any):
        client = browser(cast.viewer)
        values = {"name": "Wanda Nowa", "locale": "pl", "theme": "dark", "timezone": "Asia/Tokyo", "revision": "1"}
        assert client.post("/me", data=values).status_code == 303
        page = client.get("/me").text
        assert 'lang="pl"' in page
        assert 'data-bs-theme="dark"' in page
        assert "Wanda Nowa" in page
        assert '<option selected value="Asia/Tokyo">' in page
        assert page.count("<option selected") == 3

    def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(self, cast: Cast, browser: Any):
        client = browser(cast.viewer)
        values = {"name": "  ", "locale": "pl", "theme": "dark", "timezone": "Mars/Olympus", "revision": "1"}
        answer = client.post("/me", data=values)
        assert answer.status_code == 422
        assert 'id="name-error"' in answer.text
        assert 'id="timezone-error"' in answer.text
        assert '<option selected value="pl">' in answer.text
        assert client.post("/me", data={}).status_code == 422
        assert client.post("/me", data={**values, "name": "x", "revision": "none"}).status_code == 422

    def test_the_page_of_yesterday_does_not_overwrite(self, cast: Cast, browser: Any):
        client = browser(cast.viewer)
        values = {"name": "One", "locale": "en", "theme": "auto", "timezone": "Europe/Warsaw", "revision": "1"}
        assert client.post("/me", data=values).status_code == 303
        again = client.post("/me", data={**values, "name": "Two"})
        assert again.status_code == 409
        assert "Two" in again.text

    def test_switches_of_the_frame(self, cast: Cast, browser: Any):
        client = browser(cast.viewer)
        answer = client.post("/language", data={"language": "pl", "next": "/me"})
        assert (answer.status_code, answer.location) == (303, "/me")
        assert 'lang="pl"' in client.get("/me").text
        client.post("/theme", data={"theme": "dark", "next": "https://evil.example"})
        assert 'data-bs-theme="dark"' in client.get("/me").text
        assert client.post("/language", data={"language": "de"}).status_code == 422

    def test_switches_before_sign_in_stay_with_the_browser(self, cast: Cast, browser: Any):
        client = browser()
        client.post("/language", data={"language": "pl", "next": "/sign-in"})
        client.post("/theme", data={"theme": "dark", "next": "/sign-in"})
        page = client.get("/sign-in").text
        assert 'lang="pl"' in page
        assert 'data-bs-theme="dark"' in page
        client.post("/language", data={"language": "xx"})
        client.post("/theme", data={"theme": '"><script>'})
        assert 'lang="pl"' in client.get("/sign-in").text

    def test_the_language_of_the_browser_is_heard(self, cast: Cast, browser: Any):
        headers = {"Accept-Language": "pl-PL,pl;q=0.9,en;q=0.8"}
        assert 'lang="pl"' in browser().get("/sign-in", headers=headers).text
