"""Jira's side of a connection as it was read: what the project has, so that pages can offer it without asking again.

The clock reads it (`reading.py`) and keeps it with its date. Pages and `fitting.py` work from what is kept; nothing
here is written to Jira.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from plugins.jira_sync.statuses import RemoteStatus
from program.plugin_api import core
from program.plugin_api.contract import Connection, Link, LinkState

if TYPE_CHECKING:
    from plugins.jira_sync.client import Jira

# The kind of link under which it is kept; there is one for each connection.
SIDE = "side"
# People and values of a field that are offered; who is not among them can be typed.
PEOPLE, VALUES, TYPES = 300, 100, 30
# Issues that are looked at to learn which steps the workflow offers, and statuses whose steps are asked for.
LOOKED_AT, STEPS = 50, 6
_EPIC_LINK, _EPIC_NAME = "gh-epic-link", "gh-epic-label"


@dataclass(frozen=True, slots=True)
class Demanded:
    """A field that Jira demands of a new issue: `values` are pairs of (JSON, words) to choose from, () for any."""

    key: str
    name: str
    kind: str = "string"
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class IssueType:
    """A type of issues in the project. `level` is 1 for epics, 0 for the rest, -1 below; None where Jira hides it."""

    id: str
    name: str
    is_part: bool = False
    level: int | None = None
    statuses: tuple[RemoteStatus, ...] = ()
    demanded: tuple[Demanded, ...] = ()
    # Fields that hold a date, by key: one of them may be the first day of work.
    dates: Mapping[str, str] = field(default_factory=dict)
    # Data Center hangs an issue under an epic by a field, and asks for the epic's name in another; '' where not.
    epic_link: str = ""
    epic_name: str = ""

    @property
    def may_be_epic(self) -> bool:
        """Whether issues of other types can lie under it."""
        if self.is_part:
            return False
        return self.level > 0 if self.level is not None else self.name.casefold() in ("epic", "epik")


@dataclass(frozen=True, slots=True)
class Side:
    """The project as it is in Jira."""

    at: datetime
    url: str
    project: str
    name: str = ""
    is_cloud: bool = True
    is_archived: bool = False
    allowed: Mapping[str, bool] = field(default_factory=dict)
    types: tuple[IssueType, ...] = ()
    priorities: tuple[str, ...] = ()
    # (account, name) of those whom issues can be given to, by name.
    people: tuple[tuple[str, str], ...] = ()
    # By type's and status' name: the names of the statuses to which Jira offered a step.
    steps: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    def type_named(self, name: str) -> IssueType | None:
        """The type of that name."""
        return next((one for one in self.types if one.name == name), None)

    def statuses(self) -> dict[RemoteStatus, list[str]]:
        """Every status of the project with the names of the types that know it, in Jira's order."""
        found: dict[RemoteStatus, list[str]] = {}
        for kind in self.types:
            for one in kind.statuses:
                found.setdefault(one, []).append(kind.name)
        return found

    def account_of(self, said: str) -> str | None:
        """The account that somebody means by an account or a name; None for nobody or more than one."""
        if said in {account for account, _name in self.people}:
            return said
        named = [account for account, name in self.people if name.casefold() == said.casefold()]
        return named[0] if len(named) == 1 else None


def read(jira: Jira, *, only: Iterable[str] = ()) -> Side:
    """Read the project as it is. With `only` (names of types) the little that decides whether a plan can work.

    Raises what `wire.py` raises.
    """
    wanted = set(only)
    is_cloud = str(jira.server().get("deploymentType") or "") == "Cloud"
    project, allowed, statuses = jira.project(), jira.permissions(), jira.statuses()
    types = tuple(
        _type(jira, raw, statuses.get(str(raw["name"]), ()), not wanted or str(raw["name"]) in wanted)
        for raw in list(project.get("issueTypes") or ())[:TYPES]
    )
    people = () if wanted else tuple((one.id, one.name) for one in jira.people(PEOPLE) if one.is_active)
    return Side(
        at=core.utc_now(),
        url=jira.url,
        project=jira.project_key,
        name=str(project.get("name") or ""),
        is_cloud=is_cloud,
        is_archived=bool(project.get("archived")),
        allowed=allowed,
        types=types,
        priorities=() if wanted else jira.priorities(),
        people=tuple(sorted(people, key=lambda one: one[1].casefold())),
        steps={} if wanted else _steps(jira),
    )


