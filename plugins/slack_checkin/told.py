"""Something that a person did in Slack, as the listeners are told of it, and the ways to say something back.

Whoever gets an error, a stranger or an outdated button gets kind words that nobody else sees.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin.client import TIMEOUT, web_client
from plugins.slack_checkin.settings import PLUGIN, Setup, own_setup
from plugins.slack_checkin.who import Stranger, whose
from program.plugin_api import core
from program.plugin_api.contract import MilepostError, Person

_log = logging.getLogger("milepost.slack")
# Slack's library writes whole messages and windows into its log, where answers are in them.
SILENT = logging.getLogger("milepost.slack.library")
SILENT.setLevel(logging.CRITICAL + 1)


@dataclass
class Told:
    """One interaction, command or event. `body` is Slack's payload."""

    body: Mapping[str, Any]
    setup: Setup

    @property
    def user_id(self) -> str:
        """Who did it, by Slack's name for them; '' where nobody did."""
        user = self.body.get("user")
        event = self.body.get("event")
        if isinstance(user, Mapping):
            return str(user.get("id") or "")
        if isinstance(event, Mapping):
            return str(event.get("user") or "")
        return str(self.body.get("user_id") or "")

    @property
    def action(self) -> Mapping[str, Any]:
        """The button that was pressed."""
        actions = self.body.get("actions") or [{}]
        return actions[0] if isinstance(actions[0], Mapping) else {}

    @property
    def view(self) -> Mapping[str, Any]:
        """The window or home that it was done in."""
        return self.body.get("view") or {}

    @property
    def trigger_id(self) -> str:
        """What lets a window be opened, once and within three seconds."""
        return str(self.body.get("trigger_id") or "")

    @property
    def is_at_home(self) -> bool:
        """True for something done on the app's home."""
        return self.view.get("type") == "home"

    @property
    def key(self) -> str:
        """The same for the same thing told again, by whichever way it comes."""
        name = self.body.get("event_id") or self.trigger_id
        if name:
            return f"{self.body.get('type', 'command')}:{name}"
        return hashlib.sha256(json.dumps(self.body, sort_keys=True).encode()).hexdigest()

    @property
    def place(self) -> tuple[str, str]:
        """The message that was touched: its channel and its time, ('', '') for none."""
        container = self.body.get("container") or {}
        return str(container.get("channel_id") or ""), str(container.get("message_ts") or "")

    @cached_property
    def client(self) -> Any:
        """Slack's Web API."""
        return web_client(self.setup)

    @cached_property
    def whose(self) -> Person | Stranger:
        """The person behind it."""
        return whose(self.user_id, self.client)

    @property
    def person(self) -> Person:
        """The same, for those who know that it is one."""
        found = self.whose
        assert isinstance(found, Person)  # noqa: S101 - `done_by_a_person` let nobody else through
        return found

    def typed(self, block_id: str, action_id: str) -> str:
        """What was written or chosen in that field of the window."""
        values = (self.view.get("state") or {}).get("values") or {}
        found = (values.get(block_id) or {}).get(action_id) or {}
        option = found.get("selected_option") or {}
        chosen = found.get("selected_user") or found.get("selected_date")
        return str(found.get("value") or option.get("value") or chosen or "")

    def is_checked(self, block_id: str, action_id: str) -> bool:
        """Whether a box is ticked."""
        values = (self.view.get("state") or {}).get("values") or {}
        return bool(((values.get(block_id) or {}).get(action_id) or {}).get("selected_options"))

    def say(self, text: str, blocks: list[b.Block] | None = None) -> None:
        """Say something to this person alone: beside what they touched, else in the direct conversation."""
        text = b.cut(text, b.MESSAGE_TEXT)
        shown = {"blocks": blocks} if blocks else {}
        if address := str(self.body.get("response_url") or ""):
            self._respond(address, text=text, response_type="ephemeral", replace_original=False, **shown)
            return
        channel = str(self.kept.get("channel") or "")
        if channel:
            self.client.chat_postEphemeral(channel=channel, user=self.user_id, text=text, **shown)
        else:
            self.client.chat_postMessage(channel=self.user_id, text=text, **shown)

    @property
    def kept(self) -> Mapping[str, Any]:
        """What a window was given to keep when it was opened."""
        try:
            found = json.loads(str(self.view.get("private_metadata") or "{}"))
        except ValueError:
            return {}
        return found if isinstance(found, Mapping) else {}

    @property
    def locale(self) -> str:
        """The language a window was drawn in: who looks at it, only the database knows."""
        return "pl" if self.kept.get("locale") == "pl" else "en"

    def keeping(self, **kept: Any) -> str:
        """What a window that is opened now is given to keep."""
        return json.dumps({"locale": self.person.locale, **kept})

    def show(self, view: b.Block, words: str) -> None:
        """Show that in the window that was sent; where it was closed meanwhile, say the words."""
        try:
            self.client.views_update(view_id=str(self.view.get("id") or ""), view=view)
        except Exception as error:  # noqa: BLE001 - it is done, or the words say that it is not
            _log.info("a window was closed meanwhile", extra={"fields": {"error": type(error).__name__}})
            self.say(words)

    def replace(self, text: str, blocks: list[b.Block]) -> bool:
        """Show something else in the message that was touched. False where Slack did not take it.

        By its response address: chat.update is limited to some fifty a minute for the whole workspace, and a morning's
        pulse makes thousands.
        """
        if address := str(self.body.get("response_url") or ""):
            return self._respond(address, text=text, blocks=blocks, replace_original=True)
        channel, ts = self.place
        self.client.chat_update(channel=channel, ts=ts, text=text, blocks=blocks)
        return True

    def _respond(self, address: str, **content: Any) -> bool:
        # Slack's library is loaded when it is needed: it would take a third of a cold start.
        from slack_sdk.webhook import WebhookClient

        answer = WebhookClient(address, timeout=TIMEOUT, logger=SILENT).send(**content)
        if answer.status_code >= 300:
            _log.warning("Slack did not take an answer", extra={"fields": {"status": answer.status_code}})
        return bool(answer.status_code < 300)


