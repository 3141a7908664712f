"""The decision at a gate, from what stands in its way to the evidence that stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import select

from program.extensions import db
from program.ground import database
from program.ground.calendar import WorkingCalendar
from program.ground.now import today_in
from program.planning import gate_evidence
from program.planning.models import GateDecision, WorkItem
from tests.browser.ways import ALL, Reader, Way
from tests.cast import Cast
from tests.planning.builder import Alfa, build_alfa
from tests.planning.helpers import add

CRITERION, CONDITION = "The budget is approved", "Umowa z operatorem podpisana"


@pytest.fixture
def alfa(app: Flask, cast: Cast) -> Alfa:
    """Program ALFA with three gates; one required item of the first phase is open."""
    with app.app_context(), database.transaction():
        built = build_alfa(cast)
        add(cast, "Spisz podróże klientów", phase_id=built.phases[0], required=True)
        return built


@pytest.mark.parametrize("way", ALL, ids=str)
def test_a_conditional_go(app: Flask, cast: Cast, alfa: Alfa, arrive: Callable[..., Reader], way: Way) -> None:
    reader = arrive(cast.manager, way)
    page, words = reader.page, reader.words
    page.goto("/p/ALFA/gates")
    page.get_by_role("link", name="Start the pilot", exact=True).first.click()

    # Why not yet: the open item stands there by name.
    asked = page.get_by_role("listitem").filter(has=page.get_by_role("heading", level=3))
    expect(asked.get_by_role("link", name="ALFA-1 Spisz podróże klientów")).to_be_visible()
    confirmed = asked.filter(has_text=CRITERION)
    expect(confirmed.locator(".state-unmet")).to_be_visible()
    confirmed.get_by_role("textbox").fill("Protokół z 12 listopada")
    confirmed.get_by_role("button", name=words("Confirm in my name")).click()
    expect(confirmed.locator(".state-met")).to_be_visible()
    expect(confirmed).to_contain_text("Protokół z 12 listopada")
    reader.fits()

    # Taking it without saying enough is refused beside the fields, with all that was typed.
    decide = page.locator("form").filter(has=page.get_by_role("radio", name=words("Conditional go")))
    decide.get_by_role("radio", name=words("Conditional go"), exact=True).check()
    decide.get_by_label(reader.label("Why")).fill("Klienci czekają")
    decide.get_by_role("button", name=words("Take the decision"), exact=True).last.click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(decide.get_by_label(reader.label("Why"))).to_have_value("Klienci czekają")

    due = WorkingCalendar("PL").add(today_in("Europe/Warsaw"), 10)
    decide.get_by_role("checkbox", name=cast.manager.name).check()
    row = page.get_by_role("group", name=words("Condition %(number)s", number=1), exact=True)
    row.get_by_label(words("What has to be done"), exact=True).fill(CONDITION)
    row.get_by_label(words("Owner"), exact=True).select_option(label=cast.contributor.name)
    row.get_by_label(words("Due date"), exact=True).fill(due.isoformat())
    reader.fits()
    decide.get_by_role("button", name=words("Take the decision"), exact=True).last.click()

    reader.heading_is("Record the decision")
    for text in ("Klienci czekają", CONDITION, cast.manager.name):
        expect(page.get_by_text(text).first).to_be_visible()
    with app.app_context():
        assert db.session.scalars(select(GateDecision)).all() == [], "a review records nothing"
    reader.fits()
    reader.button("Record the decision").click()

    reader.reads("Unchanged since it was recorded")
    evidence = page.locator("section.evidence")
    for text in ("Klienci czekają", CONDITION, "Protokół z 12 listopada"):
        expect(evidence).to_contain_text(text)
    reader.fits()
    reader.link("The whole evidence, for printing").click()
    expect(page.get_by_role("row").filter(has_text="Spisz podróże klientów").last).to_be_visible()
    reader.fits()

    page.goto("/p/ALFA/checklist")
    expect(page.get_by_role("row").filter(has_text=CONDITION)).to_contain_text(cast.contributor.name)
    with app.app_context():
        item = db.session.scalars(select(WorkItem).where(WorkItem.title == CONDITION)).one()
        assert (item.owner_id, item.due_on, item.required) == (cast.contributor.id, due, True)
        assert gate_evidence.verify(cast.program_id) == []
