"""Writing a request for a decision: its question, options and business case; putting it to the committee.

The team writes, managers put it to the committee. From then on the text stands still: what people vote on is what was
asked. Neighbours: `decisions.py` (voting and deciding), `decision_telling.py` (who is told).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select
from sqlalchemy.orm.attributes import flag_modified

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.now import today_in, utc_now
from program.ground.records import record
from program.ground.text import clean_line, clean_text
from program.kpis.exact import LARGEST
from program.people import access
from program.people.access import NOT_HERE
from program.steering import decision_telling
from program.steering.handbook import handbook
from program.steering.models import DecisionOption, DecisionRequest, RequestState
from program.steering.risks import lock_program
from program.steering.seats import seats_of

MAX_TITLE, MAX_TEXT, MOST_OPTIONS, MOST_REQUESTS = 200, 5_000, 6, 2_000
NOT_RIGHT = _l("Something is not right yet.")
CHANGED_MEANWHILE = _l("Somebody changed this request while you had it open.")
STANDS_STILL = _l("This request is with the committee, or closed: its text stands still.")


@record
class OptionDraft:
    """One way to decide, before it is kept. Cost in the program's currency."""

    title: str
    pros: str = ""
    cons: str = ""
    effect: str = ""
    cost: Decimal | None = None
    is_recommended: bool = False


@record
class RequestDraft:
    """A request before it is kept. Cost and return are money, the return within `case_months`."""

    title: str
    background: str = ""
    criteria: str = ""
    case_effect: str = ""
    case_cost: Decimal | None = None
    case_return: Decimal | None = None
    case_months: int | None = None
    decide_by: date | None = None
    conflict: str = ""
    options: Sequence[OptionDraft] = ()


def prefilled(key: str, locale: str) -> RequestDraft:
    """One of the handbook's conflicts between channels as a request. Raises NotFound."""
    conflict = handbook().conflicts.get(key)
    if conflict is None:
        raise NotFound(NOT_HERE)
    return RequestDraft(
        conflict.title.in_(locale),
        conflict.background.in_(locale),
        conflict.criteria.in_(locale),
        conflict=key,
        options=[
            OptionDraft(
                one.title.in_(locale), one.pros.in_(locale), one.cons.in_(locale), is_recommended=one.recommended
            )
            for one in conflict.options
        ],
    )


def find_request(
    actor: Actor, program_id: int, number: int, needed: Access = Access.VIEWER, *, lock: bool = False
) -> DecisionRequest:
    """That request of the program. `lock` holds the program first, so that acts on it follow one another.

    Raises NotFound, Forbidden. Drafts are for the team.
    """
    level = access.access_of(actor, program_id)
    access.require(actor, program_id, needed)
    if lock:
        lock_program(program_id)
    query = select(DecisionRequest).where(DecisionRequest.number == number, DecisionRequest.program_id == program_id)
    request = db.session.scalars(query.execution_options(populate_existing=lock)).one_or_none()
    if request is None:
        raise NotFound(NOT_HERE)
    if request.state == RequestState.DRAFT and level is not None and level < Access.CONTRIBUTOR:
        raise NotFound(NOT_HERE)
    return request


def write_request(actor: Actor, program_id: int, draft: RequestDraft) -> DecisionRequest:
    """Write a request, as a draft. Raises Invalid naming the fields at fault ('options-0-title')."""
    access.require(actor, program_id, Access.CONTRIBUTOR)
    values, options = _checked(draft)
    lock_program(program_id)
    last = (
        db.session.scalar(select(func.max(DecisionRequest.number)).where(DecisionRequest.program_id == program_id)) or 0
    )
    if last >= MOST_REQUESTS:
        raise Invalid(_l("A program keeps up to %(most)s requests.", most=MOST_REQUESTS))
    request = DecisionRequest(
        program_id=program_id, number=last + 1, asked_by_id=actor.person_id, state=RequestState.DRAFT.value, **values
    )
    db.session.add(request)
    db.session.flush()
    _set_options(request, options)
    _record(actor, "decision.created", request, audit.created({"decide_by": request.decide_by}))
    return request


def change_request(actor: Actor, request: DecisionRequest, draft: RequestDraft, *, seen: int) -> None:
    """Change a draft. Raises Conflict, Invalid."""
    access.require(actor, request.program_id, Access.CONTRIBUTOR)
    lock_program(request.program_id)
    audit.check_revision(request, seen, CHANGED_MEANWHILE, "decision")
    if request.state != RequestState.DRAFT:
        raise Conflict(STANDS_STILL)
    values, options = _checked(draft)
    changes = audit.change(request, values)
    before = [_plain(one) for one in options_of(request.id)]
    after = [_plain(DecisionOption(position=place, **one)) for place, one in enumerate(options)]
    if before != after:
        _set_options(request, options)
        changes["options"] = [None, len(options)]
    if changes:
        flag_modified(request, "title")
        db.session.flush()
        _record(actor, "decision.changed", request, changes)


