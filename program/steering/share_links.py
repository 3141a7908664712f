"""Links that show chosen parts of the progress page to whoever has the address, without an account.

The address holds 32 random bytes, of which the database keeps only the hash. A link that was revoked, has expired or
never was is the same to whoever knocks: not there. A passcode is kept as passwords are, and tries are slowed down as at
sign-in, counted before they are looked at. Making and revoking is for managers.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Invalid, NotFound, TooMany
from program.ground.now import utc_now
from program.ground.records import record
from program.ground.text import clean_line
from program.people import access
from program.people.access import NOT_HERE
from program.people.passwords import make_hash, matches
from program.people.session import LOCALES
from program.people.throttle import ACCOUNT
from program.planning.history_words import TITLES
from program.planning.models import Program
from program.planning.opening import OpenProgram
from program.steering.models import ShareLink
from program.steering.progress_parts import Section

MAX_NAME, MAX_DAYS, MOST_LINKS = 120, 366, 50
SHORTEST_PASSCODE, LONGEST_PASSCODE = 6, 100
NOT_RIGHT = _l("Something is not right yet.")
TITLES.update({"share.created": _l("Link “%(name)s” made"), "share.revoked": _l("Link “%(name)s” revoked")})
# The table itself: counting must not raise the revision of what people edit.
_LINK: Any = ShareLink.__table__


@record
class Shared:
    """What an address opens: a program, the parts of its page, and the passcode's hash ('' for none)."""

    id: int
    name: str
    sections: tuple[str, ...]
    locale: str
    passcode_hash: str
    expires_at: datetime
    program: OpenProgram


def make_link(
    actor: Actor,
    program_id: int,
    *,
    name: str,
    sections: Collection[str],
    days: int | None,
    locale: str = "",
    passcode: str = "",
) -> tuple[ShareLink, str]:
    """Make a link for that many days; returns it with its token, which is known only now.

    Raises Invalid with fields name, sections, days, locale, passcode.
    """
    access.require(actor, program_id, Access.MANAGER)
    name = clean_line(name or "")
    chosen = [section.value for section in Section if section.value in sections]
    wrong: dict[str, Any] = {}
    if not name or len(name) > MAX_NAME:
        wrong["name"] = _l("Say whom it is for.")
    if not chosen:
        wrong["sections"] = _l("Choose at least one part.")
    if days is None or not 1 <= days <= MAX_DAYS:
        wrong["days"] = _l("From %(low)s to %(high)s.", low=1, high=MAX_DAYS)
    if locale not in ("", *LOCALES):
        wrong["locale"] = _l("Choose one from the list.")
    if passcode and not SHORTEST_PASSCODE <= len(passcode) <= LONGEST_PASSCODE:
        wrong["passcode"] = _l("Use at least %(least)s characters.", least=SHORTEST_PASSCODE)
    if wrong or days is None:
        raise Invalid(NOT_RIGHT, wrong)
    running = select(func.count()).where(*_runs(), ShareLink.program_id == program_id)
    if (db.session.scalar(running) or 0) >= MOST_LINKS:
        raise Invalid(_l("There are %(most)s open links. Revoke one first.", most=MOST_LINKS))
    token = secrets.token_urlsafe(32)
    link = ShareLink(
        program_id=program_id,
        name=name,
        token_hash=_hash(token),
        sections=chosen,
        locale=locale,
        expires_at=utc_now() + timedelta(days=days),
        passcode_hash=make_hash(passcode) if passcode else "",
        created_by_id=actor.person_id,
    )
    db.session.add(link)
    db.session.flush()
    # The trail never learns the token or the passcode.
    changes = audit.created({"sections": ", ".join(chosen), "expires_at": link.expires_at})
    audit.record(actor, "share.created", object_id=link.id, name=name, program_id=program_id, changes=changes)
    return link, token


