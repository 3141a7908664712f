"""Decisions of a committee, for plugins through which its members vote: a chat, a screen in the meeting room.

The plugin says who votes, and has made sure that it is them. What it is given back is in that person's language.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from program.ground import formats
from program.ground.actor import Actor, Origin
from program.ground.database import read
from program.ground.errors import NotFound
from program.ground.now import today_in
from program.ground.pages import path_to
from program.people.access import NOT_HERE
from program.planning.models import Program as ProgramRow
from program.plugin_api.contract import Choice, Decision, Person, Voice
from program.plugin_api.units import reading, writing
from program.plugin_api.work import web_address
from program.steering import decisions
from program.steering.decision_lists import outcome_of
from program.steering.decision_requests import find_request, options_of
from program.steering.models import DecidedBy, DecisionOption, DecisionRequest, RequestState
from program.steering.seats import plan_of, seats_for


def decision(person: Person, decision_id: int) -> Decision:
    """A decision that a committee is asked for, as that person may see it, in their words. Raises NotFound."""
    with reading(), formats.reading_as(person.locale, person.timezone):
        return _decision(person, decision_id)


def decisions_waiting_for(person: Person) -> tuple[Decision, ...]:
    """The decisions that wait for a vote of that person or of a seat they stand in for, the most pressing first."""
    with reading(), formats.reading_as(person.locale, person.timezone):
        waiting = decisions.waiting_for(person.id)
        if not waiting:
            return ()
        numbers = {(one.program_id, one.number) for one in waiting}
        query = select(DecisionRequest.id, DecisionRequest.program_id, DecisionRequest.number).where(
            DecisionRequest.program_id.in_({program_id for program_id, _number in numbers}),
            DecisionRequest.state == RequestState.OPEN.value,
        )
        ids = {(row.program_id, row.number): row.id for row in read(query).all()}
        return tuple(_decision(person, ids[one.program_id, one.number]) for one in waiting)


def decision_state(decision_id: int) -> str:
    """Where a decision stands, whoever asks: 'draft', 'open', 'decided', 'withdrawn', or '' for one that is gone."""
    with reading():
        found = read(select(DecisionRequest.state).where(DecisionRequest.id == decision_id)).scalar()
        return str(found or "")


def vote(
    person: Person,
    decision_id: int,
    choice_id: int | None,
    reason: str = "",
    *,
    seat_id: int | None = None,
    where: Origin = Origin.SLACK,
) -> None:
    """Vote from that person's seat, or one they stand in for; without `choice_id` abstain. Again is a changed vote.

    Raises NotFound, Forbidden for who has no seat, Conflict once it is decided, Invalid by 'option' and 'reason'.
    """
    with writing():
        row = _row(decision_id)
        actor = Actor(person.id, where)
        decisions.vote(actor, row.program_id, row.number, choice_id, reason, seat_id=seat_id)


def decide(
    person: Person,
    decision_id: int,
    choice_id: int | None,
    reason: str,
    *,
    look: str,
    by_vote: bool = False,
    where: Origin = Origin.SLACK,
) -> None:
    """Close a decision as its chair: for a choice, for None of them, or (`by_vote`) for what leads; it is frozen.

    Raises NotFound, Forbidden, Conflict once it is decided, Invalid by 'option' and 'reason', and, without fields, when
    somebody voted since `look`.
    """
    with writing():
        row = _row(decision_id)
        way = DecidedBy.VOTE if by_vote else DecidedBy.CHAIR
        decisions.decide(Actor(person.id, where), row.program_id, row.number, way, choice_id, reason, look=look)


def _row(decision_id: int) -> Any:
    columns = (DecisionRequest.program_id, DecisionRequest.number, ProgramRow.key, ProgramRow.timezone)
    query = select(*columns).join(ProgramRow, ProgramRow.id == DecisionRequest.program_id)
    found = read(query.where(DecisionRequest.id == decision_id, DecisionRequest.state != RequestState.DRAFT)).first()
    if found is None:
        raise NotFound(NOT_HERE)
    return found


def _decision(person: Person, decision_id: int) -> Decision:
    row = _row(decision_id)
    request = find_request(Actor(person.id), row.program_id, row.number)
    standing = decisions.standing_of(request, today_in(row.timezone))
    given = {one.seat_id: one for one in standing.votes}
    options = options_of(request.id)
    outcome = outcome_of(request.id)
    currency = plan_of(row.program_id).currency
    names = {option.id: option.title for option in options}
    voices = []
    for seat in seats_for(standing.seats, person.id):
        said = given.get(seat.id)
        is_own = seat.person_id == person.id
        voices.append(
            Voice(
                *(seat.id, seat.name, is_own, said is not None),
                said.option_id if said else None,
                said.reason if said else "",
                request.state == RequestState.OPEN and (is_own or said is None or not said.in_person),
            )
        )
    tally = standing.tally
    is_chair = any(seat.is_chair and seat.votes_as(person.id) for seat in standing.seats)
    taken = ""
    if outcome is not None:
        taken = names.get(outcome.option_id or 0) or _("None of the options")
    return Decision(
        id=request.id,
        program_id=row.program_id,
        program=row.key,
        number=request.number,
        title=request.title,
        text=_case(request, currency),
        decide_by=request.decide_by,
        state=str(request.state),
        choices=tuple(
            Choice(
                *(option.id, option.title, _speaks(option, currency), option.is_recommended),
                tally.by_option.get(option.id, 0),
            )
            for option in options
        ),
        voices=tuple(voices),
        spoken=tally.spoken,
        needed=tally.needed,
        outcome=taken,
        reason=outcome.reason if outcome is not None else request.withdrawn_why,
        url=web_address(path_to("decisions.show", key=row.key, number=request.number)),
        leading=tally.leading if tally.is_valid else None,
        may_decide=is_chair and request.state == RequestState.OPEN,
        look=standing.look,
    )


def _case(request: DecisionRequest, currency: str) -> str:
    lines = [request.background]
    if request.criteria:
        lines.append(_("Weighed by: %(criteria)s", criteria=request.criteria))
    if request.case_effect:
        lines.append(_("Effect on customers: %(effect)s", effect=request.case_effect))
    if request.case_cost is not None:
        lines.append(_("Cost: %(money)s", money=_money(request.case_cost, currency)))
    if request.case_return is not None:
        money = _money(request.case_return, currency)
        if request.case_months:
            lines.append(_("Return in %(num)s months: %(money)s", num=request.case_months, money=money))
        else:
            lines.append(_("Return: %(money)s", money=money))
    return "\n".join(line for line in lines if line)


def _speaks(option: DecisionOption, currency: str) -> str:
    lines = []
    if option.pros:
        lines.append(_("For it: %(text)s", text=option.pros))
    if option.cons:
        lines.append(_("Against it: %(text)s", text=option.cons))
    if option.effect:
        lines.append(_("It changes: %(text)s", text=option.effect))
    if option.cost is not None:
        lines.append(_("Cost: %(money)s", money=_money(option.cost, currency)))
    return "\n".join(lines)


def _money(value: Any, currency: str) -> str:
    places = 0 if value == value.to_integral_value() else 2
    return f"{formats.exact(value, places)}\N{NO-BREAK SPACE}{currency}"
