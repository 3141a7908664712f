"""The little of JQL that is asked for: comparisons joined by AND, relative dates, an order."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.fakes.jira.world import Issue, Refusal, World

_ORDER = re.compile(r"\s+ORDER\s+BY\s+(\w+)\s*(ASC|DESC)?\s*$", re.IGNORECASE)
_AGO = re.compile(r"-(\d+)([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_CLAUSE = re.compile(r'(\w+)\s*(=|>=|in|not in)\s*(\([^)]*\)|"[^"]*"|\S+)', re.IGNORECASE)


def find(world: World, jql: str) -> list[Issue]:
    """The issues that the index finds. Raises Refusal 400, also for a question without bounds on Cloud."""
    order = _ORDER.search(jql)
    asked = jql[: order.start()] if order else jql
    # What somebody typed stands in brackets behind the project.
    asked = re.sub(r'^(project = "[^"]*") AND \((.*)\)$', r"\1 AND \2", asked.strip())
    tests: list[Callable[[Issue], bool]] = []
    for clause in re.split(r"\s+AND\s+", asked.strip(), flags=re.IGNORECASE):
        found = _CLAUSE.fullmatch(clause.strip())
        if found is None:
            raise Refusal(400, f"Error in the JQL Query: '{clause}' is not understood.")
        tests.append(_test(world, found[1].lower(), found[2].lower(), found[3]))
    if not tests and world.face == "cloud":
        raise Refusal(400, "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
    issues = [issue for issue in world.indexed() if all(test(issue) for test in tests)]
    if order is not None and order[1].lower() == "created":
        return sorted(issues, key=lambda issue: (issue.created, issue.id))
    if order is None or order[1].lower() != "updated":
        return sorted(issues, key=lambda issue: -issue.id)
    return sorted(issues, key=lambda issue: (issue.updated, issue.id), reverse=(order[2] or "").upper() == "DESC")


def _test(world: World, field: str, sign: str, raw: str) -> Callable[[Issue], bool]:
    values = [one.strip().strip('"') for one in raw.strip("()").split(",")]
    if field == "updated" and sign == ">=":
        ago = _AGO.fullmatch(values[0])
        if ago is None:
            raise Refusal(400, f"Date value '{values[0]}' for field 'updated' is invalid.")
        # Minutes are all it knows of time.
        since = (world.now() - timedelta(**{_UNITS[ago[2]]: int(ago[1])})).replace(second=0, microsecond=0)
        return lambda issue: issue.updated >= since
    if sign == ">=":
        raise Refusal(400, f"The operator '>=' is not supported by the '{field}' field.")
    gets: dict[str, Callable[[Issue], Any]] = {
        "project": lambda issue: [issue.project],
        "labels": lambda issue: issue.fields["labels"],
        "id": lambda issue: [str(issue.id)],
        "key": lambda issue: [issue.key],
        "issuetype": lambda issue: [issue.type],
        "status": lambda issue: [issue.status],
    }
    if field not in gets:
        raise Refusal(400, f"Field '{field}' does not exist or you do not have permission to view it.")
    if field == "project" and not set(values) & {world.project_key, "OTHER"}:
        raise Refusal(400, f"The value '{values[0]}' does not exist for the field 'project'.")
    is_in = sign != "not in"
    return lambda issue: bool(set(gets[field](issue)) & set(values)) == is_in
