"""How ready every gate of a program is, worked out live from what the checklist and the decisions say today.

Readiness is computed, never typed. What a gate asks is in `criteria.py` and `computed_criteria.py`; the decision that
people take on it is in `decisions.py`. Three statements serve all gates of a program, whatever its size and whatever
rooms its gates ask: the gates with their criteria, a count of the items, and all that decisions and criteria look at.

The state of a gate follows from its last decision:
- none yet: `ready` when every criterion is met, else `open`; 'no data' counts as not met;
- go: `go`; hold: `hold`; no-go: `no_go`;
- conditional go: `conditional_go`, or `reopened` as soon as one of the conditions that bind it is late.

Conditions bind the gate that asked for them until they are finished (done, or dropped by a manager) or until a plain
go lifts them. A lifted condition stays on the checklist as the required item it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Protocol

from flask_babel import gettext as _

from program.ground.records import record
from program.ground.together import read_together
from program.planning import computed_criteria  # noqa: F401 - registers planning's own kinds
from program.planning.criteria import (
    Answer,
    AskedGate,
    Asking,
    Condition,
    CriterionRow,
    Decided,
    ItemLink,
    Question,
    SeeAlso,
    Wanted,
    find,
    implied_kinds,
    standing_kinds,
)
from program.planning.gate_rows import by_gate, decisions_with_conditions, gates_and_criteria
from program.planning.models.gates import Outcome
from program.planning.models.items import OPEN_STATUSES, Status

STATES = ("open", "ready", "go", "conditional_go", "hold", "no_go", "reopened")
# States in which the program may go on past the gate.
PASSED_STATES = ("go", "conditional_go")
# The name of the decisions among the rows that are read together.
DECISIONS = "decisions"
NOTHING_MORE: Mapping[str, Any] = MappingProxyType({})


class ProgramLike(Protocol):
    """Anything that names a program: a row or an `OpenProgram`."""

    @property
    def id(self) -> Any:
        """Its id."""

    @property
    def key(self) -> Any:
        """Its key, as in KEY-12."""


@record
class CriterionState:
    """A criterion with its answer. `id` is that of the stored criterion; None for one that every gate asks anyway."""

    id: int | None
    kind: str
    text: str
    # None: no data. Never shown as green.
    met: bool | None
    source: str
    value: str
    age: str
    as_of: datetime | None
    why_not: str
    links: tuple[ItemLink, ...]
    link_total: int
    revision: int | None
    note: str = ""
    see: SeeAlso | None = None

    @property
    def more(self) -> int:
        """How many items stand behind it beyond those that are named."""
        return self.link_total - len(self.links)


@record
class Obstacle:
    """Something that stands in the gate's way: a sentence, the first items behind it and how many there are."""

    text: str
    links: tuple[ItemLink, ...] = ()
    link_total: int = 0

    @property
    def more(self) -> int:
        """How many items stand behind it beyond those that are named."""
        return self.link_total - len(self.links)


@record
class GateReadiness:
    """A gate as it stands today."""

    gate_id: int
    name: str
    phase_id: int
    phase_name: str
    planned_on: date
    state: str
    criteria: tuple[CriterionState, ...]
    met: int
    total: int
    revision: int
    # All decisions, oldest first, and the conditions that bind the gate (finished ones included).
    decisions: tuple[Decided, ...]
    conditions: tuple[Condition, ...]

    @property
    def obstacles(self) -> tuple[Obstacle, ...]:
        """What stands in its way, in words; put together when asked, for most pages show none or few."""
        if self.state == "reopened":
            late = tuple(condition.link for condition in self.conditions if condition.late)
            return (Obstacle(_("A condition of the conditional go is late."), late, len(late)),)
        if self.passed:
            return ()
        return tuple(
            Obstacle(_in_words(criterion), criterion.links, criterion.link_total)
            for criterion in self.criteria
            if criterion.met is not True
        )

    @property
    def decision(self) -> Decided | None:
        """The last decision."""
        return self.decisions[-1] if self.decisions else None

    @property
    def passed(self) -> bool:
        """True when the program may go on past it."""
        return self.state in PASSED_STATES

    @property
    def open_conditions(self) -> tuple[Condition, ...]:
        """The conditions that are not finished."""
        return tuple(condition for condition in self.conditions if not condition.finished)


