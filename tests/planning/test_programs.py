"""Programs: made from a playbook in one go, keys unique whatever happens at once, settings edited safely."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.people.models import Membership
from program.planning import programs
from program.planning.models import (
    Baseline,
    BaselineLine,
    Dependency,
    Gate,
    GateCriterion,
    ItemTag,
    Phase,
    PhaseBlock,
    Program,
    WorkItem,
)
from program.planning.programs import NewProgram, create_program
from program.playbooks.loader import builtin
from tests.cast import Cast

ROLLOUT = NewProgram(
    name="  Beta  Shops ", key="beta", playbook="rollout", starts_on=date(2026, 3, 2), purpose="One context."
)


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_program_comes_with_everything_its_playbook_plans(cast: Cast, context: None) -> None:
    program = create_program(cast.stranger.actor, ROLLOUT)
    playbook = builtin("rollout")
    assert (program.key, program.name, program.playbook_key) == ("BETA", "Beta Shops", "rollout")
    access = db.session.scalar(select(Membership.access).where(Membership.program_id == program.id))
    assert access == 3
    phases = db.session.scalars(select(Phase).order_by(Phase.position)).all()
    assert [phase.key for phase in phases] == [phase.key for phase in playbook.phases]
    assert phases[0].planned_start == date(2026, 3, 2)
    items = db.session.scalars(select(WorkItem).order_by(WorkItem.number)).all()
    assert [item.key for item in items] == [item.key for item in playbook.items()]
    assert count(Gate) == sum(1 for phase in playbook.phases if phase.gate)
    assert count(PhaseBlock) == sum(len(phase.blocks) for phase in playbook.phases)
    assert count(Dependency) == sum(len(item.after) for item in playbook.items())
    assert count(ItemTag) == sum(len(item.tags) for item in playbook.items())
    own = sum(len(phase.gate.own_criteria) for phase in playbook.phases if phase.gate)
    assert count(GateCriterion) == own
    assert set(db.session.scalars(select(GateCriterion.kind))) == {"manual", "roles"}
    in_blocks = {item.key: item.block_id is not None for item in items}
    assert in_blocks == {item.key: item.block is not None for item in playbook.items()}


def test_creating_leaves_a_trail_of_one_batch(cast: Cast, context: None) -> None:
    program = create_program(cast.manager.actor, ROLLOUT)
    verbs = db.session.execute(
        select(AuditEntry.verb, func.count(), func.count(func.distinct(AuditEntry.batch)))
        .where(AuditEntry.program_id == program.id, AuditEntry.batch.is_not(None))
        .group_by(AuditEntry.verb)
    ).all()
    found = {verb: number for verb, number, _batches in verbs}
    assert {"program.created", "phase.created", "gate.created", "block.created", "item.created"} <= set(found)
    assert found["phase.created"] == len(builtin("rollout").phases)
    assert all(batches == 1 for _verb, _number, batches in verbs)


def test_the_plan_at_the_start_is_a_baseline(cast: Cast, context: None) -> None:
    program = create_program(cast.manager.actor, ROLLOUT)
    baseline = db.session.scalars(select(Baseline).where(Baseline.program_id == program.id)).one()
    assert baseline.name == "Plan at the start"
    assert count(BaselineLine) == count(Phase) + count(Gate) + count(WorkItem)


def test_an_empty_start_has_a_program_and_nothing_else(cast: Cast, context: None) -> None:
    program = create_program(cast.manager.actor, replace(ROLLOUT, playbook=""))
    assert program.playbook_key is None
    assert count(Phase) == count(WorkItem) == 0


def test_a_start_on_a_holiday_is_kept_as_the_next_working_day(cast: Cast, context: None) -> None:
    program = create_program(cast.manager.actor, replace(ROLLOUT, starts_on=date(2026, 4, 4)))
    assert program.starts_on == date(2026, 4, 7)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", " \x00\u202e "),
        ("name", "x" * 121),
        ("purpose", "x" * 10_001),
        ("key", ""),
        ("key", "A"),
        ("key", "1AB"),
        ("key", "ABCDEFGHIJK"),
        ("key", "ŁÓDŹ"),
        ("key", "<B>"),
        ("key", "alfa"),
        ("playbook", "no-such"),
        ("starts_on", None),
        ("starts_on", date(9999, 12, 31)),
        ("starts_on", date(1999, 12, 31)),
        ("starts_on", date(2099, 12, 1)),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../etc/passwd"),
        ("locale", "de"),
        ("country", "XX"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_written(cast: Cast, context: None, field: str, value: Any) -> None:
    with pytest.raises(Invalid) as told:
        create_program(cast.manager.actor, replace(ROLLOUT, **{field: value}))
    assert list(told.value.fields) == [field]
    assert count(Program) == 1


def test_scripts_emoji_and_right_to_left_letters_are_text(cast: Cast, context: None) -> None:
    name = "<script>alert(1)</script> 🚀 برنامج"
    assert create_program(cast.manager.actor, replace(ROLLOUT, name=name)).name == name


def test_two_who_take_one_key_in_the_same_moment_get_one_program_and_one_sentence(app: Flask, cast: Cast) -> None:
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def create(name: str) -> None:
        with app.app_context():
            database.begin_writing()
            together.wait(timeout=10)
            try:
                with database.transaction():
                    create_program(cast.manager.actor, replace(ROLLOUT, name=name, playbook=""))
                outcomes.append("created")
            except Invalid as error:
                outcomes.append(str(error.fields["key"]))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=create, args=(name,)) for name in ("One", "Two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(outcomes) == ["Another program has this key already. Choose another one.", "created"]


def test_the_savepoint_leaves_the_transaction_usable(cast: Cast, context: None) -> None:
    values = {"key": "ALFA", "name": "Twin", "locale": "en", "timezone": "UTC", "country": ""}
    with pytest.raises(Invalid):
        programs.insert_program(cast.manager.actor, {**values, "starts_on": date(2026, 3, 2)})
    assert create_program(cast.manager.actor, ROLLOUT).key == "BETA"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Alfa Bank omnichannel", "ABO"),
        ("Łódź", "LODZ"),
        ("Omnichannel", "OMNI"),
        ("Alfa", "ALFA2"),
        ("7 sklepów w Gdyni", "SWG"),
        ("2026", ""),
        ("برنامج", ""),
        ("X", "XP"),
    ],
)
def test_a_key_is_suggested_from_the_name(cast: Cast, context: None, name: str, key: str) -> None:
    assert programs.suggest_key(name) == key


def test_settings_are_the_managers(cast: Cast, context: None) -> None:
    for actor, refusal in ((cast.stranger.actor, NotFound), (cast.contributor.actor, Forbidden)):
        with pytest.raises(refusal):
            programs.get_program(actor, cast.program_id)
    program = programs.get_program(cast.manager.actor, cast.program_id)
    changes = programs.change_program(cast.manager.actor, program, {"name": " Ąlfa ", "country": "CZ"}, seen=1)
    assert changes == {"name": ["Alfa Bank omnichannel", "Ąlfa"], "country": ["PL", "CZ"]}
    assert (program.name_folded, program.revision) == ("alfa", 2)
    with pytest.raises(Conflict) as told:
        programs.change_program(cast.manager.actor, program, {"name": "Late"}, seen=1)
    assert told.value.current_revision == 2
    with pytest.raises(Invalid) as wrong:
        programs.change_program(cast.manager.actor, program, {"name": "", "timezone": "Moon"}, seen=2)
    assert set(wrong.value.fields) == {"name", "timezone"}


def test_a_program_is_closed_and_opened_again(cast: Cast, context: None) -> None:
    program = programs.get_program(cast.manager.actor, cast.program_id)
    programs.close_program(cast.manager.actor, program, seen=1)
    assert program.closed_on is not None
    programs.close_program(cast.manager.actor, program, seen=program.revision)
    programs.reopen_program(cast.manager.actor, program, seen=program.revision)
    assert program.closed_on is None
    verbs = db.session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)).all()
    assert verbs == ["program.closed", "program.reopened"]
