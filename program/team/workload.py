"""How much of their weeks people carry, over all programs they are in, and on how many of them they work.

Counted are assignments in programs that are not closed, of people who are in that program. The reader may not see every
program somebody works in: such work counts, and is called 'elsewhere'. An initiative is a program in which somebody has
a current assignment or owns an open item; more than three of them are too many for one person's attention.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Boolean, Date, Integer, and_, bindparam, or_, select, union

from program.ground import formats
from program.ground.actor import Actor
from program.ground.calendar import DAY, monday_of
from program.ground.database import read
from program.ground.records import record
from program.people.models import Membership, Person
from program.people.session import initials
from program.planning.models import Program, WorkItem
from program.planning.models.items import OPEN_STATUSES
from program.team.models import Assignment
from program.team.spans import FULL_DAY, FULL_WEEK, WEEK, Span, mondays, percent, share_days

WEEKS, PAGE_SIZE, MANY_INITIATIVES = 13, 50, 3
_A, _P, _M, _G = Assignment.__table__.c, Person.__table__.c, Membership.__table__.c, Program.__table__.c
_W = WorkItem.__table__.c


@record
class Place:
    """A program somebody works in, as the reader may know it; key and name are '' where they may not."""

    program_id: int
    key: str
    name: str

    @property
    def is_elsewhere(self) -> bool:
        """True for a program the reader may not see."""
        return not self.key


@record
class Load:
    """One week of one person: share-days in all, and by program, the largest first."""

    monday: date
    total: int
    parts: tuple[tuple[Place, int], ...]

    @property
    def percent(self) -> int:
        """Of a full week."""
        return percent(self.total)

    @property
    def is_over(self) -> bool:
        """More than a full week."""
        return self.total > FULL_WEEK

    @property
    def level(self) -> str:
        """How warm the week is: none, low (up to half a week), some, full (above four fifths) or over."""
        if self.is_over:
            return "over"
        share = self.percent
        return "none" if not share else "low" if share <= 50 else "some" if share <= 80 else "full"

    def in_words(self) -> str:
        """'ALFA 60%, elsewhere 40%'; the parts the reader may not see are added up."""
        shown = [(place.key, taken) for place, taken in self.parts if not place.is_elsewhere]
        elsewhere = sum(taken for place, taken in self.parts if place.is_elsewhere)
        if elsewhere:
            shown.append((_("elsewhere"), elsewhere))
        return ", ".join(f"{name} {percent(taken)}%" for name, taken in shown)


@dataclass
class Carrier:
    """Somebody with the weeks they carry and the programs they work on."""

    person_id: int
    name: str
    name_folded: str
    # The Mondays of the weeks that are shown, and (place, share, span) of each assignment in them.
    weeks: tuple[date, ...]
    shares: list[tuple[Place, int, Span]] = field(default_factory=list)
    initiatives: tuple[Place, ...] = ()

    @cached_property
    def loads(self) -> tuple[Load, ...]:
        """Each of the weeks. Worked out when asked for: a page shows fifty of perhaps thousands of people."""
        return tuple(_load(self.shares, monday) for monday in self.weeks)

    @property
    def initials(self) -> str:
        """Letters for the avatar."""
        return initials(self.name)

    @property
    def most(self) -> int:
        """The fullest of the weeks, in share-days."""
        return max((load.total for load in self.loads), default=0)

    @cached_property
    def over(self) -> tuple[Load, ...]:
        """The weeks above a full one."""
        if sum(share for _place, share, _span in self.shares) <= FULL_DAY:
            return ()
        return tuple(load for load in self.loads if load.is_over)

    @property
    def too_many(self) -> bool:
        """More than three initiatives."""
        return len(self.initiatives) > MANY_INITIATIVES

    @property
    def seen(self) -> tuple[Place, ...]:
        """The initiatives that the reader may know."""
        return tuple(place for place in self.initiatives if not place.is_elsewhere)

    @property
    def elsewhere(self) -> int:
        """How many initiatives there are besides."""
        return len(self.initiatives) - len(self.seen)


@record
class Workload:
    """The load of a program's people over thirteen weeks, the fullest first."""

    weeks: tuple[date, ...]
    carriers: tuple[Carrier, ...]

    @property
    def over(self) -> tuple[Carrier, ...]:
        """Those with a week above a full one."""
        return tuple(carrier for carrier in self.carriers if carrier.over)

    @property
    def too_many(self) -> tuple[Carrier, ...]:
        """Those with more than three initiatives."""
        return tuple(carrier for carrier in self.carriers if carrier.too_many)


