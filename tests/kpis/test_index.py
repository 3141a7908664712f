"""The Experience Index: its arithmetic beside an obvious reference, versions, and what is missing or carried."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from program.charts.look import WIDE
from program.extensions import db
from program.ground import formats
from program.ground.errors import Conflict, Forbidden, Invalid
from program.kpis import index
from program.kpis.index import IndexPoint, NewPart, Told, set_mix
from program.kpis.mixing import Part, mix
from program.kpis.models import Every, Way
from program.kpis.pictures import parts_of_index
from program.kpis.readings import put_reading, take_back
from program.kpis.writing import NewReading, write
from tests.kpis.conftest import Figures, at, make_kpi, monday

D = Decimal
figures_in = st.decimals(-150, 150, places=2, allow_nan=False)
WEEK = timedelta(weeks=1)


@given(
    st.lists(
        st.tuples(st.integers(1, 60), figures_in, figures_in, st.dictionaries(st.integers(0, 6), figures_in)),
        min_size=1,
        max_size=5,
    ).filter(lambda parts: all(floor != goal for _weight, floor, goal, _values in parts)),
    st.integers(0, 3),
)
@settings(max_examples=120)
def test_the_index_is_that_of_the_plain_rule(
    drawn: list[tuple[int, Decimal, Decimal, dict[int, Decimal]]], carries: int
) -> None:
    """Weeks back from the week in question: 0 is its own."""
    week = monday(24)
    parts = [
        Part(number, "", Every.WEEK, D(weight), floor, goal) for number, (weight, floor, goal, _) in enumerate(drawn)
    ]
    figures = {
        (number, ""): {week - WEEK * back: value for back, value in values.items()}
        for number, (_w, _f, _g, values) in enumerate(drawn)
    }
    found = mix(week, parts, figures, carries)
    scores: list[tuple[int, Fraction]] = []
    carried = set()
    for number, (weight, floor, goal, values) in enumerate(drawn):
        near = [back for back in sorted(values) if back <= carries]
        if near:
            value = Fraction(values[near[0]])
            scaled = (value - Fraction(floor)) / (Fraction(goal) - Fraction(floor)) * 100
            scores.append((weight, max(Fraction(0), min(Fraction(100), scaled))))
            if near[0]:
                carried.add(number)
    if not any(0 in values for *_rest, values in drawn):
        assert found is None
        return
    assert found is not None
    assert {share.part.kpi_id for share in found.shares if share.carried_from} == carried
    whole, known = sum(weight for weight, *_rest in drawn), sum(weight for weight, _score in scores)
    if 2 * known < whole:
        assert found.value is None
        return
    expected = sum((weight * score for weight, score in scores), Fraction(0)) / known
    assert found.value is not None
    assert abs(Fraction(found.value) - expected) <= Fraction(1, 10**6)
    points = sum((share.points for share in found.shares if share.points is not None), D(0))
    assert abs(points - found.value) <= D("0.00001")
    assert D(0) <= found.value <= D(100)


def test_monthly_figures_count_for_the_weeks_of_their_month_and_stand_in_through_the_next() -> None:
    parts = [Part(1, "", Every.WEEK, D(50), D(0), D(100)), Part(2, "", Every.MONTH, D(50), D(0), D(10))]

    def carried(week: date) -> date | str | None:
        found = mix(week, parts, {(1, ""): {week: D(50)}, (2, ""): {date(2026, 3, 1): D(5)}}, 2)
        assert found is not None
        return "missing" if found.shares[1].value is None else found.shares[1].carried_from

    # The week whose Sunday is 1 March belongs to March; April's weeks and two more take March's figure.
    march = date(2026, 3, 1)
    assert [carried(day) for day in (date(2026, 2, 23), date(2026, 3, 23))] == [None, None]
    assert [carried(day) for day in (date(2026, 3, 30), date(2026, 4, 27), date(2026, 5, 11))] == [march] * 3
    assert carried(date(2026, 5, 18)) == "missing"


def mixed(figures: Figures, weight: str = "60", since: date = monday(20), **more: object) -> None:
    """NPS from -20 to 40, and a second KPI that is better when lower, from 300 to 200."""
    aht = db.session.scalars(db.select(index.Kpi).where(index.Kpi.code == "AHT")).one_or_none()
    if aht is None:
        aht = make_kpi(figures.program_id, "AHT", better="down", unit="seconds", scale_high=None)
    parts = [
        NewPart(figures.nps.id, "", D(weight), D(-20), D(40)),
        NewPart(aht.id, "", D(100) - D(weight), D(300), D(200)),
    ]
    values = {"reason": "as agreed", "seen": None, **more}
    with at():
        set_mix(figures.cast.manager.actor, figures.program_id, since, parts, **values)  # type: ignore[arg-type]


def enter(figures: Figures, code: str, week: date, value: int) -> None:
    """Enter a figure of that KPI."""
    kpi = db.session.scalars(db.select(index.Kpi).where(index.Kpi.code == code)).one()
    with at():
        put_reading(figures.cast.manager.actor, kpi, "", week, D(value), way=Way.FORM)


def values_of(figures: Figures) -> dict[int, Decimal | None]:
    """The index by number of the week."""
    return {point.week.isocalendar().week: point.value for point in index.series(figures.program_id, 20)}


def test_the_index_follows_its_figures(figures: Figures) -> None:
    write(figures.program_id, [NewReading(figures.nps.id, "", monday(week), D(10)) for week in (19, 21)], way=Way.FORM)
    mixed(figures)
    # Nothing before the first version, nothing for a week without any figure.
    assert values_of(figures) == {21: D(50)}
    enter(figures, "AHT", monday(21), 250)
    enter(figures, "AHT", monday(22), 200)
    assert values_of(figures) == {21: D(50), 22: D(70)}
    now = index.latest(figures.program_id)
    assert now is not None
    assert (now.change, [part.code for part in now.point.carried]) == (D(20), ["NPS"])
    assert [(part.code, part.score, part.points) for part in now.point.parts] == [
        ("NPS", D(50), D(30)),
        ("AHT", D(100), D(40)),
    ]
    # A correction reaches the weeks it was carried to.
    enter(figures, "NPS", monday(21), 40)
    assert values_of(figures) == {21: D(80), 22: D(100)}
    enter(figures, "AHT", monday(24), 300)
    # Two weeks on NPS stands in no longer after week 23; 40 of 100 are too little for a number.
    assert values_of(figures)[24] is None
    with at():
        take_back(figures.cast.manager.actor, figures.nps, "", monday(21))
    # Week 19 stands in for week 21; week 22 has 40 % of its weight left.
    assert values_of(figures) == {21: D(50), 22: None, 24: None}


def test_old_weeks_keep_the_mix_they_had(figures: Figures) -> None:
    mixed(figures)
    for week in (23, 24):
        enter(figures, "NPS", monday(week), 40)
        enter(figures, "AHT", monday(week), 300)
    (first,) = index.versions(figures.program_id)
    with pytest.raises(Conflict):
        mixed(figures, "20", monday(24), seen=None)
    with pytest.raises(Invalid) as caught:
        mixed(figures, "20", monday(23), seen=first.id, reason="")
    assert set(caught.value.fields) == {"since", "reason"}
    mixed(figures, "20", monday(24), seen=first.id)
    assert values_of(figures) == {23: D(60), 24: D(20)}
    enter(figures, "NPS", monday(23), 10)
    assert values_of(figures) == {23: D(30), 24: D(20)}
    # The newest version can still be put right in its own first week.
    mixed(figures, "50", monday(24), seen=index.versions(figures.program_id)[-1].id)
    assert values_of(figures) == {23: D(30), 24: D(50)}
    assert len(index.versions(figures.program_id)) == 2


def test_what_a_mix_may_be(figures: Figures) -> None:
    cast, program_id = figures.cast, figures.program_id
    inside = make_kpi(program_id, "LOAD", better="inside", inside_low=D(10), inside_high=D(20))

    def wrong(*parts: NewPart) -> set[str]:
        with at(), pytest.raises(Invalid) as caught:
            set_mix(cast.manager.actor, program_id, monday(20), parts, seen=None)
        return set(caught.value.fields)

    nps = NewPart(figures.nps.id, "", D(100), D(0), D(50))
    assert wrong() == {"parts"}
    assert wrong(NewPart(nps.kpi_id, "", D(99), D(0), D(50))) == {"parts"}
    assert wrong(NewPart(nps.kpi_id, "", D(100), D(50), D(0))) == {"goal-0"}
    assert wrong(NewPart(inside.id, "", D(100), D(0), D(50))) == {"weight-0"}
    assert wrong(NewPart(nps.kpi_id, "phone", D(100), D(0), D(50))) == {"parts"}
    assert wrong(NewPart(nps.kpi_id, "", D(0), D(0), D("NaN"))) == {"weight-0", "goal-0"}
    with at(), pytest.raises(Forbidden):
        set_mix(cast.contributor.actor, program_id, monday(20), [nps], seen=None)


def test_the_picture_of_an_index_says_what_is_missing_and_what_is_older(context: None) -> None:
    parts = (
        Told(1, "CSAT", "", D(40), D(60), D(90), D(75), D(50), D("25"), None),
        Told(2, "FCR", "chat", D(40), D(0), D(100), D(100), D(100), D("50"), monday(22)),
        Told(3, "AHT", "", D(20), D(300), D(200), None, None, None, None),
    )
    with at(), formats.reading_as("en", "Europe/Warsaw"):
        chart = parts_of_index(IndexPoint(monday(23), D(75), parts), {}, {"chat": "Chat"}, WIDE)
    bars, words, names = (layer["data"]["values"] for layer in chart.spec["layer"])
    assert [row["words"] for row in words] == ["25.0 of 50.0", "50.0 of 50.0 · week 22", "missing"]
    assert [row["name"] for row in names] == ["CSAT", "FCR, Chat", "AHT"]
    # The weight of what is missing is shared by the others; of AHT there is no bar.
    assert [(row["from"], row["to"]) for row in bars] == [(0, 25), (25, 50), (0, 50), (50, 50)]
