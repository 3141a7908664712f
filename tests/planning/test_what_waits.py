"""What dependencies know of their items is true after whatever was done, by whatever way, and however many did it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from program.extensions import db
from program.ground.calendar import WorkingCalendar
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.planning import bulk, phases
from program.planning.dependencies import add_dependency, remove_dependency
from program.planning.items import ItemDraft, add_items, change_item, find_item
from program.planning.models import Dependency, Phase, WorkItem
from program.planning.models.items import OPEN_STATUSES, Status
from program.planning.progress import WAITS, count_items
from program.planning.undo import undo
from tests.planning.helpers import add, at_the_same_moment, kept_item, make_phase

ITEMS = 6
item = st.integers(0, ITEMS - 1)
status = st.sampled_from([*Status, Status.TODO, Status.DONE])
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("link"), item, item),
        st.tuples(st.just("link"), item, item),
        st.tuples(st.just("unlink"), item, item),
        st.tuples(st.just("status"), item, status),
        st.tuples(st.just("status"), item, status),
        st.tuples(st.just("all"), st.sets(item, min_size=1), status),
        st.tuples(st.just("phase"), item, st.integers(0, 2)),
        st.tuples(st.just("place"), item, st.integers(1, 20)),
        st.tuples(st.just("due"), item, st.none() | st.dates(date(2026, 3, 2), date(2026, 3, 4))),
        st.tuples(st.just("undo")),
        st.tuples(st.just("remove phase")),
        st.tuples(st.just("erase phase")),
        st.tuples(st.just("unlink all"), item),
    ),
    max_size=25,
)


def reason(status: Status) -> str:
    return "Because" if status in (Status.BLOCKED, Status.DROPPED) else ""


class Plan:
    """Six items in two phases, and every way in which they change."""

    def __init__(self, cast: Any) -> None:
        self.actor, self.program_id = cast.manager.actor, cast.program_id
        for name in ("Discovery", "Pilot"):
            make_phase(cast.program_id, name, date(2026, 3, 2), date(2026, 4, 24))
        drafts = [ItemDraft(f"Item {n}", phase_id=self.phases()[n % 2].id) for n in range(ITEMS)]
        self.items = {n: found.number for n, found in enumerate(add_items(self.actor, self.program_id, drafts))}
        self.batch: str | None = None

    def phases(self) -> list[Phase]:
        return list(db.session.scalars(select(Phase).where(Phase.program_id == self.program_id).order_by(Phase.id)))

    def find(self, n: int) -> WorkItem:
        db.session.expire_all()
        return find_item(self.actor, self.program_id, self.items[n])

    def link(self, after: int, before: int) -> None:
        add_dependency(self.actor, self.program_id, self.find(after), self.find(before))

    def unlink(self, after: int, before: int) -> None:
        remove_dependency(self.actor, self.program_id, self.find(after), self.find(before))

    def status(self, n: int, status: Status) -> None:
        self.batch = f"one {n} {status}"[:16]
        change_item(
            self.actor, self.find(n), {"status": status, "status_reason": reason(status)}, seen=None, batch=self.batch
        )

    def all(self, several: set[int], status: Status) -> None:
        seen = {found.number: found.revision for found in map(self.find, several)}
        change = bulk.BulkChange({"status": status, "status_reason": reason(status)})
        done = bulk.apply_change(self.actor, self.program_id, seen, change, WorkingCalendar())
        self.batch = done.batch or self.batch

    def phase(self, n: int, place: int) -> None:
        there = [None, *(phase.id for phase in self.phases())]
        change_item(self.actor, self.find(n), {"phase_id": there[place % len(there)]}, seen=None)

    def due(self, n: int, day: date | None) -> None:
        self.batch = f"due {n} {day}"[:16]
        change_item(self.actor, self.find(n), {"due_on": day}, seen=None, batch=self.batch)

    def place(self, n: int, position: int) -> None:
        db.session.execute(update(WorkItem).where(WorkItem.id == self.find(n).id).values(position=position))

    def undo(self) -> None:
        if self.batch:
            self.batch = undo(self.actor, self.program_id, self.batch)

    def remove_phase(self) -> None:
        if there := self.phases():
            phases.remove_phase(self.actor, there[0], None, seen=there[0].revision)

    def erase_phase(self) -> None:
        """Past the verbs: the foreign key empties the items' column."""
        if there := self.phases():
            db.session.execute(delete(Phase).where(Phase.id == there[-1].id))

    def unlink_all(self, n: int) -> None:
        db.session.execute(delete(Dependency).where(Dependency.predecessor_id == self.find(n).id))


