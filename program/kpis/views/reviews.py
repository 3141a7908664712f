"""Pages of the weekly review: the list, one review, and what people do in it."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.ground.pages import Pagination, page_number
from program.kpis import reviews
from program.kpis.forms.reviews import ActionForm, CloseForm, NoteForm, number_of
from program.kpis.models import Review
from program.kpis.review_facts import so_what
from program.kpis.review_page import ReviewSheet, list_reviews, read_review
from program.kpis.review_plan import find_plan
from program.kpis.standings import kpi_rows
from program.kpis.views.tabs import kpi_tabs
from program.kpis.words import NOTE_WORDS, UNUSUAL_WORDS, aim_in_words, difference, figure
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.decisions import members_of
from program.planning.opening import OpenProgram, open_program

blueprint = Blueprint("kpi_reviews", __name__)
AT = "/p/<key>/kpis/reviews"
ONE = f"{AT}/<int:number>"
PER_PAGE = 26


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """All reviews, the newest first."""
    program = open_program(key)
    page = page_number()
    lines, total = list_reviews(program.id, PER_PAGE, (page - 1) * PER_PAGE)
    return render_template(
        "kpis/reviews/index.html",
        program=program,
        tabs=kpi_tabs(program),
        plan=find_plan(program.id),
        lines=lines,
        pagination=Pagination(page, PER_PAGE, total),
        is_manager=g.access >= Access.MANAGER,
    )


@blueprint.get(ONE)
def show(key: str, number: int) -> ResponseReturnValue:
    """One review: last week's actions first, then what matters, what was said and what was agreed on."""
    program = open_program(key)
    return _page(program, _sheet(program, number), NoteForm(formdata=None))


@blueprint.post(f"{ONE}/notes")
def add_note(key: str, number: int) -> ResponseReturnValue:
    """Write something down."""
    program, review = _open(key, number)
    form = NoteForm()
    if form.validate():
        kind, text, kpi_id = form.values()
        try:
            reviews.add_note(current_actor(), review, kind, text, kpi_id)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            return redirect(_back(program, review, "said"), 303)
    return _page(program, _sheet(program, number), form), 422


@blueprint.route(f"{ONE}/notes/<int:note_id>", methods=["GET", "POST"])
def edit_note(key: str, number: int, note_id: int) -> ResponseReturnValue:
    """Write a note anew."""
    program, review = _open(key, number)
    note = reviews.find_note(current_actor(), review, note_id)
    form = NoteForm()
    form.offer(_kpis(program))
    if request.method == "GET":
        form.begin(note)
    elif form.validate():
        kind, text, kpi_id = form.values()
        try:
            reviews.change_note(current_actor(), review, note, kind, text, kpi_id, seen=_seen())
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The note is saved."))
            return redirect(_back(program, review, "said"), 303)
    page = render_template("kpis/reviews/note.html", program=program, review=review, note=note, form=form)
    return page, 422 if form.errors else 200


@blueprint.post(f"{ONE}/notes/<int:note_id>/remove")
def remove_note(key: str, number: int, note_id: int) -> ResponseReturnValue:
    """Take a note away."""
    program, review = _open(key, number)
    reviews.remove_note(current_actor(), review, reviews.find_note(current_actor(), review, note_id))
    flash(_("The note is taken away."))
    return redirect(_back(program, review, "said"), 303)


@blueprint.route(f"{ONE}/actions/new", methods=["GET", "POST"])
def add_action(key: str, number: int) -> ResponseReturnValue:
    """Agree on an action."""
    program, review = _open(key, number)
    form = ActionForm()
    form.offer(members_of(program.id), _kpis(program))
    if request.method == "POST" and form.validate():
        try:
            item = reviews.add_action(current_actor(), review, form.draft())
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("Agreed: %(title)s", title=item.title))
            return redirect(_back(program, review, "agreed"), 303)
    page = render_template("kpis/reviews/action.html", program=program, review=review, form=form)
    return page, 422 if form.errors else 200


@blueprint.post(f"{ONE}/confidence")
def confidence(key: str, number: int) -> ResponseReturnValue:
    """Keep how sure the meeting is."""
    program, review = _open(key, number)
    levels, seen = _levels("sure"), _levels("was")
    try:
        reviews.set_confidence(current_actor(), review, levels, seen)
    except Invalid as error:
        flash(str(error.sentence), "error")
    else:
        flash(_("It is noted how sure we are."))
    return redirect(_back(program, review, "matters"), 303)


@blueprint.post(f"{ONE}/hold")
def hold(key: str, number: int) -> ResponseReturnValue:
    """The meeting takes place."""
    program, review = _open(key, number)
    reviews.hold(current_actor(), review, seen=_seen())
    flash(_("The review is held. Its figures stay as they are now."))
    return redirect(_back(program, review), 303)


@blueprint.route(f"{ONE}/close", methods=["GET", "POST"])
def close(key: str, number: int) -> ResponseReturnValue:
    """Ask once more, then close and freeze the review."""
    program, review = _open(key, number)
    form = CloseForm()
    if request.method == "GET":
        form.revision.data, form.summary.data = str(review.revision), review.summary
    elif form.validate():
        try:
            reviews.close(current_actor(), review, form.summary.data or "", seen=_seen())
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The review is closed."))
            return redirect(_back(program, review), 303)
    page = render_template("kpis/reviews/close.html", program=program, review=review, form=form)
    return page, 422 if form.errors else 200


def _open(key: str, number: int) -> tuple[OpenProgram, Review]:
    program = open_program(key, Access.CONTRIBUTOR)
    return program, reviews.find_review(current_actor(), program.id, number)


def _sheet(program: OpenProgram, number: int) -> ReviewSheet:
    return read_review(current_actor(), program.id, number, formats.today())


def _page(program: OpenProgram, sheet: ReviewSheet, form: NoteForm) -> str:
    form.offer([(one.kpi_id, f"{one.code}: {one.label}") for one in sheet.facts.rows])
    return render_template(
        "kpis/reviews/show.html",
        program=program,
        sheet=sheet,
        review=sheet.review,
        facts=sheet.facts,
        headline=so_what(sheet.facts),
        form=form,
        note_words=NOTE_WORDS,
        unusual_words=UNUSUAL_WORDS,
        figure=figure,
        difference=difference,
        aim_in_words=aim_in_words,
        today=formats.today(),
        me=current_actor().person_id,
        may_write=g.access >= Access.CONTRIBUTOR and sheet.is_open,
        may_hold=sheet.may_hold and sheet.is_open,
        is_manager=g.access >= Access.MANAGER,
    )


def _kpis(program: OpenProgram) -> list[tuple[int, str]]:
    return [(one.id, f"{one.code}: {one.label}") for one in kpi_rows(program.id).values() if one.is_on_board]


def _levels(name: str) -> dict[int, int | None]:
    found: dict[int, int | None] = {}
    for field, text in request.form.items():
        head, _dash, kpi = field.partition("-")
        if head == name and (kpi_id := number_of(kpi)):
            found[kpi_id] = number_of(text)
    return found


def _seen() -> int:
    return number_of(request.form.get("revision")) or 0


def _back(program: OpenProgram, review: Review, anchor: str | None = None) -> str:
    return url_for(".show", key=program.key, number=review.number, _anchor=anchor)
