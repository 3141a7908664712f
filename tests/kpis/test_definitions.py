"""KPIs themselves: taken over or own, changed, retired; baselines, targets, channels and remarks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from program.extensions import db
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid
from program.kpis.annotations import annotate, annotations_of, remove_annotation
from program.kpis.catalogue import entries
from program.kpis.channels import add_channel, all_channels, channel_names, retire_channel
from program.kpis.definitions import (
    add_kpi,
    adopt,
    change_kpi,
    channels_of,
    restore,
    retire,
    wanted_codes,
)
from program.kpis.goals import baselines_of, measured, remove_baseline, set_baseline, set_targets, targets_of
from program.kpis.models import Kpi, Way
from program.kpis.readings import find_reading
from program.kpis.standings import kpi_rows
from program.kpis.writing import NewReading, write
from program.planning.models import Gate, Phase
from tests.kpis.conftest import Figures, monday, rev

D = Decimal
OWN: dict[str, Any] = {
    "code": "queue",
    "name": "Waiting time",
    "unit": "seconds",
    "decimals": 0,
    "better": "down",
    "amber_percent": D(5),
    "every": "week",
    "stale_after": 2,
    "overall_by": "entered",
}


def as_it_is(kpi: Kpi, **changed: Any) -> dict[str, Any]:
    """The KPI's values, with some changed."""
    return {name: getattr(kpi, name) for name in (*OWN, "owner_id", "deputy_id", "volume_id", "scale_high")} | changed


def test_one_press_takes_over_what_the_gates_name(figures: Figures) -> None:
    cast, program_id = figures.cast, figures.program_id
    phase = Phase(
        program_id=program_id, position=1, name="Pilot", planned_start=date(2026, 3, 2), planned_end=date(2026, 9, 30)
    )
    db.session.add(phase)
    db.session.flush()
    db.session.add(
        Gate(
            program_id=program_id,
            phase_id=phase.id,
            name="G1",
            planned_on=date(2026, 9, 30),
            kpis=["FCR", "CSAT", "AHT"],
        )
    )
    assert wanted_codes(program_id) == ["FCR", "AHT"]
    with pytest.raises(Forbidden):
        adopt(cast.contributor.actor, program_id, ["FCR"])
    found = adopt(cast.manager.actor, program_id, wanted_codes(program_id))
    assert [(kpi.code, channels_of(kpi.id)) for kpi in found] == [
        ("FCR", ["chat", "phone", "shop"]),
        ("AHT", ["chat", "phone", "shop"]),
    ]
    (target,) = targets_of(found[1].id)[""]
    assert (target.kind, target.value, target.due_on) == ("fall_by", D(15), date(2026, 9, 30))
    assert wanted_codes(program_id) == []
    assert len(adopt(cast.manager.actor, program_id, entries())) == 10
    with pytest.raises(Invalid):
        adopt(cast.manager.actor, program_id, ["NONE"])


def test_an_own_kpi_and_what_it_cannot_be(figures: Figures) -> None:
    cast, program_id = figures.cast, figures.program_id
    kpi = add_kpi(cast.manager.actor, program_id, OWN, ["phone"])
    assert (kpi.code, channels_of(kpi.id)) == ("QUEUE", ["phone"])
    for changed, field in (
        ({"code": "csat"}, "code"),
        ({"code": "ŻÓŁW"}, "code"),
        ({"name": " "}, "name"),
        ({"unit": "miles"}, "unit"),
        ({"decimals": 4}, "decimals"),
        ({"amber_percent": D(-1)}, "amber_percent"),
        ({"scale_low": D(5), "scale_high": D(5)}, "scale_high"),
        ({"better": "inside"}, "inside_low"),
        ({"owner_id": cast.stranger.id}, "owner_id"),
        ({"owner_id": cast.viewer.id, "deputy_id": cast.viewer.id}, "deputy_id"),
        ({"overall_by": "weighted"}, "volume_id"),
        ({"overall_by": "weighted", "volume_id": kpi.id}, "volume_id"),
        ({"overall_by": "weighted", "volume_id": figures.volume.id, "every": "month"}, "volume_id"),
    ):
        with pytest.raises(Invalid) as caught:
            change_kpi(cast.manager.actor, kpi, as_it_is(kpi, **changed), ["phone"], seen=rev(kpi))
        assert list(caught.value.fields) == [field], changed
    with pytest.raises(Invalid):
        change_kpi(cast.manager.actor, kpi, as_it_is(kpi), ["fax"], seen=rev(kpi))


def test_editors_are_told_of_each_other_and_weighting_begins_at_once(figures: Figures) -> None:
    cast = figures.cast
    actor = cast.manager.actor
    kpi = add_kpi(actor, figures.program_id, OWN, ["phone"])
    write(figures.program_id, [NewReading(kpi.id, "phone", monday(24), D(60))], way=Way.FORM)
    write(figures.program_id, [NewReading(figures.volume.id, "phone", monday(24), D(10))], way=Way.FORM)
    seen = rev(kpi)
    change_kpi(actor, kpi, as_it_is(kpi), ["phone", "chat"], seen=seen)
    with pytest.raises(Conflict):
        change_kpi(actor, kpi, as_it_is(kpi, name="Wait"), ["phone"], seen=seen)
    weighted = as_it_is(kpi, overall_by="weighted", volume_id=figures.volume.id)
    changes = change_kpi(actor, kpi, weighted, ["phone", "chat"], seen=rev(kpi))
    assert set(changes) == {"overall_by", "volume_id"}
    overall = find_reading(kpi.id, "", monday(24))
    assert overall is not None
    assert (overall.value, overall.way) == (D(60), "weighted")
    with pytest.raises(Invalid) as caught:
        change_kpi(actor, kpi, as_it_is(kpi, every="month"), ["phone"], seen=rev(kpi))
    assert "every" in caught.value.fields


