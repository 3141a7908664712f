"""Pages of go-lives and the change plan around each: the list, one go-live, its plan, its groups, another day."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.change import change_plan, go_live_moves, go_lives, plan_warnings
from program.change.forms.go_lives import DROP, GoLiveForm, MoveForm, NewGoLiveForm, RemoveForm
from program.change.go_live_moves import MovePlan
from program.change.models import GoLive
from program.change.plan_steps import PlanStage, built_in
from program.change.plan_words import HOW_MONTHS_COUNT, MEDIUM_WORDS, MONTH_WORDS, STAGE_WORDS
from program.change.stage_strip import Scale
from program.change.views.tabs import change_tabs
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid
from program.ground.pages import page_number
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning import phases
from program.planning.forms.fields import choice, number_or_none
from program.planning.item_words import CHANNEL_WORDS, role_words
from program.planning.opening import OpenProgram, open_program
from program.planning.views.items import offer_undo
from program.planning.views.phase_edits import days_in_words

blueprint = Blueprint("change_plan", __name__)
AT = "/p/<key>/change/plan"
# Groups that one form can send: a page of them, and those that the reader had chosen.
MOST_POSTED = 500


@blueprint.get(AT)
def show(key: str) -> ResponseReturnValue:
    """Every go-live with its stages on one scale, and how its plan stands."""
    program = open_program(key)
    today = formats.today()
    rows = go_lives.go_lives_of(program.id, today)
    scale = Scale([row.on_date for row in rows]) if rows else None
    return render_template(
        "change/change_plan/show.html",
        program=program,
        tabs=change_tabs(program),
        rows=rows,
        strips={row.id: scale.strip(row.on_date, today) for row in rows} if scale else {},
        ticks=scale.ticks() if scale else [],
        following=next((row for row in rows if row.on_date >= today), None),
        late=sum(row.late for row in rows),
        today=today,
        **_words(),
    )


@blueprint.route(f"{AT}/new", methods=["GET", "POST"])
def new(key: str) -> ResponseReturnValue:
    """Add a go-live."""
    program = open_program(key, Access.MANAGER)
    form = NewGoLiveForm()
    _offer_phases(form, program)
    if request.method == "POST":
        if form.validate():
            try:
                go_live = go_lives.add_go_live(current_actor(), program.id, _values(form))
            except Invalid as error:
                take_errors(form, error.fields, error.sentence)
            else:
                flash(_("The go-live is added. Say next which groups it reaches, and plan what happens around it."))
                return _to(program, go_live.id)
        return render_template("change/change_plan/form.html", program=program, form=form, go_live=None), 422
    return render_template("change/change_plan/form.html", program=program, form=form, go_live=None)


@blueprint.get(f"{AT}/<int:go_live_id>")
def one(key: str, go_live_id: int) -> ResponseReturnValue:
    """One go-live: its stages, the tasks and messages around it, the groups it reaches."""
    program = open_program(key)
    go_live = go_lives.find_go_live(current_actor(), program.id, go_live_id)
    today = formats.today()
    row = next(row for row in go_lives.go_lives_of(program.id, today) if row.id == go_live.id)
    items = change_plan.planned_items(go_live.id)
    groups, pagination = go_lives.groups_reached(go_live.id)
    scale = Scale([go_live.on_date])
    return render_template(
        "change/change_plan/one.html",
        program=program,
        go_live=row,
        strip=scale.strip(go_live.on_date, today),
        ticks=scale.ticks(),
        stages=[(stage.value, [item for item in items if item.stage is stage]) for stage in PlanStage],
        others=[item for item in items if item.stage is None],
        missing=len({step.key for step in built_in().steps} - {item.step for item in items}),
        messages=change_plan.messages_of(go_live.id),
        groups=groups,
        more_groups=pagination.total - len(groups),
        today=today,
        roles=role_words(),
        channels=CHANNEL_WORDS,
        **_words(),
    )


@blueprint.route(f"{AT}/<int:go_live_id>/edit", methods=["GET", "POST"])
def edit(key: str, go_live_id: int) -> ResponseReturnValue:
    """Rename a go-live, or give its tasks a phase."""
    program, go_live = _opened(key, go_live_id)
    form = GoLiveForm(obj=go_live)
    _offer_phases(form, program)
    if request.method == "POST":
        if form.validate():
            try:
                go_lives.change_go_live(current_actor(), go_live, _values(form), seen=form.revision.data)
            except Invalid as error:
                take_errors(form, error.fields, error.sentence)
            else:
                flash(_("The go-live is saved."))
                return _to(program, go_live.id)
        return render_template("change/change_plan/form.html", program=program, form=form, go_live=go_live), 422
    return render_template("change/change_plan/form.html", program=program, form=form, go_live=go_live)


@blueprint.route(f"{AT}/<int:go_live_id>/generate", methods=["GET", "POST"])
def generate(key: str, go_live_id: int) -> ResponseReturnValue:
    """What the built-in plan means for this go-live, to choose from; then tasks and messages are made of it."""
    program, go_live = _opened(key, go_live_id)
    problem = ""
    if request.method == "POST":
        steps, messages = request.form.getlist("steps"), request.form.getlist("messages")
        try:
            made = change_plan.generate(current_actor(), program, go_live.id, steps, messages)
        except Invalid as error:
            problem = str(error)
        else:
            tasks = ngettext("%(num)s task is planned", "%(num)s tasks are planned", made.tasks)
            said = ngettext("%(num)s message is planned", "%(num)s messages are planned", made.messages)
            offer_undo(program, _("%(tasks)s, %(messages)s.", tasks=tasks, messages=said), made.batch)
            return _to(program, go_live.id)
    try:
        offered = change_plan.proposal(current_actor(), program, go_live)
    except Invalid as error:
        flash(str(error), "error")
        return _to(program, go_live.id)
    page = render_template(
        "change/change_plan/generate.html",
        program=program,
        go_live=go_live,
        offered=offered,
        stages=[(stage.value, [step for step in offered.steps if step.step.stage is stage]) for stage in PlanStage],
        roles=role_words(),
        media=MEDIUM_WORDS,
        problem=problem,
        **_words(),
    )
    return (page, 422) if problem else page


@blueprint.route(f"{AT}/<int:go_live_id>/groups", methods=["GET", "POST"])
def groups(key: str, go_live_id: int) -> ResponseReturnValue:
    """Say which groups the go-live reaches."""
    program, go_live = _opened(key, go_live_id)
    problem = ""
    if request.method == "POST":
        chosen, shown = _ids("chosen"), _ids("shown")
        try:
            if chosen is None or shown is None:
                raise Invalid(_("Choose groups of this program."))
            added, out = go_lives.assign_groups(current_actor(), go_live, chosen, shown)
        except Invalid as error:
            problem = " ".join(str(reason) for reason in error.fields.values()) or str(error)
        else:
            flash(_("Saved. Groups added: %(added)s, taken out: %(out)s.", added=added, out=out))
            if added and (warning := plan_warnings.of_go_live(go_live)):
                flash(warning, "error")
            query = request.form.get("q", "")
            return redirect(url_for(".groups", key=program.key, go_live_id=go_live_id, q=query or None), 303)
    query = request.values.get("q", "")[:120]
    rows, pagination = go_lives.groups_to_choose(program.id, query, page_number(), go_live_id)
    page = render_template(
        "change/change_plan/groups.html",
        program=program,
        go_live=go_live,
        rows=rows,
        pagination=pagination,
        query=query,
        channels=CHANNEL_WORDS,
        problem=problem,
    )
    return (page, 422) if problem else page


@blueprint.route(f"{AT}/<int:go_live_id>/move", methods=["GET", "POST"])
def move(key: str, go_live_id: int) -> ResponseReturnValue:
    """Give a go-live another day: the form, the preview of what moves along, the move."""
    program, go_live = _opened(key, go_live_id)
    form = MoveForm()
    if request.method == "GET" or request.form.get("step") == "edit":
        if not form.on_date.data:
            form.on_date.data = go_live.on_date
        return _move_page(program, go_live, form)
    if not form.validate():
        return _move_page(program, go_live, form), 422
    actor, to = current_actor(), form.on_date.data or go_live.on_date
    try:
        if request.form.get("step") == "move":
            batch, plan = go_live_moves.move(
                actor, program.id, go_live.id, program.calendar, to, seen=form.seen.data or ""
            )
            offer_undo(program, _moved(go_live.name, plan), batch)
            return _to(program, go_live.id)
        plan = go_live_moves.preview(actor, go_live, program.calendar, to)
    except Invalid as error:
        take_errors(form, error.fields, error.sentence)
        return _move_page(program, go_live, form), 422
    except Conflict as error:
        if to == go_live.on_date:
            flash(str(error), "error")
            return _to(program, go_live.id)
        plan = go_live_moves.preview(actor, go_live, program.calendar, to)
        return _preview_page(program, go_live, plan, str(error.sentence)), 409
    return _preview_page(program, go_live, plan, "")


@blueprint.route(f"{AT}/<int:go_live_id>/remove", methods=["GET", "POST"])
def remove(key: str, go_live_id: int) -> ResponseReturnValue:
    """Remove a go-live, after saying what becomes of all that hangs on it."""
    program, go_live = _opened(key, go_live_id)
    what = go_lives.removal(current_actor(), go_live)
    form = RemoveForm()
    if request.method == "POST":
        if form.validate():
            drop = form.tasks.data == DROP
            dropped = go_lives.remove_go_live(current_actor(), go_live, drop=drop, seen=form.revision.data)
            text = _("The go-live is removed. Tasks dropped: %(dropped)s.", dropped=dropped)
            flash(text if drop else _("The go-live is removed. Its tasks stay in the plan."))
            return redirect(url_for(".show", key=program.key), 303)
        return render_template(
            "change/change_plan/remove.html", program=program, go_live=go_live, form=form, what=what
        ), 422
    form.revision.data = go_live.revision
    return render_template("change/change_plan/remove.html", program=program, go_live=go_live, form=form, what=what)


def _opened(key: str, go_live_id: int) -> tuple[OpenProgram, GoLive]:
    program = open_program(key, Access.MANAGER)
    return program, go_lives.find_go_live(current_actor(), program.id, go_live_id)


def _to(program: OpenProgram, go_live_id: int) -> ResponseReturnValue:
    return redirect(url_for(".one", key=program.key, go_live_id=go_live_id), 303)


def _words() -> dict[str, Any]:
    return {"stage_words": STAGE_WORDS, "month_words": MONTH_WORDS, "how_months_count": HOW_MONTHS_COUNT}


def _offer_phases(form: Any, program: OpenProgram) -> None:
    present = phases.phases_in_order(program.id)
    form.phase_id.choices = [choice("", _("The one that runs on the task's day"))] + [
        choice(phase.id, phase.name) for phase in present
    ]
    if request.method == "GET" and form.phase_id.data is None:
        form.phase_id.data = ""


def _values(form: Any) -> dict[str, Any]:
    found = {name: form[name].data for name in ("name", "on_date", "note") if name in form}
    raw = form.phase_id.data or ""
    known = {str(value) for value, *_rest in form.phase_id.choices}
    # What is not in the list is no phase of this program.
    return found | {"phase_id": number_or_none(raw) if raw in known else 0}


def _ids(name: str) -> list[int] | None:
    """Ids of a list of boxes; None for what cannot be ids, or for more than the form holds."""
    raw = request.form.getlist(name)
    if len(raw) > MOST_POSTED or not all(one.isascii() and one.isdigit() and len(one) <= 9 for one in raw):
        return None
    return [int(one) for one in raw]


def _move_page(program: OpenProgram, go_live: GoLive, form: MoveForm) -> str:
    return render_template("change/change_plan/move.html", program=program, go_live=go_live, form=form)


def _preview_page(program: OpenProgram, go_live: GoLive, plan: MovePlan, changed: str) -> str:
    return render_template(
        "change/change_plan/move_preview.html",
        program=program,
        go_live=go_live,
        plan=plan,
        changed=changed,
        warnings=[warning for warning in [plan_warnings.if_moved(go_live, plan.new)] if warning],
        distance=days_in_words(plan.working_days),
    )


def _moved(name: str, plan: MovePlan) -> str:
    moved = ngettext("%(num)s task moved along", "%(num)s tasks moved along", len(plan.tasks))
    return _(
        "“%(name)s” is on %(day)s now; %(moved)s. Undo puts all of it back.",
        name=name,
        day=formats.day(plan.new),
        moved=moved,
    )
