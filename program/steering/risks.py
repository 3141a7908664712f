"""Verbs of the risk register: add, take over from the handbook, change, take further, close, reopen.

The team keeps the register; managers take over the handbook's. A risk is never deleted: it is closed, or it happened.
Neighbours: `risk_lists.py` (reading), `risk_words.py` (how bad it is), `risk_telling.py` (who is told).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.now import utc_now
from program.ground.text import clean_line, clean_text
from program.people import access
from program.people.access import NOT_HERE
from program.planning.comments import members
from program.planning.models import Program
from program.steering import risk_telling
from program.steering.handbook import handbook
from program.steering.models import Risk, RiskState
from program.steering.models.risks import HIGHEST
from program.steering.risk_words import CATEGORY_WORDS

MAX_TITLE, MAX_TEXT, MOST_RISKS = 200, 5_000, 500
NOT_RIGHT = _l("Something is not right yet.")
CHANGED_MEANWHILE = _l("Somebody changed this risk while you had it open.")
COLUMNS = (
    *("title", "cause", "category", "probability", "impact", "measure", "probability_after", "impact_after"),
    *("owner_id", "review_on"),
)


def find_risk(
    actor: Actor, program_id: int, number: int, needed: Access = Access.VIEWER, *, lock: bool = False
) -> Risk:
    """That risk of the program, by its number. Raises NotFound, Forbidden."""
    access.require(actor, program_id, needed)
    query = select(Risk).where(Risk.number == number, Risk.program_id == program_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    risk = db.session.scalars(query).one_or_none()
    if risk is None:
        raise NotFound(NOT_HERE)
    return risk


def add_risk(actor: Actor, program_id: int, values: Mapping[str, Any]) -> Risk:
    """Add a risk; `values` by column (`COLUMNS`). Raises Invalid naming the fields at fault."""
    access.require(actor, program_id, Access.CONTRIBUTOR)
    lock_program(program_id)
    return _add(actor, program_id, _next_number(program_id), _checked(program_id, None, values), None, None)


def take_over(actor: Actor, program_id: int, keys: Collection[str]) -> list[Risk]:
    """Copy those risks of the handbook in the program's language; those that are here already are left alone.

    Raises Invalid for one that the handbook does not have.
    """
    access.require(actor, program_id, Access.MANAGER)
    known = handbook().risks
    if unknown := set(keys) - known.keys():
        raise Invalid(_l("The handbook has no risk “%(key)s”.", key=min(unknown)))
    program = lock_program(program_id)
    present = set(
        db.session.scalars(
            select(Risk.handbook_key).where(Risk.program_id == program_id, Risk.handbook_key.is_not(None))
        )
    )
    number, batch = _next_number(program_id), audit.new_batch()
    added: list[Risk] = []
    for entry in (entry for key, entry in known.items() if key in keys and key not in present):
        values = {
            "title": entry.title.in_(program.locale),
            "cause": entry.cause.in_(program.locale),
            "measure": entry.measure.in_(program.locale),
            "category": entry.category.value,
            **{name: getattr(entry, name) for name in ("probability", "impact", "probability_after", "impact_after")},
        }
        added.append(_add(actor, program_id, number + len(added), values, entry.key, batch))
    return added


def change_risk(actor: Actor, risk: Risk, values: Mapping[str, Any], *, seen: int) -> str:
    """Change a risk. Returns the batch that takes it back, '' when nothing changed. Raises Conflict, Invalid."""
    access.require(actor, risk.program_id, Access.CONTRIBUTOR)
    audit.check_revision(risk, seen, CHANGED_MEANWHILE, "risk")
    return _set(actor, risk, _checked(risk.program_id, risk, values))


def settle(actor: Actor, risk: Risk, state: str, outcome: str, *, seen: int) -> str:
    """Close a risk, say that it happened, or open it again. Returns the batch that takes it back.

    What became of it is needed for one that is closed or has happened. Raises Conflict, Invalid.
    """
    access.require(actor, risk.program_id, Access.CONTRIBUTOR)
    audit.check_revision(risk, seen, CHANGED_MEANWHILE, "risk")
    if state not in list(RiskState):
        raise Invalid(NOT_RIGHT, {"state": _l("Choose one from the list.")})
    outcome = clean_text(outcome or "")
    if state != RiskState.OPEN and not outcome:
        raise Invalid(NOT_RIGHT, {"outcome": _l("Say in a sentence what became of it.")})
    if len(outcome) > MAX_TEXT:
        raise Invalid(NOT_RIGHT, {"outcome": _l("Up to %(most)s letters.", most=MAX_TEXT)})
    return _set(actor, risk, {"state": state, "outcome": outcome})


def escalate(actor: Actor, risk: Risk, why: str, *, seen: int) -> list[str]:
    """Take a risk to who answers for the program and to the committee: once. Returns the names of who is told.

    Raises Conflict for one that was taken further already, or is not open; Invalid without a reason.
    """
    access.require(actor, risk.program_id, Access.CONTRIBUTOR)
    audit.check_revision(risk, seen, CHANGED_MEANWHILE, "risk")
    why = clean_text(why or "")
    if not why or len(why) > MAX_TEXT:
        raise Invalid(NOT_RIGHT, {"why": _l("Say what you need from them.")})
    if risk.state != RiskState.OPEN or risk.escalated_at is not None:
        raise Conflict(_l("This risk has been taken further already, or is not open."))
    changes = audit.change(risk, {"escalated_at": utc_now()})
    db.session.flush()
    _record(actor, "risk.escalated", risk, {**changes, "reason": [None, why]})
    return risk_telling.tell_escalated(actor, risk, why)


def lock_program(program_id: int) -> Program:
    """The program, held until the commit: numbers are given out one after another. Raises NotFound."""
    program = db.session.scalars(
        select(Program)
        .where(Program.id == program_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if program is None:
        raise NotFound(NOT_HERE)
    return program


def _next_number(program_id: int) -> int:
    last = db.session.scalar(select(func.max(Risk.number)).where(Risk.program_id == program_id)) or 0
    if last >= MOST_RISKS:
        raise Invalid(_l("A register holds up to %(most)s risks.", most=MOST_RISKS))
    return last + 1


def _add(
    actor: Actor, program_id: int, number: int, values: Mapping[str, Any], key: str | None, batch: str | None
) -> Risk:
    risk = Risk(program_id=program_id, number=number, handbook_key=key, created_by_id=actor.person_id, **values)
    db.session.add(risk)
    db.session.flush()
    _record(actor, "risk.created", risk, audit.created({name: getattr(risk, name) for name in COLUMNS}), batch)
    return risk


def _set(actor: Actor, risk: Risk, values: Mapping[str, Any]) -> str:
    changes = audit.change(risk, values)
    if not changes:
        return ""
    db.session.flush()
    batch = audit.new_batch()
    _record(actor, "risk.changed", risk, changes, batch)
    return batch


def _checked(program_id: int, present: Risk | None, values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {name: values.get(name) for name in COLUMNS}
    wrong: dict[str, Any] = {}
    found["title"] = clean_line(found["title"] or "")
    for name in ("cause", "measure"):
        found[name] = clean_text(found[name] or "")
    if not found["title"]:
        wrong["title"] = _l("Say in a few words what could go wrong.")
    for name, most in (("title", MAX_TITLE), ("cause", MAX_TEXT), ("measure", MAX_TEXT)):
        if len(found[name]) > most:
            wrong[name] = _l("Up to %(most)s letters.", most=most)
    if found["category"] not in CATEGORY_WORDS:
        wrong["category"] = _l("Choose one from the list.")
    _check_levels(found, wrong)
    owner = found["owner_id"]
    if owner is not None and (present is None or owner != present.owner_id) and owner not in members(program_id):
        wrong["owner_id"] = _l("Choose somebody of this program.")
    day = found["review_on"]
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        wrong["review_on"] = _l("Give a day between 2000 and 2099.")
    if wrong:
        raise Invalid(NOT_RIGHT, wrong)
    return found


def _check_levels(found: Mapping[str, Any], wrong: dict[str, Any]) -> None:
    for name in ("probability", "impact"):
        after = f"{name}_after"
        if found[name] is None or not 1 <= found[name] <= HIGHEST:
            wrong[name] = _l("Choose from 1 to %(highest)s.", highest=HIGHEST)
        elif found[after] is not None and not 1 <= found[after] <= HIGHEST:
            wrong[after] = _l("Choose from 1 to %(highest)s.", highest=HIGHEST)
        elif found[after] is not None and found[after] > found[name]:
            wrong[after] = _l("Measures do not make it worse.")
    if (found["probability_after"] is None) != (found["impact_after"] is None):
        missing = "probability_after" if found["probability_after"] is None else "impact_after"
        wrong.setdefault(missing, _l("Give both, or neither."))
    if found["probability_after"] is not None and not found["measure"]:
        wrong.setdefault("measure", _l("Say what is to bring it there."))


def _record(actor: Actor, verb: str, risk: Risk, changes: audit.Changes, batch: str | None = None) -> None:
    audit.record(
        actor, verb, object_id=risk.id, name=risk.title, program_id=risk.program_id, changes=changes, batch=batch
    )
