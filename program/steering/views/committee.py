"""The page of the committee: its seats and deputies, and how the program is steered."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.comments import members
from program.planning.opening import OpenProgram, open_program
from program.steering import committee
from program.steering.committee import find_seat
from program.steering.forms.committee import SEAT_WORDS, PlanForm, SeatForm
from program.steering.seats import plan_of, quorum_of, seats_of
from program.steering.views.tabs import matter_tabs

blueprint = Blueprint("committee", __name__)
AT = "/p/<key>/committee"


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """Who sits in the committee."""
    return _page(open_program(key))


@blueprint.post(f"{AT}/seats")
def add(key: str) -> ResponseReturnValue:
    """Give somebody a seat."""
    program = open_program(key, Access.MANAGER)
    form = SeatForm()
    form.offer(members(program.id))
    if form.validate():
        try:
            committee.add_seat(current_actor(), program.id, form.draft())
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The seat is given."))
            return redirect(url_for(".index", key=program.key), 303)
    return _page(program, 422, seat_form=form)


@blueprint.post(f"{AT}/seats/<int:seat_id>")
def change(key: str, seat_id: int) -> ResponseReturnValue:
    """Change a seat's deputy and part."""
    program = open_program(key, Access.MANAGER)
    seat = find_seat(current_actor(), program.id, seat_id)
    form = SeatForm()
    form.offer(members(program.id))
    try:
        seen = -1 if form.revision.data is None else form.revision.data
        committee.change_seat(current_actor(), seat, form.draft(), seen=seen)
    except Invalid as error:
        flash(" ".join(str(reason) for reason in error.fields.values()) or str(error.sentence), "error")
    else:
        flash(_("The seat is changed."))
    return redirect(url_for(".index", key=program.key), 303)


@blueprint.post(f"{AT}/seats/<int:seat_id>/end")
def end(key: str, seat_id: int) -> ResponseReturnValue:
    """The seat ends today; asks once."""
    program = open_program(key, Access.MANAGER)
    seat = find_seat(current_actor(), program.id, seat_id)
    if not request.form.get("confirmed"):
        names = {one.id: one.name for one in seats_of(program.id, formats.today())}
        return render_template("steering/committee/end.html", program=program, seat=seat, name=names.get(seat.id, ""))
    raw = request.form.get("revision", "")
    committee.end_seat(current_actor(), seat, seen=int(raw) if raw.isascii() and raw.isdigit() else -1)
    flash(_("The seat has ended. What was voted from it is kept."))
    return redirect(url_for(".index", key=program.key), 303)


@blueprint.post(f"{AT}/plan")
def plan(key: str) -> ResponseReturnValue:
    """Say how the program is steered."""
    program = open_program(key, Access.MANAGER)
    form = PlanForm()
    if form.validate():
        try:
            seen = -1 if form.revision.data is None else form.revision.data
            committee.set_plan(current_actor(), program.id, form.values(), seen=seen)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("Saved."))
            return redirect(url_for(".index", key=program.key), 303)
    return _page(program, 422, plan_form=form)


def _page(program: OpenProgram, status: int = 200, **forms: Any) -> ResponseReturnValue:
    manages = g.access >= Access.MANAGER
    people = members(program.id) if manages else {}
    present = plan_of(program.id)
    seats = seats_of(program.id, formats.today())
    plan_form = forms.get("plan_form") or PlanForm(formdata=None, obj=present)
    plan_form.revision.data = present.revision
    seat_form = forms.get("seat_form")
    if seat_form is None:
        seat_form = SeatForm(formdata=None)
        seat_form.offer(people)
    page = render_template(
        "steering/committee/index.html",
        program=program,
        tabs=matter_tabs(program),
        seats=seats,
        quorum=quorum_of(present.quorum, len(seats)),
        has_chair=any(seat.is_chair for seat in seats),
        seat_form=seat_form,
        plan_form=plan_form,
        people=people,
        seat_words=SEAT_WORDS,
        manages=manages,
    )
    return page, status
