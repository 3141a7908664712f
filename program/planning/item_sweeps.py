"""Many items changed by one act on the plan: a phase moved, split or removed. In a few statements, whatever the number.

`items.change_item` is for people who edit an item; here the rules of the act have decided, and no reader had each item
open. Every change stands in the trail like any other and raises the item's revision.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, update

from program.extensions import db
from program.ground import audit
from program.ground.actor import Actor
from program.ground.errors import Conflict
from program.ground.now import utc_now
from program.ground.records import record
from program.planning.models import WorkItem

OVERTAKEN = _l("Somebody changed an item in the same moment. Look at the newest state and do it again.")


@record
class ItemSweep:
    """One item with the columns to change: what they are now, and what they become."""

    id: int
    title: str
    revision: int
    before: dict[str, Any]
    after: dict[str, Any]


def sweep(actor: Actor, program_id: int, sweeps: Sequence[ItemSweep], batch: str) -> int:
    """Change the items and return how many really changed. Raises Conflict when one moved on since it was read.

    Permission is the verb's that decided the act.
    """
    changing = [one for one in sweeps if one.before != one.after]
    by_columns: dict[tuple[str, ...], list[ItemSweep]] = defaultdict(list)
    for one in changing:
        by_columns[tuple(sorted(one.after))].append(one)
    now = utc_now()
    for columns, group in by_columns.items():
        statement = (
            update(WorkItem.__table__)  # type: ignore[arg-type]
            .where(
                WorkItem.id == bindparam("its_id"),
                WorkItem.program_id == program_id,
                WorkItem.revision == bindparam("its_revision"),
            )
            .values(
                revision=WorkItem.revision + 1, updated_at=now, **{name: bindparam(f"to_{name}") for name in columns}
            )
        )
        rows = [
            {"its_id": one.id, "its_revision": one.revision, **{f"to_{name}": one.after[name] for name in columns}}
            for one in group
        ]
        done = db.session.connection().execute(statement, rows)
        if done.rowcount != len(rows):
            raise Conflict(OVERTAKEN)
    audit.record_many(
        actor,
        "item.changed",
        program_id,
        [
            (
                one.id,
                one.title,
                {
                    name: [audit.in_json(one.before[name]), audit.in_json(new)]
                    for name, new in one.after.items()
                    if one.before[name] != new
                },
            )
            for one in changing
        ],
        batch=batch,
    )
    return len(changing)
