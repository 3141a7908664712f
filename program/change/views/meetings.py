"""Pages of one meeting of a ritual: its notes and actions, moving it, cancelling it.

A meeting is named in addresses by the day its rhythm gives, with `?phase=` where it follows a phase.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.change import meetings
from program.change.forms.rituals import HoldForm, MoveForm
from program.change.meetings import Name, find_meeting
from program.change.models import Ritual
from program.change.ritual_dates import Meeting
from program.change.rituals import find_ritual
from program.change.views.rituals import AT, words
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid, NotFound
from program.people.access import NOT_HERE
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.opening import OpenProgram, open_program
from program.planning.views.items import seen_revision, start_reading

blueprint = Blueprint("meetings", __name__)
ONE = f"{AT}/<int:ritual_id>/meetings/<day>"


@blueprint.get(ONE)
def show(key: str, ritual_id: int, day: str) -> ResponseReturnValue:
    """One meeting: when it is, what was said."""
    program = open_program(key)
    ritual = find_ritual(current_actor(), program.id, ritual_id)
    return _page(program, ritual, find_meeting(current_actor(), program, ritual, _name(day)))


@blueprint.post(ONE)
def hold(key: str, ritual_id: int, day: str) -> ResponseReturnValue:
    """It was held: keep its notes, and make items of its actions."""
    form = HoldForm()

    def act(program: OpenProgram, ritual: Ritual, name: Name, seen: int) -> None:
        made = meetings.hold(
            current_actor(),
            program,
            ritual,
            name,
            notes=form.notes.data or "",
            actions=form.actions.data or "",
            due_on=form.due_on.data,
            seen=seen,
        )
        told = _("The notes are kept.")
        if made:
            told += " " + ngettext("%(num)s action is on the plan.", "%(num)s actions are on the plan.", len(made))
        flash(told)

    return _do(key, ritual_id, day, act, hold_form=form)


@blueprint.post(f"{ONE}/move")
def move(key: str, ritual_id: int, day: str) -> ResponseReturnValue:
    """Hold it on another day."""
    form = MoveForm()

    def act(program: OpenProgram, ritual: Ritual, name: Name, seen: int) -> None:
        meeting = meetings.move(current_actor(), program, ritual, name, form.to.data, seen=seen)
        flash(_("It meets on %(day)s; whoever comes is told.", day=formats.day(meeting.day)))

    return _do(key, ritual_id, day, act, move_form=form)


@blueprint.post(f"{ONE}/cancel")
def cancel(key: str, ritual_id: int, day: str) -> ResponseReturnValue:
    """It does not take place; asks once."""
    if not request.form.get("confirmed"):
        program = open_program(key, Access.CONTRIBUTOR)
        ritual = find_ritual(current_actor(), program.id, ritual_id)
        meeting = find_meeting(current_actor(), program, ritual, _name(day))
        address = {"day": day, "phase": meeting.phase_id}
        return render_template(
            "change/rituals/cancel.html", program=program, ritual=ritual, meeting=meeting, address=address
        )

    def act(program: OpenProgram, ritual: Ritual, name: Name, seen: int) -> None:
        meetings.cancel(current_actor(), program, ritual, name, seen=seen)
        flash(_("The meeting is cancelled; whoever comes is told."))

    return _do(key, ritual_id, day, act)


@blueprint.post(f"{ONE}/restore")
def restore(key: str, ritual_id: int, day: str) -> ResponseReturnValue:
    """It takes place as its rhythm gives it."""

    def act(program: OpenProgram, ritual: Ritual, name: Name, seen: int) -> None:
        meetings.restore(current_actor(), program, ritual, name, seen=seen)
        flash(_("The meeting takes place as planned."))

    return _do(key, ritual_id, day, act)


def _do(
    key: str, ritual_id: int, day: str, act: Callable[[OpenProgram, Ritual, Name, int], None], **forms: Any
) -> ResponseReturnValue:
    """Do something to a meeting and go back to its ritual; a refused form comes back with its reasons."""
    program = open_program(key, Access.CONTRIBUTOR)
    actor = current_actor()
    ritual, name = find_ritual(actor, program.id, ritual_id, Access.CONTRIBUTOR, lock=True), _name(day)
    status = 422
    form = next(iter(forms.values()), None)
    if form is None or form.validate():
        try:
            act(program, ritual, name, seen_revision() or 0)
        except Invalid as error:
            if form is None:
                raise
            take_errors(form, error.fields, error.sentence)
        except Conflict as error:
            if form is None:
                raise
            status = 409
            form.form_errors.append(_("%(problem)s This is how it stands now.", problem=error.sentence))
        else:
            return redirect(url_for("rituals.show", key=program.key, ritual_id=ritual_id), 303)
    start_reading()
    ritual = find_ritual(actor, program.id, ritual_id)
    return _page(program, ritual, find_meeting(actor, program, ritual, name), status, **forms)


def _page(program: OpenProgram, ritual: Ritual, meeting: Meeting, status: int = 200, **forms: Any) -> Any:
    suggested = program.calendar.on_or_after(meeting.day) if meeting.holiday else None
    move_form = forms.get("move_form") or MoveForm(formdata=None, data={"to": suggested})
    hold_form = forms.get("hold_form") or HoldForm(formdata=None, data={"notes": meeting.notes})
    for form in (move_form, hold_form):
        form.revision.data = meeting.revision
    html = render_template(
        "change/rituals/meeting.html",
        program=program,
        ritual=ritual,
        meeting=meeting,
        headline=_standing(meeting),
        is_over=meeting.day <= formats.today(),
        suggested=suggested,
        move_form=move_form,
        hold_form=hold_form,
        address={
            "key": program.key,
            "ritual_id": ritual.id,
            "day": meeting.planned_on.isoformat(),
            "phase": meeting.phase_id,
        },
        works=g.access >= Access.CONTRIBUTOR,
        **words(),
    )
    return html, status


def _standing(meeting: Meeting) -> str:
    when = formats.moment(meeting.starts_at)
    if meeting.is_cancelled:
        return _("%(when)s: cancelled.", when=when)
    if meeting.state == "held":
        return _("Held on %(day)s.", day=formats.day(meeting.day))
    if meeting.holiday:
        return _("%(when)s falls on a public holiday: %(holiday)s.", when=when, holiday=meeting.holiday)
    return _("%(when)s, for %(minutes)s minutes.", when=when, minutes=meeting.ritual.minutes)


def _name(day: str) -> Name:
    try:
        planned_on = date.fromisoformat(day) if len(day) == 10 else None
    except ValueError:
        planned_on = None
    if planned_on is None:
        raise NotFound(NOT_HERE)
    phase = request.args.get("phase", "")
    return Name(planned_on, int(phase) if phase.isascii() and phase.isdigit() and len(phase) <= 9 else None)
