"""A pulse check in Slack from the first tap to the closed message, as the people asked live it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from plugins.slack_checkin import closing, faces_of_pulse, pulse, receiving
from plugins.slack_checkin.client import web_client
from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.ground.now import held_at
from program.people.models import Person as PersonRow
from program.plugin_api import core
from program.plugin_api.contract import CheckIn, Connection, Misconfigured, OutgoingMessage, Part, Recipient
from program.plugin_api.models import ExternalLink
from program.pulse.models import OpenAnswer
from tests.fakes.slack import ERROR, Message, Person, Slack
from tests.pulse.conftest import Team

MONDAY, TUESDAY, CLOSED = "2026-03-09T09:10+01:00", "2026-03-10T10:00+01:00", "2026-03-13T18:10+01:00"


@contextmanager
def at(app: Flask, moment: str) -> Iterator[None]:
    with app.app_context(), held_at(datetime.fromisoformat(moment)):
        yield


class Desk:
    """What a test does: post a person's check-in, let them tap at a moment, let the clock come by."""

    def __init__(self, app: Flask, slack: Slack, team: Team) -> None:
        self.app, self.slack, self.team = app, slack, team
        with at(app, MONDAY):
            self.people = core.find_people(team.people)
            self.check_in = core.open_check_ins(self.people[team.people[0]])[0]

    def person(self, number: int = 0, **more: Any) -> tuple[Person, Any]:
        known = self.people[self.team.people[number]]
        return self.slack.user(known.name, known.email, **more), known

    def post(self, someone: Person, known: Any, moment: str = MONDAY, extra: tuple[Part, ...] = ()) -> Message:
        """As a delivery does, with what else that morning brings."""
        with at(self.app, moment):
            data = {"round": self.check_in.id, "program": self.check_in.program}
            part = Part("pulse.asked", data, "", "", "", "")
            reader = Recipient(known.id, known.name, known.email, known.locale, known.timezone)
            message = OutgoingMessage(
                id=1, key="k", recipient=reader, channel="", program_id=1, subject="", parts=(part, *extra),
                locale=known.locale, attempt=1, created_at=datetime.now(UTC), preferences_url="",
            )  # fmt: skip
            with core.speaking_to(known):
                blocks = list(faces_of_pulse.draw(message, part) or ())
            other = [{"type": "section", "block_id": "other", "text": {"type": "plain_text", "text": "Else"}}]
            answer = web_client(receiving.own_setup()).chat_postMessage(
                channel=someone.id, text="How was your week?", blocks=blocks + (other if extra else [])
            )
            closing.posted(part, message, answer["channel"], answer["ts"])
        return someone.last

    def finish(self) -> None:
        with self.app.app_context():
            assert receiving.receiver().workers.finish()

    def tap(self, someone: Person, shown: Any, question: Any, value: int, moment: str = TUESDAY) -> None:
        with at(self.app, moment):
            assert someone.press(shown, f"{pulse.ANSWER}:{question.id}:{value}").ok
        self.finish()

    def now(self, known: Any, moment: str = TUESDAY) -> CheckIn:
        with at(self.app, moment):
            return core.check_in(known, self.check_in.id)

    def look_after(self, moment: str) -> int:
        with at(self.app, moment):
            database.begin_writing()
            return closing.look_after()

    @property
    def rows(self) -> list[Any]:
        """Questions with buttons."""
        return [one for one in self.check_in.questions if one.answers]

    def close(self) -> None:
        self.team.tick(CLOSED)


@pytest.fixture
def desk(slack_app: Flask, slack: Slack, team: Team) -> Desk:
    team.tick("2026-03-09T09:00+01:00")
    return Desk(slack_app, slack, team)


def chosen(someone: Person, shown: Any) -> set[str]:
    return {place.action_id for place in someone.buttons(shown) if place.element.get("style") == "primary"}


def test_a_tap_is_kept_and_shown_and_can_be_changed(desk: Desk):
    someone, known = desk.person()
    shown = desk.post(someone, known)
    assert "at least 5 people" in shown.words
    first = desk.rows[0]
    desk.tap(someone, shown, first, first.answers[1])
    assert next(one for one in desk.now(known).questions if one.id == first.id).value == first.answers[1]
    assert chosen(someone, shown) == {f"{pulse.ANSWER}:{first.id}:{first.answers[1]}"}
    desk.tap(someone, shown, first, first.answers[0])
    assert chosen(someone, shown) == {f"{pulse.ANSWER}:{first.id}:{first.answers[0]}"}
    assert len(someone.messages) == 1
    assert desk.slack.calls("chat.update") == []
    assert desk.slack.troubles == []


def test_the_last_tap_is_thanked_for(desk: Desk):
    someone, known = desk.person()
    shown = desk.post(someone, known)
    for question in desk.rows:
        assert "All answered" not in shown.words
        desk.tap(someone, shown, question, question.answers[-1])
    assert "All answered, thank you." in shown.words
    assert desk.now(known).is_complete


