"""Scores and their changes, against a slow and obvious reckoning."""

from __future__ import annotations

from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program.pulse.movement import moved, recommendation, score, together

ANSWERS = st.lists(st.integers(1, 5), min_size=1, max_size=60)


def counted(answers: list[int]) -> dict[int, int]:
    return {answer: answers.count(answer) for answer in set(answers)}


@given(ANSWERS)
def test_figures_agree_with_the_plain_reckoning(answers: list[int]):
    found = score(counted(answers))
    assert found is not None
    assert found.answered == len(answers)
    assert found.mean == pytest.approx(fmean(answers))
    assert found.spread == pytest.approx(stdev(answers) if len(answers) > 1 else 0)


def test_nobody_answered_is_no_score():
    assert score({}) is None
    assert score({1: 0, 2: 0}) is None
    assert recommendation({}) is None
    assert moved(None, score({3: 5})) is None


@given(ANSWERS, ANSWERS)
def test_counts_of_several_questions_add_up(one: list[int], other: list[int]):
    assert together([counted(one), counted(other)]) == counted(one + other)


@given(ANSWERS, ANSWERS)
def test_a_change_back_is_the_same_change_backwards(before: list[int], now: list[int]):
    there, back = moved(score(counted(before)), score(counted(now))), moved(score(counted(now)), score(counted(before)))
    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert there == pytest.approx(-back)


def test_noise_is_not_a_change_and_a_landslide_is():
    few = score({2: 2, 3: 2, 4: 2})
    assert moved(few, score({3: 3, 4: 3})) is None
    assert moved(score({4: 20, 5: 20}), score({2: 20, 3: 20})) == pytest.approx(-2.0)


def test_promoters_minus_detractors():
    assert recommendation({10: 5, 8: 3, 4: 2}) == pytest.approx(30.0)
    assert recommendation({0: 4}) == -100
    assert recommendation({9: 4}) == 100
