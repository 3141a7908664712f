"""A program as a playbook, so that the next one starts from what this one learned.

Dates become working weeks again; owners, progress and history stay behind. Items without dates take the whole of their
phase, those outside any phase are left out. Texts are in the program's language only: nobody has translated them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from program.extensions import db
from program.ground.actor import Access, Actor
from program.ground.calendar import DAY, WorkingCalendar
from program.ground.folding import fold
from program.people import access
from program.planning import playbook_shelf
from program.planning.models import Dependency, Gate, GateCriterion, ItemTag, Phase, PhaseBlock, WorkItem
from program.planning.models.items import Kind, Status
from program.planning.models.programs import Program
from program.planning.phases import weeks_between
from program.planning.playbook_shelf import Shelved
from program.playbooks import model as playbooks
from program.playbooks.model import ASKED_KINDS, COMPUTED_CRITERIA, KEY_MAX, WEEKS_MAX, CriterionKind, Text
from program.playbooks.roles import roles
from program.playbooks.vocabulary import KPI_CODES

# Conditions belong to one decision, so they are no part of a plan to repeat.
KINDS = (Kind.ITEM, Kind.TASK, Kind.MILESTONE, Kind.CHANGE)


def save_as_playbook(actor: Actor, program: Program, key: str, name: str, summary: str = "") -> Shelved:
    """Keep the program's plan as a playbook. Raises Invalid for a taken or unusable key, and for a plan that breaks
    a rule of the format (no phase at all, for one)."""
    access.require(actor, program.id, Access.MANAGER)
    return playbook_shelf.add(actor, to_playbook(program, key, name, summary))


def to_playbook(program: Program, key: str, name: str, summary: str = "") -> playbooks.Playbook:
    """The program's plan in the terms of playbooks; whether it keeps their rules is the loader's business."""
    return _Reader(program).playbook(key, name, summary)


class Keys:
    """Keys that are unique and allowed: those of the playbook it came from where they still are, else from names."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def make(self, wish: str, text: str) -> str:
        """A free key: the wished one, or one made from the text."""
        base = wish or re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")[: KEY_MAX - 5].strip("-") or "x"
        key, number = base, 2
        while key in self._taken:
            key, number = f"{base[: KEY_MAX - 5]}-{number}", number + 1
        self._taken.add(key)
        return key


