"""Pages of training: the sessions and the coverage, one session, planning and changing it, another time, cancelling.

Seats, answers and attendance are in `training_seats.py`, on the same blueprint.
"""

from __future__ import annotations

from datetime import time
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.change import go_lives, plan_warnings, training_coverage, training_lists, training_seats, training_sessions
from program.change.forms.choices import channel_choices
from program.change.forms.training import SessionForm, WhenForm, WordsForm
from program.change.group_choice import find_groups, group_names
from program.change.models import TrainingSession
from program.change.models.training import Audience
from program.change.people_here import find_person, names_of, suggestions
from program.change.plan_words import AUDIENCE_WORDS, SEAT_WORDS, SESSION_WORDS
from program.change.views.tabs import change_tabs
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.ground.now import utc_now, zone
from program.ground.pages import Pagination, page_number
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.forms.fields import choice, number_or_none
from program.planning.item_words import CHANNEL_WORDS
from program.planning.opening import OpenProgram, open_program
from program.planning.spreadsheets_out import MEDIA_TYPES, SEPARATORS, csv_file, xlsx_file
from program.planning.views.items import seen_revision

blueprint = Blueprint("training", __name__)
AT = "/p/<key>/change/training"
WORDS = ("title", "audience", "channel", "place", "capacity", "note")
GROUPS_SHOWN, COVERAGE_PAGE = 8, 60


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """The sessions ahead, or those gone by, and the groups furthest from their target."""
    program = open_program(key)
    now = utc_now()
    past, channel = request.args.get("show") == "past", request.args.get("channel", "")
    rows, pagination = training_lists.sessions(
        program.id, now, past=past, channel=channel if channel in CHANNEL_WORDS else "", page=page_number()
    )
    groups = training_coverage.coverage(program.id)
    return render_template(
        "change/training/index.html",
        program=program,
        tabs=change_tabs(program),
        rows=rows,
        pagination=pagination,
        counted=training_lists.counts(program.id, now),
        short=[group for group in groups if group.missing][:GROUPS_SHOWN],
        total=training_coverage.total(groups),
        past=past,
        channel=channel,
        channels=[("", _("All")), *CHANNEL_WORDS.items()],
        now=now,
        **_words(),
    )


@blueprint.get(f"{AT}/coverage")
def coverage(key: str) -> ResponseReturnValue:
    """Every group against its target."""
    program = open_program(key)
    groups = training_coverage.coverage(program.id)
    page = page_number()
    return render_template(
        "change/training/coverage.html",
        program=program,
        tabs=change_tabs(program),
        rows=groups[(page - 1) * COVERAGE_PAGE : page * COVERAGE_PAGE],
        pagination=Pagination(page, COVERAGE_PAGE, len(groups)),
        total=training_coverage.total(groups),
    )


@blueprint.get(f"{AT}/export.<any(csv, xlsx):kind>")
def export(key: str, kind: str) -> ResponseReturnValue:
    """Every session as a file, or with `what=coverage` every group."""
    program = open_program(key)
    if request.args.get("what") == "coverage":
        headings, rows = training_lists.coverage_cells(training_coverage.coverage(program.id))
        word = _("training coverage")
    else:
        words = {name: str(text) for name, text in SESSION_WORDS.items()}
        headings, rows = training_lists.session_cells(program.id, program.timezone, words)
        word = _("training sessions")
    if kind == "csv":
        file = csv_file(headings, rows, SEPARATORS.get(formats.current_locale(), ","))
    else:
        file = xlsx_file(word, headings, [40, *[16] * (len(headings) - 1)], rows)
    return send_file(file, mimetype=MEDIA_TYPES[kind], as_attachment=True, download_name=f"{program.key}-{word}.{kind}")


@blueprint.route(f"{AT}/new", methods=["GET", "POST"])
def new(key: str) -> ResponseReturnValue:
    """Plan a session."""
    program = open_program(key, Access.CONTRIBUTOR)
    form = SessionForm()
    _offer(form, program)
    if request.method == "POST":
        if form.validate():
            try:
                starts_at, ends_at = _span(form, program)
                values, groups = _values(form, program)
                session = training_sessions.add_session(current_actor(), program.id, values, groups, starts_at, ends_at)
            except Invalid as error:
                take_errors(form, error.fields, error.sentence)
            else:
                flash(_("The session is planned. Say next who is invited."))
                _warn(session, program)
                return to_session(program, session.id)
        return _form_page(program, form, None), 422
    form.audience.data, form.begins.data = Audience.AGENTS.value, "09:00"
    form.go_live_id.data = request.args.get("go_live", "")
    return _form_page(program, form, None)


@blueprint.get(f"{AT}/<int:session_id>")
def show(key: str, session_id: int) -> ResponseReturnValue:
    """One session: when and where, for whom, who is invited and what they answered."""
    program = open_program(key)
    session = training_sessions.find_session(current_actor(), program.id, session_id)
    row, page = training_lists.one_session(session.id), page_number()
    seated = row.invited + row.accepted + row.waiting + row.declined + row.attended + row.missed
    groups = training_lists.groups_of(session.id)
    return render_template(
        "change/training/show.html",
        program=program,
        session=row,
        groups=groups,
        shown=GROUPS_SHOWN,
        seats=training_lists.seats_of(session.id, page=page),
        pagination=Pagination(page, training_lists.SEATS_A_PAGE, seated),
        invitable=training_seats.invitable(session) if row.starts_at > utc_now() else None,
        now=utc_now(),
        seat_words=SEAT_WORDS,
        channel_words=CHANNEL_WORDS,
        **_words(),
    )


