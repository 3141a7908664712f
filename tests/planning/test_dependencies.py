"""What waits for what: both ends see it, circles are refused, also when two people close one at the same moment."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.ground.errors import Forbidden, Invalid, NotFound
from program.planning.dependencies import (
    MAX_WAITS,
    add_dependency,
    blocked_by,
    blocks,
    candidates,
    path,
    remove_dependency,
)
from program.planning.items import ItemDraft, add_item, add_items, find_item
from program.planning.models import Dependency
from program.planning.models.items import Kind
from tests.cast import make_program
from tests.planning.helpers import add, at_the_same_moment, kept_item


@pytest.mark.usefixtures("context")
def test_both_ends_show_it_with_status(cast):
    crm, train, go_live = add(cast, "CRM"), add(cast, "Train"), add(cast, "Go live", kind=Kind.MILESTONE)
    for after, before in ((train, crm), (go_live, crm), (go_live, train)):
        assert add_dependency(cast.contributor.actor, cast.program_id, after, before)
    assert not add_dependency(cast.contributor.actor, cast.program_id, train, crm)
    assert [one.title for one in blocked_by(go_live)] == ["CRM", "Train"]
    assert [(one.title, one.status, one.is_milestone) for one in blocks(crm)] == [
        ("Train", "todo", False),
        ("Go live", "todo", True),
    ]
    assert blocked_by(crm) == []


@pytest.mark.usefixtures("context")
def test_what_is_finished_stands_last(cast):
    after = add(cast, "After")
    for title, more in (("done", {"status": "done"}), ("open", {})):
        add_dependency(cast.manager.actor, cast.program_id, after, add(cast, title, **more))
    assert [(one.title, one.is_finished) for one in blocked_by(after)] == [("open", False), ("done", True)]


@pytest.mark.usefixtures("context")
def test_a_circle_is_refused_with_its_path(cast):
    a, b, c, d = (add(cast, title) for title in "ABCD")
    for after, before in ((b, a), (c, b), (d, c), (d, a)):
        add_dependency(cast.manager.actor, cast.program_id, after, before)
    with pytest.raises(Invalid) as refused:
        add_dependency(cast.manager.actor, cast.program_id, a, d)
    # The shortest way round, not the longest.
    assert "ALFA-1 → ALFA-4 → ALFA-1" in str(refused.value.fields["predecessor"])
    with pytest.raises(Invalid) as refused:
        add_dependency(cast.manager.actor, cast.program_id, a, c)
    assert "ALFA-1 → ALFA-3 → ALFA-2 → ALFA-1" in str(refused.value)
    with pytest.raises(Invalid):
        add_dependency(cast.manager.actor, cast.program_id, a, a)
    assert db.session.scalar(select(func.count()).select_from(Dependency)) == 4


@pytest.mark.usefixtures("context")
def test_the_history_of_both_ends_tells_it(cast):
    a, b = add(cast, "A"), add(cast, "B")
    add_dependency(cast.contributor.actor, cast.program_id, b, a)
    remove_dependency(cast.manager.actor, cast.program_id, b, a)
    assert not remove_dependency(cast.manager.actor, cast.program_id, b, a)
    entries = db.session.execute(
        select(AuditEntry.object_id, AuditEntry.verb, AuditEntry.changes)
        .where(AuditEntry.verb != "item.created")
        .order_by(AuditEntry.id)
    ).all()
    assert [tuple(entry) for entry in entries] == [
        (b.id, "item.linked", {"predecessor": [None, "ALFA-1 A"]}),
        (a.id, "item.awaited", {"successor": [None, "ALFA-2 B"]}),
        (b.id, "item.unlinked", {"predecessor": ["ALFA-1 A", None]}),
        (a.id, "item.unawaited", {"successor": ["ALFA-2 B", None]}),
    ]
    assert blocked_by(b) == []


@pytest.mark.usefixtures("context")
def test_only_the_team_and_only_within_one_program(cast):
    a, b = add(cast, "A"), add(cast, "B")
    foreign = add_item(cast.admin.actor, make_program("BETA", "Beta").id, ItemDraft("Foreign"))
    with pytest.raises(NotFound):
        add_dependency(cast.admin.actor, cast.program_id, a, foreign)
    with pytest.raises(NotFound):
        add_dependency(cast.admin.actor, foreign.program_id, foreign, a)
    for act in (add_dependency, remove_dependency):
        with pytest.raises(Forbidden):
            act(cast.viewer.actor, cast.program_id, a, b)
        with pytest.raises(NotFound):
            act(cast.stranger.actor, cast.program_id, a, b)


@pytest.mark.usefixtures("context")
def test_nothing_waits_for_more_than_can_be_looked_through(cast):
    items = add_items(cast.manager.actor, cast.program_id, [ItemDraft(f"{n}") for n in range(MAX_WAITS + 2)])
    for before in items[1 : MAX_WAITS + 1]:
        add_dependency(cast.manager.actor, cast.program_id, items[0], before)
    with pytest.raises(Invalid):
        add_dependency(cast.manager.actor, cast.program_id, items[0], items[-1])


@pytest.mark.usefixtures("context")
def test_adding_reads_the_same_number_of_statements_in_a_large_program(cast, statements):
    items = add_items(cast.manager.actor, cast.program_id, [ItemDraft(f"{n}") for n in range(400)])

    def count(after, before):
        with statements() as ran:
            add_dependency(cast.manager.actor, cast.program_id, after, before)
            db.session.flush()
        return len(ran)

    small = count(items[1], items[0])
    db.session.add_all(
        Dependency(program_id=cast.program_id, predecessor_id=one.id, successor_id=two.id)
        for one, two in itertools.pairwise(items[1:])
    )
    db.session.flush()
    assert count(items[399], items[0]) == small
    with statements() as ran, pytest.raises(Invalid):
        add_dependency(cast.manager.actor, cast.program_id, items[0], items[399])
    assert len(ran) <= 4


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("2", ["Train the team"]),
        ("ALFA-2", ["Train the team"]),
        ("alfa-2 ", ["Train the team"]),
        ("#2", ["Train the team"]),
        ("SZKOLĄ", ["Łódź: szkolą się"]),
        ("train", ["Train the shops", "Train the team"]),
        ("BETA-2", []),
        ("100%", []),
        ("_", []),
        ("\u200b", []),
        ("9" * 30, []),
    ],
)
def test_an_item_is_found_by_number_or_words(cast, text, titles):
    for title in ("Connect", "Train the team", "Train the shops", "Łódź: szkolą się"):
        add(cast, title)
    assert [one.title for one in candidates(cast.program_id, "ALFA", text)] == titles


def test_two_halves_of_a_circle_at_the_same_moment(app, cast):
    for title in "ABC":
        kept_item(app, cast, title)

    def half(member, after, before):
        def act():
            first, second = (find_item(member.actor, cast.program_id, number) for number in (after, before))
            return add_dependency(member.actor, cast.program_id, first, second)

        return act

    for round_ in range(5):
        results = at_the_same_moment(
            app, half(cast.manager, 1, 2), half(cast.contributor, 2, 3), half(cast.admin, 3, 1)
        )
        refused = [result for result in results if isinstance(result, Invalid)]
        assert (results.count(True), len(refused)) == (2, 1), (round_, results)
        assert "→" in str(refused[0])
        with app.app_context(), database.transaction():
            assert db.session.scalar(select(func.count()).select_from(Dependency)) == 2
            db.session.execute(db.delete(Dependency))


def reachable(edges, start):
    """Everything that can be reached, the slow and obvious way: walk until nothing new is found."""
    found = {start}
    while True:
        more = {there for here in found for there in edges.get(here, ())} - found
        if not more:
            return found
        found |= more


graphs = st.dictionaries(st.integers(0, 7), st.lists(st.integers(0, 7), max_size=4), max_size=8)


@given(graphs, st.integers(0, 7), st.integers(0, 7))
def test_a_path_is_found_when_there_is_one_and_only_then(edges, start, goal):
    way = path(edges, start, goal)
    assert bool(way) == (goal in reachable(edges, start))
    if way:
        assert (way[0], way[-1]) == (start, goal)
        assert all(there in edges[here] for here, there in itertools.pairwise(way))
        assert len(set(way)) == len(way)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=25))
def test_adding_one_by_one_never_makes_a_circle(wanted):
    edges = {}
    for after, before in wanted:
        if after != before and not path(edges, before, after):
            edges.setdefault(after, []).append(before)
        elif after != before:
            # What is refused would really have been a circle.
            assert after in reachable(edges, before)
    for start in edges:
        assert all(start not in reachable(edges, there) for there in edges[start])


def test_a_chain_of_ten_thousand_is_no_trouble():
    edges = {number: [number + 1] for number in range(10_000)}
    assert path(edges, 10_000, 0) == []
    assert len(path(edges, 0, 10_000)) == 10_001
