"""Figures: who may enter them, what is refused, what is kept of former ones, and what follows from them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from program.extensions import db
from program.ground.actor import Actor
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.kpis.models import Correction, Reading, Way
from program.kpis.readings import (
    Counted,
    NewReading,
    close_until,
    corrections_of,
    find_reading,
    put_many,
    put_reading,
    settled_until,
    take_back,
)
from tests.kpis.conftest import Figures, at, monday

D = Decimal
WEEK = monday(24)


def put(figures: Figures, actor: Actor, value: str, channel: str = "chat", week: date = WEEK, **more: Any) -> Counted:
    """Enter a CSAT."""
    with at():
        return put_reading(actor, figures.csat, channel, week, D(value), way=Way.FORM, **more)


def overall(figures: Figures, week: date = WEEK) -> Reading | None:
    """The CSAT of all channels."""
    return find_reading(figures.csat.id, "", week)


def test_owners_deputies_and_managers_enter_figures_and_nobody_else(figures: Figures) -> None:
    cast = figures.cast
    assert put(figures, cast.contributor.actor, "71.5") == Counted(added=1)
    assert put(figures, cast.manager.actor, "71.5") == Counted(unchanged=1)
    with pytest.raises(Forbidden):
        put(figures, cast.viewer.actor, "72")
    with pytest.raises(NotFound):
        put(figures, cast.stranger.actor, "72")
    figures.csat.deputy_id = cast.viewer.id
    db.session.flush()
    assert put(figures, cast.viewer.actor, "72") == Counted(changed=1)


@pytest.mark.parametrize(
    ("channel", "week", "value", "field"),
    [
        ("chat", WEEK, "100.1", "value"),
        ("chat", WEEK, "-1", "value"),
        ("chat", WEEK, "NaN", "value"),
        ("chat", WEEK + timedelta(days=1), "50", "period"),
        ("chat", monday(26), "50", "period"),
        ("web", WEEK, "50", "channel"),
        # Worked out from the channels.
        ("", WEEK, "50", "channel"),
    ],
)
def test_a_slip_is_refused_beside_its_field(figures: Figures, channel: str, week: date, value: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        put(figures, figures.cast.manager.actor, value, channel, week)
    assert list(caught.value.fields) == [field]


def test_a_correction_keeps_what_was_said_and_by_whom(figures: Figures) -> None:
    cast = figures.cast
    put(figures, cast.contributor.actor, "70")
    put(figures, cast.manager.actor, "72.5", reason="survey was double counted")
    with at():
        take_back(cast.contributor.actor, figures.csat, "chat", WEEK)
    kept = [(row.former, row.value, row.by, row.reason) for row in corrections_of(figures.csat.id, "chat")]
    assert kept == [
        (D("72.5"), None, "Tomek Wójcik", ""),
        (D("70"), D("72.5"), "Maria Zielińska", "survey was double counted"),
    ]
    verbs = db.session.scalars(db.select(AuditEntry.verb).order_by(AuditEntry.id)).all()
    assert verbs[-3:] == ["kpi.read", "kpi.read", "kpi.taken_back"]


def test_the_second_of_two_editors_is_told(figures: Figures) -> None:
    put(figures, figures.cast.manager.actor, "70", seen=0)
    with pytest.raises(Conflict):
        put(figures, figures.cast.manager.actor, "71", seen=0)
    assert put(figures, figures.cast.manager.actor, "71", seen=1) == Counted(changed=1)


def test_a_closed_period_takes_a_manager_and_a_reason(figures: Figures) -> None:
    cast = figures.cast
    put(figures, cast.contributor.actor, "70")
    with at():
        # Up to the Saturday: the week is not over.
        close_until(cast.manager.actor, figures.program_id, WEEK + timedelta(days=5), seen=None)
    put(figures, cast.contributor.actor, "71")
    with at():
        with pytest.raises(Conflict):
            close_until(cast.manager.actor, figures.program_id, WEEK + timedelta(days=6), seen=None)
        close_until(
            cast.manager.actor, figures.program_id, WEEK + timedelta(days=6), seen=settled_until(figures.program_id)
        )
        with pytest.raises(Forbidden):
            close_until(cast.contributor.actor, figures.program_id, None, seen=WEEK + timedelta(days=6))
    for actor, reason, field in ((cast.contributor.actor, "typo", "period"), (cast.manager.actor, " ", "reason")):
        with pytest.raises(Invalid) as caught:
            put(figures, actor, "72", reason=reason)
        assert list(caught.value.fields) == [field]
    assert put(figures, cast.manager.actor, "72", reason="late answers") == Counted(changed=1)


def test_the_value_of_all_channels_follows_the_channels_by_volume(figures: Figures) -> None:
    cast = figures.cast
    rows = [
        NewReading(figures.csat.id, channel, WEEK, D(value)) for channel, value in (("chat", "60"), ("phone", "90"))
    ]
    volumes = [NewReading(figures.volume.id, "chat", WEEK, D(100)), NewReading(figures.volume.id, "shop", WEEK, D(5))]
    with at():
        put_many(figures.program_id, rows, way=Way.GRID, source="", actor=cast.manager.actor)
        assert overall(figures) is None
        put_many(figures.program_id, volumes, way=Way.GRID, source="", actor=cast.manager.actor)
        row = overall(figures)
        assert row is not None
        assert (row.value, row.way, row.note) == (D(60), "weighted", "phone,shop")
        more = [NewReading(figures.volume.id, "phone", WEEK, D(200))]
        put_many(figures.program_id, more, way=Way.GRID, source="", actor=cast.manager.actor)
        assert (row.value, row.note) == (D(80), "shop")
        for channel in ("chat", "phone"):
            take_back(cast.manager.actor, figures.volume, channel, WEEK)
    db.session.expire_all()
    assert overall(figures) is None
    assert [kept.former for kept in corrections_of(figures.csat.id, "")] == [D(90), D(80), D(60)]


def test_many_are_written_together_or_not_at_all(figures: Figures) -> None:
    good = NewReading(figures.csat.id, "chat", WEEK, D(50))
    bad = [NewReading(figures.csat.id, "chat", WEEK, D(51)), NewReading(figures.csat.id, "web", WEEK, D(52))]
    with at(), pytest.raises(Invalid) as caught:
        put_many(figures.program_id, [good, *bad], way=Way.IMPORT, source="a.csv", actor=figures.cast.manager.actor)
    assert [(problem.place, problem.field) for problem in caught.value.rows] == [(1, "period"), (2, "channel")]
    assert db.session.scalar(db.select(db.func.count()).select_from(Reading)) == 0


def test_bulk_writing_takes_the_same_statements_for_any_number(figures: Figures, statements: Any) -> None:
    weeks = [monday(24) - timedelta(weeks=back) for back in range(150)]
    channels = ("chat", "phone", "shop")
    rows = [
        NewReading(kpi.id, channel, week, D(50 + number % 7))
        for kpi in (figures.csat, figures.volume)
        for channel in channels
        for number, week in enumerate(weeks)
    ]
    actor = figures.cast.manager.actor
    counts = []
    for chosen in (rows[:1], rows, [NewReading(r.kpi_id, r.channel, r.period, r.value + 1) for r in rows], rows[:0]):
        with at(), statements() as ran:
            counted = put_many(figures.program_id, chosen, way=Way.IMPORT, source="a.csv", actor=actor)
        counts.append((counted.added, counted.changed, len([one for one in ran.texts if "SAVEPOINT" not in one])))
    assert [count[:2] for count in counts] == [(1, 0), (899, 0), (0, 900), (0, 0)]
    assert max(count[2] for count in counts) <= 20
    kept = db.session.scalar(db.select(db.func.count()).select_from(Correction).where(Correction.way == "import"))
    assert kept == 900
    assert overall(figures, weeks[0]) is not None
