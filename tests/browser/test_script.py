"""What milepost.js adds to a page, tried on a page made of the macros alone: keys, panel, bulk bar, questions, drafts.

The page is rendered by the app's own templates but handed to the browser by the test, so that no room has to exist
for it.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest
from flask import Flask, g, render_template_string
from playwright.sync_api import Page, Request, Route, expect

LIST = """{% extends "base.html" %}
{% from "macros/forms.html" import csrf, select_plain %}
{% from "macros/lists.html" import table, select_th, row_check, bulk_bar, filter_bar %}
{% from "macros/menus.html" import menu, post_button %}
{% block title %}Rows{% endblock %}
{% block content %}
{% call filter_bar("/rows") %}
  {{ select_plain("status", "Status", [("", "Any"), ("todo", "To do")]) }}
  {{ select_plain("owner", "Owner", [("", "Any")]) }}
{% endcall %}
{{ post_button("Remove", "/post", confirm="It will be gone.", confirm_verb="Remove it", danger=True) }}
{% call menu("More") %}<a class="menu-item" href="/elsewhere">Elsewhere</a>{% endcall %}
<form method="post" action="/post" data-guard>{{ csrf() }}
  <label>Words <textarea name="words" data-draft></textarea></label><button type="submit">Send</button></form>
{% call table("Rows") %}<thead><tr>{{ select_th() }}<th scope="col">Row</th></tr></thead><tbody>
  {% for number in range(1, 5) %}<tr>{{ row_check(number, "Row %s" % number, "bulk") }}
    <td class="main"><a class="row-link" href="/piece" hx-get="/piece" hx-target="#panel">Row {{ number }}</a></td>
    <td>cell {{ number }}</td></tr>{% endfor %}</tbody>{% endcall %}
{% call bulk_bar("bulk", "/post") %}<button class="btn" type="submit">Change them</button>{% endcall %}
<form method="post" hx-post="/refused" hx-target="#answer"><button type="submit">Try</button></form>
<div id="answer"></div>
{% endblock %}"""
PIECE = """{% from "macros/panels.html" import side_panel %}{% from "macros/flashes.html" import flashes %}
{% call side_panel("One row", "/piece", "/rows") %}<a href="/elsewhere">In the panel</a>{% endcall %}"""


def rendered(app: Flask, text: str) -> str:
    with app.test_request_context("/rows"):
        g.locale = "en"
        g._login_user = SimpleNamespace(is_authenticated=True, id=1, name="Ola Nowak", theme="auto", is_admin=False)
        return render_template_string(text)


@pytest.fixture
def posts() -> list[dict[str, list[str]]]:
    """The forms that the page has sent."""
    return []


@pytest.fixture
def page(app: Flask, visit: Callable[..., Page], address: str, posts: list[dict[str, list[str]]]) -> Page:
    """The page of rows, open."""
    shown = visit()

    def take(route: Route, request: Request) -> None:
        posts.append(parse_qs(request.post_data or ""))
        route.fulfill(body="taken", content_type="text/html")

    shown.route("**/rows*", lambda route: route.fulfill(body=rendered(app, LIST), content_type="text/html"))
    shown.route("**/piece", lambda route: route.fulfill(body=rendered(app, PIECE), content_type="text/html"))
    shown.route("**/post", take)
    shown.route("**/refused", lambda route: route.fulfill(status=422, body="<b>Too long</b>", content_type="text/html"))
    shown.goto("/rows")
    return shown


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_rows_are_walked_chosen_and_counted_by_keys(page: Page) -> None:
    for key in ("j", "j", "k", "j", "x"):
        page.keyboard.press(key)
    assert focused(page) == "Row 2"
    assert page.locator(".row-select:checked").count() == 1
    assert page.locator(".bulk-bar").is_visible()
    assert page.locator("[data-bulk-count]").text_content() == "1"
    page.locator(".row-select").nth(3).click(modifiers=["Shift"])
    assert page.locator("[data-bulk-count]").text_content() == "3"
    page.locator("[data-select-all]").check()
    assert page.locator("[data-bulk-count]").text_content() == "4"
    page.get_by_role("button", name="Clear the selection").click()
    assert not page.locator(".bulk-bar").is_visible()


def test_bulk_form_carries_the_chosen_rows(page: Page, posts: list[dict[str, list[str]]]) -> None:
    page.locator(".row-select").nth(0).check()
    page.locator(".row-select").nth(2).check()
    page.get_by_role("button", name="Change them").click()
    page.wait_for_url("**/post")
    assert posts[0]["ids"] == ["1", "3"]


def test_click_in_a_row_opens_the_panel_and_escape_gives_the_focus_back(page: Page) -> None:
    page.get_by_text("cell 3").click()
    page.locator(".side-panel").wait_for()
    page.wait_for_function("document.activeElement.id === 'panel-title'")
    page.keyboard.press("Escape")
    assert page.locator(".side-panel").count() == 0
    assert focused(page) == "Row 3"


def test_click_on_a_control_or_a_selection_of_text_does_not_open(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/piece") else None)
    page.locator(".row-select").nth(1).check()
    page.evaluate("getSelection().selectAllChildren(document.querySelector('tbody tr:nth-child(4) td:last-child'))")
    page.evaluate("document.querySelector('tbody tr:nth-child(4) td:last-child').click()")
    # A panel asked for before this answer came would have been asked for by now.
    page.evaluate("fetch('/rows').then(() => null)")
    assert asked == []


def test_question_is_asked_before_harm(page: Page, posts: list[dict[str, list[str]]]) -> None:
    page.get_by_role("button", name="Remove", exact=True).click()
    dialog = page.get_by_role("dialog", name="Remove")
    assert "It will be gone." in (dialog.text_content() or "")
    page.keyboard.press("Escape")
    assert posts == []
    page.get_by_role("button", name="Remove", exact=True).click()
    dialog.get_by_role("button", name="Remove it").click()
    page.wait_for_url("**/post")
    assert posts[0]["confirmed"] == ["1"]


def test_leaving_with_changes_warns_and_the_draft_is_offered_back(page: Page) -> None:
    warned: list[str] = []
    page.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.accept()))
    page.get_by_label("Words").fill("Long thoughts")
    page.goto("/rows")
    assert warned == ["beforeunload"]
    page.get_by_role("button", name="Bring it back").click()
    assert page.get_by_label("Words").input_value() == "Long thoughts"


def test_sent_words_are_no_longer_a_draft_and_are_sent_once(page: Page, posts: list[dict[str, list[str]]]) -> None:
    page.get_by_label("Words").fill("Long thoughts")
    page.evaluate("const send = document.querySelector('form[data-guard] button'); send.click(); send.click()")
    page.wait_for_url("**/post")
    page.goto("/rows")
    assert page.locator(".draft").count() == 0
    assert [post["words"] for post in posts] == [["Long thoughts"]]


def test_refused_form_comes_back_in_place(page: Page) -> None:
    page.get_by_role("button", name="Try").click()
    page.locator("#answer b").wait_for()
    assert page.locator("#answer").text_content() == "Too long"


def test_filter_goes_into_a_short_address(page: Page) -> None:
    page.get_by_label("Status").select_option("todo")
    page.wait_for_url("**/rows?status=todo")


def test_help_lists_the_keys_and_menus_close_on_escape(page: Page) -> None:
    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keyboard shortcuts").is_visible()
    page.keyboard.press("Escape")
    page.get_by_text("More", exact=True).last.click()
    assert page.get_by_text("Elsewhere").is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_text("Elsewhere").is_visible()


def test_made_page_has_no_accessibility_faults(page: Page, axe: Callable[[Page], list[str]]) -> None:
    page.locator(".row-select").nth(0).check()
    page.get_by_text("cell 3").click()
    page.locator(".side-panel").wait_for()
    assert axe(page) == []


def test_a_piece_of_a_whole_page_is_put_in_place_and_a_page_without_it_is_gone_to(app: Flask, page: Page) -> None:
    bar = """{% extends "base.html" %}{% block title %}Waiting{% endblock %}{% block content %}
    <button id="bar" hx-get="/waiting" hx-select="#bar" hx-swap="outerHTML">step COUNT</button>{% endblock %}"""
    pages = [bar.replace("COUNT", "1"), bar.replace("COUNT", "2"), LIST]
    page.route("**/waiting", lambda route: route.fulfill(body=rendered(app, pages.pop(0)), content_type="text/html"))
    page.goto("/waiting")
    page.evaluate("window.stays = true")
    page.get_by_text("step 1").click()
    expect(page.get_by_text("step 2")).to_be_visible()
    assert page.evaluate("window.stays") is True
    pages.append(LIST)
    page.get_by_text("step 2").click()
    expect(page.get_by_role("heading", name="Rows")).to_be_visible()
    assert page.evaluate("window.stays") is None
