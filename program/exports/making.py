"""Making a file: what the committee sees is read, put into words once, and laid out as the kind that was asked for.

Reading takes a transaction, laying out takes none: nobody waits for a lock while a page is typeset.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_babel import pgettext

from program.exports.deck import Company
from program.exports.paper import write_pdf
from program.exports.sheets import write_sheets
from program.exports.slides import write_slides
from program.exports.telling import tell
from program.exports.templates import company_of
from program.exports.told import Told
from program.ground import formats
from program.ground.now import today_in, utc_now
from program.ground.records import record
from program.planning.opening import OpenProgram
from program.steering.progress import assemble
from program.steering.progress_parts import Progress
from program.steering.snapshots import as_it_was

_log = logging.getLogger("milepost.exports")
PDF, SLIDES, SPREADSHEET = "pdf", "pptx", "xlsx"
# So many rows are laid out at once in well under a second; more are left to the clock.
LONG = 400


@record
class Means:
    """What laying out needs beside the words: the folder of drawings, and the company's template for slides."""

    charts: Path
    company: Company | None = None


@record
class Kind:
    """A kind of file: its word, its type, and what lays it out."""

    word: Any
    icon: str
    media_type: str
    write: Callable[[Told, Means], bytes]


KINDS: dict[str, Kind] = {
    PDF: Kind(_l("PDF"), "file-text", "application/pdf", lambda told, means: write_pdf(told, means.charts)),
    SLIDES: Kind(
        _l("Slides"),
        "device-desktop",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        lambda told, means: write_slides(told, means.company),
    ),
    SPREADSHEET: Kind(
        _l("Spreadsheet"),
        "file-spreadsheet",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        lambda told, _means: write_sheets(told),
    ),
}


def progress_on(program: OpenProgram, day: date | None, locale: str) -> Progress | None:
    """What the committee sees of the program in that language: today (None or today), or as it was.

    None where nothing was kept of that day. Permission is the caller's.
    """
    with formats.reading_as(locale, program.timezone):
        today = today_in(program.timezone)
        return assemble(program, today) if day is None or day >= today else as_it_was(program.id, day, locale)


def told_of(progress: Progress, program: OpenProgram, made_by: str) -> Told:
    """What a file says of it, made now by somebody of that name ('' for nobody in particular)."""
    return tell(progress, program.timezone, utc_now(), made_by)


def means_for(program_id: int, kind: str) -> Means:
    """What laying out such a file takes, read while a transaction is open."""
    company = company_of(program_id) if kind == SLIDES else None
    return Means(current_app.config["MILEPOST"].instance_folder / "charts", company)


def laid_out(kind: str, told: Told, means: Means) -> bytes | None:
    """The file; None where it could not be made: the log says why. Costs no transaction."""
    try:
        return KINDS[kind].write(told, means)
    except Exception as error:  # noqa: BLE001 - three libraries of others, and a template of anybody's
        _log.exception("file not made", extra={"fields": {"kind": kind, "program": told.key}}, exc_info=error)
        return None


def file_name(key: str, kind: str, locale: str, day: date) -> str:
    """'ALFA-progress-2026-06-17-en.pdf', in the language that is spoken now."""
    subject = pgettext("file name", "progress")
    return f"{key}-{subject}-{day.isoformat()}-{locale}.{kind}"
