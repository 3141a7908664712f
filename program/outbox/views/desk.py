"""Outgoing messages, for administrators; the manager's page of one program is `planning/views/outgoing.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.ground.errors import Conflict, NotFound
from program.ground.pages import page_number, safe_next
from program.outbox import desk, kinds, transports
from program.outbox.desk import Asked
from program.outbox.models import State
from program.outbox.reasons import STATE_WORDS
from program.people.access import NOT_HERE
from program.people.session import current_actor

blueprint = Blueprint("outgoing", __name__)
_ACTS: dict[str, Callable[..., None]] = {"retry": desk.retry, "cancel": desk.cancel, "arrived": desk.arrived}


@blueprint.get("/outgoing")
def show() -> ResponseReturnValue:
    """What goes out, and what became of it."""
    return render_desk(None, "outbox/outgoing.html")


@blueprint.post("/outgoing")
def act() -> ResponseReturnValue:
    """Try one again, take it back, or say that it has arrived; or try all again."""
    return act_on_messages(None, url_for("outgoing.show"))


def render_desk(program_id: int | None, template: str, **more: Any) -> str:
    """The page of the list, for one program or (None) for all."""
    asked = Asked(
        state=request.args.get("state", "") if request.args.get("state") in set(State) else "",
        kind=request.args.get("kind", "")[:60],
        way=request.args.get("way", "")[:60],
        query=request.args.get("q", "")[:200],
        program_id=program_id,
    )
    found = desk.desk(current_actor(), asked, page_number())
    ways = {name: str(way.label) for name, way in transports.all_of(current_app).items()}
    return render_template(
        template,
        desk=found,
        asked=asked,
        headline=_headline(found.counts),
        is_filtered=bool(asked.state or asked.kind or asked.way or asked.query),
        states=[("", _("All states")), *STATE_WORDS.items()],
        kinds=[("", _("All kinds")), *((kind.name, kind.label) for kind in kinds.all_kinds())],
        ways=[("", _("All ways")), ("page", _("Page of messages only")), *ways.items()],
        way_words=ways,
        stuck=found.counts.get(State.FAILED, 0),
        **more,
    )


def act_on_messages(program_id: int | None, back: str) -> ResponseReturnValue:
    """Do what a form of the list asks for: `retry`, `cancel` or `arrived` names a message, `all` stands for all."""
    actor, back = current_actor(), safe_next(back)
    if "all" in request.form:
        count = desk.retry_all(actor, program_id)
        flash(ngettext("%(num)s message is tried again.", "%(num)s messages are tried again.", count))
        return redirect(back, 303)
    for name, verb in _ACTS.items():
        raw = request.form.get(name)
        if raw is None:
            continue
        if not (raw.isascii() and raw.isdecimal() and len(raw) <= 9):
            raise NotFound(NOT_HERE)
        try:
            verb(actor, int(raw), program_id)
        except Conflict as error:
            flash(str(error), "error")
        else:
            flash(_said(name))
        return redirect(back, 303)
    raise NotFound(NOT_HERE)


def _said(act_name: str) -> str:
    return {
        "retry": _("The message goes out as soon as a clock takes it."),
        "cancel": _("The message is taken back."),
        "arrived": _("The message counts as sent."),
    }[act_name]


def _headline(counts: dict[str, int]) -> str:
    failed, uncertain = counts.get(State.FAILED, 0), counts.get(State.UNCERTAIN, 0)
    waiting = counts.get(State.WAITING, 0) + counts.get(State.IN_FLIGHT, 0)
    said = []
    if failed:
        said.append(ngettext("%(num)s message failed for good.", "%(num)s messages failed for good.", failed))
    if uncertain:
        said.append(
            ngettext(
                "Of %(num)s message nobody knows whether it arrived.",
                "Of %(num)s messages nobody knows whether they arrived.",
                uncertain,
            )
        )
    if waiting:
        said.append(ngettext("%(num)s message waits for its turn.", "%(num)s messages wait for their turn.", waiting))
    return " ".join(said) or (_("Everything has gone out.") if counts else _("Nothing has been said to anybody yet."))
