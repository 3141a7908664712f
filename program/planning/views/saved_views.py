"""Saved views of the checklist: keep the present one, rename, share, put first, remove."""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from program.ground.actor import Access
from program.ground.errors import Invalid
from program.people.session import current_actor
from program.planning import saved_views
from program.planning.forms.saved_views import ViewForm
from program.planning.item_filters import read_filter
from program.planning.opening import OpenProgram, open_program
from program.planning.views.list_page import People, place_of
from program.planning.views.list_words import filter_labels

blueprint = Blueprint("saved_views", __name__)


@blueprint.get("/p/<key>/checklist/views")
def index(key: str) -> ResponseReturnValue:
    """One's views and the shared ones, and a form to keep the list that was on the screen."""
    program = open_program(key)
    query = read_filter(request.args)[0].query()
    return _page(program, ViewForm(formdata=None, query=query))


@blueprint.post("/p/<key>/checklist/views")
def create(key: str) -> ResponseReturnValue:
    """Keep a filter under a name and open it."""
    program = open_program(key)
    form = ViewForm()
    if form.validate_on_submit():
        try:
            view = saved_views.save_view(
                current_actor(),
                program.id,
                form.name.data or "",
                form.query.data or "",
                shared=form.is_shared.data,
                first=form.is_first.data,
            )
        except Invalid as error:
            form.name.errors = [str(error.fields.get("name", error))]
        else:
            flash(_("The view “%(name)s” is saved.", name=view.name))
            return redirect(f"{url_for('checklist.show', key=program.key)}?{view.query or 'view=all'}", 303)
    return _page(program, form), 422


@blueprint.post("/p/<key>/checklist/views/<int:view_id>")
def change(key: str, view_id: int) -> ResponseReturnValue:
    """Rename a view, share it, put it first."""
    program = open_program(key)
    form = ViewForm()
    if not form.validate_on_submit() or form.revision.data is None:
        raise Invalid(_("Open the page of views again."))
    saved_views.change_view(
        current_actor(),
        program.id,
        view_id,
        seen=form.revision.data,
        name=form.name.data or "",
        shared=form.is_shared.data,
        first=form.is_first.data,
    )
    flash(_("The view is saved."))
    return redirect(url_for(".index", key=program.key), 303)


@blueprint.post("/p/<key>/checklist/views/<int:view_id>/remove")
def remove(key: str, view_id: int) -> ResponseReturnValue:
    """Remove a view; what it showed stays."""
    program = open_program(key)
    name = saved_views.remove_view(current_actor(), program.id, view_id)
    flash(_("The view “%(name)s” is removed. Its items are where they were.", name=name))
    return redirect(url_for(".index", key=program.key), 303)


def _page(program: OpenProgram, form: ViewForm) -> str:
    actor = current_actor()
    views = saved_views.list_views(actor, program.id)
    phases, people = dict(place_of(program).phases), People.of(program.id).names

    def labels(query: str) -> list[str]:
        from_query, _garbled = read_filter(MultiDict(parse_qsl(query, keep_blank_values=True)))
        return [label for label, _without in filter_labels(from_query, phases, people)]

    return render_template(
        "planning/saved_views/index.html",
        program=program,
        form=form,
        labels=labels(form.query.data or ""),
        views=[(view, labels(view.query)) for view in views],
        own=actor.person_id,
        can_share=g.access >= Access.MANAGER,
    )
