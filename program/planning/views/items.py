"""Pages of one item: reading it (as a page, or in the panel beside a list), adding, editing, changing its status.

What hangs on an item (comments, evidence, dependencies) is changed in `item_parts.py`, on the same blueprint's page.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.extensions import db
from program.ground import audit, database, formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid
from program.ground.pages import safe_next, wants_fragment
from program.people.forms import take_errors
from program.people.models import Person
from program.people.session import current_actor
from program.planning import undo as undoing
from program.planning.forms.items import (
    FIELDS,
    ItemForm,
    empty_draft,
    fingerprints,
    shown,
    suggested_tags,
    touched,
)
from program.planning.history_text import history_of
from program.planning.history_words import ORIGIN_WORDS
from program.planning.insets import Asked, Place, insets_at
from program.planning.item_page import ItemPage, item_page, overdue
from program.planning.item_words import (
    CHANNEL_WORDS,
    KIND_WORDS,
    PRIORITY_NAMES,
    STATUS_WORDS,
    role_words,
    role_words_of,
)
from program.planning.items import (
    CHANGEABLE,
    CHANGED_MEANWHILE,
    ItemDraft,
    add_item,
    change_item,
    copy_item,
    find_item,
    set_tags,
    tags_of,
)
from program.planning.models import WorkItem
from program.planning.models.items import Kind, Status
from program.planning.opening import OpenProgram, open_program

blueprint = Blueprint("items", __name__)
ONE_CLICK = (Status.TODO, Status.DOING, Status.DONE)
WITH_REASON = (Status.BLOCKED, Status.DROPPED)


@blueprint.get("/p/<key>/items/<int:number>")
def show(key: str, number: int) -> ResponseReturnValue:
    """One item: a whole page, or the panel beside a list."""
    return draw(open_program(key), number)


def draw(program: OpenProgram, number: int, status: int = 200, **more: Any) -> Response:
    """The item as a page or a panel. `more` brings what a refused form needs: `problems`, `typed`, `candidates`."""
    access = g.access
    writes = access >= Access.CONTRIBUTOR
    actor = current_actor()
    reader_id = actor.person_id
    page = item_page(program.id, number, reader_id, writes=writes, all_history=request.args.get("history") == "all")
    template = "planning/items/panel.html" if wants_fragment() else "planning/items/show.html"
    context = {
        "program": program,
        "page": page,
        "item": page.item,
        "writes": writes,
        "is_manager": access >= Access.MANAGER,
        "reader_id": reader_id,
        "headline": _headline(page),
        "is_late": overdue(page.item.status, page.item.due_on, formats.today()),
        "one_click": ONE_CLICK,
        "with_reason": WITH_REASON,
        "may_drop": access >= Access.MANAGER or not (page.item.required or page.item.kind == Kind.CONDITION),
        "words": _words(page),
        "close_url": list_url(program),
        "phase_url": url_for("phases.show", key=program.key, phase_id=page.item.phase_id)
        if page.item.phase_id
        else None,
        "gate_url": url_for("gates.show", key=program.key, gate_id=page.item.gate_id) if page.item.gate_id else None,
        "problems": {},
        "typed": {},
        "candidates": [],
        "row_url": None,
        "insets": insets_at(
            Place.ITEM,
            Asked(
                actor,
                {program.id: program.key},
                formats.today(),
                access=access,
                item_id=page.item.id,
                phase_id=page.item.phase_id,
            ),
        ),
        **more,
    }
    return make_response(render_template(template, **context), status)


def _words(page: ItemPage) -> dict[str, Any]:
    return {
        "status": STATUS_WORDS,
        "web": str(ORIGIN_WORDS["web"]),
        "kind": KIND_WORDS.get(page.item.kind, ""),
        "channel": CHANNEL_WORDS.get(page.item.channel, ""),
        "priority": PRIORITY_NAMES.get(page.item.priority, "normal"),
        "role": _role(page),
    }


def _role(page: ItemPage) -> str:
    """The role's name; a program's own roles are looked up only where the catalogue does not know the key."""
    key = page.item.role
    return role_words().get(key) or role_words_of(g.program.id).get(key, key) if key else ""


def _headline(page: ItemPage) -> str:
    """The sentence that says how the item stands."""
    item, waits = page.item, page.ends.open_waits
    if item.status in WITH_REASON:
        word = STATUS_WORDS[item.status]
        return _("%(status)s: %(reason)s", status=word, reason=item.status_reason)
    if item.status == Status.DONE:
        return _("Done on %(day)s.", day=formats.moment(item.done_at))
    due = _due_sentence(item.due_on) if item.due_on else _("It has no due date yet.")
    if not waits:
        return due
    if len(waits) == 1:
        waiting = _("It waits for “%(title)s”.", title=waits[0].title)
    else:
        waiting = _("It waits for “%(title)s” and %(count)s more.", title=waits[0].title, count=len(waits) - 1)
    return f"{due} {waiting}"


def _due_sentence(due_on: date) -> str:
    when = formats.relative_day(due_on)
    if due_on < formats.today():
        return _("It was due %(when)s.", when=when)
    return _("It is due %(when)s.", when=when)


@blueprint.post("/p/<key>/items/<int:number>/status")
def set_status(key: str, number: int) -> ResponseReturnValue:
    """Change the status. Takes `status`, `revision` (the one the page showed), `status_reason` and `next`.

    Blocking and dropping without a reason asks for it on the item's page.
    """
    program = open_program(key, Access.CONTRIBUTOR)
    actor = current_actor()
    status, reason = request.form.get("status", ""), request.form.get("status_reason", "")
    item = find_item(actor, program.id, number, Access.CONTRIBUTOR, lock=True)
    values = {"status": status, "status_reason": reason} if status in WITH_REASON else {"status": status}
    batch = audit.new_batch()
    try:
        changes = change_item(actor, item, values, seen=seen_revision(), batch=batch)
    except Invalid as error:
        return _refused(program, number, 422, error.fields, {"status": status, "status_reason": reason})
    except Conflict as error:
        problem = {"status": _("%(problem)s This is how it stands now.", problem=error.sentence)}
        return _refused(program, number, 409, problem, {"status": status, "status_reason": reason})
    if changes:
        text = _("“%(title)s”: %(status)s.", title=item.title, status=str(STATUS_WORDS[item.status]).lower())
        offer_undo(program, text, batch)
    return answer(program, number)


def _refused(
    program: OpenProgram, number: int, status: int, problems: dict[str, Any], typed: dict[str, str]
) -> ResponseReturnValue:
    start_reading()
    return draw(program, number, status, problems=problems, typed=typed)


@blueprint.route("/p/<key>/items/new", methods=["GET", "POST"])
def new(key: str) -> ResponseReturnValue:
    """Add an item; `?phase=` and `?due=` choose beforehand."""
    program = open_program(key, Access.CONTRIBUTOR)
    form = ItemForm(data=empty_draft() | _asked_for())
    form.offer(program.id, is_manager=g.access >= Access.MANAGER, kind=Kind.TASK)
    if request.method == "POST":
        if form.validate():
            try:
                item = add_item(current_actor(), program.id, _draft(form))
            except Invalid as error:
                take_errors(form, error.fields, error.sentence)
            else:
                flash(_("Added: %(title)s", title=item.title))
                if request.form.get("again"):
                    return redirect(url_for("items.new", key=program.key, phase=item.phase_id), 303)
                return redirect(safe_next(url_for("items.show", key=program.key, number=item.number)), 303)
        start_reading()
    page = render_template(
        "planning/items/new.html",
        program=program,
        form=form,
        tags=suggested_tags(program.id),
        back=safe_next(""),
        list_url=list_url(program),
    )
    return page, 422 if form.errors else 200


def _asked_for() -> dict[str, Any]:
    phase = request.args.get("phase", "")
    return {"phase_id": int(phase)} if phase.isdecimal() and len(phase) <= 9 else {}


def _draft(form: ItemForm) -> ItemDraft:
    values = form.values()
    values["tags"] = tuple(values["tags"])
    return ItemDraft(**values)


@blueprint.route("/p/<key>/items/<int:number>/edit", methods=["GET", "POST"])
def edit(key: str, number: int) -> ResponseReturnValue:
    """Change everything of an item. Who was second sees both versions, field by field, and chooses."""
    program = open_program(key, Access.CONTRIBUTOR)
    actor = current_actor()
    item = find_item(actor, program.id, number, Access.CONTRIBUTOR, lock=request.method == "POST")
    now = _values_of(item)
    form = ItemForm(data={**now, "tags": ", ".join(now["tags"]), "revision": item.revision, "base": fingerprints(now)})
    owner = None
    if item.owner_id is not None:
        owner = (item.owner_id, db.session.scalar(db.select(Person.name).where(Person.id == item.owner_id)) or "")
    form.offer(program.id, is_manager=g.access >= Access.MANAGER, kind=item.kind, owner=owner)
    if request.method == "POST" and form.validate():
        if form.revision.data != item.revision:
            return _both_versions(program, item, form, now)
        kept = {name for name in FIELDS if request.form.get(f"keep-{name}") == "theirs"}
        values = {name: value for name, value in form.values().items() if name not in kept}
        try:
            return _save(program, item, values, form.revision.data)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
    if form.errors:
        start_reading()
    page = render_template(
        "planning/items/edit.html",
        program=program,
        item=item,
        form=form,
        tags=suggested_tags(program.id),
        back=safe_next(url_for("items.show", key=program.key, number=number)),
    )
    return page, 422 if form.errors else 200


def _values_of(item: WorkItem) -> dict[str, Any]:
    """The item's columns as the form has them."""
    values = {name: getattr(item, name) for name in FIELDS if name in CHANGEABLE}
    return {**values, "tags": tags_of([item.id]).get(item.id, [])}


