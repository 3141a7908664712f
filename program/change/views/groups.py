"""The pages of impacted groups: all of them, one, adding, changing, removing, and the program's limits."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from program.change import group_lists, groups, limits
from program.change.forms.groups import GroupForm, LimitsForm
from program.change.group_lists import Asked
from program.change.group_words import KIND_WORDS
from program.change.models import GoLive, ImpactedGroup
from program.change.people_here import find_person, names_of, suggestions
from program.change.views.tabs import change_tabs
from program.extensions import db
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.ground.pages import page_number
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.item_words import CHANNEL_WORDS
from program.planning.opening import OpenProgram, open_program

blueprint = Blueprint("groups", __name__)
ALL = "/p/<key>/change/groups"
ONE = f"{ALL}/<int:group_id>"
_LIMITS = [part.name for part in fields(limits.Limits)]


def is_manager() -> bool:
    """True when the reader manages the program of this page."""
    return bool(g.access >= Access.MANAGER)


def asked_for() -> Asked:
    """What the address asks of the list; what cannot be read is left out."""
    sort = request.args.get("sort", "name")
    sort = sort if sort in group_lists.SORTS else "name"
    direction = request.args.get("direction", group_lists.SORTS[sort])
    kind = request.args.get("kind", "")
    query = "".join(letter for letter in request.args.get("q", "")[:100] if letter.isprintable())
    query = query.encode("utf-8", "ignore").decode()
    return Asked(query, kind if kind in KIND_WORDS else "", sort, direction == "desc", page_number())


@blueprint.get(ALL)
def index(key: str) -> ResponseReturnValue:
    """Every group with its size, impact, go-live and the people who help there."""
    program = open_program(key)
    actor, asked = current_actor(), asked_for()
    rows, pagination = group_lists.list_groups(actor, program.id, asked)
    total = group_lists.total(actor, program.id)
    return render_template(
        "change/groups/index.html",
        program=program,
        tabs=change_tabs(program),
        rows=rows,
        pagination=pagination,
        asked=asked,
        total=total,
        headline=headline(total),
        limits=limits.limits_of(program.id)[0],
        kinds=KIND_WORDS,
        channels=CHANNEL_WORDS,
        sort_url=sort_url,
        is_manager=is_manager(),
    )


def headline(total: group_lists.Total) -> str:
    """What the list comes to, in one or two sentences."""
    if not total.groups:
        return _("No group yet: nobody has said whom the change touches.")
    people = ngettext("%(shown)s person", "%(shown)s people", total.people, shown=formats.number(total.people))
    said = [
        ngettext(
            "%(count)s group with %(people)s feels the change.",
            "%(count)s groups with %(people)s feel the change.",
            total.groups,
            count=formats.number(total.groups),
            people=people,
        )
    ]
    if total.without_ambassador:
        said.append(
            ngettext(
                "%(count)s has no ambassador.",
                "%(count)s have no ambassador.",
                total.without_ambassador,
                count=formats.number(total.without_ambassador),
            )
        )
    if total.without_impact:
        said.append(
            ngettext(
                "Nobody has looked at the impact on %(count)s of them.",
                "Nobody has looked at the impact on %(count)s of them.",
                total.without_impact,
                count=formats.number(total.without_impact),
            )
        )
    return " ".join(said)


def sort_url(asked: Asked, sort: str) -> str:
    """The address of the list in that order; once more turns it round."""
    turned = asked.sort == sort and asked.descending == (group_lists.SORTS[sort] == "desc")
    direction = {"asc": "desc", "desc": "asc"}[group_lists.SORTS[sort]] if turned else group_lists.SORTS[sort]
    arguments: dict[str, Any] = {"q": asked.query or None, "kind": asked.kind or None}
    return url_for(request.endpoint or "", **(request.view_args or {}), **arguments, sort=sort, direction=direction)


@blueprint.route(f"{ALL}/new", methods=["GET", "POST"])
def new(key: str) -> ResponseReturnValue:
    """Add a group."""
    program = open_program(key, Access.MANAGER)
    form = _form(program)
    if request.method == "GET":
        form.training_target.data = 100
        return _edit_page(program, form, None)
    if form.validate():
        try:
            values = {**form.values(), "representative_id": _representative(program, form)}
            group = groups.add_group(current_actor(), program.id, values)
        except Invalid as error:
            take_errors(form, _as_typed(error.fields), error.sentence)
        else:
            flash(_("The group “%(name)s” is added. Next: how hard does the change hit it?", name=group.name))
            return redirect(url_for(".show", key=program.key, group_id=group.id), 303)
    return _edit_page(program, form, None), 422


@blueprint.route(f"{ONE}/edit", methods=["GET", "POST"])
def edit(key: str, group_id: int) -> ResponseReturnValue:
    """Change what a group is, and which go-live reaches it."""
    program = open_program(key, Access.MANAGER)
    group = groups.find_group(current_actor(), program.id, group_id, Access.MANAGER)
    form = _form(program)
    if request.method == "GET":
        for name in ("name", "kind", "site", "channel", "headcount", "go_live_id", "training_target", "note"):
            form[name].data = getattr(group, name)
        form.revision.process_data(group.revision)
        form.representative.data = names_of([group.representative_id]).get(group.representative_id, "")
        return _edit_page(program, form, group)
    if form.validate():
        try:
            values = {**form.values(), "representative_id": _representative(program, form, group)}
            groups.change_group(current_actor(), group, values, seen=form.revision.data or 0)
        except Invalid as error:
            take_errors(form, _as_typed(error.fields), error.sentence)
        else:
            flash(_("The group is saved."))
            return redirect(url_for(".show", key=program.key, group_id=group.id), 303)
    return _edit_page(program, form, group), 422


@blueprint.post(f"{ONE}/remove")
def remove(key: str, group_id: int) -> ResponseReturnValue:
    """Remove a group, after saying what goes with it."""
    program = open_program(key, Access.MANAGER)
    group = groups.find_group(current_actor(), program.id, group_id, Access.MANAGER)
    if "confirmed" not in request.form:
        return render_template(
            "people/question.html",
            title=_("Remove the group “%(name)s”", name=group.name),
            text=removal_text(group),
            verb=_("Remove the group"),
            action=request.path,
            back=url_for(".show", key=program.key, group_id=group.id),
            fields={"revision": group.revision},
        )
    raw = request.form.get("revision", "")
    groups.remove_group(current_actor(), group, seen=int(raw) if raw.isdigit() and len(raw) < 10 else None)
    flash(_("The group “%(name)s” is removed.", name=group.name))
    return redirect(url_for(".index", key=program.key), 303)


def removal_text(group: ImpactedGroup) -> str:
    """What removing the group does."""
    known = groups.members_in(group.id)
    said = _("Its impacts, readings and other changes that were for it alone go with it.")
    if known:
        people = ngettext(
            "%(num)s person leaves it; accounts stay, but who was only here no longer sees the program.",
            "%(num)s people leave it; accounts stay, but who was only here no longer sees the program.",
            known,
        )
        said = f"{said} {people}"
    warning = _("It cannot be taken back.")
    return f"{said} {warning}"


@blueprint.route(f"{ALL}/limits", methods=["GET", "POST"])
def change_limits(key: str) -> ResponseReturnValue:
    """How many people one ambassador looks after, and how much load a week may have."""
    program = open_program(key, Access.MANAGER)
    form = LimitsForm()
    present, revision = limits.limits_of(program.id)
    status = 200 if request.method == "GET" else 422
    if request.method == "GET":
        for name in _LIMITS:
            form[name].data = getattr(present, name)
        form.revision.data = revision
    elif form.validate():
        values = {name: form[name].data for name in _LIMITS}
        try:
            limits.change_limits(current_actor(), program.id, values, seen=form.revision.data or 0)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The limits are saved."))
            return redirect(url_for(".index", key=program.key), 303)
    page = render_template(
        "change/groups/limits.html", program=program, form=form, built_in=limits.BUILT_IN, is_own=revision > 0
    )
    return page, status


def _form(program: OpenProgram) -> GroupForm:
    form = GroupForm()
    rows = db.session.execute(
        select(GoLive.id, GoLive.name, GoLive.on_date).where(GoLive.program_id == program.id).order_by(GoLive.on_date)
    )
    form.offer([(row.id, f"{row.name} · {formats.day(row.on_date)}") for row in rows])
    return form


def _representative(program: OpenProgram, form: GroupForm, group: ImpactedGroup | None = None) -> int | None:
    """Whoever was typed; the present one stays though they left since."""
    text = (form.representative.data or "").strip()
    present: int | None = group.representative_id if group is not None else None
    if present is not None and names_of([present]).get(present) == text:
        return present
    return find_person(program.id, text, "representative")


def _as_typed(fields: dict[str, Any]) -> dict[str, Any]:
    return {"representative" if name == "representative_id" else name: reason for name, reason in fields.items()}


def _edit_page(program: OpenProgram, form: GroupForm, group: ImpactedGroup | None) -> str:
    return render_template(
        "change/groups/edit.html", program=program, form=form, group=group, people=suggestions(program.id)
    )
