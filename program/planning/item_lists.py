"""Reading many items at once: a filter becomes SQL, and a page of a list costs the same for 100 items as for 10,000.

Two statements carry a list. The first counts by group, from indexes where it can; it gives the totals, every group's
progress, and so where the asked page begins. The second reads the rows of that page, from the few groups on it.
Neighbours: `item_filters.py` (what can be asked), `bulk.py` and `spreadsheets_out.py` (what is done with all of it).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, case, func, null, or_, select

from program.extensions import db
from program.ground.calendar import monday_of
from program.ground.folding import fold, like
from program.ground.now import zone
from program.ground.records import record
from program.people.models import Person
from program.planning.item_filters import ME, NONE, ItemFilter
from program.planning.models import Dependency, ItemTag, Phase, WorkItem
from program.planning.models.items import OPEN_STATUSES, Status

WEEK, FORTNIGHT = timedelta(days=6), timedelta(days=13)
STATUS_RANK = {status.value: rank for rank, status in enumerate(Status)}
CHUNK = 500
# Columns of the tables themselves: through the mapped classes each comparison costs several times as much.
_TABLE = cast(Table, WorkItem.__table__)
W, T, D = _TABLE.c, cast(Table, ItemTag.__table__).c, cast(Table, Dependency.__table__).c
# What a row of the checklist needs.
COLUMNS = (
    W.id,
    W.number,
    W.title,
    W.status,
    W.status_reason,
    W.required,
    W.owner_id,
    W.due_on,
    W.priority,
    W.kind,
    W.phase_id,
    W.revision,
)


def _tags_in_use() -> Any:
    """Steps from tag to tag in the index: each tag costs one step, however many items have it."""
    ours = T.program_id == bindparam("program_id")
    steps = select(func.min(T.tag).label("tag")).where(ours).cte("steps", recursive=True)
    following = select(func.min(T.tag)).where(ours, T.tag > steps.c.tag)
    steps = steps.union_all(select(following.scalar_subquery()).where(steps.c.tag.is_not(None)))
    return select(steps.c.tag).where(steps.c.tag.is_not(None)).limit(200)


# Put together once: building a statement takes longer than running it.
_OURS = W.program_id == bindparam("program_id")
# Without an index on the program: SQLite would take it, not knowing that one person's items are far fewer.
_OURS_BY_OWNER = W.program_id + 0 == bindparam("program_id")
_ROWS = select(*COLUMNS)
_ONE = _ROWS.where(_OURS, W.number == bindparam("number"))
_IDS: Any = bindparam("ids", expanding=True)
_WAITING = select(D.successor_id).where(D.successor_id.in_(_IDS), D.before_open).distinct()
_TAGS_OF = select(T.item_id, T.tag).where(T.item_id.in_(_IDS)).order_by(T.item_id, T.tag)
_TAGS_IN_USE = _tags_in_use()
_NUMBER = re.compile(r"(?:([A-Za-z][A-Za-z0-9]*)-)?([0-9]{1,9})")
# A group of the list: a phase's id, a person's id, a status, the Monday of a week; None for 'none of them'.
GroupKey = int | str | date | None


@record
class Place:
    """Where and when a list is read: a filter's 'me', 'this week' and KEY-12 depend on it."""

    program_id: int
    key: str
    person_id: int | None
    today: date
    timezone: str
    # Ids and names of the program's phases, in order.
    phases: tuple[tuple[int, str], ...] = ()


@dataclass(slots=True)
class Group:
    """Items of one group in numbers. Dropped items count in `shown` only: they are neither work nor progress."""

    key: GroupKey = None
    # The phase's or the owner's name; other groups are named by their key.
    name: str = ""
    shown: int = 0
    total: int = 0
    done: int = 0
    late: int = 0
    late_required: int = 0

    def add(self, status: str, required: bool, count: int, past_due: int) -> None:
        """Take in items of one status."""
        self.shown += count
        if status == Status.DROPPED:
            return
        self.total += count
        if status == Status.DONE:
            self.done += count
        else:
            self.late += past_due
            self.late_required += past_due if required else 0

    def take_in(self, other: Group) -> None:
        """Add another group's numbers."""
        self.shown += other.shown
        self.total += other.total
        self.done += other.done
        self.late += other.late
        self.late_required += other.late_required


