"""Decisions: who votes, quorum, dissent, the chair; two at once; a seat that ends in mid-vote; the frozen log."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from program.cli.doctor import TROUBLE, check_chains
from program.extensions import db
from program.ground import database
from program.ground.actor import Access, Actor
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.ground.now import held_at
from program.outbox.models import Message
from program.people.models import Membership
from program.steering import committee, decision_chain, decisions
from program.steering.committee import SeatDraft
from program.steering.decision_requests import (
    OptionDraft,
    RequestDraft,
    change_request,
    find_request,
    options_of,
    prefilled,
    put_to_committee,
    withdraw,
    write_request,
)
from program.steering.models import CommitteeMember, DecisionOutcome, DecisionRequest, DecisionVote, SteeringPlan
from program.steering.seats import quorum_of
from program.steering.votes import Vote, tally
from tests.cast import Cast, make_person
from tests.steering.at_once import at_once

NOW = datetime.fromisoformat("2026-06-17T10:00+02:00")
DRAFT = RequestDraft(
    "Which channel opens first",
    case_cost=Decimal("120000.50"),
    decide_by=date(2026, 6, 30),
    options=[OptionDraft("Chat", is_recommended=True), OptionDraft("Shop", cost=Decimal(5000))],
)


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    with held_at(NOW):
        yield


def make_committee(cast: Cast) -> dict[str, CommitteeMember]:
    """Wanda chairs with Tomek as her deputy; Ewa and Jan are members."""
    people = {}
    for name in ("ewa", "jan"):
        person = make_person(f"{name.title()} Rada", f"{name}@alfa.example")
        db.session.add(Membership(program_id=cast.program_id, person_id=person.id, access=Access.VIEWER.value))
        people[name] = person.id
    db.session.flush()
    maria = cast.manager.actor
    seats = {
        "wanda": committee.add_seat(maria, cast.program_id, SeatDraft(cast.viewer.id, cast.contributor.id, "chair"))
    }
    for name, person_id in people.items():
        seats[name] = committee.add_seat(maria, cast.program_id, SeatDraft(person_id))
    return seats


@pytest.fixture
def seats(cast: Cast, context: None) -> dict[str, CommitteeMember]:
    return make_committee(cast)


@pytest.fixture
def asked(cast: Cast, seats: dict[str, CommitteeMember]) -> DecisionRequest:
    request = write_request(cast.manager.actor, cast.program_id, DRAFT)
    put_to_committee(cast.manager.actor, request, seen=request.revision)
    return request


def as_(seat: CommitteeMember) -> Actor:
    return Actor(person_id=seat.person_id)


def ids(request: DecisionRequest) -> list[int]:
    return [option.id for option in options_of(request.id)]


class TestRequests:
    def test_a_draft_is_the_teams_and_needs_options_a_day_and_a_committee(self, cast: Cast, context: None):
        maria = cast.manager.actor
        request = write_request(maria, cast.program_id, RequestDraft("Pace", options=DRAFT.options[:1]))
        with pytest.raises(NotFound):
            find_request(cast.viewer.actor, cast.program_id, request.number)
        for better in ({"options": DRAFT.options}, {"options": DRAFT.options, "decide_by": date(2026, 7, 1)}):
            with pytest.raises(Invalid):
                put_to_committee(maria, request, seen=request.revision)
            change_request(maria, request, RequestDraft("Pace", **better), seen=request.revision)
        with pytest.raises(Invalid):
            put_to_committee(maria, request, seen=request.revision)
        make_committee(cast)
        with pytest.raises(Forbidden):
            put_to_committee(cast.contributor.actor, request, seen=request.revision)
        put_to_committee(maria, request, seen=request.revision)
        with pytest.raises(Conflict):
            change_request(maria, request, DRAFT, seen=request.revision)

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"title": " "}, "title"),
            ({"case_cost": Decimal(-1)}, "case_cost"),
            ({"case_months": 0}, "case_months"),
            ({"options": [OptionDraft("")]}, "options-0-title"),
            (
                {"options": [OptionDraft("A", is_recommended=True), OptionDraft("B", is_recommended=True)]},
                "recommended",
            ),
        ],
    )
    def test_what_cannot_be_is_refused(self, cast: Cast, context: None, changed: dict[str, Any], field: str):
        with pytest.raises(Invalid) as caught:
            write_request(cast.manager.actor, cast.program_id, RequestDraft(**{"title": "Pace", **changed}))
        assert set(caught.value.fields) == {field}

    def test_a_conflict_of_the_handbook_becomes_a_request(self, cast: Cast, context: None):
        request = write_request(cast.contributor.actor, cast.program_id, prefilled("who_gets_the_sale", "pl"))
        assert request.title == "Komu zaliczyć sprzedaż"
        assert [option.is_recommended for option in options_of(request.id)] == [True, False, False]

    def test_members_and_deputies_are_asked_once(self, cast: Cast, asked: DecisionRequest):
        told = db.session.scalars(select(Message.person_id).where(Message.kind == "steering.decision_asked")).all()
        assert cast.manager.id not in told
        assert len(told) == len(set(told)) == 4


class TestVoting:
    def test_one_vote_a_seat_and_the_members_own_stands(self, cast: Cast, seats: Any, asked: DecisionRequest):
        chat, shop = ids(asked)
        for actor, option in ((cast.contributor.actor, chat), (cast.viewer.actor, shop)):
            decisions.vote(actor, cast.program_id, asked.number, option)
        with pytest.raises(Conflict):
            decisions.vote(cast.contributor.actor, cast.program_id, asked.number, chat)
        (given,) = decisions.votes_of(asked.id)
        assert (given.option_id, given.in_person) == (shop, True)

    def test_who_has_no_seat_does_not_vote(self, cast: Cast, seats: Any, asked: DecisionRequest):
        with pytest.raises(Forbidden):
            decisions.vote(cast.manager.actor, cast.program_id, asked.number, None)
        with pytest.raises(Forbidden):
            decisions.vote(as_(seats["ewa"]), cast.program_id, asked.number, None, seat_id=seats["jan"].id)
        with pytest.raises(NotFound):
            decisions.vote(cast.stranger.actor, cast.program_id, asked.number, None)
        with pytest.raises(Invalid):
            decisions.vote(as_(seats["ewa"]), cast.program_id, asked.number, 999)

    def test_what_waits_for_a_vote(self, cast: Cast, seats: Any, asked: DecisionRequest):
        for person in (cast.viewer.id, cast.contributor.id, seats["ewa"].person_id):
            assert [one.number for one in decisions.waiting_for(person)] == [asked.number]
        decisions.vote(cast.contributor.actor, cast.program_id, asked.number, None)
        assert decisions.waiting_for(cast.viewer.id) == decisions.waiting_for(cast.contributor.id) == []
        committee.end_seat(cast.manager.actor, seats["ewa"], seen=seats["ewa"].revision)
        assert decisions.waiting_for(seats["ewa"].person_id) == []
        assert decisions.waiting_for(cast.manager.id) == []

    def test_counting(self):
        def by(seat: int, option: int | None) -> Vote:
            return Vote(seat, "", seat, "", option, "", NOW)

        votes = [by(1, 7), by(2, 8), by(3, 7), by(4, None), by(5, 8)]
        counted = tally(votes, {1, 2, 3, 4}, 3)
        assert (counted.spoken, counted.abstained, counted.leading, counted.is_valid) == (4, 1, 7, True)
        assert tally(votes, {1, 2}, 3).leading is None
        assert not tally(votes, {1, 2}, 3).is_valid
        assert [quorum_of(None, 4), quorum_of(None, 3), quorum_of(5, 3), quorum_of(1, 3)] == [3, 2, 3, 1]


class TestDeciding:
    def test_by_vote_with_quorum_and_dissent_kept(self, cast: Cast, seats: Any, asked: DecisionRequest):
        chat, shop = ids(asked)
        decisions.vote(as_(seats["ewa"]), cast.program_id, asked.number, chat)
        with pytest.raises(Invalid):
            decisions.decide(cast.manager.actor, cast.program_id, asked.number, "vote", None, "")
        decisions.vote(as_(seats["jan"]), cast.program_id, asked.number, shop, "Shops cannot wait")
        with pytest.raises(Invalid):
            decisions.decide(cast.manager.actor, cast.program_id, asked.number, "vote", None, "")
        decisions.vote(cast.viewer.actor, cast.program_id, asked.number, chat)
        outcome = decisions.decide(cast.manager.actor, cast.program_id, asked.number, "vote", None, "")
        record = json.loads(outcome.record)
        assert (outcome.option_id, outcome.sequence) == (chat, 1)
        assert [(one["member"], one["reason"]) for one in record["dissent"]] == [("Jan Rada", "Shops cannot wait")]
        assert record["request"]["case_cost"] == "120000.5"
        with pytest.raises(Conflict):
            decisions.decide(cast.viewer.actor, cast.program_id, asked.number, "chair", chat, "Again")
        with pytest.raises(Conflict):
            decisions.vote(as_(seats["ewa"]), cast.program_id, asked.number, shop)

    def test_the_chair_decides_otherwise_and_says_why(self, cast: Cast, seats: Any, asked: DecisionRequest):
        _chat, shop = ids(asked)
        for actor in (cast.manager.actor, as_(seats["ewa"])):
            with pytest.raises(Forbidden):
                decisions.decide(actor, cast.program_id, asked.number, "chair", shop, "Because")
        with pytest.raises(Invalid):
            decisions.decide(cast.viewer.actor, cast.program_id, asked.number, "chair", shop, " ")
        outcome = decisions.decide(cast.contributor.actor, cast.program_id, asked.number, "chair", None, "Not now")
        assert (outcome.option_id, outcome.way) == (None, "chair")

    def test_who_decides_has_seen_all_votes(self, cast: Cast, seats: Any, asked: DecisionRequest):
        look = decisions.standing_of(asked, NOW.date()).look
        decisions.vote(as_(seats["ewa"]), cast.program_id, asked.number, ids(asked)[0])
        with pytest.raises(decisions.LookAgain):
            decisions.decide(cast.viewer.actor, cast.program_id, asked.number, "chair", None, "Not now", look=look)

    def test_a_seat_that_ends_in_mid_vote_keeps_its_vote_and_does_not_count(
        self, cast: Cast, seats: Any, asked: DecisionRequest
    ):
        chat, shop = ids(asked)
        decisions.vote(as_(seats["jan"]), cast.program_id, asked.number, shop, "Shops first")
        committee.end_seat(cast.manager.actor, seats["jan"], seen=seats["jan"].revision)
        with pytest.raises(Forbidden):
            decisions.vote(as_(seats["jan"]), cast.program_id, asked.number, chat)
        again = committee.add_seat(cast.manager.actor, cast.program_id, SeatDraft(seats["jan"].person_id))
        decisions.vote(as_(again), cast.program_id, asked.number, chat)
        standing = decisions.standing_of(asked, NOW.date())
        assert (len(standing.votes), standing.tally.by_option) == (2, {chat: 1})
        decisions.vote(as_(seats["ewa"]), cast.program_id, asked.number, chat)
        outcome = decisions.decide(cast.manager.actor, cast.program_id, asked.number, "vote", None, "")
        record = json.loads(outcome.record)
        assert [one["counts"] for one in record["votes"]].count(False) == 1
        assert record["dissent"] == []

    def test_a_withdrawn_request_asks_nobody_any_more(self, cast: Cast, asked: DecisionRequest):
        with pytest.raises(Invalid):
            withdraw(cast.manager.actor, asked, "", seen=asked.revision)
        withdraw(cast.manager.actor, asked, "The vendor is gone", seen=asked.revision)
        with pytest.raises(Conflict):
            decisions.decide(cast.viewer.actor, cast.program_id, asked.number, "chair", None, "Not now")
        states = db.session.scalars(select(Message.state).where(Message.kind == "steering.decision_asked"))
        assert set(states) == {"cancelled"}


class TestLog:
    def decided(self, cast: Cast, times: int) -> None:
        for _turn in range(times):
            request = write_request(cast.manager.actor, cast.program_id, DRAFT)
            put_to_committee(cast.manager.actor, request, seen=request.revision)
            decisions.decide(cast.viewer.actor, cast.program_id, request.number, "chair", ids(request)[0], "Chat it is")

    @pytest.mark.parametrize(
        ("values", "broken"),
        [
            ({"reason": "Shop it is"}, {2}),
            ({"way": "vote"}, {2}),
            ({"hash": "0" * 64}, {2, 3}),
            ({"option_id": None}, {2}),
        ],
    )
    def test_whatever_is_changed_afterwards_shows(
        self, cast: Cast, seats: Any, values: dict[str, Any], broken: set[int]
    ):
        self.decided(cast, 3)
        assert decision_chain.verify(cast.program_id) == []
        db.session.execute(update(DecisionOutcome).where(DecisionOutcome.sequence == 2).values(**values))
        assert {one.sequence for one in decision_chain.verify(cast.program_id)} == broken
        findings = [found for found in check_chains() if found.state == TROUBLE]
        assert any("of the committee" in found.sentence for found in findings)

    def test_a_chain_that_was_cut_short_shows(self, cast: Cast, seats: Any):
        self.decided(cast, 2)
        last = db.session.scalars(select(DecisionOutcome).where(DecisionOutcome.sequence == 2)).one()
        db.session.delete(last)
        db.session.flush()
        assert [one.sequence for one in decision_chain.verify(cast.program_id)] == [2]


class TestAtTheSameMoment:
    @pytest.fixture
    def open_one(self, app: Flask, cast: Cast) -> tuple[int, int, dict[str, int]]:
        """Number, an option, and seats by name with (seat id, person id)."""
        with app.app_context(), database.transaction():
            seats = make_committee(cast)
            request = write_request(cast.manager.actor, cast.program_id, DRAFT)
            put_to_committee(cast.manager.actor, request, seen=request.revision)
            return request.number, ids(request)[0], {name: seat.id for name, seat in seats.items()}

    def test_two_decide_and_one_decision_is_kept(self, app: Flask, cast: Cast, open_one: Any):
        number, option, _seats = open_one

        def decide(actor: Actor) -> Any:
            return lambda: decisions.decide(actor, cast.program_id, number, "chair", option, "Chat it is")

        assert at_once(app, decide(cast.viewer.actor), decide(cast.contributor.actor)) == ["Conflict", "done"]
        with app.app_context():
            assert db.session.scalar(select(func.count()).select_from(DecisionOutcome)) == 1
            assert decision_chain.verify(cast.program_id) == []

    def test_member_and_deputy_vote_and_one_vote_is_kept(self, app: Flask, cast: Cast, open_one: Any):
        number, option, seats = open_one

        def vote(actor: Actor) -> Any:
            return lambda: decisions.vote(actor, cast.program_id, number, option)

        assert "done" in at_once(app, vote(cast.viewer.actor), vote(cast.contributor.actor))
        with app.app_context():
            (given,) = db.session.scalars(select(DecisionVote)).all()
            assert (given.member_id, given.person_id) == (seats["wanda"], cast.viewer.id)

    def test_a_seat_ends_while_its_deputy_votes(self, app: Flask, cast: Cast, open_one: Any):
        number, option, seats = open_one

        def end() -> None:
            seat = committee.find_seat(cast.manager.actor, cast.program_id, seats["wanda"])
            committee.end_seat(cast.manager.actor, seat, seen=seat.revision)

        answers = at_once(app, end, lambda: decisions.vote(cast.contributor.actor, cast.program_id, number, option))
        with app.app_context():
            votes = db.session.scalar(select(func.count()).select_from(DecisionVote))
            assert votes == answers.count("done") - 1
            request = find_request(cast.manager.actor, cast.program_id, number)
            assert decisions.standing_of(request, NOW.date()).tally.spoken == 0


class TestCommittee:
    def test_seats(self, cast: Cast, seats: Any):
        maria = cast.manager.actor
        for draft, field in (
            (SeatDraft(cast.stranger.id), "person_id"),
            (SeatDraft(cast.viewer.id), "person_id"),
            (SeatDraft(cast.manager.id, cast.manager.id), "deputy_id"),
            (SeatDraft(cast.manager.id, None, "chair"), "role"),
        ):
            with pytest.raises(Invalid) as caught:
                committee.add_seat(maria, cast.program_id, draft)
            assert set(caught.value.fields) == {field}
        with pytest.raises(Forbidden):
            committee.add_seat(cast.contributor.actor, cast.program_id, SeatDraft(cast.manager.id))

    def test_how_it_is_steered(self, cast: Cast, context: None):
        values = {"quorum": 2, "risk_limit": 10, "duration_minutes": 90, "place": "", "link": "", "currency": "eur"}
        committee.set_plan(cast.manager.actor, cast.program_id, values, seen=0)
        assert db.session.get_one(SteeringPlan, cast.program_id).currency == "EUR"
        with pytest.raises(Conflict):
            committee.set_plan(cast.manager.actor, cast.program_id, values, seen=0)
        with pytest.raises(Invalid):
            committee.set_plan(cast.manager.actor, cast.program_id, {**values, "link": "javascript:x"}, seen=1)


class TestPages:
    def test_from_a_conflict_to_a_decision(self, cast: Cast, app: Flask, browser: Any, statements: Any):
        with app.app_context(), database.transaction():
            make_committee(cast)
        maria, wanda = browser(cast.manager), browser(cast.viewer)
        page = maria.get("/p/ALFA/decisions/new?conflict=pace")
        assert "Two tracks, and a pilot in chosen sites first" in page.text
        typed = {
            "title": "One pace",
            "decide_by": "2026-06-30",
            "options-0-title": "Two tracks",
            "options-1-title": "",
            "options-1-cons": "Slow",
            "recommended": "1",
        }
        refused = maria.post("/p/ALFA/decisions/new", data=typed)
        assert refused.status_code == 422
        assert "Give the option a name" in refused.text
        assert maria.post("/p/ALFA/decisions/new", data={**typed, "options-1-title": "Wait"}).status_code == 303
        assert wanda.get("/p/ALFA/decisions/1").status_code == 404
        maria.post("/p/ALFA/decisions/1/open", data={"revision": "1"})
        with app.app_context():
            first = db.session.scalars(select(DecisionRequest)).one()
            tracks, wait = ids(first)
        wanda.post("/p/ALFA/decisions/1/vote", data={"option": "x"})
        assert wanda.post("/p/ALFA/decisions/1/vote", data={"option": str(wait), "reason": "Shops"}).status_code == 303
        with statements() as said:
            page = wanda.get("/p/ALFA/decisions/1")
        assert len(said) <= 12
        look = page.text.split('name="decide-look"')[1].split('value="')[1].split('"')[0]
        told = {"way": "chair", "decide-option": str(tracks), "decide-reason": "Speed", "decide-look": look}
        assert maria.post("/p/ALFA/decisions/1/decide", data=told).status_code == 403
        assert wanda.post("/p/ALFA/decisions/1/decide", data={**told, "decide-look": "old"}).status_code == 409
        assert wanda.post("/p/ALFA/decisions/1/decide", data=told).status_code == 303
        page = browser(cast.contributor).get("/p/ALFA/decisions/1")
        assert "Dissent" in page.text
        with statements() as said:
            assert "Two tracks" in maria.get("/p/ALFA/decisions").text
        assert len(said) <= 12

    def test_the_committees_page(self, cast: Cast, browser: Any, app: Flask, statements: Any):
        maria = browser(cast.manager)
        seat = {"person_id": str(cast.viewer.id), "deputy_id": "", "role": "chair"}
        assert maria.post("/p/ALFA/committee/seats", data=seat).status_code == 303
        assert maria.post("/p/ALFA/committee/seats", data=seat).status_code == 422
        with app.app_context():
            at = f"/p/ALFA/committee/seats/{db.session.scalars(select(CommitteeMember.id)).one()}"
        maria.post(at, data={"deputy_id": str(cast.contributor.id), "role": "chair", "revision": "1"})
        with statements() as said:
            page = maria.get("/p/ALFA/committee")
        assert len(said) <= 12
        assert "Tomek Wójcik" in page.text
        assert "From today on Wanda" in maria.post(f"{at}/end", data={"revision": "2"}).text
        maria.post(f"{at}/end", data={"revision": "2", "confirmed": "1"})
        assert "No committee yet" in maria.get("/p/ALFA/committee").text
        assert "Give a seat" not in browser(cast.viewer).get("/p/ALFA/committee").text
