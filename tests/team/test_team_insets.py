"""What the team shows on planning's pages, and what it costs them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from flask import Flask

from program.extensions import db
from program.ground import database
from program.planning.gates import ask_for
from program.planning.insets import Asked
from program.planning.models import Gate, Phase
from program.team import insets
from program.team.models import ProgramRole
from tests.cast import Cast
from tests.team.crew import TODAY, assign_directly, give, make_roles, second_program

PAGES = ("/", "/p/ALFA/week", "/p/ALFA/")


@pytest.fixture(autouse=True)
def on_a_thursday() -> Iterator[None]:
    with time_machine.travel("2026-03-12 10:00+01:00", tick=False):
        yield


@pytest.fixture
def plan(app: Flask, cast: Cast) -> None:
    """A phase from March to May."""
    with app.app_context(), database.transaction():
        phase = {"name": "Pilot", "position": 1, "planned_start": date(2026, 3, 2), "planned_end": date(2026, 5, 29)}
        db.session.add(Phase(program_id=cast.program_id, **phase))


def asked(cast: Cast) -> Asked:
    return Asked(cast.manager.actor, {cast.program_id: "ALFA"}, TODAY)


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize("path", PAGES)
def test_a_vacancy_shows_with_its_link(app: Flask, cast: Cast, browser: Any, path: str) -> None:
    with app.app_context(), database.transaction():
        (role,) = make_roles(cast, required=("data_analyst",))
        role_id = role.id
    page = browser(cast.viewer).get(path).text
    assert "Vacancies" in page
    assert f'href="/p/ALFA/team/roles/{role_id}">Data analyst</a>' in page
    assert "nobody plays it" in page


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize("path", PAGES)
def test_where_all_is_well_nothing_shows(app: Flask, cast: Cast, browser: Any, path: str) -> None:
    with app.app_context(), database.transaction():
        (role,) = make_roles(cast, required=("data_analyst",))
        give(cast, role, cast.contributor.id)
        make_roles(cast, "compliance")
    page = browser(cast.viewer).get(path).text
    assert "Vacancies" not in page
    assert "More than a full week" not in page


@pytest.fixture
def page(app: Flask, context: None) -> Iterator[None]:
    """A page on which addresses can be made, in a transaction that may write."""
    with app.test_request_context("/"):
        database.begin_writing()
        yield


@pytest.mark.usefixtures("plan", "page")
def test_a_vacancy_is_told_four_weeks_ahead(cast: Cast) -> None:
    (role,) = make_roles(cast, required=("data_analyst",))
    given = give(cast, role, cast.contributor.id, ends_on=date(2026, 4, 8))
    inset = insets.week(asked(cast))
    assert inset is not None
    assert [(one.name, one.when, one.is_now) for one in inset.data["vacant"]] == [
        ("Data analyst", "nobody from Thu 9 Apr on", False)
    ]
    given.ends_on = date(2026, 4, 9)
    assert insets.week(asked(cast)) is None


def test_somebody_with_more_than_a_week_shows_whatever_programs_it_comes_from(
    app: Flask, cast: Cast, browser: Any
) -> None:
    with app.app_context(), database.transaction():
        (role,) = make_roles(cast, "data_analyst")
        give(cast, role, cast.contributor.id, share=60)
        beta, helper = second_program(cast, cast.contributor)
        assign_directly(beta.id, helper.id, cast.contributor.id, 60)
    for path in ("/", "/p/ALFA/week"):
        page = browser(cast.viewer).get(path).text
        assert "More than a full week" in page
        assert f'href="/p/ALFA/team/people/{cast.contributor.id}">Tomek Wójcik</a>' in page
        assert "120% this week" in page
        assert "Beta" not in page


@pytest.mark.usefixtures("page")
def test_shares_that_never_fall_into_the_same_days_are_no_overload(cast: Cast) -> None:
    (first, second) = make_roles(cast, "data_analyst", "compliance")
    give(cast, first, cast.contributor.id, share=80, ends_on=date(2026, 3, 11))
    give(cast, second, cast.contributor.id, share=80, starts_on=date(2026, 3, 12))
    assert insets.week(asked(cast)) is None


def test_my_work_names_my_own_roles_only(app: Flask, cast: Cast, browser: Any) -> None:
    with app.app_context(), database.transaction():
        (analyst, compliance) = make_roles(cast, "data_analyst", "compliance")
        give(cast, analyst, cast.contributor.id, share=60, ends_on=date(2026, 5, 29))
        give(cast, compliance, cast.manager.id)
        # Left the program meanwhile: then it is no role of theirs any more.
        beta, helper = second_program(cast)
        assign_directly(beta.id, helper.id, cast.contributor.id, 10)
    page = browser(cast.contributor).get("/my-work").text
    assert "My roles" in page
    assert "Data analyst" in page
    assert "60% · Alfa Bank omnichannel" in page
    assert "until Fri 29 May" in page
    assert "Compliance officer" not in page
    assert "Helper" not in page
    assert "My roles" not in browser(cast.viewer).get("/my-work").text


@pytest.mark.usefixtures("plan", "page")
def test_each_place_costs_one_statement_for_any_number_of_programs(cast: Cast, statements: Any) -> None:
    programs = {cast.program_id: "ALFA"}
    for number in range(6):
        beta, helper = second_program(cast, cast.contributor, cast.manager, key=f"P{number}", name=f"Other {number}")
        db.session.add(ProgramRole(program_id=beta.id, key="vacant", name="Vacant", is_required=True))
        assign_directly(beta.id, helper.id, cast.contributor.id, 30)
        programs[beta.id] = beta.key
    db.session.flush()
    whole = Asked(cast.contributor.actor, programs, TODAY)
    for source in (insets.week, insets.my_work):
        with statements() as ran:
            assert source(whole) is not None
        assert len(ran) == 1, source


@pytest.mark.usefixtures("plan")
def test_the_overview_asks_once_for_its_gates_and_its_vacancies(
    app: Flask, cast: Cast, browser: Any, statements: Any
) -> None:
    with app.app_context(), database.transaction():
        make_roles(cast, required=("data_analyst",))
        phase = db.session.query(Phase).one()
        gate = Gate(program_id=cast.program_id, phase_id=phase.id, name="Go on", planned_on=phase.planned_end)
        db.session.add(gate)
        db.session.flush()
        ask_for(cast.manager.actor, gate, "roles")
    with statements() as ran:
        page = browser(cast.viewer).get("/p/ALFA/").text
    # Gates ask along with all else that their criteria look at, and the vacancies by themselves: once each.
    asking = [text for text in ran.texts if "FROM program_role" in text]
    assert sorted("UNION ALL" in text for text in asking) == [False, True]
    assert '<span class="obstacle">A required role has nobody on that day: Data analyst.' in page
    assert "Vacancies" in page
