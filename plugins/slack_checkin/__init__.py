"""Slack: messages to people where they work, answered there.

It enters by the same door as a stranger's plugin and sees only the contract. Going out: `deliver.py` hands messages
over, `faces.py` draws them, `pacing.py` keeps to Slack's limits, `errors.py` says what Slack's refusals mean,
`people.py` knows who is who. `settings.py` is how it is set up.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint
from flask_babel import lazy_gettext as _l
from wtforms import Form

from plugins.slack_checkin import settings
from program.plugin_api.contract import Plugin, hook


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
        return []