@record
class GateState:
    """A gate as short as can be: its name, its day, and where it stands."""

    gate_id: int
    name: str
    phase_id: int
    planned_on: date
    state: str


def readiness(
    program: ProgramLike,
    today: date,
    counted: Sequence[Any] | None = None,
    *,
    only: int | None = None,
    phase_id: int | None = None,
) -> list[GateReadiness]:
    """Every gate of the program in the program's order, in at most three statements. Permission is the caller's.

    `counted` are the rows of `progress.count_items`, from a page that has read them already: one statement less.
    With `only` that gate alone, with `phase_id` those of that phase: the others' phases are then not looked at.
    """
    gates, rows = gates_and_criteria(program.id)
    asked = tuple(gate for gate in gates if only in (None, gate.id) and phase_id in (None, gate.phase_id))
    if not asked:
        return []
    asking = Asking(program.id, program.key, today, gates, asked, counted)
    questions = _questions(asking, rows)
    asking = _look(asking, _wanted(asking, questions), {DECISIONS: decisions_with_conditions()})
    answers = _ask(asking, questions)
    return [_gate_readiness(gate, answers[gate.id], asking) for gate in asked]


def states(program: ProgramLike, today: date, counted: Sequence[Any]) -> list[GateState]:
    """Every gate with the state that `readiness` finds, for pages that show no more of it; `counted` as there."""
    gates, rows = gates_and_criteria(program.id)
    if not gates:
        return []
    asking = Asking(program.id, program.key, today, gates, (), counted)
    # Whoever is decided is not asked, so decisions come first here.
    asking = _look(asking, (), {DECISIONS: decisions_with_conditions()})
    # Every gate asks for required items and for blockers: where these stand in its way, nothing else needs asking.
    hindered = {
        phase_id
        for phase_id, status, required, *_rest in counted
        if status == Status.BLOCKED or (required and status in OPEN_STATUSES)
    }
    asked = tuple(gate for gate in gates if gate.id not in asking.decisions and gate.phase_id not in hindered)
    asking = replace(asking, asked=asked)
    questions = _questions(asking, rows)
    asking = _look(asking, _wanted(asking, questions))
    answers = _ask(asking, questions)
    found = []
    for gate in gates:
        decided = asking.decisions.get(gate.id)
        late = any(condition.late for condition in asking.conditions.get(gate.id, ()))
        all_met = gate.id in answers and all(criterion.met for criterion in answers[gate.id])
        state = _state_of(decided[-1] if decided else None, late, all_met)
        found.append(GateState(gate.id, gate.name, gate.phase_id, gate.planned_on, state))
    return found


def next_gate(gates: list[GateReadiness]) -> GateReadiness | None:
    """The first gate that is not passed, if there is one."""
    return next((gate for gate in gates if not gate.passed), None)


def _look(asking: Asking, wanted: Iterable[Wanted], more: Mapping[str, Any] = NOTHING_MORE) -> Asking:
    """The same with the rows that are wanted, and the decisions where they are; one statement for all."""
    statements, values = dict(more), {"program": asking.program_id, "today": asking.today}
    for one in wanted:
        statements.update(one.statements)
        values.update(one.values)
    rows = read_together(statements, values)
    if DECISIONS not in rows:
        return replace(asking, rows=rows)
    decisions, conditions = by_gate(rows[DECISIONS], asking.today)
    return replace(asking, rows=rows, decisions=decisions, conditions=conditions)


