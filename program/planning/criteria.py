"""What a gate can ask, kind by kind: the list that later rooms add to (KPIs, pulse, risks, roles).

A kind answers for all gates of a program at once, so that a page about every gate costs no more statements than a page
about one. Kinds say first which rows they want; those of all kinds that are asked are read in one statement, and each
kind answers from its own. A kind that nobody registered answers 'no data', which is never green. The kinds of planning
itself stand in `computed_criteria.py`; `readiness.py` puts the answers together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select

from program.ground.records import record

# How many items a criterion names before it only counts.
NAMED = 3
MANUAL = "manual"


@record
class ItemLink:
    """A work item that explains an answer, as a page links it: KEY-12 and its title."""

    number: int
    title: str
    status: str
    owner: str = ""
    due_on: date | None = None


@record
class SeeAlso:
    """A page of the program that explains an answer where no work item does."""

    label: str
    endpoint: str


@record
class AskedGate:
    """A gate as criteria see it; gates stand in the order of the program (`place` from 0)."""

    id: int
    name: str
    phase_id: int
    phase_name: str
    planned_on: date
    revision: int
    place: int
    # Codes of the KPIs the gate looks at.
    kpis: tuple[str, ...] = ()


@record
class CriterionRow:
    """A criterion as it is stored with its gate."""

    id: int
    gate_id: int
    kind: str
    text: str
    ticked_at: datetime | None
    ticked_by: str
    note: str
    revision: int


@record
class Question:
    """One criterion of one gate that wants an answer; `row` is None for the kinds that stand in every gate."""

    gate: AskedGate
    row: CriterionRow | None


@record
class Answer:
    """What a criterion says. `met` None means that nobody can tell yet: no data."""

    met: bool | None
    # The figure in words: '9 of 12 done'.
    value: str
    # Why it is not met yet, a whole sentence; '' when it is.
    why_not: str = ""
    # The first items behind it, and how many there are in all.
    links: tuple[ItemLink, ...] = ()
    link_total: int = 0
    # When the answer came to be, in words and as a moment; '' and None mean now.
    age: str = ""
    as_of: datetime | None = None
    see: SeeAlso | None = None
    # What is asked, where the kind alone does not say it: 'CSAT: at least 80 % for 4 weeks'.
    asks: str = ""


@record
class Condition:
    """A condition that a conditional go asked for, as the item it became."""

    item_id: int
    decision_sequence: int
    gate_id: int
    link: ItemLink
    finished: bool
    late: bool


@record
class Decided:
    """A decision that was taken at a gate, without its evidence."""

    id: int
    sequence: int
    outcome: str
    decided_at: datetime


@record
class Asking:
    """What every kind may look at without asking the database again."""

    program_id: int
    key: str
    today: date
    gates: tuple[AskedGate, ...]
    # The gates that answers are wanted for: all of them, or the one of its page.
    asked: tuple[AskedGate, ...]
    # The rows of `progress.count_items`, where a page has read them before; None where nobody has.
    counted: Sequence[Any] | None = field(default=None, compare=False)
    # By gate: its decisions, oldest first, and the conditions that still bind it (see `readiness.py`). They are read
    # with the rows below: who says which rows are wanted does not know them yet.
    decisions: Mapping[int, tuple[Decided, ...]] = field(default_factory=dict)
    conditions: Mapping[int, tuple[Condition, ...]] = field(default_factory=dict)
    # The rows that kinds wanted, by the name they gave them.
    rows: Mapping[str, Sequence[Any]] = field(default_factory=dict, compare=False)
    # What kinds that look at the same keep for each other during one reading.
    memo: dict[str, Any] = field(default_factory=dict, compare=False)


@record
class Wanted:
    """The rows that a kind answers from: SELECTs by name, and what they bind.

    For each SELECT goes what `ground/together.py` asks: columns of its own, no ORDER BY, put together once. `program`
    (its id) and `today` are bound for it; `values` adds what else it binds. A name belongs to one room, and whoever
    wants it too wants the same: kinds that share a name share its rows.
    """

    statements: Mapping[str, Select[Any]]
    values: Mapping[str, Any] = field(default_factory=dict)


@record
class Criterion:
    """A kind of criterion.

    `wants` says which rows answer the questions of this kind; None for a kind that needs none. `evaluate` gets
    everything about the program, those rows included, and all questions of this kind, and gives one answer for each, in
    their order, without a statement. `text` and `source` are (lazily) translated sentences: what is asked, and where
    the answer comes from. A kind that is `standing` is asked at every gate, in the order registered.
    The reasons of a kind that `says_all` are understood where its text does not stand beside them. A kind that is
    `implied` stands in those gates by itself for which the function says so. One that is `particular` has more to say
    than its kind and can stand in a gate several times; its own room offers it.
    """

    kind: str
    text: Any
    source: Any
    evaluate: Callable[[Asking, Sequence[Question]], Sequence[Answer]]
    standing: bool = False
    says_all: bool = False
    implied: Callable[[AskedGate], bool] | None = None
    particular: bool = False
    wants: Callable[[Asking, Sequence[Question]], Wanted] | None = None


_kinds: dict[str, Criterion] = {}


def register(criterion: Criterion) -> None:
    """Add a kind. Raises ValueError when the kind is taken."""
    if criterion.kind in _kinds:
        raise ValueError(f"the kind of criterion {criterion.kind!r} is registered twice")
    _kinds[criterion.kind] = criterion


def unregister(kind: str) -> None:
    """Take a kind away again; its stored criteria then show as 'no data'."""
    _kinds.pop(kind, None)


def find(kind: str) -> Criterion | None:
    """The registered kind, or None."""
    return _kinds.get(kind)


def optional_kinds() -> tuple[Criterion, ...]:
    """The kinds that are worked out for the gates that ask for them, in the order registered."""
    return tuple(
        criterion
        for criterion in _kinds.values()
        if not criterion.standing and not criterion.implied and not criterion.particular and criterion.kind != MANUAL
    )


def implied_kinds() -> tuple[Criterion, ...]:
    """The kinds that stand in some gates by themselves, in the order registered."""
    return tuple(criterion for criterion in _kinds.values() if criterion.implied)


def standing_kinds() -> tuple[Criterion, ...]:
    """The kinds that every gate asks, in their order."""
    return tuple(criterion for criterion in _kinds.values() if criterion.standing)
