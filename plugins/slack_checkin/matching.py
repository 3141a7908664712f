"""Looking people up ahead of their first message: one by one where few are due, by the list of members where many are.

Slack answers some 45 questions for one person a minute, and gives two hundred members a page, some twenty pages a
minute: two thousand people are found in a minute instead of three quarters of an hour. A walk through the list that
takes longer than a tick goes on with the next one. What is known of a person stands in `people.py`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from plugins.slack_checkin import people
from plugins.slack_checkin.client import call
from plugins.slack_checkin.errors import Refusal
from plugins.slack_checkin.meanings import OF_METHODS
from plugins.slack_checkin.pacing import wait_for
from plugins.slack_checkin.settings import PLUGIN, Setup, own_setup
from program.plugin_api import core
from program.plugin_api.contract import Connection, Link, LinkState, Matched, Retry

# From so many people on the list is the shorter way; and as many as are looked for in one walk.
MANY, MOST = 50, 10_000
PAGE = 200
# People looked up one by one in a tick, and the seconds that a tick takes; the rest is due at the next.
MOST_A_TICK, LONGEST_TICK = 60, 40.0
# Where a walk is, for the next tick; older than this it begins anew.
WALK, WALK_ID, FRESH = "roll_call", 1, timedelta(minutes=15)
_INSTANCE = Connection(PLUGIN)


def match_due() -> int:
    """Look up those whose turn has come; for the clock. Says how many. Raises what says that Slack cannot be asked."""
    setup = own_setup()
    if not setup.bot_token:
        return 0
    until = time.monotonic() + LONGEST_TICK
    due = core.people_to_match(_INSTANCE, people.PERSON, MOST_A_TICK)
    if len(due) > MANY or (due and _walk()):
        return by_list(setup, until)
    return _one_by_one(setup, due, until)


def _one_by_one(setup: Setup, due: Sequence[Matched], until: float) -> int:
    done = 0
    for one in due:
        if done and time.monotonic() > until:
            break
        try:
            people.look_up(setup, one.person, one.link)
        except Retry:
            # The others would hear the same; the next tick goes on from here.
            if done == 0:
                raise
            break
        done += 1
    return done


def by_list(setup: Setup, until: float) -> int:
    """Match those who are due by the list of members, until that moment of the monotonic clock. Says how many.

    Raises what says that Slack cannot be asked, where nobody was matched yet.
    """
    due = core.people_to_match(_INSTANCE, people.PERSON, MOST)
    walk = _walk()
    cursor = str(walk.get("cursor") or "")
    asked = set(walk["asked"]) if cursor else {one.person.id for one in due}
    by_id, by_email = _wanted(due)
    done = 0
    while True:
        try:
            wait_for("users.list")
            more: dict[str, Any] = {"cursor": cursor} if cursor else {}
            page = call(setup, "users.list", limit=PAGE, **more).data
        except Refusal as refusal:
            if refusal.code == "invalid_cursor":
                core.forget_link(_INSTANCE, WALK, object_id=WALK_ID)
                return done
            if done and isinstance(refusal.fate, Retry):
                break
            raise refusal.fate from None
        except Retry:
            if done:
                break
            raise
        for user in page.get("members") or ():
            done += _take(user, by_id, by_email)
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            core.forget_link(_INSTANCE, WALK, object_id=WALK_ID)
            done += _not_found(list(by_email.values()), asked)
            # People of another company's workspace are known by their number and stand in no list.
            return done + (_one_by_one(setup, list(by_id.values()), until) if by_id else 0)
        if time.monotonic() > until:
            break
    if cursor:
        base = {"cursor": cursor, "asked": sorted(asked), "at": core.utc_now().isoformat()}
        core.keep_link(_INSTANCE, Link(WALK, WALK_ID, base=base, state=LinkState.DONE))
    return done


def _walk() -> Mapping[str, Any]:
    link = core.find_link(_INSTANCE, WALK, object_id=WALK_ID)
    if link is None or core.utc_now() - datetime.fromisoformat(str(link.base["at"])) > FRESH:
        return {}
    return link.base


def _wanted(due: tuple[Matched, ...]) -> tuple[dict[str, Matched], dict[str, Matched]]:
    """Those who are looked for, by member ID where that is known, else by the address they have in Slack."""
    by_id: dict[str, Matched] = {}
    by_email: dict[str, Matched] = {}
    for one in due:
        asked = str(one.link.base.get("asked") or "") if one.link is not None else ""
        member = asked if asked and "@" not in asked else (one.link.external_id if one.link is not None else None)
        if member:
            by_id[member] = one
        else:
            by_email[(asked or one.person.email).casefold()] = one
    return by_id, by_email


def _take(user: Mapping[str, Any], by_id: dict[str, Matched], by_email: dict[str, Matched]) -> int:
    """Match somebody of the list. 1 for one of those who are looked for."""
    found = by_id.pop(str(user.get("id") or ""), None)
    if found is None and not user.get("deleted"):
        # An account that was closed may have left its address to a new one.
        profile = user.get("profile")
        email = str(profile.get("email") or "") if isinstance(profile, Mapping) else ""
        found = by_email.pop(email.casefold(), None) if email else None
    if found is None:
        return 0
    people.keep_found(found.person, found.link, user)
    return 1


def _not_found(rest: list[Matched], asked: set[int]) -> int:
    """Note who is in no page. Who came up only after the walk began was not looked for on all of them."""
    reason = str(OF_METHODS["users.lookupByEmail"]["users_not_found"].words)
    missing = [one for one in rest if one.person.id in asked]
    for one in missing:
        people.keep_missing(one.person, one.link, reason)
    return len(missing)
