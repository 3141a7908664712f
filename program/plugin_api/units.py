"""The transaction of one function of `core.py`: its own, or that of the web request it is called in.

And work that is done when the request has been answered already: machines outside do not wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar

from flask import current_app, has_request_context
from sqlalchemy.exc import OperationalError

from program.extensions import db
from program.ground import database, now
from program.plugin_api.contract import Connection, Program

Found = TypeVar("Found")
# How often what meets a busy database is done again. Each time it has waited for seconds already.
PATIENCE = 5
# SQLite has one writer at a time, and of many who wait for it the unlucky ones wait until their time is out: a plugin's
# hands lost one tap in ten that way on a busy machine. Here those of one process wait in turn.
_TURN = threading.RLock()


def in_background(work: Callable[[], Any]) -> Callable[[], Any]:
    """That work, to be called in a thread of the plugin's own: with the app as it is here and now, in no request."""
    app, moment = current_app._get_current_object(), now.held_moment()  # type: ignore[attr-defined]

    def run() -> Any:
        # A thread starts without the held moment of commands that do another time's work.
        with nullcontext() if moment is None else now.held_at(moment), app.app_context():
            return work()

    return run


def patiently(work: Callable[[], Found]) -> Found:
    """Do that work, and do it again, a few times, where the database was busy. For what may be done twice."""
    for _ in range(PATIENCE):
        try:
            return work()
        except OperationalError:
            db.session.rollback()
    return work()


@contextmanager
def reading() -> Iterator[None]:
    """A look: within a request in its transaction, elsewhere in one that ends with the block."""
    if has_request_context():
        yield
        return
    with database.looking():
        yield


@contextmanager
def writing() -> Iterator[None]:
    """A change: within a request part of its one commit, elsewhere committed at the end of the block."""
    if has_request_context():
        yield
        db.session.flush()
        return
    with _TURN if db.engine.dialect.name == "sqlite" else nullcontext(), database.transaction():
        yield


def program_of(connection: Connection) -> Program:
    """The program of a connection. Raises TypeError for the setup of the whole instance, which has none."""
    if connection.program is None:
        raise TypeError("This is how the plugin is set up for the whole instance: it belongs to no program.")
    return connection.program
