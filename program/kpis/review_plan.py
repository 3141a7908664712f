"""When a program reviews its KPIs: how the meeting comes round, when owners are asked, who leads it, where it is told.

A review looks at the last week that was over on the Monday of its own week. Owners are asked some working days before
the meeting, but not before that week is over. Neighbour: `review_rounds.py` (what the clock does).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.cadence import Cadence, Occurrence, moment_of, occurrences, weekly
from program.ground.calendar import WorkingCalendar, monday_of
from program.ground.errors import Conflict, Invalid
from program.ground.now import today_in, utc_now
from program.ground.records import record
from program.kpis import periods
from program.kpis.models import Every, Review, ReviewPlan
from program.people import access
from program.planning.models import Program

# Owners are asked in the morning of their day; meetings begin later than that.
ASKS_AT = time(7)
HOURS = range(9, 19)
COLLECT_DAYS = (0, 4)
MOST_WEEKS_APART = 4
# Occurrences are looked for this far ahead: those who are asked four working days before, over holidays.
AHEAD = timedelta(days=30)
MAX_CHANNEL = 120
CHANGED_MEANWHILE = _l("Somebody changed the weekly review while you had the page open.")
_CHANNEL = re.compile(r"[a-z][a-z0-9_]*:\S+")


@record
class PlanDraft:
    """How reviews are to come round. `weekday` is 0 for Monday to 4 for Friday; `collect_days` are working days."""

    weekday: int = 1
    at: time = time(10)
    every: int = 1
    collect_days: int = 1
    chair_id: int | None = None
    channel: str = ""
    is_active: bool = True


def find_plan(program_id: int) -> ReviewPlan | None:
    """The program's plan of reviews; None before it is set up."""
    return db.session.get(ReviewPlan, program_id)


def save_plan(actor: Actor, program_id: int, draft: PlanDraft, *, seen: int | None) -> ReviewPlan:
    """Set reviews up (`seen` None) or change how they come round. For managers. Raises Invalid, Conflict.

    A review that is under way stays as it was called.
    """
    access.require(actor, program_id, Access.MANAGER)
    plan = find_plan(program_id)
    if (plan is None) != (seen is None):
        raise Conflict(CHANGED_MEANWHILE)
    values = _checked(program_id, draft)
    if plan is None:
        plan = ReviewPlan(program_id=program_id, **values)
        db.session.add(plan)
        changes = audit.created(values)
    else:
        present: Any = plan.revision
        if present != seen:
            raise Conflict(
                CHANGED_MEANWHILE,
                current_revision=present,
                object_type="review_plan",
                object_id=program_id,
            )
        changes = audit.change(plan, values)
    if changes:
        schedule(plan)
        db.session.flush()
        audit.record(actor, "review_plan.set", object_id=program_id, name="", program_id=program_id, changes=changes)
    return plan


def cadence_of(plan: ReviewPlan) -> Cadence:
    """When the meeting comes round."""
    return Cadence.from_data(plan.cadence)


def calendar_of(program_id: int) -> tuple[WorkingCalendar, str]:
    """The program's working calendar and the name of its time zone."""
    row = db.session.execute(select(Program.country, Program.timezone).where(Program.id == program_id)).one()
    return WorkingCalendar(row.country), row.timezone


def week_of(meant_for: date) -> date:
    """The week that a review meant for that day looks at."""
    return periods.last_over(Every.WEEK, meant_for)


def coming(plan: ReviewPlan, after: datetime, now: datetime) -> Iterator[tuple[Occurrence, datetime]]:
    """Meetings later than `after` about weeks that no review has looked at yet, with the moment owners are asked."""
    calendar, zone_name = calendar_of(plan.program_id)
    latest = db.session.scalar(select(func.max(Review.week)).where(Review.program_id == plan.program_id))
    for one in occurrences(cadence_of(plan), zone_name, after, now + AHEAD, calendar):
        if latest is None or week_of(one.meant_for) > latest:
            day = max(monday_of(one.meant_for), calendar.add(one.day, -plan.collect_days))
            yield one, moment_of(day, ASKS_AT, zone_name)


def schedule(plan: ReviewPlan) -> None:
    """Set when the clock looks at the plan next: as the owners of the next review are asked."""
    now = utc_now()
    found = next(coming(plan, now, now + 8 * AHEAD), None) if plan.is_active else None
    plan.next_at = found[1] if found else None


def _checked(program_id: int, draft: PlanDraft) -> dict[str, Any]:
    wrong: dict[str, Any] = {}
    if not 0 <= draft.weekday <= 4:
        wrong["weekday"] = _l("Choose a day from Monday to Friday.")
    if draft.at.hour not in HOURS or draft.at.minute:
        wrong["hour"] = _l("Choose an hour from %(first)s to %(last)s.", first=HOURS[0], last=HOURS[-1])
    if not 1 <= draft.every <= MOST_WEEKS_APART:
        wrong["every"] = _l("Choose every week, or up to every fourth.")
    if not COLLECT_DAYS[0] <= draft.collect_days <= COLLECT_DAYS[1]:
        wrong["collect_days"] = _l("Give 0 to %(most)s working days.", most=COLLECT_DAYS[1])
    if draft.channel and (len(draft.channel) > MAX_CHANNEL or not _CHANNEL.fullmatch(draft.channel)):
        wrong["channel"] = _l("Write the plugin's name, a colon and the channel: slack_checkin:C0123456.")
    if draft.chair_id is not None and not _may_lead(program_id, draft.chair_id):
        wrong["chair"] = _l("Choose somebody who works on this program.")
    if wrong:
        raise Invalid(_l("Something is not right yet."), wrong)
    _calendar, zone_name = calendar_of(program_id)
    begin = monday_of(today_in(zone_name))
    plan = find_plan(program_id)
    if plan is not None:
        # Every second week stays the same second week.
        begin = min(begin, cadence_of(plan).starts_on)
    cadence = weekly(draft.weekday, draft.at, begin, every=draft.every, moves=True)
    return {
        "cadence": cadence.to_data(),
        "collect_days": draft.collect_days,
        "chair_id": draft.chair_id,
        "channel": draft.channel,
        "is_active": draft.is_active,
    }


def _may_lead(program_id: int, person_id: int) -> bool:
    level = access.access_of(Actor(person_id), program_id)
    return level is not None and level >= Access.CONTRIBUTOR
