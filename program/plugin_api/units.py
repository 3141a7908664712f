"""The transaction of one function of `core.py`: its own, or that of the web request it is called in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import has_request_context

from program.extensions import db
from program.ground import database
from program.plugin_api.contract import Connection, Program


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
    with database.transaction():
        yield


def program_of(connection: Connection) -> Program:
    """The program of a connection. Raises TypeError for the setup of the whole instance, which has none."""
    if connection.program is None:
        raise TypeError("This is how the plugin is set up for the whole instance: it belongs to no program.")
    return connection.program
