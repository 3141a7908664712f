"""Links to share: making and revoking them, and the page that they open for whoever has the address."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import refresh
from sqlalchemy.exc import SQLAlchemyError

from program.extensions import csrf
from program.ground import database, formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.ground.pages import public
from program.ground.requests import keep_changes
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.opening import OpenProgram, open_program
from program.steering import share_links
from program.steering.forms.progress import ShareForm
from program.steering.kept_progress import kept_progress
from program.steering.progress_parts import restricted
from program.steering.progress_words import SECTION_WORDS
from program.steering.share_links import Shared
from program.steering.views.progress import drawn

_log = logging.getLogger("milepost.shared")
blueprint = Blueprint("share_links", __name__)
shared_pages = Blueprint("shared", __name__)
AT = "/p/<key>/progress/links"
COOKIE, REMEMBERED = "milepost_shared", 12 * 3600


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """The open links, and the form for another."""
    program = open_program(key, Access.MANAGER)
    form = ShareForm()
    form.sections.data = list(SECTION_WORDS)
    return _page(program, form)


@blueprint.post(AT)
def create(key: str) -> ResponseReturnValue:
    """Make a link and show its address, once."""
    program = open_program(key, Access.MANAGER)
    form = ShareForm()
    token = None
    if form.validate():
        try:
            _link, token = share_links.make_link(
                current_actor(),
                program.id,
                name=form.name.data or "",
                sections=form.sections.data or (),
                days=form.days.data,
                locale=form.locale.data or "",
                passcode=form.passcode.data or "",
            )
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
    return _page(program, form, token)


@blueprint.post(f"{AT}/<int:link_id>/revoke")
def revoke(key: str, link_id: int) -> ResponseReturnValue:
    """Close a link for good; asks once."""
    program = open_program(key, Access.MANAGER)
    if not request.form.get("confirmed"):
        return render_template("steering/share_links/revoke.html", program=program, link_id=link_id)
    share_links.revoke_link(current_actor(), program.id, link_id)
    flash(_("The link is closed. Whoever opens it finds nothing any more."))
    return redirect(url_for(".index", key=program.key), 303)


@shared_pages.get("/s/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """The page behind a link, or the question for its passcode."""
    found = share_links.find_shared(token)
    speak(found)
    if not share_links.is_open(found, request.cookies.get(COOKIE, "")):
        return render_template("steering/shared/passcode.html", token=token, wrong=False)
    g.timezone = found.program.timezone
    g.pop("today", None)
    progress = restricted(kept_progress(found.program, formats.today()), found.sections)
    g.opened_link = found.id
    # The room of files lies above this one.
    pdf_url = url_for("shared_files.pdf", token=token) if "shared_files.pdf" in current_app.view_functions else None
    return render_template("steering/shared/show.html", shared=found, pdf_url=pdf_url, **drawn(progress))


@shared_pages.post("/s/<token>")
@public
# Nobody is signed in here, and pages behind a link send no referrer, which the check would ask for.
@csrf.exempt
def enter(token: str) -> ResponseReturnValue:
    """Take the passcode; each try counts before it is looked at."""
    found = share_links.find_shared(token)
    speak(found)
    back = redirect(url_for(".show", token=token), 303)
    if not found.passcode_hash:
        return back
    share_links.count_passcode_try(found)
    keep_changes()
    if not share_links.check_passcode(found, request.form.get("passcode", "")):
        return render_template("steering/shared/passcode.html", token=token, wrong=True), 422
    back.set_cookie(
        COOKIE,
        share_links.proof(found),
        max_age=REMEMBERED,
        path=url_for(".show", token=token),
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return back


@shared_pages.after_request
def keep_quiet(response: Response) -> Response:
    """Whatever is behind /s/: not for search engines, and the address goes nowhere. Then an opening is counted.

    Counting is a short transaction of its own after the page was read; when it fails the page is shown all the same.
    """
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Referrer-Policy"] = "no-referrer"
    link_id = g.pop("opened_link", None)
    if link_id is not None and request.method == "GET" and response.status_code == 200:
        try:
            with database.transaction():
                share_links.count_opening(link_id)
        except SQLAlchemyError as error:
            _log.warning("opening not counted", exc_info=error)
        finally:
            database.begin_reading()
    return response


def speak(found: Shared) -> None:
    """Speak the language that was chosen for the link."""
    if found.locale:
        g.locale = found.locale
        refresh()


def _page(program: OpenProgram, form: ShareForm, token: str | None = None) -> ResponseReturnValue:
    address = None
    if token is not None:
        base = current_app.config["MILEPOST"].base_url.rstrip("/")
        address = base + current_app.url_map.bind("").build("shared.show", {"token": token})
    page = render_template(
        "steering/share_links/index.html",
        program=program,
        form=form,
        address=address,
        links=share_links.links_of(program.id),
        section_words=SECTION_WORDS,
    )
    return page, 422 if form.errors else 200
