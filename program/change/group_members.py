"""The people of a group: adding and removing them, and who is ambassador or super-user for the colleagues there.

Being in a group opens the front line's own page (`front_line.py`) and nothing else. It counts as being in the program
when somebody asks for a one-time link (`people/links.py`), so links that others hold end when a person comes into a
group.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, insert, or_, select

from program.change.models import GroupMember, ImpactedGroup
from program.change.people_here import find_person
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Invalid, NotFound
from program.ground.folding import like
from program.ground.pages import Pagination
from program.ground.records import record
from program.ground.text import clean_line
from program.people import access, accounts, belonging, links
from program.people.models import Person
from program.people.session import initials
from program.planning.item_lists import chunks

PAGE = 50
FLAGS = ("belongs", "is_ambassador", "is_super_user")


@record
class MemberRow:
    """Somebody of a group, as its page shows them."""

    person_id: int
    name: str
    email: str
    belongs: bool
    is_ambassador: bool
    is_super_user: bool
    is_active: bool
    has_come: bool

    @property
    def initials(self) -> str:
        """Letters for the avatar."""
        return initials(self.name)


def list_members(actor: Actor, group: ImpactedGroup, query: str, page: int) -> tuple[list[MemberRow], Pagination]:
    """A page of the group's people: ambassadors and super-users first, then by name. Two statements."""
    access.require(actor, group.program_id, Access.VIEWER)
    found: list[Any] = [GroupMember.group_id == group.id]
    if query.strip():
        pattern = like(query)
        found.append(or_(Person.name_folded.like(pattern, escape="\\"), Person.email.like(pattern, escape="\\")))
    counted = select(func.count()).select_from(GroupMember).join(Person, Person.id == GroupMember.person_id)
    pagination = Pagination(page, PAGE, db.session.scalar(counted.where(*found)) or 0)
    rows = read(
        select(
            *(GroupMember.person_id, Person.name, Person.email),
            *(GroupMember.belongs, GroupMember.is_ambassador, GroupMember.is_super_user),
            *(Person.is_active, Person.joined_at.is_not(None)),
        )
        .join(Person, Person.id == GroupMember.person_id)
        .where(*found)
        .order_by(
            *(GroupMember.is_ambassador.desc(), GroupMember.is_super_user.desc()),
            *(Person.name_folded, Person.id),
        )
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return [MemberRow(*row) for row in rows], pagination


def add_member(
    actor: Actor, group: ImpactedGroup, who: str, name: str = "", *, locale: str = "", **flags: bool
) -> Person:
    """Put somebody into the group: by the name of somebody here, by any account's whole e-mail, or new with a name.

    Raises Invalid at `who` or `name`. A new account has no password and nobody is mailed.
    """
    access.require(actor, group.program_id, Access.MANAGER)
    person = _person_for(actor, group.program_id, clean_line(who), name, locale)
    if db.session.get(GroupMember, (group.id, person.id)) is not None:
        raise Invalid(
            _l("Something is not right yet."), {"who": _l("%(name)s is in this group already.", name=person.name)}
        )
    put_in(actor, group.program_id, [(group.id, person.id, {**_all_flags(), **flags})])
    return person


def put_in(
    actor: Actor,
    program_id: int,
    wanted: Sequence[tuple[int, int, Mapping[str, bool]]],
    *,
    batch: str | None = None,
) -> None:
    """Write new places (group, person, flags) of one program, for verbs that have checked them. A few statements."""
    access.require(actor, program_id, Access.MANAGER)
    people = sorted({person_id for _group, person_id, _flags in wanted})
    _end_links_of_newcomers(program_id, people)
    rows = [
        {"group_id": group_id, "person_id": person_id, "program_id": program_id, **flags}
        for group_id, person_id, flags in wanted
    ]
    if not rows:
        return
    db.session.execute(insert(GroupMember), rows)
    names, groups = _names(people), _group_names(program_id)
    entries = [
        (group_id, groups[group_id], audit.created({"person": names[person_id], **_true(flags)}))
        for group_id, person_id, flags in wanted
    ]
    audit.record_many(actor, "group.member_added", program_id, entries, batch)


def mark_member(actor: Actor, group: ImpactedGroup, person_id: int, **flags: bool) -> audit.Changes:
    """Say whether somebody of the group belongs to it, is ambassador, is super-user. Raises NotFound."""
    access.require(actor, group.program_id, Access.MANAGER)
    row = db.session.get(GroupMember, (group.id, person_id))
    if row is None:
        raise NotFound(access.NOT_HERE)
    return mark_members(actor, group.program_id, [(row, flags)])[0]


def mark_members(
    actor: Actor,
    program_id: int,
    edits: Sequence[tuple[GroupMember, Mapping[str, bool]]],
    *,
    batch: str | None = None,
) -> list[audit.Changes]:
    """As `mark_member`, for many rows of one program."""
    access.require(actor, program_id, Access.MANAGER)
    all_changes: list[audit.Changes] = []
    for row, flags in edits:
        changes = {name: [getattr(row, name), value] for name, value in flags.items() if getattr(row, name) != value}
        for name in changes:
            setattr(row, name, flags[name])
        all_changes.append(changes)
    db.session.flush()
    names = _names(sorted({row.person_id for row, _flags in edits}))
    groups = _group_names(program_id)
    entries = [
        (row.group_id, groups[row.group_id], {"person": [names[row.person_id], names[row.person_id]], **changes})
        for (row, _flags), changes in zip(edits, all_changes, strict=True)
        if changes
    ]
    audit.record_many(actor, "group.member_changed", program_id, entries, batch)
    return all_changes


def remove_member(actor: Actor, group: ImpactedGroup, person_id: int) -> str:
    """Take somebody out of the group; their account, their seats and their ideas stay. Gives the name."""
    access.require(actor, group.program_id, Access.MANAGER)
    row = db.session.get(GroupMember, (group.id, person_id))
    if row is None:
        raise NotFound(access.NOT_HERE)
    name = _names([person_id])[person_id]
    flags = {flag: getattr(row, flag) for flag in FLAGS}
    db.session.delete(row)
    db.session.flush()
    audit.record(
        actor,
        "group.member_removed",
        object_id=group.id,
        name=group.name,
        program_id=group.program_id,
        changes=audit.removed({"person": name, **_true(flags)}),
    )
    return name


def new_link(actor: Actor, group: ImpactedGroup, person_id: int) -> links.NewLink:
    """A one-time link for somebody of the group. Raises Forbidden as `links.may_make_link` says."""
    access.require(actor, group.program_id, Access.MANAGER)
    if db.session.get(GroupMember, (group.id, person_id)) is None:
        raise NotFound(access.NOT_HERE)
    return links.make_link(actor, person_id)


def linkable(actor: Actor, rows: Sequence[MemberRow]) -> set[int]:
    """For whom among these the actor may make a link. One statement, none for administrators."""
    if actor.is_admin:
        return {row.person_id for row in rows if row.is_active}
    return links.linkable(actor, [row.person_id for row in rows]) if rows else set()


def _person_for(actor: Actor, program_id: int, who: str, name: str, locale: str) -> Person:
    if not who:
        raise Invalid(_l("Something is not right yet."), {"who": _l("Write a name or an e-mail.")})
    if "@" not in who:
        found = find_person(program_id, who, "who")
        return db.session.get_one(Person, found)
    person = accounts.find_by_email(who)
    if person is None:
        if not clean_line(name):
            reason = _l("Nobody with this e-mail is here yet. Write their name to add them.")
            raise Invalid(_l("Something is not right yet."), {"name": reason})
        try:
            person = accounts.add_person(actor, who, name, locale=locale or None)
        except Invalid as error:
            fields = {"who" if field == "email" else field: reason for field, reason in error.fields.items()}
            raise Invalid(error.sentence, fields) from error
    elif not person.is_active:
        reason = _l("This person's account is closed. An administrator can open it again.")
        raise Invalid(_l("Something is not right yet."), {"who": reason})
    return person


def _end_links_of_newcomers(program_id: int, person_ids: Sequence[int]) -> None:
    """End the unused links of those who come into the program only now: they must not open more than when made."""
    for part in chunks(person_ids):
        place = belonging.places_of(part)
        here = set(db.session.scalars(select(place.c.person_id).where(place.c.program_id == program_id)))
        new = [person_id for person_id in part if person_id not in here]
        if new:
            accounts.take_back_links(*new)


def _all_flags() -> dict[str, bool]:
    return {"belongs": True, "is_ambassador": False, "is_super_user": False}


def _true(flags: Mapping[str, bool]) -> dict[str, bool]:
    return {name: True for name, value in flags.items() if value}


def _names(person_ids: Collection[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for part in chunks(sorted(person_ids)):
        found.update(
            (row.id, row.name) for row in db.session.execute(select(Person.id, Person.name).where(Person.id.in_(part)))
        )
    return found


def _group_names(program_id: int) -> dict[int, str]:
    rows = db.session.execute(
        select(ImpactedGroup.id, ImpactedGroup.name).where(ImpactedGroup.program_id == program_id)
    )
    return {row.id: row.name for row in rows}
