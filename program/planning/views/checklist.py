"""The checklist: all items of a program by phase, filtered, sorted, and edited where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.formats import current_locale
from program.ground.pages import Pagination, page_number, safe_next, wants_fragment
from program.people.access import NOT_HERE
from program.people.session import current_actor
from program.planning import item_lists, saved_views, spreadsheets_out
from program.planning.forms.inline import RowForm
from program.planning.item_filters import ItemFilter, read_filter
from program.planning.items import change_item, find_item
from program.planning.opening import OpenProgram, open_program
from program.planning.views.list_page import (
    ListPage,
    filter_of_address,
    is_for_row,
    page_of_address,
    place_of,
)
from program.planning.views.list_words import filter_choices

blueprint = Blueprint("checklist", __name__)


@blueprint.get("/p/<key>/checklist")
def show(key: str) -> ResponseReturnValue:
    """A page of the list; with `edit` one of its rows is a form."""
    program = open_program(key)
    views = saved_views.list_views(current_actor(), program.id)
    if not request.args:
        first = saved_views.first_view(current_actor(), views)
        if first is not None:
            return redirect(f"{url_for('.show', key=program.key)}?{first}")
    filter_, garbled = read_filter(request.args)
    number = is_for_row()
    if number is not None and wants_fragment():
        return row_form(program, filter_, page_number(), number)
    page = ListPage.read(program, g.access, filter_, page_number())
    form = None
    if number is not None and page.can_edit:
        row = next((row for row in page.items.rows if row.number == number), None)
        form = None if row is None else form_of(page, row)
    return whole_page(page, garbled=garbled, views=views, editing=number if form else None, form=form)


@blueprint.get("/p/<key>/checklist/<int:number>")
def row(key: str, number: int) -> ResponseReturnValue:
    """One row as it stands, for whoever leaves its form; without htmx, the list."""
    program = open_program(key)
    back = safe_next(url_for(".show", key=program.key))
    if not wants_fragment():
        return redirect(f"{back}#item-{number}")
    return render_row(program, back, number)


@blueprint.post("/p/<key>/checklist/<int:number>")
def save_row(key: str, number: int) -> ResponseReturnValue:
    """Save a row's form: status, owner, due date. What cannot be saved comes back as it was typed."""
    program = open_program(key, Access.CONTRIBUTOR)
    actor = current_actor()
    item = find_item(actor, program.id, number, lock=True)
    back = safe_next(url_for(".show", key=program.key))
    one = ListPage.of_one(program, g.access, filter_of_address(back), number, page_of_address(back))
    form = RowForm()
    form.offer_owners(one.people.team, item.owner_id, one.people.names)
    status, problem = 422, ""
    if form.validate_on_submit():
        try:
            changes = change_item(actor, item, form.values(), seen=form.revision.data)
        except Invalid as error:
            _place_errors(form, error)
        except Conflict as error:
            status, problem = 409, str(error.sentence)
            # Sending the same again means: mine, over the newer state that the page now tells of.
            form.revision.data = form.revision.raw_data = None
            form.revision.process_data(error.current_revision)
        else:
            if changes:
                flash(_("%(key)s-%(number)s is saved.", key=program.key, number=number))
            return render_row(program, back, number) if wants_fragment() else redirect(f"{back}#item-{number}", 303)
    if wants_fragment():
        return _row_form_fragment(one, form, problem), status
    page = ListPage.read(program, g.access, one.filter, one.items.page)
    views = saved_views.list_views(actor, program.id)
    return whole_page(page, views=views, editing=number, form=form, problem=problem, apart=one.items.rows[0]), status


@blueprint.get("/p/<key>/checklist/export.<any(csv, xlsx):kind>")
def export(key: str, kind: str) -> ResponseReturnValue:
    """The list as filtered and sorted, all its pages, as a file; `columns=all` adds what the list does not show."""
    program = open_program(key)
    filter_, _garbled = read_filter(request.args)
    place = place_of(program)
    columns = spreadsheets_out.ALL if request.args.get("columns") == "all" else spreadsheets_out.SHOWN
    write = spreadsheets_out.write_csv if kind == "csv" else spreadsheets_out.write_xlsx
    # Written before anything is sent: what goes wrong is then a page that says so, not half a file.
    file = write(filter_, place, columns, current_locale())
    word = _("checklist")
    return send_file(
        file,
        mimetype=spreadsheets_out.MEDIA_TYPES[kind],
        as_attachment=True,
        download_name=f"{program.key}-{word}-{place.today.isoformat()}.{kind}",
        max_age=0,
    )


def whole_page(
    page: ListPage, *, views: Sequence[Any], editing: int | None = None, form: RowForm | None = None, **more: Any
) -> str:
    """The page of the list."""
    items = page.items
    return render_template(
        "planning/checklist/show.html",
        page=page,
        editing=editing,
        form=form,
        pagination=Pagination(items.page, page.filter.size, items.whole.shown),
        choices=filter_choices(page.phases, page.people.team, item_lists.tags_in_use(page.program.id)),
        views=views,
        **more,
    )


def row_form(program: OpenProgram, filter_: ItemFilter, page_number_: int, number: int) -> ResponseReturnValue:
    """A row as a form, alone."""
    page = ListPage.of_one(program, g.access, filter_, number, page_number_)
    if not page.items.rows or not page.can_edit:
        raise NotFound(NOT_HERE)
    return _row_form_fragment(page, form_of(page, page.items.rows[0]), "")


def render_row(program: OpenProgram, back: str, number: int) -> ResponseReturnValue:
    """A row as it stands, alone."""
    page = ListPage.of_one(program, g.access, filter_of_address(back), number, page_of_address(back))
    if not page.items.rows:
        raise NotFound(NOT_HERE)
    return render_template("planning/checklist/row.html", page=page, row=page.items.rows[0])


def form_of(page: ListPage, row: Any) -> RowForm:
    """The form of a row, filled with what it is now."""
    form = RowForm(
        formdata=None,
        status=row.status,
        status_reason=row.status_reason,
        owner=str(row.owner_id or ""),
        due_on=row.due_on,
        revision=row.revision,
        next=page.url,
    )
    form.offer_owners(page.people.team, row.owner_id, page.people.names)
    return form


def _row_form_fragment(page: ListPage, form: RowForm, problem: str) -> str:
    row = page.items.rows[0]
    return render_template("planning/checklist/row_form.html", page=page, row=row, form=form, problem=problem)


def _place_errors(form: RowForm, error: Invalid) -> None:
    for name, reason in error.fields.items():
        field_name = "owner" if name == "owner_id" else name
        field = form[field_name if field_name in form else "status"]
        field.errors = [*field.errors, str(reason)]
