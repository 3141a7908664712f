"""A request's frame: one transaction, one id, the headers that keep browsers honest, and one log line."""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Request, Response, g, request
from werkzeug.routing import IntegerConverter, Rule
from werkzeug.wrappers import Response as BaseResponse

from program.extensions import db
from program.ground import database
from program.ground.templates import Templates

_log = logging.getLogger("milepost.request")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class MilepostRequest(Request):
    """A request whose plain forms are bounded like the fields of its multipart ones.

    Werkzeug reads a plain form at once, whatever MAX_FORM_MEMORY_SIZE says; ten megabytes of '&' would cost a gigabyte.
    """

    @property
    def max_content_length(self) -> int | None:
        """The largest body in bytes: a form's for plain forms, a file's for the rest."""
        if self.mimetype == "application/x-www-form-urlencoded":
            return self.max_form_memory_size
        return super().max_content_length

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._max_content_length = value


class LazyRule(Rule):
    """A route that learns to build its address when the first one is asked for.

    Werkzeug writes and compiles two functions for every route while the app is put together: an eighth of a cold start.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        name = "_build_unknown" if append_unknown else "_build"

        def build(_rule: Rule, **values: Any) -> tuple[str, str]:
            built = super(LazyRule, self)._compile_builder(append_unknown).__get__(self, None)
            setattr(self, name, built)
            return built(**values)

        return build


class MilepostFlask(Flask):
    """Flask with one commit per request: after the view, before the answer, so that no answer precedes its effect."""

    request_class = MilepostRequest
    jinja_environment = Templates
    url_rule_class = LazyRule

    def dispatch_request(self) -> BaseResponse:
        """Run the view; commit when its answer is a success, roll back when it is not or when anything is raised."""
        response = self.make_response(super().dispatch_request())
        if request.method in _READING_METHODS or response.status_code >= 400:
            db.session.rollback()
        else:
            db.session.commit()
        return response


def keep_changes() -> None:
    """Commit what this request has done so far: a refused answer then rolls back only what follows.

    The one exception to 'one commit per request'. A failed try to sign in has to be remembered although its answer is
    an error, and it has to be remembered before the slow look at the password: otherwise many tries at the same
    moment would all find the count of before, and each would hold SQLite's one write lock while a hash is computed.
    And before a plugin asks somebody outside whether its settings work, they are kept: no lock waits for the answer.
    Nothing else should need it.
    """
    db.session.commit()


class IdConverter(IntegerConverter):
    """Numbers in addresses: those that a database column can hold; larger ones are a 404, not an error of ours."""

    def __init__(self, map: Any, *arguments: Any, **more: Any) -> None:
        more.setdefault("max", 2**31 - 1)
        super().__init__(map, *arguments, **more)


class JsonLines(logging.Formatter):
    """One JSON object a line; fields given as `extra={'fields': {...}}` stand beside the message."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON text."""
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up_logs(level: str) -> None:
    """Send this product's log lines to standard error as JSON. The doors call it; tests and imports do not."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("milepost")
    logger.handlers = [handler]
    logger.setLevel(level)
    logger.propagate = False


def init_app(app: Flask) -> None:
    """Hang the frame around every request of the app."""
    app.url_map.converters["int"] = IdConverter

    @app.before_request
    def open_request() -> None:
        g.request_id = secrets.token_hex(8)
        g.started = time.perf_counter()
        if request.method in _READING_METHODS:
            database.begin_reading()
        else:
            database.begin_writing()

    @app.after_request
    def close_request(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.endpoint == "static" and "v" in request.args and response.status_code < 400:
            # The address carries the content's hash: another content has another address.
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        elif request.endpoint != "static":
            # Pages hold people's work: no shared cache may keep them, and 'back' after sign-out must ask again.
            response.headers.setdefault("Cache-Control", "no-store")
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        response.headers["X-Request-ID"] = g.get("request_id", "")
        # The path's pattern, not the path: tokens in addresses stay out of the log.
        pattern = request.url_rule.rule if request.url_rule else "unknown"
        fields = {
            "request_id": g.get("request_id"),
            "method": request.method,
            "route": pattern,
            "status": response.status_code,
            "milliseconds": round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
        }
        _log.info("request", extra={"fields": fields})
        return response
