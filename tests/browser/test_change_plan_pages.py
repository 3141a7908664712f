"""The pages around a go-live with something on them: accessible and whole on a phone."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from program.change import attendance, change_plan, coaching, job_aids, training_seats, training_sessions
from program.change.models import GroupMember, ImpactedGroup, TrainingSession
from program.change.training_seats import Whom
from program.extensions import db
from program.ground import database
from program.ground.actor import Actor
from program.ground.folding import fold
from program.ground.now import held_at, utc_now
from program.planning.opening import find_program
from tests.browser.test_every_page import misplaced
from tests.cast import Cast, make_person
from tests.change.test_go_lives import MESSAGES, STEPS, make_go_live

CHANGE = "/p/ALFA/change"
# To look at what the test looks at: a folder for pictures.
PICTURES = os.environ.get("MILEPOST_PICTURES")


@pytest.fixture
def wave(app: Flask, cast: Cast) -> dict[str, int]:
    """A go-live in two weeks with its plan, groups, sessions, job aids and a coaching."""
    today = date.today()
    with app.app_context(), database.transaction():
        first = make_go_live(cast, today + timedelta(days=14), "Wave 1: telephone and e-mail in one inbox")
        second = make_go_live(cast, today + timedelta(days=70), "Wave 2: shops")
        opened = find_program(cast.manager.actor, "ALFA")
        change_plan.generate(cast.manager.actor, opened, first.id, STEPS, MESSAGES)
        groups = []
        for number, name in enumerate(("Hotline Warszawa", "Hotline Łódź", "E-mail team")):
            group = ImpactedGroup(
                program_id=cast.program_id,
                name=name,
                name_folded=fold(name),
                headcount=12 + 7 * number,
                channel="phone",
                go_live_id=first.id,
            )
            db.session.add(group)
            groups.append(group)
        db.session.flush()
        people = [make_person(f"Agent Number {number}", f"agent{number}@alfa.example") for number in range(9)]
        for number, person in enumerate(people):
            group = groups[number % 3]
            db.session.add(GroupMember(group_id=group.id, person_id=person.id, program_id=cast.program_id))
        db.session.flush()
        now = utc_now().replace(minute=0, second=0, microsecond=0)
        held, ahead = now - timedelta(days=4), now + timedelta(days=3)
        with held_at(held - timedelta(days=5)):
            sessions = [
                training_sessions.add_session(
                    cast.contributor.actor,
                    cast.program_id,
                    {"title": title, "capacity": 3, "place": "Room 3", "trainer_id": cast.contributor.id},
                    [group.id for group in groups],
                    starts,
                    starts + timedelta(hours=2),
                )
                for title, starts in (("One inbox: the basics", held), ("One inbox: difficult cases", ahead))
            ]
            for session in sessions:
                training_seats.invite(cast.contributor.actor, cast.program_id, session.id, Whom.ALL)
                for person in people[:4]:
                    training_seats.answer(Actor(person.id), cast.program_id, session.id, comes=True)
        past = db.session.get_one(TrainingSession, sessions[0].id)
        seen: Any = past.revision
        attendance.write_attendance(
            cast.contributor.actor, cast.program_id, past.id, [people[0].id], {groups[0].id: 5}, seen=seen
        )
        for title, days in (("What to say when both inboxes are full", -3), ("Answers to frequent questions", 30)):
            job_aids.add_aid(
                cast.contributor.actor,
                cast.program_id,
                {"title": title, "url": "https://wiki.example/a", "review_on": today + timedelta(days=days)},
            )
        made = coaching.add(
            cast.manager.actor,
            cast.program_id,
            {
                "person_id": people[5].id,
                "coach_id": cast.contributor.id,
                "topic": "Two conversations at once",
                "next_on": today - timedelta(days=1),
            },
        )
        return {
            "wave": first.id,
            "empty": second.id,
            "held": sessions[0].id,
            "ahead": sessions[1].id,
            "coaching": made.id,
        }


def test_pages_around_a_go_live(cast: Cast, visit: Any, axe: Any, set_reader: Any, wave: dict[str, int]) -> None:
    # The demo's pages are looked at on a desk and in the other language and theme; here it is what they hold.
    locale, theme, width = "en", "dark", 360
    set_reader(cast.manager, locale, theme)
    page = visit(cast.manager, width=width, locale=locale)
    plan, training = f"{CHANGE}/plan", f"{CHANGE}/training"
    faults: list[str] = []
    for name, path in {
        "plan": plan,
        "new": f"{plan}/new",
        "one": f"{plan}/{wave['wave']}",
        "one-empty": f"{plan}/{wave['empty']}",
        "generate": f"{plan}/{wave['wave']}/generate",
        "groups": f"{plan}/{wave['wave']}/groups",
        "move": f"{plan}/{wave['wave']}/move",
        "remove": f"{plan}/{wave['wave']}/remove",
        "communication": f"{CHANGE}/communication",
        "communication-new": f"{CHANGE}/communication/new",
        "communication-import": f"{CHANGE}/communication/import",
        "training": training,
        "training-past": f"{training}?show=past",
        "training-new": f"{training}/new",
        "training-held": f"{training}/{wave['held']}",
        "training-ahead": f"{training}/{wave['ahead']}",
        "training-move": f"{training}/{wave['ahead']}/move",
        "training-list": f"{training}/{wave['ahead']}/list",
        "attendance": f"{training}/{wave['held']}/attendance",
        "coverage": f"{training}/coverage",
        "job-aids": f"{CHANGE}/job-aids",
        "job-aids-new": f"{CHANGE}/job-aids/new",
        "coaching": f"{CHANGE}/coaching",
        "coaching-one": f"{CHANGE}/coaching/{wave['coaching']}",
    }.items():
        page.set_viewport_size({"width": width, "height": 800})
        answer = page.goto(path)
        if answer.status != 200:
            faults.append(f"{name}: answered {answer.status}")
            continue
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
        faults += [f"{name} {width}: {fault}" for fault in [*axe(page), *misplaced(page, locale, width)]]
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{plan}/{wave['wave']}/move")
    page.locator("#on_date").fill((date.today() + timedelta(days=28)).isoformat())
    page.get_by_role("button", name="See what moves").click()
    page.get_by_role("button", name="Move it all").wait_for()
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"move-preview-{width}.png", full_page=True)
    faults += [f"move-preview {width}: {fault}" for fault in [*axe(page), *misplaced(page, locale, width)]]
    page.get_by_role("button", name="Move it all").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Taken back.").wait_for()
    assert not faults, "\n".join(faults)
