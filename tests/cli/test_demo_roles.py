"""The acts with which a story tells who plays which role."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from program.cli.demo.every_act import ACTS
from program.cli.demo.stage import Stage
from program.cli.demo.story import Story
from program.extensions import db
from program.planning.models import Program
from program.playbooks.model import Text
from program.team.models import Assignment, ProgramRole
from tests.cast import Cast

OWN = Text(en="Regional coach", pl="Trener regionalny")


@pytest.fixture
def stage(cast: Cast, context: None) -> Stage:
    """A stage on which program ALFA is played; its first Monday is 2 March."""
    story = Story("ALFA", Text(en="Alfa"), Text(en="x"), "", 1, "maria", {}, ())
    made = Stage(story, {"maria": cast.manager.id, "tomek": cast.contributor.id}, "en", date(2026, 3, 9))
    made.program = db.session.get_one(Program, cast.program_id)
    return made


def act(stage: Stage, name: str, told: Any) -> None:
    ACTS[name](stage, stage.actor("maria"), told)


def test_roles_are_taken_given_changed_and_ended(stage: Stage) -> None:
    act(stage, "roles", {"take": ["compliance"], "required": ["data_analyst"]})
    act(stage, "own_role", {"name": OWN, "purpose": Text(en="Coaches.", pl="Trenuje."), "share": [20, 40]})
    note = Text(en="Mondays", pl="Poniedziałki")
    given = {"role": "data_analyst", "who": "tomek", "share": 60, "from": "1 mon", "pilot": True, "note": note}
    act(stage, "give", [given, {"role": OWN, "who": "maria", "share": 20, "from": "2 mon", "to": "4 fri"}])
    act(stage, "role_time", {"role": "data_analyst", "who": "tomek", "share": 50})
    act(stage, "role_ends", {"role": "data_analyst", "who": "tomek", "last": "8 fri"})
    keys = {row.key: row.is_required for row in db.session.query(ProgramRole)}
    assert keys == {"compliance": False, "data_analyst": True, "regional_coach": False}
    rows = db.session.query(Assignment).order_by(Assignment.id).all()
    assert [(row.share, row.starts_on, row.ends_on, row.in_pilot_team, row.note) for row in rows] == [
        (50, date(2026, 3, 2), date(2026, 4, 24), True, "Mondays"),
        (20, date(2026, 3, 9), date(2026, 3, 27), False, ""),
    ]
