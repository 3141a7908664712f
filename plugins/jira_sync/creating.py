"""Creating issues so that each item gets exactly one, whatever becomes of the answer.

Jira has no key by which it would know a create that comes twice. So the intent is written down first, every issue
carries a label of its item from its first moment, and after a lost answer the label is looked for until the lagging
index must have it. Only then is the issue created again. A second one that turns up later is reported, never deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from plugins.jira_sync import outward, stages
from plugins.jira_sync.book import ITEM, TWIN, Book, named
from plugins.jira_sync.client import BULK
from plugins.jira_sync.fields import MARK, moving
from plugins.jira_sync.issues import Issue
from plugins.jira_sync.reconciling import Pair, reconcile
from plugins.jira_sync.wire import Busy, NotFound, Rejected, Unknown
from program.plugin_api import core
from program.plugin_api.contract import Item, Link, LinkState, Origin

# After a lost answer: how often and how far apart the label is looked for, before it is believed not to be there.
LOOKS, APART = 4, timedelta(seconds=30)
# Labels of one search: JQL has no limit that matters, addresses of Data Center do.
LABELS = 40


def create(book: Book, items: Sequence[Item]) -> None:
    """Create an issue for each of those items, none of which has one."""
    for start in range(0, len(items), BULK):
        if not book.has_time():
            return
        _create_some(book, items[start : start + BULK])


def _create_some(book: Book, items: Sequence[Item]) -> None:
    now = core.utc_now()
    mine: list[tuple[Item, Link]] = []
    homes = stages.homes(book, {item.phase_id or stages.NO_STAGE for item in items})
    for item in items:
        home = item.phase_id or stages.NO_STAGE
        base = {"asked_at": now.isoformat(), "fields": _said(book, item), "home": home}
        intent = Link(ITEM, item.id, state=LinkState.WAITING, base=base, try_at=now + APART)
        # Another clock may be about to do the same: whoever wrote the intent first creates.
        if core.keep_link(book.connection, intent, new=True):
            mine.append((item, intent))
    if not mine:
        return
    drafts = [_draft(book, item, homes) for item, _intent in mine]
    try:
        made = book.jira.create_many(drafts)
    except Unknown:
        book.left = True
        return
    except Exception:
        # It was not taken at all: nothing stands in the way of creating them at the next look.
        for item, _intent in mine:
            core.forget_link(book.connection, ITEM, object_id=item.id)
        raise
    born: list[tuple[Item, Link]] = []
    for (item, intent), one in zip(mine, made, strict=True):
        if one.error:
            reason = _("Jira did not take it: %(reason)s", reason=one.error)
            book.keep(
                replace(intent, base={}, try_at=None),
                state=LinkState.FAILED,
                error=reason[:1500],
                synced_revision=item.revision,
            )
        else:
            url = book.jira.browse(one.key)
            born.append((item, book.keep(intent, external_id=one.id, external_key=one.key, url=url)))
    core.say_sent(book.connection, [(item, link.url, ("created",)) for item, link in born], Origin.JIRA)
    outward.anew(book, [item.id for item, _link in born])
    _read_born(book, born)


def resolve(book: Book) -> None:
    """Find out what became of creations whose answer never came."""
    due = [link for link in core.due_links(book.connection, ITEM, limit=LABELS) if "asked_at" in link.base]
    waiting = [link for link in due if link.external_id is None]
    # Those that have a name already were created and only not read back.
    named_ones = [link for link in due if link.external_id is not None]
    items = {item.id: item for item in core.by_ids(book.connection, [link.object_id for link in due])}
    _read_born(book, [(items[link.object_id], link) for link in named_ones if link.object_id in items])
    if not waiting:
        return
    marks = {book.mark(items[link.object_id]): link for link in waiting if link.object_id in items}
    found = _by_mark(book, marks)
    born: list[tuple[Item, Link]] = []
    for mark, link in marks.items():
        issues = found.get(mark, [])
        if issues:
            first, *others = sorted(issues, key=lambda issue: int(issue.id))
            note_twins(book, items[link.object_id], first, others)
            born.append((items[link.object_id], book.keep(named(book, link, first))))
            continue
        looks = int(link.base.get("looks", 0)) + 1
        asked_at = datetime.fromisoformat(str(link.base["asked_at"]))
        if looks >= LOOKS and core.utc_now() - asked_at >= APART * (LOOKS - 1):
            # It is not there. The item has no link again and is created like any other.
            core.forget_link(book.connection, ITEM, object_id=link.object_id)
        else:
            words = _("Jira’s answer was lost. The issue is looked for before it is created again.")
            book.keep(link, base={**link.base, "looks": looks}, try_at=core.utc_now() + APART, error=words)
    for link in waiting:
        if link.object_id not in items:
            core.forget_link(book.connection, ITEM, object_id=link.object_id)
    outward.anew(book, [item.id for item, _link in born])
    _read_born(book, born)


def _by_mark(book: Book, marks: Iterable[str]) -> dict[str, list[Issue]]:
    """Issues by the mark they carry."""
    wanted = sorted(marks)
    found: dict[str, list[Issue]] = {}
    labels = ", ".join(f'"{mark}"' for mark in wanted)
    for issue in book.jira.search(f'project = "{book.jira.project_key}" AND labels in ({labels})'):
        for label in issue.labels:
            if label in wanted:
                found.setdefault(label, []).append(issue)
    return found


def note_twins(book: Book, item: Item, first: Issue, others: Sequence[Issue]) -> None:
    """Report issues that carry the mark of an item which has another one."""
    for other in others:
        core.keep_link(
            book.connection,
            Link(
                TWIN,
                int(other.id),
                external_id=other.id,
                external_key=other.key,
                url=book.jira.browse(other.key),
                base={"item": item.number, "title": item.title, "first": first.key, "mark": book.mark(item)},
                state=LinkState.WAITING,
                error=_("%(other)s is a second issue of the same item as %(first)s.", other=other.key, first=first.key),
            ),
        )


def merge_twins(book: Book) -> None:
    """Do what was asked for on the connection's page of issues that were created twice."""
    for link in core.due_links(book.connection, TWIN):
        if link.base.get("merge"):
            merge_twin(book, link)


