"""Choosing an impacted group by typing its name: programs may have hundreds, too many for a list to leaf through."""

from __future__ import annotations

from collections.abc import Collection

from flask_babel import gettext as _
from sqlalchemy import select

from program.change.models import ImpactedGroup
from program.ground.database import read
from program.ground.errors import Invalid
from program.ground.folding import fold

# Names that a field suggests; whatever is not among them is found by typing all of it.
MOST_SUGGESTED = 300


def group_names(program_id: int) -> list[str]:
    """Names to offer while somebody types. One statement."""
    query = select(ImpactedGroup.name).where(ImpactedGroup.program_id == program_id)
    return [row.name for row in read(query.order_by(ImpactedGroup.name_folded).limit(MOST_SUGGESTED))]


def groups_named(program_id: int, names: Collection[str]) -> dict[str, int]:
    """Ids by the folded name, of those that exist. One statement; none for no names."""
    folded = {fold(name) for name in names if name.strip()}
    if not folded:
        return {}
    query = select(ImpactedGroup.name_folded, ImpactedGroup.id)
    rows = read(query.where(ImpactedGroup.program_id == program_id, ImpactedGroup.name_folded.in_(folded)))
    return {row.name_folded: row.id for row in rows}


def find_groups(program_id: int, text: str, field: str) -> list[int]:
    """The ids of groups typed with semicolons between them. Raises Invalid at that field, naming the unknown ones."""
    names = [name.strip() for name in text.split(";") if name.strip()]
    found = groups_named(program_id, names)
    unknown = [name for name in names if fold(name) not in found]
    if unknown:
        raise Invalid(
            _("Something is not right yet."),
            {field: _("No group of this program is called: %(names)s.", names=", ".join(unknown[:5]))},
        )
    return list(dict.fromkeys(found[fold(name)] for name in names))


def find_group(program_id: int, text: str, field: str) -> int | None:
    """The id of the group whose whole name was typed; None for nothing. Raises Invalid at that field."""
    found = find_groups(program_id, text.replace(";", " "), field)
    return found[0] if found else None
