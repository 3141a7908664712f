"""Taking roles over, adding, changing, ordering and removing them: what the verbs keep to."""

from __future__ import annotations

from typing import Any

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from program.extensions import db
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.planning.items import ItemDraft, add_item
from program.planning.models import WorkItem
from program.playbooks.roles import Circle
from program.playbooks.roles import roles as catalogue
from program.team import roles
from program.team.models import Assignment, ProgramRole, RaciMark, RaciRow
from program.team.role_words import role_name
from tests.cast import Cast
from tests.planning.helpers import make_phase
from tests.team.crew import MONDAY, TODAY, give, make_roles, second_program

pytestmark = pytest.mark.usefixtures("context")
COACH = {"name": "Coach", "purpose": "Coaches.", "share_low": 20, "share_high": 40}


def keys(program_id: int) -> list[str]:
    query = select(ProgramRole.key).where(ProgramRole.program_id == program_id)
    return list(db.session.scalars(query.order_by(ProgramRole.position, ProgramRole.id)))


def test_proposed_are_the_core_team_and_whom_the_items_name(cast: Cast) -> None:
    for title, role, required in (
        ("Map", "cx_specialist", True),
        ("Ask", "compliance", True),
        ("Try", "super_user", False),
    ):
        add_item(cast.manager.actor, cast.program_id, ItemDraft(title, role=role, required=required))
    add_item(cast.manager.actor, cast.program_id, ItemDraft("Own", role="coach", required=True))
    found = roles.proposed(cast.program_id)
    core = {key for key, role in catalogue().items() if role.circle is Circle.CORE}
    assert set(found) == core | {"compliance", "super_user"}
    assert {key for key, required in found.items() if required} == {"cx_specialist"}


def test_taking_over_twice_changes_nothing_that_is_there(cast: Cast) -> None:
    (analyst,) = make_roles(cast, "data_analyst")
    roles.change_role(cast.manager.actor, analyst, {"name": "Our analyst"}, seen=analyst.revision)
    assert [role.key for role in make_roles(cast, "data_analyst", "compliance", required=("data_analyst",))] == [
        "compliance"
    ]
    assert (analyst.name, analyst.is_required) == ("Our analyst", False)


def test_a_role_of_the_catalogue_speaks_its_readers_language_until_it_is_reworded(cast: Cast) -> None:
    (analyst,) = make_roles(cast, "data_analyst")
    with force_locale("en"):
        same = {"name": "Data analyst", "purpose": catalogue()["data_analyst"].purpose.en}
        assert roles.change_role(cast.manager.actor, analyst, same, seen=1) == {}
    assert (analyst.name, analyst.purpose) == ("", "")
    roles.change_role(cast.manager.actor, analyst, {"name": "Numbers person"}, seen=1)
    assert role_name(analyst.key, analyst.name) == "Numbers person"
    # An empty name of such a role is the catalogue's again.
    roles.change_role(cast.manager.actor, analyst, {"name": ""}, seen=2)
    assert role_name(analyst.key, analyst.name) == "Data analyst"


def test_own_roles_get_keys_of_their_own(cast: Cast) -> None:
    for name, key in (
        ("Łukasz's coach", "lukasz_s_coach"),
        ("Data analyst", "data_analyst_2"),
        ("data ANALYST", "data_analyst_3"),
        ("教练", "role"),
        ("x" * 80, "x" * 36),
    ):
        assert roles.add_role(cast.manager.actor, cast.program_id, {**COACH, "name": name}).key == key


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " \u200b "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"purpose": "x" * 501}, "purpose"),
        ({"responsibilities": "x" * 4001}, "responsibilities"),
        ({"share_low": -1}, "share_low"),
        ({"share_high": 101}, "share_high"),
        ({"share_low": None}, "share_low"),
        ({"share_low": 50}, "share_high"),
        ({"skills": {"juggling": 2}}, "skills"),
        ({"skills": {"dashboards": 4}}, "skills"),
    ],
)
def test_what_cannot_be_a_role_is_refused_at_its_field(cast: Cast, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        roles.add_role(cast.manager.actor, cast.program_id, {**COACH, **values})
    assert set(caught.value.fields) == {field}
    assert keys(cast.program_id) == []


def test_a_program_takes_so_many_roles_and_no_more(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roles, "MAX_ROLES", 2)
    make_roles(cast, "data_analyst", "compliance")
    with pytest.raises(Invalid, match="up to 2 roles"):
        roles.add_role(cast.manager.actor, cast.program_id, COACH)
    with pytest.raises(Invalid, match="up to 2 roles"):
        make_roles(cast, "super_user")


def test_an_unknown_role_of_the_catalogue_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid, match="boss"):
        make_roles(cast, "boss")


