"""Text as it is taken in and folded: nothing visible is lost, nothing dangerous stays, and it fits its column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program.ground.folding import fold, like
from program.ground.text import clean_line, clean_text


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Łódź", "lodz"),
        ("ZAŻÓŁĆ gęślą", "zazolc gesla"),
        ("Straße", "strasse"),
        ("  two   words ", "two words"),
        ("Ærø", "aero"),
        ("", ""),
    ],
)
def test_the_same_word_folds_alike(text, folded):
    assert fold(text) == folded
    assert fold(text.upper()) == fold(text.lower())


@given(st.text(max_size=60))
def test_what_is_folded_fits_its_column(text):
    assert len(fold(text)) <= 2 * len(text)
    # The letter that unfolds longest.
    assert len(fold("ﷺ" * len(text))) <= 2 * len(text)


def test_signs_of_like_are_only_signs():
    assert like("100% _sure_ \\") == "%100\\% \\_sure\\_ \\\\%"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  a \t b \r\n c ", "a b c"),
        ("a\x00b\x07\x7f\x85", "ab"),
        ("a\u202eb\u2066c\ufeff", "abc"),
        ("\u200b\u200d", ""),
        ("שלום", "שלום"),
        ("👩🏽‍💻", "👩🏽‍💻"),
    ],
)
def test_a_line_keeps_all_that_can_be_seen(text, line):
    assert clean_line(text) == line


def test_a_text_keeps_its_lines():
    assert clean_text(" one\r\ntwo\rthree\n\n\tfour\x00 ") == "one\ntwo\nthree\n\n\tfour"


@given(st.text())
def test_cleaning_is_done_at_once(text):
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_line(clean_line(text)) == clean_line(text)
    assert "\x00" not in clean_text(text)
    # What is left can be written by every database.
    clean_text(text).encode("utf-8")
