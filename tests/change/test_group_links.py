"""One-time links for people of groups: never a way into more than their maker manages."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from program.change import group_members
from program.change.models import GroupMember, ImpactedGroup
from program.extensions import db
from program.ground import database
from program.ground.actor import Access
from program.ground.errors import Forbidden, Invalid, NotFound
from program.ground.now import utc_now
from program.people import links, members
from program.people.models import Membership, Person, SignInLink
from tests.cast import Member, as_member, make_person, make_program
from tests.change.conftest import Floor


@pytest.fixture
def beta(app: Flask, floor: Floor) -> Member:
    """Bartek manages BETA, which has a group of its own, and knows nothing of ALFA."""
    with app.app_context(), database.transaction():
        program = make_program("BETA", "Beta")
        bartek = make_person("Bartek Inny", "bartek@beta.example")
        db.session.add(Membership(program_id=program.id, person_id=bartek.id, access=Access.MANAGER.value))
        db.session.add(ImpactedGroup(program_id=program.id, name="Beta's own", name_folded="beta's own"))
        return as_member(bartek)


def group_named(name: str) -> ImpactedGroup:
    return db.session.scalars(select(ImpactedGroup).where(ImpactedGroup.name == name)).one()


def alive(person_id: int) -> int:
    unused = select(SignInLink.id).where(SignInLink.person_id == person_id, SignInLink.used_at.is_(None))
    return len(db.session.scalars(unused).all())


@pytest.mark.usefixtures("context")
class TestWhoGetsALink:
    def test_the_manager_of_the_only_program_gets_one(self, floor: Floor):
        link = group_members.new_link(floor.cast.manager.actor, group_named("Night shift"), floor.agent.id)
        assert links.find_link(link.token) is not None

    @pytest.mark.parametrize("who", ["contributor", "viewer"])
    def test_less_than_a_manager_gets_none(self, floor: Floor, who: str):
        with pytest.raises(Forbidden):
            group_members.new_link(getattr(floor.cast, who).actor, group_named("Night shift"), floor.agent.id)

    def test_the_front_line_and_strangers_find_nothing(self, floor: Floor):
        for actor in (floor.agent.actor, floor.cast.stranger.actor):
            with pytest.raises(NotFound):
                group_members.new_link(actor, group_named("Night shift"), floor.agent.id)

    def test_a_group_of_another_managers_program_counts_as_another_program(self, floor: Floor, beta: Member):
        group_members.add_member(beta.actor, group_named("Beta's own"), floor.agent.email)
        for actor, group in ((floor.cast.manager.actor, "Night shift"), (beta.actor, "Beta's own")):
            with pytest.raises(Forbidden):
                group_members.new_link(actor, group_named(group), floor.agent.id)
            with pytest.raises(Forbidden):
                links.make_link(actor, floor.agent.id)
            assert links.linkable(actor, [floor.agent.id]) == set()

    def test_a_membership_elsewhere_counts_too(self, floor: Floor, beta: Member):
        program_id = group_named("Beta's own").program_id
        db.session.add(Membership(program_id=program_id, person_id=floor.agent.id, access=Access.VIEWER.value))
        db.session.flush()
        assert links.linkable(floor.cast.manager.actor, [floor.agent.id]) == set()

    def test_a_member_who_is_in_a_group_elsewhere_is_out_of_reach(self, floor: Floor, beta: Member):
        """The rule for members as well: their link would open the other program's front-line page."""
        manager, viewer = floor.cast.manager.actor, floor.cast.viewer.id
        assert links.linkable(manager, [viewer]) == {viewer}
        group_members.add_member(beta.actor, group_named("Beta's own"), floor.cast.viewer.email)
        assert links.linkable(manager, [viewer]) == set()
        with pytest.raises(Forbidden):
            members.new_link(manager, floor.program_id, viewer)

    def test_who_manages_both_gets_one(self, floor: Floor, beta: Member):
        group_members.add_member(beta.actor, group_named("Beta's own"), floor.agent.email)
        program_id = group_named("Beta's own").program_id
        maria = floor.cast.manager.id
        db.session.add(Membership(program_id=program_id, person_id=maria, access=Access.MANAGER.value))
        db.session.flush()
        assert links.linkable(floor.cast.manager.actor, [floor.agent.id]) == {floor.agent.id}

    def test_no_administrator_and_no_fellow_manager_can_be_had_through_a_group(self, floor: Floor):
        manager, group = floor.cast.manager.actor, group_named("Night shift")
        fellow = db.session.get_one(Person, floor.cast.contributor.id)
        fellow.joined_at = utc_now()
        membership = db.session.scalars(select(Membership).where(Membership.person_id == fellow.id)).one()
        membership.access = Access.MANAGER.value
        db.session.flush()
        for person in (floor.cast.admin, floor.cast.contributor):
            group_members.add_member(manager, group, person.email)
            with pytest.raises(Forbidden):
                group_members.new_link(manager, group, person.id)

    def test_a_closed_account_gets_none(self, floor: Floor):
        db.session.get_one(Person, floor.agent.id).is_active = False
        db.session.flush()
        with pytest.raises(Forbidden):
            group_members.new_link(floor.cast.manager.actor, group_named("Night shift"), floor.agent.id)

    def test_who_has_left_every_group_is_nobodys(self, floor: Floor):
        group_members.remove_member(floor.cast.manager.actor, group_named("Night shift"), floor.agent.id)
        with pytest.raises(Forbidden):
            links.make_link(floor.cast.manager.actor, floor.agent.id)

    def test_somebody_of_another_group_is_not_found_in_this_one(self, floor: Floor):
        with pytest.raises(NotFound):
            group_members.new_link(floor.cast.manager.actor, group_named("Chat team"), floor.agent.id)


