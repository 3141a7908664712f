"""Pages of a meeting that has begun: who is there, what is said, agreed on and decided; the minutes as they read."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.comments import members
from program.planning.opening import OpenProgram, open_program
from program.steering import meeting_acts, minutes
from program.steering.agenda_points import Agenda
from program.steering.agenda_words import KIND_MARKS, lines, point_title
from program.steering.forms.meetings import PRESENCE_WORDS, ActionForm, AskForm
from program.steering.frozen import from_json
from program.steering.meeting_calendar import find_meeting
from program.steering.minutes_lists import notes_of
from program.steering.models import CommitteeMeeting, MeetingState, Presence
from program.steering.seats import seats_of

blueprint = Blueprint("committee_minutes", __name__)
AT = "/p/<key>/committee/meetings/<int:number>"


@blueprint.get(f"{AT}/minutes")
def show(key: str, number: int) -> ResponseReturnValue:
    """The minutes: while they are written with the forms to write them, afterwards as they were approved."""
    program = open_program(key)
    return _page(program, _begun(program, number))


@blueprint.post(f"{AT}/attendance")
def attendance(key: str, number: int) -> ResponseReturnValue:
    """Note who is there: `seat-ID` is present, deputy or absent."""
    program, meeting = _open(key, number)
    told = {
        int(name[5:]): how
        for name, how in list(request.form.items())[:100]
        if name.startswith("seat-") and name[5:].isdecimal() and len(name) < 15
    }
    try:
        meeting_acts.set_attendance(current_actor(), meeting, told, seen=_seen())
    except Invalid as error:
        flash(" ".join(str(one) for one in error.fields.values()), "error")
    else:
        flash(_("It is noted who is here."))
    return redirect(_back(program, meeting, "present"), 303)


@blueprint.post(f"{AT}/notes")
def note(key: str, number: int) -> ResponseReturnValue:
    """Write what is said on a point; a second writer keeps their words on the page and sees the first one's."""
    program, meeting = _open(key, number)
    point, text = request.form.get("point", ""), request.form.get("text", "")
    try:
        meeting_acts.write_note(current_actor(), meeting, point, text, seen=max(0, _seen()))
    except Invalid as error:
        return _page(program, meeting, 422, unsaved={point: text}, problem=" ".join(map(str, error.fields.values())))
    except Conflict as error:
        if meeting.state == MeetingState.CLOSED:
            raise
        return _page(program, meeting, 409, unsaved={point: text}, problem=str(error.sentence))
    flash(_("The note is saved."))
    return redirect(_back(program, meeting, f"at-{point}" if point else "beside"), 303)


@blueprint.route(f"{AT}/actions/new", methods=["GET", "POST"])
def add_action(key: str, number: int) -> ResponseReturnValue:
    """Agree on an action; `?point=` chooses the point beforehand."""
    program, meeting = _open(key, number)
    form = ActionForm()
    agenda = from_json(Agenda, meeting.agenda)
    form.offer(members(program.id), {one.key: point_title(one.kind, one.title) for one in agenda.points})
    if request.method == "GET":
        form.point.data = request.args.get("point", "")
    elif form.validate():
        try:
            item = meeting_acts.add_action(current_actor(), meeting, form.draft())
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("Agreed: %(title)s", title=item.title))
            return redirect(_back(program, meeting, f"at-{form.point.data}" if form.point.data else "agreed"), 303)
    page = render_template("steering/meetings/action.html", program=program, meeting=meeting, form=form)
    return page, 422 if form.errors else 200


@blueprint.route(f"{AT}/ask", methods=["GET", "POST"])
def ask(key: str, number: int) -> ResponseReturnValue:
    """Put a matter that came up to the committee there and then."""
    program, meeting = _open(key, number, Access.MANAGER)
    form = AskForm()
    if request.method == "POST" and form.validate():
        options = (form.options.data or "").splitlines()
        try:
            asked = meeting_acts.ask_now(current_actor(), meeting, form.title.data or "", options)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The committee is asked. Its members vote on this page, or the chair decides."))
            return redirect(url_for("decisions.show", key=program.key, number=asked.number), 303)
    page = render_template("steering/meetings/ask.html", program=program, meeting=meeting, form=form)
    return page, 422 if form.errors else 200


@blueprint.post(f"{AT}/submit")
def submit(key: str, number: int) -> ResponseReturnValue:
    """Ask the chair to approve."""
    program, meeting = _open(key, number, Access.MANAGER)
    try:
        minutes.submit(current_actor(), meeting, seen=_seen())
    except Invalid as error:
        flash(str(error.sentence), "error")
    else:
        flash(_("The chair is asked to approve the minutes."))
    return redirect(_back(program, meeting), 303)


@blueprint.post(f"{AT}/approve")
def approve(key: str, number: int) -> ResponseReturnValue:
    """The chair approves: from now on the minutes stand still."""
    program = open_program(key)
    meeting = _begun(program, number)
    try:
        minutes.approve(current_actor(), meeting, look=request.form.get("look", ""))
    except Conflict as error:
        if meeting.state == MeetingState.CLOSED:
            raise
        flash(str(error.sentence), "error")
    else:
        flash(_("The minutes are approved. Members are told."))
    return redirect(_back(program, meeting), 303)


def _open(key: str, number: int, needed: Access = Access.CONTRIBUTOR) -> tuple[OpenProgram, CommitteeMeeting]:
    program = open_program(key, needed)
    return program, _begun(program, number)


def _begun(program: OpenProgram, number: int) -> CommitteeMeeting:
    meeting = find_meeting(current_actor(), program.id, number)
    if meeting.state not in (MeetingState.HELD, MeetingState.CLOSED):
        raise Conflict(meeting_acts.NOT_BEGUN)
    return meeting


def _seen() -> int:
    raw = request.form.get("revision", "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 9 else -1


def _back(program: OpenProgram, meeting: CommitteeMeeting, anchor: str | None = None) -> str:
    return url_for(".show", key=program.key, number=meeting.number, _anchor=anchor)


def _page(program: OpenProgram, meeting: CommitteeMeeting, status: int = 200, **more: Any) -> ResponseReturnValue:
    seats = seats_of(program.id, formats.today())
    kept = minutes.kept_of(meeting.id) if meeting.state == MeetingState.CLOSED else None
    content: dict[str, Any] = json.loads(kept.record) if kept else minutes.content_of(program, meeting, seats)
    writes = kept is None and g.access >= Access.CONTRIBUTOR
    page = render_template(
        "steering/meetings/minutes.html",
        program=program,
        meeting=meeting,
        agenda=from_json(Agenda, content["agenda"]),
        content=content,
        kept=kept,
        look="" if kept else minutes.look_of(content),
        revisions={one.point: one.revision for one in notes_of(meeting.id)} if writes else {},
        seats=seats,
        presence_words=PRESENCE_WORDS,
        presences=[one.value for one in Presence],
        lines=lines,
        point_title=point_title,
        kind_marks=KIND_MARKS,
        day_of=_day_of,
        moment_of=datetime.fromisoformat,
        writes=writes,
        manages=kept is None and g.access >= Access.MANAGER,
        may_approve=kept is None and minutes.may_approve(current_actor(), program.id, seats),
        **{"unsaved": {}, "problem": "", **more},
    )
    return page, status


def _day_of(told: str | None) -> date | None:
    return date.fromisoformat(told) if told else None