@contextmanager
def speaking_to(found: Person | Stranger) -> Iterator[None]:
    """In the language of that person, or of that stranger's Slack."""
    if isinstance(found, Person):
        with core.speaking_to(found):
            yield
    else:
        with force_locale(found.locale):
            yield


def _say_who_you_are(told: Told) -> None:
    told.say(unknown_words())


def by_a_person(
    act: Callable[[Told], None],
    by_a_stranger: Callable[[Told], None] = _say_who_you_are,
    concerns: Callable[[Told], bool] = lambda _told: True,
) -> Callable[[Mapping[str, Any]], None]:
    """A listener that works for people Milepost knows, in their language, once for each thing that was told.

    What a verb refuses is said to the person in its own words. What does not concern us is not looked at any further.
    """

    def listen(body: Mapping[str, Any]) -> None:
        told = Told(body, own_setup())
        if not told.user_id or not concerns(told) or not core.patiently(lambda: core.first_time(PLUGIN, told.key)):
            return
        found = told.whose
        with speaking_to(found):
            if isinstance(found, Stranger):
                by_a_stranger(told)
                return
            try:
                act(told)
            except MilepostError as refused:
                told.say(in_words(refused))
            except Exception:
                told.say(_("That did not work just now. Please try again in a minute."))
                raise

    return listen


def unknown_words() -> str:
    """What somebody is told whom Milepost does not know."""
    return _(
        "Milepost does not know yet who you are: no account there has the e-mail address that you have in Slack. "
        "Ask whoever looks after Milepost to match your account, then this works."
    )


def in_words(refused: MilepostError) -> str:
    """What a verb refused, with what is wrong with each field."""
    fields = getattr(refused, "fields", None) or {}
    return " ".join(dict.fromkeys([str(refused.sentence), *(str(reason) for reason in fields.values())]))
