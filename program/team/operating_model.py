"""The program's operating model: which of the three it works in, since when, and why.

Every choice is kept; the one with the latest day holds, and the others are the history. What the models are stands in
`playbooks/operating_models.yaml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import FIRST_DAY
from program.ground.database import read
from program.ground.errors import Conflict, Invalid
from program.ground.formats import current_locale
from program.ground.now import today_in
from program.ground.records import record
from program.ground.text import clean_text
from program.people import access
from program.people.models import Person
from program.planning.models import Program
from program.playbooks.operating_models import operating_models
from program.team.models import Model, ModelChoice

MAX_REASON = 2000
OVERTAKEN = _l("Somebody recorded a choice while you had the page open. Look at it, then decide again.")


@record
class Choice:
    """A choice as pages show it. `recorded_by` is None for the system."""

    id: int
    model: str
    reason: str
    decided_on: date
    recorded_by: str | None
    recorded_at: datetime

    @property
    def name(self) -> str:
        """The model's name in the reader's language."""
        return model_name(self.model)


def model_name(key: str) -> str:
    """A model's name in the reader's language."""
    found = operating_models().get(key)
    return found.name.in_(current_locale()) if found else key


def choices(program_id: int) -> Sequence[Choice]:
    """All choices of the program, the one that holds first; one statement. Permission is the caller's."""
    return [Choice(*row) for row in read(_choices(), {"program": program_id})]


def choose(
    actor: Actor, program_id: int, model: str, reason: str, decided_on: date | None, *, seen: int
) -> ModelChoice:
    """Record that the program works in that model from that day on, and why.

    `seen` is the id of the choice that held when the page was opened, 0 for none. Raises Invalid naming the field at
    fault, Conflict when somebody recorded another choice meanwhile.
    """
    access.require(actor, program_id, Access.MANAGER)
    # The row is held, so that two choices made in the same moment see each other.
    held = select(Program.timezone, Program.locale).where(Program.id == program_id).with_for_update()
    timezone, locale = db.session.execute(held).one()
    present = choices(program_id)
    if (present[0].id if present else 0) != seen:
        raise Conflict(OVERTAKEN)
    reason = clean_text(reason)
    wrong: dict[str, Any] = {}
    if model not in tuple(Model):
        wrong["model"] = _l("Choose one of the three models.")
    if not reason:
        wrong["reason"] = _l("Say why: whoever comes later will ask.")
    elif len(reason) > MAX_REASON:
        wrong["reason"] = _l("Up to %(most)s letters.", most=MAX_REASON)
    if decided_on is None or decided_on < FIRST_DAY:
        wrong["decided_on"] = _l("Give the day of the decision.")
    elif decided_on > today_in(timezone):
        wrong["decided_on"] = _l("That day has not come yet. Record the choice once it is made.")
    if wrong or decided_on is None:
        raise Invalid(_l("Something is not right yet."), wrong)
    row = ModelChoice(
        program_id=program_id, model=model, reason=reason, decided_on=decided_on, recorded_by_id=actor.person_id
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor,
        "operating_model.chosen",
        object_id=row.id,
        name=operating_models()[model].name.in_(locale),
        program_id=program_id,
        changes={
            "operating_model": [present[0].model if present else None, model],
            "reason": [None, reason],
            "decided_on": [None, decided_on.isoformat()],
        },
    )
    return row


@cache
def _choices() -> Any:
    return (
        select(
            *(ModelChoice.id, ModelChoice.model, ModelChoice.reason, ModelChoice.decided_on),
            *(Person.name, ModelChoice.recorded_at),
        )
        .outerjoin(Person, Person.id == ModelChoice.recorded_by_id)
        .where(ModelChoice.program_id == bindparam("program"))
        .order_by(ModelChoice.decided_on.desc(), ModelChoice.id.desc())
    )
