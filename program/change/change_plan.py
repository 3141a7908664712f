"""The change plan of a go-live: what the built-in plan proposes, and making work items and messages of it.

The items are ordinary work items of kind *change*; who owns each stays open, its role says who usually does. Generating
again adds only what is missing. Neighbours: `plan_steps.py` (the built-in plan), `go_live_moves.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, delete, insert, select

from program.change.go_lives import find_go_live
from program.change.models import ChangePlanItem, Communication, GoLive
from program.change.plan_steps import ChangePlan, PlanMessage, PlanStage, PlanStep, built_in
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Invalid
from program.ground.now import utc_now
from program.ground.records import record
from program.people import access
from program.people.models import Person
from program.planning.items import ItemDraft, add_items
from program.planning.models import Phase, WorkItem
from program.planning.models.items import Kind, Status
from program.planning.opening import OpenProgram

OUT_OF_YEARS = _l("The plan around this day would lie outside the years 2000 to 2099.")


@record
class ProposedStep:
    """A step as it would be planned around the go-live. `number` is the item it became already; None: it is missing."""

    step: PlanStep
    title: str
    description: str
    start_on: date
    due_on: date
    phase_id: int | None
    phase: str
    number: int | None = None
    is_dropped: bool = False

    @property
    def is_missing(self) -> bool:
        """True when nobody has decided about it yet: it was neither planned nor dropped."""
        return self.number is None


@record
class ProposedMessage:
    """A message as it would be planned; `is_there` when the go-live has it already."""

    message: PlanMessage
    text: str
    audience: str
    planned_on: date
    is_there: bool


@record
class Proposal:
    """What the built-in plan means for one go-live."""

    steps: tuple[ProposedStep, ...]
    messages: tuple[ProposedMessage, ...]

    @property
    def has_dropped(self) -> bool:
        """True when a step was dropped and could be planned anew."""
        return any(step.is_dropped for step in self.steps)

    @property
    def missing(self) -> int:
        """How many steps and messages are still missing."""
        return sum(step.is_missing for step in self.steps) + sum(not message.is_there for message in self.messages)


@record
class Generated:
    """What was planned; `batch` takes it back."""

    batch: str
    tasks: int
    messages: int


def proposal(actor: Actor, program: OpenProgram, go_live: GoLive) -> Proposal:
    """The plan around the go-live in the program's language; nothing is changed. Three statements.

    Raises Invalid where its dates would lie outside the years that can be planned.
    """
    access.require(actor, program.id, Access.VIEWER)
    plan, phases = built_in(), _phases(program.id)
    known = {row.step: row for row in read(_planned(), {"go_live": go_live.id})}
    said = set(read(_said(), {"go_live": go_live.id}).scalars())
    try:
        steps = tuple(_proposed(step, go_live, program, phases, known.get(step.key)) for step in plan.steps)
        messages = tuple(_worded(message, go_live, program, said) for message in plan.messages)
    except OverflowError as error:
        raise Invalid(OUT_OF_YEARS) from error
    return Proposal(steps, messages)


def generate(
    actor: Actor, program: OpenProgram, go_live_id: int, steps: Collection[str], messages: Collection[str]
) -> Generated:
    """Plan those steps and messages of the built-in plan that are not planned yet, in one batch.

    A step whose item was dropped is planned anew when it is asked for. Raises Invalid for nothing to plan, and for keys
    that the plan does not have.
    """
    access.require(actor, program.id, Access.MANAGER)
    # Held, so that two who generate at once do not both find the same steps missing.
    go_live = find_go_live(actor, program.id, go_live_id, Access.MANAGER, lock=True)
    _check_known(built_in(), steps, messages)
    offered = proposal(actor, program, go_live)
    wanted = [one for one in offered.steps if one.step.key in steps and (one.is_missing or one.is_dropped)]
    lines = [one for one in offered.messages if one.message.key in messages and not one.is_there]
    if not wanted and not lines:
        raise Invalid(_l("Choose at least one step or message that is not planned yet."))
    batch = audit.new_batch()
    _plan_steps(actor, program, go_live, wanted, batch)
    _plan_messages(actor, program, go_live, lines, batch)
    return Generated(batch, len(wanted), len(lines))


@record
class PlannedItem:
    """An item of a go-live's plan, as its page shows it."""

    step: str
    number: int
    title: str
    status: str
    owner: str | None
    role: str
    start_on: date | None
    due_on: date | None

    @property
    def stage(self) -> PlanStage | None:
        """The stage its step belongs to; None for a step that this version no longer knows."""
        return _stages().get(self.step)


def planned_items(go_live_id: int) -> list[PlannedItem]:
    """The items of a go-live's plan by due day. One statement; permission is the caller's."""
    return [PlannedItem(*row) for row in read(_items(), {"go_live": go_live_id})]


@cache
def _stages() -> dict[str, PlanStage]:
    return {step.key: step.stage for step in built_in().steps}


def _proposed(
    step: PlanStep, go_live: GoLive, program: OpenProgram, phases: Sequence[Any], known: Any | None
) -> ProposedStep:
    start, due = step.dates(go_live.on_date, program.calendar)
    phase = _phase_for(go_live, phases, start, due)
    return ProposedStep(
        step,
        step.title.in_(program.locale),
        step.description.in_(program.locale),
        start,
        due,
        phase.id if phase else None,
        phase.name if phase else "",
        known.number if known else None,
        bool(known and known.status == Status.DROPPED),
    )


