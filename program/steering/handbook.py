"""The handbook's recurring risks and its three conflicts between channels (`handbook.yaml`), in Polish and English.

A program copies what it takes over, in its own language; from then on every word and figure of the copy is its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import MappingProxyType

from program.ground.records import record
from program.playbooks.document import Mapping, Node, read, shown
from program.playbooks.fields import Fields
from program.playbooks.model import TEXT_MAX, Text
from program.playbooks.problems import Findings
from program.steering.models.risks import HIGHEST, RiskCategory

FILE = Path(__file__).with_name("handbook.yaml")


@record
class KnownRisk:
    """A risk that recurs, with what helps against it."""

    key: str
    category: RiskCategory
    probability: int
    impact: int
    probability_after: int
    impact_after: int
    title: Text
    cause: Text
    measure: Text


@record
class KnownOption:
    """A way to settle a conflict."""

    title: Text
    pros: Text
    cons: Text
    recommended: bool


@record
class Conflict:
    """A conflict between channels, prepared for a decision."""

    key: str
    title: Text
    background: Text
    criteria: Text
    options: tuple[KnownOption, ...]


@record
class Handbook:
    """Both lists by key, in their order."""

    risks: MappingProxyType[str, KnownRisk]
    conflicts: MappingProxyType[str, Conflict]


@cache
def handbook() -> Handbook:
    """What the handbook has; read at the first call and kept."""
    return parse(FILE.read_bytes(), FILE.name)


def parse(source: str | bytes, name: str) -> Handbook:
    """The lists in a file. Raises PlaybookError with all that is wrong."""
    findings = Findings(name)
    root = Fields(read(source, findings), "handbook", findings, ("risks", "conflicts"))
    risks = {key: _risk(key, node, findings) for key, node in _entries(root.node("risks"), "risks", findings)}
    conflicts = {
        key: _conflict(key, node, findings) for key, node in _entries(root.node("conflicts"), "conflicts", findings)
    }
    findings.raise_if_any()
    return Handbook(MappingProxyType(risks), MappingProxyType(conflicts))


def _entries(node: Node, name: str, findings: Findings) -> Iterator[tuple[str, Node]]:
    if isinstance(node, Mapping):
        yield from node.values.items()
    else:
        findings.add(node.line, "not-mapping", key=name)


def _risk(key: str, node: Node, findings: Findings) -> KnownRisk:
    levels = ("probability", "impact", "probability_after", "impact_after")
    fields = Fields(node, key, findings, ("category", *levels, "title", "cause", "measure"))
    category = getattr(fields.node("category"), "value", "")
    if category not in list(RiskCategory):
        findings.add_unknown(node.line, "unknown-kind", category, list(RiskCategory), value=shown(str(category)))
        category = RiskCategory.DATA
    found = {level: fields.number(level, 1, HIGHEST, 1) for level in levels}
    return KnownRisk(
        key,
        RiskCategory(category),
        **found,
        title=fields.text("title"),
        cause=fields.text("cause", TEXT_MAX),
        measure=fields.text("measure", TEXT_MAX),
    )


def _conflict(key: str, node: Node, findings: Findings) -> Conflict:
    fields = Fields(node, key, findings, ("title", "background", "criteria", "options"))
    return Conflict(
        key,
        fields.text("title"),
        fields.text("background", TEXT_MAX),
        fields.text("criteria", TEXT_MAX),
        tuple(_option(name, one, findings) for name, one in _entries(fields.node("options"), "options", findings)),
    )


def _option(key: str, node: Node, findings: Findings) -> KnownOption:
    fields = Fields(node, key, findings, ("title", "pros", "cons", "recommended"))
    return KnownOption(
        fields.text("title"),
        fields.text("pros", TEXT_MAX),
        fields.text("cons", TEXT_MAX),
        fields.number("recommended", 0, 1, 0) == 1,
    )
