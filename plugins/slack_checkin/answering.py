"""Answering a pulse check: a tap is kept and the message shows it; a comment is written in a window.

The message always shows what the database holds when it is drawn. Two taps may be worked on at once, in two processes
even, and their drawings arrive in any order: so whoever has drawn looks again, and draws anew if there is more.
"""

from __future__ import annotations

import logging
from contextlib import suppress

from flask_babel import gettext as _

from plugins.slack_checkin import closing, home, pulse
from plugins.slack_checkin.blocks import Block
from plugins.slack_checkin.told import Told
from program.plugin_api import core
from program.plugin_api.contract import CheckIn, Conflict, NotFound

_log = logging.getLogger("milepost.slack")
# How often a message is drawn anew for one tap.
MOST_DRAWINGS = 3


def tap(told: Told) -> None:
    """A button of a row was pressed."""
    found = pulse.numbers(told.action.get("value"), 3)
    if found is None:
        told.say(outdated_words())
        return
    check_in_id, question_id, value = found
    person = told.person
    # After closing the message says so, which is all there is to say; so for a question that is not asked any more.
    with suppress(Conflict, NotFound):
        core.patiently(lambda: core.answer_check_in(person, check_in_id, question_id, value=value))
    show(told, check_in_id)


def open_comment(told: Told) -> None:
    """Somebody wants to answer in words: a window with what they wrote before."""
    found = pulse.numbers(told.action.get("value"), 2)
    if found is None:
        told.say(outdated_words())
        return
    check_in_id, question_id = found
    check_in = core.check_in(told.person, check_in_id)
    question = next((one for one in check_in.questions if one.id == question_id), None)
    if question is None:
        show(told, check_in_id)
        return
    channel, ts = told.place
    # Not the message's blocks: what is beside the pulse in it is read again when it is drawn.
    kept = told.keeping(check_in=check_in_id, question=question_id, channel=channel, ts=ts)
    told.client.views_open(trigger_id=told.trigger_id, view=pulse.comment_modal(check_in, question, kept))


def check_comment(told: Told) -> dict[str, str]:
    """What is wrong with a comment, by its block; looked at while Slack waits, so without the database."""
    if len(told.typed("comment", "words")) > pulse.MAX_COMMENT:
        return {"comment": _("Up to %(most)s letters.", most=pulse.MAX_COMMENT)}
    return {}


def keep_comment(told: Told) -> None:
    """The window was sent."""
    kept, person = told.kept, told.person
    check_in_id, question_id = int(kept.get("check_in") or 0), int(kept.get("question") or 0)
    words = told.typed("comment", "words")
    core.patiently(lambda: core.answer_check_in(person, check_in_id, question_id, words=words))
    channel, ts = str(kept.get("channel") or ""), str(kept.get("ts") or "")
    if not channel:
        home.publish(told)
        return
    try:
        _draw_comment(told, check_in_id, channel, ts)
    except Exception as error:  # noqa: BLE001 - it is kept, and that is what counts
        _log.warning("a message could not be drawn anew", extra={"fields": {"error": type(error).__name__}})
        told.say(_("✓ Your comment is kept."))


def _draw_comment(told: Told, check_in_id: int, channel: str, ts: str) -> None:
    """A window has no response address, so this takes chat.update, and a look at what else is in the message."""
    check_in = core.check_in(told.person, check_in_id)
    new: list[Block] | None = pulse.draw(check_in, home.thanks_of(told.person, check_in))
    if not closing.stands_alone(check_in_id, told.person, ts):
        history = told.client.conversations_history(channel=channel, latest=ts, oldest=ts, inclusive=True, limit=1)
        shown = (history.get("messages") or [{}])[0].get("blocks") or []
        new = pulse.replaced(shown, check_in_id, new or [])
    if new is not None:
        told.client.chat_update(channel=channel, ts=ts, text=pulse.read_aloud(check_in), blocks=new)


def show(told: Told, check_in_id: int) -> None:
    """Draw the check-in where it was touched, until nothing has changed meanwhile."""
    if told.is_at_home:
        home.publish(told)
        return
    shown = (told.body.get("message") or {}).get("blocks") or []
    drawn: CheckIn | None = None
    for _again in range(MOST_DRAWINGS):
        check_in = core.check_in(told.person, check_in_id)
        if check_in == drawn:
            return
        new = pulse.replaced(shown, check_in_id, pulse.draw(check_in, home.thanks_of(told.person, check_in)))
        if new is None:
            told.say(outdated_words())
            return
        is_drawn = told.replace(pulse.read_aloud(check_in), new)
        if is_drawn and not check_in.is_open:
            closing.settled(check_in_id, told.person, *told.place)
        drawn = check_in


def outdated_words() -> str:
    """What is said of a button that means nothing any more."""
    return _("This button is from an older message and does nothing any more. Type /milepost help to see what works.")
