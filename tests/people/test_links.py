"""One-time links: seven days or one, one use, never by a GET, and never a way into more than their maker has."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from program.extensions import db
from program.ground import database
from program.ground.actor import Access, Actor, Origin, system
from program.ground.errors import Forbidden, Invalid
from program.ground.now import utc_now
from program.people import accounts, links, members
from program.people.models import Membership, Person, SignInLink
from tests.cast import Cast, make_program

GONE = "This link does not work any more"


def link_for(app: Flask, person_id: int, *, joined: bool = True, actor: Actor | None = None) -> str:
    """The path of a new link for that person, made from the console."""
    with app.app_context(), database.transaction():
        person = db.session.get_one(Person, person_id)
        person.joined_at = utc_now() if joined else None
        db.session.flush()
        return links.make_link(actor or system(Origin.CLI), person_id).url.removeprefix("http://127.0.0.1:8000")


def test_opening_a_link_uses_nothing_up_and_its_button_does_once(app: Flask, cast: Cast, browser: Any):
    path = link_for(app, cast.viewer.id)
    scanner = browser()
    for _visit in range(3):
        assert "Sign in as Wanda" in scanner.get(path).text
    assert scanner.get("/me").status_code == 302

    client = browser()
    assert client.post(path).location == "/"
    assert "Wanda" in client.get("/me").text
    assert browser().post(path).status_code == 404


def test_unknown_used_expired_and_closed_links_get_one_friendly_answer(app: Flask, cast: Cast, browser: Any):
    used = link_for(app, cast.viewer.id)
    browser().post(used)
    with time_machine.travel(utc_now() - timedelta(days=1, seconds=1)):
        expired = link_for(app, cast.manager.id)
    closed = link_for(app, cast.contributor.id)
    with app.app_context(), database.transaction():
        accounts.set_active(cast.admin.actor, cast.contributor.id, False)
    pages = []
    for path in (used, expired, closed, "/sign-in/" + "A" * 43, "/sign-in/żółw%00"):
        for answer in (browser().get(path), browser().post(path)):
            assert answer.status_code == 404
            assert GONE in answer.text
            text = answer.text
            pages.append(text[text.index('<div class="plain-card') :])
    assert len(set(pages)) == 1
    assert "make you a new one" in pages[0]


@pytest.mark.parametrize(("joined", "days"), [(False, 7), (True, 1)])
def test_links_last_as_long_as_they_say(app: Flask, cast: Cast, browser: Any, joined: bool, days: int):
    with time_machine.travel("2026-03-02T08:00:00Z", tick=False) as clock:
        path = link_for(app, cast.viewer.id, joined=joined)
        clock.shift(timedelta(days=days, seconds=-1))
        assert browser().get(path).status_code == 200
        clock.shift(timedelta(seconds=1))
        assert browser().get(path).status_code == 404


def test_only_the_hash_is_kept(app: Flask, cast: Cast):
    token = link_for(app, cast.viewer.id).removeprefix("/sign-in/")
    assert len(token) == 43
    with app.app_context():
        kept = db.session.scalars(select(SignInLink.token_hash)).one()
    assert len(kept) == 64
    assert token not in kept


def test_of_many_who_use_a_link_at_once_one_gets_in(app: Flask, cast: Cast, browser: Any):
    path = link_for(app, cast.viewer.id)
    clients = [browser() for _ in range(8)]
    start = threading.Barrier(len(clients))
    statuses: list[int] = []

    def use(client: Any) -> None:
        start.wait()
        statuses.append(client.post(path).status_code)

    threads = [threading.Thread(target=use, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303] + [404] * 7


def test_a_new_link_ends_the_older_ones(app: Flask, cast: Cast, browser: Any):
    older = link_for(app, cast.viewer.id)
    newer = link_for(app, cast.viewer.id)
    assert browser().get(older).status_code == 404
    assert browser().get(newer).status_code == 200


def test_an_invitation_asks_for_name_language_and_perhaps_a_password(app: Flask, cast: Cast, browser: Any):
    path = link_for(app, cast.viewer.id, joined=False)
    client = browser()
    page = client.get(path).text
    assert 'value="Wanda Łoś"' in page
    refused = client.post(path, data={"name": "Wanda Łoś-Kowalska", "locale": "pl", "password": "krótkie"})
    assert refused.status_code == 422
    assert 'value="Wanda Łoś-Kowalska"' in refused.text
    assert "krótkie" not in refused.text
    # Refused, so still of use.
    good = client.post(path, data={"name": "Wanda Łoś-Kowalska", "locale": "pl", "password": "cztery zielone parasole"})
    assert good.status_code == 303
    with app.app_context():
        person = db.session.get_one(Person, cast.viewer.id)
        assert (person.name, person.locale, person.joined_at is not None) == ("Wanda Łoś-Kowalska", "pl", True)
        assert person.password_hash.startswith("$argon2id$")
    assert 'lang="pl"' in client.get("/me").text
    signed_in = browser().post("/sign-in", data={"email": cast.viewer.email, "password": "cztery zielone parasole"})
    assert signed_in.status_code == 303


def test_an_invitation_can_be_taken_without_a_password(app: Flask, cast: Cast, browser: Any):
    path = link_for(app, cast.viewer.id, joined=False)
    client = browser()
    assert client.post(path, data={"name": "Wanda Łoś", "locale": "en", "password": ""}).status_code == 303
    assert "You have no password" in client.get("/me").text


def test_signing_in_by_a_link_replaces_whoever_was_signed_in(app: Flask, cast: Cast, browser: Any):
    path = link_for(app, cast.viewer.id)
    client = browser(cast.manager)
    client.post(path)
    page = client.get("/me").text
    assert cast.viewer.email in page
    assert cast.manager.email not in page


def test_a_changed_password_ends_unused_links(app: Flask, cast: Cast, browser: Any):
    path = link_for(app, cast.viewer.id)
    with app.app_context(), database.transaction():
        accounts.set_password(cast.viewer.actor, cast.viewer.id, "cztery zielone parasole")
    assert browser().get(path).status_code == 404


class TestWhoMayMakeALink:
    """A link opens everything its owner may open, so a manager gets one only for people who open no more."""

    @pytest.fixture(autouse=True)
    def in_context(self, context: None) -> None:
        """These tests speak to the verbs."""

    def join(self, program_id: int, person_id: int, level: Access) -> None:
        db.session.add(Membership(program_id=program_id, person_id=person_id, access=level.value))
        db.session.flush()

    def test_a_manager_for_the_team(self, cast: Cast):
        for member in (cast.contributor, cast.viewer):
            assert members.new_link(cast.manager.actor, cast.program_id, member.id).url

    def test_never_for_an_administrator(self, cast: Cast):
        self.join(cast.program_id, cast.admin.id, Access.VIEWER)
        with pytest.raises(Forbidden):
            members.new_link(cast.manager.actor, cast.program_id, cast.admin.id)

    def test_never_for_somebody_of_another_program(self, cast: Cast):
        beta = make_program("BETA", "Beta")
        self.join(beta.id, cast.viewer.id, Access.VIEWER)
        with pytest.raises(Forbidden):
            members.new_link(cast.manager.actor, cast.program_id, cast.viewer.id)
        # Being in the other program is not enough: it has to be the manager's as well.
        self.join(beta.id, cast.manager.id, Access.CONTRIBUTOR)
        with pytest.raises(Forbidden):
            members.new_link(cast.manager.actor, cast.program_id, cast.viewer.id)
        membership = db.session.scalars(
            select(Membership).where(Membership.program_id == beta.id, Membership.person_id == cast.manager.id)
        ).one()
        membership.access = Access.MANAGER.value
        db.session.flush()
        assert members.new_link(cast.manager.actor, cast.program_id, cast.viewer.id).url

    def test_never_for_a_fellow_manager_who_is_here(self, cast: Cast):
        self.join(cast.program_id, cast.stranger.id, Access.MANAGER)
        # Invited and not here yet: the invitation may be made anew.
        assert members.new_link(cast.manager.actor, cast.program_id, cast.stranger.id).purpose == links.INVITE
        db.session.get_one(Person, cast.stranger.id).joined_at = utc_now()
        db.session.flush()
        with pytest.raises(Forbidden):
            members.new_link(cast.manager.actor, cast.program_id, cast.stranger.id)

    def test_never_for_a_stranger_to_every_program(self, cast: Cast):
        with pytest.raises(Forbidden):
            links.make_link(cast.manager.actor, cast.stranger.id)

    def test_never_by_the_team(self, cast: Cast):
        for actor in (cast.contributor.actor, cast.viewer.actor):
            with pytest.raises(Forbidden):
                links.make_link(actor, cast.viewer.id if actor is cast.contributor.actor else cast.contributor.id)

    def test_an_administrator_for_everybody_but_a_closed_account(self, cast: Cast):
        assert links.make_link(cast.admin.actor, cast.manager.id).url
        accounts.set_active(cast.admin.actor, cast.viewer.id, False)
        with pytest.raises(Invalid):
            links.make_link(cast.admin.actor, cast.viewer.id)

    def test_a_link_held_back_does_not_grow_with_its_owner(self, cast: Cast):
        """A manager makes a link, keeps it, and waits until its owner gets access elsewhere."""
        db.session.get_one(Person, cast.viewer.id).joined_at = utc_now()
        beta = make_program("BETA", "Beta")
        kept = members.new_link(cast.manager.actor, cast.program_id, cast.viewer.id)
        assert links.find_link(kept.token)
        members.invite(cast.admin.actor, beta.id, cast.viewer.email, "", Access.VIEWER)
        assert links.find_link(kept.token) is None

        kept = links.make_link(cast.admin.actor, cast.contributor.id)
        accounts.set_admin(cast.admin.actor, cast.contributor.id, True)
        assert links.find_link(kept.token) is None

        kept = links.make_link(cast.admin.actor, cast.viewer.id)
        members.change_access(cast.admin.actor, beta.id, cast.viewer.id, Access.MANAGER, seen=None)
        assert links.find_link(kept.token) is None

    def test_an_invitation_still_out_keeps_its_owner_from_other_programs(self, cast: Cast):
        """Two managers who invite the same newcomer must not get into each other's program by the link they hold."""
        beta = make_program("BETA", "Beta")
        self.join(beta.id, cast.stranger.id, Access.MANAGER)
        db.session.get_one(Person, cast.stranger.id).joined_at = utc_now()
        invited = members.invite(cast.manager.actor, cast.program_id, "nowa@firma.example", "Nowa", Access.VIEWER)
        with pytest.raises(Invalid) as refused:
            members.invite(cast.stranger.actor, beta.id, "nowa@firma.example", "", Access.VIEWER)
        assert "has not come yet" in str(refused.value.fields["email"])
        assert links.find_link(invited.link.token)


def test_links_of_long_ago_are_swept(app: Flask, cast: Cast):
    with time_machine.travel(utc_now() - timedelta(days=120)):
        link_for(app, cast.viewer.id)
    link_for(app, cast.manager.id)
    with app.app_context():
        assert len(db.session.scalars(select(SignInLink)).all()) == 1
