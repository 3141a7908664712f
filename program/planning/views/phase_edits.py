"""Pages that change phases: adding, wording, ordering, moving with a preview, splitting, removing, real dates."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning import moving, phases
from program.planning.forms.fields import choice
from program.planning.forms.phases import ActualForm, MoveForm, NewPhaseForm, PhaseForm, RemoveForm, SplitForm
from program.planning.models import Phase
from program.planning.moving import MovePlan
from program.planning.opening import OpenProgram, open_program
from program.planning.phases import PhaseDraft
from program.planning.programs import MAX_NAME
from program.planning.views.phases import AT

blueprint = Blueprint("phase_edits", __name__)
# Items named in a preview; the rest is counted.
NAMED = 200


@blueprint.route(f"{AT}/new", methods=["GET", "POST"])
def new(key: str) -> ResponseReturnValue:
    """Add a phase."""
    program = open_program(key, Access.MANAGER)
    form = NewPhaseForm()
    present = phases.phases_in_order(program.id)
    form.after.choices = [choice("", _("At the beginning"))] + [
        choice(phase.id, _("After “%(phase)s”", phase=phase.name)) for phase in present
    ]
    if request.method == "GET":
        form.after.data = str(present[-1].id) if present else ""
        return render_template("planning/phases/new.html", form=form, program=program)
    if form.validate():
        draft = PhaseDraft(
            name=form.name.data or "",
            weeks=form.weeks.data or 0,
            purpose=form.purpose.data or "",
            after_id=_id(form.after.data),
            starts_on=form.starts_on.data,
        )
        try:
            phase = phases.add_phase(current_actor(), program.id, draft)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The phase is added. Nothing else has moved."))
            return _to(program, phase)
    return render_template("planning/phases/new.html", form=form, program=program), 422


@blueprint.route(f"{AT}/<int:phase_id>/edit", methods=["GET", "POST"])
def edit(key: str, phase_id: int) -> ResponseReturnValue:
    """Rename a phase or reword its purpose."""
    program, phase = _opened(key, phase_id)
    form = PhaseForm(obj=phase)
    if request.method == "GET":
        return render_template("planning/phases/edit.html", form=form, program=program, phase=phase)
    if form.validate():
        values = {"name": form.name.data, "purpose": form.purpose.data}
        try:
            phases.change_phase(current_actor(), phase, values, seen=form.revision.data)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The phase is saved."))
            return _to(program, phase)
    return render_template("planning/phases/edit.html", form=form, program=program, phase=phase), 422


@blueprint.post(f"{AT}/<int:phase_id>/place")
def place(key: str, phase_id: int) -> ResponseReturnValue:
    """Put a phase elsewhere in the order."""
    program, phase = _opened(key, phase_id)
    phases.place_phase(current_actor(), phase, _id(request.form.get("after")), seen=_seen(phase))
    flash(_("The order of phases is changed. Their dates stay."))
    return redirect(url_for("phases.index", key=program.key), 303)


@blueprint.route(f"{AT}/<int:phase_id>/dates", methods=["GET", "POST"])
def move(key: str, phase_id: int) -> ResponseReturnValue:
    """Give a phase other planned dates: the form, the preview of everything that moves, the move."""
    program, phase = _opened(key, phase_id)
    form = MoveForm()
    if request.method == "GET":
        form.start.data, form.end.data = phase.planned_start, phase.planned_end
        return _move_page(program, phase, form)
    if request.form.get("step") == "edit":
        return _move_page(program, phase, form)
    if not form.validate():
        return _move_page(program, phase, form), 422
    start, end = form.start.data or phase.planned_start, form.end.data or phase.planned_end
    try:
        wish = moving.wished(
            phase,
            program.calendar,
            start,
            _longer(end, form.weeks.data or 0),
            with_items=form.with_items.data,
            with_following=form.with_following.data,
        )
        if request.form.get("step") == "move":
            batch = moving.move(current_actor(), phase, program.calendar, wish, seen=form.seen.data or "")
            return _moved(program, phase, batch)
        plan = moving.preview(current_actor(), phase, program.calendar, wish)
    except Invalid as error:
        take_errors(form, error.fields, error.sentence)
        return _move_page(program, phase, form), 422
    except Conflict as error:
        plan = moving.preview(current_actor(), phase, program.calendar, wish)
        return _preview_page(program, phase, plan, str(error.sentence)), 409
    return _preview_page(program, phase, plan, "")


@blueprint.route(f"{AT}/<int:phase_id>/split", methods=["GET", "POST"])
def split(key: str, phase_id: int) -> ResponseReturnValue:
    """Cut a phase in two."""
    program, phase = _opened(key, phase_id)
    form = SplitForm(obj=None)
    if request.method == "GET":
        form.revision.data = phase.revision
        middle = phase.planned_start + (phase.planned_end - phase.planned_start) / 2
        form.on.data = program.calendar.on_or_after(middle)
        form.name.data = _("%(phase)s, part 2", phase=phase.name)[:MAX_NAME]
        return render_template("planning/phases/split.html", form=form, program=program, phase=phase)
    if form.validate():
        try:
            second = phases.split_phase(
                current_actor(), phase, form.on.data, form.name.data or "", seen=form.revision.data
            )
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(
                _(
                    "The phase is split. Items due from %(day)s on are in the second part.",
                    day=formats.day(form.on.data),
                )
            )
            return _to(program, second)
    return render_template("planning/phases/split.html", form=form, program=program, phase=phase), 422


@blueprint.route(f"{AT}/<int:phase_id>/remove", methods=["GET", "POST"])
def remove(key: str, phase_id: int) -> ResponseReturnValue:
    """Remove a phase, after a question; its items move to another phase or stand outside any."""
    program, phase = _opened(key, phase_id)
    what = phases.removal(current_actor(), phase)
    form = RemoveForm()
    others = [one for one in phases.phases_in_order(program.id) if one.id != phase.id]
    form.to.choices = [choice(one.id, one.name) for one in others] + [choice("", _("No phase"))]
    if request.method == "GET":
        form.revision.data = phase.revision
        before = [one for one in others if one.position < phase.position]
        form.to.data = str((before or others)[-1 if before else 0].id) if others else ""
        return render_template("planning/phases/remove.html", form=form, program=program, phase=phase, what=what)
    if form.validate():
        try:
            phases.remove_phase(current_actor(), phase, _id(form.to.data), seen=form.revision.data)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The phase is removed. No item was lost."))
            return redirect(url_for("phases.index", key=program.key), 303)
    page = render_template("planning/phases/remove.html", form=form, program=program, phase=phase, what=what)
    return page, 422


@blueprint.route(f"{AT}/<int:phase_id>/actual", methods=["GET", "POST"])
def actual(key: str, phase_id: int) -> ResponseReturnValue:
    """Say when a phase really began and ended."""
    program, phase = _opened(key, phase_id)
    form = ActualForm(obj=phase)
    if request.method == "GET":
        # Buttons 'Start' and 'Finish' of the phase's page lead here with the day filled in.
        act = request.args.get("act")
        if act == "start" and phase.actual_start is None:
            form.actual_start.data = formats.today()
        if act == "finish" and phase.actual_end is None:
            form.actual_start.data = phase.actual_start or phase.planned_start
            form.actual_end.data = formats.today()
        return render_template("planning/phases/actual.html", form=form, program=program, phase=phase)
    if form.validate():
        try:
            phases.set_actual_dates(
                current_actor(), phase, form.actual_start.data, form.actual_end.data, seen=form.revision.data
            )
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The dates are saved."))
            return _to(program, phase)
    return render_template("planning/phases/actual.html", form=form, program=program, phase=phase), 422


def _opened(key: str, phase_id: int) -> tuple[OpenProgram, Phase]:
    program = open_program(key, Access.MANAGER)
    return program, phases.find_phase(current_actor(), program.id, phase_id)


def _to(program: OpenProgram, phase: Phase) -> ResponseReturnValue:
    return redirect(url_for("phases.show", key=program.key, phase_id=phase.id), 303)


def _id(raw: str | None) -> int | None:
    """An id chosen in a list: None for none; an impossible one is 0, which is nobody's."""
    if not raw:
        return None
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 9 else 0


