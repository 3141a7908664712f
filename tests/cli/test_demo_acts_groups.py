"""The demo's acts of groups, saturation and adoption do what the pages do."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from program.change import group_lists, limits, other_changes
from program.change.adoption import readings_of
from program.cli.demo.acts_groups import ACTS
from program.cli.demo.stage import Stage, moment_of
from program.extensions import db
from program.planning.models import Program
from program.playbooks.model import Text
from tests.cast import Cast

HOTLINE = Text("Hotline", "Infolinia")
PAYROLL = Text("Payroll", "Płace")
STEPS: list[tuple[str, str, str, Any]] = [
    ("1 mon 09:00", "maria", "group", {"name": HOTLINE, "headcount": 40, "channel": "phone", "speaks": "tomek"}),
    ("1 mon 09:05", "maria", "impact", {"group": HOTLINE, "levels": {"tools": 4}, "notes": {"tools": HOTLINE}}),
    (
        "1 mon 09:10",
        "maria",
        "join_group",
        {
            "group": HOTLINE,
            "people": ["wanda"],
            "guests": ["tomek"],
            "new": {"ewa@alfa.example": "Ewa Lis"},
            "ambassadors": ["tomek"],
            "super_users": ["ewa@alfa.example"],
        },
    ),
    ("1 mon 09:20", "maria", "freeze", {"name": Text("Black Week", "Black Week"), "from": "4 mon", "to": "4 fri"}),
    (
        "1 mon 09:25",
        "maria",
        "other_change",
        {"name": PAYROLL, "from": "2 mon", "to": "3 fri", "weight": 2, "groups": [HOTLINE]},
    ),
    ("1 mon 09:30", "maria", "change_limits", {"people_per_ambassador": 20}),
    ("2 mon 10:00", "tomek", "adopted", {"group": HOTLINE, "active": 30, "confident": 20, "source": PAYROLL}),
]


def test_the_acts(cast: Cast, context: None):
    people = {"maria": cast.manager.id, "tomek": cast.contributor.id, "wanda": cast.viewer.id}
    stage = Stage(SimpleNamespace(weeks_ago=6), people, "en", date(2026, 3, 12))  # type: ignore[arg-type]
    stage.program = db.session.get_one(Program, cast.program_id)
    for at, by, name, value in STEPS:
        with moment_of(stage.almanac.moment(at), "en"):
            ACTS[name](stage, stage.actor(by), value)
    (row,) = group_lists.all_groups(cast.program_id)
    assert (row.name, row.headcount, row.highest, row.representative) == ("Hotline", 40, 4, "Tomek Wójcik")
    assert (row.known, row.ambassadors, row.super_users) == (2, 1, 1)
    others = other_changes.list_others(cast.manager.actor, cast.program_id, date(2000, 1, 1))
    assert {(one.name, one.kind, one.groups) for one in others} == {
        ("Black Week", "freeze", ()),
        ("Payroll", "change", ("Hotline",)),
    }
    assert limits.limits_of(cast.program_id)[0].people_per_ambassador == 20
    found = readings_of([row.id])[row.id]
    assert {measure: [one.value for one in readings] for measure, readings in found.items()} == {
        "active": [30],
        "confident": [20],
    }
