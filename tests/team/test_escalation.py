"""To whom a matter goes: the item's row, else its phase's, through roles to people of today; else the managers."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from program.extensions import db
from program.ground import database
from program.people.models import Membership, Person
from program.team.escalation import answering, to_whom
from tests.cast import Cast
from tests.planning.plan_parts import Parts, make_parts
from tests.team.samples import assign, join, make_roles, make_row

TODAY = date(2026, 4, 15)


@pytest.fixture
def parts(context: None, cast: Cast) -> Parts:
    return make_parts(cast)


@pytest.fixture
def roles(parts: Parts, cast: Cast) -> dict[str, int]:
    return make_roles(cast.program_id, "product_owner", "data_analyst", "it_architect")


def names(found: Any) -> list[str]:
    return [one.name for one in found]


def test_without_a_matrix_the_managers_are_asked(cast: Cast, parts: Parts):
    assert names(to_whom(parts.items["late"], TODAY)) == [cast.manager.name]


def test_the_items_own_row_speaks_before_its_phases(cast: Cast, parts: Parts, roles: dict[str, int]):
    item = parts.items["late"]
    ola = join(cast.program_id, "Ola Nowak", "ola@alfa.example")
    assign(cast.program_id, roles["product_owner"], cast.contributor.id)
    assign(cast.program_id, roles["data_analyst"], ola)
    make_row(cast.program_id, {roles["product_owner"]: "A", roles["data_analyst"]: "R"}, phase_id=parts.pilot.id)
    found = answering(item.id, TODAY)
    assert [(part.role, part.from_phase) for part in found.accountable] == [("Product owner", True)]
    assert names(to_whom(item, TODAY)) == [cast.contributor.name]
    # A deliverable of the same phase by its name is another matter.
    make_row(cast.program_id, {roles["it_architect"]: "A"}, phase_id=parts.pilot.id, name="Training plan")
    make_row(cast.program_id, {roles["data_analyst"]: "AR"}, item_id=item.id)
    found = answering(item.id, TODAY)
    assert [(part.role, part.from_phase) for part in found.accountable] == [("Data analyst", False)]
    assert [(part.role, part.from_phase) for part in found.responsible] == [("Data analyst", False)]
    assert names(to_whom(item, TODAY)) == ["Ola Nowak"]
    # The other items of the phase still go to who answers for the phase.
    assert names(to_whom(parts.items["early"], TODAY)) == [cast.contributor.name]


def test_who_asks_nobody_who_is_not_there(cast: Cast, parts: Parts, roles: dict[str, int]):
    item = parts.items["late"]
    make_row(cast.program_id, {roles["product_owner"]: "A"}, phase_id=parts.pilot.id)
    gone = join(cast.program_id, "Gone Already", "gone@alfa.example")
    assign(cast.program_id, roles["product_owner"], gone, ends_on=TODAY - timedelta(days=1))
    closed = join(cast.program_id, "Closed Account", "closed@alfa.example")
    assign(cast.program_id, roles["product_owner"], closed)
    db.session.execute(update(Person).where(Person.id == closed).values(is_active=False))
    left = join(cast.program_id, "Left Program", "left@alfa.example")
    assign(cast.program_id, roles["product_owner"], left)
    db.session.query(Membership).filter(Membership.person_id == left).delete()
    later = join(cast.program_id, "Starts Later", "later@alfa.example")
    assign(cast.program_id, roles["product_owner"], later, starts_on=TODAY + timedelta(days=1))
    assert names(to_whom(item, TODAY)) == [cast.manager.name]
    assert answering(item.id, TODAY).accountable[0].people == ()
    assert names(to_whom(item, TODAY + timedelta(days=1))) == ["Starts Later"]


def test_one_person_in_one_role_twice_is_one_person(cast: Cast, parts: Parts, roles: dict[str, int]):
    make_row(cast.program_id, {roles["product_owner"]: "A"}, item_id=parts.items["late"].id)
    for share in (20, 30):
        assign(cast.program_id, roles["product_owner"], cast.contributor.id, share=share)
    assert names(to_whom(parts.items["late"], TODAY)) == [cast.contributor.name]


def test_reading_takes_one_statement_and_two_at_most(cast: Cast, parts: Parts, roles: dict[str, int], statements: Any):
    item = parts.items["late"]
    db.session.refresh(item)
    with statements() as ran:
        answering(item.id, TODAY)
    assert len(ran) == 1
    with statements() as ran:
        to_whom(item, TODAY)
    assert len(ran) == 2


def test_the_item_page_says_who_answers(app: Any, cast: Cast, browser: Any, statements: Any):
    with app.app_context(), database.transaction():
        parts = make_parts(cast)
        roles = make_roles(cast.program_id, "product_owner", "data_analyst")
        assign(cast.program_id, roles["product_owner"], cast.contributor.id)
        item = parts.items["late"]
        item_id, number = item.id, item.number
        make_row(cast.program_id, {roles["data_analyst"]: "R"}, phase_id=parts.pilot.id)
    client = browser(cast.viewer)
    page = client.get(f"/p/ALFA/items/{number}").text
    assert "nobody; it goes to the managers" in page
    with app.app_context(), database.transaction():
        make_row(cast.program_id, {roles["product_owner"]: "A"}, item_id=item_id)
    with statements() as ran:
        page = client.get(f"/p/ALFA/items/{number}").text
    assert len(ran) <= 12
    assert re.search(r"Product owner\s*:\s*Tomek Wójcik", page)
    assert "nobody plays it" in page
    mine = browser(cast.contributor).get("/my-work").text
    assert "What I answer for" in mine
