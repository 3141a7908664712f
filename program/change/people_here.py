"""People whom a manager may name on the pages of change management: those of the program and of its groups.

Anybody else is found by the whole e-mail only, as an invitation does it: nobody can leaf through the accounts of
others.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select, union

from program.change.models import GroupMember
from program.extensions import db
from program.ground.database import read
from program.ground.errors import Invalid
from program.ground.folding import fold, like
from program.ground.records import record
from program.people.accounts import clean_email
from program.people.models import Membership, Person

# Names that a field suggests while one types; whoever is not among them is found by typing all of the name.
MOST_SUGGESTED = 200


@record
class PersonHere:
    """Somebody of the program or its groups."""

    id: int
    name: str
    email: str


def ids_here(program_id: int) -> Any:
    """A statement for the ids of all people of the program and of its groups."""
    return union(
        select(Membership.person_id).where(Membership.program_id == program_id),
        select(GroupMember.person_id).where(GroupMember.program_id == program_id),
    )


def suggestions(program_id: int) -> list[str]:
    """Names to offer while somebody types one: those with access to the program. One statement."""
    rows = read(
        select(Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.program_id == program_id, Person.is_active)
        .order_by(Person.name_folded)
        .limit(MOST_SUGGESTED)
    )
    return list(dict.fromkeys(row.name for row in rows))


def search(program_id: int, query: str, most: int = 20) -> list[PersonHere]:
    """People of the program and its groups whose name or e-mail holds the letters. One statement.

    None for no letters.
    """
    if not query.strip():
        return []
    pattern = like(query)
    rows = read(
        select(Person.id, Person.name, Person.email)
        .where(
            Person.id.in_(ids_here(program_id)),
            Person.is_active,
            or_(Person.name_folded.like(pattern, escape="\\"), Person.email.like(pattern, escape="\\")),
        )
        .order_by(Person.name_folded, Person.id)
        .limit(most)
    )
    return [PersonHere(*row) for row in rows]


def find_person(program_id: int, text: str, field: str) -> int | None:
    """The id of the person whose whole name or e-mail was typed; None for nothing. Raises Invalid at that field."""
    if not text.strip():
        return None
    found = named(program_id, [text]).get(fold(text), ())
    if len(found) == 1:
        return found[0]
    reason = (
        _("Several people have this name. Write the e-mail.")
        if found
        else _("Nobody of this program or its groups has this name or e-mail.")
    )
    raise Invalid(_("Something is not right yet."), {field: reason})


def named(program_id: int, texts: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Ids by the folded name or e-mail, for those of the texts that name somebody here. One statement."""
    folded, emails = {fold(text) for text in texts}, {clean_email(text) for text in texts}
    rows = read(
        select(Person.id, Person.name_folded, Person.email).where(
            Person.id.in_(ids_here(program_id)),
            Person.is_active,
            or_(Person.name_folded.in_(folded), Person.email.in_(emails)),
        )
    )
    found: dict[str, tuple[int, ...]] = {}
    for person_id, name, email in rows:
        for known in {name, fold(email)}:
            found[known] = (*found.get(known, ()), person_id)
    return found


def names_of(person_ids: Collection[int | None]) -> dict[int | None, str]:
    """Names by id; None is nobody's. One statement; none for nobody."""
    wanted = [person_id for person_id in person_ids if person_id is not None]
    if not wanted:
        return {}
    rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return {row.id: row.name for row in rows}
