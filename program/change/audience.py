"""The change room's ways to divide people: by the impacted group they belong to, and by its site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.change.models import GroupMember, ImpactedGroup
from program.ground.database import read
from program.ground.folding import fold
from program.planning import audiences
from program.planning.audiences import Kind, Part


def init_app() -> None:
    """Make the kinds known."""
    audiences.register(Kind("group", _l("Group"), 10, _groups, _people_of_groups))
    audiences.register(Kind("site", _l("Site"), 20, _sites, _people_of_sites))


def _groups(program_id: int) -> Sequence[Part]:
    rows = read(
        select(ImpactedGroup.id, ImpactedGroup.name)
        .where(ImpactedGroup.program_id == program_id)
        .order_by(ImpactedGroup.name_folded)
    )
    return [Part(str(row.id), row.name) for row in rows]


def _people_of_groups(program_id: int) -> Mapping[str, Sequence[int]]:
    found: dict[str, list[int]] = {}
    rows = read(
        select(GroupMember.group_id, GroupMember.person_id).where(
            GroupMember.program_id == program_id, GroupMember.belongs.is_(True)
        )
    )
    for group_id, person_id in rows:
        found.setdefault(str(group_id), []).append(person_id)
    return found


def _sites(program_id: int) -> Sequence[Part]:
    rows = read(
        select(ImpactedGroup.site)
        .where(ImpactedGroup.program_id == program_id, ImpactedGroup.site != "")
        .distinct()
        .order_by(ImpactedGroup.site)
    )
    names = {_site_key(row.site): row.site for row in rows}
    return [Part(key, name) for key, name in names.items()]


def _people_of_sites(program_id: int) -> Mapping[str, Sequence[int]]:
    found: dict[str, list[int]] = {}
    rows = read(
        select(ImpactedGroup.site, GroupMember.person_id)
        .join(GroupMember, GroupMember.group_id == ImpactedGroup.id)
        .where(ImpactedGroup.program_id == program_id, ImpactedGroup.site != "", GroupMember.belongs.is_(True))
    )
    for site, person_id in rows:
        found.setdefault(_site_key(site), []).append(person_id)
    return found


def _site_key(site: str) -> str:
    """A site as a key: two ways of writing it are one site."""
    return fold(site)[:50]
