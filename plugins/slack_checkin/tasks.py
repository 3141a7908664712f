"""One's own tasks, from the app's home: done with a tap, blocked with a reason."""

from __future__ import annotations

from flask_babel import gettext as _

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin import home, pulse
from plugins.slack_checkin.answering import outdated_words
from plugins.slack_checkin.told import Told
from program.plugin_api import core
from program.plugin_api.contract import MilepostError, Origin

BLOCKED = "task.blocked"
MAX_REASON = 500


def done(told: Told) -> None:
    """The button 'Done'."""
    found = pulse.numbers(told.action.get("value"), 3)
    if found is None:
        told.say(outdated_words())
        return
    _set(told, found, "done", "")


def ask_why(told: Told) -> None:
    """The button 'Blocked': a window that asks for the reason."""
    found = pulse.numbers(told.action.get("value"), 3)
    if found is None:
        told.say(outdated_words())
        return
    box = b.text_input(_("What holds it up?"), "reason", "words", most=MAX_REASON, least=1, many_lines=True)
    view = b.modal(BLOCKED, _("Blocked"), _("Save"), _("Cancel"), [box], told.keeping(task=list(found)))
    told.client.views_open(trigger_id=told.trigger_id, view=view)


def check_reason(told: Told) -> dict[str, str]:
    """What is wrong with a reason, by its block."""
    if not told.typed("reason", "words").strip():
        return {"reason": _("Say in a few words what holds it up.")}
    return {}


def block(told: Told) -> None:
    """The window was sent."""
    found = pulse.numbers(":".join(str(one) for one in told.kept.get("task") or ()), 3)
    if found is not None:
        _set(told, found, "blocked", told.typed("reason", "words"))


def _set(told: Told, task: tuple[int, ...], status: str, reason: str) -> None:
    """Do it and show the home as it is then, with what a verb refused above it."""
    program_id, number, revision = task
    try:
        core.patiently(
            lambda: core.set_task(told.person, program_id, number, status, reason, where=Origin.SLACK, seen=revision)
        )
    except MilepostError as refused:
        home.publish(told, str(refused))
        return
    home.publish(told, _("Done. Thank you.") if status == "done" else _("It is marked as blocked."))
