"""What people of a story can do: each act is one name in a step and calls the verb that a page would call.

Every act takes the stage, the one who acts, and its value from the story. Dates in values are told as in a story's
steps; items, phases and gates are named by their keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from program.cli.demo.stage import Stage, as_of
from program.extensions import db
from program.ground.actor import Actor
from program.ground.now import today_in
from program.planning.baselines import take_baseline
from program.planning.comments import add_comment, mark_seen
from program.planning.decisions import ConditionDraft, DecisionDraft, Dissent, decide, members_of
from program.planning.dependencies import add_dependency
from program.planning.evidence import add_evidence
from program.planning.gates import MANUAL, add_criterion, add_gate, change_gate, tick
from program.planning.items import ItemDraft, add_item, change_items
from program.planning.models import GateCriterion, WorkItem
from program.planning.models.items import Kind, Priority, Status
from program.planning.moving import move, preview, wished
from program.planning.phases import PhaseDraft, add_phase, phases_in_order, set_actual_dates
from program.planning.programs import close_program
from program.planning.saved_views import save_view

Act = Callable[[Stage, Actor, Any], None]
_DAYS = {"due": "due_on", "start": "start_on"}


def _set_status(status: Status) -> Act:
    def act(stage: Stage, actor: Actor, keys: Sequence[str]) -> None:
        change_items(actor, stage.program_id, [(stage.items[key], {"status": status}) for key in keys])

    return act


def _set_reasoned(status: Status) -> Act:
    def act(stage: Stage, actor: Actor, reasons: Mapping[str, Any]) -> None:
        edits = [
            (stage.items[key], {"status": status, "status_reason": stage.text(reason)})
            for key, reason in reasons.items()
        ]
        change_items(actor, stage.program_id, edits)

    return act


def _assign(stage: Stage, actor: Actor, owners: Mapping[str, str]) -> None:
    edits = [(stage.items[key], {"owner_id": stage.people[person]}) for key, person in owners.items()]
    change_items(actor, stage.program_id, edits)


def _change(stage: Stage, actor: Actor, wanted: Mapping[str, Mapping[str, Any]]) -> None:
    edits = [(stage.items[key], _columns(stage, values)) for key, values in wanted.items()]
    change_items(actor, stage.program_id, edits)


def _add(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    values = dict(told)
    key, after, phase = values.pop("key"), values.pop("after", []), values.pop("phase", None)
    columns = _columns(stage, values)
    columns["tags"] = tuple(stage.text(tag) for tag in columns.get("tags", ()))
    draft = ItemDraft(**columns, phase_id=stage.phase(phase).id if phase else None)
    item = stage.items[key] = add_item(actor, stage.program_id, draft)
    for earlier in after:
        add_dependency(actor, stage.program_id, item, stage.items[earlier])


def _wait(stage: Stage, actor: Actor, pairs: Mapping[str, str]) -> None:
    for key, earlier in pairs.items():
        add_dependency(actor, stage.program_id, stage.items[key], stage.items[earlier])


def _say(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    add_comment(actor, stage.items[told["item"]], stage.text(told["text"]))


def _seen(stage: Stage, _actor: Actor, people: Sequence[str]) -> None:
    for person in people:
        mark_seen(stage.actor(person))


def _show(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    add_evidence(actor, stage.items[told["item"]], told["url"], stage.text(told["label"]))


def _tick(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    rows = db.session.scalars(
        select(GateCriterion)
        .where(GateCriterion.gate_id == stage.gate(told["gate"]).id, GateCriterion.kind == MANUAL)
        .order_by(GateCriterion.position)
    ).all()
    criterion = rows[told["number"] - 1]
    tick(actor, criterion, stage.text(told["note"]), seen=_revision(criterion))


def _dates(stage: Stage, actor: Actor, told: Mapping[str, str]) -> None:
    phase = stage.phase(told["phase"])
    start = stage.almanac.worked(told["start"]) if "start" in told else phase.actual_start
    end = stage.almanac.worked(told["end"]) if "end" in told else phase.actual_end
    set_actual_dates(actor, phase, start, end, seen=_revision(phase))


def _move(stage: Stage, actor: Actor, told: Mapping[str, str]) -> None:
    phase, calendar = stage.phase(told["phase"]), stage.almanac.calendar
    wish = wished(phase, calendar, phase.planned_start, stage.almanac.due(told["end"]))
    plan = preview(actor, phase, calendar, wish)
    move(actor, phase, calendar, wish, seen=plan.fingerprint)
    # The move wrote past the rows at hand.
    db.session.expire_all()


def _move_gate(stage: Stage, actor: Actor, told: Mapping[str, str]) -> None:
    gate = stage.gate(told["gate"])
    change_gate(actor, gate, {"planned_on": stage.almanac.due(told["to"])}, seen=_revision(gate))


def _decide(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    gate = stage.gate(told["gate"])
    names = {row.id: row.name for row in members_of(stage.program_id)}
    conditions = told.get("conditions", ())
    draft = DecisionDraft(
        outcome=told["outcome"],
        reason=stage.text(told["reason"]),
        decided_on=today_in(stage.program.timezone),
        deciders=tuple(stage.people[person] for person in told["deciders"]),
        dissent=tuple(
            Dissent(names[stage.people[one["who"]]], stage.text(one["why"])) for one in told.get("dissent", ())
        ),
        conditions=tuple(
            ConditionDraft(stage.text(one["title"]), stage.people[one["owner"]], stage.almanac.due(one["due"]))
            for one in conditions
        ),
        override=as_of(told.get("override", ""), stage),
    )
    decision = decide(actor, stage.program_id, gate.id, draft, seen=_revision(gate))
    made = db.session.scalars(select(WorkItem).where(WorkItem.decision_id == decision.id).order_by(WorkItem.number))
    stage.items |= {one["key"]: item for one, item in zip(conditions, made, strict=True)}


def _baseline(stage: Stage, actor: Actor, name: Any) -> None:
    take_baseline(actor, stage.program_id, stage.text(name))


def _view(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    save_view(actor, stage.program_id, stage.text(told["name"]), told["query"], shared=told.get("shared", False))


def _join(stage: Stage, actor: Actor, levels: Mapping[str, str]) -> None:
    for person, level in levels.items():
        stage.invite(actor, person, level)


def _phase(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    last = phases_in_order(stage.program_id)
    draft = PhaseDraft(
        stage.text(told["name"]), told["weeks"], stage.text(told["purpose"]), last[-1].id if last else None
    )
    stage.know_phase(told["key"], add_phase(actor, stage.program_id, draft))


def _gate(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    phase = stage.phase(told["phase"])
    gate = add_gate(
        actor, stage.program_id, phase_id=phase.id, name=stage.text(told["name"]), planned_on=phase.planned_end
    )
    stage.know_gate(told["key"], gate)
    for text in told["criteria"]:
        add_criterion(actor, gate, stage.text(text))


def _close(stage: Stage, actor: Actor, _value: bool) -> None:
    close_program(actor, stage.program, seen=_revision(stage.program))


def _revision(row: Any) -> int:
    """What an editor who looks at the row at this moment has seen."""
    return int(row.revision)


def _columns(stage: Stage, told: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a story as columns of an item."""
    columns: dict[str, Any] = {}
    for name, value in told.items():
        if name in _DAYS:
            columns[_DAYS[name]] = stage.almanac.due(value)
        elif name == "owner":
            columns["owner_id"] = stage.people[value] if value else None
        elif name == "priority":
            columns[name] = Priority[value.upper()]
        elif name == "kind":
            columns[name] = Kind(value)
        else:
            columns[name] = as_of(value, stage)
    return columns


ACTS: Mapping[str, Act] = {
    "add": _add,
    "assign": _assign,
    "baseline": _baseline,
    "block": _set_reasoned(Status.BLOCKED),
    "change": _change,
    "close": _close,
    "dates": _dates,
    "decide": _decide,
    "doing": _set_status(Status.DOING),
    "done": _set_status(Status.DONE),
    "drop": _set_reasoned(Status.DROPPED),
    "gate": _gate,
    "join": _join,
    "move": _move,
    "move_gate": _move_gate,
    "phase": _phase,
    "say": _say,
    "seen": _seen,
    "show": _show,
    "tick": _tick,
    "view": _view,
    "wait": _wait,
}
