"""The shape of what somebody can do: deep in something, and at home in all three groups of skills.

T-shaped, as the handbook's section 4 wants people, is counted here as: could teach at least one skill (level 3), and
knows at least the basics (level 1) of something in each of the three groups. Pure functions.
"""

from __future__ import annotations

from collections.abc import Mapping

from program.ground.formats import current_locale
from program.ground.records import record
from program.playbooks.skills import SkillGroup, skills

NONE, BASICS, ALONE, TEACHES = range(4)
LEVELS = (NONE, BASICS, ALONE, TEACHES)


@record
class Shape:
    """How deep and how broad somebody is: skills they could teach, groups they know something of."""

    deep: int
    groups: int

    @property
    def is_t(self) -> bool:
        """True for a T: depth in one thing, breadth over all groups."""
        return self.deep > 0 and self.groups == len(SkillGroup)


def shape(levels: Mapping[str, int]) -> Shape:
    """The shape that follows from levels by skill; skills that the catalogue does not know count for nothing."""
    known = skills()
    groups = {known[key].group for key, level in levels.items() if key in known and level >= BASICS}
    return Shape(sum(1 for key, level in levels.items() if key in known and level >= TEACHES), len(groups))


def skill_name(key: str) -> str:
    """A skill's name in the reader's language."""
    found = skills().get(key)
    return found.name.in_(current_locale()) if found else key
