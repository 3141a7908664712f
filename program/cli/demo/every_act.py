"""All acts of the demo's stories, from the module of each room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from program.cli.demo import acts, acts_change_plan, acts_groups, acts_ideas, acts_pulse, acts_roles, acts_team
from program.cli.demo.stage import Stage
from program.ground.actor import Actor

ACTS: Mapping[str, Callable[[Stage, Actor, Any], None]] = {
    **acts.ACTS,
    **acts_change_plan.ACTS,
    **acts_groups.ACTS,
    **acts_ideas.ACTS,
    **acts_pulse.ACTS,
    **acts_roles.ACTS,
    **acts_team.ACTS,
}
