"""Pages of the pulse for the team and its managers: results, shape, questions, and what was done about it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid, NotFound
from program.people.access import NOT_HERE
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.marks import kind_words, marks_of
from program.planning.opening import OpenProgram, open_program
from program.planning.spreadsheets_out import MEDIA_TYPES, SEPARATORS, csv_file, xlsx_file
from program.pulse import comment_themes, questions, replies, result_sheets, surveys
from program.pulse.advice import Advice, advice_for
from program.pulse.bank import THEME_WORDS, Theme
from program.pulse.before_and_after import of_replies
from program.pulse.forms.pulse import KIND_WORDS, WEEKDAYS, QuestionForm, ReplyForm, SurveyForm
from program.pulse.models import Survey, SurveyState
from program.pulse.results import Results, ThemeLine, open_round, read_results
from program.pulse.telling import promise

blueprint = Blueprint("pulse", __name__)
AT = "/p/<key>/pulse"


@blueprint.get(AT)
@blueprint.get(f"{AT}/rounds/<int:number>")
def show(key: str, number: int | None = None) -> ResponseReturnValue:
    """What the last round said, or that one."""
    program = open_program(key)
    survey = surveys.find_survey(program.id)
    if survey is None:
        if number is not None:
            raise NotFound(NOT_HERE)
        return render_template("pulse/pulse/nothing.html", program=program, is_manager=g.access >= Access.MANAGER)
    results = read_results(current_actor(), survey, number, formats.current_locale())
    if results is None and number is not None:
        raise NotFound(NOT_HERE)
    opened = open_round(program.id)
    told = replies.replies_of(program.id)
    days = [one.meant_for for one in results.rounds] if results else []
    return render_template(
        "pulse/pulse/show.html",
        program=program,
        survey=survey,
        results=results,
        headline=_headline(survey, results),
        opened=opened,
        theme_words=THEME_WORDS,
        comment_counts={one: comment_themes.counts(said) for one, said in results.comments.items()} if results else {},
        advice=_advice(survey, results),
        promise=promise(survey.scores_from, survey.comments_from),
        replies=told,
        before_and_after=of_replies(told, results.themes, program.timezone) if results else {},
        # What happened meanwhile, on the trends' axis of time: only what did happen.
        marks=[mark for mark in marks_of(program.id, days[0], days[-1]) if not mark.is_planned]
        if len(days) > 1
        else [],
        mark_words=kind_words(),
        is_manager=g.access >= Access.MANAGER,
        is_last=number is None,
        weekday=WEEKDAYS[surveys.cadence_of(survey).weekday],
    )


@blueprint.get(f"{AT}/rounds/<int:number>.<any(csv, xlsx):kind>")
def export(key: str, number: int, kind: str) -> ResponseReturnValue:
    """A round's results as a file, for whoever may read them on the page."""
    program = open_program(key)
    survey = surveys.get_survey(current_actor(), program.id, Access.VIEWER)
    results = read_results(current_actor(), survey, number, formats.current_locale())
    if results is None:
        raise NotFound(NOT_HERE)
    rows, head = result_sheets.rows_of(results), result_sheets.headings()
    if kind == "csv":
        file = csv_file(head, rows, SEPARATORS.get(formats.current_locale(), ","))
    else:
        file = xlsx_file(_("Pulse"), head, result_sheets.WIDTHS, rows)
    name = f"{program.key}-pulse-{results.round.meant_for.isoformat()}.{kind}"
    return send_file(file, mimetype=MEDIA_TYPES[kind], as_attachment=True, download_name=name)


@blueprint.route(f"{AT}/rounds/<int:number>/comments", methods=["GET", "POST"])
def sort_comments(key: str, number: int) -> ResponseReturnValue:
    """Say what each comment of a round is about; what somebody sorted meanwhile is shown beside one's own choice."""
    program, survey = _opened(key)
    was, problem, status = _starting("was-"), "", 200
    # What was left as it stood is no choice: somebody else may have chosen there meanwhile.
    chosen = {comment: theme for comment, theme in _starting("theme-").items() if theme != was.get(comment)}
    if request.method == "POST":
        try:
            moved = comment_themes.sort_comments(current_actor(), survey, number, chosen, was)
        except Invalid as error:
            problem, status = str(error.sentence), 422
        except Conflict as error:
            problem, status = str(error.sentence), 409
        else:
            said = ngettext("%(num)s comment has another theme now.", "%(num)s comments have another theme now.", moved)
            flash(said if moved else _("Nothing has changed."))
            return redirect(url_for("pulse.show", key=program.key, number=number), 303)
    page = render_template(
        "pulse/pulse/comments.html",
        program=program,
        number=number,
        comments=comment_themes.told_in(current_actor(), survey, number),
        texts={one.id: questions.text_of(one, formats.current_locale()) for one in questions.questions_of(survey)},
        themes=comment_themes.THEMES,
        theme_words=THEME_WORDS,
        chosen=chosen,
        problem=problem,
    )
    return page, status


