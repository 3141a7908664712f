"""Writes a playbook as a file that people can read, keep under version control, edit and load again.

The same playbook always gives the same text: keys in the format's order, values at their defaults left out, Polish
letters as letters. What is written is read back before it is handed out, so that nobody saves a file they cannot load.
"""

from typing import Any

import yaml

from .loader import parse
from .model import LANGUAGES, Block, Criterion, CriterionKind, Gate, Item, ItemKind, Phase, Playbook, Text

_WIDTH = 118


class _Row(list[str]):
    """A short list of words, written on one line: [a, b]."""


class _Dumper(yaml.SafeDumper):
    """YAML as people write it: entries indented below their key, long texts folded, several lines kept as lines."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _row_node(dumper: yaml.SafeDumper, row: _Row) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", row, flow_style=True)


_Dumper.add_representer(str, _text_node)
_Dumper.add_representer(_Row, _row_node)


def dump(playbook: Playbook) -> str:
    """The playbook as YAML that `parse` reads back as an equal one.

    Raises PlaybookError when it breaks a rule of the format (a text too long, a circle of dependencies, 2,001 items),
    and ValueError when something would not come back as it went in (a gate without the criteria every gate has).
    """
    written = yaml.dump(
        _playbook(playbook), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH, default_flow_style=False
    )
    if parse(written, f"{playbook.key}.yaml") != playbook:
        raise ValueError(f"the playbook {playbook.key} does not come back from its file as it went in")
    return written


def _playbook(playbook: Playbook) -> dict[str, Any]:
    fields: dict[str, Any] = {"key": playbook.key, "name": _text(playbook.name)}
    if playbook.summary:
        fields["summary"] = _text(playbook.summary)
    if playbook.languages != LANGUAGES:
        fields["languages"] = _Row(playbook.languages)
    if playbook.tags:
        fields["tags"] = {tag.key: _text(tag.name) for tag in playbook.tags}
    fields["phases"] = [_phase(phase) for phase in playbook.phases]
    return fields


def _phase(phase: Phase) -> dict[str, Any]:
    fields: dict[str, Any] = {"key": phase.key, "name": _text(phase.name)}
    if phase.purpose:
        fields["purpose"] = _text(phase.purpose)
    fields["weeks"] = phase.weeks
    if phase.overlaps_previous_weeks:
        fields["overlaps_previous_weeks"] = phase.overlaps_previous_weeks
    if phase.gap_before_weeks:
        fields["gap_before_weeks"] = phase.gap_before_weeks
    if phase.blocks:
        fields["blocks"] = [_block(block) for block in phase.blocks]
    if phase.items:
        fields["items"] = [_item(item) for item in phase.items]
    if phase.gate:
        fields["gate"] = _gate(phase.gate, phase.weeks)
    return fields


def _block(block: Block) -> dict[str, Any]:
    return {"key": block.key, "name": _text(block.name), "week": _weeks(block.first_week, block.last_week)}


def _item(item: Item) -> dict[str, Any]:
    fields: dict[str, Any] = {"key": item.key}
    if item.kind is not ItemKind.ITEM:
        fields["kind"] = item.kind.value
    fields["title"] = _text(item.title)
    if item.description:
        fields["description"] = _text(item.description)
    if not item.required:
        fields["required"] = False
    if item.role:
        fields["role"] = item.role
    fields["week"] = _weeks(item.first_week, item.last_week)
    for name, value in (("block", item.block), ("channel", item.channel)):
        if value:
            fields[name] = value
    for name, values in (("tags", item.tags), ("after", item.after)):
        if values:
            fields[name] = _Row(values)
    return fields


def _gate(gate: Gate, weeks: int) -> dict[str, Any]:
    fields: dict[str, Any] = {"key": gate.key, "name": _text(gate.name)}
    if gate.week != weeks:
        fields["week"] = gate.week
    if gate.own_criteria:
        fields["criteria"] = [_criterion(one) for one in gate.own_criteria]
    if gate.kpis:
        fields["kpis"] = _Row(gate.kpis)
    return fields


def _criterion(criterion: Criterion) -> dict[str, Any]:
    if criterion.kind is CriterionKind.MANUAL:
        return {"key": criterion.key, "text": _text(criterion.text)}
    return {"key": criterion.key, "kind": criterion.kind.value}


def _text(text: Text) -> dict[str, str]:
    return {language: getattr(text, language) for language in LANGUAGES if getattr(text, language)}


def _weeks(first: int, last: int) -> int | str:
    return first if first == last else f"{first}-{last}"
