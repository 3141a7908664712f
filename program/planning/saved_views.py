"""Saved views of the checklist: a filter under a name, one's own or shared with the program.

A view is the list's address after the question mark. It is read anew each time it is opened, so 'mine' and 'this week'
mean whoever reads it and when.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, func, or_, select, update
from werkzeug.datastructures import MultiDict

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Forbidden, Invalid, NotFound
from program.people import access
from program.planning.item_filters import read_filter
from program.planning.models import SavedView

MAX_NAME, MAX_VIEWS, MAX_QUERY = 80, 30, 4000
_CHANGED = _l("Somebody changed this view while you had it open.")
_VIEW = SavedView.__table__.c
# Built once: it runs with every page of the checklist.
_OFFERED = (
    select(_VIEW.id, _VIEW.name, _VIEW.query, _VIEW.is_shared, _VIEW.is_first, _VIEW.person_id, _VIEW.revision)
    .where(
        _VIEW.program_id == bindparam("program_id"),
        or_(_VIEW.person_id == bindparam("person_id"), _VIEW.is_shared),
    )
    .order_by(_VIEW.is_shared, func.lower(_VIEW.name), _VIEW.id)
)


def list_views(actor: Actor, program_id: int) -> Sequence[Any]:
    """The reader's own views and the shared ones, by name; one statement."""
    access.require(actor, program_id, Access.VIEWER)
    return db.session.execute(_OFFERED, {"program_id": program_id, "person_id": actor.person_id}).all()


def first_view(actor: Actor, views: Sequence[Any]) -> str | None:
    """The address of the view among these that the reader wants to see first; None for the whole list."""
    mine = (view.query for view in views if view.is_first and view.person_id == actor.person_id)
    return next(mine, None) or None


def save_view(
    actor: Actor, program_id: int, name: str, query: str, *, shared: bool = False, first: bool = False
) -> SavedView:
    """Keep a filter under a name. A reader saves for themselves; sharing takes a manager. Raises Invalid."""
    access.require(actor, program_id, Access.MANAGER if shared else Access.VIEWER)
    if actor.person_id is None:
        raise Invalid(_l("A view belongs to a person."))
    views = [view for view in list_views(actor, program_id) if view.person_id == actor.person_id]
    if len(views) >= MAX_VIEWS:
        raise Invalid(fields={"name": _l("You have %(most)s views already. Remove one first.", most=MAX_VIEWS)})
    # Written as the list itself would: what makes no sense is not kept.
    query = read_filter(MultiDict(parse_qsl(query, keep_blank_values=True)))[0].query()
    if len(query) > MAX_QUERY:
        raise Invalid(fields={"name": _l("This view has too many filters to be kept.")})
    view = SavedView(
        program_id=program_id,
        person_id=actor.person_id,
        name=_name(name, [view.name for view in views]),
        query=query,
        is_shared=shared,
        is_first=False,
    )
    db.session.add(view)
    db.session.flush()
    if first:
        _put_first(actor, view)
    values = {"name": view.name, "query": view.query, "is_shared": shared}
    _record(actor, "view.created", view, audit.created(values))
    return view


def change_view(
    actor: Actor, program_id: int, view_id: int, *, seen: int, name: str, shared: bool, first: bool
) -> None:
    """Rename a view of one's own, share it (managers), or put it first. Raises Conflict, Invalid and Forbidden."""
    view = _own(actor, program_id, view_id)
    audit.check_revision(view, seen, _CHANGED, "view")
    if shared != view.is_shared:
        access.require(actor, program_id, Access.MANAGER)
    others = [each.name for each in list_views(actor, program_id) if each.person_id == actor.person_id]
    if name.strip() != view.name:
        name = _name(name, others)
    changes = audit.change(view, {"name": name.strip(), "is_shared": shared})
    if first != view.is_first:
        if first:
            _put_first(actor, view)
        else:
            view.is_first = False
        changes["is_first"] = [not first, first]
    if changes:
        db.session.flush()
        _record(actor, "view.changed", view, changes)


def remove_view(actor: Actor, program_id: int, view_id: int) -> str:
    """Remove a view of one's own, or as a manager a shared one; returns its name. The items stay as they are."""
    view = _own(actor, program_id, view_id)
    values = {"name": view.name, "query": view.query, "is_shared": view.is_shared}
    db.session.delete(view)
    db.session.flush()
    _record(actor, "view.removed", view, audit.removed(values))
    return view.name


def _own(actor: Actor, program_id: int, view_id: int) -> SavedView:
    """A view that the actor may change: their own, or a shared one for a manager."""
    reach = access.access_of(actor, program_id)
    access.require(actor, program_id, Access.VIEWER)
    view = db.session.get(SavedView, view_id)
    if view is None or view.program_id != program_id:
        raise NotFound(access.NOT_HERE)
    if view.person_id == actor.person_id:
        return view
    if not view.is_shared:
        raise NotFound(access.NOT_HERE)
    if reach != Access.MANAGER:
        raise Forbidden(_l("A shared view is changed by whoever made it, or by a manager of the program."))
    return view


def _put_first(actor: Actor, view: SavedView) -> None:
    if view.person_id != actor.person_id:
        raise Forbidden(_l("Only your own view can open first for you. Save a copy of it."))
    db.session.execute(
        update(SavedView)
        .where(
            SavedView.program_id == view.program_id,
            SavedView.person_id == view.person_id,
            SavedView.is_first,
            SavedView.id != view.id,
        )
        .values(is_first=False, revision=SavedView.revision + 1)
        .execution_options(synchronize_session="fetch")
    )
    view.is_first = True
    db.session.flush()


def _name(raw: str, taken: Sequence[str]) -> str:
    name = " ".join("".join(letter for letter in raw if letter.isprintable()).split())
    if not name:
        raise Invalid(fields={"name": _l("Give the view a name.")})
    if len(name) > MAX_NAME:
        raise Invalid(fields={"name": _l("Up to %(most)s letters.", most=MAX_NAME)})
    if name.casefold() in (each.casefold() for each in taken):
        raise Invalid(fields={"name": _l("You have a view of that name already.")})
    return name


def _record(actor: Actor, verb: str, view: SavedView, changes: audit.Changes) -> None:
    audit.record(actor, verb, object_id=view.id, name=view.name, program_id=view.program_id, changes=changes)
