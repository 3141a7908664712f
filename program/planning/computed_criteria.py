"""The criteria that planning answers itself: required items, blockers, conditions, dependencies, and ticked ones.

Two statements serve the three kinds that look at items, whatever the number of gates and items: one counts along an
index, one fetches the first few of each kind by name. A third looks at dependencies.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import and_, bindparam, false, func, select, true, union_all
from sqlalchemy.orm import aliased

from program.extensions import db
from program.ground import formats
from program.people.models import Person
from program.planning.criteria import (
    NAMED,
    Answer,
    Asking,
    Condition,
    Criterion,
    ItemLink,
    Question,
    register,
)
from program.planning.models import Dependency, WorkItem
from program.planning.models.items import FINISHED_STATUSES, OPEN_STATUSES, Status
from program.planning.progress import count_items

# The (required, status) pairs whose first items are named: open required ones, and blocked ones of either sort.
_NAMED_PAIRS = ((True, Status.TODO), (True, Status.DOING), (True, Status.BLOCKED), (False, Status.BLOCKED))
# SQLite takes up to 500 parts in one compound statement.
_PHASES_AT_ONCE = 100


class PhaseItems:
    """The items of the gates' phases, counted and with the first few named; read once for all kinds."""

    def __init__(self, asking: Asking) -> None:
        self.phase_ids = sorted({gate.phase_id for gate in asking.gates})
        self.counts: Counter[tuple[int | None, bool, str]] = Counter()
        self.first: dict[tuple[int, bool, str], list[ItemLink]] = defaultdict(list)
        rows = asking.counted if asking.counted is not None else count_items(asking.program_id, asking.today)
        for phase_id, status, required, count, *_rest in rows:
            self.counts[phase_id, required, status] = count
        wanted = [phase_id for phase_id in self.phase_ids if any(self._count(phase_id, *pair) for pair in _NAMED_PAIRS)]
        for start in range(0, len(wanted), _PHASES_AT_ONCE):
            self._name(asking.program_id, wanted[start : start + _PHASES_AT_ONCE])

    def _count(self, phase_id: int, required: bool, status: str) -> int:
        return self.counts[phase_id, required, status]

    def _name(self, program_id: int, phase_ids: list[int]) -> None:
        values = {f"phase_{place}": phase_id for place, phase_id in enumerate(phase_ids)}
        for row in db.session.execute(_first_items(len(phase_ids)), {"program": program_id, **values}):
            link = ItemLink(row.number, row.title, row.status, row.owner or "", row.due_on)
            self.first[row.phase_id, row.required, row.status].append(link)

    def required(self, phase_id: int) -> tuple[int, int]:
        """How many required items of the phase are finished, and how many there are."""
        total = sum(self._count(phase_id, True, status) for status in Status)
        return sum(self._count(phase_id, True, status) for status in FINISHED_STATUSES), total

    def open_required(self, phase_id: int) -> tuple[ItemLink, ...]:
        """The first open required items of the phase; blocked ones first, for they need somebody."""
        order = (Status.BLOCKED, Status.DOING, Status.TODO)
        return tuple(link for status in order for link in self.first[phase_id, True, status])[:NAMED]

    def blocked(self, phase_id: int) -> tuple[int, tuple[ItemLink, ...]]:
        """How many items of the phase are blocked, and the first of them."""
        count = sum(self._count(phase_id, required, Status.BLOCKED) for required in (True, False))
        links = [link for required in (True, False) for link in self.first[phase_id, required, Status.BLOCKED]]
        return count, tuple(links[:NAMED])