@blueprint.route(f"{AT}/settings", methods=["GET", "POST"])
def settings(key: str) -> ResponseReturnValue:
    """Set up the pulse, or give it another shape."""
    program = open_program(key, Access.MANAGER)
    survey = surveys.find_survey(program.id)
    form = SurveyForm()
    kinds = surveys.choosable(program.id)
    form.offer(kinds)
    if request.method == "GET":
        form.begin(survey)
        return _settings(program, survey, form)
    if form.validate():
        try:
            if survey is None:
                surveys.set_up(current_actor(), program.id, form.draft())
                flash(_("The pulse check is set up. It asks nobody until you start it."))
            else:
                surveys.change_survey(current_actor(), survey, form.draft(), seen=_seen(survey))
                flash(_("The pulse check is saved. A round that is open stays as it was asked."))
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            return redirect(url_for("pulse.show", key=program.key), 303)
    return _settings(program, survey, form), 422


def _settings(program: OpenProgram, survey: Survey | None, form: SurveyForm) -> str:
    return render_template("pulse/pulse/settings.html", program=program, survey=survey, form=form)


@blueprint.post(f"{AT}/start")
def start(key: str) -> ResponseReturnValue:
    """Let rounds come round."""
    program, survey = _opened(key)
    try:
        when = surveys.start(current_actor(), survey, seen=_seen(survey))
    except Invalid as error:
        flash(str(error.sentence), "error")
    else:
        flash(
            _("Started. The first people are asked on %(when)s.", when=formats.moment(when)) if when else _("Started.")
        )
    return redirect(url_for("pulse.show", key=program.key), 303)


@blueprint.post(f"{AT}/pause")
def pause(key: str) -> ResponseReturnValue:
    """Let no new round open."""
    program, survey = _opened(key)
    surveys.pause(current_actor(), survey, seen=_seen(survey))
    flash(_("Paused. A round that is open goes on to its end."))
    return redirect(url_for("pulse.show", key=program.key), 303)


@blueprint.route(f"{AT}/questions", methods=["GET", "POST"])
def question_list(key: str) -> ResponseReturnValue:
    """What the pulse may ask; a question of one's own is added here."""
    program, survey = _opened(key)
    form = QuestionForm()
    if request.method == "POST" and form.validate():
        try:
            questions.add_own(current_actor(), survey, form.question())
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The question is added. It comes first in its theme's turn."))
            return redirect(url_for("pulse.question_list", key=program.key), 303)
    locale = formats.current_locale()
    rows = questions.questions_of(survey)
    page = render_template(
        "pulse/pulse/questions.html",
        program=program,
        form=form,
        rows=[(row, questions.text_of(row, locale)) for row in rows],
        active=sum(row.is_active for row in rows),
        theme_words=THEME_WORDS,
        kind_words=KIND_WORDS,
    )
    return page if request.method == "GET" else (page, 422)


@blueprint.post(f"{AT}/questions/<int:question_id>")
def switch_question(key: str, question_id: int) -> ResponseReturnValue:
    """Let rounds ask a question, or no longer."""
    program = open_program(key, Access.MANAGER)
    question = questions.find_question(current_actor(), program.id, question_id)
    questions.switch(current_actor(), question, request.form.get("active") == "1", seen=_seen(question))
    return redirect(url_for("pulse.question_list", key=program.key, _anchor=f"question-{question.id}"), 303)


@blueprint.route(f"{AT}/replies/new", methods=["GET", "POST"])
def reply(key: str) -> ResponseReturnValue:
    """Write down what people said and what was done about it."""
    program, _survey = _opened(key)
    form = ReplyForm()
    if request.method == "GET":
        form.theme.data = request.args.get("theme", "")
        return render_template("pulse/pulse/reply.html", program=program, form=form)
    if form.validate():
        values = (form.theme.data or "", form.said.data or "", form.did.data or "", form.item.data)
        try:
            replies.add_reply(current_actor(), program.id, *values)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("Kept. The next round tells it to everybody who is asked."))
            return redirect(url_for("pulse.show", key=program.key), 303)
    return render_template("pulse/pulse/reply.html", program=program, form=form), 422


