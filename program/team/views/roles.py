"""The pages of roles: all of a program with who plays them, one of them, the catalogue to take over from."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.ground.formats import current_locale
from program.ground.pages import Pagination, page_number
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.opening import OpenProgram, open_program
from program.playbooks.skills import skills
from program.team import pilot_team, roles, staffing
from program.team.forms.roles import GROUP_WORDS, NewRoleForm, RoleForm
from program.team.models import ProgramRole
from program.team.role_page import PAGE_SIZE, players_of
from program.team.role_words import catalogue, role_name, role_purpose, role_responsibilities
from program.team.views.tabs import team_tabs

blueprint = Blueprint("roles", __name__)
AT = "/p/<key>/team"
_ONE = f"{AT}/roles/<int:role_id>"
# People named in a row; the role's page has them all.
SHOWN = 4


def is_manager() -> bool:
    """True when the reader may shape the team."""
    return bool(g.access >= Access.MANAGER)


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """Every role with who plays it; vacancies first."""
    program = open_program(key)
    today = formats.today()
    found = staffing.roles_of(program.id, today)
    return render_template(
        "team/roles/index.html",
        program=program,
        tabs=team_tabs(program),
        headline=staffing.headline(found, today),
        vacant=sorted((role for role in found if role.gap), key=lambda role: role.gap.first if role.gap else today),
        roles=found,
        gap_words=staffing.gap_words,
        findings=pilot_team.findings((player for role in found for player in role.players), today),
        today=today,
        shown=SHOWN,
        is_manager=is_manager(),
    )


@blueprint.route(f"{AT}/roles/catalogue", methods=["GET", "POST"])
def from_catalogue(key: str) -> ResponseReturnValue:
    """Choose roles of the catalogue to take over; those the plan names and the core team are chosen already."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    if request.method == "POST":
        taken, required = request.form.getlist("role"), request.form.getlist("required")
        try:
            new = roles.take_over(actor, program.id, taken, required)
        except Invalid as error:
            flash(str(error), "error")
            return _catalogue_page(program, set(taken), set(required)), 422
        flash(ngettext("%(num)s role is taken over.", "%(num)s roles are taken over.", len(new)))
        return redirect(url_for(".index", key=program.key), 303)
    wanted = roles.proposed(program.id)
    return _catalogue_page(program, set(wanted), {one for one, required in wanted.items() if required})


def _catalogue_page(program: OpenProgram, chosen: set[str], required: set[str]) -> str:
    present = {role.key for role in staffing.roles_of(program.id, formats.today())}
    return render_template(
        "team/roles/catalogue.html",
        program=program,
        catalogue=catalogue(),
        chosen=chosen,
        required=required,
        present=present,
        named=roles.named_by_items(program.id),
    )


@blueprint.route(f"{AT}/roles/new", methods=["GET", "POST"])
def new(key: str) -> ResponseReturnValue:
    """Add a role of the program's own."""
    program = open_program(key, Access.MANAGER)
    form = NewRoleForm()
    if form.validate_on_submit():
        try:
            role = roles.add_role(current_actor(), program.id, form.values())
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The role “%(role)s” is added.", role=role.name))
            return redirect(url_for(".show", key=program.key, role_id=role.id), 303)
    page = render_template("team/roles/edit.html", program=program, form=form, role=None)
    return page, 422 if request.method == "POST" else 200


@blueprint.get(_ONE)
def show(key: str, role_id: int) -> ResponseReturnValue:
    """One role: what it is for, what it needs, and who plays it, played it and will."""
    program = open_program(key)
    role = roles.find_role(current_actor(), program.id, role_id)
    today = formats.today()
    players, total, gap = players_of(role, today, page_number())
    return render_template(
        "team/roles/show.html",
        program=program,
        tabs=team_tabs(program),
        role=role,
        name=role_name(role.key, role.name),
        purpose=role_purpose(role.key, role.purpose),
        responsibilities=role_responsibilities(role.key, role.responsibilities),
        skills=_skills_of(role),
        players=players,
        pagination=Pagination(page_number(), PAGE_SIZE, total),
        gap=gap,
        gap_words=staffing.gap_words,
        today=today,
        is_manager=is_manager(),
    )


