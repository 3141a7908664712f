"""The frozen data about decisions of a committee that passes between Milepost and its plugins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to decide: its name, and what speaks for and against it in words; `is_advised` by whoever asks.

    `votes` are those that count now.
    """

    id: int
    title: str
    text: str
    is_advised: bool
    votes: int = 0


@dataclass(frozen=True, slots=True)
class Voice:
    """A seat that the reader may speak for: `name` is its member's, `is_own` where that is the reader.

    `choice` is what was voted from it (None abstains, or has not voted, see `has_voted`), `reason` why. `may_vote` is
    False for a deputy once the member has voted in person.
    """

    seat_id: int
    name: str
    is_own: bool
    has_voted: bool
    choice: int | None
    reason: str
    may_vote: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that a committee is asked for, as one person sees it, in words of their language.

    `state` is 'open', 'decided' or 'withdrawn'; `text` holds background, criteria and business case; `spoken` of
    `needed` seats have voted, and `leading` is the choice that a decision by vote would take, if there is one now.
    `may_decide` is for the chair, who shows by `look` what was seen. `outcome` names what was taken, `reason` says why,
    or why it was taken back.
    """

    id: int
    program_id: int
    program: str
    number: int
    title: str
    text: str
    decide_by: date | None
    state: str
    choices: tuple[Choice, ...]
    voices: tuple[Voice, ...]
    spoken: int
    needed: int
    outcome: str
    reason: str
    url: str
    leading: int | None = None
    may_decide: bool = False
    look: str = ""
