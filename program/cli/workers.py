"""How web processes start: what each would need is made once before they part, so that they share it in memory.

Gunicorn reads this as its configuration: `gunicorn -c python:program.cli.workers wsgi:app`; `milepost serve` uses it
too.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from contextlib import suppress
from typing import Any

from babel import Locale
from flask import Flask
from jinja2 import TemplateError
from sqlalchemy.orm import configure_mappers

from program.ground.calendar import WorkingCalendar
from program.ground.now import today_in
from program.people.session import LOCALES

preload_app = True
worker_class = "gthread"
# Two: Python runs one at a time, the other waits for the database. Each more keeps some 10 MB.
threads = 2
# Our own log lines say more; gunicorn's would write addresses with their tokens.
accesslog = None
loglevel = "warning"
control_socket_disable = True
# The option of glibc's mallopt(3) that limits how many heaps a process keeps.
_M_ARENA_MAX = -8
# Bytes; what is larger still gets pages of its own from the system, and the smallest piece there is holds 24.
_LARGER_THAN_HOLES = 120_000
_HOLES = (*(2**power for power in range(16, 4, -1)), 24)
# Bytes in holes, at most. Another allocator than glibc's may give lower and lower addresses without end.
_MOST_HOLES = 8 * 1024 * 1024
# So many new objects that may be garbage are looked through at once. A large page holds four thousand while it is
# made; with Python's seven hundred each such page is looked through six times, and every twentieth waits for a look at
# all there is, which takes as long as the page.
_NEW_OBJECTS = 5_000


def when_ready(server: Any) -> None:
    """Called by gunicorn once the app is loaded, before the first worker is made."""
    share(server.app.wsgi())


def share(app: Flask) -> None:
    """Make what every worker would make for itself with its first pages. Touches no database."""
    # Imported here and not in the rooms, where they load when somebody needs them.
    import markdown_it  # noqa: F401
    import nh3  # noqa: F401

    configure_mappers()
    for name in app.jinja_env.list_templates(extensions=["html"]):
        # A plugin's template that cannot be read is that page's trouble, not the server's.
        with suppress(TemplateError, UnicodeError):
            app.jinja_env.get_template(name)
    for locale in LOCALES:
        Locale.parse(locale).months  # noqa: B018 - reading it loads the language's data
    settings = app.config["MILEPOST"]
    # Asked for the name: a weekend would be known without the package.
    WorkingCalendar().holiday(today_in(settings.timezone))
    _keep_one_heap()
    gc.collect()
    # What is frozen is left alone by the collector, so its pages stay shared.
    gc.freeze()
    _fill_holes()
    gc.set_threshold(_NEW_OBJECTS)


def _keep_one_heap() -> None:
    """Let all threads of a worker share one heap: with one each, a worker keeps a third more memory than it uses."""
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_M_ARENA_MAX, 1)


def _fill_holes() -> None:
    """Take the small holes that loading left in the heap, for good: a megabyte in thousands of places.

    A worker that put something into one would make the page around it its own: that came to nine megabytes each.
    """
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt"):
        return
    library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    # Larger than any hole, so it lies at the end; what lies past it was not put into a hole.
    end = library.malloc(_LARGER_THAN_HOLES)
    taken = 0
    for size in _HOLES:
        while taken < _MOST_HOLES and (library.malloc(size) or end) < end:
            taken += size
