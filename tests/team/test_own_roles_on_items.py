"""Roles that a program words itself, where its items name them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from program.extensions import db
from program.ground import database
from program.planning.items import ItemDraft, add_item
from program.planning.models import WorkItem
from program.team.roles import add_role, change_role
from tests.cast import Cast
from tests.team.crew import make_roles, second_program


@pytest.fixture
def number(app: Flask, cast: Cast) -> int:
    """An item that names the program's own role 'Coach'; the analyst is called otherwise here."""
    with app.app_context(), database.transaction():
        (analyst,) = make_roles(cast, "data_analyst")
        change_role(cast.manager.actor, analyst, {"name": "Numbers person"}, seen=1)
        coach = add_role(cast.manager.actor, cast.program_id, {"name": "Coach & friend"})
        second_program(cast)
        item = add_item(cast.manager.actor, cast.program_id, ItemDraft("Coach the shops", role=coach.key))
        return item.number


def test_the_item_shows_its_name_and_the_form_offers_it(cast: Cast, number: int, browser: Any) -> None:
    client = browser(cast.contributor)
    page = client.get(f"/p/ALFA/items/{number}").text
    assert "Coach &amp; friend" in page
    form = client.get(f"/p/ALFA/items/{number}/edit").text
    assert '<option selected value="coach_friend">Coach &amp; friend</option>' in form
    assert '<option value="data_analyst">Numbers person</option>' in form
    assert "Data analyst" not in form
    # Another program's own roles are not offered here.
    assert "Helper" not in form


def test_an_edit_keeps_it(app: Flask, cast: Cast, number: int, browser: Any) -> None:
    client = browser(cast.contributor)
    sent = {"title": "Coach all shops", "role": "coach_friend", "status": "todo", "priority": "2", "revision": "1"}
    assert client.post(f"/p/ALFA/items/{number}/edit", data=sent).status_code == 303
    with app.app_context():
        item = db.session.query(WorkItem).one()
        assert (item.title, item.role) == ("Coach all shops", "coach_friend")
