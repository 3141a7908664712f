"""The messages that ask for a vote, after they were sent: once it is decided, or taken back, they say how it went.

Where a person's messages are stands in a link (`decision:<id>`, the person's id). A tick reads from these links what is
to be done; then they are forgotten.
"""

from __future__ import annotations

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from plugins.slack_checkin import decisions
from plugins.slack_checkin.blocks import Block
from plugins.slack_checkin.errors import PAUSE, Refusal
from plugins.slack_checkin.redrawing import redraw
from plugins.slack_checkin.settings import PLUGIN, Setup, own_setup
from plugins.slack_checkin.told import speaking_to
from plugins.slack_checkin.who import Stranger
from program.plugin_api import core
from program.plugin_api.contract import (
    Connection,
    Link,
    LinkState,
    NotFound,
    OutgoingMessage,
    Part,
    Person,
    Retry,
    Tick,
)

DECISION = "decision"
# Reading and changing a message is two calls of some fifty a minute.
MOST_A_MINUTE = 20
_INSTANCE = Connection(PLUGIN)


def draw(message: OutgoingMessage, part: Part) -> list[Block] | None:
    """The decision as it stands for the reader; None for a message of an older version."""
    reader, decision_id = message.recipient, int(part.data.get("request") or 0)
    if reader is None or not decision_id:
        return None
    person = Person(reader.id, reader.name, reader.email, reader.locale, reader.timezone)
    decision = core.decision(person, decision_id)
    with core.speaking_to(person):
        return decisions.draw(decision)


def posted(part: Part, message: OutgoingMessage, channel: str, ts: str) -> None:
    """A message that asks for a vote stands in that conversation now."""
    decision_id, person = int(part.data.get("request") or 0), message.recipient
    if not decision_id or person is None:
        return
    kind, name = _kind(decision_id), f"{channel}:{ts}"
    kept = core.find_link(_INSTANCE, kind, object_id=person.id)
    places = list(kept.base["places"]) if kept is not None else []
    if name not in places:
        places.append(name)
    # The people's links first: a decision's own is forgotten where it has none.
    core.keep_link(_INSTANCE, Link(kind, person.id, name, base={"places": places}, state=LinkState.DONE))
    core.keep_link(_INSTANCE, Link(DECISION, decision_id), new=True)


def tick() -> Tick:
    """The work of this module, for the clock."""
    label = _l("Messages about decisions in Slack say how they went")
    return Tick("decision_messages", label, timedelta(minutes=1), look_after)


def look_after() -> int:
    """Say in the messages of decisions that are over how they went, as many as Slack takes. Says how many."""
    setup, done = own_setup(), 0
    for one in core.due_links(_INSTANCE, DECISION) if setup.bot_token else ():
        if core.decision_state(one.object_id) == "open":
            continue
        links, _total = core.list_links(_INSTANCE, _kind(one.object_id), limit=MOST_A_MINUTE)
        people = core.find_people([link.object_id for link in links])
        for link in links:
            if done >= MOST_A_MINUTE:
                return done
            try:
                done += _say_how_it_went(setup, one.object_id, link, people.get(link.object_id))
            except Refusal as refusal:
                if not isinstance(refusal.fate, Retry):
                    raise refusal.fate from None
                later = core.utc_now() + (refusal.fate.after or PAUSE)
                core.keep_link(_INSTANCE, Link(DECISION, one.object_id, try_at=later))
                return done
        if len(links) < MOST_A_MINUTE:
            core.forget_link(_INSTANCE, DECISION, object_id=one.object_id)
    return done


def _say_how_it_went(setup: Setup, decision_id: int, link: Link, person: Person | None) -> int:
    with speaking_to(person or Stranger()):
        new, words = decisions.draw_gone(decision_id), decisions.gone_words()
        if person is not None:
            try:
                decision = core.decision(person, decision_id)
                new, words = decisions.draw_over(decision), decisions.read_aloud(decision)
            except NotFound:
                # Somebody who has left the program meanwhile.
                pass
        for place in link.base["places"]:
            channel, _colon, ts = place.partition(":")
            redraw(setup, channel, ts, decisions.prefix(decision_id), new, words)
    core.forget_link(_INSTANCE, link.object_type, object_id=link.object_id)
    return len(link.base["places"])


def _kind(decision_id: int) -> str:
    return f"{DECISION}:{decision_id}"
