"""Taking over what is in Jira already: issues found by JQL become items, with what Jira tells of their past.

First it is looked what there is, and shown; then the clock takes them over a few at a time, and goes on where it stood.
An issue that has an item is passed over, so nothing is taken twice, whatever is broken off in between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _

from plugins.jira_sync import pasts
from plugins.jira_sync.book import ITEM, STAGE, Book
from plugins.jira_sync.fields import moving
from plugins.jira_sync.issues import Issue
from plugins.jira_sync.plan import ISSUES, Plan
from plugins.jira_sync.wanting import DONE, FOUND, LOOK, READY, TAKE, found
from plugins.jira_sync.wire import Rejected
from program.plugin_api import core
from program.plugin_api.contract import Invalid, Item, Link, LinkState, Origin, Past, Stage

# Issues of one adoption, issues named on the page, issues of one step.
MOST, NAMED, STEP = 5000, 20, 20
_BRIEF = ("summary", "status", "resolution", "issuetype", "parent", "labels", "fixVersions", "components")
_ORDER = re.compile(r"\border\s+by\b[^\"']*$", re.IGNORECASE)


@dataclass(slots=True)
class Homes:
    """Which phase an issue belongs to, by what phases become in Jira."""

    plan: Plan
    stages: Sequence[Stage]
    # Phases by the id and by the key of their epic.
    epics: Mapping[str, int]
    otherwise: int | None = None

    def of(self, issue: Issue) -> int | None:
        """The phase, or the one that was chosen for all others."""
        fields = issue.extra
        named: set[str] = set()
        match self.plan.phase_as:
            case "epic" | "subtask":
                lies_under = (issue.parent or "", str(fields.get(self.plan.epic_link) or ""))
                return next((self.epics[one] for one in lies_under if one in self.epics), self.otherwise)
            case "version" | "component":
                parts = fields.get("fixVersions" if self.plan.phase_as == "version" else "components") or ()
                named = {str(one.get("name", "")).casefold() for one in parts}
            case "label":
                named = {one.replace("-", " ").casefold() for one in issue.labels}
        found = (one.id for one in self.stages if one.name.replace("-", " ").casefold() in named or _in(one, named))
        return next(found, self.otherwise)


def carry(book: Book) -> None:
    """Look, or take some more over, as far as time allows."""
    asked = dict(book.memory.get("adopt") or {})
    if asked.get("state") == LOOK:
        _note(book, _look(book, asked))
    elif asked.get("state") == TAKE:
        _take(book, asked)


def _look(book: Book, asked: dict[str, Any]) -> dict[str, Any]:
    jql = f'project = "{book.jira.project_key}"'
    if own := _ORDER.sub("", str(asked["jql"])).strip():
        jql += f" AND ({own})"
    homes = _homes(book, asked.get("phase"))
    fields = (*_BRIEF, *filter(None, (book.plan.epic_link,)))
    base: dict[str, Any] = {"ids": [], "first": [], "homes": {}, "linked": 0, "epics": 0, "is_cut": False}
    try:
        issues: list[Issue] = []
        for issue in book.jira.search(f"{jql} ORDER BY created ASC", fields=fields):
            if len(issues) == MOST:
                base["is_cut"] = True
                break
            issues.append(issue)
    except Rejected as refused:
        return {**asked, "state": READY, "trouble": _("Jira does not take this search: %(words)s", words=refused.words)}
    linked = _linked(book, [issue.id for issue in issues])
    for issue in issues:
        if _is_phase(book, issue):
            base["epics"] += 1
        elif issue.id in linked:
            base["linked"] += 1
        else:
            home = homes.of(issue)
            base["ids"].append(issue.id)
            base["homes"][str(home or "")] = base["homes"].get(str(home or ""), 0) + 1
            if len(base["first"]) < NAMED:
                status = book.tongue.meaning([issue.status.name, issue.status.category, issue.status.resolution])
                base["first"].append([issue.key, book.jira.browse(issue.key), issue.title, status, home])
    core.keep_link(book.connection, Link(FOUND, 1, base=base, state=LinkState.DONE))
    return {**asked, "state": READY, "trouble": ""}


def _take(book: Book, asked: dict[str, Any]) -> None:
    ids = list(found(book.connection).get("ids") or ())
    homes = _homes(book, asked.get("phase"))
    _keep_epics(book, homes)
    known = pasts.statuses(book)
    while asked["next"] < len(ids) and book.has_time():
        some = ids[asked["next"] : asked["next"] + STEP]
        linked = _linked(book, some)
        issues = book.jira.read_many([one for one in some if one not in linked])
        parents = _parents(book, issues.values())
        for number in some:
            issue = issues.get(number)
            if issue is None or _is_phase(book, issue):
                asked["passed"] += 1
                continue
            home = parents.get(issue.parent or "") or homes.of(issue)
            problems = _adopt(book, issue, home, pasts.of(book, issue, known))
            asked["taken" if problems is not None else "passed"] += 1
            if problems:
                asked["problems"] = [*asked["problems"], f"{issue.key}: {problems}"][:NAMED]
        asked["next"] += len(some)
        _note(book, asked)
    if asked["next"] >= len(ids):
        _note(book, {**asked, "state": DONE, "at": core.utc_now().isoformat()})
        if not book.memory.get("started"):
            # What a preview said before is no longer so.
            core.note(book.connection, {"wants_preview": True})
            book.left = True
    else:
        book.left = True


def _adopt(book: Book, issue: Issue, home: int | None, past: Sequence[Past]) -> str | None:
    """Make an item of the issue; what was left out in words, or None where the issue had an item already."""
    tongue = book.speaking_of(_blank(book, issue))
    there = tongue.there(issue)
    names = {"title", "status", *moving(book.plan.directions)} & there.keys()
    values = tongue.for_here({name: there[name] for name in names}, _blank(book, issue))
    values |= {"phase_id": home}
    problems: list[str] = []

    def link_for(item: Item) -> Link:
        here = tongue.here(item)
        agreed = {name: [here[name], there[name]] for name in names if tongue.agree(name, here[name], there[name])}
        return Link(
            ITEM,
            item.id,
            external_id=issue.id,
            external_key=issue.key,
            url=book.jira.browse(issue.key),
            base={"fields": agreed, "adopted": True},
            synced_revision=item.revision,
            remote_version=issue.updated,
            state=LinkState.FAILED if problems else LinkState.DONE,
            error=" ".join(problems)[:1500],
        )

    while True:
        try:
            made = core.take_item(book.connection, values, link_for, past=past, where=Origin.JIRA)
        except Invalid as refused:
            wrong = set(refused.fields) & values.keys() - {"title"}
            if not wrong:
                raise
            problems.extend(str(reason) for reason in refused.fields.values())
            wrong |= {"status", "status_reason"} if wrong & {"status", "status_reason"} else set()
            values = {name: value for name, value in values.items() if name not in wrong}
        else:
            return None if made is None else " ".join(problems)


def _homes(book: Book, otherwise: Any) -> Homes:
    stages = core.stages(book.connection)
    otherwise = otherwise if otherwise in {one.id for one in stages} else None
    epics: dict[str, int] = {}
    if book.plan.phase_as in ISSUES:
        links = book.links(STAGE, [one.id for one in stages])
        for link in links.values():
            if link.external_id:
                epics |= {link.external_id: link.object_id, link.external_key: link.object_id}
        for epic, stage in _epics_by_name(book, stages, links):
            epics |= {epic.id: stage.id, epic.key: stage.id}
    return Homes(book.plan, stages, epics, otherwise)


def _epics_by_name(book: Book, stages: Sequence[Stage], links: Mapping[int, Link]) -> Iterator[tuple[Issue, Stage]]:
    """Epics that are there already under the name of a phase without one."""
    free = {one.name.casefold(): one for one in stages if one.id not in links}
    jql = f'project = "{book.jira.project_key}" AND issuetype = "{book.plan.epic_type}"'
    for epic in book.jira.search(jql, fields=("summary", "issuetype")) if free else ():
        if stage := free.pop(epic.title.strip().casefold(), None):
            yield epic, stage


def _keep_epics(book: Book, homes: Homes) -> None:
    """Let those epics stand for their phases from here on."""
    known = book.links(STAGE, [one.id for one in homes.stages])
    for stage in homes.stages:
        names = [name for name, phase in homes.epics.items() if phase == stage.id]
        if stage.id in known or len(names) != 2:
            continue
        number, key = sorted(names, key=lambda name: not name.isdecimal())
        link = Link(STAGE, stage.id, external_id=number, external_key=key, url=book.jira.browse(key))
        core.keep_link(book.connection, replace(link, synced_revision=stage.revision, state=LinkState.DONE), new=True)


def _parents(book: Book, issues: Any) -> dict[str, int]:
    """The phases of items whose issues have parts among these, by the issue's id."""
    ids = sorted({issue.parent for issue in issues if issue.parent})
    links = {link.object_id: str(link.external_id) for link in core.links_of(book.connection, ITEM, external_ids=ids)}
    items = core.by_ids(book.connection, list(links)) if links else ()
    return {links[item.id]: item.phase_id for item in items if item.phase_id is not None}


def _linked(book: Book, ids: Sequence[str]) -> set[str]:
    linked: set[str] = set()
    for start in range(0, len(ids), 500):
        some = core.links_of(book.connection, ITEM, external_ids=ids[start : start + 500])
        linked |= {str(link.external_id) for link in some}
    return linked


def _is_phase(book: Book, issue: Issue) -> bool:
    return book.plan.phase_as in ISSUES and issue.type == book.plan.epic_type


def _in(stage: Stage, named: set[str]) -> bool:
    return stage.name.casefold() in named


def _blank(book: Book, issue: Issue) -> Item:
    """An item that says nothing yet, for the translator."""
    return Item(
        id=0,
        program_id=book.program.id,
        number=0,
        kind="task",
        title=issue.key,
        description="",
        status="todo",
        status_reason="",
        owner=None,
        priority=2,
        start_on=None,
        due_on=None,
        updated_at=core.utc_now(),
        revision=0,
        url="",
    )


def _note(book: Book, asked: Mapping[str, Any]) -> None:
    """Kept at once: another look goes on from here, whatever becomes of this one."""
    book.memory["adopt"] = dict(asked)
    core.note(book.connection, {"adopt": dict(asked)})
