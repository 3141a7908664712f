"""Giving roles, changing shares and days, ending and taking away: what the verbs keep to."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from program.extensions import db
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.outbox import kinds
from program.outbox.models import Message
from program.people.models import Person
from program.team import assignments
from program.team.assignments import AssignmentDraft, assign
from program.team.models import Assignment
from tests.cast import Cast
from tests.planning.helpers import at_the_same_moment
from tests.team.crew import give, join, make_roles, second_program

pytestmark = pytest.mark.usefixtures("context")
MARCH = {"starts_on": date(2026, 3, 2), "ends_on": date(2026, 3, 31)}


def draft(role_id: int, person_id: int, **more: Any) -> AssignmentDraft:
    return AssignmentDraft(role_id, person_id, **{"share": 50, "starts_on": date(2026, 3, 2), **more})


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"share": None}, "share"),
        ({"share": 0}, "share"),
        ({"share": 101}, "share"),
        ({"starts_on": None}, "starts_on"),
        ({"starts_on": date(1999, 12, 31)}, "starts_on"),
        ({"starts_on": date(9999, 1, 1)}, "starts_on"),
        ({"ends_on": date(2100, 1, 1)}, "ends_on"),
        ({"ends_on": date(2026, 3, 1)}, "ends_on"),
        ({"note": "x" * 301}, "note"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(cast: Cast, values: dict[str, Any], field: str) -> None:
    (role,) = make_roles(cast, "data_analyst")
    with pytest.raises(Invalid) as caught:
        assign(cast.manager.actor, cast.program_id, draft(role.id, cast.contributor.id, **values))
    assert set(caught.value.fields) == {field}


def test_only_people_and_roles_of_the_program_will_do(cast: Cast) -> None:
    (role,) = make_roles(cast, "data_analyst")
    _beta, helper = second_program(cast, cast.contributor)
    closed = join(cast, "Closed Account", "closed@alfa.example")
    db.session.get_one(Person, closed.id).is_active = False
    db.session.flush()
    for role_id, person_id, field in (
        (helper.id, cast.contributor.id, "role_id"),
        (0, cast.contributor.id, "role_id"),
        (role.id, cast.stranger.id, "person"),
        (role.id, closed.id, "person"),
        (role.id, 0, "person"),
    ):
        with pytest.raises(Invalid) as caught:
            assign(cast.manager.actor, cast.program_id, draft(role_id, person_id))
        assert set(caught.value.fields) == {field}
    # Readers may have a role too: the sponsor reads.
    assert give(cast, role, cast.viewer.id, share=5).share == 5


def test_a_person_holds_a_role_once_at_a_time(cast: Cast) -> None:
    role, other = make_roles(cast, "data_analyst", "compliance")
    first = give(cast, role, cast.contributor.id, **MARCH)
    for days in (
        {"starts_on": date(2026, 3, 31)},
        {"starts_on": date(2026, 2, 1), "ends_on": date(2026, 3, 2)},
        {"starts_on": date(2026, 2, 1)},
    ):
        with pytest.raises(Invalid) as caught:
            give(cast, role, cast.contributor.id, **days)
        assert set(caught.value.fields) == {"starts_on"}
    later = give(cast, role, cast.contributor.id, starts_on=date(2026, 4, 1))
    give(cast, other, cast.contributor.id)
    give(cast, role, cast.viewer.id)
    with pytest.raises(Invalid):
        assignments.change_assignment(cast.manager.actor, first, {"ends_on": None}, seen=1)
    # It does not stand in its own way.
    assert assignments.change_assignment(cast.manager.actor, later, {"share": 60}, seen=1) == {"share": [50, 60]}


def test_ending_keeps_what_was_and_removing_does_not(cast: Cast) -> None:
    (role,) = make_roles(cast, "data_analyst")
    given = give(cast, role, cast.contributor.id)
    with pytest.raises(Invalid):
        assignments.end_assignment(cast.manager.actor, given, None, seen=1)
    with pytest.raises(Invalid):
        assignments.end_assignment(cast.manager.actor, given, date(2026, 3, 1), seen=1)
    assignments.end_assignment(cast.manager.actor, given, date(2026, 3, 20), seen=1)
    assert given.ends_on == date(2026, 3, 20)
    with pytest.raises(Conflict):
        assignments.remove_assignment(cast.manager.actor, given, seen=1)
    assignments.remove_assignment(cast.manager.actor, given, seen=2)
    assert db.session.scalars(select(Assignment)).all() == []
    trail = db.session.scalars(
        select(AuditEntry).where(AuditEntry.object_type == "assignment").order_by(AuditEntry.id)
    ).all()
    assert [entry.verb for entry in trail] == ["assignment.created", "assignment.changed", "assignment.removed"]
    assert {entry.name for entry in trail} == {"Tomek Wójcik: Data analyst"}


def test_people_are_meant_by_name_or_e_mail(cast: Cast) -> None:
    twin = join(cast, "Tomek Wójcik", "other.tomek@alfa.example")
    one = join(cast, "Zofia Żak", "zofia@alfa.example")
    for text in ("zofia zak", " ZOFIA  Żak ", "zofia@alfa.example", "Zofia@ALFA.example"):
        assert assignments.person_meant(cast.program_id, text) == one.id
    assert assignments.person_meant(cast.program_id, "other.tomek@alfa.example") == twin.id
    for text, told in (
        ("Tomek Wójcik", "other.tomek@alfa.example"),
        ("Obcy Człowiek", "Nobody in this program"),
        ("obcy@elsewhere.example", "Nobody in this program"),
        ("Zofia", "Nobody in this program"),
        ("  ", "Say who."),
        ("%", "Nobody in this program"),
    ):
        with pytest.raises(Invalid) as caught:
            assignments.person_meant(cast.program_id, text)
        assert told in str(caught.value.fields["person"])


def test_whoever_gets_a_role_is_told_once_and_nobody_of_their_own_doing(app: Flask, cast: Cast) -> None:
    (role,) = make_roles(cast, "data_analyst")
    give(cast, role, cast.manager.id)
    given = give(cast, role, cast.contributor.id, share=60, ends_on=date(2026, 5, 29))
    message = db.session.scalars(select(Message)).one()
    assert (message.person_id, message.path) == (
        cast.contributor.id,
        f"/p/ALFA/team/people/{cast.contributor.id}",
    )
    kind = kinds.find(message.kind)
    assert kind is not None
    with app.test_request_context("/"):
        words = kind.words(message.data)
    assert words.subject == "You have a role in Alfa Bank omnichannel: Data analyst"
    assert words.text == "60% of your week, from Mon 2 Mar 2026 to Fri 29 May 2026."
    assert message.about == f"assignment:{given.id}"


def test_only_managers_give_roles(cast: Cast) -> None:
    (role,) = make_roles(cast, "data_analyst")
    given = give(cast, role, cast.contributor.id)
    acts = (
        lambda actor: assign(actor, cast.program_id, draft(role.id, cast.viewer.id)),
        lambda actor: assignments.change_assignment(actor, given, {"share": 10}, seen=1),
        lambda actor: assignments.end_assignment(actor, given, date(2026, 4, 1), seen=1),
        lambda actor: assignments.remove_assignment(actor, given, seen=1),
    )
    for act in acts:
        for person, error in ((cast.contributor, Forbidden), (cast.viewer, Forbidden), (cast.stranger, NotFound)):
            with pytest.raises(error):
                act(person.actor)
    _beta, helper = second_program(cast)
    other = Assignment(
        program_id=helper.program_id,
        role_id=helper.id,
        person_id=cast.viewer.id,
        share=5,
        starts_on=date(2026, 3, 2),
    )
    db.session.add(other)
    db.session.flush()
    with pytest.raises(NotFound):
        assignments.find_assignment(cast.manager.actor, cast.program_id, other.id)


def test_two_managers_at_the_same_moment_give_a_role_once(app: Flask, cast: Cast) -> None:
    (role,) = make_roles(cast, "data_analyst")
    role_id = role.id
    db.session.commit()
    wanted = draft(role_id, cast.contributor.id)
    results = at_the_same_moment(
        app, *[lambda: assign(cast.manager.actor, cast.program_id, wanted).id for _twice in range(2)]
    )
    assert sorted(type(result).__name__ for result in results) == ["Invalid", "int"]
