"""Milepost without a mouse: skip link, search, going places, walking rows, the panel, and where the focus is."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from program.ground import database
from tests.browser.ways import DESK, Reader, Way
from tests.cast import Cast
from tests.planning.helpers import add

Arrive = Callable[..., Reader]
TITLES = ("Połącz CRM ze sklepem", "Nazwij właścicieli kanałów", "Spisz podróże klientów")


@pytest.fixture
def items(app: Flask, cast: Cast) -> None:
    """Three open items in ALFA."""
    with app.app_context(), database.transaction():
        for title in TITLES:
            add(cast, title)


FOCUS_SHOWS = """() => {
    const look = getComputedStyle(document.activeElement);
    const shows = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2;
    return shows && document.activeElement !== document.body;
}"""


def has_visible_focus(page: Page) -> bool:
    """Whether the focused element shows that it is: by an outline of at least two pixels."""
    return bool(page.evaluate(FOCUS_SHOWS))


@pytest.mark.parametrize("way", DESK, ids=str)
def test_the_first_tab_skips_to_the_content(cast: Cast, items: None, arrive: Arrive, way: Way) -> None:
    reader = arrive(cast.manager, way)
    reader.page.goto("/p/ALFA/checklist")
    reader.page.keyboard.press("Tab")
    skip = reader.link("Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    reader.page.keyboard.press("Enter")
    expect(reader.page.locator("#main")).to_be_focused()
    reader.page.keyboard.press("Tab")
    assert reader.page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize("way", DESK, ids=str)
def test_every_stop_of_the_tab_key_shows_the_focus(cast: Cast, items: None, arrive: Arrive, way: Way) -> None:
    reader = arrive(cast.manager, way)
    reader.page.goto("/p/ALFA/checklist")
    stops = 0
    for _press in range(60):
        reader.page.keyboard.press("Tab")
        if reader.page.evaluate("document.activeElement === document.body"):
            break
        stops += 1
        assert has_visible_focus(reader.page), reader.page.evaluate("document.activeElement.outerHTML")
    assert stops > 25


@pytest.mark.parametrize("way", DESK, ids=str)
def test_searching_and_going_places(cast: Cast, items: None, address: str, arrive: Arrive, way: Way) -> None:
    reader = arrive(cast.manager, way)
    page = reader.page
    # The second key of two has to come soon after the first: on a busy machine, too.
    page.clock.set_fixed_time(datetime.now(UTC))
    page.goto("/p/ALFA/checklist")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name=reader.words("Search"), exact=True)).to_be_focused()
    # Accents and letters of the list do nothing while somebody types; they are the search.
    page.keyboard.type("podroze gj")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("/p/ALFA/checklist"))
    page.keyboard.press("/")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("podroze")
    # The list has that link too: what was found is looked for on the page of the search.
    with reader.next_page("**/search?*"):
        page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=TITLES[2])).to_be_visible()
    for letter, place in (("m", "/my-work"), ("p", "/programs"), ("w", "/")):
        with reader.next_page(f"{address}{place}"):
            page.keyboard.press("g")
            page.keyboard.press(letter)


@pytest.mark.parametrize("way", DESK, ids=str)
def test_rows_are_walked_opened_and_left_again(cast: Cast, items: None, arrive: Arrive, way: Way) -> None:
    reader = arrive(cast.manager, way)
    page = reader.page
    page.goto("/p/ALFA/checklist")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    row = page.get_by_role("link", name=TITLES[1], exact=True)
    expect(row).to_be_focused()
    assert has_visible_focus(page)
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_be_focused()
    expect(page.locator("#panel-title")).to_have_text(TITLES[1])
    page.keyboard.press("Escape")
    expect(page.locator(".side-panel")).to_have_count(0)
    expect(row).to_be_focused()
    expect(page).to_have_url(re.compile("/p/ALFA/checklist"))
    # Choosing with x, editing with e, leaving the form with its link: the focus stays in the row.
    page.keyboard.press("x")
    expect(page.get_by_role("checkbox", name=re.compile(re.escape(TITLES[1])))).to_be_checked()
    page.keyboard.press("x")
    page.keyboard.press("e")
    form = page.get_by_role("form", name=reader.words("Edit %(title)s", title=TITLES[1]))
    expect(form).to_be_visible()
    expect(page.locator("#item-2 :focus")).to_have_count(1)
    form.get_by_role("link", name=reader.words("Cancel"), exact=True).press("Enter")
    expect(form).to_have_count(0)
    expect(page.locator("#item-2 :focus")).to_have_count(1)


@pytest.mark.parametrize("way", DESK, ids=str)
def test_a_question_mark_lists_the_keys(
    cast: Cast, items: None, arrive: Arrive, axe: Callable[[Page], list[str]], way: Way
) -> None:
    reader = arrive(cast.manager, way)
    page = reader.page
    page.goto("/p/ALFA/checklist")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name=reader.words("Keyboard shortcuts"))
    expect(keys).to_be_visible()
    for text in ("Next row, previous row", "My work", "Checklist", "Gates"):
        expect(keys.get_by_text(reader.words(text), exact=True)).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name=TITLES[0], exact=True)).to_be_focused()