def _save(program: OpenProgram, item: WorkItem, values: dict[str, Any], seen: int | None) -> ResponseReturnValue:
    actor, batch = current_actor(), audit.new_batch()
    tags = values.pop("tags", None)
    if values.get("phase_id", item.phase_id) != item.phase_id:
        # Without the block of a phase that is left behind the rule clears it by itself.
        values.setdefault("block_id", item.block_id)
    changed = bool(change_item(actor, item, values, seen=seen or 0, batch=batch))
    if tags is not None:
        changed = set_tags(actor, item, tags, batch=batch) or changed
    if changed:
        offer_undo(program, _("Saved: %(title)s", title=item.title), batch)
    else:
        flash(_("Nothing was changed."))
    return redirect(safe_next(url_for("items.show", key=program.key, number=item.number)), 303)


def _both_versions(program: OpenProgram, item: WorkItem, form: ItemForm, now: dict[str, Any]) -> ResponseReturnValue:
    """The page for the second of two editors: their own values beside those that stand now, nothing lost."""
    mine = form.values()
    by_me = touched(form.base.data or "", mine)
    differences = [
        {
            "name": name,
            "label": form[name].label.text,
            "mine": shown(form, name, mine[name]),
            "theirs": shown(form, name, now[name]),
            "choose": "mine" if name in by_me else "theirs",
            "is_long": name == "description",
        }
        for name in FIELDS
        if name in form and (mine[name] or None) != (now[name] or None)
    ]
    if not differences:
        flash(_("Somebody saved the same in the meantime; there is nothing left to change."))
        return redirect(url_for("items.show", key=program.key, number=item.number), 303)
    page = render_template(
        "planning/items/conflict.html",
        program=program,
        item=item,
        form=form,
        sentence=CHANGED_MEANWHILE,
        last_change=next(iter(history_of("item", item.id, 1)), None),
        differences=differences,
        typed=[(name, value) for name, value in request.form.items(multi=True) if name in FIELDS],
        revision=item.revision,
        base=fingerprints(now),
        back=safe_next(url_for("items.show", key=program.key, number=item.number)),
    )
    return page, 409


