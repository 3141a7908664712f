"""Whose account in Slack it is: by the link that was kept, else by the e-mail address that Slack knows.

Only members of the workspace itself are looked up by their address: what a guest from another company's workspace calls
theirs proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plugins.slack_checkin.people import BY_EMAIL, BY_HAND, PERSON, THERE
from plugins.slack_checkin.settings import PLUGIN
from program.plugin_api import core
from program.plugin_api.contract import Connection, Link, LinkState, Person


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody whom Milepost does not know. `locale` is 'en' or 'pl', as far as Slack says."""

    locale: str = "en"


def whose(user_id: str, client: Any) -> Person | Stranger:
    """The person with that account in Slack. Raises what `client` raises where Slack has to be asked."""
    connection = Connection(PLUGIN)
    kept = core.find_link(connection, PERSON, external_id=user_id)
    if kept is not None:
        return core.find_people([kept.object_id]).get(kept.object_id) or Stranger()
    user: Mapping[str, Any] = client.users_info(user=user_id, include_locale=True).get("user") or {}
    stranger = Stranger("pl" if str(user.get("locale", "")).startswith("pl") else "en")
    if user.get("is_stranger") or user.get("is_bot") or user.get("deleted") or user.get("is_ultra_restricted"):
        return stranger
    person = core.find_person(str((user.get("profile") or {}).get("email") or ""))
    if person is None:
        return stranger
    other = core.find_link(connection, PERSON, object_id=person.id)
    if other is not None and (other.external_id or other.base.get("by") == BY_HAND):
        # That person has another account in Slack, or somebody says that they have.
        return stranger
    try_at = core.utc_now() + THERE
    core.keep_link(
        connection, Link(PERSON, person.id, user_id, base={"by": BY_EMAIL}, state=LinkState.DONE, try_at=try_at)
    )
    return person