class _Reader:
    """Reads a program's plan in seven statements and turns dates into weeks."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.calendar = WorkingCalendar(program.country)
        self.phase_keys, self.gate_keys = Keys(), Keys()
        items, keys = self._items(), Keys()
        self.item_keys = {item.id: keys.make(item.key, item.title) for item in items}
        self.items = _by_phase(items)
        self.blocks_of = _by_phase(self._rows(PhaseBlock, PhaseBlock.position))
        self.gates = _by_phase(self._rows(Gate, Gate.planned_on))
        self.criteria = self._criteria()
        self.tags = self._tags()
        self.waits = self._waits()
        self.tag_keys = _tag_keys(sorted({tag for of_item in self.tags.values() for tag in of_item}))

    def text(self, words: str) -> Text:
        return Text(**{self.program.locale: words.strip()})

    def playbook(self, key: str, name: str, summary: str) -> playbooks.Playbook:
        found: list[playbooks.Phase] = []
        after: date | None = None
        for phase in self._rows(Phase, Phase.position):
            first_day = self.first_day(phase)
            shift = round((first_day - after).days / 7) if after else 0
            found.append(self.phase(phase, first_day, shift, found[-1] if found else None))
            after = first_day + timedelta(weeks=found[-1].weeks)
        return playbooks.Playbook(
            key=key.strip(),
            name=self.text(name),
            phases=tuple(found),
            summary=self.text(summary),
            languages=(self.program.locale,),
            tags=tuple(playbooks.Tag(tag_key, self.text(word)) for word, tag_key in self.tag_keys.items()),
        )

    def phase(self, phase: Phase, first_day: date, shift: int, before: playbooks.Phase | None) -> playbooks.Phase:
        weeks = min(WEEKS_MAX, weeks_between(first_day, phase.planned_end))
        blocks = self.blocks(phase, first_day, weeks)
        return playbooks.Phase(
            key=self.phase_keys.make(phase.key, phase.name),
            name=self.text(phase.name),
            weeks=weeks,
            purpose=self.text(phase.purpose),
            overlaps_previous_weeks=min(max(0, -shift), before.weeks) if before else 0,
            gap_before_weeks=min(max(0, shift), WEEKS_MAX),
            blocks=tuple(blocks.values()),
            items=tuple(self.item(item, first_day, weeks, blocks) for item in self.items.get(phase.id, [])),
            gate=self.gate(phase, first_day, weeks),
        )

    def first_day(self, phase: Phase) -> date:
        """The day the phase's weeks are counted from: its first, or the Monday that a public holiday took from it."""
        day = phase.planned_start
        while day.weekday() > 0 and not self.calendar.is_working(day - DAY):
            day -= DAY
        return day

    def blocks(self, phase: Phase, first_day: date, weeks: int) -> dict[int, playbooks.Block]:
        keys = Keys()
        return {
            block.id: playbooks.Block(
                keys.make(block.key, block.name),
                self.text(block.name),
                *_span(first_day, weeks, block.starts_on, block.ends_on),
            )
            for block in self.blocks_of.get(phase.id, [])
        }

    def item(self, item: Any, first_day: date, weeks: int, blocks: dict[int, playbooks.Block]) -> playbooks.Item:
        is_milestone = item.kind == Kind.MILESTONE
        due = item.due_on or item.start_on
        start = due if is_milestone else item.start_on or due
        first, last = _span(first_day, weeks, start, due) if start and due else (1, weeks)
        block = blocks.get(item.block_id)
        if block is not None and not block.first_week <= first <= last <= block.last_week:
            # The item was moved out of its block's weeks since.
            block = None
        return playbooks.Item(
            key=self.item_keys[item.id],
            title=self.text(item.title),
            first_week=last if is_milestone else first,
            last_week=last,
            description=self.text(item.description),
            kind=playbooks.ItemKind.MILESTONE if is_milestone else playbooks.ItemKind.ITEM,
            required=item.required,
            # A role of the program's own means nothing elsewhere.
            role=item.role if item.role in roles() else None,
            block=block.key if block else None,
            channel=item.channel or None,
            tags=tuple(self.tag_keys[tag] for tag in self.tags.get(item.id, [])),
            after=tuple(self.waits.get(item.id, [])),
        )

    def gate(self, phase: Phase, first_day: date, weeks: int) -> playbooks.Gate | None:
        gates = self.gates.get(phase.id)
        if not gates:
            return None
        # A playbook's phase has one gate: the last, which ends it.
        gate = gates[-1]
        keys = Keys()
        own = tuple(
            playbooks.Criterion(keys.make("", text or kind), kind, self.text(text) if text else Text())
            for kind, text in self.criteria.get(gate.id, [])
        )
        return playbooks.Gate(
            key=self.gate_keys.make(gate.key, gate.name),
            name=self.text(gate.name),
            week=_span(first_day, weeks, gate.planned_on, gate.planned_on)[1],
            criteria=COMPUTED_CRITERIA + own,
            kpis=tuple(code for code in gate.kpis if code in KPI_CODES),
        )

    def _rows(self, model: Any, order: Any) -> list[Any]:
        return list(
            db.session.scalars(select(model).where(model.program_id == self.program.id).order_by(order, model.id))
        )

    def _items(self) -> Sequence[Any]:
        columns = (
            WorkItem.id,
            WorkItem.key,
            WorkItem.title,
            WorkItem.description,
            WorkItem.kind,
            WorkItem.required,
            WorkItem.role,
            WorkItem.channel,
            WorkItem.phase_id,
            WorkItem.block_id,
            WorkItem.start_on,
            WorkItem.due_on,
        )
        return db.session.execute(
            select(*columns)
            .where(
                WorkItem.program_id == self.program.id,
                WorkItem.phase_id.is_not(None),
                WorkItem.kind.in_(KINDS),
                WorkItem.status != Status.DROPPED,
            )
            .order_by(WorkItem.position, WorkItem.id)
        ).all()

    def _criteria(self) -> dict[int, list[tuple[CriterionKind, str]]]:
        found: dict[int, list[tuple[CriterionKind, str]]] = {}
        kinds = (CriterionKind.MANUAL, *ASKED_KINDS)
        rows = db.session.execute(
            select(GateCriterion.gate_id, GateCriterion.kind, GateCriterion.text)
            .where(GateCriterion.program_id == self.program.id, GateCriterion.kind.in_(kinds))
            .order_by(GateCriterion.position, GateCriterion.id)
        )
        for row in rows:
            kind = CriterionKind(row.kind)
            # What the product words itself has no text in a playbook.
            found.setdefault(row.gate_id, []).append((kind, row.text if kind is CriterionKind.MANUAL else ""))
        return found

    def _tags(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        rows = db.session.execute(
            select(ItemTag.item_id, ItemTag.tag).where(ItemTag.program_id == self.program.id).order_by(ItemTag.tag)
        )
        for row in rows:
            if row.item_id in self.item_keys:
                found.setdefault(row.item_id, []).append(row.tag)
        return found

    def _waits(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        rows = db.session.execute(
            select(Dependency.successor_id, Dependency.predecessor_id)
            .where(Dependency.program_id == self.program.id)
            .order_by(Dependency.successor_id, Dependency.predecessor_id)
        )
        for row in rows:
            if row.successor_id in self.item_keys and row.predecessor_id in self.item_keys:
                found.setdefault(row.successor_id, []).append(self.item_keys[row.predecessor_id])
        return found


def _by_phase(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.phase_id, []).append(row)
    return found


def _span(first_day: date, weeks: int, start: date, end: date) -> tuple[int, int]:
    """The weeks of a stretch, kept inside those of its phase."""
    first, last = (min(max(1, (day - first_day).days // 7 + 1), weeks) for day in (start, end))
    return first, max(first, last)


def _tag_keys(words: Sequence[str]) -> dict[str, str]:
    keys = Keys()
    return {word: keys.make("", word) for word in words}
