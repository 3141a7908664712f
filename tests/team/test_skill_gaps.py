"""What phases lack, counted for any people and levels; and when somebody is T-shaped."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from program.playbooks.skills import SkillGroup, skills
from program.team.skill_gaps import Need, compare
from program.team.skill_needs import highest
from program.team.skill_shape import shape

LEVELS = st.dictionaries(st.integers(1, 12), st.integers(0, 3), max_size=12)
PEOPLE = st.lists(st.integers(1, 12), max_size=20)


@given(st.integers(1, 3), st.integers(1, 9), PEOPLE, LEVELS)
def test_who_is_there_and_who_would_learn_are_the_people_of_the_phase(
    level: int, wanted: int, people: list[int], levels: dict[int, int]
):
    teachers = [person for person, known in levels.items() if known == 3]
    gap = compare(Need("dashboards", level, wanted), people, levels, teachers)
    able = {person for person in people if levels.get(person, 0) >= level}
    # Somebody with two assignments in the phase is one person.
    assert gap.there == len(able)
    assert gap.missing == max(0, wanted - len(able))
    if gap.missing:
        assert sorted(gap.learners) == sorted(set(people) - able)
        # Nobody learns what they could teach.
        assert not set(gap.learners) & set(gap.coaches)
    else:
        assert gap.learners == gap.coaches == ()


@given(st.integers(1, 3), st.integers(1, 9), PEOPLE, LEVELS, st.integers(20, 30))
def test_one_more_able_person_never_makes_it_worse(
    level: int, wanted: int, people: list[int], levels: dict[int, int], newcomer: int
):
    need = Need("dashboards", level, wanted)
    before = compare(need, people, levels, ()).missing
    after = compare(need, [*people, newcomer], {**levels, newcomer: 3}, ()).missing
    assert after == max(0, before - 1)


@given(st.dictionaries(st.sampled_from([*skills(), "unknown"]), st.integers(0, 3)))
def test_a_t_is_depth_in_one_skill_and_basics_in_every_group(levels: dict[str, int]):
    found = shape(levels)
    known = {key: level for key, level in levels.items() if key != "unknown"}
    touched = {skills()[key].group for key, level in known.items() if level >= 1}
    assert found.is_t == (max(known.values(), default=0) == 3 and touched == set(SkillGroup))


@given(st.lists(st.dictionaries(st.sampled_from(list(skills())), st.integers(1, 3)), max_size=5))
def test_the_highest_level_asked_for_counts(asked: list[dict[str, int]]):
    found = highest(asked)
    assert set(found) == {key for levels in asked for key in levels}
    for key, level in found.items():
        assert level == max(levels.get(key, 0) for levels in asked)
