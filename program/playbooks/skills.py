"""The catalogue of skills: what an omnichannel team has to be able to do (skills.yaml, from the handbook).

Levels are the same everywhere: 1 knows the basics, 2 works alone, 3 could teach it. Which role needs which skill stands
in `roles.yaml`; what people can do, in the team room.
"""

from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from program.ground.records import record

from .document import Mapping, read, shown
from .fields import Fields
from .model import TEXT_MAX, Text
from .problems import Findings

FILE = Path(__file__).with_name("skills.yaml")
LEVELS = (1, 2, 3)


class SkillGroup(StrEnum):
    """The three groups of the handbook, section 4, in its order."""

    TECHNICAL = "technical"
    ANALYTICAL = "analytical"
    SOFT = "soft"


@record
class Skill:
    """Something people can do, with one sentence that says what."""

    key: str
    group: SkillGroup
    name: Text
    meaning: Text


@cache
def skills() -> MappingProxyType[str, Skill]:
    """Every skill by its key, group by group; read at the first call and kept."""
    return MappingProxyType(parse_skills(FILE.read_bytes(), FILE.name))


def parse_skills(source: str | bytes, name: str) -> dict[str, Skill]:
    """The skills in a file. Raises PlaybookError with all that is wrong."""
    findings = Findings(name)
    root = read(source, findings)
    found: dict[str, Skill] = {}
    if isinstance(root, Mapping):
        for key, node in root.values.items():
            fields = Fields(node, key, findings, ("group", "name", "meaning"))
            group = fields.word("group")
            if group and group not in list(SkillGroup):
                findings.add_unknown(
                    fields.line_of("group"), "unknown-kind", group, list(SkillGroup), value=shown(group)
                )
                group = ""
            texts = fields.text("name"), fields.text("meaning", TEXT_MAX)
            found[key] = Skill(key, SkillGroup(group or SkillGroup.SOFT), *texts)
    else:
        findings.add(root.line, "not-mapping", key="skills")
    findings.raise_if_any()
    return found
