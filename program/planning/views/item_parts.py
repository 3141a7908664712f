"""What hangs on an item, changed from its page: what it waits for, evidence, comments, and having seen a mention."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.ground.actor import Access
from program.ground.errors import Invalid, NotFound
from program.people.access import NOT_HERE
from program.people.session import current_actor
from program.planning import comments, dependencies, evidence
from program.planning.items import find_item
from program.planning.models import WorkItem
from program.planning.opening import OpenProgram, open_program
from program.planning.views.items import answer, blueprint, draw, seen_revision, start_reading

MOST_CANDIDATES = 8


def _open(key: str, number: int) -> tuple[OpenProgram, WorkItem]:
    program = open_program(key, Access.CONTRIBUTOR)
    return program, find_item(current_actor(), program.id, number, Access.CONTRIBUTOR)


def _refused(program: OpenProgram, number: int, fields: dict[str, Any], typed: dict[str, str]) -> ResponseReturnValue:
    start_reading()
    return draw(program, number, 422, problems=fields, typed=typed)


@blueprint.post("/p/<key>/items/<int:number>/waits-for")
def add_dependency(key: str, number: int) -> ResponseReturnValue:
    """Let this item wait for another (`direction=waits`) or another for this one (`blocks`).

    `other` is a number or words of a title; when several items fit, the page offers them to choose from.
    """
    program, item = _open(key, number)
    other, direction = request.form.get("other", "")[:300], request.form.get("direction", "waits")
    typed = {"other": other, "direction": direction}
    found = [one for one in dependencies.candidates(program.id, program.key, other) if one.id != item.id]
    if len(found) != 1:
        if not other.strip():
            sentence = _("Say which item: its number, or words from its title.")
        elif not found:
            sentence = _("No other item of this program has that number or those words in its title.")
        else:
            sentence = ngettext("Which one do you mean?", "Several items fit. Which one do you mean?", len(found))
        offers = [{"number": one.number, "title": one.title, "status": one.status} for one in found[:MOST_CANDIDATES]]
        start_reading()
        return draw(program, number, 422, problems={"predecessor": sentence}, typed=typed, candidates=offers)
    successor, predecessor = (found[0], item) if direction == "blocks" else (item, found[0])
    try:
        added = dependencies.add_dependency(current_actor(), program.id, successor, predecessor)
    except Invalid as error:
        return _refused(program, number, error.fields, typed)
    if added:
        flash(_("“%(first)s” now waits for “%(second)s”.", first=successor.title, second=predecessor.title))
    return answer(program, number, "dependencies")


@blueprint.post("/p/<key>/items/<int:number>/waits-for/<int:other>/remove")
def remove_dependency(key: str, number: int, other: int) -> ResponseReturnValue:
    """Let item `number` no longer wait for item `other`; `page` is the number of the one the reader looks at."""
    program, successor = _open(key, number)
    predecessor = find_item(current_actor(), program.id, other, Access.CONTRIBUTOR)
    if dependencies.remove_dependency(current_actor(), program.id, successor, predecessor):
        flash(_("“%(first)s” no longer waits for “%(second)s”.", first=successor.title, second=predecessor.title))
    return answer(program, other if request.form.get("page") == str(other) else number, "dependencies")


@blueprint.post("/p/<key>/items/<int:number>/evidence")
def add_evidence(key: str, number: int) -> ResponseReturnValue:
    """Add a link to where the proof can be seen."""
    program, item = _open(key, number)
    url, label = request.form.get("url", ""), request.form.get("label", "")
    try:
        evidence.add_evidence(current_actor(), item, url, label)
    except Invalid as error:
        return _refused(program, number, error.fields, {"url": url, "label": label})
    flash(_("The evidence is linked."))
    return answer(program, number, "evidence")


@blueprint.post("/p/<key>/items/<int:number>/evidence/<int:link_id>/remove")
def remove_evidence(key: str, number: int, link_id: int) -> ResponseReturnValue:
    """Take a link off the item."""
    program, item = _open(key, number)
    evidence.remove_evidence(current_actor(), item, link_id)
    flash(_("The link is removed. Its address stays in the history."))
    return answer(program, number, "evidence")


@blueprint.post("/p/<key>/items/<int:number>/comments")
def add_comment(key: str, number: int) -> ResponseReturnValue:
    """Say something; `tell` is the id of somebody who shall see it on their page."""
    program, item = _open(key, number)
    body, tell = request.form.get("body", ""), request.form.get("tell", "")
    try:
        comment = comments.add_comment(current_actor(), item, body, tell=_person_id(tell))
    except Invalid as error:
        return _refused(program, number, error.fields, {"body": body, "tell": tell})
    return answer(program, number, f"comment-{comment.id}")


def _person_id(raw: str) -> int | None:
    """The chosen person's id; None for nobody; -1, which is nobody's, for what cannot be an id."""
    if not raw:
        return None
    return int(raw) if raw.isdecimal() and len(raw) <= 9 else -1


@blueprint.route("/p/<key>/items/<int:number>/comments/<int:comment_id>/edit", methods=["GET", "POST"])
def edit_comment(key: str, number: int, comment_id: int) -> ResponseReturnValue:
    """Change one's own comment."""
    program, item = _open(key, number)
    comment = comments.find_comment(item, comment_id)
    if comment.author_id != current_actor().person_id:
        raise NotFound(NOT_HERE)
    body, problems = comment.body, {}
    revision: Any = comment.revision
    if request.method == "POST":
        body, revision = request.form.get("body", ""), seen_revision() or 0
        try:
            comments.edit_comment(current_actor(), item, comment_id, body, seen=revision)
        except Invalid as error:
            problems = error.fields
            start_reading()
        else:
            return answer(program, number, f"comment-{comment_id}")
    page = render_template(
        "planning/items/comment.html",
        program=program,
        item=item,
        body=body,
        revision=revision,
        problems=problems,
    )
    return page, 422 if problems else 200


@blueprint.post("/p/<key>/items/<int:number>/comments/<int:comment_id>/remove")
def remove_comment(key: str, number: int, comment_id: int) -> ResponseReturnValue:
    """Remove a comment; a stub stays. Asks on a page of its own where no script asked before."""
    program, item = _open(key, number)
    if not request.form.get("confirmed"):
        return render_template(
            "planning/items/remove_comment.html",
            program=program,
            item=item,
            comment_id=comment_id,
            revision=seen_revision() or 0,
        )
    comments.remove_comment(current_actor(), item, comment_id, seen=seen_revision() or 0)
    flash(_("The comment is removed."))
    return answer(program, number, "comments")


@blueprint.post("/p/<key>/items/<int:number>/seen")
def mentions_seen(key: str, number: int) -> ResponseReturnValue:
    """The reader has seen where this item's comments name them. Viewers too: it changes nothing but their own page."""
    program = open_program(key)
    item = find_item(current_actor(), program.id, number)
    comments.mark_seen(current_actor(), item_id=item.id)
    return answer(program, number)
