"""Pages of decisions: what waits and what was decided, writing a request, one request with its votes."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.history_text import history_of
from program.planning.opening import OpenProgram, open_program
from program.planning.views.items import start_reading
from program.steering import decision_requests, decisions
from program.steering.decision_lists import headline, outcome_of, requests_of
from program.steering.decision_requests import find_request, options_of, prefilled
from program.steering.forms.decisions import DecideForm, RequestForm, VoteForm, WithdrawForm
from program.steering.handbook import handbook
from program.steering.models import DecidedBy, DecisionRequest, RequestState
from program.steering.seats import plan_of, seats_for
from program.steering.views.tabs import matter_tabs

blueprint = Blueprint("decisions", __name__)
AT = "/p/<key>/decisions"
ONE = f"{AT}/<int:number>"
# Two forms of one page have options and a reason.
DECIDE = "decide"


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """What waits for the committee, what was decided, and drafts for the team."""
    program = open_program(key)
    works = g.access >= Access.CONTRIBUTOR
    known = requests_of(program.id, drafts=works)
    locale = formats.current_locale()
    return render_template(
        "steering/decisions/index.html",
        program=program,
        tabs=matter_tabs(program),
        headline=headline(known, formats.today()),
        waiting=[row for row in known if row.state == RequestState.OPEN],
        drafts=[row for row in known if row.state == RequestState.DRAFT],
        closed=[row for row in known if row.state in (RequestState.DECIDED, RequestState.WITHDRAWN)],
        conflicts=[
            (one.key, one.title.in_(locale), one.background.in_(locale)) for one in handbook().conflicts.values()
        ],
        today=formats.today(),
        works=works,
    )


@blueprint.route(f"{AT}/new", methods=["GET", "POST"])
def new(key: str) -> ResponseReturnValue:
    """Write a request, perhaps from one of the handbook's conflicts."""
    program = open_program(key, Access.CONTRIBUTOR)
    form = RequestForm()
    if request.method == "GET":
        if conflict := request.args.get("conflict"):
            suggested = prefilled(conflict, formats.current_locale())
            form.begin(suggested, suggested.options)
    elif form.validate():
        draft, places = form.draft()
        try:
            written = decision_requests.write_request(current_actor(), program.id, draft)
        except Invalid as error:
            form.refuse(error.fields, places, error.sentence)
        else:
            flash(_("The request is kept as a draft."))
            return redirect(url_for(".show", key=program.key, number=written.number), 303)
    return _form_page(program, form, None)


@blueprint.route(f"{ONE}/edit", methods=["GET", "POST"])
def edit(key: str, number: int) -> ResponseReturnValue:
    """Change a draft."""
    program = open_program(key, Access.CONTRIBUTOR)
    found = find_request(current_actor(), program.id, number, Access.CONTRIBUTOR)
    if found.state != RequestState.DRAFT:
        raise Conflict(decision_requests.STANDS_STILL)
    form = RequestForm()
    if request.method == "GET":
        form.begin(found, options_of(found.id))
    elif form.validate():
        draft, places = form.draft()
        try:
            decision_requests.change_request(current_actor(), found, draft, seen=_seen(form))
        except Invalid as error:
            form.refuse(error.fields, places, error.sentence)
        else:
            flash(_("The draft is saved."))
            return redirect(url_for(".show", key=program.key, number=number), 303)
    return _form_page(program, form, found)


@blueprint.get(ONE)
def show(key: str, number: int) -> ResponseReturnValue:
    """One request: options, business case, votes, and the decision as it was frozen."""
    program = open_program(key)
    return _page(program, find_request(current_actor(), program.id, number))


@blueprint.post(f"{ONE}/open")
def put(key: str, number: int) -> ResponseReturnValue:
    """Put it to the committee."""
    program = open_program(key, Access.MANAGER)
    found = find_request(current_actor(), program.id, number, Access.MANAGER, lock=True)
    try:
        decision_requests.put_to_committee(current_actor(), found, seen=_posted_revision())
    except Invalid as error:
        flash(str(error.sentence), "error")
    else:
        flash(_("The committee is asked. Its members are told."))
    return redirect(url_for(".show", key=program.key, number=number), 303)


@blueprint.post(f"{ONE}/withdraw")
def withdraw(key: str, number: int) -> ResponseReturnValue:
    """Take it back."""
    program = open_program(key, Access.MANAGER)
    found = find_request(current_actor(), program.id, number, Access.MANAGER, lock=True)
    form = WithdrawForm()
    if form.validate():
        try:
            decision_requests.withdraw(current_actor(), found, form.why.data or "", seen=_seen(form))
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The request is withdrawn."))
            return redirect(url_for(".show", key=program.key, number=number), 303)
    return _page(program, found, 422, withdraw_form=form)


