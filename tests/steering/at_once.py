"""Doing several things at the same moment, each in a thread and a transaction of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from flask import Flask

from program.ground import database
from program.ground.errors import Conflict, Forbidden, Invalid


def at_once(app: Flask, *acts: Any) -> list[str]:
    """Do those things at the same moment; 'done', or the name of the error, of each."""

    def run(act: Any) -> str:
        with app.app_context():
            try:
                with database.transaction():
                    act()
            except (Conflict, Invalid, Forbidden) as error:
                return type(error).__name__
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        # Each thread gets the held clock.
        return sorted(done.result() for done in [pool.submit(copy_context().run, run, act) for act in acts])
