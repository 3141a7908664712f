"""A week's work on the checklist: an item worked through, several changed at once, two people on the same one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Locator, expect
from sqlalchemy import select, update

from program.extensions import db
from program.ground import database
from program.people.models import Person
from program.planning.models import WorkItem
from tests.browser.test_start import link_for
from tests.browser.ways import ALL, DESK, Reader, Way
from tests.cast import Cast
from tests.planning.helpers import add

Arrive = Callable[..., Reader]
TITLES = ("Połącz CRM ze sklepem", "Nazwij właścicieli kanałów", "Spisz podróże klientów", "Policz koszt kontaktu")


@pytest.fixture
def items(app: Flask, cast: Cast) -> None:
    """Four open items in ALFA, numbers 1 to 4."""
    with app.app_context(), database.transaction():
        for title in TITLES:
            add(cast, title)


def item_of(app: Flask, number: int) -> WorkItem:
    """The item as the database has it now."""
    with app.app_context():
        return db.session.scalars(select(WorkItem).where(WorkItem.number == number)).one()


def status_shown(reader: Reader) -> Locator:
    """The status on the item's page or panel."""
    return reader.page.locator(".item-status .state").first


@pytest.mark.parametrize("way", ALL, ids=str)
def test_an_item_is_worked_through(app: Flask, cast: Cast, items: None, arrive: Arrive, way: Way) -> None:
    reader = arrive(cast.manager, way)
    page, words = reader.page, reader.words
    page.goto("/p/ALFA/checklist")
    page.get_by_role("link", name=TITLES[0], exact=True).click()
    expect(page.get_by_role("heading", name=TITLES[0])).to_be_visible()

    reader.button("Doing").click()
    expect(status_shown(reader)).to_have_text(words("Doing"))
    page.get_by_label(words("Comment"), exact=True).fill(f"Kto ma dostęp? @{cast.contributor.name} wie.")
    reader.button("Add the comment").click()
    expect(page.locator(".comment strong")).to_have_text(f"@{cast.contributor.name}")
    reader.unfold("Link evidence")
    reader.field("Address").fill("https://wiki.alfa.example/crm")
    reader.field("What it shows").fill("Opis integracji")
    reader.button("Link the evidence").click()
    expect(page.get_by_role("link", name="Opis integracji")).to_have_attribute("href", "https://wiki.alfa.example/crm")
    reader.fits()

    reader.button("Done").click()
    expect(status_shown(reader)).to_have_text(words("Done"))
    assert item_of(app, 1).status == "done"
    undo = page.get_by_role("status").filter(has_text=words("Done")).get_by_role("button", name=words("Undo"))
    undo.last.click()
    reader.reads("Taken back.")
    assert item_of(app, 1).status == "doing"

    # Who was named finds it among their work, in their own language.
    named = arrive(cast.contributor, way)
    named.page.goto("/my-work")
    named.button("%(who)s on “%(title)s”", who=cast.manager.name, title=TITLES[0]).click()
    expect(named.page.get_by_role("heading", name=TITLES[0])).to_be_visible()
    expect(named.page.locator(".comment strong")).to_be_visible()


@pytest.mark.parametrize("way", ALL, ids=str)
def test_owner_and_due_date_are_changed_in_the_list(
    app: Flask, cast: Cast, items: None, arrive: Arrive, way: Way
) -> None:
    reader = arrive(cast.manager, way)
    page, words = reader.page, reader.words
    page.goto("/p/ALFA/checklist")
    row = page.locator("#item-2")
    row.get_by_role("link", name=f"{words('Edit')} ALFA-2").click()
    form = page.get_by_role("form", name=words("Edit %(title)s", title=TITLES[1]))
    form.get_by_label(words("Owner"), exact=True).select_option(label=cast.contributor.name)
    form.get_by_label(words("Due"), exact=True).fill("2027-02-26")
    reader.fits()
    form.get_by_role("button", name=words("Save"), exact=True).click()
    expect(form).to_have_count(0)
    expect(row.get_by_text(cast.contributor.name)).to_be_visible()
    expect(row.locator("time")).to_have_attribute("datetime", "2027-02-26")
    expect(page).to_have_url(re.compile("/p/ALFA/checklist"))
    item = item_of(app, 2)
    assert (item.owner_id, item.due_on) == (cast.contributor.id, date(2027, 2, 26))
    # An impossible wish comes back beside what was typed.
    row.get_by_role("link", name=f"{words('Edit')} ALFA-2").click()
    form.get_by_label(words("Status"), exact=True).select_option("blocked")
    form.get_by_role("button", name=words("Save"), exact=True).click()
    expect(form.locator(".field-error")).to_be_visible()
    expect(form.get_by_label(words("Status"), exact=True)).to_have_value("blocked")
    assert item_of(app, 2).status == "todo"


@pytest.mark.parametrize("way", ALL, ids=str)
def test_three_items_are_changed_at_once_after_a_preview(
    app: Flask, cast: Cast, items: None, arrive: Arrive, way: Way
) -> None:
    reader = arrive(cast.manager, way)
    page, words = reader.page, reader.words
    page.goto("/p/ALFA/checklist")
    for title in TITLES[:3]:
        page.get_by_role("checkbox", name=f"{words('Select')} {title}", exact=True).check()
    bar = page.get_by_role("form", name=words("Change the selected rows"))
    if way.scripts:
        expect(bar.get_by_role("status")).to_have_text(words("Selected: %(count)s", count=3))
    bar.get_by_role("combobox", name=words("Status")).select_option("doing")
    bar.get_by_role("combobox", name=words("Owner")).select_option(label=cast.contributor.name)
    bar.get_by_role("button", name=words("Preview the change"), exact=True).click()

    reader.heading_is("Preview the change")
    said = words.many("%(shown)s item will change.", "%(shown)s items will change.", 3, shown=3)
    expect(page.get_by_text(said)).to_be_visible()
    assert {item_of(app, number).status for number in (1, 2, 3)} == {"todo"}, "a preview changes nothing"
    reader.fits()
    verb = words.many("Change %(shown)s item", "Change %(shown)s items", 3, shown=3)
    page.get_by_role("button", name=verb, exact=True).click()

    expect(page.locator("tr .state-doing")).to_have_count(3)
    reader.fits()
    for number in (1, 2, 3):
        item = item_of(app, number)
        assert (item.status, item.owner_id) == ("doing", cast.contributor.id)
    assert item_of(app, 4).status == "todo"
    reader.button("Undo").click()
    reader.reads("Taken back.")
    assert {item_of(app, number).status for number in (1, 2, 3)} == {"todo"}


