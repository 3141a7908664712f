"""What plugins do for a person: pulse checks, tasks, ideas and where things stand, always with that person's rights."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from program.change.models import Idea
from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.ground.now import held_at
from program.people.models import Membership
from program.people.models import Person as PersonRow
from program.planning import items
from program.planning.items import ItemDraft
from program.plugin_api import core, once
from program.plugin_api.contract import (
    Conflict,
    Connection,
    Forbidden,
    Invalid,
    Link,
    NotFound,
    Origin,
    Person,
    Thanks,
)
from program.plugin_api.models import PluginOnce
from program.pulse.models import Survey
from tests.cast import Cast, Member
from tests.pulse.conftest import Team

MONDAY = "2026-03-09T09:10+01:00"


def data(member: Member) -> Person:
    found = core.find_people([member.id])
    return found[member.id]


@pytest.fixture
def asked(inside: Flask, team: Team) -> Person:
    """Somebody of Warsaw who is asked in the round that opened on Monday."""
    team.tick("2026-03-09T09:00+01:00")
    return core.find_people(team.people)[team.people[0]]


def test_a_check_in_is_asked_answered_changed_and_closed(asked: Person, team: Team):
    with held_at(datetime.fromisoformat(MONDAY)):
        (found,) = core.open_check_ins(asked)
        assert found.is_open
        assert not found.is_complete
        assert "at least 5 people" in found.promise
        assert "/pulse/" in found.url
        for question in found.questions:
            if question.answers:
                core.answer_check_in(asked, found.id, question.id, value=question.answers[-1])
        core.answer_check_in(asked, found.id, found.questions[0].id, value=found.questions[0].answers[0])
        again = core.check_in(asked, found.id)
        assert again.is_complete
        assert again.questions[0].value == found.questions[0].answers[0]
        assert core.is_check_in_open(found.id)
        with pytest.raises(Invalid):
            core.answer_check_in(asked, found.id, found.questions[0].id, value=77)
        with pytest.raises(NotFound):
            core.answer_check_in(asked, found.id, 999_999, value=1)
    team.tick("2026-03-13T18:10+01:00")
    with held_at(datetime.fromisoformat("2026-03-13T18:11+01:00")):
        assert core.open_check_ins(asked) == ()
        assert not core.check_in(asked, found.id).is_open
        assert not core.is_check_in_open(found.id)
        with pytest.raises(Conflict):
            core.answer_check_in(asked, found.id, found.questions[0].id, value=1)
    with database.looking():
        assert db.session.scalars(select(AuditEntry).where(AuditEntry.person_id == asked.id)).all() == []


def test_a_check_in_waits_for_the_hour_of_the_person_s_own_day(asked: Person, team: Team):
    people = core.find_people(team.people).values()
    newyork = next(one for one in people if one.timezone == "America/New_York")
    with held_at(datetime.fromisoformat(MONDAY)):
        assert core.open_check_ins(newyork) == ()
    with held_at(datetime.fromisoformat("2026-03-09T09:10-04:00")):
        assert len(core.open_check_ins(newyork)) == 1


def test_thanks_tell_the_last_round_within_its_limits_and_to_those_with_access(
    asked: Person,
    team: Team,
):
    with team.at(MONDAY):
        for person_id in team.people[:6]:
            team.answer_all(team.rounds()[0].id, person_id, 4)
    team.tick("2026-03-13T18:10+01:00")
    team.tick("2026-03-16T09:00+01:00")
    with held_at(datetime.fromisoformat("2026-03-16T09:10+01:00")):
        (now,) = core.open_check_ins(asked)
        thanks = core.thanks_for(asked, now.id)
        assert (thanks.asked, thanks.answered) == (14, 6)
        assert {score.mean for score in thanks.scores} == {4.0}
        polish = core.thanks_for(replace(asked, locale="pl"), now.id)
        assert {one.name for one in polish.scores}.isdisjoint(one.name for one in thanks.scores)
        assert polish.url.endswith("/p/ALFA/pulse")
        with database.transaction():
            db.session.execute(delete(Membership).where(Membership.person_id == asked.id))
        assert core.thanks_for(asked, now.id) == Thanks()
        with database.transaction():
            db.session.scalars(select(Survey)).one().scores_from = 7
            db.session.add(Membership(program_id=team.program_id, person_id=asked.id, access=2))
            db.session.scalars(select(Survey)).one().comments_from = 10
        assert core.thanks_for(asked, now.id).scores == ()


def add(cast: Cast, owner: Member, title: str, **more: Any) -> int:
    with database.transaction():
        draft = ItemDraft(title, owner_id=owner.id, **more)
        return items.add_item(cast.manager.actor, cast.program_id, draft).number


def test_tasks_of_the_week_are_done_and_blocked_as_their_owner(inside: Flask, cast: Cast):
    with held_at(datetime.fromisoformat("2026-03-11T10:00+01:00")):
        late = add(cast, cast.contributor, "Late one", due_on=datetime(2026, 3, 9).date())
        due = add(cast, cast.contributor, "Due one", due_on=datetime(2026, 3, 13).date())
        add(cast, cast.contributor, "Far one", due_on=datetime(2026, 5, 13).date())
        tomek = data(cast.contributor)
        tasks = core.my_tasks(tomek)
        assert [(one.number, one.is_overdue, one.may_change) for one in tasks] == [
            (late, True, True),
            (due, False, True),
        ]
        first, second = tasks
        assert core.set_task(tomek, cast.program_id, late, "done", where=Origin.SLACK, seen=first.revision)
        # Said again, it is no conflict with oneself.
        assert not core.set_task(tomek, cast.program_id, late, "done", where=Origin.SLACK, seen=first.revision)
        with pytest.raises(Conflict):
            core.set_task(tomek, cast.program_id, late, "doing", where=Origin.SLACK, seen=first.revision)
        with pytest.raises(Invalid):
            core.set_task(tomek, cast.program_id, due, "blocked", where=Origin.SLACK, seen=second.revision)
        core.set_task(tomek, cast.program_id, due, "blocked", "No access yet", where=Origin.SLACK, seen=second.revision)
        (left,) = core.my_tasks(tomek)
        assert (left.status, left.status_reason) == ("blocked", "No access yet")
        with pytest.raises(Forbidden):
            core.set_task(data(cast.viewer), cast.program_id, due, "done", where=Origin.SLACK, seen=left.revision)
        # An administrator's rights do not reach through.
        for outsider in (cast.stranger, cast.admin):
            with pytest.raises(NotFound):
                core.set_task(data(outsider), cast.program_id, due, "done", where=Origin.SLACK, seen=left.revision)
    with database.looking():
        origins = db.session.scalars(select(AuditEntry.origin).where(AuditEntry.person_id == cast.contributor.id)).all()
    assert set(origins) == {Origin.SLACK}


def test_a_closed_account_can_do_nothing(inside: Flask, cast: Cast):
    tomek = data(cast.contributor)
    with database.transaction():
        db.session.get_one(PersonRow, cast.contributor.id).is_active = False
    assert core.find_people([tomek.id]) == {}
    for act in (
        lambda: core.my_tasks(tomek),
        lambda: core.programs_of(tomek),
        lambda: core.standings_of(tomek),
        lambda: core.hand_in_idea(tomek, cast.program_id, "Still here", where=Origin.SLACK),
        lambda: core.set_task(tomek, cast.program_id, 1, "done", where=Origin.SLACK, seen=1),
    ):
        with pytest.raises(NotFound):
            act()


def test_an_idea_is_handed_in_with_or_without_a_name(inside: Flask, cast: Cast):
    tomek = data(cast.contributor)
    core.hand_in_idea(tomek, cast.program_id, "Call back", "When it rings twice", where=Origin.SLACK)
    where = core.hand_in_idea(tomek, cast.program_id, "Quietly", named=False, where=Origin.SLACK)
    assert "/p/ALFA/" in where
    with pytest.raises(NotFound):
        core.hand_in_idea(data(cast.stranger), cast.program_id, "Not mine", where=Origin.SLACK)
    with pytest.raises(Invalid) as refused:
        core.hand_in_idea(tomek, cast.program_id, " ", where=Origin.SLACK)
    assert set(refused.value.fields) == {"title"}
    with database.looking():
        rows = db.session.execute(select(Idea.title, Idea.proposer_id).order_by(Idea.number)).all()
    assert [tuple(row) for row in rows] == [("Call back", tomek.id), ("Quietly", None)]


def test_programs_and_where_they_stand_are_those_of_the_person(inside: Flask, cast: Cast):
    add(cast, cast.contributor, "One")
    (alfa,) = core.programs_of(data(cast.viewer))
    assert alfa.key == "ALFA"
    (stands,) = core.standings_of(replace(data(cast.viewer), locale="pl"))
    assert (stands.program.key, stands.state) == ("ALFA", "on_track")
    assert core.programs_of(data(cast.stranger), front_line=True) == ()
    assert core.standings_of(data(cast.admin)) == ()


def test_links_of_the_instance_belong_to_one_plugin(inside: Flask):
    ours, theirs = Connection("sample"), Connection("other")
    assert core.keep_link(ours, Link("person", 7, "U7"), new=True)
    assert not core.keep_link(ours, Link("person", 7, "U8"), new=True)
    assert core.keep_link(theirs, Link("person", 7, "U7"))
    assert core.keep_link(ours, Link("person", 7, "U9"))
    found = core.find_link(ours, "person", object_id=7)
    assert found is not None
    assert found.external_id == "U9"
    assert core.find_link(ours, "person", external_id="U7") is None
    assert len(core.due_links(ours, "person")) == core.list_links(ours, "person")[1] == 1
    assert core.forget_link(ours, "person", object_id=7) == 1
    assert core.find_link(theirs, "person", object_id=7) is not None


def test_what_is_told_twice_is_told_once_and_forgotten(inside: Flask):
    with held_at(datetime.fromisoformat("2026-03-11T10:07+00:00")):
        assert core.first_time("sample", "T1")
        assert not core.first_time("sample", "T1")
        assert core.first_time("other", "T1")
        with database.looking():
            kept = db.session.scalars(select(PluginOnce)).all()
            assert not any("T1" in row.digest for row in kept)
            assert {row.forget_at.minute % 15 for row in kept} == {0}
    with held_at(datetime.fromisoformat("2026-03-11T10:07+00:00") + 4 * once.STEP):
        assert core.first_time("sample", "T2")
        with database.looking():
            assert len(db.session.scalars(select(PluginOnce)).all()) == 1


def test_what_was_told_is_forgotten_by_the_clock(inside: Flask):
    moment = datetime.fromisoformat("2026-03-11T10:07+00:00")
    with held_at(moment):
        assert core.first_time("sample", "T1")
        assert once.forget_told() == 0
    with held_at(moment + 4 * once.STEP):
        assert once.forget_told() == 1
