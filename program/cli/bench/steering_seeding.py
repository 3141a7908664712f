"""What steering adds to a large program: risks, money, decisions, meetings, and 150 days of the progress page.

In bulk, past the verbs. Tests of how pages bear size seed from here too.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import insert

from program.extensions import db
from program.ground import formats
from program.ground.actor import Origin, system
from program.people.session import LOCALES
from program.planning.opening import find_program
from program.steering import snapshots
from program.steering.frozen import to_json
from program.steering.models import (
    BudgetLine,
    CommitteeMeeting,
    DecisionRequest,
    MeetingState,
    RequestState,
    Risk,
    Snapshot,
    SnapshotKind,
)
from program.steering.progress import assemble

DAYS, RISKS, LINES, REQUESTS, MEETINGS = 150, 60, 40, 30, 12


def seed_steering(key: str, today: date) -> None:
    """Fill a program that has its plan and its KPIs. The caller commits."""
    program = find_program(system(Origin.CLI), key)
    common = {"program_id": program.id, "revision": 1}
    moment = datetime.combine(today, time(9), UTC)
    rows = {
        Risk: [
            {"number": n, "title": f"Risk {n}", "category": "data", "probability": 1 + n % 5, "impact": 1 + n % 4}
            for n in range(1, RISKS + 1)
        ],
        BudgetLine: [
            {"position": n, "label": f"Line {n}", "approved": Decimal(1000 + n), "spent": Decimal(n)}
            for n in range(1, LINES + 1)
        ],
        DecisionRequest: [
            {"number": n, "title": f"Matter {n}", "state": RequestState.OPEN, "created_at": moment}
            for n in range(1, REQUESTS + 1)
        ],
        CommitteeMeeting: [
            {"number": n, "meets_at": at, "held_at": at, "state": MeetingState.CLOSED, "created_at": at}
            for n in range(1, MEETINGS + 1)
            for at in (moment - timedelta(weeks=2 * (MEETINGS - n) + 1),)
        ],
    }
    for model, told in rows.items():
        db.session.execute(insert(model), [{**common, **row} for row in told])
    data = {"version": snapshots.VERSION}
    for locale in LOCALES:
        with formats.reading_as(locale, program.timezone):
            data[locale] = to_json(assemble(program, today))
    kept = {"program_id": program.id, "kind": SnapshotKind.DAILY.value, "data": data, "taken_at": moment}
    db.session.execute(insert(Snapshot), [{**kept, "day": today - timedelta(days=n)} for n in range(1, DAYS + 1)])
