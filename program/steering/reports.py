"""The weekly status report: drafted from facts, put into words by managers, sent to the committee once, then frozen.

The clock drafts it at the weekday and hour that were set; a manager can do so at any time. It is written in the
program's language and rendered in the other one beside it; both can be edited, and facts can be read anew under what
people wrote (`report_merging.py`). Neighbours: `report_facts.py`, `report_words.py`, `report_telling.py`,
`report_proofs.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from program.extensions import db
from program.ground import audit, formats
from program.ground.actor import Access, Actor, Origin, system
from program.ground.cadence import moment_of
from program.ground.calendar import WorkingCalendar, monday_of
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.now import today_in, utc_now
from program.ground.records import record
from program.ground.text import clean_text
from program.people import access
from program.people.access import NOT_HERE
from program.people.models import Person
from program.people.session import LOCALES
from program.planning.gate_evidence import canonical
from program.planning.models import Program
from program.steering import report_telling
from program.steering.frozen import from_json, to_json
from program.steering.meeting_acts import opened
from program.steering.models import StatusReport, SteeringPlan
from program.steering.report_facts import ReportFacts, facts_between
from program.steering.report_merging import merged
from program.steering.report_words import markdown_of
from program.steering.risks import lock_program
from program.steering.seats import plan_of, seats_of

MAX_TEXT = 20_000
HOURS = range(7, 20)
# A report tells of the time since the one before, if that is not longer ago.
LONGEST = timedelta(days=35)
NOT_RIGHT = _l("Something is not right yet.")
CHANGED_MEANWHILE = _l("Somebody changed this report while you had it open.")
SENT = _l("This report was sent: it stands as the committee got it.")


@record
class ReportRow:
    """A report of the list."""

    week: date
    drafted_at: datetime
    sent_at: datetime | None
    sent_by: str


def reports_of(actor: Actor, program_id: int) -> list[ReportRow]:
    """The program's reports, the newest first; drafts for managers alone. One statement."""
    query = (
        select(StatusReport.week, StatusReport.drafted_at, StatusReport.sent_at, Person.name)
        .outerjoin(Person, Person.id == StatusReport.sent_by_id)
        .where(StatusReport.program_id == program_id)
        .order_by(StatusReport.week.desc())
    )
    if not _manages(actor, program_id):
        query = query.where(StatusReport.sent_at.is_not(None))
    return [ReportRow(row.week, row.drafted_at, row.sent_at, row.name or "") for row in db.session.execute(query)]


def find_report(
    actor: Actor, program_id: int, week: date, needed: Access = Access.VIEWER, *, lock: bool = False
) -> StatusReport:
    """The report of the week that begins on that day; a draft for managers alone. Raises NotFound, Forbidden."""
    access.require(actor, program_id, needed)
    if lock:
        lock_program(program_id)
    query = select(StatusReport).where(StatusReport.program_id == program_id, StatusReport.week == week)
    report = db.session.scalars(query.execution_options(populate_existing=lock)).one_or_none()
    if report is None or (report.sent_at is None and not _manages(actor, program_id)):
        raise NotFound(NOT_HERE)
    return report


def set_times(actor: Actor, program_id: int, weekday: int | None, hour: int | None, *, seen: int) -> SteeringPlan:
    """Say on which weekday (0 is Monday; None for no report) and from which hour on the report is drafted.

    Raises Conflict, Invalid.
    """
    access.require(actor, program_id, Access.MANAGER)
    program = lock_program(program_id)
    plan = plan_of(program_id)
    if plan.revision != seen:
        raise Conflict(CHANGED_MEANWHILE, object_type="steering", object_id=program_id)
    wrong: dict[str, Any] = {}
    if weekday is not None and not 0 <= weekday <= 4:
        wrong["weekday"] = _l("Choose a day from Monday to Friday.")
    if hour is None or hour not in HOURS:
        wrong["hour"] = _l("Choose an hour from %(first)s to %(last)s.", first=HOURS[0], last=HOURS[-1])
    if wrong:
        raise Invalid(NOT_RIGHT, wrong)
    values = {"report_weekday": weekday, "report_hour": hour}
    if plan.revision == 0:
        plan = SteeringPlan(program_id=program_id, **values)
        db.session.add(plan)
        changes = audit.created(values)
    else:
        changes = audit.change(plan, values)
    if changes:
        plan.report_at = _next_slot(program, plan)
        db.session.flush()
        audit.record(actor, "steering.changed", object_id=program_id, name="", program_id=program_id, changes=changes)
    return plan


