"""The catalogue of KPIs that a program can take over (`catalogue.yaml`), in Polish and English.

A KPI of a program keeps the catalogue's code and shows its words in the reader's language until somebody writes own
ones; numbers (unit, scale, target) are copied once and are the program's from then on.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from program.ground.records import record
from program.kpis.models import Better, OverallBy, TargetKind, Unit
from program.playbooks.document import Mapping, Node, Scalar, read, shown
from program.playbooks.fields import Fields
from program.playbooks.model import TEXT_MAX, Text
from program.playbooks.problems import Findings
from program.playbooks.vocabulary import KPI_CODES

FILE = Path(__file__).with_name("catalogue.yaml")
_NEEDED = ("unit", "decimals", "better", "overall", "name", "meaning", "formula", "advice")
_LARGEST = 999_999


@record
class Entry:
    """A KPI of the catalogue. `target` is what the handbook asks for, None where the program sets its own."""

    code: str
    unit: Unit
    decimals: int
    better: Better
    low: Decimal | None
    high: Decimal | None
    target: tuple[TargetKind, Decimal] | None
    overall: OverallBy
    name: Text
    meaning: Text
    formula: Text
    # Its usual target and where the figure usually comes from.
    advice: Text


@cache
def entries() -> MappingProxyType[str, Entry]:
    """Every KPI of the catalogue by its code, in the catalogue's order; read at the first call and kept."""
    return MappingProxyType(parse(FILE.read_bytes(), FILE.name))


def parse(source: str | bytes, name: str) -> dict[str, Entry]:
    """The KPIs in a file. Raises PlaybookError with all that is wrong."""
    findings = Findings(name)
    root = read(source, findings)
    found: dict[str, Entry] = {}
    if isinstance(root, Mapping):
        for code, node in root.values.items():
            if code not in KPI_CODES:
                findings.add_unknown(root.key_lines[code], "unknown-kpi", code, sorted(KPI_CODES), value=shown(code))
            found[code] = _entry(code, node, findings)
    else:
        findings.add(root.line, "not-mapping", key="kpis")
    findings.raise_if_any()
    return found


def _entry(code: str, node: Node, findings: Findings) -> Entry:
    fields = Fields(node, code, findings, _NEEDED, ("low", "high", "target"))
    return Entry(
        code,
        Unit(_known(fields.node("unit"), findings, Unit)),
        fields.number("decimals", 0, 3, 0),
        Better(_known(fields.node("better"), findings, Better)),
        _limit(fields, "low"),
        _limit(fields, "high"),
        _target(fields.node("target"), findings) if fields.has("target") else None,
        OverallBy(_known(fields.node("overall"), findings, OverallBy)),
        fields.text("name"),
        fields.text("meaning", TEXT_MAX),
        fields.text("formula", TEXT_MAX),
        fields.text("advice", TEXT_MAX),
    )


def _limit(fields: Fields, name: str) -> Decimal | None:
    return Decimal(fields.number(name, -_LARGEST, _LARGEST, 0)) if fields.has(name) else None


def _target(node: Node, findings: Findings) -> tuple[TargetKind, Decimal]:
    fields = Fields(node, "target", findings, ("kind", "value"))
    kind = TargetKind(_known(fields.node("kind"), findings, TargetKind))
    return kind, Decimal(fields.number("value", -_LARGEST, _LARGEST, 0))


def _known(node: Node, findings: Findings, words: type[StrEnum]) -> str:
    """A word of that list; what is not becomes a finding, and its first word, which is thrown away with the rest."""
    known = list(words)
    if isinstance(node, Scalar) and node.value in known:
        return node.value
    findings.add_unknown(node.line, "unknown-kind", getattr(node, "value", ""), known, value=shown(str(node)))
    return known[0]
