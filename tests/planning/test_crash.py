"""A process killed in the middle of writing loses nothing that it confirmed and leaves nothing half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from sqlalchemy import func, select, text

from program.extensions import db
from program.ground import database, schema
from program.ground.audit import AuditEntry
from program.planning.items import ItemDraft, add_items
from program.planning.models import ItemTag, Program, WorkItem
from program.settings import ROOT
from tests.planning.crashing import ITEMS_PER_ACT


def start_writer(url: str, program_id: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.planning.crashing", url, str(program_id)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def kill_after(writer: subprocess.Popen[str], acts: int, pause: float) -> int:
    """Kill the writer without warning some moment after it confirmed so many acts; gives the last one it confirmed."""
    assert writer.stdout is not None
    confirmed = 0
    for line in writer.stdout:
        confirmed = int(line)
        if confirmed >= acts:
            break
    time.sleep(pause)
    writer.send_signal(signal.SIGKILL)
    # What it had still said before it died counts as confirmed.
    for line in writer.stdout:
        if line.endswith("\n"):
            confirmed = int(line)
    assert writer.wait(timeout=60) == -signal.SIGKILL
    writer.stdout.close()
    return confirmed


def look(program_id: int) -> tuple[int, int, int, int, int]:
    """Items, tags, entries of the trail, complete acts, and the next number."""
    database.begin_reading()
    items = db.session.scalar(select(func.count()).where(WorkItem.program_id == program_id)) or 0
    tags = db.session.scalar(select(func.count()).where(ItemTag.program_id == program_id)) or 0
    acts = db.session.execute(
        select(AuditEntry.batch, func.count()).where(AuditEntry.program_id == program_id).group_by(AuditEntry.batch)
    ).all()
    assert all(count == ITEMS_PER_ACT for _batch, count in acts)
    next_number = db.session.scalar(select(Program.next_number).where(Program.id == program_id)) or 0
    db.session.rollback()
    database.begin_writing()
    return items, tags, sum(count for _batch, count in acts), len(acts), next_number


@pytest.mark.parametrize("pause", [0.0, 0.013])
def test_a_killed_process_loses_nothing_it_confirmed(app, cast, pause):
    with app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
        confirmed = kill_after(start_writer(url, cast.program_id), 4, pause)
        assert confirmed >= 4
        if db.engine.dialect.name == "postgresql":
            wait_for_others_to_end()
        else:
            with db.engine.connect() as connection:
                assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
                assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        items, tags, entries, acts, next_number = look(cast.program_id)
        # The act it was about may have been committed without its word getting out; never less, never a part of one.
        assert acts in (confirmed, confirmed + 1)
        assert items == tags == entries == acts * ITEMS_PER_ACT
        assert next_number == items + 1
        # And the database takes work at once.
        with database.transaction():
            more = add_items(cast.manager.actor, cast.program_id, [ItemDraft("After the crash")])
            assert more[0].number == next_number
        assert schema.current_revision(db.engine) == schema.head_revision()


def wait_for_others_to_end() -> None:
    """PostgreSQL notices a killed client when it next writes to it; its transaction ends then."""
    for _ in range(1200):
        with db.engine.connect() as connection:
            others = connection.execute(
                text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND pid <> pg_backend_pid() AND state <> 'idle'"
                )
            ).scalar()
        if not others:
            return
        time.sleep(0.05)
    raise AssertionError("the killed process's transaction is still open")
