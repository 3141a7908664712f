"""How bad a risk is, as a pure rule, and the words of the register."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from program.steering.models import RiskCategory, RiskState


class Band(StrEnum):
    """What a score calls for."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


MEDIUM_FROM, HIGH_FROM = 6, 12
# Committees see risks from this score on until they say otherwise.
USUAL_LIMIT = HIGH_FROM

CATEGORY_WORDS: dict[str, Any] = {
    RiskCategory.DATA: _l("Data"),
    RiskCategory.CHANNELS: _l("Channels"),
    RiskCategory.TECHNOLOGY: _l("Technology"),
    RiskCategory.PEOPLE: _l("People"),
    RiskCategory.MONEY: _l("Money"),
    RiskCategory.SECURITY: _l("Security"),
    RiskCategory.SCOPE: _l("Scope and pace"),
}
STATE_WORDS: dict[str, Any] = {
    RiskState.OPEN: lazy_pgettext("risk", "Open"),
    RiskState.CLOSED: lazy_pgettext("risk", "Closed"),
    RiskState.HAPPENED: lazy_pgettext("risk", "Happened"),
}
BAND_WORDS: dict[str, Any] = {
    Band.LOW: lazy_pgettext("risk", "Low"),
    Band.MEDIUM: lazy_pgettext("risk", "Medium"),
    Band.HIGH: lazy_pgettext("risk", "High"),
}
PROBABILITY_WORDS: dict[int, Any] = {
    1: _l("Very unlikely"),
    2: _l("Unlikely"),
    3: _l("Possible"),
    4: _l("Likely"),
    5: _l("Almost certain"),
}
IMPACT_WORDS: dict[int, Any] = {
    1: _l("Hardly felt"),
    2: _l("Small"),
    3: _l("Noticeable"),
    4: _l("Severe"),
    5: _l("Stops the program"),
}


def score(probability: int, impact: int) -> int:
    """Probability times impact: 1 to 25."""
    return probability * impact


def band(points: int) -> Band:
    """From 12 on a risk is high, from 6 on medium."""
    if points >= HIGH_FROM:
        return Band.HIGH
    return Band.MEDIUM if points >= MEDIUM_FROM else Band.LOW
