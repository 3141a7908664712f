"""A team in Slack with a pulse that runs: the workspace, its people, and the two ways in which anything ever happens.

The clock comes by (what `milepost tick --at` does), or somebody does something in Slack. Nothing else is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import time_machine
from flask import Flask

from plugins.slack_checkin.receiving import receiver
from program.clock import due
from program.extensions import db
from program.ground import database, ticks
from program.ground.actor import Access
from program.ground.now import held_at
from program.people.models import Membership
from program.plugin_host import switching
from program.pulse.surveys import SurveyDraft, set_up, start
from tests.cast import Cast, make_person
from tests.fakes.slack import Answer, Message, Person, Slack

PLUGIN = "slack_checkin"
ZONES = ("Europe/Warsaw", "America/New_York", "Asia/Tokyo")
LOCALES = ("pl", "en", "en")
# The program's zone: a round closes at six in the evening there.
HOME = ZoneInfo(ZONES[0])


@dataclass
class Teammate:
    """Somebody of the team: their number in Milepost, and their hands in Slack."""

    id: int
    zone: ZoneInfo
    slack: Person

    def pulses(self) -> list[Message]:
        """Messages in which a pulse can be answered now, the newest last."""
        return [message for message in self.slack.messages if rows(message)]

    @property
    def pulse(self) -> Message:
        """The message to answer in."""
        assert self.pulses(), f"{self.slack.name} has no pulse to answer: {[m.words for m in self.slack.messages]}"
        return self.pulses()[-1]


def rows(message: Message) -> dict[str, list[Any]]:
    """The rows of answer buttons of a message, by block."""
    found: dict[str, list[Any]] = {}
    for place in Person.buttons(message):
        if place.action_id.startswith("pulse.answer"):
            found.setdefault(place.block_id, []).append(place)
    return found


@dataclass
class Life:
    """What goes on. `team` by first names."""

    app: Flask
    slack: Slack
    cast: Cast
    moment: Any
    team: dict[str, Teammate] = field(default_factory=dict)
    # Set to False where the plugin's own ticks may fail, and say so.
    all_is_well: bool = True
    # A clock that goes on running keeps open what lasts.
    keeps_line: bool = False
    # Otherwise a clock does what `matters` begins: what else it does costs time and changes nothing here.
    all_ticks: bool = True
    matters: tuple[str, ...] = ("pulse.", "outbox.", "plugin_")

    def go_to(self, day: date, at: time, zone: ZoneInfo) -> datetime:
        """It is that moment, everywhere."""
        moment = datetime.combine(day, at, zone).astimezone(UTC)
        self.moment.move_to(moment)
        return moment

    def tick(self) -> list[due.Outcome]:
        """The clock comes by, once."""
        now = datetime.now(UTC)
        with self.app.app_context(), held_at(now):
            lasting = [tick for tick in ticks.all_of(self.app) if tick.lasting and self.keeps_line]
            outcomes = [*(due.run(tick) for tick in lasting), *self.run_ticks()]
        failed = [one for one in outcomes if one.error]
        assert [one for one in failed if self.all_is_well or not one.tick.name.startswith("plugin_")] == []
        return outcomes

    def run_ticks(self) -> list[due.Outcome]:
        """What a clock does, in its order."""
        if self.all_ticks:
            return due.run_all(self.app)
        wanted = [tick for tick in ticks.all_of(self.app) if not tick.lasting and tick.name.startswith(self.matters)]
        return [due.run(tick) for tick in sorted(wanted, key=lambda tick: (tick.everywhere, tick.name))]

    def tick_at(self, day: date, at: time, zone: ZoneInfo = HOME) -> None:
        """The clock comes by at that moment."""
        self.go_to(day, at, zone)
        self.tick()

    def done(self, answer: Answer) -> Answer:
        """What somebody did was acknowledged; wait until its consequences are there."""
        assert answer.ok, answer
        self.settle()
        return answer

    def settle(self) -> None:
        """Wait until nothing is left to do in the background."""
        with self.app.app_context():
            # Made at the first readable knock, which a test that only knocks wrongly never gives.
            assert receiver().workers.finish()

    def answer_all(self, who: Teammate, value: str) -> None:
        """Tap that answer (the first there is where a row does not have it) in every row of the newest pulse."""
        for block in rows(who.pulse):
            choices = {place.value.rpartition(":")[2]: place for place in rows(who.pulse)[block]}
            place = choices.get(value) or next(iter(choices.values()))
            self.done(who.slack.press(who.pulse, place.action_id, block_id=block))


@contextmanager
def living(app: Flask, slack: Slack, cast: Cast, monkeypatch: Any) -> Iterator[Life]:
    """Two teammates in each of three zones, asked on Mondays at nine; it is Friday, 6 March 2026, ten in Warsaw.

    The app is set up for the workspace, and the plugin switched on in it.
    """
    # Days go by in moments here, and a conversation takes a message a second.
    monkeypatch.setattr("plugins.slack_checkin.pacing.APART", 0.0)
    begin = datetime(2026, 3, 6, 10, tzinfo=HOME)
    with time_machine.travel(begin) as moment:
        life = Life(app, slack, cast, moment)
        with app.app_context(), database.transaction():
            life.team = dict(_invite(slack, cast, ("Ania", "Bob", "Chie", "Darek", "Eve", "Fumi")))
            switching.set_in_program(cast.manager.actor, cast.program_id, PLUGIN, True)
            draft = SurveyDraft(questions_a_round=3, scores_from=3, comments_from=3)
            survey: Any = set_up(cast.manager.actor, cast.program_id, draft)
            start(cast.manager.actor, survey, seen=survey.revision)
        yield life
    assert slack.troubles == []


def _invite(slack: Slack, cast: Cast, names: Sequence[str]) -> Iterator[tuple[str, Teammate]]:
    for number, name in enumerate(names):
        zone, locale = ZONES[number % 3], LOCALES[number % 3]
        person = make_person(f"{name} Nowak", f"{name.lower()}@alfa.example", locale=locale)
        person.timezone = zone
        db.session.add(Membership(program_id=cast.program_id, person_id=person.id, access=Access.CONTRIBUTOR.value))
        hands = slack.user(person.name, person.email, tz=zone, locale="pl-PL" if locale == "pl" else "en-US")
        yield name, Teammate(person.id, ZoneInfo(zone), hands)


def weeks_from(first: date, count: int) -> Iterator[date]:
    """Mondays."""
    for number in range(count):
        yield first + timedelta(weeks=number)
