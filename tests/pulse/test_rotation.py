"""Rotation: few questions a round, every theme again and again, at most one question in words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from program.pulse.bank import Kind, questions
from program.pulse.rotation import Candidate, choose

THEMES = st.sampled_from(["why", "tools", "load", "open"])


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    themes = draw(st.lists(THEMES, max_size=12))
    return [Candidate(number, theme, theme == "open") for number, theme in enumerate(themes, start=1)]


@given(candidates(), st.integers(1, 5), st.dictionaries(st.integers(1, 12), st.integers(1, 9)))
def test_a_choice_is_small_has_no_doubles_and_one_question_in_words(
    found: list[Candidate], how_many: int, history: dict[int, int]
):
    chosen = choose(found, history, how_many)
    texts = {candidate.id for candidate in found if candidate.is_text}
    assert len(chosen) == len(set(chosen)) <= how_many
    assert len(texts & set(chosen)) <= 1
    available = len(found) - max(0, len(texts) - 1)
    assert len(chosen) == min(how_many, available)
    assert not texts or chosen[-1] in texts or not texts & set(chosen)


@given(candidates(), st.integers(1, 5))
def test_every_theme_comes_round(found: list[Candidate], how_many: int):
    history: dict[int, int] = {}
    seen: list[set[str]] = []
    theme_of = {candidate.id: candidate.theme for candidate in found}
    for number in range(1, 13):
        chosen = choose(found, history, how_many)
        history |= dict.fromkeys(chosen, number)
        seen.append({theme_of[question] for question in chosen})
    themes = set(theme_of.values())
    turns = -(-len(themes) // how_many)
    for start in range(12 - turns + 1):
        assert set().union(*seen[start : start + turns]) == themes


@given(candidates(), st.integers(1, 5))
def test_the_same_history_gives_the_same_choice(found: list[Candidate], how_many: int):
    assert choose(found, {1: 3}, how_many) == choose(list(found), {1: 3}, how_many)


def test_the_bank_asks_about_every_theme_within_two_rounds_of_four():
    found = [Candidate(i, q.theme, q.kind is Kind.TEXT) for i, q in enumerate(questions().values())]
    first = choose(found, {}, 4)
    second = choose(found, dict.fromkeys(first, 1), 4)
    theme_of = {candidate.id: candidate.theme for candidate in found}
    assert {theme_of[question] for question in first + second} == {candidate.theme for candidate in found}
