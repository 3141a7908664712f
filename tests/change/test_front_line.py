"""Who may open the front line's own page of a program, and what the frame then knows."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import delete

from program.change.front_line import open_front_line, require_front_line
from program.change.models import GroupMember, ImpactedGroup
from program.extensions import db
from program.ground.actor import Access
from program.ground.errors import NotFound
from program.people import access
from tests.cast import Cast, Member, as_member, make_person, make_program
from tests.crowd import GROUPS, PEOPLE, gather_crowd


@pytest.fixture
def agent(cast: Cast, context: None) -> Member:
    """Zosia answers the phone in a group of ALFA; of BETA she knows nothing."""
    beta = make_program("BETA", "Beta")
    group = ImpactedGroup(program_id=cast.program_id, name="Night shift", name_folded="night shift")
    db.session.add(group)
    person = make_person("Zosia Nowak", "zosia@alfa.example")
    db.session.flush()
    db.session.add(GroupMember(group_id=group.id, person_id=person.id, program_id=cast.program_id))
    db.session.add(ImpactedGroup(program_id=beta.id, name="Beta's", name_folded="beta's"))
    db.session.commit()
    return as_member(person)


def test_people_of_a_group_and_members_come_in(cast: Cast, agent: Member):
    for person in (agent, cast.viewer, cast.contributor, cast.manager, cast.admin):
        require_front_line(person.actor, cast.program_id)


def test_strangers_find_nothing(cast: Cast, agent: Member):
    with pytest.raises(NotFound):
        require_front_line(cast.stranger.actor, cast.program_id)


def test_a_group_opens_its_own_program_only(app: Flask, cast: Cast, agent: Member):
    for key in ("BETA", "OMEGA"):
        with app.test_request_context():
            g.actor = agent.actor
            with pytest.raises(NotFound):
                open_front_line(key)


def test_a_group_opens_nothing_else_of_its_program(cast: Cast, agent: Member):
    require_front_line(agent.actor, cast.program_id)
    with pytest.raises(NotFound):
        access.require(agent.actor, cast.program_id, Access.VIEWER)


def test_who_leaves_the_group_finds_nothing(cast: Cast, agent: Member):
    db.session.execute(delete(GroupMember).where(GroupMember.person_id == agent.id))
    with pytest.raises(NotFound):
        require_front_line(agent.actor, cast.program_id)


@pytest.mark.parametrize(
    ("who", "level"),
    [("agent", None), ("viewer", Access.VIEWER), ("manager", Access.MANAGER), ("admin", Access.MANAGER)],
)
def test_the_page_knows_the_program_and_the_access(app: Flask, cast: Cast, agent: Member, who: str, level: Any):
    person = agent if who == "agent" else getattr(cast, who)
    with app.test_request_context():
        g.actor = person.actor
        program = open_front_line("alfa")
        assert program.id == cast.program_id
        assert g.program is program
        assert g.timezone == "Europe/Warsaw"
        assert g.access == level


def test_the_crowd_is_as_large_as_it_says(cast: Cast, context: None):
    crowd = gather_crowd(cast)
    assert len(crowd.people) == PEOPLE == 2000
    assert len(crowd.groups) == GROUPS == 300
    assert len(set(crowd.people)) == PEOPLE
