"""A KPI review in its channel: the index, what matters, a picture, and the buttons; and the windows behind them.

All of it is text that can be read without the picture. `reviewing.py` does what people do with it, `review_posts.py`
keeps the message as the review is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin.blocks import Block
from program.plugin_api import core
from program.plugin_api.contract import Review

CAUSE, ACTION, HOLD, CLOSE, NOTE = "review.cause", "review.action", "review.hold", "review.close", "review.note"
KINDS = ("kpis.review_ready", "kpis.review_closed")
READY, CLOSED = KINDS
# What marks a reply as a note: Slack knows it by either name.
MARKS = ("memo", "pencil")
MAX_TEXT, MAX_TITLE, MAX_SUMMARY = 2000, 200, 2000
MOST_LINES, MOST_SAID = 12, 10
_SIGNS = {"on_track": "🟢", "at_risk": "🟠", "off_track": "🔴"}
# An action is usually due by the next meeting.
_DUE_IN = timedelta(days=7)


def draw(review: Review, picture: Block | None = None) -> list[Block]:
    """The review as its channel sees it."""
    at = f"review:{review.id}"
    title = _("KPI review of %(program)s, %(week)s", program=review.program, week=review.week_name)
    said = [b.header(title, f"{at}:title"), b.section(b.escaped(review.headline), f"{at}:headline")]
    if picture is not None:
        said.append(picture)
    said.append(b.section(_what_matters(review), f"{at}:matters"))
    for name, heading, lines in (
        ("noted", _("Written down so far"), review.noted),
        ("agreed", _("Agreed on"), review.agreed),
    ):
        if lines:
            said.append(b.section(_listed(heading, lines, MOST_SAID), f"{at}:{name}"))
    said.append(b.context(b.escaped(_state(review)), f"{at}:state"))
    said.append(b.actions(_buttons(review), f"{at}:row"))
    return said


def read_aloud(review: Review) -> str:
    """The same as text, for notifications and screen readers."""
    title = _("KPI review of %(program)s, %(week)s", program=review.program, week=review.week_name)
    matter = [f"• {line.text}" for line in review.lines if line.matters][:MOST_LINES]
    return b.cut(b.escaped("\n".join([title, review.headline, *matter, _state(review)])), b.MESSAGE_TEXT - 1_000)


def draw_closed(review: Review) -> list[Block]:
    """How the review ended, for its thread."""
    at = f"closed:{review.id}"
    heading = b.escaped(_("The review of %(week)s is closed.", week=review.week_name))
    said = [b.section(f"*{heading}*\n{b.escaped(b.cut(review.summary, MAX_SUMMARY))}".strip(), f"{at}:summary")]
    if review.noted:
        said.append(b.section(_listed(_("Written down"), review.noted, MOST_SAID), f"{at}:noted"))
    if review.agreed:
        said.append(b.section(_listed(_("Agreed on"), review.agreed, MOST_SAID), f"{at}:agreed"))
    opening = b.button(_("To the review"), f"open:{at}", url=review.url)
    return [*said, b.actions([opening], f"{at}:row")]


def text_window(review: Review, callback_id: str, metadata: str, *, text: str = "") -> Block:
    """The window for a cause, or (with `callback_id` NOTE) for what was said in the thread."""
    label = _("What was said") if callback_id == NOTE else _("What caused it")
    fields = [b.text_input(label, "text", "words", most=MAX_TEXT, least=1, value=text, many_lines=True)]
    if callback_id == NOTE:
        kinds = (("note", _("Note")), ("cause", _("Cause")), ("decision", _("Decision")))
        fields.append(b.select_input(_("What it is"), "kind", "choice", kinds))
    title = _("Into the review") if callback_id == NOTE else _("Add a cause")
    return b.modal(callback_id, title, _("Save"), _("Cancel"), [*fields, _kpi(review)], metadata)


def action_window(review: Review, metadata: str, user_id: str) -> Block:
    """The window for an action: what, who, by when."""
    fields = [
        b.text_input(_("What is to be done"), "title", "words", most=MAX_TITLE, least=1),
        b.users_input(_("Who does it"), "owner", "choice", user_id),
        b.day_input(_("By when"), "due", "choice", (core.utc_now() + _DUE_IN).date()),
        _kpi(review),
    ]
    return b.modal(ACTION, _("Add an action"), _("Save"), _("Cancel"), fields, metadata)


def hold_window(review: Review, metadata: str) -> Block:
    """The window that asks once more before the figures are kept."""
    words = _("The review is held now: its figures are kept as they stand, and corrections no longer change them.")
    said = [b.section(b.escaped(review.headline), "headline"), b.section(b.escaped(words), "words")]
    return b.modal(HOLD, _("Hold the review"), _("Hold the review"), _("Cancel"), said, metadata)


def close_window(review: Review, metadata: str) -> Block:
    """The window for the summary."""
    box = b.text_input(
        _("Summary"), "summary", "words", most=MAX_SUMMARY, value=review.summary, many_lines=True, optional=True
    )
    words = b.context(b.escaped(_("It is told in the thread. Nothing in the review changes any more.")), "words")
    return b.modal(CLOSE, _("Close the review"), _("Close the review"), _("Cancel"), [box, words], metadata)


def telling(callback_id: str, words: str, typed: Sequence[str] = ()) -> Block:
    """A window that only tells; `typed` is what could not be kept, to be copied."""
    said = [b.section(b.escaped(words), "words")]
    said += [b.section(b.escaped(text), f"typed:{number}") for number, text in enumerate(typed) if text.strip()]
    return b.modal(callback_id, _("KPI review"), "", _("Close"), said)


def _what_matters(review: Review) -> str:
    matter = [f"{_SIGNS.get(line.state, '⚪')} {line.text}" for line in review.lines if line.matters]
    if not matter:
        return b.escaped(_("All KPIs are on track, and none moved by more than noise."))
    return _listed(_("What matters"), matter, MOST_LINES, bullet="")


def _listed(heading: str, lines: Sequence[str], most: int, bullet: str = "• ") -> str:
    shown = [f"{bullet}{b.escaped(b.cut(' '.join(line.split()), 240))}" for line in lines[:most]]
    if len(lines) > most:
        shown.append(b.escaped(ngettext("and %(num)s more", "and %(num)s more", len(lines) - most)))
    return "\n".join([f"*{b.escaped(heading)}*", *shown])


def _state(review: Review) -> str:
    if review.state == "closed":
        return _("This review is closed.")
    if review.state == "held":
        words = _("This review was held; its figures stay as they were.")
    else:
        words = _("The review is on %(when)s.", when=core.moment_in_words(review.meets_at))
    how = _("Reply in the thread; a reply marked with 📝 (:memo:) goes into the review.")
    return f"{words} {how}"


def _buttons(review: Review) -> list[Block]:
    value, name = str(review.id), f"{review.program}, {review.week_name}"
    made = []
    if review.state != "closed":
        made.append(b.button(_("Add a cause"), CAUSE, value, said=f"{_('Add a cause')}: {name}"))
        made.append(b.button(_("Add an action"), ACTION, value, said=f"{_('Add an action')}: {name}"))
    if review.state in ("collecting", "ready"):
        made.append(
            b.button(_("Hold the review"), HOLD, value, style="primary", said=f"{_('Hold the review')}: {name}")
        )
    elif review.state == "held":
        made.append(b.button(_("Close the review"), CLOSE, value, said=f"{_('Close the review')}: {name}"))
    made.append(b.button(_("To the review"), f"open:review:{review.id}", url=review.url))
    return made


def _kpi(review: Review) -> Block:
    options = [("0", _("The week as a whole")), *((str(line.kpi_id), line.name) for line in review.lines[:99])]
    return b.select_input(_("About"), "kpi", "choice", options)
