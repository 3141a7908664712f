"""Rituals: the meetings that keep a change alive, how often they come round, and who comes.

The handbook's habits (section 5): a weekly review, a monthly lunch-and-learn, a workshop across departments at least
once a quarter, a retrospective after each phase, shadowing. Neighbours: `ritual_dates.py` (when they meet),
`meetings.py` (one meeting: moved, cancelled, held).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from program.change.models import Ritual, RitualMeeting, RitualPerson
from program.change.models.rituals import MeetingState, Rhythm, RitualKind
from program.change.ritual_words import KIND_WORDS, RHYTHM_WORDS
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.cadence import MOST_APART
from program.ground.calendar import DAY, FIRST_DAY, LAST_DAY, WorkingCalendar
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.folding import fold
from program.ground.records import record
from program.ground.text import clean_line, clean_text
from program.people import access
from program.people.access import NOT_HERE
from program.people.models import Membership, Person

MAX_TITLE, MAX_PLACE, MAX_AGENDA, MAX_PEOPLE = 120, 200, 10_000, 200
NOT_RIGHT = _l("Something is not right yet.")
CHANGED_MEANWHILE = _l("Somebody changed this ritual while you had it open.")
COLUMNS = (
    *("kind", "title", "rhythm", "every", "first_on", "last_on", "starts_at_minute", "minutes"),
    *("place", "agenda", "organiser_id"),
)


@record
class RitualDraft:
    """A ritual before it is kept. Times are minutes: after midnight on the program's wall clock, and how long."""

    kind: str
    title: str
    rhythm: str
    first_on: date | None
    starts_at_minute: int | None
    minutes: int | None = 60
    every: int | None = 1
    last_on: date | None = None
    place: str = ""
    agenda: str = ""
    organiser_id: int | None = None


def add_ritual(actor: Actor, program_id: int, draft: RitualDraft) -> Ritual:
    """Add a ritual. Raises Invalid naming the fields at fault."""
    access.require(actor, program_id, Access.MANAGER)
    ritual = Ritual(program_id=program_id, **_checked(program_id, draft, None))
    db.session.add(ritual)
    db.session.flush()
    _record(actor, "ritual.created", ritual, audit.created({name: getattr(ritual, name) for name in COLUMNS}))
    return ritual


def change_ritual(actor: Actor, ritual: Ritual, draft: RitualDraft, *, seen: int) -> audit.Changes:
    """Change a ritual; what was held stays as it was. Raises Conflict, Invalid."""
    access.require(actor, ritual.program_id, Access.MANAGER)
    audit.check_revision(ritual, seen, CHANGED_MEANWHILE, "ritual")
    changes = audit.change(ritual, _checked(ritual.program_id, draft, ritual.organiser_id))
    if changes:
        db.session.flush()
        _record(actor, "ritual.changed", ritual, changes)
    return changes


def remove_ritual(actor: Actor, ritual: Ritual, *, seen: int) -> None:
    """Remove a ritual that never met. One with notes is ended instead, by its last day. Raises Conflict."""
    access.require(actor, ritual.program_id, Access.MANAGER)
    audit.check_revision(ritual, seen, CHANGED_MEANWHILE, "ritual")
    held = select(RitualMeeting.planned_on).where(
        RitualMeeting.ritual_id == ritual.id, RitualMeeting.state == MeetingState.HELD.value
    )
    if db.session.scalar(held.limit(1)) is not None:
        raise Conflict(_l("It has met, and its notes should stay. Give it a last day instead."))
    _record(actor, "ritual.removed", ritual, audit.removed({name: getattr(ritual, name) for name in COLUMNS}))
    db.session.delete(ritual)
    db.session.flush()


def invite(actor: Actor, ritual: Ritual, name: str) -> int:
    """Let somebody of the program come, by their full name or e-mail. Returns their id; Invalid names what is wrong."""
    access.require(actor, ritual.program_id, Access.MANAGER)
    person_id = _member_named(ritual.program_id, name)
    present = set(db.session.scalars(select(RitualPerson.person_id).where(RitualPerson.ritual_id == ritual.id)))
    if person_id in present:
        raise Invalid(NOT_RIGHT, {"name": _l("They come already.")})
    if len(present) >= MAX_PEOPLE:
        raise Invalid(NOT_RIGHT, {"name": _l("Up to %(most)s people come to a ritual.", most=MAX_PEOPLE)})
    db.session.add(RitualPerson(ritual_id=ritual.id, person_id=person_id))
    db.session.flush()
    _record(actor, "ritual.invited", ritual, {"person_id": [None, person_id]})
    return person_id


def uninvite(actor: Actor, ritual: Ritual, person_id: int) -> None:
    """Somebody no longer comes. Raises NotFound for who did not."""
    access.require(actor, ritual.program_id, Access.MANAGER)
    gone = db.session.execute(
        delete(RitualPerson)
        .where(RitualPerson.ritual_id == ritual.id, RitualPerson.person_id == person_id)
        .returning(RitualPerson.person_id),
        execution_options={"synchronize_session": False},
    ).first()
    if gone is None:
        raise NotFound(NOT_HERE)
    _record(actor, "ritual.invited", ritual, {"person_id": [person_id, None]})


def set_up_usual(actor: Actor, program_id: int, today: date, calendar: WorkingCalendar) -> list[Ritual]:
    """Add those of the usual five that the program lacks, for the team it has. Returns what was added."""
    access.require(actor, program_id, Access.MANAGER)
    present = set(db.session.scalars(select(Ritual.kind).where(Ritual.program_id == program_id)))
    team = _team(program_id)
    added = []
    for draft in _usual_five(today, calendar):
        if draft.kind in present:
            continue
        organiser = actor.person_id if actor.person_id in team else None
        ritual = add_ritual(actor, program_id, RitualDraft(**{**asdict(draft), "organiser_id": organiser}))
        guests = [person for person in team if person != organiser][:MAX_PEOPLE]
        db.session.add_all(RitualPerson(ritual_id=ritual.id, person_id=person) for person in guests)
        added.append(ritual)
    db.session.flush()
    return added


