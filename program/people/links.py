"""One-time links: an invitation, or a way in for somebody without a password.

A link is 32 random bytes in an address; the database keeps only its hash. Opening it shows a page with a button, and
only the button uses it up, because mail scanners and chat previews open every address they see. An invitation serves
for seven days. A sign-in link serves for one day: a colleague hands it on, and the other may sit in a meeting.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, case, delete, exists, func, select, update
from sqlalchemy.orm import aliased

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Forbidden, Invalid, NotFound
from program.ground.now import utc_now
from program.ground.records import record
from program.people import access
from program.people.accounts import take_back_links
from program.people.belonging import places_of
from program.people.models import Membership, Person, SignInLink

INVITE, SIGN_IN = "invite", "sign_in"
LIFETIME = {INVITE: timedelta(days=7), SIGN_IN: timedelta(days=1)}
# Used and expired links are kept so long for those who ask what happened, then swept when new ones are made.
KEPT = timedelta(days=90)


@record
class NewLink:
    """A link just made. The token is known only now; `url` is what the person opens."""

    url: str
    token: str
    purpose: str
    expires_at: datetime


@record
class OpenLink:
    """A link that can still be used, and whose it is."""

    person_id: int
    purpose: str
    name: str
    email: str
    locale: str


def make_link(actor: Actor, person_id: int, *, base_url: str | None = None) -> NewLink:
    """Make the person a one-time link; older unused ones end. Somebody who never came gets an invitation.

    For administrators, and for managers as `may_make_link` says. Raises NotFound, Forbidden or Invalid.
    """
    # Held until the end: while somebody is let into another program, no link for them can come to be.
    person = db.session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise NotFound(access.NOT_HERE)
    if not may_make_link(actor, person):
        raise Forbidden(_l("Only an administrator can make a link for this person."))
    if not person.is_active:
        raise Invalid(_l("This account is closed. An administrator can open it again."))
    now = utc_now()
    take_back_links(person.id)
    db.session.execute(delete(SignInLink).where(SignInLink.expires_at < now - KEPT))
    token = secrets.token_urlsafe(32)
    purpose = INVITE if person.joined_at is None else SIGN_IN
    link = SignInLink(
        token_hash=_hash(token),
        person_id=person.id,
        purpose=purpose,
        created_at=now,
        created_by_id=actor.person_id,
        expires_at=now + LIFETIME[purpose],
    )
    db.session.add(link)
    db.session.flush()
    audit.record(
        actor, "person.link_made", object_id=person.id, name=person.name, changes=audit.created({"purpose": purpose})
    )
    return NewLink(_address(token, base_url), token, purpose, link.expires_at)


def may_make_link(actor: Actor, person: Person) -> bool:
    """Whether the actor may get a link that signs in as that person: it opens all that the person may open.

    Administrators may. A manager may for somebody who opens nothing that the manager does not manage: no
    administrator, in at least one program, in no program but the manager's own. Being in a group of another manager's
    program counts as being in it (`belonging.py`). Fellow managers are left out once they have come: they take
    decisions, and nobody else may take them in their name.
    """
    if actor.person_id is None or actor.is_admin:
        return True
    if person.is_admin or person.id == actor.person_id:
        return False
    return person.id in linkable(actor, [person.id])


def linkable(actor: Actor, person_ids: list[int]) -> set[int]:
    """Those of the people whom a manager may make a link for, in one statement. See `may_make_link`."""
    own = aliased(Membership)
    place = places_of(person_ids)
    is_managed = exists().where(
        own.program_id == place.c.program_id,
        own.person_id == actor.person_id,
        own.access >= Access.MANAGER,
    )
    outside = func.sum(_one_if(~is_managed))
    managing = func.sum(_one_if(and_(place.c.access >= Access.MANAGER, Person.joined_at.is_not(None))))
    rows = db.session.scalars(
        select(place.c.person_id)
        .join(Person, Person.id == place.c.person_id)
        .where(Person.is_active, ~Person.is_admin, Person.id != actor.person_id)
        .group_by(place.c.person_id)
        .having(outside == 0, managing == 0)
    )
    return set(rows)


def find_link(token: str) -> OpenLink | None:
    """The link, if it can still be used; None for an unknown, used or expired one, without telling which."""
    row = db.session.execute(
        select(SignInLink.person_id, SignInLink.purpose, Person.name, Person.email, Person.locale)
        .join(Person, Person.id == SignInLink.person_id)
        .where(_usable(token))
    ).first()
    return OpenLink(*row) if row else None


def use_link(token: str) -> int | None:
    """Use the link up and return whose it is; None when it cannot be used (any more). Of two at once, one gets it."""
    person_id = db.session.scalar(
        update(SignInLink)
        .where(_usable(token))
        .values(used_at=utc_now())
        .returning(SignInLink.person_id)
        .execution_options(synchronize_session=False)
    )
    if person_id is not None:
        # The others of this person were for the same purpose: it is served.
        take_back_links(person_id)
    return person_id


def _usable(token: str) -> ColumnElement[bool]:
    active = aliased(Person)
    return and_(
        SignInLink.token_hash == _hash(token),
        SignInLink.used_at.is_(None),
        SignInLink.expires_at > utc_now(),
        SignInLink.person_id.in_(select(active.id).where(active.is_active)),
    )


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _address(token: str, base_url: str | None) -> str:
    base = base_url or current_app.config["MILEPOST"].base_url
    path = current_app.url_map.bind("").build("people.sign_in_by_link", {"token": token})
    return base.rstrip("/") + path
