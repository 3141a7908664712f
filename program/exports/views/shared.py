"""The PDF behind a shared link: the sections that were chosen for it, without anybody's name.

It is kept in a file by all that it follows from, so a link that is opened a thousand times is typeset once, and a
change makes another file.
"""

from __future__ import annotations

import hashlib
import json
from importlib import metadata

from flask import Blueprint, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.charts.keeping import Shelf
from program.exports import paper
from program.exports.making import PDF, file_name, laid_out, means_for, progress_on, told_of
from program.exports.views.files import sent
from program.extensions import db
from program.ground import formats
from program.ground.errors import NotFound, TooMany
from program.ground.pages import public
from program.steering import share_links
from program.steering.frozen import to_json
from program.steering.progress_parts import Progress, restricted
from program.steering.views.share_links import COOKIE, keep_quiet, speak

blueprint = Blueprint("shared_files", __name__)
blueprint.after_request(keep_quiet)
# At most this much is kept, and laid out by one reader at a time in each process.
_MOST_BYTES = 32 * 1024 * 1024


@blueprint.get("/s/<token>/pdf")
@public
def pdf(token: str) -> ResponseReturnValue:
    """The parts that the link shows, as a PDF."""
    found = share_links.find_shared(token)
    speak(found)
    if not share_links.is_open(found, request.cookies.get(COOKIE, "")):
        raise NotFound(share_links.NOT_HERE)
    g.timezone = found.program.timezone
    progress = progress_on(found.program, None, formats.current_locale())
    if progress is None:
        raise NotFound(share_links.NOT_HERE)
    shown = restricted(progress, found.sections)
    means = means_for(found.program.id, PDF)
    told = told_of(shown, found.program, "")
    # All is read: no transaction is held while pages are typeset.
    db.session.rollback()
    shelf = Shelf(current_app.config["MILEPOST"].instance_folder / "exports", _MOST_BYTES)
    name = _name(shown)
    content = shelf.find(name)
    if content is None:
        content = laid_out(PDF, told, means)
        if content is None:
            raise TooMany(_("The file could not be made just now. Try again in a minute."), 60)
        shelf.keep(name, content)
    return sent(content, PDF, file_name(found.program.key, PDF, progress.locale, progress.day))


def _name(shown: Progress) -> str:
    """A name made of all that the file follows from, but not of the minute it is made in."""
    parts = [to_json(shown), metadata.version("typst"), paper.edition()]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return f"{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:40]}.pdf"
