"""How long messages are kept: long enough to look something up, not longer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from program.extensions import db
from program.ground.now import utc_now
from program.outbox.models import Message, State

# Days after which a message is forgotten, read or not; one that still has something ahead of it is kept.
KEPT = timedelta(days=180)
_OPEN = (State.WAITING, State.IN_FLIGHT, State.UNCERTAIN)
# At a time, so that SQLite's one write lock is not held for long.
_MOST = 2_000


def sweep() -> int:
    """Forget messages of long ago. Returns how many."""
    old = (Message.created_at < utc_now() - KEPT, Message.state.not_in(_OPEN))
    found = select(Message.id).where(*old).order_by(Message.created_at).limit(_MOST)
    gone: Any = db.session.execute(
        delete(Message).where(Message.id.in_(found)).execution_options(synchronize_session=False)
    )
    return int(gone.rowcount)