@blueprint.post(f"{AT}/replies/<int:reply_id>/remove")
def remove_reply(key: str, reply_id: int) -> ResponseReturnValue:
    """Take back what nobody was told yet."""
    program = open_program(key, Access.MANAGER)
    try:
        replies.remove_reply(current_actor(), program.id, reply_id)
    except Conflict as error:
        flash(str(error.sentence), "error")
    else:
        flash(_("Taken back: nobody had been told yet."))
    return redirect(url_for("pulse.show", key=program.key), 303)


@blueprint.post(f"{AT}/tasks")
def propose_task(key: str) -> ResponseReturnValue:
    """Make a change task of a theme that fell."""
    program, survey = _opened(key)
    theme = request.form.get("theme", "")
    results = read_results(current_actor(), survey, None, formats.current_locale())
    line = next((line for line in results.themes if line.theme == theme), None) if results else None
    if line is None:
        raise NotFound(NOT_HERE)
    item = replies.propose_task(current_actor(), program.id, theme, _what_was_said(line))
    flash(_("It is a change task now. Give it an owner and a date."))
    return redirect(url_for("items.edit", key=program.key, number=item.number), 303)


def _starting(prefix: str) -> dict[str, str]:
    """The fields of the form whose names begin so, by the rest of their names."""
    return {name.removeprefix(prefix): value for name, value in request.form.items() if name.startswith(prefix)}


def _what_was_said(line: ThemeLine) -> str:
    point = line.points[-1]
    return _(
        "Pulse check of %(day)s: %(theme)s stood at %(mean)s of 5, from %(answered)s answers.",
        day=formats.dated(point.meant_for),
        theme=THEME_WORDS[Theme(line.theme)],
        mean=formats.number(round(point.score.mean, 1)),
        answered=point.score.answered,
    )


def _opened(key: str) -> tuple[OpenProgram, Survey]:
    program = open_program(key, Access.MANAGER)
    return program, surveys.get_survey(current_actor(), program.id)


def _seen(row: Any) -> int:
    raw = request.form.get("revision", "")
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else row.revision


def _headline(survey: Survey, results: Results | None) -> str:
    """What the last round says, in a sentence or two: turnout, what moved, what is lowest."""
    if results is None:
        if survey.state == SurveyState.DRAFT:
            return _("The pulse check is set up and asks nobody yet. Start it when the team knows about it.")
        return _("No round has closed yet: the first results come when it does.")
    one = results.round
    sentences = [
        ngettext("%(num)s of %(asked)s answered.", "%(num)s of %(asked)s answered.", one.answered, asked=one.asked)
    ]
    fell = [line for line in results.themes if line.is_fresh and line.change is not None and line.change < 0]
    rose = [line for line in results.themes if line.is_fresh and line.change is not None and line.change > 0]
    if fell:
        sentences.append(_("It fell: %(themes)s.", themes=_names(fell)))
    if rose:
        sentences.append(_("It rose: %(themes)s.", themes=_names(rose)))
    if not fell and not rose and results.themes:
        lowest = results.themes[0]
        mean = formats.number(round(lowest.points[-1].score.mean, 1))
        sentences.append(
            _(
                "Nothing moved by more than chance; lowest is %(theme)s with %(mean)s of 5.",
                theme=str(THEME_WORDS[Theme(lowest.theme)]).lower(),
                mean=mean,
            )
        )
    return " ".join(sentences)


def _names(lines: list[ThemeLine]) -> str:
    return ", ".join(str(THEME_WORDS[Theme(line.theme)]).lower() for line in lines)


def _advice(survey: Survey, results: Results | None) -> list[str]:
    if results is None:
        return []
    words = {
        Advice.LOW: _(
            "Fewer than half answered, so this speaks for a minority. Say in the team what came of the last rounds, "
            "ask fewer questions, and let leaders give people the half minute."
        ),
        Advice.LESS_OFTEN: _(
            "It has been asked every week for twelve weeks. Every second week is enough from here on."
        ),
    }
    return [words[one] for one in advice_for(results.rounds, surveys.cadence_of(survey).every)]
