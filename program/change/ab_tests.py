"""A/B tests: two ways of doing one thing, tried side by side, and what the figures said.

A test that is over needs a verdict; one without it is late from the day after its end. A verdict needs both results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select

from program.change.models import AbTest, Idea
from program.change.models.ideas import Verdict
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.database import read
from program.ground.errors import Invalid, NotFound
from program.ground.text import clean_line, clean_text
from program.people import access
from program.people.access import NOT_HERE

NOT_RIGHT = _l("Something is not right yet.")
CHANGED_MEANWHILE = _l("Somebody changed this test while you had it open.")
LENGTHS = {"hypothesis": 500, "metric": 120, "group_a": 200, "group_b": 200, "result_a": 60, "result_b": 60}
MAX_CONCLUSION = 4000
NEEDED = {
    "hypothesis": _l("Write what you expect, and why."),
    "metric": _l("Say what is measured, with its unit."),
    "group_a": _l("Say who goes on as before."),
    "group_b": _l("Say who tries the new way."),
}
COLUMNS = (*LENGTHS, "starts_on", "ends_on", "verdict", "conclusion", "idea_id")
MOST = 200


class AbState(StrEnum):
    """Where a test stands on a day."""

    PLANNED = "planned"
    RUNNING = "running"
    LATE = "late"
    DECIDED = "decided"


def state_on(test: Any, today: date) -> AbState:
    """The state of a test (a row with its dates and verdict) on that day."""
    if test.verdict:
        return AbState.DECIDED
    if test.starts_on > today:
        return AbState.PLANNED
    return AbState.RUNNING if test.ends_on >= today else AbState.LATE


def add_test(actor: Actor, program_id: int, values: Mapping[str, Any]) -> AbTest:
    """Add a test; `values` by column, with `idea_number` for the idea it tries. Raises Invalid."""
    access.require(actor, program_id, Access.CONTRIBUTOR)
    test = AbTest(program_id=program_id, created_by_id=actor.person_id, **_checked(program_id, values))
    db.session.add(test)
    db.session.flush()
    _record(actor, "ab_test.created", test, audit.created({name: getattr(test, name) for name in COLUMNS}))
    return test


def change_test(actor: Actor, test: AbTest, values: Mapping[str, Any], *, seen: int) -> audit.Changes:
    """Change a test, its results and verdict too. Raises Conflict, Invalid."""
    access.require(actor, test.program_id, Access.CONTRIBUTOR)
    audit.check_revision(test, seen, CHANGED_MEANWHILE, "ab_test")
    changes = audit.change(test, _checked(test.program_id, values))
    if changes:
        db.session.flush()
        _record(actor, "ab_test.changed", test, changes)
    return changes


def remove_test(actor: Actor, test: AbTest, *, seen: int) -> None:
    """Remove a test that was never begun, or was entered by mistake; the trail keeps what it was."""
    access.require(actor, test.program_id, Access.CONTRIBUTOR)
    audit.check_revision(test, seen, CHANGED_MEANWHILE, "ab_test")
    _record(actor, "ab_test.removed", test, audit.removed({name: getattr(test, name) for name in COLUMNS}))
    db.session.delete(test)
    db.session.flush()


def find_test(actor: Actor, program_id: int, test_id: int, needed: Access = Access.VIEWER) -> AbTest:
    """That test of the program. Raises NotFound."""
    access.require(actor, program_id, needed)
    test = db.session.scalars(select(AbTest).where(AbTest.id == test_id, AbTest.program_id == program_id)).one_or_none()
    if test is None:
        raise NotFound(NOT_HERE)
    return test


def list_tests(program_id: int) -> Sequence[Any]:
    """The newest tests of the program with their ideas' numbers, last to end first. One statement."""
    return read(_tests(), {"program": program_id}).all()


@cache
def _tests() -> Any:
    return (
        select(
            *(AbTest.id, AbTest.hypothesis, AbTest.metric, AbTest.starts_on, AbTest.ends_on, AbTest.verdict),
            *(AbTest.result_a, AbTest.result_b, Idea.number.label("idea_number"), Idea.title.label("idea_title")),
        )
        .select_from(AbTest)
        .outerjoin(Idea, Idea.id == AbTest.idea_id)
        .where(AbTest.program_id == bindparam("program"))
        .order_by(AbTest.ends_on.desc(), AbTest.id.desc())
        .limit(MOST)
    )


def _checked(program_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    tidy: dict[str, Any] = {name: clean_line(values.get(name) or "") for name in LENGTHS}
    tidy["conclusion"] = clean_text(values.get("conclusion") or "")
    tidy["verdict"] = values.get("verdict") or ""
    wrong: dict[str, Any] = {name: sentence for name, sentence in NEEDED.items() if not tidy[name]}
    for name, most in {**LENGTHS, "conclusion": MAX_CONCLUSION}.items():
        if len(tidy[name]) > most:
            wrong[name] = _l("Up to %(most)s letters.", most=most)
    if tidy["verdict"] and tidy["verdict"] not in tuple(Verdict):
        wrong["verdict"] = _l("Choose one from the list.")
    elif tidy["verdict"]:
        for name in ("result_a", "result_b"):
            if not tidy[name]:
                wrong[name] = _l("A verdict needs the results of both groups.")
    _check_dates(values, tidy, wrong)
    tidy["idea_id"] = _idea(program_id, values.get("idea_number"), wrong)
    if wrong:
        raise Invalid(NOT_RIGHT, wrong)
    return tidy


def _check_dates(values: Mapping[str, Any], tidy: dict[str, Any], wrong: dict[str, Any]) -> None:
    for name in ("starts_on", "ends_on"):
        day = tidy[name] = values.get(name)
        if day is None or not FIRST_DAY <= day <= LAST_DAY:
            wrong[name] = _l("Give a day between 2000 and 2099.")
    if not wrong.keys() & {"starts_on", "ends_on"} and tidy["ends_on"] < tidy["starts_on"]:
        wrong["ends_on"] = _l("It ends before it starts.")


def _idea(program_id: int, number: int | None, wrong: dict[str, Any]) -> int | None:
    if number is None:
        return None
    found = db.session.scalar(select(Idea.id).where(Idea.program_id == program_id, Idea.number == number))
    if found is None:
        wrong["idea_number"] = _l("There is no idea with that number.")
    return found


def _record(actor: Actor, verb: str, test: AbTest, changes: audit.Changes) -> None:
    audit.record(actor, verb, object_id=test.id, name=test.hypothesis, program_id=test.program_id, changes=changes)
