"""Pages of phases: read by all in the program, changed by its managers, always with a preview or a question first."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from program.extensions import db
from program.ground import database
from program.ground.now import today_in
from program.planning import items
from program.planning.items import ItemDraft
from program.planning.models import Phase, WorkItem
from tests.cast import Cast
from tests.planning.plan_parts import make_parts

AT = "/p/ALFA/plan/phases"


@pytest.fixture
def ids(app: Flask, cast: Cast) -> dict[str, int]:
    """Ids of the small plan's phases by name, and of its gate."""
    with app.app_context(), database.transaction():
        parts = make_parts(cast)
        return {"discovery": parts.discovery.id, "pilot": parts.pilot.id, "rollout": parts.rollout.id}


def phase(app: Flask, phase_id: int) -> Phase:
    with app.app_context():
        found = db.session.get_one(Phase, phase_id)
        db.session.expunge(found)
        return found


def test_the_list_shows_dates_gates_and_progress(
    cast: Cast, browser: Any, ids: dict[str, int], statements: Any
) -> None:
    client = browser(cast.viewer)
    with statements() as ran:
        page = client.get(AT)
    assert len(ran) <= 12
    for words in ("Discovery", "Pilot", "Rollout", "Tue 7 Apr", "Fri 29 May", "8 weeks", "Days late"):
        assert words in page.text
    assert "Change the dates" not in page.text
    assert "Change the dates" in browser(cast.manager).get(AT).text


def test_an_empty_plan_offers_the_first_step(cast: Cast, browser: Any) -> None:
    assert "Add the first phase" in browser(cast.manager).get(AT).text
    assert "Add the first phase" not in browser(cast.viewer).get(AT).text


def test_a_phase_shows_its_items_by_block(cast: Cast, browser: Any, ids: dict[str, int]) -> None:
    page = browser(cast.viewer).get(f"{AT}/{ids['pilot']}").text
    for words in (
        "Scope",
        "Tuning",
        "Name the pilot group",
        "Inbox is live",
        "Milestones",
        "Other items",
        "After the pilot",
    ):
        assert words in page
    assert "Order cake" not in page
    assert browser(cast.viewer).get(f"{AT}/999999").status_code == 404


def test_a_phase_with_ten_thousand_items_takes_few_statements(
    app: Flask, cast: Cast, browser: Any, ids: dict[str, int], statements: Any
) -> None:
    with app.app_context(), database.transaction():
        drafts = [ItemDraft(f"Item {n}", phase_id=ids["pilot"], due_on=date(2026, 5, 5)) for n in range(10_000)]
        items.add_items(cast.manager.actor, cast.program_id, drafts)
    client = browser(cast.viewer)
    for path in (AT, f"{AT}/{ids['pilot']}"):
        with statements() as ran:
            page = client.get(path)
        assert len(ran) <= 12
        assert len(page.data) < 60_000
    assert "more in the checklist" in page.text


def test_a_phase_is_added(app: Flask, cast: Cast, browser: Any, ids: dict[str, int]) -> None:
    client = browser(cast.manager)
    data = {"name": "Second pilot", "after": str(ids["pilot"]), "weeks": "3", "starts_on": "", "purpose": ""}
    assert client.post(f"{AT}/new", data=data).status_code == 303
    assert "Second pilot" in client.get(AT).text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 200),
        ("weeks", "-1"),
        ("weeks", "0"),
        ("weeks", "9" * 30),
        ("weeks", "two"),
        ("weeks", ""),
        ("after", "777777"),
        ("after", "x"),
        ("after", "1; DROP TABLE phase"),
        ("starts_on", "2026-02-30"),
        ("starts_on", "9999-12-31"),
    ],
)
def test_a_phase_that_cannot_be(cast: Cast, browser: Any, ids: dict[str, int], field: str, value: str) -> None:
    data = {"name": "Fine", "after": "", "weeks": "3", "starts_on": "", "purpose": "", field: value}
    answer = browser(cast.manager).post(f"{AT}/new", data=data)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_a_phase_is_renamed_once(app: Flask, cast: Cast, browser: Any, ids: dict[str, int]) -> None:
    client, path = browser(cast.manager), f"{AT}/{ids['pilot']}/edit"
    data = {"name": "Pilot <i>in</i> shops", "purpose": "**Prove** it", "revision": "1"}
    assert client.post(path, data=data).status_code == 303
    page = client.get(f"{AT}/{ids['pilot']}").text
    assert "Pilot &lt;i&gt;in&lt;/i&gt; shops" in page
    assert "<strong>Prove</strong>" in page
    late = client.post(path, data={**data, "name": "Mine"})
    assert late.status_code == 409
    assert "Mine" in late.text


