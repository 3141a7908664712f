"""Voting and deciding: seats speak, the vote or the chair decides, and what was decided is frozen for good.

The rules:
- Each seat has one vote, given by its member or the deputy; a member's own vote is not replaced by the deputy's. It can
  be changed until the decision.
- A decision by vote needs the quorum and takes the option with more votes than any other. The chair may decide
  otherwise, or without a quorum, and says why. Managers may record how a vote went.
- Votes of seats that ended before the decision are kept and do not count.
- Whoever decides has seen all votes: one that came meanwhile is shown first. A request is decided once.
- Votes for other options are kept as dissent, with their reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import aliased

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Conflict, Forbidden, Invalid
from program.ground.now import today_in, utc_now
from program.ground.records import record
from program.ground.text import clean_text
from program.people import access
from program.people.models import Membership, Person
from program.planning.models import Program
from program.steering import decision_chain, decision_telling
from program.steering.decision_requests import MAX_TEXT, NOT_RIGHT, find_request, options_of
from program.steering.models import (
    CommitteeMember,
    DecidedBy,
    DecisionOption,
    DecisionOutcome,
    DecisionRequest,
    DecisionVote,
    RequestState,
)
from program.steering.seats import Seated, plan_of, quorum_of, seats_for, seats_of
from program.steering.votes import Tally, Vote, tally

NOT_OPEN = _l("This request is not with the committee, or no longer.")


class LookAgain(Invalid):
    """Somebody voted since the decider looked; they have to see it before it is frozen."""

    status = 409


@record
class Standing:
    """A request as it stands with the committee."""

    seats: Sequence[Seated]
    votes: Sequence[Vote]
    tally: Tally

    @property
    def look(self) -> str:
        """A short fingerprint of seats and votes: another one means that something has changed since."""
        seen = {
            "votes": [[vote.seat_id, vote.option_id, vote.reason, vote.by_id] for vote in self.votes],
            "seats": [seat.id for seat in self.seats],
            "needed": self.tally.needed,
        }
        return decision_chain.digest(decision_chain.GENESIS, decision_chain.canonical(seen))[:16]


@record
class Waiting:
    """A decision that waits for somebody's vote; `seat_ids` are the seats they may speak for."""

    program_id: int
    key: str
    number: int
    title: str
    decide_by: date | None
    seat_ids: tuple[int, ...]


def vote(
    actor: Actor, program_id: int, number: int, option_id: int | None, reason: str = "", *, seat_id: int | None = None
) -> None:
    """Vote from a seat of one's own, or as its deputy; `option_id` None abstains. `seat_id` None is one's first seat.

    Raises Forbidden for who has no seat, Conflict once it is decided or when the member has voted in person.
    """
    request = find_request(actor, program_id, number, Access.VIEWER, lock=True)
    if request.state != RequestState.OPEN:
        raise Conflict(NOT_OPEN)
    seat = _seat_of(actor, program_id, seat_id)
    _check_option(request, option_id)
    reason = clean_text(reason or "")
    if len(reason) > MAX_TEXT:
        raise Invalid(NOT_RIGHT, {"reason": _l("Up to %(most)s letters.", most=MAX_TEXT)})
    given = db.session.scalars(
        select(DecisionVote).where(DecisionVote.request_id == request.id, DecisionVote.member_id == seat.id)
    ).one_or_none()
    before = given.option_id if given else None
    if given is None:
        given = DecisionVote(request_id=request.id, member_id=seat.id)
        db.session.add(given)
    elif given.person_id == seat.person_id != actor.person_id:
        raise Conflict(_l("%(name)s has voted in person.", name=seat.name))
    voter_id = seat.person_id if actor.person_id is None else actor.person_id
    given.person_id, given.option_id, given.reason, given.at = voter_id, option_id, reason, utc_now()
    db.session.flush()
    changes = {"member_id": [None, seat.id], "option_id": [before, option_id]}
    audit.record(
        actor, "decision.voted", object_id=request.id, name=request.title, program_id=program_id, changes=changes
    )


