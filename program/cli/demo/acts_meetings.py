"""What people of a story do in meetings of the committee: calling and holding them, minutes, status reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import time
from typing import Any

from program.cli.demo.stage import TIMEZONE, Stage, as_of
from program.ground.actor import Actor
from program.ground.cadence import weekly
from program.ground.now import today_in
from program.steering import committee, meeting_acts, meeting_calendar, minutes, reports, snapshots
from program.steering.meeting_calendar import MeetingDraft, find_meeting
from program.steering.models import SnapshotKind
from program.steering.seats import plan_of, seats_of

Act = Callable[[Stage, Actor, Any], None]


def _meets(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """The committee meets every so many weeks (`every`) on a `weekday` (0 is Monday) `at` an hour, `since` a day."""
    cadence = weekly(
        told["weekday"], time(told["at"]), stage.almanac.day(told["since"]), every=told["every"], moves=True
    )
    plan = committee.set_plan(actor, stage.program_id, _plan_values(stage, told), seen=_seen(plan_of(stage.program_id)))
    meeting_calendar.set_cadence(
        actor, stage.program_id, cadence, {"announce_days": told["announce_days"]}, seen=_seen(plan)
    )


def _plan_values(stage: Stage, told: Mapping[str, Any]) -> dict[str, Any]:
    present = plan_of(stage.program_id)
    values = {name: getattr(present, name) for name in committee.PLAN_COLUMNS}
    return {**values, "place": as_of(told["place"], stage), "duration_minutes": told["minutes"]}


def _called(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """A single meeting is called for a `day` at an hour (`at`)."""
    day = stage.almanac.worked(told["day"])
    draft = MeetingDraft(day, time(told["at"]), told["minutes"], as_of(told["place"], stage))
    meeting_calendar.plan_meeting(actor, stage.program_id, draft)


def _point(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """A point for the meeting of that `number`: its `title` and `note`."""
    meeting = find_meeting(actor, stage.program_id, told["number"])
    meeting_acts.add_point(actor, meeting, as_of(told["title"], stage), as_of(told["note"], stage))


def _held(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """The meeting of that `number` is held: who was `there`, `said` by kind of point, `agreed` actions."""
    meeting = find_meeting(actor, stage.program_id, told["number"])
    agenda = meeting_acts.begin(actor, meeting, seen=_seen(meeting))
    snapshots.take(meeting_acts.opened(stage.program), SnapshotKind.MEETING.value, meeting.id)
    ids = {seat.person_id: seat.id for seat in seats_of(stage.program_id, today_in(TIMEZONE))}
    there = {ids[stage.people[person]]: how for person, how in told["there"].items()}
    meeting_acts.set_attendance(actor, meeting, there, seen=_seen(meeting))
    keys = {point.kind: point.key for point in reversed(agenda.points)}
    for kind, text in told.get("said", {}).items():
        # What is not on the agenda of that day was said beside it.
        meeting_acts.write_note(actor, meeting, keys.get(kind, ""), as_of(text, stage), seen=0)
    for one in told.get("agreed", ()):
        draft = meeting_acts.ActionDraft(
            as_of(one["title"], stage),
            stage.people[one["owner"]],
            stage.almanac.due(one["by_day"]),
            keys.get(one.get("point", ""), ""),
        )
        stage.items[one["key"]] = meeting_acts.add_action(actor, meeting, draft)


def _submitted(stage: Stage, actor: Actor, number: int) -> None:
    """The minutes of that meeting are put to the chair."""
    meeting = find_meeting(actor, stage.program_id, number)
    minutes.submit(actor, meeting, seen=_seen(meeting))


def _approved(stage: Stage, actor: Actor, number: int) -> None:
    """The chair approves the minutes of that meeting."""
    meeting = find_meeting(actor, stage.program_id, number)
    seats = seats_of(stage.program_id, today_in(TIMEZONE))
    minutes.approve(actor, meeting, look=minutes.look_of(minutes.content_of(stage.program, meeting, seats)))


def _report_times(stage: Stage, actor: Actor, told: Mapping[str, int]) -> None:
    """The status report is drafted on a `weekday` (0 is Monday) from an `hour` on."""
    seen = _seen(plan_of(stage.program_id))
    reports.set_times(actor, stage.program_id, told["weekday"], told["hour"], seen=seen)


def _report(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """This week's report: drafted, begun with somebody's `words` in the program's language, and perhaps `sent`."""
    report = reports.draft_now(actor, stage.program_id)
    locale = stage.program.locale
    text = f"{as_of(told['words'], stage)}\n\n{report.texts[locale]}"
    reports.save_text(actor, report, locale, text, seen=_seen(report))
    if told.get("sent"):
        reports.send(actor, report, seen=_seen(report))


def _seen(row: Any) -> int:
    return int(row.revision or 0)


ACTS: Mapping[str, Act] = {
    "committee_meets": _meets,
    "meeting_called": _called,
    "meeting_point": _point,
    "meeting_held": _held,
    "minutes_ready": _submitted,
    "minutes_approved": _approved,
    "report_times": _report_times,
    "report": _report,
}