def draft_now(actor: Actor, program_id: int) -> StatusReport:
    """Draft this week's report before its time; the one that is there, if there is one. For managers."""
    access.require(actor, program_id, Access.MANAGER)
    program = lock_program(program_id)
    return _draft(actor, program, monday_of(today_in(program.timezone)))


def draft_due() -> int:
    """The clock's part: draft the reports whose hour has come. Returns how many.

    A clock that was away drafts the last one only: what was not told in its week is told in the next.
    """
    due = (
        select(SteeringPlan.program_id)
        .join(Program, Program.id == SteeringPlan.program_id)
        .where(SteeringPlan.report_at <= utc_now(), Program.closed_on.is_(None))
        .order_by(SteeringPlan.program_id)
    )
    count = 0
    for program_id in db.session.scalars(due).all():
        program = lock_program(program_id)
        plan = db.session.get_one(SteeringPlan, program_id, populate_existing=True)
        if plan.report_at is None or plan.report_at > utc_now():
            continue
        week = _last_week(program, plan)
        there = select(StatusReport.id).where(StatusReport.program_id == program_id, StatusReport.week == week)
        if db.session.scalar(there) is None:
            report = _draft(system(Origin.CLOCK), program, week)
            report_telling.tell_drafted(program, report)
            count += 1
        plan.report_at = _next_slot(program, plan)
        db.session.flush()
    return count


def save_text(actor: Actor, report: StatusReport, locale: str, text: str, *, seen: int) -> None:
    """Keep the text of one language as people wrote it. Raises Conflict, Invalid."""
    access.require(actor, report.program_id, Access.MANAGER)
    _claim(report, seen)
    text = clean_text(text or "")
    if locale not in LOCALES:
        raise NotFound(NOT_HERE)
    if not text:
        raise Invalid(NOT_RIGHT, {"text": _l("Write something, or leave the draft as it is.")})
    if len(text) > MAX_TEXT:
        raise Invalid(NOT_RIGHT, {"text": _l("Up to %(most)s letters.", most=MAX_TEXT)})
    changes = audit.change(report, {"texts": {**report.texts, locale: text + "\n"}})
    if changes:
        db.session.flush()
        _record(actor, "report.changed", report, {"text": [None, locale]})


def refresh(actor: Actor, report: StatusReport, *, seen: int) -> None:
    """Read the facts anew up to now; what people wrote stays. Raises Conflict."""
    access.require(actor, report.program_id, Access.MANAGER)
    program = _claim(report, seen)
    facts = facts_between(opened(program), report.since, utc_now(), _before(report.program_id, report.week))
    drafts = _drafts(facts, program)
    report.texts = {one: merged(report.drafts[one], drafts[one], report.texts[one]) for one in LOCALES}
    report.facts, report.drafts, report.until = to_json(facts), drafts, utc_now()
    flag_modified(report, "texts")
    db.session.flush()
    _record(actor, "report.refreshed", report, {})


def send(actor: Actor, report: StatusReport, *, seen: int) -> int:
    """Send it to members of the committee and their deputies, by each one's way, once; from then on it is frozen.

    Returns how many people. Raises Conflict, Invalid without a committee.
    """
    access.require(actor, report.program_id, Access.MANAGER)
    program = _claim(report, seen)
    seats = seats_of(report.program_id, today_in(program.timezone))
    people = {seat.person_id for seat in seats} | {seat.deputy_id for seat in seats if seat.deputy_id}
    if not people:
        raise Invalid(_l("The committee has no members yet."))
    changes = audit.change(report, {"sent_at": utc_now(), "sent_by_id": actor.person_id})
    db.session.flush()
    _record(actor, "report.sent", report, {**changes, "hash": [None, fingerprint(report)]})
    report_telling.tell_sent(program, report, people)
    return len(people)


