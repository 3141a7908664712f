"""The overview of change management: it says what is wrong, costs little, and is not there for the front line."""

from __future__ import annotations

from datetime import date
from typing import Any

import time_machine
from flask import Flask
from sqlalchemy import insert

from program.change import at_a_glance, group_members
from program.change.models import Communication, Idea, ImpactedGroup
from program.extensions import db
from program.ground import database
from program.ground.folding import fold
from tests.cast import Cast
from tests.change.conftest import Floor
from tests.crowd import TODAY, gather_crowd

NOW = "2026-03-12T09:00:00Z"


def test_it_says_what_is_wrong_and_links_there(app: Flask, floor: Floor, browser: Any):
    with app.app_context(), database.transaction():
        db.session.add(
            Communication(
                program_id=floor.program_id, message="Why we change", planned_on=date(2026, 4, 1), medium="email"
            )
        )
    with time_machine.travel("2026-04-20T09:00:00Z", tick=False):
        page = browser(floor.cast.viewer).get("/p/ALFA/change").text
    assert "1 group near its go-live has no ambassador. 1 message is late." in page
    assert f"/p/ALFA/change/groups/{floor.night_shift}" in page
    assert "Chat team" not in page


def test_it_is_silent_when_all_is_well(app: Flask, floor: Floor, browser: Any):
    with app.app_context(), database.transaction():
        group = db.session.get_one(ImpactedGroup, floor.night_shift)
        for number in range(2):
            who = f"ambassador{number}@alfa.example"
            group_members.add_member(floor.cast.manager.actor, group, who, f"Amb {number} Nowak", is_ambassador=True)
    with time_machine.travel("2026-04-20T09:00:00Z", tick=False):
        page = browser(floor.cast.viewer).get("/p/ALFA/change").text
    assert "ambassador.<" not in page
    assert "Every group near its go-live has ambassadors." in page


def test_it_costs_the_same_for_a_crowd(app: Flask, cast: Cast, browser: Any, statements: Any):
    with app.app_context(), database.transaction():
        crowd = gather_crowd(cast)
        rows = [
            {"program_id": crowd.program_id, "message": f"Message {number}", "planned_on": TODAY, "medium": "email"}
            for number in range(300)
        ]
        db.session.execute(insert(Communication), rows)
        db.session.execute(
            insert(Idea),
            [
                {
                    "program_id": crowd.program_id,
                    "number": number,
                    "title": f"Idea {number}",
                    "title_folded": fold(f"Idea {number}"),
                    "proposer_id": crowd.people[number],
                }
                for number in range(1, 300)
            ],
        )
    with time_machine.travel(NOW, tick=False):
        client = browser(cast.manager)
        with statements() as ran:
            answer = client.get("/p/ALFA/change")
    assert answer.status_code == 200
    assert len(ran) <= 12, ran.texts
    assert "299 ideas wait for an answer." in answer.text


def test_every_glance_leads_to_a_page(app: Flask):
    assert {glance.endpoint for glance in at_a_glance._GLANCES.values()} <= app.view_functions.keys()


def test_the_front_line_does_not_see_it(floor: Floor, browser: Any):
    assert browser(floor.agent).get("/p/ALFA/change").status_code == 404


def test_an_empty_program_offers_the_first_step(cast: Cast, browser: Any):
    page = browser(cast.manager).get("/p/ALFA/change").text
    assert "Begin with the people" in page
    assert "Begin with the people" not in browser(cast.viewer).get("/p/ALFA/change").text