@pytest.mark.usefixtures("context")
class TestLinksThatAreOut:
    def test_coming_into_another_programs_group_ends_them(self, floor: Floor, beta: Member):
        link = group_members.new_link(floor.cast.manager.actor, group_named("Night shift"), floor.agent.id)
        group_members.add_member(beta.actor, group_named("Beta's own"), floor.agent.email)
        assert links.find_link(link.token) is None
        assert alive(floor.agent.id) == 0

    def test_another_group_of_the_same_program_leaves_them(self, floor: Floor):
        manager = floor.cast.manager.actor
        group_members.new_link(manager, group_named("Night shift"), floor.agent.id)
        group_members.add_member(manager, group_named("Chat team"), floor.agent.email)
        assert alive(floor.agent.id) == 1

    def test_somebody_of_a_group_elsewhere_who_never_came_cannot_be_invited(self, floor: Floor, beta: Member):
        program_id = group_named("Beta's own").program_id
        with pytest.raises(Invalid):
            members.invite(beta.actor, program_id, floor.agent.email, "", Access.VIEWER)

    def test_somebody_of_ones_own_group_is_invited_with_a_link(self, floor: Floor):
        invited = members.invite(floor.cast.manager.actor, floor.program_id, floor.agent.email, "", Access.CONTRIBUTOR)
        assert invited.link is not None
        assert db.session.scalar(select(GroupMember.person_id).where(GroupMember.person_id == floor.agent.id))


def test_a_link_from_the_groups_page_signs_the_agent_in_and_opens_nothing_else(floor: Floor, browser: Any):
    path = f"/p/ALFA/change/groups/{floor.night_shift}"
    manager = browser(floor.cast.manager)
    assert f"{path}/people/{floor.agent.id}/link" in manager.get(path).text
    page = manager.post(f"{path}/people/{floor.agent.id}/link").text
    url = page.split('value="http://127.0.0.1:8000')[1].split('"')[0]
    agent = browser()
    form = {"name": "Zosia Nowak", "locale": "pl", "password": ""}
    assert agent.post(url, data=form).status_code == 303
    for closed in (path, "/p/ALFA/overview", "/p/ALFA/checklist", "/p/ALFA/change/groups", "/p/ALFA/settings/people"):
        assert agent.get(closed).status_code == 404


def test_no_button_where_there_would_be_no_link(floor: Floor, beta: Member, browser: Any, app: Flask):
    with app.app_context(), database.transaction():
        group_members.add_member(beta.actor, group_named("Beta's own"), floor.agent.email)
    path = f"/p/ALFA/change/groups/{floor.night_shift}"
    manager = browser(floor.cast.manager)
    assert f"{path}/people/{floor.agent.id}/link" not in manager.get(path).text
    assert manager.post(f"{path}/people/{floor.agent.id}/link").status_code == 303