def test_the_order_is_changed_by_buttons(app: Flask, cast: Cast, browser: Any, ids: dict[str, int]) -> None:
    client = browser(cast.manager)
    answer = client.post(f"{AT}/{ids['rollout']}/place", data={"revision": "1", "after": str(ids["discovery"])})
    assert answer.status_code == 303
    with app.app_context():
        names = db.session.scalars(select(Phase.name).order_by(Phase.position)).all()
    assert names == ["Discovery", "Rollout", "Pilot"]
    stranger = client.post(f"{AT}/{ids['rollout']}/place", data={"revision": "2", "after": "424242"})
    assert stranger.status_code == 422


WISH = {"start": "2026-04-14", "end": "2026-06-05", "weeks": "", "with_items": "y", "with_following": "y"}


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def test_a_move_is_previewed_then_done_then_taken_back(
    app: Flask, cast: Cast, browser: Any, ids: dict[str, int]
) -> None:
    client, path = browser(cast.manager), f"{AT}/{ids['pilot']}/dates"
    shown = client.post(path, data={**WISH, "step": "preview"})
    assert shown.status_code == 200
    for words in (
        "Rollout",
        "Fri 5 Jun",
        "After the pilot",
        "Migrate history",
        "Nothing has moved yet",
        "5 working days later",
    ):
        assert words in shown.text
    assert phase(app, ids["pilot"]).planned_end == date(2026, 5, 29)
    done = client.post(path, data={**WISH, "step": "move", "seen": seen_in(shown.text)})
    assert (done.status_code, done.headers["Location"]) == (303, f"{AT}/{ids['pilot']}")
    assert phase(app, ids["rollout"]).planned_start == date(2026, 6, 8)
    undo = re.search(r'action="(/p/ALFA/undo/[0-9a-f]+)"', client.get(f"{AT}/{ids['pilot']}").text)
    assert undo
    assert client.post(undo[1]).status_code == 303
    assert phase(app, ids["pilot"]).planned_end == date(2026, 5, 29)
    assert phase(app, ids["rollout"]).planned_start == date(2026, 6, 1)


def test_a_plan_changed_since_the_preview_is_shown_anew(
    app: Flask, cast: Cast, browser: Any, ids: dict[str, int]
) -> None:
    client, path = browser(cast.manager), f"{AT}/{ids['pilot']}/dates"
    seen = seen_in(client.post(path, data={**WISH, "step": "preview"}).text)
    with app.app_context(), database.transaction():
        item = db.session.scalars(select(WorkItem).where(WorkItem.title == "Migrate history")).one()
        items.change_item(cast.contributor.actor, item, {"due_on": date(2026, 6, 16)}, seen=1)
    answer = client.post(path, data={**WISH, "step": "move", "seen": seen})
    assert answer.status_code == 409
    assert "The plan changed since you looked" in answer.text
    assert phase(app, ids["pilot"]).planned_end == date(2026, 5, 29)
    assert client.post(path, data={**WISH, "step": "move", "seen": seen_in(answer.text)}).status_code == 303


