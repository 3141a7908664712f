"""The question bank of the pulse check (`bank.yaml`), and the words of themes and of the ways to answer.

A program's pulse asks questions of this bank and questions of its own; `rotation.py` chooses which ones a week asks.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from flask_babel import lazy_gettext as _l

from program.ground.records import record
from program.playbooks.document import Mapping, Node, Scalar, read, shown
from program.playbooks.fields import Fields
from program.playbooks.model import TEXT_MAX, Text
from program.playbooks.problems import Findings

FILE = Path(__file__).with_name("bank.yaml")


class Kind(StrEnum):
    """How a question is answered."""

    SCALE5 = "scale5"  # 1 (not at all) to 5 (completely)
    NPS10 = "nps10"  # 0 to 10, how likely one is to recommend
    YES_NO = "yes_no"  # 1 or 0
    TEXT = "text"


# The answers a question can have; a text has none that could be counted.
ANSWERS = {
    Kind.SCALE5: tuple(range(1, 6)),
    Kind.NPS10: tuple(range(11)),
    Kind.YES_NO: (0, 1),
}


class Theme(StrEnum):
    """What a question is about."""

    WHY = "why"
    CONFIDENCE = "confidence"
    WORKLOAD = "workload"
    TOOLS = "tools"
    SUPPORT = "support"
    HANDOVER = "handover"
    RECOMMEND = "recommend"
    # Questions answered in words.
    OPEN = "open"
    # A program's own questions that fit none of these.
    OWN = "own"


class When(StrEnum):
    """The part of a program in which a question makes sense."""

    EARLY = "early"
    DURING = "during"
    AFTER = "after"


THEME_WORDS = {
    Theme.WHY: _l("Clarity of why"),
    Theme.CONFIDENCE: _l("Confidence"),
    Theme.WORKLOAD: _l("Workload"),
    Theme.TOOLS: _l("Tools"),
    Theme.SUPPORT: _l("Support and training"),
    Theme.HANDOVER: _l("Hand-over between channels"),
    Theme.RECOMMEND: _l("Recommendation"),
    Theme.OPEN: _l("In their own words"),
    Theme.OWN: _l("Our own questions"),
}


@record
class BankQuestion:
    """A question of the bank."""

    key: str
    theme: Theme
    kind: Kind
    when: tuple[When, ...]
    text: Text


@cache
def questions() -> MappingProxyType[str, BankQuestion]:
    """Every question of the bank by its key, in the bank's order; read at the first call and kept."""
    return MappingProxyType(parse(FILE.read_bytes(), FILE.name))


def parse(source: str | bytes, name: str) -> dict[str, BankQuestion]:
    """The questions in a file. Raises PlaybookError with all that is wrong."""
    findings = Findings(name)
    root = read(source, findings)
    found: dict[str, BankQuestion] = {}
    if isinstance(root, Mapping):
        for key, node in root.values.items():
            fields = Fields(node, key, findings, ("theme", "kind", "when", "text"))
            found[key] = BankQuestion(
                key,
                Theme(_known(fields.node("theme"), findings, Theme)),
                Kind(_known(fields.node("kind"), findings, Kind)),
                tuple(When(_known(word, findings, When)) for word in fields.words("when")),
                fields.text("text", TEXT_MAX),
            )
    else:
        findings.add(root.line, "not-mapping", key="questions")
    findings.raise_if_any()
    return found


def _known(node: Node, findings: Findings, words: type[StrEnum]) -> str:
    """A word of that list; what is not becomes a finding, and its first word, which is thrown away with the rest."""
    known = list(words)
    if isinstance(node, Scalar) and node.value in known:
        return node.value
    findings.add_unknown(node.line, "unknown-kind", getattr(node, "value", ""), known, value=shown(str(node)))
    return known[0]
