"""What people do in a KPI review from its message: add a cause or an action, hold it, close it.

The window stays until it is done and then says how it went; what could not be kept is shown again, to be copied. The
message itself is drawn anew by the clock (`review_posts.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date

from flask_babel import gettext as _

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin import pulse, reviews
from plugins.slack_checkin.answering import outdated_words
from plugins.slack_checkin.settings import PLUGIN
from plugins.slack_checkin.told import Told, in_words
from plugins.slack_checkin.who import whose
from program.plugin_api import core
from program.plugin_api.contract import MilepostError, Person, Review

_log = logging.getLogger("milepost.slack")


def ask(told: Told) -> None:
    """A button of the message: the window behind it, or words for who may not."""
    found = pulse.numbers(told.action.get("value"), 1)
    if found is None:
        told.say(outdated_words())
        return
    what = str(told.action.get("action_id") or "")
    review = core.review(told.person, found[0])
    may = {reviews.HOLD: review.may_hold, reviews.CLOSE: review.may_close}.get(what, review.may_write)
    if not may:
        told.say(_may_not(review, what))
        return
    channel, _ts = told.place
    kept = told.keeping(review=review.id, channel=channel)
    if what == reviews.ACTION:
        view = reviews.action_window(review, kept, told.user_id)
    elif what == reviews.HOLD:
        view = reviews.hold_window(review, kept)
    elif what == reviews.CLOSE:
        view = reviews.close_window(review, kept)
    else:
        view = reviews.text_window(review, reviews.CAUSE, kept)
    told.client.views_open(trigger_id=told.trigger_id, view=view)


def check_text(told: Told) -> dict[str, str]:
    """What is wrong with a cause or a note; looked at while Slack waits."""
    return {} if told.typed("text", "words").strip() else {"text": _("Write something.")}


def check_action(told: Told) -> dict[str, str]:
    """What is wrong with an action."""
    return {} if told.typed("title", "words").strip() else {"title": _("Write what is to be done.")}


def check_nothing(told: Told) -> dict[str, str]:
    """There is nothing to be wrong."""
    return {}


def meanwhile(told: Told) -> b.Block:
    """What the window shows until it is done."""
    return reviews.telling(str(told.view.get("callback_id")), _("One moment …"))


def keep_text(told: Told) -> None:
    """A cause, or what was said in the thread: once, whoever sends the window how often."""
    kept = told.kept
    kind = told.typed("kind", "choice") or "cause"
    text = told.typed("text", "words")
    tail = str(kept.get("tail") or "")
    # A window that is sent twice has one id.
    key = str(kept.get("key") or f"slack:window:{told.view.get('id')}")

    def act() -> str:
        core.patiently(
            lambda: core.add_review_note(
                told.person,
                int(kept.get("review") or 0),
                kind,
                b.cut(text, reviews.MAX_TEXT - b.size(tail)) + tail,
                kpi_id=_kpi_id(told),
                remote_key=key,
            )
        )
        return _("✓ It stands in the review.")

    _do(told, act, text)


def keep_action(told: Told) -> None:
    """An action was agreed on."""
    title = told.typed("title", "words")

    def act() -> str:
        doer = whose(told.typed("owner", "choice"), told.client)
        if not isinstance(doer, Person):
            return _("Milepost does not know whom you chose, so nothing was kept. Choose somebody of the program.")
        due = date.fromisoformat(told.typed("due", "choice"))
        if not core.patiently(lambda: core.first_time(PLUGIN, f"window:{told.view.get('id')}")):
            return _("✓ It was agreed on already.")
        number = core.add_review_action(
            told.person, int(told.kept.get("review") or 0), title, doer.id, due, kpi_id=_kpi_id(told)
        )
        return _("✓ Agreed on as item %(number)s. Whoever does it is told.", number=number)

    _do(told, act, title)


def hold(told: Told) -> None:
    """The review is held."""

    def act() -> str:
        core.hold_review(told.person, int(told.kept.get("review") or 0))
        return _("✓ The review is held; its figures are kept as they stand.")

    _do(told, act)


def close(told: Told) -> None:
    """The review is closed."""
    summary = told.typed("summary", "words")

    def act() -> str:
        core.close_review(told.person, int(told.kept.get("review") or 0), summary)
        return _("✓ The review is closed; the summary goes into the thread.")

    _do(told, act, summary)


def _do(told: Told, act: Callable[[], str], *typed: str) -> None:
    """Do it and say in the window how it went."""
    callback_id = str(told.view.get("callback_id"))
    lost: tuple[str, ...] = ()
    try:
        words = act()
        lost = () if words.startswith("✓") else typed
    except MilepostError as refused:
        words, lost = in_words(refused), typed
    except Exception as error:  # noqa: BLE001 - whatever it is, what was typed must not be lost with it
        _log.error("a review could not be written in", extra={"fields": {"error": type(error).__name__}})
        words, lost = _("That did not work just now, and nothing was kept. Please try again in a minute."), typed
    told.show(reviews.telling(callback_id, words, lost), words)


def _kpi_id(told: Told) -> int | None:
    chosen = told.typed("kpi", "choice")
    return int(chosen) if chosen.isdecimal() and chosen != "0" else None


def _may_not(review: Review, what: str) -> str:
    if review.state == "closed":
        return _("This review is closed: nothing in it changes any more.")
    if what == reviews.HOLD and review.state == "held":
        return _("This review was held already.")
    if what in (reviews.HOLD, reviews.CLOSE):
        return _("This takes a manager of the program, or whoever leads the review.")
    return _("You may read this review. Writing in it takes somebody who works on the program.")
