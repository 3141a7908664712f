"""Reminding of gates whose day comes near: whoever manages the program is told what is not met yet, once a stage.

Which stage a gate is at follows from its day and today; a clock that was away tells the last stage only, and nothing of
gates that lie far behind. A gate that is passed, held or stopped has been decided on and is nobody's surprise. A gate
that gets another day is another matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import select

from program.extensions import db
from program.ground import formats
from program.ground.actor import Access
from program.ground.cadence import moment_of
from program.ground.calendar import WorkingCalendar
from program.ground.now import today_in, utc_now
from program.ground.pages import path_to
from program.outbox.kinds import MessageKind, Pace, Words, register
from program.outbox.messages import tell
from program.outbox.models import Message
from program.people.models import Membership, Person
from program.planning.criteria import MANUAL
from program.planning.models import Gate, Program
from program.planning.readiness import GateReadiness, readiness

# Working days before the gate: time to do something, and time to put it off; told in the morning.
SOON_DAYS, NEAR_DAYS, TELLS_AT = 10, 2, time(7)
# Older gates are no news: a plan that was imported, a clock that was away for a month.
LATE_FOR = timedelta(days=14)
# Two working weeks are within a month over any holidays.
_AHEAD = timedelta(days=31)
# Reasons that a message names; the page has them all.
MOST_NAMED = 6


class Stage(StrEnum):
    """How far a gate is from its day."""

    SOON = "soon"
    NEAR = "near"
    LATE = "late"


def stage_of(planned_on: date, country: str, zone_name: str, now: datetime) -> Stage | None:
    """The stage whose morning came last; None before the first."""
    calendar = WorkingCalendar(country)
    mornings = (
        (Stage.LATE, planned_on + timedelta(days=1)),
        (Stage.NEAR, calendar.add(planned_on, -NEAR_DAYS)),
        (Stage.SOON, calendar.add(planned_on, -SOON_DAYS)),
    )
    return next((stage for stage, day in mornings if moment_of(day, TELLS_AT, zone_name) <= now), None)


def remind_due() -> int:
    """The clock's part. Returns how many gates were at a stage that had not been told."""
    now = utc_now()
    rows = db.session.execute(
        select(Gate.id, Gate.planned_on, Program)
        .join(Program, Program.id == Gate.program_id)
        .where(Gate.planned_on.between(now.date() - LATE_FOR, now.date() + _AHEAD), Program.closed_on.is_(None))
        .order_by(Gate.program_id, Gate.planned_on, Gate.id)
    ).all()
    told = 0
    for gate_id, planned_on, program in rows:
        stage = stage_of(planned_on, program.country, program.timezone, now)
        if stage is not None:
            told += _remind(program, gate_id, f"planning.gate_near:{gate_id}:{stage}:{planned_on}", stage)
    return told


def _remind(program: Program, gate_id: int, key: str, stage: Stage) -> int:
    managers = db.session.execute(
        select(Person.id, Person.locale, Person.timezone)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.program_id == program.id, Membership.access == Access.MANAGER.value, Person.is_active)
    ).all()
    keys = {f"{key}>{person.id}" for person in managers}
    known = set(db.session.scalars(select(Message.key).where(Message.key.in_(keys)))) if keys else set()
    readers: dict[tuple[str, str], list[int]] = defaultdict(list)
    for person in managers:
        if f"{key}>{person.id}" not in known:
            readers[person.locale, person.timezone].append(person.id)
    told = 0
    for (locale, zone_name), person_ids in sorted(readers.items()):
        # What is asked and why it is not met is worked out in words: so it is worked out in theirs.
        with formats.reading_as(locale, zone_name):
            (gate,) = readiness(program, today_in(program.timezone), only=gate_id)
            if gate.state not in ("open", "ready", "reopened"):
                return 0
            data = _data(program.name, gate, stage)
        told = 1
        tell(
            person_ids,
            NEAR,
            data,
            key=key,
            path=path_to("gates.show", key=program.key, gate_id=gate_id),
            program_id=program.id,
            about=f"gate:{gate_id}:near",
        )
    return told


def _data(program: str, gate: GateReadiness, stage: Stage) -> dict[str, Any]:
    unmet = [one for one in gate.criteria if not one.met]
    return {
        "program": program,
        "gate": gate.name,
        "planned_on": gate.planned_on.isoformat(),
        "stage": stage.value,
        # What people confirm is named by its question; of what is computed, the reason names it.
        "unmet": [one.text if one.kind == MANUAL else one.why_not or one.text for one in unmet],
        "total": gate.total,
    }


def _near(data: Mapping[str, Any]) -> Words:
    day = formats.day(date.fromisoformat(data["planned_on"]))
    values = {"gate": data["gate"], "program": data["program"], "day": day}
    if data["stage"] == Stage.LATE:
        subject = _("“%(gate)s” of %(program)s was planned for %(day)s and is not decided", **values)
    else:
        subject = _("“%(gate)s” of %(program)s is planned for %(day)s", **values)
    return Words(subject, "\n".join(_lines(data["unmet"], data["total"])), _("Open the gate"))


def _lines(unmet: Sequence[str], total: int) -> list[str]:
    if not unmet:
        return [_("Every criterion is met: it can be decided.")]
    first = ngettext(
        "%(num)s of %(total)s criteria is open", "%(num)s of %(total)s criteria are open", len(unmet), total=total
    )
    lines = [f"{first}:", *(f"\N{BULLET} {words}" for words in unmet[:MOST_NAMED])]
    rest = len(unmet) - MOST_NAMED
    return [*lines, ngettext("and %(num)s more", "and %(num)s more", rest)] if rest > 0 else lines


NEAR = register(MessageKind("planning.gate_near", _l("A gate comes near"), Pace.PROMPT, _near, icon="diamond"))