@blueprint.post(f"{ONE}/vote")
def vote(key: str, number: int) -> ResponseReturnValue:
    """Vote, or change one's vote."""
    program = open_program(key)
    form = VoteForm()
    option, problem = _chosen(form.option.data)
    status = 422
    if problem:
        form.option.errors = [problem]
    else:
        try:
            seat = form.seat.data or ""
            seat_id = int(seat) if seat.isascii() and seat.isdigit() and len(seat) <= 9 else None
            decisions.vote(current_actor(), program.id, number, option, form.reason.data or "", seat_id=seat_id)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        except Conflict as error:
            status = 409
            form.form_errors.append(error.sentence)
        else:
            flash(_("Your vote is kept. You can change it until it is decided."))
            return redirect(url_for(".show", key=program.key, number=number), 303)
    start_reading()
    return _page(program, find_request(current_actor(), program.id, number), status, vote_form=form)


@blueprint.post(f"{ONE}/decide")
def decide(key: str, number: int) -> ResponseReturnValue:
    """Record how the vote went, or what the chair decides."""
    program = open_program(key)
    form = DecideForm(prefix=DECIDE)
    way = request.form.get("way", "")
    option, problem = _chosen(form.option.data) if way == DecidedBy.CHAIR else (None, "")
    status = 422
    if problem:
        form.option.errors = [problem]
    else:
        try:
            decisions.decide(
                *(current_actor(), program.id, number, way, option),
                reason=form.reason.data or "",
                look=form.look.data or "",
            )
        except Invalid as error:
            status = error.status
            take_errors(form, error.fields, error.sentence)
        except Conflict as error:
            status = 409
            form.form_errors.append(error.sentence)
        else:
            flash(_("The decision is taken and kept."))
            return redirect(url_for(".show", key=program.key, number=number), 303)
    start_reading()
    return _page(program, find_request(current_actor(), program.id, number), status, decide_form=form)


def _page(program: OpenProgram, found: DecisionRequest, status: int = 200, **forms: Any) -> ResponseReturnValue:
    actor, today = current_actor(), formats.today()
    options = options_of(found.id)
    standing = decisions.standing_of(found, today)
    mine = seats_for(standing.seats, actor.person_id)
    given = {one.seat_id: one for one in standing.votes}
    vote_form = forms.get("vote_form") or VoteForm(formdata=None)
    if "vote_form" not in forms and mine and mine[0].id in given:
        own = given[mine[0].id]
        vote_form.option.data = "none" if own.option_id is None else str(own.option_id)
        vote_form.reason.data = own.reason
    decide_form = forms.get("decide_form") or DecideForm(formdata=None, prefix=DECIDE)
    withdraw_form = forms.get("withdraw_form") or WithdrawForm(formdata=None)
    vote_form.offer(options)
    decide_form.offer(options)
    decide_form.look.data = standing.look
    withdraw_form.revision.data = found.revision
    outcome = outcome_of(found.id)
    counting = {seat.id for seat in standing.seats}
    page = render_template(
        "steering/decisions/show.html",
        program=program,
        request_=found,
        options=options,
        option_names={one.id: one.title for one in options},
        standing=standing,
        counting=counting,
        silent=[seat for seat in standing.seats if seat.id not in given],
        mine=mine,
        outcome=outcome,
        record=json.loads(outcome.record) if outcome else None,
        currency=plan_of(program.id).currency,
        is_chair=any(seat.is_chair for seat in mine),
        vote_form=vote_form,
        decide_form=decide_form,
        withdraw_form=withdraw_form,
        way_words=decisions.way_words(),
        history=history_of("decision", found.id),
        today=today,
        works=g.access >= Access.CONTRIBUTOR,
        manages=g.access >= Access.MANAGER,
    )
    return page, status


def _form_page(program: OpenProgram, form: RequestForm, found: DecisionRequest | None) -> ResponseReturnValue:
    form.fill_up()
    page = render_template(
        "steering/decisions/form.html",
        program=program,
        form=form,
        request_=found,
        currency=plan_of(program.id).currency,
    )
    return page, 422 if form.errors else 200


def _chosen(raw: str | None) -> tuple[int | None, str]:
    """The option that was chosen, None for none of them; and what is wrong with the choice."""
    if raw == "none":
        return None, ""
    if raw and raw.isascii() and raw.isdigit() and len(raw) <= 9:
        return int(raw), ""
    return None, _("Choose one from the list.")


def _posted_revision() -> int:
    raw = request.form.get("revision", "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 9 else -1


def _seen(form: Any) -> int:
    return -1 if form.revision.data is None else int(form.revision.data)