@pytest.mark.parametrize("way", ALL, ids=str)
def test_the_second_of_two_editors_is_told_and_loses_nothing(
    app: Flask, cast: Cast, items: None, arrive: Arrive, way: Way
) -> None:
    first, second = arrive(cast.manager, way), arrive(cast.contributor, way)
    for reader in (first, second):
        reader.page.goto("/p/ALFA/items/1/edit")
    first.field("Title").fill("Połącz CRM z kasami")
    first.button("Save the item").click()
    expect(first.page.get_by_role("heading", level=1)).to_contain_text("Połącz CRM z kasami")

    text = "Zrobione, gdy kasjer widzi zamówienie z sieci.\n\n- sklep\n- sieć"
    second.field("Description").fill(text)
    second.button("Save the item").click()
    second.heading_is("Two versions of “%(title)s”", title="Połącz CRM z kasami")
    expect(second.page.get_by_text(second.words("Nothing you typed is lost. Choose what shall stand."))).to_be_visible()
    expect(second.page.locator("label pre").first).to_have_text(text)
    second.fits()
    # What each of them touched is chosen already: both changes stay.
    with second.next_page():
        second.button("Save what I chose").click()
    expect(second.page.get_by_role("heading", level=1)).to_contain_text("Połącz CRM z kasami")
    item = item_of(app, 1)
    assert item.title == "Połącz CRM z kasami"
    assert item.description.split() == text.split()


@pytest.mark.parametrize("way", ALL, ids=str)
def test_a_session_lost_while_typing_loses_no_word(
    app: Flask, cast: Cast, items: None, arrive: Arrive, way: Way
) -> None:
    reader = arrive(cast.contributor, way)
    page = reader.page
    page.goto("/p/ALFA/items/3/edit")
    due = (date.today() + timedelta(days=60)).isoformat()
    reader.field("Description").fill("Trzy godziny pracy: <b>nie</b> do stracenia")
    reader.field("Due").fill(due)
    with app.app_context(), database.transaction():
        # Signed out everywhere, from another device.
        db.session.execute(update(Person).where(Person.id == cast.contributor.id).values(session_key="another"))
    reader.button("Save the item").click()

    reader.heading_is("Sign in first")
    expect(page.locator(".typed")).to_contain_text("Trzy godziny pracy: <b>nie</b> do stracenia")
    expect(page.locator(".typed")).to_contain_text(due)
    expect(page.locator("b")).to_have_count(0)
    reader.fits()
    assert item_of(app, 3).description == ""

    with app.app_context(), database.transaction():
        key = cast.contributor.session_key
        db.session.execute(update(Person).where(Person.id == cast.contributor.id).values(session_key=key))
    reader.button("Send it again").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(TITLES[2])
    assert item_of(app, 3).description == "Trzy godziny pracy: <b>nie</b> do stracenia"


@pytest.mark.parametrize("way", ALL, ids=str)
def test_who_signs_in_again_beside_it_sends_what_was_typed(
    app: Flask, cast: Cast, items: None, address: str, arrive: Arrive, way: Way
) -> None:
    reader = arrive(cast.contributor, way)
    page = reader.page
    page.goto("/p/ALFA/items/3/edit")
    reader.field("Description").fill("Trzy godziny pracy")
    # The session has run out: its cookie is gone.
    page.context.clear_cookies()
    reader.button("Save the item").click()
    expect(page.locator(".typed")).to_contain_text("Trzy godziny pracy")

    url = link_for(app, cast.contributor, address)
    beside = page.context.new_page()
    beside.goto(url)
    Reader(beside, reader.words, way).button("Sign in as %(name)s", name=cast.contributor.name).click()
    beside.wait_for_url(f"{address}/")

    # Signing in renews the session, so the token of the page that a stranger saw is worth nothing: it takes a second
    # press, on a page that still has every word.
    reader.button("Send it again").click()
    reader.heading_is("This page was open for too long")
    expect(page.locator(".typed")).to_contain_text("Trzy godziny pracy")
    reader.button("Send it again").click()
    reader.title_is(TITLES[2])
    assert item_of(app, 3).description == "Trzy godziny pracy"


@pytest.mark.parametrize("way", DESK, ids=str)
def test_a_comment_begun_before_the_session_was_lost_is_offered_back(
    app: Flask, cast: Cast, items: None, arrive: Arrive, way: Way
) -> None:
    reader = arrive(cast.contributor, way)
    page, words = reader.page, reader.words
    page.goto("/p/ALFA/items/3")
    page.get_by_label(words("Comment"), exact=True).fill("Nie zgub mnie")
    page.goto("/p/ALFA/checklist")
    page.goto("/p/ALFA/items/3")
    reader.button("Bring it back").click()
    expect(page.get_by_label(words("Comment"), exact=True)).to_have_value("Nie zgub mnie")
