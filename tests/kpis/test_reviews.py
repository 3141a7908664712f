"""The weekly review: driven by the clock over twelve weeks, asked, reminded, told on, held, closed and frozen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from program.extensions import db
from program.ground import database, formats
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.ground.now import held_at
from program.kpis import insets, review_rounds, reviews
from program.kpis.models import Review, ReviewAsk, ReviewNote, ReviewState, Way
from program.kpis.review_facts import Facts, facts_now, owed_of, so_what
from program.kpis.review_page import read_review
from program.kpis.review_plan import PlanDraft, find_plan, save_plan
from program.kpis.reviews import ActionDraft, add_action, add_note, close, find_review, hold, set_confidence
from program.kpis.writing import NewReading, write
from program.outbox import kinds
from program.outbox.models import Message
from program.planning.insets import Asked
from program.planning.items import change_item
from program.planning.models import WorkItem
from tests.cast import Cast
from tests.kpis.conftest import make_kpi, monday, rev

D = Decimal
# The plan of the tests: Tuesdays at ten, asked on Monday at seven; set up on Friday of week 2.
SET_UP = "2026-01-09T12:00+01:00"


@dataclass
class Meetings:
    """A program with a plan, two KPIs and their owners, and the verbs in short."""

    app: Flask
    cast: Cast
    csat: int
    nps: int

    @contextmanager
    def at(self, moment: str) -> Iterator[None]:
        """Within the block it is that moment, in a transaction of its own."""
        with self.app.app_context(), held_at(datetime.fromisoformat(moment)), database.transaction():
            yield

    def tick(self, moment: str) -> int:
        """The clock comes by."""
        with self.at(moment):
            return review_rounds.tick()

    def enter(self, kpi_id: int, week: int, value: Any) -> None:
        """A figure comes in; the transaction is the caller's."""
        write(self.cast.program_id, [NewReading(kpi_id, "", monday(week), D(value))], way=Way.FORM)

    def all(self) -> list[Review]:
        """All reviews, the first one first."""
        return list(db.session.scalars(select(Review).order_by(Review.number)))

    def told(self, kind: str) -> list[Message]:
        """What was told of that kind."""
        return list(db.session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id)))


@pytest.fixture
def meetings(app: Flask, cast: Cast) -> Meetings:
    with app.app_context(), held_at(datetime.fromisoformat(SET_UP)), database.transaction():
        csat = make_kpi(cast.program_id, "CSAT", catalogue="CSAT", owner_id=cast.contributor.id)
        nps = make_kpi(cast.program_id, "NPS", unit="points", scale_low=D(-100), decimals=0, owner_id=cast.manager.id)
        draft = PlanDraft(chair_id=cast.contributor.id, channel="slack_checkin:C012")
        save_plan(cast.manager.actor, cast.program_id, draft, seen=None)
        return Meetings(app, cast, csat.id, nps.id)


def words(message: Message) -> str:

    kind = kinds.find(message.kind)
    assert kind is not None
    with formats.reading_as("en", "Europe/Warsaw"):
        said = kind.words(message.data)
    return f"{said.subject}\n{said.text}"