@blueprint.post("/p/<key>/items/<int:number>/duplicate")
def duplicate(key: str, number: int) -> ResponseReturnValue:
    """Add an item like this one and open it for editing."""
    program = open_program(key, Access.CONTRIBUTOR)
    actor = current_actor()
    copy = copy_item(actor, find_item(actor, program.id, number, Access.CONTRIBUTOR))
    flash(_("This is the copy. Give it a title and dates of its own."))
    return redirect(url_for("items.edit", key=program.key, number=copy.number), 303)


@blueprint.post("/p/<key>/undo/<batch>")
def undo(key: str, batch: str) -> ResponseReturnValue:
    """Take back one act; the message offers to take that back in turn."""
    program = open_program(key, Access.CONTRIBUTOR)
    new_batch = undoing.undo(current_actor(), program.id, batch)
    offer_undo(program, _("Taken back."), new_batch)
    return redirect(safe_next(_came_from() or list_url(program)), 303)


def list_url(program: OpenProgram) -> str:
    """The list that items stand in."""
    return url_for("checklist.show", key=program.key)


def _came_from() -> str:
    """The page of ours that the request came from; '' for another one."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host or not parts.path.startswith("/") or parts.path.startswith("//"):
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def seen_revision() -> int | None:
    """The revision that the posted form began from. Our own forms all send it; None where somebody else's does not.

    An unreadable one is -1, which no present state can match.
    """
    raw = request.form.get("revision")
    if raw is None:
        return None
    return int(raw) if raw.isdecimal() and len(raw) <= 9 else -1


def offer_undo(program: OpenProgram, text: str, batch: str) -> None:
    """Say what happened, with a button that takes it back."""
    flash({"text": text, "action": url_for("items.undo", key=program.key, batch=batch)}, "undo")  # type: ignore[arg-type]


def answer(program: OpenProgram, number: int, anchor: str | None = None) -> ResponseReturnValue:
    """After a change: for htmx the panel anew, which also renews the row beside it; else back to where it was asked."""
    if wants_fragment():
        return draw(program, number, row_url=_row_beside(program, number))
    return redirect(safe_next(url_for("items.show", key=program.key, number=number, _anchor=anchor)), 303)


def _row_beside(program: OpenProgram, number: int) -> str | None:
    """Where the item's row of the checklist comes from, when that is the page the panel stands on."""
    here = urlsplit(request.headers.get("HX-Current-URL", ""))
    if here.path != list_url(program):
        return None
    next_ = here.path + (f"?{here.query}" if here.query else "")
    return url_for("checklist.row", key=program.key, number=number, next=next_)


def start_reading() -> None:
    """Throw away what a refused change left half-done, and read from here on."""
    db.session.rollback()
    database.begin_reading()
