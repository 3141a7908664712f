"""What Slack can tell, and who listens: Slack's own framework, the same for HTTP and for Socket Mode.

Each listener is two functions. The first answers Slack while it waits and touches no database; the second does the
work afterwards, with one of a few hands (`doing.py`). Bolt is told to run the first in the caller's thread, so that the
answer never stands behind somebody else's work.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import force_locale

from plugins.slack_checkin import (
    answering,
    decisions,
    entering,
    figures,
    home,
    ideas,
    pulse,
    review_thread,
    reviewing,
    reviews,
    shortcuts,
    slash,
    tasks,
    voting,
)
from plugins.slack_checkin.doing import Workers
from plugins.slack_checkin.settings import Setup
from plugins.slack_checkin.told import SILENT, Told, by_a_person

Act = Callable[[Told], None]
Check = Callable[[Told], dict[str, str]]
_log = logging.getLogger("milepost.slack")

# Buttons by what their action_id begins with.
BUTTONS: Mapping[str, Act] = {
    pulse.ANSWER: answering.tap,
    pulse.COMMENT: answering.open_comment,
    home.DONE: tasks.done,
    home.BLOCK: tasks.ask_why,
    home.NEW_IDEA: shortcuts.new,
    figures.ENTER: entering.ask,
    decisions.VOTE: voting.ask,
    decisions.DECIDE: voting.ask_decision,
    **dict.fromkeys((reviews.CAUSE, reviews.ACTION, reviews.HOLD, reviews.CLOSE), reviewing.ask),
}
# What a window shows while the work is done, where it does not close.
MEANWHILE: Mapping[str, Callable[[Told], dict[str, Any]]] = {
    ideas.HAND_IN: ideas.meanwhile,
    figures.SEND: entering.meanwhile,
    decisions.SEND: voting.meanwhile,
    decisions.TAKE: voting.meanwhile,
    **dict.fromkeys((reviews.CAUSE, reviews.NOTE, reviews.ACTION, reviews.HOLD, reviews.CLOSE), reviewing.meanwhile),
}
# Windows that were sent: what is wrong with them, said while Slack waits; and what is done with them.
WINDOWS: Mapping[str, tuple[Check, Act]] = {
    pulse.COMMENT: (answering.check_comment, answering.keep_comment),
    tasks.BLOCKED: (tasks.check_reason, tasks.block),
    ideas.HAND_IN: (ideas.check, ideas.hand_in),
    figures.SEND: (entering.check, entering.save),
    decisions.SEND: (voting.check, voting.vote),
    decisions.TAKE: (voting.check_decision, voting.decide),
    reviews.CAUSE: (reviewing.check_text, reviewing.keep_text),
    reviews.NOTE: (reviewing.check_text, reviewing.keep_text),
    reviews.ACTION: (reviewing.check_action, reviewing.keep_action),
    reviews.HOLD: (reviewing.check_nothing, reviewing.hold),
    reviews.CLOSE: (reviewing.check_nothing, reviewing.close),
}
SHORTCUTS: Mapping[str, Act] = {
    shortcuts.FROM_MESSAGE: shortcuts.from_message,
    shortcuts.NEW: shortcuts.new,
    review_thread.PICK: review_thread.pick,
}


def listeners(workers: Workers) -> Any:
    """An app of Bolt's with all listeners. Requests are verified before they come here, by `receiving.py`."""
    # Bolt and Slack's library are loaded with the first thing Slack tells: they would double a cold start.
    from slack_bolt import App
    from slack_bolt.authorization import AuthorizeResult

    app = App(
        logger=SILENT,
        # No call to Slack while Slack waits: the bot's token is looked up when there is something to say.
        authorize=lambda enterprise_id, team_id: AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token="none",  # noqa: S106
        ),
        request_verification_enabled=False,
        ignoring_self_events_enabled=False,
        process_before_response=True,
        listener_executor=workers,
    )

    def answer(ack: Any, context: Any) -> None:
        workers.next_is_of(context.user_id or "")
        ack()

    app.event("app_home_opened")(ack=answer, lazy=[_quietly(by_a_person(home.opened, home.publish_to_stranger))])
    marked = by_a_person(review_thread.marked, concerns=review_thread.concerns)
    app.event("reaction_added")(ack=answer, lazy=[_quietly(marked)])
    app.command(slash.COMMAND)(ack=answer, lazy=[_quietly(by_a_person(slash.command))])
    for name, act in SHORTCUTS.items():
        app.shortcut(name)(ack=answer, lazy=[_quietly(by_a_person(act))])
    for name, act in BUTTONS.items():
        app.action(re.compile(rf"^{re.escape(name)}(:|$)"))(ack=answer, lazy=[_quietly(by_a_person(act))])
    for name, (check, act) in WINDOWS.items():
        app.view(name)(ack=_looked_at(check, workers), lazy=[_quietly(by_a_person(_if_right(check, act)))])
    # What nobody listens to any more, after everything else.
    app.action(re.compile(".*"))(ack=answer, lazy=[_quietly(by_a_person(_outdated))])
    app.view(re.compile(".*"))(ack=answer, lazy=[_quietly(by_a_person(_outdated))])
    return app


def _looked_at(check: Check, workers: Workers) -> Callable[..., None]:
    """Answer a window: with what is wrong with it, with what it shows meanwhile, or by closing it."""

    def answer(ack: Any, body: Any, context: Any) -> None:
        workers.next_is_of(context.user_id or "")
        told = Told(body, Setup())
        with force_locale(told.locale):
            wrong = check(told)
            stays = MEANWHILE.get(str(told.view.get("callback_id")))
            shown = stays(told) if stays is not None and not wrong else None
        if wrong:
            ack(response_action="errors", errors=wrong)
        elif shown is not None:
            ack(response_action="update", view=shown)
        else:
            ack()

    return answer


def _if_right(check: Check, act: Act) -> Act:
    def do(told: Told) -> None:
        if not check(told):
            act(told)

    return do


def _outdated(told: Told) -> None:
    """A button or a window of an older version. Links are buttons too: what they lead to has opened already."""
    if told.action.get("url") or _is_link(told):
        return
    told.say(answering.outdated_words())


def _is_link(told: Told) -> bool:
    shown = [*((told.body.get("message") or {}).get("blocks") or []), *(told.view.get("blocks") or [])]
    elements = [
        element for block in shown for element in [*(block.get("elements") or []), block.get("accessory") or {}]
    ]
    wanted = told.action.get("action_id")
    return any(element.get("url") for element in elements if element.get("action_id") == wanted)


def _quietly(listen: Callable[[Mapping[str, Any]], None]) -> Callable[..., None]:
    """Nothing that goes wrong may reach Bolt's log, which writes errors with their texts: these may hold answers."""

    def run(body: Any) -> None:
        try:
            listen(body)
        except Exception as error:  # noqa: BLE001 - told by its kind alone
            _log.error("something from Slack could not be done", extra={"fields": {"error": type(error).__name__}})

    return run
