"""Reading what was sent from the pages of skills: one list for each skill."""

from __future__ import annotations

from collections.abc import Mapping

from program.playbooks.skills import skills
from program.team.skill_gaps import Need

# What is no number becomes one that no rule allows, so that the verb refuses it with a sentence.
STRANGE = -1


def read_levels(sent: Mapping[str, str]) -> dict[str, int]:
    """Levels by skill; skills that the form did not hold are left out."""
    return {key: _number(sent[f"level-{key}"]) for key in skills() if f"level-{key}" in sent}


def read_needs(sent: Mapping[str, str]) -> list[Need]:
    """The needs that are asked for: those with a number of people."""
    found = []
    for key in skills():
        people = sent.get(f"people-{key}", "").strip()
        if people not in ("", "0"):
            found.append(Need(key, _number(sent.get(f"level-{key}", "")), _number(people)))
    return found


def _number(raw: str) -> int:
    raw = raw.strip()
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) <= 6 else STRANGE
