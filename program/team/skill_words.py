"""The words for levels of a skill and for its groups, on pages and in the history."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from program.playbooks.skills import SkillGroup
from program.team.skill_shape import ALONE, BASICS, NONE, TEACHES

LEVEL_WORDS: dict[int, Any] = {
    NONE: _l("none"),
    BASICS: _l("basics"),
    ALONE: _l("works alone"),
    TEACHES: _l("could teach"),
}
GROUP_WORDS: dict[str, Any] = {
    SkillGroup.TECHNICAL.value: _l("Technical"),
    SkillGroup.ANALYTICAL.value: _l("Analytical"),
    SkillGroup.SOFT.value: _l("Soft"),
}
