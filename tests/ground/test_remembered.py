"""Kept markup must never be shown to the wrong reader, and never be less safe than markup made anew."""

from __future__ import annotations

import pytest
from flask import Flask, g
from markupsafe import Markup, escape

from program.ground.remembered import remembered


@pytest.fixture
def calls(session_app: Flask) -> list[str]:
    """The texts for which the macro really ran."""
    return []


def macro_into(calls: list[str], most: int = 100):  # type: ignore[no-untyped-def]
    def macro(text: str, chip: bool = False) -> Markup:
        calls.append(text)
        return Markup("<b>{}</b>{}").format(escape(text), g.locale)

    return remembered(macro, most)


def test_same_question_is_answered_once(session_app: Flask, calls: list[str]) -> None:
    macro = macro_into(calls)
    with session_app.test_request_context():
        g.locale = "en"
        assert [macro("a"), macro("a"), macro("a", chip=True), macro("b")] == ["<b>a</b>en"] * 3 + ["<b>b</b>en"]
    assert calls == ["a", "a", "b"]


def test_each_language_has_its_own(session_app: Flask, calls: list[str]) -> None:
    macro = macro_into(calls)
    for locale in ("en", "pl", "en"):
        with session_app.test_request_context():
            g.locale = locale
            assert macro("a") == f"<b>a</b>{locale}"
    assert len(calls) == 2


def test_text_equal_to_markup_is_still_escaped(session_app: Flask, calls: list[str]) -> None:
    macro = macro_into(calls)
    with session_app.test_request_context():
        g.locale = "en"
        assert macro(Markup("<i>x</i>")) == "<b><i>x</i></b>en"
        assert macro("<i>x</i>") == "<b>&lt;i&gt;x&lt;/i&gt;</b>en"


def test_memory_is_bounded(session_app: Flask, calls: list[str]) -> None:
    macro = macro_into(calls, most=10)
    with session_app.test_request_context():
        g.locale = "en"
        for number in range(25):
            macro(str(number))
        macro("24")
        macro("0")
    # The newest was still kept; the oldest had made room.
    assert calls.count("24") == 1
    assert calls.count("0") == 2
