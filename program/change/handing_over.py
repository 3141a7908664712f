"""What the change room hands over when somebody leaves: meetings, trainings, ideas, coaching, groups, messages to send.

One part for each, so that the page of handing over shows them under their own headings. Only what is still ahead
changes hands: what was held, sent or ended stays with whoever did it. See `planning/handing_over.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    String,
    and_,
    bindparam,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)

from program.change.models import Coaching, Communication, Idea, ImpactedGroup, JobAid, Ritual, TrainingSession
from program.change.models.ideas import OPEN_STAGES
from program.change.models.plan import CoachingState
from program.change.models.training import SessionState
from program.extensions import db
from program.ground import audit
from program.ground.actor import Actor
from program.ground.database import read
from program.ground.pages import path_to
from program.ground.records import record
from program.people.models import Person
from program.planning import undo
from program.planning.handing_over import Handover, Line, Part, register

_OPEN_IDEAS = [stage.value for stage in OPEN_STAGES]
_OPEN_COACHING = [CoachingState.WANTED.value, CoachingState.RUNNING.value]


@record
class _Kind:
    """One kind of thing that hangs on a person: its table, the column that names them, which of them are open."""

    name: str
    order: int
    label: Any
    table: Any
    column: str
    title: Any
    endpoint: str
    noun: str
    is_open: Callable[[], ColumnElement[bool]]
    # What of a row stands behind the endpoint's address; '' for the endpoint alone.
    behind: str = "id"


def _not_over() -> ColumnElement[bool]:
    return or_(Ritual.last_on.is_(None), Ritual.last_on >= bindparam("today", type_=Date))


_KINDS = (
    _Kind(
        "change.rituals",
        *(30, _l("Rituals to organise"), Ritual, "organiser_id", Ritual.title, "rituals.index", "ritual", _not_over),
    ),
    _Kind(
        "change.trainings",
        *(31, _l("Trainings to give"), TrainingSession, "trainer_id", TrainingSession.title, "training.index"),
        *("training", lambda: TrainingSession.state == SessionState.PLANNED.value),
    ),
    _Kind(
        "change.ideas",
        *(32, _l("Ideas to look after"), Idea, "owner_id", Idea.title, "ideas.index", "idea"),
        *(lambda: Idea.stage.in_(_OPEN_IDEAS), "number"),
    ),
    _Kind(
        "change.coaching",
        *(33, _l("Coaching to give"), Coaching, "coach_id", None, "coaching.index", "coaching"),
        *(lambda: Coaching.state.in_(_OPEN_COACHING), ""),
    ),
    _Kind(
        "change.groups",
        *(34, _l("Groups to speak for"), ImpactedGroup, "representative_id", ImpactedGroup.name, "groups.index"),
        *("group", lambda: ImpactedGroup.id.is_not(None)),
    ),
    _Kind(
        "change.communications",
        *(35, _l("Messages to send"), Communication, "sender_id", Communication.message, "communication.index"),
        *("communication", lambda: Communication.done_on.is_(None), ""),
    ),
    _Kind(
        "change.aids",
        *(36, _l("Job aids to keep true"), JobAid, "owner_id", JobAid.title, "job_aids.index"),
        *("aid", lambda: JobAid.id.is_not(None)),
    ),
)


def _together(handover: Handover) -> dict[str, list[Line]]:
    """What the person carries of all kinds, by the part's name. One statement."""
    found: dict[str, list[Line]] = {kind.name: [] for kind in _KINDS}
    kinds = {kind.name: kind for kind in _KINDS}
    for row in read(_all_kinds(), _asked(handover)).all():
        kind = kinds[row.kind]
        url = ""
        if kind.endpoint in current_app.view_functions:
            base = path_to(kind.endpoint, key=handover.key)
            url = f"{base}/{row.behind}" if kind.behind else base
        found[row.kind].append(Line(row.title, url))
    return found


# Put together once: that costs more than running it.
@cache
def _all_kinds() -> Any:
    selects = []
    for place, kind in enumerate(_KINDS):
        table = kind.table
        # Coaching is called by whom it is for.
        title = Person.name if kind.title is None else kind.title
        behind = table.number if kind.behind == "number" else table.id
        query = select(
            *(literal(kind.name).label("kind"), literal(place).label("place"), table.id.label("id")),
            *(type_coerce(title, String()).label("title"), behind.label("behind")),
        ).where(_hangs_on(kind))
        selects.append(query.join(Person, Person.id == table.person_id) if kind.title is None else query)
    rows = union_all(*selects).subquery()
    return select(rows).order_by(rows.c.place, rows.c.id)


def _carried(kind: _Kind) -> Callable[[Handover], Sequence[Line]]:
    return lambda handover: _together(handover)[kind.name]


def _carry_out(kind: _Kind) -> Callable[[Actor, Handover, str], int]:
    def carry_out(actor: Actor, handover: Handover, batch: str) -> int:
        rows = db.session.scalars(select(kind.table).where(_hangs_on(kind)).with_for_update(), _asked(handover)).all()
        entries: list[tuple[int, str, audit.Changes]] = []
        for row in rows:
            changes = audit.change(row, {kind.column: _successor(row, handover)})
            if kind.title is None:
                # Who is coached, by whom and why is between few: the trail says only that something changed.
                entries.append((row.id, "", {}))
            else:
                entries.append((row.id, str(getattr(row, kind.title.key)), changes))
        db.session.flush()
        audit.record_many(actor, f"{kind.noun}.changed", handover.program_id, entries, batch=batch)
        return len(entries)

    return carry_out


def _successor(row: Any, handover: Handover) -> int | None:
    """Who takes it over: the successor, unless they would coach themselves."""
    return None if getattr(row, "person_id", None) == handover.to_id else handover.to_id


def _hangs_on(kind: _Kind) -> ColumnElement[bool]:
    return and_(
        kind.table.program_id == bindparam("program", type_=Integer),
        getattr(kind.table, kind.column) == bindparam("person", type_=Integer),
        kind.is_open(),
    )


def _asked(handover: Handover) -> dict[str, Any]:
    return {"program": handover.program_id, "person": handover.from_id, "today": handover.today}


def init_app() -> None:
    """Tell planning of the parts, and that who organises or looks after something can be taken back."""
    undo.register("ritual", Ritual)
    undo.register("idea", Idea)
    for kind in _KINDS:
        register(Part(kind.name, kind.order, kind.label, _carried(kind), _carry_out(kind), _together))
