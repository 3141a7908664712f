"""How hard the change hits a group, aspect by aspect, 0 to 5, and what that makes overall.

A group's overall impact is its hardest-hit aspect, because one aspect at 5 is enough to turn a job upside down; the
mean of the aspects somebody has looked at stands beside it. An aspect nobody has looked at counts in neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select
from sqlalchemy.orm.attributes import flag_modified

from program.change.models import GroupImpact, ImpactedGroup
from program.change.models.groups import IMPACT_MAX, Aspect
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Invalid
from program.ground.records import record
from program.ground.text import clean_line
from program.people import access
from program.planning.item_lists import chunks

MAX_NOTE = 300
CHANGED_MEANWHILE = _l("Somebody changed this group while you had it open.")
ASPECTS = tuple(aspect.value for aspect in Aspect)


@record
class Impact:
    """The level of one aspect and in what way it is felt."""

    level: int
    note: str = ""


@record
class Overall:
    """What the aspects make together: the highest, the mean, and how many somebody has looked at."""

    highest: int
    mean: float
    looked_at: int


def overall(impacts: Mapping[str, Impact]) -> Overall | None:
    """The overall impact; None while nobody has looked at any aspect."""
    levels = [impact.level for impact in impacts.values()]
    return Overall(max(levels), sum(levels) / len(levels), len(levels)) if levels else None


def impacts_of(group_ids: list[int]) -> dict[int, dict[str, Impact]]:
    """The impacts of those groups, by group and aspect. One statement."""
    found: dict[int, dict[str, Impact]] = {group_id: {} for group_id in group_ids}
    columns = (GroupImpact.group_id, GroupImpact.aspect, GroupImpact.level, GroupImpact.note)
    for group_id, aspect, level, note in read(select(*columns).where(GroupImpact.group_id.in_(group_ids))):
        found[group_id][aspect] = Impact(level, note)
    return found


def set_impacts(
    actor: Actor,
    group: ImpactedGroup,
    wanted: Mapping[str, Impact | None],
    *,
    seen: int | None,
    batch: str | None = None,
) -> audit.Changes:
    """Set the aspects named; None forgets one. Others stay. Returns what really changed.

    Raises Invalid and Conflict.
    """
    access.require(actor, group.program_id, Access.MANAGER)
    if seen is not None:
        audit.check_revision(group, seen, CHANGED_MEANWHILE, "group")
    tidy = checked(wanted)
    before = impacts_of([group.id])[group.id]
    changes = changed(before, tidy)
    if changes:
        write({group.id: {aspect: tidy[aspect] for aspect in changes}})
        # The aspects are rows of their own; the group's revision guards them.
        flag_modified(group, "name")
        db.session.flush()
        audit.record(
            actor,
            "group.impact_set",
            object_id=group.id,
            name=group.name,
            program_id=group.program_id,
            changes=changes,
            batch=batch,
        )
    return changes


def checked(wanted: Mapping[str, Impact | None]) -> dict[str, Impact | None]:
    """The impacts with tidy notes. Raises Invalid naming `<aspect>` or `<aspect>_note`."""
    wrong: dict[str, Any] = {}
    tidy: dict[str, Impact | None] = {}
    for aspect, impact in wanted.items():
        if aspect not in ASPECTS:
            raise ValueError(f"no such aspect: {aspect}")
        if impact is None:
            tidy[aspect] = None
            continue
        note = clean_line(impact.note)
        if not 0 <= impact.level <= IMPACT_MAX:
            wrong[aspect] = _l("Choose a level from 0 to %(most)s.", most=IMPACT_MAX)
        if len(note) > MAX_NOTE:
            wrong[f"{aspect}_note"] = _l("Up to %(most)s letters.", most=MAX_NOTE)
        tidy[aspect] = Impact(impact.level, note)
    if wrong:
        raise Invalid(_l("Something is not right yet."), wrong)
    return tidy


def changed(before: Mapping[str, Impact], wanted: Mapping[str, Impact | None]) -> audit.Changes:
    """What differs, by aspect, as the trail keeps it."""
    return {
        aspect: [_said(before.get(aspect)), _said(impact)]
        for aspect, impact in wanted.items()
        if before.get(aspect) != impact
    }


def write(wanted: Mapping[int, Mapping[str, Impact | None]]) -> None:
    """Write aspects of many groups as they are, for verbs that have checked them. At most a dozen statements or so."""
    by_aspect: dict[str, list[int]] = {}
    for group_id, aspects in wanted.items():
        for aspect in aspects:
            by_aspect.setdefault(aspect, []).append(group_id)
    for aspect, group_ids in by_aspect.items():
        for part in chunks(group_ids):
            db.session.execute(
                delete(GroupImpact).where(GroupImpact.aspect == aspect, GroupImpact.group_id.in_(part)),
                execution_options={"synchronize_session": False},
            )
    rows = [
        {"group_id": group_id, "aspect": aspect, "level": impact.level, "note": impact.note}
        for group_id, aspects in wanted.items()
        for aspect, impact in aspects.items()
        if impact is not None
    ]
    if rows:
        db.session.execute(insert(GroupImpact), rows)


def _said(impact: Impact | None) -> str | None:
    if impact is None:
        return None
    return f"{impact.level} – {impact.note}" if impact.note else str(impact.level)
