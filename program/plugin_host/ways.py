"""Plugins as ways to people: each that has `deliver` and is switched on is a transport of the outbox."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import current_app

from program.ground import database
from program.ground.sealing import CannotUnseal
from program.outbox.fates import Delivered, Fate, Misconfigured, ReplyLost, Retry
from program.outbox.transports import OutgoingMessage, Recipient
from program.plugin_api import contract, setups
from program.plugin_host import reports
from program.plugin_host.calling import Nonsense, PluginFailed, call
from program.plugin_host.checking import secrets_of
from program.plugin_host.discovery import Installed
from program.plugin_host.host import host
from program.plugin_host.switching import enabled_names

MAX_REFERENCE = 300


class Way:
    """One plugin as the outbox sees it, for one round of handing over: how it is set up is read once."""

    def __init__(self, installed: Installed) -> None:
        self._installed = installed
        self.name = installed.name
        self.label = installed.title
        wanted = getattr(installed.plugin, "messages_a_minute", 0)
        self.a_minute = max(0, wanted) if isinstance(wanted, int) else 0
        self._setup: contract.Connection | None = None

    def knows(self, person: Recipient, program_id: int | None) -> bool:
        """Whether the plugin reaches that person. One that fails at this reaches nobody for now."""
        if "knows" not in self._installed.hooks:
            return True
        try:
            return self._call("knows", _yes_or_no, person=person, program_id=program_id)
        except (PluginFailed, Fate):
            return False

    def deliver(self, message: OutgoingMessage) -> Delivered:
        """Hand the message to the plugin. What it raises beside the fates leaves open whether it arrived."""
        try:
            return self._call("deliver", _delivered, message=message)
        except PluginFailed as failed:
            if failed.was_called:
                raise ReplyLost(failed.reason) from failed
            raise Retry(failed.reason) from failed

    def was_delivered(self, message: OutgoingMessage) -> bool | None:
        """What the plugin can find out about a message whose reply was lost. Raises Retry when it cannot be asked."""
        if "was_delivered" not in self._installed.hooks:
            return None
        try:
            return self._call("was_delivered", _yes_no_or_unknown, message=message)
        except PluginFailed as failed:
            # No answer is not the answer 'nobody can tell': it is asked again.
            raise Retry(failed.reason) from failed

    def _call(self, hook: str, check: Any, **arguments: Any) -> Any:
        try:
            connection = self._connection()
        except CannotUnseal as error:
            raise Misconfigured(str(error)) from error
        secrets = secrets_of(connection)
        try:
            return call(self._installed, hook, check, secrets=secrets, connection=connection, **arguments)
        except Fate as fate:
            fate.reason = reports.without(secrets, fate.reason)[: reports.MAX_REASON]
            raise

    def _connection(self) -> contract.Connection:
        if self._setup is None:
            # In a session of its own: the outbox may be in the middle of something.
            app = current_app._get_current_object()  # type: ignore[attr-defined]
            with app.app_context(), database.looking():
                self._setup = setups.of_instance(self.name)
        return self._setup


def open_ways() -> Iterable[Way]:
    """The ways that are open now."""
    found = host().having("deliver")
    if not found:
        return []
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    with app.app_context(), database.looking():
        enabled = enabled_names()
    return [Way(one) for one in found if one.name in enabled]


def _delivered(answer: Any) -> Delivered:
    if not isinstance(answer, Delivered) or not isinstance(answer.reference, str):
        raise Nonsense("deliver answers with Delivered(reference).")
    return Delivered(answer.reference[:MAX_REFERENCE])


def _yes_or_no(answer: Any) -> bool:
    if not isinstance(answer, bool):
        raise Nonsense("knows answers True or False.")
    return answer


def _yes_no_or_unknown(answer: Any) -> bool | None:
    if answer is not None and not isinstance(answer, bool):
        raise Nonsense("was_delivered answers True, False or None.")
    return answer
