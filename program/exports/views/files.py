"""Files of the progress page: asking for one, watching it being made, downloading it."""

from __future__ import annotations

import io
from datetime import timedelta

from flask import Blueprint, Response, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from program.exports import keeping
from program.exports.making import KINDS, LONG, file_name, laid_out, means_for, progress_on, told_of
from program.exports.models import ExportState
from program.extensions import db
from program.ground import database, formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid
from program.ground.pages import wants_fragment
from program.people.session import current_actor
from program.planning.opening import open_program
from program.steering.views.progress import read_day

blueprint = Blueprint("exports", __name__)
AT = "/p/<key>/progress/files"
_ONE = f"{AT}/<int:file_id>"
LANGUAGES = {"pl": "Polski", "en": "English"}


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """Ask for a file; those of the last days."""
    program = open_program(key)
    return render_template(
        "exports/index.html",
        program=program,
        files=keeping.files_of(current_actor(), program.id),
        kinds=KINDS,
        kinds_in_words=[(name, kind.word) for name, kind in KINDS.items()],
        languages=LANGUAGES,
        yesterday=formats.today() - timedelta(days=1),
        state_words=state_words(),
        is_manager=g.access >= Access.MANAGER,
    )


@blueprint.post(AT)
def make(key: str) -> ResponseReturnValue:
    """Make a file: now where it is short, by the clock where it is long."""
    program = open_program(key)
    actor, form = current_actor(), request.form
    kind, locale, day = form.get("kind", ""), form.get("locale", ""), read_day(form.get("on"))
    keeping.allow(actor, program.id, kind, locale)
    maker = current_user.name
    # Nobody is to wait behind a transaction while pages are typeset.
    db.session.rollback()
    with database.looking():
        found = progress_on(program, day, locale)
        told = told_of(found, program, maker) if found else None
        means = means_for(program.id, kind)
    if found is None or told is None:
        raise Invalid(_("Nothing was kept of %(day)s.", day=formats.dated(day)))
    is_past = day is not None and day < formats.today()
    name = file_name(program.key, kind, locale, found.day)
    if told.rows > LONG:
        file = keeping.ask(actor, program.id, kind, locale, found.day, is_past, name)
    else:
        content = laid_out(kind, told, means)
        file = keeping.keep(actor, program.id, kind, locale, found.day, is_past, name, content)
    target = ".download" if file.state == ExportState.READY else ".show"
    return redirect(url_for(target, key=program.key, file_id=file.id), 303)


@blueprint.get(_ONE)
def show(key: str, file_id: int) -> ResponseReturnValue:
    """How far a file is, or what it is."""
    program = open_program(key)
    file = keeping.find_file(current_actor(), program.id, file_id)
    return render_template(
        "exports/progress.html" if wants_fragment() else "exports/show.html",
        program=program,
        file=file,
        kind=KINDS[file.kind],
        language=LANGUAGES[file.locale],
        is_on_its_way=file.state in (ExportState.WAITING, ExportState.MAKING),
        until=file.asked_at + keeping.KEPT,
    )


@blueprint.get(f"{_ONE}/download")
def download(key: str, file_id: int) -> ResponseReturnValue:
    """The file itself."""
    program = open_program(key)
    file = keeping.find_file(current_actor(), program.id, file_id)
    if file.state != ExportState.READY or file.content is None:
        raise Conflict(_("This file is not ready."))
    return sent(file.content, file.kind, file_name(program.key, file.kind, file.locale, file.day))


def sent(content: bytes, kind: str, name: str) -> Response:
    """The answer that hands over a file; nobody on the way may keep it."""
    answer = send_file(io.BytesIO(content), mimetype=KINDS[kind].media_type, as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def state_words() -> dict[str, tuple[str, str]]:
    """How a file stands, and the state it is shown as."""
    return {
        ExportState.WAITING: (_("Waits"), "todo"),
        ExportState.MAKING: (_("On its way"), "doing"),
        ExportState.READY: (_("Ready"), "done"),
        ExportState.FAILED: (_("Could not be made"), "off_track"),
    }
