"""Pages of a program as a whole: starting one with a preview of its dates, its settings, and what happened in it."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from program.ground import formats
from program.ground.actor import Access
from program.ground.calendar import WorkingCalendar
from program.ground.errors import Invalid
from program.ground.now import today_in, zone
from program.ground.pages import Pagination, page_number
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning import activity, as_playbook, playbook_shelf, programs
from program.planning.activity import ActivityFilter
from program.planning.forms.programs import (
    AsPlaybookForm,
    NewProgramForm,
    SettingsForm,
    country_of_zone,
    next_monday,
)
from program.planning.history_text import HistoryLine
from program.planning.opening import OpenProgram, open_program
from program.planning.programs import Checked

blueprint = Blueprint("programs", __name__)
SETTINGS = ("name", "purpose", "timezone", "locale", "country")


@blueprint.route("/programs/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """A new program: the form, then the preview of its dates, then the program itself."""
    form = NewProgramForm()
    form.offer(playbook_shelf.shelf(), weeks_in_words)
    if request.method == "GET":
        _fill_in(form)
        return render_template("planning/programs/new.html", form=form)
    step = request.form.get("step", "preview")
    if step == "edit":
        return render_template("planning/programs/new.html", form=form)
    if not form.validate():
        return render_template("planning/programs/new.html", form=form), 422
    if not (form.key.data or "").strip():
        form.key.data = programs.suggest_key(form.name.data)
    try:
        if step == "create":
            program = programs.create_program(current_actor(), form.new_program())
            flash(_("The program is there. Everything in it can still be changed."))
            return redirect(url_for("phases.index", key=program.key), 303)
        checked = programs.check(current_actor(), form.new_program())
    except Invalid as error:
        take_errors(form, error.fields, error.sentence)
        return render_template("planning/programs/new.html", form=form), 422
    return _preview(form, checked)


@blueprint.route("/p/<key>/settings", methods=["GET", "POST"])
def settings(key: str) -> ResponseReturnValue:
    """What the program is called and lives by."""
    program = open_program(key, Access.MANAGER)
    form = SettingsForm(obj=program)
    if request.method == "POST":
        if form.validate():
            row = programs.get_program(current_actor(), program.id)
            try:
                values = {name: form[name].data for name in SETTINGS}
                programs.change_program(current_actor(), row, values, seen=form.revision.data)
            except Invalid as error:
                take_errors(form, error.fields, error.sentence)
            else:
                flash(_("The settings are saved."))
                return redirect(url_for("programs.settings", key=program.key), 303)
        return render_template("planning/programs/settings.html", form=form, program=program), 422
    return render_template("planning/programs/settings.html", form=form, program=program)


@blueprint.route("/p/<key>/settings/close", methods=["GET", "POST"])
def close(key: str) -> ResponseReturnValue:
    """Close the program, after a question."""
    program = open_program(key, Access.MANAGER)
    if request.method == "GET" or request.form.get("confirmed") != "1":
        return render_template("planning/programs/close.html", program=program)
    row = programs.get_program(current_actor(), program.id)
    programs.close_program(current_actor(), row, seen=_seen(program))
    flash(_("The program is closed. You can open it again here."))
    return redirect(url_for("programs.settings", key=program.key), 303)


@blueprint.post("/p/<key>/settings/reopen")
def reopen(key: str) -> ResponseReturnValue:
    """Open a closed program again."""
    program = open_program(key, Access.MANAGER)
    row = programs.get_program(current_actor(), program.id)
    programs.reopen_program(current_actor(), row, seen=_seen(program))
    flash(_("The program is open again."))
    return redirect(url_for("programs.settings", key=program.key), 303)


@blueprint.route("/p/<key>/settings/playbook", methods=["GET", "POST"])
def save_as_playbook(key: str) -> ResponseReturnValue:
    """Keep the program's plan as a playbook for the next programs."""
    program = open_program(key, Access.MANAGER)
    form = AsPlaybookForm()
    problems: list[str] = []
    if request.method == "GET":
        form.name.data = program.name
        form.key.data = program.key.lower()
        form.summary.data = program.purpose
        return render_template("planning/programs/save_as_playbook.html", form=form, program=program, problems=problems)
    if form.validate():
        row = programs.get_program(current_actor(), program.id)
        try:
            saved = as_playbook.save_as_playbook(
                current_actor(), row, form.key.data or "", form.name.data or "", form.summary.data or ""
            )
        except Invalid as error:
            problems = playbook_shelf.told(error.rows)
            take_errors(form, error.fields, "" if problems else error.sentence)
        else:
            flash(_("The playbook is kept. New programs can be made from it."))
            return redirect(url_for("playbooks.show", playbook_key=saved.playbook.key), 303)
    page = render_template("planning/programs/save_as_playbook.html", form=form, program=program, problems=problems)
    return page, 422


