"""A spreadsheet comes in and goes out again: one wrong row holds it all up and is named; the export has what came."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import func, select

from program.extensions import db
from program.planning.models import WorkItem
from tests.browser.ways import ALL, Reader, Way
from tests.browser.words import Words
from tests.cast import Cast


def sheet(words: Words, owner: str, second_due: str) -> dict[str, object]:
    """A file as a colleague would send it: headings in their language, separated as Excel does there."""
    rows = (
        (words("Title"), words("Owner"), words("Due")),
        ("Spisz podróże klientów", owner, "2027-01-15"),
        ("Zamów terminale; 12 sztuk", "", second_due),
        ("Przeszkól kasjerów", "", "2027-02-05"),
    )
    text = StringIO()
    csv.writer(text, delimiter=";").writerows(rows)
    return {"name": "plan.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode("utf-8-sig")}


def titles(app: Flask) -> list[str]:
    """What stands in the checklist now."""
    with app.app_context():
        return list(db.session.scalars(select(WorkItem.title).order_by(WorkItem.number)))


@pytest.mark.parametrize("way", ALL, ids=str)
def test_a_spreadsheet_in_and_out(
    app: Flask, cast: Cast, arrive: Callable[..., Reader], tmp_path: Path, way: Way
) -> None:
    reader = arrive(cast.manager, way)
    page, words = reader.page, reader.words
    page.goto("/p/ALFA/checklist")
    page.get_by_role("main").get_by_role("link", name=words("Import a spreadsheet"), exact=True).click()
    reader.field("File").set_input_files(sheet(words, cast.contributor.name, "2027-02-30"))
    reader.button("Read the file").click()
    reader.heading_is("What the columns are")
    # Every column was recognised: the importer only goes on.
    boxes = page.locator("table select")
    expect(boxes).to_have_count(3)
    for select_box, column in zip(boxes.all(), ("title", "owner", "due_on"), strict=True):
        expect(select_box).to_have_value(column)
    reader.fits()
    reader.button("Preview the import").click()

    wrong = page.get_by_role("row").filter(has_text="2027-02-30")
    expect(wrong).to_have_count(1)
    expect(wrong.get_by_role("cell").first).to_have_text("3")
    expect(wrong.locator(".main")).not_to_be_empty()
    expect(reader.button("Import it")).to_have_count(0)
    reader.fits()
    assert titles(app) == []

    reader.link("Choose the corrected file").click()
    reader.field("File").set_input_files(sheet(words, cast.contributor.name, "2027-02-26"))
    reader.button("Read the file").click()
    reader.button("Preview the import").click()
    expect(page.get_by_text("Zamów terminale; 12 sztuk")).to_be_visible()
    assert titles(app) == [], "a preview brings nothing in"
    reader.button("Import it").click()

    expect(page.get_by_role("link", name="Przeszkól kasjerów", exact=True)).to_be_visible()
    reader.fits()
    assert titles(app) == ["Spisz podróże klientów", "Zamów terminale; 12 sztuk", "Przeszkól kasjerów"]

    reader.menu("More actions")
    with page.expect_download() as download:
        reader.link("Export to CSV").click()
    file = tmp_path / "out.csv"
    download.value.save_as(file)
    text = file.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(StringIO(text), dialect=csv.Sniffer().sniff(text.splitlines()[0], ";,")))
    assert [row[words("Title")] for row in rows] == titles(app)
    assert rows[0][words("Owner")] == cast.contributor.name
    assert [row[words("Due")] for row in rows] == ["2027-01-15", "2027-02-26", "2027-02-05"]

    # The whole import is one act, and can be taken back as one.
    reader.button("Undo").click()
    reader.reads("Taken back.")
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(WorkItem.status != "dropped")) == 0
