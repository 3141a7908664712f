"""What the overview of a program shows beside its phases and its next gate: what is late, and what happened last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Date, Integer, bindparam, select

from program.ground import formats
from program.ground.audit import AuditEntry
from program.ground.database import read
from program.ground.records import record
from program.people.models import Person
from program.planning.history_text import title
from program.planning.models import WorkItem
from program.planning.models.items import OPEN_STATUSES
from program.planning.phase_dates import PhaseDates, PhaseState

LATE, ACTIVITY, DECISIONS = 5, 4, 2


@record
class StripPhase:
    """A phase as the strip draws it: its plan below its name, and below that how it goes."""

    id: int
    name: str
    state: str
    dates: str
    note: str
    health: str
    url: str = ""


@record
class Happening:
    """One line of what happened last."""

    at: datetime
    text: str
    person: str | None


def late_items(program_id: int, today: date, most: int = LATE) -> Sequence[Any]:
    """The items that have been overdue longest: number, title, status, due_on, required, owner. One statement."""
    return read(_LATE, {"program_id": program_id, "today": today, "most": most}).all()


def last_happenings(program_id: int, most: int = ACTIVITY) -> list[Happening]:
    """What happened last in the program, newest first. One statement."""
    rows = read(_LAST, {"program_id": program_id, "most": most})
    return [Happening(row.at, title(row.verb, row.name, row.changes), row.person) for row in rows]


# Put together once: that costs more than running them.
_LATE = (
    select(
        *(WorkItem.number, WorkItem.title, WorkItem.status, WorkItem.due_on, WorkItem.required),
        Person.name.label("owner"),
    )
    .outerjoin(Person, Person.id == WorkItem.owner_id)
    .where(
        WorkItem.program_id == bindparam("program_id"),
        WorkItem.status.in_(OPEN_STATUSES),
        WorkItem.due_on < bindparam("today", type_=Date()),
    )
    .order_by(WorkItem.due_on, WorkItem.id)
    .limit(bindparam("most", type_=Integer))
)
_LAST = (
    select(AuditEntry.at, AuditEntry.verb, AuditEntry.name, AuditEntry.changes, Person.name.label("person"))
    .outerjoin(Person, Person.id == AuditEntry.person_id)
    .where(AuditEntry.program_id == bindparam("program_id"))
    .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    .limit(bindparam("most", type_=Integer))
)


def strip(phases: Sequence[PhaseDates]) -> list[StripPhase]:
    """The phases for the strip at the top of a page, without addresses."""
    return [
        StripPhase(
            id=phase.id,
            name=phase.name,
            # The strip knows one kind of 'ahead'.
            state="next" if phase.state is PhaseState.LATER else phase.state.value,
            dates=f"{formats.short_day(phase.planned_start)} – {formats.short_day(phase.planned_end)}",
            note=how_it_goes(phase),
            health="at_risk" if phase.is_late or (phase.slip or 0) > 0 else "on_track" if phase.ends_on else "no_data",
        )
        for phase in phases
    ]


def how_it_goes(phase: PhaseDates) -> str:
    """A phase against its plan, in a few words."""
    if phase.actual_end:
        if phase.slip and phase.slip > 0:
            return ngettext("ended %(num)s working day late", "ended %(num)s working days late", phase.slip)
        return _("ended in time")
    if phase.ends_on is None:
        if phase.overdue_days:
            return ngettext("%(num)s working day late", "%(num)s working days late", phase.overdue_days)
        return _("no forecast yet")
    day = formats.day(phase.ends_on)
    if phase.is_late:
        return ngettext(
            "expected %(day)s, %(num)s working day late",
            "expected %(day)s, %(num)s working days late",
            phase.late_by,
            day=day,
        )
    return _("expected %(day)s", day=day)