def _seen(phase: Phase) -> int:
    present: Any = phase.revision
    return _id(request.form.get("revision")) or int(present)


def _longer(end: date, weeks: int) -> date:
    """The last day, later by the weeks asked for. Raises Invalid at `weeks` when there is no such day."""
    try:
        return end + timedelta(weeks=weeks)
    except OverflowError as error:
        raise Invalid(fields={"weeks": _("Give a smaller number of weeks.")}) from error


def _move_page(program: OpenProgram, phase: Phase, form: MoveForm) -> str:
    return render_template(
        "planning/phases/move.html",
        form=form,
        program=program,
        phase=phase,
        weeks=phases.weeks_between(phase.planned_start, phase.planned_end),
    )


def _preview_page(program: OpenProgram, phase: Phase, plan: MovePlan, changed: str) -> str:
    items = plan.of(moving.ITEM)
    sections = (
        (_("Phases"), plan.of(moving.PHASE)),
        (_("Gates"), plan.of(moving.GATE)),
        (_("Milestones"), plan.of(moving.MILESTONE)),
        (_("Blocks"), plan.of(moving.BLOCK)),
        (_("Items"), items[:NAMED]),
    )
    return render_template(
        "planning/phases/move_preview.html",
        program=program,
        phase=phase,
        plan=plan,
        sections=[(title, steps) for title, steps in sections if steps],
        more=max(0, len(items) - NAMED),
        changed=changed,
        days_in_words=days_in_words,
    )


def _moved(program: OpenProgram, phase: Phase, batch: str) -> ResponseReturnValue:
    text = _("“%(phase)s” is moved, with all that was shown.", phase=phase.name)
    # The frame draws this kind of message with its button.
    flash({"text": text, "action": url_for("items.undo", key=program.key, batch=batch)}, "undo")  # type: ignore[arg-type]
    return _to(program, phase)


def days_in_words(days: int) -> str:
    """How far something moves."""
    if days == 0:
        return _("same working day")
    if days > 0:
        return ngettext("%(num)s working day later", "%(num)s working days later", days)
    return ngettext("%(num)s working day earlier", "%(num)s working days earlier", -days)
