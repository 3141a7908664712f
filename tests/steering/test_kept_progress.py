"""A shared link is served from what is kept, and what is kept is never wrong: whoever changed whatever, however."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from program.change import proofs
from program.extensions import db
from program.ground import database, formats
from program.ground.now import held_at, utc_now
from program.kpis.models import IndexValue, IndexVersion
from program.planning import baselines, gates, items, phases
from program.planning.items import ItemDraft
from program.planning.models import Gate, Phase, WorkItem
from program.planning.opening import find_program
from program.planning.phases import PhaseDraft
from program.plugin_api.models import PluginPanel
from program.pulse.models import Round, Survey
from program.steering import budget, kept_progress, risks, share_links, snapshots, states
from program.steering.kept_progress import stamp_of
from program.steering.models import CommitteeMeeting, MeetingState, Risk
from program.steering.progress import assemble
from tests.cast import Cast

TODAY = date(2026, 6, 17)
NOON = datetime.fromisoformat("2026-06-17T12:00+02:00")


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    with held_at(NOON):
        yield


@pytest.fixture
def plan(app: Flask, cast: Cast) -> Cast:
    """ALFA with a phase, a gate, an item and a risk."""
    with app.app_context(), database.transaction():
        actor, program_id = cast.manager.actor, cast.program_id
        draft = PhaseDraft("Pilot", weeks=5, starts_on=date(2026, 6, 1))
        phase = phases.add_phase(actor, program_id, draft)
        db.session.add(Gate(program_id=program_id, phase_id=phase.id, name="Go", planned_on=date(2026, 7, 3)))
        items.add_item(actor, program_id, ItemDraft("Map", phase_id=phase.id, due_on=date(2026, 6, 12), required=True))
        risks.add_risk(actor, program_id, {"title": "Data", "category": "data", "probability": 2, "impact": 3})
    return cast


# Each a change of what the page shows, by a verb or by what a machine writes without one.


def add(cast: Cast, number: int) -> None:
    items.add_item(cast.manager.actor, cast.program_id, ItemDraft(f"More {number}", due_on=TODAY - timedelta(number)))


def finish(cast: Cast, number: int) -> None:
    item = db.session.scalars(select(WorkItem).order_by(WorkItem.id).limit(1)).one()
    items.change_item(cast.manager.actor, item, {"status": "todo" if item.status == "done" else "done"}, seen=None)


def move_phase(cast: Cast, number: int) -> None:
    phase = db.session.scalars(select(Phase)).one()
    values = {"name": f"Pilot {number}"}
    phases.change_phase(cast.manager.actor, phase, values, seen=phase.revision)


def move_gate(cast: Cast, number: int) -> None:
    gate = db.session.scalars(select(Gate).limit(1)).one()
    gates.change_gate(cast.manager.actor, gate, {"planned_on": TODAY + timedelta(days=number)}, seen=gate.revision)


def rate(cast: Cast, number: int) -> None:
    risk = db.session.scalars(select(Risk)).one()
    values = {"title": "Data", "category": "data", "probability": 1 + number % 5, "impact": 3}
    risks.change_risk(cast.manager.actor, risk, values, seen=risk.revision)


def spend(cast: Cast, number: int) -> None:
    values = {"label": f"Line {number}", "approved": Decimal(number), "spent": Decimal(0)}
    budget.add_line(cast.manager.actor, cast.program_id, values)


def say(cast: Cast, number: int) -> None:
    held = states.holding(cast.program_id, TODAY)
    states.say_state(
        cast.manager.actor, cast.program_id, "at_risk", f"Why {number}", TODAY, seen=held.id if held else None
    )


def tell(cast: Cast, number: int) -> None:
    draft = proofs.ProofDraft(title=f"Win {number}", body="It works.", figure="2", kind="quick_win", happened_on=TODAY)
    proofs.add_proof(cast.manager.actor, cast.program_id, draft)


def baseline(cast: Cast, number: int) -> None:
    baselines.take_baseline(cast.manager.actor, cast.program_id, f"Plan {number}")


def meet(cast: Cast, number: int) -> None:
    """The clock lets a meeting begin."""
    last = db.session.scalar(select(func.max(CommitteeMeeting.number))) or 0
    at = NOON - timedelta(days=1, minutes=-last)
    db.session.add(
        CommitteeMeeting(program_id=cast.program_id, number=last + 1, meets_at=at, held_at=at, state=MeetingState.HELD)
    )


def index(cast: Cast, number: int) -> None:
    """A week is computed anew."""
    version = db.session.scalars(select(IndexVersion)).first()
    if version is None:
        version = IndexVersion(program_id=cast.program_id, since=date(2026, 1, 5))
        db.session.add(version)
        db.session.flush()
    week = date(2026, 6, 8)
    row = db.session.get(IndexValue, {"program_id": cast.program_id, "week": week})
    if row is None:
        row = IndexValue(program_id=cast.program_id, week=week, version_id=version.id, parts=[])
        db.session.add(row)
    row.value = Decimal(number)


def close_round(cast: Cast, number: int) -> None:
    """The clock closes a round of the pulse."""
    survey = db.session.scalars(select(Survey)).first()
    if survey is None:
        survey = Survey(program_id=cast.program_id, cadence={})
        db.session.add(survey)
        db.session.flush()
    last = db.session.scalar(select(func.max(Round.number))) or 0
    day = TODAY - timedelta(days=100 - last)
    db.session.add(
        Round(
            program_id=cast.program_id,
            survey_id=survey.id,
            number=last + 1,
            meant_for=day,
            opens_at=utc_now(),
            closes_at=utc_now(),
            closed_on=day,
            questions={},
            scores_from=5,
            comments_from=5,
            asked=10,
            answered=number % 10,
        )
    )


def panel(cast: Cast, number: int) -> None:
    """The clock asked a plugin."""
    box = {"title": f"Box {number}", "text": "", "facts": [], "link_url": "", "link_text": ""}
    key = {"program_id": cast.program_id, "plugin": "sample"}
    row = db.session.get(PluginPanel, key) or PluginPanel(**key)
    row.content = {locale: {"name": "Sample", "panels": [box]} for locale in ("en", "pl")}
    row.fetched_at = row.tried_at = utc_now() + timedelta(seconds=number)
    row.reason = ""
    db.session.add(row)


CHANGES = (add, finish, move_phase, move_gate, rate, spend, say, tell, baseline, meet, index, close_round, panel)


def both(cast: Cast) -> tuple[Any, Any]:
    """What is kept, and what is."""
    program = find_program(cast.viewer.actor, cast.key)
    return kept_progress.kept_progress(program, TODAY), assemble(program, TODAY)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(1, 9), st.sampled_from(["en", "pl"])), max_size=8))
def test_what_is_kept_is_what_is_after_whatever_happens(plan: Cast, app: Flask, acts: list[Any]):
    with app.app_context():
        database.begin_writing()
        # What the example before did was taken back, which no transaction does that somebody else has seen.
        kept_progress.init_app(app)
        try:
            for act, number, locale in acts:
                with formats.reading_as(locale, "Europe/Warsaw"):
                    kept, fresh = both(plan)
                    assert kept == fresh
                    act(plan, number)
                    db.session.flush()
                    kept, fresh = both(plan)
                    assert kept == fresh, act.__name__
        finally:
            db.session.rollback()


@pytest.mark.parametrize("act", CHANGES, ids=lambda one: one.__name__)
def test_each_change_makes_another_stamp(plan: Cast, context: None, act: Any):
    before = stamp_of(plan.program_id)
    assert stamp_of(plan.program_id) == before
    act(plan, 3)
    db.session.flush()
    assert stamp_of(plan.program_id) != before


def test_a_link_is_served_from_what_is_kept_until_something_changes(
    plan: Cast, app: Flask, browser: Any, statements: Any
):
    everything = list(share_links.Section)
    with app.app_context(), database.transaction():
        _link, token = share_links.make_link(
            plan.manager.actor, plan.program_id, name="Committee", sections=everything, days=3
        )
    client = browser()
    first = client.get(f"/s/{token}").text
    with statements() as ran:
        again = client.get(f"/s/{token}").text
    # The frame around it holds a token of its own each time.
    assert again.split('class="steer"')[1] == first.split('class="steer"')[1]
    # The link, the stamp, and the opening that is counted.
    assert len(ran) <= 3, ran.texts
    with app.app_context(), database.transaction():
        states.say_state(plan.manager.actor, plan.program_id, "on_track", "All is well.", TODAY, seen=None)
    assert "All is well." in client.get(f"/s/{token}").text
    # Another day is another page, though nothing changed.
    with held_at(NOON + timedelta(days=1)):
        assert "All is well." not in client.get(f"/s/{token}").text
    # What is kept is of no use to a link that ended.
    with held_at(NOON + timedelta(days=3)):
        assert client.get(f"/s/{token}").status_code == 404


def test_who_writes_without_a_trail_is_known_here(project_root: Path):
    """A verb leaves an entry in the trail, which the stamp counts. Whoever writes without one is named with why."""
    known = {
        "program/kpis/gate_kpis.py": "the gate's verb leaves the entry",
        "program/kpis/import_running.py": "imports are counted by their state",
        "program/kpis/import_moving.py": "imports are counted by their state",
        "program/kpis/index_keeping.py": "weeks of the index are counted and added up",
        "program/planning/imports.py": "the verbs of items leave the entries",
        "program/planning/portable_arrival.py": "the new program's first entry comes with it",
        "program/pulse/answering.py": "an open round is not shown",
        "program/pulse/closing.py": "closed rounds are counted",
        "program/pulse/roster.py": "who will be asked is not shown",
        "program/pulse/rounds.py": "an open round is not shown",
        "program/steering/budget_imports.py": "the verbs of the budget leave the entries",
        "program/steering/snapshots.py": "a kept day is no part of today",
        "program/team/assignment_imports.py": "the verbs of assignments leave the entries",
    }
    writes = re.compile(r"session\.(add|delete|add_all)\(|execute\(\s*(update|insert|delete)\(")
    rooms = ("change", "kpis", "planning", "pulse", "steering", "team")
    found = {
        path.relative_to(project_root).as_posix()
        for room in rooms
        for path in (project_root / "program" / room).rglob("*.py")
        if writes.search(text := path.read_text(encoding="utf-8")) and not re.search(r"audit\.record|record_many", text)
    }
    assert found <= set(known), f"say why the stamp of kept_progress.py sees them: {sorted(found - set(known))}"


def test_a_snapshot_leaves_the_stamp_alone(plan: Cast, app: Flask):
    with app.app_context():
        before = stamp_of(plan.program_id)
        assert snapshots.take_due() == 1
        assert stamp_of(plan.program_id) == before


def test_a_stamp_is_one_statement_that_leaves_out_what_is_many(plan: Cast, context: None, statements: Any):
    """Far cheaper than the page: of items, figures and comments the trail's count tells as much."""
    with statements() as ran:
        stamp_of(plan.program_id)
    assert len(ran) == 1
    tables = set(re.findall(r"FROM (\w+)", ran.texts[0]))
    assert {"audit_entry", "risk", "phase"} <= tables
    assert not tables & {"work_item", "kpi_reading", "comment", "snapshot", "baseline_line"}
