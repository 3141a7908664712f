"""The app's manifest: what a workspace is asked for when Milepost is installed in it, and nothing more.

Slack makes the whole app from it, so that nobody clicks scopes together. The scopes are those of the methods that the
plugin calls, and `commands` for the slash command and the shortcuts.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from plugins.slack_checkin.client import METHODS
from plugins.slack_checkin.review_thread import PICK
from plugins.slack_checkin.shortcuts import FROM_MESSAGE, NEW
from plugins.slack_checkin.slash import COMMAND
from program.plugin_api import core

# Where Slack's requests come in, below Milepost's address.
EVENTS = "/plugins/slack_checkin/events"
# What Slack tells of by itself, and the right it takes ('' for none).
TOLD_OF = {"app_home_opened": "", "reaction_added": "reactions:read"}
# Not of the bot's token, but of the app's.
APP_SCOPES = ("connections:write",)
BACKGROUND = "#0a4fa3"


def bot_scopes() -> list[str]:
    """What the bot's token must be allowed to do."""
    needed = {scope for method in METHODS.values() for scope in method.scopes} | set(TOLD_OF.values())
    return sorted((needed | {"commands"}) - {*APP_SCOPES, ""})


def manifest(*, by_socket: bool, base_url: str = "") -> dict[str, Any]:
    """The manifest as Slack takes it, in the language that is spoken. `base_url` replaces Milepost's own address."""
    address = (base_url.rstrip("/") + EVENTS) if base_url else core.web_address(EVENTS)
    where = {} if by_socket else {"request_url": address}
    command = {
        "command": COMMAND,
        "description": _("How your programs stand, or hand in an idea"),
        "usage_hint": _("status, idea, help"),
        "should_escape": False,
    }
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "Milepost",
            "description": _("Pulse checks, tasks and news of your transformation"),
            "background_color": BACKGROUND,
        },
        "features": {
            # Direct messages arrive in the Messages tab; nobody reads what would be typed there.
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "Milepost", "always_online": True},
            "shortcuts": [
                _shortcut("global", NEW, _("Hand in an idea"), _("Tell your program what could be better")),
                _shortcut("message", FROM_MESSAGE, _("Make this an idea"), _("Hand in this message as an idea")),
                _shortcut("message", PICK, _("Into the KPI review"), _("Keep this reply as a note of the review")),
            ],
            "slash_commands": [command if by_socket else command | {"url": address}],
        },
        "oauth_config": {"scopes": {"bot": bot_scopes()}},
        "settings": {
            "event_subscriptions": {**where, "bot_events": list(TOLD_OF)},
            "interactivity": {"is_enabled": True, **where},
            "org_deploy_enabled": False,
            "socket_mode_enabled": by_socket,
            # A rotating token runs out every twelve hours and cannot be kept in a vault.
            "token_rotation_enabled": False,
        },
    }


def _shortcut(kind: str, name: str, label: str, description: str) -> dict[str, str]:
    return {"name": label, "type": kind, "callback_id": name, "description": description}
