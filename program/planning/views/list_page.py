"""What every page around the checklist needs: where it is read, who can own items, and the words of its rows.

Words, names and faces are worked out once a page, not once a row: a list of a hundred rows is then little more than its
text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import bindparam, select
from werkzeug.datastructures import MultiDict

from program.extensions import db
from program.ground import formats
from program.ground.actor import Access
from program.people.models import Membership, Person
from program.people.session import current_actor
from program.planning import item_lists
from program.planning.item_filters import ItemFilter, read_filter
from program.planning.item_lists import Group, ItemPage, Place
from program.planning.item_words import STATUS_WORDS
from program.planning.models import Phase
from program.planning.opening import OpenProgram
from program.planning.views import list_rows
from program.planning.views.list_rows import Bases
from program.planning.views.list_words import filter_labels

# Filters behind 'More filters', by argument.
_HIDDEN = ("kind", "priority", "required", "tag", "channel", "role")
# Put together once: building a statement takes longer than running it.
_PHASE, _PERSON, _MEMBERSHIP = Phase.__table__.c, Person.__table__.c, Membership.__table__.c
_PHASES = select(_PHASE.id, _PHASE.name).where(_PHASE.program_id == bindparam("program_id"))
_PHASES = _PHASES.order_by(_PHASE.position, _PHASE.id)
_PEOPLE = (
    select(_PERSON.id, _PERSON.name, _MEMBERSHIP.access, _PERSON.is_active)
    .join_from(Person.__table__, Membership.__table__, _MEMBERSHIP.person_id == _PERSON.id)
    .where(_MEMBERSHIP.program_id == bindparam("program_id"))
    .order_by(_PERSON.name_folded, _PERSON.id)
)


def place_of(program: OpenProgram) -> Place:
    """Where the program's lists are read by whoever is signed in; one statement for the phases."""
    phases = db.session.execute(_PHASES, {"program_id": program.id})
    return Place(
        program.id,
        program.key,
        current_actor().person_id,
        formats.today(),
        program.timezone,
        tuple((phase_id, name) for phase_id, name in phases),
    )


def filter_of_address(address: str) -> ItemFilter:
    """The filter in an address of the list, such as a form's `next`."""
    return read_filter(MultiDict(parse_qsl(urlsplit(address).query, keep_blank_values=True)))[0]


def page_of_address(address: str) -> int:
    """The page in an address of the list, from 1."""
    raw = MultiDict(parse_qsl(urlsplit(address).query)).get("page", "1")
    return max(1, int(raw)) if raw.isascii() and raw.isdigit() and len(raw) <= 6 else 1


@dataclass
class People:
    """Names by id: the team that can own items, and whoever owns one on this page although they left since."""

    team: dict[int, str]
    names: dict[int, str]

    @classmethod
    def of(cls, program_id: int) -> People:
        """The people of the program; one statement."""
        rows = db.session.execute(_PEOPLE, {"program_id": program_id}).all()
        team = {id_: name for id_, name, access, active in rows if active and access >= Access.CONTRIBUTOR}
        return cls(team, {id_: name for id_, name, _access, _active in rows})

    def learn(self, ids: set[int]) -> None:
        """Look up names that are still unknown: owners who left the program. No statement when there are none."""
        unknown = ids - self.names.keys()
        if unknown:
            rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(unknown)))
            self.names.update((row.id, row.name) for row in rows)


