"""Pages of the committee's meetings: the calendar, one meeting with its agenda, and what managers do about dates."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.opening import OpenProgram, open_program
from program.steering import meeting_acts, meeting_calendar
from program.steering.agenda import agenda_of
from program.steering.agenda_words import KIND_MARKS, lines, point_title
from program.steering.forms.meetings import CadenceForm, CancelForm, MeetingForm, PointForm
from program.steering.meeting_calendar import DayOff, find_meeting, moved_from
from program.steering.meeting_entries import file_of
from program.steering.meetings import meetings_of
from program.steering.models import CommitteeMeeting, MeetingState
from program.steering.seats import plan_of, quorum_of, seats_of
from program.steering.views.tabs import matter_tabs

blueprint = Blueprint("committee_meetings", __name__)
AT = "/p/<key>/committee/meetings"
ONE = f"{AT}/<int:number>"


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """Meetings that lie ahead, and those there were."""
    program = open_program(key)
    ahead, behind = meetings_of(program)
    return render_template(
        "steering/meetings/index.html",
        program=program,
        tabs=matter_tabs(program),
        ahead=ahead,
        behind=behind,
        plan=plan_of(program.id),
        manages=g.access >= Access.MANAGER,
    )


@blueprint.route(f"{AT}/new", methods=["GET", "POST"])
def new(key: str) -> ResponseReturnValue:
    """Call a single meeting."""
    program = open_program(key, Access.MANAGER)
    form = MeetingForm(_chosen())
    offer: DayOff | None = None
    if request.method == "GET":
        form.begin(None, plan_of(program.id), program.timezone)
    elif form.validate():
        try:
            meeting = meeting_calendar.plan_meeting(current_actor(), program.id, form.draft())
        except DayOff as error:
            offer = error
            take_errors(form, error.fields, error.sentence)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The meeting is called. Members are told."))
            return redirect(url_for(".show", key=program.key, number=meeting.number), 303)
    return _form_page(program, form, None, offer)


@blueprint.route(f"{ONE}/edit", methods=["GET", "POST"])
def edit(key: str, number: int) -> ResponseReturnValue:
    """Move a meeting, or say where it is."""
    program = open_program(key, Access.MANAGER)
    meeting = find_meeting(current_actor(), program.id, number, Access.MANAGER)
    if meeting.state != MeetingState.PLANNED:
        raise Conflict(meeting_calendar.OVER)
    form = MeetingForm(_chosen())
    offer: DayOff | None = None
    if request.method == "GET":
        form.begin(meeting, plan_of(program.id), program.timezone)
    elif form.validate():
        seen = -1 if form.revision.data is None else form.revision.data
        try:
            meeting_calendar.change_meeting(current_actor(), meeting, form.draft(), seen=seen)
        except DayOff as error:
            offer = error
            take_errors(form, error.fields, error.sentence)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("Saved. Members are told of what changed."))
            return redirect(url_for(".show", key=program.key, number=number), 303)
    return _form_page(program, form, meeting, offer)


@blueprint.route(f"{ONE}/cancel", methods=["GET", "POST"])
def cancel(key: str, number: int) -> ResponseReturnValue:
    """The meeting does not take place; asks for the reason."""
    program = open_program(key, Access.MANAGER)
    meeting = find_meeting(current_actor(), program.id, number, Access.MANAGER)
    form = CancelForm()
    if request.method == "GET":
        revision: Any = meeting.revision
        form.revision.data = revision
    elif form.validate():
        seen = -1 if form.revision.data is None else form.revision.data
        try:
            meeting_calendar.cancel_meeting(current_actor(), meeting, form.why.data or "", seen=seen)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The meeting is cancelled. Members are told."))
            return redirect(url_for(".index", key=program.key), 303)
    page = render_template("steering/meetings/cancel.html", program=program, meeting=meeting, form=form)
    return page, 422 if form.errors else 200


@blueprint.route(f"{AT}/cadence", methods=["GET", "POST"])
def cadence(key: str) -> ResponseReturnValue:
    """Say how often the committee meets."""
    program = open_program(key, Access.MANAGER)
    plan = plan_of(program.id)
    form = CadenceForm()
    form.offer()
    if request.method == "GET":
        form.begin(plan)
    elif form.validate():
        seen = -1 if form.revision.data is None else form.revision.data
        try:
            chosen = form.cadence(plan, formats.today())
            values = {"announce_days": form.announce_days.data}
            meeting_calendar.set_cadence(current_actor(), program.id, chosen, values, seen=seen)
        except ValueError:
            take_errors(form, {"rhythm": _("Choose one from the list.")}, "")
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("Saved. The calendar follows, and members are told."))
            return redirect(url_for(".index", key=program.key), 303)
    page = render_template("steering/meetings/cadence.html", program=program, form=form, plan=plan)
    return page, 422 if form.errors else 200


@blueprint.get(ONE)
def show(key: str, number: int) -> ResponseReturnValue:
    """One meeting with its agenda: as it is now, or as it stood when the meeting began."""
    program = open_program(key)
    return _page(program, find_meeting(current_actor(), program.id, number), PointForm(formdata=None))


@blueprint.get(f"{ONE}.ics")
def file(key: str, number: int) -> ResponseReturnValue:
    """The meeting as a file that calendar programs take."""
    program = open_program(key)
    meeting = find_meeting(current_actor(), program.id, number)
    response = Response(file_of(meeting, program), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{program.key}-{number}.ics"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@blueprint.post(f"{ONE}/points")
def add_point(key: str, number: int) -> ResponseReturnValue:
    """Put a point on the agenda."""
    program = open_program(key, Access.CONTRIBUTOR)
    meeting = find_meeting(current_actor(), program.id, number, Access.CONTRIBUTOR)
    form = PointForm()
    if form.validate():
        try:
            meeting_acts.add_point(current_actor(), meeting, form.title.data or "", form.note.data or "")
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The point is on the agenda."))
            return redirect(url_for(".show", key=program.key, number=number, _anchor="agenda"), 303)
    return _page(program, meeting, form, 422)


@blueprint.post(f"{ONE}/points/<int:point_id>/remove")
def remove_point(key: str, number: int, point_id: int) -> ResponseReturnValue:
    """Take a point off the agenda."""
    program = open_program(key, Access.CONTRIBUTOR)
    meeting = find_meeting(current_actor(), program.id, number, Access.CONTRIBUTOR)
    meeting_acts.remove_point(current_actor(), meeting, point_id)
    flash(_("The point is off the agenda."))
    return redirect(url_for(".show", key=program.key, number=number, _anchor="agenda"), 303)


@blueprint.post(f"{ONE}/order")
def arrange(key: str, number: int) -> ResponseReturnValue:
    """Keep the order of the points and their minutes, as typed beside each."""
    program = open_program(key, Access.MANAGER)
    meeting = find_meeting(current_actor(), program.id, number, Access.MANAGER)
    told = [one for one in request.form if one.startswith("place-")][:100]
    keys = sorted((one.removeprefix("place-") for one in told), key=lambda one: _number(f"place-{one}", 99) or 0)
    minutes = {one: _number(f"minutes-{one}", None) for one in keys}
    try:
        meeting_acts.arrange(current_actor(), meeting, keys, minutes, seen=_number("revision", -1) or -1)
    except Invalid as error:
        flash(" ".join(str(one) for one in error.fields.values()), "error")
    else:
        flash(_("The agenda is arranged."))
    return redirect(url_for(".show", key=program.key, number=number, _anchor="agenda"), 303)


@blueprint.post(f"{ONE}/begin")
def begin(key: str, number: int) -> ResponseReturnValue:
    """The meeting begins; its agenda stands."""
    program = open_program(key, Access.MANAGER)
    meeting = find_meeting(current_actor(), program.id, number, Access.MANAGER)
    meeting_acts.begin(current_actor(), meeting, seen=_number("revision", -1) or -1)
    flash(_("The meeting has begun. Its agenda stays as it is now."))
    return redirect(url_for("committee_minutes.show", key=program.key, number=number), 303)


def _chosen() -> Any:
    """What was sent, with the working day that was offered in the place of the day nobody works on."""
    told = request.form.copy()
    if offered := told.get("move_to"):
        told["day"] = offered
    return told


def _number(name: str, otherwise: int | None) -> int | None:
    raw = request.form.get(name, "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 9 else otherwise


def _page(program: OpenProgram, meeting: CommitteeMeeting, form: PointForm, status: int = 200) -> ResponseReturnValue:
    seats = seats_of(program.id, formats.today())
    agenda = agenda_of(program, meeting, formats.today())
    page = render_template(
        "steering/meetings/show.html",
        program=program,
        meeting=meeting,
        agenda=agenda,
        lines=lines,
        point_title=point_title,
        kind_marks=KIND_MARKS,
        seats=seats,
        quorum=quorum_of(plan_of(program.id).quorum, len(seats)),
        moved_from=moved_from(meeting, program.timezone, program.calendar),
        form=form,
        works=g.access >= Access.CONTRIBUTOR,
        manages=g.access >= Access.MANAGER,
    )
    return page, status


def _form_page(
    program: OpenProgram, form: MeetingForm, meeting: CommitteeMeeting | None, offer: DayOff | None
) -> ResponseReturnValue:
    more: dict[str, Any] = {"program": program, "form": form, "meeting": meeting, "offer": offer}
    return render_template("steering/meetings/form.html", **more), 422 if form.errors else 200
