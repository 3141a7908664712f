"""What people take to the board room: the timeline on one sheet of A3, the evidence of a decision on plain paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from program.ground import database
from program.planning.programs import NewProgram, create_program
from tests.browser.ways import Reader, Way
from tests.cast import Cast
from tests.planning.builder import build_alfa
from tests.planning.test_decisions import contract, take

MILLIMETRE = 72 / 25.4


def sheets(page: Page) -> list[tuple[int, int]]:
    """The sheets a printer would get: width and height in millimetres, one pair for each."""
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    pages = re.findall(rb"/Type\s*/Page\b(?!s).*?endobj", paper, re.DOTALL)
    boxes = [re.search(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)", one) for one in pages]
    return [(round(float(box[1]) / MILLIMETRE), round(float(box[2]) / MILLIMETRE)) for box in boxes if box]


@pytest.mark.parametrize("locale", ["en", "pl"])
def test_the_timeline_is_one_sheet_of_a3(app: Flask, cast: Cast, arrive: Callable[..., Reader], locale: str) -> None:
    with app.app_context(), database.transaction():
        new = NewProgram("Sklep i sieć razem", "SKLEP", "rollout", date(2026, 8, 31), locale=locale)
        create_program(cast.manager.actor, new)
    reader = arrive(cast.manager, Way(locale))
    reader.page.goto("/p/SKLEP/plan")
    assert sheets(reader.page) == [(420, 297)]
    # Without the screen's frame the sheet still says whose plan it is.
    reader.page.emulate_media(media="print")
    expect(
        reader.page.get_by_text("Sklep i sieć razem", exact=True).and_(reader.page.locator("main *"))
    ).to_be_visible()


def test_evidence_prints_without_the_furniture_of_the_screen(
    app: Flask, cast: Cast, arrive: Callable[..., Reader]
) -> None:
    with app.app_context(), database.transaction():
        alfa = build_alfa(cast)
        take(alfa, "conditional_go", conditions=(contract(alfa),))
    reader = arrive(cast.manager, Way("en"))
    page = reader.page
    page.goto(f"/p/ALFA/gates/{alfa.gates[0]}")
    reader.link("The whole evidence, for printing").click()
    page.wait_for_url("**/decisions/1")
    page.emulate_media(media="print")
    assert page.get_by_role("table").first.is_visible()
    assert page.locator("nav:not(.crumbs):visible, button:visible, .btn:visible, input:visible").all_inner_texts() == []
    paper = sheets(page)
    assert set(paper) == {(210, 297)}
    assert len(paper) <= 2
