"""Systems that send readings by HTTP: each has an address, a secret it signs with, and the KPIs it may write.

The secret is shown once and kept sealed. A message is signed together with its time, so that neither can be changed and
an old one is worth nothing; sent twice it says the same, as a figure is known by its KPI, channel and period.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Conflict, Invalid, NotFound, TooMany
from program.ground.now import utc_now
from program.ground.sealing import seal, unseal
from program.ground.text import clean_line
from program.kpis.models import Kpi, ReadingSource
from program.people import access
from program.people.access import NOT_HERE
from program.people.models import Person
from program.planning.models import Program

MAX_NAME, MOST_SOURCES = 60, 50
# How far the sender's clock may be off, and how long a message is good for.
WINDOW = timedelta(minutes=5)
# Messages of one source in a minute.
MOST_A_MINUTE = 60
SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})")
_MINUTE = timedelta(minutes=1)


def add_source(actor: Actor, program_id: int, name: str, codes: Sequence[str]) -> tuple[ReadingSource, str]:
    """A new source and its secret, which nobody can be told again. For managers. Raises Invalid."""
    access.require(actor, program_id, Access.MANAGER)
    name = clean_line(name)
    taken = db.session.scalars(select(ReadingSource.name).where(ReadingSource.program_id == program_id)).all()
    wrong: dict[str, Any] = {}
    if not 1 <= len(name) <= MAX_NAME:
        wrong["name"] = _("Give it a name of up to %(most)s letters.", most=MAX_NAME)
    elif name in taken:
        wrong["name"] = _("There is a source of this name already.")
    elif len(taken) >= MOST_SOURCES:
        wrong["name"] = _("There are %(most)s sources already.", most=MOST_SOURCES)
    known = set(db.session.scalars(select(Kpi.code).where(Kpi.program_id == program_id)))
    if set(codes) - known:
        wrong["codes"] = _("Choose KPIs from the list.")
    if wrong:
        raise Invalid(_("Something is not right yet."), wrong)
    secret = secrets.token_urlsafe(32)
    source = ReadingSource(
        program_id=program_id,
        name=name,
        public_id=secrets.token_hex(16),
        secret_sealed=seal(secret),
        codes=sorted(set(codes)),
        created_by_id=actor.person_id,
    )
    db.session.add(source)
    db.session.flush()
    _record(actor, source, "created", audit.created({"name": name, "codes": source.codes or None}))
    return source, secret


def find_source(actor: Actor, program_id: int, source_id: int) -> ReadingSource:
    """A source of the program, for managers. Raises NotFound, Forbidden."""
    access.require(actor, program_id, Access.MANAGER)
    source = db.session.get(ReadingSource, source_id)
    if source is None or source.program_id != program_id:
        raise NotFound(NOT_HERE)
    return source


def sources_of(actor: Actor, program_id: int) -> Sequence[Any]:
    """All sources of the program, those that are revoked last; for managers. Rows with the maker's name as `by`."""
    access.require(actor, program_id, Access.MANAGER)
    columns = (
        *(ReadingSource.id, ReadingSource.name, ReadingSource.public_id, ReadingSource.codes, ReadingSource.revision),
        *(ReadingSource.created_at, ReadingSource.last_used_at, ReadingSource.revoked_at, Person.name.label("by")),
    )
    query = select(*columns).outerjoin(Person, Person.id == ReadingSource.created_by_id)
    query = query.where(ReadingSource.program_id == program_id)
    return read(query.order_by(ReadingSource.revoked_at.is_not(None), ReadingSource.name)).all()


def rotate(actor: Actor, source: ReadingSource) -> str:
    """Give the source another secret; the old one is worth nothing from now on. Raises Conflict for a revoked one."""
    access.require(actor, source.program_id, Access.MANAGER)
    _check_alive(source)
    secret = secrets.token_urlsafe(32)
    source.secret_sealed = seal(secret)
    db.session.flush()
    _record(actor, source, "rotated", {})
    return secret


def revoke(actor: Actor, source: ReadingSource) -> None:
    """Take nothing from that source any more. Its readings stay. Raises Conflict for a revoked one."""
    access.require(actor, source.program_id, Access.MANAGER)
    _check_alive(source)
    source.revoked_at = utc_now()
    db.session.flush()
    _record(actor, source, "revoked", {})


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a message: HMAC-SHA256 over '<timestamp>.<body>', in hexadecimal."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def called(public_id: str) -> ReadingSource | None:
    """The source behind an address; None for a wrong one, a revoked one, or one of a closed program."""
    query = select(ReadingSource).join(Program, Program.id == ReadingSource.program_id)
    alive = (ReadingSource.revoked_at.is_(None), Program.closed_on.is_(None))
    return db.session.scalars(
        query.where(ReadingSource.public_id == public_id, *alive).with_for_update(of=ReadingSource)
    ).one_or_none()


def is_signed(source: ReadingSource, timestamp: str, signature: str, body: bytes) -> bool:
    """Whether the source signed that message just now. Raises CannotUnseal."""
    found = SIGNATURE.fullmatch(signature)
    if found is None or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(int(timestamp) - utc_now().timestamp()) > WINDOW.total_seconds():
        return False
    return hmac.compare_digest(sign(unseal(source.secret_sealed), timestamp, body), found[1])


def count_call(source: ReadingSource) -> None:
    """Remember that it was used. Raises TooMany beyond so many messages a minute."""
    now = utc_now()
    if source.minute_at is None or now - source.minute_at >= _MINUTE:
        source.minute_at, source.minute_calls = now, 0
    if source.minute_calls >= MOST_A_MINUTE:
        wait = max(1, round((source.minute_at + _MINUTE - now).total_seconds()))
        raise TooMany(_("Up to %(most)s messages a minute.", most=MOST_A_MINUTE), wait)
    source.minute_calls += 1
    source.last_used_at = now


def _check_alive(source: ReadingSource) -> None:
    if source.revoked_at is not None:
        raise Conflict(_l("This source is revoked. Make a new one."))


def _record(actor: Actor, source: ReadingSource, what: str, changes: audit.Changes) -> None:
    audit.record(
        actor,
        f"reading_source.{what}",
        object_id=source.id,
        name=source.name,
        program_id=source.program_id,
        changes=changes,
    )
