"""What must hold between the rows of an exported program before it is taken over: refs, dates, reasons, no circles.

The database would refuse most of it too, but one row at a time and without saying where.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from program.planning.models.items import Status
from program.planning.portable_arrival import check_refs
from program.planning.portable_rooms import OF_PLANNING
from program.playbooks.links import circles

Tell = Callable[[str, str], None]
# Each section's keys that name a row of another section.
_REFS: dict[str, dict[str, str]] = {
    "blocks": {"phase": "phases"},
    "gates": {"phase": "phases"},
    "criteria": {"gate": "gates"},
    "items": {"phase": "phases", "block": "blocks"},
    "dependencies": {"predecessor": "items", "successor": "items"},
    "evidence": {"item": "items"},
    "comments": {"item": "items"},
    "decisions": {"gate": "gates"},
}
_ORDERS = {
    "phases": (("planned_start", "planned_end"), ("actual_start", "actual_end")),
    "blocks": (("starts_on", "ends_on"),),
    "items": (("start_on", "due_on"),),
}


def check_rows(document: Mapping[str, Any], tell: Tell) -> None:
    """Tell everything that is wrong between the rows of a document whose values were read."""
    _check_unique(document, tell)
    _check_refs(document, tell)
    for section, pairs in _ORDERS.items():
        for index, row in enumerate(document[section]):
            for first, last in pairs:
                if row[first] and row[last] and row[first] > row[last]:
                    tell(f"{section}[{index}].{last}", _("It ends before it starts."))
    blocks = {block["ref"]: block["phase"] for block in document["blocks"]}
    for index, item in enumerate(document["items"]):
        _check_item(f"items[{index}]", item, blocks, tell)
    for index, link in enumerate(document["evidence"]):
        if not link["url"].lower().startswith(("https://", "http://")):
            tell(f"evidence[{index}].url", _("An address begins with https:// or http://."))
    _check_circles(document, tell)
    refs = {table: {row["ref"] for row in document[section]} for table, section in OF_PLANNING.items()}
    check_refs(document["rooms"], refs, tell)


def _check_unique(document: Mapping[str, Any], tell: Tell) -> None:
    for section, name in (
        *((section, "ref") for section in ("phases", "blocks", "gates", "criteria", "items")),
        ("items", "number"),
    ):
        seen: set[int] = set()
        for index, row in enumerate(document[section]):
            if row[name] is not None and row[name] in seen:
                tell(f"{section}[{index}].{name}", _("This stands in the file twice."))
            seen.add(row[name])
    pairs: set[tuple[int, int]] = set()
    for index, row in enumerate(document["dependencies"]):
        pair = (row["predecessor"], row["successor"])
        if pair in pairs:
            tell(f"dependencies[{index}]", _("This stands in the file twice."))
        pairs.add(pair)


def _check_refs(document: Mapping[str, Any], tell: Tell) -> None:
    present = {section: {row["ref"] for row in document[section]} for section in ("phases", "blocks", "gates", "items")}
    for section, names in _REFS.items():
        for index, row in enumerate(document[section]):
            for name, target in names.items():
                if row[name] is not None and row[name] not in present[target]:
                    tell(f"{section}[{index}].{name}", _("There is no such row in “%(section)s”.", section=target))


def _check_item(where: str, item: Mapping[str, Any], blocks: Mapping[int, int], tell: Tell) -> None:
    needs_reason = item["status"] in (Status.BLOCKED, Status.DROPPED)
    if needs_reason != bool(item["status_reason"]):
        tell(f"{where}.status_reason", _("Blocked and dropped items have a reason, others have none."))
    if (item["status"] == Status.DONE) != (item["done_at"] is not None):
        tell(f"{where}.done_at", _("Done items say when, others do not."))
    if item["block"] is not None and blocks.get(item["block"]) != item["phase"]:
        tell(f"{where}.block", _("The block belongs to another phase."))
    if item["number"] < 1:
        tell(f"{where}.number", _("Numbers begin at 1."))


def _check_circles(document: Mapping[str, Any], tell: Tell) -> None:
    after: dict[str, list[str]] = {str(item["ref"]): [] for item in document["items"]}
    for row in document["dependencies"]:
        after.setdefault(str(row["successor"]), []).append(str(row["predecessor"]))
    for circle in circles(after):
        tell("dependencies", _("These items wait for each other in a circle: %(path)s.", path=" → ".join(circle)))
