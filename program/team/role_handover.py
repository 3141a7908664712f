"""The team's part of handing over: the roles somebody plays or will play.

A role that is being played ends on the day of the handing over, which is a day of both; the successor plays it from
then on, with the same share and to the same last day. One that has not begun passes on as it is. Where the successor
plays the same role in some of those days already, only the other days are added: nobody holds a role twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, bindparam, or_, select

from program.extensions import db
from program.ground import formats
from program.ground.actor import Actor
from program.ground.calendar import DAY
from program.ground.database import read
from program.ground.pages import path_to
from program.planning.handing_over import Handover, Line, Part
from program.team import assignments
from program.team.assignments import AssignmentDraft
from program.team.models import Assignment, ProgramRole
from program.team.role_words import role_name
from program.team.spans import Span, first_gap


def carried(handover: Handover) -> Sequence[Line]:
    """The roles that do not end by the day of handing over; one statement."""
    rows = read(_played(), {"program": handover.program_id, "person": handover.from_id, "today": handover.today})
    return [Line(_told(row), path_to("roles.show", key=handover.key, role_id=row.role_id)) for row in rows]


def carry_out(actor: Actor, handover: Handover, batch: str) -> int:
    """End them for the one who leaves and give them to the successor; returns how many there were."""
    today, to_id = handover.today, handover.to_id or 0
    rows = db.session.scalars(
        select(Assignment)
        .where(Assignment.program_id == handover.program_id, Assignment.person_id == handover.from_id, *_goes_on(today))
        .order_by(Assignment.id)
        .with_for_update()
    ).all()
    held = _held_by(to_id, handover.program_id)
    drafts: list[AssignmentDraft] = []
    for row in rows:
        draft = AssignmentDraft(
            row.role_id, to_id, row.share, max(row.starts_on, today), row.ends_on, row.in_pilot_team, row.note
        )
        others = held.setdefault(row.role_id, [])
        for span in uncovered(Span(max(row.starts_on, today), row.ends_on), others):
            drafts.append(replace(draft, starts_on=span.starts_on, ends_on=span.ends_on))
            others.append(span)
    # Given before anything is taken away: SQLite would use the number of a removed row again, and the trail, which
    # knows rows by their numbers, would take the two for one.
    if drafts:
        assignments.assign_many(actor, handover.program_id, drafts, batch=batch, tells=False)
    for row in rows:
        if row.starts_on > today:
            assignments.remove_assignment(actor, row, seen=None, batch=batch)
        else:
            assignments.end_assignment(actor, row, today, seen=None, batch=batch)
    return len(rows)


def uncovered(span: Span, others: Iterable[Span]) -> list[Span]:
    """The days of the span that none of the others covers, as spans in order."""
    others = list(others)
    found: list[Span] = []
    start = span.starts_on
    while (gap := first_gap(others, start, span.ends_on)) is not None:
        # A gap without an end lasts as long as the span.
        found.append(Span(gap.first, gap.last or span.ends_on))
        if gap.last is None or gap.last == span.ends_on:
            break
        start = gap.last + DAY
    return found


PART = Part("roles", 20, _l("Roles"), carried, carry_out)


def _told(row: Any) -> str:
    values = {
        "role": role_name(row.key, row.name),
        "share": row.share,
        "start": formats.dated(row.starts_on),
        "end": formats.dated(row.ends_on),
    }
    if row.ends_on is None:
        return _("%(role)s, %(share)s%% of the week, since %(start)s", **values)
    return _("%(role)s, %(share)s%% of the week, %(start)s to %(end)s", **values)


def _held_by(person_id: int, program_id: int) -> dict[int, list[Span]]:
    query = select(Assignment.role_id, Assignment.starts_on, Assignment.ends_on).where(
        Assignment.person_id == person_id, Assignment.program_id == program_id
    )
    held: dict[int, list[Span]] = {}
    for row in db.session.execute(query):
        held.setdefault(row.role_id, []).append(Span(row.starts_on, row.ends_on))
    return held


def _goes_on(day: Any) -> tuple[Any, ...]:
    return (or_(Assignment.ends_on.is_(None), Assignment.ends_on > day),)


@cache
def _played() -> Any:
    return (
        select(
            *(Assignment.role_id, Assignment.share, Assignment.starts_on, Assignment.ends_on),
            *(ProgramRole.key, ProgramRole.name),
        )
        .join(ProgramRole, ProgramRole.id == Assignment.role_id)
        .where(
            Assignment.program_id == bindparam("program"),
            Assignment.person_id == bindparam("person"),
            *_goes_on(bindparam("today", type_=Date)),
        )
        .order_by(ProgramRole.position, ProgramRole.id, Assignment.starts_on, Assignment.id)
    )
