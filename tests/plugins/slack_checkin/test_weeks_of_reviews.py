"""Twelve weeks of KPI reviews, driven by the clock and by what people do in Slack alone: asked, told, held, closed.

The weeks hold what weeks hold: a change to summer time, Easter Monday, an owner who is silent, a deputy who steps in,
replies that several people mark.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.kpis.models import ReviewAction, ReviewNote
from program.people.models import Person as PersonRow
from program.planning.models import WorkItem
from tests.fakes.slack import Message, Person
from tests.plugins.slack_checkin.life import weeks_from
from tests.plugins.slack_checkin.meetings import Meetings

FIRST, WEEKS = date(2026, 3, 9), 12
SILENT, BY_DEPUTY = 4, 7


# What a clock does of reviews on PostgreSQL, the reviews' own twelve weeks show.
@pytest.mark.one_database
def test_twelve_weeks(meetings: Meetings) -> None:
    for number, monday in enumerate(weeks_from(FIRST, WEEKS)):
        meetings.all_ticks = number in (0, WEEKS - 1)
        live(meetings, number, monday)
    assert meetings.states() == ["closed"] * WEEKS
    assert len(meetings.posts()) == WEEKS
    with meetings.app.app_context(), database.looking():
        notes = list(db.session.scalars(db.select(ReviewNote)))
        assert Counter(note.kind for note in notes) == {"cause": WEEKS, "note": WEEKS, "decision": WEEKS}
        assert db.session.scalar(db.select(db.func.count()).select_from(ReviewAction)) == WEEKS
        told = db.session.scalars(
            db.select(AuditEntry.origin).where(AuditEntry.verb.in_(("review.held", "review.closed")))
        )
        assert set(told) == {"slack"}
        items = db.session.scalars(db.select(WorkItem))
        assert {item.owner_id for item in items} == {owner_of(meetings)}
    pictures = [file for file in meetings.slack.world.files.values() if file.done]
    # Two figures make a line; before that the KPI that matters most has none either.
    assert WEEKS - 2 <= len(pictures) <= WEEKS
    assert all(file.content.startswith(b"\x89PNG") and "ndex" in file.alt_text for file in pictures)


def owner_of(meetings: Meetings) -> int:
    """Ania's number here."""
    return int(db.session.scalars(db.select(PersonRow.id).where(PersonRow.email == meetings.ania.email)).one())


def live(meetings: Meetings, number: int, monday: date) -> None:
    """A week: figures come in, the review is told, people write in its thread, it is held and closed."""
    ania, bob, maria = meetings.ania, meetings.bob, meetings.maria
    week = monday - timedelta(weeks=1)
    wednesday = monday + timedelta(days=2)
    meetings.monday_morning(monday)
    figures = {"CSAT:": "80,5", "CSAT:chat": "79", "CSAT:phone": str(70 + number), "CSAT:shop": "88", "WAIT:": "1:15"}
    if number not in (SILENT, BY_DEPUTY):
        meetings.enter(ania, figures)
        ania.close()
    meetings.enter(maria, {"NPS:": str(10 + number)})
    maria.close()
    if number == BY_DEPUTY:
        for at in (time(7, 1), time(8, 31)):
            meetings.tick_at(wednesday, at)
        meetings.enter(bob, {name: text.replace(",", ".") for name, text in figures.items() if name.startswith("CSAT")})
        bob.close()
    meetings.becomes_ready(monday)
    expected = {SILENT: 1, BY_DEPUTY: 5}.get(number, 6)
    assert len(meetings.figures(week)) == expected
    assert meetings.figures(week)["NPS:"] == Decimal(10 + number)
    post = meetings.posts()[-1]
    assert len(meetings.posts()) == number + 1
    assert "Experience Index" in post.words or number == SILENT
    if number > 2:
        (image,) = [block for block in post.blocks if block["type"] == "image"]
        assert "ndex" in image["alt_text"]
    write_in_the_thread(meetings, number, post)
    press(meetings, maria, post, "review.hold")
    meetings.done(maria.submit())
    assert maria.modal is not None
    assert "✓" in maria.modal.words
    maria.close()
    meetings.tick_at(wednesday, time(10, 30))
    assert "review.hold" not in [place.action_id for place in maria.buttons(post)]
    press(meetings, maria, post, "review.close")
    meetings.done(maria.submit({"words": f"Good enough in week {number}."}))
    maria.close()
    meetings.tick_at(wednesday, time(11))
    meetings.tick()
    *_replies, summary = meetings.thread(post)
    assert f"Good enough in week {number}." in summary.words
    assert "Więcej osób" in summary.words
    (left,) = [place.action_id for place in maria.buttons(post)]
    assert left.startswith("open:review:")


def write_in_the_thread(meetings: Meetings, number: int, post: Message) -> None:
    """A cause and an action by the buttons; two replies, one marked by two people, one picked out."""
    ania, bob, maria = meetings.ania, meetings.bob, meetings.maria
    press(meetings, ania, post, "review.cause")
    meetings.done(ania.submit({"words": f"The chat was down on day {number}."}))
    ania.close()
    press(meetings, bob, post, "review.action")
    bob.choose(bob.modal, "choice", ania.id, block_id="owner")  # type: ignore[arg-type]
    meetings.done(bob.submit({"words": "Więcej osób na czacie"}))
    bob.close()
    reply = bob.say(f"It was <@{ania.id}> who saw it &amp; said so {number}", meetings.room, below=post)
    for who in (ania, maria, ania):
        meetings.done(who.react(reply, "memo"))
    other = ania.say(f"Więcej osób w tygodniu {number}.", meetings.room, below=post)
    meetings.done(maria.shortcut("review.pick", other))
    maria.choose(maria.modal, "choice", "decision", block_id="kind")  # type: ignore[arg-type]
    meetings.done(maria.submit())
    maria.close()


def press(meetings: Meetings, who: Person, post: Message, action_id: str) -> None:
    """Press a button of the review's message."""
    meetings.done(who.press(post, action_id))
    assert who.modal is not None, who.read(meetings.room)[-1].words
