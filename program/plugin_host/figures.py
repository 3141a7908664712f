"""Figures of KPIs that plugins bring: asked for, looked at row by row, and written as a system would write them.

What is right is written and what is wrong is listed with its reason: a source that sends sixty figures does not lose
fifty-nine because a channel was renamed. What a source has sent before is not written again (`TakenFigure`), so a
person's correction stands until the source says something else itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from program.extensions import db
from program.ground import database, formats
from program.ground.actor import Origin, system
from program.ground.errors import Invalid
from program.ground.now import utc_now
from program.ground.records import record
from program.ground.text import clean_line
from program.kpis import periods
from program.kpis.models import Way
from program.kpis.reading_words import Words, words_of
from program.kpis.readings import settled_until
from program.kpis.writing import Counted, Ground, NewReading, open_ground, put_many
from program.kpis.written_periods import Calendar, read_period
from program.plugin_api import contract
from program.plugin_api.measured import source_of
from program.plugin_api.models import MAX_KEY, FiguresReport, TakenFigure
from program.plugin_api.units import patiently, program_of
from program.plugin_host import reports
from program.plugin_host.calling import Nonsense, call
from program.plugin_host.checking import secrets_of
from program.plugin_host.discovery import Installed

# In one answer; more of them are more than one round can write within its time.
MOST = 5000
MOST_LISTED = 100
# At first a year is asked for; later all that may still have been put right since the last time, a quarter included.
AT_FIRST, AGAIN = timedelta(days=365), timedelta(days=100)
_VALUE = re.compile(r"[+-]?[0-9]{1,13}(\.[0-9]{1,20})?")


@record
class Wrong:
    """A row that could not be taken: what the source calls it, which figure it was, and why."""

    source_key: str
    place: str
    reason: str


@record
class Taken:
    """What the last round came to, as the connection's page shows it."""

    at: Any
    added: int
    changed: int
    unchanged: int
    wrong_rows: int
    wrong: tuple[Wrong, ...]


def take(installed: Installed, connection: contract.Connection) -> None:
    """Ask the plugin for figures and write them. Raises what `call` raises; outside of any transaction."""
    with database.looking():
        since = _since(connection)
    rows = call(installed, "readings", _look, secrets=secrets_of(connection), connection=connection, since=since)
    # Twice is the same as once, so what met a busy database may be done again.
    patiently(lambda: _write(connection, rows))


def of_connection(connection_id: int) -> Taken | None:
    """What the last round of figures came to; None before the first. Permission is the caller's."""
    row = db.session.get(FiguresReport, connection_id)
    if row is None:
        return None
    wrong = tuple(Wrong(*one) for one in row.wrong)
    return Taken(row.taken_at, row.added, row.changed, row.unchanged, row.wrong_rows, wrong)


def _since(connection: contract.Connection) -> date:
    program = program_of(connection)
    last = db.session.scalar(select(FiguresReport.taken_on).where(FiguresReport.connection_id == connection.id))
    since = program.today - AT_FIRST if last is None else last - AGAIN
    settled = settled_until(program.id)
    # What is closed takes a person and a reason.
    return since if settled is None else max(since, settled + timedelta(days=1))


def _write(connection: contract.Connection, rows: Sequence[contract.Reading]) -> None:
    program = program_of(connection)
    with database.transaction(), formats.reading_as(program.locale, program.timezone):
        words, ground = words_of(program.id), open_ground(program.id, to_write=True)
        found: dict[tuple[str, date], tuple[contract.Reading, NewReading]] = {}
        wrong: list[Wrong] = []
        # Where two rows name one figure, the first is taken and the second is listed.
        places: set[Any] = set()
        for row in rows:
            try:
                new = _checked(program, words, ground, row)
                place = new.kpi_id, new.channel, new.period
                if place in places or (row.source_key, new.period) in found:
                    raise Invalid(_("This figure is given twice."))
                places.add(place)
                found[(row.source_key, new.period)] = row, new
            except Invalid as error:
                wrong.append(_wrong(row, str(error)))
        digests = {name: _digest(new) for name, (_row, new) in found.items()}
        known = _known(connection.id, found)
        fresh = {name: pair for name, pair in found.items() if known.get(name) != digests[name]}
        right = []
        for name, (row, new) in fresh.items():
            if reason := _problem(ground, new):
                wrong.append(_wrong(row, reason))
            else:
                right.append(name)
        counted = Counted()
        if right:
            good = [fresh[name][1] for name in right]
            counted = put_many(program.id, good, way=Way.PLUGIN, source=source_of(connection), actor=_ACTOR)
            _remember(connection.id, {name: digests[name] for name in right})
        report = {
            "taken_at": utc_now(),
            "added": counted.added,
            "changed": counted.changed,
            "unchanged": counted.unchanged + len(found) - len(fresh),
            "wrong": [[one.source_key, one.place, one.reason] for one in wrong[:MOST_LISTED]],
            "wrong_rows": len(wrong),
            **({} if wrong else {"taken_on": program.today}),
        }
        reports.upsert(FiguresReport, {"connection_id": connection.id}, report)


