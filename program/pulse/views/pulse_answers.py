"""The page on which a person answers a round: no account, no script, any phone. The address is theirs alone.

The page is in the person's language, whoever's session the browser has, and nothing here looks at that session.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import refresh

from program.ground.errors import Conflict, Invalid
from program.ground.pages import public
from program.pulse import answering
from program.pulse.answering import MAX_COMMENT, Sheet
from program.pulse.bank import Kind
from program.pulse.telling import promise

blueprint = Blueprint("pulse_answers", __name__)


@blueprint.get("/pulse/<token>")
@public
def sheet(token: str) -> ResponseReturnValue:
    """The questions with the answers so far."""
    return _page(token, answering.sheet_of(token))


@blueprint.post("/pulse/<token>")
@public
def answer(token: str) -> ResponseReturnValue:
    """Keep all answers of the page, or none: what cannot be kept is said beside its question, with what was typed."""
    found = answering.sheet_of(token)
    wrong: dict[int, str] = {}
    try:
        for question in found.questions:
            raw = request.form.get(f"q{question.id}")
            if raw is None:
                continue
            try:
                if question.kind == Kind.TEXT:
                    answering.answer(token, question.id, words=raw)
                else:
                    answering.answer(token, question.id, value=_number(raw))
            except Invalid as error:
                wrong[question.id] = str(next(iter(error.fields.values())))
    except Conflict:
        # It closed while the page was open: the page says so.
        return _page(token, answering.sheet_of(token), status=409)
    if not found.is_open:
        return _page(token, found, status=409)
    if wrong:
        return _page(token, _as_typed(found), wrong, status=422)
    _speak(found)
    flash(_("Thank you, it is kept. You can change it until the round closes."))
    return redirect(url_for("pulse_answers.sheet", token=token), 303)


def _as_typed(found: Sheet) -> Sheet:
    typed = (
        replace(question, words=raw) if question.kind == Kind.TEXT else replace(question, value=_number(raw))
        for question in found.questions
        for raw in (request.form.get(f"q{question.id}", ""),)
    )
    return replace(found, questions=tuple(typed))


def _number(raw: str) -> int | None:
    """A chosen answer; None for none, and a number no question has for anything unreadable."""
    if raw == "":
        return None
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) <= 2 else -1


def _page(token: str, found: Sheet, wrong: dict[int, str] | None = None, status: int = 200) -> ResponseReturnValue:
    _speak(found)
    page = render_template(
        "pulse/answers/sheet.html",
        token=token,
        sheet=found,
        wrong=wrong or {},
        promise=promise(found.scores_from, found.comments_from),
        most=MAX_COMMENT,
    )
    return page, status, {"X-Robots-Tag": "noindex"}


def _speak(found: Sheet) -> None:
    """Speak the person's language and tell times of their zone."""
    g.locale, g.timezone = found.locale, found.timezone
    refresh()
