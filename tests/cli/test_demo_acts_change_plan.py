"""The demo's acts around a go-live do what the pages do."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from program.change.models import Coaching, Communication, GoLive, GroupMember, ImpactedGroup, JobAid, TrainingSession
from program.change.training_coverage import coverage
from program.cli.demo.acts_change_plan import ACTS
from program.cli.demo.stage import Stage, moment_of
from program.extensions import db
from program.planning.models import Program
from program.playbooks.model import Text
from tests.cast import Cast, make_person

HOTLINE = Text("Hotline", "Infolinia")
HEADS = [{"group": "Hotline", "heads": 4}]
SESSION = {"title": Text("One inbox", "Jedna skrzynka"), "go_live": "wave", "at": 570, "minutes": 90}
STEPS: list[tuple[str, str, str, Any]] = [
    (
        "1 mon 09:00",
        "maria",
        "go_live",
        {"key": "wave", "name": Text("Wave 1", "Fala 1"), "on": "5 mon", "groups": [HOTLINE]},
    ),
    ("1 mon 09:10", "maria", "change_plan", {"go_live": "wave"}),
    ("1 mon 09:20", "maria", "move_go_live", {"go_live": "wave", "to": "6 mon"}),
    (
        "1 mon 09:30",
        "tomek",
        "message",
        {"key": "news", "message": Text("News", "Nowości"), "on": "2 mon", "group": HOTLINE, "go_live": "wave"},
    ),
    ("1 mon 09:40", "tomek", "senders", {"wave/why": "maria", "news": "tomek"}),
    ("2 mon 10:00", "tomek", "said", ["news"]),
    ("2 mon 11:00", "tomek", "training", {**SESSION, "key": "one", "on": "3 mon", "seats": 2, "invite": "all"}),
    ("2 mon 11:10", "tomek", "training", {**SESSION, "key": "two", "on": "3 tue", "trainer": "tomek"}),
    ("2 tue 10:00", "tomek", "train_answers", {"training": "one", "yes": 3, "no": 1}),
    ("2 tue 11:00", "tomek", "move_training", {"training": "one", "on": "3 wed", "at": 600, "minutes": 120}),
    ("2 tue 11:10", "tomek", "cancel_training", "two"),
    (
        "3 thu 10:00",
        "tomek",
        "attended",
        {"training": "one", "missed": 1, "counted": HEADS},
    ),
    (
        "3 thu 11:00",
        "tomek",
        "aid",
        {"title": Text("Inbox", "Skrzynka"), "kind": "job_aid", "url": "https://a.example", "review": "9 mon"},
    ),
    ("3 thu 12:00", "maria", "coach", {"key": "w", "person": "wanda", "topic": Text("Chat", "Czat")}),
    ("3 fri 12:00", "maria", "coached", {"coaching": "w", "coach": "tomek", "state": "running", "next": "4 mon"}),
]


def test_the_acts(cast: Cast, context: None):
    group = ImpactedGroup(program_id=cast.program_id, name="Hotline", name_folded="hotline", headcount=10)
    db.session.add(group)
    db.session.flush()
    for number in range(5):
        person = make_person(f"Agent {number}", f"agent{number}@alfa.example")
        db.session.add(GroupMember(group_id=group.id, person_id=person.id, program_id=cast.program_id))
    db.session.flush()
    people = {"maria": cast.manager.id, "tomek": cast.contributor.id, "wanda": cast.viewer.id}
    stage = Stage(SimpleNamespace(weeks_ago=6), people, "en", date(2026, 3, 12))  # type: ignore[arg-type]
    stage.program = db.session.get_one(Program, cast.program_id)
    for at, by, name, value in STEPS:
        with moment_of(stage.almanac.moment(at), "en"):
            ACTS[name](stage, stage.actor(by), value)
    assert db.session.scalars(select(GoLive.on_date)).all() == [stage.almanac.due("6 mon")]
    assert stage.items["wave/faq"].kind == "change"
    assert db.session.get_one(Communication, stage.made["message", "wave/why"]).sender_id == cast.manager.id
    assert db.session.get_one(Communication, stage.made["message", "news"]).done_on == stage.almanac.due("2 mon")
    states = dict(db.session.execute(select(TrainingSession.id, TrainingSession.state)).all())
    assert states[stage.made["training", "one"]] == "held"
    assert states[stage.made["training", "two"]] == "cancelled"
    # Two seats, one of them not taken on the day; four heads more.
    assert [(row.named, row.counted) for row in coverage(cast.program_id)] == [(1, 4)]
    assert db.session.scalars(select(JobAid.title)).all() == ["Inbox"]
    assert db.session.scalars(select(Coaching.coach_id)).all() == [cast.contributor.id]
