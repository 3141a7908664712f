"""Voting and deciding from Slack: a button opens a window that asks why, and what is sent is the vote or the decision.

A vote takes the place of an earlier one of the same seat, so sending it twice is voting once. Whoever decides has seen
all votes: one that came meanwhile is shown first.
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


def meanwhile(told: Told) -> b.Block:
    """What the window shows until it is done."""
    return decisions.telling(_("One moment …"), callback_id=str(told.view.get("callback_id")))


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


def ask_decision(told: Told) -> None:
    """The chair wants to decide: a window with the votes as they stand."""
    found = pulse.numbers(told.action.get("value"), 2)
    if found is None:
        told.say(outdated_words())
        return
    channel, ts = ("", "") if told.is_at_home else told.place
    decision = core.decision(told.person, found[0])
    if not decision.may_decide:
        told.say(
            decisions.over_words(decision) if decision.state != "open" else _("The chair of the committee decides.")
        )
        _show(told, channel, ts, decision.id, decision)
        return
    kept = told.keeping(decision=decision.id, look=decision.look, channel=channel, ts=ts)
    told.client.views_open(trigger_id=told.trigger_id, view=decisions.decide_window(decision, kept))


def check_decision(told: Told) -> dict[str, str]:
    """What is wrong with a decision; looked at while Slack waits."""
    if told.typed("option", "choice") != decisions.BY_VOTE and not told.typed("reason", "words").strip():
        return {"reason": _("Say why, in words that can be told on.")}
    return check(told)


def decide(told: Told) -> None:
    """The chair has decided."""
    kept, reason, chosen = told.kept, told.typed("reason", "words"), told.typed("option", "choice")
    decision_id, look = int(kept.get("decision") or 0), str(kept.get("look") or "")
    by_vote = chosen == decisions.BY_VOTE
    choice_id = int(chosen) if chosen.isdecimal() and chosen != "0" else None
    place = str(kept.get("channel") or ""), str(kept.get("ts") or "")
    try:
        core.patiently(
            lambda: core.decide(
                told.person, decision_id, choice_id, reason, look=look, by_vote=by_vote, where=Origin.SLACK
            )
        )
        words = _("✓ The decision is taken and kept. The committee is told.")
        told.show(decisions.telling(words, callback_id=decisions.TAKE), words)
    except MilepostError as refused:
        words = in_words(refused)
        decision = core.decision(told.person, decision_id)
        view = decisions.telling(words, reason, decisions.TAKE)
        if decision.may_decide:
            # Somebody voted meanwhile, or the votes lead nowhere any more: it is shown as it is now.
            again = told.keeping(decision=decision_id, look=decision.look, channel=place[0], ts=place[1])
            view = decisions.decide_window(decision, again, note=words, reason=reason)
        told.show(view, words)
    except Exception as error:  # noqa: BLE001 - whatever it is, what was typed must not be lost with it
        _log.error("a decision could not be kept", extra={"fields": {"error": type(error).__name__}})
        words = _("That did not work just now, and nothing was kept. Please try again in a minute.")
        told.show(decisions.telling(words, reason, decisions.TAKE), words)
    _show(told, *place, decision_id, core.decision(told.person, decision_id))


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
