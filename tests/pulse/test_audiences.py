"""Whom a pulse can ask: parts that other rooms know of, each person counted in one of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program.change.models import GroupMember, ImpactedGroup
from program.extensions import db
from program.ground.folding import fold
from program.people.models import Person
from program.planning import audiences
from program.planning.audiences import Kind, Part, part_of, people_of
from tests.cast import Cast


@pytest.fixture
def groups(context: None, cast: Cast) -> dict[str, int]:
    """Two groups on one site; Tomek is in both, Obcy in the second; Maria is ambassador of the first from outside."""
    found = {}
    for name, members in (("Chat", [cast.contributor.id]), ("Phone", [cast.contributor.id, cast.stranger.id])):
        group = ImpactedGroup(program_id=cast.program_id, name=name, name_folded=fold(name), site="Łódź", headcount=9)
        db.session.add(group)
        db.session.flush()
        for person_id in members:
            db.session.add(GroupMember(group_id=group.id, person_id=person_id, program_id=cast.program_id))
        found[name] = group.id
    outside = GroupMember(
        group_id=found["Chat"], person_id=cast.manager.id, program_id=cast.program_id, belongs=False, is_ambassador=True
    )
    db.session.add(outside)
    db.session.flush()
    return found


def test_nobody_chosen_is_the_team_without_the_committee(cast: Cast, groups: dict[str, int]):
    assert people_of(cast.program_id, []) == {cast.manager.id, cast.contributor.id}


def test_groups_and_sites_give_their_own_people(cast: Cast, groups: dict[str, int]):
    assert people_of(cast.program_id, [f"group:{groups['Chat']}"]) == {cast.contributor.id}
    assert people_of(cast.program_id, ["site:lodz"]) == {cast.contributor.id, cast.stranger.id}
    assert people_of(cast.program_id, ["group:999999"]) == set()
    assert people_of(cast.program_id, ["nothing:1"]) == set()


def test_closed_accounts_are_not_asked(cast: Cast, groups: dict[str, int]):
    db.session.get_one(Person, cast.stranger.id).is_active = False
    db.session.flush()
    assert people_of(cast.program_id, ["site:lodz"]) == {cast.contributor.id}


def test_somebody_in_two_groups_counts_in_one(cast: Cast, groups: dict[str, int]):
    parts, names = part_of(cast.program_id, "group")
    assert parts == {cast.contributor.id: str(groups["Chat"]), cast.stranger.id: str(groups["Phone"])}
    assert names == {str(groups["Chat"]): "Chat", str(groups["Phone"]): "Phone"}
    assert part_of(cast.program_id, "") == ({}, {})


@given(st.dictionaries(st.sampled_from("abcd"), st.lists(st.integers(1, 9), max_size=6)))
def test_parts_never_overlap_and_lose_nobody(people: dict[str, list[int]]):
    kind = Kind("property", "", 99, lambda _id: [Part(key, key) for key in sorted(people)], lambda _id: people)
    before = audiences.find("property")
    audiences.register(kind)
    try:
        parts, _names = part_of(1, "property")
    finally:
        audiences._KINDS.pop("property")
        if before:
            audiences.register(before)
    assert set(parts) == {person for members in people.values() for person in members}
    assert all(person in people[part] for person, part in parts.items())
