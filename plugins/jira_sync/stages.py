"""Phases in Jira: epics, versions, components or labels, by choice. Each is made before its first item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _

from plugins.jira_sync.book import AS, STAGE, Book
from plugins.jira_sync.fields import MARK
from plugins.jira_sync.issues import Issue
from plugins.jira_sync.plan import ISSUES
from plugins.jira_sync.wire import NotFound, Rejected, Unknown
from program.plugin_api import core
from program.plugin_api.contract import Item, Link, LinkState, Misconfigured, Stage

# The number of what belongs to no phase.
NO_STAGE = 0


def homes(book: Book, ids: Iterable[int]) -> dict[int, Mapping[str, Any]]:
    """For each of those phases the fields by which an issue belongs to it; what does not exist yet is made."""
    if book.plan.phase_as == "none":
        return {}
    wanted = set(ids)
    stages = [one for one in core.stages(book.connection) if one.id in wanted]
    if NO_STAGE in wanted and book.plan.phase_as == "subtask":
        # A sub-task lies under something: what belongs to no phase, under an issue of the program's own.
        today = book.program.today
        stages.append(Stage(NO_STAGE, book.program.name, today, today, 0))
    known = {number: link for number, link in book.links(STAGE, wanted).items() if _is_alike(book, link)}
    return {one.id: _home(book, one, known.get(one.id)) for one in stages}


def new_home(book: Book, item: Item, link: Link, issue: Issue) -> Mapping[str, Any]:
    """The fields that put an issue where its item was moved to; {} if the item was not moved.

    Other versions, components and labels that people gave the issue stay with it.
    """
    before, now = link.base.get("home", item.phase_id or NO_STAGE), item.phase_id or NO_STAGE
    if before == now or book.plan.phase_as == "none":
        return {}
    home, name = homes(book, [now]).get(now) or {}, book.plan.home_field
    match book.plan.phase_as:
        case "label":
            return {name: sorted({*issue.labels} - {book.stage_labels.get(before)} | {*home.get(name, ())})}
        case "version" | "component":
            left = book.links(STAGE, [before]).get(before)
            gone = {str(left.external_id)} if left is not None and _is_alike(book, left) else set()
            parts = {str(one["id"]) for one in issue.extra.get(name) or ()} - gone
            parts |= {str(one["id"]) for one in home.get(name, ())}
            return {name: [{"id": one} for one in sorted(parts)]}
    # Taken out of its phase: no parent, or nothing in the field for epics.
    return home or {name: None}


def is_home(issue: Issue, house: Mapping[str, Any]) -> bool:
    """Whether the issue is where those fields put it."""
    for name, value in house.items():
        match name:
            case "parent":
                is_there = issue.parent == (value["id"] if value else None)
            case "labels":
                is_there = set(issue.labels) == set(value)
            case "fixVersions" | "components":
                is_there = {str(one["id"]) for one in issue.extra.get(name) or ()} == {one["id"] for one in value}
            case _:
                is_there = (issue.extra.get(name) or None) == value
        if not is_there:
            return False
    return True


def follow(book: Book) -> None:
    """Carry new names and dates of phases to what stands for them."""
    if book.plan.phase_as == "none":
        return
    known = book.links(STAGE, [one.id for one in core.stages(book.connection)])
    for one in core.stages(book.connection):
        link = known.get(one.id)
        if link is None or not _is_alike(book, link):
            if book.plan.phase_as == "label":
                # Its label is fixed from here on: under a new name of the phase its issues would lose each other.
                _keep(book, one, link, None, book.stage_labels[one.id])
        elif link.external_id and link.synced_revision < one.revision:
            try:
                _rename(book, one, link)
            except NotFound:
                # Whoever deleted it there: the next item of the phase has it made anew.
                core.forget_link(book.connection, STAGE, object_id=one.id)
            except Rejected as refused:
                # Nothing that the others should wait for.
                words = _("Jira refused: %(reason)s", reason=refused.words)
                book.keep(link, synced_revision=one.revision, state=LinkState.FAILED, error=words[:1500])


def _rename(book: Book, stage: Stage, link: Link) -> None:
    name = link.external_key
    if book.plan.phase_as in ISSUES:
        book.jira.edit(str(link.external_id), {"summary": stage.name, "duedate": stage.end_on.isoformat()})
    elif book.plan.phase_as in ("version", "component") and name != stage.name:
        name = stage.name
        book.jira.rename_part(book.plan.phase_as, str(link.external_id), name)
    book.keep(link, external_key=name, synced_revision=stage.revision, state=LinkState.DONE, error="")


def _is_alike(book: Book, link: Link) -> bool:
    """Whether it stands for the phase as phases are carried now: the choice may have been another one."""
    return bool(link.base.get(AS, book.plan.phase_as) == book.plan.phase_as)


def _home(book: Book, stage: Stage, link: Link | None) -> Mapping[str, Any]:
    match book.plan.phase_as:
        case "label":
            return {"labels": [book.stage_labels[stage.id]]}
        case "version":
            return {"fixVersions": [{"id": _named_part(book, stage, link, "version")}]}
        case "component":
            return {"components": [{"id": _named_part(book, stage, link, "component")}]}
    epic = _epic(book, stage, link)
    if book.plan.phase_as == "epic" and book.plan.epic_link:
        kept = book.links(STAGE, [stage.id])[stage.id]
        return {book.plan.epic_link: kept.external_key}
    return {"parent": {"id": epic}}


def _named_part(book: Book, stage: Stage, link: Link | None, kind: str) -> str:
    """A version or component of that name: it is looked for by its name first, so a lost answer does no harm."""
    if link is not None and link.external_id:
        return link.external_id
    found = next((one for one in book.jira.parts(kind) if one["name"] == stage.name), None)
    number = str(found["id"]) if found else book.jira.add_part(kind, stage.name)
    _keep(book, stage, link, number, stage.name)
    return number


def _epic(book: Book, stage: Stage, link: Link | None) -> str:
    if link is not None and link.external_id:
        return link.external_id
    kind = "phase" if book.plan.phase_as == "epic" else "home"
    mark = f"{MARK}{book.program.key.lower()}-{kind}-{stage.id}"
    if link is not None or book.memory.get("adopts"):
        # An answer may have been lost: the label tells.
        jql = f'project = "{book.jira.project_key}" AND labels = "{mark}"'
        if found := next(iter(book.jira.search(jql)), None):
            _keep(book, stage, link, found.id, found.key)
            return found.id
    if link is None:
        core.keep_link(book.connection, Link(STAGE, stage.id, base={AS: book.plan.phase_as}, state=LinkState.WAITING))
    fields = {
        "project": {"key": book.jira.project_key},
        "issuetype": {"name": book.plan.epic_type},
        "summary": stage.name,
        "labels": [mark],
    }
    if stage.id != NO_STAGE:
        fields["duedate"] = stage.end_on.isoformat()
    if book.plan.epic_name:
        fields[book.plan.epic_name] = stage.name
    fields |= book.plan.epic_defaults
    try:
        made = book.jira.create_many([{"fields": fields}])[0]
    except Unknown:
        book.left = True
        raise
    if made.error:
        raise Misconfigured(_("Jira does not take the phase as an epic: %(reason)s", reason=made.error))
    _keep(book, stage, link, made.id, made.key)
    return made.id


def _keep(book: Book, stage: Stage, link: Link | None, number: str | None, key: str) -> None:
    kept = link or Link(STAGE, stage.id)
    book.keep(
        kept,
        external_id=number,
        external_key=key,
        url=book.jira.browse(key) if book.plan.phase_as in ISSUES else "",
        base={AS: book.plan.phase_as},
        synced_revision=stage.revision,
        state=LinkState.DONE,
        error="",
    )
