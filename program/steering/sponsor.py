"""All programs for a sponsor: state and why, Experience Index, next gate, money, people they share, what they wait for.

A page of the list, as `planning/portfolio.py` chooses it; its price does not grow with the number of programs. A past
day is read from what was kept of it (`snapshots.py`): each program as its own page looked then.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import (
    Date,
    String,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    select,
    type_coerce,
    union_all,
)

from program.ground import formats
from program.ground.actor import Actor
from program.ground.database import read
from program.ground.records import record
from program.kpis.exact import Exact
from program.kpis.models import IndexValue
from program.people.models import Membership
from program.planning.portfolio import Portfolio, portfolio
from program.planning.standing import Standing
from program.steering.frozen import from_json
from program.steering.models import BudgetLine, Snapshot, StateOverride, SteeringPlan
from program.steering.needs import Need, needs_of
from program.steering.progress_parts import BudgetPart, GateLine, IndexPart, Said
from program.team.shared_people import shared_people
from program.team.workload import Carrier

_IDS: Any = bindparam("ids", expanding=True)
_TODAY: Any = bindparam("today", type_=Date())


@record
class Money:
    """A program's money in all, in its currency."""

    approved: Decimal
    spent: Decimal
    forecast: Decimal
    currency: str

    @property
    def is_over(self) -> bool:
        """The forecast lies above what was approved."""
        return self.forecast > self.approved


@record
class Row:
    """A program in the list. `as_of` is the day it is as of; None for a past day of which nothing was kept."""

    key: str
    name: str
    as_of: date | None
    state: str = "no_data"
    reason: str = ""
    # Said by a person against the rules, until that day.
    said_until: date | None = None
    index: Decimal | None = None
    index_change: Decimal | None = None
    gate: str = ""
    gate_on: date | None = None
    money: Money | None = None
    # People of it who carry more than a full week in the thirteen weeks from that day, and what it waits for in vain.
    over: int = 0
    late_needs: int = 0


@record
class Portrait:
    """A page of the list, with the people its programs share and what they need of one another."""

    found: Portfolio
    rows: Sequence[Row]
    people: Sequence[Carrier]
    needs: Sequence[Need]


def portrait(actor: Actor, day: date, today: date, timezone: str, *, sort: str, page: int) -> Portrait:
    """The programs open to the actor as they are, or as they were on an earlier day.

    Ten statements, six for a past day, whatever the number of programs.
    """
    found = portfolio(actor, today, timezone, sort=sort, page=page, stand=day >= today)
    ids = [one.id for one in found.programs]
    if not ids:
        return Portrait(found, (), (), ())
    rows = _present(found, today) if day >= today else _past(found, day)
    people = shared_people(actor, ids, day)
    over = Counter(program_id for one in people if one.over for program_id in _programs_of(one))
    sees_all = actor.is_admin or actor.person_id is None
    needs = needs_of(ids, None if sees_all else _open_to(actor), day, timezone)
    late = Counter(one.program_id for one in needs if one.state in ("off_track", "at_risk"))
    rows = [
        replace(row, over=over[program.id], late_needs=late[program.id])
        for row, program in zip(rows, found.programs, strict=True)
    ]
    return Portrait(found, rows, people, needs)


def _programs_of(carrier: Carrier) -> set[int]:
    return {place.program_id for place, _share, _span in carrier.shares}


def _open_to(actor: Actor) -> set[int]:
    query = select(Membership.program_id).where(Membership.person_id == actor.person_id)
    return {row.program_id for row in read(query)}


