"""Milepost's core: it runs a program from discovery to optimisation and has never heard of Jira or Slack."""

from __future__ import annotations

import gc
import hashlib
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

# Nothing of what is loaded here is ever garbage. To look through it meanwhile takes an eighth of a start, and a part
# of every collection from then on.
gc.disable()
try:
    from werkzeug.middleware.proxy_fix import ProxyFix

    from program import change, clock, exports, kpis, outbox, people, planning, plugin_host, pulse, steering, team
    from program.extensions import compress, csrf, db
    from program.ground import error_pages, formats, health, markdown, pages, remembered, requests, static_files
    from program.settings import ROOT, Settings
finally:
    gc.freeze()
    gc.enable()


def create_app(settings: Settings | None = None, **config: Any) -> requests.MilepostFlask:
    """Wire an app together. No I/O: no database, file, network or clock is touched before the first request.

    `settings.secret_key` must be set: the doors (`wsgi.py`, the command line) fetch the kept one first. Keyword
    arguments are Flask configuration, for tests.
    """
    settings = settings or Settings()
    app = requests.MilepostFlask("program", template_folder=str(ROOT / "templates"))
    app.config.update(
        MILEPOST=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.resolved_database_url(),
        # The connection used last first: each keeps up to four megabytes of pages and statements; some are hardly used.
        SQLALCHEMY_ENGINE_OPTIONS={"pool_use_lifo": True},
        SESSION_COOKIE_NAME="milepost",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        # A form is as old as its session: people leave pages open over lunch and over weekends.
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=10 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=12_000,
        BABEL_DEFAULT_LOCALE="en",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "program" / "translations"),
        COMPRESS_ALGORITHM=["zstd", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["zstd", "gzip"],
        # Pages are compressed for each reader anew: zstd takes a tenth of brotli's time for a tenth more weight.
        COMPRESS_ZSTD_LEVEL=3,
        COMPRESS_LEVEL=3,
    )
    app.config.update(config)
    if proxies := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies
        )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["markdown"] = markdown.render
    app.jinja_env.globals["static_url"] = _static_url
    db.init_app(app)
    requests.init_app(app)
    static_files.init_app(app)
    compress.init_app(app)
    formats.init_app(app)
    remembered.init_app(app)
    people.init_app(app)
    remembered.keep_translations(app)
    pages.init_app(app)
    # After the reader is known: a refused form is explained in their language, and the signed-out are told that first.
    csrf.init_app(app)
    error_pages.init_app(app)
    app.register_blueprint(health.blueprint)
    outbox.init_app(app)
    planning.init_app(app)
    team.init_app(app)
    change.init_app(app)
    kpis.init_app(app)
    pulse.init_app(app)
    steering.init_app(app)
    exports.init_app(app)
    clock.init_app(app)
    # Last: what plugins bring can take no name of the core's.
    plugin_host.init_app(app)
    return app


@lru_cache(maxsize=64)
def _static_url(name: str) -> str:
    """The address of a static file with its content's hash, so that browsers may keep it for a year."""
    path = Path(__file__).parent / "static" / name
    return f"/static/{name}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
