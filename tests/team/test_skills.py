"""Skills of people and needs of phases: who may say what, gaps from real rows, and pages with two thousand people."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from program.extensions import db
from program.ground import database
from program.ground.actor import Access
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.people.models import Membership
from program.planning.models import Phase, WorkItem
from program.playbooks.skills import skills as catalogue
from program.team import skill_needs, skills
from program.team.models import Assignment, PersonSkill, ProgramRole, SkillNeed
from program.team.skill_gaps import Need, phase_needs
from program.team.skill_needs import fingerprint, fingerprint_of, needs_of
from tests.cast import Cast, make_person, make_program
from tests.crowd import gather_crowd
from tests.planning.plan_parts import make_parts
from tests.planning.plans import make_phase
from tests.team.samples import assign, join, make_roles, write

TODAY = date(2026, 4, 15)
AT = "/p/ALFA/team/skills"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-04-15T09:00:00+00:00", tick=False):
        yield


def levels(cast: Cast, person_id: int) -> dict[str, int]:
    return dict(skills.person_skills(cast.program_id, person_id).levels)


def test_one_says_it_of_oneself_and_a_manager_of_anybody(context: None, cast: Cast):
    me = cast.contributor
    assert skills.set_skills(me.actor, cast.program_id, me.id, {"dashboards": 3, "automation": 1}, seen="")
    assert levels(cast, me.id) == {"dashboards": 3, "automation": 1}
    seen = skills.person_skills(cast.program_id, me.id).fingerprint
    assert skills.set_skills(cast.manager.actor, cast.program_id, me.id, {"automation": 0}, seen=seen)
    assert levels(cast, me.id) == {"dashboards": 3}
    seen = skills.person_skills(cast.program_id, me.id).fingerprint
    assert not skills.set_skills(me.actor, cast.program_id, me.id, {"dashboards": 3}, seen=seen)
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.verb, entry.changes) == ("person_skill.changed", {"Automation": ["basics", "none"]})


def test_nobody_says_it_of_a_colleague(context: None, cast: Cast):
    with pytest.raises(Forbidden):
        skills.set_skills(cast.contributor.actor, cast.program_id, cast.manager.id, {"dashboards": 3}, seen="")
    with pytest.raises(Forbidden):
        skills.set_skills(cast.viewer.actor, cast.program_id, cast.viewer.id, {"dashboards": 3}, seen="")
    with pytest.raises(NotFound):
        skills.set_skills(cast.stranger.actor, cast.program_id, cast.stranger.id, {"dashboards": 3}, seen="")
    # Somebody outside the program is not its manager's business.
    with pytest.raises(NotFound):
        skills.set_skills(cast.manager.actor, cast.program_id, cast.stranger.id, {"dashboards": 3}, seen="")


@pytest.mark.parametrize("wrong", [{"juggling": 1}, {"dashboards": 4}, {"dashboards": -1}])
def test_only_skills_and_levels_of_the_catalogue(context: None, cast: Cast, wrong: dict[str, int]):
    with pytest.raises(Invalid):
        skills.set_skills(cast.contributor.actor, cast.program_id, cast.contributor.id, wrong, seen="")


def test_the_second_of_two_editors_is_told(context: None, cast: Cast):
    me = cast.contributor
    skills.set_skills(me.actor, cast.program_id, me.id, {"dashboards": 1}, seen="")
    with pytest.raises(Conflict):
        skills.set_skills(cast.manager.actor, cast.program_id, me.id, {"dashboards": 3}, seen="")
    assert levels(cast, me.id) == {"dashboards": 1}


def test_gaps_count_the_people_of_the_phase_and_name_coaches(context: None, cast: Cast):
    parts = make_parts(cast)
    role = make_roles(cast.program_id, "data_analyst")["data_analyst"]
    able = join(cast.program_id, "Able Person", "able@alfa.example")
    learner = join(cast.program_id, "Learning Person", "learner@alfa.example")
    coach = join(cast.program_id, "Coaching Person", "coach@alfa.example")
    past = join(cast.program_id, "Past Person", "past@alfa.example")
    for person, level in ((able, 2), (learner, 1), (coach, 3), (past, 3)):
        db.session.add(PersonSkill(person_id=person, skill="dashboards", level=level))
    assign(cast.program_id, role, able)
    assign(cast.program_id, role, learner)
    assign(cast.program_id, role, past, ends_on=parts.pilot.planned_start - timedelta(days=1))
    skill_needs.set_needs(
        cast.manager.actor,
        cast.program_id,
        parts.pilot.id,
        [Need("dashboards", 2, 3), Need("automation", 1, 1)],
        seen="",
    )
    found, names = phase_needs(cast.program_id, TODAY)
    pilot = next(phase for phase in found if phase.id == parts.pilot.id)
    automation, dashboards = pilot.gaps
    assert (automation.need.skill, automation.there, automation.missing, automation.coaches) == ("automation", 0, 1, ())
    assert (dashboards.there, dashboards.missing) == (1, 2)
    assert {names[person] for person in dashboards.coaches} == {"Coaching Person", "Past Person"}
    assert [names[person] for person in dashboards.learners] == ["Learning Person"]
    # What has ended lacks nobody.
    parts.pilot.actual_start, parts.pilot.actual_end = parts.pilot.planned_start, TODAY - timedelta(days=1)
    db.session.flush()
    assert parts.pilot.id not in [phase.id for phase in phase_needs(cast.program_id, TODAY)[0]]


def test_needs_are_set_changed_and_guarded(context: None, cast: Cast):
    parts = make_parts(cast)
    manager, phase = cast.manager.actor, parts.pilot.id

    def say(*needs: Need, seen: str, actor: Any = manager) -> bool:
        return skill_needs.set_needs(actor, cast.program_id, phase, needs, seen=seen)

    assert say(Need("dashboards", 2, 1), seen="")
    seen = fingerprint(needs_of(cast.program_id, phase)[1])
    with pytest.raises(Conflict):
        say(Need("dashboards", 3, 1), seen="")
    assert not say(Need("dashboards", 2, 1), seen=seen)
    with pytest.raises(Invalid) as caught:
        say(Need("dashboards", 7, 1), Need("automation", 1, 100), Need("flexibility", 1, -1), seen=seen)
    assert set(caught.value.fields) == {"dashboards", "automation", "flexibility"}
    for actor in (cast.contributor.actor, cast.viewer.actor):
        with pytest.raises(Forbidden):
            say(seen=seen, actor=actor)
    beta = make_program("BETA", "Beta")
    theirs = make_phase(beta.id, 1, date(2026, 3, 2), date(2026, 4, 3))
    with pytest.raises(NotFound):
        skill_needs.set_needs(manager, cast.program_id, theirs, [], seen="")
    assert say(seen=seen)
    assert needs_of(cast.program_id, phase)[1] == {}


def test_needs_are_taken_over_from_the_roles_of_the_items(context: None, cast: Cast):
    parts = make_parts(cast)
    roles = make_roles(cast.program_id, "data_analyst", "product_owner", "it_architect")
    wanted = {
        "data_analyst": {"dashboards": 3, "automation": 1},
        "product_owner": {"dashboards": 2, "storytelling": 2},
        "it_architect": {"integration_apis": 3},
    }
    for key, asked in wanted.items():
        db.session.get_one(ProgramRole, roles[key]).skills = asked
    db.session.get_one(ProgramRole, roles["it_architect"]).is_required = True
    parts.items["late"].role, parts.items["early"].role = "data_analyst", "product_owner"
    db.session.flush()
    skill_needs.set_needs(cast.manager.actor, cast.program_id, parts.pilot.id, [Need("automation", 2, 4)], seen="")
    found = skill_needs.suggestion(cast.program_id, TODAY)
    shown = {one.phase: {need.skill: need.level for need in one.needs} for one in found}
    # The pilot by its items; the others, whose items name no role, by the required role.
    assert shown == {
        "Discovery": {"integration_apis": 3},
        "Pilot": {"dashboards": 3, "storytelling": 2},
        "Rollout": {"integration_apis": 3},
    }
    with pytest.raises(Conflict):
        skill_needs.take_over(cast.manager.actor, cast.program_id, TODAY, seen="else")
    seen = fingerprint_of(found)
    assert skill_needs.take_over(cast.manager.actor, cast.program_id, TODAY, seen=seen) == 4
    assert needs_of(cast.program_id, parts.pilot.id)[1]["automation"] == Need("automation", 2, 4)
    assert skill_needs.suggestion(cast.program_id, TODAY) == []


def test_a_person_fills_in_their_own_page(cast: Cast, browser: Any):
    client = browser(cast.contributor)
    assert "Nobody has said yet what they can do." in client.get(AT).text
    mine = f"{AT}/people/{cast.contributor.id}"
    page = client.get(mine).text
    assert "What I can do" in page
    sent = {f"level-{key}": "1" for key in catalogue()} | {"level-dashboards": "3", "seen": ""}
    assert client.post(mine, data=sent).status_code == 303
    page = client.get(AT).text
    assert "T-shaped</span>" in page
    assert "1 person has not said yet what they can do." in page
    # A window opened before holds nothing of this: it is told, and keeps what was typed.
    late = client.post(mine, data=sent | {"level-dashboards": "2"})
    assert late.status_code == 409
    assert "By now it says: could teach" in re.sub(r"\s+", " ", late.text)
    for bad in ("4", "-1", "x", "9" * 50, "½"):
        assert client.post(mine, data=sent | {"level-dashboards": bad}).status_code == 422, bad
    assert client.get(f"{AT}/people/{cast.manager.id}").status_code == 403
    assert client.post(f"{AT}/people/{cast.manager.id}", data=sent).status_code == 403
    assert browser(cast.manager).get(mine).status_code == 200
    assert browser(cast.manager).get(f"{AT}/people/{cast.stranger.id}").status_code == 404


def test_people_are_found_by_name_and_by_what_they_can_do(app: Flask, cast: Cast, browser: Any):
    with app.app_context(), database.transaction():
        db.session.add(PersonSkill(person_id=cast.contributor.id, skill="dashboards", level=2))
    client = browser(cast.viewer)

    def found(query: str) -> list[str]:
        return re.findall(r'<span class="person-name">([^<]+)', client.get(f"{AT}?{query}").text)

    assert found("q=wojcik") == [cast.contributor.name]
    assert found("skill=dashboards&level=2") == [cast.contributor.name]
    assert found("skill=dashboards&level=3") == []
    assert set(found("skill=juggling&level=9")) == {cast.contributor.name, cast.manager.name}


def test_a_manager_sets_needs_on_the_page(app: Flask, cast: Cast, browser: Any):
    with app.app_context(), database.transaction():
        phase = make_phase(cast.program_id, 1, date(2026, 4, 1), date(2026, 5, 29), name="Pilot")
    client = browser(cast.manager)
    at = f"{AT}/needs/{phase}"
    sent = {"people-dashboards": "2", "level-dashboards": "3", "seen": ""}
    for bad in ("-1", "100", "many", "9" * 40):
        answer = client.post(at, data=sent | {"people-dashboards": bad})
        assert answer.status_code == 422, bad
        assert 'id="error-dashboards"' in answer.text
    assert client.post(at, data=sent).status_code == 303
    page = client.get(f"{AT}/needs").text
    assert "“Pilot” lacks people for 1 skill: Dashboards." in page
    assert "nobody on the team" in page
    assert client.post(at, data=sent).status_code == 409
    assert browser(cast.viewer).get(f"{AT}/needs").status_code == 200
    assert browser(cast.viewer).get(at).status_code == 403
    assert client.get(f"{AT}/needs/999999").status_code == 404


def test_two_thousand_people_take_no_more_statements(app: Flask, cast: Cast, browser: Any, statements: Any):
    with app.app_context(), database.transaction():
        crowd = gather_crowd(cast)
        outside = set(crowd.people) - set(crowd.members)
        access = Access.CONTRIBUTOR.value
        write(
            Membership,
            [{"program_id": cast.program_id, "person_id": one, "access": access, "revision": 1} for one in outside],
        )
        role = make_roles(cast.program_id, "pilot_agent")["pilot_agent"]
        write(
            Assignment,
            [
                {
                    "program_id": cast.program_id,
                    "role_id": role,
                    "person_id": one,
                    "share": 50,
                    "starts_on": TODAY,
                    "revision": 1,
                    "note": "",
                }
                for one in crowd.people
            ],
        )
        rows = [
            {"person_id": one, "skill": key, "level": 1 + (one + place) % 3}
            for one in crowd.people
            for place, key in enumerate(catalogue())
        ]
        write(PersonSkill, rows)
        for number in range(1, 9):
            make_phase(cast.program_id, number, date(2026, 3, 2), date(2026, 7, 3))
        write(
            SkillNeed,
            [
                {"phase_id": phase, "program_id": cast.program_id, "skill": key, "level": 2, "people": 1999}
                for phase in db.session.scalars(select(Phase.id))
                for key in catalogue()
            ],
        )
    client = browser(cast.manager)
    for path in (AT, f"{AT}?q=a&skill=dashboards&level=2&page=2", f"{AT}/needs", f"{AT}/needs/suggestion"):
        with statements() as ran:
            answer = client.get(path)
        assert answer.status_code == 200
        assert len(ran) <= 12, (path, ran.texts)
        assert len(answer.data) < 700_000, path


def test_closed_accounts_are_not_on_the_team(context: None, cast: Cast):
    person = make_person("Gone Person", "gone@alfa.example")
    db.session.add(Membership(program_id=cast.program_id, person_id=person.id, access=2))
    person.is_active = False
    db.session.flush()
    with pytest.raises(NotFound):
        skills.person_skills(cast.program_id, person.id)


def test_items_that_were_dropped_ask_for_nothing(context: None, cast: Cast):
    parts = make_parts(cast)
    role = make_roles(cast.program_id, "data_analyst")["data_analyst"]
    db.session.get_one(ProgramRole, role).skills = {"dashboards": 3}
    item = db.session.get_one(WorkItem, parts.items["late"].id)
    item.role, item.status, item.status_reason = "data_analyst", "dropped", "Not now"
    db.session.flush()
    assert skill_needs.suggestion(cast.program_id, TODAY) == []