def decide(
    actor: Actor, program_id: int, number: int, way: str, option_id: int | None, reason: str, *, look: str | None = None
) -> DecisionOutcome:
    """Close a request with a decision, frozen with all that was seen. `option_id` None takes none of the options.

    Raises Forbidden, Conflict when it is decided already, LookAgain when somebody voted since `look`, Invalid.
    """
    request = find_request(actor, program_id, number, Access.VIEWER, lock=True)
    if request.state != RequestState.OPEN:
        raise Conflict(NOT_OPEN)
    program = db.session.get_one(Program, program_id)
    standing = standing_of(request, today_in(program.timezone))
    _may_decide(actor, program_id, way, standing.seats)
    if look is not None and look != standing.look:
        raise LookAgain(_l("Somebody voted since you looked. Look at it as it is now, then decide."))
    options = options_of(request.id)
    _check_option(request, option_id)
    reason = clean_text(reason or "")
    if way == DecidedBy.VOTE:
        option_id = _voted(standing.tally)
    elif not reason:
        raise Invalid(NOT_RIGHT, {"reason": _l("Say why, in words that can be told on.")})
    if len(reason) > MAX_TEXT:
        raise Invalid(NOT_RIGHT, {"reason": _l("Up to %(most)s letters.", most=MAX_TEXT)})
    outcome = _freeze(actor, program, request, options, standing, way, option_id, reason)
    changes = audit.change(request, {"state": RequestState.DECIDED.value})
    db.session.flush()
    audit.record(
        actor,
        "decision.decided",
        object_id=request.id,
        name=request.title,
        program_id=program_id,
        changes={**changes, "sequence": [None, outcome.sequence], "hash": [None, outcome.hash]},
    )
    decision_telling.withdraw_asked(request)
    chosen = next((option.title for option in options if option.id == option_id), "")
    decision_telling.tell_taken(actor, program, request, standing.seats, chosen, reason)
    return outcome


def standing_of(request: DecisionRequest, today: date) -> Standing:
    """Seats, votes and their count, as they stand on that day. Three statements."""
    seats = seats_of(request.program_id, today)
    votes = votes_of(request.id)
    needed = quorum_of(plan_of(request.program_id).quorum, len(seats))
    return Standing(seats, votes, tally(votes, {seat.id for seat in seats}, needed))


def votes_of(request_id: int) -> list[Vote]:
    """The votes of a request, those of ended seats too, in the order of their seats."""
    holder, voter = aliased(Person), aliased(Person)
    rows = db.session.execute(
        select(
            DecisionVote.member_id,
            holder.name.label("member"),
            CommitteeMember.person_id.label("holder_id"),
            DecisionVote.person_id,
            voter.name.label("by"),
            DecisionVote.option_id,
            DecisionVote.reason,
            DecisionVote.at,
        )
        .join(CommitteeMember, CommitteeMember.id == DecisionVote.member_id)
        .join(holder, holder.id == CommitteeMember.person_id)
        .join(voter, voter.id == DecisionVote.person_id)
        .where(DecisionVote.request_id == request_id)
        .order_by(DecisionVote.member_id)
    )
    return [
        Vote(
            row.member_id,
            row.member,
            row.person_id,
            row.by,
            row.option_id,
            row.reason,
            row.at,
            row.person_id == row.holder_id,
        )
        for row in rows
    ]


def waiting_for(person_id: int) -> list[Waiting]:
    """The decisions that wait for a vote of theirs, in all their programs, the most pressing first. One statement.

    A seat for which somebody has voted no longer waits. Whoever asks must be that person.
    """
    voted = exists().where(DecisionVote.request_id == DecisionRequest.id, DecisionVote.member_id == CommitteeMember.id)
    mine, holders = aliased(Membership), aliased(Membership)
    holder = aliased(Person)
    rows = db.session.execute(
        select(
            DecisionRequest.program_id,
            Program.key,
            Program.timezone,
            DecisionRequest.number,
            DecisionRequest.title,
            DecisionRequest.decide_by,
            CommitteeMember.id.label("seat_id"),
            CommitteeMember.since,
            CommitteeMember.until,
        )
        .join(Program, Program.id == DecisionRequest.program_id)
        .join(CommitteeMember, CommitteeMember.program_id == DecisionRequest.program_id)
        .join(mine, and_(mine.program_id == Program.id, mine.person_id == person_id))
        .join(holders, and_(holders.program_id == Program.id, holders.person_id == CommitteeMember.person_id))
        .join(holder, and_(holder.id == CommitteeMember.person_id, holder.is_active))
        .where(
            DecisionRequest.state == RequestState.OPEN.value,
            or_(CommitteeMember.person_id == person_id, CommitteeMember.deputy_id == person_id),
            ~voted,
        )
        .order_by(DecisionRequest.decide_by, DecisionRequest.id, CommitteeMember.person_id != person_id)
    ).all()
    found: dict[tuple[int, int], Waiting] = {}
    for row in rows:
        today = today_in(row.timezone)
        if row.since > today or (row.until is not None and row.until <= today):
            continue
        place = (row.program_id, row.number)
        earlier = found[place].seat_ids if place in found else ()
        found[place] = Waiting(*place[:1], row.key, row.number, row.title, row.decide_by, (*earlier, row.seat_id))
    return list(found.values())


