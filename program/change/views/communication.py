"""Pages of the communication plan: the list with what is late first, one message, the plan as a file and from one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.change import communication_sheets, communications, go_lives
from program.change.forms.communications import CommunicationForm
from program.change.group_choice import find_group, group_names
from program.change.models import Communication
from program.change.models.plan import Medium
from program.change.people_here import find_person, names_of, suggestions
from program.change.plan_words import MEDIUM_WORDS
from program.change.views.tabs import change_tabs
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.ground.pages import page_number, safe_next
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.forms.fields import choice, number_or_none
from program.planning.opening import OpenProgram, open_program
from program.planning.spreadsheets_out import MEDIA_TYPES, SEPARATORS, csv_file, xlsx_file
from program.planning.views.items import offer_undo, seen_revision

blueprint = Blueprint("communication", __name__)
AT = "/p/<key>/change/communication"
# Reasons named on one page; the rest is counted.
MOST_TOLD = 200


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """The plan: late ones first, then what is ahead, then what was said."""
    program = open_program(key)
    today = formats.today()
    state = request.args.get("state", "")
    counted = communications.counts(program.id, today)
    page = page_number()
    return render_template(
        "change/communication/index.html",
        program=program,
        tabs=change_tabs(program),
        rows=communications.lines(program.id, today, state=state, page=page),
        pagination=communications.pages(counted, state, page),
        counted=counted,
        state=state,
        states=[
            ("", _("All")),
            ("late", _("Late")),
            ("ahead", _("Still to say")),
            ("done", _("Said")),
        ],
        media=MEDIUM_WORDS,
        today=today,
        go_lives=go_lives.go_lives_of(program.id, today) if not counted.total else [],
    )


@blueprint.route(f"{AT}/new", methods=["GET", "POST"])
def new(key: str) -> ResponseReturnValue:
    """Plan a message."""
    program = open_program(key, Access.CONTRIBUTOR)
    form = _form(program)
    if request.method == "POST":
        if form.validate():
            try:
                communications.add(current_actor(), program.id, _values(program, form), batch=None)
            except Invalid as error:
                take_errors(form, error.fields, error.sentence)
            else:
                flash(_("The message is planned."))
                return _to_list(program)
        return _form_page(program, form, None), 422
    form.medium.data = Medium.MEETING.value
    form.go_live_id.data = request.args.get("go_live", "")
    return _form_page(program, form, None)


@blueprint.route(f"{AT}/<int:communication_id>", methods=["GET", "POST"])
def edit(key: str, communication_id: int) -> ResponseReturnValue:
    """Change a message."""
    program = open_program(key, Access.CONTRIBUTOR)
    line = communications.find(current_actor(), program.id, communication_id)
    form = _form(program)
    if request.method == "POST":
        if form.validate():
            try:
                seen = seen_revision() or 0
                batch = communications.change(current_actor(), line, _values(program, form, line), seen=seen)
            except Invalid as error:
                take_errors(form, error.fields, error.sentence)
            else:
                offer_undo(program, _("The message is saved."), batch)
                return _to_list(program)
        return _form_page(program, form, line), 422
    _fill(form, line)
    return _form_page(program, form, line)


@blueprint.post(f"{AT}/<int:communication_id>/done")
def done(key: str, communication_id: int) -> ResponseReturnValue:
    """Mark a message as said today, with a way back."""
    program = open_program(key, Access.CONTRIBUTOR)
    line = communications.find(current_actor(), program.id, communication_id)
    if line.done_on is None:
        batch = communications.change(current_actor(), line, {"done_on": formats.today()}, seen=_seen(line))
        offer_undo(program, _("“%(message)s” is done.", message=line.message), batch)
    return redirect(safe_next(url_for(".index", key=program.key)), 303)


@blueprint.post(f"{AT}/<int:communication_id>/remove")
def remove(key: str, communication_id: int) -> ResponseReturnValue:
    """Take a message out of the plan; one click takes that back."""
    program = open_program(key, Access.CONTRIBUTOR)
    line = communications.find(current_actor(), program.id, communication_id)
    batch = communications.remove(current_actor(), line, seen=_seen(line))
    offer_undo(program, _("The message is removed from the plan."), batch)
    return _to_list(program)


@blueprint.get(f"{AT}/export.<any(csv, xlsx):kind>")
def export(key: str, kind: str) -> ResponseReturnValue:
    """The whole plan as a file."""
    program = open_program(key)
    headings, rows = communication_sheets.headings(), communication_sheets.rows_out(program.id)
    if kind == "csv":
        file = csv_file(headings, rows, SEPARATORS.get(formats.current_locale(), ","))
    else:
        file = xlsx_file(_("Communication plan"), headings, communication_sheets.WIDTHS, rows)
    subject = _("communication")
    name = f"{program.key}-{subject}.{kind}"
    return send_file(file, mimetype=MEDIA_TYPES[kind], as_attachment=True, download_name=name)


@blueprint.route(f"{AT}/import", methods=["GET", "POST"], endpoint="import")
def take_over(key: str) -> ResponseReturnValue:
    """Take messages over from a spreadsheet: all rows, or none with the reasons."""
    program = open_program(key, Access.CONTRIBUTOR)
    if request.method == "GET":
        return _import_page(program)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _import_page(program, _("Choose a file first.")), 422
    try:
        batch, plan = communication_sheets.import_plan(current_actor(), program.id, file.read())
    except Invalid as error:
        return _import_page(program, str(error), error.rows), 422
    text = ngettext("%(num)s message is taken over.", "%(num)s messages are taken over.", len(plan.rows))
    if plan.known:
        text += " " + _("Left out, as they stand in the plan: %(known)s.", known=plan.known)
    offer_undo(program, text, batch)
    return _to_list(program)


def _seen(line: Communication) -> int:
    """The revision that the posted form began from; the present one where it says nothing."""
    seen = seen_revision()
    present: Any = line.revision
    return int(present) if seen is None else seen


def _to_list(program: OpenProgram) -> ResponseReturnValue:
    return redirect(url_for(".index", key=program.key), 303)


def _form(program: OpenProgram) -> CommunicationForm:
    form = CommunicationForm()
    form.medium.choices = [choice(key, word) for key, word in MEDIUM_WORDS.items()]
    form.go_live_id.choices = [choice("", "—")] + [
        choice(row.id, row.name) for row in go_lives.go_lives_of(program.id, formats.today())
    ]
    return form


def _fill(form: CommunicationForm, line: Communication) -> None:
    for name in ("message", "planned_on", "medium", "audience", "detail", "done_on"):
        form[name].data = getattr(line, name)
    form.go_live_id.data = str(line.go_live_id or "")
    form.sender.data = names_of([line.sender_id]).get(line.sender_id, "") if line.sender_id else ""
    form.group.data = communications.group_name(line.group_id)


def _values(program: OpenProgram, form: CommunicationForm, line: Communication | None = None) -> dict[str, Any]:
    """What was typed, with people and groups looked up. Raises Invalid for names that nobody has."""
    found: dict[str, Any] = {
        name: form[name].data for name in ("message", "planned_on", "medium", "audience", "detail", "done_on")
    }
    raw = form.go_live_id.data or ""
    known = {str(value) for value, *_rest in form.go_live_id.choices or ()}
    found["go_live_id"] = number_or_none(raw) if raw in known else 0
    typed = form.sender.data or ""
    kept = line.sender_id if line is not None else None
    if kept is not None and typed.strip() == names_of([kept]).get(kept):
        # Whoever left since stays the sender until somebody types another one.
        found["sender_id"] = kept
    else:
        found["sender_id"] = find_person(program.id, typed, "sender")
    found["group_id"] = find_group(program.id, form.group.data or "", "group")
    return found


def _form_page(program: OpenProgram, form: CommunicationForm, line: Communication | None) -> str:
    return render_template(
        "change/communication/form.html",
        program=program,
        form=form,
        line=line,
        people=suggestions(program.id),
        groups=group_names(program.id),
    )


def _import_page(program: OpenProgram, problem: str = "", rows: Any = ()) -> str:
    return render_template(
        "change/communication/import.html",
        program=program,
        problem=problem,
        rows=rows[:MOST_TOLD],
        more=max(0, len(rows) - MOST_TOLD),
        headings=communication_sheets.headings(),
        most=formats.number(communication_sheets.MAX_ROWS),
    )
