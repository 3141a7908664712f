"""Reminders of decisions: once a stage, to those who have not voted; after the day, to the chair."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from program.extensions import db
from program.ground.formats import reading_as
from program.ground.now import held_at
from program.outbox.models import Message
from program.outbox.wording import words
from program.steering import committee, decisions
from program.steering.committee import SeatDraft
from program.steering.decision_reminders import Stage, remind_due, stage_of
from program.steering.decision_requests import OptionDraft, RequestDraft, options_of, put_to_committee, write_request
from program.steering.models import DecisionRequest
from tests.cast import Cast

# Tuesday the 16th; two working days before is the Friday, and the day after the Wednesday.
DECIDE_BY = date(2026, 6, 16)


@pytest.fixture
def asked(cast: Cast, context: None) -> Any:
    """Wanda chairs with Tomek as her deputy; Maria has a seat."""
    maria = cast.manager.actor
    with held_at(datetime.fromisoformat("2026-06-03T10:00+02:00")):
        committee.add_seat(maria, cast.program_id, SeatDraft(cast.viewer.id, cast.contributor.id, "chair"))
        committee.add_seat(maria, cast.program_id, SeatDraft(cast.manager.id))
        draft = RequestDraft("Which", decide_by=DECIDE_BY, options=[OptionDraft("Chat"), OptionDraft("Shop")])
        request = write_request(maria, cast.program_id, draft)
        put_to_committee(maria, request, seen=request.revision)
        yield request


def at(moment: str) -> Any:
    return held_at(datetime.fromisoformat(f"2026-06-{moment}+02:00"))


def reminded() -> dict[str, set[int | None]]:
    found: dict[str, set[int | None]] = {}
    for one in db.session.scalars(select(Message).where(Message.kind == "steering.decision_reminder")):
        found.setdefault(one.data["stage"], set()).add(one.person_id)
    return found


@pytest.mark.parametrize(
    ("moment", "stage"),
    [
        ("12T07:59", None),
        ("12T08:00", Stage.SOON),
        ("15T23:00", Stage.SOON),
        ("16T08:00", Stage.TODAY),
        ("17T07:59", Stage.TODAY),
        ("17T08:00", Stage.LATE),
        ("29T12:00", Stage.LATE),
    ],
)
def test_the_stage_follows_from_the_day_and_the_programs_mornings(moment: str, stage: Stage | None):
    now = datetime.fromisoformat(f"2026-06-{moment}+02:00")
    assert stage_of(DECIDE_BY, "PL", "Europe/Warsaw", now) == stage


def test_each_stage_is_told_once_to_those_who_have_not_voted(cast: Cast, asked: DecisionRequest):
    with at("12T09:00"):
        assert (remind_due(), remind_due()) == (1, 0)
    everybody = {cast.viewer.id, cast.contributor.id, cast.manager.id}
    assert reminded() == {"soon": everybody}
    decisions.vote(cast.manager.actor, cast.program_id, asked.number, options_of(asked.id)[0].id)
    with at("16T09:00"):
        assert (remind_due(), remind_due()) == (1, 0)
    assert reminded()["today"] == {cast.viewer.id, cast.contributor.id}
    with at("17T09:00"):
        assert (remind_due(), remind_due()) == (1, 0)
    assert reminded()["late"] == {cast.viewer.id, cast.contributor.id}
    row = db.session.scalars(select(Message).where(Message.kind == "steering.decision_reminder")).all()[-1]
    with reading_as("en", "Europe/Warsaw"):
        said = words(row.kind, row.data)
    assert said.subject == "A decision is overdue in Alfa Bank omnichannel: Which"
    assert "1 of the 2 seats that are needed have voted." in said.text


def test_a_clock_that_was_away_tells_the_last_stage_only(cast: Cast, asked: DecisionRequest):
    with at("18T09:00"):
        assert remind_due() == 1
    assert set(reminded()) == {"late"}


def test_a_decision_takes_back_what_nobody_has_read(cast: Cast, asked: DecisionRequest):
    with at("16T09:00"):
        remind_due()
        chosen = options_of(asked.id)[0].id
        decisions.decide(cast.viewer.actor, cast.program_id, asked.number, "chair", chosen, "Enough said.")
        assert remind_due() == 0
    states = db.session.scalars(select(Message.state).where(Message.kind == "steering.decision_reminder"))
    assert set(states) == {"cancelled"}
