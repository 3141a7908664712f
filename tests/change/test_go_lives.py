"""Go-lives and the plan around them: generated once, moved there and back, taken back whole, removed with a word."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from program.change import change_plan, communications, go_live_moves, go_lives
from program.change.models import ChangePlanItem, Communication, GoLive, ImpactedGroup
from program.change.plan_steps import built_in
from program.extensions import db
from program.ground import database
from program.ground.calendar import WorkingCalendar
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.ground.folding import fold
from program.planning import items, undo
from program.planning.models import Phase, WorkItem
from program.planning.models.items import Kind, Status
from program.planning.opening import find_program
from tests.cast import Cast, make_program
from tests.crowd import gather_crowd

AT = "/p/ALFA/change/plan"
DAY = date(2026, 5, 4)
POLAND = WorkingCalendar("PL")
STEPS = [step.key for step in built_in().steps]
MESSAGES = [line.key for line in built_in().messages]


def make_group(cast: Cast, name: str, **more: Any) -> ImpactedGroup:
    group = ImpactedGroup(program_id=cast.program_id, name=name, name_folded=fold(name), headcount=12, **more)
    db.session.add(group)
    db.session.flush()
    return group


def make_go_live(cast: Cast, on_date: date = DAY, name: str = "Wave 1") -> GoLive:
    return go_lives.add_go_live(cast.manager.actor, cast.program_id, {"name": name, "on_date": on_date})


def planned(cast: Cast, go_live: GoLive, steps: Any = STEPS, messages: Any = MESSAGES) -> change_plan.Generated:
    opened = find_program(cast.manager.actor, "ALFA")
    return change_plan.generate(cast.manager.actor, opened, go_live.id, steps, messages)


def dates(program_id: int) -> list[Any]:
    """Every date that a move touches."""
    db.session.expire_all()
    tasks = db.session.execute(
        select(WorkItem.id, WorkItem.start_on, WorkItem.due_on).where(WorkItem.program_id == program_id)
    )
    said = db.session.execute(select(Communication.id, Communication.planned_on))
    return [sorted(map(tuple, tasks)), sorted(map(tuple, said)), db.session.scalars(select(GoLive.on_date)).all()]


def move(cast: Cast, go_live: GoLive, to: date) -> str:
    plan = go_live_moves.preview(cast.manager.actor, go_live, POLAND, to)
    batch, _plan = go_live_moves.move(
        cast.manager.actor, cast.program_id, go_live.id, POLAND, to, seen=plan.fingerprint
    )
    return batch


@pytest.mark.usefixtures("context")
class TestGenerating:
    def test_steps_become_change_tasks_with_role_dates_and_phase(self, cast: Cast) -> None:
        phase = Phase(
            program_id=cast.program_id,
            position=1,
            name="Pilot",
            planned_start=date(2026, 4, 6),
            planned_end=date(2026, 5, 29),
        )
        db.session.add(phase)
        db.session.flush()
        go_live = make_go_live(cast)
        made = planned(cast, go_live)
        assert (made.tasks, made.messages) == (13, 8)
        rows = {
            row.step: row.WorkItem
            for row in db.session.execute(
                select(ChangePlanItem.step, WorkItem).join(WorkItem, WorkItem.id == ChangePlanItem.item_id)
            )
        }
        first = rows["explain-why"]
        assert (first.kind, first.role, first.owner_id, first.phase_id) == (
            Kind.CHANGE,
            "executive_sponsor",
            None,
            phase.id,
        )
        # 6 April is Easter Monday, so what begins four weeks before begins on the Tuesday.
        assert (first.start_on, first.due_on) == (date(2026, 4, 7), date(2026, 4, 13))
        assert rows["helpdesk"].phase_id is None
        assert first.title == "Leadership explains why the work changes and what for"

    def test_generating_again_adds_only_what_is_missing(self, cast: Cast) -> None:
        go_live = make_go_live(cast)
        planned(cast, go_live, ["faq", "practice"], ["why"])
        offered = change_plan.proposal(cast.manager.actor, find_program(cast.manager.actor, "ALFA"), go_live)
        assert offered.missing == 13 - 2 + 8 - 1
        made = planned(cast, go_live)
        assert (made.tasks, made.messages) == (11, 7)
        with pytest.raises(Invalid):
            planned(cast, go_live)

    def test_a_dropped_step_can_be_planned_anew(self, cast: Cast) -> None:
        go_live = make_go_live(cast)
        made = planned(cast, go_live, ["faq"], [])
        undo.undo(cast.manager.actor, cast.program_id, made.batch)
        offered = change_plan.proposal(cast.manager.actor, find_program(cast.manager.actor, "ALFA"), go_live)
        assert [step.step.key for step in offered.steps if step.is_dropped] == ["faq"]
        assert planned(cast, go_live, ["faq"], []).tasks == 1
        assert len(db.session.scalars(select(ChangePlanItem.item_id)).all()) == 1

    def test_generating_is_taken_back_and_redone_whole(self, cast: Cast) -> None:
        go_live = make_go_live(cast)
        made = planned(cast, go_live)
        messages = sorted(db.session.scalars(select(Communication.message)).all())
        back = undo.undo(cast.manager.actor, cast.program_id, made.batch)
        assert set(db.session.scalars(select(WorkItem.status)).all()) == {Status.DROPPED}
        assert db.session.scalars(select(Communication.id)).all() == []
        undo.undo(cast.manager.actor, cast.program_id, back)
        assert set(db.session.scalars(select(WorkItem.status)).all()) == {Status.TODO}
        assert sorted(db.session.scalars(select(Communication.message)).all()) == messages

    def test_a_message_changed_since_holds_the_undo_up(self, cast: Cast) -> None:
        go_live = make_go_live(cast)
        made = planned(cast, go_live, [], ["why"])
        line = db.session.scalars(select(Communication)).one()
        communications.change(cast.contributor.actor, line, {"message": "Mine"}, seen=1)
        with pytest.raises(Conflict):
            undo.undo(cast.manager.actor, cast.program_id, made.batch)

    def test_who_may_not_and_what_cannot(self, cast: Cast) -> None:
        go_live = make_go_live(cast)
        opened = find_program(cast.manager.actor, "ALFA")
        for actor, error in ((cast.contributor.actor, Forbidden), (cast.stranger.actor, NotFound)):
            with pytest.raises(error):
                change_plan.generate(actor, opened, go_live.id, STEPS, [])
            with pytest.raises(error):
                go_lives.add_go_live(actor, cast.program_id, {"name": "X", "on_date": DAY})
        with pytest.raises(Invalid):
            planned(cast, go_live, ["no-such-step"], [])
        late = make_go_live(cast, date(2099, 12, 1), "Far")
        with pytest.raises(Invalid):
            planned(cast, late)
        assert db.session.scalars(select(WorkItem.id)).all() == []


@pytest.mark.usefixtures("context")
class TestMoving:
    def test_open_tasks_and_messages_go_along_and_the_rest_stays(self, cast: Cast) -> None:
        go_live = make_go_live(cast)
        planned(cast, go_live)
        before = {item.title: item for item in db.session.scalars(select(WorkItem))}
        done, begun = (
            before["Hold workshops for super-users"],
            before["Collect questions and publish the answers as an FAQ"],
        )
        items.change_item(cast.manager.actor, done, {"status": Status.DONE}, seen=None)
        items.change_item(cast.manager.actor, begun, {"status": Status.DOING}, seen=None)
        stayed = [(item.start_on, item.due_on) for item in (done, begun)]
        plan = go_live_moves.preview(cast.manager.actor, go_live, POLAND, date(2026, 5, 11))
        assert plan.working_days == 5
        assert {one.name for one in plan.staying} == {done.title, begun.title}
        assert len(plan.tasks) == 11
        assert len(plan.messages) == 8
        move(cast, go_live, date(2026, 5, 11))
        assert [(item.start_on, item.due_on) for item in (done, begun)] == stayed
        assert go_live.on_date == date(2026, 5, 11)
        today = db.session.scalars(select(Communication.planned_on).where(Communication.step == "we-start")).one()
        assert today == date(2026, 5, 11)

    def test_one_undo_puts_the_day_the_tasks_and_the_messages_back(self, cast: Cast) -> None:
        go_live = make_go_live(cast)
        planned(cast, go_live)
        before = dates(cast.program_id)
        batch = move(cast, go_live, date(2026, 6, 3))
        moved = dates(cast.program_id)
        assert moved != before
        back = undo.undo(cast.manager.actor, cast.program_id, batch)
        assert dates(cast.program_id) == before
        undo.undo(cast.manager.actor, cast.program_id, back)
        assert dates(cast.program_id) == moved

    def test_a_plan_changed_since_the_preview_is_not_moved(self, cast: Cast) -> None:
        go_live = make_go_live(cast)
        planned(cast, go_live)
        plan = go_live_moves.preview(cast.manager.actor, go_live, POLAND, date(2026, 6, 3))
        item = db.session.scalars(select(WorkItem).order_by(WorkItem.id)).first()
        assert item
        items.change_item(cast.contributor.actor, item, {"due_on": date(2026, 4, 15)}, seen=None)
        with pytest.raises(Conflict):
            go_live_moves.move(
                cast.manager.actor, cast.program_id, go_live.id, POLAND, date(2026, 6, 3), seen=plan.fingerprint
            )
        assert go_live.on_date == DAY

    def test_days_that_cannot_be(self, cast: Cast) -> None:
        go_live = make_go_live(cast)
        planned(cast, go_live)
        for to in (DAY, date(1999, 12, 31), date(9999, 12, 31), date(2099, 12, 31), date(2000, 1, 1)):
            with pytest.raises(Invalid) as caught:
                go_live_moves.preview(cast.manager.actor, go_live, POLAND, to)
            assert "on_date" in caught.value.fields


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.dates(date(2026, 1, 1), date(2027, 12, 31)))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_moving_there_and_back_changes_nothing(app: Flask, cast: Cast, first: date, second: date) -> None:
    if first == second:
        return
    with app.app_context():
        database.begin_writing()
        go_live = make_go_live(cast, first)
        planned(cast, go_live)
        before = dates(cast.program_id)
        move(cast, go_live, second)
        assert go_live.on_date == second
        move(cast, go_live, first)
        assert dates(cast.program_id) == before
        db.session.rollback()


@pytest.mark.usefixtures("context")
class TestGroupsAndRemoval:
    def test_groups_are_assigned_and_only_shown_ones_taken_out(self, cast: Cast) -> None:
        one, two = make_go_live(cast), make_go_live(cast, date(2026, 6, 1), "Wave 2")
        first, second, third = (make_group(cast, name) for name in ("A", "B", "C"))
        third.go_live_id = one.id
        db.session.flush()
        ids = [first.id, second.id]
        assert go_lives.assign_groups(cast.manager.actor, one, ids, ids) == (2, 0)
        assert go_lives.assign_groups(cast.manager.actor, two, [second.id], ids) == (1, 0)
        assert go_lives.assign_groups(cast.manager.actor, one, [], ids) == (0, 1)
        found = dict(db.session.execute(select(ImpactedGroup.name, ImpactedGroup.go_live_id)).all())
        assert found == {"A": None, "B": two.id, "C": one.id}

    def test_another_programs_group_is_refused(self, cast: Cast) -> None:
        go_live, beta = make_go_live(cast), make_program("BETA", "Beta")
        theirs = ImpactedGroup(program_id=beta.id, name="T", name_folded="t")
        db.session.add(theirs)
        db.session.flush()
        with pytest.raises(Invalid):
            go_lives.assign_groups(cast.manager.actor, go_live, [theirs.id], [])
        with pytest.raises(NotFound):
            go_lives.find_go_live(cast.manager.actor, beta.id, go_live.id)

    @pytest.mark.parametrize("drop", [False, True])
    def test_removing_keeps_or_drops_what_has_not_begun(self, cast: Cast, drop: bool) -> None:
        go_live = make_go_live(cast)
        group = make_group(cast, "A", go_live_id=go_live.id)
        planned(cast, go_live, ["faq", "practice", "helpdesk"], ["why"])
        begun = db.session.scalars(select(WorkItem).order_by(WorkItem.id)).first()
        assert begun
        items.change_item(cast.manager.actor, begun, {"status": Status.DOING}, seen=None)
        what = go_lives.removal(cast.manager.actor, go_live)
        assert (what.not_begun, what.others, what.groups, what.messages) == (2, 1, 1, 1)
        assert go_lives.remove_go_live(cast.manager.actor, go_live, drop=drop, seen=1) == (2 if drop else 0)
        statuses = sorted(db.session.scalars(select(WorkItem.status)))
        assert statuses == (["doing", "dropped", "dropped"] if drop else ["doing", "todo", "todo"])
        assert group.go_live_id is None
        assert db.session.scalars(select(Communication.go_live_id)).all() == [None]


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


@pytest.fixture
def wave(app: Flask, cast: Cast) -> int:
    with app.app_context(), database.transaction():
        go_live = make_go_live(cast, name="Wave <b>1</b>")
        make_group(cast, "Hotline", site="Łódź", channel="phone")
        return go_live.id


class TestPages:
    def test_an_empty_plan_offers_the_first_go_live(self, cast: Cast, browser: Any) -> None:
        assert "Add the first go-live" in browser(cast.manager).get(AT).text
        page = browser(cast.viewer).get(AT)
        assert page.status_code == 200
        assert "Add the first go-live" not in page.text

    def test_the_walk_from_a_new_go_live_to_its_plan_and_back(self, cast: Cast, browser: Any, wave: int) -> None:
        client = browser(cast.manager)
        page = client.get(f"{AT}/{wave}").text
        assert "Wave &lt;b&gt;1&lt;/b&gt;" in page
        assert "It reaches no group yet." in page
        listed = client.get(f"{AT}/{wave}/groups?q=HOT")
        group = re.search(r'name="chosen" value="(\d+)"', listed.text)
        assert group
        saved = client.post(f"{AT}/{wave}/groups", data={"shown": group[1], "chosen": group[1], "q": "HOT"})
        assert saved.status_code == 303
        shown = client.get(f"{AT}/{wave}/generate").text
        for words in ("Run a helpdesk", "month −1", "Executive sponsor", "We start today: where to find help"):
            assert words in shown
        done = client.post(f"{AT}/{wave}/generate", data={"steps": STEPS, "messages": MESSAGES})
        assert done.status_code == 303
        page = client.get(f"{AT}/{wave}").text
        assert "It reaches 1 group with 12 people." in page
        back = re.search(r'action="(/p/ALFA/undo/[0-9a-f]+)"', page)
        assert back
        assert client.post(back[1]).status_code == 303
        assert "dropped; choose it to plan it again" in client.get(f"{AT}/{wave}/generate").text

    def test_a_move_is_previewed_done_and_taken_back(self, app: Flask, cast: Cast, browser: Any, wave: int) -> None:
        client = browser(cast.manager)
        client.post(f"{AT}/{wave}/generate", data={"steps": ["faq"], "messages": ["we-start"]})
        client.get(f"{AT}/{wave}")
        shown = client.post(f"{AT}/{wave}/move", data={"on_date": "2026-05-11", "step": "preview"})
        assert "5 working days later" in shown.text
        data = {"on_date": "2026-05-11", "step": "move", "seen": seen_in(shown.text)}
        assert client.post(f"{AT}/{wave}/move", data={**data, "seen": "0" * 64}).status_code == 409
        assert client.post(f"{AT}/{wave}/move", data=data).status_code == 303
        page = client.get(f"{AT}/{wave}").text
        assert "Go-live on Mon 11 May" in page
        back = re.search(r'action="(/p/ALFA/undo/[0-9a-f]+)"', page)
        assert back
        assert client.post(back[1]).status_code == 303
        assert "Go-live on Mon 4 May" in client.get(f"{AT}/{wave}").text
        assert "Go-live “Wave" in client.get("/p/ALFA/activity").text

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", ""),
            ("name", "x" * 121),
            ("on_date", ""),
            ("on_date", "2026-02-30"),
            ("on_date", "9999-12-31"),
            ("phase_id", "99999"),
            ("phase_id", "x"),
            ("note", "x" * 501),
        ],
    )
    def test_a_go_live_that_cannot_be(self, app: Flask, cast: Cast, browser: Any, field: str, value: str) -> None:
        data = {"name": "Fine", "on_date": "2026-05-04", "phase_id": "", "note": "", field: value}
        answer = browser(cast.manager).post(f"{AT}/new", data=data)
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
        with app.app_context():
            assert db.session.scalars(select(GoLive.id)).all() == []

    def test_a_go_live_is_renamed_once(self, cast: Cast, browser: Any, wave: int) -> None:
        client = browser(cast.manager)
        data = {"name": "Fala 1 🦊", "phase_id": "", "note": "מרחב", "revision": "1"}
        assert client.get(f"{AT}/{wave}/edit").status_code == 200
        assert client.post(f"{AT}/{wave}/edit", data=data).status_code == 303
        assert "Fala 1 🦊" in client.get(f"{AT}/{wave}").text
        assert client.post(f"{AT}/{wave}/edit", data={**data, "name": "Late"}).status_code == 409

    def test_bad_ids_change_nothing(self, cast: Cast, browser: Any, wave: int) -> None:
        client = browser(cast.manager)
        for data in ({"chosen": "x"}, {"chosen": "-1"}, {"chosen": "9" * 30}, {"chosen": "77777"}):
            assert client.post(f"{AT}/{wave}/groups", data=data).status_code == 422
        assert client.post(f"{AT}/{wave}/generate", data={"steps": "no"}).status_code == 422
        assert client.post(f"{AT}/{wave}/move", data={"on_date": "2026-02-30"}).status_code == 422
        assert client.post(f"{AT}/{wave}/remove", data={"tasks": "burn", "revision": "1"}).status_code == 422
        assert client.get(f"{AT}/999999").status_code == 404

    def test_removing_asks_and_says_what_happens(self, cast: Cast, browser: Any, wave: int) -> None:
        client = browser(cast.manager)
        client.post(f"{AT}/{wave}/generate", data={"steps": STEPS, "messages": MESSAGES})
        asked = client.get(f"{AT}/{wave}/remove").text
        assert "13 tasks have not begun" in asked
        assert client.post(f"{AT}/{wave}/remove", data={"tasks": "drop", "revision": "1"}).status_code == 303
        assert client.get(f"{AT}/{wave}").status_code == 404

    @pytest.mark.parametrize("act", ["edit", "generate", "groups", "move", "remove"])
    def test_only_managers_change_go_lives(self, cast: Cast, browser: Any, wave: int, act: str) -> None:
        for person, status in ((cast.contributor, 403), (cast.viewer, 403), (cast.stranger, 404)):
            client = browser(person)
            assert client.get(f"{AT}/{wave}/{act}").status_code == status
            assert client.post(f"{AT}/{wave}/{act}", data={}).status_code == status
        assert browser(cast.viewer).get(f"{AT}/{wave}").status_code == 200

    def test_a_crowd_takes_few_statements(self, app: Flask, cast: Cast, browser: Any, statements: Any) -> None:
        with app.app_context(), database.transaction():
            crowd = gather_crowd(cast)
            opened = find_program(cast.manager.actor, "ALFA")
            for go_live in crowd.go_lives:
                change_plan.generate(cast.manager.actor, opened, go_live, STEPS, MESSAGES)
        client = browser(cast.manager)
        one = f"{AT}/{crowd.go_lives[0]}"
        for path in (AT, one, f"{one}/generate", f"{one}/groups", f"{one}/groups?q=Team&page=3", f"{one}/remove"):
            with statements() as ran:
                page = client.get(path)
            assert page.status_code == 200
            assert len(ran) <= 12, path
            assert len(page.data) < 120_000, path
        with statements() as ran:
            client.post(f"{one}/move", data={"on_date": "2026-04-13", "step": "preview"})
        assert len(ran) <= 12


def test_rows_of_a_batch_are_held_by_their_revision(app: Flask, cast: Cast) -> None:
    """A message that moved on between the preview and the move is not written over."""
    with app.app_context(), database.transaction():
        go_live = make_go_live(cast)
        planned(cast, go_live, [], ["why"])
        plan = go_live_moves.preview(cast.manager.actor, go_live, POLAND, date(2026, 6, 3))
        db.session.execute(update(Communication).values(revision=Communication.revision + 1))
        with pytest.raises(Conflict):
            go_live_moves.move(
                cast.manager.actor, cast.program_id, go_live.id, POLAND, date(2026, 6, 3), seen=plan.fingerprint
            )
