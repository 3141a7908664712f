"""The demo's acts around ideas, tests, successes and rituals do what the pages do."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from program.change.models import AbTest, Idea, IdeaSupport, Proof, Ritual, RitualMeeting
from program.cli.demo.acts_ideas import ACTS
from program.cli.demo.stage import Stage, moment_of
from program.extensions import db
from program.planning.models import Program, WorkItem
from program.playbooks.model import Text
from tests.cast import Cast

STEPS: list[tuple[str, str, str, Any]] = [
    ("1 mon 09:00", "maria", "usual_rituals", True),
    (
        "1 mon 09:10",
        "maria",
        "ritual",
        {
            "key": "stand-up",
            "title": Text("Stand-up", "Odprawa"),
            "rhythm": "weekly",
            "first": "1 wed",
            "at": 555,
            "minutes": 15,
            "guests": ["tomek"],
        },
    ),
    (
        "1 tue 10:00",
        "tomek",
        "idea",
        {"key": "search", "title": Text("One search", "Jedno szukanie"), "channel": "chat"},
    ),
    ("1 tue 10:05", "wanda", "idea", {"key": "shy", "title": Text("Less noise", "Mniej hałasu"), "named": False}),
    ("1 wed 10:00", "maria", "support", {"search": ["wanda", "maria"]}),
    ("1 thu 15:00", "maria", "meeting", {"ritual": "stand-up", "on": "1 wed", "held": Text("Fine.", "Dobrze.")}),
    ("2 mon 10:00", "maria", "idea_step", {"idea": "search", "to": "researched", "owner": "tomek"}),
    (
        "2 mon 11:00",
        "maria",
        "ab_test",
        {
            "key": "one",
            "hypothesis": Text("Shorter calls", "Krótsze rozmowy"),
            "metric": Text("seconds", "sekundy"),
            "a": Text("Evening", "Wieczór"),
            "b": Text("Night", "Noc"),
            "start": "2 mon",
            "end": "2 fri",
            "idea": "search",
        },
    ),
    ("2 tue 11:00", "maria", "idea_item", {"idea": "search", "key": "build-search", "owner": "tomek", "due": "3 fri"}),
    ("3 mon 10:00", "maria", "ab_result", {"test": "one", "a": "312 s", "b": "287 s", "verdict": "better"}),
    ("3 mon 10:10", "maria", "idea_step", {"idea": "search", "to": "rolled_out", "note": Text("Live.", "Działa.")}),
    (
        "3 mon 10:20",
        "tomek",
        "success",
        {
            "kind": "quick_win",
            "title": Text("One search", "Jedno szukanie"),
            "body": Text("Found at once.", "Od razu."),
            "figure": Text("25 s less", "25 s mniej"),
            "idea": "search",
            "pinned": True,
        },
    ),
    ("3 mon 11:00", "maria", "meeting", {"ritual": "stand-up", "on": "3 wed", "moved": "3 thu"}),
    ("3 mon 11:10", "maria", "meeting", {"ritual": "stand-up", "on": "4 wed", "cancelled": True}),
    ("3 tue 08:00", "tomek", "news_read", ["tomek"]),
]


def test_the_acts(cast: Cast, context: None):
    people = {"maria": cast.manager.id, "tomek": cast.contributor.id, "wanda": cast.viewer.id}
    stage = Stage(SimpleNamespace(weeks_ago=6), people, "en", date(2026, 3, 12))  # type: ignore[arg-type]
    stage.program = db.session.get_one(Program, cast.program_id)
    for at, by, name, value in STEPS:
        with moment_of(stage.almanac.moment(at), "en"):
            ACTS[name](stage, stage.actor(by), value)
    search, shy = db.session.scalars(select(Idea).order_by(Idea.number))
    assert (search.stage, search.owner_id, search.item_id) == (
        "rolled_out",
        cast.contributor.id,
        stage.items["build-search"].id,
    )
    assert shy.proposer_id is None
    assert len(db.session.scalars(select(IdeaSupport)).all()) == 2
    assert db.session.scalars(select(AbTest.verdict)).all() == ["better"]
    assert db.session.scalars(select(Proof.idea_id)).all() == [search.id]
    assert len(db.session.scalars(select(Ritual)).all()) == 6
    states = db.session.scalars(select(RitualMeeting.state).order_by(RitualMeeting.planned_on))
    assert states.all() == ["held", "moved", "cancelled"]
    assert db.session.scalars(select(WorkItem.title)).all() == ["One search"]