def _worded(message: PlanMessage, go_live: GoLive, program: OpenProgram, said: set[str]) -> ProposedMessage:
    return ProposedMessage(
        message,
        message.message.in_(program.locale),
        message.audience.in_(program.locale),
        message.on(go_live.on_date, program.calendar),
        message.key in said,
    )


def _phase_for(go_live: GoLive, phases: Sequence[Any], start: date, due: date) -> Any | None:
    """The go-live's own phase; else the one that runs when the step begins, or when it ends."""
    if go_live.phase_id is not None:
        return next((phase for phase in phases if phase.id == go_live.phase_id), None)
    for day in (start, due):
        running = [phase for phase in phases if phase.planned_start <= day <= phase.planned_end]
        if running:
            return running[-1]
    return None


def _plan_steps(
    actor: Actor, program: OpenProgram, go_live: GoLive, wanted: Sequence[ProposedStep], batch: str
) -> None:
    if not wanted:
        return
    drafts = [
        ItemDraft(
            title=one.title,
            description=one.description,
            kind=Kind.CHANGE,
            role=one.step.role,
            start_on=one.start_on,
            due_on=one.due_on,
            phase_id=one.phase_id,
        )
        for one in wanted
    ]
    added = add_items(actor, program.id, drafts, batch=batch)
    keys = [one.step.key for one in wanted]
    # What was dropped gives its place in the plan to its successor, and stays an item of the program.
    db.session.execute(
        delete(ChangePlanItem).where(ChangePlanItem.go_live_id == go_live.id, ChangePlanItem.step.in_(keys))
    )
    rows = [
        {"item_id": item.id, "program_id": program.id, "go_live_id": go_live.id, "step": key}
        for item, key in zip(added, keys, strict=True)
    ]
    db.session.execute(insert(ChangePlanItem), rows)


def _plan_messages(
    actor: Actor, program: OpenProgram, go_live: GoLive, wanted: Sequence[ProposedMessage], batch: str
) -> None:
    if not wanted:
        return
    rows = [
        {
            "message": one.text,
            "audience": one.audience,
            "medium": one.message.medium.value,
            "go_live_id": go_live.id,
            "step": one.message.key,
            "planned_on": one.planned_on,
        }
        for one in wanted
    ]
    fixed = {"program_id": program.id, "detail": "", "created_at": utc_now(), "revision": 1}
    ids = db.session.scalars(
        insert(Communication).returning(Communication.id, sort_by_parameter_order=True), [row | fixed for row in rows]
    ).all()
    entries = [
        (found, str(row["message"]), audit.created({**row, "detail": ""})) for found, row in zip(ids, rows, strict=True)
    ]
    audit.record_many(actor, "communication.created", program.id, entries, batch=batch)


def _check_known(plan: ChangePlan, steps: Collection[str], messages: Collection[str]) -> None:
    if set(steps) - {step.key for step in plan.steps} or set(messages) - {message.key for message in plan.messages}:
        raise Invalid(_l("Choose from the list."))


def _phases(program_id: int) -> Sequence[Any]:
    return read(_phase_columns(), {"program": program_id}).all()


@cache
def _phase_columns() -> Any:
    return (
        select(Phase.id, Phase.name, Phase.planned_start, Phase.planned_end)
        .where(Phase.program_id == bindparam("program"))
        .order_by(Phase.position, Phase.id)
    )


@cache
def _planned() -> Any:
    return (
        select(ChangePlanItem.step, WorkItem.number, WorkItem.status)
        .join(WorkItem, WorkItem.id == ChangePlanItem.item_id)
        .where(ChangePlanItem.go_live_id == bindparam("go_live"))
    )


@cache
def _said() -> Any:
    return select(Communication.step).where(Communication.go_live_id == bindparam("go_live"), Communication.step != "")


@cache
def _items() -> Any:
    return (
        select(
            ChangePlanItem.step,
            WorkItem.number,
            WorkItem.title,
            WorkItem.status,
            Person.name,
            WorkItem.role,
            WorkItem.start_on,
            WorkItem.due_on,
        )
        .join(WorkItem, WorkItem.id == ChangePlanItem.item_id)
        .outerjoin(Person, Person.id == WorkItem.owner_id)
        .where(ChangePlanItem.go_live_id == bindparam("go_live"))
        .order_by(WorkItem.start_on, WorkItem.due_on, WorkItem.number)
    )


@record
class PlannedMessage:
    """A message of a go-live, as its page shows it."""

    id: int
    message: str
    audience: str
    medium: str
    sender: str | None
    planned_on: date
    done_on: date | None


def messages_of(go_live_id: int) -> list[PlannedMessage]:
    """The messages of a go-live by day. One statement; permission is the caller's."""
    return [PlannedMessage(*row) for row in read(_message_lines(), {"go_live": go_live_id})]


@cache
def _message_lines() -> Any:
    return (
        select(
            Communication.id,
            Communication.message,
            Communication.audience,
            Communication.medium,
            Person.name,
            Communication.planned_on,
            Communication.done_on,
        )
        .outerjoin(Person, Person.id == Communication.sender_id)
        .where(Communication.go_live_id == bindparam("go_live"))
        .order_by(Communication.planned_on, Communication.id)
    )
