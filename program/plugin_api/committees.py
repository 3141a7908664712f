"""Meetings of a committee and status reports, for plugins that tell its members of them in a way of their own.

The plugin says who reads, and has made sure that it is them. What it is given is what that person may see on the pages.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from program.extensions import db
from program.ground import formats
from program.ground.actor import Actor
from program.ground.database import read
from program.ground.errors import NotFound
from program.ground.now import today_in, zone
from program.ground.pages import path_to
from program.people.access import NOT_HERE
from program.planning.models import Program as ProgramRow
from program.plugin_api.committee_data import AgendaPoint, Meeting, ReportSection, StatusReport
from program.plugin_api.contract import Person
from program.plugin_api.units import reading
from program.plugin_api.work import web_address
from program.steering import minutes
from program.steering.agenda import agenda_of
from program.steering.agenda_points import Point
from program.steering.agenda_words import lines, point_title
from program.steering.meeting_acts import opened
from program.steering.meeting_calendar import find_meeting
from program.steering.minutes_lists import actions_of, decisions_of
from program.steering.models import CommitteeMeeting, MeetingState, RequestState
from program.steering.models import StatusReport as ReportRow
from program.steering.progress_words import STATE_WORDS
from program.steering.report_words import sections_of
from program.steering.reports import facts_of, find_report
from program.steering.seats import seats_of


def meeting(person: Person, meeting_id: int) -> Meeting:
    """A meeting of a committee with its agenda, or what came of it, as that person may see it. Raises NotFound."""
    with reading(), formats.reading_as(person.locale, person.timezone):
        row = _row(CommitteeMeeting, meeting_id)
        actor = Actor(person.id)
        found = find_meeting(actor, row.program_id, row.number)
        program = db.session.get_one(ProgramRow, row.program_id)
        today = today_in(program.timezone)
        waits = found.state == MeetingState.HELD and found.submitted_at is not None
        decided, agreed = _came_of_it(found, program.key)
        return Meeting(
            id=found.id,
            program_id=program.id,
            program=program.name,
            number=found.number,
            meets_at=found.meets_at,
            minutes=found.duration_minutes,
            place=found.place,
            link=found.link,
            state=str(found.state),
            reason=found.cancelled_why,
            points=tuple(_point(one) for one in agenda_of(opened(program), found, today).points),
            decided=decided,
            agreed=agreed,
            may_approve=waits and minutes.may_approve(actor, program.id, seats_of(program.id, today)),
            url=web_address(path_to("committee_meetings.show", key=program.key, number=found.number)),
        )


def status_report(person: Person, report_id: int) -> StatusReport:
    """A status report as that person may read it, in their language; a draft for managers alone. Raises NotFound."""
    with reading(), formats.reading_as(person.locale, person.timezone):
        row = _row(ReportRow, report_id)
        report = find_report(Actor(person.id), row.program_id, row.week)
        facts = facts_of(report)
        text = report.texts.get(formats.current_locale()) or next(iter(report.texts.values()), "")
        where = zone(row.timezone)
        return StatusReport(
            id=report.id,
            program_id=row.program_id,
            program=row.name,
            week=report.week,
            week_name=formats.week(report.week),
            since=report.since.astimezone(where).date(),
            until=report.until.astimezone(where).date(),
            state=facts.state,
            state_name=str(STATE_WORDS.get(facts.state, "")),
            sections=tuple(ReportSection(title, tuple(said)) for title, said in sections_of(text)),
            url=web_address(path_to("status_reports.show", key=row.key, week=report.week.isoformat())),
        )


def _row(table: Any, row_id: int) -> Any:
    named = table.number if table is CommitteeMeeting else table.week
    columns = (table.program_id, named, ProgramRow.key, ProgramRow.name, ProgramRow.timezone)
    query = select(*columns).join(ProgramRow, ProgramRow.id == table.program_id).where(table.id == row_id)
    found = read(query).first()
    if found is None:
        raise NotFound(NOT_HERE)
    return found


def _point(point: Point) -> AgendaPoint:
    said = [point.note] if point.note else []
    said += [f"{line.text} ({line.who})" if line.who else line.text for line in lines(point)]
    return AgendaPoint(point.kind, point_title(point.kind, point.title), point.minutes, tuple(said))


def _came_of_it(found: CommitteeMeeting, key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What was decided and agreed on: as approved, else as it stands now."""
    kept = minutes.kept_of(found.id) if found.state == MeetingState.CLOSED else None
    if kept is not None:
        record = json.loads(kept.record)
        decisions = [(one["number"], one["title"], one["state"], one["option"]) for one in record["decisions"]]
        actions = [(one["number"], one["title"], one["owner"], one["due_on"]) for one in record["actions"]]
        actions = [(*one[:3], date.fromisoformat(one[3]) if one[3] else None) for one in actions]
    elif found.state == MeetingState.HELD:
        decisions = [(one.number, one.title, one.state, one.option) for one in decisions_of(found)]
        actions = [(one.number, one.title, one.owner, one.due_on) for one in actions_of(found.id)]
    else:
        return (), ()
    none = _("None of the options")
    return (
        tuple(
            f"D{number} {title}: {option or none}"
            for number, title, state, option in decisions
            if state == RequestState.DECIDED
        ),
        tuple(_action(key, *one) for one in actions),
    )


def _action(key: str, number: int, title: str, owner: str, due_on: date | None) -> str:
    line = f"{key}-{number} {title}"
    if due_on is not None:
        line = _("%(title)s, by %(day)s", title=line, day=formats.dated(due_on))
    return f"{line} ({owner})" if owner else line
