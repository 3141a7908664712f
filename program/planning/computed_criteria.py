"""The criteria that planning answers itself: required items, blockers, conditions, dependencies, and ticked ones.

What the kinds that look at items need is counted along indexes, by the page or in one statement here; then the first
few of each kind are fetched by name, whatever the number of gates and items.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Boolean, bindparam, false, func, literal_column, select, true, union_all

from program.ground import formats
from program.ground.database import read
from program.people.models import Person
from program.planning.criteria import (
    NAMED,
    Answer,
    Asking,
    Condition,
    Criterion,
    ItemLink,
    Question,
    Wanted,
    register,
)
from program.planning.models import Dependency, WorkItem
from program.planning.models.items import FINISHED_STATUSES, Status
from program.planning.progress import WAITS, waiting_counts

_ITEM, _DEPENDENCY, _PERSON = WorkItem.__table__, Dependency.__table__, Person.__table__
# The (required, status) pairs whose first items are named: open required ones, and blocked ones of either sort.
_NAMED_PAIRS = ((True, Status.TODO), (True, Status.DOING), (True, Status.BLOCKED), (False, Status.BLOCKED))
FIRST_ITEMS = "first_items"
# SQLite takes up to 500 parts in one compound statement.
_PARTS_AT_ONCE = 400


class PhaseItems:
    """The items of the asked gates' phases, counted and with the first few named; the same for all kinds."""

    def __init__(self, counts: Counter[tuple[int | None, bool, str]], named: Iterable[Sequence[Any]]) -> None:
        self.counts = counts
        self.first: dict[tuple[int, bool, str], list[ItemLink]] = defaultdict(list)
        self.first_waiting: dict[int, list[ItemLink]] = defaultdict(list)
        for waits, phase_id, required, status, number, title, due_on, owner, *_place in named:
            link = ItemLink(number, title, status, owner or "", due_on)
            of_kind = self.first_waiting[phase_id] if waits else self.first[phase_id, required, status]
            of_kind.append(link)

    def required(self, phase_id: int) -> tuple[int, int]:
        """How many required items of the phase are finished, and how many there are."""
        total = sum(self.counts[phase_id, True, status] for status in Status)
        return sum(self.counts[phase_id, True, status] for status in FINISHED_STATUSES), total

    def open_required(self, phase_id: int) -> tuple[ItemLink, ...]:
        """The first open required items of the phase; blocked ones first, for they need somebody."""
        order = (Status.BLOCKED, Status.DOING, Status.TODO)
        return tuple(link for status in order for link in self.first[phase_id, True, status])[:NAMED]

    def blocked(self, phase_id: int) -> tuple[int, tuple[ItemLink, ...]]:
        """How many items of the phase are blocked, and the first of them."""
        count = sum(self.counts[phase_id, required, Status.BLOCKED] for required in (True, False))
        links = [link for required in (True, False) for link in self.first[phase_id, required, Status.BLOCKED]]
        return count, tuple(links[:NAMED])

    def waits(self, phase_id: int) -> tuple[int, tuple[ItemLink, ...]]:
        """How many open items of the phase wait for an unfinished one, and the first of them."""
        return self.counts[phase_id, False, WAITS], tuple(self.first_waiting[phase_id])


def _wanted(asking: Asking, _questions: Sequence[Question] = ()) -> Wanted:
    """The first few items by name. What there is was counted before; it costs a statement where no page has."""
    found: Wanted | None = asking.memo.get("first_items")
    if found is None:
        counts = asking.memo["item_counts"] = _counted(asking)
        found = asking.memo["first_items"] = _first_of(asking, counts)
    return found


def _counted(asking: Asking) -> Counter[tuple[int | None, bool, str]]:
    """How many items there are by phase, whether they are required, and status."""
    counted = asking.counted
    if counted is None:
        phase_ids = {gate.phase_id for gate in asking.asked}
        # A page of one gate counts in one phase; whole programs are counted along the index, whatever their phases.
        only = min(phase_ids) if len(phase_ids) == 1 else None
        counted = read(_counts(only is not None), {"program": asking.program_id, "phase": only}).all()
    counts: Counter[tuple[int | None, bool, str]] = Counter()
    for phase_id, status, required, count, *_rest in counted:
        counts[phase_id, bool(required), status] = count
    return counts


def _first_of(asking: Asking, counts: Counter[tuple[int | None, bool, str]]) -> Wanted:
    phase_ids = sorted({gate.phase_id for gate in asking.asked})
    # Only what is there is looked for: PostgreSQL takes longer to plan a part than to find nothing.
    parts: list[tuple[Any, ...]] = [
        (phase_id, required, status.value)
        for phase_id in phase_ids
        for required, status in _NAMED_PAIRS
        if counts[phase_id, required, status]
    ]
    parts += [(phase_id,) for phase_id in phase_ids if counts[phase_id, False, WAITS]]
    statements: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for first in range(0, len(parts), _PARTS_AT_ONCE):
        some = parts[first : first + _PARTS_AT_ONCE]
        sorts = [len(part) == 1 for part in some]
        statements[f"{FIRST_ITEMS}{first}"] = _first_items(first, sorts.count(False), sorts.count(True))
    for place, (phase_id, *more) in enumerate(parts):
        values[f"phase_{place}"] = phase_id
        if more:
            values[f"required_{place}"], values[f"status_{place}"] = more
    return Wanted(statements, values)


