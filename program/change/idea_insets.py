"""What the change room shows on planning's pages of its own: where an item came from, and successes on the overview.

One source for each place, one statement each (see `planning/insets.py`).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import bindparam, select

from program.change.models import ChangePlanItem, GoLive, Idea
from program.change.proofs import newest_proofs
from program.ground.database import read
from program.ground.pages import address
from program.planning.insets import Asked, Inset
from program.planning.models import WorkItem


def item_origin(asked: Asked) -> Inset | None:
    """Where an item came from: the idea that became it, the go-live whose plan brought it."""
    row = read(_origin(), {"item": asked.item_id}).first()
    if row is None or (row.idea_number is None and row.go_live is None):
        return None
    (key,) = asked.programs.values()
    data = {
        "idea": row.idea_title,
        "idea_url": f"{address('ideas.index', key)}/{row.idea_number}",
        "go_live": row.go_live,
        "go_live_on": row.on_date,
    }
    return Inset("change/ideas/item_origin.html", data, order=40)


def successes(asked: Asked) -> Inset | None:
    """The pinned and the newest successes of the program."""
    ((program_id, key),) = asked.programs.items()
    found = newest_proofs(program_id)
    if not found:
        return None
    return Inset("change/proofs/inset.html", {"proofs": found, "url": address("proofs.index", key)}, order=60)


@cache
def _origin() -> Any:
    return (
        select(
            *(Idea.number.label("idea_number"), Idea.title.label("idea_title")),
            *(GoLive.name.label("go_live"), GoLive.on_date),
        )
        .select_from(WorkItem)
        .outerjoin(Idea, Idea.item_id == WorkItem.id)
        .outerjoin(ChangePlanItem, ChangePlanItem.item_id == WorkItem.id)
        .outerjoin(GoLive, GoLive.id == ChangePlanItem.go_live_id)
        .where(WorkItem.id == bindparam("item"))
        .order_by(Idea.id)
        .limit(1)
    )
