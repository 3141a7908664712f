"""A connection's own page, for managers of its program: how it stands, what a sync would do, what needs somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from plugins.jira_sync import beginning, conflicts, fitting, side, words
from plugins.jira_sync.book import ASIDE, CONFLICT, ITEM, PERSON, STAGE, TWIN
from plugins.jira_sync.front import SHOWN, back, blueprint, found_link, is_cloud, managed, moment_of
from plugins.jira_sync.merging import Rule
from plugins.jira_sync.plan import plan_of
from plugins.jira_sync.settings import NAMES, PLUGIN
from plugins.jira_sync.wanting import WANTED
from program.plugin_api import core
from program.plugin_api.contract import Invalid, Link, LinkState, NotFound


@blueprint.get("/<int:connection_id>")
def show(connection_id: int) -> ResponseReturnValue:
    """How the connection stands."""
    connection = managed(connection_id)
    memory = connection.memory
    counts = core.count_links(connection)
    items_by = counts.get(ITEM, {})
    wanted = {ITEM: LinkState.FAILED, STAGE: LinkState.FAILED, CONFLICT: None, TWIN: None, ASIDE: None}
    lists = core.pick_links(connection, wanted, limit=SHOWN)
    troubles = lists[ITEM]
    ids = {link.object_id for link in (*troubles, *lists[ASIDE])} | {conflicts.item_of(one) for one in lists[CONFLICT]}
    items = {item.id: item for item in core.by_ids(connection, [one for one in ids if one is not None])}
    people = core.doers(connection)
    accounts = {one.object_id: one for one in core.links_of(connection, PERSON, object_ids=[p.id for p in people])}
    seen, preview = side.kept(connection), memory.get("preview") or {}
    known = fitting.problems(plan_of(connection), seen, is_cloud=is_cloud(connection)) if seen is not None else []
    return render_template(
        "jira_sync/show.html",
        connection=connection,
        started=bool(memory.get("started")),
        preview=preview,
        previewed_at=moment_of(preview.get("at")),
        can_begin=beginning.fits(connection),
        report=core.report_of(connection),
        seen=seen,
        waits_for_side=bool(memory.get("wants_side")),
        problems=known,
        unmatched=[one.name for one in people if one.id not in accounts or accounts[one.id].state is LinkState.FAILED],
        waits_for_preview=bool(memory.get("wants_preview")),
        polled_at=moment_of(memory.get("polled_at")),
        points_back=bool(memory.get("points_back")),
        linked=items_by.get(LinkState.DONE, 0),
        settled=sum(count for state, count in items_by.items() if state is not LinkState.WAITING),
        whole=max(int(memory.get("whole") or 0), sum(items_by.values())),
        waiting=items_by.get(LinkState.WAITING, 0),
        troubles=[(link, items[link.object_id]) for link in troubles if link.object_id in items],
        phase_troubles=lists[STAGE],
        trouble_count=items_by.get(LinkState.FAILED, 0),
        conflicts=_both_sides(
            lists[CONFLICT],
            {person.id: person.name for person in people},
            dict(seen.people if seen else ()) | {str(one.external_id): one.external_key for one in accounts.values()},
        ),
        items=items,
        conflict_count=sum(counts.get(CONFLICT, {}).values()),
        twins=lists[TWIN],
        left_out=[items[link.object_id] for link in lists[ASIDE] if link.object_id in items],
        left_out_count=sum(counts.get(ASIDE, {}).values()),
        people=[(person, accounts.get(person.id)) for person in people],
        names=NAMES | {"comment": _("Comment")},
        webhook_url=core.web_address(f"/plugins/{PLUGIN}/webhook/{connection.id}"),
    )


def _both_sides(
    found: Sequence[Link], people: Mapping[int, str], accounts: Mapping[str, str]
) -> list[tuple[Link, int | None, str, str]]:
    """Conflicts as people read them: (link, id of its item, what the program says, what Jira says)."""
    shown: list[tuple[Link, int | None, str, str]] = []
    for link in found:
        name = str(link.base["field"])
        here = words.here(name, link.base["here"], people)
        shown.append((link, conflicts.item_of(link), here, words.there(name, link.base["there"], accounts)))
    return shown


@blueprint.post("/<int:connection_id>/preview")
def ask_for_preview(connection_id: int) -> ResponseReturnValue:
    """Have the clock work out what a sync would do."""
    connection = managed(connection_id)
    core.note(connection, {"wants_preview": True})
    core.sync_soon(connection)
    return back(connection_id, _("The preview is worked out within a minute."))


@blueprint.post("/<int:connection_id>/start")
def start(connection_id: int) -> ResponseReturnValue:
    """Begin, or go on after a pause."""
    connection = managed(connection_id)
    try:
        beginning.begin(connection)
    except Invalid as refused:
        return back(connection_id, str(refused), wrong=True)
    return back(connection_id, _("It begins within a minute."))


@blueprint.post("/<int:connection_id>/pause")
def pause(connection_id: int) -> ResponseReturnValue:
    """Stop carrying anything; all that is known stays."""
    connection = managed(connection_id)
    beginning.stop(connection)
    return back(connection_id, _("Paused. Nothing is carried until you go on."))


@blueprint.post("/<int:connection_id>/conflicts/<int:number>")
def choose(connection_id: int, number: int) -> ResponseReturnValue:
    """Have one side win, or take a conflict off the list."""
    connection = managed(connection_id)
    link = found_link(connection, CONFLICT, number)
    winner = request.form.get("winner", "")
    if winner in (Rule.JIRA, Rule.PROGRAM):
        conflicts.choose(connection, link, Rule(winner))
        return back(connection_id, _("It is carried out within a minute."))
    conflicts.seen(connection, [number])
    return back(connection_id, _("Taken off the list."))


@blueprint.post("/<int:connection_id>/items/<int:item_id>/again")
def again(connection_id: int, item_id: int) -> ResponseReturnValue:
    """Look at an item again, or create an issue anew for one whose issue is gone."""
    connection = managed(connection_id)
    link = found_link(connection, ITEM, item_id)
    if link.base.get(WANTED) and "anew" not in request.form:
        core.keep_link(connection, replace(link, state=LinkState.WAITING, error=""))
    elif link.external_id is None or link.base.get("gone"):
        core.forget_link(connection, ITEM, object_id=item_id)
    else:
        core.keep_link(connection, _due(link))
    core.sync_soon(connection)
    return back(connection_id, _("It is looked at again within a minute."))


@blueprint.post("/<int:connection_id>/people/<int:person_id>")
def match(connection_id: int, person_id: int) -> ResponseReturnValue:
    """Say by hand whose account somebody has; empty has it looked for by e-mail again."""
    connection = managed(connection_id)
    if person_id not in {person.id for person in core.doers(connection)}:
        raise NotFound(_("There is no such person in the program."))
    said = request.form.get("account", "").strip()[:150]
    if not said:
        core.forget_link(connection, PERSON, object_id=person_id)
        return back(connection_id, _("Kept."))
    account, name = said, said
    if (seen := side.kept(connection)) is not None and len(seen.people) < side.PEOPLE:
        # All of them are known: whom issues cannot be given to is no answer.
        found = seen.account_of(said)
        if found is None:
            reason = _("In this project issues can be given to nobody called “%(name)s”, or to several.", name=said)
            return back(connection_id, reason, wrong=True)
        account, name = found, dict(seen.people)[found]
    other = core.find_link(connection, PERSON, external_id=account)
    if other is not None and other.object_id != person_id:
        return back(connection_id, _("This account belongs to somebody else already."), wrong=True)
    core.keep_link(connection, Link(PERSON, person_id, external_id=account, external_key=name, state=LinkState.DONE))
    return back(connection_id, _("Kept."))


def _due(link: Link) -> Link:
    return replace(link, synced_revision=0, state=LinkState.DONE, error="", remote_version="")
