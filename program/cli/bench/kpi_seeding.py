"""A large program's KPIs: 60 of them in 12 channels over 156 weeks, with targets, baselines, remarks and an index.

In bulk, past the verbs, and always the same for the same day. Tests of how pages bear size seed from here too.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert

from program.extensions import db
from program.ground.calendar import monday_of
from program.ground.records import record
from program.kpis.models import (
    Correction,
    CustomerChannel,
    IndexValue,
    IndexVersion,
    Kpi,
    KpiAnnotation,
    KpiBaseline,
    KpiChannel,
    KpiTarget,
    Reading,
)


@record
class KpiSize:
    """How much to write."""

    kpis: int = 60
    channels: int = 12
    weeks: int = 156


def seed_kpis(program_id: int, owners: list[int], today: date, size: KpiSize | None = None) -> None:
    """Fill a program without KPIs. The caller commits."""
    size = size or KpiSize()
    last = monday_of(today) - timedelta(weeks=1)
    weeks = [last - timedelta(weeks=back) for back in range(size.weeks)][::-1]
    at = datetime.combine(last, datetime.min.time(), UTC)
    channels = [f"channel{number:02}" for number in range(1, size.channels + 1)]
    common = {"program_id": program_id, "revision": 1}
    _write(
        CustomerChannel,
        [
            {**common, "key": key, "name": f"Channel {key[-2:]}", "position": place, "is_active": True}
            for place, key in enumerate(channels)
        ],
    )
    db.session.execute(insert(Kpi), [_kpi(common, number, owners, at) for number in range(size.kpis)])
    ids = [row for (row,) in db.session.query(Kpi.id).filter_by(program_id=program_id).order_by(Kpi.position)]
    _write(KpiChannel, [{"kpi_id": kpi, "channel": key} for kpi in ids for key in channels])
    _asked(ids, weeks)
    _readings(program_id, ids, ["", *channels], weeks, at, owners[0])
    _beside(program_id, ids, weeks, at, owners[0])


def _kpi(common: dict[str, Any], number: int, owners: list[int], at: datetime) -> dict[str, Any]:
    return {
        **common,
        "code": f"KPI{number:02}",
        "name": f"Share of matters of kind {number} that were solved at once",
        "unit": "percent",
        "better": "up",
        "scale_low": Decimal(0),
        "scale_high": Decimal(100),
        "owner_id": owners[number % len(owners)],
        "position": number,
        "created_at": at,
    }


def _asked(ids: list[int], weeks: list[date]) -> None:
    first, last = weeks[0], weeks[-1]
    _write(
        KpiBaseline,
        [
            {"kpi_id": kpi, "channel": "", "value": Decimal(60), "since": first, "until": first, "revision": 1}
            for kpi in ids
        ],
    )
    stones = [(first + (last - first) / 2, Decimal(66)), (last + timedelta(weeks=20), Decimal(75))]
    _write(
        KpiTarget,
        [
            {"kpi_id": kpi, "channel": "", "kind": "at_least", "value": value, "due_on": due, "revision": 1}
            for kpi in ids
            for due, value in stones
        ],
    )


def _readings(
    program_id: int, ids: list[int], channels: list[str], weeks: list[date], at: datetime, person: int
) -> None:
    rows = []
    for place, kpi in enumerate(ids):
        for turn, channel in enumerate(channels):
            for number, week in enumerate(weeks):
                wave = 4 * math.sin(number / 3 + place + turn) + 2 * math.sin(number * 1.7 + turn * place)
                rise = (8 + place % 12) * number / len(weeks)
                rows.append(
                    {
                        "program_id": program_id,
                        "kpi_id": kpi,
                        "channel": channel,
                        "period": week,
                        "value": Decimal(round(60 + wave + rise, 1)).quantize(Decimal("0.1")),
                        "way": "import",
                        "entered_at": at,
                        "entered_by_id": person,
                        "revision": 1,
                    }
                )
    _write(Reading, rows)


def _beside(program_id: int, ids: list[int], weeks: list[date], at: datetime, person: int) -> None:
    for step, week in enumerate(weeks[-40::8]):
        remark = {"program_id": program_id, "on_day": week, "text": f"Campaign {step}", "created_at": at, "revision": 1}
        _write(KpiAnnotation, [{**remark, "kpi_id": None}, {**remark, "kpi_id": ids[0]}])
    _write(
        Correction,
        [
            {
                "kpi_id": ids[0],
                "channel": "",
                "period": week,
                "former": Decimal(50),
                "value": Decimal(61),
                "way": "form",
                "at": at,
                "by_id": person,
            }
            for week in weeks[-60:]
        ],
    )
    version = IndexVersion(program_id=program_id, since=weeks[0], created_at=at)
    db.session.add(version)
    db.session.flush()
    values = [
        {
            "program_id": program_id,
            "week": week,
            "version_id": version.id,
            "value": Decimal(50 + number % 9),
            "parts": [],
        }
        for number, week in enumerate(weeks)
    ]
    _write(IndexValue, values)


def _write(model: Any, rows: list[dict[str, Any]]) -> None:
    for begin in range(0, len(rows), 5_000):
        db.session.execute(insert(model), rows[begin : begin + 5_000])
