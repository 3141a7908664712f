"""Phases in Jira: epics, versions, components or labels, by choice. Each is made before its first item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _

from plugins.jira_sync.book import STAGE, Book
from plugins.jira_sync.fields import MARK
from plugins.jira_sync.wire import Unknown
from program.plugin_api import core
from program.plugin_api.contract import Link, LinkState, Misconfigured, Stage


def homes(book: Book, ids: Iterable[int]) -> dict[int, Mapping[str, Any]]:
    """For each of those phases the fields by which an issue belongs to it; what does not exist yet is made."""
    if book.plan.phase_as == "none":
        return {}
    wanted = set(ids)
    stages = [one for one in core.stages(book.connection) if one.id in wanted]
    known = book.links(STAGE, wanted)
    return {one.id: _home(book, one, known.get(one.id)) for one in stages}


def follow(book: Book) -> None:
    """Carry new names and dates of phases to what stands for them."""
    if book.plan.phase_as != "epic":
        return
    known = book.links(STAGE, [one.id for one in core.stages(book.connection)])
    for one in core.stages(book.connection):
        link = known.get(one.id)
        if link is None or link.external_id is None or link.synced_revision >= one.revision:
            continue
        book.jira.edit(link.external_id, {"summary": one.name, "duedate": one.end_on.isoformat()})
        book.keep(link, synced_revision=one.revision)


def _home(book: Book, stage: Stage, link: Link | None) -> Mapping[str, Any]:
    match book.plan.phase_as:
        case "label":
            return {"labels": ["-".join(stage.name.split())]}
        case "version":
            return {"fixVersions": [{"id": _named_part(book, stage, link, "version")}]}
        case "component":
            return {"components": [{"id": _named_part(book, stage, link, "component")}]}
    epic = _epic(book, stage, link)
    if book.plan.epic_link and not book.jira.is_cloud:
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
    mark = f"{MARK}{book.program.key.lower()}-phase-{stage.id}"
    if link is not None or book.memory.get("adopts"):
        # An answer may have been lost: the label tells.
        jql = f'project = "{book.jira.project_key}" AND labels = "{mark}"'
        if found := next(iter(book.jira.search(jql)), None):
            _keep(book, stage, link, found.id, found.key)
            return found.id
    if link is None:
        core.keep_link(book.connection, Link(STAGE, stage.id, state=LinkState.WAITING))
    fields = {
        "project": {"key": book.jira.project_key},
        "issuetype": {"name": book.plan.epic_type},
        "summary": stage.name,
        "duedate": stage.end_on.isoformat(),
        "labels": [mark],
    }
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


def _keep(book: Book, stage: Stage, link: Link | None, number: str, key: str) -> None:
    kept = link or Link(STAGE, stage.id)
    url = book.jira.browse(key) if "-" in key else ""
    core.keep_link(
        book.connection,
        replace(
            kept, external_id=number, external_key=key, url=url, synced_revision=stage.revision, state=LinkState.DONE
        ),
    )
