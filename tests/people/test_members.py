"""Who is in a program: inviting, changing access, removing; and that none of it can be used to climb."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from program.extensions import db
from program.ground import database
from program.ground.actor import Access, Actor
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.people import access, accounts, members
from program.people.models import Membership, Person
from program.planning import items
from program.planning.items import ItemDraft
from tests.cast import Cast, make_person, make_program

PAGE = "/p/ALFA/settings/people"


def verbs(entry: Any = AuditEntry) -> list[str]:
    return list(db.session.scalars(select(entry.verb).order_by(entry.id)))


class TestTheVerbs:
    """Permission, rules and the audit trail."""

    @pytest.fixture(autouse=True)
    def in_context(self, context: None) -> None:
        """These tests speak to the verbs."""

    def test_only_managers_manage(self, cast: Cast):
        acts = (
            lambda actor: members.list_members(actor, cast.program_id, "", 1),
            lambda actor: members.invite(actor, cast.program_id, "n@x.example", "N", Access.VIEWER),
            lambda actor: members.change_access(actor, cast.program_id, cast.viewer.id, Access.MANAGER, seen=None),
            lambda actor: members.remove(actor, cast.program_id, cast.viewer.id, seen=None),
            lambda actor: members.new_link(actor, cast.program_id, cast.viewer.id),
        )
        for act in acts:
            for member in (cast.contributor, cast.viewer):
                with pytest.raises(Forbidden):
                    act(member.actor)
            with pytest.raises(NotFound):
                act(cast.stranger.actor)

    def test_somebody_new_gets_an_account_access_and_a_link(self, cast: Cast):
        invited = members.invite(
            cast.manager.actor, cast.program_id, "Nowa@firma.example", "Nowa Osoba", Access.CONTRIBUTOR, locale="pl"
        )
        assert invited.link is not None
        assert invited.link.purpose == "invite"
        assert (invited.person.email, invited.person.locale) == ("nowa@firma.example", "pl")
        assert not invited.person.is_admin
        assert access.access_of(Actor(invited.person.id), cast.program_id) is Access.CONTRIBUTOR
        assert verbs() == ["person.created", "member.added", "person.link_made"]

    def test_somebody_known_is_in_at_once_without_a_link(self, cast: Cast):
        invited = members.invite(cast.manager.actor, cast.program_id, cast.stranger.email, "Other Name", Access.VIEWER)
        assert invited.link is None
        assert invited.person.name == cast.stranger.name
        assert access.access_of(Actor(cast.stranger.id), cast.program_id) is Access.VIEWER

    def test_what_an_invitation_is_refused_for(self, cast: Cast):
        accounts.set_active(cast.admin.actor, cast.stranger.id, False)
        for email, name, field in (
            (cast.viewer.email, "", "email"),
            (cast.stranger.email, "", "email"),
            ("not an address", "N", "email"),
            ("nowa@firma.example", " ", "name"),
        ):
            with pytest.raises(Invalid) as refused:
                members.invite(cast.manager.actor, cast.program_id, email, name, Access.VIEWER)
            assert set(refused.value.fields) == {field}

    def test_a_program_keeps_a_manager(self, cast: Cast):
        with pytest.raises(Invalid):
            members.change_access(cast.manager.actor, cast.program_id, cast.manager.id, Access.VIEWER, seen=None)
        with pytest.raises(Invalid):
            members.remove(cast.admin.actor, cast.program_id, cast.manager.id, seen=None)
        # A closed account manages nothing.
        members.change_access(cast.manager.actor, cast.program_id, cast.viewer.id, Access.MANAGER, seen=None)
        accounts.set_active(cast.admin.actor, cast.viewer.id, False)
        with pytest.raises(Invalid):
            members.remove(cast.manager.actor, cast.program_id, cast.manager.id, seen=None)
        accounts.set_active(cast.admin.actor, cast.viewer.id, True)
        members.remove(cast.manager.actor, cast.program_id, cast.manager.id, seen=None)
        # And is out at once, in the same request as well.
        with pytest.raises(NotFound):
            access.require(cast.manager.actor, cast.program_id, Access.VIEWER)

    def test_removing_somebody_leaves_their_name_on_what_they_own(self, cast: Cast):
        item = items.add_item(cast.manager.actor, cast.program_id, ItemDraft("Map", owner_id=cast.contributor.id))
        members.remove(cast.manager.actor, cast.program_id, cast.contributor.id, seen=1)
        assert item.owner_id == cast.contributor.id
        with pytest.raises(NotFound):
            access.require(Actor(cast.contributor.id), cast.program_id, Access.VIEWER)
        assert verbs()[-1] == "member.removed"

    def test_an_older_page_does_not_overwrite(self, cast: Cast):
        members.change_access(cast.manager.actor, cast.program_id, cast.viewer.id, Access.CONTRIBUTOR, seen=1)
        for act in (
            lambda: members.change_access(cast.manager.actor, cast.program_id, cast.viewer.id, Access.VIEWER, seen=1),
            lambda: members.remove(cast.manager.actor, cast.program_id, cast.viewer.id, seen=1),
        ):
            with pytest.raises(Conflict):
                act()

    def test_people_of_other_programs_are_not_there(self, cast: Cast):
        beta = make_program("BETA", "Beta")
        for act in (
            lambda: members.remove(cast.admin.actor, beta.id, cast.viewer.id, seen=None),
            lambda: members.change_access(cast.admin.actor, beta.id, cast.viewer.id, Access.VIEWER, seen=None),
            lambda: members.new_link(cast.admin.actor, beta.id, cast.viewer.id),
        ):
            with pytest.raises(NotFound):
                act()

    def test_programs_that_would_be_left_alone_are_known(self, cast: Cast):
        assert members.managed_alone(cast.manager.id) == [cast.program_id]
        members.change_access(cast.manager.actor, cast.program_id, cast.viewer.id, Access.MANAGER, seen=None)
        assert members.managed_alone(cast.manager.id) == []


def test_two_managers_who_leave_at_once_leave_one(app: Flask, cast: Cast):
    with app.app_context(), database.transaction():
        members.change_access(cast.manager.actor, cast.program_id, cast.viewer.id, Access.MANAGER, seen=None)
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def leave(person_id: int) -> None:
        start.wait()
        with app.app_context():
            try:
                with database.transaction():
                    members.remove(Actor(person_id), cast.program_id, person_id, seen=None)
            except Invalid:
                outcomes.append("stays")
            else:
                outcomes.append("left")

    threads = [threading.Thread(target=leave, args=(person.id,)) for person in (cast.manager, cast.viewer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["left", "stays"]


class TestThePages:
    """What a manager sees and does."""

    def test_the_list_costs_the_same_for_three_and_for_three_hundred(
        self, app: Flask, cast: Cast, browser: Any, statements: Any
    ):
        client = browser(cast.manager)
        with statements() as few:
            assert "Tomek Wójcik" in client.get(PAGE).text
        with app.app_context(), database.transaction():
            for number in range(300):
                person = make_person(f"Osoba {number:03}", f"osoba{number}@firma.example")
                db.session.add(Membership(program_id=cast.program_id, person_id=person.id, access=1))
        with statements() as many:
            page = client.get(PAGE).text
        assert len(many) == len(few) <= 12
        assert "303 people" in page
        assert page.count("<tr>") <= 51
        found = client.get(f"{PAGE}?q=wojcik").text
        assert "1 person found" in found
        assert "Osoba 000" not in found
        assert "Nobody found" in client.get(f"{PAGE}?q=%25").text

    def test_inviting_shows_the_link_once(self, cast: Cast, browser: Any):
        client = browser(cast.manager)
        form = {"email": "nowa@firma.example", "name": "Nowa Osoba", "access": "2", "locale": "pl"}
        shown = client.post(f"{PAGE}/invite", data=form)
        url = re.search(r'value="(http://127.0.0.1:8000/sign-in/[\w-]{43})"', shown.text)
        assert url is not None
        assert url[1] not in client.get(PAGE).text
        newcomer = browser()
        path = url[1].removeprefix("http://127.0.0.1:8000")
        assert newcomer.post(path, data={"name": "Nowa Osoba", "locale": "pl"}).status_code == 303
        assert newcomer.get("/me").status_code == 200
        again = client.post(f"{PAGE}/invite", data=form)
        assert again.status_code == 422
        assert "in this program already" in again.text
        assert 'value="nowa@firma.example"' in again.text

    @pytest.mark.parametrize("level", ["0", "4", "-1", "x", ""])
    def test_no_access_but_the_three(self, app: Flask, cast: Cast, browser: Any, level: str):
        client = browser(cast.manager)
        form = {"email": "nowa@firma.example", "name": "Nowa", "access": level, "locale": "pl"}
        assert client.post(f"{PAGE}/invite", data=form).status_code == 422
        client.post(f"{PAGE}/{cast.viewer.id}/access", data={"access": level})
        with app.app_context():
            kept = select(Membership.access).where(Membership.person_id == cast.viewer.id)
            assert db.session.scalar(kept) == Access.VIEWER

    def test_removal_asks_and_says_what_happens_to_the_work(self, app: Flask, cast: Cast, browser: Any):
        with app.app_context(), database.transaction():
            items.add_item(cast.manager.actor, cast.program_id, ItemDraft("Map", owner_id=cast.contributor.id))
        client = browser(cast.manager)
        path = f"{PAGE}/{cast.contributor.id}/remove"
        asked = client.post(path, data={"revision": "1"})
        assert asked.status_code == 200
        assert "1 open item keeps their name" in asked.text
        assert 'name="revision" value="1"' in asked.text
        assert client.post(path, data={"revision": "1", "confirmed": "1"}).status_code == 303
        assert "Tomek" not in client.get(PAGE).text.split("</table>")[0].split("<tbody>")[1]
        assert browser(cast.contributor).get(PAGE).status_code == 404

    def test_giving_up_management_asks_first(self, app: Flask, cast: Cast, browser: Any):
        client = browser(cast.manager)
        client.post(f"{PAGE}/{cast.viewer.id}/access", data={"access": "3", "revision": "1"})
        path = f"{PAGE}/{cast.manager.id}/access"
        assert "no longer plan" in client.post(path, data={"access": "1", "revision": "1"}).text
        assert client.post(path, data={"access": "1", "revision": "1", "confirmed": "1"}).location == "/"
        assert client.get(PAGE).status_code == 403

    def test_the_last_manager_is_told_why_not(self, cast: Cast, browser: Any):
        client = browser(cast.manager)
        client.post(f"{PAGE}/{cast.manager.id}/remove", data={"revision": "1", "confirmed": "1"})
        assert "last manager" in client.get(PAGE).text

    def test_links_are_offered_only_where_they_may_be_made(self, app: Flask, cast: Cast, browser: Any):
        with app.app_context(), database.transaction():
            db.session.add(Membership(program_id=cast.program_id, person_id=cast.admin.id, access=1))
        client = browser(cast.manager)
        assert f"{PAGE}/{cast.viewer.id}/link" in client.get(f"{PAGE}/{cast.viewer.id}").text
        for member in (cast.admin, cast.manager):
            page = client.get(f"{PAGE}/{member.id}").text
            assert f"{PAGE}/{member.id}/link" not in page
            assert "Only an administrator can make a one-time link" in page
        assert client.get(f"{PAGE}/{cast.stranger.id}").status_code == 404
        assert client.post(f"{PAGE}/{cast.admin.id}/link").status_code == 403
        assert client.post(f"{PAGE}/{cast.manager.id}/link").status_code == 403
        assert client.post(f"{PAGE}/{cast.stranger.id}/link").status_code == 404
        assert "/sign-in/" in client.post(f"{PAGE}/{cast.viewer.id}/link").text

    @pytest.mark.parametrize("path", ["", "/invite"])
    def test_the_team_may_not_look(self, cast: Cast, browser: Any, path: str):
        assert browser(cast.viewer).get(PAGE + path).status_code == 403
        assert browser(cast.contributor).get(PAGE + path).status_code == 403
        assert browser(cast.stranger).get(PAGE + path).status_code == 404

    def test_a_name_with_markup_is_shown_as_text(self, app: Flask, cast: Cast, browser: Any):
        with app.app_context(), database.transaction():
            db.session.get_one(Person, cast.viewer.id).name = "<script>alert(1)</script>"
        page = browser(cast.manager).get(PAGE).text
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page
