"""Impacted groups: the verbs, who may, and what bad input meets."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from program.change import group_lists, group_members, groups, impacts, limits
from program.change.coverage import Cover, covered
from program.change.group_lists import Asked
from program.change.impacts import Impact, overall
from program.change.models import GroupImpact, GroupMember, ImpactedGroup, OtherChange, OtherChangeGroup
from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from tests.cast import Cast, make_person, make_program
from tests.change.conftest import Floor
from tests.crowd import gather_crowd

DAY = date(2026, 4, 1)


def group_of(floor: Floor, group_id: int | None = None) -> ImpactedGroup:
    return db.session.get_one(ImpactedGroup, group_id or floor.night_shift)


@pytest.mark.usefixtures("context")
class TestTheVerbs:
    def test_a_group_is_added_and_changed_with_a_trail(self, floor: Floor):
        group = group_of(floor)
        changes = groups.change_group(floor.cast.manager.actor, group, {"headcount": 31, "site": "Łódź"}, seen=1)
        assert changes == {"headcount": [30, 31]}
        verbs = db.session.scalars(
            select(AuditEntry.verb).where(AuditEntry.object_type == "group", AuditEntry.object_id == group.id)
        ).all()
        assert sorted(verbs) == ["group.changed", "group.created", "group.member_added"]

    @pytest.mark.parametrize("who", ["contributor", "viewer"])
    def test_shaping_takes_a_manager(self, floor: Floor, who: str):
        actor = getattr(floor.cast, who).actor
        with pytest.raises(Forbidden):
            groups.add_group(actor, floor.program_id, {"name": "Mine"})
        with pytest.raises(Forbidden):
            groups.remove_group(actor, group_of(floor), seen=None)
        with pytest.raises(Forbidden):
            impacts.set_impacts(actor, group_of(floor), {"tools": Impact(2)}, seen=None)
        with pytest.raises(Forbidden):
            group_members.add_member(actor, group_of(floor), "zosia@alfa.example")
        with pytest.raises(Forbidden):
            limits.change_limits(actor, floor.program_id, {"red_from": 20}, seen=0)

    def test_strangers_and_the_front_line_find_nothing(self, floor: Floor):
        for actor in (floor.cast.stranger.actor, floor.agent.actor):
            with pytest.raises(NotFound):
                group_lists.list_groups(actor, floor.program_id, Asked())
            with pytest.raises(NotFound):
                groups.find_group(actor, floor.program_id, floor.night_shift)

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "\u202e\u200b"}, "name"),
            ({"name": "x" * 121}, "name"),
            ({"name": "NIGHT SHIFT"}, "name"),
            ({"kind": "gang"}, "kind"),
            ({"channel": "pigeon"}, "channel"),
            ({"headcount": -1}, "headcount"),
            ({"headcount": 10**9}, "headcount"),
            ({"training_target": 101}, "training_target"),
            ({"go_live_id": 987654}, "go_live_id"),
            ({"representative_id": 987654}, "representative_id"),
            ({"note": "x" * 501}, "note"),
        ],
    )
    def test_what_cannot_be_is_refused_at_its_field(self, floor: Floor, values: dict[str, Any], field: str):
        with pytest.raises(Invalid) as refused:
            groups.add_group(floor.cast.manager.actor, floor.program_id, {"name": "New", **values})
        assert list(refused.value.fields) == [field]

    def test_a_stranger_cannot_speak_for_a_group(self, floor: Floor):
        with pytest.raises(Invalid):
            groups.change_group(
                floor.cast.manager.actor,
                group_of(floor),
                {"representative_id": floor.cast.stranger.id},
                seen=None,
            )
        groups.change_group(floor.cast.manager.actor, group_of(floor), {"representative_id": floor.agent.id}, seen=None)

    def test_the_second_of_two_editors_is_told(self, floor: Floor):
        manager = floor.cast.manager.actor
        groups.change_group(manager, group_of(floor), {"headcount": 31}, seen=1)
        with pytest.raises(Conflict):
            groups.change_group(manager, group_of(floor), {"headcount": 32}, seen=1)
        with pytest.raises(Conflict):
            impacts.set_impacts(manager, group_of(floor), {"tools": Impact(2)}, seen=1)

    def test_a_group_goes_with_what_was_for_it_alone(self, floor: Floor):
        change = OtherChange(
            program_id=floor.program_id,
            kind="change",
            name="New desks",
            starts_on=DAY,
            ends_on=DAY,
            weight=2,
        )
        both = OtherChange(
            program_id=floor.program_id,
            kind="change",
            name="New phones",
            starts_on=DAY,
            ends_on=DAY,
            weight=2,
        )
        db.session.add_all([change, both])
        db.session.flush()
        db.session.add_all(
            [
                OtherChangeGroup(other_id=change.id, group_id=floor.night_shift),
                OtherChangeGroup(other_id=both.id, group_id=floor.night_shift),
                OtherChangeGroup(other_id=both.id, group_id=floor.chat_team),
            ]
        )
        db.session.flush()
        groups.remove_group(floor.cast.manager.actor, group_of(floor), seen=1)
        db.session.expire_all()
        assert db.session.scalars(select(OtherChange.name)).all() == ["New phones"]
        assert db.session.scalars(select(GroupMember.person_id)).all() == []


@pytest.mark.usefixtures("context")
class TestImpacts:
    def test_they_are_set_changed_and_forgotten(self, floor: Floor):
        manager = floor.cast.manager.actor
        impacts.set_impacts(manager, group_of(floor), {"tools": Impact(4, "New inbox"), "pay": Impact(0)}, seen=1)
        assert impacts.impacts_of([floor.night_shift]) == {
            floor.night_shift: {"tools": Impact(4, "New inbox"), "pay": Impact(0)}
        }
        assert group_of(floor).revision == 2
        impacts.set_impacts(manager, group_of(floor), {"tools": Impact(4, "New inbox"), "pay": None}, seen=2)
        assert db.session.scalars(select(GroupImpact.aspect)).all() == ["tools"]

    def test_setting_the_same_changes_nothing(self, floor: Floor):
        manager = floor.cast.manager.actor
        impacts.set_impacts(manager, group_of(floor), {"tools": Impact(4)}, seen=None)
        assert impacts.set_impacts(manager, group_of(floor), {"tools": Impact(4)}, seen=None) == {}
        assert group_of(floor).revision == 2

    @pytest.mark.parametrize("impact", [Impact(6), Impact(-1), Impact(2, "x" * 301)])
    def test_what_is_out_of_range_is_refused(self, floor: Floor, impact: Impact):
        with pytest.raises(Invalid):
            impacts.set_impacts(floor.cast.manager.actor, group_of(floor), {"tools": impact}, seen=None)

    @given(st.dictionaries(st.sampled_from(impacts.ASPECTS), st.integers(0, 5).map(Impact), min_size=1))
    def test_overall_lies_where_the_aspects_lie(self, found: dict[str, Impact]):
        whole = overall(found)
        assert whole is not None
        assert whole.highest == max(impact.level for impact in found.values())
        assert 0 <= whole.mean <= whole.highest
        assert whole.looked_at == len(found)


@pytest.mark.usefixtures("context")
class TestCoverage:
    @given(st.integers(0, 50), st.integers(0, 2000), st.integers(1, 100))
    def test_one_more_helper_never_makes_it_worse(self, have: int, size: int, each: int):
        order = [Cover.NONE, Cover.UNKNOWN, Cover.THIN, Cover.ENOUGH]
        now, then = covered(have, size, each), covered(have + 1, size, each)
        assert order.index(then.cover) >= order.index(now.cover)
        assert then.missing <= now.missing

    @given(st.integers(0, 50), st.integers(1, 2000), st.integers(1, 100))
    def test_one_more_colleague_never_makes_it_better(self, have: int, size: int, each: int):
        assert covered(have, size + 1, each).missing >= covered(have, size, each).missing

    def test_limits_are_those_of_the_program(self, floor: Floor):
        manager = floor.cast.manager.actor
        assert limits.limits_of(floor.program_id) == (limits.BUILT_IN, 0)
        limits.change_limits(manager, floor.program_id, {"people_per_ambassador": 10}, seen=0)
        found, revision = limits.limits_of(floor.program_id)
        assert (found.people_per_ambassador, found.red_from, revision) == (10, limits.BUILT_IN.red_from, 1)
        with pytest.raises(Conflict):
            limits.change_limits(manager, floor.program_id, {"people_per_ambassador": 11}, seen=0)
        row = group_lists.one_group(manager, floor.program_id, floor.night_shift)
        assert row is not None
        assert row.ambassador_cover(found) == covered(0, 30, 10)

    @pytest.mark.parametrize("values", [{"red_from": 6}, {"amber_from": 0}, {"people_per_super_user": 1001}])
    def test_limits_that_make_no_sense_are_refused(self, floor: Floor, values: dict[str, int]):
        with pytest.raises(Invalid) as refused:
            limits.change_limits(floor.cast.manager.actor, floor.program_id, values, seen=0)
        assert list(refused.value.fields) == list(values)


@pytest.mark.usefixtures("context")
class TestMembers:
    def test_somebody_here_is_found_by_name_and_anybody_by_the_whole_email(self, floor: Floor):
        manager, group = floor.cast.manager.actor, group_of(floor, floor.chat_team)
        assert group_members.add_member(manager, group, "zosia nowak").id == floor.agent.id
        with pytest.raises(Invalid):
            group_members.add_member(manager, group, "Obcy Człowiek")
        assert group_members.add_member(manager, group, "OBCY@elsewhere.example").id == floor.cast.stranger.id

    def test_somebody_new_needs_a_name_and_gets_no_password(self, floor: Floor):
        manager, group = floor.cast.manager.actor, group_of(floor)
        with pytest.raises(Invalid) as refused:
            group_members.add_member(manager, group, "nowy@alfa.example")
        assert list(refused.value.fields) == ["name"]
        person = group_members.add_member(manager, group, "nowy@alfa.example", "Nowy Agent", is_ambassador=True)
        assert person.password_hash is None
        row = group_lists.one_group(manager, floor.program_id, group.id)
        assert row is not None
        assert (row.known, row.ambassadors) == (2, 1)

    def test_nobody_is_in_a_group_twice(self, floor: Floor):
        with pytest.raises(Invalid) as refused:
            group_members.add_member(floor.cast.manager.actor, group_of(floor), floor.agent.email)
        assert list(refused.value.fields) == ["who"]

    def test_two_of_one_name_are_told_apart_by_email(self, floor: Floor):
        manager, group = floor.cast.manager.actor, group_of(floor)
        group_members.add_member(manager, group, "zosia2@alfa.example", "Zosia Nowak")
        with pytest.raises(Invalid, match="not right"):
            group_members.add_member(manager, group_of(floor, floor.chat_team), "Zosia Nowak")

    def test_parts_are_played_and_given_up(self, floor: Floor):
        manager, group = floor.cast.manager.actor, group_of(floor)
        assert group_members.mark_member(manager, group, floor.agent.id, is_super_user=True) == {
            "is_super_user": [False, True]
        }
        assert group_members.mark_member(manager, group, floor.agent.id, is_super_user=True) == {}
        assert group_members.remove_member(manager, group, floor.agent.id) == "Zosia Nowak"
        with pytest.raises(NotFound):
            group_members.mark_member(manager, group, floor.agent.id, is_super_user=False)


class TestThePages:
    @pytest.mark.parametrize(
        "path", ["", "/{group}", "/impact", "?sort=impact&direction=desc", "?q=łódź", "?kind=team&sort=go_live"]
    )
    def test_they_cost_the_same_for_a_crowd(self, app: Any, cast: Cast, browser: Any, statements: Any, path: str):
        with app.app_context(), database.transaction():
            crowd = gather_crowd(cast)
        client = browser(cast.manager)
        with statements() as ran:
            answer = client.get(f"/p/ALFA/change/groups{path.format(group=crowd.groups[0])}")
        assert answer.status_code == 200
        assert len(ran) <= 12, ran.texts

    def test_a_page_finds_sites_whatever_the_accents(self, floor: Floor, browser: Any):
        page = browser(floor.cast.viewer).get("/p/ALFA/change/groups?q=lodz").text
        assert "Night shift" in page
        assert "Chat team" not in page

    def test_readers_see_names_but_no_addresses(self, floor: Floor, browser: Any):
        path = f"/p/ALFA/change/groups/{floor.night_shift}"
        seen_by_viewer = browser(floor.cast.viewer).get(path).text
        assert "Zosia Nowak" in seen_by_viewer
        assert "zosia@alfa.example" not in seen_by_viewer
        assert "zosia@alfa.example" in browser(floor.cast.manager).get(path).text

    def test_a_group_is_made_by_its_form(self, floor: Floor, browser: Any):
        client = browser(floor.cast.manager)
        form = {"name": "Shop <b>north</b>", "kind": "site", "channel": "shop", "headcount": "12"}
        answer = client.post("/p/ALFA/change/groups/new", data={**form, "representative": "Tomek Wójcik"})
        assert answer.status_code == 303
        page = client.get(answer.location).text
        assert "Shop &lt;b&gt;north" in page
        assert "Tomek Wójcik" in page

    @pytest.mark.parametrize(
        "wrong",
        [
            {"headcount": "many"},
            {"headcount": "-3"},
            {"headcount": "99999999999999999999"},
            {"representative": "Nikt Taki"},
            {"go_live_id": "x"},
            {"go_live_id": "424242"},
            {"name": "night  SHIFT"},
            {"kind": "gang"},
        ],
    )
    def test_a_wrong_form_comes_back_with_what_was_typed(self, floor: Floor, browser: Any, wrong: dict[str, str]):
        form = {"name": "Morning shift", "kind": "team", "channel": "", "headcount": "5", "note": "Keep me", **wrong}
        answer = browser(floor.cast.manager).post("/p/ALFA/change/groups/new", data=form)
        assert answer.status_code == 422
        assert "Keep me" in answer.text
        assert "field-error" in answer.text

    def test_an_older_form_is_refused_and_keeps_its_text(self, floor: Floor, browser: Any):
        client = browser(floor.cast.manager)
        path = f"/p/ALFA/change/groups/{floor.night_shift}/edit"
        form = {"name": "Night shift", "kind": "team", "channel": "", "headcount": "31", "revision": "1"}
        assert client.post(path, data=form).status_code == 303
        answer = client.post(path, data={**form, "headcount": "32"})
        assert answer.status_code == 409
        assert "32" in answer.text
        assert client.post(path, data={**form, "headcount": "32", "revision": "2"}).status_code == 303

    def test_impacts_are_set_in_one_form(self, floor: Floor, browser: Any):
        client = browser(floor.cast.manager)
        path = f"/p/ALFA/change/groups/{floor.night_shift}/impact"
        answer = client.post(path, data={"revision": "1", "tools": "4", "tools_note": "One inbox", "pay": ""})
        assert answer.status_code == 303
        assert "One inbox" in client.get(answer.location).text
        assert client.post(path, data={"revision": "2", "tools": "9"}).status_code == 422
        assert client.post(path, data={"revision": "1", "tools": "3"}).status_code == 409

    def test_removing_asks_first(self, floor: Floor, browser: Any):
        client = browser(floor.cast.manager)
        path = f"/p/ALFA/change/groups/{floor.night_shift}/remove"
        assert "1 person leaves it" in client.post(path).text
        assert client.post(path, data={"confirmed": "1", "revision": "1"}).status_code == 303
        assert client.get(f"/p/ALFA/change/groups/{floor.night_shift}").status_code == 404

    def test_groups_of_another_program_are_not_there(self, floor: Floor, browser: Any, app: Any):
        with app.app_context(), database.transaction():
            beta = make_program("BETA", "Beta")
            theirs = ImpactedGroup(program_id=beta.id, name="Beta's", name_folded="beta's")
            db.session.add(theirs)
            db.session.flush()
            group_id = theirs.id
        client = browser(floor.cast.manager)
        assert client.get(f"/p/ALFA/change/groups/{group_id}").status_code == 404
        assert client.post(f"/p/ALFA/change/groups/{group_id}/people/add", data={"who": "x"}).status_code == 404


def test_a_new_person_is_added_by_the_form(floor: Floor, browser: Any):
    client = browser(floor.cast.manager)
    path = f"/p/ALFA/change/groups/{floor.chat_team}/people/add"
    assert client.get(f"{path}?q=zos").text.count("zosia@alfa.example") >= 1
    assert client.post(path, data={"who": "ewa@alfa.example", "locale": "pl"}).status_code == 422
    answer = client.post(path, data={"who": "ewa@alfa.example", "name": "Ewa Lis", "locale": "pl", "belongs": "y"})
    assert answer.status_code == 303
    assert "Ewa Lis" in client.get(answer.location).text


def test_looking_people_up_shows_nobody_from_elsewhere(floor: Floor, browser: Any, app: Any):
    with app.app_context(), database.transaction():
        make_person("Zosia Zupełnie-Obca", "zosia@elsewhere.example")
    page = browser(floor.cast.manager).get(f"/p/ALFA/change/groups/{floor.chat_team}/people/add?q=zosia").text
    assert "elsewhere.example" not in page