@record
class ItemPage:
    """One page of a list: rows with the group each belongs to, all groups in order, and the sums over all pages."""

    rows: Sequence[Any]
    groups: Sequence[Group]
    # The place of each row's group in `groups`.
    of_group: Sequence[int]
    whole: Group
    page: int
    tags: dict[int, list[str]] = field(default_factory=dict)
    waiting: frozenset[int] = frozenset()


def read_page(filter_: ItemFilter, place: Place, page: int) -> ItemPage:
    """That page of the list; the last one when there are fewer. Two statements for the rows, two for their details."""
    groups = count_groups(filter_, place)
    whole = Group()
    for group in groups:
        whole.take_in(group)
    page = max(1, min(page, -(-whole.shown // filter_.size)))
    start = (page - 1) * filter_.size
    here, before = _overlapping(groups, start, start + filter_.size)
    if not here:
        return ItemPage((), groups, (), whole, page)
    present = [groups[index] for index in here]
    statement = (
        _ordered(_ROWS.where(_ours(filter_)), filter_, place, present).offset(start - before).limit(filter_.size)
    )
    rows = db.session.execute(statement, {"program_id": place.program_id}).all()
    # Rows come group by group, so their groups follow from the counts.
    of_group: list[int] = []
    skip = start - before
    for index in here:
        of_group += [index] * (groups[index].shown - skip)
        skip = 0
    ids = [row.id for row in rows]
    return ItemPage(rows, groups, of_group[: len(rows)], whole, page, tags_of(ids), waiting_among(rows))


def count_groups(filter_: ItemFilter, place: Place) -> list[Group]:
    """The list's groups in their order, counted in one statement; those without items are left out."""
    statement = _counted(filter_.group).where(_ours(filter_), *_narrowing(filter_, place))
    found: dict[GroupKey, Group] = {}
    values = {"program_id": place.program_id, "today": place.today}
    for raw, status, required, count, past_due in db.session.execute(statement, values):
        of: GroupKey = monday_of(raw) if filter_.group == "week" and raw is not None else raw
        found.setdefault(of, Group(of)).add(status, required, count, past_due)
    ranks = _ranks(filter_, place, found)
    for raw, group in found.items():
        group.name = ranks[raw][1]
    return sorted(found.values(), key=lambda group: ranks[group.key][0])


def read_one(place: Place, number: int) -> ItemPage:
    """The item with that number as a page of one row; empty when there is none."""
    rows = db.session.execute(_ONE, {"program_id": place.program_id, "number": number}).all()
    ids = [row.id for row in rows]
    return ItemPage(rows, (), (0,) * len(rows), Group(), 1, tags_of(ids), waiting_among(rows))


def ordered_ids(filter_: ItemFilter, place: Place) -> list[tuple[int, GroupKey]]:
    """Ids of all that match, in the list's order over all pages, each with its group."""
    key = _group_column(filter_)
    groups = count_groups(filter_, place) if key is not None else []
    columns = [W.id] if key is None else [W.id, key.label("group_key")]
    statement = select(*columns).where(W.program_id == place.program_id)
    rows = db.session.execute(_ordered(statement, filter_, place, [])).all()
    if key is None:
        return [(row.id, None) for row in rows]
    week = filter_.group == "week"
    found = [(row.id, monday_of(row.group_key) if week and row.group_key else row.group_key) for row in rows]
    # Sorting is stable: within a group the order of the statement stays.
    rank = {group.key: index for index, group in enumerate(groups)}
    return sorted(found, key=lambda pair: rank.get(pair[1], len(rank)))


def matching_ids(filter_: ItemFilter, place: Place, most: int) -> list[int]:
    """Ids of what matches, at most that many, without any order worth having."""
    return list(db.session.scalars(select(W.id).where(*conditions(filter_, place)).limit(most)))


def tags_of(ids: Sequence[int]) -> dict[int, list[str]]:
    """The tags of those items, in alphabetical order, by id."""
    found: dict[int, list[str]] = {}
    for part in chunks(ids):
        for item_id, tag in db.session.execute(_TAGS_OF, {"ids": part}):
            found.setdefault(item_id, []).append(tag)
    return {item_id: sorted(tags) for item_id, tags in found.items()}


def tags_in_use(program_id: int) -> list[str]:
    """The program's tags in alphabetical order, 200 at most."""
    return sorted(tag for tag in db.session.scalars(_TAGS_IN_USE, {"program_id": program_id}) if tag is not None)


def waiting_among(rows: Iterable[Any]) -> frozenset[int]:
    """Ids of those open items that wait for something unfinished."""
    open_ids = [row.id for row in rows if row.status in OPEN_STATUSES]
    return frozenset(db.session.scalars(_WAITING, {"ids": open_ids})) if open_ids else frozenset()


def chunks(values: Sequence[Any], size: int = CHUNK) -> Iterator[Sequence[Any]]:
    """The values in pieces that fit into one statement."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def conditions(filter_: ItemFilter, place: Place) -> list[ColumnElement[bool]]:
    """What the filter asks, as conditions on WorkItem; all of them must hold."""
    return [W.program_id == place.program_id, *_narrowing(filter_, place)]


def _ours(filter_: ItemFilter) -> ColumnElement[bool]:
    return _OURS_BY_OWNER if filter_.owners and NONE not in filter_.owners else _OURS


def _narrowing(filter_: ItemFilter, place: Place) -> list[ColumnElement[bool]]:
    """The conditions beside the one on the program."""
    found = _text_conditions(filter_.text, place)
    if filter_.phases:
        found.append(_in(W.phase_id, filter_.phases, 0))
    if filter_.statuses:
        found.append(W.status.in_(filter_.statuses))
    if filter_.kinds:
        found.append(W.kind.in_(filter_.kinds))
    if filter_.owners:
        people = [place.person_id if owner == ME else 0 if owner == NONE else int(owner) for owner in filter_.owners]
        found.append(_in(W.owner_id, people, 0))
    if filter_.required is not None:
        found.append(W.required.is_(filter_.required))
    if filter_.priorities:
        found.append(W.priority.in_(filter_.priorities))
    if filter_.channels:
        found.append(W.channel.in_(filter_.channels))
    if filter_.roles:
        found.append(W.role.in_(filter_.roles))
    if filter_.tags:
        tagged = select(T.item_id).where(T.program_id == place.program_id, T.tag.in_(filter_.tags))
        found.append(W.id.in_(tagged))
    if filter_.waiting:
        found.append(_waits(place))
    if filter_.updated_since:
        midnight = datetime.combine(filter_.updated_since, time(), zone(place.timezone)).astimezone(UTC)
        found.append(W.updated_at >= midnight)
    return found + _due_conditions(filter_, place.today)


def _text_conditions(text: str, place: Place) -> list[ColumnElement[bool]]:
    """Every word must occur in the title; KEY-12, or 12 alone, finds the item of that number as well."""
    words = fold(text).split()
    if not words:
        # A search for what folds to nothing (a lone accent) matches nothing; no search at all matches everything.
        return [W.id < 0] if text else []
    in_title = and_(*(W.title_folded.like(like(word), escape="\\") for word in words))
    number = _NUMBER.fullmatch(text)
    if number and (number[1] is None or number[1].upper() == place.key):
        return [or_(in_title, W.number == int(number[2]))]
    return [in_title]


def _due_conditions(filter_: ItemFilter, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filter_.due == "overdue":
        found += [W.due_on < today, W.status.in_(OPEN_STATUSES)]
    elif filter_.due == "week":
        monday = monday_of(today)
        found.append(W.due_on.between(monday, monday + WEEK))
    elif filter_.due == "fortnight":
        found.append(W.due_on.between(today, today + FORTNIGHT))
    elif filter_.due == NONE:
        found.append(W.due_on.is_(None))
    if filter_.due_from:
        found.append(W.due_on >= filter_.due_from)
    if filter_.due_to:
        found.append(W.due_on <= filter_.due_to)
    return found


def _waits(place: Place) -> ColumnElement[bool]:
    return W.id.in_(select(D.successor_id).where(D.program_id == place.program_id, D.before_open, D.after_open))


def _in(column: Any, values: Iterable[int | None], nothing: int) -> ColumnElement[bool]:
    """The column is one of the values; `nothing` among them stands for 'empty'."""
    wanted = set(values)
    named = column.in_(sorted(value for value in wanted if value is not None and value != nothing))
    return or_(named, column.is_(None)) if nothing in wanted else named


_GROUP_COLUMNS: dict[str, Any] = {"phase": W.phase_id, "owner": W.owner_id, "status": W.status, "week": W.due_on}


def _group_column(filter_: ItemFilter) -> Any:
    return _GROUP_COLUMNS.get(filter_.group)


@cache
def _counted(group: str) -> Any:
    """Counts items by that group (None where there are no groups), status and whether they are required."""
    key = _GROUP_COLUMNS.get(group)
    by = [W.status, W.required] if key is None else [key, W.status, W.required]
    past_due = func.count(case((W.due_on < bindparam("today"), 1)))
    columns = [null() if key is None else key, W.status, W.required, func.count(), past_due]
    return select(*columns).group_by(*by)


def _ranks(filter_: ItemFilter, place: Place, keys: Iterable[GroupKey]) -> dict[GroupKey, tuple[Any, str]]:
    """How groups are sorted, and the names of phases and people; 'none' comes last."""
    keys = list(keys)
    if filter_.group == "status":
        return {key: (STATUS_RANK[str(key)], "") for key in keys}
    if filter_.group == "week":
        return {key: ((key is None, key or date.min), "") for key in keys}
    order: dict[GroupKey, tuple[Any, str]] = {}
    if filter_.group == "phase":
        order = {phase_id: ((0, rank), name) for rank, (phase_id, name) in enumerate(place.phases)}
    elif filter_.group == "owner":
        people = select(Person.id, Person.name, Person.name_folded)
        rows = db.session.execute(people.where(Person.id.in_([key for key in keys if key is not None])))
        order = {row.id: ((0, row.name_folded, row.id), row.name) for row in rows}
    return {key: order.get(key, ((1,), "")) for key in keys}


def _overlapping(groups: Sequence[Group], start: int, end: int) -> tuple[list[int], int]:
    """Which groups lie on rows start..end, and how many rows lie before the first of them."""
    here: list[int] = []
    before = position = 0
    for index, group in enumerate(groups):
        if position < end and position + group.shown > start:
            if not here:
                before = position
            here.append(index)
        position += group.shown
    return here, before


def _ordered(statement: Select[Any], filter_: ItemFilter, place: Place, groups: Sequence[Group]) -> Select[Any]:
    """Rows of those groups (of all, when none is named) in the list's order; ties in the order of adding."""
    statement = statement.where(*_narrowing(filter_, place))
    order: list[Any] = []
    if groups and _group_column(filter_) is not None:
        memberships = [_belongs(filter_, group.key) for group in groups]
        statement = statement.where(or_(*memberships))
        if len(memberships) > 1:
            order.append(case(*((belongs, rank) for rank, belongs in enumerate(memberships))))
    grouped_by_phase = bool(groups) and filter_.group == "phase"
    sort, joins = _sort_columns(filter_, grouped_by_phase)
    for target, on in joins:
        statement = statement.outerjoin(target, on)
    order += [
        (column.desc() if filter_.descending else column.asc()).nulls_last()
        if nulls
        else (column.desc() if filter_.descending else column.asc())
        for column, nulls in sort
    ]
    return statement.order_by(*order, W.id)


def _belongs(filter_: ItemFilter, key: GroupKey) -> ColumnElement[bool]:
    column = _group_column(filter_)
    if key is None:
        return column.is_(None)
    if isinstance(key, date):
        return column.between(key, key + WEEK)
    return column == key


def _sort_columns(filter_: ItemFilter, grouped_by_phase: bool) -> tuple[list[tuple[Any, bool]], list[tuple[Any, Any]]]:
    """The columns to sort by, each with whether it can be empty, and the tables they need."""
    of_phase = (Phase, Phase.id == W.phase_id)
    plain = {
        "number": W.number,
        "priority": W.priority,
        "kind": W.kind,
        "required": W.required,
        "updated": W.updated_at,
    }
    if filter_.sort in plain:
        return [(plain[filter_.sort], False)], []
    if filter_.sort == "title":
        return [(_by_letters(W.title_folded), False)], []
    if filter_.sort == "status":
        return [(case(STATUS_RANK, value=W.status), False)], []
    if filter_.sort in ("due", "start"):
        return [(W.due_on if filter_.sort == "due" else W.start_on, True)], []
    if filter_.sort == "owner":
        return [(_by_letters(Person.name_folded), True)], [(Person, Person.id == W.owner_id)]
    if filter_.sort == "plan" and grouped_by_phase:
        return [(W.position, False)], []
    columns: list[tuple[Any, bool]] = [(Phase.position, True)]
    if filter_.sort == "plan":
        columns.append((W.position, False))
    return columns, [of_phase]


def _by_letters(column: Any) -> Any:
    # PostgreSQL sorts by its own language; folded text is made to be sorted letter by letter, as SQLite does.
    return column.collate("C") if db.session.get_bind().dialect.name == "postgresql" else column
