"""Who is who: people here and their accounts in Slack, found by their e-mail address or matched by hand.

What is known is kept as a link of the plugin with the person's id: its `external_id` is Slack's member ID, and `base`
says how it came about (`by`: 'email' or 'hand'), the direct conversation once it is known (`dm`), and what somebody
wrote who matches by hand (`asked`) until Slack was asked about it. People come and go in Slack without telling anybody,
so each is looked up again in time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _

from plugins.slack_checkin.client import call
from plugins.slack_checkin.errors import Refusal
from plugins.slack_checkin.pacing import PATIENCE, wait_for
from plugins.slack_checkin.settings import PLUGIN, Setup
from program.plugin_api import core
from program.plugin_api.contract import (
    Connection,
    Fate,
    GiveUp,
    Link,
    LinkState,
    Misconfigured,
    Person,
    Recipient,
    Retry,
)

PERSON = "person"
BY_EMAIL, BY_HAND = "email", "hand"
# How long what Slack said of somebody is believed: that they are there, and that they are not.
THERE, NOT_THERE = timedelta(days=7), timedelta(days=1)
# Codes that say that the person is not to be reached in Slack, whatever the message.
GONE = (
    "users_not_found",
    "user_not_found",
    "user_disabled",
    "user_not_visible",
    "cannot_dm_bot",
    "invalid_user_combination",
)


def known(person_id: int) -> Link | None:
    """What is known of that person in Slack; None where nobody has looked."""
    return core.find_link(Connection(PLUGIN), PERSON, object_id=person_id)


def reachable(setup: Setup, person: Recipient) -> Link:
    """The person's account in Slack; Slack is asked where nobody has yet. Raises GiveUp for people without one."""
    link = known(person.id)
    if link is None or link.state is LinkState.WAITING:
        link = look_up(setup, person, link)
    if link.external_id is None:
        raise GiveUp(link.error or _("This person is not in Slack."))
    return link


def look_up(setup: Setup, person: Person | Recipient, link: Link | None, patience: timedelta = PATIENCE) -> Link:
    """Ask Slack who the person is there, keep the answer and give it. Raises a Fate where Slack cannot be asked."""
    asked = str(link.base.get("asked") or "") if link is not None else ""
    try:
        if member := asked if asked and "@" not in asked else (link.external_id if link is not None else None):
            user = _ask(setup, "users.info", patience, user=member)
        else:
            user = _ask(setup, "users.lookupByEmail", patience, email=asked or person.email)
        reason = _unfit(user)
    except Refusal as refusal:
        if refusal.code not in GONE:
            raise _for_this_one(refusal.fate) from None
        user, reason = {}, refusal.fate.reason
    return keep_missing(person, link, reason) if reason else keep_found(person, link, user)


def keep_found(person: Person | Recipient, link: Link | None, user: Mapping[str, Any]) -> Link:
    """Keep what Slack says of that person's account, which may be that it is closed."""
    if reason := _unfit(user):
        return keep_missing(person, link, reason)
    by_hand = link is not None and link.base.get("by") == BY_HAND
    return _keep(_there(person.id, link, user, BY_HAND if by_hand else BY_EMAIL))


def keep_missing(person: Person | Recipient, link: Link | None, reason: str) -> Link:
    """Keep that the person is not to be found in Slack, and why."""
    return _keep(_not_there(person.id, link, reason))


def keep_conversation(link: Link, dm: str) -> None:
    """Note the direct conversation with that person; '' for one that is not there any more."""
    if link.base.get("dm", "") != dm:
        core.keep_link(Connection(PLUGIN), replace(link, base={**link.base, "dm": dm}))


def gone(link: Link, reason: str) -> None:
    """Note that the person cannot be reached in Slack any more; they are looked for again tomorrow."""
    _keep(_not_there(link.object_id, link, reason))


def match_by_hand(person: Person, asked: str) -> None:
    """Say by hand who a person is in Slack, by member ID or by the address they have there; '' to look by e-mail again.

    Slack is asked about it within a minute; nobody waits for it in front of a page.
    """
    base = {"by": BY_HAND, "asked": asked} if asked else {"by": BY_EMAIL}
    waiting = Link(PERSON, person.id, None, base=base, state=LinkState.WAITING, try_at=core.utc_now())
    core.keep_link(Connection(PLUGIN), waiting)


def _ask(setup: Setup, method: str, patience: timedelta, **arguments: Any) -> Mapping[str, Any]:
    wait_for(method, patience)
    user = call(setup, method, **arguments).data.get("user")
    return user if isinstance(user, Mapping) else {}


def _for_this_one(fate: Fate) -> Fate:
    """A pause that Slack asks for concerns looking people up, and not the messages of those who are known."""
    return Retry(fate.reason) if isinstance(fate, Retry) else fate


def _unfit(user: Mapping[str, Any]) -> str:
    """Why nothing is sent to that account, '' for one that is fine."""
    if not user.get("id"):
        return _("Slack’s answer named nobody.")
    if user.get("deleted"):
        return _("This person’s account in Slack is deactivated.")
    if user.get("is_bot") or user.get("id") == "USLACKBOT":
        return _("This is an app and not a person.")
    return ""


def _there(person_id: int, link: Link | None, user: Mapping[str, Any], by: str) -> Link:
    user_id = str(user["id"])
    profile = user.get("profile") if isinstance(user.get("profile"), Mapping) else {}
    name = str((profile or {}).get("real_name") or user.get("real_name") or user.get("name") or user_id)
    base: dict[str, Any] = {"by": by}
    if link is not None and link.external_id in (None, user_id) and link.base.get("dm"):
        base["dm"] = link.base["dm"]
    try_at = core.utc_now() + THERE
    return Link(PERSON, person_id, user_id, external_key=name[:200], base=base, state=LinkState.DONE, try_at=try_at)


def _not_there(person_id: int, link: Link | None, reason: str) -> Link:
    base = {name: value for name, value in (link.base if link else {}).items() if name in ("by", "asked")}
    if base.get("by") == BY_HAND and link is not None and link.external_id:
        # Whoever comes back is found again.
        base["asked"] = link.external_id
    try_at = core.utc_now() + NOT_THERE
    return Link(PERSON, person_id, None, base=base, state=LinkState.FAILED, error=reason, try_at=try_at)


def _keep(link: Link) -> Link:
    """Write it. One account in Slack belongs to one person here, and the first who has it keeps it."""
    connection = Connection(PLUGIN)
    if link.external_id is not None:
        other = core.find_link(connection, PERSON, external_id=link.external_id)
        if other is not None and other.object_id != link.object_id:
            if other.object_id in core.find_people([other.object_id]):
                link = _not_there(link.object_id, link, _("Somebody else here has this account in Slack already."))
            else:
                # Whoever had it has no account here any more.
                core.forget_link(connection, PERSON, object_id=other.object_id)
    core.keep_link(connection, link)
    return link


def need_token(setup: Setup) -> None:
    """Raise Misconfigured where there is no token to speak to Slack with."""
    if not setup.bot_token:
        raise Misconfigured(_("There is no bot token. Enter it in the settings of the plugin Slack."))