def workload(actor: Actor, program_id: int, today: date, first: date, *, person_id: int | None = None) -> Workload:
    """The people of the program who have an assignment in those weeks or own open items; two statements.

    `first` is a Monday. With `person_id` that person alone. Permission for the program is the caller's; what of other
    programs is shown follows from the actor.
    """
    weeks = tuple(mondays(first, WEEKS))
    values = {
        "program": program_id,
        "reader": actor.person_id,
        "sees_all": actor.is_admin or actor.person_id is None,
        "today": today,
        "first": first,
        "last": weeks[-1] + WEEK - DAY,
        "person": person_id,
    }
    one = person_id is not None
    carriers: dict[int, Carrier] = {}
    for row in read(_shares(one), values):
        carrier = carriers.get(row.person_id)
        if carrier is None:
            carrier = carriers[row.person_id] = Carrier(row.person_id, row.name, row.name_folded, weeks)
        ends_on = min((day for day in (row.ends_on, row.closed_on) if day is not None), default=None)
        if ends_on is None or row.starts_on <= ends_on:
            carrier.shares.append((place_of(row), row.share, Span(row.starts_on, ends_on)))
    works_on: dict[int, list[Place]] = {}
    for row in read(_initiatives(one), values):
        if row.person_id not in carriers:
            carriers[row.person_id] = Carrier(row.person_id, row.name, row.name_folded, weeks)
        works_on.setdefault(row.person_id, []).append(place_of(row))
    for carrier in carriers.values():
        carrier.initiatives = tuple(sorted(works_on.get(carrier.person_id, ()), key=_own_first(program_id)))
    found = sorted(carriers.values(), key=_heaviest_first)
    return Workload(weeks, tuple(found))


def _own_first(program_id: int) -> Any:
    return lambda place: (place.program_id != program_id, place.is_elsewhere, place.key)


def _heaviest_first(carrier: Carrier) -> Any:
    return (not carrier.over, -carrier.most if carrier.over else 0, not carrier.too_many, carrier.name_folded)


def place_of(row: Any) -> Place:
    """The program of a row, as its reader may know it."""
    return Place(row.program_id, row.key, row.program) if row.is_open else Place(row.program_id, "", "")


def _load(shares: Sequence[tuple[Place, int, Span]], monday: date) -> Load:
    parts: dict[int, tuple[Place, int]] = {}
    for place, share, span in shares:
        taken = share_days(share, span, monday)
        if taken:
            parts[place.program_id] = (place, parts.get(place.program_id, (place, 0))[1] + taken)
    ordered = tuple(sorted(parts.values(), key=lambda part: (-part[1], part[0].key)))
    return Load(monday, sum(taken for _place, taken in ordered), ordered)


def headline(found: Workload) -> str:
    """The sentence that answers 'so what?' on the page of the load."""
    if not found.carriers:
        return _("Nobody has a share of time in this program yet.")
    parts = []
    over = found.over
    if over:
        worst = max(over[0].loads, key=lambda load: load.total)
        parts.append(
            ngettext(
                "%(num)s person carries more than a full week in these thirteen weeks: %(name)s with %(share)s%% in "
                "%(week)s.",
                "%(num)s people carry more than a full week in these thirteen weeks, most of all %(name)s with "
                "%(share)s%% in %(week)s.",
                len(over),
                name=over[0].name,
                share=worst.percent,
                week=formats.week(worst.monday),
            )
        )
    many = found.too_many
    if many:
        parts.append(
            ngettext(
                "%(num)s person works on more than three initiatives.",
                "%(num)s people work on more than three initiatives.",
                len(many),
            )
        )
    return " ".join(parts) or _("Nobody carries more than a full week in these thirteen weeks.")