@blueprint.get("/p/<key>/activity", endpoint="activity")
def show_activity(key: str) -> ResponseReturnValue:
    """Everything that happened in the program, newest first."""
    program = open_program(key)
    wanted = _wanted_activity()
    pagination = Pagination(page_number(), activity.PAGE_SIZE, activity.count(program.id, wanted, program.timezone))
    return render_template(
        "planning/programs/activity.html",
        program=program,
        wanted=wanted,
        pagination=pagination,
        days=_by_day(activity.page(program.id, wanted, program.timezone, pagination.page), program.timezone),
        people=activity.people(program.id),
        kinds=activity.KIND_WORDS,
    )


def weeks_in_words(weeks: int) -> str:
    """A number of working weeks."""
    return ngettext("%(num)s week", "%(num)s weeks", weeks)


def _fill_in(form: NewProgramForm) -> None:
    form.starts_on.data = next_monday(today_in(current_user.timezone))
    form.timezone.data = current_user.timezone
    form.locale.data = current_user.locale
    form.country.data = country_of_zone(current_user.timezone)
    wished = request.args.get("playbook", "")
    offered = [choice.value for choice in form.playbook.choices or []]
    form.playbook.data = wished if wished and wished in offered else offered[0]


def _preview(form: NewProgramForm, checked: Checked) -> str:
    planned = checked.planned
    why_moved = ""
    if planned.was_moved:
        calendar = WorkingCalendar(checked.values["country"])
        holiday = calendar.holiday(planned.asked_start, formats.current_locale())
        why_moved = (
            _(
                "%(day)s is a public holiday (%(holiday)s), so the program starts on %(start)s.",
                day=formats.day(planned.asked_start),
                holiday=holiday,
                start=formats.day(planned.starts_on),
            )
            if holiday
            else _(
                "%(day)s is not a working day, so the program starts on %(start)s.",
                day=formats.day(planned.asked_start),
                start=formats.day(planned.starts_on),
            )
        )
    return render_template(
        "planning/programs/preview.html", form=form, values=checked.values, planned=planned, why_moved=why_moved
    )


def _seen(program: OpenProgram) -> int:
    raw = request.form.get("revision", "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 9 else program.revision


def _wanted_activity() -> ActivityFilter:
    raw_person, raw_day, kind = (request.args.get(name, "") for name in ("person", "day", "kind"))
    try:
        day = date.fromisoformat(raw_day) if raw_day else None
    except ValueError:
        # Addresses get cut in e-mails: an unreadable day asks nothing.
        day = None
    is_id = raw_person.isascii() and raw_person.isdigit() and len(raw_person) <= 9
    return ActivityFilter(
        person_id=int(raw_person) if is_id else None, kind=kind if kind in activity.KINDS else "", day=day
    )


def _by_day(lines: list[HistoryLine], timezone: str) -> list[tuple[date, list[list[HistoryLine]]]]:
    """The lines by day; what was done in one act (a batch) stands together, so that a moved plan is one entry."""
    days: list[tuple[date, list[list[HistoryLine]]]] = []
    for line in lines:
        day = line.at.astimezone(zone(timezone)).date()
        if not days or days[-1][0] != day:
            days.append((day, []))
        acts = days[-1][1]
        if acts and line.batch and acts[-1][0].batch == line.batch:
            acts[-1].append(line)
        else:
            acts.append([line])
    return days
