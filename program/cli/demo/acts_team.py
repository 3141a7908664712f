"""What people of a story do with the team beside roles: responsibilities, skills, the operating model, handing over.

Roles and skills are named by their keys in the catalogues, phases and items by those of the story. Roles must be in the
program before they get a letter, people before they say what they can do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from program.cli.demo.stage import Stage
from program.extensions import db
from program.ground.actor import Actor
from program.ground.now import today_in
from program.team import handover, operating_model, raci, skill_needs, skills
from program.team.models import ProgramRole, RaciRow
from program.team.raci import RowEdit
from program.team.raci_suggestion import fill_in, suggestion
from program.team.skill_gaps import Need
from program.team.skill_needs import fingerprint, fingerprint_of, needs_of

Act = Callable[[Stage, Actor, Any], None]


def _responsible(stage: Stage, actor: Actor, told: Sequence[Mapping[str, Any]]) -> None:
    """Each is a row with `letters` by role: of a `phase`, of an `item`, or of a deliverable `named` in a `phase`."""
    roles = {
        row.key: row.id
        for row in db.session.execute(
            select(ProgramRole.id, ProgramRole.key).where(ProgramRole.program_id == stage.program_id)
        )
    }
    edits = []
    for one in told:
        letters = {roles[key]: letter for key, letter in one["letters"].items()}
        row = _row(stage, actor, one)
        if row is None:
            edits.append(RowEdit(None, stage.phase(one["phase"]).id, letters, 0))
        else:
            edits.append(RowEdit(row.id, None, letters, int(row.revision)))  # type: ignore[call-overload]
    raci.mark(actor, stage.program_id, edits)


def _row(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> RaciRow | None:
    """The row that is meant, added to the matrix where it is not there; None for a phase's row nobody wrote yet."""
    mine = [RaciRow.program_id == stage.program_id]
    if "item" in told:
        item = stage.items[told["item"]]
        raci.add_items(actor, stage.program_id, [item.id])
        mine.append(RaciRow.item_id == item.id)
    else:
        name = stage.text(told["named"]) if "named" in told else ""
        mine += [RaciRow.phase_id == stage.phase(told["phase"]).id, RaciRow.name == name]
        if name and db.session.scalars(select(RaciRow).where(*mine)).one_or_none() is None:
            raci.add_named(actor, stage.program_id, stage.phase(told["phase"]).id, name)
    return db.session.scalars(select(RaciRow).where(*mine)).one_or_none()


def _fill_in(stage: Stage, actor: Actor, _value: bool) -> None:
    """Empty cells of the matrix get an R where items name the role."""
    today = today_in(stage.program.timezone)
    fill_in(actor, stage.program_id, today, seen=suggestion(stage.program_id, today).fingerprint)


def _can_do(stage: Stage, actor: Actor, told: Mapping[str, Mapping[str, int]]) -> None:
    """By person, the levels of skills (0 to 3). A contributor says it of themselves, a manager of anybody."""
    for person, levels in told.items():
        seen = skills.person_skills(stage.program_id, stage.people[person]).fingerprint
        skills.set_skills(actor, stage.program_id, stage.people[person], levels, seen=seen)


def _needs(stage: Stage, actor: Actor, told: Mapping[str, Mapping[str, Sequence[int]]]) -> None:
    """By phase, what it needs: skill -> [level, people]. What is not named goes."""
    for key, wanted in told.items():
        phase = stage.phase(key)
        needs = [Need(skill, level, people) for skill, (level, people) in wanted.items()]
        seen = fingerprint(needs_of(stage.program_id, phase.id)[1])
        skill_needs.set_needs(actor, stage.program_id, phase.id, needs, seen=seen)


def _role_needs(stage: Stage, actor: Actor, _value: bool) -> None:
    """Phases get the needs that follow from the roles."""
    today = today_in(stage.program.timezone)
    seen = fingerprint_of(skill_needs.suggestion(stage.program_id, today))
    skill_needs.take_over(actor, stage.program_id, today, seen=seen)


def _model(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """The program works in `model` from today on, `because` of that."""
    present = operating_model.choices(stage.program_id)
    operating_model.choose(
        actor,
        stage.program_id,
        told["model"],
        stage.text(told["because"]),
        today_in(stage.program.timezone),
        seen=present[0].id if present else 0,
    )


def _hand_over(stage: Stage, actor: Actor, told: Mapping[str, str]) -> None:
    """Everything that `from` carries goes to `to`."""
    ids = stage.people[told["from"]], stage.people[told["to"]]
    seen = handover.preview(actor, stage.program_id, *ids).fingerprint
    handover.hand_over(actor, stage.program_id, *ids, seen=seen)
    # Items change hands past the rows at hand.
    db.session.expire_all()


ACTS: Mapping[str, Act] = {
    "responsible": _responsible,
    "fill_in": _fill_in,
    "can_do": _can_do,
    "skill_needs": _needs,
    "role_needs": _role_needs,
    "operating_model": _model,
    "hand_over": _hand_over,
}
