"""Whether status reports still stand as they were sent: each against the hash that the trail got of it then.

`milepost doctor` asks for all of them. Neighbours: `reports.py` sends, `decision_chain.py` does the same for decisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from program.extensions import db
from program.ground.audit import AuditEntry, in_json
from program.ground.records import record
from program.steering.models import StatusReport
from program.steering.reports import fingerprint


@record
class Altered:
    """A report that is not as it was sent: the Monday of its week, and why."""

    week: date
    reason: str


def verify(program_id: int) -> list[Altered]:
    """Every report of the program that is not as it was sent, in two statements; empty when all is well."""
    query = select(StatusReport).where(StatusReport.program_id == program_id).order_by(StatusReport.week)
    reports = {one.id: one for one in db.session.scalars(query.execution_options(populate_existing=True))}
    trail = db.session.execute(
        select(AuditEntry.object_id, AuditEntry.name, AuditEntry.changes)
        .where(AuditEntry.program_id == program_id, AuditEntry.verb == "report.sent")
        .order_by(AuditEntry.id)
    ).all()
    known = {row.object_id for row in trail}
    found = [
        Altered(one.week, _("It counts as sent, and the history does not tell of that."))
        for one in reports.values()
        if one.sent_at is not None and one.id not in known
    ]
    for row in trail:
        found += [Altered(date.fromisoformat(row.name), one) for one in _wrong(reports.get(row.object_id), row.changes)]
    return sorted(found, key=lambda one: one.week)


def _wrong(report: StatusReport | None, told: Mapping[str, Any]) -> list[str]:
    if report is None:
        return [_("It was sent, and is gone.")]
    if report.sent_at is None:
        return [_("It was sent, and stands as a draft now.")]
    reasons = []
    try:
        same = fingerprint(report) == told["hash"][1]
    except (ValueError, TypeError, KeyError):
        same = False
    if not same:
        reasons.append(_("Its week, its text or its facts were changed after it was sent."))
    # What its hash does not cover.
    kept = {"sent_at": in_json(report.sent_at), "sent_by_id": report.sent_by_id}
    if any(name in told and told[name][1] != value for name, value in kept.items()):
        reasons.append(_("The history tells of another moment or another sender."))
    return reasons
