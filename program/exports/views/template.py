"""The company's template for slides: choosing it, saying which layouts to use, going back to ours."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.exports import company_template, templates
from program.extensions import db
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid
from program.people.session import current_actor
from program.planning.opening import OpenProgram, open_program

blueprint = Blueprint("slide_templates", __name__)
AT = "/p/<key>/progress/files/template"


@blueprint.get(AT)
def show(key: str) -> ResponseReturnValue:
    """The template that is used, and the form for another."""
    return _page(open_program(key, Access.MANAGER))


@blueprint.post(AT)
def choose(key: str) -> ResponseReturnValue:
    """Look at an uploaded template and use it."""
    program = open_program(key, Access.MANAGER)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page(program, _("Choose a file first.")), 422
    # A large file takes a second to look at; nobody is to wait behind a transaction meanwhile.
    db.session.rollback()
    try:
        looked = company_template.look_at(file.read())
        templates.choose(current_actor(), program.id, file.filename, looked, seen=_seen())
    except (Conflict, Invalid) as error:
        db.session.rollback()
        return _page(open_program(key, Access.MANAGER), str(error)), error.status
    flash(_("Slides are made on your template from now on."))
    return redirect(url_for(".show", key=program.key), 303)


@blueprint.post(f"{AT}/layouts")
def set_layouts(key: str) -> ResponseReturnValue:
    """Say which layouts titles and pages use."""
    program = open_program(key, Access.MANAGER)
    form = request.form
    title, page = (_number(form.get(name)) for name in ("title_layout", "page_layout"))
    templates.set_layouts(current_actor(), program.id, title, page, seen=_seen())
    flash(_("The layouts are kept."))
    return redirect(url_for(".show", key=program.key), 303)


@blueprint.post(f"{AT}/remove")
def remove(key: str) -> ResponseReturnValue:
    """Use our own template again."""
    program = open_program(key, Access.MANAGER)
    templates.remove(current_actor(), program.id, seen=_seen())
    flash(_("Slides are plain again."))
    return redirect(url_for(".show", key=program.key), 303)


def _page(program: OpenProgram, problem: str = "") -> str:
    template = templates.template_of(program.id)
    layouts = (
        [(number, name) for number, (name, has_title) in enumerate(template.layouts) if has_title] if template else []
    )
    return render_template(
        "exports/template.html",
        program=program,
        template=template,
        layouts=layouts,
        problem=problem,
        most=company_template.MOST_BYTES // 1024 // 1024,
    )


def _seen() -> int:
    return max(0, _number(request.form.get("seen")))


def _number(raw: str | None) -> int:
    return int(raw) if raw and raw.isascii() and raw.isdecimal() and len(raw) <= 9 else -1
