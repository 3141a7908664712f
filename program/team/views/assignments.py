"""The pages that give somebody a role, change that, end it, or take it away."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from program.ground import audit, formats
from program.ground.actor import Access
from program.ground.calendar import monday_of
from program.ground.errors import Invalid
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.comments import members
from program.planning.forms.fields import choice
from program.planning.opening import OpenProgram, open_program
from program.team import assignments
from program.team.assignments import AssignmentDraft
from program.team.forms.assignments import AssignmentForm, EndForm, NewAssignmentForm
from program.team.models import Assignment
from program.team.staffing import Staffed, roles_of
from program.team.views.roles import revision_of_form
from program.team.workload import workload

blueprint = Blueprint("assignments", __name__)
AT = "/p/<key>/team/assignments"
_ONE = f"{AT}/<int:assignment_id>"
# Names that the browser offers while one types; whoever is not among them is typed in full.
OFFERED = 200


@blueprint.route(f"{AT}/new", methods=["GET", "POST"])
def new(key: str) -> ResponseReturnValue:
    """Give a role to somebody."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    form = NewAssignmentForm()
    found = roles_of(program.id, formats.today())
    form.role_id.choices = [choice(role.id, role.name) for role in found]
    if request.method == "GET":
        _begin(form, program, found)
    elif form.validate():
        try:
            person_id = assignments.person_meant(program.id, form.person.data or "")
            draft = AssignmentDraft(role_id=form.role_id.data, person_id=person_id, **form.values())
            made = assignments.assign(actor, program.id, draft)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("%(what)s: given.", what=assignments.title_of(made)))
            _warn(program, made.person_id)
            return redirect(url_for("roles.show", key=program.key, role_id=made.role_id), 303)
    page = render_template(
        "team/assignments/new.html",
        program=program,
        form=form,
        roles=found,
        offered=members(program.id, OFFERED).values(),
        back=url_for("roles.index", key=program.key),
    )
    return page, 422 if request.method == "POST" else 200


def _begin(form: NewAssignmentForm, program: OpenProgram, found: list[Staffed]) -> None:
    """A fresh form: the role and the person that the address names, from today or the program's first day on."""
    asked = request.args.get("role", "")
    role = next((role for role in found if str(role.id) == asked), None)
    if role is not None:
        form.role_id.data = role.id
        form.share.data = role.share_low
    form.person.data = members(program.id).get(_number(request.args.get("person", "")), "")
    form.starts_on.data = max(formats.today(), program.starts_on)


def _number(raw: str) -> int:
    return int(raw) if raw.isdecimal() and len(raw) <= 9 else 0


@blueprint.route(f"{_ONE}/edit", methods=["GET", "POST"])
def edit(key: str, assignment_id: int) -> ResponseReturnValue:
    """Change the share, the days, the pilot team or the note."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    assignment = assignments.find_assignment(actor, program.id, assignment_id, Access.MANAGER)
    form = AssignmentForm(obj=assignment)
    if form.validate_on_submit():
        batch = audit.new_batch()
        try:
            changes = assignments.change_assignment(
                actor, assignment, form.values(), seen=form.revision.data, batch=batch
            )
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            return _changed(program, assignment, changes, batch)
    return _page("edit", program, assignment, form)


@blueprint.route(f"{_ONE}/end", methods=["GET", "POST"])
def end(key: str, assignment_id: int) -> ResponseReturnValue:
    """Say which day is the last."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    assignment = assignments.find_assignment(actor, program.id, assignment_id, Access.MANAGER)
    form = EndForm(obj=assignment)
    if request.method == "GET":
        form.ends_on.data = max(formats.today(), assignment.starts_on)
    elif form.validate():
        batch = audit.new_batch()
        try:
            changes = assignments.end_assignment(
                actor, assignment, form.ends_on.data, seen=form.revision.data, batch=batch
            )
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            return _changed(program, assignment, changes, batch)
    return _page("end", program, assignment, form)


@blueprint.post(f"{_ONE}/remove")
def remove(key: str, assignment_id: int) -> ResponseReturnValue:
    """Take an assignment away, after asking once."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    assignment = assignments.find_assignment(actor, program.id, assignment_id, Access.MANAGER)
    role_id, title = assignment.role_id, assignments.title_of(assignment)
    if "confirmed" not in request.form:
        return render_template(
            "team/confirm.html",
            title=_("Take it away: %(what)s", what=title),
            text=_("It goes as if it had never been, past weeks included. To keep what was, end it instead."),
            verb=_("Take it away"),
            action=request.path,
            back=url_for(".edit", key=program.key, assignment_id=assignment.id),
            fields={"revision": revision_of_form()},
        )
    assignments.remove_assignment(actor, assignment, seen=revision_of_form())
    flash(_("%(what)s: taken away.", what=title))
    return redirect(url_for("roles.show", key=program.key, role_id=role_id), 303)


def _changed(program: OpenProgram, assignment: Assignment, changes: audit.Changes, batch: str) -> ResponseReturnValue:
    if changes:
        text = _("%(what)s: changed.", what=assignments.title_of(assignment))
        flash({"text": text, "action": url_for("items.undo", key=program.key, batch=batch)}, "undo")  # type: ignore[arg-type]
        _warn(program, assignment.person_id)
    return redirect(url_for("roles.show", key=program.key, role_id=assignment.role_id), 303)


def _warn(program: OpenProgram, person_id: int) -> None:
    """Say it when somebody carries more than a full week now: allowed, but nobody should overlook it."""
    today = formats.today()
    found = workload(current_actor(), program.id, today, monday_of(today), person_id=person_id)
    over = found.over[0].over if found.over else ()
    if over:
        flash(
            _(
                "%(name)s carries %(share)s%% of a full week in %(week)s.",
                name=found.over[0].name,
                share=over[0].percent,
                week=formats.week(over[0].monday),
            ),
            "error",
        )


def _page(name: str, program: OpenProgram, assignment: Assignment, form: FlaskForm) -> tuple[str, int]:
    values: dict[str, Any] = {
        "title": assignments.title_of(assignment),
        "back": url_for("roles.show", key=program.key, role_id=assignment.role_id),
    }
    page = render_template(f"team/assignments/{name}.html", program=program, assignment=assignment, form=form, **values)
    return page, 422 if request.method == "POST" else 200
