"""How much is too much, and how many people one ambassador or super-user can look after: a program's limits.

The figures that hold until a manager sets others are Milepost's own working values; the handbook gives none. Both
limits of load are in points a week, as `load.py` counts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.change.models import ChangeLimits
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Conflict, Invalid
from program.ground.records import record
from program.people import access

MOST_POINTS, MOST_PEOPLE = 100, 1000
_CHANGED = _l("Somebody changed the limits while you had them open.")


@record
class Limits:
    """The limits that hold in a program."""

    amber_from: int = 6
    red_from: int = 12
    people_per_ambassador: int = 25
    people_per_super_user: int = 15


BUILT_IN = Limits()


def limits_of(program_id: int) -> tuple[Limits, int]:
    """The program's limits and their revision; 0 while the built-in ones hold. One statement."""
    columns = (
        *(ChangeLimits.amber_from, ChangeLimits.red_from),
        *(ChangeLimits.people_per_ambassador, ChangeLimits.people_per_super_user, ChangeLimits.revision),
    )
    row = read(select(*columns).where(ChangeLimits.program_id == program_id)).first()
    return (BUILT_IN, 0) if row is None else (Limits(*row[:4]), row[4])


def change_limits(actor: Actor, program_id: int, values: Mapping[str, Any], *, seen: int) -> Limits:
    """Set the program's limits. `seen` is the revision that `limits_of` gave. Raises Invalid and Conflict."""
    access.require(actor, program_id, Access.MANAGER)
    wanted = Limits(**{**asdict(limits_of(program_id)[0]), **values})
    _check(wanted)
    row = db.session.get(ChangeLimits, program_id)
    if (row.revision if row else 0) != seen:
        raise Conflict(_CHANGED)
    if row is None:
        before = asdict(BUILT_IN)
        changes = {name: [before[name], value] for name, value in asdict(wanted).items() if before[name] != value}
        db.session.add(ChangeLimits(program_id=program_id, **asdict(wanted)))
    else:
        changes = audit.change(row, asdict(wanted))
    db.session.flush()
    if changes:
        name = str(_l("Limits of change"))
        audit.record(
            actor, "change_limits.changed", object_id=program_id, name=name, program_id=program_id, changes=changes
        )
    return wanted


def _check(wanted: Limits) -> None:
    wrong: dict[str, Any] = {}
    for name, most in (
        ("amber_from", MOST_POINTS),
        ("red_from", MOST_POINTS),
        ("people_per_ambassador", MOST_PEOPLE),
        ("people_per_super_user", MOST_PEOPLE),
    ):
        value = getattr(wanted, name)
        if not isinstance(value, int) or not 1 <= value <= most:
            wrong[name] = _l("Give a number from 1 to %(most)s.", most=most)
    if not wrong and wanted.red_from <= wanted.amber_from:
        wrong["red_from"] = _l("Red begins above amber.")
    if wrong:
        raise Invalid(_l("Something is not right yet."), wrong)
