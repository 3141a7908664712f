"""Taking a gate's decision in two steps, and the page of the evidence that stays.

First the form beside the criteria, then a summary to confirm: what is recorded is frozen. Everything travels in the
form, so that it works without JavaScript and nothing typed is lost on the way back.
"""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.extensions import db
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid, NotFound
from program.people.access import NOT_HERE
from program.people.session import current_actor
from program.planning import gate_evidence
from program.planning.decisions import OUTCOME_WORDS, LookAgain, check, decide, members_of
from program.planning.forms.gates import DecisionForm
from program.planning.opening import OpenProgram, open_program
from program.planning.views.gates import blueprint, find_readiness, frozen_decisions, items_base, show_gate

_ONE = "/p/<key>/gates/<int:gate_id>"


@blueprint.post(f"{_ONE}/decide", endpoint="decide")
def take(key: str, gate_id: int) -> ResponseReturnValue:
    """The steps of a decision: `more` rows, `edit` again, `review` it, `record` it."""
    program = open_program(key, Access.MANAGER)
    form = DecisionForm()
    step = request.form.get("step", "review")
    if step == "more":
        form.add_rows()
    form.offer(members_of(program.id))
    if step in ("more", "edit"):
        # Only laid out again: nothing is judged before it is sent.
        return show_gate(program, gate_id, form)
    if not form.validate():
        return show_gate(program, gate_id, form), 422
    if step == "record":
        return _record(program, gate_id, form)
    return _review(program, gate_id, form)


def _review(program: OpenProgram, gate_id: int, form: DecisionForm) -> ResponseReturnValue:
    gate = find_readiness(program, gate_id)
    if form.looked.data != gate_evidence.look(gate):
        return show_gate(program, gate_id, form, (_changed(),)), 409
    try:
        draft = check(gate, form.draft(), formats.today(), members_of(program.id))
    except Invalid as error:
        form.refuse(error.fields, error.sentence)
        return show_gate(program, gate_id, form), 422
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", "step")]
    names = {member.id: member.name for member in members_of(program.id)}
    return render_template(
        "planning/gates/review.html",
        program=program,
        gate=gate,
        draft=draft,
        outcome=OUTCOME_WORDS[draft.outcome],
        names=names,
        deciders=[names[person_id] for person_id in draft.deciders] + list(draft.guests),
        typed=typed,
    )


def _record(program: OpenProgram, gate_id: int, form: DecisionForm) -> ResponseReturnValue:
    try:
        decision = decide(current_actor(), program.id, gate_id, form.draft(), seen=form.revision.data or 0)
    except (LookAgain, Conflict) as error:
        db.session.rollback()
        return show_gate(program, gate_id, form, (str(error.sentence),)), 409
    except Invalid as error:
        db.session.rollback()
        form.refuse(error.fields, error.sentence)
        return show_gate(program, gate_id, form), 422
    flash(_("The decision is recorded and its evidence is frozen."))
    url = url_for("gates.show", key=program.key, gate_id=gate_id, _anchor=f"decision-{decision.sequence}")
    return redirect(url, 303)


def _changed() -> str:
    return _("Something has changed since you looked. Look at it as it is now, then take the decision.")


@blueprint.get(f"{_ONE}/decisions/<int:sequence>")
def evidence(key: str, gate_id: int, sequence: int) -> ResponseReturnValue:
    """The whole evidence of one decision, exactly as it was frozen, for reading and for paper."""
    program = open_program(key)
    found = next((each for each in frozen_decisions(program.id, gate_id) if each.sequence == sequence), None)
    if found is None:
        raise NotFound(NOT_HERE)
    return render_template(
        "planning/gates/evidence.html", program=program, decision=found, items_base=items_base(program.key)
    )
