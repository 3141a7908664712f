"""What the pulse's own figures say about the pulse: whether people are tired of it, and what to do.

Below a response rate of one half a survey speaks for a minority; from its twelfth week on, every second week is enough
(both are the product's own working values, after what pulse programs report).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from program.pulse.results import RoundLine

LOW_RATE = 50
TIRED_AFTER = 12


class Advice(StrEnum):
    """What a manager should think about."""

    LOW = "low"
    LESS_OFTEN = "less_often"


def advice_for(rounds: Sequence[RoundLine], every: int) -> list[Advice]:
    """What to think about, the most urgent first. `rounds` in order; `every` is the weeks between two of them."""
    found = []
    if rounds and rounds[-1].asked and rounds[-1].rate < LOW_RATE:
        found.append(Advice.LOW)
    if every == 1 and rounds and rounds[-1].number >= TIRED_AFTER:
        found.append(Advice.LESS_OFTEN)
    return found