def _questions(asking: Asking, rows: list[CriterionRow]) -> list[tuple[str, Question]]:
    """What is asked, with its kind: the standing kinds first, then each gate's own in their order."""
    gates = {gate.id: gate for gate in asking.asked}
    standing = [criterion.kind for criterion in standing_kinds()]
    stored = {(row.gate_id, row.kind): row for row in rows if row.kind in standing}
    questions: list[tuple[str, Question]] = [
        (kind, Question(gate, stored.get((gate.id, kind)))) for gate in asking.asked for kind in standing
    ]
    questions += [
        (row.kind, Question(gates[row.gate_id], row))
        for row in rows
        if row.gate_id in gates and row.kind not in standing
    ]
    questions += [
        (kind.kind, Question(gate, None))
        for kind in implied_kinds()
        for gate in asking.asked
        if kind.implied is not None and kind.implied(gate)
    ]
    return questions


def _wanted(asking: Asking, questions: list[tuple[str, Question]]) -> list[Wanted]:
    """The rows that answer them."""
    by_kind: dict[str, list[Question]] = {}
    for kind, question in questions:
        by_kind.setdefault(kind, []).append(question)
    known = [(find(kind), asked) for kind, asked in by_kind.items()]
    return [kind.wants(asking, asked) for kind, asked in known if kind is not None and kind.wants is not None]


def _ask(asking: Asking, questions: list[tuple[str, Question]]) -> dict[int, list[CriterionState]]:
    """The criteria of each gate with their answers, in the order of the questions."""
    by_kind: dict[str, list[int]] = {}
    for place, (kind, _question) in enumerate(questions):
        by_kind.setdefault(kind, []).append(place)
    states: list[Any] = [None] * len(questions)
    now = _("as of now")
    for kind, places in by_kind.items():
        criterion = find(kind)
        asked = [questions[place][1] for place in places]
        given = criterion.evaluate(asking, asked) if criterion else [_no_data() for _question in asked]
        # Said once for all gates: looking a sentence up for each costs more than the arithmetic.
        text, source = (str(criterion.text), str(criterion.source)) if criterion else (kind, _("unknown"))
        for place, question, answer in zip(places, asked, given, strict=True):
            states[place] = _state(kind, text, source, now, question, answer)
    of_gate: dict[int, list[CriterionState]] = {gate.id: [] for gate in asking.asked}
    for (_kind, question), state in zip(questions, states, strict=True):
        of_gate[question.gate.id].append(state)
    return of_gate


def _no_data() -> Answer:
    return Answer(None, _("no data"), _("Nothing here can answer this criterion yet."))


def _state(kind: str, text: str, source: str, now: str, question: Question, answer: Answer) -> CriterionState:
    row = question.row
    return CriterionState(
        id=row.id if row else None,
        kind=kind,
        text=answer.asks or (row.text if row else "") or text,
        met=answer.met,
        source=source,
        value=answer.value,
        age=answer.age or now,
        as_of=answer.as_of,
        why_not=answer.why_not,
        links=answer.links,
        link_total=answer.link_total,
        revision=row.revision if row else None,
        note=row.note if row else "",
        see=answer.see,
    )


def _gate_readiness(gate: AskedGate, criteria: list[CriterionState], asking: Asking) -> GateReadiness:
    decided = asking.decisions.get(gate.id, ())
    conditions = asking.conditions.get(gate.id, ())
    met = sum(1 for criterion in criteria if criterion.met)
    late = any(condition.late for condition in conditions)
    return GateReadiness(
        gate_id=gate.id,
        name=gate.name,
        phase_id=gate.phase_id,
        phase_name=gate.phase_name,
        planned_on=gate.planned_on,
        state=_state_of(decided[-1] if decided else None, late, met == len(criteria)),
        criteria=tuple(criteria),
        met=met,
        total=len(criteria),
        revision=gate.revision,
        decisions=decided,
        conditions=conditions,
    )


def _in_words(criterion: CriterionState) -> str:
    # A computed criterion's reason says all; one that was put into words by people needs those words.
    known = find(criterion.kind)
    if criterion.id is None or (known and (known.standing or known.says_all)):
        return criterion.why_not
    return _("%(criterion)s: %(why)s", criterion=criterion.text, why=criterion.why_not)


def _state_of(decision: Decided | None, any_late: bool, all_met: bool) -> str:
    if decision is None:
        return "ready" if all_met else "open"
    if decision.outcome == Outcome.CONDITIONAL_GO and any_late:
        return "reopened"
    return decision.outcome