def put_to_committee(actor: Actor, request: DecisionRequest, *, seen: int) -> None:
    """Ask the committee: from now on the text stands still and members may vote. They are told, once.

    Raises Conflict, Invalid without two options, a day, or a committee.
    """
    access.require(actor, request.program_id, Access.MANAGER)
    program = lock_program(request.program_id)
    audit.check_revision(request, seen, CHANGED_MEANWHILE, "decision")
    if request.state != RequestState.DRAFT:
        raise Conflict(STANDS_STILL)
    if len(options_of(request.id)) < 2:
        raise Invalid(_l("A decision is between two options at least. Add one, were it to leave things as they are."))
    if request.decide_by is None:
        raise Invalid(_l("Say by when the decision is needed."))
    seats = seats_of(request.program_id, today_in(program.timezone))
    if not seats:
        raise Invalid(_l("The committee has no members yet."))
    changes = audit.change(request, {"state": RequestState.OPEN.value, "opened_at": utc_now()})
    db.session.flush()
    _record(actor, "decision.opened", request, changes)
    decision_telling.tell_asked(actor, program, request, seats)


def withdraw(actor: Actor, request: DecisionRequest, why: str, *, seen: int) -> None:
    """Take a request back before it is decided. Its votes are kept. Raises Conflict, Invalid without a reason."""
    access.require(actor, request.program_id, Access.MANAGER)
    lock_program(request.program_id)
    audit.check_revision(request, seen, CHANGED_MEANWHILE, "decision")
    if request.state not in (RequestState.DRAFT, RequestState.OPEN):
        raise Conflict(_l("It is closed already."))
    why = clean_text(why or "")
    if not why or len(why) > MAX_TEXT:
        raise Invalid(NOT_RIGHT, {"why": _l("Say why it is not needed any more.")})
    changes = audit.change(request, {"state": RequestState.WITHDRAWN.value, "withdrawn_why": why})
    db.session.flush()
    _record(actor, "decision.withdrawn", request, changes)
    decision_telling.withdraw_asked(request)


def options_of(request_id: int) -> list[DecisionOption]:
    """The options of a request in their order."""
    query = select(DecisionOption).where(DecisionOption.request_id == request_id).order_by(DecisionOption.position)
    return list(db.session.scalars(query))


def _plain(option: DecisionOption) -> tuple[Any, ...]:
    return (option.title, option.pros, option.cons, option.effect, option.cost, bool(option.is_recommended))


def _set_options(request: DecisionRequest, options: Sequence[dict[str, Any]]) -> None:
    db.session.execute(delete(DecisionOption).where(DecisionOption.request_id == request.id))
    db.session.add_all(
        DecisionOption(program_id=request.program_id, request_id=request.id, position=place, **one)
        for place, one in enumerate(options)
    )
    db.session.flush()


def _checked(draft: RequestDraft) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    values: dict[str, Any] = asdict(draft)
    options: list[dict[str, Any]] = values.pop("options")
    wrong: dict[str, Any] = {}
    values["title"] = clean_line(values["title"] or "")
    for name in ("background", "criteria", "case_effect"):
        values[name] = clean_text(values[name] or "")
    if not values["title"]:
        wrong["title"] = _l("Say what is to be decided.")
    for name, most in (
        *(("title", MAX_TITLE), ("background", MAX_TEXT), ("criteria", MAX_TEXT), ("case_effect", MAX_TEXT)),
    ):
        if len(values[name]) > most:
            wrong[name] = _l("Up to %(most)s letters.", most=most)
    _check_case(values, wrong)
    if values["conflict"] and values["conflict"] not in handbook().conflicts:
        values["conflict"] = ""
    for place, option in enumerate(options):
        _check_option(place, option, wrong)
    if len(options) > MOST_OPTIONS:
        wrong["options"] = _l("Up to %(most)s options.", most=MOST_OPTIONS)
    if sum(option["is_recommended"] for option in options) > 1:
        wrong["recommended"] = _l("Recommend one option, or none.")
    if wrong:
        raise Invalid(NOT_RIGHT, wrong)
    return values, options


def _check_case(values: dict[str, Any], wrong: dict[str, Any]) -> None:
    for name in ("case_cost", "case_return"):
        _check_money(values[name], name, wrong)
    if values["case_months"] is not None and not 1 <= values["case_months"] <= 120:
        wrong["case_months"] = _l("From 1 to 120 months.")
    day = values["decide_by"]
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        wrong["decide_by"] = _l("Give a day between 2000 and 2099.")


def _check_option(place: int, option: dict[str, Any], wrong: dict[str, Any]) -> None:
    option["title"] = clean_line(option["title"] or "")
    for name in ("pros", "cons", "effect"):
        option[name] = clean_text(option[name] or "")
        if len(option[name]) > MAX_TEXT:
            wrong[f"options-{place}-{name}"] = _l("Up to %(most)s letters.", most=MAX_TEXT)
    if not option["title"] or len(option["title"]) > MAX_TITLE:
        wrong[f"options-{place}-title"] = _l("Give the option a name of up to %(most)s letters.", most=MAX_TITLE)
    _check_money(option["cost"], f"options-{place}-cost", wrong)


def _check_money(value: Decimal | None, name: str, wrong: dict[str, Any]) -> None:
    if value is not None and not (value.is_finite() and 0 <= value <= LARGEST):
        wrong[name] = _l("An amount from 0 on.")


def _record(actor: Actor, verb: str, request: DecisionRequest, changes: audit.Changes) -> None:
    audit.record(actor, verb, object_id=request.id, name=request.title, program_id=request.program_id, changes=changes)
