"""From an empty team to a role that somebody plays: catalogue, vacancy, assignment, load."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect

from program.extensions import db
from program.ground import database
from program.ground.calendar import DAY
from program.ground.now import today_in
from program.planning.models import Phase
from program.playbooks.roles import roles
from program.team.models import Assignment
from tests.browser.ways import ALL, Reader, Way
from tests.cast import Cast


@pytest.fixture
def plan(app: Flask, cast: Cast) -> None:
    """A phase that began last week and takes three months, so that roles are needed until then."""
    today = today_in("Europe/Warsaw")
    with app.app_context(), database.transaction():
        days = {"planned_start": today - 7 * DAY, "planned_end": today + 90 * DAY}
        db.session.add(Phase(program_id=cast.program_id, position=1, name="Pilot", **days))


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize("way", ALL, ids=str)
def test_a_vacancy_is_filled(app: Flask, cast: Cast, arrive: Callable[..., Reader], way: Way) -> None:
    reader = arrive(cast.manager, way)
    page, words = reader.page, reader.words
    analyst = roles()["data_analyst"].name.in_(way.locale)

    # Nothing there yet: the first step is the catalogue, with the core team chosen.
    page.goto("/p/ALFA/team")
    reader.reads("No roles yet")
    reader.fits()
    reader.link("Take roles over from the catalogue").click()
    expect(page.locator("#role-data_analyst")).to_be_checked()
    page.locator("#required-data_analyst").check()
    reader.fits()
    reader.button("Take over the chosen roles").click()

    # The vacancy is the first thing the page says.
    reader.reads("Nobody plays a required role: %(role)s.", role=analyst)
    reader.fits()
    page.locator("#vacancies").get_by_role("link", name=re.compile(re.escape(words("Give it to somebody")))).click()

    # What cannot be is refused beside the field, with all that was typed.
    reader.field("Person").fill("Obcy Człowiek")
    reader.field("Share of time, in percent").fill("120")
    reader.button("Give the role").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(reader.field("Person")).to_have_value("Obcy Człowiek")
    reader.field("Share of time, in percent").fill("60")
    reader.button("Give the role").click()
    expect(page.locator("#person-error")).to_contain_text(
        words("Nobody in this program has this name or e-mail. Write it as it stands in the list of people.")
    )
    reader.fits()
    reader.field("Person").fill(cast.contributor.name)
    reader.button("Give the role").click()

    # Filled until the end of the plan, and seen in the load and on the person's own page.
    reader.reads("This role is required and has somebody until the end of the plan.")
    expect(page.locator("#players")).to_contain_text(cast.contributor.name)
    reader.fits()
    page.goto("/p/ALFA/team/load")
    row = page.get_by_role("row").filter(has_text=cast.contributor.name)
    expect(row).to_contain_text("60")
    reader.fits()
    row.get_by_role("link", name=cast.contributor.name).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(cast.contributor.name)
    expect(page.locator("#roles")).to_contain_text(analyst)
    reader.fits()
    with app.app_context():
        assert db.session.query(Assignment.share).scalar() == 60
