"""The three operating models, described in the same six aspects (operating_models.yaml, from the handbook).

Which of them a program has chosen, when and why, stands in the team room.
"""

from collections.abc import Mapping as Readable
from functools import cache
from pathlib import Path
from types import MappingProxyType

from program.ground.records import record

from .document import Mapping, read
from .fields import Fields
from .model import TEXT_MAX, Text
from .problems import Findings

FILE = Path(__file__).with_name("operating_models.yaml")
# In the order in which they are compared.
ASPECTS = ("structure", "decisions", "budget", "strengths", "challenges", "best_for")


@record
class OperatingModel:
    """One model: its name, and what can be said of it in each of ASPECTS."""

    key: str
    name: Text
    aspects: Readable[str, Text]


@cache
def operating_models() -> MappingProxyType[str, OperatingModel]:
    """Every model by its key, in the order of the file; read at the first call and kept."""
    return MappingProxyType(parse_models(FILE.read_bytes(), FILE.name))


def parse_models(source: str | bytes, name: str) -> dict[str, OperatingModel]:
    """The models in a file. Raises PlaybookError with all that is wrong."""
    findings = Findings(name)
    root = read(source, findings)
    found: dict[str, OperatingModel] = {}
    if isinstance(root, Mapping):
        for key, node in root.values.items():
            fields = Fields(node, key, findings, ("name", *ASPECTS))
            texts = {aspect: fields.text(aspect, TEXT_MAX) for aspect in ASPECTS}
            found[key] = OperatingModel(key, fields.text("name"), MappingProxyType(texts))
    else:
        findings.add(root.line, "not-mapping", key="models")
    findings.raise_if_any()
    return found
