"""Blocks stay within Slack's limits, whatever people wrote; the stand-in's own checks are the judge."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slackblocks import Message

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin import home, pulse
from program.plugin_api.contract import CheckIn, Question, Task, Thanks, ThemeScore
from tests.fakes.slack import check_message, check_view

WORDS = st.text(st.sampled_from("aż &<>|*_`\n👩‍🚀é✓%"), max_size=1000) | st.just("x" * 4000) | st.just("👩‍🚀" * 900)
FEW = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
ANSWERS = {"scale5": tuple(range(1, 6)), "nps10": tuple(range(11)), "yes_no": (0, 1), "text": ()}


@st.composite
def questions(draw: st.DrawFn) -> Question:
    kind = draw(st.sampled_from(sorted(ANSWERS)))
    answers = ANSWERS[kind]
    value = draw(st.none() | st.sampled_from(answers)) if answers else None
    return Question(draw(st.integers(1, 10**9 - 1)), kind, draw(WORDS), answers, value, "" if answers else draw(WORDS))


@st.composite
def check_ins(draw: st.DrawFn) -> CheckIn:
    asked = draw(st.lists(questions(), max_size=5, unique_by=lambda one: one.id))
    return CheckIn(
        id=draw(st.integers(1, 10**9 - 1)),
        program_id=1,
        program=draw(WORDS),
        is_open=draw(st.booleans()),
        closes_at=datetime(2026, 3, 13, 17, tzinfo=UTC),
        promise=draw(WORDS),
        questions=tuple(asked),
        replies=tuple(draw(st.lists(st.tuples(WORDS, WORDS), max_size=5))),
    )


@given(WORDS, st.integers(1, 400))
def test_a_cut_text_fits_and_is_its_beginning(text: str, most: int):
    cut = b.cut(text, most)
    assert b.size(cut) <= most
    assert text.startswith(cut.removesuffix("…")) or cut == text
    assert cut == text or cut.endswith("…")


@FEW
@given(check_in=check_ins(), theme=WORDS)
def test_a_check_in_is_a_message_that_slack_takes(slack_session: Flask, check_in: CheckIn, theme: str):
    with slack_session.app_context():
        thanks = Thanks(60, 41, (ThemeScore(theme, 4.1, 0.3), ThemeScore(theme, 2.0, None)), "https://a.example/p")
        drawn = pulse.draw(check_in, thanks)
        assert pulse.read_aloud(check_in)
        problems, _characters = check_message(drawn)
        assert problems == []
        shown = [{"type": "divider", "block_id": "a"}, *drawn, {"type": "divider", "block_id": "z"}]
        again = pulse.replaced(shown, check_in.id, pulse.draw_closed(check_in.id, check_in.program))
        assert again is not None
        assert [block["block_id"] for block in (again[0], again[-1])] == ["a", "z"]
        assert len(again) == 3
        for question in check_in.questions:
            if not question.answers:
                assert check_view(pulse.comment_modal(check_in, question, "{}"), "modal") == []


@FEW
@given(found=st.lists(check_ins(), max_size=2, unique_by=lambda one: one.id), title=WORDS, reason=WORDS)
def test_a_home_is_a_view_that_slack_takes(slack_session: Flask, found: list[CheckIn], title: str, reason: str):
    with slack_session.app_context():
        tasks = tuple(
            Task(
                1,
                "ALFA",
                number,
                title,
                "blocked" if number % 2 else "doing",
                reason,
                None,
                False,
                1,
                True,
                "https://a.example/i",
            )
            for number in range(10)
        )
        drawn: list[Any] = [block for one in found for block in pulse.draw(one)] + home.draw_tasks(tasks)
        assert check_view({"type": "home", "blocks": drawn}, "home") == []


def test_a_second_opinion_takes_the_message_too(slack_session: Flask):
    with slack_session.app_context():
        asked = (Question(1, "scale5", "How?", ANSWERS["scale5"], 3), Question(2, "text", "What?"))
        drawn = pulse.draw(CheckIn(7, 1, "Alfa", True, datetime(2026, 3, 13, tzinfo=UTC), "Promise.", asked))
    assert Message(channel="D1", text="x", blocks=[]).text == "x"
    assert len({block["block_id"] for block in drawn}) == len(drawn)


def test_an_ampersand_is_not_cut_in_half():
    text = b.marked(b.escaped("&" * 2000), b.SECTION)["text"]
    assert text.endswith("&amp;…")
