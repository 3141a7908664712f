"""What differs between two moments, and what happened since one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import g
from hypothesis import given
from hypothesis import strategies as st

from program.ground.calendar import WorkingCalendar, days
from program.ground.now import utc_now
from program.planning.baselines import PlanLine
from program.planning.changes_since import changed_since
from program.planning.comparison import KINDS, compare, summary, working_days_between
from program.planning.items import ItemDraft, add_item, add_items, change_item
from program.planning.models.items import Status
from tests.planning.builder import TODAY, Alfa, decide_bare

POLAND = WorkingCalendar("PL")


def line(**values) -> PlanLine:
    usual = {"name": "A", "phase_id": 1, "starts_on": None, "ends_on": TODAY, "status": "todo", "owner_id": None}
    return PlanLine(**{**usual, **values})


@pytest.mark.parametrize(
    ("old", "new", "kinds", "shift"),
    [
        ({}, {"ends_on": date(2026, 3, 20)}, ("later",), 6),
        ({}, {"ends_on": date(2026, 3, 10)}, ("earlier",), -2),
        ({}, {"ends_on": None}, ("undated",), 0),
        ({"ends_on": None}, {}, ("dated",), 0),
        ({"starts_on": date(2026, 3, 9)}, {"starts_on": date(2026, 3, 10)}, ("later",), 1),
        ({}, {"name": "B"}, ("renamed",), 0),
        ({}, {"owner_id": 7}, ("owner",), 0),
        ({}, {"phase_id": 2}, ("phase",), 0),
        ({}, {"status": "doing"}, ("status",), 0),
        ({}, {"status": "done"}, ("finished",), 0),
        ({}, {"status": "dropped"}, ("dropped",), 0),
        ({"status": "done"}, {"status": "todo"}, ("reopened",), 0),
        ({}, {"status": "done", "name": "B", "owner_id": 3}, ("finished", "owner", "renamed"), 0),
    ],
)
def test_what_happened_to_a_line(old, new, kinds, shift):
    found = compare({("item", 1): line(**old)}, {("item", 1): line(**new)}, POLAND).changes
    assert [(change.kinds, change.shift) for change in found] == [(kinds, shift)]
    assert set(kinds) <= set(KINDS)


def test_what_is_only_on_one_side_was_added_or_is_gone():
    found = compare({("item", 1): line()}, {("item", 2): line()}, POLAND)
    assert {change.object_id: change.kinds for change in found.changes} == {1: ("removed",), 2: ("added",)}
    assert found.counts == {"removed": 1, "added": 1}


plans = st.dictionaries(
    st.tuples(st.sampled_from(["item", "gate", "phase"]), st.integers(1, 5)),
    st.builds(
        line,
        name=st.sampled_from("AB"),
        ends_on=st.none() | st.dates(date(2026, 1, 1), date(2026, 3, 1)),
        status=st.sampled_from(list(Status)),
        owner_id=st.none() | st.integers(1, 2),
        phase_id=st.none() | st.integers(1, 2),
    ),
)


@given(plans, plans)
def test_comparing_backwards_tells_the_opposite(before, after):
    there, back = compare(before, after, POLAND), compare(after, before, POLAND)
    assert {(c.object_type, c.object_id): -c.shift for c in there.changes} == {
        (c.object_type, c.object_id): c.shift for c in back.changes
    }
    assert there.counts["added"] == back.counts["removed"]
    assert there.counts["later"] == back.counts["earlier"]
    assert (not there.changes) == (before == after)


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(-40, 40))
def test_working_days_between_count_each_step_once(first, steps):
    last = first + timedelta(days=steps)
    earlier, later = min(first, last), max(first, last)
    counted = sum(1 for day in days(earlier, later) if POLAND.is_working(day))
    # Only the earlier of the two days is not counted.
    expected = counted - (1 if POLAND.is_working(earlier) else 0)
    assert working_days_between(POLAND, first, last) == (expected if steps >= 0 else -expected)


def test_the_summary_says_it_in_a_sentence(app):
    before = {("item", n): line(name=f"I{n}") for n in range(1, 7)} | {("gate", 1): line(name="Pilot", status="")}
    after = {
        ("item", 1): line(name="I1", ends_on=date(2026, 3, 16)),
        ("item", 2): line(name="I2", ends_on=date(2026, 3, 20)),
        ("item", 3): line(name="I3", status="dropped"),
        ("item", 4): line(name="I4", status="done"),
        ("item", 5): line(name="I5"),
        ("item", 9): line(name="I9"),
        ("gate", 1): line(name="Pilot", status="", ends_on=date(2026, 3, 20)),
    }
    with app.test_request_context():
        # Dates of this year are written without it.
        g.today = TODAY
        assert summary(compare(before, after, POLAND)) == (
            "2 items later by 4 working days on average, 1 added, 1 done, 1 dropped, 1 gone, "
            "the gate “Pilot” moved from Thu 12 Mar to Fri 20 Mar"
        )
        assert summary(compare(before, before, POLAND)) == "nothing changed"


@pytest.mark.usefixtures("context")
class TestSince:
    """'Since last Monday', from the audit trail."""

    def test_each_thing_that_can_happen(self, alfa: Alfa, statements):
        drafts = [ItemDraft(name, due_on=TODAY) for name in ("done", "dropped", "slipped", "pulled", "back", "still")]
        done, dropped, slipped, pulled, back, _still = add_items(alfa.manager, alfa.id, drafts)
        change_item(alfa.manager, back, {"status": Status.DONE}, seen=None)
        moment = utc_now()
        change_item(alfa.manager, done, {"status": Status.DONE}, seen=None)
        change_item(alfa.manager, dropped, {"status": Status.DROPPED, "status_reason": "No"}, seen=None)
        change_item(alfa.manager, slipped, {"due_on": TODAY + timedelta(days=1)}, seen=None)
        change_item(alfa.manager, slipped, {"due_on": TODAY + timedelta(days=8)}, seen=None)
        change_item(alfa.manager, pulled, {"due_on": TODAY - timedelta(days=1)}, seen=None)
        change_item(alfa.manager, back, {"status": Status.TODO}, seen=None)
        add_item(alfa.manager, alfa.id, ItemDraft("added"))
        decide_bare(alfa, alfa.gates[0], "hold", sequence=1)
        with statements() as ran:
            found = changed_since(alfa.id, moment)
        assert len(ran) <= 2
        titles = {
            name: [item.title for item in getattr(found, name)]
            for name in ("done", "added", "dropped", "reopened", "slipped", "pulled", "blocked")
        }
        assert titles == {
            "done": ["done"],
            "added": ["added"],
            "dropped": ["dropped"],
            "reopened": ["back"],
            "slipped": ["slipped"],
            "pulled": ["pulled"],
            "blocked": [],
        }
        assert (found.slipped[0].due_before, found.slipped[0].shift) == (TODAY, 6)
        assert [(gate.gate, gate.outcome) for gate in found.decided] == [("Start the pilot", "hold")]

    def test_what_was_done_and_taken_back_did_not_happen(self, alfa: Alfa):
        item = add_item(alfa.manager, alfa.id, ItemDraft("There and back", due_on=TODAY))
        moment = utc_now()
        for values in ({"status": Status.DONE}, {"status": Status.TODO}, {"due_on": None}, {"due_on": TODAY}):
            change_item(alfa.manager, item, values, seen=None)
        found = changed_since(alfa.id, moment)
        assert found.nothing

    def test_nothing_is_nothing(self, alfa: Alfa):
        assert changed_since(alfa.id, utc_now()).nothing
