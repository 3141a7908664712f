"""What the steering room hands over when somebody leaves: open risks that they own. See `planning/handing_over.py`."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.pages import path_to
from program.planning import undo
from program.planning.handing_over import Handover, Line, Part, register
from program.steering.models import Risk, RiskState


def _carried(handover: Handover) -> Sequence[Line]:
    rows = db.session.execute(
        select(Risk.number, Risk.title)
        .where(
            Risk.program_id == handover.program_id,
            Risk.owner_id == handover.from_id,
            Risk.state == RiskState.OPEN.value,
        )
        .order_by(Risk.number)
    )
    return [Line(row.title, path_to("risks.show", key=handover.key, number=row.number)) for row in rows]


def _carry_out(actor: Actor, handover: Handover, batch: str) -> int:
    risks = db.session.scalars(
        select(Risk)
        .where(
            Risk.program_id == handover.program_id,
            Risk.owner_id == handover.from_id,
            Risk.state == RiskState.OPEN.value,
        )
        .with_for_update()
    ).all()
    entries = [(risk.id, risk.title, audit.change(risk, {"owner_id": handover.to_id})) for risk in risks]
    db.session.flush()
    audit.record_many(actor, "risk.changed", handover.program_id, entries, batch=batch)
    return len(entries)


def init_app() -> None:
    """Tell planning of the part, and that changes of a risk can be taken back."""
    undo.register("risk", Risk, needed=Access.CONTRIBUTOR)
    register(Part("steering.risks", 50, _l("Risks to own"), _carried, _carry_out))