def test_longer_by_weeks(app: Flask, cast: Cast, browser: Any, ids: dict[str, int]) -> None:
    client, path = browser(cast.manager), f"{AT}/{ids['pilot']}/dates"
    data = {**WISH, "start": "2026-04-07", "end": "2026-05-29", "weeks": "2"}
    assert "Fri 12 Jun" in client.post(path, data={**data, "step": "preview"}).text
    assert "Fri 15 May" in client.post(path, data={**data, "weeks": "-2", "step": "preview"}).text


@pytest.mark.parametrize(
    ("field", "value", "at"),
    [
        ("start", "2026-02-30", "start"),
        ("start", "", "start"),
        ("end", "9999-12-31", "end"),
        ("end", "2026-01-01", "end"),
        ("weeks", "999999999", "weeks"),
        ("weeks", "-60", "end"),
        ("weeks", "1e3", "weeks"),
        ("weeks", "9" * 40, "weeks"),
    ],
)
def test_a_move_that_cannot_be(cast: Cast, browser: Any, ids: dict[str, int], field: str, value: str, at: str) -> None:
    answer = browser(cast.manager).post(f"{AT}/{ids['pilot']}/dates", data={**WISH, field: value, "step": "preview"})
    assert answer.status_code == 422
    assert f'id="{at}-error"' in answer.text


def test_a_phase_is_split(app: Flask, cast: Cast, browser: Any, ids: dict[str, int]) -> None:
    client, path = browser(cast.manager), f"{AT}/{ids['pilot']}/split"
    assert client.get(path).status_code == 200
    wrong = client.post(path, data={"on": "2026-04-07", "name": "Rest", "revision": "1"})
    assert wrong.status_code == 422
    assert 'id="on-error"' in wrong.text
    assert client.post(path, data={"on": "2026-05-04", "name": "Rest", "revision": "1"}).status_code == 303
    assert "Rest" in client.get(AT).text


def test_a_phase_is_removed_after_saying_what_goes(app: Flask, cast: Cast, browser: Any, ids: dict[str, int]) -> None:
    client, path = browser(cast.manager), f"{AT}/{ids['pilot']}/remove"
    asked = client.get(path).text
    for words in ("5 items stay", "Scope, Tuning", "After the pilot", "1 criterion"):
        assert words in asked
    assert client.post(path, data={"to": "999", "revision": "1"}).status_code == 422
    assert client.post(path, data={"to": str(ids["rollout"]), "revision": "1"}).status_code == 303
    with app.app_context():
        homes = db.session.scalars(select(WorkItem.phase_id).where(WorkItem.title != "Order cake")).all()
    assert set(homes) == {ids["rollout"]}


def test_starting_and_finishing(app: Flask, cast: Cast, browser: Any, ids: dict[str, int]) -> None:
    client, path = browser(cast.manager), f"{AT}/{ids['pilot']}/actual"
    assert today_in("Europe/Warsaw").isoformat()[:4] in client.get(f"{path}?act=start").text
    data = {"actual_start": "2026-04-08", "actual_end": "", "revision": "1"}
    assert client.post(path, data=data).status_code == 303
    assert phase(app, ids["pilot"]).actual_start == date(2026, 4, 8)
    wrong = client.post(path, data={**data, "actual_end": "2026-04-01", "revision": "2"})
    assert wrong.status_code == 422
    assert 'id="actual_end-error"' in wrong.text


@pytest.mark.parametrize("act", ["edit", "dates", "split", "remove", "actual"])
def test_only_managers_change_phases(cast: Cast, browser: Any, ids: dict[str, int], act: str) -> None:
    path = f"{AT}/{ids['pilot']}/{act}"
    for person, status in ((cast.contributor, 403), (cast.viewer, 403), (cast.stranger, 404)):
        client = browser(person)
        assert client.get(path).status_code == status
        assert client.post(path, data={}).status_code == status
    assert browser(cast.manager).get(path).status_code == 200
