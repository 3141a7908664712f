"""Seats of a training session: inviting, the answer of an invited person, the list on paper, the attendance sheet."""

from __future__ import annotations

import re
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.change import attendance, training_lists, training_seats, training_sessions
from program.change.front_line import open_front_line
from program.change.models.training import SeatState
from program.change.people_here import named
from program.change.plan_words import SEAT_WORDS
from program.change.training_seats import Whom
from program.change.views.training import AT, blueprint, opened, to_session
from program.ground.errors import Invalid
from program.ground.folding import fold
from program.ground.now import utc_now
from program.ground.pages import safe_next
from program.people.session import current_actor
from program.planning.opening import open_program
from program.planning.views.items import seen_revision

__all__ = ["blueprint"]

# Seats on one sheet: those who said yes come first; a room holds fewer.
MOST_ON_SHEET = 1000
EXTRA_LINES = 8


@blueprint.post(f"{AT}/<int:session_id>/invite")
def invite(key: str, session_id: int) -> ResponseReturnValue:
    """Invite people of the session's groups."""
    program, session = opened(key, session_id)
    whom = request.form.get("whom", "")
    if whom not in tuple(Whom):
        raise Invalid(_("Choose from the list."))
    try:
        invited = training_seats.invite(current_actor(), program.id, session.id, Whom(whom))
    except Invalid as error:
        flash(str(error), "error")
    else:
        flash(ngettext("%(num)s person is invited.", "%(num)s people are invited.", invited))
    return to_session(program, session_id)


@blueprint.post(f"{AT}/<int:session_id>/answer")
def answer(key: str, session_id: int) -> ResponseReturnValue:
    """The answer of an invited person: open to the front line."""
    program = open_front_line(key)
    said = request.form.get("answer")
    if said not in (SeatState.ACCEPTED, SeatState.DECLINED):
        # Whether there is an invitation at all is asked first: strangers to it learn nothing.
        training_seats.require_seat(current_actor(), program.id, session_id)
        raise Invalid(_("Choose from the list."))
    came_to = training_seats.answer(current_actor(), program.id, session_id, comes=said == SeatState.ACCEPTED)
    flash(
        {
            SeatState.ACCEPTED: _("Thank you. Your seat is kept."),
            SeatState.WAITING: _("Every seat is taken, so you are on the waiting list. You are told when one is free."),
            SeatState.DECLINED: _("Thank you for saying so. The seat is free for somebody else."),
        }[came_to]
    )
    return redirect(safe_next(url_for("front_line.show", key=program.key)), 303)


@blueprint.get(f"{AT}/<int:session_id>/list")
def paper(key: str, session_id: int) -> ResponseReturnValue:
    """Who comes, with room for signatures: made to be printed."""
    program = open_program(key)
    session = training_sessions.find_session(current_actor(), program.id, session_id)
    return render_template(
        "change/training/paper.html",
        program=program,
        session=training_lists.one_session(session.id),
        seats=training_lists.seats_of(session.id, *attendance.EXPECTED, size=MOST_ON_SHEET),
        groups=training_lists.groups_of(session.id),
        extra=range(EXTRA_LINES),
    )


@blueprint.route(f"{AT}/<int:session_id>/attendance", methods=["GET", "POST"])
def sheet(key: str, session_id: int) -> ResponseReturnValue:
    """Write down who was there: everybody who said yes is marked, and exceptions are made from there."""
    program, session = opened(key, session_id)
    row = training_lists.one_session(session.id)
    errors: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        try:
            present, counted = _present(program.id), _counted()
            revision: Any = session.revision
            seen = seen_revision()
            came, missed = attendance.write_attendance(
                current_actor(), program.id, session_id, present, counted, seen=revision if seen is None else seen
            )
        except Invalid as error:
            errors = {name: str(reason) for name, reason in error.fields.items()} or {"others": str(error)}
            status = 422
        else:
            text = ngettext("%(num)s person was there", "%(num)s people were there", came)
            gone = ngettext("%(num)s missed it", "%(num)s missed it", missed)
            flash(_("Attendance is written down: %(came)s, %(missed)s.", came=text, missed=gone))
            return to_session(program, session_id)
    page = render_template(
        "change/training/attendance.html",
        program=program,
        session=row,
        seats=training_lists.seats_of(session.id, size=MOST_ON_SHEET),
        groups=training_lists.groups_of(session.id),
        expected=attendance.EXPECTED,
        marked=_marked(),
        heads=_typed_heads(),
        others=request.form.get("others", ""),
        errors=errors,
        seat_words=SEAT_WORDS,
        may_write=row.starts_at <= utc_now(),
    )
    return page, status


def _marked() -> set[int] | None:
    """Boxes that were ticked on the sheet that came back; None for a fresh one."""
    if request.method == "GET":
        return None
    return {int(one) for one in request.form.getlist("present") if one.isascii() and one.isdigit() and len(one) <= 9}


def _typed_heads() -> dict[int, str]:
    return {int(found[1]): value for name, value in request.form.items() if (found := _HEADS.fullmatch(name))}


_HEADS = re.compile(r"counted-(\d{1,9})")


def _present(program_id: int) -> set[int]:
    """Everybody marked, and the others by name. Raises Invalid at `others`."""
    raw = request.form.getlist("present")
    if len(raw) > MOST_ON_SHEET or not all(one.isascii() and one.isdigit() and len(one) <= 9 for one in raw):
        raise Invalid(_("Something is not right yet."), {"others": _("Choose people of this program or its groups.")})
    found = {int(one) for one in raw}
    typed = [name.strip() for name in re.split(r"[;\n]", request.form.get("others", "")) if name.strip()]
    if len(typed) > MOST_ON_SHEET:
        raise Invalid(_("Something is not right yet."), {"others": _("These are too many names at once.")})
    known = named(program_id, typed) if typed else {}
    unknown = [name for name in typed if len(known.get(fold(name), ())) != 1]
    if unknown:
        names = ", ".join(unknown[:5])
        reason = _("Nobody here has this name or e-mail, or several people have: %(names)s.", names=names)
        raise Invalid(_("Something is not right yet."), {"others": reason})
    return found | {known[fold(name)][0] for name in typed}


def _counted() -> dict[int, int]:
    """Heads by group. Raises Invalid at `counted`."""
    found: dict[int, int] = {}
    for group_id, value in _typed_heads().items():
        text = value.strip() or "0"
        if not (text.isascii() and text.isdigit() and len(text) <= 9):
            raise Invalid(_("Something is not right yet."), {"counted": _("Write a whole number.")})
        found[group_id] = int(text)
    return found