def test_a_review_opens_on_its_day_asks_reminds_once_and_tells_on(meetings: Meetings) -> None:
    assert [meetings.tick(f"2026-01-12T0{hour}:59+01:00") for hour in (5, 7, 8)] == [0, 1, 0]
    with meetings.at("2026-01-12T10:00+01:00"):
        (one,) = meetings.all()
        assert (one.number, one.week, one.state) == (1, monday(2), ReviewState.COLLECTING)
        assert one.meets_at == datetime(2026, 1, 13, 9, tzinfo=UTC)
        asked = meetings.told("kpis.asked")
        assert {message.person_id for message in asked} == {meetings.cast.contributor.id, meetings.cast.manager.id}
        assert all(message.expires_at == one.meets_at for message in asked)
        assert asked[0].path.endswith("/kpis/enter?every=week&period=2026-W02")
        meetings.enter(meetings.nps, 2, 14)
    # Half-way between Monday 7:00 and Tuesday 7:00; then three hours before the meeting.
    assert [meetings.tick(f"2026-01-12T{time}+01:00") for time in ("18:59", "19:01", "20:00")] == [0, 1, 0]
    with meetings.at("2026-01-12T21:00+01:00"):
        assert [message.person_id for message in meetings.told("kpis.reminded")] == [meetings.cast.contributor.id]
    assert [meetings.tick(f"2026-01-13T0{time}+01:00") for time in ("6:59", "7:01", "7:59", "8:01", "8:30")] == [
        *(0, 1, 0, 1, 0)
    ]
    with meetings.at("2026-01-13T09:00+01:00"):
        # The owner of what is silent is not told of it again; the manager is.
        (silent,) = meetings.told("kpis.silent")
        assert silent.person_id == meetings.cast.manager.id
        assert "Tomek" in words(silent)
        assert meetings.all()[0].state == ReviewState.READY
        ready = meetings.told("kpis.review_ready")
        assert {message.person_id for message in ready} == {
            *(meetings.cast.contributor.id, meetings.cast.manager.id, None)
        }
        (channel,) = [message for message in ready if message.channel]
        assert channel.channel == "slack_checkin:C012"
        said = words(channel)
        assert "NPS" in said
        assert "1 figure has not come in." in said
        assert "week 2" in said


def test_a_figure_before_the_reminder_spares_it_and_all_figures_make_it_ready(meetings: Meetings) -> None:
    meetings.tick("2026-01-12T07:00+01:00")
    with meetings.at("2026-01-12T09:00+01:00"):
        meetings.enter(meetings.csat, 2, 71)
        meetings.enter(meetings.nps, 2, 14)
    assert meetings.tick("2026-01-12T09:01+01:00") == 1
    assert meetings.tick("2026-01-12T19:30+01:00") == 0
    with meetings.at("2026-01-12T20:00+01:00"):
        (one,) = meetings.all()
        assert one.state == ReviewState.READY
        assert not meetings.told("kpis.reminded")
        assert not meetings.told("kpis.silent")
        # Nobody has to be asked any more.
        assert {message.state for message in meetings.told("kpis.asked")} == {"cancelled"}


def test_a_clock_that_was_away_opens_the_last_one_only_and_two_do_it_once(meetings: Meetings) -> None:
    # Three Tuesdays went by; of the fourth, the owners are to be asked.
    assert meetings.tick("2026-02-02T08:00+01:00") == 1
    assert meetings.tick("2026-02-02T08:00+01:00") == 0
    with meetings.at("2026-02-02T09:00+01:00"):
        (one,) = meetings.all()
        assert (one.meant_for, one.week) == (date(2026, 2, 3), monday(5))
        plan = find_plan(meetings.cast.program_id)
        assert plan is not None
        assert plan.next_at == datetime(2026, 2, 9, 6, tzinfo=UTC)


def test_a_meeting_gone_by_is_not_asked_for_any_more(meetings: Meetings) -> None:
    # Wednesday: Tuesday's meeting is over.
    assert meetings.tick("2026-01-14T12:00+01:00") == 2
    with meetings.at("2026-01-14T12:01+01:00"):
        assert meetings.all()[0].state == ReviewState.READY
        assert not meetings.told("kpis.asked")
        assert not meetings.told("kpis.silent")
        assert db.session.query(ReviewAsk).count() == 2


def test_twelve_weeks_by_the_clock_and_the_night_when_clocks_change(meetings: Meetings) -> None:
    # The clock comes by every four hours, from week 3 to week 14; summer time begins on 29 March, between 13 and 14.
    moment = datetime(2026, 1, 12, 6, 30, tzinfo=UTC)
    while moment < datetime(2026, 4, 5, tzinfo=UTC):
        meetings.tick(moment.isoformat())
        moment += timedelta(hours=4)
    with meetings.at("2026-04-05T12:00+02:00"):
        found = meetings.all()
        assert [one.number for one in found] == list(range(1, 13))
        assert [one.week for one in found] == [monday(week) for week in range(2, 14)]
        hours = {one.meets_at.isoformat()[11:16] for one in found[:-1]}
        assert hours == {"09:00"}
        assert found[-1].meets_at == datetime(2026, 3, 31, 8, tzinfo=UTC)
        assert {one.state for one in found} == {ReviewState.READY}
        assert len(meetings.told("kpis.asked")) == len(meetings.told("kpis.reminded")) == 24
        # Tomek's silence is told to Maria twelve times; her own to nobody.
        assert len(meetings.told("kpis.silent")) == 12


