"""Which items have an issue at all."""

from __future__ import annotations

from program.plugin_api.contract import Item

# Kinds of items that have work in them; milestones and conditions are the program's own.
CARRIED = frozenset({"item", "task", "change", "action"})
OPEN = ("todo", "doing", "blocked")


def is_carried(item: Item) -> bool:
    """Whether an item without an issue gets one: what is over needs none any more."""
    return item.kind in CARRIED and item.status in OPEN
