"""Pages for what went wrong: what happened, what to do next, and everything the person had typed, kept.

After a conflict, an expired page or a lost session the typed fields stand in a form that can be sent again as it is.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Invalid, MilepostError, TooMany
from program.ground.formats import current_locale

_log = logging.getLogger("milepost.error")
# Fields whose names hold one of these are never shown again, not even to the one who typed them.
_SECRETS = ("csrf", "password", "passcode", "token", "secret")
_MOST_READ_AWAY = 100 * 1024 * 1024
# What the page itself adds to a form; of no interest to its reader.
_WORKINGS = frozenset({"revision", "next", "confirmed"})


# What forms call the fields that people type most into; others are shown by their name in the form.
_LABELS = {
    "title": _l("Title"),
    "name": _l("Name"),
    "description": _l("Description"),
    "body": _l("Comment"),
    "reason": _l("Reason"),
    "status_reason": _l("Reason"),
    "purpose": _l("Purpose"),
    "email": _l("E-mail"),
    "locale": _l("Language"),
    "timezone": _l("Time zone"),
    "theme": _l("Theme"),
    "start_on": _l("Start"),
    "due_on": _l("Due"),
    "status": _l("Status"),
}


def typed_fields() -> list[tuple[str, str]]:
    """What the person had typed in the form that failed, in order, without secrets."""
    if request.method != "POST":
        return []
    try:
        sent = list(request.form.items(multi=True))
    except RequestEntityTooLarge:
        # It was not read because of its size, and is not read now.
        return []
    return [(name, value) for name, value in sent if not any(secret in name.lower() for secret in _SECRETS)]


def _label(name: str) -> str:
    return str(_LABELS.get(name) or name.replace("_", " ").capitalize())


def _page(status: int, title: str, sentence: str, *, resend: bool = False, **context: Any) -> tuple[str, int]:
    typed = typed_fields()
    can_resend = resend and typed and not request.files
    shown = {
        "status": status,
        "title": title,
        "sentence": sentence,
        "typed": [(_label(name), value) for name, value in typed if value and name not in _WORKINGS],
        "resend": typed if can_resend else [],
        "request_id": g.get("request_id", ""),
        **context,
    }
    try:
        return render_template("errors/error.html", **shown), status
    except Exception as error:  # noqa: BLE001 - the last door: whatever broke the frame, there is an answer
        # The frame asks the database who is reading. When that is what is broken, a page without it tells the rest.
        db.session.rollback()
        _log.error("frame", extra={"fields": {"request_id": g.get("request_id")}}, exc_info=error)
        # Past `render_template`, which would ask again who is reading.
        return current_app.jinja_env.get_template("errors/bare.html").render(locale=current_locale(), **shown), status


def _titles() -> dict[int, tuple[str, str]]:
    return {
        400: (_("This request cannot be read"), _("Go back and try again.")),
        401: (_("Sign in first"), _("You were signed out, and nothing was saved. Sign in again, then send it again.")),
        403: (_("This is not open to you"), _("Ask a manager of the program for more access.")),
        404: (_("There is nothing here"), _("The address is wrong, the thing is gone, or it is not open to you.")),
        405: (_("This address takes another kind of request"), _("Go back and use the buttons of the page.")),
        409: (_("Somebody else was first"), _("Look at what changed, then decide.")),
        413: (
            _("That is too large"),
            _(
                "A file may have up to 10 MB and a form up to 1 MB. Nothing was saved; go back, where what you typed "
                "still is, and send less."
            ),
        ),
        422: (_("Something is not right yet"), _("Correct what is marked and send it again.")),
        429: (_("Too many tries"), _("Wait a little and try again.")),
        500: (
            _("Something broke on our side"),
            _("Nothing was saved. Try again in a minute; what you typed is below."),
        ),
        503: (_("The database is busy"), _("Nothing was saved. Try again in a moment.")),
    }


def _show(status: int, sentence: str = "", **context: Any) -> tuple[str, int]:
    title, usual = _titles().get(status, _titles()[400 if status < 500 else 500])
    return _page(status, title, sentence or usual, **context)


def _conflict(error: Conflict) -> ResponseReturnValue:
    last = None
    if error.object_type and error.object_id is not None:
        last = db.session.scalars(
            db.select(AuditEntry)
            .where(AuditEntry.object_type == error.object_type, AuditEntry.object_id == error.object_id)
            .order_by(AuditEntry.id.desc())
            .limit(1)
        ).first()
    return _show(
        409,
        str(error.sentence),
        resend=error.current_revision is not None,
        current_revision=error.current_revision,
        last_change=last,
    )


def _start_over() -> None:
    db.session.rollback()
    # The page of an error only reads.
    database.begin_reading()


def _known(error: MilepostError) -> ResponseReturnValue:
    _start_over()
    if isinstance(error, Conflict):
        return _conflict(error)
    reasons = [str(reason) for reason in error.fields.values()] if isinstance(error, Invalid) else []
    answer = _show(error.status, str(error.sentence), resend=error.status == 422, reasons=reasons)
    if isinstance(error, TooMany):
        return *answer, {"Retry-After": str(error.wait_seconds)}
    return answer


def _overtaken(_error: StaleDataError) -> ResponseReturnValue:
    _start_over()
    return _show(409, _("Somebody changed this in the same moment. Look at the newest state and do it again."))


def _doubled(error: IntegrityError) -> ResponseReturnValue:
    _start_over()
    _log.warning("integrity", extra={"fields": {"request_id": g.get("request_id"), "error": str(error.orig)}})
    return _show(409, _("Somebody did the same in the same moment. Look at the newest state and do it again."))


def _unreadable(_error: DataError) -> ResponseReturnValue:
    # Text that the database cannot hold, such as a zero byte, in a place that took text as it came.
    _start_over()
    return _show(400)


def _busy(error: Exception) -> ResponseReturnValue:
    _start_over()
    _log.error("database", extra={"fields": {"request_id": g.get("request_id")}}, exc_info=error)
    return _show(503, resend=True)


def _stale_page(_error: CSRFError) -> ResponseReturnValue:
    _start_over()
    title, sentence = _("This page was open for too long"), _("For your safety the form was not taken. Send it again.")
    return _page(400, title, sentence, resend=True)


def _read_away() -> None:
    """Take in the rest of what was too large, within reason, and forget it.

    A browser listens only once it has sent everything; without this it would show its own page of a lost connection.
    """
    stream, left = request.environ["wsgi.input"], _MOST_READ_AWAY
    while left > 0 and (chunk := stream.read(min(left, 65_536))):
        left -= len(chunk)


def _of_http(error: HTTPException) -> Any:
    _start_over()
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, RequestEntityTooLarge):
        _read_away()
    answer = _show(error.code)
    if isinstance(error, MethodNotAllowed):
        return *answer, {"Allow": ", ".join(sorted(error.valid_methods or ()))}
    return answer


def _unknown(error: Exception) -> ResponseReturnValue:
    _start_over()
    if current_app.testing and current_app.config.get("RAISE_UNKNOWN_ERRORS", True):
        raise error
    _log.error("unexpected", extra={"fields": {"request_id": g.get("request_id")}}, exc_info=error)
    return _show(500)


def _signed_out() -> ResponseReturnValue:
    return _show(401, resend=True)


def init_app(app: Flask) -> None:
    """Answer every error with a page of ours."""
    handlers: dict[type[Exception], Callable[[Any], Any]] = {
        MilepostError: _known,
        StaleDataError: _overtaken,
        IntegrityError: _doubled,
        DataError: _unreadable,
        OperationalError: _busy,
        # The beginning of a transaction is sent past SQLAlchemy (see `database.py`), which names all other errors.
        sqlite3.OperationalError: _busy,
        CSRFError: _stale_page,
        HTTPException: _of_http,
        Exception: _unknown,
    }
    for kind, handler in handlers.items():
        app.register_error_handler(kind, handler)
    app.extensions["milepost.signed_out"] = _signed_out
