"""How far each group has come in working the new way: trained, coached, active, confident, with the source of each
figure.

Trained and coached are counted (`trained.py`). Active and confident are entered by people, as a share on a day with
where it comes from; the newest reading holds until there is a newer one. Nothing known is no data, never zero.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.change.models import AdoptionReading, ImpactedGroup
from program.change.models.adoption import ENTERED_MEASURES, Measure
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import FIRST_DAY
from program.ground.database import read
from program.ground.errors import Invalid, NotFound
from program.ground.records import record
from program.ground.text import clean_line
from program.people import access

MAX_SOURCE = 200
# Below so many people a share would say who; only managers see what is counted of persons then.
SMALL_GROUP = 5
# A figure that nobody renewed for so long is shown as out of date.
STALE_DAYS = 60
MEASURE_WORDS: dict[str, Any] = {
    Measure.TRAINED.value: _l("Trained"),
    Measure.COACHED.value: _l("Coached"),
    Measure.ACTIVE.value: _l("Active"),
    Measure.CONFIDENT.value: _l("Confident"),
}
_CHANGED = _l("Somebody changed this reading while you had it open.")
COLUMNS = ("measure", "on_date", "value", "source")


@record
class Reading:
    """A share of a group that somebody entered."""

    id: int
    group_id: int
    measure: str
    on_date: date
    value: int
    source: str
    revision: int

    def is_stale(self, today: date) -> bool:
        """Whether it is too old to say how things are."""
        return (today - self.on_date).days > STALE_DAYS


def readings_of(group_ids: Collection[int]) -> dict[int, dict[str, list[Reading]]]:
    """The readings of those groups, by group and measure, oldest first. One statement."""
    columns = (
        *(AdoptionReading.id, AdoptionReading.group_id, AdoptionReading.measure, AdoptionReading.on_date),
        *(AdoptionReading.value, AdoptionReading.source, AdoptionReading.revision),
    )
    query = select(*columns).where(AdoptionReading.group_id.in_(group_ids))
    found: dict[int, dict[str, list[Reading]]] = {group_id: {} for group_id in group_ids}
    for row in read(query.order_by(AdoptionReading.on_date, AdoptionReading.id)):
        found[row.group_id].setdefault(row.measure, []).append(Reading(*row))
    return found


def enter(actor: Actor, group: ImpactedGroup, values: Mapping[str, Any], today: date) -> AdoptionReading:
    """Enter a share of the group on a day. Raises Invalid naming the field."""
    access.require(actor, group.program_id, Access.CONTRIBUTOR)
    tidy = _checked(group.id, values, today, None)
    reading = AdoptionReading(program_id=group.program_id, group_id=group.id, entered_by_id=actor.person_id, **tidy)
    db.session.add(reading)
    db.session.flush()
    _record(actor, group, reading, "entered", audit.created(tidy))
    return reading


def find_reading(actor: Actor, group: ImpactedGroup, reading_id: int) -> AdoptionReading:
    """A reading of that group, to correct or remove. Raises NotFound."""
    access.require(actor, group.program_id, Access.CONTRIBUTOR)
    reading = db.session.get(AdoptionReading, reading_id)
    if reading is None or reading.group_id != group.id:
        raise NotFound(access.NOT_HERE)
    return reading


def correct(
    actor: Actor,
    group: ImpactedGroup,
    reading: AdoptionReading,
    values: Mapping[str, Any],
    today: date,
    *,
    seen: int | None,
) -> audit.Changes:
    """Correct a reading. Raises Invalid and Conflict."""
    access.require(actor, group.program_id, Access.CONTRIBUTOR)
    if seen is not None:
        audit.check_revision(reading, seen, _CHANGED, "adoption")
    changes = audit.change(reading, _checked(group.id, values, today, reading.id))
    db.session.flush()
    if changes:
        _record(actor, group, reading, "changed", changes)
    return changes


def remove(actor: Actor, group: ImpactedGroup, reading: AdoptionReading, *, seen: int | None) -> None:
    """Remove a reading; the trail keeps what it said. Raises Conflict."""
    access.require(actor, group.program_id, Access.CONTRIBUTOR)
    if seen is not None:
        audit.check_revision(reading, seen, _CHANGED, "adoption")
    values = {name: getattr(reading, name) for name in COLUMNS}
    db.session.delete(reading)
    db.session.flush()
    _record(actor, group, reading, "removed", audit.removed(values))


def month_ends(today: date, months: int) -> Sequence[date]:
    """The last days of so many months up to the one of `today`, whose last day is today itself."""
    found = [today]
    first = today.replace(day=1)
    while len(found) < months:
        last = date.fromordinal(first.toordinal() - 1)
        found.append(last)
        first = last.replace(day=1)
    return found[::-1]


def _record(actor: Actor, group: ImpactedGroup, reading: AdoptionReading, act: str, changes: audit.Changes) -> None:
    audit.record(
        actor,
        f"adoption.{act}",
        object_id=reading.id,
        name=group.name,
        program_id=group.program_id,
        changes=changes,
    )


def _checked(group_id: int, values: Mapping[str, Any], today: date, own_id: int | None) -> dict[str, Any]:
    tidy = {name: values.get(name) for name in COLUMNS}
    wrong: dict[str, Any] = {}
    if tidy["measure"] not in ENTERED_MEASURES:
        wrong["measure"] = _("Choose one from the list.")
    if not isinstance(tidy["value"], int) or not 0 <= tidy["value"] <= 100:
        wrong["value"] = _("Give a number from %(least)s to %(most)s.", least=0, most=100)
    tidy["source"] = clean_line(tidy["source"] or "")
    if not tidy["source"]:
        wrong["source"] = _("Say where the figure comes from.")
    elif len(tidy["source"]) > MAX_SOURCE:
        wrong["source"] = _("Up to %(most)s letters.", most=MAX_SOURCE)
    if tidy["on_date"] is None:
        wrong["on_date"] = _("Choose a day.")
    elif not FIRST_DAY <= tidy["on_date"] <= today:
        wrong["on_date"] = _("Give a day that has come.")
    if not wrong:
        same = select(AdoptionReading.id).where(
            AdoptionReading.group_id == group_id,
            AdoptionReading.measure == tidy["measure"],
            AdoptionReading.on_date == tidy["on_date"],
        )
        taken = db.session.scalar(same)
        if taken is not None and taken != own_id:
            wrong["on_date"] = _("There is a reading for this day already. Correct that one.")
    if wrong:
        raise Invalid(_("Something is not right yet."), wrong)
    return tidy
