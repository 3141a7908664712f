"""Telling people something: the verbs that every room uses. They write rows; the clock hands them over later.

`tell` belongs into the transaction that makes the message necessary: if that is rolled back, nothing was said. It asks
for no permission, the verb that calls it has done so; who may read a message is looked at again when it is handed over.
Neighbours: `kinds.py` (the words), `inbox.py` (reading), `desk.py` (the administrator's list), `handing_over.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, delete, update
from sqlalchemy.dialects import postgresql, sqlite

from program.extensions import db
from program.ground.now import utc_now
from program.outbox.kinds import MessageKind
from program.outbox.models import Message, State

MAX_KEY, MAX_ABOUT, MAX_PATH = 160, 120, 500
_TABLE: Any = Message.__table__


def tell(
    person_ids: Collection[int],
    kind: MessageKind,
    data: Mapping[str, Any],
    *,
    key: str,
    path: str = "",
    paths: Mapping[int, str] | None = None,
    program_id: int | None = None,
    about: str = "",
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Say something to each of those people, once: the same key said again is nothing new. One statement, or two.

    `data` is JSON, in the terms of `kind`; `path` is the page it is about ('/p/KEY/items/12', see `pages.path_to`).
    `paths` gives each of them a page of their own instead, by their id.
    `key` names the occurrence ('pulse.asked:7', 'item.assigned:12:3'). With `about` ('item:12:owner') what those people
    have not seen or been sent yet about the same is superseded. It is shown from `not_before` on and handed over when
    the kind's pace and the person's wishes allow; after `expires_at` it is neither: a prompt for a day is best told
    with the day's beginning as `not_before`, as the person's own morning decides. Whoever did what is told of should
    not be among `person_ids`.
    """
    _check(key, path, about, not_before, expires_at)
    now = utc_now()
    visible = max(now, not_before or now)
    people = sorted(set(person_ids))
    if not people:
        return
    keys = {person_id: f"{key}>{person_id}" for person_id in people}
    if about:
        _supersede(people, about, list(keys.values()), now)
    _insert(
        [
            _row(kind, data, keys[one], _path(path, paths, one), program_id, about, now, visible, expires_at)
            | {"person_id": one}
            for one in people
        ]
    )


def tell_channel(
    transport: str,
    channel: str,
    kind: MessageKind,
    data: Mapping[str, Any],
    *,
    key: str,
    path: str = "",
    program_id: int | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Say something in a channel of that way (by the way's name), which alone understands the channel's address."""
    _check(key, path, "", None, expires_at)
    now = utc_now()
    row = _row(kind, data, f"{key}>{transport}:{channel}", path, program_id, "", now, now, expires_at)
    _insert([row | {"channel": f"{transport}:{channel}"}])


def withdraw(*about: str) -> None:
    """Take back what was told about these and has not been read: the matter is closed. What is sent stays sent."""
    if not about:
        return
    now = utc_now()
    unread = (Message.about.in_(about), Message.read_at.is_(None))
    waiting = Message.state == State.WAITING
    _run(update(Message).where(*unread, waiting).values(state=State.CANCELLED, why="closed", settled_at=now))
    # What has gone out stays on the page of messages, where it no longer asks for anything.
    _run(update(Message).where(*unread, Message.state != State.CANCELLED).values(read_at=now))


def forget(about: str) -> None:
    """Delete what was told about this, wherever it stands: for what nobody may be able to look up afterwards.

    What has left by some way is with its reader; here nothing stays of it.
    """
    _run(delete(Message).where(Message.about == about))


def _path(path: str, paths: Mapping[int, str] | None, person_id: int) -> str:
    found = path if paths is None else paths[person_id]
    if len(found) > MAX_PATH or (found and not found.startswith("/")):
        raise ValueError(f"a message's path begins with a slash and has its limit: {found}")
    return found


def _supersede(people: list[int], about: str, keys: list[str], now: datetime) -> None:
    mine = (Message.about == about, Message.person_id.in_(people), Message.key.not_in(keys))
    unseen = (Message.state == State.WAITING, Message.read_at.is_(None))
    _run(update(Message).where(*mine, *unseen).values(state=State.SUPERSEDED, why="newer", settled_at=now))


def _run(statement: Any) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))


def _row(
    kind: MessageKind,
    data: Mapping[str, Any],
    key: str,
    path: str,
    program_id: int | None,
    about: str,
    now: datetime,
    visible: datetime,
    expires_at: datetime | None,
) -> dict[str, Any]:
    return {
        "key": key,
        "kind": kind.name,
        "pace": kind.pace.value,
        "program_id": program_id,
        "data": dict(data),
        "path": path,
        "about": about,
        "created_at": now,
        "visible_from": visible,
        "due_at": visible,
        "expires_at": expires_at,
        "state": State.WAITING.value,
    }


def _insert(rows: list[dict[str, Any]]) -> None:
    """One statement on either database; a key that is there already is left as it is."""
    # Past the mapper, which would send rows with and without an end apart; so what it holds must be written first.
    db.session.flush()
    statement: Insert
    if db.session.get_bind().dialect.name == "postgresql":
        statement = postgresql.insert(_TABLE).on_conflict_do_nothing(index_elements=["key"])
    else:
        statement = sqlite.insert(_TABLE).on_conflict_do_nothing(index_elements=["key"])
    db.session.execute(statement, rows)


def _check(key: str, path: str, about: str, not_before: datetime | None, expires_at: datetime | None) -> None:
    """Refuse what would fail later, in the clock, where nobody could explain it."""
    if not key or len(key) > MAX_KEY or len(about) > MAX_ABOUT or len(path) > MAX_PATH:
        raise ValueError("a message needs a key, and key, about and path have their limits")
    if path and not path.startswith("/"):
        raise ValueError(f"a message's path begins with a slash: {path}")
    if any(moment is not None and moment.tzinfo is None for moment in (not_before, expires_at)):
        raise ValueError("a moment needs a time zone")
