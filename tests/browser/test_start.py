"""From a one-time link to a dated program: the first minutes of somebody new."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import func, select, update

from program.extensions import db
from program.ground import database
from program.ground.actor import Origin, system
from program.ground.now import utc_now
from program.people import links
from program.people.models import Person
from program.planning.models import Gate, Phase, Program, WorkItem
from tests.browser.ways import ALL, Reader, Way
from tests.cast import Cast, Member

Arrive = Callable[..., Reader]


def link_for(app: Flask, person: Member, address: str, *, came_before: bool = True) -> str:
    """A one-time link, as the administrator would send it."""
    with app.app_context(), database.transaction():
        if came_before:
            db.session.execute(update(Person).where(Person.id == person.id).values(joined_at=utc_now()))
        return links.make_link(system(Origin.CLI), person.id, base_url=address).url


@pytest.mark.parametrize("way", ALL, ids=str)
def test_a_one_time_link_leads_to_this_week(app: Flask, cast: Cast, address: str, arrive: Arrive, way: Way) -> None:
    url = link_for(app, cast.manager, address)
    reader = arrive(cast.manager, way, signed_in=False)
    reader.page.goto(url)
    reader.fits()
    reader.button("Sign in as %(name)s", name=cast.manager.name).click()
    reader.heading_is("This week")
    reader.fits()
    # It works once: whoever finds it later is told what to do.
    later = arrive(cast.manager, way, signed_in=False)
    assert later.page.goto(url).status >= 400
    later.heading_is("This link does not work any more")


@pytest.mark.parametrize("way", ALL, ids=str)
def test_who_is_invited_gives_a_name_and_is_in(app: Flask, cast: Cast, address: str, arrive: Arrive, way: Way) -> None:
    url = link_for(app, cast.contributor, address, came_before=False)
    reader = arrive(cast.contributor, way, signed_in=False)
    reader.page.goto(url)
    reader.fits()
    reader.field("Full name").fill("Tomasz Wójcik")
    reader.button("Go to Milepost").click()
    reader.heading_is("This week")
    with app.app_context():
        name, password = db.session.execute(
            select(Person.name, Person.password_hash).where(Person.id == cast.contributor.id)
        ).one()
    assert (name, password) == ("Tomasz Wójcik", None)


@pytest.mark.parametrize("way", ALL, ids=str)
def test_a_program_from_a_playbook_in_two_clicks(app: Flask, cast: Cast, arrive: Arrive, way: Way) -> None:
    reader = arrive(cast.manager, way)
    reader.page.goto("/programs/new")
    # What has to be typed is the name, no more: all else has a sensible value, or is folded away.
    shown = reader.page.locator("main").locator("input:visible, select:visible, textarea:visible")
    asked = {field.get_attribute("name") for field in shown.all()}
    assert asked == {"name", "playbook", "starts_on"}
    reader.field("Name").fill("Sklep i sieć razem")
    reader.page.locator('input[name="playbook"][value="rollout"]').check()
    reader.page.get_by_label(reader.label("First day")).fill("2027-01-04")
    reader.button("See the dates").click()

    reader.title_is("Sklep i sieć razem")
    reader.fits()
    rows = reader.page.locator("table tbody tr")
    expect(rows).to_have_count(5)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Program)) == 1, "a preview creates nothing"
    reader.button("Create the program").click()

    reader.reads("The program is there. Everything in it can still be changed.")
    with app.app_context():
        program = db.session.scalars(select(Program).where(Program.name == "Sklep i sieć razem")).one()
        key = program.key
        names = db.session.scalars(
            select(Phase.name).where(Phase.program_id == program.id).order_by(Phase.position)
        ).all()
        days = db.session.scalars(
            select(WorkItem.due_on).where(WorkItem.program_id == program.id, WorkItem.due_on.is_not(None))
        ).all()
        gates = db.session.scalar(select(func.count()).where(Gate.program_id == program.id))
    assert len(names) == 5
    assert gates >= 4
    assert len(days) > 40
    assert all(day.weekday() < 5 for day in days)
    reader.page.goto(f"/p/{key}/")
    reader.title_is("Sklep i sieć razem")
    for name in names:
        expect(reader.page.get_by_text(name).first).to_be_visible()
    reader.fits()


@pytest.mark.parametrize("way", ALL, ids=str)
def test_a_form_with_a_mistake_comes_back_with_all_that_was_typed(cast: Cast, arrive: Arrive, way: Way) -> None:
    reader = arrive(cast.manager, way)
    reader.page.goto("/programs/new")
    reader.page.locator("form details summary").click()
    reader.field("Name").fill("Razem")
    reader.page.locator('input[name="playbook"][value="rollout"]').check()
    reader.field("Key").fill("ALFA")
    reader.field("Purpose").fill("Ein Satz, żółw, 😀, שלום")
    reader.button("See the dates").click()
    summary = reader.page.get_by_role("alert")
    expect(summary).to_be_visible()
    if way.scripts:
        expect(summary).to_be_focused()
    expect(reader.field("Key")).to_have_attribute("aria-invalid", "true")
    expect(reader.field("Key")).to_have_value("ALFA")
    expect(reader.field("Purpose")).to_have_value("Ein Satz, żółw, 😀, שלום")
    expect(reader.page.locator('input[name="playbook"][value="rollout"]')).to_be_checked()
    reader.fits()
