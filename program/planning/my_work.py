"""My work: what one person owns across all their programs, in the order in which it wants to be looked at.

Programs that are closed, or that the person has left, are not in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Date, Integer, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased

from program.ground.calendar import monday_of
from program.ground.database import read
from program.ground.records import record
from program.people.models import Membership, Person
from program.planning.models import Comment, Dependency, Mention, Program, WorkItem
from program.planning.models.items import OPEN_STATUSES, Status

PAGE_SIZE, MOST_ASIDE = 50, 20
OVERDUE, THIS_WEEK, IN_PROGRESS, BLOCKED, NEXT, NO_DATE = range(6)
GROUP_WORDS: dict[int, Any] = {
    OVERDUE: _l("Overdue"),
    THIS_WEEK: _l("Due this week"),
    IN_PROGRESS: _l("In progress"),
    BLOCKED: _l("Blocked"),
    NEXT: _l("Next"),
    NO_DATE: _l("No date"),
}


@record
class MyWork:
    """One page of a person's work. Rows are plain columns; each row's group is `row.place`, a key of GROUP_WORDS."""

    rows: Sequence[Any]
    # How many items each group holds in all, and the earliest due day in it.
    counts: dict[int, int]
    oldest: date | None
    # For each item on the page, what it still waits for: '(key, number, title)'.
    waits: dict[int, list[tuple[str, int, str]]]
    # Other people's items that wait for mine, and comments that name me; the first of them, with how many there are.
    waiting_for_me: Sequence[Any]
    mentions: Sequence[Any]

    @property
    def total(self) -> int:
        """Open items in all."""
        return sum(self.counts.values())

    @property
    def waiting_total(self) -> int:
        """How many items of others wait for mine."""
        return self.waiting_for_me[0].total if self.waiting_for_me else 0

    @property
    def mentions_total(self) -> int:
        """How many unseen comments name me."""
        return self.mentions[0].total if self.mentions else 0

    def headline(self, today: date) -> str:
        """The sentence that says whether something burns."""
        late, week = self.counts.get(OVERDUE, 0), self.counts.get(THIS_WEEK, 0)
        if late and self.oldest:
            by = ngettext("%(num)s day", "%(num)s days", (today - self.oldest).days)
            if late == 1:
                return _("One item is late, by %(days)s.", days=by)
            return ngettext(
                "%(num)s item is late, the oldest by %(days)s.",
                "%(num)s items are late, the oldest by %(days)s.",
                late,
                days=by,
            )
        if week:
            return ngettext(
                "Nothing is late; %(num)s item is due this week.",
                "Nothing is late; %(num)s items are due this week.",
                week,
            )
        if self.total:
            return _("Nothing is late, and nothing is due this week.")
        return _("You own no open items.")


def my_work(person_id: int, today: date, page: int) -> MyWork:
    """Read one page (from 1) of the person's work. Five statements, whatever there is."""
    sunday = monday_of(today) + timedelta(days=6)
    asked = {"person": person_id, "today": today, "sunday": sunday}
    groups = read(_groups_query(), asked).all()
    paged = {"size": PAGE_SIZE, "skip": (page - 1) * PAGE_SIZE}
    rows = read(_rows_query(), asked | paged).all()
    return MyWork(
        rows=rows,
        counts={group: count for group, count, _earliest in groups},
        oldest=next((earliest for group, _count, earliest in groups if group == OVERDUE), None),
        waits=_waits([row.id for row in rows]),
        waiting_for_me=read(_waiting_query(), {"person": person_id}).all(),
        mentions=read(_mentions_query(), {"person": person_id}).all(),
    )


def first_of_my_work(person_id: int, today: date, most: int) -> Sequence[Any]:
    """The first rows of the person's work that are late, due this week or in progress, in its order. One statement."""
    rows = read(
        _rows_query(),
        {"person": person_id, "today": today, "sunday": monday_of(today) + timedelta(days=6), "size": most, "skip": 0},
    ).all()
    return [row for row in rows if row.place in (OVERDUE, THIS_WEEK, IN_PROGRESS)]


