"""What people of a story do with impacted groups, what else lands on them, and how far they have come.

Groups are named by their names, people by their keys in the story, agents who have no key by e-mail and name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from program.change import adoption, group_members, groups, impacts, limits, other_changes
from program.change.impacts import Impact
from program.change.models import ImpactedGroup
from program.cli.demo.stage import Stage, as_of
from program.extensions import db
from program.ground.actor import Actor
from program.ground.folding import fold
from program.ground.now import today_in
from program.people.models import Person

Act = Callable[[Stage, Actor, Any], None]


def _group(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Add a group.

    `name`, and if they like `kind`, `site`, `channel`, `headcount`, `target`, `note`, `speaks` (a person).
    """
    values = {"name": as_of(told["name"], stage), "note": as_of(told.get("note", ""), stage)}
    for name in ("kind", "channel", "headcount"):
        if name in told:
            values[name] = told[name]
    values["site"] = as_of(told.get("site", ""), stage)
    values["training_target"] = told.get("target", 100)
    if "speaks" in told:
        values["representative_id"] = stage.people[told["speaks"]]
    groups.add_group(actor, stage.program_id, values)


def _impact(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Assess a group (`group`): `levels`, by aspect, 0 to 5, and `notes` by aspect."""
    notes = told.get("notes", {})
    wanted = {aspect: Impact(level, as_of(notes.get(aspect, ""), stage)) for aspect, level in told["levels"].items()}
    impacts.set_impacts(actor, _found(stage, told["group"]), wanted, seen=None)


def _join(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Put people into a group (`group`): `people` of the story, `new` by e-mail and name, `ambassadors`, `super_users`.

    The last two name people of the story, or e-mails of the new ones; `guests` are of the story and belong elsewhere.
    """
    group = _found(stage, told["group"])
    here = {key: _email(stage, key) for key in (*told.get("people", ()), *told.get("guests", ()))}
    for key, email in {**here, **{email: email for email in told.get("new", {})}}.items():
        group_members.add_member(
            actor,
            group,
            email,
            as_of(told.get("new", {}).get(key, ""), stage),
            belongs=key not in told.get("guests", ()),
            is_ambassador=key in told.get("ambassadors", ()),
            is_super_user=key in told.get("super_users", ()),
        )


def _other(kind: str) -> Act:
    def act(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
        """What else lands on people: `name`, `from`, `to`, `weight` for a change, and `groups` by name; none: all."""
        values = {
            "kind": kind,
            "name": as_of(told["name"], stage),
            "starts_on": stage.almanac.due(told["from"]),
            "ends_on": stage.almanac.due(told["to"]),
            "weight": told.get("weight", 0),
        }
        other_changes.add_other(
            actor, stage.program_id, values, [as_of(name, stage) for name in told.get("groups", ())]
        )

    return act


def _adopted(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Enter readings of a group (`group`) as of today: `active`, `confident`, in percent, with their `source`."""
    group, today = _found(stage, told["group"]), today_in("Europe/Warsaw")
    for measure in ("active", "confident"):
        if measure in told:
            values = {
                "measure": measure,
                "value": told[measure],
                "on_date": today,
                "source": as_of(told["source"], stage),
            }
            adoption.enter(actor, group, values, today)


def _limits(stage: Stage, actor: Actor, told: Mapping[str, int]) -> None:
    """Set limits of change, by their names."""
    limits.change_limits(actor, stage.program_id, told, seen=limits.limits_of(stage.program_id)[1])


def _found(stage: Stage, name: Any) -> ImpactedGroup:
    mine = (ImpactedGroup.program_id == stage.program_id, ImpactedGroup.name_folded == fold(as_of(name, stage)))
    return db.session.scalars(select(ImpactedGroup).where(*mine)).one()


def _email(stage: Stage, person: str) -> str:
    return db.session.scalars(select(Person.email).where(Person.id == stage.people[person])).one()


ACTS: Mapping[str, Act] = {
    "adopted": _adopted,
    "change_limits": _limits,
    "freeze": _other("freeze"),
    "group": _group,
    "impact": _impact,
    "join_group": _join,
    "other_change": _other("change"),
}
