"""The demo as it stands after loading, in both languages: what it promises to show, and that every page shows it.

The story is loaded once for each language and only read here; `test_demo_command.py` loads and removes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import func, select

from program.cli.demo import every_act
from program.cli.demo.stage import TIMEZONE
from program.cli.demo.story import cast, stories
from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.ground.calendar import WorkingCalendar
from program.ground.now import today_in, utc_now
from program.people.models import Person
from program.planning import gate_evidence
from program.planning.forecast import finished_per_week, forecast
from program.planning.models import Baseline, Comment, EvidenceLink, Gate, Mention, Phase, Program, WorkItem
from program.planning.readiness import readiness
from program.planning.standing import standings
from program.playbooks.model import Text
from tests.conftest import BACKEND, Browser, empty_database
from tests.demo import fill

# Somebody of each access in the main program.
PEOPLE = {"manager": "marta", "contributor": "tomasz", "viewer": "henryk"}

# What everybody in a program may read.
READ = (
    *("people.me", "week.show", "week.program", "overview.show", "timeline.show", "timeline.ninety_days"),
    *("portfolio.show", "phases.index", "phases.show", "checklist.show", "gates.index", "gates.show"),
    *("items.show", "my_work.show", "baselines.index", "baselines.compare", "programs.activity", "search.show"),
)


# The story is told in Python, in any language: one of them shows that PostgreSQL keeps it as well.
@pytest.fixture(scope="module", params=["pl", "en"] if BACKEND == "sqlite" else ["pl"])
def told(session_app: Flask, kept: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The demo, loaded in one language; gives the language."""
    fill(session_app, request.param, kept)
    with session_app.app_context():
        yield request.param
        db.session.remove()
        empty_database()


@pytest.fixture
def main(session_app: Flask, told: str) -> Iterator[Program]:
    """The main program, in an app context that only reads."""
    with session_app.app_context():
        database.begin_reading()
        g.locale, g.timezone = told, TIMEZONE
        yield db.session.scalars(select(Program).where(Program.key == "PRZ")).one()
        db.session.rollback()
        database.begin_writing()


def phase_of(program: Program, key: str) -> Phase:
    return db.session.scalars(select(Phase).where(Phase.program_id == program.id, Phase.key == key)).one()


def items_of(program: Program) -> list[WorkItem]:
    return list(db.session.scalars(select(WorkItem).where(WorkItem.program_id == program.id)))


def test_something_is_late_blocked_unowned_and_dropped(main: Program):
    today = today_in(TIMEZONE)
    items = items_of(main)
    is_open = [item for item in items if item.status in ("todo", "doing", "blocked")]
    assert 3 <= sum(1 for item in is_open if item.due_on and item.due_on < today) <= 12
    assert sum(1 for item in is_open if item.status == "blocked") in (2, 3)
    assert any(item.owner_id is None and item.due_on and item.due_on < today + timedelta(days=7) for item in is_open)
    assert all(item.status_reason for item in items if item.status in ("blocked", "dropped"))
    assert any(item.status == "dropped" for item in items)


def test_most_was_done_on_time_and_some_late(main: Program):
    late = [(item.done_at.date() - item.due_on).days for item in items_of(main) if item.done_at and item.due_on]
    assert sum(1 for days in late if days <= 0) > 0.5 * len(late)
    assert sum(1 for days in late if days >= 3) >= 5


def test_ten_weeks_of_finished_items_give_a_forecast_of_the_pilot(main: Program):
    today = today_in(TIMEZONE)
    history = finished_per_week([main.id], today, TIMEZONE)[main.id]
    assert sum(1 for count in history if count) >= 10
    outlook = forecast(main.id, today, WorkingCalendar("PL"), TIMEZONE)[phase_of(main, "pilot").id]
    assert outlook.half_on is not None
    assert outlook.half_on > phase_of(main, "pilot").planned_end


def test_a_conditional_go_is_reopened_by_a_late_condition(main: Program):
    first, second, *_rest = readiness(main, today_in(TIMEZONE))
    assert first.state == "reopened"
    assert [(one.finished, one.late) for one in first.conditions] == [(True, False), (False, True), (False, False)]
    assert second.state == "open"
    assert second.planned_on > today_in(TIMEZONE)
    where = standings([main], today_in(TIMEZONE), TIMEZONE)[main.id]
    assert where.next_gate is not None
    assert where.next_gate.id == first.gate_id
    assert where.health.state == "off_track"
    unmet = {criterion.kind for criterion in second.criteria if not criterion.met}
    assert {"required_items", "no_blockers", "no_overdue_conditions", "earlier_conditions"} <= unmet


def test_the_chain_of_decisions_holds(main: Program):
    for program_id in db.session.scalars(select(Program.id)):
        assert gate_evidence.verify(program_id) == []


