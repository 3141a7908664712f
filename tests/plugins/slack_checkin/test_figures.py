"""Figures asked for and entered in Slack: by whom it may be, in their language, whole, and once."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from plugins.slack_checkin import figures
from plugins.slack_checkin.blocks import METADATA, size
from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.kpis.models import Kpi as KpiRow
from program.kpis.models import Reading, Way
from program.plugin_api.contract import Kpi, KpiChannel
from tests.fakes.slack import check_view
from tests.plugins.slack_checkin.life import HOME
from tests.plugins.slack_checkin.meetings import Meetings

MONDAY = date(2026, 3, 9)
WEEK = MONDAY - timedelta(weeks=1)
D = Decimal


def test_an_owner_enters_a_week_in_one_window(meetings: Meetings) -> None:
    ania = meetings.ania
    meetings.monday_morning(MONDAY)
    message = meetings.asked(ania)
    assert "CSAT" in message.words
    assert "NPS" not in message.words
    meetings.open_window(ania)
    assert ania.modal is not None
    assert len(ania.buttons(ania.modal)) == 5
    # A comma as Poles write it; what is wrong is said beside its field, in her language, and nothing is saved.
    meetings.fill_in(ania, {"CSAT:": "81,5", "CSAT:chat": "dużo", "CSAT:phone": "101"})
    answer = ania.submit()
    assert answer.ok
    assert {block.rpartition(":")[2] for block in ania.errors} == {"chat", "phone"}
    assert "100" in next(text for block, text in ania.errors.items() if block.endswith("phone"))
    meetings.settle()
    assert meetings.figures(WEEK) == {}
    meetings.fill_in(ania, {"CSAT:chat": "79", "CSAT:phone": "80,25"})
    meetings.done(ania.submit())
    assert ania.errors == {}
    assert meetings.figures(WEEK) == {"CSAT:": D("81.5"), "CSAT:chat": D(79), "CSAT:phone": D("80.25")}
    assert "3" in meetings.asked(ania).words
    ania.close()
    with meetings.app.app_context(), database.looking():
        (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "readings.put"))
        assert entry.origin == "slack"
        assert {row.way for row in db.session.scalars(select(Reading))} == {Way.SLACK}
    # The rest later, and one is corrected: what is there stands in the field.
    meetings.open_window(ania)
    assert ania.modal is not None
    (phone,) = [place for place in ania.buttons(ania.modal) if place.block_id.endswith(":phone")]
    assert phone.element["initial_value"] == "80,25"
    meetings.fill_in(ania, {"CSAT:phone": "80,5", "CSAT:shop": "90", "WAIT:": "1:30"})
    meetings.done(ania.submit())
    kept = meetings.figures(WEEK)
    assert (kept["CSAT:phone"], kept["WAIT:"], len(kept)) == (D("80.5"), 90, 5)
    assert "dziękujemy" in meetings.asked(ania).words or "thank you" in meetings.asked(ania).words


def test_the_same_window_sent_twice_and_a_tap_told_twice_are_once(meetings: Meetings) -> None:
    maria = meetings.maria
    meetings.monday_morning(MONDAY)
    meetings.open_window(maria)
    meetings.fill_in(maria, {"NPS:": "14"})
    view = maria.modal
    assert view is not None
    sent = dict(view.state)
    meetings.done(maria.submit())
    # Delivered again by Slack, and sent again by hand from a second window with what was typed then.
    door: Any = meetings.slack.door
    meetings.done(door.again())
    assert maria.modal is not None
    maria.close()
    meetings.open_window(maria)
    assert maria.modal is not None
    maria.modal.state = sent
    meetings.done(maria.submit())
    with meetings.app.app_context(), database.looking():
        (row,) = db.session.scalars(select(Reading))
        assert (row.value, row.revision) == (14, 1)
        assert len(db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "readings.put")).all()) == 1


def test_of_two_at_the_same_figure_the_second_sees_the_first(meetings: Meetings) -> None:
    ania, maria = meetings.ania, meetings.maria
    meetings.monday_morning(MONDAY)
    for at in (time(7, 1), time(8, 31)):
        meetings.tick_at(MONDAY + timedelta(days=2), at)
    # Her silence is told to the manager, who may enter it as well.
    meetings.open_window(maria, meetings.asked(maria))
    meetings.open_window(ania)
    meetings.fill_in(maria, {"CSAT:chat": "70"})
    meetings.fill_in(ania, {"CSAT:chat": "75", "CSAT:phone": "60"})
    meetings.done(maria.submit())
    meetings.done(ania.submit())
    assert meetings.figures(WEEK) == {"CSAT:chat": D(70)}
    assert ania.modal is not None
    assert "70" in ania.modal.words
    # What she typed is still there: sent once more, it is what she means.
    meetings.done(ania.submit())
    assert meetings.figures(WEEK) == {"CSAT:chat": D(75), "CSAT:phone": D(60)}


def test_a_reminder_has_the_button_and_who_may_not_is_told_in_words(meetings: Meetings) -> None:
    ania, bob = meetings.ania, meetings.bob
    meetings.monday_morning(MONDAY)
    first = meetings.asked(ania)
    for at in (time(8, 31), time(8, 37)):
        meetings.tick_at(MONDAY + timedelta(days=1), at)
    reminder = meetings.asked(ania)
    assert reminder.ts != first.ts
    for at in (time(7, 1), time(8, 31)):
        meetings.tick_at(MONDAY + timedelta(days=2), at)
    # The deputy hears of CSAT alone.
    assert "WAIT" not in meetings.asked(bob).words
    with meetings.app.app_context(), database.transaction():
        db.session.get_one(KpiRow, meetings.kpis["CSAT"]).deputy_id = None
    meetings.open_window(bob)
    assert bob.modal is not None
    assert not bob.modal.body.get("submit")
    assert "nothing for you" in bob.modal.words


def test_the_home_shows_what_waits_and_takes_it(meetings: Meetings) -> None:
    bob = meetings.bob
    meetings.go_to(MONDAY, time(9), HOME)
    meetings.done(bob.open_home())
    assert bob.home is not None
    meetings.done(bob.press(bob.home, "figures.enter:0"))
    meetings.fill_in(bob, {"CSAT:": "80", "CSAT:chat": "80", "CSAT:phone": "80", "CSAT:shop": "80"})
    meetings.done(bob.submit())
    assert len(meetings.figures(WEEK)) == 4
    assert "figures.enter:0" not in [place.action_id for place in bob.buttons(bob.home)]


def test_many_kpis_take_several_pages_each_within_the_limits() -> None:
    channels = tuple(
        KpiChannel(f"k{n}", f"Channel {n}", D(80), 3, D(79), WEEK, "80", "79 % (week 10)") for n in range(12)
    )
    rest = ("%", 1, "week", WEEK, "week 10", False, channels, "https://x.example/")
    kpis = [Kpi(n, 1, "ALFA", f"K{n}", f"KPI number {n} " + "ż" * 60, *rest) for n in range(1, 61)]
    asked = figures.asked_of(7, [kpi.id for kpi in kpis])
    assert figures.read_asked(str(asked)) == asked
    seen = []
    for page in range(len(figures.pages(kpis))):
        view = figures.window(figures.Asked(7, asked.kpi_ids, page), kpis, {"channel": "C012345678", "ts": "1.2"})
        assert check_view(view, "modal") == []
        assert size(view["private_metadata"]) < METADATA
        seen += [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    assert len(set(seen)) == len(seen) == 60 * 12
