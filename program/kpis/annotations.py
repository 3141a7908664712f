"""Verbs for remarks on the time axis: a price rise, an outage, a campaign, for one KPI or for all of a program."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, bindparam, or_, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.database import read
from program.ground.errors import Invalid, NotFound
from program.ground.text import clean_line
from program.kpis.models import Kpi, KpiAnnotation
from program.people import access
from program.people.access import NOT_HERE

MAX_TEXT = 200
CHANGED_MEANWHILE = _l("Somebody changed this remark while you had it open.")


def annotate(actor: Actor, program_id: int, kpi: Kpi | None, on_day: date | None, text: str) -> KpiAnnotation:
    """Put a remark at a day, on one KPI's axis or (None) on all of them. For contributors. Raises Invalid."""
    access.require(actor, program_id, Access.CONTRIBUTOR)
    text = _checked(on_day, text)
    row = KpiAnnotation(
        program_id=program_id,
        kpi_id=None if kpi is None else kpi.id,
        on_day=on_day,
        text=text,
        created_by_id=actor.person_id,
    )
    db.session.add(row)
    db.session.flush()
    changes = audit.created({"on_day": on_day, "text": text, "kpi_id": row.kpi_id})
    audit.record(actor, "annotation.created", object_id=row.id, name=text, program_id=program_id, changes=changes)
    return row


def find_annotation(actor: Actor, program_id: int, annotation_id: int) -> KpiAnnotation:
    """The remark of that id. Raises NotFound."""
    access.require(actor, program_id, Access.CONTRIBUTOR)
    row = db.session.scalars(
        select(KpiAnnotation).where(KpiAnnotation.id == annotation_id, KpiAnnotation.program_id == program_id)
    ).one_or_none()
    if row is None:
        raise NotFound(NOT_HERE)
    return row


def change_annotation(
    actor: Actor, row: KpiAnnotation, kpi: Kpi | None, on_day: date | None, text: str, *, seen: int
) -> None:
    """Give a remark another day, other words, or another axis. For contributors. Raises Invalid, Conflict."""
    access.require(actor, row.program_id, Access.CONTRIBUTOR)
    audit.check_revision(row, seen, CHANGED_MEANWHILE, "annotation")
    text = _checked(on_day, text)
    changes = audit.change(row, {"on_day": on_day, "text": text, "kpi_id": None if kpi is None else kpi.id})
    if changes:
        db.session.flush()
        audit.record(
            actor, "annotation.changed", object_id=row.id, name=text, program_id=row.program_id, changes=changes
        )


def remove_annotation(actor: Actor, program_id: int, annotation_id: int) -> None:
    """Take a remark away; for contributors. The trail keeps it. Raises NotFound."""
    row = find_annotation(actor, program_id, annotation_id)
    changes = audit.removed({"on_day": row.on_day, "text": row.text, "kpi_id": row.kpi_id})
    audit.record(actor, "annotation.removed", object_id=row.id, name=row.text, program_id=program_id, changes=changes)
    db.session.delete(row)
    db.session.flush()


def annotations_of(program_id: int, kpi_id: int, first: date, last: date) -> Sequence[Any]:
    """Rows (id, kpi_id, on_day, text) between two days, those for all KPIs too, by day. Permission is the caller's."""
    return read(_annotations(), {"program": program_id, "kpi": kpi_id, "first": first, "last": last}).all()


def annotations_here(program_id: int) -> Sequence[Any]:
    """Rows (id, kpi_id, on_day, text) of the program, the newest day first, up to two hundred. One statement."""
    return read(_all(), {"program": program_id}).all()


@cache
def _all() -> Any:
    return (
        select(KpiAnnotation.id, KpiAnnotation.kpi_id, KpiAnnotation.on_day, KpiAnnotation.text)
        .where(KpiAnnotation.program_id == bindparam("program"))
        .order_by(KpiAnnotation.on_day.desc(), KpiAnnotation.id.desc())
        .limit(200)
    )


def _checked(on_day: date | None, text: str) -> str:
    text = clean_line(text)
    wrong: dict[str, Any] = {}
    if on_day is None or not FIRST_DAY <= on_day <= LAST_DAY:
        wrong["on_day"] = _l("Give a day between 2000 and 2099.")
    if not text or len(text) > MAX_TEXT:
        wrong["text"] = _l("Say what happened, in up to 200 letters.")
    if wrong:
        raise Invalid(_l("Something is not right yet."), wrong)
    return text


@cache
def _annotations() -> Any:
    return (
        select(KpiAnnotation.id, KpiAnnotation.kpi_id, KpiAnnotation.on_day, KpiAnnotation.text)
        .where(
            KpiAnnotation.program_id == bindparam("program"),
            or_(KpiAnnotation.kpi_id.is_(None), KpiAnnotation.kpi_id == bindparam("kpi")),
            KpiAnnotation.on_day.between(bindparam("first", type_=Date()), bindparam("last", type_=Date())),
        )
        .order_by(KpiAnnotation.on_day, KpiAnnotation.id)
    )