@dataclass
class ListPage:
    """A page of the checklist with all that its templates ask."""

    program: OpenProgram
    place: Place
    people: People
    filter: ItemFilter
    items: ItemPage
    access: Access

    @classmethod
    def read(cls, program: OpenProgram, access: Access, filter_: ItemFilter, page: int) -> ListPage:
        """Read that page of the list."""
        place = place_of(program)
        return cls._with_names(program, access, filter_, place, item_lists.read_page(filter_, place, page))

    @classmethod
    def of_one(cls, program: OpenProgram, access: Access, filter_: ItemFilter, number: int, page: int) -> ListPage:
        """One row of the list, for a fragment; `items.rows` is empty when there is no such item."""
        place = place_of(program)
        found = cls._with_names(program, access, filter_, place, item_lists.read_one(place, number))
        object.__setattr__(found.items, "page", page)
        return found

    @classmethod
    def _with_names(
        cls, program: OpenProgram, access: Access, filter_: ItemFilter, place: Place, items: ItemPage
    ) -> ListPage:
        people = People.of(program.id)
        people.names.update(
            (group.key, group.name) for group in items.groups if isinstance(group.key, int) and filter_.group == "owner"
        )
        wanted = {row.owner_id for row in items.rows if row.owner_id is not None}
        people.learn(wanted | {int(owner) for owner in filter_.owners if owner.isdigit()})
        return cls(program, place, people, filter_, items, access)

    @property
    def can_edit(self) -> bool:
        """True for the team; viewers read."""
        return self.access >= Access.CONTRIBUTOR

    @property
    def today(self) -> date:
        """The program's day."""
        return self.place.today

    @cached_property
    def base(self) -> str:
        """The list's address without its arguments."""
        return url_for("checklist.show", key=self.program.key)

    @cached_property
    def url(self) -> str:
        """The address of this very page."""
        return self.at(self.filter, page=self.items.page)

    @cached_property
    def bases(self) -> Bases:
        """What completes with a row's number: its name, its page, and where it is edited in place."""
        return Bases(f"{self.program.key}-", self.item_base, self.at(self.filter, self.items.page, edit=""))

    @cached_property
    def item_base(self) -> str:
        """Where items live; their number completes it. One address for the page: building one a row takes longer than
        reading the row."""
        return url_for("items.show", key=self.program.key, number=1).removesuffix("1")

    def at(self, filter_: ItemFilter, page: int = 1, **extra: object) -> str:
        """The address of another page of this list."""
        if page > 1:
            extra["page"] = page
        query = filter_.query(**extra)
        # The plain address opens the reader's own first view, so 'everything' has to say so.
        return f"{self.base}?{query or 'view=all'}"

    def row_url(self, number: int) -> str:
        """Where a row stands alone, for the one who leaves its form."""
        return url_for("checklist.row", key=self.program.key, number=number, next=self.url)

    @property
    def width(self) -> int:
        """Columns of the table."""
        return 8 if self.can_edit else 6

    @property
    def words(self) -> dict[str, str]:
        """Small words that come again in every row."""
        return _words(formats.current_locale())

    @property
    def owners(self) -> list[int]:
        """Who owns something on this page."""
        return list(dict.fromkeys(row.owner_id for row in self.items.rows if row.owner_id is not None))

    def stretches(self, editing: int | None) -> Iterator[tuple[Group | None, int, int]]:
        """Rows first..last that are drawn in one go; the first of each group comes with its group.

        The row that is being edited stands alone.
        """
        rows, of_group = self.items.rows, self.items.of_group
        first = 0
        while first < len(rows):
            group = None if first and of_group[first] == of_group[first - 1] else self.items.groups[of_group[first]]
            last = first + 1
            if rows[first].number != editing:
                while last < len(rows) and of_group[last] == of_group[first] and rows[last].number != editing:
                    last += 1
            yield group, first, last
            first = last

    def lines(self, first: int, last: int, faces: Mapping[int | None, Any]) -> Iterator[tuple[Any, ...]]:
        """What rows first..last show; `faces` are their owners as drawn, by id."""
        items = self.items
        return list_rows.lines(items.rows[first:last], self.today, self.bases, faces, items.tags, items.waiting)

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """What the filter bar has ticked, by argument, and how many filters hide behind 'more'."""
        ticked: dict[str, list[str]] = {name: [] for name in ("status", "phase", "owner", *_HIDDEN)}
        for name, value in self.filter.arguments():
            if name in ticked:
                ticked[name].append(value)
        found: dict[str, Any] = {name: tuple(values) for name, values in ticked.items()}
        dates = (self.filter.due_from, self.filter.due_to, self.filter.updated_since, self.filter.waiting)
        found["more"] = sum(len(found[name]) for name in _HIDDEN) + sum(1 for each in dates if each)
        return found

    @cached_property
    def _unsorted(self) -> str:
        return self.at(replace(self.filter, sort="plan", descending=False)).removesuffix("?view=all")

    def sort_url(self, column: str) -> str:
        """The list sorted by that column, or the other way round."""
        turned = "-" if self.filter.sort == column and not self.filter.descending else ""
        return f"{self._unsorted}{'&' if '?' in self._unsorted else '?'}sort={turned}{column}"

    def direction(self, column: str) -> str | None:
        """How the list is sorted by that column: asc, desc or not at all."""
        if self.filter.sort != column:
            return None
        return "desc" if self.filter.descending else "asc"

    @property
    def statuses(self) -> dict[str, str]:
        """Words of the statuses."""
        return _statuses(formats.current_locale())

    @cached_property
    def phases(self) -> dict[int, str]:
        """Names of the phases by id, in order."""
        return dict(self.place.phases)

    def group_name(self, group: Group) -> str:
        """The heading of a group."""
        if self.filter.group == "phase":
            return group.name or _("No phase")
        if self.filter.group == "owner":
            return group.name or _("No owner")
        if self.filter.group == "status":
            return self.statuses[str(group.key)]
        if not isinstance(group.key, date):
            return _("No date")
        return _("%(week)s, from %(day)s", week=formats.week(group.key), day=formats.day(group.key))

    @property
    def headline(self) -> str:
        """How much is done and what is late, in a sentence."""
        whole = self.items.whole
        figures = {
            "done": formats.number(whole.done),
            "total": formats.number(whole.total),
            "late": formats.number(whole.late),
            "required": formats.number(whole.late_required),
        }
        if not whole.late:
            sentence = _("%(done)s of %(total)s done; nothing is late.", **figures)
        elif whole.late_required:
            sentence = _("%(done)s of %(total)s done; %(late)s late, %(required)s of them required.", **figures)
        else:
            sentence = _("%(done)s of %(total)s done; %(late)s late.", **figures)
        if not self.filter.is_narrowed:
            return sentence
        shown = formats.number(whole.shown)
        found = ngettext("%(shown)s item matches.", "%(shown)s items match.", whole.shown, shown=shown)
        return f"{found} {sentence}"

    @cached_property
    def chips(self) -> list[tuple[str, str]]:
        """The filters that are on: what each says, and the address without it."""
        return [
            (label, self.at(without)) for label, without in filter_labels(self.filter, self.phases, self.people.names)
        ]


@lru_cache(maxsize=8)
def _words(_locale: str) -> dict[str, str]:
    return {"waits": _("Waits"), "edit": _("Edit"), "select": _("Select")}


@lru_cache(maxsize=8)
def _statuses(_locale: str) -> dict[str, str]:
    return {key: str(word) for key, word in STATUS_WORDS.items()}


def is_for_row() -> int | None:
    """The number of the row that the address wants to edit, or None."""
    raw = request.args.get("edit", "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 9 else None