# Queries are put together once: building one takes longer than the database takes to answer it.
@cache
def _groups_query() -> Any:
    place = _place()
    return _mine(place.label("place"), func.count(), func.min(WorkItem.due_on)).group_by("place")


@cache
def _rows_query() -> Any:
    place = _place().label("place")
    columns = (WorkItem.id, WorkItem.number, WorkItem.title, WorkItem.status, WorkItem.status_reason, WorkItem.due_on)
    more = (WorkItem.priority, WorkItem.required, WorkItem.revision, Membership.access)
    return (
        _mine(*columns, *more, Program.id.label("program_id"), Program.key, Program.name.label("program"), place)
        .order_by("place", WorkItem.due_on, WorkItem.priority.desc(), WorkItem.id)
        .limit(bindparam("size"))
        .offset(bindparam("skip"))
    )


def _place() -> Any:
    """The group of an open item: the first of them that fits."""
    return case(
        (WorkItem.due_on < bindparam("today", type_=Date), OVERDUE),
        (WorkItem.due_on <= bindparam("sunday", type_=Date), THIS_WEEK),
        (WorkItem.status == Status.DOING, IN_PROGRESS),
        (WorkItem.status == Status.BLOCKED, BLOCKED),
        (WorkItem.due_on.is_not(None), NEXT),
        else_=NO_DATE,
    )


def _mine(*columns: Any) -> Select[Any]:
    query: Select[Any] = select(*columns).select_from(WorkItem)
    person = bindparam("person", type_=Integer)
    return (
        query.join(Program, Program.id == WorkItem.program_id)
        .join(Membership, and_(Membership.program_id == Program.id, Membership.person_id == person))
        .where(WorkItem.owner_id == person, WorkItem.status.in_(OPEN_STATUSES), Program.closed_on.is_(None))
    )


def _waits(item_ids: list[int]) -> dict[int, list[tuple[str, int, str]]]:
    found: dict[int, list[tuple[str, int, str]]] = {}
    for item_id, key, number, title in read(_waits_query(), {"items": item_ids}):
        found.setdefault(item_id, []).append((key, number, title))
    return found


@cache
def _waits_query() -> Any:
    before = aliased(WorkItem)
    return (
        select(Dependency.successor_id, Program.key, before.number, before.title)
        .join(before, before.id == Dependency.predecessor_id)
        .join(Program, Program.id == Dependency.program_id)
        .where(Dependency.successor_id.in_(bindparam("items", expanding=True)), Dependency.before_open)
        .order_by(before.due_on.is_(None), before.due_on, before.number)
    )


@cache
def _waiting_query() -> Any:
    """Open items of others that wait for an open one of mine, the most urgent first."""
    after = aliased(WorkItem)
    owner = aliased(Person)
    return (
        _mine(
            Program.key,
            after.number,
            after.title,
            after.due_on,
            owner.name.label("owner"),
            WorkItem.number.label("my_number"),
            WorkItem.title.label("my_title"),
            func.count().over().label("total"),
        )
        .join(Dependency, Dependency.predecessor_id == WorkItem.id)
        .join(after, after.id == Dependency.successor_id)
        .outerjoin(owner, owner.id == after.owner_id)
        .where(Dependency.after_open, or_(after.owner_id.is_(None), after.owner_id != bindparam("person")))
        .order_by(after.due_on.is_(None), after.due_on, after.id)
        .limit(MOST_ASIDE)
    )


@cache
def _mentions_query() -> Any:
    author, person = aliased(Person), bindparam("person", type_=Integer)
    return (
        select(
            Comment.id,
            Comment.created_at,
            author.name.label("author"),
            Program.key,
            WorkItem.number,
            WorkItem.title,
            func.count().over().label("total"),
        )
        .select_from(Mention)
        .join(Comment, Comment.id == Mention.comment_id)
        .join(WorkItem, WorkItem.id == Comment.item_id)
        .join(Program, Program.id == Comment.program_id)
        .join(Membership, and_(Membership.program_id == Program.id, Membership.person_id == person))
        .outerjoin(author, author.id == Comment.author_id)
        .where(Mention.person_id == person, Mention.seen_at.is_(None))
        .order_by(Comment.created_at.desc(), Comment.id.desc())
        .limit(MOST_ASIDE)
    )
