"""With which month the company's year begins: quarters are numbered and named by it. For managers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Conflict, Invalid
from program.kpis.models import FiscalYear
from program.kpis.periods import QUARTERS_BEGIN
from program.people import access

CHANGED_MEANWHILE = _l("Somebody changed the beginning of the year while you had the page open.")


def year_begins(program_id: int) -> int:
    """The month the company's year begins with, 1 where nobody has said. Permission is the caller's."""
    row = db.session.get(FiscalYear, program_id)
    return row.begins if row else 1


def set_year(actor: Actor, program_id: int, begins: int, *, seen: int) -> None:
    """Let the company's year begin with that month; figures stay, their quarters get other names.

    `seen` is the month that the page showed. Raises Conflict when it has changed meanwhile, Invalid.
    """
    access.require(actor, program_id, Access.MANAGER)
    if begins not in QUARTERS_BEGIN:
        raise Invalid(_l("Something is not right yet."), {"begins": _l("Choose one from the list.")})
    row = db.session.get(FiscalYear, program_id, with_for_update=True)
    before = row.begins if row else 1
    if before != seen:
        raise Conflict(CHANGED_MEANWHILE)
    if begins == before:
        return
    if row is None:
        db.session.add(FiscalYear(program_id=program_id, begins=begins))
    else:
        row.begins = begins
    db.session.flush()
    changes: audit.Changes = {"begins": [before, begins]}
    audit.record(actor, "fiscal_year.set", object_id=program_id, name="", program_id=program_id, changes=changes)
