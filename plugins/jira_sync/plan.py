"""How a connection translates: what its manager chose, read from its settings and given sensible values where not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plugins.jira_sync.merging import Direction, Rule
from program.plugin_api.contract import Connection

FIELDS = ("title", "description", "status", "owner", "due_on", "start_on", "priority", "labels")
# Names of priorities as Jira ships them, by ours; a connection may name others.
PRIORITIES = {1: "Low", 2: "Medium", 3: "High", 4: "Highest"}
# How a phase looks in Jira.
PHASE_AS = ("epic", "subtask", "version", "component", "label", "none")
# Of these, what is an issue under which those of its items lie.
ISSUES = frozenset({"epic", "subtask"})
_HOMES = {"version": "fixVersions", "component": "components", "label": "labels", "none": ""}
# What signs in, not what is carried: a change of these needs no new look at what would happen.
_SIGN_IN = frozenset({"user", "token", "webhook_secret"})


@dataclass(frozen=True, slots=True)
class Plan:
    """The choices of one connection."""

    item_type: str = "Task"
    phase_as: str = "epic"
    epic_type: str = "Epic"
    directions: Mapping[str, Direction] = field(default_factory=dict)
    rule: Rule = Rule.JIRA
    # Names of Jira's statuses -> our statuses, where the category does not say it.
    statuses: Mapping[str, str] = field(default_factory=dict)
    # Our priorities -> Jira's names.
    priorities: Mapping[int, str] = field(default_factory=lambda: dict(PRIORITIES))
    # The custom field in which Jira keeps the first day ('customfield_10015'); '' for none.
    start_field: str = ""
    # Fields that Jira demands of items, and of phases, and we know nothing of -> what to put there, as Jira wants it.
    defaults: Mapping[str, Any] = field(default_factory=dict)
    epic_defaults: Mapping[str, Any] = field(default_factory=dict)
    # Whether the statuses of the item's type know anything that means blocked.
    can_block: bool = False
    with_links: bool = True
    with_evidence: bool = True
    # Which way comments go.
    comments: Direction = Direction.OFF
    # On Data Center, the fields by which an issue lies under its epic and in which an epic has its name; '' elsewhere.
    epic_link: str = ""
    epic_name: str = ""

    @property
    def home_field(self) -> str:
        """The field of an issue that tells which phase it belongs to; '' where phases are not carried."""
        if self.phase_as == "epic" and self.epic_link:
            return self.epic_link
        return _HOMES.get(self.phase_as, "parent")


def plan_of(connection: Connection) -> Plan:
    """The plan of that connection."""
    return planned(connection.values, can_block=bool(connection.memory.get("can_block")))


def planned(values: Mapping[str, Any], *, can_block: bool = False) -> Plan:
    """The plan that those choices make."""
    directions = {name: _direction(values.get(f"direction_{name}")) for name in FIELDS}
    start_field = str(values.get("start_field") or "")
    if not start_field:
        directions["start_on"] = Direction.OFF
    named = lines(values.get("priorities"))
    priorities = {int(ours): name for ours, name in named.items()} if named else dict(PRIORITIES)
    return Plan(
        item_type=str(values.get("item_type") or "Task"),
        phase_as=str(values.get("phase_as") or "epic"),
        epic_type=str(values.get("epic_type") or "Epic"),
        directions=directions,
        rule=Rule(values.get("rule") or Rule.JIRA),
        statuses=lines(values.get("statuses")),
        priorities=priorities,
        start_field=start_field,
        defaults={name: _typed(value) for name, value in lines(values.get("defaults")).items()},
        epic_defaults={name: _typed(value) for name, value in lines(values.get("epic_defaults")).items()},
        can_block=can_block,
        with_links=bool(values.get("with_links", True)),
        with_evidence=bool(values.get("with_evidence", True)),
        comments=Direction(values.get("comments") or Direction.OFF),
    )


def fingerprint(connection: Connection) -> str:
    """What tells whether anything that decides what is carried was changed."""
    values = {name: value for name, value in connection.values.items() if name not in _SIGN_IN}
    text = json.dumps(values, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def lines(kept: Any) -> dict[str, Any]:
    """A mapping as it is kept: as such, or in lines of 'name = value'. Raises ValueError with a line that is none."""
    if isinstance(kept, Mapping):
        return dict(kept)
    found: dict[str, Any] = {}
    for line in filter(None, (line.strip() for line in str(kept or "").splitlines())):
        name, equals, value = line.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise ValueError(line)
        found[name.strip()] = value.strip()
    return found


def _typed(value: Any) -> Any:
    """A default as Jira wants it: JSON where it is JSON ('{"value": "Retail"}', '["x"]'), a text otherwise."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _direction(value: Any) -> Direction:
    return Direction(value) if value in tuple(Direction) else Direction.BOTH
