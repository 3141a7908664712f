"""A program that reviews its KPIs every Wednesday, its owners in Slack, and a channel where the review is told.

As in `life.py`, two things happen only: the clock comes by, or somebody does something in Slack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import time_machine
from flask import Flask
from sqlalchemy import select

from program.extensions import db
from program.ground import database
from program.ground.actor import Access
from program.ground.calendar import WorkingCalendar
from program.kpis.index import NewPart, set_mix
from program.kpis.models import CustomerChannel, Kpi, KpiChannel, Reading, Review, Way
from program.kpis.review_plan import PlanDraft, save_plan
from program.kpis.writing import NewReading, write
from program.people.models import Membership
from program.people.models import Person as PersonRow
from program.plugin_host import switching
from tests.cast import Cast, make_person
from tests.fakes.slack import Message, Person, Slack
from tests.fakes.slack.world import Channel
from tests.kpis.conftest import make_kpi
from tests.plugins.slack_checkin.life import HOME, PLUGIN, Life

POLAND = WorkingCalendar("PL")
CHANNELS = ("chat", "phone", "shop")


@dataclass
class Meetings(Life):
    """What goes on around a weekly review. `kpis` are ids by code, `hands` people in Slack by first name."""

    kpis: dict[str, int] = field(default_factory=dict)
    hands: dict[str, Person] = field(default_factory=dict)
    room: Channel = field(default_factory=lambda: Channel("C0", "public"))

    all_ticks: bool = False
    matters: tuple[str, ...] = ("kpis.reviews", "outbox.hand_over", "plugin_")

    @property
    def ania(self) -> Person:
        """Owner of CSAT and WAIT; speaks Polish."""
        return self.hands["Ania"]

    @property
    def bob(self) -> Person:
        """Her deputy for CSAT."""
        return self.hands["Bob"]

    @property
    def maria(self) -> Person:
        """The manager, who owns NPS."""
        return self.hands["Maria"]

    def monday_morning(self, monday: date) -> None:
        """Owners are asked, and what was gathered of the morning goes out."""
        self.tick_at(monday, time(7, 1))
        # Nobody is written to on a holiday.
        day = POLAND.add(monday, 0)
        for at in (time(8, 31), time(8, 37)):
            self.tick_at(day, at)

    def becomes_ready(self, monday: date) -> None:
        """Wednesday, two hours before the meeting."""
        self.tick_at(monday + timedelta(days=2), time(8, 1))
        self.tick()

    def posts(self) -> list[Message]:
        """What stands in the review channel itself, not in threads, for all to see."""
        return [one for one in self.room.messages if one.thread_ts in ("", one.ts) and not one.seen_by]

    def thread(self, message: Message) -> list[Message]:
        """The replies to a message that all can see."""
        return [one for one in self.room.messages if one.thread_ts == message.ts != one.ts and not one.seen_by]

    def asked(self, who: Person) -> Message:
        """The newest message that asks somebody for figures."""
        found = [one for one in who.messages if any(p.action_id.startswith("figures.enter") for p in who.buttons(one))]
        assert found, f"{who.name} is not asked: {[one.words for one in who.messages]}"
        return found[-1]

    def open_window(self, who: Person, message: Message | None = None) -> None:
        """Press the button that asks for figures."""
        place = next(p for p in who.buttons(message or self.asked(who)) if p.action_id.startswith("figures.enter"))
        self.done(who.press(message or self.asked(who), place.action_id))

    def fill_in(self, who: Person, figures: Mapping[str, str]) -> None:
        """Write figures into the window that is open, by 'CSAT:chat'."""
        view = who.modal
        assert view is not None
        codes = {kpi_id: code for code, kpi_id in self.kpis.items()}
        for place in who.buttons(view):
            _field, kpi_id, _revision, channel = place.block_id.split(":")
            name = f"{codes[int(kpi_id)]}:{channel}"
            if name in figures:
                who.choose(view, place.action_id, figures[name], block_id=place.block_id)

    def enter(self, who: Person, figures: Mapping[str, str]) -> None:
        """Open the window, write, send it and close it."""
        self.open_window(who)
        self.fill_in(who, figures)
        self.done(who.submit())
        assert who.errors == {}

    def enter_for(self, monday: date, weeks: int = 3) -> None:
        """All figures of the weeks before that Monday are there."""
        with self.app.app_context(), database.transaction():
            rows = [
                NewReading(kpi_id, channel, monday - timedelta(weeks=back), Decimal(60 + back))
                for code, kpi_id in self.kpis.items()
                for channel in (("", *CHANNELS) if code == "CSAT" else ("",))
                for back in range(1, weeks + 1)
            ]
            write(self.cast.program_id, rows, way=Way.FORM)

    def figures(self, monday: date) -> dict[str, Decimal]:
        """What is kept of that week, by 'CSAT:chat'."""
        codes = {kpi_id: code for code, kpi_id in self.kpis.items()}
        with self.app.app_context(), database.looking():
            rows = db.session.execute(
                select(Reading.kpi_id, Reading.channel, Reading.value).where(Reading.period == monday)
            ).all()
        return {f"{codes[row.kpi_id]}:{row.channel}": row.value for row in rows}

    def states(self) -> list[str]:
        """The states of all reviews, the first one first."""
        with self.app.app_context(), database.looking():
            return list(db.session.scalars(select(Review.state).order_by(Review.number)))


@contextmanager
def meeting(app: Flask, slack: Slack, cast: Cast, monkeypatch: Any) -> Iterator[Meetings]:
    """It is Friday, 6 March 2026; the first review is on Wednesday, its owners are asked on Monday at seven."""
    monkeypatch.setattr("plugins.slack_checkin.pacing.APART", 0.0)
    with time_machine.travel(datetime(2026, 3, 6, 10, tzinfo=HOME)) as moment:
        here = Meetings(app, slack, cast, moment)
        with app.app_context(), database.transaction():
            owners = {name: _invite(here, name, locale) for name, locale in (("Ania", "pl"), ("Bob", "en"))}
            for name, member in (("Maria", cast.manager), ("Wanda", cast.viewer)):
                here.hands[name] = slack.user(member.name, member.email)
            here.room = slack.channel("kpis", *here.hands.values())
            for position, key in enumerate(CHANNELS):
                db.session.add(CustomerChannel(program_id=cast.program_id, key=key, name="", position=position))
            csat = _kpi(here, "CSAT", owner_id=owners["Ania"].id, deputy_id=owners["Bob"].id)
            _kpi(here, "WAIT", owner_id=owners["Ania"].id, unit="seconds", scale_high=None, better="down")
            _kpi(here, "NPS", owner_id=cast.manager.id, unit="points", scale_low=Decimal(-100), decimals=0)
            db.session.flush()
            db.session.add_all(KpiChannel(kpi_id=csat.id, channel=key) for key in CHANNELS)
            mix = [NewPart(here.kpis[code], "", Decimal(50), Decimal(0), Decimal(100)) for code in ("CSAT", "NPS")]
            set_mix(cast.manager.actor, cast.program_id, date(2026, 2, 2), mix, seen=None)
            switching.set_in_program(cast.manager.actor, cast.program_id, PLUGIN, True)
            draft = PlanDraft(weekday=2, collect_days=2, chair_id=cast.manager.id, channel=f"{PLUGIN}:{here.room.id}")
            save_plan(cast.manager.actor, cast.program_id, draft, seen=None)
        yield here
    assert slack.troubles == []


def _invite(here: Meetings, name: str, locale: str) -> PersonRow:
    person = make_person(f"{name} Nowak", f"{name.lower()}@alfa.example", locale=locale)
    db.session.add(Membership(program_id=here.cast.program_id, person_id=person.id, access=Access.CONTRIBUTOR.value))
    here.hands[name] = here.slack.user(person.name, person.email, locale="pl-PL" if locale == "pl" else "en-US")
    return person


def _kpi(here: Meetings, code: str, **more: Any) -> Kpi:
    kpi = make_kpi(here.cast.program_id, code, name=code, **more)
    here.kpis[code] = kpi.id
    return kpi
