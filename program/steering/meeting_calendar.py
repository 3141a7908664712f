"""The committee's calendar: meetings by the cadence and single ones, moving and cancelling them. For managers.

Meetings by the cadence stand in the calendar a quarter ahead; the clock adds to them. A day on which nobody works is
not planned on: the cadence moves on to the next working day, and somebody who plans by hand is offered it. What was
called once keeps its number and its name in people's calendars, whatever becomes of its date.
Neighbours: `meeting_telling.py` (who is told), `meeting_acts.py` (holding one), `meeting_entries.py` (calendar files).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor, Origin, system
from program.ground.cadence import Cadence, Occurrence, moment_of, occurrences
from program.ground.calendar import FIRST_DAY, LAST_DAY, WorkingCalendar
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.formats import current_locale
from program.ground.now import today_in, utc_now, zone
from program.ground.records import record
from program.ground.text import clean_line, clean_text
from program.people import access
from program.people.access import NOT_HERE
from program.planning.models import Program
from program.steering import meeting_telling
from program.steering.models import CommitteeMeeting, MeetingState, SteeringPlan
from program.steering.risks import lock_program
from program.steering.seats import plan_of

# The calendar is filled so far ahead.
HORIZON = timedelta(days=100)
MAX_PLACE, MAX_LINK, MAX_WHY, MOST_MEETINGS = 200, 500, 2_000, 1_000
NOT_RIGHT = _l("Something is not right yet.")
CHANGED_MEANWHILE = _l("Somebody changed this meeting while you had it open.")
OVER = _l("This meeting has begun, or does not take place.")


@record
class MeetingDraft:
    """A meeting before it is kept: the day and the wall clock of the program's zone, how long, where.

    `anyway` plans it on a day on which nobody works.
    """

    day: date | None
    at: time | None
    duration_minutes: int | None = 60
    place: str = ""
    link: str = ""
    anyway: bool = False


class DayOff(Invalid):
    """Nobody works on that day: `holiday` is its name ('' for a weekend), `offer` the next day on which people do."""

    def __init__(self, holiday: str, offer: date) -> None:
        super().__init__(NOT_RIGHT, {"day": _l("Nobody works on that day.")})
        self.holiday = holiday
        self.offer = offer


def find_meeting(
    actor: Actor, program_id: int, number: int, needed: Access = Access.VIEWER, *, lock: bool = False
) -> CommitteeMeeting:
    """That meeting of the program. `lock` holds the program first, so that acts on it follow one another.

    Raises NotFound, Forbidden.
    """
    access.require(actor, program_id, needed)
    if lock:
        lock_program(program_id)
    query = select(CommitteeMeeting).where(CommitteeMeeting.number == number, CommitteeMeeting.program_id == program_id)
    meeting = db.session.scalars(query.execution_options(populate_existing=lock)).one_or_none()
    if meeting is None:
        raise NotFound(NOT_HERE)
    return meeting


def plan_meeting(actor: Actor, program_id: int, draft: MeetingDraft) -> CommitteeMeeting:
    """Call a single meeting; members are told, once. Raises DayOff, Invalid naming the fields at fault."""
    access.require(actor, program_id, Access.MANAGER)
    program = lock_program(program_id)
    meeting = _add(program, None, _checked(program, draft))
    _record(actor, "committee_meeting.created", meeting, audit.created({"meets_at": meeting.meets_at}))
    meeting_telling.tell_planned(actor, program, meeting)
    return meeting


def change_meeting(actor: Actor, meeting: CommitteeMeeting, draft: MeetingDraft, *, seen: int) -> None:
    """Move a meeting that lies ahead, or say where it is; members are told of a new date or place, once.

    Raises Conflict, DayOff, Invalid.
    """
    access.require(actor, meeting.program_id, Access.MANAGER)
    program = lock_program(meeting.program_id)
    audit.check_revision(meeting, seen, CHANGED_MEANWHILE, "committee_meeting")
    _refuse_over(meeting)
    changes = audit.change(meeting, _checked(program, draft, meeting))
    if changes:
        _moved(meeting)
        db.session.flush()
        _record(actor, "committee_meeting.changed", meeting, changes)
        meeting_telling.tell_changed(actor, program, meeting)


def cancel_meeting(actor: Actor, meeting: CommitteeMeeting, why: str, *, seen: int) -> None:
    """The meeting does not take place: members are told, once, and calendars show it as cancelled.

    One that began only because its hour came can still be cancelled while nobody has written anything.
    Raises Conflict, Invalid without a reason.
    """
    access.require(actor, meeting.program_id, Access.MANAGER)
    program = lock_program(meeting.program_id)
    audit.check_revision(meeting, seen, CHANGED_MEANWHILE, "committee_meeting")
    began_alone = meeting.state == MeetingState.HELD and not meeting.attendance and meeting.submitted_at is None
    if not began_alone:
        _refuse_over(meeting)
    why = clean_text(why or "")
    if not why or len(why) > MAX_WHY:
        raise Invalid(NOT_RIGHT, {"why": _l("Say why it does not take place.")})
    _cancel(actor, meeting, why)
    meeting_telling.tell_cancelled(actor, program, meeting)


def set_cadence(
    actor: Actor, program_id: int, cadence: Cadence | None, values: Mapping[str, Any], *, seen: int
) -> SteeringPlan:
    """Say how often the committee meets (None: only when called) and fill the calendar anew.

    `values` holds `announce_days`. Meetings ahead by the old cadence follow the new one where it has that day, and are
    cancelled elsewhere; single ones, and those that were moved by hand, stay. Members are told once, of all of it.
    Raises Conflict, Invalid.
    """
    access.require(actor, program_id, Access.MANAGER)
    program = lock_program(program_id)
    plan = plan_of(program_id)
    if plan.revision != seen:
        raise Conflict(
            _l("Somebody changed the committee while you had it open."), object_type="steering", object_id=program_id
        )
    days = values.get("announce_days")
    if days is None or not 0 <= days <= 10:
        raise Invalid(NOT_RIGHT, {"announce_days": _l("From 0 to 10 working days.")})
    old = plan.cadence
    found = {"cadence": cadence.to_data() if cadence else {}, "announce_days": days}
    if plan.revision == 0:
        plan = SteeringPlan(program_id=program_id, **found)
        db.session.add(plan)
        changes = audit.created(found)
    else:
        changes = audit.change(plan, found)
    if not changes:
        return plan
    db.session.flush()
    audit.record(actor, "steering.changed", object_id=program_id, name="", program_id=program_id, changes=changes)
    if found["cadence"] != old:
        _follow(actor, program, plan)
        meeting_telling.tell_calendar(actor, program, plan, _ahead(program_id))
    return plan


def fill_due() -> int:
    """The clock's part: put the next meetings by the cadence into calendars. Returns how many."""
    due = (
        select(SteeringPlan.program_id)
        .join(Program, Program.id == SteeringPlan.program_id)
        .where(SteeringPlan.next_at <= utc_now(), Program.closed_on.is_(None))
        .order_by(SteeringPlan.program_id)
    )
    count = 0
    for program_id in db.session.scalars(due).all():
        program = lock_program(program_id)
        plan = db.session.get_one(SteeringPlan, program_id, populate_existing=True)
        count += fill(system(Origin.CLOCK), program, plan)
    return count