@blueprint.route(f"{AT}/<int:session_id>/edit", methods=["GET", "POST"])
def edit(key: str, session_id: int) -> ResponseReturnValue:
    """Change what a session is about, where it is, for whom, how many seats it has."""
    program, session = opened(key, session_id)
    form = WordsForm()
    _offer(form, program)
    if request.method == "POST":
        if form.validate():
            try:
                values, groups = _values(form, program, session)
                training_sessions.change_session(current_actor(), session, values, groups, seen=seen_revision() or 0)
            except Invalid as error:
                take_errors(form, error.fields, error.sentence)
            else:
                flash(_("The session is saved."))
                return to_session(program, session_id)
        return _form_page(program, form, session), 422
    for name in WORDS:
        form[name].data = getattr(session, name)
    form.go_live_id.data = str(session.go_live_id or "")
    form.trainer.data = names_of([session.trainer_id]).get(session.trainer_id, "") if session.trainer_id else ""
    form.groups.data = "; ".join(group.name for group in training_lists.groups_of(session.id))
    return _form_page(program, form, session)


@blueprint.route(f"{AT}/<int:session_id>/move", methods=["GET", "POST"])
def move(key: str, session_id: int) -> ResponseReturnValue:
    """Give a session another time; those who count on it are told."""
    program, session = opened(key, session_id)
    form = WhenForm()
    people = len(training_seats.people_of(session.id, *training_sessions.CONCERNED))
    if request.method == "POST":
        if form.validate():
            try:
                starts_at, ends_at = _span(form, program)
                told = training_sessions.move_session(
                    current_actor(), session, starts_at, ends_at, seen=seen_revision() or 0
                )
            except Invalid as error:
                take_errors(form, error.fields, error.sentence)
            else:
                moved = _("The session is on %(when)s now.", when=formats.moment(starts_at))
                _warn(session, program)
                flash(moved + " " + ngettext("%(num)s person is told.", "%(num)s people are told.", told))
                return to_session(program, session_id)
        return render_template(
            "change/training/move.html", program=program, session=session, form=form, people=people
        ), 422
    start = session.starts_at.astimezone(zone(program.timezone))
    form.day.data, form.begins.data = start.date(), f"{start:%H:%M}"
    form.minutes.data = int((session.ends_at - session.starts_at).total_seconds() // 60)
    return render_template("change/training/move.html", program=program, session=session, form=form, people=people)


@blueprint.post(f"{AT}/<int:session_id>/cancel")
def cancel(key: str, session_id: int) -> ResponseReturnValue:
    """Cancel a session, after a question; those who count on it are told."""
    program, session = opened(key, session_id)
    if "confirmed" not in request.form:
        people = len(training_seats.people_of(session.id, *training_sessions.CONCERNED))
        return render_template("change/training/cancel.html", program=program, session=session, people=people)
    present: Any = session.revision
    seen = seen_revision()
    told = training_sessions.cancel_session(current_actor(), session, seen=present if seen is None else seen)
    text = _("The session is cancelled.")
    flash(text + " " + ngettext("%(num)s person is told.", "%(num)s people are told.", told))
    return to_session(program, session_id)


def opened(key: str, session_id: int) -> tuple[OpenProgram, TrainingSession]:
    """The program and one of its sessions, for those who may change it."""
    program = open_program(key, Access.CONTRIBUTOR)
    return program, training_sessions.find_session(current_actor(), program.id, session_id)


def to_session(program: OpenProgram, session_id: int) -> ResponseReturnValue:
    """On to the page of the session."""
    return redirect(url_for("training.show", key=program.key, session_id=session_id), 303)


def _warn(session: TrainingSession, program: OpenProgram) -> None:
    if warning := plan_warnings.of_session(session, program.timezone):
        flash(warning, "error")


def _words() -> dict[str, Any]:
    return {"audience_words": AUDIENCE_WORDS, "session_words": SESSION_WORDS}


def _offer(form: Any, program: OpenProgram) -> None:
    form.audience.choices = [choice(key, word) for key, word in AUDIENCE_WORDS.items()]
    form.channel.choices = channel_choices()
    form.go_live_id.choices = [choice("", "—")] + [
        choice(row.id, row.name) for row in go_lives.go_lives_of(program.id, formats.today())
    ]


def _span(form: Any, program: OpenProgram) -> Any:
    begins = form.begins.clock or time()
    return training_sessions.span(form.day.data, begins, form.minutes.data or 0, program.timezone)


def _values(
    form: Any, program: OpenProgram, session: TrainingSession | None = None
) -> tuple[dict[str, Any], list[int]]:
    """What was typed, with people and groups looked up. Raises Invalid for names that nobody has."""
    found: dict[str, Any] = {name: form[name].data for name in WORDS}
    raw = form.go_live_id.data or ""
    known = {str(value) for value, *_rest in form.go_live_id.choices}
    found["go_live_id"] = number_or_none(raw) if raw in known else 0
    typed = (form.trainer.data or "").strip()
    kept = session.trainer_id if session is not None else None
    # Whoever left since stays the trainer until somebody types another one.
    still = kept is not None and typed == names_of([kept]).get(kept)
    found["trainer_id"] = kept if still else find_person(program.id, typed, "trainer")
    return found, find_groups(program.id, form.groups.data or "", "groups")


def _form_page(program: OpenProgram, form: Any, session: TrainingSession | None) -> str:
    return render_template(
        "change/training/form.html",
        program=program,
        form=form,
        session=session,
        people=suggestions(program.id),
        groups=group_names(program.id),
    )