def test_taps_that_are_worked_on_at_once_are_all_shown(desk: Desk):
    someone, known = desk.person()
    shown = desk.post(someone, known)
    for _round in range(3):
        for question in desk.rows:
            with at(desk.app, TUESDAY):
                picture = shown.snapshot()
                choice = question.answers[_round % 2]
                assert someone.press(picture, f"{pulse.ANSWER}:{question.id}:{choice}").ok
    desk.finish()
    # The last tap of each row holds, whichever hand had it.
    wanted = {f"{pulse.ANSWER}:{one.id}:{one.answers[0]}" for one in desk.rows}
    assert {f"{pulse.ANSWER}:{one.id}:{one.value}" for one in desk.now(known).questions if one.answers} == wanted
    assert chosen(someone, shown) == wanted


def test_the_home_takes_taps_too(desk: Desk):
    someone, known = desk.person()
    first = desk.rows[0]
    with at(desk.app, TUESDAY):
        someone.open_home()
        desk.finish()
        assert someone.home is not None
        assert "at least 5 people" in someone.home.words
        someone.press(someone.home, f"{pulse.ANSWER}:{first.id}:{first.answers[0]}")
        desk.finish()
    assert chosen(someone, someone.home) == {f"{pulse.ANSWER}:{first.id}:{first.answers[0]}"}
    assert next(one for one in desk.now(known).questions if one.id == first.id).value == first.answers[0]
    assert someone.messages == []
    picture = someone.home
    desk.close()
    with at(desk.app, CLOSED):
        someone.press(picture, f"{pulse.ANSWER}:{first.id}:{first.answers[1]}")
        desk.finish()
    assert "No pulse check is open" in someone.home.words
    assert desk.slack.troubles == []


def test_a_replayed_tap_does_not_bring_an_old_answer_back(desk: Desk):
    someone, known = desk.person()
    shown, first = desk.post(someone, known), desk.rows[0]
    desk.tap(someone, shown, first, first.answers[0])
    overheard = desk.slack.door.last  # type: ignore[union-attr]
    desk.tap(someone, shown, first, first.answers[1])
    with at(desk.app, TUESDAY):
        assert desk.slack.door.send(*overheard).ok  # type: ignore[union-attr]
    desk.finish()
    assert next(one for one in desk.now(known).questions if one.id == first.id).value == first.answers[1]


