"""Slack: messages to people where they work, answered there.

It enters by the same door as a stranger's plugin and sees only the contract. Going out: `deliver.py` hands messages
over, `faces.py` draws them, `pacing.py` keeps to Slack's limits, `errors.py` says what Slack's refusals mean,
`people.py` knows who is who. Coming in: `receiving.py` and `socket_mode.py` take what Slack tells, `listening.py` knows
who listens, `doing.py` does it once Slack has been answered; `pulse.py`, `home.py`, `tasks.py`, `ideas.py`, `slash.py`
and `shortcuts.py` are what people can do, `closing.py` what becomes of a round's messages. `settings.py` is how all of
it is set up.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint
from flask_babel import lazy_gettext as _l
from wtforms import Form

from plugins.slack_checkin import closing, receiving, settings, socket_mode
from program.plugin_api.contract import Plugin, Tick, hook


class SlackPlugin(Plugin):
    """The plugin."""

    name = settings.PLUGIN
    title = _l("Slack")
    summary = _l("Sends people their messages in Slack, where they answer a pulse with a tap.")
    command = "slack"

    @hook
    def settings_form(self) -> type[Form]:
        """Tokens and signing secret."""
        return settings.SettingsForm

    @hook
    def blueprints(self) -> Sequence[Blueprint]:
        """Pages for people, and the address that Slack calls."""
        return [receiving.blueprint]

    @hook
    def ticks(self) -> Sequence[Tick]:
        """What becomes of sent pulses, and the line of Socket Mode."""
        return [closing.tick(), socket_mode.tick()]