def find_ritual(
    actor: Actor, program_id: int, ritual_id: int, needed: Access = Access.VIEWER, *, lock: bool = False
) -> Ritual:
    """That ritual of the program. Raises NotFound. `lock` holds other writers of its meetings back."""
    access.require(actor, program_id, needed)
    query = select(Ritual).where(Ritual.id == ritual_id, Ritual.program_id == program_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    ritual = db.session.scalars(query).one_or_none()
    if ritual is None:
        raise NotFound(NOT_HERE)
    return ritual


def _usual_five(today: date, calendar: WorkingCalendar) -> Sequence[RitualDraft]:
    """The habits of the handbook, section 5, at hours at which teams can come."""

    def next_(weekday: int) -> date:
        day = today + timedelta(days=(weekday - today.weekday()) % 7 or 7)
        return day if calendar.is_working(day) else day + timedelta(weeks=1)

    def of_kind(kind: RitualKind, rhythm: Rhythm, first: date, hour: int, minutes: int, every: int = 1) -> RitualDraft:
        return RitualDraft(kind, str(KIND_WORDS[kind]), rhythm, first, hour * 60, minutes, every)

    return (
        of_kind(RitualKind.WEEKLY_REVIEW, Rhythm.WEEKLY, next_(0), 9, 45),
        of_kind(RitualKind.LUNCH_AND_LEARN, Rhythm.MONTHLY, next_(2), 12, 45),
        of_kind(RitualKind.WORKSHOP, Rhythm.QUARTERLY, next_(1), 10, 180),
        of_kind(RitualKind.RETROSPECTIVE, Rhythm.AFTER_PHASE, today + DAY, 10, 90),
        of_kind(RitualKind.SHADOWING, Rhythm.WEEKLY, next_(3), 9, 240, every=2),
    )


def _checked(program_id: int, draft: RitualDraft, present_organiser: int | None) -> dict[str, Any]:
    values: dict[str, Any] = asdict(draft)
    wrong: dict[str, Any] = {}
    values["title"], values["place"] = clean_line(values["title"] or ""), clean_line(values["place"] or "")
    values["agenda"] = clean_text(values["agenda"] or "")
    if not values["title"]:
        wrong["title"] = _l("Give it a title.")
    for name, most in (("title", MAX_TITLE), ("place", MAX_PLACE), ("agenda", MAX_AGENDA)):
        if len(values[name]) > most:
            wrong[name] = _l("Up to %(most)s letters.", most=most)
    for name, words in (("kind", KIND_WORDS), ("rhythm", RHYTHM_WORDS)):
        if values[name] not in words:
            wrong[name] = _l("Choose one from the list.")
    _check_times(values, wrong)
    organiser = values["organiser_id"]
    if organiser is not None and organiser != present_organiser and organiser not in _team(program_id):
        wrong["organiser_id"] = _l("Choose somebody of the program's team.")
    if wrong:
        raise Invalid(NOT_RIGHT, wrong)
    return values


def _check_times(values: Mapping[str, Any], wrong: dict[str, Any]) -> None:
    first, last = values["first_on"], values["last_on"]
    if first is None or not FIRST_DAY <= first <= LAST_DAY:
        wrong["first_on"] = _l("Give a day between 2000 and 2099.")
    elif last is not None and not first <= last <= LAST_DAY:
        wrong["last_on"] = _l("It ends before it starts.") if last < first else _l("Give a day between 2000 and 2099.")
    if values["starts_at_minute"] is None or not 0 <= values["starts_at_minute"] < 24 * 60:
        wrong["starts_at_minute"] = _l("Give a time of day: 09:30.")
    if values["minutes"] is None or not 5 <= values["minutes"] <= 24 * 60:
        wrong["minutes"] = _l("From 5 minutes to a whole day.")
    if values["every"] is None or not 1 <= values["every"] <= MOST_APART // 3:
        wrong["every"] = _l("From 1 to %(most)s.", most=MOST_APART // 3)


def _member_named(program_id: int, name: str) -> int:
    typed = clean_line(name or "")
    if not typed or len(typed) > 254:
        raise Invalid(NOT_RIGHT, {"name": _l("Write the name of somebody of this program.")})
    found = db.session.scalars(
        select(Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.program_id == program_id,
            Person.is_active,
            (Person.name_folded == fold(typed)) | (Person.email == typed.lower()),
        )
        .limit(2)
    ).all()
    if not found:
        raise Invalid(NOT_RIGHT, {"name": _l("Nobody of this program has that name.")})
    if len(found) > 1:
        raise Invalid(NOT_RIGHT, {"name": _l("Several people have that name. Write the e-mail address.")})
    return int(found[0])


def _team(program_id: int) -> list[int]:
    return list(
        db.session.scalars(
            select(Membership.person_id)
            .join(Person, Person.id == Membership.person_id)
            .where(Membership.program_id == program_id, Membership.access >= Access.CONTRIBUTOR.value, Person.is_active)
            .order_by(Person.name_folded, Person.id)
        )
    )


def _record(actor: Actor, verb: str, ritual: Ritual, changes: audit.Changes) -> None:
    audit.record(actor, verb, object_id=ritual.id, name=ritual.title, program_id=ritual.program_id, changes=changes)
