"""Statuses of both sides: ours by name, Jira's by category unless a connection maps them by name. Pure.

Jira has three categories ('new', 'indeterminate', 'done') and any number of names in each; we have five statuses.
Several of theirs may mean one of ours, so what counts as the same is decided here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Jira's status categories by key, and what they mean here when no name says better.
CATEGORIES = {"new": "todo", "indeterminate": "doing", "done": "done", "undefined": "todo"}
# End states by which a team says that it did not do it; people map others themselves.
NOT_DONE = frozenset(
    {"cancelled", "canceled", "duplicate", "won't do", "won’t do", "wont do", "rejected", "declined", "obsolete"}
    | {"anulowane", "anulowany", "duplikat", "odrzucone", "odrzucony", "nie zrobimy", "nieaktualne"}
)
BLOCKED = frozenset({"blocked", "on hold", "impeded", "zablokowane", "zablokowany", "wstrzymane", "wstrzymany"})
# Resolutions by which Jira says it instead, on one and the same status 'Done'.
NOT_DONE_RESOLUTIONS = NOT_DONE | {"cannot reproduce", "incomplete"}
REASONED = frozenset({"blocked", "dropped"})
_CATEGORY_OF = {"todo": "new", "doing": "indeterminate", "blocked": "indeterminate", "done": "done", "dropped": "done"}


@dataclass(frozen=True, slots=True)
class RemoteStatus:
    """A status of Jira: its name, its category's key, and how an issue in it was resolved ('' for not)."""

    name: str
    category: str
    resolution: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """A step that Jira offers now: `required` are fields that it asks for on the way."""

    id: str
    name: str
    to: RemoteStatus
    required: tuple[str, ...] = ()


def meaning(status: RemoteStatus, names: Mapping[str, str]) -> str:
    """What a status of Jira means here. `names` maps names of Jira's statuses, in any case, to ours."""
    known = {name.casefold(): ours for name, ours in names.items()}
    name = status.name.casefold()
    if name in known:
        return known[name]
    if status.category == "done":
        return "dropped" if name in NOT_DONE or status.resolution.casefold() in NOT_DONE_RESOLUTIONS else "done"
    return "blocked" if name in BLOCKED else CATEGORIES.get(status.category, "todo")


def step(offered: Iterable[Transition], wanted: str, names: Mapping[str, str]) -> Transition | None:
    """The step that leads to what we want, or None when none of those offered does.

    The best is one that means exactly that; for 'blocked', which many workflows do not know, one of the category in
    which work goes on. Nothing stands in for 'done' or 'dropped': what is not over must not look so, and the reverse.
    """
    exact = [one for one in offered if meaning(one.to, names) == wanted]
    if exact:
        # Named by hand before by category; then without questions before with.
        mapped = {name.casefold() for name, ours in names.items() if ours == wanted}
        return min(exact, key=lambda one: (one.to.name.casefold() not in mapped, len(one.required), one.id))
    if wanted == "blocked":
        near = [one for one in offered if meaning(one.to, names) == "doing"]
        return min(near, key=lambda one: (len(one.required), one.id), default=None)
    return None


def same(ours: str, theirs: str, can_block: bool) -> bool:
    """Whether two statuses agree; where the workflow has nothing for 'blocked', work in progress agrees with it."""
    return ours == theirs or (not can_block and {ours, theirs} == {"blocked", "doing"})


def category_of(ours: str) -> str:
    """The category of Jira in which one of our statuses lies."""
    return _CATEGORY_OF[ours]
