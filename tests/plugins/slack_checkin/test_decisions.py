"""A committee decides in Slack: asked by a message, voting with a reason, one seat at a time, and told how it went."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, select

from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.people.models import Membership
from program.people.models import Person as PersonRow
from program.plugin_api.models import ExternalLink
from program.plugin_host import switching
from program.steering import decisions
from program.steering.decision_requests import find_request, put_to_committee, withdraw, write_request
from program.steering.models import DecisionOutcome, DecisionVote
from tests.cast import Cast
from tests.fakes.slack import Message, Person, Slack
from tests.plugins.slack_checkin.life import HOME, PLUGIN, Life
from tests.steering.test_decisions import DRAFT, make_committee


@dataclass
class Board(Life):
    """Wanda chairs with Tomek as her deputy; Ewa and Jan are members. All are in Slack."""

    hands: dict[str, Person] = field(default_factory=dict)

    def asked(self, name: str) -> Message:
        """The newest message about the decision."""
        found = [one for one in self.hands[name].messages if "Which channel opens first" in one.words]
        assert found, [one.words for one in self.hands[name].messages]
        return found[-1]

    def press(self, name: str, label: str) -> None:
        """Press a button of the message."""
        self.done(self.hands[name].press(self.asked(name), label=label))

    def votes(self) -> dict[str, str]:
        """Reasons by who voted."""
        with self.app.app_context(), database.looking():
            given = db.session.scalars(select(DecisionVote)).all()
            options = {one.id: one.option_id for one in given}
            return {f"{one.member_id}:{one.person_id}": f"{options[one.id] or 0}:{one.reason}" for one in given}

    def act(self, verb: Any) -> Any:
        """Something that is done on the page."""
        with self.app.app_context(), database.transaction():
            return verb()


@pytest.fixture
def board(slack_app: Flask, slack: Slack, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Board]:
    """It is Wednesday, 17 June 2026, and the committee has just been asked."""
    monkeypatch.setattr("plugins.slack_checkin.pacing.APART", 0.0)
    with time_machine.travel(datetime(2026, 6, 17, 10, tzinfo=HOME)) as moment:
        here = Board(slack_app, slack, cast, moment)
        with slack_app.app_context(), database.transaction():
            make_committee(cast)
            switching.set_in_program(cast.manager.actor, cast.program_id, PLUGIN, True)
            request: Any = write_request(cast.contributor.actor, cast.program_id, DRAFT)
            put_to_committee(cast.manager.actor, request, seen=request.revision)
        for name, full in (("wanda", "Wanda Łoś"), ("tomek", "Tomek Wójcik"), ("ewa", "Ewa Rada"), ("jan", "Jan Rada")):
            here.hands[name] = slack.user(full, f"{name}@alfa.example")
        here.tick()
        yield here
    assert slack.troubles == []


def test_a_committee_votes_and_hears_how_it_went(board: Board) -> None:
    wanda, ewa, jan, tomek = (board.hands[name] for name in ("wanda", "ewa", "jan", "tomek"))
    assert "5,000" in board.asked("ewa").words
    board.press("ewa", "Shop")
    assert ewa.modal is not None
    assert "Shop" in ewa.modal.words
    # Delivered twice, it is one vote.
    board.done(ewa.submit({"words": "Chat has no people."}))
    door: Any = board.slack.door
    board.done(door.again())
    assert "✓" in ewa.modal.words
    ewa.close()
    assert "Your vote: Shop." in board.asked("ewa").words
    (kept,) = board.votes().values()
    assert kept.endswith(":Chat has no people.")
    # From the Home tab, where it waits; the command says so, too.
    board.done(jan.command("/milepost", "status"))
    assert "1 decision waits for your vote" in jan.last.words
    board.done(jan.open_home())
    assert jan.home is not None
    board.done(jan.press(jan.home, label="Chat"))
    board.done(jan.submit())
    jan.close()
    assert "Which channel opens first" not in jan.home.words
    # The deputy for the chair, until she votes herself.
    board.press("tomek", "Chat")
    assert tomek.modal is not None
    assert "Wanda Łoś" in tomek.modal.words
    board.done(tomek.submit())
    tomek.close()
    board.press("wanda", "Abstain")
    board.done(wanda.submit({"words": "I know the vendor."}))
    wanda.close()
    board.press("tomek", "Shop")
    assert tomek.modal is None
    assert "has voted in person" in tomek.messages[-1].words
    with board.app.app_context(), database.looking():
        told = db.session.scalars(select(AuditEntry.origin).where(AuditEntry.verb == "decision.voted")).all()
        assert list(told) == ["slack"] * 4
    chair, program_id = board.cast.viewer.actor, board.cast.program_id
    board.act(lambda: decisions.decide(chair, program_id, 1, "chair", None, "Neither is ready."))
    board.tick_at(date(2026, 6, 17), time(10, 5))
    for name in ("ewa", "jan", "wanda", "tomek"):
        words = "Decided: None of the options. Neither is ready."
        message = next(one for one in board.hands[name].messages if words in one.words)
        assert not [place for place in ewa.buttons(message) if place.action_id.startswith("decision.vote")]
    with board.app.app_context(), database.looking():
        kinds = set(db.session.scalars(select(ExternalLink.object_type)))
        assert not [kind for kind in kinds if kind.startswith("decision")]


def test_the_chair_decides_and_sees_a_vote_that_came_meanwhile_first(board: Board) -> None:
    wanda, ewa, jan = board.hands["wanda"], board.hands["ewa"], board.hands["jan"]
    assert "Decide …" not in board.asked("ewa").words
    board.press("wanda", "Decide …")
    assert wanda.submit({"choice": "0"}).ok
    assert set(wanda.errors) == {"reason"}
    for name, who in (("ewa", ewa), ("jan", jan)):
        board.press(name, "Shop")
        board.done(who.submit({"words": "It is ready."}))
        who.close()
    board.done(wanda.submit({"words": "Neither is ready."}))
    # The votes came after the window was opened: it is shown with them, and with what was typed.
    assert wanda.modal is not None
    assert "Shop: 2" in wanda.modal.words
    assert "As the votes stand: Shop" in wanda.modal.words
    assert wanda.buttons(wanda.modal)[1].element["initial_value"] == "Neither is ready."
    board.done(wanda.submit({"choice": "vote", "words": ""}))
    assert "✓" in wanda.modal.words
    wanda.close()
    assert "Decided: Shop." in board.asked("wanda").words
    board.tick()
    assert "Decided: Shop." in board.asked("jan").words
    with board.app.app_context(), database.looking():
        (outcome,) = db.session.scalars(select(DecisionOutcome))
        assert (outcome.way, outcome.decided_by_id) == ("vote", board.cast.viewer.id)


def test_a_member_who_left_and_a_request_taken_back_are_told_in_words(board: Board) -> None:
    ewa, jan = board.hands["ewa"], board.hands["jan"]
    board.press("ewa", "Chat")
    board.press("jan", "Chat")
    # Ewa leaves the program with the window open, and still has the message before her.
    here = select(PersonRow.id).where(PersonRow.email == ewa.email).scalar_subquery()
    board.act(lambda: db.session.execute(delete(Membership).where(Membership.person_id == here)))
    board.done(ewa.submit({"words": "In time?"}))
    assert ewa.modal is not None
    assert "In time?" in ewa.modal.words
    assert "does not wait for you any more" in ewa.last.words
    # Jan sends his when the request has just been taken back.
    board.act(lambda: take_back(board))
    behind = board.asked("jan").snapshot()
    board.done(jan.submit({"words": "Typed for nothing?"}))
    assert jan.modal is not None
    assert "Typed for nothing?" in jan.modal.words
    jan.close()
    assert "No money this year." in board.asked("jan").words
    board.done(jan.press(behind, label="Shop"))
    assert jan.modal is None
    assert "taken back" in jan.messages[-1].words
    assert board.votes() == {}
    board.tick()
    assert "No money this year." in board.asked("tomek").words


def test_two_who_vote_for_one_seat_at_the_same_moment_leave_one_vote(board: Board) -> None:
    for name, label in (("wanda", "Chat"), ("tomek", "Shop")):
        board.press(name, label)
    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(copy_context().run, board.hands[name].submit) for name in ("wanda", "tomek")]
        assert all(one.result().ok for one in sent)
    board.settle()
    ((seat, said),) = board.votes().items()
    # Hers holds, whichever came first: a deputy does not replace a member's own vote.
    assert seat.endswith(f":{board.cast.viewer.id}")
    assert not said.startswith("0:")


def take_back(board: Board) -> None:
    """The manager takes the request back."""
    request: Any = find_request(board.cast.manager.actor, board.cast.program_id, 1)
    withdraw(board.cast.manager.actor, request, "No money this year.", seen=request.revision)