def fill(actor: Actor, program: Program, plan: SteeringPlan) -> int:
    """Add the meetings by the cadence that are not in the calendar yet, up to the horizon; returns how many.

    What would have been in the past is not made up: a meeting nobody knew of was not held. The program is held.
    """
    if not plan.cadence:
        plan.next_at = None
        return 0
    query = select(CommitteeMeeting).where(
        CommitteeMeeting.program_id == program.id, CommitteeMeeting.meant_for.is_not(None)
    )
    there = {meeting.meant_for: meeting for meeting in db.session.scalars(query)}
    count = 0
    for one in _coming(program, plan, HORIZON):
        values = {"meets_at": one.at, "duration_minutes": plan.duration_minutes, "place": plan.place, "link": plan.link}
        meeting = there.get(one.meant_for)
        if meeting is None:
            added = _add(program, one.meant_for, values)
            _record(actor, "committee_meeting.created", added, audit.created({"meets_at": added.meets_at}))
        elif meeting.state == MeetingState.CANCELLED and not meeting.cancelled_why:
            # Only the calendar took it out, and now has its day again.
            changes = audit.change(meeting, {**values, "state": MeetingState.PLANNED.value})
            _moved(meeting)
            _record(actor, "committee_meeting.changed", meeting, changes)
        else:
            continue
        count += 1
    following = [one for one in _coming(program, plan, 6 * HORIZON) if one.at > utc_now() + HORIZON]
    plan.next_at = following[0].at - HORIZON if following else None
    db.session.flush()
    return count


def moved_from(meeting: CommitteeMeeting, zone_name: str, calendar: WorkingCalendar) -> tuple[date, str] | None:
    """The day a meeting was meant for by the cadence and why nobody works then, where it met another day for that."""
    meant_for = meeting.meant_for
    if meant_for is None or meeting.meets_at.astimezone(zone(zone_name)).date() == meant_for:
        return None
    return None if calendar.is_working(meant_for) else (meant_for, calendar.holiday(meant_for, current_locale()) or "")


