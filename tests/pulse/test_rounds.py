"""The life of a round, driven as the clock would: opening, joining, reminding, closing; what stays of it, what not."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from program.extensions import db
from program.ground.errors import Conflict, NotFound
from program.outbox.models import Message
from program.pulse import links
from program.pulse.answering import answer, sheet_of
from program.pulse.models import Asked, OpenAnswer, Round, RoundComment, RoundResult, RoundTurnout, SurveyQuestion
from program.pulse.rounds import unanswered
from tests.pulse.conftest import Team

WARSAW = "2026-03-09T09:00+01:00"
CLOSING = "2026-03-13T18:00+01:00"


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def told(kind: str) -> list[Message]:
    return list(db.session.scalars(select(Message).where(Message.kind == kind).order_by(Message.person_id)))


def test_a_round_opens_once_and_asks_each_at_nine_of_their_own_day(team: Team):
    # Nine o'clock of Monday comes first on Kiritimati, at 19:00 of Sunday in UTC.
    assert [team.tick(f"2026-03-08T{hour}:00+00:00") for hour in (12, 18, 19, 20)] == [0, 0, 1, 0]
    assert team.tick(WARSAW) == 0
    with team.at(WARSAW):
        (one,) = team.rounds()
        assert one.number == 1
        assert count(Asked) == len(team.people) == 14
        asked = told("pulse.asked")
        assert len(asked) == 14
        hours = {message.visible_from.isoformat() for message in asked}
        assert hours == {"2026-03-09T00:00:00+00:00", "2026-03-09T08:00:00+00:00", "2026-03-09T13:00:00+00:00"}
        assert {message.expires_at for message in asked} == {one.closes_at}
        assert len({message.path for message in asked}) == 14


def test_the_survey_may_sleep_over_its_slot_and_still_asks_once(team: Team):
    team.tick("2026-03-10T16:00+00:00")
    team.tick("2026-03-10T16:01+00:00")
    with team.at("2026-03-10T16:02+00:00"):
        (one,) = team.rounds()
        assert one.meant_for.isoformat() == "2026-03-09"
        # Their hour has passed everywhere: they are asked at once.
        assert len({message.visible_from for message in told("pulse.asked")}) == 1


def test_a_clock_away_until_the_round_would_be_over_leaves_it_out(team: Team):
    team.tick("2026-03-13T12:00+00:00")
    team.tick("2026-03-16T09:00+01:00")
    with team.at("2026-03-16T09:01+01:00"):
        assert [one.meant_for.isoformat() for one in team.rounds()] == ["2026-03-16"]


def test_a_week_with_a_holiday_ends_before_the_next_round(team: Team):
    # Easter Monday, 6 April: that round opens on Tuesday and has four days less one.
    for monday in ("2026-03-30", "2026-04-06", "2026-04-13"):
        team.tick(f"{monday}T09:00+02:00")
        team.tick(f"{monday[:8]}{int(monday[8:]) + 1:02}T09:00+02:00")
    team.tick("2026-05-04T09:00+02:00")
    with team.at("2026-05-04T10:00+02:00"):
        found = [(one.meant_for.isoformat(), one.closes_at.isoformat()) for one in team.rounds()]
    assert found == [
        ("2026-03-30", "2026-04-03T16:00:00+00:00"),
        ("2026-04-06", "2026-04-10T16:00:00+00:00"),
        ("2026-04-13", "2026-04-17T16:00:00+00:00"),
        # 1 May is a Friday without work, and no reason to reach into the next week.
        ("2026-05-04", "2026-05-08T16:00:00+00:00"),
    ]


def test_week_after_week_questions_change(team: Team):
    asked = []
    for monday in ("2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30"):
        team.tick(f"{monday}T09:00+01:00")
        with team.at(f"{monday}T10:00+01:00"):
            asked.append(set(team.rounds()[-1].questions[""]))
    assert [len(one) for one in asked] == [4, 4, 4, 4]
    assert not asked[0] & asked[1]


def test_only_those_who_have_not_answered_are_reminded_twice_at_most(team: Team):
    team.tick(WARSAW)
    answered = team.people[:6]
    with team.at("2026-03-09T15:00+00:00"):
        (one,) = team.rounds()
        for person in answered:
            team.answer_all(one.id, person, 4)
        assert unanswered(one) == set(team.people[6:])
    for moment in (
        "2026-03-09T21:00+00:00",
        "2026-03-10T08:00+00:00",
        "2026-03-10T13:00+00:00",
        "2026-03-10T22:00+00:00",
    ):
        team.tick(moment)
    with team.at("2026-03-10T23:00+00:00"):
        assert [message.person_id for message in told("pulse.reminded")] == team.people[6:]
    for moment in ("2026-03-12T13:00+00:00", "2026-03-12T22:00+00:00", "2026-03-13T10:00+00:00"):
        team.tick(moment)
    with team.at("2026-03-13T11:00+00:00"):
        assert len(told("pulse.reminded")) == 2 * len(team.people[6:])


def test_who_joins_in_mid_round_is_asked_and_counted_once(team: Team, parts: dict[str, list[int]]):
    team.tick(WARSAW)
    with team.at("2026-03-10T10:00+01:00"):
        newcomer = team.manager.person_id
        assert newcomer is not None
        parts["chat"].append(newcomer)
    team.tick("2026-03-10T10:01+01:00")
    team.tick("2026-03-10T10:02+01:00")
    with team.at("2026-03-10T11:00+01:00"):
        assert count(Asked) == 15
        assert len(told("pulse.asked")) == 15


def test_an_answer_can_be_changed_and_taken_back_while_it_is_open(team: Team):
    team.tick(WARSAW)
    with team.at("2026-03-09T12:00+01:00"):
        token = links.token(team.rounds()[0].id, team.people[0])
        question = sheet_of(token).questions[0]
        answer(token, question.id, question.answers[0])
        answer(token, question.id, question.answers[-1])
        assert sheet_of(token).questions[0].value == question.answers[-1]
        assert count(OpenAnswer) == 1
        answer(token, question.id, None)
        assert count(OpenAnswer) == 0


def test_a_closed_round_takes_no_more_answers(team: Team):
    team.tick(WARSAW)
    with team.at("2026-03-09T12:00+01:00"):
        one = team.rounds()[0]
        token = links.token(one.id, team.people[0])
        question = sheet_of(token).questions[0]
    # Its time is over, though no clock came by yet.
    with team.at("2026-03-13T18:00:01+01:00"), pytest.raises(Conflict):
        answer(token, question.id, question.answers[0])
    team.tick("2026-03-13T18:01+01:00")
    with team.at("2026-03-13T18:02+01:00"):
        assert not sheet_of(token).is_open
        assert sheet_of(token).questions == ()
        with pytest.raises(Conflict):
            answer(token, question.id, question.answers[0])


def test_nobody_else_can_answer(team: Team, cast):
    team.tick(WARSAW)
    with team.at("2026-03-09T12:00+01:00"):
        one = team.rounds()[0]
        question = sheet_of(links.token(one.id, team.people[0])).questions[0]
        for token in (links.token(one.id, cast.stranger.id), links.token(one.id, cast.viewer.id)):
            assert not sheet_of(token).is_open
            with pytest.raises(NotFound):
                answer(token, question.id, question.answers[0])
        for forged in ("", "x", links.token(one.id, team.people[0])[:-1], links.token(999, team.people[0])):
            with pytest.raises(NotFound):
                sheet_of(forged)


def test_closing_counts_and_forgets(team: Team):
    team.tick(WARSAW)
    with team.at("2026-03-09T12:00+01:00"):
        one = team.rounds()[0]
        for number, person in enumerate(team.people):
            team.answer_all(one.id, person, 5 if team.part[person] == "chat" else 2, f"Comment {number}")
    assert team.tick(CLOSING) >= 1
    with team.at("2026-03-13T18:05+01:00"):
        (one,) = team.rounds()
        assert (one.secret, one.asked, one.answered) == (None, 14, 14)
        assert one.closed_on is not None
        assert (count(Asked), count(OpenAnswer)) == (0, 0)
        # That somebody was reminded would say that they had not answered.
        assert not [message for message in db.session.scalars(select(Message)) if message.kind.startswith("pulse.")]
        results = list(db.session.scalars(select(RoundResult)))
        assert {result.part for result in results} == {"", "chat"}
        whole = next(result for result in results if result.part == "")
        assert sum(whole.counts.values()) == whole.answered == 14
        # The three of the shop could be computed from the whole, chat and phone: so phone is held back with them.
        assert {row.part: (row.asked, row.answered) for row in db.session.scalars(select(RoundTurnout))} == {
            "chat": (6, 6)
        }


def test_too_few_answers_leave_only_the_turnout(team: Team):
    team.tick(WARSAW)
    with team.at("2026-03-09T12:00+01:00"):
        one = team.rounds()[0]
        for person in team.people[:4]:
            team.answer_all(one.id, person, 5, "Four of us wrote this")
    team.tick(CLOSING)
    with team.at("2026-03-13T18:05+01:00"):
        assert team.rounds()[0].answered == 4
        assert count(RoundResult) == 0
        assert count(RoundComment) == 0


def test_comments_come_from_ten_people_on(team: Team):
    for monday, writers in (("2026-03-09", 9), ("2026-03-16", 10)):
        team.tick(f"{monday}T09:00+01:00")
        with team.at(f"{monday}T12:00+01:00"):
            survey = team.survey()
            texts = select(Round).where(Round.survey_id == survey.id).order_by(Round.number.desc()).limit(1)
            one = db.session.scalars(texts).one()
            # Whatever rotation chose: one question in words, and one to count.
            words = db.session.scalars(select(SurveyQuestion.id).where(SurveyQuestion.kind == "text")).first()
            one.questions = {"": [*one.questions[""][:1], words]}
            db.session.flush()
            for number, person in enumerate(team.people[:writers]):
                team.answer_all(one.id, person, 3, f"{monday} {number}")
        team.tick(f"{monday[:8]}{int(monday[8:]) + 4}T18:00+01:00")
    with team.at("2026-03-21T12:00+01:00"):
        comments = list(db.session.scalars(select(RoundComment).order_by(RoundComment.id)))
        assert {comment.text for comment in comments} == {f"2026-03-16 {number}" for number in range(10)}


def test_a_new_instance_key_loses_answers_but_never_counts_one_twice(team: Team):
    team.tick(WARSAW)
    with team.at("2026-03-09T12:00+01:00"):
        one = team.rounds()[0]
        for person in team.people:
            team.answer_all(one.id, person, 5)
    old = team.app.config["SECRET_KEY"]
    team.app.config["SECRET_KEY"] = "another key"
    try:
        with team.at("2026-03-10T12:00+01:00"):
            for person in team.people[:6]:
                team.answer_all(team.rounds()[0].id, person, 1)
        team.tick(CLOSING)
    finally:
        team.app.config["SECRET_KEY"] = old
    with team.at("2026-03-13T18:05+01:00"):
        assert team.rounds()[0].answered == 6
