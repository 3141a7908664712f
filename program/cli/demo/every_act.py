"""All acts of the demo's stories, from the module of each room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from program.cli.demo import (
    acts,
    acts_change_plan,
    acts_groups,
    acts_ideas,
    acts_kpis,
    acts_meetings,
    acts_pulse,
    acts_reviews,
    acts_roles,
    acts_steering,
    acts_team,
)
from program.cli.demo.stage import Stage
from program.ground.actor import Actor

Act = Callable[[Stage, Actor, Any], None]


def _one_or_many(act: Act) -> Act:
    """An act whose value is a mapping, or a list of mappings for several at one moment."""

    def each(stage: Stage, actor: Actor, told: Any) -> None:
        for one in told if isinstance(told, list) else [told]:
            act(stage, actor, one)

    return each


def _all_of_change() -> Mapping[str, Act]:
    found = {**acts_change_plan.ACTS, **acts_groups.ACTS, **acts_ideas.ACTS}
    take_lists = {"said", "news_read"}
    return {name: act if name in take_lists else _one_or_many(act) for name, act in found.items()}


def _all_of_steering() -> Mapping[str, Act]:
    take_lists = {"seats", "risks_taken", "money"}
    return {name: act if name in take_lists else _one_or_many(act) for name, act in acts_steering.ACTS.items()}


ACTS: Mapping[str, Act] = {
    **acts.ACTS,
    **_all_of_change(),
    **{name: _one_or_many(act) for name, act in acts_kpis.ACTS.items()},
    **{name: _one_or_many(act) for name, act in acts_meetings.ACTS.items()},
    **acts_pulse.ACTS,
    **{name: _one_or_many(act) for name, act in acts_reviews.ACTS.items()},
    **acts_roles.ACTS,
    **_all_of_steering(),
    **acts_team.ACTS,
}
