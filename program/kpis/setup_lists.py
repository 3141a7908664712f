"""What the page of definitions shows: every KPI with what it still lacks. Three statements, whatever their number."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import bindparam, func, select

from program.ground.database import read
from program.ground.records import record
from program.kpis.models import OVERALL, Kpi, KpiBaseline, KpiChannel, KpiTarget, TargetKind
from program.kpis.words import kpi_name
from program.people.models import Person


@record
class Defined:
    """A KPI on the page of definitions. `lacks` are words: what it needs before it can be judged."""

    id: int
    code: str
    label: str
    owner: str
    every: str
    channels: int
    has_baseline: bool
    has_target: bool
    is_active: bool
    revision: int
    lacks: tuple[str, ...]


def defined(program_id: int) -> list[Defined]:
    """All KPIs of the program in its order, retired ones too. One statement; permission is the caller's."""
    return [_defined(row) for row in read(_kpis(), {"program": program_id}).all()]


def headline(found: Sequence[Defined]) -> str:
    """How many KPIs there are and what they lack."""
    active = [kpi for kpi in found if kpi.is_active]
    if not active:
        return _("No KPI is followed yet. Take over those of the handbook, or add one of your own.")
    said = ngettext("%(num)s KPI is followed.", "%(num)s KPIs are followed.", len(active))
    if lacking := sum(1 for kpi in active if kpi.lacks):
        said += " " + ngettext(
            "%(num)s cannot be judged yet: it lacks an owner, a target or a baseline.",
            "%(num)s cannot be judged yet: they lack an owner, a target or a baseline.",
            lacking,
        )
    return said


def _defined(row: Any) -> Defined:
    lacks = []
    if row.owner is None:
        lacks.append(_("an owner"))
    if row.is_on_board and not row.targets and row.better != "inside":
        lacks.append(_("a target"))
    if row.shares and not row.baselines:
        lacks.append(_("a baseline"))
    return Defined(
        *(row.id, row.code, kpi_name(row), row.owner or "", row.every, row.channels or 0),
        *(bool(row.baselines), bool(row.targets), row.is_active, row.revision),
        tuple(lacks),
    )


@cache
def _kpis() -> Any:
    def count(model: Any, *where: Any) -> Any:
        return select(func.count()).select_from(model).where(model.kpi_id == Kpi.id, *where).scalar_subquery()

    shares = KpiTarget.kind.in_([TargetKind.RISE_BY.value, TargetKind.FALL_BY.value])
    return (
        select(
            *(Kpi.id, Kpi.code, Kpi.catalogue, Kpi.name, Kpi.every, Kpi.better, Kpi.is_on_board, Kpi.is_active),
            *(Kpi.revision, Person.name.label("owner"), count(KpiChannel).label("channels")),
            count(KpiBaseline, KpiBaseline.channel == OVERALL).label("baselines"),
            count(KpiTarget, KpiTarget.channel == OVERALL).label("targets"),
            count(KpiTarget, KpiTarget.channel == OVERALL, shares).label("shares"),
        )
        .outerjoin(Person, Person.id == Kpi.owner_id)
        .where(Kpi.program_id == bindparam("program"))
        .order_by(Kpi.is_active.desc(), Kpi.position, Kpi.id)
    )
