"""Pages of the risk register: the matrix and the list, one risk, taking over the handbook's, taking one further."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.comments import members
from program.planning.history_text import history_of
from program.planning.opening import OpenProgram, open_program
from program.planning.views.items import offer_undo, start_reading
from program.steering import risk_words, risks
from program.steering.forms.risks import EscalateForm, OutcomeForm, RiskForm
from program.steering.handbook import handbook
from program.steering.models import Risk, RiskState
from program.steering.risk_lists import headline, matrix_of, register_of
from program.steering.risks import find_risk
from program.steering.views.tabs import matter_tabs

blueprint = Blueprint("risks", __name__)
AT = "/p/<key>/risks"
ONE = f"{AT}/<int:number>"


def _words() -> dict[str, Any]:
    return {
        "category_words": risk_words.CATEGORY_WORDS,
        "state_words": risk_words.STATE_WORDS,
        "band_words": risk_words.BAND_WORDS,
        "probability_words": risk_words.PROBABILITY_WORDS,
        "impact_words": risk_words.IMPACT_WORDS,
        "band_of": risk_words.band,
    }


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """The register: the matrix before or after measures, and every risk."""
    program = open_program(key)
    known = register_of(program.id)
    running = [risk for risk in known if risk.is_open]
    after = request.args.get("after") == "1"
    taken = {risk.handbook_key for risk in known}
    locale = formats.current_locale()
    entries = handbook().risks.values() if g.access >= Access.MANAGER else ()
    return render_template(
        "steering/risks/index.html",
        program=program,
        tabs=matter_tabs(program),
        headline=headline(known, formats.today()),
        running=running,
        settled=[risk for risk in known if not risk.is_open],
        matrix=matrix_of(running, after=after),
        after=after,
        today=formats.today(),
        offered=[
            (entry.key, entry.title.in_(locale), entry.measure.in_(locale))
            for entry in entries
            if entry.key not in taken
        ],
        works=g.access >= Access.CONTRIBUTOR,
        **_words(),
    )


@blueprint.post(f"{AT}/take-over")
def take_over(key: str) -> ResponseReturnValue:
    """Take over risks of the handbook."""
    program = open_program(key, Access.MANAGER)
    try:
        added = risks.take_over(current_actor(), program.id, request.form.getlist("key"))
    except Invalid as error:
        flash(str(error.sentence), "error")
    else:
        flash(
            ngettext(
                "%(num)s risk is in the register. Give it an owner and a day to look at it again.",
                "%(num)s risks are in the register. Give each an owner and a day to look at it again.",
                len(added),
            )
            if added
            else _("Choose at least one risk.")
        )
    return redirect(url_for(".index", key=program.key), 303)


@blueprint.route(f"{AT}/new", methods=["GET", "POST"])
def new(key: str) -> ResponseReturnValue:
    """Add a risk."""
    program = open_program(key, Access.CONTRIBUTOR)
    form = RiskForm()
    form.offer(members(program.id))
    if request.method == "GET":
        form.probability.data = form.impact.data = "3"
    elif form.validate():
        try:
            risk = risks.add_risk(current_actor(), program.id, form.values())
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("“%(title)s” is in the register.", title=risk.title))
            return redirect(url_for(".show", key=program.key, number=risk.number), 303)
    page = render_template("steering/risks/form.html", program=program, form=form, risk=None)
    return page, 422 if form.errors else 200


@blueprint.get(ONE)
def show(key: str, number: int) -> ResponseReturnValue:
    """One risk: how it stands, what is done, what happened to it."""
    program = open_program(key)
    return _page(program, find_risk(current_actor(), program.id, number))


@blueprint.route(f"{ONE}/edit", methods=["GET", "POST"])
def edit(key: str, number: int) -> ResponseReturnValue:
    """Change a risk."""
    program = open_program(key, Access.CONTRIBUTOR)
    risk = find_risk(current_actor(), program.id, number, Access.CONTRIBUTOR)
    form = RiskForm()
    people = members(program.id)
    if risk.owner_id and risk.owner_id not in people:
        people = {**people, risk.owner_id: _("somebody who left")}
    form.offer(people)
    if request.method == "GET":
        form.begin(risk)
    elif form.validate():
        try:
            batch = risks.change_risk(current_actor(), risk, form.values(), seen=_seen(form))
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            if batch:
                offer_undo(program, _("“%(title)s” is saved.", title=risk.title), batch)
            return redirect(url_for(".show", key=program.key, number=number), 303)
    page = render_template("steering/risks/form.html", program=program, form=form, risk=risk)
    return page, 422 if form.errors else 200


@blueprint.post(f"{ONE}/settle")
def settle(key: str, number: int) -> ResponseReturnValue:
    """It is closed, it happened, or it is open again."""
    program = open_program(key, Access.CONTRIBUTOR)
    risk = find_risk(current_actor(), program.id, number, Access.CONTRIBUTOR)
    form = OutcomeForm()
    state = request.form.get("state", "")
    if form.validate():
        try:
            batch = risks.settle(current_actor(), risk, state, form.outcome.data or "", seen=_seen(form))
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            said = {
                RiskState.CLOSED: _("“%(title)s” is closed.", title=risk.title),
                RiskState.HAPPENED: _("“%(title)s” is marked as happened.", title=risk.title),
                RiskState.OPEN: _("“%(title)s” is open again.", title=risk.title),
            }[RiskState(state)]
            if batch:
                offer_undo(program, said, batch)
            return redirect(url_for(".show", key=program.key, number=number), 303)
    return _page(program, risk, 422, outcome_form=form)


@blueprint.post(f"{ONE}/escalate")
def escalate(key: str, number: int) -> ResponseReturnValue:
    """Take it to the managers and the committee."""
    program = open_program(key, Access.CONTRIBUTOR)
    risk = find_risk(current_actor(), program.id, number, Access.CONTRIBUTOR, lock=True)
    form = EscalateForm()
    status = 422
    if form.validate():
        try:
            names = risks.escalate(current_actor(), risk, form.why.data or "", seen=_seen(form))
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        except Conflict as error:
            status = 409
            form.form_errors.append(error.sentence)
        else:
            flash(
                _("These people are told: %(names)s.", names=", ".join(names))
                if names
                else _("It is marked. There is nobody else to tell.")
            )
            return redirect(url_for(".show", key=program.key, number=number), 303)
    start_reading()
    return _page(program, find_risk(current_actor(), program.id, number), status, escalate_form=form)


def _page(program: OpenProgram, risk: Risk, status: int = 200, **forms: Any) -> ResponseReturnValue:
    outcome_form = forms.get("outcome_form") or OutcomeForm(formdata=None)
    escalate_form = forms.get("escalate_form") or EscalateForm(formdata=None)
    for form in (outcome_form, escalate_form):
        form.revision.data = risk.revision
    row = next(one for one in register_of(program.id) if one.id == risk.id)
    page = render_template(
        "steering/risks/show.html",
        program=program,
        tabs=matter_tabs(program),
        risk=risk,
        row=row,
        history=history_of("risk", risk.id),
        outcome_form=outcome_form,
        escalate_form=escalate_form,
        today=formats.today(),
        works=g.access >= Access.CONTRIBUTOR,
        **_words(),
    )
    return page, status


def _seen(form: Any) -> int:
    return -1 if form.revision.data is None else int(form.revision.data)
