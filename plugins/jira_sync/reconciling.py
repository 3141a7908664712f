"""Bringing items and their issues together: read both, merge, write what is to be written, and keep what they agree on.

Both sides may move while this runs. An item is written only if it still is at the revision that was looked at; what is
kept as agreed of an issue is what was sent to it or what was read before, never what happens to be there afterwards:
so an edit that comes in between shows at the next look as what it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _

from plugins.jira_sync import comments, conflicts, pasts, stages
from plugins.jira_sync.book import Book, agreed, named
from plugins.jira_sync.fields import Tongue
from plugins.jira_sync.issues import Issue
from plugins.jira_sync.merging import Merged, merge
from plugins.jira_sync.plan import ISSUES
from plugins.jira_sync.statuses import RemoteStatus, step
from plugins.jira_sync.wire import Busy, NotFound, Rejected, Unknown
from program.plugin_api import core
from program.plugin_api.contract import Conflict, Invalid, Item, Link, LinkState, MilepostError, Origin

GONE = "gone"


@dataclass(slots=True)
class Pair:
    """An item, its issue, and what is known of the two."""

    item: Item
    issue: Issue
    link: Link


def reconcile(book: Book, pairs: Sequence[Pair]) -> None:
    """Bring all of them together; what was written to Jira is read back in one go."""
    written: list[tuple[Pair, Merged, dict[str, Any], Mapping[str, Any], list[str]]] = []
    sent: list[tuple[Item, str, Sequence[str]]] = []
    for pair in pairs:
        tongue = book.speaking_of(pair.item)
        here, there = tongue.here(pair.item), tongue.there(pair.issue)
        merged = merge(agreed(pair.link), here, there, book.plan.directions, book.plan.rule, tongue.agree)
        conflicts.note(book, pair.item, pair.issue, merged.conflicts)
        problems: list[str] = []
        if merged.to_here and not _take(book, pair, tongue, merged.to_here, problems):
            # Somebody wrote the item meanwhile: it is due again as it is.
            continue
        house = _house(book, pair)
        if not merged.to_there and not house:
            _settle(book, pair, merged, {}, pair.issue, problems)
            continue
        try:
            said, house = _send(book, pair, tongue, merged.to_there, house, problems)
        except NotFound:
            lost(book, pair.link)
            continue
        except Unknown:
            # It may have been written. The next look sees what is there, and equal values agree.
            book.keep(pair.link, state=LinkState.WAITING, error=_("Jira’s answer was lost; it is looked at again."))
            continue
        except Busy:
            # Not again with what was worked out from an issue that is changing: the next look reads it anew.
            words = _("Jira was changing this issue at the same moment; it is looked at again.")
            book.keep(pair.link, state=LinkState.WAITING, error=words)
            continue
        if said or house:
            names = sorted({*said, *(["phase_id"] if house else [])})
            sent.append((pair.item, book.jira.browse(pair.issue.key), names))
        written.append((pair, merged, said, house, problems))
    core.say_sent(book.connection, sent, Origin.JIRA)
    fresh = book.jira.read_many([pair.issue.id for pair, *_rest in written]) if written else {}
    for pair, merged, said, house, problems in written:
        issue = fresh.get(pair.issue.id)
        if issue is None:
            lost(book, pair.link)
            continue
        if house and (book.plan.phase_as not in ISSUES or stages.is_home(issue, house)):
            _at_home(pair)
        elif house:
            # Data Center takes a sub-task's new parent without a word, and leaves it where it is.
            problems.append(_("Jira leaves it under the phase it was in: move the issue there by hand."))
        _settle(book, pair, merged, said, issue, problems)


def lost(book: Book, link: Link) -> None:
    """The issue is not there any more, or we may not see it: say so, and touch nothing here."""
    words = _("The issue is gone from Jira, or we may no longer see it. Link another one, or have it created anew.")
    book.keep(link, state=LinkState.FAILED, error=words, base={**link.base, GONE: True})


def _take(book: Book, pair: Pair, tongue: Tongue, values: dict[str, Any], problems: list[str]) -> bool:
    """Write Jira's values to the item; what cannot be so is left out and said. False when the item has moved on."""
    changes = tongue.for_here(values, pair.item)
    while changes:
        try:
            pair.item = core.apply_remote_change(
                book.connection,
                pair.item.number,
                changes,
                who=None,
                where=Origin.JIRA,
                seen=pair.item.revision,
                source=book.jira.browse(pair.issue.key),
            )
            return True
        except Conflict:
            book.left = True
            return False
        except Invalid as refused:
            wrong = set(refused.fields) & set(changes)
            problems.extend(str(reason) for reason in refused.fields.values())
            if not wrong:
                problems.append(str(refused))
                return True
            # A status goes with its reason.
            wrong |= {"status", "status_reason"} if wrong & {"status", "status_reason"} else set()
            changes = {name: value for name, value in changes.items() if name not in wrong}
        except MilepostError as refused:
            problems.append(str(refused))
            return True
    return True


