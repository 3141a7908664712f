"""Telling people something: once for each key, in the transaction that made it necessary, and taken back in time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from program.extensions import db
from program.ground import database
from program.ground.now import utc_now
from program.outbox.kinds import MessageKind, Pace, Words, register
from program.outbox.messages import tell, tell_channel, withdraw
from program.outbox.models import Message, State

NUDGE = register(MessageKind("test.nudge", "Nudge", Pace.PROMPT, lambda data: Words(f"Nudge {data['n']}")))


def rows() -> list[Message]:
    return list(db.session.scalars(select(Message).order_by(Message.id)))


@pytest.mark.usefixtures("context")
class TestTelling:
    def test_one_row_for_each_person(self, cast):
        tell([cast.viewer.id, cast.manager.id, cast.viewer.id], NUDGE, {"n": 1}, key="nudge:1", path="/p/ALFA/")
        assert {row.person_id for row in rows()} == {cast.viewer.id, cast.manager.id}
        assert {(row.state, row.data["n"], row.path, row.pace) for row in rows()} == {
            (State.WAITING, 1, "/p/ALFA/", "prompt")
        }

    def test_twice_is_once(self, cast):
        tell([cast.viewer.id], NUDGE, {"n": 1}, key="nudge:1")
        tell([cast.viewer.id, cast.manager.id], NUDGE, {"n": 2}, key="nudge:1")
        assert [(row.person_id, row.data["n"]) for row in rows()] == [(cast.viewer.id, 1), (cast.manager.id, 2)]

    def test_nobody_to_tell_is_nothing_to_write(self, cast, statements):
        with statements() as ran:
            tell([], NUDGE, {"n": 1}, key="nudge:1")
        assert len(ran) == 0

    def test_many_people_are_one_statement(self, cast, statements):
        everybody = [cast.viewer.id, cast.manager.id, cast.contributor.id, cast.stranger.id]
        with statements() as ran:
            tell(everybody, NUDGE, {"n": 1}, key="nudge:1")
        assert len(ran) == 1

    def test_a_newer_one_about_the_same_takes_the_place_of_what_waits(self, cast):
        for n in (1, 2):
            tell([cast.viewer.id], NUDGE, {"n": n}, key=f"nudge:{n}", about="item:1")
        tell([cast.manager.id], NUDGE, {"n": 3}, key="nudge:3", about="item:1")
        assert [row.state for row in rows()] == [State.SUPERSEDED, State.WAITING, State.WAITING]

    def test_saying_the_same_again_does_not_supersede_itself(self, cast):
        for _ in range(2):
            tell([cast.viewer.id], NUDGE, {"n": 1}, key="nudge:1", about="item:1")
        assert [row.state for row in rows()] == [State.WAITING]

    def test_a_closed_matter_takes_back_what_waits(self, cast):
        tell([cast.viewer.id], NUDGE, {"n": 1}, key="nudge:1", about="round:1")
        tell([cast.manager.id], NUDGE, {"n": 2}, key="nudge:2", about="round:1")
        rows()[1].state = State.SENT
        withdraw("round:1")
        db.session.expire_all()
        assert [row.state for row in rows()] == [State.CANCELLED, State.SENT]
        assert [row.read_at is None for row in rows()] == [True, False]

    def test_it_waits_for_its_time(self, cast):
        monday = utc_now() + timedelta(days=3)
        tell([cast.viewer.id], NUDGE, {"n": 1}, key="nudge:1", not_before=monday)
        assert rows()[0].visible_from == rows()[0].due_at == monday

    def test_a_channel_is_told_through_its_way(self, cast):
        for _ in range(2):
            tell_channel("chat", "C1", NUDGE, {"n": 1}, key="nudge:1", program_id=cast.program_id)
        assert [(row.person_id, row.channel) for row in rows()] == [(None, "chat:C1")]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"key": ""},
            {"key": "k" * 161},
            {"path": "https://elsewhere.example/"},
            {"path": "/" + "p" * 500},
            {"about": "a" * 121},
            {"not_before": datetime(2026, 3, 2)},
            {"expires_at": datetime(2026, 3, 2)},
        ],
        ids=str,
    )
    def test_what_the_clock_could_not_send_is_refused_at_once(self, cast, wrong):
        with pytest.raises(ValueError, match=r"message|moment"):
            tell([cast.viewer.id], NUDGE, {}, **({"key": "nudge:1"} | wrong))


def test_what_is_rolled_back_was_not_said(app, cast):
    class Stop(Exception):
        pass

    def fail() -> None:
        with database.transaction():
            tell([cast.viewer.id], NUDGE, {"n": 1}, key="nudge:1")
            raise Stop

    with app.app_context():
        with pytest.raises(Stop):
            fail()
        database.begin_reading()
        assert rows() == []
