"""Verbs for the customer channels of a program: those of the handbook, and its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, func, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.folding import fold
from program.ground.text import clean_line
from program.kpis.models import CustomerChannel
from program.kpis.words import channel_name
from program.people import access
from program.people.access import NOT_HERE
from program.playbooks.vocabulary import CHANNELS

MOST_CHANNELS = 30
MAX_NAME = 60
_OTHER = re.compile(r"[^a-z0-9]+")


def all_channels(program_id: int, *, active_only: bool = True) -> Sequence[Any]:
    """Rows (id, key, name, is_active, revision) in the program's order; permission is the caller's. One statement.

    `words.channel_name(row.key, row.name)` says what people call it.
    """
    return read(_channels(active_only), {"program": program_id}).all()


def active_channels(program_id: int) -> list[tuple[str, str]]:
    """The keys and names of those that are not retired, in the program's order. One statement."""
    return [(row.key, channel_name(row.key, row.name)) for row in all_channels(program_id)]


def channel_names(program_id: int) -> dict[str, str]:
    """The channels' names in the reader's language by key, retired ones too; '' is all channels together."""
    rows = all_channels(program_id, active_only=False)
    return {"": channel_name(""), **{row.key: channel_name(row.key, row.name) for row in rows}}


def add_channel(actor: Actor, program_id: int, key: str = "", name: str = "") -> CustomerChannel:
    """Add one of the handbook's channels by its key, or an own one by its name. Raises Invalid."""
    access.require(actor, program_id, Access.MANAGER)
    name = clean_line(name)
    rows = db.session.scalars(select(CustomerChannel).where(CustomerChannel.program_id == program_id)).all()
    if key:
        if key not in CHANNELS:
            raise Invalid(_l("Something is not right yet."), {"key": _l("Choose one from the list.")})
        name = ""
    else:
        if not name or len(name) > MAX_NAME:
            raise Invalid(_l("Something is not right yet."), {"name": _l("Give it a name of up to 60 letters.")})
        key = _key_of(name)
    there = next((row for row in rows if row.key == key), None)
    if there is not None and there.is_active:
        raise Invalid(_l("Something is not right yet."), {"key": _l("The program has this channel already.")})
    if there is not None:
        there.is_active = True
        db.session.flush()
        _record(actor, "channel.restored", there, {"is_active": [False, True]})
        return there
    if len(rows) >= MOST_CHANNELS:
        raise Invalid(_l("A program has up to %(most)s channels.", most=MOST_CHANNELS))
    channel = CustomerChannel(program_id=program_id, key=key, name=name, position=_next_position(program_id))
    db.session.add(channel)
    db.session.flush()
    _record(actor, "channel.created", channel, audit.created({"key": key, "name": name}))
    return channel


def retire_channel(actor: Actor, program_id: int, channel_id: int, *, seen: int) -> CustomerChannel:
    """No longer offer a channel; figures already read in it stay. Raises NotFound, Conflict."""
    access.require(actor, program_id, Access.MANAGER)
    channel = db.session.scalars(
        select(CustomerChannel).where(CustomerChannel.id == channel_id, CustomerChannel.program_id == program_id)
    ).one_or_none()
    if channel is None:
        raise NotFound(NOT_HERE)
    if channel.revision != seen:
        raise Conflict(_l("Somebody changed this channel while you had it open."))
    channel.is_active = False
    db.session.flush()
    _record(actor, "channel.retired", channel, {"is_active": [True, False]})
    return channel


@cache
def _channels(active_only: bool) -> Any:
    query = (
        select(
            *(CustomerChannel.id, CustomerChannel.key, CustomerChannel.name),
            *(CustomerChannel.is_active, CustomerChannel.revision),
        )
        .where(CustomerChannel.program_id == bindparam("program"))
        .order_by(CustomerChannel.position, CustomerChannel.id)
    )
    return query.where(CustomerChannel.is_active) if active_only else query


def _key_of(name: str) -> str:
    base = _OTHER.sub("-", fold(name)).strip("-")[:16] or "channel"
    if base in CHANNELS:
        base = f"own-{base}"[:16]
    # What is added a second time under the same name is the same channel.
    return base


def _next_position(program_id: int) -> int:
    last = db.session.scalar(select(func.max(CustomerChannel.position)).where(CustomerChannel.program_id == program_id))
    return (last or 0) + 1


def _record(actor: Actor, verb: str, channel: CustomerChannel, changes: audit.Changes) -> None:
    audit.record(
        actor,
        verb,
        object_id=channel.id,
        name=channel_name(channel.key, channel.name),
        program_id=channel.program_id,
        changes=changes,
    )