def test_held_and_closed_reviews_keep_what_was_seen(meetings: Meetings) -> None:
    cast = meetings.cast
    with meetings.at("2026-01-12T06:00+01:00"):
        meetings.enter(meetings.csat, 1, 70)
        meetings.enter(meetings.csat, 2, 72)
    meetings.tick("2026-01-12T07:00+01:00")
    meetings.tick("2026-01-13T08:30+01:00")
    with meetings.at("2026-01-13T10:00+01:00"):
        one = find_review(cast.manager.actor, cast.program_id, 1)
        add_note(cast.contributor.actor, one, "cause", "The chat was open longer.", meetings.csat)
        set_confidence(cast.contributor.actor, one, {meetings.csat: 4}, {meetings.csat: None})
        with pytest.raises(Conflict):
            set_confidence(cast.manager.actor, one, {meetings.csat: 2}, {meetings.csat: None})
        item = add_action(
            cast.contributor.actor, one, ActionDraft("Keep it open", cast.manager.id, date(2026, 1, 20), meetings.csat)
        )
        assert item.kind == "action"
        # Tomek leads the review.
        hold(cast.contributor.actor, one, seen=rev(one))
        with pytest.raises(Conflict):
            hold(cast.contributor.actor, one, seen=rev(one))
        with pytest.raises(Conflict):
            close(cast.manager.actor, one, "", seen=rev(one) - 1)
        close(cast.manager.actor, one, "Longer hours help.", seen=rev(one))
    with meetings.at("2026-01-14T10:00+01:00"):
        meetings.enter(meetings.csat, 2, 50)
        sheet = read_review(cast.viewer.actor, cast.program_id, 1, date(2026, 1, 14))
        csat = next(row for row in sheet.facts.rows if row.code == "CSAT")
        assert (csat.value, csat.change, sheet.is_kept) == (D(72), D(2), True)
        assert sheet.confidence == {meetings.csat: 4}
        assert [(note.kpi, note.text) for note in sheet.notes] == [("CSAT", "The chat was open longer.")]
        one = sheet.review
        for forbidden in (
            lambda: add_note(cast.manager.actor, one, "note", "Too late"),
            lambda: set_confidence(cast.manager.actor, one, {meetings.csat: 1}, {meetings.csat: 4}),
            lambda: add_action(cast.manager.actor, one, ActionDraft("Late", cast.manager.id, date(2026, 2, 1))),
            lambda: hold(cast.manager.actor, one, seen=rev(one)),
            lambda: close(cast.manager.actor, one, "", seen=rev(one)),
            lambda: reviews.remove_note(cast.manager.actor, one, db.session.query(ReviewNote).one()),
        ):
            with pytest.raises(Conflict):
                forbidden()
        verbs = {entry.verb for entry in db.session.query(AuditEntry).filter(AuditEntry.object_type == "review")}
        assert verbs == {"review.opened", "review.ready", "review.held", "review.closed", "review.confidence"}
    # The next one begins with what was agreed on, and an open action stays until it is done.
    meetings.tick("2026-01-19T08:00+01:00")
    meetings.tick("2026-01-26T08:00+01:00")
    with meetings.at("2026-01-26T09:00+01:00"):
        for number in (2, 3):
            (action,) = read_review(cast.viewer.actor, cast.program_id, number, date(2026, 1, 26)).facts.actions
            assert (action.title, action.owner, action.is_open) == ("Keep it open", cast.manager.name, True)
        change_item(cast.manager.actor, db.session.query(WorkItem).one(), {"status": "done"}, seen=1)
        assert not read_review(cast.viewer.actor, cast.program_id, 3, date(2026, 1, 26)).facts.actions