def revoke_link(actor: Actor, program_id: int, link_id: int) -> None:
    """Close a link for good. Doing it twice is doing it once. Raises NotFound."""
    access.require(actor, program_id, Access.MANAGER)
    query = select(ShareLink).where(ShareLink.id == link_id, ShareLink.program_id == program_id).with_for_update()
    link = db.session.scalars(query).one_or_none()
    if link is None:
        raise NotFound(NOT_HERE)
    if link.revoked_at is not None:
        return
    link.revoked_at = utc_now()
    db.session.flush()
    changes = audit.created({"revoked_at": link.revoked_at})
    audit.record(actor, "share.revoked", object_id=link.id, name=link.name, program_id=program_id, changes=changes)


def links_of(program_id: int) -> Sequence[Any]:
    """The links that still open something, the newest first. One statement. Permission is the caller's."""
    columns = (ShareLink.id, ShareLink.name, ShareLink.sections, ShareLink.expires_at, ShareLink.opened)
    more = (ShareLink.last_opened_at, (ShareLink.passcode_hash != "").label("has_passcode"), ShareLink.created_at)
    query = select(*columns, *more).where(ShareLink.program_id == program_id, *_runs())
    return read(query.order_by(ShareLink.id.desc())).all()


def find_shared(token: str) -> Shared:
    """What that address opens now. Raises the same NotFound for any reason not to. One statement."""
    link = ShareLink
    query = (
        select(
            *(link.id, link.name, link.sections, link.locale, link.passcode_hash, link.expires_at),
            *(Program.id, Program.key, Program.name, Program.purpose, Program.locale, Program.timezone),
            *(Program.country, Program.starts_on, Program.closed_on, Program.playbook_key, Program.revision),
        )
        .join(Program, Program.id == link.program_id)
        .where(link.token_hash == _hash(token), *_runs())
    )
    row = read(query).first()
    if row is None:
        raise NotFound(NOT_HERE)
    number, name, sections, locale, passcode_hash, expires_at, *program = row
    return Shared(number, name, tuple(sections), locale, passcode_hash, expires_at, OpenProgram(*program))


def count_passcode_try(shared: Shared) -> None:
    """Count a try as wrong before it is known to be; `check_passcode` takes it back. The caller commits at once.

    Raises TooMany, uncounted, with the seconds to wait, after too many wrong ones.
    """
    now = utc_now()
    row = db.session.execute(
        select(_LINK.c.failed, _LINK.c.last_failed_at).where(_LINK.c.id == shared.id).with_for_update()
    ).one()
    wait = ACCOUNT.wait([row.last_failed_at] * min(row.failed, 30) if row.last_failed_at else [], now)
    if wait:
        seconds = -(-wait // timedelta(seconds=1))
        raise TooMany(_l("Too many tries. Wait a little, or ask for another link."), seconds)
    fresh = row.last_failed_at is None or row.last_failed_at <= now - ACCOUNT.window
    values = {"failed": 1 if fresh else row.failed + 1, "last_failed_at": now}
    db.session.execute(update(_LINK).where(_LINK.c.id == shared.id).values(**values))


def check_passcode(shared: Shared, passcode: str) -> bool:
    """Whether that is the passcode; the right one forgets the wrong ones before it."""
    right, _newer = matches(passcode[: LONGEST_PASSCODE + 1], shared.passcode_hash)
    if right:
        db.session.execute(update(_LINK).where(_LINK.c.id == shared.id).values(failed=0))
    return right


def proof(shared: Shared) -> str:
    """What a browser keeps that knew the passcode: good for this link, this passcode, and nothing else."""
    key = str(current_app.secret_key).encode()
    message = f"shared page\0{shared.id}\0{shared.passcode_hash}"
    return hmac.new(key, message.encode(), hashlib.sha256).hexdigest()


def is_open(shared: Shared, kept: str) -> bool:
    """Whether the page may be shown to a browser that keeps that proof."""
    return not shared.passcode_hash or hmac.compare_digest(kept.encode(), proof(shared).encode())


def count_opening(link_id: int) -> None:
    """Remember that somebody opened the page. The caller commits."""
    values = {"opened": _LINK.c.opened + 1, "last_opened_at": utc_now()}
    db.session.execute(update(_LINK).where(_LINK.c.id == link_id).values(**values))


def _runs() -> tuple[Any, ...]:
    return (ShareLink.revoked_at.is_(None), ShareLink.expires_at > utc_now())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
