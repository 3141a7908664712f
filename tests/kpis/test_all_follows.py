"""Figures entered, corrected, taken back, closed over, under changing weights: what follows from them is what would be
worked out anew from what is there. In order and out of it, in open periods and closed ones."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import select

from program.extensions import db
from program.ground.errors import Invalid
from program.kpis import index, index_keeping
from program.kpis.index import NewPart, set_mix
from program.kpis.models import Correction, IndexValue, Kpi, Reading, Way
from program.kpis.readings import close_until, find_reading, put_reading, settled_until, take_back
from tests.kpis.conftest import Figures, at, monday

D = Decimal
WEEKS = [monday(week) for week in range(14, 25)]


class Life:
    """A program's figures over some weeks, by chance."""

    def __init__(self, figures: Figures, seed: int) -> None:
        self.figures, self.dice = figures, random.Random(seed)
        self.actor = figures.cast.manager.actor
        self.weeks = WEEKS
        self.said: list[tuple[int, str, date, Decimal]] = []

    def live(self) -> None:
        """Something happens."""
        happens = self.dice.choices((self.enter, self.take_back, self.close), (12, 2, 1))
        happens[0]()

    def enter(self) -> None:
        kpi, channel = self.dice.choice(
            [
                (self.figures.nps, ""),
                *((kpi, place) for kpi in (self.figures.csat, self.figures.volume) for place in ("chat", "shop")),
            ]
        )
        most = 900 if kpi is self.figures.volume else 100
        value, week = D(self.dice.randint(0, most * 10)) / 10, self.dice.choice(self.weeks)
        self.write(kpi, channel, week, value)

    def take_back(self) -> None:
        rows = db.session.execute(
            select(Reading.kpi_id, Reading.channel, Reading.period)
            .where(Reading.way != Way.WEIGHTED)
            .order_by(Reading.id)
        ).all()
        if rows:
            row = self.dice.choice(rows)
            self.write(db.session.get_one(Kpi, row.kpi_id), row.channel, row.period, None)

    def write(self, kpi: Kpi, channel: str, week: date, value: Decimal | None) -> None:
        """Enter that figure, or take it back for None; what is closed takes a reason, and keeps what it said."""
        before = find_reading(kpi.id, channel, week)
        former = before.value if before else None

        def do(reason: str) -> None:
            if value is None:
                take_back(self.actor, kpi, channel, week, reason=reason)
            else:
                put_reading(self.actor, kpi, channel, week, value, way=Way.FORM, reason=reason)

        settled = settled_until(self.figures.program_id)
        if settled is not None and week <= settled:
            with pytest.raises(Invalid):
                do("")
        do("A late report")
        if former is not None and former != value:
            self.said.append((kpi.id, channel, week, former))

    def close(self) -> None:
        settled = settled_until(self.figures.program_id)
        until = self.dice.choice([None, *self.weeks[2:]])
        # A Sunday: the last day of the week before.
        close_until(
            self.actor, self.figures.program_id, until and date.fromordinal(until.toordinal() - 1), seen=settled
        )

    def weigh(self, since: date) -> None:
        """From that week on the index is mixed by other weights."""
        versions = index.versions(self.figures.program_id)
        weight = D(self.dice.randint(1, 99))
        parts = [
            NewPart(self.figures.nps.id, "", weight, D(-20), D(90)),
            NewPart(self.figures.csat.id, "", 100 - weight, D(20), D(95)),
        ]
        seen = versions[-1].id if versions else None
        set_mix(self.actor, self.figures.program_id, since, parts, reason="Agreed", seen=seen)


def plain_means(figures: Figures) -> dict[date, Fraction]:
    """CSAT of all channels by week, worked out the slow way from what was entered."""
    found: dict[tuple[int, str, date], Fraction] = {}
    for row in db.session.scalars(select(Reading).where(Reading.way != Way.WEIGHTED)):
        found[row.kpi_id, row.channel, row.period] = Fraction(row.value)
    means = {}
    for week in WEEKS:
        pairs = [
            (found[figures.csat.id, place, week], found[figures.volume.id, place, week])
            for place in ("chat", "shop")
            if (figures.csat.id, place, week) in found and (figures.volume.id, place, week) in found
        ]
        if total := sum(volume for _value, volume in pairs):
            means[week] = sum((value * volume for value, volume in pairs), Fraction(0)) / total
    return means


def kept_index(figures: Figures) -> dict[date, tuple[Decimal | None, object]]:
    query = select(IndexValue).where(IndexValue.program_id == figures.program_id)
    return {row.week: (row.value, row.parts) for row in db.session.scalars(query)}


@pytest.mark.parametrize("seed", [7, 21])
def test_what_follows_is_what_would_be_worked_out_anew(figures: Figures, seed: int) -> None:
    life = Life(figures, seed)
    for week in (17, 21, 24):
        with at(f"{monday(week + 1)}T10:00+02:00"):
            life.weeks = [day for day in WEEKS if day <= monday(week)]
            life.weigh(WEEKS[0] if week == 17 else monday(week))
            for _step in range(20):
                life.live()
    with at():
        db.session.expire_all()
        overall = select(Reading).where(Reading.kpi_id == figures.csat.id, Reading.channel == "")
        shown = {row.period: row.value for row in db.session.scalars(overall)}
        means = plain_means(figures)
        assert shown.keys() == means.keys()
        assert all(abs(Fraction(shown[week]) - means[week]) <= Fraction(1, 10**6) for week in means)
        kept = kept_index(figures)
        assert len(index.versions(figures.program_id)) == 3
        assert any(value is not None for value, _parts in kept.values())
        index_keeping.recompute_all(figures.program_id, WEEKS[0])
        db.session.expire_all()
        assert kept_index(figures) == kept
    query = select(Correction.kpi_id, Correction.channel, Correction.period, Correction.former)
    corrections = db.session.execute(query.where(Correction.way != Way.WEIGHTED).order_by(Correction.id))
    assert [tuple(row) for row in corrections] == life.said
