"""Who plays what today, which required roles nobody plays, and the pilot team against the handbook."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from program.extensions import db
from program.ground.now import held_at
from program.people.models import Membership, Person
from program.planning.models import Phase
from program.team import pilot_team, staffing
from program.team.spans import Gap
from tests.cast import Cast
from tests.team.crew import TODAY, give, join, make_roles

END = date(2026, 5, 29)


@pytest.fixture(autouse=True)
def plan(cast: Cast, context: None) -> None:
    """A phase that is planned to the end of May."""
    phase = {"name": "Pilot", "position": 1, "planned_start": date(2026, 3, 2), "planned_end": END}
    db.session.add(Phase(program_id=cast.program_id, **phase))
    db.session.flush()


def gaps(cast: Cast, today: date = TODAY) -> dict[str, Gap | None]:
    return {role.key: role.gap for role in staffing.roles_of(cast.program_id, today)}


def test_a_required_role_without_anybody_is_a_vacancy(cast: Cast) -> None:
    make_roles(cast, "compliance", required=("data_analyst",))
    assert gaps(cast) == {"data_analyst": Gap(TODAY, None), "compliance": None}
    (found,) = staffing.roles_of(cast.program_id, TODAY)[:1]
    assert staffing.gap_words(found.gap, TODAY) == "nobody plays it"


def test_a_vacancy_that_comes_is_known_before(cast: Cast) -> None:
    (role,) = make_roles(cast, required=("data_analyst",))
    given = give(cast, role, cast.contributor.id, ends_on=date(2026, 3, 31))
    assert gaps(cast) == {"data_analyst": Gap(date(2026, 4, 1), None)}
    give(cast, role, cast.viewer.id, starts_on=date(2026, 4, 13))
    assert gaps(cast) == {"data_analyst": Gap(date(2026, 4, 1), date(2026, 4, 12))}
    given.ends_on = date(2026, 4, 12)
    assert gaps(cast) == {"data_analyst": None}


def test_after_the_planned_end_nobody_is_needed_but_an_overrunning_program_needs_people_today(cast: Cast) -> None:
    (role,) = make_roles(cast, required=("data_analyst",))
    give(cast, role, cast.contributor.id, ends_on=END)
    assert gaps(cast) == {"data_analyst": None}
    assert gaps(cast, date(2026, 6, 15)) == {"data_analyst": Gap(date(2026, 6, 15), None)}


def test_who_has_left_the_program_or_its_account_fills_no_role(cast: Cast) -> None:
    role, other = make_roles(cast, required=("data_analyst", "cx_specialist"))
    left, closed = join(cast, "Left Behind", "left@alfa.example"), join(cast, "Closed Account", "closed@alfa.example")
    give(cast, role, left.id)
    give(cast, other, closed.id)
    assert set(gaps(cast).values()) == {None}
    db.session.query(Membership).filter_by(person_id=left.id).delete()
    db.session.get_one(Person, closed.id).is_active = False
    db.session.flush()
    assert gaps(cast) == {"cx_specialist": Gap(TODAY, None), "data_analyst": Gap(TODAY, None)}


@pytest.mark.parametrize(
    ("required", "given_until", "told"),
    [
        ((), None, "No role is required yet"),
        (("data_analyst",), None, "Nobody plays a required role: Data analyst."),
        (("data_analyst", "compliance"), None, "2 required roles have nobody."),
        (("data_analyst",), END, "Every required role has somebody until the end of the plan."),
        (("data_analyst",), date(2026, 4, 1), "From Thu 2 Apr on nobody plays this role: Data analyst."),
    ],
)
def test_the_headline_says_what_is_missing(
    cast: Cast, required: tuple[str, ...], given_until: date | None, told: str
) -> None:
    made = make_roles(cast, "super_user", required=required)
    if given_until:
        role = next(role for role in made if role.is_required)
        give(cast, role, cast.contributor.id, ends_on=given_until)
    # Days of another year than this one name their year.
    with held_at(datetime(2026, 3, 12, 9, tzinfo=UTC)):
        assert told in staffing.headline(staffing.roles_of(cast.program_id, TODAY), TODAY)


def findings(cast: Cast, shares: list[int], **more: object) -> list[tuple[bool, str]]:
    (role,) = make_roles(cast, "pilot_agent")
    for number, share in enumerate(shares):
        person = join(cast, f"Pilot {number:02}", f"pilot{number}@alfa.example")
        give(cast, role, person.id, share=share, in_pilot_team=True, **more)
    found = pilot_team.findings(staffing.pilot_players(cast.program_id, TODAY), TODAY)
    return [(one.is_good, one.sentence) for one in found]


@pytest.mark.parametrize("count", [5, 8])
def test_a_pilot_team_as_the_handbook_has_it(cast: Cast, count: int) -> None:
    """Section 3: five to eight people with 50 to 70 % of their time."""
    assert findings(cast, [50, 70, *[60] * (count - 2)]) == [
        (True, f"The pilot team has {count} people, within the 5 to 8 that work best."),
        (True, "Everybody in it gives 50 to 70% of their time."),
    ]


@pytest.mark.parametrize(
    ("shares", "told"),
    [
        ([60] * 4, "The pilot team has 4 people; it takes 5 to 8 to cover the key departments."),
        ([60], "The pilot team has 1 person; it takes 5 to 8 to cover the key departments."),
        ([60] * 9, "The pilot team has 9 people; with more than 8 it no longer works as one team."),
        ([49, *[60] * 5], "Too little time for the pilot, below 50%: Pilot 00 (49%)."),
        ([71, *[60] * 5], "More than 70% leaves too little for the department at home: Pilot 00 (71%)."),
    ],
)
def test_each_thing_out_of_order_is_one_plain_sentence(cast: Cast, shares: list[int], told: str) -> None:
    found = findings(cast, shares)
    assert (False, told) in found
    assert [is_good for is_good, _sentence in found].count(False) == 1


def test_two_roles_of_one_person_in_the_team_add_up(cast: Cast) -> None:
    first, second = make_roles(cast, "pilot_agent", "super_user")
    give(cast, first, cast.contributor.id, share=30, in_pilot_team=True)
    give(cast, second, cast.contributor.id, share=25, in_pilot_team=True)
    found = pilot_team.findings(staffing.pilot_players(cast.program_id, TODAY), TODAY)
    assert [one.sentence for one in found][1] == "Everybody in it gives 50 to 70% of their time."
    assert "1 person" in found[0].sentence


def test_a_team_that_is_still_to_begin_is_judged_on_its_first_day(cast: Cast) -> None:
    found = findings(cast, [60] * 5, starts_on=date(2026, 4, 7))
    assert found[0] == (True, "The pilot team has 5 people, within the 5 to 8 that work best.")


def test_without_a_pilot_team_nothing_is_said(cast: Cast) -> None:
    (role,) = make_roles(cast, "pilot_agent")
    give(cast, role, cast.contributor.id)
    assert pilot_team.findings(staffing.pilot_players(cast.program_id, TODAY), TODAY) == []
