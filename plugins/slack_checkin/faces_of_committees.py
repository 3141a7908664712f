"""How a committee's meetings and status reports look in Slack: the few facts that matter, and a button to the page.

All of it is read as it stands when the message goes out, with the eyes of its reader: what somebody may not see any
more is not in it. Beside the blocks the message has all of its words as text.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin.blocks import Block
from plugins.slack_checkin.faces import OPEN
from program.plugin_api import core
from program.plugin_api.contract import AgendaPoint, Decision, Meeting, OutgoingMessage, Part, Person, StatusReport

AGENDA, CANCELLED = "steering.meeting_agenda", "steering.meeting_cancelled"
DATED = ("steering.meeting_planned", "steering.meeting_changed", CANCELLED)
MINUTES = ("steering.minutes_wait", "steering.minutes_out")
KINDS = (*DATED, AGENDA, *MINUTES)
REPORTS = ("steering.status_report",)
# Each state has a sign and its word.
SIGNS = {"on_track": "🟢", "at_risk": "🟠", "off_track": "🔴", "no_data": "⚪"}
# What is listed at most: the page has all of it.
MOST_POINTS, MOST_LINES, MOST_SECTIONS, MOST_WAITING = 12, 2, 8, 3
MOST_SAID, MOST_IN_SECTION = 10, 5
# Letters of a line, of a first paragraph, of all parts of a report: a message takes some 13,000.
_LINE, _LEAD, _ROOM = 240, 1_500, 5_000


def draw(message: OutgoingMessage, part: Part) -> Sequence[Block] | None:
    """A meeting, its agenda or its minutes; None for a message to no person, or of an older version."""
    reader, meeting_id = message.recipient, int(part.data.get("meeting") or 0)
    if reader is None or not meeting_id:
        return None
    person = Person(reader.id, reader.name, reader.email, reader.locale, reader.timezone)
    meeting = core.meeting(person, meeting_id)
    at = f"meeting:{meeting.id}:{part.kind.rpartition('.')[2]}"
    with core.speaking_to(person):
        said = [b.header(part.subject, f"{at}:title")]
        if part.kind in MINUTES:
            said += _minutes(meeting, at)
        elif part.kind == AGENDA:
            said += [_when(meeting, at), *_agenda(meeting, at)]
        else:
            said += [_when(meeting, at), *_reason(meeting, at), *_wanted(meeting, at)]
        return [*said, _row(part, at, meeting if part.kind not in (*MINUTES, CANCELLED) else None)]


def draw_report(message: OutgoingMessage, part: Part) -> Sequence[Block] | None:
    """A status report; None for a message to no person, or of an older version."""
    reader, report_id = message.recipient, int(part.data.get("report") or 0)
    if reader is None or not report_id:
        return None
    person = Person(reader.id, reader.name, reader.email, reader.locale, reader.timezone)
    report = core.status_report(person, report_id)
    waiting = [one for one in core.decisions_waiting_for(person) if one.program_id == report.program_id]
    at = f"report:{report.id}"
    with core.speaking_to(person):
        said = [b.header(part.subject, f"{at}:title"), *_stands(report, at), *_waiting(waiting, at)]
        return [*said, *_sections(report, at), _row(part, at)]


def _when(meeting: Meeting, at: str) -> Block:
    length = ngettext("%(num)s minute", "%(num)s minutes", meeting.minutes)
    lines = [f"*{b.escaped(core.moment_in_words(meeting.meets_at))}*, {b.escaped(length)}"]
    if meeting.place:
        lines.append(b.escaped(meeting.place))
    return b.section("\n".join(lines), f"{at}:when")


def _reason(meeting: Meeting, at: str) -> list[Block]:
    return [b.section(b.escaped(b.cut(meeting.reason, _LEAD)), f"{at}:reason")] if meeting.reason else []


def _wanted(meeting: Meeting, at: str) -> list[Block]:
    """What a meeting that is still to come would decide as things stand."""
    asked = [one.title for one in meeting.points if one.kind == "decision"] if meeting.state == "planned" else []
    if not asked:
        return []
    return [b.section(_listed(_("On its agenda so far"), asked, MOST_IN_SECTION), f"{at}:wanted")]


def _agenda(meeting: Meeting, at: str) -> list[Block]:
    lines = [_point(place, one) for place, one in enumerate(meeting.points[:MOST_POINTS], 1)]
    if (left := len(meeting.points) - MOST_POINTS) > 0:
        lines.append(b.escaped(_and_more(left)))
    if not lines:
        return [b.section(b.escaped(_("Nothing is on the agenda yet.")), f"{at}:points")]
    # Twelve points of three lines each may be more than a section takes, so each half has one of its own.
    half = (len(lines) + 1) // 2 if len(lines) > MOST_POINTS // 2 else len(lines)
    parts = [part for part in (lines[:half], lines[half:]) if part]
    return [b.section("\n".join(part), f"{at}:points:{number}") for number, part in enumerate(parts)]


def _point(place: int, point: AgendaPoint) -> str:
    title = b.escaped(_one_line(point.title, 120))
    title = f"*{title}*" if point.kind == "decision" else title
    length = ngettext("%(num)s minute", "%(num)s minutes", point.minutes)
    lines = [f"{place}. {title} ({b.escaped(length)})"]
    lines += [f"    {b.escaped(_one_line(line, 120))}" for line in point.lines[:MOST_LINES]]
    if (left := len(point.lines) - MOST_LINES) > 0:
        lines.append(f"    {b.escaped(_and_more(left))}")
    return "\n".join(lines)


def _minutes(meeting: Meeting, at: str) -> list[Block]:
    lead = b.escaped(core.moment_in_words(meeting.meets_at))
    if meeting.may_approve:
        lead += "\n" + b.escaped(_("Once you have approved them, nothing in them changes any more."))
    said = [b.section(lead, f"{at}:when")]
    for name, heading, lines in (
        ("decided", _("Decided"), meeting.decided),
        ("agreed", _("Agreed on"), meeting.agreed),
    ):
        if lines:
            said.append(b.section(_listed(heading, lines, MOST_SAID), f"{at}:{name}"))
    if not meeting.decided and not meeting.agreed:
        said.append(b.section(b.escaped(_("Nothing was decided, and no action agreed on.")), f"{at}:none"))
    return said


def _stands(report: StatusReport, at: str) -> list[Block]:
    days = (core.day_in_words(report.since), core.day_in_words(report.until))
    said = [b.context(b.escaped(_("From %(since)s to %(until)s.", since=days[0], until=days[1])), f"{at}:days")]
    lead = [line for section in report.sections if not section.title for line in section.lines]
    state = [f"{SIGNS.get(report.state, '⚪')} *{b.escaped(report.state_name)}*"] if report.state_name else []
    if text := "\n".join([*state, *([b.escaped(b.cut("\n".join(lead), _LEAD))] if lead else [])]):
        said.append(b.section(text, f"{at}:state"))
    return said


def _sections(report: StatusReport, at: str) -> list[Block]:
    said: list[Block] = []
    titled = [section for section in report.sections if section.title]
    room, shown = _ROOM, 0
    for section in titled[:MOST_SECTIONS]:
        block = b.section(_listed(section.title, section.lines, MOST_IN_SECTION), f"{at}:part:{shown}")
        room -= b.size(block["text"]["text"])
        if room < 0:
            break
        said.append(block)
        shown += 1
    if left := len(titled) - shown:
        words = ngettext("%(num)s more part is in the report.", "%(num)s more parts are in the report.", left)
        said.append(b.context(b.escaped(words), f"{at}:more"))
    return said


def _waiting(waiting: Sequence[Decision], at: str) -> list[Block]:
    """The decisions of the program that wait for the reader's vote, each with its way in."""
    if not waiting:
        return []
    lines = []
    for one in waiting[:MOST_WAITING]:
        # A bar or a bracket would end the link early.
        title = b.escaped(_one_line(f"D{one.number} {one.title}", 100)).replace("|", "/")
        needed = ""
        if one.decide_by is not None:
            needed = ". " + b.escaped(_("Needed by %(day)s.", day=core.day_in_words(one.decide_by)))
        lines.append(f"• <{b.escaped(one.url)}|{title}>{needed}")
    if (left := len(waiting) - MOST_WAITING) > 0:
        lines.append(b.escaped(_and_more(left)))
    heading = b.escaped(_("Waiting for your vote"))
    return [b.section("\n".join([f"*{heading}*", *lines]), f"{at}:waiting")]


def _row(part: Part, at: str, meeting: Meeting | None = None) -> Block:
    """The one button, and for a meeting to come the way into its call."""
    opening = b.button(part.action, f"{OPEN}:{at}", said=f"{part.action}: {part.subject}", url=part.url)
    made = [opening]
    if meeting is not None and meeting.link.startswith(("https://", "http://")) and meeting.state == "planned":
        label = _("Join online")
        made.append(b.button(label, f"{OPEN}:{at}:join", said=f"{label}: {part.subject}", url=meeting.link))
    return b.actions(made, f"{at}:row")


def _listed(heading: str, lines: Sequence[str], most: int) -> str:
    shown = [f"• {b.escaped(_one_line(line, _LINE))}" for line in lines[:most]]
    if len(lines) > most:
        shown.append(b.escaped(_and_more(len(lines) - most)))
    return "\n".join([f"*{b.escaped(_one_line(heading, 120))}*", *shown])


def _and_more(left: int) -> str:
    return ngettext("and %(num)s more", "and %(num)s more", left)


def _one_line(text: str, most: int) -> str:
    return b.cut(" ".join(text.split()), most)