def test_a_comment_is_written_changed_and_never_stands_in_slack(desk: Desk, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    with at(desk.app, MONDAY), database.transaction():
        one = desk.team.rounds()[0]
        question = db.session.execute(db.text("SELECT id FROM survey_question WHERE kind = 'text' LIMIT 1")).scalar()
        one.questions = {"": [*one.questions[""][:1], question]}
    someone, known = desk.person()
    shown = desk.post(someone, known)
    for words in ("Too many tools", "Too many tools & <screens>"):
        with at(desk.app, TUESDAY):
            assert someone.press(shown, f"{pulse.COMMENT}:{question}").ok
            desk.finish()
            assert someone.modal is not None
            assert someone.submit({"words": words}).ok
            desk.finish()
        assert [one.words for one in desk.now(known).questions if one.kind == "text"] == [words]
        assert "Your comment is kept" in shown.words
    assert desk.slack.calls("conversations.history") == []
    # Slack may be too busy to show it; it is kept all the same.
    desk.slack.faults.add("chat.update", ERROR, detail="ratelimited")
    with at(desk.app, TUESDAY):
        someone.press(shown, f"{pulse.COMMENT}:{question}")
        desk.finish()
        someone.submit({"words": "Too many tools, still"})
        desk.finish()
    assert someone.last.words == "✓ Your comment is kept."
    # Opened again, it is there to be changed; nowhere else.
    with at(desk.app, TUESDAY):
        someone.press(shown, f"{pulse.COMMENT}:{question}")
        desk.finish()
    assert "Too many tools" in json.dumps(someone.modal.blocks)  # type: ignore[union-attr]
    assert "Too many" not in json.dumps([message.blocks for message in someone.messages])
    assert "Too many" not in caplog.text
    with at(desk.app, TUESDAY):
        someone.submit({"words": ""})
        desk.finish()
    assert [one.words for one in desk.now(known).questions if one.kind == "text"] == [""]


def test_a_person_is_asked_in_their_own_language(desk: Desk):
    with at(desk.app, MONDAY), database.transaction():
        db.session.get_one(PersonRow, desk.team.people[0]).locale = "pl"
    with at(desk.app, MONDAY):
        desk.people = core.find_people(desk.team.people)
    someone, known = desk.person()
    shown = desk.post(someone, known)
    assert "Odpowiedzi" in shown.words or "odpowiedzi" in shown.words
    first = desk.rows[0]
    desk.tap(someone, shown, first, first.answers[0])
    assert first.text not in shown.words


def test_when_the_round_closes_messages_say_so_and_nothing_says_who_was_asked(desk: Desk):
    people = [desk.person(number) for number in range(3)]
    shown = [desk.post(someone, known, extra=() if number else (Part("x", {}, "", "", "", ""),))
             for number, (someone, known) in enumerate(people)]  # fmt: skip
    first = desk.rows[0]
    desk.tap(people[0][0], shown[0], first, first.answers[0])
    old = people[0][0].last.snapshot()
    assert desk.look_after(TUESDAY) == 0
    desk.close()
    assert desk.look_after(CLOSED) >= 3
    desk.look_after(CLOSED)
    for (someone, _known), message in zip(people, shown, strict=True):
        assert "is closed" in message.words
        assert not someone.buttons(message)
    # What else that morning brought stays.
    assert "Else" in shown[0].words
    with desk.app.app_context(), database.looking():
        kinds = db.session.scalars(db.select(ExternalLink.object_type)).all()
        assert {kind for kind in kinds if kind.startswith("pulse")} == set()
        assert db.session.scalars(db.select(OpenAnswer)).all() == []
        assert db.session.scalars(db.select(AuditEntry).where(AuditEntry.person_id.in_(desk.team.people))).all() == []
    # A tap on a picture of before: kind words, and nothing is written.
    desk.tap(people[0][0], old, first, first.answers[1], CLOSED)
    with desk.app.app_context(), database.looking():
        assert db.session.scalars(db.select(OpenAnswer)).all() == []
    assert desk.slack.troubles == []


def test_a_late_tap_closes_its_message_at_once_and_spares_slack_an_edit(desk: Desk):
    people = [desk.person(number) for number in range(3)]
    shown = [desk.post(someone, known) for someone, known in people]
    # The second was reminded, so an earlier message of theirs is still to give way.
    shown[1] = desk.post(*people[1], TUESDAY)
    first = desk.rows[0]
    desk.close()
    for number in (0, 1):
        desk.tap(people[number][0], shown[number], first, first.answers[0], CLOSED)
        assert "is closed" in shown[number].words
        assert not people[number][0].buttons(shown[number])
    with desk.app.app_context(), database.looking():
        assert db.session.scalars(db.select(OpenAnswer)).all() == []
    # What is left: the second's earlier message and the one that was drawn already, and the third's.
    desk.slack.forget_calls()
    assert desk.look_after(CLOSED) == 3
    assert len(desk.slack.calls("chat.update")) == 3
    assert "is closed" in shown[2].words
    assert desk.look_after(CLOSED) == 0


def test_a_closed_round_is_told_as_fast_as_slack_takes_it(desk: Desk):
    people = [desk.person(number) for number in range(2)]
    shown = [desk.post(someone, known) for someone, known in people]
    desk.close()
    desk.slack.faults.add("chat.update", ERROR, detail="ratelimited")
    assert desk.look_after(CLOSED) == 0
    assert desk.look_after(CLOSED) == 0
    desk.slack.faults.clear()
    desk.slack.faults.add("chat.update", ERROR, detail="token_revoked")
    with pytest.raises(Misconfigured):
        desk.look_after("2026-03-13T18:20+01:00")
    desk.slack.faults.clear()
    desk.slack.faults.add("chat.update", ERROR, detail="message_not_found")
    assert desk.look_after("2026-03-13T18:20+01:00") == 2
    assert sum("is closed" in message.words for message in shown) == 1
    with desk.app.app_context():
        assert core.list_links(Connection("slack_checkin"), f"pulse:{desk.check_in.id}")[1] == 0


def test_a_reminder_takes_the_place_of_the_message_before(desk: Desk):
    someone, known = desk.person()
    before = desk.post(someone, known)
    after = desk.post(someone, known, TUESDAY)
    assert desk.look_after(TUESDAY) == 1
    assert "further down" in before.words
    assert not someone.buttons(before)
    assert someone.buttons(after)
    assert desk.look_after(TUESDAY) == 0
    desk.close()
    desk.look_after(CLOSED)
    assert "is closed" in after.words


def test_a_tap_on_somebody_else_s_words_is_kind(desk: Desk):
    someone, known = desk.person()
    shown = desk.post(someone, known)
    stranger = desk.slack.user("Obcy", "nobody@elsewhere.example", locale="pl-PL")
    first = desk.rows[0]
    with at(desk.app, TUESDAY):
        stranger.press(shown, f"{pulse.ANSWER}:{first.id}:{first.answers[0]}")
    desk.finish()
    assert desk.now(known).questions[0].value is None
    assert "Milepost" in stranger.read(desk.slack.world.channels[shown.channel])[-1].words


def test_an_outdated_button_answers_kindly(desk: Desk):
    someone, known = desk.person()
    shown = desk.post(someone, known)
    picture = shown.snapshot()
    picture.blocks.append(
        {
            "type": "actions",
            "block_id": "old",
            "elements": [
                {"type": "button", "action_id": "kpi.something", "text": {"type": "plain_text", "text": "Old"}},
                {
                    "type": "button",
                    "action_id": "open:1",
                    "url": "https://milepost.example/",
                    "text": {"type": "plain_text", "text": "Open"},
                },
            ],
        }
    )
    with at(desk.app, TUESDAY):
        assert someone.press(picture, "open:1").ok
        desk.finish()
        assert len(someone.messages) == 1
        assert someone.press(picture, "kpi.something").ok
        desk.finish()
    assert "older message" in someone.last.words
    assert someone.last.seen_by == someone.id
