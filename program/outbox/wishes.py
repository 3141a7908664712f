"""How a person wants to be reached: reading it, and changing it oneself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from program.extensions import db
from program.ground.actor import Actor
from program.ground.calendar import COUNTRIES
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.now import utc_now
from program.ground.records import record
from program.outbox.models import Message, State, Wishes
from program.outbox.rhythm import Mode, Rhythm
from program.people.access import NOT_HERE

CHANGED_MEANWHILE = _l("Your preferences were changed while you had them open.")
MAX_BUDGET = 7
_LAST_MINUTE = 24 * 60
_USUAL = Rhythm("UTC")
_COLUMNS = ("ways", "closed_ways", "digest", "prompts", "day_begins", "day_ends", "weekdays", "country", "budget")


@record
class Preferences:
    """A person's wishes as forms show them; `revision` is 0 for somebody who has not chosen anything yet."""

    ways: tuple[str, ...] = ()
    closed_ways: tuple[str, ...] = ()
    digest: str = _USUAL.digest.value
    prompts: str = _USUAL.prompts.value
    day_begins: int = _USUAL.day_begins
    day_ends: int = _USUAL.day_ends
    weekdays: str = "01234"
    country: str = _USUAL.country
    budget: int = _USUAL.budget
    revision: int = 0

    def rhythm(self, zone: str) -> Rhythm:
        """The same as the clock reads it, for a person of that time zone."""
        return Rhythm(
            zone,
            Mode(self.digest),
            Mode(self.prompts),
            self.day_begins,
            self.day_ends,
            frozenset(int(day) for day in self.weekdays),
            self.country,
            self.budget,
        )

    def order(self, names: list[str]) -> list[str]:
        """Those ways in the order to try them, without the closed ones."""
        chosen = [name for name in self.ways if name in names]
        return [
            name for name in [*chosen, *(name for name in names if name not in chosen)] if name not in self.closed_ways
        ]


def from_row(row: Any) -> Preferences:
    """Preferences from a row with the columns of `Wishes`; the usual ones from a row of an outer join without."""
    if row is None or row.revision is None:
        return Preferences()
    values = {field.name: getattr(row, field.name) for field in fields(Preferences)}
    return Preferences(**values | {name: tuple(values[name]) for name in ("ways", "closed_ways")})


def of(actor: Actor) -> Preferences:
    """What the actor has chosen for themselves. Raises NotFound for the system, which reads no messages."""
    return from_row(db.session.get(Wishes, _person(actor)))


def change(actor: Actor, values: Mapping[str, Any], *, seen: int) -> Preferences:
    """Keep what the actor chooses for themselves; what waits is looked at anew in its light.

    `values` names columns of `Wishes`. Raises Invalid naming the field, Conflict when it was changed since `seen`.
    """
    person_id = _person(actor)
    values = _checked(dict(values))
    row: Any = db.session.get(Wishes, person_id)
    if row is None:
        usual = Preferences()
        row = Wishes(person_id=person_id, **{name: _plain(getattr(usual, name)) for name in _COLUMNS} | values)
        db.session.add(row)
    else:
        if row.revision != seen:
            raise Conflict(CHANGED_MEANWHILE, current_revision=row.revision)
        for name, value in values.items():
            setattr(row, name, value)
    db.session.flush()
    # Held back by the old wishes; the new ones may let it go.
    waiting = (Message.person_id == person_id, Message.state == State.WAITING, Message.attempts == 0)
    now = utc_now()
    db.session.execute(
        update(Message)
        .where(*waiting, Message.claim.is_(None), Message.visible_from <= now)
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )
    return from_row(row)


def preferences_of(person_ids: list[int]) -> dict[int, Preferences]:
    """What those people have chosen; the usual for who has chosen nothing. One statement."""
    found = {
        row.person_id: from_row(row)
        for row in db.session.scalars(select(Wishes).where(Wishes.person_id.in_(person_ids)))
    }
    return {person_id: found.get(person_id, Preferences()) for person_id in person_ids}


def _person(actor: Actor) -> int:
    if actor.person_id is None:
        raise NotFound(NOT_HERE)
    return actor.person_id


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    wrong: dict[str, Any] = {}
    list_of = _l("Choose one from the list.")
    if values.get("digest", Mode.PAGE) not in set(Mode):
        wrong["digest"] = list_of
    if values.get("prompts", Mode.PAGE) not in (Mode.MORNING, Mode.PAGE):
        wrong["prompts"] = list_of
    if values.get("country", "") not in COUNTRIES:
        wrong["country"] = list_of
    for name in ("day_begins", "day_ends"):
        if name in values and not 0 <= values[name] <= _LAST_MINUTE:
            wrong[name] = _l("Give a time of day, like 08:30.")
    begins, ends = values.get("day_begins"), values.get("day_ends")
    if begins is not None and ends is not None and not wrong and ends - begins < 60:
        wrong["day_ends"] = _l("Your day needs at least an hour.")
    if "weekdays" in values:
        days = set(values["weekdays"])
        if not days or not days <= set("0123456"):
            wrong["weekdays"] = _l("Choose at least one day.")
        values["weekdays"] = "".join(sorted(days))
    if "budget" in values and not 0 <= values["budget"] <= MAX_BUDGET:
        wrong["budget"] = _l("From 0 to %(most)s.", most=MAX_BUDGET)
    if wrong:
        raise Invalid(_l("Something is not right yet."), wrong)
    return values
