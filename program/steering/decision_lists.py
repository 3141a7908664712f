"""Requests for decisions as pages list them, with what was decided; one statement for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from program.extensions import db
from program.ground.records import record
from program.people.models import Person
from program.steering.models import DecisionOption, DecisionOutcome, DecisionRequest, DecisionVote, RequestState


@record
class RequestRow:
    """A request of the list."""

    id: int
    number: int
    title: str
    state: str
    decide_by: date | None
    asked_by: str
    votes: int
    # What was taken, '' for none of the options; and when. None while it is not decided.
    option: str | None
    decided_at: datetime | None

    def is_late(self, today: date) -> bool:
        """True when the day on which it was needed has gone by."""
        return self.state == RequestState.OPEN and self.decide_by is not None and self.decide_by < today


def requests_of(program_id: int, *, drafts: bool) -> Sequence[RequestRow]:
    """All requests of the program: the most pressing first, closed ones by their day, newest first. One statement."""
    votes = (
        select(func.count())
        .where(DecisionVote.request_id == DecisionRequest.id)
        .correlate(DecisionRequest)
        .scalar_subquery()
    )
    query = (
        select(
            DecisionRequest.id,
            DecisionRequest.number,
            DecisionRequest.title,
            DecisionRequest.state,
            DecisionRequest.decide_by,
            Person.name.label("asked_by"),
            votes.label("votes"),
            DecisionOption.title.label("option"),
            DecisionOutcome.decided_at,
        )
        .outerjoin(Person, Person.id == DecisionRequest.asked_by_id)
        .outerjoin(DecisionOutcome, DecisionOutcome.request_id == DecisionRequest.id)
        .outerjoin(DecisionOption, DecisionOption.id == DecisionOutcome.option_id)
        .where(DecisionRequest.program_id == program_id)
    )
    if not drafts:
        query = query.where(DecisionRequest.state != RequestState.DRAFT.value)
    rows = []
    for row in db.session.execute(query).all():
        option = (row.option or "") if row.decided_at else None
        rows.append(RequestRow(**{**row._mapping, "asked_by": row.asked_by or "", "option": option}))
    waiting = sorted(
        (row for row in rows if row.decided_at is None), key=lambda row: (row.decide_by or date.max, row.number)
    )
    decided = [(row.decided_at, row) for row in rows if row.decided_at is not None]
    return waiting + [row for _at, row in sorted(decided, key=lambda pair: pair[0], reverse=True)]


def outcome_of(request_id: int) -> DecisionOutcome | None:
    """The decision of a request, once there is one."""
    return db.session.scalars(select(DecisionOutcome).where(DecisionOutcome.request_id == request_id)).one_or_none()


def headline(rows: Sequence[RequestRow], today: date) -> str:
    """So what? How many wait, and whether one is late."""
    waiting = [row for row in rows if row.state == RequestState.OPEN]
    if not waiting:
        return _("No decision waits.") if rows else ""
    said = ngettext("%(num)s decision waits.", "%(num)s decisions wait.", len(waiting))
    late = sum(1 for row in waiting if row.is_late(today))
    if late:
        said += " " + ngettext("%(num)s was needed by now.", "%(num)s were needed by now.", late)
    return said