def test_a_retired_kpi_keeps_its_figures_and_comes_back(figures: Figures) -> None:
    actor = figures.cast.manager.actor
    with pytest.raises(Invalid, match="CSAT"):
        retire(actor, figures.volume, seen=rev(figures.volume))
    retire(actor, figures.nps, seen=rev(figures.nps))
    assert figures.nps.id not in kpi_rows(figures.program_id)
    restore(actor, figures.nps, seen=rev(figures.nps))
    assert figures.nps.id in kpi_rows(figures.program_id)


def test_baselines_and_targets(figures: Figures) -> None:
    actor, kpi = figures.cast.manager.actor, figures.nps
    write(figures.program_id, [NewReading(kpi.id, "", monday(week), D(week)) for week in (1, 2, 3)], way=Way.FORM)
    assert measured(kpi.id, "", monday(1), monday(3)) == (D(2), 3)
    period = {"since": monday(1), "until": monday(4)}
    set_baseline(actor, kpi, "", {"value": D(2), "source": "survey", **period}, seen=rev(kpi))
    assert baselines_of(kpi.id)[""].value == D(2)
    for values, field in (
        ({"value": D(200), **period}, "value"),
        ({"value": D(2), "since": monday(4), "until": monday(1)}, "until"),
        ({"value": None, **period}, "value"),
    ):
        with pytest.raises(Invalid) as caught:
            set_baseline(actor, kpi, "", values, seen=rev(kpi))
        assert list(caught.value.fields) == [field]
    with pytest.raises(Forbidden):
        set_targets(figures.cast.contributor.actor, kpi, "", [], seen=rev(kpi))
    stones = [
        {"kind": "at_least", "value": D(40), "upper": None, "due_on": date(2026, 12, 31)},
        {"kind": "rise_by", "value": D(10), "upper": None, "due_on": date(2026, 6, 30)},
    ]
    seen = rev(kpi)
    set_targets(actor, kpi, "", stones, seen=seen)
    assert [row.kind for row in targets_of(kpi.id)[""]] == ["rise_by", "at_least"]
    with pytest.raises(Conflict):
        set_targets(actor, kpi, "", [], seen=seen)
    wrong = [
        {"kind": "between", "value": D(40), "upper": D(30), "due_on": date(2026, 12, 31)},
        {"kind": "fall_by", "value": D(0), "upper": None, "due_on": date(2026, 12, 31)},
    ]
    with pytest.raises(Invalid) as caught:
        set_targets(actor, kpi, "", wrong, seen=rev(kpi))
    assert set(caught.value.fields) == {"upper-0", "value-1", "due_on-1"}
    set_targets(actor, kpi, "", stones[:1], seen=rev(kpi))
    assert [row.kind for row in targets_of(kpi.id)[""]] == ["at_least"]
    remove_baseline(actor, kpi, "", seen=rev(kpi))
    assert baselines_of(kpi.id) == {}
    verbs = db.session.scalars(db.select(AuditEntry.verb).where(AuditEntry.object_type == "kpi")).all()
    assert sorted(set(verbs)) == ["kpi.baseline_removed", "kpi.baseline_set", "kpi.targets_set"]


def test_channels_of_the_handbook_and_own_ones(figures: Figures) -> None:
    actor, program_id = figures.cast.manager.actor, figures.program_id
    add_channel(actor, program_id, "web")
    own = add_channel(actor, program_id, name="Łódź: salony partnerów")
    assert own.key == "lodz-salony-part"
    names = channel_names(program_id)
    assert (names[""], names["web"], names[own.key]) == ("All channels", "Web", "Łódź: salony partnerów")
    for key, name in (("web", ""), ("fax", ""), ("", " ")):
        with pytest.raises(Invalid):
            add_channel(actor, program_id, key, name)
    retire_channel(actor, program_id, own.id, seen=rev(own))
    assert own.key not in [row.key for row in all_channels(program_id)]
    assert add_channel(actor, program_id, name="Łódź: salony partnerów").id == own.id


def test_remarks_on_the_time_axis(figures: Figures) -> None:
    cast, program_id = figures.cast, figures.program_id
    here = annotate(cast.contributor.actor, program_id, figures.csat, date(2026, 6, 1), "Outage of the chat")
    annotate(cast.contributor.actor, program_id, None, date(2026, 5, 1), "Prices rise")
    annotate(cast.contributor.actor, program_id, figures.nps, date(2026, 5, 2), "Other sample")
    rows = annotations_of(program_id, figures.csat.id, date(2026, 1, 1), date(2026, 12, 31))
    assert [row.text for row in rows] == ["Prices rise", "Outage of the chat"]
    with pytest.raises(Forbidden):
        annotate(cast.viewer.actor, program_id, None, date(2026, 5, 1), "No")
    with pytest.raises(Invalid):
        annotate(cast.contributor.actor, program_id, None, None, "")
    remove_annotation(cast.contributor.actor, program_id, here.id)
    assert len(annotations_of(program_id, figures.csat.id, date(2026, 1, 1), date(2026, 12, 31))) == 1
