"""The doors: signing in by password or one-time link, signing out, and the two switches that stand on every page."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from program.extensions import db
from program.ground.errors import Invalid, TooMany
from program.ground.pages import public, safe_next
from program.people import accounts, links, session, sign_in, throttle
from program.people.forms import AcceptForm, SignInForm, take_errors
from program.people.session import current_actor
from program.people.views.blueprint import blueprint

HOME = "/"
_YEAR = 365 * 24 * 3600


@blueprint.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
@public
def sign_in_page() -> ResponseReturnValue:
    """The sign-in page."""
    if current_user.is_authenticated:
        return redirect(safe_next(HOME))
    form = SignInForm()
    if request.method == "GET":
        form.next.data = safe_next("")
        return render_template("people/sign_in.html", form=form)
    status, headers = 422, {}
    if form.validate():
        try:
            person_id = sign_in.by_password(
                form.email.data,
                form.password.data,
                address=request.remote_addr or "",
                device=request.cookies.get(throttle.DEVICE_COOKIE, ""),
            )
        except Invalid as error:
            form.form_errors.append(str(error))
        except TooMany as error:
            form.form_errors.append(str(error))
            status, headers = 429, {"Retry-After": str(error.wait_seconds)}
        else:
            session.start(person_id)
            answer = redirect(safe_next(HOME), 303)
            token = throttle.device_token(accounts.clean_email(form.email.data))
            _keep(answer, throttle.DEVICE_COOKIE, token, path=url_for("people.sign_in"))
            return answer
    return render_template("people/sign_in.html", form=form), status, headers


@blueprint.get("/sign-in/<token>")
@public
def sign_in_by_link(token: str) -> ResponseReturnValue:
    """What a one-time link shows: a button. Mail scanners and previews open addresses, so opening uses nothing up."""
    link = links.find_link(token)
    if link is None:
        return _no_link()
    if link.purpose == links.INVITE:
        form = AcceptForm(data={"name": link.name, "locale": link.locale})
        return render_template("people/accept.html", link=link, form=form)
    return render_template("people/link.html", link=link)


@blueprint.post("/sign-in/<token>", endpoint="use_link")
@public
def use_link(token: str) -> ResponseReturnValue:
    """Use a one-time link up. A refused form rolls that back, so that the link still serves."""
    link = links.find_link(token)
    if link is None or sign_in.by_link(token) is None:
        db.session.rollback()
        return _no_link()
    if link.purpose == links.INVITE:
        form = AcceptForm()
        if not (form.validate() and _take_in(form, link.person_id)):
            db.session.rollback()
            return render_template("people/accept.html", link=link, form=form), 422
    session.start(link.person_id)
    flash(_("Welcome, %(name)s.", name=current_user.name))
    return redirect(HOME, 303)


def _take_in(form: AcceptForm, person_id: int) -> bool:
    """Keep what an invited person said; False when the form has to be shown again."""
    actor = session.actor_for(person_id)
    try:
        accounts.change_person(actor, person_id, {"name": form.name.data, "locale": form.locale.data})
        if form.password.data:
            accounts.set_password(actor, person_id, form.password.data)
    except Invalid as error:
        take_errors(form, error.fields, error.sentence)
        return False
    return True


def _no_link() -> ResponseReturnValue:
    """One answer for links that are used, expired, taken back or never were."""
    return render_template("people/no_link.html"), 404


@blueprint.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """Sign out on this browser."""
    session.end()
    flash(_("You are signed out."))
    return redirect(url_for("people.sign_in"), 303)


@blueprint.post("/sign-out-everywhere")
def sign_out_everywhere() -> ResponseReturnValue:
    """Sign out on every browser, this one included."""
    actor = current_actor()
    accounts.sign_out_everywhere(actor, accounts.get_person(actor, current_user.id))
    session.end()
    flash(_("You are signed out on every device."))
    return redirect(url_for("people.sign_in"), 303)


@blueprint.post("/language")
@public
def set_language() -> ResponseReturnValue:
    """Switch the language: of the account, or before sign-in of this browser."""
    language = request.form.get("language", "")
    answer = redirect(safe_next(HOME), 303)
    if current_user.is_authenticated:
        accounts.change_person(current_actor(), current_user.id, {"locale": language})
    elif language in accounts.LOCALES:
        _keep(answer, session.LOCALE_COOKIE, language)
    return answer


@blueprint.post("/theme")
@public
def set_theme() -> ResponseReturnValue:
    """Switch the theme: of the account, or before sign-in of this browser."""
    theme = request.form.get("theme", "")
    answer = redirect(safe_next(HOME), 303)
    if current_user.is_authenticated:
        accounts.change_person(current_actor(), current_user.id, {"theme": theme})
    elif theme in accounts.THEMES:
        _keep(answer, "theme", theme)
    return answer


def _keep(answer: Response, name: str, value: str, path: str = "/") -> None:
    """Give the browser a cookie for a year, with the same manners as the session's."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    answer.set_cookie(name, value, max_age=_YEAR, path=path, httponly=True, samesite="Lax", secure=secure)