def _skills_of(role: ProgramRole) -> list[tuple[Any, list[tuple[str, int]]]]:
    """(group, [(skill, level)]) of the groups in which the role needs something."""
    locale = current_locale()
    found = [
        (
            word,
            [
                (skill.name.in_(locale), role.skills[key])
                for key, skill in skills().items()
                if skill.group == group and key in role.skills
            ],
        )
        for group, word in GROUP_WORDS.items()
    ]
    return [(word, needed) for word, needed in found if needed]


@blueprint.route(f"{_ONE}/edit", methods=["GET", "POST"])
def edit(key: str, role_id: int) -> ResponseReturnValue:
    """Change a role."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    role = roles.find_role(actor, program.id, role_id, Access.MANAGER)
    form = RoleForm()
    if request.method == "GET":
        form.begin(role)
        form.revision.data = role.revision
    elif form.validate():
        try:
            changes = roles.change_role(actor, role, form.values(), seen=form.revision.data)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            if changes:
                flash(_("The role “%(role)s” is changed.", role=role_name(role.key, role.name)))
            return redirect(url_for(".show", key=program.key, role_id=role.id), 303)
    page = render_template("team/roles/edit.html", program=program, form=form, role=role, name=form.name.data)
    return page, 422 if request.method == "POST" else 200


@blueprint.post(f"{_ONE}/required")
def require(key: str, role_id: int) -> ResponseReturnValue:
    """Make a role required, or no longer."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    role = roles.find_role(actor, program.id, role_id, Access.MANAGER)
    wanted = request.form.get("required") == "1"
    roles.change_role(actor, role, {"is_required": wanted}, seen=revision_of_form())
    name = role_name(role.key, role.name)
    flash(
        _("The role “%(role)s” is required from now on.", role=name)
        if wanted
        else _("The role “%(role)s” is no longer required.", role=name)
    )
    return redirect(url_for(".show", key=program.key, role_id=role.id), 303)


@blueprint.post(f"{_ONE}/move")
def move(key: str, role_id: int) -> ResponseReturnValue:
    """Let a role change places with its neighbour in the list."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    role = roles.find_role(actor, program.id, role_id, Access.MANAGER)
    roles.move_role(actor, role, up=request.form.get("direction") != "down")
    return redirect(url_for(".index", key=program.key, _anchor=f"role-{role.id}"), 303)


@blueprint.post(f"{_ONE}/remove")
def remove(key: str, role_id: int) -> ResponseReturnValue:
    """Remove a role, after saying what goes with it."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    role = roles.find_role(actor, program.id, role_id, Access.MANAGER)
    name = role_name(role.key, role.name)
    if "confirmed" not in request.form:
        return render_template(
            "team/confirm.html",
            title=_("Remove the role “%(role)s”", role=name),
            text=_removal(role, name),
            verb=_("Remove the role"),
            action=request.path,
            back=url_for(".show", key=program.key, role_id=role.id),
            fields={"revision": revision_of_form()},
        )
    roles.remove_role(actor, role, seen=revision_of_form())
    flash(_("The role “%(role)s” is removed.", role=name))
    return redirect(url_for(".index", key=program.key), 303)


def _removal(role: ProgramRole, name: str) -> str:
    people, marks, items = roles.hangs_on(role)
    parts = [_("The role “%(role)s” goes.", role=name)]
    if people:
        parts.append(
            ngettext(
                "%(num)s assignment of a person to it goes too.",
                "%(num)s assignments of people to it go too.",
                people,
            )
        )
    if marks:
        parts.append(
            ngettext(
                "%(num)s mark in the responsibility matrix goes.",
                "%(num)s marks in the responsibility matrix go.",
                marks,
            )
        )
    if items:
        parts.append(
            ngettext(
                "%(num)s item that names the role keeps the word.",
                "%(num)s items that name the role keep the word.",
                items,
            )
        )
    return " ".join(parts)


def revision_of_form() -> int:
    """The revision a one-button form carries. Raises Invalid when it is none."""
    raw = request.form.get("revision", "")
    if not raw.isdecimal() or len(raw) > 9:
        raise Invalid(_("This request cannot be read. Open the page again."))
    return int(raw)