def facts_of(report: StatusReport) -> ReportFacts:
    """The facts it was last made from."""
    return from_json(ReportFacts, report.facts)


def fingerprint(report: StatusReport) -> str:
    """SHA-256 of what was sent: it stands in the trail, so a text changed afterwards shows (`report_proofs.py`)."""
    said = {"week": report.week.isoformat(), "texts": report.texts, "facts": report.facts}
    return hashlib.sha256(canonical(said).encode()).hexdigest()


def slot_of(week: date, plan: SteeringPlan, program: Program) -> datetime:
    """When the report of that week is drafted: its weekday, or the working day before a holiday."""
    meant = week + timedelta(days=plan.report_weekday or 0)
    day = WorkingCalendar(program.country).on_or_before(meant)
    # In a week in which nobody works it is drafted all the same.
    return moment_of(day if day >= week else meant, time(plan.report_hour), program.timezone)


def _draft(actor: Actor, program: Program, week: date) -> StatusReport:
    query = select(StatusReport).where(StatusReport.program_id == program.id, StatusReport.week == week)
    present = db.session.scalars(query).one_or_none()
    if present is not None:
        return present
    now = utc_now()
    last = db.session.scalar(
        select(StatusReport.until)
        .where(StatusReport.program_id == program.id, StatusReport.week < week)
        .order_by(StatusReport.week.desc())
        .limit(1)
    )
    since = last if last is not None and last > now - LONGEST else now - timedelta(days=7)
    facts = facts_between(opened(program), since, now, _before(program.id, week))
    drafts = _drafts(facts, program)
    report = StatusReport(
        program_id=program.id,
        week=week,
        since=since,
        until=now,
        facts=to_json(facts),
        drafts=drafts,
        texts=dict(drafts),
        drafted_at=now,
    )
    db.session.add(report)
    db.session.flush()
    _record(actor, "report.drafted", report, {})
    return report


def _drafts(facts: ReportFacts, program: Program) -> dict[str, str]:
    found = {}
    for locale in LOCALES:
        with formats.reading_as(locale, program.timezone):
            found[locale] = markdown_of(facts)
    return found


def _before(program_id: int, week: date) -> ReportFacts | None:
    query = select(StatusReport.facts).where(StatusReport.program_id == program_id, StatusReport.week < week)
    kept = db.session.scalar(query.order_by(StatusReport.week.desc()).limit(1))
    return from_json(ReportFacts, kept) if kept else None


def _next_slot(program: Program, plan: SteeringPlan) -> datetime | None:
    if plan.report_weekday is None:
        return None
    week, now = monday_of(today_in(program.timezone)), utc_now()
    slots = (slot_of(week + timedelta(weeks=ahead), plan, program) for ahead in range(3))
    return next(one for one in slots if one > now)


def _last_week(program: Program, plan: SteeringPlan) -> date:
    week, now = monday_of(today_in(program.timezone)), utc_now()
    return week if slot_of(week, plan, program) <= now else week - timedelta(weeks=1)


def _claim(report: StatusReport, seen: int) -> Program:
    program = lock_program(report.program_id)
    db.session.refresh(report)
    if report.sent_at is not None:
        raise Conflict(SENT)
    audit.check_revision(report, seen, CHANGED_MEANWHILE, "report")
    return program


def _manages(actor: Actor, program_id: int) -> bool:
    level = access.access_of(actor, program_id)
    return level is not None and level >= Access.MANAGER


def _record(actor: Actor, verb: str, report: StatusReport, changes: audit.Changes) -> None:
    name = report.week.isoformat()
    audit.record(actor, verb, object_id=report.id, name=name, program_id=report.program_id, changes=changes)


def languages(program_locale: str) -> Sequence[str]:
    """The languages of a report, the program's own first."""
    return sorted(LOCALES, key=lambda one: one != program_locale)