# Statements are put together once: that costs more than running them.
@cache
def _counts(one_phase: bool) -> Any:
    """The items of a program, or of one phase of it, as the first columns of rows of `progress.count_items`."""
    groups = (_ITEM.c.phase_id, _ITEM.c.status, _ITEM.c.required)
    counted = select(*groups, func.count()).where(_ITEM.c.program_id == bindparam("program")).group_by(*groups)
    here = [_DEPENDENCY.c.program_id == bindparam("program")]
    if one_phase:
        counted = counted.where(_ITEM.c.phase_id == bindparam("phase"))
        here.append(_DEPENDENCY.c.phase_id == bindparam("phase"))
    return union_all(counted, waiting_counts(*here))


@lru_cache(maxsize=256)
def _first_items(start: int, pairs: int, waiting: int) -> Any:
    """The first few items of so many (phase, required, status), and the first that wait in so many phases.

    What they bind is numbered from `start` on. Each part reads a few entries of an index in the checklist's order, so
    the size of the phases does not matter.
    """
    in_program = _ITEM.c.program_id == bindparam("program")
    parts = [
        _first(
            in_program,
            _ITEM.c.phase_id == bindparam(f"phase_{place}"),
            _ITEM.c.required == bindparam(f"required_{place}", type_=Boolean),
            _ITEM.c.status == bindparam(f"status_{place}"),
        )
        for place in range(start, start + pairs)
    ]
    parts += [
        _first_waiting(_DEPENDENCY.c.phase_id == bindparam(f"phase_{place}"))
        for place in range(start + pairs, start + pairs + waiting)
    ]
    found = union_all(*parts).subquery()
    return (
        select(
            found.c.waits,
            _ITEM.c.phase_id,
            _ITEM.c.required,
            _ITEM.c.status,
            _ITEM.c.number,
            _ITEM.c.title,
            _ITEM.c.due_on,
            _PERSON.c.name,
            _ITEM.c.position,
            _ITEM.c.id,
        )
        .join(_ITEM, found.c.item_id == _ITEM.c.id)
        .outerjoin(_PERSON, _PERSON.c.id == _ITEM.c.owner_id)
    )


def _first(*where: Any) -> Any:
    part = select(_ITEM.c.id).where(*where).order_by(_ITEM.c.position).limit(literal_column(str(NAMED))).subquery()
    return select(part.c.id.label("item_id"), false().label("waits"))


def _first_waiting(in_phase: Any) -> Any:
    successor = _DEPENDENCY.c.successor_id
    part = (
        select(successor)
        .where(_DEPENDENCY.c.program_id == bindparam("program"), in_phase)
        .where(_DEPENDENCY.c.before_open, _DEPENDENCY.c.after_open)
        # An item may wait for several others.
        .group_by(_DEPENDENCY.c.position, successor)
        .order_by(_DEPENDENCY.c.position, successor)
        .limit(literal_column(str(NAMED)))
        .subquery()
    )
    return select(part.c.successor_id.label("item_id"), true().label("waits"))


def _items_of(asking: Asking) -> PhaseItems:
    # Several kinds ask for the same; the asking object lives for one reading and keeps it.
    found: PhaseItems | None = asking.memo.get("phase_items")
    if found is None:
        named = [row for name in _wanted(asking).statements for row in asking.rows[name]]
        # In the checklist's order: by place, then by id.
        named.sort(key=lambda row: row[-2:])
        found = asking.memo["phase_items"] = PhaseItems(asking.memo["item_counts"], named)
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
    items = _items_of(asking)
    answers = []
    for question in questions:
        count, links = items.waits(question.gate.phase_id)
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


def _manual(_asking: Asking, questions: Sequence[Question]) -> list[Answer]:
    # Gates ask for many, and most wait: said once for all.
    waiting = Answer(False, _("not ticked"), _("Nobody has confirmed it yet."))
    answers = []
    for question in questions:
        row = question.row
        if row is None or row.ticked_at is None:
            answers.append(waiting)
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
        wants=_wanted,
    )
)
register(
    Criterion(
        "no_blockers",
        _l("Nothing in the phase is blocked"),
        _l("The checklist: items of this phase with the status 'blocked'"),
        _no_blockers,
        standing=True,
        wants=_wanted,
    )
)
register(
    Criterion(
        "dependencies_met",
        _l("Nothing in the phase waits for unfinished work"),
        _l("The checklist: dependencies of this phase's open items"),
        _dependencies_met,
        standing=True,
        wants=_wanted,
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
