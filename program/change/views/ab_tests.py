"""Pages of A/B tests: all of them, one of them, adding, changing and removing one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext

from program.change.ab_tests import AbState, add_test, change_test, find_test, list_tests, remove_test, state_on
from program.change.forms.ab_tests import AbTestForm
from program.change.idea_words import VERDICT_MARKS, VERDICT_WORDS
from program.change.ideas import find_idea
from program.change.models import Idea
from program.change.views.tabs import change_tabs
from program.extensions import db
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.opening import OpenProgram, open_program
from program.planning.views.items import seen_revision, start_reading

blueprint = Blueprint("ab_tests", __name__)
AT = "/p/<key>/change/ideas/tests"
STATE_WORDS: dict[str, Any] = {
    AbState.PLANNED: lazy_pgettext("test", "Planned"),
    AbState.RUNNING: _l("Running"),
    AbState.LATE: _l("Over, without a verdict"),
    AbState.DECIDED: lazy_pgettext("test", "Decided"),
}
STATE_MARKS = {AbState.PLANNED: "next", AbState.RUNNING: "running", AbState.LATE: "late", AbState.DECIDED: "done"}
TWO_WEEKS = timedelta(days=13)


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """All tests."""
    program = open_program(key)
    today = formats.today()
    tests = [(test, state_on(test, today)) for test in list_tests(program.id)]
    return render_template(
        "change/ab_tests/index.html",
        program=program,
        tabs=change_tabs(program),
        tests=tests,
        headline=_headline([state for _test, state in tests]),
        works=g.access >= Access.CONTRIBUTOR,
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {"states": STATE_WORDS, "marks": STATE_MARKS, "verdicts": VERDICT_WORDS, "verdict_marks": VERDICT_MARKS}


def _headline(states: Sequence[AbState]) -> str:
    late, running = states.count(AbState.LATE), states.count(AbState.RUNNING)
    if late:
        return ngettext(
            "%(num)s test is over and waits for a verdict.", "%(num)s tests are over and wait for a verdict.", late
        )
    if running:
        return ngettext("%(num)s test is running.", "%(num)s tests are running.", running)
    return _("No test is running.") if states else ""


@blueprint.get(f"{AT}/<int:test_id>")
def show(key: str, test_id: int) -> ResponseReturnValue:
    """One test."""
    program = open_program(key)
    test = find_test(current_actor(), program.id, test_id)
    idea = db.session.execute(db.select(Idea.number, Idea.title).where(Idea.id == test.idea_id)).first()
    state = state_on(test, formats.today())
    return render_template(
        "change/ab_tests/show.html",
        program=program,
        test=test,
        idea=idea,
        state=state,
        headline=_standing(test, state),
        works=g.access >= Access.CONTRIBUTOR,
        **_words(),
    )


def _standing(test: Any, state: AbState) -> str:
    if state is AbState.DECIDED:
        return _(
            "%(verdict)s: %(b)s against %(a)s.", verdict=VERDICT_WORDS[test.verdict], a=test.result_a, b=test.result_b
        )
    if state is AbState.LATE:
        return _("It ended %(when)s and has no verdict yet.", when=formats.relative_day(test.ends_on))
    if state is AbState.RUNNING:
        return _("It runs until %(day)s.", day=formats.day(test.ends_on))
    return _("It starts on %(day)s.", day=formats.day(test.starts_on))


@blueprint.route(f"{AT}/new", methods=["GET", "POST"])
def new(key: str) -> ResponseReturnValue:
    """Plan a test; `?idea=` says which idea it tries."""
    program = open_program(key, Access.CONTRIBUTOR)
    actor = current_actor()
    asked = request.args.get("idea", "")
    today = formats.today()
    form = AbTestForm(
        data={
            "idea_number": int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 9 else None,
            "starts_on": today,
            "ends_on": today + TWO_WEEKS,
        }
    )
    if request.method == "POST":
        if form.validate():
            try:
                test = add_test(actor, program.id, form.values())
            except Invalid as error:
                take_errors(form, error.fields, error.sentence)
            else:
                flash(_("The test is planned."))
                return redirect(url_for(".show", key=program.key, test_id=test.id), 303)
        start_reading()
    elif form.idea_number.data and not form.hypothesis.data:
        form.hypothesis.data = find_idea(actor, program.id, form.idea_number.data).title
    return _form_page(program, form, None)


@blueprint.route(f"{AT}/<int:test_id>/edit", methods=["GET", "POST"])
def edit(key: str, test_id: int) -> ResponseReturnValue:
    """Change a test: its plan, its results, its verdict."""
    program = open_program(key, Access.CONTRIBUTOR)
    actor = current_actor()
    test = find_test(actor, program.id, test_id, Access.CONTRIBUTOR)
    number = db.session.scalar(db.select(Idea.number).where(Idea.id == test.idea_id))
    form = AbTestForm(obj=test, data={"idea_number": number})
    if request.method == "POST":
        if form.validate():
            try:
                change_test(actor, test, form.values(), seen=seen_revision() or -1)
            except Invalid as error:
                take_errors(form, error.fields, error.sentence)
            else:
                flash(_("Saved."))
                return redirect(url_for(".show", key=program.key, test_id=test_id), 303)
        start_reading()
    return _form_page(program, form, test_id)


def _form_page(program: OpenProgram, form: AbTestForm, test_id: int | None) -> ResponseReturnValue:
    page = render_template("change/ab_tests/form.html", program=program, form=form, test_id=test_id)
    return page, 422 if form.errors else 200


@blueprint.post(f"{AT}/<int:test_id>/remove")
def remove(key: str, test_id: int) -> ResponseReturnValue:
    """Remove a test; asks once."""
    program = open_program(key, Access.CONTRIBUTOR)
    actor = current_actor()
    test = find_test(actor, program.id, test_id, Access.CONTRIBUTOR)
    if not request.form.get("confirmed"):
        return render_template("change/ab_tests/remove.html", program=program, test=test)
    remove_test(actor, test, seen=seen_revision() or -1)
    flash(_("The test is removed."))
    return redirect(url_for(".index", key=program.key), 303)
