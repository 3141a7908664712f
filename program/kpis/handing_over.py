"""What the KPI room hands over when somebody leaves: the KPIs they own, and those they stand in for as deputy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Integer, bindparam, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Actor
from program.ground.database import read
from program.ground.pages import path_to
from program.kpis.models import Kpi
from program.kpis.words import kpi_name
from program.planning import undo
from program.planning.handing_over import Handover, Line, Part, register


def _carried(column: str) -> Callable[[Handover], Sequence[Line]]:
    def carried(handover: Handover) -> Sequence[Line]:
        query = select(Kpi.code, Kpi.catalogue, Kpi.name).where(*_hangs_on(column)).order_by(Kpi.position, Kpi.id)
        base = path_to("kpi_board.show", key=handover.key)
        return [Line(kpi_name(row), f"{base}/{row.code}") for row in read(query, _asked(handover)).all()]

    return carried


def _carry_out(column: str) -> Callable[[Actor, Handover, str], int]:
    other = "deputy_id" if column == "owner_id" else "owner_id"

    def carry_out(actor: Actor, handover: Handover, batch: str) -> int:
        rows = db.session.scalars(select(Kpi).where(*_hangs_on(column)).with_for_update(), _asked(handover)).all()
        entries: list[tuple[int, str, audit.Changes]] = []
        for row in rows:
            values: dict[str, Any] = {column: handover.to_id}
            if getattr(row, other) == handover.to_id:
                # Nobody stands in for themselves: who becomes owner is no longer the deputy.
                values = {"owner_id": handover.to_id, "deputy_id": None}
            entries.append((row.id, kpi_name(row), audit.change(row, values)))
        db.session.flush()
        audit.record_many(actor, "kpi.changed", handover.program_id, entries, batch=batch)
        return len(entries)

    return carry_out


def _hangs_on(column: str) -> tuple[Any, ...]:
    return (
        Kpi.program_id == bindparam("program", type_=Integer),
        Kpi.is_active,
        getattr(Kpi, column) == bindparam("person", type_=Integer),
    )


def _asked(handover: Handover) -> dict[str, Any]:
    return {"program": handover.program_id, "person": handover.from_id}


def init_app() -> None:
    """Tell planning of both parts, and that who looks after a KPI can be taken back."""
    undo.register("kpi", Kpi)
    for name, order, label, column in (
        ("kpis.owner", 40, _l("KPIs to look after"), "owner_id"),
        ("kpis.deputy", 41, _l("KPIs to stand in for"), "deputy_id"),
    ):
        register(Part(name, order, label, _carried(column), _carry_out(column)))
