"""What people of a story do with roles: take them over, give them to people with a share of their week, end that.

A role is named by its key in the catalogue; one of the program's own by its name, in both languages. People must be in
the program before they get a role. Days are told as in a story's steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from program.cli.demo.stage import Stage, as_of
from program.extensions import db
from program.ground.actor import Actor
from program.playbooks.model import Text
from program.team import assignments, roles
from program.team.assignments import AssignmentDraft
from program.team.models import Assignment, ProgramRole

Act = Callable[[Stage, Actor, Any], None]


def _roles(stage: Stage, actor: Actor, told: Mapping[str, Sequence[str]]) -> None:
    """Roles of the catalogue: `take` those keys, `required` are taken too and required."""
    roles.take_over(actor, stage.program_id, told.get("take", ()), told.get("required", ()))


def _own_role(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """A role of the program's own: `name`, `purpose`, `responsibilities` (a list of texts), `share` (from, to),
    `required`."""
    low, high = told.get("share", (None, None))
    values = {
        "name": stage.text(told["name"]),
        "purpose": stage.text(told["purpose"]),
        "responsibilities": "\n".join(stage.text(text) for text in told.get("responsibilities", ())),
        "share_low": low,
        "share_high": high,
        "is_required": told.get("required", False),
    }
    roles.add_role(actor, stage.program_id, values)


def _give(stage: Stage, actor: Actor, told: Sequence[Mapping[str, Any]]) -> None:
    """Each of them gives `role` to `who` with `share` percent, `from` a day, perhaps `to` a day; `pilot` counts towards
    the pilot team, `note` says more."""
    drafts = [
        AssignmentDraft(
            role_id=_role(stage, one["role"]).id,
            person_id=stage.people[one["who"]],
            share=one["share"],
            starts_on=_day(stage, one["from"]),
            ends_on=_day(stage, one["to"]) if "to" in one else None,
            in_pilot_team=one.get("pilot", False),
            note=as_of(one.get("note", ""), stage),
        )
        for one in told
    ]
    assignments.assign_many(actor, stage.program_id, drafts)


def _role_time(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Another `share` from now on for `who` in `role`."""
    assignment = _held(stage, told)
    assignments.change_assignment(actor, assignment, {"share": told["share"]}, seen=_revision(assignment))


def _role_ends(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """`who` plays `role` until the day `last`."""
    assignment = _held(stage, told)
    assignments.end_assignment(actor, assignment, _day(stage, told["last"]), seen=_revision(assignment))


def _role(stage: Stage, told: str | Text) -> ProgramRole:
    named = ProgramRole.name == stage.text(told) if isinstance(told, Text) else ProgramRole.key == told
    return db.session.scalars(select(ProgramRole).where(ProgramRole.program_id == stage.program_id, named)).one()


def _held(stage: Stage, told: Mapping[str, Any]) -> Assignment:
    """The latest assignment of that person in that role."""
    return db.session.scalars(
        select(Assignment)
        .where(Assignment.role_id == _role(stage, told["role"]).id, Assignment.person_id == stage.people[told["who"]])
        .order_by(Assignment.starts_on.desc())
        .limit(1)
    ).one()


def _revision(row: Any) -> int:
    """What an editor who looks at the row at this moment has seen."""
    return int(row.revision)


def _day(stage: Stage, told: str) -> date:
    return stage.almanac.day(told)


ACTS: Mapping[str, Act] = {
    "roles": _roles,
    "own_role": _own_role,
    "give": _give,
    "role_time": _role_time,
    "role_ends": _role_ends,
}
