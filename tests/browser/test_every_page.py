"""Every page that can be reached, on the demo: free of accessibility faults, whole on a phone, in both languages.

One test opens many pages, because the demo takes longer to load than a page does.
"""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from program.extensions import db
from program.people.models import Person
from tests.browser.crawl import kinds_of_pages
from tests.browser.demo import load_demo
from tests.cast import Member, as_member

READERS = (("en", "light", 1280), ("pl", "dark", 360), ("pl", "light", 320), ("en", "dark", 1280))
# Pages that must be among those found: a rail link lost would otherwise silence its test.
EXPECTED = {
    *("week.show", "week.program", "my_work.show", "portfolio.show", "overview.show", "timeline.show"),
    *("timeline.ninety_days", "phases.index", "phases.show", "baselines.index", "baselines.compare"),
    *("checklist.show", "imports.start", "items.show", "items.new", "items.edit", "gates.index", "gates.show"),
    *("programs.new", "programs.settings", "programs.activity", "members.show", "playbooks.index", "playbooks.show"),
    *("people.me", "people.directory"),
}


@pytest.fixture
def manager(app: Flask) -> Member:
    """The demo's manager, made an administrator so that their pages are reached too."""
    manager_email = load_demo(app)
    with app.app_context():
        person = db.session.scalars(select(Person).where(Person.email == manager_email)).one()
        person.is_admin = True
        db.session.commit()
        return as_member(person)


def test_every_page_is_accessible_and_fits(app, browser, visit, axe, manager, set_reader):
    client = browser(manager)
    pages = kinds_of_pages(app, client, "/")
    assert set(pages) >= EXPECTED, f"not reached: {sorted(EXPECTED - set(pages))}"
    faults: list[str] = []
    for locale, theme, width in READERS:
        set_reader(manager, locale, theme)
        page = visit(manager, width=width, locale=locale)
        for endpoint, path in sorted(pages.items()):
            where = f"{endpoint} at {width} px, {locale}, {theme}"
            answer = page.goto(path)
            if answer.status != 200:
                faults.append(f"{where}: answered {answer.status}")
                continue
            faults += [f"{where}: {fault}" for fault in axe(page)]
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                faults.append(f"{where}: {wide} px wide")
            if page.locator("h1").count() != 1:
                faults.append(f"{where}: {page.locator('h1').count()} main headings")
            if page.locator("html").get_attribute("lang") != locale:
                faults.append(f"{where}: in another language")
    assert faults == []