_ACTOR = system(Origin.API)


def _checked(program: contract.Program, words: Words, ground: Ground, row: contract.Reading) -> NewReading:
    """The figure, if it can be one of this program. Raises Invalid."""
    if not row.source_key.strip() or len(row.source_key) > MAX_KEY:
        raise Invalid(_("The source has to name each row of figures, in up to %(most)s letters.", most=MAX_KEY))
    if row.program != program.key:
        raise Invalid(_("This connection belongs to the program %(key)s.", key=program.key))
    if not _VALUE.fullmatch(row.value):
        raise Invalid(_("The value has to be text as 78.25."))
    kpi_id = words.kpi(row.code)
    every = ground.kpis[kpi_id].every
    if isinstance(row.period, date):
        period = periods.first_day(every, row.period)
    else:
        period = read_period(row.period, every, Calendar(fiscal_from=words.fiscal_from))
    return NewReading(kpi_id, words.channel(row.channel), period, Decimal(row.value))


def _problem(ground: Ground, new: NewReading) -> str:
    """Why the figure cannot be written; '' if it can."""
    found = ground.problem(new)
    if found is None and ground.is_settled(new):
        return _("This period is closed. A manager of the program can correct it.")
    return str(found[1]) if found else ""


def _known(connection_id: int, found: Iterable[tuple[str, date]]) -> dict[tuple[str, date], str]:
    """What was sent before under those names."""
    days = [period for _key, period in found]
    if not days:
        return {}
    query = select(TakenFigure.source_key, TakenFigure.period, TakenFigure.digest).where(
        TakenFigure.connection_id == connection_id, TakenFigure.period.between(min(days), max(days))
    )
    return {(key, period): digest for key, period, digest in db.session.execute(query)}


def _remember(connection_id: int, digests: dict[tuple[str, date], str]) -> None:
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    statement = insert(TakenFigure.__table__)  # type: ignore[arg-type]
    statement = statement.on_conflict_do_update(
        index_elements=["connection_id", "source_key", "period"], set_={"digest": statement.excluded.digest}
    )
    rows = [
        {"connection_id": connection_id, "source_key": key, "period": period, "digest": digest}
        for (key, period), digest in digests.items()
    ]
    db.session.connection().execute(statement, rows)


def _digest(new: NewReading) -> str:
    said = f"{new.kpi_id}/{new.channel}/{new.value.normalize():f}"
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def _wrong(row: contract.Reading, reason: str) -> Wrong:
    period = row.period.isoformat() if isinstance(row.period, date) else row.period
    place = " · ".join(part for part in (row.code, row.channel, period, row.value) if part)
    return Wrong(clean_line(row.source_key)[:MAX_KEY], clean_line(place)[:200], reason)


def _look(answer: Any) -> tuple[contract.Reading, ...]:
    found = tuple(islice(answer, MOST + 1)) if isinstance(answer, Iterable) else ()
    if answer is None or isinstance(answer, str | bytes) or not all(map(_is_reading, found)):
        raise Nonsense("readings answers with Reading(program, code, period, value, source_key, channel), all of text.")
    if len(found) > MOST:
        raise Nonsense(f"readings answers with at most {MOST} figures.")
    return found


def _is_reading(one: Any) -> bool:
    if not isinstance(one, contract.Reading) or not isinstance(one.period, date | str):
        return False
    return all(isinstance(text, str) for text in (one.program, one.code, one.value, one.source_key, one.channel))