def _house(book: Book, pair: Pair) -> Mapping[str, Any]:
    """The fields that put the issue where its item was moved to; {} where it lies there already."""
    house = stages.new_home(book, pair.item, pair.link, pair.issue)
    if house and stages.is_home(pair.issue, house):
        # An answer was lost, or somebody in Jira was faster.
        _at_home(pair)
        return {}
    return house


def _at_home(pair: Pair) -> None:
    """Note that the issue lies in its item's phase."""
    pair.link = replace(pair.link, base={**pair.link.base, "home": pair.item.phase_id or stages.NO_STAGE})


def _send(
    book: Book, pair: Pair, tongue: Tongue, values: dict[str, Any], house: Mapping[str, Any], problems: list[str]
) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """Write our values to the issue; what Jira refuses is left out and said. What was written, in Jira's words.

    `house` are fields that put it into another phase; those that were written come back as the second answer.
    """
    wanted = {name: value for name, value in values.items() if name != "status"}
    # Tags that are sent bring their phase's label along.
    while fields := {**house, **tongue.for_there(wanted)}:
        try:
            book.jira.edit(pair.issue.id, fields)
            break
        except Rejected as refused:
            owners = {theirs: name for name, value in wanted.items() for theirs in tongue.for_there({name: value})}
            if house and (house.keys() & refused.fields.keys() or not wanted):
                problems.append(_("Jira leaves it under its phase: %(reason)s", reason=refused.words))
                house = {}
                continue
            wrong = {owners[one] for one in refused.fields if one in owners} or set(wanted)
            problems.append(_("Jira refused: %(reason)s", reason=refused.words))
            wanted = {name: value for name, value in wanted.items() if name not in wrong}
    said = {name: tongue.said(name, value) for name, value in wanted.items()} if fields else {}
    if "status" in values and (to := _step(book, pair, values["status"], problems)) is not None:
        said["status"] = [to.name, to.category, to.resolution]
    return said, house


def _step(book: Book, pair: Pair, wanted: str, problems: list[str]) -> RemoteStatus | None:
    """Take the step that leads to our status, if Jira offers one; where it leads."""
    offered = book.jira.transitions(pair.issue.id)
    found = step(offered, wanted, book.plan.statuses)
    if found is None:
        names = ", ".join(f"“{one.to.name}”" for one in offered) or "–"
        problems.append(_("Jira’s workflow offers no step to this status now. It offers: %(names)s.", names=names))
        return None
    fields = {name: book.plan.defaults[name] for name in found.required if name in book.plan.defaults}
    if "resolution" in found.required and "resolution" not in fields:
        fields["resolution"] = {"name": "Done" if wanted == "done" else "Won't Do"}
    try:
        book.jira.step(pair.issue.id, found.id, fields)
    except Rejected as refused:
        problems.append(_("Jira refused the step “%(name)s”: %(reason)s", name=found.name, reason=refused.words))
        return None
    return found.to


def _settle(book: Book, pair: Pair, merged: Merged, sent: dict[str, Any], issue: Issue, problems: list[str]) -> None:
    """Keep what both sides now agree on. `sent` is what was written to the issue, `issue` how it was read after."""
    tongue = book.speaking_of(pair.item)
    here, before, after = tongue.here(pair.item), tongue.there(pair.issue), tongue.there(issue)
    base: dict[str, Any] = dict(agreed(pair.link))
    undecided = {one.name for one in merged.conflicts if one.winner is None}
    for name in here.keys() & before.keys():
        if name in undecided:
            continue
        if name in sent:
            # As it is there now, if it means what we sent; otherwise somebody wrote there since, and will be heard.
            base[name] = (here[name], after[name] if tongue.agree(name, here[name], after[name]) else sent[name])
        elif name in merged.to_there:
            # Refused: it stands as it stood, and is tried again when either side moves.
            continue
        elif name in merged.to_here or tongue.agree(name, here[name], before[name]):
            base[name] = (here[name], before[name])
    link = named(book, pair.link, issue)
    if issue.project != book.jira.project_key:
        words = _("The issue was moved to the project %(key)s: what changes there comes over once a night only.")
        advice = _("Move it back, or connect that project, too.")
        problems.append(f"{words % {'key': issue.project}} {advice}")
    # What somebody changed in Jira between the two reads is looked at again.
    strange = any(after.get(name) != before[name] for name in before if name not in sent)
    strange = strange or any(not tongue.agree(name, here[name], after[name]) for name in sent)
    version = "" if strange else issue.updated
    kept = {key: value for key, value in pair.link.base.items() if key not in ("asked_at", "looks", GONE)}
    kept.setdefault("home", pair.item.phase_id or stages.NO_STAGE)
    settled = replace(
        link,
        remote_version=version,
        base={**kept, "fields": {name: list(value) for name, value in base.items()}},
        synced_revision=pair.item.revision,
        state=LinkState.FAILED if problems else LinkState.DONE,
        attempts=0,
        try_at=None,
        error=" ".join(dict.fromkeys(problems))[:1500],
    )
    if kept.get(pasts.OWED):
        pasts.tell(book, pair.item, issue, settled)
    elif settled != pair.link:
        core.keep_link(book.connection, settled)
    book.left = book.left or strange
    if pair.link.remote_version != issue.updated:
        comments.note(book, pair.item.id)