def as_known(program_id: int) -> list[Any]:
    columns: tuple[Any, ...] = (Dependency.before_open, Dependency.after_open, Dependency.phase_id, Dependency.position)
    columns += (Dependency.due_on, Dependency.before_due_on)
    ends = (Dependency.predecessor_id, Dependency.successor_id)
    query = select(*ends, *columns).where(Dependency.program_id == program_id)
    return [tuple(row) for row in db.session.execute(query.order_by(*ends))]


def as_it_is(program_id: int) -> list[Any]:
    db.session.flush()
    query = select(WorkItem.id, WorkItem.status, WorkItem.phase_id, WorkItem.position, WorkItem.due_on)
    items = {row.id: row for row in db.session.execute(query)}
    ends = (Dependency.predecessor_id, Dependency.successor_id)
    pairs = db.session.execute(select(*ends).where(Dependency.program_id == program_id).order_by(*ends)).all()
    return [
        (
            before,
            after,
            items[before].status in OPEN_STATUSES,
            items[after].status in OPEN_STATUSES,
            items[after].phase_id,
            items[after].position,
            items[after].due_on,
            items[before].due_on,
        )
        for before, after in pairs
    ]


def waiting_by_hand(program_id: int) -> dict[int | None, int]:
    waiting: dict[int | None, set[int]] = {}
    for _before, after, before_open, after_open, phase_id, *_rest in as_it_is(program_id):
        if before_open and after_open:
            waiting.setdefault(phase_id, set()).add(after)
    return {phase_id: len(items) for phase_id, items in waiting.items()}


@pytest.mark.usefixtures("context")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_dependencies_follow_their_items_whatever_is_done(cast: Any, acts: list[tuple[Any, ...]]) -> None:
    with db.session.begin_nested() as undone:
        plan = Plan(cast)
        for name, *arguments in acts:
            with db.session.begin_nested() as act:
                try:
                    getattr(plan, name.replace(" ", "_"))(*arguments)
                except (Conflict, Forbidden, Invalid, NotFound):
                    act.rollback()
        db.session.flush()
        assert as_known(cast.program_id) == as_it_is(cast.program_id)
        counted = count_items(cast.program_id, date(2026, 3, 2))
        assert {row[0]: row[3] for row in counted if row[1] == WAITS} == waiting_by_hand(cast.program_id)
        undone.rollback()
    db.session.expire_all()


def test_rows_written_at_once_know_it_too(cast: Any, context: None) -> None:
    done, open_, after = add(cast, status=Status.DONE), add(cast), add(cast)
    rows = [
        {"predecessor_id": before.id, "successor_id": after.id, "program_id": cast.program_id}
        for before in (done, open_)
    ]
    db.session.execute(insert(Dependency), rows)
    assert as_known(cast.program_id) == as_it_is(cast.program_id)
    assert [row[2] for row in as_known(cast.program_id)] == [False, True]


def test_who_links_and_who_finishes_at_the_same_moment(app: Any, cast: Any) -> None:
    """Whichever comes first, the dependency knows in the end that its first item is done."""
    numbers = [kept_item(app, cast, f"Item {n}") for n in range(12)]

    def finish(number: int) -> None:
        found = find_item(cast.manager.actor, cast.program_id, number, lock=True)
        change_item(cast.manager.actor, found, {"status": "done"}, seen=None)

    def link(before: int, after: int) -> None:
        found = [find_item(cast.manager.actor, cast.program_id, number) for number in (after, before)]
        add_dependency(cast.manager.actor, cast.program_id, *found)

    for before, after in zip(numbers[::2], numbers[1::2], strict=True):
        results = at_the_same_moment(app, lambda one=before: finish(one), lambda one=before, two=after: link(one, two))
        assert results == [None, None]
    with app.app_context():
        known = as_known(cast.program_id)
        assert len(known) == 6
        assert known == as_it_is(cast.program_id)
        assert not any(before_open for _before, _after, before_open, *_rest in known)


def test_the_triggers_are_there_after_all_migrations(context: None) -> None:
    """SQLite drops a table's triggers with the table that a migration copies."""
    if db.engine.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    found = {row[0] for row in db.session.connection().exec_driver_sql(query)}
    assert found >= {"dependency_added", "dependency_followed", "dependency_dated", "dependency_redated"}
