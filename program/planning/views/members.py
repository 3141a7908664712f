"""The people of a program: who may do what, inviting, changing access, removing, and new one-time links."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import func, select

from program.extensions import db
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.ground.pages import page_number
from program.people import members
from program.people.forms import take_errors
from program.people.models import Person
from program.people.session import current_actor
from program.planning.forms.members import InviteMemberForm
from program.planning.models import WorkItem
from program.planning.models.items import OPEN_STATUSES
from program.planning.opening import OpenProgram, open_program

blueprint = Blueprint("members", __name__)
_AT = "/p/<key>/settings/people"


@blueprint.get(_AT)
def show(key: str) -> ResponseReturnValue:
    """Who is in the program."""
    program = open_program(key, Access.MANAGER)
    query = request.args.get("q", "")[:200]
    rows, pagination = members.list_members(current_actor(), program.id, query, page_number())
    return render_template(
        "people/members.html",
        rows=rows,
        pagination=pagination,
        query=query,
        words=members.ACCESS_WORDS,
        settings_url=_url_if_there("programs.settings", key),
    )


@blueprint.route(f"{_AT}/invite", methods=["GET", "POST"])
def invite(key: str) -> ResponseReturnValue:
    """Let somebody into the program: at once, or by a link to send them when they have no account yet."""
    program = open_program(key, Access.MANAGER)
    form = InviteMemberForm()
    if request.method == "GET":
        form.locale.data = program.locale
        return render_template("people/invite_member.html", form=form)
    if form.validate():
        try:
            invited = members.invite(
                current_actor(),
                program.id,
                form.email.data,
                form.name.data,
                Access(int(form.access.data)),
                locale=form.locale.data,
            )
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            back = url_for("members.show", key=program.key)
            if invited.link is not None:
                return render_template("people/new_link.html", person=invited.person, link=invited.link, back=back)
            flash(
                _(
                    "%(name)s is in the program now and has been here before: no link is needed.",
                    name=invited.person.name,
                )
            )
            return redirect(back, 303)
    return render_template("people/invite_member.html", form=form), 422


@blueprint.get(f"{_AT}/<int:person_id>")
def member(key: str, person_id: int) -> ResponseReturnValue:
    """One member: their access, a new one-time link, leaving."""
    program = open_program(key, Access.MANAGER)
    one = members.get_member(current_actor(), program.id, person_id)
    return render_template(
        "people/member.html",
        member=one,
        words=members.ACCESS_WORDS,
        question=_removal(one.name, _open_items(program.id, person_id)),
        handover_url=_url_if_there("handover.start", key),
        back=url_for("members.show", key=program.key),
    )


@blueprint.post(f"{_AT}/<int:person_id>/access")
def change_access(key: str, person_id: int) -> ResponseReturnValue:
    """Give a member other access."""
    program = open_program(key, Access.MANAGER)
    name = members.name_of(current_actor(), program.id, person_id)
    raw = request.form.get("access", "")
    level = Access(int(raw)) if raw in ("1", "2", "3") else None
    own_loss = person_id == current_user.id and not current_user.is_admin and level != Access.MANAGER
    if level is None:
        flash(_("Choose one from the list."), "error")
    elif own_loss and "confirmed" not in request.form:
        return _ask(
            program,
            _("Give up managing %(program)s", program=program.name),
            _("You will no longer plan, decide and invite here. Another manager can give it back to you."),
            _("Give it up"),
        )
    else:
        try:
            members.change_access(current_actor(), program.id, person_id, level, seen=_seen())
        except Invalid as error:
            flash(str(error), "error")
        else:
            flash(_("The access of %(name)s is changed.", name=name))
            if own_loss:
                return redirect("/", 303)
    return redirect(url_for("members.show", key=program.key), 303)


@blueprint.post(f"{_AT}/<int:person_id>/remove")
def remove(key: str, person_id: int) -> ResponseReturnValue:
    """Take somebody out of the program, after saying what becomes of what they own."""
    program = open_program(key, Access.MANAGER)
    name = members.name_of(current_actor(), program.id, person_id)
    if "confirmed" not in request.form:
        owned = _open_items(program.id, person_id)
        title = _("Remove %(name)s from %(program)s", name=name, program=program.name)
        return _ask(program, title, _removal(name, owned), _("Remove from the program"))
    try:
        members.remove(current_actor(), program.id, person_id, seen=_seen())
    except Invalid as error:
        flash(str(error), "error")
    else:
        flash(_("%(name)s is no longer in the program.", name=name))
        if person_id == current_user.id and not current_user.is_admin:
            return redirect("/", 303)
    return redirect(url_for("members.show", key=program.key), 303)


@blueprint.post(f"{_AT}/<int:person_id>/link")
def new_link(key: str, person_id: int) -> ResponseReturnValue:
    """A new one-time link for a member who lost theirs."""
    program = open_program(key, Access.MANAGER)
    back = url_for("members.show", key=program.key)
    try:
        link = members.new_link(current_actor(), program.id, person_id)
    except Invalid as error:
        flash(str(error), "error")
        return redirect(back, 303)
    return render_template("people/new_link.html", person=db.session.get_one(Person, person_id), link=link, back=back)


def _removal(name: str, owned: int) -> str:
    if not owned:
        return _("%(name)s will no longer see this program. What they did stays in its history.", name=name)
    return ngettext(
        "%(name)s will no longer see this program. %(num)s open item keeps their name until somebody takes it over.",
        "%(name)s will no longer see this program. %(num)s open items keep their name until somebody takes over.",
        owned,
        name=name,
    )


def _open_items(program_id: int, person_id: int) -> int:
    """How many open items the person owns in the program."""
    owned = select(func.count()).where(
        WorkItem.owner_id == person_id, WorkItem.program_id == program_id, WorkItem.status.in_(OPEN_STATUSES)
    )
    return db.session.scalar(owned) or 0


def _seen() -> int | None:
    raw = request.form.get("revision", "")
    return int(raw) if raw.isdigit() else None


def _ask(program: OpenProgram, title: str, text: str, verb: str) -> str:
    return render_template(
        "people/question.html",
        title=title,
        text=text,
        verb=verb,
        action=request.path,
        back=url_for("members.show", key=program.key),
        fields={name: value for name, value in request.form.items() if name in ("access", "revision")},
    )


def _url_if_there(endpoint: str, key: str) -> str | None:
    return url_for(endpoint, key=key) if endpoint in current_app.view_functions else None
