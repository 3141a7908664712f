"""Gates that come near: managers are told what is not met, once a stage, in their language, unless it is decided."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from program.extensions import db
from program.ground import formats
from program.ground.now import held_at
from program.outbox import kinds
from program.outbox.models import Message
from program.people.models import Person
from program.planning.gate_reminders import Stage, remind_due, stage_of
from program.planning.items import ItemDraft, add_item
from program.planning.models import Gate, GateDecision
from tests.planning.builder import Alfa, decide_bare

# The first gate is planned for Friday, 27 March 2026.
GATE_DAY = date(2026, 3, 27)


def tick(moment: str) -> int:
    with held_at(datetime.fromisoformat(moment)):
        return remind_due()


def told() -> list[Message]:
    return list(db.session.scalars(select(Message).where(Message.kind == "planning.gate_near").order_by(Message.id)))


def words(message: Message, locale: str = "en") -> str:
    kind = kinds.find(message.kind)
    assert kind is not None
    with held_at(datetime(2026, 3, 20, tzinfo=UTC)), formats.reading_as(locale, "Europe/Warsaw"):
        said = kind.words(message.data)
    return f"{said.subject}\n{said.text}"


@given(st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.integers(-40, 40))
@settings(max_examples=60)
def test_stages_follow_one_another_and_never_go_back(planned_on: date, hours: int) -> None:
    order = [None, Stage.SOON, Stage.NEAR, Stage.LATE]
    now = datetime.combine(planned_on, datetime.min.time(), UTC) + timedelta(hours=12 * hours)
    earlier, later = (stage_of(planned_on, "PL", "Europe/Warsaw", one) for one in (now, now + timedelta(hours=12)))
    assert order.index(earlier) <= order.index(later)
    if now.date() == planned_on:
        assert earlier == Stage.NEAR


def test_managers_are_told_once_a_stage_what_is_not_met(alfa: Alfa) -> None:
    at = ("12T12:00", "13T06:59", "13T07:01", "13T12:00", "25T06:59", "25T07:01", "28T06:59", "28T07:01", "29T09:00")
    assert [tick(f"2026-03-{moment}+01:00") for moment in at] == [0, 0, 1, 0, 0, 1, 0, 1, 0]
    first, near, late = told()
    assert {message.person_id for message in (first, near, late)} == {alfa.cast.manager.id}
    assert "1 of 6 criteria is open:\n• " in words(first)
    assert "Start the pilot" in words(first)
    assert "is not decided" in words(late)
    assert first.path.endswith(f"/gates/{alfa.gates[0]}")
    # The one before gave way, as nobody had seen it.
    assert [message.state for message in (first, near)] == ["superseded", "superseded"]


def test_a_clock_that_was_away_tells_the_last_stage_only_and_nothing_old(alfa: Alfa) -> None:
    assert tick("2026-03-30T09:00+02:00") == 1
    assert tick("2026-05-01T09:00+02:00") == 0
    assert [message.data["stage"] for message in told()] == ["late"]


@pytest.mark.parametrize("outcome", ["go", "hold", "no_go"])
def test_what_is_decided_is_nobody_s_surprise(alfa: Alfa, outcome: str) -> None:
    decide_bare(alfa, alfa.gates[0], outcome, 1)
    assert db.session.query(GateDecision).count() == 1
    assert tick("2026-03-26T09:00+01:00") == 0


def test_another_day_is_another_matter_and_each_reads_their_language(alfa: Alfa) -> None:
    db.session.get_one(Person, alfa.cast.manager.id).locale = "pl"
    add_item(alfa.manager, alfa.id, ItemDraft("Required", required=True, phase_id=alfa.phases[0]))
    assert tick("2026-03-26T09:00+01:00") == 1
    db.session.get_one(Gate, alfa.gates[0]).planned_on = GATE_DAY + timedelta(days=7)
    db.session.flush()
    assert tick("2026-03-26T09:05+01:00") == 1
    assert len(told()) == 2
    computed, manual = told()[0].data["unmet"]
    assert manual == "The budget is approved"
    assert computed.startswith("1 wymagan")
