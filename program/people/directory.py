"""The directory of an instance: everybody with an account, for its administrators."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, or_, select

from program.extensions import db
from program.ground.actor import Actor
from program.ground.folding import like
from program.ground.pages import Pagination
from program.ground.records import record
from program.people import access
from program.people.models import Membership, Person
from program.people.session import initials

PAGE = 50
# What the list can be narrowed to: a word for the address, a word for people, a condition.
GROUPS: Mapping[str, tuple[Any, ColumnElement[bool]]] = {
    "active": (_l("Open accounts"), Person.is_active.is_(True)),
    "admins": (_l("Administrators"), Person.is_admin.is_(True)),
    "invited": (_l("Invited, not here yet"), Person.joined_at.is_(None) & Person.is_active.is_(True)),
    "closed": (_l("Closed accounts"), Person.is_active.is_(False)),
}


@record
class PersonRow:
    """One line of the directory."""

    id: int
    name: str
    email: str
    is_admin: bool
    is_active: bool
    joined_at: datetime | None
    programs: int

    @property
    def initials(self) -> str:
        """Letters for the avatar."""
        return initials(self.name)


def list_people(actor: Actor, query: str, group: str, page: int) -> tuple[list[PersonRow], Pagination]:
    """A page of the directory, by name. Two statements, whatever the number of people."""
    access.require_admin(actor)
    found: list[ColumnElement[bool]] = []
    if query.strip():
        pattern = like(query)
        found.append(or_(Person.name_folded.like(pattern, escape="\\"), Person.email.like(pattern, escape="\\")))
    if group in GROUPS:
        found.append(GROUPS[group][1])
    total = db.session.scalar(select(func.count()).select_from(Person).where(*found)) or 0
    programs = select(func.count()).where(Membership.person_id == Person.id).correlate(Person).scalar_subquery()
    rows = db.session.execute(
        select(Person.id, Person.name, Person.email, Person.is_admin, Person.is_active, Person.joined_at, programs)
        .where(*found)
        .order_by(Person.name_folded, Person.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return [PersonRow(*row) for row in rows], Pagination(page, PAGE, total)
