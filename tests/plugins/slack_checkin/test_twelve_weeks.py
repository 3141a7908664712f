"""Twelve weeks of a team that is asked in Slack every week, in three time zones: driven by the clock and by taps alone.

The weeks hold what weeks hold: both changes to summer time, Easter Monday, somebody who never answers, somebody who
changes their mind, somebody without Slack.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from program.extensions import db
from program.ground import database
from program.ground.calendar import WorkingCalendar
from program.outbox.models import Message as Row
from program.pulse import replies
from program.pulse.models import OpenAnswer, Round
from tests.fakes.slack import Message
from tests.plugins.slack_checkin.life import HOME, ZONES, Life, Teammate, rows, weeks_from

FIRST, WEEKS = date(2026, 3, 9), 12
POLAND = WorkingCalendar("PL")
# Just after the survey's hour, when what is due is told; and when a morning's message has been gathered.
TOLD, SENT = time(9, 1), time(9, 7)
# Who answers when: on the first day, after the first reminder, after the second, never.
HABITS = {"Ania": 0, "Bob": 1, "Chie": 2, "Darek": 0, "Eve": 3, "Fumi": 0}


def local_days(begun: date) -> list[date]:
    """The days of a round on which people hear of it: it opens, and reminds on its second and fourth day."""
    return [begun, POLAND.add(begun, 1), POLAND.add(begun, 3)]


def go_round(life: Life, day: date, *hours: time, zones: Collection[str] = ZONES) -> None:
    """The clock comes by at these hours of each zone, as the day goes round the world."""
    for zone in sorted(zones, key=lambda name: datetime.combine(day, hours[0], ZoneInfo(name))):
        for at in hours:
            life.tick_at(day, at, ZoneInfo(zone))


def counts(life: Life) -> dict[str, int]:
    """How many messages were ever posted to each."""
    posted: Counter[str] = Counter()
    for call in life.slack.calls("chat.postMessage"):
        posted[str(call.args["channel"])] += call.status == 200 and not call.error
    found = {}
    for name, mate in life.team.items():
        channel = life.slack.world.dm(mate.slack.id)
        found[name] = posted[mate.slack.id] + (posted[channel.id] if channel else 0)
    return found


def test_twelve_weeks(life: Life) -> None:
    week = Weeks(life)
    for number, monday in enumerate(weeks_from(FIRST, WEEKS)):
        week.live(number, monday)
    with life.app.app_context(), database.looking():
        rounds = list(db.session.scalars(db.select(Round).order_by(Round.number)))
        assert [one.number for one in rounds] == list(range(1, WEEKS + 1))
        # Eve never answers; Tomek, who is not in Slack, and Maria did not this time.
        assert {one.answered for one in rounds} == {5}
        assert db.session.scalar(db.select(db.func.count()).select_from(OpenAnswer)) == 0
        assert db.session.scalar(db.select(db.func.count()).where(Row.kind.like("pulse.%"))) == 0
    assert life.slack.troubles == []


class Weeks:
    """One week after the other."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.said = ""

    def live(self, number: int, monday: date, *, reminds: bool = True) -> None:
        """Everything that happens in a week; without `reminds` no clock comes by between its first day and its last."""
        self.life.all_ticks = number in (0, WEEKS - 1)
        begun = monday if POLAND.holiday(monday) is None else monday + timedelta(days=1)
        self._manager_says_what_was_done(number, begun)
        self._opens(begun)
        self._answer(0, number)
        for reminder, day in enumerate(local_days(begun)[1:], start=1):
            if reminds:
                self._reminds(reminder, day, everywhere=number < 4)
            else:
                self.life.go_to(day, time(16), HOME)
            self._answer(reminder, number)
        self._thanks(number)
        self._closes(POLAND.on_or_before(monday + timedelta(days=4)))

    def _manager_says_what_was_done(self, number: int, begun: date) -> None:
        if number == 0:
            return
        self.said = f"We fixed the slow search, part {number}."
        self.life.go_to(begun - timedelta(days=3), time(15), HOME)
        with self.life.app.app_context(), database.transaction():
            actor = self.life.cast.manager.actor
            replies.add_reply(actor, self.life.cast.program_id, "tools", "The search is slow.", self.said)

    def _opens(self, begun: date) -> None:
        life, before = self.life, counts(self.life)
        # Where days begin first, on Kiritimati, it is nine already.
        life.tick_at(begun - timedelta(days=1), time(19, 1), ZoneInfo("UTC"))
        assert counts(life) == before
        go_round(life, begun, SENT)
        assert {name: count - before[name] for name, count in counts(life).items()} == dict.fromkeys(life.team, 1)
        for mate in life.team.values():
            hour = datetime.fromtimestamp(float(mate.pulse.ts), mate.zone)
            assert (hour.date(), hour.hour) == (begun, 9)
            assert len(mate.pulses()) == 1
            assert len(mate.pulse.words) > 200

    def _answer(self, reminded: int, number: int) -> None:
        for name, habit in HABITS.items():
            if habit == reminded:
                self._answers(self.life.team[name], number)
        if reminded == 2 and number % 3 == 0:
            self._changes_their_mind(self.life.team["Ania"])
        if reminded == 1:
            self._comments(self.life.team["Fumi"], number)

    def _answers(self, mate: Teammate, number: int) -> None:
        life = self.life
        value = "4" if number < 6 else "2"
        life.answer_all(mate, value)
        chosen = [[place.label for place in places if place.is_chosen] for places in rows(mate.pulse).values()]
        assert all(len(labels) == 1 for labels in chosen), chosen
        assert mate.slack.modal is None

    def _changes_their_mind(self, mate: Teammate) -> None:
        block, places = next(iter(rows(mate.pulse).items()))
        other = next(place for place in places if not place.is_chosen)
        self.life.done(mate.slack.press(mate.pulse, other.action_id, block_id=block))
        again = rows(mate.pulse)[block]
        assert [place.value for place in again if place.is_chosen] == [other.value]

    def _comments(self, mate: Teammate, number: int) -> None:
        found = [place for place in mate.slack.buttons(mate.pulse) if place.action_id.startswith("pulse.comment")]
        for place in found:
            self.life.done(mate.slack.press(mate.pulse, place.action_id))
            assert mate.slack.modal is not None
            field = mate.slack.buttons(mate.slack.modal)[0].action_id
            self.life.done(mate.slack.submit({field: f"The search is slow in week {number}."}))
            assert mate.slack.modal is None
            assert "The search is slow in week" not in mate.pulse.words

    def _reminds(self, reminder: int, day: date, *, everywhere: bool) -> None:
        life, before = self.life, counts(self.life)
        silent = {name for name, habit in HABITS.items() if habit >= reminder}
        # After a month it is known that who has answered is left alone: the clock rests where nobody is silent.
        here = {life.team[name].zone.key for name in silent}
        go_round(life, day, TOLD, SENT, zones=ZONES if everywhere else here)
        assert {name for name, count in counts(life).items() if count > before[name]} == silent
        if reminder == 1:
            return
        # A reminder takes the place of the message before it.
        life.tick_at(day, time(16, 30))
        assert {name: len(mate.pulses()) for name, mate in life.team.items()} == dict.fromkeys(life.team, 1)

    def _closes(self, day: date) -> None:
        life, before = self.life, counts(self.life)
        old = {name: mate.pulse.snapshot() for name, mate in life.team.items()}
        life.tick_at(day, time(18, 1))
        life.tick_at(day, time(18, 3))
        for mate in life.team.values():
            assert mate.pulses() == []
        assert counts(life) == before
        self._tap_too_late(life.team["Eve"], old["Eve"])

    def _thanks(self, number: int) -> None:
        """Who has answered everything is thanked: with last week's result, and with what was done about it."""
        fumi = self.life.team["Fumi"].pulse.words
        assert "thank you" in fumi
        if number:
            assert "Last time 5 of 8 answered" in fumi
            assert self.said in fumi
        assert "thank you" not in self.life.team["Eve"].pulse.words

    def _tap_too_late(self, mate: Teammate, old: Message) -> None:
        block, places = next(iter(rows(old).items()))
        words = mate.slack.last.text
        self.life.done(mate.slack.press(old, places[0].action_id, block_id=block))
        assert mate.pulses() == []
        assert mate.slack.last.text == words