def test_who_may_do_what(meetings: Meetings) -> None:
    cast = meetings.cast
    meetings.tick("2026-01-12T07:00+01:00")
    with meetings.at("2026-01-12T10:00+01:00"):
        one = find_review(cast.viewer.actor, cast.program_id, 1)
        plan = find_plan(cast.program_id)
        assert plan is not None
        save_plan(cast.manager.actor, cast.program_id, PlanDraft(), seen=plan.revision)
        for attempt in (
            lambda: hold(cast.contributor.actor, one, seen=rev(one)),
            lambda: close(cast.contributor.actor, one, "", seen=rev(one)),
            lambda: set_confidence(cast.contributor.actor, one, {}, {}),
            lambda: add_note(cast.viewer.actor, one, "note", "x"),
            lambda: add_action(cast.viewer.actor, one, ActionDraft("x", None, None)),
            lambda: save_plan(cast.contributor.actor, cast.program_id, PlanDraft(), seen=rev(plan)),
        ):
            with pytest.raises(Forbidden):
                attempt()
        with pytest.raises(NotFound):
            find_review(cast.stranger.actor, cast.program_id, 1)
        note = add_note(cast.manager.actor, one, "decision", "Go on", remote_key="slack:1")
        assert add_note(cast.manager.actor, one, "decision", "Go on", remote_key="slack:1") is note
        with pytest.raises(Forbidden):
            reviews.find_note(cast.contributor.actor, one, note.id)
        with pytest.raises(Invalid) as wrong:
            add_note(cast.manager.actor, one, "gossip", " ", 999_999)
        assert set(wrong.value.fields) == {"kind", "text", "kpi"}
        with pytest.raises(Invalid) as wrong:
            add_action(cast.manager.actor, one, ActionDraft(" ", None, None))
        assert set(wrong.value.fields) == {"title", "owner", "due_on"}


def test_plans_that_cannot_be_are_refused(meetings: Meetings) -> None:
    cast = meetings.cast
    with meetings.at("2026-01-12T10:00+01:00"):
        plan = find_plan(cast.program_id)
        assert plan is not None
        draft = PlanDraft(6, datetime(2026, 1, 1, 5).time(), 9, 7, cast.viewer.id, "somewhere")
        with pytest.raises(Invalid) as wrong:
            save_plan(cast.manager.actor, cast.program_id, draft, seen=plan.revision)
        assert set(wrong.value.fields) == {"weekday", "hour", "every", "collect_days", "channel", "chair"}
        with pytest.raises(Conflict):
            save_plan(cast.manager.actor, cast.program_id, PlanDraft(), seen=None)
        save_plan(cast.manager.actor, cast.program_id, PlanDraft(is_active=False), seen=plan.revision)
        assert plan.next_at is None
    assert meetings.tick("2026-01-20T10:00+01:00") == 0


def test_facts_are_kept_word_for_word(meetings: Meetings) -> None:
    meetings.tick("2026-01-12T07:00+01:00")
    with meetings.at("2026-01-12T10:00+01:00"):
        for week, value in enumerate([70, 71, 70, 71, 70, 71, 70, 71, 90]):
            write(
                meetings.cast.program_id,
                [NewReading(meetings.csat, "", monday(2) - timedelta(weeks=8 - week), D(value))],
                way=Way.FORM,
            )
        (one,) = meetings.all()
        found = facts_now(one, date(2026, 1, 12))
        assert Facts.from_data(found.to_data()) == found
        with formats.reading_as("en", "Europe/Warsaw"):
            assert "CSAT moved by more than its usual ups and downs." in so_what(found)
        assert [owed.code for owed in owed_of(meetings.cast.program_id, one.week)] == ["NPS"]


def test_this_week_shows_the_next_review_and_what_i_owe(meetings: Meetings, statements: Any) -> None:
    meetings.tick("2026-01-12T07:00+01:00")
    with meetings.app.test_request_context(), meetings.at("2026-01-12T10:00+01:00"):
        asked = Asked(meetings.cast.contributor.actor, {meetings.cast.program_id: "ALFA"}, date(2026, 1, 12))
        with statements() as ran:
            inset = insets.week(asked)
        assert len(ran) == 1
        assert inset is not None
        (coming,) = inset.data["reviews"]
        assert (coming.week, coming.meets_at) == (monday(2), datetime(2026, 1, 13, 9, tzinfo=UTC))
        assert coming.url.endswith("/kpis/reviews/1")
        assert [line.text for line in inset.data["lines"]] == ["Customer satisfaction: the figure of week 2 is missing"]
        assert insets.week(Asked(meetings.cast.viewer.actor, {}, date(2026, 1, 12))) is None
