"""The catalogue of roles: who usually does what in an omnichannel program (roles.yaml, from the handbook).

A role here is a name and a purpose. People are given roles in the team room, which builds upon this list.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from .document import Mapping, read
from .fields import Fields
from .model import TEXT_MAX, Text
from .problems import Findings

FILE = Path(__file__).with_name("roles.yaml")


@dataclass(frozen=True, slots=True)
class Role:
    """A part somebody plays in a program, with one sentence that says what for."""

    key: str
    name: Text
    purpose: Text


@cache
def roles() -> MappingProxyType[str, Role]:
    """Every role by its key, in the catalogue's order; read at the first call and kept."""
    return MappingProxyType(parse_roles(FILE.read_bytes(), FILE.name))


def parse_roles(source: str | bytes, name: str) -> dict[str, Role]:
    """The roles in a file: key -> name and purpose. Raises PlaybookError with all that is wrong."""
    findings = Findings(name)
    root = read(source, findings)
    found: dict[str, Role] = {}
    if isinstance(root, Mapping):
        for key, node in root.values.items():
            fields = Fields(node, key, findings, ("name", "purpose"))
            found[key] = Role(key, fields.text("name"), fields.text("purpose", TEXT_MAX))
    else:
        findings.add(root.line, "not-mapping", key="roles")
    findings.raise_if_any()
    return found
