"""The pages of gates: all of them, one with its criteria and its decision, and changing what a gate asks."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from program.extensions import db
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid, NotFound
from program.ground.records import record
from program.people.access import NOT_HERE
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning import gate_evidence, gates
from program.planning.criteria import optional_kinds
from program.planning.decisions import members_of
from program.planning.forms.fields import choice
from program.planning.forms.gates import CriterionForm, DecisionForm, GateForm, NewGateForm
from program.planning.gate_words import headline, program_headline
from program.planning.models import Gate, GateCriterion, GateDecision, Phase
from program.planning.opening import OpenProgram, open_program
from program.planning.readiness import GateReadiness, readiness

blueprint = Blueprint("gates", __name__)
_ALL = "/p/<key>/gates"
_ONE = f"{_ALL}/<int:gate_id>"
_CRITERION = f"{_ONE}/criteria/<int:criterion_id>"


@record
class FrozenDecision:
    """A decision as pages show it: its record, read once, and what the check of the chain says of it."""

    sequence: int
    gate_id: int
    outcome: str
    decided_at: Any
    record: dict[str, Any]
    hash: str
    broken: tuple[str, ...]


@blueprint.app_template_filter("iso_day")
def iso_day(text: str | None) -> date | None:
    """A day as records keep it, as a date again."""
    return date.fromisoformat(text) if text else None


def items_base(key: str) -> str:
    """What the address of an item begins with; its number follows."""
    return url_for("gates.index", key=key).removesuffix("gates") + "items/"


def frozen_decisions(program_id: int, gate_id: int) -> list[FrozenDecision]:
    """The gate's decisions, newest first, each with what is wrong with it in the program's chain."""
    rows = gate_evidence.chain(program_id)
    if not any(row.gate_id == gate_id for row in rows):
        return []
    broken: dict[int, list[str]] = {}
    for link in gate_evidence.verify_rows(program_id, rows):
        broken.setdefault(link.sequence, []).append(link.reason)
    return [
        FrozenDecision(
            row.sequence,
            row.gate_id,
            row.outcome,
            row.decided_at,
            _read(row.record),
            row.hash,
            tuple(broken.get(row.sequence, ())),
        )
        for row in reversed(rows)
        if row.gate_id == gate_id
    ]


def _read(record: str) -> dict[str, Any]:
    """The record as data; an unreadable one is shown as broken, with nothing in it."""
    try:
        found = json.loads(record)
    except ValueError:
        return {}
    return found if isinstance(found, dict) and found.get("format") == gate_evidence.FORMAT else {}


def find_readiness(program: OpenProgram, gate_id: int) -> GateReadiness:
    """The gate of this page. Raises NotFound."""
    found = readiness(program, formats.today(), only=gate_id)
    if not found:
        raise NotFound(NOT_HERE)
    return found[0]


def is_manager() -> bool:
    """True when the reader manages the program of this page."""
    return bool(g.access >= Access.MANAGER)


@blueprint.get(_ALL)
def index(key: str) -> ResponseReturnValue:
    """Every gate: its day, how ready it is, and what stands in the way."""
    program = open_program(key)
    today = formats.today()
    found = readiness(program, today)
    return render_template(
        "planning/gates/index.html",
        program=program,
        gates=found,
        headline=program_headline(found, today) if found else _("No gate yet: nothing asks whether a phase is done."),
        items_base=items_base(program.key),
        today=today,
        is_manager=is_manager(),
    )


@blueprint.get(_ONE)
def show(key: str, gate_id: int) -> ResponseReturnValue:
    """One gate: what it asks, the form of the decision, and the evidence of those that were taken."""
    return show_gate(open_program(key), gate_id)


def show_gate(
    program: OpenProgram, gate_id: int, form: DecisionForm | None = None, problems: tuple[str, ...] = ()
) -> str:
    """The gate's page, with a decision form that was sent and came back, or a fresh one."""
    gate = find_readiness(program, gate_id)
    if form is None and is_manager():
        members = members_of(program.id)
        form = DecisionForm(formdata=None)
        form.begin(gate.open_conditions, {member.name: member.id for member in members})
        form.offer(members)
        form.decided_on.data, form.close_phase.data = formats.today(), True
    if form is not None:
        # What is seen from now on is what the decision will be about.
        form.revision.data, form.looked.data = gate.revision, gate_evidence.look(gate)
    return render_template(
        "planning/gates/show.html",
        program=program,
        gate=gate,
        headline=headline(gate, formats.today()),
        decisions=frozen_decisions(program.id, gate_id) if gate.decision else [],
        form=form,
        problems=problems,
        items_base=items_base(program.key),
        today=formats.today(),
        is_manager=is_manager(),
        may_tick=g.access >= Access.CONTRIBUTOR,
    )