def _follow(actor: Actor, program: Program, plan: SteeringPlan) -> None:
    """Let the meetings ahead follow the new cadence."""
    coming = {one.meant_for: one for one in _coming(program, plan, HORIZON)} if plan.cadence else {}
    for meeting in _ahead(program.id):
        if meeting.meant_for is None or meeting.sequence:
            continue
        one = coming.get(meeting.meant_for)
        if one is None:
            _cancel(actor, meeting, "")
        elif changes := audit.change(meeting, {"meets_at": one.at}):
            _moved(meeting)
            _record(actor, "committee_meeting.changed", meeting, changes)
    fill(actor, program, plan)


def _coming(program: Program, plan: SteeringPlan, ahead: timedelta) -> list[Occurrence]:
    now, calendar = utc_now(), WorkingCalendar(program.country)
    cadence = Cadence.from_data(plan.cadence)
    return list(occurrences(cadence, program.timezone, now, now + ahead, calendar))


def _ahead(program_id: int) -> list[CommitteeMeeting]:
    query = (
        select(CommitteeMeeting)
        .where(
            CommitteeMeeting.program_id == program_id,
            CommitteeMeeting.state == MeetingState.PLANNED,
            CommitteeMeeting.meets_at > utc_now(),
        )
        .order_by(CommitteeMeeting.meets_at)
    )
    return list(db.session.scalars(query))


def _add(program: Program, meant_for: date | None, values: Mapping[str, Any]) -> CommitteeMeeting:
    last = db.session.scalar(select(func.max(CommitteeMeeting.number)).where(CommitteeMeeting.program_id == program.id))
    if (last or 0) >= MOST_MEETINGS:
        raise Invalid(_l("A program keeps up to %(most)s meetings.", most=MOST_MEETINGS))
    meeting = CommitteeMeeting(
        program_id=program.id, number=(last or 0) + 1, meant_for=meant_for, dated_at=utc_now(), sequence=0, **values
    )
    db.session.add(meeting)
    db.session.flush()
    return meeting


def _checked(program: Program, draft: MeetingDraft, present: CommitteeMeeting | None = None) -> dict[str, Any]:
    wrong: dict[str, Any] = {}
    place, link = clean_line(draft.place or ""), clean_line(draft.link or "")
    if draft.day is None or not FIRST_DAY <= draft.day <= LAST_DAY:
        wrong["day"] = _l("Give a day between 2000 and 2099.")
    elif draft.day < today_in(program.timezone):
        wrong["day"] = _l("That day has gone by.")
    if draft.at is None:
        wrong["at"] = _l("Give an hour: 10:00.")
    if draft.duration_minutes is None or not 10 <= draft.duration_minutes <= 480:
        wrong["duration_minutes"] = _l("From 10 minutes to 8 hours.")
    if len(place) > MAX_PLACE:
        wrong["place"] = _l("Up to %(most)s letters.", most=MAX_PLACE)
    if len(link) > MAX_LINK:
        wrong["link"] = _l("Up to %(most)s letters.", most=MAX_LINK)
    elif link and not link.startswith(("https://", "http://")):
        wrong["link"] = _l("Begin the address with https://.")
    if wrong or draft.day is None or draft.at is None:
        raise Invalid(NOT_RIGHT, wrong)
    calendar = WorkingCalendar(program.country)
    meets_at = moment_of(draft.day, draft.at, program.timezone)
    # A meeting that stays on its day was asked about it when it was planned.
    stays = present is not None and present.meets_at.astimezone(zone(program.timezone)).date() == draft.day
    if not (draft.anyway or stays or calendar.is_working(draft.day)):
        raise DayOff(calendar.holiday(draft.day, current_locale()) or "", calendar.on_or_after(draft.day))
    if meets_at <= utc_now():
        raise Invalid(NOT_RIGHT, {"at": _l("That hour has gone by.")})
    return {"meets_at": meets_at, "duration_minutes": draft.duration_minutes, "place": place, "link": link}


def _refuse_over(meeting: CommitteeMeeting) -> None:
    if meeting.state != MeetingState.PLANNED:
        raise Conflict(OVER)


def _cancel(actor: Actor, meeting: CommitteeMeeting, why: str) -> None:
    changes = audit.change(meeting, {"state": MeetingState.CANCELLED.value, "cancelled_why": why})
    _moved(meeting)
    db.session.flush()
    _record(actor, "committee_meeting.cancelled", meeting, changes)


def _moved(meeting: CommitteeMeeting) -> None:
    """What calendars show has changed."""
    meeting.sequence += 1
    meeting.dated_at = utc_now()


def _record(actor: Actor, verb: str, meeting: CommitteeMeeting, changes: audit.Changes) -> None:
    name = str(meeting.number)
    audit.record(actor, verb, object_id=meeting.id, name=name, program_id=meeting.program_id, changes=changes)
