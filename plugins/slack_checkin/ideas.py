"""Handing in an idea: a window with a title, some words, the program it is for, and whether one's name stands there."""

from __future__ import annotations

import logging

from flask_babel import gettext as _

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin.told import Told, in_words
from program.plugin_api import core
from program.plugin_api.contract import MilepostError, Origin

_log = logging.getLogger("milepost.slack")
HAND_IN = "idea.hand_in"
MAX_TITLE, MAX_DETAIL = 200, 3000


def ask(told: Told, title: str = "", detail: str = "") -> None:
    """Open the window, with words that are there already."""
    programs = core.programs_of(told.person, front_line=True)
    if not programs:
        told.say(_("You are in no program that runs, so there is nobody who would read an idea."))
        return
    options = [(str(one.id), one.name) for one in programs]
    fields = [
        b.text_input(_("Your idea in a line"), "title", "words", most=MAX_TITLE, least=1, value=title),
        b.text_input(
            _("More about it"), "detail", "words", most=MAX_DETAIL, value=detail, many_lines=True, optional=True
        ),
        b.select_input(_("Program"), "program", "choice", options),
        _without_name(),
    ]
    view = b.modal(HAND_IN, _("Hand in an idea"), _("Hand in"), _("Cancel"), fields, told.keeping())
    told.client.views_open(trigger_id=told.trigger_id, view=view)


def check(told: Told) -> dict[str, str]:
    """What is wrong with an idea, by its block; looked at while Slack waits."""
    if not told.typed("title", "words").strip():
        return {"title": _("Write your idea in a line first.")}
    return {}


def meanwhile(told: Told) -> b.Block:
    """What the window shows until the idea is kept.

    The answer comes in the window and not in the conversation: a message there would say for ever who handed in an idea
    at that minute, and an idea without a name must not be laid beside it.
    """
    return _shown(_("One moment, your idea is being handed in."))


def hand_in(told: Told) -> None:
    """The window was sent."""
    try:
        said = _keep(told)
    except MilepostError as refused:
        said = [*_shown(in_words(refused))["blocks"], *_typed(told)]
    except Exception as error:  # noqa: BLE001 - whatever it is, what was typed must not be lost with it
        _log.error("an idea could not be kept", extra={"fields": {"error": type(error).__name__}})
        words = _("That did not work just now, and nothing was kept. Please try again in a minute.")
        said = [*_shown(words)["blocks"], *_typed(told)]
    view = {**_shown(""), "blocks": said}
    told.client.views_update(view_id=str(told.view.get("id") or ""), view=view)


def _keep(told: Told) -> list[b.Block]:
    named = not told.is_checked("name", "without")
    title, detail = told.typed("title", "words"), told.typed("detail", "words")
    program_id = int(told.typed("program", "choice") or 0)
    url = core.patiently(
        lambda: core.hand_in_idea(told.person, program_id, title, detail, named=named, where=Origin.SLACK)
    )
    said = b.escaped(_("Thank you, your idea is handed in."))
    if named:
        said += " " + b.escaped(_("You are told of every step it takes.")) + f" <{url}|{b.escaped(_('My ideas'))}>"
    else:
        said += " " + b.escaped(_("Nothing keeps who it was from."))
    return [b.section(said, "done")]


def _shown(words: str) -> b.Block:
    """A window without fields."""
    return b.modal(HAND_IN, _("Hand in an idea"), "", _("Close"), [b.section(b.escaped(words), "words")])


def _typed(told: Told) -> list[b.Block]:
    """What somebody wrote, to be copied where it could not be kept."""
    words = [told.typed("title", "words"), told.typed("detail", "words")]
    return [b.section(b.escaped(text), f"typed:{number}") for number, text in enumerate(words) if text.strip()]


def _without_name() -> b.Block:
    option = {"text": b.plain(_("Hand it in without my name"), b.BUTTON), "value": "without"}
    hint = _("Milepost then keeps nothing of you with it, and cannot tell you what becomes of it.")
    return {
        "type": "input",
        "block_id": "name",
        "optional": True,
        "label": b.plain(_("Name"), b.LABEL),
        "element": {"type": "checkboxes", "action_id": "without", "options": [option]},
        "hint": b.plain(hint, b.LABEL),
    }
