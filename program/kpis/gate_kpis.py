"""What gates ask of KPIs: those the playbook names are on track, and figures that hold for some periods in a row.

`kpis` stands by itself in every gate that names KPIs: each is followed, not out of date, and on track. `kpi` is what a
manager asks in particular ('CSAT: at least 80 % for 4 weeks'): the newest periods in a row up to the newest reading. A
KPI that nobody follows, that is out of date or has a gap there is 'no data', which is never green.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import (
    bindparam,
    select,
)

from program.extensions import db
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Invalid
from program.ground.records import record
from program.kpis import gate_kpi_rows, periods
from program.kpis.gate_kpi_rows import ASKS, BASES, FIGURES, KPIS, MOST_PERIODS, STONES
from program.kpis.judging import Base, Rules, State, Stone, aim_of, aim_on, judge
from program.kpis.models import OVERALL, Every, Kpi, KpiCriterion, TargetKind
from program.kpis.standings import stones_for
from program.kpis.words import STATE_WORDS, aim_in_words, figure, kpi_name
from program.people import access
from program.planning import criteria, gates
from program.planning.criteria import Answer, Asking, Criterion, Question, SeeAlso
from program.planning.models import Gate, GateCriterion

NAMED, PARTICULAR = "kpis", "kpi"


@record
class Ask:
    """What is asked of a KPI: a target's kind and figure ('' for the KPI's own targets), for so many periods."""

    kpi_id: int
    channel: str
    kind: str
    value: Decimal | None
    upper: Decimal | None
    periods: int


def ask(actor: Actor, gate: Gate, asked: Ask) -> GateCriterion:
    """Ask a gate for it; for managers. Raises Invalid with fields kpi_id, kind, value, upper, periods."""
    access.require(actor, gate.program_id, Access.MANAGER)
    wrong: dict[str, Any] = {}
    kpi = db.session.get(Kpi, asked.kpi_id)
    if kpi is None or kpi.program_id != gate.program_id or not kpi.is_active:
        wrong["kpi_id"] = _l("Choose from the program's KPIs.")
    if asked.kind not in ("", *TargetKind):
        wrong["kind"] = _l("Choose one from the list.")
    elif asked.kind and asked.value is None:
        wrong["value"] = _l("Give a number.")
    elif asked.kind == TargetKind.BETWEEN and (asked.upper is None or asked.upper <= (asked.value or 0)):
        wrong["upper"] = _l("The upper end lies above the lower one.")
    if not 1 <= asked.periods <= MOST_PERIODS:
        wrong["periods"] = _l("From %(low)s to %(high)s.", low=1, high=MOST_PERIODS)
    if wrong:
        raise Invalid(_l("Something is not right yet."), wrong)
    sentence = _sentence(kpi, asked)
    criterion = gates.ask_in_particular(actor, gate, PARTICULAR, sentence)
    has_figure = asked.kind != ""
    db.session.add(
        KpiCriterion(
            criterion_id=criterion.id,
            kpi_id=asked.kpi_id,
            channel=asked.channel,
            kind=asked.kind,
            value=asked.value if has_figure else None,
            upper=asked.upper if asked.kind == TargetKind.BETWEEN else None,
            periods=asked.periods,
        )
    )
    db.session.flush()
    return criterion


@record
class _Followed:
    """A KPI of the program, as far as gates need it."""

    id: int
    code: str
    catalogue: str
    name: str
    unit: str
    unit_name: str
    every: str
    better: str
    decimals: int
    stale_after: int
    amber_percent: Decimal
    inside_low: Decimal | None
    inside_high: Decimal | None


class _Figures:
    """The KPIs that gates ask about with their goals and figures, from the rows that were read for them."""

    def __init__(self, asking: Asking, sort: str) -> None:
        self.today = asking.today
        rows = {name: asking.rows[f"{sort}{name}"] for name in (KPIS, STONES, BASES, FIGURES)}
        self.kpis = {row[0]: _Followed(*row) for row in rows[KPIS]}
        self.stones: dict[tuple[int, str], list[Stone]] = defaultdict(list)
        for kpi_id, channel, *stone in rows[STONES]:
            self.stones[kpi_id, channel].append(Stone(*stone))
        self.bases = {(kpi_id, channel): Base(*base) for kpi_id, channel, *base in rows[BASES]}
        self.values: dict[tuple[int, str], dict[date, Decimal]] = defaultdict(dict)
        for kpi_id, channel, period, value in rows[FIGURES]:
            self.values[kpi_id, channel][period] = value

    def by_code(self) -> dict[str, Any]:
        return {row.code: row for row in self.kpis.values()}

    def rules(self, kpi: Any) -> Rules:
        return Rules(kpi.better, kpi.amber_percent, kpi.stale_after, kpi.inside_low, kpi.inside_high)

    def state(self, kpi: Any) -> tuple[State, Decimal | None]:
        """How the KPI stands over all channels, and its newest figure."""
        place = (kpi.id, OVERALL)
        values, base = self.values.get(place, {}), self.bases.get(place)
        stones = stones_for(self.stones, *place)
        newest = max(values, default=None)
        if newest is None:
            return State.NO_DATA, None
        aim = aim_on(periods.last_day(kpi.every, newest), stones, base, self.rules(kpi))
        state = judge(
            values[newest],
            aim,
            self.rules(kpi),
            has_targets=bool(stones),
            missed_periods=periods.missed(kpi.every, newest, self.today),
            baseline=base.value if base else None,
        )
        return state, values[newest]


def _named(asking: Asking, questions: Sequence[Question]) -> list[Answer]:
    """Whether the KPIs that gates name are on track."""
    figures = _Figures(asking, gate_kpi_rows.NAMED)
    by_code = figures.by_code()
    see = SeeAlso(_("KPIs"), "kpi_board.show")
    answers = []
    for question in questions:
        codes = question.gate.kpis
        states = {code: figures.state(by_code[code])[0] if code in by_code else State.NO_DATA for code in codes}
        on_track = sum(1 for state in states.values() if state is State.ON_TRACK)
        value = _("%(on_track)s of %(total)s on track", on_track=on_track, total=len(codes))
        if on_track == len(codes):
            answers.append(Answer(True, value, see=see))
            continue
        said = ", ".join(
            f"{code} – {str(STATE_WORDS[state]).lower()}"
            for code, state in states.items()
            if state is not State.ON_TRACK
        )
        is_known = any(state in (State.AT_RISK, State.OFF_TRACK) for state in states.values())
        why = _("Not on track: %(kpis)s.", kpis=said)
        answers.append(Answer(False if is_known else None, value, why, see=see))
    return answers


def _particular(asking: Asking, questions: Sequence[Question]) -> list[Answer]:
    """Whether figures held for as many periods as was asked."""
    figures = _Figures(asking, gate_kpi_rows.PARTICULAR)
    asks = {criterion_id: Ask(*ask) for criterion_id, *ask in asking.rows[f"{gate_kpi_rows.PARTICULAR}{ASKS}"]}
    return [_held(figures, asks.get(question.row.id) if question.row else None) for question in questions]


def _held(figures: _Figures, asked: Ask | None) -> Answer:
    kpi = figures.kpis.get(asked.kpi_id) if asked is not None else None
    if asked is None or kpi is None:
        return Answer(None, _("no data"), _("This KPI is no longer followed."))
    see = SeeAlso(_("KPIs"), "kpi_board.show")
    asks = _sentence(kpi, asked)
    place = (asked.kpi_id, asked.channel)
    values, base = figures.values.get(place, {}), figures.bases.get(place)
    newest = max(values, default=None)
    if newest is None or periods.missed(kpi.every, newest, figures.today) >= kpi.stale_after:
        value = _("no data") if newest is None else figure(values[newest], kpi)
        why = _("No figure has come in.") if newest is None else _("The newest figure is out of date.")
        return Answer(None, value, why, see=see, asks=asks)
    wanted = [periods.shift(kpi.every, newest, -back) for back in range(asked.periods)]
    stones = stones_for(figures.stones, *place)
    held = missing = 0
    for period in wanted:
        if asked.kind and asked.value is not None:
            aim = aim_of(Stone(asked.kind, asked.value, asked.upper, period), base.value if base else None)
        else:
            aim = aim_on(periods.last_day(kpi.every, period), stones, base, figures.rules(kpi))
        if aim is None:
            return Answer(
                None,
                _("no data"),
                _("What is asked cannot be worked out: set targets or a baseline."),
                see=see,
                asks=asks,
            )
        if period not in values:
            missing += 1
        elif aim.is_met(values[period]):
            held += 1
    said = _(
        "%(value)s; held in %(held)s of %(total)s", value=figure(values[newest], kpi), held=held, total=len(wanted)
    )
    if held == len(wanted):
        return Answer(True, said, see=see, asks=asks)
    if held + missing == len(wanted):
        why = ngettext("%(num)s period has no figure.", "%(num)s periods have no figure.", missing)
        return Answer(None, said, why, see=see, asks=asks)
    failed = len(wanted) - held - missing
    why = ngettext("It was missed in %(num)s period.", "It was missed in %(num)s periods.", failed)
    return Answer(False, said, why, see=see, asks=asks)


def _sentence(kpi: Any, asked: Ask) -> str:
    """'CSAT: rise by 15 % on the baseline, for 4 weeks'."""
    if not asked.kind or asked.value is None:
        what = _("on its way to the target")
    elif asked.kind == TargetKind.RISE_BY:
        what = _("at least %(percent)s %% above the baseline", percent=f"{asked.value.normalize():f}")
    elif asked.kind == TargetKind.FALL_BY:
        what = _("at least %(percent)s %% below the baseline", percent=f"{asked.value.normalize():f}")
    else:
        aim = aim_of(Stone(asked.kind, asked.value, asked.upper, date.max), None)
        what = aim_in_words(aim, kpi)
    return _(
        "%(kpi)s: %(what)s, %(periods)s", kpi=kpi_name(kpi), what=what, periods=_in_a_row(kpi.every, asked.periods)
    )


def _in_a_row(every: str, count: int) -> str:
    if every == Every.WEEK:
        return ngettext("for %(num)s week", "for %(num)s weeks", count)
    if every == Every.MONTH:
        return ngettext("for %(num)s month", "for %(num)s months", count)
    return ngettext("for %(num)s quarter", "for %(num)s quarters", count)


def asks_of(program_id: int) -> list[tuple[int, int, str]]:
    """(gate, criterion, sentence) of everything that gates ask in particular. One statement."""
    rows = read(_asks(), {"program": program_id}).all()
    return [
        (
            row.gate_id,
            row.criterion_id,
            _sentence(row, Ask(row.kpi_id, row.channel, row.kind, row.value, row.upper, row.periods)),
        )
        for row in rows
    ]


def _names_some(gate: criteria.AskedGate) -> bool:
    return bool(gate.kpis)


@cache
def _asks() -> Any:
    return (
        select(
            *(GateCriterion.gate_id, KpiCriterion.criterion_id, KpiCriterion.kpi_id, KpiCriterion.channel),
            *(KpiCriterion.kind, KpiCriterion.value, KpiCriterion.upper, KpiCriterion.periods),
            *(Kpi.code, Kpi.catalogue, Kpi.name, Kpi.unit, Kpi.unit_name, Kpi.decimals, Kpi.every),
        )
        .join(GateCriterion, GateCriterion.id == KpiCriterion.criterion_id)
        .join(Kpi, Kpi.id == KpiCriterion.kpi_id)
        .where(GateCriterion.program_id == bindparam("program"))
        .order_by(GateCriterion.gate_id, GateCriterion.position)
    )


def init_app() -> None:
    """Make the kinds known; once, however many apps there are."""
    if criteria.find(NAMED) is None:
        text = _l("The KPIs that the gate looks at are on track")
        source = _l("KPIs: the newest figures against their targets")
        criteria.register(
            Criterion(NAMED, text, source, _named, says_all=True, implied=_names_some, wants=gate_kpi_rows.named)
        )
        text = _l("A KPI holds a figure")
        source = _l("KPIs: the newest figures")
        criteria.register(
            Criterion(PARTICULAR, text, source, _particular, particular=True, wants=gate_kpi_rows.particular)
        )