def keep(connection: Connection, side: Side) -> None:
    """Keep what was read."""
    base = {**asdict(side), "at": side.at.isoformat()}
    core.keep_link(connection, Link(SIDE, 1, base=base, state=LinkState.DONE))


def kept(connection: Connection) -> Side | None:
    """What was read last, if it was this project of this Jira."""
    link = core.find_link(connection, SIDE, object_id=1)
    if link is None:
        return None
    values = connection.values
    same = (link.base["url"], link.base["project"]) == (
        str(values.get("url") or "").rstrip("/"),
        str(values.get("project") or "").strip(),
    )
    return _side(link.base) if same else None


def _side(raw: Mapping[str, Any]) -> Side:
    types = tuple(
        IssueType(
            **{
                **one,
                "statuses": tuple(RemoteStatus(**status) for status in one["statuses"]),
                "demanded": tuple(
                    Demanded(**{**each, "values": tuple((value, words) for value, words in each["values"])})
                    for each in one["demanded"]
                ),
            }
        )
        for one in raw["types"]
    )
    return Side(
        **{
            **raw,
            "at": datetime.fromisoformat(raw["at"]),
            "types": types,
            "priorities": tuple(raw["priorities"]),
            "people": tuple((account, name) for account, name in raw["people"]),
        }
    )


def _type(jira: Jira, raw: Mapping[str, Any], statuses: tuple[RemoteStatus, ...], is_wanted: bool) -> IssueType:
    level = raw.get("hierarchyLevel")
    is_part = bool(raw.get("subtask"))
    fields = jira.fields_of(str(raw["id"])) if is_wanted else ()
    custom = {str((one.get("schema") or {}).get("custom") or "").rpartition(":")[2]: str(one["key"]) for one in fields}
    return IssueType(
        id=str(raw["id"]),
        name=str(raw["name"]),
        is_part=is_part,
        level=int(level) if level is not None else None,
        statuses=statuses,
        demanded=tuple(_demanded(one) for one in fields if one.get("required") and not one.get("hasDefaultValue")),
        dates={
            str(one["key"]): str(one.get("name") or one["key"])
            for one in fields
            if str(one["key"]).startswith("customfield_") and (one.get("schema") or {}).get("type") == "date"
        },
        epic_link=custom.get(_EPIC_LINK, ""),
        epic_name=custom.get(_EPIC_NAME, ""),
    )


def _demanded(raw: Mapping[str, Any]) -> Demanded:
    schema = raw.get("schema") or {}
    kind = str(schema.get("type") or "string")
    values = []
    for one in list(raw.get("allowedValues") or ())[:VALUES]:
        about = one if isinstance(one, Mapping) else {"value": one}
        words = str(about.get("name") or about.get("value") or about.get("id") or "")
        chosen: Any = {"id": str(about["id"])} if "id" in about else {"value": words}
        values.append((json.dumps([chosen] if kind == "array" else chosen), words))
    return Demanded(str(raw["key"]), str(raw.get("name") or raw["key"]), kind, tuple(values))


def _steps(jira: Jira) -> dict[str, dict[str, tuple[str, ...]]]:
    """What the workflow offers, as far as a few issues tell: Jira shows steps only where an issue stands."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    asked = 0
    jql = f'project = "{jira.project_key}" ORDER BY updated DESC'
    for number, issue in enumerate(jira.search(jql, fields=("status", "issuetype"))):
        if number >= LOOKED_AT or asked >= STEPS:
            break
        known = found.setdefault(issue.type, {})
        if issue.status.name not in known:
            asked += 1
            known[issue.status.name] = tuple(one.to.name for one in jira.transitions(issue.id))
    return found