@blueprint.route(f"{_ALL}/new", methods=["GET", "POST"])
def new(key: str) -> ResponseReturnValue:
    """Add a gate."""
    program = open_program(key, Access.MANAGER)
    form = NewGateForm()
    _offer_phases(form, program.id)
    if form.validate_on_submit():
        try:
            gate = gates.add_gate(
                current_actor(),
                program.id,
                phase_id=form.phase_id.data,
                name=form.name.data,
                planned_on=form.planned_on.data,
            )
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The gate “%(gate)s” is added.", gate=gate.name))
            return redirect(url_for("gates.show", key=program.key, gate_id=gate.id), 303)
    status = 422 if request.method == "POST" else 200
    return render_template("planning/gates/new.html", program=program, form=form), status


@blueprint.route(f"{_ONE}/edit", methods=["GET", "POST"])
def edit(key: str, gate_id: int) -> ResponseReturnValue:
    """Rename or move a gate, and change what it asks of people."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    gate = gates.find_gate(actor, program.id, gate_id, Access.MANAGER)
    form = GateForm(obj=gate)
    _offer_phases(form, program.id)
    if form.validate_on_submit():
        values = {"name": form.name.data, "planned_on": form.planned_on.data, "phase_id": form.phase_id.data}
        try:
            changes = gates.change_gate(actor, gate, values, seen=form.revision.data)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            if changes:
                flash(_("The gate “%(gate)s” is changed.", gate=gate.name))
            return redirect(url_for("gates.show", key=program.key, gate_id=gate.id), 303)
    return _edit_page(program, gate, form), 422 if request.method == "POST" else 200


def _edit_page(program: OpenProgram, gate: Gate, form: GateForm, criterion_form: CriterionForm | None = None) -> str:
    criteria = db.session.scalars(
        select(GateCriterion).where(GateCriterion.gate_id == gate.id).order_by(GateCriterion.position, GateCriterion.id)
    ).all()
    asked = {criterion.kind for criterion in criteria}
    decided = db.session.scalar(select(GateDecision.id).where(GateDecision.gate_id == gate.id).limit(1)) is not None
    return render_template(
        "planning/gates/edit.html",
        program=program,
        gate=gate,
        form=form,
        criterion_form=criterion_form or CriterionForm(formdata=None),
        criteria=[criterion for criterion in criteria if criterion.kind == gates.MANUAL],
        worked_out=[(known.kind, known.text, known.source, known.kind in asked) for known in optional_kinds()],
        decided=decided,
    )


@blueprint.post(f"{_ONE}/remove")
def remove(key: str, gate_id: int) -> ResponseReturnValue:
    """Remove a gate that nothing was decided at, after asking once."""
    program = open_program(key, Access.MANAGER)
    gate = gates.find_gate(current_actor(), program.id, gate_id, Access.MANAGER)
    if "confirmed" not in request.form:
        return render_template("planning/gates/remove.html", program=program, gate=gate)
    name = gate.name
    gates.remove_gate(current_actor(), gate, seen=_revision())
    flash(_("The gate “%(gate)s” is removed.", gate=name))
    return redirect(url_for("gates.index", key=program.key), 303)


@blueprint.post(f"{_ONE}/criteria")
def add_criterion(key: str, gate_id: int) -> ResponseReturnValue:
    """Ask something more."""
    program = open_program(key, Access.MANAGER)
    gate = gates.find_gate(current_actor(), program.id, gate_id, Access.MANAGER)
    form = CriterionForm()
    if form.validate():
        try:
            gates.add_criterion(current_actor(), gate, form.text.data)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The gate asks for it from now on."))
            return redirect(url_for("gates.edit", key=program.key, gate_id=gate.id), 303)
    gate_form = GateForm(formdata=None, obj=gate)
    _offer_phases(gate_form, program.id)
    return _edit_page(program, gate, gate_form, form), 422


@blueprint.post(f"{_ONE}/worked-out")
def ask_for(key: str, gate_id: int) -> ResponseReturnValue:
    """Ask for something that is worked out, or no longer."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    gate = gates.find_gate(actor, program.id, gate_id, Access.MANAGER)
    kind = request.form.get("kind", "")
    if request.form.get("ask") == "1":
        if gates.ask_for(actor, gate, kind):
            flash(_("The gate asks for it from now on."))
    elif gates.stop_asking(actor, gate, kind):
        flash(_("The gate no longer asks for it."))
    return redirect(url_for("gates.edit", key=program.key, gate_id=gate.id), 303)


