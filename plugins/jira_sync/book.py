"""What one look at one connection works with: Jira, the plan, whose account is whose, how much time is left."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from plugins.jira_sync import side
from plugins.jira_sync.fields import Tongue, mark_of
from plugins.jira_sync.issues import Issue
from plugins.jira_sync.plan import Plan, plan_of
from program.plugin_api import core
from program.plugin_api.contract import Connection, Item, Link, LinkState, Program

if TYPE_CHECKING:
    # The client loads a library of twenty megabytes: pages read books without it.
    from plugins.jira_sync.client import Jira

# Kinds of links that this plugin keeps.
ITEM, STAGE, WAIT, PERSON, HINT, CONFLICT = "item", "phase", "wait", "person", "hint", "conflict"
# A comment, and an issue whose comments are to be read.
COMMENT, TALK, EVIDENCE = "comment", "talk", "evidence"
# In the base of a phase's link: what the phase was made as, one of `plan.PHASE_AS`.
AS = "as"
# A second issue of an item; an item that is left out (the core's word, see `core.set_aside`).
TWIN, ASIDE = "twin", "aside"
# A call of `sync` may take a minute; what is left after this is done by the next one, at once.
SECONDS = 40.0


@dataclass(slots=True)
class Book:
    """One look at one connection."""

    connection: Connection
    jira: Jira
    plan: Plan
    tongue: Tongue
    memory: dict[str, Any]
    # What people who are matched are called in Jira, by account.
    names: Mapping[str, str] = field(default_factory=dict)
    # Ids of items that are left out for now.
    aside: frozenset[int] = frozenset()
    # Where phases are labels in Jira: the label of each.
    stage_labels: Mapping[int, str] = field(default_factory=dict)
    ends: float = field(default_factory=lambda: time.monotonic() + SECONDS)
    # True when something was left for the next look.
    left: bool = False

    @property
    def program(self) -> Program:
        """The program."""
        if self.connection.program is None:
            raise TypeError("a connection of Jira belongs to a program")
        return self.connection.program

    def goes(self, link: Link | None) -> bool:
        """Whether an item and its issue are kept in step now: not while it is left out, unsure or its issue is gone."""
        if link is None or not link.external_id or link.object_id in self.aside:
            return False
        return not link.base.get("gone") and "asked_at" not in link.base

    def has_time(self) -> bool:
        """Whether there is time for one more batch; if not, it is noted that something is left."""
        if time.monotonic() < self.ends:
            return True
        self.left = True
        return False

    def mark(self, item: Item) -> str:
        """The label that tells an issue's item."""
        return mark_of(self.program.key, item.number)

    def speaking_of(self, item: Item) -> Tongue:
        """The translator for one item."""
        return replace(self.tongue, mark=self.mark(item), home=self.stage_labels.get(item.phase_id or 0, ""))

    def links(self, kind: str, ids: Iterable[int]) -> dict[int, Link]:
        """The links of those things that have one, by their id here."""
        return {link.object_id: link for link in core.links_of(self.connection, kind, object_ids=list(ids))}

    def keep(self, link: Link, **changes: Any) -> Link:
        """Write a link with these changes."""
        kept = replace(link, **changes)
        core.keep_link(self.connection, kept)
        return kept


def opened(connection: Connection, jira: Jira) -> Book:
    """A book for that connection."""
    plan = plan_of(connection)
    if (seen := side.kept(connection)) is not None:
        items, epics = seen.type_named(plan.item_type), seen.type_named(plan.epic_type)
        # A Cloud may still have the field, and goes by `parent` all the same.
        epic_link = items.epic_link if items and not jira.is_cloud else ""
        plan = replace(plan, epic_link=epic_link, epic_name=epics.epic_name if epics else "")
    known, _total = core.list_links(connection, PERSON, limit=5000)
    # An account that Jira gives no issues to any more has failed: its person's items go there without an owner.
    living = [link for link in known if link.state is not LinkState.FAILED]
    accounts = {link.object_id: link.external_id for link in living if link.external_id}
    if plan.home_field and plan.home_field not in jira.reads:
        jira.reads = (*jira.reads, plan.home_field)
    labels = _stage_labels(connection) if plan.phase_as == "label" else {}
    tongue = Tongue(plan, accounts=accounts, is_cloud=jira.is_cloud, homes=frozenset(labels.values()))
    names = {link.external_id: link.external_key for link in known if link.external_id}
    aside, _total = core.list_links(connection, ASIDE, limit=5000)
    left_out = frozenset(link.object_id for link in aside)
    return Book(connection, jira, plan, tongue, dict(connection.memory), names, left_out, labels)


def _stage_labels(connection: Connection) -> dict[int, str]:
    """The label of each phase: what the phase was called when it got one, so that a new name moves no issue."""
    links, _total = core.list_links(connection, STAGE, limit=5000)
    kept = {link.object_id: link.external_key for link in links if link.base.get(AS) == "label"}
    return {one.id: "-".join(one.name.split()) for one in core.stages(connection)} | kept


def agreed(link: Link) -> dict[str, tuple[Any, Any]]:
    """What both sides said when they last agreed, as `merging.merge` takes it."""
    return {name: (pair[0], pair[1]) for name, pair in (link.base.get("fields") or {}).items()}


def named(book: Book, link: Link, issue: Issue) -> Link:
    """The link with the names that the issue has now: it may have been moved to another project."""
    return replace(
        link,
        external_id=issue.id,
        external_key=issue.key,
        url=book.jira.browse(issue.key),
        remote_version=issue.updated,
    )
