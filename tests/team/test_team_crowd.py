"""The pages of the team with 2,000 people: as many statements as with two, and lists that people can use."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from program.extensions import db
from program.ground import database
from program.people.models import Membership
from program.team.models import Assignment
from tests.cast import Cast
from tests.crowd import TODAY, gather_crowd
from tests.team.crew import make_roles, second_program

MOST = 12


@pytest.fixture
def pages(app: Flask, cast: Cast) -> dict[str, str]:
    """2,000 people of the program: all are agents, every third is in a second program too."""
    with app.app_context(), database.transaction():
        crowd = gather_crowd(cast, groups=10)
        rows = [
            {"program_id": cast.program_id, "person_id": person, "access": 2, "revision": 1}
            for person in crowd.people[len(crowd.members) :]
        ]
        db.session.execute(insert(Membership), rows)
        agent, analyst, *_rest = make_roles(
            cast, "pilot_agent", "data_analyst", "super_user", required=("compliance", "data_analyst")
        )
        beta, helper = second_program(cast)
        others = crowd.people[::3]
        db.session.execute(
            insert(Membership),
            [{"program_id": beta.id, "person_id": person, "access": 2, "revision": 1} for person in others],
        )
        start = TODAY - timedelta(weeks=2)
        common = {"starts_on": start, "in_pilot_team": False, "note": "", "revision": 1}
        held = [
            {"program_id": cast.program_id, "role_id": agent.id, "person_id": person, "share": 60, **common}
            for person in crowd.people
        ]
        held += [
            {"program_id": beta.id, "role_id": helper.id, "person_id": person, "share": 50, **common}
            for person in others
        ]
        db.session.execute(insert(Assignment), held)
        return {
            "team": "/p/ALFA/team",
            "role": f"/p/ALFA/team/roles/{agent.id}",
            "vacancy": f"/p/ALFA/team/roles/{analyst.id}",
            "load": "/p/ALFA/team/load?from=2026-03-09",
            "person": f"/p/ALFA/team/people/{crowd.people[0]}",
            "given": f"/p/ALFA/team/assignments/new?role={agent.id}",
            "week": "/p/ALFA/week",
            "overview": "/p/ALFA/",
            "my work": "/my-work",
        }


def test_no_page_costs_more_with_two_thousand_people(
    pages: dict[str, str], cast: Cast, browser: Any, statements: Any
) -> None:
    client = browser(cast.manager)
    for name, path in pages.items():
        with statements() as ran:
            answer = client.get(path)
        assert answer.status_code == 200, name
        assert len(ran) <= MOST, (name, ran.texts)
        assert len(answer.data) < 400_000, (name, len(answer.data))


def test_long_lists_come_in_pages(pages: dict[str, str], cast: Cast, browser: Any) -> None:
    client = browser(cast.viewer)
    team = client.get(pages["team"]).text
    assert "and 1996 more people" in team
    role = client.get(pages["role"]).text
    assert "1–50 of 2,000" in role
    load = client.get(pages["load"]).text
    assert "1–50 of 2,000" in load
    assert "667 people carry more than a full week" in load
    assert "Agent 0004 Łęcki" in client.get(pages["load"] + "&q=agent+0004").text
    offered = browser(cast.manager).get(pages["given"]).text
    assert offered.count("<option") < 250
