"""Every page that can be reached, on the demo: free of accessibility faults, whole on a phone, in both languages.

One test opens all pages of a reader, because the demo takes longer to load than a page does.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select

from program.extensions import db
from program.people.models import Person
from tests.browser.crawl import kinds_of_pages
from tests.browser.demo import load_demo
from tests.cast import Member, as_member

# The width is the one at which the page is looked at closely; that nothing sticks out is seen at all widths.
READERS = (("en", "light", 1280), ("pl", "dark", 360))
WIDTHS = (320, 360, 1280)
# The demo's main program first: its pages have the most to show.
START = ("/p/PRZ/", "/", "/search?q=pilot")
# Pages that must be among those found: a rail link lost would otherwise silence its test.
EXPECTED = {
    *("week.show", "week.program", "my_work.show", "portfolio.show", "overview.show", "timeline.show"),
    *("timeline.ninety_days", "phases.index", "phases.show", "baselines.index", "baselines.compare"),
    *("checklist.show", "imports.start", "items.show", "items.new", "items.edit", "gates.index", "gates.show"),
    *("programs.new", "programs.settings", "programs.activity", "members.show", "playbooks.index", "playbooks.show"),
    *("messages.show", "messages.preferences", "outgoing.show", "program_messages.show", "clock.show"),
    *("people.me", "people.directory", "search.show", "gates.evidence", "saved_views.index", "playbooks.upload"),
}


# What sticks out furthest, for the message.
WIDEST = """() => [...document.querySelectorAll("main *, .top *, .bar *")]
    .filter((one) => one.checkVisibility() && !one.closest(".scroller, .plan-frame, .sheet-preview, .tabs, thead"))
    .sort((one, other) => other.getBoundingClientRect().right - one.getBoundingClientRect().right)
    .slice(0, 1).map((one) => one.outerHTML.slice(0, 160))[0]"""

# What does not fit into its own box, and so lies over its neighbours though the page is no wider for it.
OVERLAPPING = """() => [...document.querySelectorAll("main :is(a, button, summary, label, h1, h2, h3, li, p, .state)")]
    .filter((one) => one.checkVisibility() && one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1)
    .filter((one) => getComputedStyle(one).overflowX === "visible")
    .filter((one) => !one.closest(".scroller, .plan-frame, .sheet-preview, .visually-hidden"))
    .slice(0, 3).map((one) => one.outerHTML.slice(0, 160))"""


@pytest.fixture
def manager(app: Flask) -> Member:
    """The demo's manager, made an administrator so that their pages are reached too."""
    manager_email = load_demo(app)
    with app.app_context():
        person = db.session.scalars(select(Person).where(Person.email == manager_email)).one()
        person.is_admin = True
        db.session.commit()
        return as_member(person)


@pytest.mark.parametrize(("locale", "theme", "width"), READERS)
def test_every_page_is_accessible_and_fits(app, browser, visit, axe, manager, set_reader, locale, theme, width):
    pages = kinds_of_pages(app, browser(manager), START)
    assert set(pages) >= EXPECTED, f"not reached: {sorted(EXPECTED - set(pages))}"
    set_reader(manager, locale, theme)
    page = visit(manager, width=width, locale=locale)
    faults: list[str] = []
    for endpoint, path in sorted(pages.items()):
        page.set_viewport_size({"width": width, "height": 800})
        answer = page.goto(path)
        where = f"{endpoint} ({path}) {locale} {theme}"
        if answer.status != 200:
            faults.append(f"{where}: answered {answer.status}")
            continue
        faults += [f"{where}: {fault}" for fault in [*axe(page), *misplaced(page, locale)]]
    assert not faults, "\n".join(faults)


def misplaced(page: Page, locale: str) -> Iterator[str]:
    """What is wrong with the page's frame: its heading, its language, its width on any screen."""
    if page.locator("h1").count() != 1:
        yield f"{page.locator('h1').count()} main headings"
    if page.locator("html").get_attribute("lang") != locale:
        yield "in another language"
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            yield f"{wide} px wide at {width} px: {page.evaluate(WIDEST)}"
        for one in page.evaluate(OVERLAPPING):
            yield f"wider than its box at {width} px: {one}"
