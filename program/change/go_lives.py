"""Go-lives: the days on which groups begin to work the new way. Adding, wording, reaching groups, removing.

Neighbours: `change_plan.py` (the plan around a go-live), `go_live_moves.py` (another day for it and its plan).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, case, func, select, update

from program.change.models import ChangePlanItem, Communication, GoLive, ImpactedGroup, TrainingSession
from program.change.models.training import SessionState
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.database import read
from program.ground.errors import Invalid, NotFound
from program.ground.folding import like
from program.ground.pages import Pagination
from program.ground.records import record
from program.ground.text import clean_line
from program.people import access
from program.planning import items, undo
from program.planning.models import Phase, WorkItem
from program.planning.models.items import FINISHED_STATUSES, Status

MAX_NAME, MAX_NOTE = 120, 500
# Groups on one page of the form that assigns them.
GROUPS_A_PAGE = 60
CHANGED_MEANWHILE = _l("Somebody changed this go-live while you had it open.")
WRONG = _l("Something is not right yet.")

undo.register("go_live", GoLive)


@record
class GoLiveRow:
    """A go-live as lists show it: how many groups and people it reaches, and how its tasks stand."""

    id: int
    revision: int
    name: str
    on_date: date
    note: str
    phase_id: int | None
    phase: str | None
    groups: int
    people: int
    tasks: int
    finished: int
    late: int


def go_lives_of(program_id: int, today: date) -> list[GoLiveRow]:
    """The program's go-lives by day. One statement; permission is the caller's."""
    rows = read(_rows(), {"program": program_id, "today": today})
    return [GoLiveRow(*row) for row in rows]


def find_go_live(
    actor: Actor, program_id: int, go_live_id: int, needed: Access = Access.VIEWER, *, lock: bool = False
) -> GoLive:
    """One go-live of the program. Raises NotFound. `lock` holds other writers of it back until the transaction ends."""
    access.require(actor, program_id, needed)
    query = select(GoLive).where(GoLive.id == go_live_id, GoLive.program_id == program_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(access.NOT_HERE)
    return found


def add_go_live(actor: Actor, program_id: int, values: Mapping[str, Any]) -> GoLive:
    """Add a go-live with `name`, `on_date`, `phase_id`, `note`. Raises Invalid naming the fields at fault."""
    access.require(actor, program_id, Access.MANAGER)
    tidy = _checked(program_id, {"note": "", "phase_id": None, **values})
    go_live = GoLive(program_id=program_id, **tidy)
    db.session.add(go_live)
    db.session.flush()
    audit.record(
        actor,
        "go_live.created",
        object_id=go_live.id,
        name=go_live.name,
        program_id=program_id,
        changes=audit.created(tidy),
    )
    return go_live


def change_go_live(actor: Actor, go_live: GoLive, values: Mapping[str, Any], *, seen: int) -> audit.Changes:
    """Change its name, phase or note; its day is moved (`go_live_moves.py`). Raises Invalid and Conflict."""
    access.require(actor, go_live.program_id, Access.MANAGER)
    audit.check_revision(go_live, seen, CHANGED_MEANWHILE, "go_live")
    wanted = {name: values[name] for name in ("name", "phase_id", "note") if name in values}
    changes = audit.change(go_live, _checked(go_live.program_id, wanted))
    db.session.flush()
    if changes:
        audit.record(
            actor,
            "go_live.changed",
            object_id=go_live.id,
            name=go_live.name,
            program_id=go_live.program_id,
            changes=changes,
            batch=audit.new_batch(),
        )
    return changes


def _checked(program_id: int, values: dict[str, Any]) -> dict[str, Any]:
    wrong: dict[str, Any] = {}
    for name, most in (("name", MAX_NAME), ("note", MAX_NOTE)):
        if name in values:
            values[name] = clean_line(str(values[name] or ""))
            if len(values[name]) > most:
                wrong[name] = _l("Up to %(most)s letters.", most=most)
    if "name" in values and not values["name"]:
        wrong["name"] = _l("Give it a name.")
    if "on_date" in values:
        if values["on_date"] is None:
            wrong["on_date"] = _l("Say on which day it is.")
        elif not FIRST_DAY <= values["on_date"] <= LAST_DAY:
            wrong["on_date"] = _l("Give a day between 2000 and 2099.")
    phase_id = values.get("phase_id")
    if phase_id is not None and not db.session.scalar(
        select(Phase.id).where(Phase.id == phase_id, Phase.program_id == program_id)
    ):
        wrong["phase_id"] = _l("Choose a phase of this program.")
    if wrong:
        raise Invalid(WRONG, wrong)
    return values


@record
class GroupChoice:
    """A group in the form that says whom a go-live reaches."""

    id: int
    name: str
    site: str
    channel: str
    headcount: int
    go_live_id: int | None
    go_live: str | None


def groups_to_choose(
    program_id: int, query: str, page: int, go_live_id: int | None = None
) -> tuple[list[GroupChoice], Pagination]:
    """A page of the program's groups by name, those of `go_live_id` first. Two statements.

    Permission is the caller's.
    """
    asked: list[Any] = [ImpactedGroup.program_id == program_id]
    if query.strip():
        asked.append(ImpactedGroup.name_folded.like(like(query), escape="\\"))
    total = read(select(func.count()).select_from(ImpactedGroup).where(*asked)).scalar() or 0
    mine = case((ImpactedGroup.go_live_id == go_live_id, 0), else_=1)
    rows = read(
        select(
            ImpactedGroup.id,
            ImpactedGroup.name,
            ImpactedGroup.site,
            ImpactedGroup.channel,
            ImpactedGroup.headcount,
            ImpactedGroup.go_live_id,
            GoLive.name,
        )
        .outerjoin(GoLive, GoLive.id == ImpactedGroup.go_live_id)
        .where(*asked)
        .order_by(mine, ImpactedGroup.name_folded, ImpactedGroup.id)
        .limit(GROUPS_A_PAGE)
        .offset((page - 1) * GROUPS_A_PAGE)
    )
    return [GroupChoice(*row) for row in rows], Pagination(page, GROUPS_A_PAGE, total)


def assign_groups(actor: Actor, go_live: GoLive, chosen: Collection[int], shown: Collection[int]) -> tuple[int, int]:
    """Let the go-live reach the chosen ones of the groups that were shown, and of these no others.

    A group that another go-live reached is taken over. Groups that were not shown stay as they are. Returns how many
    were added and how many taken out. Raises Invalid for a group of another program.
    """
    access.require(actor, go_live.program_id, Access.MANAGER)
    wanted = set(chosen)
    asked = wanted | set(shown)
    rows = db.session.execute(
        select(ImpactedGroup.id, ImpactedGroup.name, ImpactedGroup.go_live_id, GoLive.name.label("go_live"))
        .outerjoin(GoLive, GoLive.id == ImpactedGroup.go_live_id)
        .where(ImpactedGroup.program_id == go_live.program_id, ImpactedGroup.id.in_(asked))
        .order_by(ImpactedGroup.id)
        .with_for_update(of=ImpactedGroup)
    ).all()
    if len(rows) != len(asked):
        raise Invalid(WRONG, {"chosen": _l("Choose groups of this program.")})
    added = [row for row in rows if row.id in wanted and row.go_live_id != go_live.id]
    out = [row for row in rows if row.id not in wanted and row.go_live_id == go_live.id]
    for found, to, name in ((added, go_live.id, go_live.name), (out, None, None)):
        if not found:
            continue
        db.session.execute(
            update(ImpactedGroup)
            .where(ImpactedGroup.id.in_([row.id for row in found]))
            .values(go_live_id=to, revision=ImpactedGroup.revision + 1)
            .execution_options(synchronize_session=False)
        )
        entries = [(row.id, row.name, {"go_live": [row.go_live, name]}) for row in found]
        audit.record_many(actor, "group.changed", go_live.program_id, entries)
    db.session.expire_all()
    return len(added), len(out)


@record
class Removal:
    """What removing a go-live would touch."""

    not_begun: int
    others: int
    groups: int
    messages: int
    sessions: int


def removal(actor: Actor, go_live: GoLive) -> Removal:
    """What hangs on the go-live; nothing is changed. One statement."""
    access.require(actor, go_live.program_id, Access.MANAGER)

    def count(model: Any, *more: Any) -> Any:
        return select(func.count()).select_from(model).where(model.go_live_id == go_live.id, *more).scalar_subquery()

    tasks = count(ChangePlanItem)
    idle = (
        select(func.count())
        .select_from(ChangePlanItem)
        .join(WorkItem, WorkItem.id == ChangePlanItem.item_id)
        .where(ChangePlanItem.go_live_id == go_live.id, *_not_begun())
        .scalar_subquery()
    )
    planned = TrainingSession.state == SessionState.PLANNED
    row = read(select(idle, tasks, count(ImpactedGroup), count(Communication), count(TrainingSession, planned))).one()
    return Removal(row[0], row[1] - row[0], row[2], row[3], row[4])


def remove_go_live(actor: Actor, go_live: GoLive, *, drop: bool, seen: int) -> int:
    """Remove the go-live; returns how many of its tasks were dropped.

    Its groups, messages and training sessions stay without a go-live. Its tasks stay in the plan as they are, or, with
    `drop`, those that have not begun are dropped with the reason.
    """
    access.require(actor, go_live.program_id, Access.MANAGER)
    audit.check_revision(go_live, seen, CHANGED_MEANWHILE, "go_live")
    dropped = 0
    if drop:
        found = db.session.scalars(
            select(WorkItem)
            .join(ChangePlanItem, ChangePlanItem.item_id == WorkItem.id)
            .where(ChangePlanItem.go_live_id == go_live.id, *_not_begun())
            .order_by(WorkItem.id)
        ).all()
        reason = _("The go-live “%(name)s” was removed.", name=go_live.name)
        edits = [(item, {"status": Status.DROPPED, "status_reason": reason}) for item in found]
        if edits:
            items.change_items(actor, go_live.program_id, edits)
        dropped = len(edits)
    changes = audit.removed({"name": go_live.name, "on_date": go_live.on_date, "note": go_live.note or None})
    audit.record(
        actor,
        "go_live.removed",
        object_id=go_live.id,
        name=go_live.name,
        program_id=go_live.program_id,
        changes=changes,
    )
    db.session.delete(go_live)
    db.session.flush()
    db.session.expire_all()
    return dropped


def _not_begun() -> tuple[Any, ...]:
    """Tasks that can still move or go: nobody has begun them."""
    return (WorkItem.status.in_((Status.TODO, Status.BLOCKED)), WorkItem.started_at.is_(None))


@cache
def _rows() -> Any:
    groups = (
        select(
            ImpactedGroup.go_live_id,
            func.count().label("groups"),
            func.sum(ImpactedGroup.headcount).label("people"),
        )
        .where(ImpactedGroup.program_id == bindparam("program"))
        .group_by(ImpactedGroup.go_live_id)
        .subquery()
    )
    over = WorkItem.status.in_(FINISHED_STATUSES)
    tasks = (
        select(
            ChangePlanItem.go_live_id,
            func.sum(case((WorkItem.status == Status.DROPPED, 0), else_=1)).label("tasks"),
            func.sum(case((WorkItem.status == Status.DONE, 1), else_=0)).label("finished"),
            func.sum(
                case((~over & (WorkItem.due_on < bindparam("today", type_=WorkItem.due_on.type)), 1), else_=0)
            ).label("late"),
        )
        .join(WorkItem, WorkItem.id == ChangePlanItem.item_id)
        .where(ChangePlanItem.program_id == bindparam("program"))
        .group_by(ChangePlanItem.go_live_id)
        .subquery()
    )
    return (
        select(
            GoLive.id,
            GoLive.revision,
            GoLive.name,
            GoLive.on_date,
            GoLive.note,
            GoLive.phase_id,
            Phase.name,
            func.coalesce(groups.c.groups, 0),
            func.coalesce(groups.c.people, 0),
            func.coalesce(tasks.c.tasks, 0),
            func.coalesce(tasks.c.finished, 0),
            func.coalesce(tasks.c.late, 0),
        )
        .outerjoin(Phase, Phase.id == GoLive.phase_id)
        .outerjoin(groups, groups.c.go_live_id == GoLive.id)
        .outerjoin(tasks, tasks.c.go_live_id == GoLive.id)
        .where(GoLive.program_id == bindparam("program"))
        .order_by(GoLive.on_date, GoLive.id)
    )


@record
class ReachedGroup:
    """A group that a go-live reaches."""

    id: int
    name: str
    site: str
    channel: str
    headcount: int


def groups_reached(go_live_id: int) -> tuple[list[ReachedGroup], Pagination]:
    """The first groups that the go-live reaches, by name, and how many there are. Two statements."""
    columns = (ImpactedGroup.id, ImpactedGroup.name, ImpactedGroup.site, ImpactedGroup.channel, ImpactedGroup.headcount)
    asked = ImpactedGroup.go_live_id == go_live_id
    total = read(select(func.count()).select_from(ImpactedGroup).where(asked)).scalar() or 0
    rows = read(select(*columns).where(asked).order_by(ImpactedGroup.name_folded).limit(GROUPS_A_PAGE))
    return [ReachedGroup(*row) for row in rows], Pagination(1, GROUPS_A_PAGE, total)
