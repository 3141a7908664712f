"""The administrator's pages: the directory of people, inviting somebody, and one person's account."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from program.ground.errors import Invalid
from program.ground.pages import page_number
from program.people import access, accounts, links, members, places
from program.people import directory as people
from program.people.forms import InviteForm, PersonForm, take_errors
from program.people.models import Person
from program.people.session import current_actor
from program.people.views.blueprint import blueprint


@blueprint.get("/people")
def directory() -> ResponseReturnValue:
    """Everybody with an account."""
    query, group = request.args.get("q", "")[:200], request.args.get("group", "")
    rows, pagination = people.list_people(current_actor(), query, group, page_number())
    return render_template(
        "people/directory.html",
        rows=rows,
        pagination=pagination,
        query=query,
        group=group,
        groups=[("", _("Everybody")), *((key, label) for key, (label, _condition) in people.GROUPS.items())],
    )


@blueprint.route("/people/invite", methods=["GET", "POST"])
def invite() -> ResponseReturnValue:
    """Invite somebody to the instance; programs come after, on their own pages."""
    actor = current_actor()
    access.require_admin(actor)
    form = InviteForm()
    if request.method == "GET":
        form.locale.data = current_user.locale
        return render_template("people/invite.html", form=form)
    if form.validate():
        try:
            person = accounts.create_person(
                actor, form.email.data, form.name.data, locale=form.locale.data, is_admin=form.is_admin.data
            )
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            return show_link(person, links.make_link(actor, person.id), url_for("people.directory"))
    return render_template("people/invite.html", form=form), 422


@blueprint.get("/people/<int:person_id>")
def person(person_id: int) -> ResponseReturnValue:
    """One person's account, for administrators."""
    return _page(person_id)


@blueprint.post("/people/<int:person_id>")
def change_person(person_id: int) -> ResponseReturnValue:
    """Correct a name or an e-mail."""
    actor = current_actor()
    access.require_admin(actor)
    form = PersonForm()
    if form.validate():
        try:
            values = {"name": form.name.data, "email": form.email.data}
            accounts.change_person(actor, person_id, values, seen=form.revision.data)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The account is saved."))
            return redirect(url_for("people.person", person_id=person_id), 303)
    return _page(person_id, form), 422


@blueprint.post("/people/<int:person_id>/link")
def make_link(person_id: int) -> ResponseReturnValue:
    """A new one-time link for somebody who lost theirs."""
    actor = current_actor()
    access.require_admin(actor)
    try:
        link = links.make_link(actor, person_id)
    except Invalid as error:
        flash(str(error), "error")
        return redirect(url_for("people.person", person_id=person_id), 303)
    back = url_for("people.person", person_id=person_id)
    return show_link(accounts.get_person(actor, person_id), link, back)


@blueprint.post("/people/<int:person_id>/admin")
def set_admin(person_id: int) -> ResponseReturnValue:
    """Make somebody an administrator, or no longer."""
    actor = current_actor()
    one = _for_administrator(person_id)
    wanted = request.form.get("value") == "1"
    if "confirmed" not in request.form:
        return _ask(
            one,
            _("Make %(name)s an administrator", name=one.name)
            if wanted
            else _("%(name)s: no longer an administrator", name=one.name),
            _admin_question(one, wanted),
            _("Make administrator") if wanted else _("Take it away"),
        )
    try:
        accounts.set_admin(actor, person_id, wanted, seen=_seen())
    except Invalid as error:
        flash(str(error), "error")
    else:
        flash(
            _("%(name)s is an administrator.", name=one.name)
            if wanted
            else _("%(name)s is no longer an administrator.", name=one.name)
        )
        if person_id == current_user.id:
            return redirect("/", 303)
    return redirect(url_for("people.person", person_id=person_id), 303)


@blueprint.post("/people/<int:person_id>/active")
def set_active(person_id: int) -> ResponseReturnValue:
    """Close an account, or open it again."""
    actor = current_actor()
    one = _for_administrator(person_id)
    wanted = request.form.get("value") == "1"
    if not wanted and "confirmed" not in request.form:
        title = _("Close the account of %(name)s", name=one.name)
        return _ask(one, title, _closing_question(one), _("Close the account"))
    try:
        accounts.set_active(actor, person_id, wanted, seen=_seen())
    except Invalid as error:
        flash(str(error), "error")
    else:
        flash(
            _("The account of %(name)s is open again.", name=one.name)
            if wanted
            else _("The account of %(name)s is closed.", name=one.name)
        )
    return redirect(url_for("people.person", person_id=person_id), 303)


def show_link(one: Person, link: links.NewLink, back: str) -> str:
    """The page that shows a new one-time link, this once."""
    return render_template("people/new_link.html", person=one, link=link, back=back)


def _for_administrator(person_id: int) -> Person:
    access.require_admin(current_actor())
    return accounts.get_person(current_actor(), person_id)


def _seen() -> int | None:
    raw = request.form.get("revision", "")
    return int(raw) if raw.isdigit() else None


def _admin_question(one: Person, wanted: bool) -> str:
    if wanted:
        return _(
            "%(name)s will see and manage every program and everybody's account. Links made for them end.",
            name=one.name,
        )
    return _("%(name)s keeps only the programs they were invited to.", name=one.name)


def _closing_question(one: Person) -> str:
    alone = places.look_up(members.managed_alone(one.id))
    text = _(
        "%(name)s is signed out everywhere and cannot sign in. Their name stays on everything they own and did. "
        "You can open the account again.",
        name=one.name,
    )
    if alone:
        names = ", ".join(place.name for place in alone.values())
        text += " " + _("These programs will have no manager left but the administrators: %(names)s.", names=names)
    return text


def _ask(one: Person, title: str, text: str, verb: str) -> str:
    return render_template(
        "people/question.html",
        title=title,
        text=text,
        verb=verb,
        action=request.path,
        back=url_for("people.person", person_id=one.id),
        fields={name: value for name, value in request.form.items() if name in ("value", "revision")},
    )


def _page(person_id: int, form: PersonForm | None = None) -> str:
    one = _for_administrator(person_id)
    return render_template(
        "people/person.html",
        person=one,
        form=form or PersonForm(formdata=None, obj=one),
        programs=members.programs_of(person_id),
        access_words=members.ACCESS_WORDS,
        closing_question=_closing_question(one),
        admin_question=_admin_question(one, not one.is_admin),
    )
