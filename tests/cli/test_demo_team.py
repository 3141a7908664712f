"""The acts with which a story tells of responsibilities, skills, the operating model and handing over."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine

from program.cli.demo.every_act import ACTS
from program.cli.demo.stage import Stage
from program.cli.demo.story import Story
from program.extensions import db
from program.planning.models import Program, WorkItem
from program.playbooks.model import Text
from program.team import operating_model, raci_matrix, skills
from program.team.escalation import to_whom
from program.team.skill_needs import needs_of
from tests.cast import Cast
from tests.planning.plan_parts import make_parts

TODAY = date(2026, 4, 15)


@pytest.fixture
def stage(cast: Cast, context: None) -> Any:
    """A stage with the small plan, two roles and who plays them."""
    story = Story("ALFA", Text(en="Alfa"), Text(en="x"), "", 1, "maria", {}, ())
    made = Stage(story, {"maria": cast.manager.id, "tomek": cast.contributor.id}, "en", date(2026, 3, 9))
    made.program = db.session.get_one(Program, cast.program_id)
    parts = make_parts(cast)
    made.know_phase("pilot", parts.pilot)
    made.items = dict(parts.items)
    with time_machine.travel("2026-04-15T09:00:00+00:00", tick=False):
        act(made, "roles", {"take": ["data_analyst", "product_owner"]})
        act(made, "give", [{"role": "data_analyst", "who": "tomek", "share": 50, "from": "1 mon"}])
        yield made


def act(stage: Stage, name: str, told: Any) -> None:
    ACTS[name](stage, stage.actor("maria"), told)


def test_a_story_says_who_answers_for_what(stage: Stage) -> None:
    rows = [
        {"phase": "pilot", "letters": {"product_owner": "A"}},
        {"item": "late", "letters": {"data_analyst": "AR"}},
        {"phase": "pilot", "named": Text(en="Field dictionary", pl="Słownik pól"), "letters": {"data_analyst": "A"}},
    ]
    act(stage, "responsible", rows)
    # Told again it is the same matrix.
    act(stage, "responsible", rows)
    act(stage, "change", {"late": {"role": "product_owner"}})
    act(stage, "fill_in", True)
    found = {row.label: row for row in raci_matrix.rows_of(stage.program_id)}
    raci_matrix.fill(list(found.values()))
    assert sorted(found["Compare KPIs with baseline"].letters.values()) == ["AR", "R"]
    assert [found[name].accountable for name in ("Pilot", "Field dictionary")] == [1, 1]
    assert [one.person_id for one in to_whom(stage.items["late"], TODAY)] == [stage.people["tomek"]]


def test_a_story_says_what_people_can_do_and_phases_need(stage: Stage) -> None:
    act(stage, "can_do", {"tomek": {"dashboards": 3}, "maria": {"storytelling": 2}})
    act(stage, "skill_needs", {"pilot": {"dashboards": [2, 1]}})
    act(stage, "role_needs", True)
    assert skills.person_skills(stage.program_id, stage.people["tomek"]).levels == {"dashboards": 3}
    assert "dashboards" in needs_of(stage.program_id, stage.phase("pilot").id)[1]


def test_a_story_chooses_a_model_and_hands_over(stage: Stage) -> None:
    for model in ("centralised", "hybrid"):
        act(stage, "operating_model", {"model": model, "because": Text(en="Shops", pl="Sklepy")})
    assert [one.model for one in operating_model.choices(stage.program_id)] == ["hybrid", "centralised"]
    act(stage, "assign", {"late": "tomek"})
    act(stage, "hand_over", {"from": "tomek", "to": "maria"})
    assert db.session.get_one(WorkItem, stage.items["late"].id).owner_id == stage.people["maria"]