def first_monday(raw: str, today: date) -> date:
    """The Monday that an address asks for; this week's where it asks for none that can be shown."""
    this = monday_of(today)
    try:
        asked = monday_of(date.fromisoformat(raw)) if len(raw) == 10 else this
    except (ValueError, OverflowError):
        return this
    # Ten years each way: beyond, there is nothing to see and the calendar ends.
    return asked if abs(asked - this) <= timedelta(days=3660) else this


def by_person(carriers: Sequence[Carrier]) -> Mapping[int, Carrier]:
    """Carriers by the person's id."""
    return {carrier.person_id: carrier for carrier in carriers}


def _crew(one: bool) -> Any:
    """Ids of the people the page is about: with an assignment in the program in those weeks, or open items."""
    person = bindparam("person", type_=Integer())
    if one:
        return select(_P.id).where(_P.id == person)
    program = bindparam("program", type_=Integer())
    assigned = select(_A.person_id).where(_A.program_id == program, *meets())
    owning = select(_W.owner_id).where(_W.program_id == program, _W.status.in_(OPEN_STATUSES), _W.owner_id.is_not(None))
    return union(assigned, owning)


def meets() -> tuple[Any, ...]:
    """Conditions of an assignment that has a day in the weeks from `first` to `last`."""
    first, last = bindparam("first", type_=Date()), bindparam("last", type_=Date())
    return _A.starts_on <= last, or_(_A.ends_on.is_(None), _A.ends_on >= first)


READER = Membership.__table__.alias("reader_membership")


def known(program_id: Any) -> Any:
    """The program of a row, and whether the reader may know it."""
    return and_(READER.c.program_id == program_id, READER.c.person_id == bindparam("reader", type_=Integer()))


IS_OPEN = or_(READER.c.id.is_not(None), bindparam("sees_all", type_=Boolean())).label("is_open")


@cache
def _shares(one: bool) -> Any:
    return (
        select(
            *(_A.person_id, _P.name, _P.name_folded, _A.program_id, _G.key, _G.name.label("program"), _G.closed_on),
            *(_A.share, _A.starts_on, _A.ends_on, IS_OPEN),
        )
        .select_from(Assignment.__table__)
        .join(Person.__table__, and_(_P.id == _A.person_id, _P.is_active))
        .join(Membership.__table__, and_(_M.program_id == _A.program_id, _M.person_id == _A.person_id))
        .join(Program.__table__, _G.id == _A.program_id)
        .outerjoin(READER, known(_A.program_id))
        .where(
            _A.person_id.in_(_crew(one)),
            *meets(),
            or_(_G.closed_on.is_(None), _G.closed_on >= bindparam("first", type_=Date())),
        )
        .order_by(_P.name_folded, _P.id, _A.starts_on)
    )


@cache
def _initiatives(one: bool) -> Any:
    today = bindparam("today", type_=Date())
    crew = _crew(one)
    works = union(
        select(_A.person_id, _A.program_id).where(
            _A.person_id.in_(crew), _A.starts_on <= today, or_(_A.ends_on.is_(None), _A.ends_on >= today)
        ),
        select(_W.owner_id, _W.program_id).where(_W.owner_id.in_(crew), _W.status.in_(OPEN_STATUSES)),
    ).subquery("works")
    return (
        select(
            works.c.person_id, _P.name, _P.name_folded, works.c.program_id, _G.key, _G.name.label("program"), IS_OPEN
        )
        .select_from(works)
        .join(Person.__table__, and_(_P.id == works.c.person_id, _P.is_active))
        .join(Membership.__table__, and_(_M.program_id == works.c.program_id, _M.person_id == works.c.person_id))
        .join(Program.__table__, and_(_G.id == works.c.program_id, _G.closed_on.is_(None)))
        .outerjoin(READER, known(works.c.program_id))
    )