@lru_cache(maxsize=32)
def _first_items(phases: int) -> Any:
    """The first few items of each named (required, status) pair in that many phases, as one statement.

    Each part reads a few entries of the index `ix_work_item_gate`, so the size of the phases does not matter.
    """
    parts = []
    for place in range(phases):
        for required, status in _NAMED_PAIRS:
            part = (
                select(WorkItem.id.label("item_id"))
                .where(
                    WorkItem.program_id == bindparam("program"),
                    WorkItem.phase_id == bindparam(f"phase_{place}"),
                    WorkItem.required == (true() if required else false()),
                    WorkItem.status == status.value,
                )
                .order_by(WorkItem.position)
                .limit(NAMED)
                .subquery()
            )
            parts.append(select(part.c.item_id))
    found = union_all(*parts).subquery()
    return (
        select(
            WorkItem.phase_id,
            WorkItem.required,
            WorkItem.status,
            WorkItem.number,
            WorkItem.title,
            WorkItem.due_on,
            Person.name.label("owner"),
        )
        .join(found, found.c.item_id == WorkItem.id)
        .outerjoin(Person, Person.id == WorkItem.owner_id)
        .order_by(WorkItem.position)
    )


def _items_of(asking: Asking) -> PhaseItems:
    # Three kinds ask for the same; the asking object lives for one reading and keeps it.
    found: PhaseItems | None = asking.memo.get("phase_items")
    if found is None:
        found = asking.memo["phase_items"] = PhaseItems(asking)
    return found


def _required_items(asking: Asking, questions: Sequence[Question]) -> list[Answer]:
    items = _items_of(asking)
    answers = []
    for question in questions:
        done, total = items.required(question.gate.phase_id)
        missing = total - done
        if not total:
            answers.append(Answer(True, _("nothing is required in this phase")))
            continue
        value = _("%(done)s of %(total)s done", done=done, total=total)
        if not missing:
            answers.append(Answer(True, value))
            continue
        why = ngettext("%(num)s required item is not done.", "%(num)s required items are not done.", missing)
        answers.append(Answer(False, value, why, items.open_required(question.gate.phase_id), missing))
    return answers


def _no_blockers(asking: Asking, questions: Sequence[Question]) -> list[Answer]:
    items = _items_of(asking)
    answers = []
    for question in questions:
        count, links = items.blocked(question.gate.phase_id)
        if not count:
            answers.append(Answer(True, _("nothing is blocked")))
            continue
        value = ngettext("%(num)s blocked", "%(num)s blocked", count)
        why = ngettext("%(num)s item of the phase is blocked.", "%(num)s items of the phase are blocked.", count)
        answers.append(Answer(False, value, why, links, count))
    return answers


def _earlier(asking: Asking, question: Question) -> list[Condition]:
    """The binding conditions of all gates before this one."""
    return [
        condition
        for gate in asking.gates[: question.gate.place]
        for condition in asking.conditions.get(gate.id, ())
        if not condition.finished
    ]


def _no_overdue_conditions(asking: Asking, questions: Sequence[Question]) -> list[Answer]:
    answers = []
    for question in questions:
        late = [condition.link for condition in _earlier(asking, question) if condition.late]
        if not late:
            answers.append(Answer(True, _("none is late")))
            continue
        value = ngettext("%(num)s late", "%(num)s late", len(late))
        why = ngettext(
            "%(num)s condition of an earlier gate is late.", "%(num)s conditions of earlier gates are late.", len(late)
        )
        answers.append(Answer(False, value, why, tuple(late[:NAMED]), len(late)))
    return answers


def _earlier_conditions(asking: Asking, questions: Sequence[Question]) -> list[Answer]:
    answers = []
    for question in questions:
        unfinished = [condition.link for condition in _earlier(asking, question)]
        if not unfinished:
            answers.append(Answer(True, _("none is open")))
            continue
        count = len(unfinished)
        why = ngettext(
            "An earlier gate was passed on %(num)s condition that is not finished.",
            "Earlier gates were passed on %(num)s conditions that are not finished.",
            count,
        )
        value = ngettext("%(num)s open", "%(num)s open", count)
        answers.append(Answer(False, value, why, tuple(unfinished[:NAMED]), count))
    return answers


def _dependencies_met(asking: Asking, questions: Sequence[Question]) -> list[Answer]:
    waiting = _waiting(asking.program_id)
    answers = []
    for question in questions:
        count, links = waiting.get(question.gate.phase_id, (0, ()))
        if not count:
            answers.append(Answer(True, _("nothing waits")))
            continue
        value = ngettext("%(num)s waits", "%(num)s wait", count)
        why = ngettext(
            "%(num)s item of the phase waits for another that is not finished.",
            "%(num)s items of the phase wait for others that are not finished.",
            count,
        )
        answers.append(Answer(False, value, why, links, count))
    return answers


