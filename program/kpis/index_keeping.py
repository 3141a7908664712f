"""Keeping the Experience Index of every week true: computed when a mix is set, and anew when figures change.

A week is computed with the mix that held then. What each part gave is kept with the number, so that a page about an old
week needs nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from program.extensions import db
from program.ground import audit
from program.ground.database import read
from program.ground.records import record
from program.kpis.mixing import MOST_CARRIED, Mixed, Part, mix, weeks_of
from program.kpis.models import IndexPart, IndexValue, IndexVersion, Kpi, Reading

_WEEK = timedelta(weeks=1)
# Figures so far back can still stand in: a quarter, the one after it, and the weeks a mix may carry.
_REACH = timedelta(days=2 * 92) + _WEEK * MOST_CARRIED


def figures_changed(program_id: int, touched: Collection[tuple[int, date]]) -> None:
    """Compute anew the weeks that figures of those (KPI, period) can change. Called after every write of figures."""
    mixes = _mixes(program_id)
    if not mixes:
        return
    every_of = {part.kpi_id: part.every for one in mixes for part in one.parts}
    carries = max(one.carries for one in mixes)
    weeks = {
        week for kpi_id, period in touched if kpi_id in every_of for week in weeks_of(every_of[kpi_id], period, carries)
    }
    _recompute(program_id, mixes, weeks)


@record
class _Mix:
    id: int
    since: date
    carries: int
    parts: tuple[Part, ...]
    codes: Mapping[int, str]


def _mixes(program_id: int) -> list[_Mix]:
    """All mixes of a program with their parts, the newest first. One statement."""
    found: dict[tuple[int, date, int], list[Any]] = defaultdict(list)
    for row in read(_versions(), {"program": program_id}).all():
        found[row.id, row.since, row.carries].append(row)
    return [
        _Mix(
            *version,
            tuple(Part(row.kpi_id, row.channel, row.every, row.weight, row.floor, row.goal) for row in rows),
            {row.kpi_id: row.code for row in rows},
        )
        for version, rows in found.items()
    ]


def recompute_all(program_id: int, since: date) -> None:
    """Every week from that one on in which a part of a mix was read."""
    mixes = _mixes(program_id)
    ids = {part.kpi_id for one in mixes for part in one.parts}
    every_of = {part.kpi_id: part.every for one in mixes for part in one.parts}
    rows = db.session.execute(
        select(Reading.kpi_id, Reading.period)
        .where(Reading.program_id == program_id, Reading.kpi_id.in_(ids), Reading.period >= since - _REACH)
        .distinct()
    ).all()
    db.session.execute(delete(IndexValue).where(IndexValue.program_id == program_id, IndexValue.week >= since))
    weeks = {week for kpi_id, period in rows for week in weeks_of(every_of[kpi_id], period, 0)}
    _recompute(program_id, mixes, {week for week in weeks if week >= since})


def _recompute(program_id: int, mixes: Sequence[_Mix], weeks: Collection[date]) -> None:
    first = min(one.since for one in mixes)
    weeks = sorted(week for week in weeks if week >= first)
    if not weeks:
        return
    figures = _figures(program_id, mixes, weeks[0] - _REACH, weeks[-1] + _WEEK)
    rows = []
    for week in weeks:
        one = next(one for one in mixes if one.since <= week)
        mixed = mix(week, one.parts, figures, one.carries)
        if mixed is not None:
            rows.append(
                {
                    "program_id": program_id,
                    "week": week,
                    "version_id": one.id,
                    "value": mixed.value,
                    "parts": _as_kept(mixed, one.codes),
                }
            )
    db.session.flush()
    connection = db.session.connection()
    table = IndexValue.__table__
    connection.execute(
        delete(table).where(table.c.program_id == program_id, table.c.week == bindparam("of_week")),  # type: ignore[arg-type]
        [{"of_week": week} for week in weeks],
    )
    if rows:
        connection.execute(insert(table), rows)  # type: ignore[arg-type]


def _figures(
    program_id: int, mixes: Sequence[_Mix], first: date, last: date
) -> dict[tuple[int, str], dict[date, Decimal]]:
    parts = {(part.kpi_id, part.channel) for one in mixes for part in one.parts}
    found: dict[tuple[int, str], dict[date, Decimal]] = defaultdict(dict)
    query = select(Reading.kpi_id, Reading.channel, Reading.period, Reading.value).where(
        Reading.program_id == program_id,
        Reading.kpi_id.in_({kpi_id for kpi_id, _channel in parts}),
        Reading.channel.in_({channel for _kpi, channel in parts}),
        Reading.period.between(first, last),
    )
    for kpi_id, channel, period, value in db.session.execute(query).all():
        found[kpi_id, channel][period] = value
    return found


def _as_kept(mixed: Mixed, codes: Mapping[int, str]) -> list[dict[str, Any]]:
    return [
        {
            "kpi": share.part.kpi_id,
            "code": codes[share.part.kpi_id],
            "channel": share.part.channel,
            **{
                name: audit.in_json(value)
                for name, value in (
                    ("weight", share.part.weight),
                    ("floor", share.part.floor),
                    ("goal", share.part.goal),
                    ("value", share.value),
                    ("score", share.score),
                    ("points", share.points),
                    ("from", share.carried_from),
                )
            },
        }
        for share in mixed.shares
    ]


@cache
def _versions() -> Any:
    return (
        select(
            *(IndexVersion.id, IndexVersion.since, IndexVersion.carries, Kpi.code, Kpi.every),
            *(IndexPart.kpi_id, IndexPart.channel, IndexPart.weight, IndexPart.floor, IndexPart.goal),
        )
        .join(IndexPart, IndexPart.version_id == IndexVersion.id)
        .join(Kpi, Kpi.id == IndexPart.kpi_id)
        .where(IndexVersion.program_id == bindparam("program"))
        .order_by(IndexVersion.since.desc(), IndexPart.weight.desc(), IndexPart.id)
    )
