"""The pages of groups, saturation and adoption with something on them.

Accessible and whole on a phone.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from program.change import adoption, group_members, groups, impacts, other_changes
from program.change.impacts import Impact
from program.change.models import GoLive, TrainingGroup, TrainingSession
from program.extensions import db
from program.ground import database
from tests.browser.test_every_page import misplaced
from tests.cast import Cast

CHANGE = "/p/ALFA/change"
# To look at what the test looks at: a folder for pictures.
PICTURES = os.environ.get("MILEPOST_PICTURES")
NAMES = ("Hotline Warszawa", "Hotline Łódź, zmiana nocna", "E-mail team", "Shop Wola", "Chat and social media")


@pytest.fixture
def teams(app: Flask, cast: Cast) -> dict[str, int]:
    """Five groups with impacts, a go-live, trainings, a freeze, another change, people and readings."""
    today, manager = date.today(), cast.manager.actor
    with app.app_context(), database.transaction():
        wave = GoLive(program_id=cast.program_id, name="Wave 1: one inbox", on_date=today + timedelta(days=15))
        db.session.add(wave)
        db.session.flush()
        made = []
        for number, name in enumerate(NAMES):
            values = {"name": name, "headcount": 14 + 9 * number, "site": "Warszawa", "channel": "phone"}
            group = groups.add_group(
                manager, cast.program_id, {**values, "go_live_id": wave.id if number < 4 else None}
            )
            made.append(group)
            if number < 4:
                wanted = {
                    aspect: Impact((place + number) % 6, "One inbox instead of two" if place == 2 else "")
                    for place, aspect in enumerate(impacts.ASPECTS[: 10 - number])
                }
                impacts.set_impacts(manager, group, wanted, seen=None)
        for number in range(4):
            group_members.add_member(
                manager,
                made[0],
                f"agent{number}@alfa.example",
                f"Agent Number {number}",
                is_ambassador=number == 0,
                is_super_user=number == 1,
            )
        for days, group in ((-10, made[0]), (13, made[0]), (16, made[1])):
            starts = datetime.combine(today + timedelta(days=days), time(8), UTC)
            session = TrainingSession(
                program_id=cast.program_id,
                title="One inbox: the basics",
                starts_at=starts,
                ends_at=starts + timedelta(hours=6),
                capacity=40,
                state="held" if days < 0 else "planned",
            )
            db.session.add(session)
            db.session.flush()
            seats = TrainingGroup(session_id=session.id, group_id=group.id, counted=9 if days < 0 else 0)
            db.session.add(seats)
        days = {"starts_on": today + timedelta(days=14), "ends_on": today + timedelta(days=24)}
        freeze = {"kind": "freeze", "name": "Black Week", **days}
        other_changes.add_other(manager, cast.program_id, freeze, ["Shop Wola"])
        other_changes.add_other(
            manager, cast.program_id, {**freeze, "kind": "change", "name": "Payroll", "weight": 3}, []
        )
        for step, value in enumerate((20, 35, 60)):
            reading = {
                "measure": "active",
                "value": value,
                "source": "CRM report",
                "on_date": today - timedelta(days=60 - 25 * step),
            }
            adoption.enter(manager, made[0], reading, today)
        return {"group": made[0].id}


PAGES = (
    "",
    "/groups",
    "/groups/{group}",
    "/groups/{group}/impact",
    "/groups/{group}/people/add",
    "/groups/impact",
    "/groups/import",
    "/groups/limits",
    "/saturation",
    "/saturation/{group}",
    "/saturation/others/new",
    "/adoption",
    "/adoption/{group}",
)


def test_every_page_is_accessible_and_whole(
    cast: Cast,
    teams: dict[str, int],
    visit: Any,
    axe: Any,
    set_reader: Any,
):
    # The demo's pages are looked at on a desk and in the other language and theme; here it is what they hold.
    locale, theme, width = "pl", "dark", 360
    set_reader(cast.manager, locale, theme)
    page = visit(cast.manager, width=width, locale=locale)
    found = {}
    for path in PAGES:
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{CHANGE}{path.format(**teams)}")
        if PICTURES:
            name = f"{path.format(**teams).strip('/').replace('/', '-') or 'change'}-{locale}-{theme}-{width}.png"
            page.screenshot(path=str(Path(PICTURES) / name), full_page=True)
        if wrong := [*axe(page), *misplaced(page, locale, width)]:
            found[path] = wrong
    assert found == {}
