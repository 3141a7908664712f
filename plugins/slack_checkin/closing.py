"""The messages of a pulse check after they were sent: where they are, and what becomes of them when the round is over.

Where a person's message is stands in a link (`pulse:<round>`, the person's id) from the moment it was posted. A tick
reads what is to be done from these links: a reminder takes the place of the message before it, and a closed round's
messages say so and lose their buttons. Then the link is forgotten: it says who was asked, and nothing may do that then.

Slack takes some fifty edits a minute, so those of two thousand people take three quarters of an hour. None can be left
out: every message offers its buttons until the end, for answers may be changed, and who has answered is not kept
anywhere that this could read. Meanwhile a late tap is refused, and closes its own message by Slack's other way at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin import pulse
from plugins.slack_checkin.client import call
from plugins.slack_checkin.errors import PAUSE, Refusal
from plugins.slack_checkin.redrawing import GONE
from plugins.slack_checkin.settings import PLUGIN, Setup, own_setup
from plugins.slack_checkin.told import speaking_to
from plugins.slack_checkin.who import Stranger
from program.plugin_api import core
from program.plugin_api.contract import Connection, GiveUp, Link, LinkState, OutgoingMessage, Part, Person, Retry, Tick

ROUND = "pulse.round"
# chat.update takes some fifty calls a minute for a whole workspace (tier 3).
MOST_A_MINUTE = 45
_INSTANCE = Connection(PLUGIN)


def posted(part: Part, message: OutgoingMessage, channel: str, ts: str) -> None:
    """A message with a pulse check in it stands in that conversation now; one from before gives way to it."""
    check_in_id, person = int(part.data.get("round") or 0), message.recipient
    if not check_in_id or person is None:
        return
    place = {"channel": channel, "ts": ts, "alone": len(message.parts) == 1}
    kept = core.find_link(_INSTANCE, _kind(check_in_id), object_id=person.id)
    if kept is not None and kept.external_id == _name(place):
        return
    old = [*kept.base.get("old", ()), kept.base["place"]] if kept is not None else []
    core.keep_link(_INSTANCE, Link(ROUND, check_in_id), new=True)
    base = {"program": str(part.data.get("program") or ""), "place": place, "old": old}
    state = LinkState.WAITING if old else LinkState.DONE
    core.keep_link(_INSTANCE, Link(_kind(check_in_id), person.id, _name(place), base=base, state=state))


def stands_alone(check_in_id: int, person: Person, ts: str) -> bool:
    """Whether the message at that time is known to hold the pulse check and nothing else."""
    kept = core.find_link(_INSTANCE, _kind(check_in_id), object_id=person.id)
    place = kept.base.get("place", {}) if kept is not None else {}
    return bool(place.get("ts") == ts and place.get("alone"))


def settled(check_in_id: int, person: Person, channel: str, ts: str) -> None:
    """A late tap has had the message say that the round is closed: it need not be edited for that once more.

    That somebody tapped after the end tells nothing of whether they had answered.
    """
    kept = core.find_link(_INSTANCE, _kind(check_in_id), object_id=person.id)
    if kept is not None and kept.external_id == f"{channel}:{ts}" and not kept.base.get("old"):
        core.forget_link(_INSTANCE, _kind(check_in_id), object_id=person.id)


def tick() -> Tick:
    """The work of this module, for the clock."""
    return Tick(
        "pulse_messages", _l("Messages of closed pulse checks in Slack say so"), timedelta(minutes=1), look_after
    )


def look_after() -> int:
    """Bring messages up to where their rounds are, as many as Slack takes in a minute. Says how many."""
    due = core.due_links(_INSTANCE, ROUND)
    if not due:
        return 0
    setup, done = own_setup(), 0
    for one in due:
        is_open = core.is_check_in_open(one.object_id)
        links = (
            _waiting(one.object_id)
            if is_open
            else core.list_links(_INSTANCE, _kind(one.object_id), limit=MOST_A_MINUTE)[0]
        )
        people = core.find_people([link.object_id for link in links])
        for link in links:
            if done >= MOST_A_MINUTE:
                return done
            try:
                done += _look_after(setup, one.object_id, link, people.get(link.object_id), is_open=is_open)
            except _TooMuch as wait:
                core.keep_link(_INSTANCE, Link(ROUND, one.object_id, try_at=core.utc_now() + wait.after))
                return done
        if not is_open and not links:
            core.forget_link(_INSTANCE, ROUND, object_id=one.object_id)
    return done


class _TooMuch(Exception):
    """Slack wants to be left alone for so long."""

    def __init__(self, after: timedelta) -> None:
        super().__init__()
        self.after = after


def _look_after(setup: Setup, check_in_id: int, link: Link, person: Person | None, *, is_open: bool) -> int:
    """Do what one person's messages need. How many calls that took."""
    calls = 0
    with speaking_to(person or Stranger()):
        for place in link.base.get("old", ()):
            words = _("You find the questions further down.")
            block = b.section(b.escaped(words), f"{pulse.prefix(check_in_id)}moved")
            calls += _redraw(setup, place, check_in_id, [block], words)
        if is_open:
            settled = {**link.base, "old": []}
            core.keep_link(
                _INSTANCE,
                Link(link.object_type, link.object_id, link.external_id, base=settled, state=LinkState.DONE),
            )
            return calls
        program = str(link.base["program"])
        text = _("The pulse of %(program)s is closed.", program=program) + " " + pulse.closed_words()
        calls += _redraw(setup, link.base["place"], check_in_id, pulse.draw_closed(check_in_id, program), text)
    core.forget_link(_INSTANCE, link.object_type, object_id=link.object_id)
    return calls


def _redraw(setup: Setup, place: Mapping[str, Any], check_in_id: int, new: list[b.Block], text: str) -> int:
    """Draw the pulse's part of a message anew. What else is in it is read from Slack, and stays. How many calls."""
    channel, ts = place["channel"], place["ts"]
    blocks: list[b.Block] | None = new
    if not place["alone"]:
        found = _call(setup, "conversations.history", channel=channel, latest=ts, oldest=ts, inclusive=True, limit=1)
        blocks = pulse.replaced((found.get("messages") or [{}])[0].get("blocks") or [], check_in_id, new)
    if blocks:
        _call(setup, "chat.update", channel=channel, ts=ts, text=text, blocks=blocks)
    return 1


def _call(setup: Setup, method: str, **arguments: Any) -> Mapping[str, Any]:
    """One call; {} where the message, or whoever would read it, is gone. Raises _TooMuch, Retry, Misconfigured."""
    try:
        return call(setup, method, **arguments).data
    except Refusal as refusal:
        if refusal.code == "ratelimited":
            after = refusal.fate.after if isinstance(refusal.fate, Retry) else None
            raise _TooMuch(after or PAUSE) from None
        if refusal.code in GONE or isinstance(refusal.fate, GiveUp):
            return {}
        raise refusal.fate from None


def _waiting(check_in_id: int) -> tuple[Link, ...]:
    return core.due_links(_INSTANCE, _kind(check_in_id))


def _kind(check_in_id: int) -> str:
    return f"pulse:{check_in_id}"


def _name(place: Mapping[str, Any]) -> str:
    return f"{place['channel']}:{place['ts']}"
