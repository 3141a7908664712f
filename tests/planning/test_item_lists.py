"""Lists of items: every filter, order and grouping against a slow and obvious reading of the same rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from program.extensions import db
from program.ground import database
from program.ground.calendar import monday_of
from program.ground.folding import fold
from program.planning.item_filters import DUE, GROUPS, SIZES, SORTS, ItemFilter, read_filter
from program.planning.item_lists import ordered_ids, read_page, tags_in_use
from program.planning.models.items import Channel, Kind, Status
from tests.cast import invite_cast, make_program
from tests.planning.list_samples import TODAY, add_phases, add_rows, place

OPEN = {"todo", "doing", "blocked"}
STATUSES = [status.value for status in Status]
WORDS = ["Łódź", "umowa", "CRM", "50%", "a_b", "sklep", "back\\slash", "Ärger"]
DAYS = st.none() | st.dates(TODAY - timedelta(days=20), TODAY + timedelta(days=20))

rows_of = st.lists(
    st.fixed_dictionaries(
        {
            "title": st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join),
            "status": st.sampled_from(STATUSES),
            "kind": st.sampled_from([kind.value for kind in Kind]),
            "required": st.booleans(),
            "owner": st.integers(0, 3),
            "phase": st.integers(0, 3),
            "priority": st.integers(1, 4),
            "channel": st.sampled_from(["", "web", "shop"]),
            "role": st.sampled_from(["", "product_owner", "data_analyst"]),
            "due_on": DAYS,
            "position": st.integers(1, 5),
            "tags": st.sets(st.sampled_from(["crm", "pilot", "szkolenie"]), max_size=2),
            "updated_at": st.datetimes(datetime(2026, 6, 1), datetime(2026, 6, 9)).map(
                lambda at: at.replace(tzinfo=UTC)
            ),
            "after": st.sets(st.integers(0, 30), max_size=2),
        }
    ),
    max_size=25,
)


def some(values: list[Any], most: int = 2) -> Any:
    return st.lists(st.sampled_from(values), max_size=most, unique=True).map(tuple)


# Owners and phases as indexes here; the test puts real ids in their place.
filters = st.builds(
    ItemFilter,
    text=st.sampled_from(
        ["", "", "", "lodz", "CRM umowa", "50%", "a_b", "\\", "ALFA-3", "alfa-7", "3", "BETA-3", "sklep 2"]
    ),
    phases=some([0, 1, 2, 3]),
    statuses=some(STATUSES, 3),
    kinds=some([kind.value for kind in Kind], 4),
    owners=some(["me", "none", "1", "2", "3"]),
    due=st.sampled_from(["", "", *DUE]),
    due_from=st.none() | st.just(TODAY - timedelta(days=3)),
    due_to=st.none() | st.just(TODAY + timedelta(days=9)),
    required=st.sampled_from([None, None, True, False]),
    priorities=some([1, 2, 3, 4], 3),
    tags=some(["crm", "pilot", "none such"]),
    channels=some(["", "web", "shop"]),
    roles=some(["", "product_owner"]),
    waiting=st.sampled_from([False, False, False, True]),
    updated_since=st.none() | st.just(date(2026, 6, 5)),
    sort=st.sampled_from(SORTS),
    descending=st.booleans(),
    group=st.sampled_from(GROUPS),
    size=st.sampled_from(SIZES),
)
# Mostly one or two filters at a time: with all at once next to nothing matches.
few_filters = st.builds(
    lambda full, names: ItemFilter(
        **{name: getattr(full, name) for name in names}, sort=full.sort, descending=full.descending, group=full.group
    ),
    filters,
    st.lists(
        st.sampled_from(
            [name for name in ItemFilter.__dataclass_fields__ if name not in ("sort", "descending", "group")]
        ),
        max_size=2,
        unique=True,
    ),
)


class Reference:
    """The list as one would write it with no database at hand."""

    def __init__(self, rows: list[dict[str, Any]], phases: list[int], people: dict[int, str], me: int) -> None:
        self.rows, self.phases, self.people, self.me = rows, phases, people, me

    def matches(self, row: dict[str, Any], f: ItemFilter) -> bool:
        is_open = row["status"] in OPEN
        due = row["due_on"]
        owners = {self.me if owner == "me" else None if owner == "none" else int(owner) for owner in f.owners}
        number = {f"alfa-{row['number']}", str(row["number"])}
        monday = monday_of(TODAY)
        due_ok = {
            "": True,
            "overdue": is_open and due is not None and due < TODAY,
            "week": due is not None and monday <= due <= monday + timedelta(days=6),
            "fortnight": due is not None and TODAY <= due <= TODAY + timedelta(days=13),
            "none": due is None,
        }[f.due]
        local_day = row["updated_at"].astimezone(ZoneInfo("Europe/Warsaw")).date()
        return all(
            (
                not f.text
                or f.text.lower() in number
                or all(word in fold(row["title"]) for word in fold(f.text).split()),
                not f.phases or (row["phase_id"] or 0) in f.phases,
                not f.statuses or row["status"] in f.statuses,
                not f.kinds or row["kind"] in f.kinds,
                not owners or row["owner_id"] in owners,
                due_ok,
                f.due_from is None or (due is not None and due >= f.due_from),
                f.due_to is None or (due is not None and due <= f.due_to),
                f.required is None or row["required"] == f.required,
                not f.priorities or row["priority"] in f.priorities,
                not f.tags or set(f.tags) & row["tags"],
                not f.channels or row["channel"] in f.channels,
                not f.roles or row["role"] in f.roles,
                not f.waiting or (is_open and any(self.rows[before]["status"] in OPEN for before in row["after"])),
                f.updated_since is None or local_day >= f.updated_since,
            )
        )

    def sort_key(self, row: dict[str, Any], sort: str) -> Any:
        """None for an empty value, which comes last both ways."""
        phase = self.phases.index(row["phase_id"]) if row["phase_id"] else None
        return {
            "number": row["number"],
            "title": fold(row["title"]),
            "status": STATUSES.index(row["status"]),
            "owner": self.people.get(row["owner_id"]),
            "due": row["due_on"],
            "start": row["start_on"],
            "priority": row["priority"],
            "phase": phase,
            "kind": row["kind"],
            "required": row["required"],
            "updated": row["updated_at"],
        }[sort]

    def group_key(self, row: dict[str, Any], group: str) -> Any:
        if group == "phase":
            return (row["phase_id"] is None, self.phases.index(row["phase_id"]) if row["phase_id"] else 0)
        if group == "owner":
            return (row["owner_id"] is None, self.people.get(row["owner_id"], ""))
        if group == "status":
            return STATUSES.index(row["status"])
        if group == "week":
            return (row["due_on"] is None, monday_of(row["due_on"]) if row["due_on"] else date.min)
        return 0

    def ids(self, f: ItemFilter) -> list[int]:
        found = sorted((row for row in self.rows if self.matches(row, f)), key=lambda row: row["id"])
        if f.sort == "plan":
            found.sort(key=lambda row: row["position"], reverse=f.descending)
        if f.sort in ("plan", "phase"):
            placed = [row for row in found if row["phase_id"]]
            placed.sort(key=lambda row: self.phases.index(row["phase_id"]), reverse=f.descending)
            found = placed + [row for row in found if not row["phase_id"]]
        else:
            given_ = [row for row in found if self.sort_key(row, f.sort) is not None]
            given_.sort(key=lambda row: self.sort_key(row, f.sort), reverse=f.descending)
            found = given_ + [row for row in found if self.sort_key(row, f.sort) is None]
        if f.group != "none":
            found.sort(key=lambda row: self.group_key(row, f.group))
        return [row["id"] for row in found]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rows=rows_of, filters_=st.lists(few_filters | filters, min_size=1, max_size=8))
def test_a_list_is_what_a_slow_and_obvious_reading_gives(
    app: Flask, rows: list[dict[str, Any]], filters_: list[ItemFilter]
) -> None:
    with app.app_context():
        database.begin_writing()
        cast = invite_cast()
        phases = add_phases(cast.program_id, "Discovery", "Pilot", "Launch")
        phases.reverse()  # later phases have larger ids; the order must come from the place, not from the id
        people = {member.id: fold(member.name) for member in (cast.manager, cast.contributor, cast.viewer)}
        person_ids, phase_ids = list(people), [phase_id for phase_id, _ in phases]
        positions = {phase_id: rank for rank, phase_id in enumerate(phase_ids)}
        for phase_id, rank in positions.items():
            db.session.execute(db.text("UPDATE phase SET position = :p WHERE id = :i"), {"p": rank, "i": phase_id})
        full = []
        for index, drawn in enumerate(rows):
            row = {name: value for name, value in drawn.items() if name not in ("owner", "phase")}
            row["start_on"] = None
            row["owner_id"] = person_ids[drawn["owner"] - 1] if drawn["owner"] else None
            row["phase_id"] = phase_ids[drawn["phase"] - 1] if drawn["phase"] else None
            row["after"] = {before for before in drawn["after"] if before < index}
            full.append(row)
        # Somebody else's items must never show.
        other = make_program("BETA", "Beta")
        add_rows(other.id, [{"title": "CRM"}])
        for row, item_id in zip(full, add_rows(cast.program_id, full), strict=True):
            row["id"] = item_id
        for number, row in enumerate(full, start=1):
            row["number"] = number
        reference = Reference(full, phase_ids, people, cast.contributor.id)
        here = place(cast.program_id, cast.contributor.id, phases)
        for raw in filters_:
            f = ItemFilter(
                **{
                    **{name: getattr(raw, name) for name in ItemFilter.__dataclass_fields__},
                    "phases": tuple(phase_ids[phase - 1] if phase else 0 for phase in raw.phases),
                    "owners": tuple(o if o in ("me", "none") else str(person_ids[int(o) - 1]) for o in raw.owners),
                }
            )
            expected = reference.ids(f)
            assert [item_id for item_id, _group in ordered_ids(f, here)] == expected
            page = read_page(f, here, 1)
            assert [row.id for row in page.rows] == expected[: f.size]
            by_id = {row["id"]: row for row in full}
            chosen = [by_id[item_id] for item_id in expected]
            assert page.whole.shown == len(chosen)
            assert page.whole.total == sum(row["status"] != "dropped" for row in chosen)
            assert page.whole.done == sum(row["status"] == "done" for row in chosen)
            late = [row for row in chosen if row["status"] in OPEN and row["due_on"] and row["due_on"] < TODAY]
            assert (page.whole.late, page.whole.late_required) == (len(late), sum(row["required"] for row in late))
            groups = [reference.group_key(by_id[row.id], f.group) for row in page.rows]
            assert sorted(set(groups)) == [groups[page.of_group.index(g)] for g in dict.fromkeys(page.of_group)]
            assert page.tags == {row["id"]: sorted(row["tags"]) for row in chosen[: f.size] if row["tags"]}
            waiting = {row.id for row in page.rows if reference.matches(by_id[row.id], ItemFilter(waiting=True))}
            assert page.waiting == waiting
        db.session.rollback()


def test_pages_follow_each_other_without_gap_or_double(app: Flask, context: None) -> None:
    cast = invite_cast()
    phases = add_phases(cast.program_id, "Discovery", "Pilot", "Launch")
    rows = [{"phase_id": [None, *(p for p, _ in phases)][n * 7 % 4], "position": n % 3} for n in range(117)]
    add_rows(cast.program_id, rows)
    here = place(cast.program_id, None, phases)
    for group in GROUPS:
        f = ItemFilter(group=group, size=25)
        everything = [item_id for item_id, _ in ordered_ids(f, here)]
        paged = [row.id for page in range(1, 6) for row in read_page(f, here, page).rows]
        assert paged == everything
        assert len(set(paged)) == 117
        # Beyond the end is the last page: somebody finished the items of this one meanwhile.
        assert read_page(f, here, 99).page == 5


def test_tags_in_use_are_those_of_the_program(app: Flask, context: None) -> None:
    cast = invite_cast()
    assert tags_in_use(cast.program_id) == []
    add_rows(cast.program_id, [{"tags": ["pilot", "crm"]}, {"tags": ["crm", "żółty"]}])
    add_rows(make_program("BETA", "Beta").id, [{"tags": ["other"]}])
    assert sorted(tags_in_use(cast.program_id)) == sorted(["crm", "pilot", "żółty"])


@given(filters)
def test_a_filter_survives_its_address(f: ItemFilter) -> None:
    from urllib.parse import parse_qsl

    canonical, garbled = read_filter(MultiDict(f.arguments()))
    assert garbled == ()
    # Reading sorts what has an order of its own; after that, address and filter say the same for ever.
    again, garbled = read_filter(MultiDict(parse_qsl(canonical.query(), keep_blank_values=True)))
    assert (again, garbled) == (canonical, ())
    for name in ItemFilter.__dataclass_fields__:
        before, after = getattr(f, name), getattr(canonical, name)
        assert (sorted(map(str, before)) == sorted(map(str, after))) if isinstance(before, tuple) else before == after


NAMES = ["q", "phase", "status", "kind", "owner", "due", "due_from", "due_to", "required", "priority", "tag", "channel"]
NAMES += ["role", "waiting", "updated", "sort", "group", "size", "page", "nonsense"]


@settings(max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.text(max_size=300)), max_size=12))
def test_no_address_is_an_error(pairs: list[tuple[str, str]]) -> None:
    found, garbled = read_filter(MultiDict(pairs))
    again, none = read_filter(MultiDict(found.arguments()))
    assert (again, none) == (found, ())
    assert set(garbled) <= set(NAMES)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("phase", "-1"),
        ("phase", "9" * 30),
        ("phase", "٣"),
        ("owner", "boss"),
        ("status", "finnished"),
        ("due_from", "2026-02-30"),
        ("due_to", "9999-01-01"),
        ("due", "yesterday"),
        ("size", "1000000"),
        ("sort", "--title"),
        ("sort", "password_hash"),
        ("group", "channel"),
        ("priority", "3"),
        ("required", "yes"),
        ("updated", "2026-W12-1"),
    ],
)
def test_what_makes_no_sense_is_named(name: str, raw: str) -> None:
    found, garbled = read_filter(MultiDict([(name, raw), ("status", "open")]))
    assert garbled == (name,)
    assert found.statuses == ("todo", "doing", "blocked")


def test_shortcuts_and_steps_of_the_list() -> None:
    f, _ = read_filter(MultiDict([("status", "open"), ("tag", " CRM "), ("tag", "crm"), ("sort", "-due")]))
    assert f.tags == ("crm",)
    assert f.query() == "status=open&tag=crm&sort=-due"
    assert f.sorted_by("due").query() == "status=open&tag=crm&sort=due"
    assert f.without("statuses", "doing").statuses == ("todo", "blocked")
    assert f.without("statuses").statuses == ()
    assert f.widened() == ItemFilter(sort="due", descending=True)
    assert f.is_narrowed
    assert not f.widened().is_narrowed
    assert {channel.value for channel in Channel} >= {"web"}