@blueprint.post(_CRITERION)
def change_criterion(key: str, gate_id: int, criterion_id: int) -> ResponseReturnValue:
    """Put a manual criterion into other words, or stop asking it."""
    program = open_program(key, Access.MANAGER)
    criterion = _criterion(program, gate_id, criterion_id, Access.MANAGER)
    if "remove" in request.form:
        gates.remove_criterion(current_actor(), criterion, seen=_revision())
        flash(_("The gate no longer asks for it."))
    elif gates.change_criterion(current_actor(), criterion, request.form.get("text", ""), seen=_revision()):
        flash(_("The criterion is reworded. A confirmation given to the old words has fallen."))
    return redirect(url_for("gates.edit", key=program.key, gate_id=gate_id), 303)


@blueprint.post(f"{_CRITERION}/tick")
def tick(key: str, gate_id: int, criterion_id: int) -> ResponseReturnValue:
    """Confirm a manual criterion by name, with a note."""
    program = open_program(key, Access.CONTRIBUTOR)
    criterion = _criterion(program, gate_id, criterion_id, Access.CONTRIBUTOR)
    gates.tick(current_actor(), criterion, request.form.get("note", ""), seen=_revision())
    flash(_("Confirmed in your name: %(text)s", text=criterion.text))
    return redirect(url_for("gates.show", key=program.key, gate_id=gate_id), 303)


@blueprint.post(f"{_CRITERION}/untick")
def untick(key: str, gate_id: int, criterion_id: int) -> ResponseReturnValue:
    """Take a confirmation back."""
    program = open_program(key, Access.CONTRIBUTOR)
    criterion = _criterion(program, gate_id, criterion_id, Access.CONTRIBUTOR)
    gates.untick(current_actor(), criterion, seen=_revision())
    flash(_("The confirmation is taken back: %(text)s", text=criterion.text))
    return redirect(url_for("gates.show", key=program.key, gate_id=gate_id), 303)


def _criterion(program: OpenProgram, gate_id: int, criterion_id: int, needed: Access) -> GateCriterion:
    criterion = gates.find_criterion(current_actor(), program.id, criterion_id, needed)
    if criterion.gate_id != gate_id:
        raise NotFound(NOT_HERE)
    return criterion


def _revision() -> int:
    raw = request.form.get("revision", "")
    if not raw.isdigit() or len(raw) > 9:
        raise Invalid(_("This request cannot be read. Open the page again."))
    return int(raw)


def _offer_phases(form: GateForm | NewGateForm, program_id: int) -> None:
    rows = db.session.execute(
        select(Phase.id, Phase.name).where(Phase.program_id == program_id).order_by(Phase.position, Phase.id)
    )
    form.phase_id.choices = [choice(phase_id, name) for phase_id, name in rows]
