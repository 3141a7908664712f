"""Pages of programs: new in two steps without JavaScript, settings, closing, activity; and who may see them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from program.extensions import db
from program.ground import database
from program.people.models import Membership
from program.planning import items, phases
from program.planning.items import ItemDraft
from program.planning.models import Baseline, Phase, Program
from tests.cast import Cast, make_program

NEW = {
    "name": "Beta shops",
    "key": "BETA",
    "playbook": "rollout",
    "starts_on": "2026-03-02",
    "timezone": "Europe/Warsaw",
    "locale": "pl",
    "country": "PL",
    "purpose": "One context",
}


def programs_there(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Program.key).order_by(Program.key)))


def test_the_form_comes_filled_in(cast: Cast, browser: Any) -> None:
    page = browser(cast.stranger).get("/programs/new").text
    assert re.search(r'<input checked[^>]* value="rollout"', page)
    assert '<option selected value="Europe/Warsaw">' in page
    assert '<option selected value="PL">' in page


def test_a_preview_shows_every_date_and_creates_nothing(app: Flask, cast: Cast, browser: Any) -> None:
    answer = browser(cast.stranger).post("/programs/new", data={**NEW, "step": "preview"})
    assert answer.status_code == 200
    for words in ("Beta shops", "BETA", "Pilotaż", "Mon 2 Mar", "Nothing is created yet"):
        assert words in answer.text
    assert programs_there(app) == ["ALFA"]


def test_a_program_is_created_from_the_previews_fields(app: Flask, cast: Cast, browser: Any) -> None:
    client = browser(cast.stranger)
    answer = client.post("/programs/new", data={**NEW, "step": "create"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/p/BETA/plan/phases")
    page = client.get("/p/BETA/plan/phases").text
    assert "Pilotaż" in page
    assert "The program is there" in page
    assert browser(cast.manager).get("/p/BETA/plan/phases").status_code == 404
    with app.app_context():
        # In the program's language, whatever its creator reads.
        assert db.session.scalar(select(func.count()).select_from(Baseline)) == 1


def test_an_empty_key_is_made_from_the_name(app: Flask, cast: Cast, browser: Any) -> None:
    client = browser(cast.stranger)
    assert ">BS<" in client.post("/programs/new", data={**NEW, "key": "", "step": "preview"}).text
    client.post("/programs/new", data={**NEW, "key": "", "step": "create"})
    assert programs_there(app) == ["ALFA", "BS"]


def test_back_from_the_preview_nothing_typed_is_lost(cast: Cast, browser: Any) -> None:
    page = browser(cast.stranger).post("/programs/new", data={**NEW, "step": "edit"})
    assert page.status_code == 200
    assert 'value="Beta shops"' in page.text
    assert 'value="2026-03-02"' in page.text


@pytest.mark.parametrize("step", ["preview", "create"])
@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Give it a name."),
        ("name", "   ", "Give it a name."),
        ("name", "x" * 121, "Up to 120 letters."),
        ("key", "ALFA", "Another program has this key already."),
        ("key", "ŻÓŁĆ", "Two to ten letters"),
        ("starts_on", "2026-02-30", "Write a day that exists"),
        ("starts_on", "9999-01-01", "Give a day between 2000 and 2099."),
        ("starts_on", "tomorrow", "Write a day that exists"),
        ("starts_on", "", "Say on which day it starts."),
        ("playbook", "nobodys", "Choose one from the list."),
        ("timezone", "Mars/Base", "Choose one from the list."),
        ("locale", "xx", "Choose one from the list."),
        ("country", "ZZ", "Choose one from the list."),
        ("purpose", "x" * 10_001, "Up to 10000 letters."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    app: Flask, cast: Cast, browser: Any, step: str, field: str, value: str, sentence: str
) -> None:
    answer = browser(cast.stranger).post("/programs/new", data={**NEW, field: value, "step": step})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'id="{field}-error"' in answer.text
    assert programs_there(app) == ["ALFA"]


def test_scripts_in_a_name_are_only_letters(cast: Cast, browser: Any) -> None:
    name = "<script>alert(1)</script> 🚀 برنامج"
    page = browser(cast.stranger).post("/programs/new", data={**NEW, "name": name, "step": "preview"}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 🚀 برنامج" in page


def test_a_public_holiday_is_named_in_the_preview(cast: Cast, browser: Any) -> None:
    page = browser(cast.stranger).post("/programs/new", data={**NEW, "starts_on": "2026-12-25", "step": "preview"}).text
    assert "Christmas Day" in page
    assert "Mon 28 Dec" in page
    weekend = browser(cast.stranger).post("/programs/new", data={**NEW, "starts_on": "2026-03-07", "step": "preview"})
    assert "is not a working day" in weekend.text


SETTINGS = {
    "name": "Alfa",
    "purpose": "",
    "timezone": "Europe/Prague",
    "locale": "pl",
    "country": "CZ",
    "revision": "1",
}


def test_settings_are_saved_once(app: Flask, cast: Cast, browser: Any) -> None:
    client = browser(cast.manager)
    assert client.post("/p/ALFA/settings", data=SETTINGS).status_code == 303
    with app.app_context():
        row = db.session.get_one(Program, cast.program_id)
        assert (row.name, row.timezone, row.locale, row.country) == ("Alfa", "Europe/Prague", "pl", "CZ")
    late = client.post("/p/ALFA/settings", data={**SETTINGS, "name": "Other"})
    assert late.status_code == 409
    assert "Other" in late.text


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("name", "x" * 121), ("timezone", "x"), ("locale", ""), ("country", "QQ")]
)
def test_settings_that_cannot_be(cast: Cast, browser: Any, field: str, value: str) -> None:
    answer = browser(cast.manager).post("/p/ALFA/settings", data={**SETTINGS, field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_a_program_is_closed_after_a_question_and_opened_again(app: Flask, cast: Cast, browser: Any) -> None:
    client = browser(cast.manager)
    asked = client.post("/p/ALFA/settings/close", data={"revision": "1"})
    assert "Close the program" in asked.text
    client.post("/p/ALFA/settings/close", data={"revision": "1", "confirmed": "1"})
    assert "This program was closed on" in client.get("/p/ALFA/settings").text
    assert client.post("/p/ALFA/settings/reopen", data={"revision": "2"}).status_code == 303
    assert "This program was closed on" not in client.get("/p/ALFA/settings").text


@pytest.mark.parametrize(
    "path",
    [
        "settings",
        "settings/close",
        "settings/playbook",
        "plan/phases/new",
    ],
)
def test_what_is_the_managers_alone(cast: Cast, browser: Any, path: str) -> None:
    asked = {name: browser(getattr(cast, name)).get(f"/p/ALFA/{path}").status_code for name in NAMES}
    assert asked == {"manager": 200, "admin": 200, "contributor": 403, "viewer": 403, "stranger": 404}


@pytest.mark.parametrize("path", ["activity", "plan/phases"])
def test_what_everybody_in_the_program_reads(cast: Cast, browser: Any, path: str) -> None:
    asked = {name: browser(getattr(cast, name)).get(f"/p/ALFA/{path}").status_code for name in NAMES}
    assert asked == {"manager": 200, "admin": 200, "contributor": 200, "viewer": 200, "stranger": 404}


NAMES = ("manager", "admin", "contributor", "viewer", "stranger")


def busy(app: Flask, cast: Cast, count: int = 120) -> None:
    with app.app_context(), database.transaction():
        phase = phases.add_phase(cast.manager.actor, cast.program_id, phases.PhaseDraft("Pilot", weeks=8))
        drafts = [ItemDraft(f"Item {n}", phase_id=phase.id, due_on=date(2026, 3, 9)) for n in range(count)]
        items.add_items(cast.manager.actor, cast.program_id, drafts, batch="one act")
        item = items.find_item(cast.contributor.actor, cast.program_id, 1)
        items.change_item(cast.contributor.actor, item, {"status": "done"}, seen=item.revision)


def test_activity_is_readable_filtered_and_paged(app: Flask, cast: Cast, browser: Any, statements: Any) -> None:
    busy(app, cast)
    client = browser(cast.viewer)
    with statements() as ran:
        page = client.get("/p/ALFA/activity")
    assert len(ran) <= 12
    assert "Tomek Wójcik" in page.text
    assert "“Item 0” is done" in page.text
    assert "more changes in the same act" in page.text
    assert "Phase “Pilot” added" in client.get("/p/ALFA/activity?page=3").text
    by_person = client.get(f"/p/ALFA/activity?person={cast.contributor.id}").text
    assert "“Item 0” is done" in by_person
    assert "“Item 5” added" not in by_person
    assert "Phase “Pilot” added" in client.get("/p/ALFA/activity?kind=plan").text
    assert "Item 5" not in client.get("/p/ALFA/activity?kind=plan").text
    yesterday = date.today() - timedelta(days=3)
    assert "Nothing here with this filter" in client.get(f"/p/ALFA/activity?day={yesterday}").text


@pytest.mark.parametrize(
    "query", ["day=2026-02-30", "day=9999-12-31", "person=x", "person=" + "9" * 40, "kind=<b>", "page=-1"]
)
def test_an_address_that_was_cut_still_opens(cast: Cast, browser: Any, query: str) -> None:
    assert browser(cast.viewer).get(f"/p/ALFA/activity?{query}").status_code == 200


def test_saving_a_program_as_a_playbook(app: Flask, cast: Cast, browser: Any) -> None:
    client = browser(cast.manager)
    data = {"name": "The Alfa way", "key": "alfa-way", "summary": "What worked"}
    empty = client.post("/p/ALFA/settings/playbook", data=data)
    assert empty.status_code == 422
    assert "Line " in empty.text
    busy(app, cast, 3)
    answer = client.post("/p/ALFA/settings/playbook", data=data)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/playbooks/alfa-way")
    assert "The Alfa way" in client.get("/playbooks/alfa-way").text
    again = client.post("/p/ALFA/settings/playbook", data=data)
    assert again.status_code == 422
    assert "There is a playbook with this key already." in again.text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Phase)) == 1


@pytest.mark.parametrize("who", ["contributor", "admin"])
def test_the_switcher_offers_the_same_on_a_programs_page_as_elsewhere(app, cast, browser, statements, who):
    with app.app_context(), database.transaction():
        for number in range(15):
            program = make_program(f"P{number}", f"Program {number}")
            if number % 2:
                for person in (cast.contributor, cast.admin):
                    db.session.add(Membership(program_id=program.id, person_id=person.id, access=2))
    client = browser(getattr(cast, who))

    def offered(address):
        menu = re.search(r'<details class="menu menu-start".*?</details>', client.get(address).text, re.DOTALL)
        return re.findall(r'<span class="key">(\w+)</span>', menu[0])

    with statements() as ran:
        inside = offered("/p/ALFA/activity")
    assert sum("FROM program" in one for one in ran.texts) == 1
    # The newest first; to an administrator those of others come last, as far as there is room.
    mine = [f"P{number}" for number in (13, 11, 9, 7, 5, 3, 1)]
    assert inside == (mine + ["P14", "P12", "P10", "P8", "P6"] if who == "admin" else [*mine, "ALFA"])
    assert offered("/my-work") == inside