def _seat_of(actor: Actor, program_id: int, seat_id: int | None) -> Seated:
    program = db.session.get_one(Program, program_id)
    mine = seats_for(seats_of(program_id, today_in(program.timezone)), actor.person_id)
    if seat_id is not None:
        mine = [seat for seat in mine if seat.id == seat_id]
    if not mine:
        raise Forbidden(_l("Only members of the committee and their deputies vote."))
    return mine[0]


def _may_decide(actor: Actor, program_id: int, way: str, seats: Sequence[Seated]) -> None:
    if way not in list(DecidedBy):
        raise Invalid(NOT_RIGHT, {"way": _l("Choose one from the list.")})
    is_chair = any(seat.is_chair and seat.votes_as(actor.person_id) for seat in seats)
    level = access.access_of(actor, program_id)
    if is_chair or (way == DecidedBy.VOTE and level is not None and level >= Access.MANAGER):
        return
    raise Forbidden(_l("The chair decides. Managers may record how a vote went."))


def _voted(counted: Tally) -> int:
    if not counted.is_valid:
        raise Invalid(
            _l(
                "%(spoken)s of the %(needed)s seats that are needed have voted.",
                spoken=counted.spoken,
                needed=counted.needed,
            )
        )
    if counted.leading is None:
        raise Invalid(_l("No option has more votes than the others. The chair decides."))
    return counted.leading


def _check_option(request: DecisionRequest, option_id: int | None) -> None:
    if option_id is None:
        return
    there = db.session.scalar(
        select(DecisionOption.id).where(DecisionOption.id == option_id, DecisionOption.request_id == request.id)
    )
    if there is None:
        raise Invalid(NOT_RIGHT, {"option": _l("Choose one from the list.")})


def _freeze(
    actor: Actor,
    program: Program,
    request: DecisionRequest,
    options: Sequence[DecisionOption],
    standing: Standing,
    way: str,
    option_id: int | None,
    reason: str,
) -> DecisionOutcome:
    """Write what was asked, voted and decided as the next link of the program's chain."""
    sequence, previous_hash = decision_chain.last_link(program.id)
    now = utc_now()
    decider = db.session.get(Person, actor.person_id) if actor.person_id else None
    counting = {seat.id for seat in standing.seats}
    votes = [
        {
            "seat": vote.seat_id,
            "member": vote.member,
            "by": {"id": vote.by_id, "name": vote.by},
            "option": vote.option_id,
            "reason": vote.reason,
            "at": vote.at.isoformat(),
            "counts": vote.seat_id in counting,
        }
        for vote in standing.votes
    ]
    record: dict[str, Any] = {
        "format": decision_chain.FORMAT,
        "program": {"id": program.id, "key": program.key, "name": program.name},
        "sequence": sequence + 1,
        "request": {
            "id": request.id,
            "number": request.number,
            **{
                name: audit.in_json(getattr(request, name))
                for name in (
                    *("title", "background", "criteria", "case_effect", "case_cost", "case_return", "case_months"),
                    *("decide_by", "opened_at"),
                )
            },
        },
        "options": [
            {
                "id": option.id,
                **{
                    name: audit.in_json(getattr(option, name))
                    for name in ("title", "pros", "cons", "effect", "cost", "is_recommended")
                },
            }
            for option in options
        ],
        "seats": [
            {"id": seat.id, "member": seat.name, "deputy": seat.deputy, "role": seat.role} for seat in standing.seats
        ],
        "quorum": {"needed": standing.tally.needed, "spoken": standing.tally.spoken},
        "votes": votes,
        "dissent": [
            vote for vote in votes if vote["counts"] and vote["option"] is not None and vote["option"] != option_id
        ],
        "outcome": {"option": option_id, "way": way, "reason": reason},
        "decided_at": now.isoformat(),
        "decided_by": {"id": decider.id, "name": decider.name} if decider else None,
        "origin": actor.origin.value,
    }
    text = decision_chain.canonical(record)
    outcome = DecisionOutcome(
        program_id=program.id,
        request_id=request.id,
        sequence=sequence + 1,
        option_id=option_id,
        way=way,
        reason=reason,
        decided_at=now,
        decided_by_id=actor.person_id,
        record=text,
        previous_hash=previous_hash,
        hash=decision_chain.digest(previous_hash, text),
    )
    db.session.add(outcome)
    db.session.flush()
    return outcome


def way_words() -> dict[str, str]:
    """How a decision was taken, in words."""
    return {DecidedBy.VOTE.value: _("By vote"), DecidedBy.CHAIR.value: _("By the chair")}
