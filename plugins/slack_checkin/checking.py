"""Would it work? What is missing for Slack, one sentence each, in words that say what to do.

`milepost slack check` prints all of them, the plugin's health is the first that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask_babel import gettext as _

from plugins.slack_checkin.client import CHECK_TIMEOUT, call
from plugins.slack_checkin.errors import Refusal
from plugins.slack_checkin.manifest import APP_SCOPES, EVENTS, bot_scopes
from plugins.slack_checkin.settings import Setup
from program.plugin_api import core
from program.plugin_api.contract import Health

_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `good` None: it could not be looked at from here, which need not be wrong."""

    good: bool | None
    sentence: str


def findings(setup: Setup, *, thorough: bool = True) -> Iterator[Finding]:
    """Everything that Slack needs, looked at in order. With `thorough` the own address is called as well."""
    yield from _token(setup)
    if setup.by_socket:
        yield _socket(setup)
        return
    if setup.signing_secret:
        yield Finding(True, _("The signing secret is there."))
    else:
        sentence = _("The signing secret is missing. Without it Milepost cannot tell what comes from Slack.")
        yield Finding(False, sentence)
    yield _address(thorough)


def health(setup: Setup) -> Health:
    """The first thing that is wrong, or that all is well; within seconds."""
    good = ""
    for finding in findings(setup, thorough=False):
        if finding.good is False:
            return Health(False, finding.sentence)
        good = good or finding.sentence
    return Health(True, good)


def _token(setup: Setup) -> Iterator[Finding]:
    if not setup.bot_token:
        yield Finding(False, _("The bot token is missing. Install the app in the workspace and copy its token."))
        return
    try:
        answer = call(setup, "auth.test", timeout=CHECK_TIMEOUT)
    except Refusal as refusal:
        yield Finding(False, refusal.fate.reason)
        return
    workspace = str(answer.data.get("team") or answer.data.get("team_id") or "")
    if not answer.data.get("bot_id"):
        yield Finding(False, _("This token is a person’s. Milepost needs the bot token, which begins with xoxb-."))
        return
    yield Finding(True, _("Milepost is connected with the workspace %(name)s.", name=workspace))
    granted = {scope.strip() for scope in answer.headers.get("x-oauth-scopes", "").split(",")} - {""}
    lacking = [scope for scope in bot_scopes() if scope not in granted]
    if lacking:
        sentence = _("The app lacks %(scopes)s. Paste the manifest again and reinstall it.", scopes=", ".join(lacking))
        yield Finding(False, sentence)
    else:
        yield Finding(True, _("The app has all the rights it needs."))


def _socket(setup: Setup) -> Finding:
    try:
        call(setup, "apps.connections.open", timeout=CHECK_TIMEOUT, app_token=setup.app_token)
    except Refusal as refusal:
        return Finding(False, refusal.fate.reason)
    scope = APP_SCOPES[0]
    return Finding(True, _("Socket Mode works: Slack accepts the app-level token with %(scope)s.", scope=scope))


def _address(thorough: bool) -> Finding:
    address = core.web_address(EVENTS)
    parts = urlsplit(address)
    if parts.scheme != "https" or parts.hostname in _HERE:
        sentence = _(
            "Slack calls only addresses on the internet that begin with https://, and MILEPOST_BASE_URL is %(url)s. "
            "Set it, or use Socket Mode.",
            url=core.web_address(""),
        )
        return Finding(False, sentence)
    if not thorough:
        return Finding(True, _("Slack is to call %(url)s.", url=address))
    try:
        answer = core.send("GET", core.web_address("/healthz"), timeout=CHECK_TIMEOUT)
    except core.Refused:
        sentence = _("%(url)s lies inside your own network as seen from here. Can Slack reach it?", url=address)
        return Finding(None, sentence)
    except core.Unreachable as error:
        sentence = _("%(url)s does not answer from here: %(reason)s", url=address, reason=str(error))
        return Finding(None, sentence)
    if answer.status != 200:
        return Finding(False, _("Something else than Milepost answers at %(url)s.", url=core.web_address("")))
    return Finding(True, _("Milepost answers at its address, where Slack is to call %(url)s.", url=address))