def merge_twin(book: Book, link: Link) -> None:
    """Take the mark off a second issue, and say on it which one goes on. It stays in Jira."""
    issue = book.jira.read_many([str(link.external_id)]).get(str(link.external_id))
    if issue is not None:
        labels = sorted(one for one in issue.labels if not one.startswith(MARK))
        words = _("This issue was created twice. The work goes on in %(key)s.", key=link.base["first"])
        try:
            book.jira.edit(issue.id, {"labels": labels})
            book.jira.say(issue.id, words)
        except Rejected as refused:
            reason = _("Jira refused: %(reason)s", reason=refused.words)
            book.keep(link, base={**link.base, "merge": False}, error=reason)
            return
        except (Busy, Unknown):
            if any(one.startswith(MARK) for one in _labels(book, issue.id)):
                book.left = True
                return
        except NotFound:
            pass
    core.forget_link(book.connection, TWIN, object_id=link.object_id)


def _labels(book: Book, number: str) -> Sequence[str]:
    issue = book.jira.read_many([number]).get(number)
    return issue.labels if issue is not None else ()


def _read_born(book: Book, born: Sequence[tuple[Item, Link]]) -> None:
    """Read new issues, and bring what could not be said at their creation (the status) into step."""
    issues = book.jira.read_many([str(link.external_id) for _item, link in born]) if born else {}
    pairs: list[Pair] = []
    for item, link in born:
        issue = issues.get(str(link.external_id))
        if issue is None:
            # Too fresh for a read that goes by the index (Data Center); the next look reads it.
            book.keep(link, try_at=core.utc_now() + APART)
            continue
        kept = {key: value for key, value in link.base.items() if key not in ("asked_at", "looks")}
        fields = {**kept.get("fields", {}), "status": _status_at_birth(book, item, issue)}
        pairs.append(Pair(item, issue, replace(link, base={**kept, "fields": fields})))
    reconcile(book, pairs)


def _said(book: Book, item: Item) -> dict[str, list[Any]]:
    """What is agreed once the issue is there: what the item says, and how that looks in Jira. All but the status."""
    tongue = book.speaking_of(item)
    here = tongue.here(item)
    names = [name for name in moving(book.plan.directions) if name != "status"]
    return {name: [here[name], tongue.said(name, here[name])] for name in names}


def _status_at_birth(book: Book, item: Item, issue: Issue) -> list[Any]:
    """A base for the status, which cannot be said at creation: a new issue takes ours, one that was moved keeps its."""
    tongue = book.speaking_of(item)
    here, there = tongue.here(item)["status"], tongue.there(issue)["status"]
    return [_UNSAID, there] if issue.status.category in ("new", "undefined") else [here, _UNSAID]


# What no field says: as the base of one side it makes that side the one that moved.
_UNSAID = "\x00"


def _draft(book: Book, item: Item, homes: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """The issue of an item, as it is created."""
    tongue = book.speaking_of(item)
    here = tongue.here(item)
    fields = tongue.for_there({name: here[name] for name in here if name not in ("status", "start_on")})
    fields |= {name: value for name, value in book.plan.defaults.items() if name != "resolution"}
    if book.plan.start_field:
        fields[book.plan.start_field] = here["start_on"]
    fields = {name: value for name, value in fields.items() if value is not None}
    home = dict(homes.get(item.phase_id or stages.NO_STAGE, {}))
    labels = {*fields.get("labels", ()), *home.pop("labels", ()), book.mark(item)}
    fields |= home
    fields |= {
        "project": {"key": book.jira.project_key},
        "issuetype": {"name": book.plan.item_type},
        "labels": sorted(labels),
    }
    draft: dict[str, Any] = {"fields": fields}
    if book.jira.is_cloud:
        value = {"program": book.program.key, "number": item.number, "id": item.id}
        draft["properties"] = [{"key": "milepost.item", "value": value}]
    return draft
