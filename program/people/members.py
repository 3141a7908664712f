"""Who is in a program, and what they may do there: inviting, changing access, removing.

A program always keeps a manager. What a person owns stays with their name when they leave; others may take it over.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, or_, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Invalid, NotFound
from program.ground.folding import like
from program.ground.pages import Pagination
from program.ground.records import record
from program.ground.text import clean_line
from program.people import access, accounts, belonging, links, places
from program.people.models import Membership, Person
from program.people.session import initials

PAGE = 50
CHANGED_MEANWHILE = _l("This person's access was changed while you had the page open.")
ACCESS_WORDS = {
    Access.VIEWER: _l("Viewer: reads everything"),
    Access.CONTRIBUTOR: _l("Contributor: works on items"),
    Access.MANAGER: _l("Manager: plans, decides and invites"),
}


@record
class MemberRow:
    """One line of the list of members."""

    person_id: int
    name: str
    email: str
    access: Access
    is_active: bool
    joined_at: datetime | None
    revision: int
    # Whether the reader may make this person a one-time link; looked up for one member, not for lists.
    can_link: bool = False

    @property
    def initials(self) -> str:
        """Letters for the avatar."""
        return initials(self.name)


@record
class Invited:
    """What came of an invitation: the person, and for somebody new the link to hand on."""

    person: Person
    link: links.NewLink | None


@record
class MyProgram:
    """A program somebody is in, and as what."""

    key: str
    name: str
    access: Access


def list_members(actor: Actor, program_id: int, query: str, page: int) -> tuple[list[MemberRow], Pagination]:
    """A page of the program's people, by name. For its managers. Two statements."""
    access.require(actor, program_id, Access.MANAGER)
    found = [Membership.program_id == program_id]
    if query.strip():
        pattern = like(query)
        found.append(or_(Person.name_folded.like(pattern, escape="\\"), Person.email.like(pattern, escape="\\")))
    joined = select(func.count()).select_from(Membership).join(Person, Person.id == Membership.person_id)
    pagination = Pagination(page, PAGE, db.session.scalar(joined.where(*found)) or 0)
    rows = db.session.execute(
        _rows().where(*found).order_by(Person.name_folded, Person.id).limit(PAGE).offset((page - 1) * PAGE)
    )
    return [_member(row) for row in rows], pagination


def get_member(actor: Actor, program_id: int, person_id: int) -> MemberRow:
    """One member, and whether the actor may make them a link. Raises NotFound for anybody outside the program."""
    access.require(actor, program_id, Access.MANAGER)
    row = db.session.execute(
        _rows().where(Membership.program_id == program_id, Membership.person_id == person_id)
    ).first()
    if row is None:
        raise NotFound(access.NOT_HERE)
    can_link = row.is_active and (actor.is_admin or person_id in links.linkable(actor, [person_id]))
    return replace(_member(row), can_link=can_link)


def _rows() -> Select[*tuple[Any, ...]]:
    return select(
        Membership.person_id,
        Person.name,
        Person.email,
        Membership.access,
        Person.is_active,
        Person.joined_at,
        Membership.revision,
    ).join(Person, Person.id == Membership.person_id)


def _member(row: Any) -> MemberRow:
    person_id, name, email, level, *rest = row
    return MemberRow(person_id, name, email, Access(level), *rest)


def invite(actor: Actor, program_id: int, email: str, name: str, level: Access, *, locale: str = "") -> Invited:
    """Let somebody into the program. Who has an account is in at once; who is new gets a link to be handed on.

    Raises Invalid at `email` for somebody who is in already, and for somebody whom another program's manager invited
    and who has not come yet: their first link may still be in that manager's hands and would open this program too.
    """
    access.require(actor, program_id, Access.MANAGER)
    level = _level(level)
    person = accounts.find_by_email(email)
    needs_link = person is None
    if person is None:
        if not clean_line(name):
            raise Invalid(
                _l("Something is not right yet."),
                {"name": _l("Nobody with this e-mail is here yet. Write their name to invite them.")},
            )
        person = accounts.add_person(actor, email, name, locale=locale or None)
    else:
        # Somebody of a group here who has never come needs a link as much as somebody new.
        needs_link = _check_can_join(actor, program_id, person)
        # What links others hold must not open more than it did when they were made.
        accounts.take_back_links(person.id)
    membership = Membership(program_id=program_id, person_id=person.id, access=level.value)
    db.session.add(membership)
    db.session.flush()
    audit.record(
        actor,
        "member.added",
        object_id=person.id,
        name=person.name,
        program_id=program_id,
        changes=audit.created({"access": level.value}),
    )
    return Invited(person, links.make_link(actor, person.id) if needs_link else None)


