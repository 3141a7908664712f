"""A day that was kept, full of names that mean something to Typst, to spreadsheets and to browsers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from program.extensions import db
from program.ground import database
from program.ground.now import held_at, utc_now
from program.steering.frozen import to_json
from program.steering.models import Snapshot, SnapshotKind
from program.steering.progress_parts import (
    BudgetPart,
    DecisionLine,
    GateLine,
    GateOutcome,
    IndexPart,
    KpiLine,
    MoneyLine,
    PanelPart,
    PhaseLine,
    Progress,
    PulsePart,
    PulseTheme,
    RiskLine,
    Said,
    SinceItem,
    SinceList,
    SincePart,
    SuccessLine,
)
from tests.cast import Cast

DAY = date(2026, 6, 16)
NOON = "2026-06-17T12:00+02:00"
WEEKS = tuple(date(2026, 3, 30) + timedelta(weeks=n) for n in range(11))
INDEX = tuple(None if n == 3 else Decimal("38.4") + n * Decimal("1.7") for n in range(11))


def phase(number: int, name: str, state: str, **more: Any) -> PhaseLine:
    """A phase of June and July."""
    plain: dict[str, Any] = {
        "planned_start": date(2026, 6, 1),
        "planned_end": date(2026, 7, 3),
        "baseline_start": date(2026, 6, 1),
        "baseline_end": date(2026, 6, 26),
        "starts_on": date(2026, 6, 1),
        "half_on": date(2026, 7, 10),
        "likely_on": date(2026, 7, 21),
        "actual_end": None,
        "finished": 3,
        "total": 1234,
        "is_late": True,
        "note": "#late $by$ 6 days",
    }
    return PhaseLine(number, name, state, **{**plain, **more})


def awkward(locale: str) -> Progress:
    """All parts of a page, in names nobody would like to lay out."""
    percent = "81,4\u00a0%" if locale == "pl" else "81.4\u00a0%"
    down = "−1,2\u00a0p.p." if locale == "pl" else "−1.2\u00a0pp"
    kpi = KpiLine(
        code="FCR",
        name='=HYPERLINK("http://a.example","*Połączenia*")',
        channel="@Sklep & <b>czat</b>",
        weight=Decimal(60),
        value=percent,
        change=down,
        way=-1,
        score=Decimal("55.5"),
        is_carried=True,
        number=Decimal("81.4"),
        decimals=1,
        sign="%",
        recent=tuple(Decimal("80.2") + n * Decimal("0.1") if n else None for n in range(11)),
    )
    money = "−12\u00a0345\u00a0PLN" if locale == "pl" else "−12,345\u00a0PLN"
    loss = KpiLine(
        **{name: getattr(kpi, name) for name in ("channel", "score", "is_carried")},
        code="LOSS",
        name="-2+3 _Strata_ 'x",
        weight=Decimal(40),
        value=money,
        change="",
        way=0,
        number=Decimal("-12345"),
        sign='P"LN',
        recent=(Decimal("-12345"),) * 11,
    )
    return Progress(
        key="ALFA",
        name='Alfa #show: "x" @bank $1$ & Zażółć gęślą jaźń',
        locale=locale,
        day=DAY,
        closed_on=None,
        computed="off_track",
        reasons=('#import "x" 1 required item is overdue.', "*Two* `raw` <label> @ref items wait w domu."),
        said=Said(1, 1, "at_risk", "=1+1 said #emph[by] hand", "Wanda Łoś", date(2026, 6, 30)),
        assumptions=("The tempo is #1 of 5 weeks.",),
        phases=(
            phase(1, "#pagebreak() Pilot", "running"),
            phase(2, "+48 22 Skala 🎉", "next", is_late=False, note="—"),
        ),
        gates=(
            GateLine(
                7, "$ Brama \\ *rollout* $", date(2026, 7, 3), "open", False, 2, 5, ("=cmd|' /C calc'!A0", "@me"), 3
            ),
            GateLine(6, "Brama 日本", date(2026, 3, 6), "go", True, 4, 4, (), 0),
        ),
        index=IndexPart(WEEKS[-1], INDEX[-1], Decimal("1.7"), 1, 1, INDEX, WEEKS),
        kpis=(kpi, loss),
        kpi_total=2,
        pulse=PulsePart(
            4,
            date(2026, 6, 8),
            48,
            31,
            (PulseTheme("Wiem, po co", 3.25, -0.4, (3.6, 3.25)), PulseTheme("Z ~ #1", 2.0, None, (2.0,))),
        ),
        budget=BudgetPart(
            "PLN",
            (
                MoneyLine("", Decimal("1234567.89"), Decimal("-250.5"), Decimal("1300000"), 2),
                MoneyLine("=SUM(A1:A9)", Decimal("500"), Decimal("612.4"), Decimal("700"), 1),
            ),
        ),
        risks=(
            RiskLine(2, "@SUM(1+1)*cmd 'No interface'", 5, 4, "=A1", "Zoë Łękawska-Ńć"),
            RiskLine(1, "a\u00a0b <script>alert(1)</script>", 2, 4, "", ""),
        ),
        risk_total=7,
        decisions=(DecisionLine(1, "Who #owns *the* $customer$?", date(2026, 6, 10)), DecisionLine(2, "-1", None)),
        successes=(
            SuccessLine(
                "quick_win", "+1 for `code`", "First line of it.\n\n#second & third.", "−30 %", date(2026, 6, 2)
            ),
        ),
        since=SincePart(
            date(2026, 5, 20),
            3,
            (
                SinceList("done", 12, (SinceItem(4, "=DONE()", 0),)),
                SinceList("slipped", 1, (SinceItem(9, "\\slipped{} %x", 6),)),
            ),
            (GateOutcome(6, "Brama 日本", "conditional_go"),),
        ),
        next_meeting=None,
        panels=(PanelPart("jira", "", utc_now(), "Sprint #7", "*text*", (("=Open", "-3"), ("Done", "1 200"))),),
    )


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    """The day after the one that was kept."""
    with held_at(datetime.fromisoformat(NOON)):
        yield


@pytest.fixture
def kept(app: Flask, cast: Cast) -> Cast:
    """ALFA with that day kept."""
    with app.app_context(), database.transaction():
        data = {"version": 1, **{locale: to_json(awkward(locale)) for locale in ("en", "pl")}}
        db.session.add(
            Snapshot(program_id=cast.program_id, day=DAY, kind=SnapshotKind.DAILY.value, data=data, taken_at=utc_now())
        )
    return cast
