"""The page 'My work': everything the reader owns, who waits for them, where they were named."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from program.ground import audit, formats
from program.ground.actor import Access
from program.ground.errors import Conflict, NotFound
from program.ground.pages import Pagination, page_number, safe_next
from program.people.access import NOT_HERE
from program.people.session import current_actor
from program.planning import comments
from program.planning.insets import Asked, Place, insets_at
from program.planning.item_words import PRIORITY_NAMES, STATUS_WORDS
from program.planning.items import change_item, find_item
from program.planning.models.items import Status
from program.planning.my_work import GROUP_WORDS, PAGE_SIZE, my_work
from program.planning.opening import find_program
from program.planning.views.items import start_reading

blueprint = Blueprint("my_work", __name__)
# What one click can do here; a reason is asked for on the item's page.
MOVES = (Status.DOING, Status.DONE, Status.TODO)


@blueprint.get("/my-work")
def show() -> ResponseReturnValue:
    """What I own, across programs."""
    today = formats.today()
    work = my_work(current_user.id, today, page_number())
    return render_template(
        "planning/my_work/show.html",
        work=work,
        headline=work.headline(today),
        group_words=GROUP_WORDS,
        status_words=STATUS_WORDS,
        priority_names=PRIORITY_NAMES,
        today=today,
        pagination=Pagination(page_number(), PAGE_SIZE, work.total),
        here=request.full_path if request.query_string else request.path,
        contributor=Access.CONTRIBUTOR,
        insets=insets_at(Place.MY_WORK, Asked(current_actor(), {}, today)),
    )


@blueprint.post("/my-work/move")
def move() -> ResponseReturnValue:
    """Change the status of one item. `move` is 'status KEY number revision', so that one form serves all rows."""
    status, key, number, revision = _read(request.form.get("move", ""))
    actor = current_actor()
    program = find_program(actor, key, Access.CONTRIBUTOR)
    item = find_item(actor, program.id, number, Access.CONTRIBUTOR, lock=True)
    batch = audit.new_batch()
    try:
        changes = change_item(actor, item, {"status": status}, seen=revision, batch=batch)
    except Conflict as error:
        start_reading()
        flash(_("%(problem)s This is how it stands now.", problem=error.sentence), "error")
        return redirect(safe_next(url_for("my_work.show")), 303)
    if changes:
        text = _("“%(title)s”: %(status)s.", title=item.title, status=str(STATUS_WORDS[item.status]).lower())
        undo_url = url_for("items.undo", key=program.key, batch=batch)
        flash({"text": text, "action": undo_url}, "undo")  # type: ignore[arg-type]
    return redirect(safe_next(url_for("my_work.show")), 303)


def _read(raw: str) -> tuple[str, str, int, int]:
    parts = raw.split(" ")
    if len(parts) != 4 or parts[0] not in MOVES or not all(part.isdecimal() and len(part) <= 9 for part in parts[2:]):
        raise NotFound(NOT_HERE)
    return parts[0], parts[1], int(parts[2]), int(parts[3])


@blueprint.post("/my-work/seen")
def seen() -> ResponseReturnValue:
    """I have seen where I was named: everywhere, or (`open`, 'KEY number comment') there, and lead me to it."""
    target = request.form.get("open", "")
    if not target:
        comments.mark_seen(current_actor())
        return redirect(url_for("my_work.show"), 303)
    parts = target.split(" ")
    if len(parts) != 3 or not all(part.isdecimal() and len(part) <= 9 for part in parts[1:]):
        raise NotFound(NOT_HERE)
    actor = current_actor()
    program = find_program(actor, parts[0])
    item = find_item(actor, program.id, int(parts[1]))
    comments.mark_seen(actor, item_id=item.id)
    anchor = f"comment-{parts[2]}"
    return redirect(url_for("items.show", key=program.key, number=item.number, _anchor=anchor), 303)