def _present(found: Portfolio, today: date) -> list[Row]:
    small: dict[int, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for row in read(_small(), {"ids": [one.id for one in found.programs], "today": today}).all():
        small[row.program_id][row.part].append(row)
    return [_row(one.key, one.name, found.standings[one.id], small[one.id], today) for one in found.programs]


def _row(key: str, name: str, standing: Standing, small: Mapping[str, Sequence[Any]], today: date) -> Row:
    said = next(iter(small["said"]), None)
    gate = standing.next_gate
    weeks = sorted(small["week"], key=lambda row: row.day, reverse=True)
    newest, before = (weeks[place].x if len(weeks) > place else None for place in (0, 1))
    money = next(iter(small["money"]), None)
    currency = small["plan"][0].s if small["plan"] else "PLN"
    return Row(
        key=key,
        name=name,
        as_of=today,
        state=said.s if said else standing.health.state.value,
        reason=said.text if said else str(standing.health.reasons[0]),
        said_until=said.day if said else None,
        index=newest,
        index_change=newest - before if newest is not None and before is not None else None,
        gate=gate.name if gate else "",
        gate_on=gate.planned_on if gate else None,
        money=Money(money.x, money.y, money.z, currency) if money else None,
    )


@cache
def _small() -> Any:
    """What steering and KPIs know of the programs: a said state, the index's last two weeks, money."""
    said, value = StateOverride, IndexValue
    place = func.row_number().over(partition_by=value.program_id, order_by=value.week.desc())
    weeks = select(value.program_id, value.week, value.value, place.label("place")).where(value.program_id.in_(_IDS))
    week = weeks.subquery().c
    holds = select(func.max(said.id)).where(
        said.program_id.in_(_IDS), said.ended_at.is_(None), said.expires_on >= _TODAY
    )
    forecast = func.coalesce(BudgetLine.forecast, BudgetLine.approved)
    sums = [
        type_coerce(cast(func.sum(column), Exact()), Exact())
        for column in (BudgetLine.approved, BudgetLine.spent, forecast)
    ]
    return union_all(
        _part("said", said.program_id, s=said.state, text=said.reason, day=said.expires_on).where(
            said.id.in_(holds.group_by(said.program_id))
        ),
        _part("week", week.program_id, day=week.week, x=week.value).where(week.place <= 2),
        _part("plan", SteeringPlan.program_id, s=SteeringPlan.currency).where(SteeringPlan.program_id.in_(_IDS)),
        _part("money", BudgetLine.program_id, x=sums[0], y=sums[1], z=sums[2])
        .where(BudgetLine.program_id.in_(_IDS))
        .group_by(BudgetLine.program_id),
    )


_COLUMNS: dict[str, Any] = {"s": String(), "text": Text(), "day": Date(), "x": Exact(), "y": Exact(), "z": Exact()}


def _part(name: str, program_id: Any, **columns: Any) -> Any:
    given = [
        columns.get(column, type_coerce(cast(null(), kind), kind)).label(column) for column, kind in _COLUMNS.items()
    ]
    return select(literal_column(f"'{name}'", String()).label("part"), program_id.label("program_id"), *given)


def _past(found: Portfolio, day: date) -> list[Row]:
    locale = formats.current_locale()
    kept = {row.program_id: row for row in read(_kept(locale), {"ids": [one.id for one in found.programs], "day": day})}
    return [_was(one.key, one.name, kept.get(one.id)) for one in found.programs]


def _was(key: str, name: str, kept: Any) -> Row:
    if kept is None:
        return Row(key, name, None)
    said = from_json(Said, kept.said) if kept.said else None
    index = from_json(IndexPart, kept.index) if kept.index else None
    budget = from_json(BudgetPart, kept.budget) if kept.budget else None
    gates = [from_json(GateLine, one) for one in kept.gates or ()]
    gate = next((one for one in gates if not one.is_passed), None)
    total = budget.total if budget else None
    return Row(
        key=key,
        name=name,
        as_of=kept.day,
        state=said.state if said else kept.computed,
        reason=said.reason if said else (kept.reasons or [""])[0],
        said_until=said.until if said else None,
        index=index.value if index else None,
        index_change=index.change if index else None,
        gate=gate.name if gate else "",
        gate_on=gate.planned_on if gate else None,
        money=Money(total.approved, total.spent, total.forecast, budget.currency) if total and budget else None,
    )


@cache
def _kept(locale: str) -> Any:
    """The newest snapshot of that day of each program, of its page only what the list shows."""
    newest = (
        select(func.max(Snapshot.id).label("id"))
        .where(Snapshot.program_id.in_(_IDS), Snapshot.day == bindparam("day", type_=Date()))
        .group_by(Snapshot.program_id)
        .subquery()
    )

    def of(name: str) -> Any:
        return Snapshot.data[(locale, name)].label(name)

    return select(
        Snapshot.program_id,
        Snapshot.day,
        Snapshot.data[(locale, "computed")].as_string().label("computed"),
        *(of(name) for name in ("reasons", "said", "index", "budget", "gates")),
    ).join(newest, newest.c.id == Snapshot.id)
