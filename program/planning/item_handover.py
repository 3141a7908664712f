"""Planning's part of handing over: the open items that somebody owns in a program.

What is done or dropped stays with the name of who did it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select

from program.extensions import db
from program.ground.actor import Actor
from program.ground.database import read
from program.ground.pages import path_to
from program.planning.handing_over import Handover, Line, Part
from program.planning.item_sweeps import ItemSweep, sweep
from program.planning.models import WorkItem
from program.planning.models.items import OPEN_STATUSES


def carried(handover: Handover) -> Sequence[Line]:
    """The open items of the one who leaves, those due first in front; one statement."""
    # One address for all, each adds its number.
    at = path_to("items.show", key=handover.key, number=0).removesuffix("0")
    rows = read(_owned(), {"program": handover.program_id, "person": handover.from_id})
    return [Line(f"{handover.key}-{row.number} {row.title}", f"{at}{row.number}") for row in rows]


def carry_out(actor: Actor, handover: Handover, batch: str) -> int:
    """Give those items to the successor; returns how many. Raises Conflict when one moved on in the same moment."""
    rows = db.session.execute(
        select(WorkItem.id, WorkItem.title, WorkItem.revision)
        .where(
            WorkItem.program_id == handover.program_id,
            WorkItem.owner_id == handover.from_id,
            WorkItem.status.in_(OPEN_STATUSES),
        )
        .order_by(WorkItem.id)
        .with_for_update(key_share=True)
    ).all()
    before, after = {"owner_id": handover.from_id}, {"owner_id": handover.to_id}
    sweeps = [ItemSweep(row.id, row.title, row.revision, before, after) for row in rows]
    # Rows that this transaction had in hand are no longer what they were.
    db.session.expire_all()
    return sweep(actor, handover.program_id, sweeps, batch)


PART = Part("items", 10, _l("Open items"), carried, carry_out)


@cache
def _owned() -> Any:
    return (
        select(WorkItem.number, WorkItem.title)
        .where(
            WorkItem.program_id == bindparam("program"),
            WorkItem.owner_id == bindparam("person"),
            WorkItem.status.in_(OPEN_STATUSES),
        )
        .order_by(WorkItem.due_on.is_(None), WorkItem.due_on, WorkItem.number)
    )
