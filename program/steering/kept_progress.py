"""The progress page's data, kept by this process for as long as nothing changed: what a shared link is served from.

Many people open one link in one morning. Each opening asks the database for a stamp of all that the page is made from,
in one statement, and only a stamp that nobody has seen yet costs the whole page. Nothing is told to forget: a stamp
follows from rows, whichever process wrote them. It is read before the page is, so what is kept is never older than it.

A stamp counts the program's audit trail, to which every verb adds, and the revisions of all that people edit, and looks
at what machines write without either. It counts and adds rather than looking for the newest entry: of two transactions
the one with the later number may be committed first.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Integer, bindparam, case, func, select

from program.extensions import Base
from program.ground import formats
from program.ground.audit import AuditEntry
from program.ground.database import read
from program.ground.now import utc_now
from program.kpis.models import ImportState, IndexValue, ReadingImport
from program.people.models import Person
from program.planning.opening import OpenProgram
from program.pulse.models import Round, RoundResult
from program.steering.models import CommitteeMeeting
from program.steering.progress import assemble
from program.steering.progress_parts import Progress

MOST = 128
# Not for truth's sake: so that a page nobody opens any more does not stay.
LONGEST = timedelta(minutes=30)
_NAME = "milepost.kept_progress"
PROGRAM: Any = bindparam("program", type_=Integer())
_LOOKED_AT: dict[str, Callable[[], tuple[Any, ...]]] = {}
Key = tuple[int, str, date]
# Items, figures and comments are many, and every change of one is in the trail; a link's own counts are no part of the
# page.
_LEFT = frozenset({"work_item", "kpi_reading", "comment", "share_link"})
_APART = 1_000_003


class _Memory:
    """What one process keeps."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.kept: OrderedDict[Key, tuple[tuple[Any, ...], datetime, Progress]] = OrderedDict()

    def get(self, key: Key, stamp: tuple[Any, ...], now: datetime) -> Progress | None:
        with self.lock:
            found = self.kept.get(key)
            if found is None or found[0] != stamp or not timedelta(0) <= now - found[1] < LONGEST:
                return None
            self.kept.move_to_end(key)
            return found[2]

    def put(self, key: Key, stamp: tuple[Any, ...], now: datetime, progress: Progress) -> None:
        with self.lock:
            self.kept[key] = (stamp, now, progress)
            self.kept.move_to_end(key)
            while len(self.kept) > MOST:
                self.kept.popitem(last=False)


def init_app(app: Flask) -> None:
    """Begin with nothing kept."""
    app.extensions[_NAME] = _Memory()


def look_at(name: str, build: Callable[[], tuple[Any, ...]]) -> None:
    """Let a room above add what the page shows of it: scalar selects of `PROGRAM` that differ when that does."""
    _LOOKED_AT[name] = build
    _query.cache_clear()


def kept_progress(program: OpenProgram, today: date) -> Progress:
    """As `assemble`, in one statement while nothing changed since somebody asked the same.

    Permission is the caller's.
    """
    memory: _Memory = current_app.extensions[_NAME]
    key, stamp, now = (program.id, formats.current_locale(), today), stamp_of(program.id), utc_now()
    found = memory.get(key, stamp, now)
    if found is None:
        found = assemble(program, today)
        memory.put(key, stamp, now, found)
    return found


def stamp_of(program_id: int) -> tuple[Any, ...]:
    """What differs as soon as anything that the page is made from does. One statement."""
    return tuple(read(_query(), {"program": program_id}).one())


@cache
def _query() -> Any:
    parts = [*_edited(), *_written(), *(one for build in _LOOKED_AT.values() for one in build())]
    return select(*(part.scalar_subquery().label(f"n{place}") for place, part in enumerate(parts)))


def _edited() -> list[Any]:
    """The program's trail, and of every table that people edit how many rows there are and how often they changed."""
    tables = [
        table
        for table in Base.metadata.sorted_tables
        if {"program_id", "revision"} <= set(table.columns.keys()) and table.name not in _LEFT
    ]
    changed = [
        select(func.count() * _APART + func.coalesce(func.sum(table.c.revision), 0)).where(
            table.c.program_id == PROGRAM
        )
        for table in tables
    ]
    return [select(func.count()).where(AuditEntry.program_id == PROGRAM), *changed]


def _written() -> list[Any]:
    """What machines write without a trail, or many at once; people belong to the whole instance."""
    person, index, asked, result = Person, IndexValue, Round, RoundResult
    of: dict[Any, tuple[Any, ...]] = {
        index: (func.count(), func.sum(index.value)),
        asked: (func.count(), func.count(asked.closed_on), func.sum(asked.asked), func.sum(asked.answered)),
        result: (func.count(), func.sum(result.answered)),
        # Figures of a file come all at once, and go so.
        ReadingImport: tuple(func.count(case((ReadingImport.state == one.value, 1))) for one in ImportState),
        CommitteeMeeting: (func.count(CommitteeMeeting.held_at), func.max(CommitteeMeeting.held_at)),
    }
    found = [select(one).where(table.program_id == PROGRAM) for table, parts in of.items() for one in parts]
    return [select(func.count() * _APART + func.sum(person.revision)), *found]
