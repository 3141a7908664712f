"""The messages of one program and what became of them, for its managers; without what private ones say."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from program.ground.actor import Access
from program.outbox.views.desk import act_on_messages, render_desk
from program.planning.opening import open_program

blueprint = Blueprint("program_messages", __name__, url_prefix="/p/<key>/settings/messages")


@blueprint.get("")
def show(key: str) -> ResponseReturnValue:
    """What goes out about this program."""
    program = open_program(key, Access.MANAGER)
    return render_desk(program.id, "planning/programs/messages.html", program=program)


@blueprint.post("")
def act(key: str) -> ResponseReturnValue:
    """Try one again, take it back, or say that it has arrived."""
    program = open_program(key, Access.MANAGER)
    return act_on_messages(program.id, url_for("program_messages.show", key=program.key))
