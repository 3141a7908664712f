"""The progress page: what a committee sees, a state that is said, money, a day as it was after a year of changes."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from program.extensions import db
from program.ground import database, formats
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.ground.now import held_at
from program.planning import items
from program.planning.items import ItemDraft
from program.planning.models import Gate, Phase
from program.planning.opening import find_program
from program.steering import budget, snapshots, states
from program.steering.frozen import from_json, to_json
from program.steering.models import (
    CommitteeMeeting,
    DecisionRequest,
    MeetingState,
    RequestState,
    Risk,
    Snapshot,
    SnapshotKind,
    StateOverride,
)
from program.steering.progress import assemble
from program.steering.progress_parts import Progress, Section, restricted
from program.steering.progress_words import axis, headline
from tests.cast import Cast
from tests.steering.at_once import at_once

TODAY = date(2026, 6, 17)
NOON = "2026-06-17T12:00+02:00"


def at(moment: str) -> Any:
    return held_at(datetime.fromisoformat(moment))


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    with at(NOON):
        yield


@pytest.fixture
def plan(app: Flask, cast: Cast) -> Cast:
    """ALFA with a phase, a gate, an overdue required item, money, a risk and a decision that waits."""
    with app.app_context(), database.transaction():
        phase = Phase(
            program_id=cast.program_id,
            position=1,
            name="Pilot",
            planned_start=date(2026, 6, 1),
            planned_end=date(2026, 7, 3),
        )
        db.session.add(phase)
        db.session.flush()
        db.session.add(
            Gate(program_id=cast.program_id, phase_id=phase.id, name="Rollout gate", planned_on=date(2026, 7, 3))
        )
        draft = ItemDraft("Map the journeys", phase_id=phase.id, required=True, due_on=date(2026, 6, 12))
        items.add_item(cast.manager.actor, cast.program_id, draft)
        for phase_id, label, spent in ((phase.id, "Licences", "12.5"), (None, "Advice", "1000")):
            values = {"label": label, "phase_id": phase_id, "approved": Decimal(500), "spent": Decimal(spent)}
            budget.add_line(cast.manager.actor, cast.program_id, values)
        db.session.add_all(
            Risk(program_id=cast.program_id, number=number, title=title, category="data", probability=chance, impact=4)
            for number, title, chance in ((1, "Poor data", 2), (2, "No interface", 5))
        )
        db.session.add(
            DecisionRequest(
                program_id=cast.program_id,
                number=1,
                title="Who owns the customer?",
                state=RequestState.OPEN,
                decide_by=TODAY,
            )
        )
    return cast


def seen(cast: Cast, day: date = TODAY) -> Progress:
    return assemble(find_program(cast.viewer.actor, cast.key), day)


def content(page: Any) -> str:
    """What the page shows of the program, without its frame."""
    found = re.search(r'<div class="steer">.*(?=</main>)', page.text, re.S)
    assert found, page.text[-500:]
    return found[0]


def test_the_committee_sees_what_every_room_knows(plan: Cast, context: None):
    found = seen(plan)
    assert (found.state, found.computed) == ("off_track", "off_track")
    assert "1 required item is overdue." in found.reasons
    assert [risk.number for risk in found.risks] == [2, 1]
    assert found.risks[0].score == 20
    assert [one.title for one in found.decisions] == ["Who owns the customer?"]
    assert found.budget is not None
    assert [(one.phase, one.approved, one.spent, one.forecast) for one in found.budget.phases] == [
        ("", Decimal(500), Decimal(1000), Decimal(500)),
        ("Pilot", Decimal(500), Decimal("12.5"), Decimal(500)),
    ]
    assert found.budget.total.spent == Decimal("1012.5")
    assert found.next_gate is not None
    assert found.next_gate.obstacles
    assert "Rollout gate" in headline(found)
    assert "1 decision waits" in headline(found)
    assert set(axis(found).bars) == {found.phases[0].id}


def test_rooms_that_have_nothing_say_so(cast: Cast, browser: Any):
    page = browser(cast.viewer).get("/p/ALFA/progress")
    # The way to the reports, for whoever reads the page.
    assert 'href="/p/ALFA/reports"' in page.text
    assert page.status_code == 200
    for words in ("No KPIs yet", "No budget has been entered.", "No open risks.", "Nothing waits for a decision."):
        assert words in page.text
    assert "No round of the pulse has closed yet." in page.text


def test_the_page_costs_twelve_statements_at_most(plan: Cast, browser: Any, statements: Any):
    client = browser(plan.viewer)
    with statements() as ran:
        assert client.get("/p/ALFA/progress").status_code == 200
    assert len(ran) <= 12, ran.texts


def test_since_the_last_meeting_counts_from_when_it_began(plan: Cast, context: None):
    assert seen(plan).since is not None
    assert [one.kind for one in seen(plan).since.lists] == ["added"]
    meeting = CommitteeMeeting(
        program_id=plan.program_id,
        number=3,
        meets_at=datetime.fromisoformat("2026-06-17T11:00+02:00"),
        held_at=datetime.fromisoformat("2026-06-17T12:30+02:00"),
        state=MeetingState.HELD,
    )
    db.session.add(meeting)
    db.session.flush()
    since = seen(plan).since
    assert since is not None
    assert (since.meeting, since.lists) == (3, ())


# --- a state that a person says


def test_a_said_state_stands_until_its_day_with_the_computed_one_beside_it(plan: Cast, context: None):
    until = TODAY + timedelta(days=7)
    states.say_state(plan.manager.actor, plan.program_id, "at_risk", "The vendor helps.", until, seen=None)
    found = seen(plan)
    assert (found.state, found.computed) == ("at_risk", "off_track")
    assert found.said is not None
    assert (found.said.reason, found.said.by, found.said.until) == ("The vendor helps.", plan.manager.name, until)
    assert seen(plan, until).state == "at_risk"
    assert seen(plan, until + timedelta(days=1)).state == "off_track"


def test_of_two_who_speak_at_once_the_second_is_told(plan: Cast, context: None):
    until = TODAY + timedelta(days=7)
    first = states.say_state(plan.manager.actor, plan.program_id, "at_risk", "One.", until, seen=None)
    with pytest.raises(Conflict):
        states.say_state(plan.admin.actor, plan.program_id, "on_track", "Two.", until, seen=None)
    with pytest.raises(Conflict):
        states.take_back(plan.manager.actor, plan.program_id, seen=first.id + 1)
    states.take_back(plan.manager.actor, plan.program_id, seen=first.id)
    assert seen(plan).said is None
    with pytest.raises(NotFound):
        states.take_back(plan.manager.actor, plan.program_id, seen=first.id)


def test_two_say_it_at_the_same_moment_and_one_word_holds(plan: Cast, app: Flask):
    def say(actor: Any, reason: str) -> Any:
        return lambda: states.say_state(actor, plan.program_id, "at_risk", reason, TODAY, seen=None)

    assert at_once(app, say(plan.manager.actor, "One."), say(plan.admin.actor, "Two.")) == ["Conflict", "done"]
    with app.app_context():
        (said,) = db.session.scalars(select(StateOverride)).all()
        assert said.ended_at is None


@pytest.mark.parametrize(
    ("state", "reason", "days", "field"),
    [("no_data", "Why", 3, "state"), ("on_track", " ", 3, "reason"), ("on_track", "Why", 99, "until")]
    + [("on_track", "Why", -1, "until")],
)
def test_what_cannot_be_said(plan: Cast, context: None, state: str, reason: str, days: int, field: str):
    with pytest.raises(Invalid) as refused:
        states.say_state(plan.manager.actor, plan.program_id, state, reason, TODAY + timedelta(days=days), seen=None)
    assert set(refused.value.fields) == {field}
    with pytest.raises(Forbidden):
        states.say_state(plan.contributor.actor, plan.program_id, state, reason, TODAY, seen=None)


def test_the_form_says_it_and_takes_it_back(plan: Cast, browser: Any):
    client = browser(plan.manager)
    typed = {"state": "on_track", "reason": "<b>It turns</b>", "until": "2026-06-30", "seen": ""}
    assert client.post("/p/ALFA/progress/state", data={**typed, "until": ""}).status_code == 422
    assert client.post("/p/ALFA/progress/state", data=typed).status_code == 303
    page = client.get("/p/ALFA/progress").text
    assert "&lt;b&gt;It turns" in page
    held = re.search(r'name="seen"[^>]*value="(\d+)"', client.get("/p/ALFA/progress/state").text)
    assert held
    assert client.post("/p/ALFA/progress/state", data=typed).status_code == 409
    assert client.post("/p/ALFA/progress/state/take-back", data={"seen": held[1]}).status_code == 303
    assert "It turns" not in client.get("/p/ALFA/progress").text


# --- money


def test_a_line_of_the_budget_comes_changes_and_goes(plan: Cast, browser: Any):
    client = browser(plan.manager)
    typed = {"label": "Training", "phase_id": "", "approved": "1 200,50", "spent": "0", "forecast": "1300"}
    assert client.post("/p/ALFA/budget/new", data={**typed, "spent": "-1"}).status_code == 422
    assert client.post("/p/ALFA/budget/new", data=typed).status_code == 303
    page = client.get("/p/ALFA/budget").text
    number = re.search(r"/budget/(\d+)\">Training", page)
    assert number
    at = f"/p/ALFA/budget/{number[1]}"
    assert client.post(at, data={**typed, "spent": "600", "revision": "1"}).status_code == 303
    assert client.post(at, data={**typed, "spent": "700", "revision": "1"}).status_code == 409
    assert client.post(f"{at}/remove", data={"revision": "2"}).status_code == 200
    assert client.post(f"{at}/remove", data={"revision": "2", "confirmed": "1"}).status_code == 303
    assert "Training" not in client.get("/p/ALFA/budget").text.split("<main")[1].replace("/training", "")


# --- days as they were


def test_what_is_kept_is_read_back_exactly(plan: Cast, context: None):
    found = seen(plan)
    assert from_json(Progress, to_json(found)) == found


def test_a_day_is_kept_once_in_both_languages(app: Flask, plan: Cast):
    with app.app_context():
        assert snapshots.take_due() == 1
        assert snapshots.take_due() == 0
        kept = db.session.scalars(select(Snapshot)).one()
        assert (kept.day, kept.kind) == (TODAY, SnapshotKind.DAILY)
        polish = snapshots.as_it_was(plan.program_id, TODAY, "pl")
        assert polish is not None
        assert polish.locale == "pl"
        with at("2026-06-18T00:03+02:00"):
            assert snapshots.take_due() == 1


def test_a_meeting_is_kept_once_although_the_clock_stood_still(app: Flask, plan: Cast):
    with app.app_context():
        snapshots.take_due()
        with database.transaction():
            began = datetime.fromisoformat("2026-06-17T10:00+02:00")
            db.session.add(
                CommitteeMeeting(
                    program_id=plan.program_id, number=1, meets_at=began, held_at=began, state=MeetingState.CLOSED
                )
            )
        assert snapshots.take_due() == 1
        assert snapshots.take_due() == 0
        assert db.session.scalar(select(func.count()).where(Snapshot.kind == SnapshotKind.MEETING)) == 1


def test_a_past_page_is_the_same_after_a_year_of_changes(app: Flask, plan: Cast, browser: Any, statements: Any):
    client = browser(plan.viewer)
    then = content(client.get("/p/ALFA/progress"))
    with app.app_context():
        snapshots.take_due()
    for month in range(1, 13):
        moment = datetime.fromisoformat(NOON) + timedelta(days=30 * month)
        with held_at(moment), app.app_context(), database.transaction():
            items.add_item(plan.manager.actor, plan.program_id, ItemDraft(f"Late thing {month}"))
            values = {"label": f"More {month}", "approved": Decimal(9), "spent": Decimal(9)}
            budget.add_line(plan.manager.actor, plan.program_id, values)
            phase = db.session.scalars(select(Phase)).one()
            phase.name, phase.planned_end = f"Phase {month}", moment.date()
            db.session.scalars(select(Risk).order_by(Risk.number)).first().title = f"Risk {month}"
    with held_at(moment):
        assert content(client.get("/p/ALFA/progress")) != then
        with statements() as ran:
            past = client.get(f"/p/ALFA/progress?on={TODAY.isoformat()}")
        assert content(past) == then
        assert len(ran) == 3
        assert "As it was on Wed 17 Jun 2026." in past.text
        nothing = client.get("/p/ALFA/progress?on=2026-05-01")
        assert nothing.status_code == 404
        assert "Nothing was kept of" in nothing.text
        assert browser(plan.stranger).get(f"/p/ALFA/progress?on={TODAY.isoformat()}").status_code == 404


# --- parts


def test_what_a_link_does_not_show_is_not_there(plan: Cast, context: None):
    states.say_state(plan.manager.actor, plan.program_id, "at_risk", "Why", TODAY, seen=None)
    found = restricted(seen(plan), (Section.GATES.value, "nonsense"))
    assert found.sections == ("gates",)
    assert found.gates
    assert found.said is not None
    assert found.said.by == ""
    assert not any(
        (found.phases, found.assumptions, found.index, found.kpis, found.kpi_total, found.pulse, found.budget)
    )
    assert not any((found.risks, found.risk_total, found.decisions, found.successes, found.since))


def test_the_page_speaks_polish(plan: Cast, context: None):
    with formats.reading_as("pl", "Europe/Warsaw"):
        assert seen(plan).locale == "pl"