def change_access(actor: Actor, program_id: int, person_id: int, level: Access, *, seen: int | None) -> Membership:
    """Give a member other access. Raises Invalid for the last manager, Conflict when it was changed meanwhile."""
    access.require(actor, program_id, Access.MANAGER)
    membership = _membership(program_id, person_id)
    if seen is not None:
        audit.check_revision(membership, seen, CHANGED_MEANWHILE, "member")
    level = _level(level)
    if level < Access.MANAGER:
        _keep_a_manager(program_id, membership)
    changes = audit.change(membership, {"access": level.value})
    if changes:
        if level > Access(changes["access"][0]):
            accounts.take_back_links(person_id)
        db.session.flush()
        actor.known_access.pop(program_id, None)
        audit.record(
            actor,
            "member.changed",
            object_id=person_id,
            name=_name(person_id),
            program_id=program_id,
            changes=changes,
        )
    return membership


def remove(actor: Actor, program_id: int, person_id: int, *, seen: int | None) -> None:
    """Take a member out of the program; their name stays on what they own and did. Never the last manager."""
    access.require(actor, program_id, Access.MANAGER)
    membership = _membership(program_id, person_id)
    if seen is not None:
        audit.check_revision(membership, seen, CHANGED_MEANWHILE, "member")
    _keep_a_manager(program_id, membership)
    db.session.delete(membership)
    db.session.flush()
    actor.known_access.pop(program_id, None)
    audit.record(
        actor,
        "member.removed",
        object_id=person_id,
        name=_name(person_id),
        program_id=program_id,
        changes=audit.removed({"access": membership.access}),
    )


def new_link(actor: Actor, program_id: int, person_id: int) -> links.NewLink:
    """A new one-time link for a member who lost theirs. Raises Forbidden as `links.may_make_link` says."""
    access.require(actor, program_id, Access.MANAGER)
    _membership(program_id, person_id)
    return links.make_link(actor, person_id)


def name_of(actor: Actor, program_id: int, person_id: int) -> str:
    """The name of one member. Raises NotFound for anybody outside the program: they are not its managers' business."""
    access.require(actor, program_id, Access.MANAGER)
    _membership(program_id, person_id)
    return _name(person_id)


def programs_of(person_id: int) -> list[MyProgram]:
    """The programs a person is in, by name."""
    rows = db.session.execute(
        select(Membership.program_id, Membership.access).where(Membership.person_id == person_id)
    ).all()
    found = places.look_up([row.program_id for row in rows])
    mine = [
        MyProgram(found[row.program_id].key, found[row.program_id].name, Access(row.access))
        for row in rows
        if row.program_id in found
    ]
    return sorted(mine, key=lambda program: program.name.casefold())


def managed_alone(person_id: int) -> list[int]:
    """Ids of the programs that have no other active manager than this person."""
    managers = (
        select(Membership.program_id, func.count().label("managers"))
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.access >= Access.MANAGER, Person.is_active)
        .group_by(Membership.program_id)
        .having(func.count() == 1)
        .subquery()
    )
    return list(
        db.session.scalars(
            select(Membership.program_id)
            .join(managers, managers.c.program_id == Membership.program_id)
            .where(Membership.person_id == person_id, Membership.access >= Access.MANAGER)
        )
    )


def _level(level: Access | int) -> Access:
    try:
        return Access(level)
    except ValueError:
        raise Invalid(_l("Something is not right yet."), {"access": _l("Choose one from the list.")}) from None


def _membership(program_id: int, person_id: int) -> Membership:
    membership = db.session.scalars(
        select(Membership).where(Membership.program_id == program_id, Membership.person_id == person_id)
    ).one_or_none()
    if membership is None:
        raise NotFound(access.NOT_HERE)
    return membership


def _name(person_id: int) -> str:
    return db.session.scalars(select(Person.name).where(Person.id == person_id)).one()


def _check_can_join(actor: Actor, program_id: int, person: Person) -> bool:
    """Raise Invalid for who cannot; True for somebody who is in the program by another door and has never come."""
    place = belonging.places_of([person.id])
    present = [(row.program_id, row.access) for row in db.session.execute(select(place))]
    reason = None
    if any(found == program_id and level for found, level in present):
        reason = _l("%(name)s is in this program already.", name=person.name)
    elif not person.is_active:
        reason = _l("This person's account is closed. An administrator can open it again.")
    elif person.joined_at is None and not actor.is_admin and any(found != program_id for found, _level in present):
        reason = _l(
            "This person was invited to another program and has not come yet. Add them once they have, "
            "or ask an administrator."
        )
    if reason is not None:
        raise Invalid(_l("Something is not right yet."), {"email": reason})
    return person.joined_at is None and bool(present)


def _keep_a_manager(program_id: int, leaving: Membership) -> None:
    """Refuse to lose the last manager. The rows are locked, so that two cannot leave at the same moment."""
    managers = db.session.scalars(
        select(Membership.person_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.program_id == program_id, Membership.access >= Access.MANAGER, Person.is_active)
        .order_by(Membership.id)
        .with_for_update(of=Membership)
    ).all()
    if list(managers) == [leaving.person_id]:
        raise Invalid(_l("This is the program's last manager. Make somebody else a manager first."))