def test_history_is_real(main: Program):
    def count(model: Any) -> int:
        return db.session.scalar(select(func.count()).select_from(model).where(model.program_id == main.id)) or 0

    assert count(Baseline) >= 3
    assert count(Comment) >= 15
    assert count(AuditEntry) > 250
    assert (db.session.scalar(select(func.count()).select_from(EvidenceLink)) or 0) >= 10
    last = db.session.scalars(select(func.max(AuditEntry.at))).one()
    assert last <= utc_now()
    moments = db.session.scalars(select(AuditEntry.at).where(AuditEntry.program_id == main.id))
    assert len({moment.isocalendar()[:2] for moment in moments}) >= 14


def test_everybody_named_with_an_at_is_told(main: Program):
    bodies = db.session.execute(select(Comment.id, Comment.body)).all()
    named = set(db.session.scalars(select(Mention.comment_id).distinct()))
    assert {row.id for row in bodies if "@" in row.body} == named


def test_the_other_programs_are_calm_new_and_closed(main: Program):
    today = today_in(TIMEZONE)
    by_key = {program.key: program for program in db.session.scalars(select(Program))}
    assert set(by_key) == {"PRZ", "LIPA", "SOSNA", "INFO"}
    calm = items_of(by_key["LIPA"])
    assert not [item for item in calm if item.status == "blocked"]
    start = forecast(by_key["SOSNA"].id, today, WorkingCalendar("PL"), TIMEZONE)
    assert all(each.half_on is None and each.reason for each in start.values())
    assert by_key["INFO"].closed_on is not None
    assert by_key["INFO"].closed_on < today


def texts_in(value: Any) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts_in(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts_in(one)


def all_texts() -> list[Text]:
    found: list[Text] = []
    for story in stories():
        found += [story.name, story.purpose]
        found += texts_in([value for step in story.steps for _name, value in step.acts])
    return found


def test_every_text_is_told_in_both_languages():
    texts = all_texts()
    assert len(texts) > 120
    for text in texts:
        assert text.en
        assert text.pl
        assert text.en != text.pl
        assert not set(text.en) & set("ąęłńśźż") - set(text.pl), text.en


def test_what_people_wrote_is_in_the_demos_language(main: Program, told: str):
    other = {getattr(text, "en" if told == "pl" else "pl") for text in all_texts()}
    written = [
        *db.session.scalars(select(Program.name)),
        *db.session.scalars(select(WorkItem.title)),
        *db.session.scalars(select(WorkItem.description)),
        *db.session.scalars(select(WorkItem.status_reason)),
        *db.session.scalars(select(Comment.body)),
        *db.session.scalars(select(Baseline.name)),
        *db.session.scalars(select(EvidenceLink.label)),
        *db.session.scalars(select(Gate.name)),
    ]
    assert sorted(other & set(written)) == []
    locales = dict(db.session.execute(select(Person.email, Person.locale)).all())
    assert [locales[one.email] for one in cast()] == [one.locale or told for one in cast()]


def open_as(app: Flask, who: str) -> FlaskClient:
    app.test_client_class = Browser
    client = app.test_client()
    email = next(one.email for one in cast() if one.id == PEOPLE[who])
    with app.app_context():
        person = db.session.scalars(select(Person).where(Person.email == email)).one()
        client.sign_in(person)
        db.session.rollback()
    return client


def addresses(app: Flask, program: Program) -> dict[str, str]:
    """By endpoint: every page of the main program, and those beside programs that take no further argument."""
    number = db.session.scalars(select(WorkItem.number).where(WorkItem.key == "kpi-comparison")).one()
    gate = db.session.scalars(select(Gate).where(Gate.program_id == program.id, Gate.key == "discovery-gate")).one()
    values = {"key": program.key, "number": number, "gate_id": gate.id, "phase_id": phase_of(program, "pilot").id}
    urls = app.url_map.bind("localhost")
    return {
        rule.endpoint: urls.build(rule.endpoint, {name: values[name] for name in rule.arguments})
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint != "static" and rule.arguments <= set(values)
    }


@pytest.mark.parametrize("who", PEOPLE)
def test_every_page_opens(session_app: Flask, main: Program, who: str):
    client = open_as(session_app, who)
    found = {endpoint: client.get(address).status_code for endpoint, address in addresses(session_app, main).items()}
    assert {endpoint: found[endpoint] for endpoint in READ if found[endpoint] != 200} == {}
    # What is a manager's is refused to others in words, and an administrator's pages do not exist for anybody here.
    allowed = {200, 302, 303, 404} | (set() if who == "manager" else {403})
    assert {endpoint: status for endpoint, status in found.items() if status not in allowed} == {}


def test_every_act_has_a_name_of_its_own():
    """Two modules of acts must not take the same one: the later would play the other's steps."""
    modules = [value for name, value in vars(every_act).items() if name == "acts" or name.startswith("acts_")]
    assert sum(len(module.ACTS) for module in modules) == len(every_act.ACTS)
