"""Handing in an idea: a window with a title, some words, the program it is for, and whether one's name stands there."""

from __future__ import annotations

from flask_babel import gettext as _

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin.told import Told
from program.plugin_api import core
from program.plugin_api.contract import Origin

HAND_IN = "idea.hand_in"
MAX_TITLE, MAX_DETAIL = 200, 3000


def ask(told: Told, title: str = "", detail: str = "") -> None:
    """Open the window, with words that are there already."""
    programs = core.programs_of(told.person, front_line=True)
    if not programs:
        told.say(_("You are in no program that runs, so there is nobody who would read an idea."))
        return
    channel = str((told.body.get("channel") or {}).get("id") or told.body.get("channel_id") or "")
    options = [(str(one.id), one.name) for one in programs]
    fields = [
        b.text_input(_("Your idea in a line"), "title", "words", most=MAX_TITLE, least=1, value=title),
        b.text_input(
            _("More about it"), "detail", "words", most=MAX_DETAIL, value=detail, many_lines=True, optional=True
        ),
        b.select_input(_("Program"), "program", "choice", options),
        _without_name(),
    ]
    # Said where it was asked for, if that is a direct conversation; elsewhere others need not know of an idea.
    kept = told.keeping(channel=channel if channel.startswith("D") else "")
    view = b.modal(HAND_IN, _("Hand in an idea"), _("Hand in"), _("Cancel"), fields, kept)
    told.client.views_open(trigger_id=told.trigger_id, view=view)


def check(told: Told) -> dict[str, str]:
    """What is wrong with an idea, by its block; looked at while Slack waits."""
    if not told.typed("title", "words").strip():
        return {"title": _("Write your idea in a line first.")}
    return {}


def hand_in(told: Told) -> None:
    """The window was sent."""
    named = not told.is_checked("name", "without")
    title, detail = told.typed("title", "words"), told.typed("detail", "words")
    program_id = int(told.typed("program", "choice") or 0)
    url = core.patiently(
        lambda: core.hand_in_idea(told.person, program_id, title, detail, named=named, where=Origin.SLACK)
    )
    said = _("Thank you, your idea is handed in.")
    if named:
        said += " " + _("You are told of every step it takes.")
        told.say(said, [b.section(f"{b.escaped(said)} <{url}|{b.escaped(_('My ideas'))}>")])
    else:
        told.say(said + " " + _("Nothing keeps who it was from."))


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
