"""The adoption pages: all groups with their four shares, and one group with its readings."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.change import adoption, group_lists, groups
from program.change.adoption_view import GroupAdoption, adoption_of
from program.change.forms.adoption import ReadingForm
from program.change.models import AdoptionReading, ImpactedGroup
from program.change.trained import coached_heads, trained_heads
from program.change.views.tabs import change_tabs
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.ground.folding import fold
from program.ground.pages import Pagination, page_number
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.opening import OpenProgram, open_program

blueprint = Blueprint("adoption", __name__)
_AT = "/p/<key>/change/adoption"
_ONE = f"{_AT}/<int:group_id>"
_READING = f"{_ONE}/readings/<int:reading_id>"
PAGE = 50


@blueprint.get(_AT)
def show(key: str) -> ResponseReturnValue:
    """Every group with its four shares; those short of their target before a go-live first."""
    program = open_program(key)
    today = formats.today()
    rows = group_lists.all_groups(program.id)
    trained = trained_heads(program.id, program.timezone)
    coached = coached_heads(program.id, program.timezone)
    # Readings are looked up for the page only; what decides the order is counted.
    bare = [adoption_of(row, trained[row.id], coached[row.id], {}, today, sees_persons=False) for row in rows]
    bare.sort(key=lambda one: (not one.is_short_before_go_live, one.group.go_live_on or today.max, one.group.name))
    query = "".join(letter for letter in request.args.get("q", "")[:100] if letter.isprintable())
    found = [one for one in bare if fold(query) in fold(one.group.name)] if query.strip() else bare
    pagination = Pagination(page_number(), PAGE, len(found))
    shown = [one.group for one in found[(pagination.page - 1) * PAGE : pagination.page * PAGE]]
    readings = adoption.readings_of([row.id for row in shown])
    sees = g.access >= Access.MANAGER
    return render_template(
        "change/adoption/show.html",
        program=program,
        tabs=change_tabs(program),
        headline=headline(bare),
        rows=[
            adoption_of(row, trained[row.id], coached[row.id], readings[row.id], today, sees_persons=sees)
            for row in shown
        ],
        pagination=pagination,
        query=query,
        has_groups=bool(rows),
        measures=adoption.MEASURE_WORDS,
        stale_days=adoption.STALE_DAYS,
    )


def headline(found: list[GroupAdoption]) -> str:
    """How many groups are short of their target before a go-live, and what is known at all."""
    if not found:
        return _("No group yet, so nobody can have come anywhere.")
    short = [one for one in found if one.is_short_before_go_live]
    size = sum(one.group.size for one in found)
    trained = sum((one.figures["trained"].percent or 0) * one.group.size for one in found) // size if size else 0
    said = _("%(percent)s of all people are trained.", percent=formats.percent(trained / 100))
    if short:
        people = sum(one.missing for one in short)
        missing = ngettext(
            "%(groups)s with a go-live are below their training target by %(num)s person.",
            "%(groups)s with a go-live are below their training target by %(num)s people.",
            people,
            groups=ngettext("%(num)s group", "%(num)s groups", len(short)),
        )
        return f"{said} {missing}"
    reached = _("Every group with a go-live has reached its training target.")
    return f"{said} {reached}"


@blueprint.get(_ONE)
def group(key: str, group_id: int) -> ResponseReturnValue:
    """One group: its figures, every reading, and a form for the next."""
    program = open_program(key)
    found = groups.find_group(current_actor(), program.id, group_id)
    form = ReadingForm(formdata=None)
    form.on_date.data = formats.today()
    return _group_page(program, found, form)


@blueprint.post(_ONE)
def enter(key: str, group_id: int) -> ResponseReturnValue:
    """Enter a reading."""
    program = open_program(key, Access.CONTRIBUTOR)
    found = groups.find_group(current_actor(), program.id, group_id)
    form = ReadingForm()
    if form.validate():
        try:
            adoption.enter(current_actor(), found, _values(form), formats.today())
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The reading is entered."))
            return redirect(url_for(".group", key=program.key, group_id=found.id), 303)
    return _group_page(program, found, form), 422


@blueprint.route(_READING, methods=["GET", "POST"])
def correct(key: str, group_id: int, reading_id: int) -> ResponseReturnValue:
    """Correct a reading."""
    program = open_program(key, Access.CONTRIBUTOR)
    found = groups.find_group(current_actor(), program.id, group_id)
    reading = adoption.find_reading(current_actor(), found, reading_id)
    form = ReadingForm()
    if request.method == "GET":
        for name in adoption.COLUMNS:
            form[name].data = getattr(reading, name)
        form.revision.process_data(reading.revision)
        return _reading_page(program, found, reading, form)
    if form.validate():
        try:
            adoption.correct(
                current_actor(), found, reading, _values(form), formats.today(), seen=form.revision.data or 0
            )
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The reading is corrected."))
            return redirect(url_for(".group", key=program.key, group_id=found.id), 303)
    return _reading_page(program, found, reading, form), 422


@blueprint.post(f"{_READING}/remove")
def remove(key: str, group_id: int, reading_id: int) -> ResponseReturnValue:
    """Remove a reading, after asking."""
    program = open_program(key, Access.CONTRIBUTOR)
    found = groups.find_group(current_actor(), program.id, group_id)
    reading = adoption.find_reading(current_actor(), found, reading_id)
    back = url_for(".group", key=program.key, group_id=found.id)
    if "confirmed" not in request.form:
        return render_template(
            "people/question.html",
            title=_("Remove the reading of %(day)s", day=formats.day(reading.on_date)),
            text=_("The figure goes from every page; the history keeps it."),
            verb=_("Remove the reading"),
            action=request.path,
            back=back,
            fields={"revision": reading.revision},
        )
    raw = request.form.get("revision", "")
    adoption.remove(current_actor(), found, reading, seen=int(raw) if raw.isdigit() and len(raw) < 10 else None)
    flash(_("The reading is removed."))
    return redirect(back, 303)


def _values(form: ReadingForm) -> dict[str, Any]:
    return {name: form[name].data for name in adoption.COLUMNS}


def _group_page(program: OpenProgram, found: ImpactedGroup, form: ReadingForm) -> str:
    today = formats.today()
    row = group_lists.one_group(current_actor(), program.id, found.id)
    assert row is not None  # noqa: S101 - it was found a line ago
    readings = adoption.readings_of([found.id])[found.id]
    trained, coached = (heads(program.id, program.timezone)[found.id] for heads in (trained_heads, coached_heads))
    sees = g.access >= Access.MANAGER
    one = adoption_of(row, trained, coached, readings, today, sees_persons=sees)
    return render_template(
        "change/adoption/group.html",
        program=program,
        tabs=change_tabs(program),
        group=found,
        one=one,
        months=[(day, trained.share(day, row.size)) for day in adoption.month_ends(today, 12)] if trained.added else [],
        readings=sorted(
            (reading for of_measure in readings.values() for reading in of_measure),
            key=lambda reading: (reading.on_date, reading.id),
            reverse=True,
        ),
        measures=adoption.MEASURE_WORDS,
        form=form,
        today=today,
        works=g.access >= Access.CONTRIBUTOR,
    )


def _reading_page(program: OpenProgram, found: ImpactedGroup, reading: AdoptionReading, form: ReadingForm) -> str:
    return render_template("change/adoption/reading.html", program=program, group=found, reading=reading, form=form)
