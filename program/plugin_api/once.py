"""Being told the same thing twice: what a chat or a webhook delivers again, or somebody sends again on purpose."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from program.extensions import db
from program.ground.now import utc_now
from program.plugin_api.models import PluginOnce
from program.plugin_api.units import writing

# Moments are kept no finer than this.
STEP = timedelta(minutes=15)
_TABLE: Any = PluginOnce.__table__


def first_time(plugin: str, key: str) -> bool:
    """Whether the plugin is told this for the first time in the last half hour, in any process; it is noted thereby.

    `key` is what the other side calls it. Of two processes that ask at the same moment, one hears True.
    """
    now = utc_now()
    secret = str(current_app.config["SECRET_KEY"]).encode()
    digest = hmac.new(secret, f"milepost.once:{plugin}:{key}".encode(), hashlib.sha256).hexdigest()
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    row = {"plugin": plugin, "digest": digest, "forget_at": _coarse(now) + 3 * STEP}
    with writing():
        db.session.execute(delete(_TABLE).where(_TABLE.c.forget_at <= now))
        added = insert(_TABLE).values(row).on_conflict_do_nothing().returning(_TABLE.c.digest)
        return db.session.execute(added).first() is not None


def forget_told() -> int:
    """Forget what was told long enough ago; for the clock. Says how much."""
    return int(db.session.connection().execute(delete(_TABLE).where(_TABLE.c.forget_at <= utc_now())).rowcount)


def _coarse(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute - moment.minute % 15, second=0, microsecond=0)
