"""The catalogue of roles: who usually does what in an omnichannel program (roles.yaml, from the handbook).

A role here is what anybody who plays it is there for, what they answer for, how much of their time it usually takes,
and what they have to be able to do. The team room takes roles over from here into a program and gives them to people.
"""

from collections.abc import Mapping as MappingType
from dataclasses import field
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from program.ground.records import record

from .document import Mapping, read, shown
from .fields import Fields
from .model import TEXT_MAX, Text
from .problems import Findings
from .skills import LEVELS, skills

FILE = Path(__file__).with_name("roles.yaml")
REQUIRED = ("name", "purpose", "circle", "responsibilities")
OPTIONAL = ("share_low", "share_high", "skills")


class Circle(StrEnum):
    """Whether a role is of the core team or stands around it (the handbook, section 4)."""

    CORE = "core"
    AROUND = "around"


@record
class Role:
    """A part somebody plays in a program."""

    key: str
    name: Text
    # One sentence.
    purpose: Text
    circle: Circle
    responsibilities: tuple[Text, ...]
    # Typical share of a full-time week in percent; both None where nothing typical can be said.
    share_low: int | None = None
    share_high: int | None = None
    # Keys of `skills()`, each with the level that is enough.
    skills: MappingType[str, int] = field(default_factory=dict)


@cache
def roles() -> MappingProxyType[str, Role]:
    """Every role by its key, in the catalogue's order; read at the first call and kept."""
    return MappingProxyType(parse_roles(FILE.read_bytes(), FILE.name))


def parse_roles(source: str | bytes, name: str) -> dict[str, Role]:
    """The roles in a file, by key. Raises PlaybookError with all that is wrong."""
    findings = Findings(name)
    root = read(source, findings)
    found: dict[str, Role] = {}
    if isinstance(root, Mapping):
        for key, node in root.values.items():
            found[key] = _role(key, Fields(node, key, findings, REQUIRED, OPTIONAL), findings)
    else:
        findings.add(root.line, "not-mapping", key="roles")
    findings.raise_if_any()
    return found


def _role(key: str, fields: Fields, findings: Findings) -> Role:
    circle = fields.word("circle")
    if circle and circle not in list(Circle):
        findings.add_unknown(fields.line_of("circle"), "unknown-kind", circle, list(Circle), value=shown(circle))
        circle = ""
    low = high = None
    if fields.has("share_low") or fields.has("share_high"):
        low = fields.number("share_low", 1, 100, default=1)
        high = fields.number("share_high", low, 100, default=100)
    needed = fields.node("skills")
    # The keys of the catalogue are those that may stand here, so an unknown skill is told with its line.
    known = Fields(needed, "skills", findings, (), tuple(skills())) if fields.has("skills") else None
    return Role(
        key=key,
        name=fields.text("name"),
        purpose=fields.text("purpose", TEXT_MAX),
        circle=Circle(circle or Circle.CORE),
        responsibilities=tuple(
            fields.text_of(node, "responsibilities", TEXT_MAX)
            for node in fields.entries("responsibilities", at_least_one=True)
        ),
        share_low=low,
        share_high=high,
        skills=MappingProxyType(
            {skill: known.number(skill, LEVELS[0], LEVELS[-1], default=1) for skill in skills() if known.has(skill)}
            if known
            else {}
        ),
    )
