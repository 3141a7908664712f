"""Voting from Slack: a button for an option opens a window that asks why, and what is sent is the vote.

A vote takes the place of an earlier one of the same seat, so sending it twice is voting once.
"""

from __future__ import annotations

import logging

from flask_babel import gettext as _

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin import decisions, home, pulse
from plugins.slack_checkin.answering import outdated_words
from plugins.slack_checkin.redrawing import redraw
from plugins.slack_checkin.told import Told, in_words
from program.plugin_api import core
from program.plugin_api.contract import Decision, MilepostError, NotFound, Origin

_log = logging.getLogger("milepost.slack")


def ask(told: Told) -> None:
    """A button was pressed: the window behind it, or words where nobody votes any more."""
    found = pulse.numbers(told.action.get("value"), 2)
    if found is None:
        told.say(outdated_words())
        return
    decision_id, choice_id = found
    channel, ts = ("", "") if told.is_at_home else told.place
    try:
        decision = core.decision(told.person, decision_id)
    except NotFound:
        told.say(decisions.gone_words())
        _show(told, channel, ts, decision_id, None)
        return
    if not any(voice.may_vote for voice in decision.voices):
        told.say(_why_not(decision))
        _show(told, channel, ts, decision_id, decision)
        return
    kept = told.keeping(decision=decision_id, choice=choice_id, channel=channel, ts=ts)
    told.client.views_open(trigger_id=told.trigger_id, view=decisions.window(decision, choice_id, kept))


def check(told: Told) -> dict[str, str]:
    """What is wrong with a vote; looked at while Slack waits."""
    if b.size(told.typed("reason", "words")) > decisions.MAX_REASON:
        return {"reason": _("Up to %(most)s letters.", most=decisions.MAX_REASON)}
    return {}


def meanwhile(_told: Told) -> b.Block:
    """What the window shows until the vote is kept."""
    return decisions.telling(_("One moment, your vote is being kept."))


def vote(told: Told) -> None:
    """The window was sent."""
    kept, typed = told.kept, told.typed("reason", "words")
    decision_id, choice_id = int(kept.get("decision") or 0), int(kept.get("choice") or 0)
    seat = told.typed("seat", "choice")
    seat_id = int(seat) if seat.isdecimal() else None
    lost = ""
    try:
        core.patiently(
            lambda: core.vote(told.person, decision_id, choice_id or None, typed, seat_id=seat_id, where=Origin.SLACK)
        )
        words = _("✓ Your vote is kept. You can change it until it is decided.")
    except MilepostError as refused:
        words, lost = in_words(refused), typed
    except Exception as error:  # noqa: BLE001 - whatever it is, what was typed must not be lost with it
        _log.error("a vote could not be kept", extra={"fields": {"error": type(error).__name__}})
        words, lost = _("That did not work just now, and nothing was kept. Please try again in a minute."), typed
    told.show(decisions.telling(words, lost), words)
    try:
        decision: Decision | None = core.decision(told.person, decision_id)
    except NotFound:
        decision = None
    _show(told, str(kept.get("channel") or ""), str(kept.get("ts") or ""), decision_id, decision)


def _show(told: Told, channel: str, ts: str, decision_id: int, decision: Decision | None) -> None:
    """Draw it where it was touched."""
    if not channel:
        home.publish(told)
        return
    new = decisions.draw(decision) if decision is not None else decisions.draw_gone(decision_id)
    words = decisions.read_aloud(decision) if decision is not None else decisions.gone_words()
    redraw(told.setup, channel, ts, decisions.prefix(decision_id), new, words)


def _why_not(decision: Decision) -> str:
    if decision.state != "open":
        return decisions.over_words(decision)
    if not decision.voices:
        return _("You have no seat in this committee now, so you cannot vote.")
    return _("The member of this seat has voted in person.")
