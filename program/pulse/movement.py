"""Whether a score moved more than chance would move it: means, spread, and the change between two rounds.

Scores are told with their spread, and a change is marked only when it is more than noise: when the difference of two
means is larger than 1.96 times its standard error (Welch's, from the two rounds' own spread), which chance alone
exceeds about once in twenty. Counts are of answers: {answer: how often}.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

from program.ground.records import record

# The two-sided 5 % point of the normal distribution.
Z = 1.96


@record
class Score:
    """Answers in figures: how many, their mean, and their standard deviation (0 for a single answer)."""

    answered: int
    mean: float
    spread: float


def score(counts: Mapping[int, int]) -> Score | None:
    """The figures of counted answers; None when there is none."""
    total = sum(counts.values())
    if not total:
        return None
    mean = sum(answer * count for answer, count in counts.items()) / total
    squares = sum(count * (answer - mean) ** 2 for answer, count in counts.items())
    return Score(total, mean, sqrt(squares / (total - 1)) if total > 1 else 0.0)


def together(parts: Sequence[Mapping[int, int]]) -> dict[int, int]:
    """The counts of several questions of one scale as one, for a theme."""
    found: dict[int, int] = {}
    for counts in parts:
        for answer, count in counts.items():
            found[answer] = found.get(answer, 0) + count
    return found


def recommendation(counts: Mapping[int, int]) -> float | None:
    """Promoters (9 and 10) minus detractors (0 to 6), in percent of all: -100 to 100. None without answers."""
    total = sum(counts.values())
    if not total:
        return None
    promoters = sum(count for answer, count in counts.items() if answer >= 9)
    detractors = sum(count for answer, count in counts.items() if answer <= 6)
    return 100 * (promoters - detractors) / total


def moved(before: Score | None, now: Score | None) -> float | None:
    """By how much the mean changed, if that is more than noise; None when it is not, or when nobody can tell."""
    if before is None or now is None:
        return None
    change = now.mean - before.mean
    error = sqrt(before.spread**2 / before.answered + now.spread**2 / now.answered)
    if before.answered < 2 or now.answered < 2 or abs(change) <= Z * error or change == 0:
        return None
    return change
