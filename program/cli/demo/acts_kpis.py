"""What people of a story do with KPIs: define them, take a baseline, set targets and the index, enter weekly figures.

Weeks are those of the program; 0 and negative ones lie before it. Figures of a week are told channel by channel, in the
order in which the story took its channels, or as one number for all channels together; null is a figure nobody had.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from program.cli.demo.stage import Stage, as_of
from program.extensions import db
from program.ground.actor import Actor
from program.kpis import channels, definitions, gate_kpis, goals, index, periods, readings
from program.kpis.annotations import annotate
from program.kpis.models import OVERALL, Kpi, OverallBy, Way

Act = Callable[[Stage, Actor, Any], None]
_OWN = {"decimals": 0, "better": "up", "every": "week", "stale_after": 2, "overall_by": "entered", "is_on_board": False}


def _kpis(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Define KPIs: `channels` and `take` by the handbook's keys and codes, `own` ones, and `set` the rest."""
    for key in told["channels"]:
        channels.add_channel(actor, stage.program_id, key)
    for own in told.get("own", ()):
        values = {**_OWN, "amber_percent": Decimal(5), **{name: as_of(value, stage) for name, value in own.items()}}
        values |= {name: _exact(own[name]) for name in ("scale_low", "scale_high") if name in own}
        definitions.add_kpi(actor, stage.program_id, values, told["channels"])
    definitions.adopt(actor, stage.program_id, told["take"])
    for code, more in told.get("set", {}).items():
        kpi = _kpi(stage, code)
        values = {name: getattr(kpi, name) for name in definitions.COLUMNS}
        values |= {f"{role}_id": stage.people[more[role]] for role in ("owner", "deputy") if role in more}
        values |= {name: as_of(more[name], stage) for name in ("source", "every", "stale_after") if name in more}
        if "weighted_by" in more:
            values |= {"overall_by": OverallBy.WEIGHTED.value, "volume_id": _kpi(stage, more["weighted_by"]).id}
        followed = definitions.channels_of(kpi.id)
        definitions.change_kpi(actor, kpi, values, followed, seen=_seen(kpi))


def _kpi_week(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Enter the figures of a `week` ({code: one number, or one for each channel})."""
    order = [row.key for row in channels.all_channels(stage.program_id)]
    rows = []
    for code, figures in told["figures"].items():
        kpi = _kpi(stage, code)
        period = periods.first_day(kpi.every, _monday(stage, told["week"]))
        places = zip(order, figures, strict=True) if isinstance(figures, list) else [(OVERALL, figures)]
        rows += [readings.NewReading(kpi.id, key, period, _exact(value)) for key, value in places if value is not None]
    readings.put_many(stage.program_id, rows, way=Way.GRID, source="", actor=actor)


def _kpi_corrected(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """A figure is put right: `kpi`, `channel`, `week`, `value`, and why."""
    kpi, week = _kpi(stage, told["kpi"]), _monday(stage, told["week"])
    readings.put_reading(
        actor,
        kpi,
        told.get("channel", OVERALL),
        periods.first_day(kpi.every, week),
        _exact(told["value"]),
        way=Way.FORM,
        reason=stage.text(told["reason"]),
    )


def _kpi_baseline(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Take the baseline of the `kpis`, overall and in each channel: the mean of the weeks from `since` to `until`."""
    since, until = _monday(stage, told["since"]), _monday(stage, told["until"])
    for code in told["kpis"]:
        kpi = _kpi(stage, code)
        for channel in (OVERALL, *definitions.channels_of(kpi.id)):
            found = goals.measured(kpi.id, channel, since, until)
            if found is not None:
                values = {
                    "value": found[0].quantize(Decimal(1).scaleb(-kpi.decimals)),
                    "since": since,
                    "until": until + timedelta(days=6),
                    "source": stage.text(told["source"]),
                }
                goals.set_baseline(actor, kpi, channel, values, seen=_seen(kpi))


def _kpi_targets(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Set targets and stepping stones: {code: [[kind, value, day], …]}."""
    for code, stones in told.items():
        kpi = _kpi(stage, code)
        rows = [
            {"kind": kind, "value": _exact(value), "upper": None, "due_on": stage.almanac.day(day)}
            for kind, value, day in stones
        ]
        goals.set_targets(actor, kpi, OVERALL, rows, seen=_seen(kpi))


def _kpi_remark(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """A remark on the time axis: `day`, `text`, and the `kpi` it is about, if it is about one."""
    kpi = _kpi(stage, told["kpi"]) if "kpi" in told else None
    annotate(actor, stage.program_id, kpi, stage.almanac.day(told["day"]), stage.text(told["text"]))


def _kpi_index(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Mix the index from the week `since` on: {code: [weight, what counts 0, what counts 100]}, and why."""
    parts = [
        index.NewPart(_kpi(stage, code).id, OVERALL, *(_exact(value) for value in values))
        for code, values in told["parts"].items()
    ]
    there = index.versions(stage.program_id)
    index.set_mix(
        actor,
        stage.program_id,
        _monday(stage, told["since"]),
        parts,
        reason=stage.text(told["reason"]) if "reason" in told else "",
        seen=there[-1].id if there else None,
    )


def _kpi_asked(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """A `gate` asks of a `kpi`: `kind` and `value` of a target, for so many `periods`."""
    asked = gate_kpis.Ask(
        *(_kpi(stage, told["kpi"]).id, OVERALL, told["kind"], _exact(told["value"]), None, told["periods"])
    )
    gate_kpis.ask(actor, stage.gate(told["gate"]), asked)


def _kpi_closed(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Figures are settled up to the Sunday of that `week`."""
    until = _monday(stage, told["week"]) + timedelta(days=6)
    readings.close_until(actor, stage.program_id, until, seen=readings.settled_until(stage.program_id))


def _kpi(stage: Stage, code: str) -> Kpi:
    return db.session.scalars(select(Kpi).where(Kpi.program_id == stage.program_id, Kpi.code == code)).one()


def _seen(kpi: Any) -> int:
    return int(kpi.revision)


def _monday(stage: Stage, week: int) -> date:
    return stage.almanac.day(f"{week} mon")


def _exact(value: Any) -> Decimal:
    # As it is written in the story: a float's own text is the figure that was typed.
    return Decimal(str(value))


ACTS: Mapping[str, Act] = {
    "kpis": _kpis,
    "kpi_week": _kpi_week,
    "kpi_corrected": _kpi_corrected,
    "kpi_baseline": _kpi_baseline,
    "kpi_targets": _kpi_targets,
    "kpi_remark": _kpi_remark,
    "kpi_index": _kpi_index,
    "kpi_asked": _kpi_asked,
    "kpi_closed": _kpi_closed,
}
