"""Pages of status reports: the list, one report in either language, editing, sending, and when it is drafted."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid
from program.people.forms import take_errors
from program.people.session import LOCALES, current_actor
from program.planning.history_words import VALUE_WORDS
from program.planning.opening import OpenProgram, open_program
from program.steering import reports
from program.steering.forms.reports import TextForm, TimesForm
from program.steering.models import StatusReport
from program.steering.reports import find_report, languages, reports_of
from program.steering.seats import plan_of
from program.steering.views.tabs import matter_tabs

blueprint = Blueprint("status_reports", __name__)
AT = "/p/<key>/reports"
ONE = f"{AT}/<week>"


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """All reports, the newest first."""
    program = open_program(key)
    rows = reports_of(current_actor(), program.id)
    return render_template(
        "steering/reports/index.html",
        program=program,
        tabs=matter_tabs(program),
        rows=rows,
        plan=plan_of(program.id),
        manages=g.access >= Access.MANAGER,
    )


@blueprint.post(AT)
def draft(key: str) -> ResponseReturnValue:
    """Draft this week's report now; or go to the one that is there."""
    program = open_program(key, Access.MANAGER)
    report = reports.draft_now(current_actor(), program.id)
    return redirect(url_for(".show", key=program.key, week=report.week.isoformat()), 303)


@blueprint.route(f"{AT}/times", methods=["GET", "POST"])
def times(key: str) -> ResponseReturnValue:
    """Say when the report is drafted."""
    program = open_program(key, Access.MANAGER)
    form = TimesForm()
    form.offer()
    if request.method == "GET":
        form.begin(plan_of(program.id))
    elif form.validate():
        seen = -1 if form.revision.data is None else form.revision.data
        try:
            plan = reports.set_times(current_actor(), program.id, *form.values(), seen=seen)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            if plan.report_at is None:
                flash(_("Saved. No report is drafted by itself."))
            else:
                flash(_("Saved. The next draft is made on %(when)s.", when=formats.moment(plan.report_at)))
            return redirect(url_for(".index", key=program.key), 303)
    page = render_template("steering/reports/times.html", program=program, form=form)
    return page, 422 if form.errors else 200


@blueprint.get(ONE)
def show(key: str, week: str) -> ResponseReturnValue:
    """One report; `in` chooses the language, the reader's own at first."""
    program = open_program(key)
    report = find_report(current_actor(), program.id, _week(week))
    return render_template(
        "steering/reports/show.html",
        program=program,
        report=report,
        manages=g.access >= Access.MANAGER and report.sent_at is None,
        **_language(program, report, formats.current_locale()),
    )


@blueprint.route(f"{ONE}/edit", methods=["GET", "POST"])
def edit(key: str, week: str) -> ResponseReturnValue:
    """Put it into one's own words, one language at a time; a second editor keeps theirs and sees the first one's."""
    program = open_program(key, Access.MANAGER)
    report = find_report(current_actor(), program.id, _week(week), Access.MANAGER)
    if report.sent_at is not None:
        raise Conflict(reports.SENT)
    shown = _language(program, report, program.locale)
    form, theirs, status = TextForm(), "", 200
    if request.method == "GET":
        form.text.data, form.revision.data = report.texts[shown["language"]], _revision(report)
    elif form.validate():
        seen = -1 if form.revision.data is None else form.revision.data
        try:
            reports.save_text(current_actor(), report, shown["language"], form.text.data or "", seen=seen)
        except Conflict as error:
            take_errors(form, {"text": error.sentence}, error.sentence)
            theirs, status = report.texts[shown["language"]], 409
            form.revision.data = _revision(report)
            form.revision.raw_data = None
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The report is saved."))
            return redirect(url_for(".show", key=program.key, week=week, **{"in": shown["language"]}), 303)
    page = render_template(
        "steering/reports/edit.html", program=program, report=report, form=form, theirs=theirs, **shown
    )
    return page, status if status != 200 else 422 if form.errors else 200


@blueprint.post(f"{ONE}/refresh")
def refresh(key: str, week: str) -> ResponseReturnValue:
    """Read the facts anew; what people wrote stays."""
    program = open_program(key, Access.MANAGER)
    report = find_report(current_actor(), program.id, _week(week), Access.MANAGER, lock=True)
    reports.refresh(current_actor(), report, seen=_seen())
    flash(_("The facts are as of now. What you wrote is still there."))
    return redirect(url_for(".show", key=program.key, week=week), 303)


@blueprint.post(f"{ONE}/send")
def send(key: str, week: str) -> ResponseReturnValue:
    """Send it to the committee; asks once."""
    program = open_program(key, Access.MANAGER)
    report = find_report(current_actor(), program.id, _week(week), Access.MANAGER, lock=True)
    if not request.form.get("confirmed"):
        return render_template("steering/reports/send.html", program=program, report=report)
    try:
        count = reports.send(current_actor(), report, seen=_seen())
    except Invalid as error:
        flash(str(error.sentence), "error")
    else:
        flash(ngettext("The report goes to %(num)s person.", "The report goes to %(num)s people.", count))
    return redirect(url_for(".show", key=program.key, week=week), 303)


def _language(program: OpenProgram, report: StatusReport, otherwise: str) -> dict[str, Any]:
    chosen = request.args.get("in", otherwise)
    chosen = chosen if chosen in LOCALES else program.locale
    return {"language": chosen, "languages": languages(program.locale), "language_names": VALUE_WORDS["locale"]}


def _week(told: str) -> date:
    try:
        return date.fromisoformat(told) if len(told) == 10 else abort(404)
    except ValueError:
        abort(404)


def _seen() -> int:
    raw = request.form.get("revision", "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 9 else -1


def _revision(report: Any) -> int:
    return int(report.revision)
