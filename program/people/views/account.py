"""My account: name, language, theme, time zone, password, where I am signed in, and what programs I am in."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from program.ground.errors import Invalid
from program.ground.pages import address_if_there
from program.people import accounts, members, session
from program.people.forms import AccountForm, PasswordForm, take_errors
from program.people.session import current_actor
from program.people.views.blueprint import blueprint


@blueprint.get("/me")
def me() -> ResponseReturnValue:
    """My account."""
    return _page()


@blueprint.post("/me")
def change_me() -> ResponseReturnValue:
    """Keep what I changed about myself."""
    form = AccountForm()
    if form.validate():
        values = {name: form[name].data for name in ("name", "locale", "theme", "timezone")}
        try:
            accounts.change_person(current_actor(), current_user.id, values, seen=form.revision.data)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("Your account is saved."))
            return redirect(url_for("people.me"), 303)
    return _page(account_form=form), 422


@blueprint.post("/me/password")
def change_password() -> ResponseReturnValue:
    """Change my password. Every other browser is signed out."""
    person = accounts.get_person(current_actor(), current_user.id)
    form = _password_form(person.password_hash is not None)
    if form.validate():
        present = form.password.data if "password" in form else ""
        try:
            accounts.change_own_password(current_actor(), present, form.new_password.data)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            session.start(person.id)
            flash(_("Your password is changed. Other devices are signed out."))
            return redirect(url_for("people.me"), 303)
    return _page(password_form=form), 422


def _password_form(has_password: bool) -> PasswordForm:
    form = PasswordForm()
    if not has_password:
        del form.password
    return form


def _page(**forms: Any) -> str:
    person = accounts.get_person(current_actor(), current_user.id)
    return render_template(
        "people/me.html",
        person=person,
        programs=members.programs_of(person.id),
        access_words=members.ACCESS_WORDS,
        # A page of a room above, where it is there.
        calendars_url=address_if_there("calendars.index"),
        **{
            "account_form": AccountForm(formdata=None, obj=person),
            "password_form": _password_form(person.password_hash is not None),
            **forms,
        },
    )
