"""Private addresses from which a calendar program reads dates: making, renewing and revoking them, and whose they are.

An address holds 32 random bytes and the database only their hash, so it is shown once and can be guessed by nobody:
there is no need to slow tries down. It reads with its owner's eyes at each request: access that was lost, or an account
that was closed, closes it in the same moment.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, bindparam, func, or_, select

from program.change.models import CalendarFeed
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Invalid, NotFound
from program.ground.now import utc_now
from program.ground.records import record
from program.people import access
from program.people.access import NOT_HERE
from program.people.models import Membership, Person
from program.planning.history_words import TITLES
from program.planning.models import Program

MOST = 20
TITLES.update(
    {
        "calendar_feed.created": _l("Calendar address “%(name)s” made"),
        "calendar_feed.removed": _l("Calendar address “%(name)s” revoked"),
    }
)


@record
class OpenFeed:
    """A feed that may be read now: whose eyes it reads with, and the one program it is of (None: their own dates)."""

    id: int
    person_id: int
    is_admin: bool
    locale: str
    timezone: str
    program_id: int | None


def make_feed(actor: Actor, program_id: int | None) -> tuple[CalendarFeed, str]:
    """Make an address of one's own, for all that is one's own or for one program; returns it with its token.

    The token is known only now. Raises Invalid when there are too many, NotFound for a program one does not see.
    """
    if program_id is not None:
        access.require(actor, program_id, Access.VIEWER)
    if actor.person_id is None:
        raise NotFound(NOT_HERE)
    mine = (CalendarFeed.person_id == actor.person_id, CalendarFeed.revoked_at.is_(None))
    if (db.session.scalar(select(func.count()).select_from(CalendarFeed).where(*mine)) or 0) >= MOST:
        raise Invalid(_l("Up to %(most)s calendar addresses can be open. Revoke one first.", most=MOST))
    token = secrets.token_urlsafe(32)
    feed = CalendarFeed(token_hash=_hash(token), person_id=actor.person_id, program_id=program_id)
    db.session.add(feed)
    db.session.flush()
    _record(actor, "calendar_feed.created", feed)
    return feed, token


def revoke_feed(actor: Actor, feed_id: int) -> CalendarFeed:
    """Close one of one's own addresses for good. Raises NotFound for somebody else's."""
    feed = db.session.scalars(
        select(CalendarFeed).where(
            CalendarFeed.id == feed_id,
            CalendarFeed.person_id == actor.person_id,
            CalendarFeed.revoked_at.is_(None),
        )
    ).one_or_none()
    if feed is None:
        raise NotFound(NOT_HERE)
    feed.revoked_at = utc_now()
    db.session.flush()
    _record(actor, "calendar_feed.removed", feed)
    return feed


def renew_feed(actor: Actor, feed_id: int) -> tuple[CalendarFeed, str]:
    """Close an address and make another one for the same dates."""
    return make_feed(actor, revoke_feed(actor, feed_id).program_id)


def my_feeds(person_id: int | None) -> Sequence[Any]:
    """One's open addresses with the programs they are of, newest first. One statement."""
    return read(_mine(), {"person": person_id}).all()


def find_feed(token: str) -> OpenFeed:
    """The feed behind an address. One statement. Raises NotFound for one that does not open (any more)."""
    row = read(_by_hash(), {"hash": _hash(token)}).first()
    if row is None:
        raise NotFound(NOT_HERE)
    return OpenFeed(*row)


def _record(actor: Actor, verb: str, feed: CalendarFeed) -> None:
    name = db.session.scalar(select(Program.name).where(Program.id == feed.program_id)) or ""
    # No program's history: an address is its owner's business.
    audit.record(actor, verb, object_id=feed.id, name=name)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


@cache
def _mine() -> Any:
    return (
        select(CalendarFeed.id, CalendarFeed.created_at, CalendarFeed.program_id, Program.key, Program.name)
        .outerjoin(Program, Program.id == CalendarFeed.program_id)
        .where(CalendarFeed.person_id == bindparam("person"), CalendarFeed.revoked_at.is_(None))
        .order_by(CalendarFeed.created_at.desc(), CalendarFeed.id.desc())
    )


@cache
def _by_hash() -> Any:
    return (
        select(
            *(CalendarFeed.id, CalendarFeed.person_id, Person.is_admin, Person.locale, Person.timezone),
            CalendarFeed.program_id,
        )
        .join(Person, Person.id == CalendarFeed.person_id)
        .outerjoin(
            Membership,
            and_(Membership.person_id == CalendarFeed.person_id, Membership.program_id == CalendarFeed.program_id),
        )
        .where(
            CalendarFeed.token_hash == bindparam("hash"),
            CalendarFeed.revoked_at.is_(None),
            Person.is_active,
            # A program's dates are for those who see the program.
            or_(CalendarFeed.program_id.is_(None), Membership.id.is_not(None), Person.is_admin),
        )
    )
