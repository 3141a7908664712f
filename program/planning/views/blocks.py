"""Pages of a phase's blocks: adding one, changing it, removing it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground.actor import Access
from program.ground.errors import Invalid
from program.people.forms import EditForm, take_errors
from program.people.session import current_actor
from program.planning import blocks
from program.planning.blocks import BlockDraft
from program.planning.forms.phases import BlockForm, NewBlockForm
from program.planning.models import Phase
from program.planning.opening import OpenProgram, open_program
from program.planning.phases import find_phase
from program.planning.views.phases import AT

blueprint = Blueprint("blocks", __name__)


@blueprint.route(f"{AT}/<int:phase_id>/blocks/new", methods=["GET", "POST"])
def new(key: str, phase_id: int) -> ResponseReturnValue:
    """Add a block to a phase."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    phase = find_phase(actor, program.id, phase_id)
    form = NewBlockForm()
    if request.method == "GET":
        form.starts_on.data, form.ends_on.data = phase.planned_start, phase.planned_end
        return _page(program, phase, form)
    if form.validate():
        try:
            blocks.add_block(actor, phase, _draft(form))
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The block is added."))
            return _to(program, phase)
    return _page(program, phase, form), 422


@blueprint.route("/p/<key>/plan/blocks/<int:block_id>", methods=["GET", "POST"])
def edit(key: str, block_id: int) -> ResponseReturnValue:
    """Rename a block or give it other days."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    block = blocks.find_block(actor, program.id, block_id)
    phase = find_phase(actor, program.id, block.phase_id)
    form = BlockForm(obj=block)
    if request.method == "POST" and form.validate():
        try:
            blocks.change_block(actor, phase, block, _draft(form), seen=form.revision.data)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The block is saved."))
            return _to(program, phase)
    page = _page(program, phase, form, block_id=block.id)
    return page if request.method == "GET" else (page, 422)


@blueprint.route("/p/<key>/plan/blocks/<int:block_id>/remove", methods=["GET", "POST"])
def remove(key: str, block_id: int) -> ResponseReturnValue:
    """Remove a block: what happens to its items, then the act."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    block = blocks.find_block(actor, program.id, block_id)
    phase = find_phase(actor, program.id, block.phase_id)
    form = EditForm(obj=block)
    if request.method == "POST" and form.validate():
        blocks.remove_block(actor, block, seen=form.revision.data)
        flash(_("The block is removed. Its items stay in the phase."))
        return _to(program, phase)
    count = blocks.item_count(block)
    page = render_template(
        "planning/blocks/remove.html", form=form, program=program, phase=phase, block=block, count=count
    )
    return page if request.method == "GET" else (page, 422)


def _draft(form: NewBlockForm) -> BlockDraft:
    return BlockDraft(form.name.data or "", form.starts_on.data, form.ends_on.data)


def _page(program: OpenProgram, phase: Phase, form: NewBlockForm, block_id: int | None = None) -> str:
    return render_template("planning/blocks/edit.html", form=form, program=program, phase=phase, block_id=block_id)


def _to(program: OpenProgram, phase: Phase) -> ResponseReturnValue:
    return redirect(url_for("phases.show", key=program.key, phase_id=phase.id), 303)