def test_the_second_of_two_editors_is_told(cast: Cast) -> None:
    (role,) = make_roles(cast, "data_analyst")
    roles.change_role(cast.manager.actor, role, {"is_required": True}, seen=1)
    with pytest.raises(Conflict):
        roles.change_role(cast.manager.actor, role, {"is_required": False}, seen=1)
    with pytest.raises(Conflict):
        roles.remove_role(cast.manager.actor, role, seen=1)


def test_roles_change_places_with_their_neighbours(cast: Cast) -> None:
    first, second, third = make_roles(cast, "omnichannel_manager", "data_analyst", "compliance")
    assert roles.move_role(cast.manager.actor, third, up=True)
    assert keys(cast.program_id) == ["omnichannel_manager", "compliance", "data_analyst"]
    assert roles.move_role(cast.manager.actor, first, up=False)
    assert keys(cast.program_id) == ["compliance", "omnichannel_manager", "data_analyst"]
    assert not roles.move_role(cast.manager.actor, second, up=False)
    assert not roles.move_role(cast.manager.actor, third, up=True)


def test_removing_takes_along_what_hangs_on_it_and_leaves_the_word_on_items(cast: Cast) -> None:
    role, other = make_roles(cast, "data_analyst", "compliance")
    give(cast, role, cast.contributor.id)
    kept = give(cast, other, cast.contributor.id)
    phase = make_phase(cast.program_id, "Pilot", MONDAY, TODAY)
    row = RaciRow(program_id=cast.program_id, phase_id=phase.id)
    db.session.add(row)
    db.session.flush()
    db.session.add(RaciMark(row_id=row.id, role_id=role.id, letter="A"))
    db.session.add(RaciMark(row_id=row.id, role_id=other.id, letter="C"))
    item = add_item(cast.manager.actor, cast.program_id, ItemDraft("Take the baseline", role="data_analyst"))
    assert roles.hangs_on(role) == (1, 1, 1)
    roles.remove_role(cast.manager.actor, role, seen=role.revision)
    assert keys(cast.program_id) == ["compliance"]
    assert db.session.scalars(select(Assignment.id)).all() == [kept.id]
    assert db.session.scalars(select(RaciMark.letter)).all() == ["C"]
    assert db.session.get_one(WorkItem, item.id).role == "data_analyst"
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "role.removed")).one()
    assert entry.name == "Data analyst"


def test_only_managers_of_the_program_shape_its_roles(cast: Cast) -> None:
    (role,) = make_roles(cast, "data_analyst")
    acts = (
        lambda actor: roles.take_over(actor, cast.program_id, ["compliance"]),
        lambda actor: roles.add_role(actor, cast.program_id, COACH),
        lambda actor: roles.change_role(actor, role, {"is_required": True}, seen=1),
        lambda actor: roles.move_role(actor, role, up=True),
        lambda actor: roles.remove_role(actor, role, seen=1),
    )
    for act in acts:
        for person, error in ((cast.contributor, Forbidden), (cast.viewer, Forbidden), (cast.stranger, NotFound)):
            with pytest.raises(error):
                act(person.actor)
    assert roles.find_role(cast.viewer.actor, cast.program_id, role.id) is role
    beta, helper = second_program(cast)
    with pytest.raises(NotFound):
        roles.find_role(cast.manager.actor, cast.program_id, helper.id)
    assert beta.id != cast.program_id
