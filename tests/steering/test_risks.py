"""The risk register: what is refused, the handbook's risks, taking further once, taking back, matrix, gate, week."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from program.extensions import db
from program.ground import database
from program.ground.actor import Access
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.ground.now import held_at
from program.outbox.models import Message
from program.people.models import Membership
from program.planning import handing_over, undo
from program.planning.gates import ask_for, find_gate
from program.planning.handing_over import Handover
from program.planning.insets import Asked
from program.planning.models import Program
from program.planning.opening import find_program
from program.planning.readiness import readiness
from program.steering import gate_risks, risks
from program.steering import insets as steering_insets
from program.steering.handbook import handbook
from program.steering.models import Risk, RiskState
from program.steering.risk_lists import headline, matrix_of, register_of
from program.steering.risk_words import Band, band
from tests.cast import Cast, make_person
from tests.planning.plans import make_gate, make_phase

TODAY = date(2026, 6, 17)
LEGACY = {
    "title": "The old CRM has no interface",
    "cause": "",
    "category": "technology",
    "probability": 4,
    "impact": 5,
    "measure": "",
    "probability_after": None,
    "impact_after": None,
    "owner_id": None,
    "review_on": None,
}


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    with held_at(datetime.fromisoformat("2026-06-17T10:00+02:00")):
        yield


@pytest.fixture
def legacy(cast: Cast, context: None) -> Risk:
    return risks.add_risk(cast.contributor.actor, cast.program_id, {**LEGACY, "owner_id": cast.contributor.id})


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"category": "weather"}, "category"),
        ({"probability": 0}, "probability"),
        ({"impact": 6}, "impact"),
        ({"impact": None}, "impact"),
        ({"measure": "Try it", "probability_after": 2}, "impact_after"),
        ({"measure": "Try it", "probability_after": 5, "impact_after": 3}, "probability_after"),
        ({"probability_after": 2, "impact_after": 3}, "measure"),
        ({"owner_id": 999}, "owner_id"),
        ({"review_on": date(1999, 1, 1)}, "review_on"),
    ],
)
def test_what_cannot_be_is_refused(cast: Cast, context: None, changed: dict[str, Any], field: str):
    with pytest.raises(Invalid) as caught:
        risks.add_risk(cast.contributor.actor, cast.program_id, {**LEGACY, **changed})
    assert set(caught.value.fields) == {field}


def test_readers_write_nothing_and_strangers_see_nothing(cast: Cast, legacy: Risk):
    with pytest.raises(Forbidden):
        risks.add_risk(cast.viewer.actor, cast.program_id, LEGACY)
    with pytest.raises(Forbidden):
        risks.take_over(cast.contributor.actor, cast.program_id, ["cost"])
    with pytest.raises(NotFound):
        risks.find_risk(cast.stranger.actor, cast.program_id, legacy.number)
    with pytest.raises(Forbidden):
        risks.escalate(cast.viewer.actor, legacy, "Help", seen=legacy.revision)


def test_the_handbook_is_taken_over_once_in_the_programs_language(cast: Cast, context: None):
    db.session.get_one(Program, cast.program_id).locale = "pl"
    added = risks.take_over(cast.manager.actor, cast.program_id, list(handbook().risks))
    assert [risk.number for risk in added] == list(range(1, 11))
    assert added[5].title == "Opór zespołu"
    assert all(
        risk.measure and risk.probability_after * risk.impact_after < risk.probability * risk.impact for risk in added
    )
    assert risks.take_over(cast.manager.actor, cast.program_id, ["cost", "data_silos"]) == []
    with pytest.raises(Invalid):
        risks.take_over(cast.manager.actor, cast.program_id, ["weather"])


def test_the_handbook_speaks_both_languages():
    known = handbook()
    assert len(known.risks) == 10
    assert set(known.conflicts) == {"who_gets_the_sale", "budgets", "pace"}
    texts = [text for risk in known.risks.values() for text in (risk.title, risk.cause, risk.measure)]
    for conflict in known.conflicts.values():
        assert sum(option.recommended for option in conflict.options) == 1
        texts += [conflict.title, conflict.background, conflict.criteria]
        texts += [text for option in conflict.options for text in (option.title, option.pros, option.cons)]
    assert all(text.en and text.pl and text.en != text.pl for text in texts)


def test_closing_asks_what_became_of_it_and_can_be_taken_back(cast: Cast, legacy: Risk):
    with pytest.raises(Invalid) as caught:
        risks.settle(cast.contributor.actor, legacy, "closed", " ", seen=legacy.revision)
    assert "outcome" in caught.value.fields
    batch = risks.settle(cast.contributor.actor, legacy, "happened", "Chat was down for a day.", seen=legacy.revision)
    assert legacy.state == RiskState.HAPPENED
    undo.undo(cast.contributor.actor, cast.program_id, batch)
    assert (legacy.state, legacy.outcome) == (RiskState.OPEN, "")


def test_the_second_of_two_editors_is_told(cast: Cast, legacy: Risk):
    seen = legacy.revision
    risks.change_risk(cast.manager.actor, legacy, {**LEGACY, "impact": 3}, seen=seen)
    with pytest.raises(Conflict):
        risks.change_risk(cast.contributor.actor, legacy, {**LEGACY, "impact": 2}, seen=seen)
    assert legacy.impact == 3


def test_taking_further_tells_managers_once_and_not_who_did_it(cast: Cast, legacy: Risk):
    assert risks.escalate(cast.contributor.actor, legacy, "A vendor's answer", seen=legacy.revision) == [
        cast.manager.name
    ]
    with pytest.raises(Conflict):
        risks.escalate(cast.manager.actor, legacy, "Again", seen=legacy.revision)
    (message,) = db.session.scalars(select(Message).where(Message.kind == "steering.risk_escalated"))
    assert (message.person_id, message.path, message.data["score"]) == (cast.manager.id, "/p/ALFA/risks/1", 20)


def test_bands_and_the_matrix(cast: Cast, legacy: Risk):
    assert [band(points) for points in (5, 6, 11, 12)] == [Band.LOW, Band.MEDIUM, Band.MEDIUM, Band.HIGH]
    values = {**LEGACY, "title": "Second", "measure": "Try it in the pilot", "probability_after": 2, "impact_after": 2}
    risks.add_risk(cast.contributor.actor, cast.program_id, values)
    known = register_of(cast.program_id)
    before, after = matrix_of(known), matrix_of(known, after=True)
    assert [risk.number for risk in before[1][4].risks] == [1, 2]
    assert [risk.number for risk in after[1][4].risks] == [1]
    assert [risk.number for risk in after[3][1].risks] == [2]
    assert (before[0][4].score, before[4][0].score) == (25, 1)
    assert headline(known, TODAY) == "1 high risk has no measure."


def test_a_gate_asks_for_measures_of_big_risks(cast: Cast, context: None):
    gate = make_gate(cast.program_id, make_phase(cast.program_id, 1, TODAY, TODAY), TODAY)
    ask_for(cast.manager.actor, find_gate(cast.manager.actor, cast.program_id, gate), gate_risks.RISKS)
    program = find_program(cast.manager.actor, "ALFA")
    ask = lambda: readiness(program, TODAY)[0].criteria[-1]  # noqa: E731
    assert ask().met is None
    risk = risks.add_risk(cast.manager.actor, cast.program_id, LEGACY)
    answer = ask()
    assert answer.met is False
    assert "R1 The old CRM" in answer.why_not
    risks.change_risk(cast.manager.actor, risk, {**LEGACY, "measure": "Build one"}, seen=risk.revision)
    assert ask().met is True


def test_due_reviews_stand_on_this_week_in_one_statement(cast: Cast, legacy: Risk, app: Flask, statements: Any):
    risks.change_risk(cast.manager.actor, legacy, {**LEGACY, "review_on": TODAY}, seen=legacy.revision)
    db.session.flush()
    with app.test_request_context(), statements() as said:
        shown = steering_insets.week(Asked(cast.manager.actor, {cast.program_id: "ALFA"}, TODAY))
    assert len(said) == 1
    assert shown is not None
    assert [line.text for line in shown.data["lines"]] == ["1 risk is due for a look"]


def test_due_reviews_stand_on_a_programs_own_week(cast: Cast, legacy: Risk, browser: Any):
    risks.change_risk(cast.manager.actor, legacy, {**LEGACY, "review_on": TODAY}, seen=legacy.revision)
    db.session.commit()
    page = browser(cast.manager).get("/p/ALFA/week").text
    assert "1 risk is due for a look" in page
    assert '<span class="key">ALFA</span>' not in page.partition('id="steering-week"')[2].partition("</section>")[0]


def test_open_risks_are_handed_over(cast: Cast, legacy: Risk, app: Flask):
    (part,) = [part for part in handing_over.parts() if part.name == "steering.risks"]
    handover = Handover(cast.program_id, "ALFA", cast.contributor.id, cast.manager.id, TODAY)
    with app.test_request_context():
        assert [line.name for line in part.carried(handover)] == [legacy.title]
    assert part.carry_out(cast.manager.actor, handover, "b" * 32) == 1
    assert legacy.owner_id == cast.manager.id


class TestPages:
    def test_from_the_handbook_to_a_closed_risk(self, cast: Cast, app: Flask, browser: Any, statements: Any):
        maria = browser(cast.manager)
        page = maria.get("/p/ALFA/risks")
        assert "Siloed omnichannel" in page.text
        maria.post("/p/ALFA/risks/take-over", data={"key": ["cost", "legacy_integration"]})
        with statements() as said:
            page = maria.get("/p/ALFA/risks?after=1")
        assert len(said) <= 12
        assert "It costs more than was approved" in page.text
        with statements() as said:
            page = maria.get("/p/ALFA/risks/2")
        assert len(said) <= 12
        assert "taken further" not in page.text.lower()
        refused = maria.post("/p/ALFA/risks/2/settle", data={"state": "closed", "outcome": "", "revision": "1"})
        assert refused.status_code == 422
        assert "Say in a sentence what became of it." in refused.text
        maria.post("/p/ALFA/risks/2/escalate", data={"why": "A decision on the vendor", "revision": "1"})
        again = maria.post("/p/ALFA/risks/2/escalate", data={"why": "A decision on the vendor", "revision": "2"})
        assert again.status_code == 409
        done = maria.post("/p/ALFA/risks/2/settle", data={"state": "closed", "outcome": "Replaced", "revision": "2"})
        assert done.status_code == 303
        assert "Closed" in maria.get("/p/ALFA/risks").text

    def test_a_wrong_form_keeps_what_was_typed(self, cast: Cast, browser: Any):
        tomek = browser(cast.contributor)
        typed = {"title": "", "measure": "Call the vendor", "category": "money", "probability": "3", "impact": "3"}
        page = tomek.post("/p/ALFA/risks/new", data=typed)
        assert page.status_code == 422
        assert "Call the vendor" in page.text
        page = tomek.post("/p/ALFA/risks/new", data={**typed, "title": "Too dear"})
        assert page.status_code == 303
        page = tomek.post("/p/ALFA/risks/1/edit", data={**typed, "title": "Dearer", "revision": "0"})
        assert page.status_code == 409

    def test_readers_see_and_are_offered_nothing(self, cast: Cast, app: Flask, browser: Any):
        with app.app_context(), database.transaction():
            risks.add_risk(cast.manager.actor, cast.program_id, LEGACY)
            somebody = make_person("Piotr Późny", "piotr@alfa.example")
            db.session.add(Membership(program_id=cast.program_id, person_id=somebody.id, access=Access.VIEWER.value))
        page = browser(cast.viewer).get("/p/ALFA/risks/1")
        assert "The old CRM has no interface" in page.text
        assert "settle" not in page.text
