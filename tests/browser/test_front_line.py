"""The front line's page on a phone: an idea in three taps, with a script and without one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from program.change import ideas
from program.change.ideas import IdeaDraft
from program.ground import database
from tests.cast import Cast, Member
from tests.change.conftest import zosia

__all__ = ["zosia"]
AT = "/p/ALFA/for-you"


@pytest.fixture
def known(app: Flask, cast: Cast) -> None:
    """An idea of a colleague's."""
    with app.app_context(), database.transaction():
        ideas.hand_in(cast.viewer.actor, cast.program_id, IdeaDraft("Show the last call to the chat agent"))


@pytest.mark.parametrize("scripts", [True, False])
def test_three_taps(
    visit: Callable[..., Page], zosia: Member, scripts: bool, axe: Callable[[Page], list[str]], app: Flask
):
    page = visit(zosia, width=360, scripts=scripts)
    page.goto(AT)
    field = page.get_by_label("Your idea")
    box = field.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 500, "the field stands on the first screen"
    field.fill("Quieter headsets")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("You read here what becomes of your idea.")).to_be_visible()
    expect(page.locator("#mine")).to_contain_text("Quieter headsets")
    if scripts:
        assert axe(page) == []


def test_ideas_like_it_appear_while_one_types(
    visit: Callable[..., Page], zosia: Member, known: None, axe: Callable[[Page], list[str]]
):
    page = visit(zosia, width=360)
    page.goto(AT)
    page.get_by_label("Your idea").press_sequentially("last call for chat agents")
    shown = page.locator("#alike")
    expect(shown).to_contain_text("Show the last call to the chat agent")
    assert axe(page) == []
    shown.get_by_role("button", name="I have this too").click()
    expect(page.get_by_text("Counted: you have this too.")).to_be_visible()
    expect(page.locator("#others")).to_contain_text("You have this too")


def test_without_a_script_they_are_shown_before_it_is_sent(visit: Callable[..., Page], zosia: Member, known: None):
    page = visit(zosia, width=360, scripts=False)
    page.goto(AT)
    page.get_by_label("Your idea").fill("last call for chat agents")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#alike")).to_contain_text("Is it one of these?")
    page.get_by_role("button", name="Send mine all the same").click()
    expect(page.locator("#mine")).to_contain_text("last call for chat agents")