def _waiting(program_id: int) -> dict[int, tuple[int, tuple[ItemLink, ...]]]:
    """By phase: how many of its open items wait for an unfinished one, and the first of them."""
    rows = db.session.execute(_waiting_items(), {"program": program_id})
    found: dict[int, tuple[int, tuple[ItemLink, ...]]] = {}
    for row in rows:
        link = ItemLink(row.number, row.title, row.status, row.owner or "", row.due_on)
        found[row.phase_id] = (row.total, found.get(row.phase_id, (0, ()))[1] + (link,))
    return found


@lru_cache(maxsize=1)
def _waiting_items() -> Any:
    """The statement of `_waiting`, put together once: that costs more than running it."""
    before, after = aliased(WorkItem), aliased(WorkItem)
    pairs = (
        select(after.id, after.phase_id, after.position)
        .distinct()
        .join(Dependency, Dependency.successor_id == after.id)
        .join(before, before.id == Dependency.predecessor_id)
        .where(
            Dependency.program_id == bindparam("program"),
            before.status.in_(OPEN_STATUSES),
            after.status.in_(OPEN_STATUSES),
            after.phase_id.is_not(None),
        )
        .subquery()
    )
    ranked = select(
        pairs.c.id,
        pairs.c.phase_id,
        func.count().over(partition_by=pairs.c.phase_id).label("total"),
        func.row_number().over(partition_by=pairs.c.phase_id, order_by=(pairs.c.position, pairs.c.id)).label("place"),
    ).subquery()
    return (
        select(
            ranked.c.phase_id,
            ranked.c.total,
            WorkItem.number,
            WorkItem.title,
            WorkItem.status,
            WorkItem.due_on,
            Person.name.label("owner"),
        )
        .join(WorkItem, and_(WorkItem.id == ranked.c.id, ranked.c.place <= NAMED))
        .outerjoin(Person, Person.id == WorkItem.owner_id)
        .order_by(ranked.c.phase_id, ranked.c.place)
    )


def _manual(_asking: Asking, questions: Sequence[Question]) -> list[Answer]:
    answers = []
    for question in questions:
        row = question.row
        if row is None or row.ticked_at is None:
            answers.append(Answer(False, _("not ticked"), _("Nobody has confirmed it yet.")))
            continue
        name = row.ticked_by or _("the system")
        age = _("ticked by %(name)s, %(when)s", name=name, when=formats.moment(row.ticked_at))
        answers.append(Answer(True, row.note or _("confirmed"), age=age, as_of=row.ticked_at))
    return answers


register(
    Criterion(
        "required_items",
        _l("All required items of the phase are done"),
        _l("The checklist: required items of this phase, done or dropped by a manager"),
        _required_items,
        standing=True,
    )
)
register(
    Criterion(
        "no_blockers",
        _l("Nothing in the phase is blocked"),
        _l("The checklist: items of this phase with the status 'blocked'"),
        _no_blockers,
        standing=True,
    )
)
register(
    Criterion(
        "dependencies_met",
        _l("Nothing in the phase waits for unfinished work"),
        _l("The checklist: dependencies of this phase's open items"),
        _dependencies_met,
        standing=True,
    )
)
register(
    Criterion(
        "no_overdue_conditions",
        _l("No condition of an earlier gate is late"),
        _l("Conditions of earlier conditional goes, by their due dates"),
        _no_overdue_conditions,
        standing=True,
    )
)
register(
    Criterion(
        "earlier_conditions",
        _l("Every earlier conditional go is settled"),
        _l("Conditions of earlier conditional goes, finished or dropped by a manager"),
        _earlier_conditions,
        standing=True,
    )
)
register(Criterion("manual", _l("Confirmed by a person"), _l("Ticked by a named person"), _manual))
