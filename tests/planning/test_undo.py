"""Taking back: an act or nothing, told when it is too late, and taking back can itself be taken back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from program.extensions import db
from program.ground import audit, database
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, NotFound
from program.people.models import Membership
from program.planning.comments import add_comment
from program.planning.items import (
    CHANGEABLE,
    FOLLOWING,
    ItemDraft,
    add_items,
    change_item,
    change_items,
    find_item,
    set_tags,
    tag_items,
    tags_of,
)
from program.planning.models import Program, WorkItem
from program.planning.models.items import Status
from program.planning.undo import can_undo, undo
from tests.cast import make_program
from tests.planning.helpers import add, at_the_same_moment, kept_item, make_block, make_gate, make_phase


def everything(program_id):
    """The whole state that people see of a program's items."""
    db.session.flush()
    items = db.session.scalars(select(WorkItem).where(WorkItem.program_id == program_id).order_by(WorkItem.id)).all()
    columns = sorted({*CHANGEABLE, *FOLLOWING, "title_folded"})
    tags = tags_of([item.id for item in items])
    return {item.id: ([getattr(item, name) for name in columns], tags.get(item.id)) for item in items}


@pytest.mark.usefixtures("context")
class TestItems:
    def test_a_status_comes_back_with_its_reason_and_moments(self, cast):
        item = add(cast, status=Status.BLOCKED, status_reason="No licence")
        before = everything(cast.program_id)
        change_item(cast.contributor.actor, item, {"status": "done"}, seen=1, batch="act")
        done = everything(cast.program_id)
        back = undo(cast.contributor.actor, cast.program_id, "act")
        assert everything(cast.program_id) == before
        again = undo(cast.contributor.actor, cast.program_id, back)
        # Redone, it is done since the moment it was done at first.
        assert everything(cast.program_id) == done
        undo(cast.contributor.actor, cast.program_id, again)
        assert everything(cast.program_id) == before
        verbs = db.session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)).all()
        assert verbs == ["item.created", "item.changed"] + ["item.undone"] * 3

    def test_a_status_there_and_back_within_one_act_leaves_no_moment(self, cast):
        item = add(cast)
        before = everything(cast.program_id)
        for status in ("done", "todo"):
            change_item(cast.manager.actor, item, {"status": status}, seen=None, batch="act")
        began = item.started_at
        assert began is not None
        back = undo(cast.manager.actor, cast.program_id, "act")
        assert everything(cast.program_id) == before
        undo(cast.manager.actor, cast.program_id, back)
        assert item.started_at == began

    def test_columns_and_tags_of_one_act_come_back_together(self, cast):
        item = add(cast, tags=("old", "crm"))
        before = everything(cast.program_id)
        change_item(cast.manager.actor, item, {"title": "New", "due_on": date(2026, 4, 1)}, seen=1, batch="act")
        change_item(cast.manager.actor, item, {"title": "Newer", "required": True}, seen=None, batch="act")
        set_tags(cast.manager.actor, item, ["new"], batch="act")
        undo(cast.manager.actor, cast.program_id, "act")
        assert everything(cast.program_id) == before

    def test_what_others_did_to_other_columns_stays(self, cast):
        item = add(cast)
        change_item(cast.contributor.actor, item, {"title": "New"}, seen=1, batch="act")
        change_item(cast.manager.actor, item, {"due_on": date(2026, 4, 1)}, seen=2)
        undo(cast.contributor.actor, cast.program_id, "act")
        assert (item.title, item.due_on) == ("Connect the CRM", date(2026, 4, 1))

    def test_too_late_is_told_with_names_and_changes_nothing(self, cast):
        one, two = add(cast, "One"), add(cast, "Two")
        edits = [(one, {"owner_id": cast.contributor.id}), (two, {"owner_id": cast.contributor.id})]
        change_items(cast.manager.actor, cast.program_id, edits, batch="act")
        change_item(cast.manager.actor, two, {"owner_id": cast.manager.id}, seen=None)
        before = everything(cast.program_id)
        with pytest.raises(Conflict) as told:
            undo(cast.manager.actor, cast.program_id, "act")
        assert "“Two”" in str(told.value)
        assert "“One”" not in str(told.value)
        assert everything(cast.program_id) == before

    def test_twice_is_told_as_taken_back_already(self, cast):
        change_item(cast.manager.actor, add(cast), {"title": "New"}, seen=1, batch="act")
        undo(cast.manager.actor, cast.program_id, "act")
        with pytest.raises(Conflict) as told:
            undo(cast.manager.actor, cast.program_id, "act")
        assert "already" in str(told.value)

    def test_it_needs_the_access_of_the_act(self, cast):
        item = add(cast, required=True)
        change_item(cast.manager.actor, item, {"required": False}, seen=1, batch="by a manager")
        for actor, error in ((cast.contributor, Forbidden), (cast.viewer, Forbidden), (cast.stranger, NotFound)):
            with pytest.raises(error):
                undo(actor.actor, cast.program_id, "by a manager")
            db.session.refresh(item)
            assert not item.required
        undo(cast.manager.actor, cast.program_id, "by a manager")
        assert item.required

    def test_an_act_of_another_program_is_not_there(self, cast):
        beta = make_program("BETA", "Beta")
        change_item(cast.manager.actor, add(cast), {"title": "New"}, seen=1, batch="act")
        with pytest.raises(NotFound):
            undo(cast.admin.actor, beta.id, "act")
        with pytest.raises(NotFound):
            undo(cast.admin.actor, cast.program_id, "no such act")

    def test_items_that_were_added_are_dropped(self, cast):
        new, changed = add_items(cast.manager.actor, cast.program_id, [ItemDraft("New")] * 2, batch="import")
        change_item(cast.manager.actor, changed, {"title": "Newer"}, seen=1)
        with pytest.raises(Conflict):
            undo(cast.manager.actor, cast.program_id, "import")
        change_item(cast.manager.actor, changed, {"title": "New"}, seen=2)
        back = undo(cast.manager.actor, cast.program_id, "import")
        assert [new.status, changed.status] == ["dropped", "dropped"]
        undo(cast.manager.actor, cast.program_id, back)
        assert [new.status, changed.status] == ["todo", "todo"]

    def test_comments_are_not_undone(self, cast):
        items = add_items(cast.manager.actor, cast.program_id, [ItemDraft("New")])
        add_comment(cast.manager.actor, items[0], "Word")
        assert can_undo(["item.changed", "item.tagged", "phase.moved", "gate.changed", "item.undone"])
        assert not can_undo(["item.changed", "gate.decided"])
        assert not can_undo(["item.commented"])
        assert not can_undo(["member.changed"])

    def test_what_can_no_longer_be_is_told(self, cast):
        pilot = make_phase(cast.program_id, "Pilot", date(2026, 3, 2), date(2026, 4, 24))
        item = add(cast, owner_id=cast.contributor.id, phase_id=pilot.id)
        change_item(cast.manager.actor, item, {"owner_id": None}, seen=1, batch="act")
        membership = Membership.person_id == cast.contributor.id
        db.session.delete(db.session.scalars(select(Membership).where(membership)).one())
        db.session.flush()
        with pytest.raises(Conflict) as told:
            undo(cast.manager.actor, cast.program_id, "act")
        assert "team" in str(told.value)

    def test_five_hundred_at_once_in_few_statements(self, cast, statements):
        items = add_items(cast.manager.actor, cast.program_id, [ItemDraft(f"Item {n}") for n in range(500)])
        before = everything(cast.program_id)
        values = {"owner_id": cast.contributor.id, "due_on": date(2026, 4, 1), "status": "done"}
        change_items(cast.manager.actor, cast.program_id, [(item, values) for item in items], batch="bulk")
        tag_items(cast.manager.actor, cast.program_id, dict.fromkeys(items, ("wave 1",)), batch="bulk")
        db.session.flush()
        with statements() as ran:
            undo(cast.manager.actor, cast.program_id, "bulk")
        assert everything(cast.program_id) == before
        assert len([text for text in ran.texts if not text.startswith("UPDATE")]) <= 12


@pytest.mark.usefixtures("context")
class TestPlan:
    def moved(self, cast):
        """A phase, its block and its gate moved a week in one act, as the plan's verbs record it; and the items."""
        phase = make_phase(cast.program_id, "Pilot", date(2026, 3, 2), date(2026, 4, 24))
        block, gate = make_block(phase, "Weeks 1-2"), make_gate(phase, "Pilot done", date(2026, 4, 24))
        item = add(cast, phase_id=phase.id, due_on=date(2026, 3, 20))
        week = timedelta(days=7)
        for row, verb, columns in (
            (phase, "phase.moved", ("planned_start", "planned_end")),
            (block, "block.moved", ("starts_on", "ends_on")),
            (gate, "gate.moved", ("planned_on",)),
        ):
            changes = audit.change(row, {name: getattr(row, name) + week for name in columns})
            audit.record(
                cast.manager.actor,
                verb,
                object_id=row.id,
                name=row.name,
                program_id=cast.program_id,
                changes=changes,
                batch="move",
            )
        change_items(
            cast.manager.actor,
            cast.program_id,
            [(item, {"due_on": item.due_on + week})],
            batch="move",
            verb="item.moved",
        )
        db.session.flush()
        return phase, block, gate, item

    def test_a_moved_plan_comes_back_whole(self, cast):
        phase, block, gate, item = self.moved(cast)
        back = undo(cast.manager.actor, cast.program_id, "move")
        assert (phase.planned_start, phase.planned_end) == (date(2026, 3, 2), date(2026, 4, 24))
        assert (block.starts_on, gate.planned_on) == (date(2026, 3, 2), date(2026, 4, 24))
        assert item.due_on == date(2026, 3, 20)
        undo(cast.manager.actor, cast.program_id, back)
        assert (phase.planned_start, gate.planned_on) == (date(2026, 3, 9), date(2026, 5, 1))
        assert item.due_on == date(2026, 3, 27)

    def test_only_a_manager_takes_back_a_plan(self, cast):
        phase, *_rest = self.moved(cast)
        with pytest.raises(Forbidden):
            undo(cast.contributor.actor, cast.program_id, "move")
        assert phase.planned_start == date(2026, 3, 9)

    def test_one_thing_changed_since_holds_all_back(self, cast):
        phase, _block, gate, item = self.moved(cast)
        gate.planned_on = date(2026, 6, 1)
        db.session.flush()
        with pytest.raises(Conflict) as told:
            undo(cast.manager.actor, cast.program_id, "move")
        assert "Pilot done" in str(told.value)
        db.session.expire_all()
        assert (phase.planned_start, item.due_on) == (date(2026, 3, 9), date(2026, 3, 27))

    def test_what_is_gone_is_told(self, cast):
        _phase, _block, gate, _item = self.moved(cast)
        db.session.delete(gate)
        db.session.flush()
        with pytest.raises(Conflict) as told:
            undo(cast.manager.actor, cast.program_id, "move")
        assert "gone" in str(told.value)

    def test_what_would_not_fit_any_more_is_told(self, cast):
        phase = make_phase(cast.program_id, "Pilot", date(2026, 3, 2), date(2026, 4, 24))
        changes = audit.change(phase, {"planned_start": date(2026, 2, 2)})
        audit.record(
            cast.manager.actor,
            "phase.changed",
            object_id=phase.id,
            name=phase.name,
            program_id=cast.program_id,
            changes=changes,
            batch="act",
        )
        phase.planned_end = date(2026, 2, 20)
        db.session.flush()
        with pytest.raises(Conflict):
            undo(cast.manager.actor, cast.program_id, "act")

    def test_a_program_s_name_comes_back_with_its_shadow(self, cast):
        program = db.session.get(Program, cast.program_id)
        changes = audit.change(program, {"name": "Łódź"})
        audit.record(
            cast.manager.actor,
            "program.changed",
            object_id=program.id,
            name=program.name,
            program_id=program.id,
            changes=changes,
            batch="act",
        )
        db.session.flush()
        back = undo(cast.manager.actor, cast.program_id, "act")
        assert program.name == "Alfa Bank omnichannel"
        undo(cast.manager.actor, cast.program_id, back)
        assert program.name_folded == "lodz"


def test_two_who_take_back_the_same_act_one_is_told(app, cast):
    number = kept_item(app, cast)
    with app.app_context(), database.transaction():
        item = find_item(cast.manager.actor, cast.program_id, number)
        change_item(cast.manager.actor, item, {"title": "New"}, seen=1, batch="act")
    results = at_the_same_moment(
        app,
        lambda: undo(cast.manager.actor, cast.program_id, "act"),
        lambda: undo(cast.contributor.actor, cast.program_id, "act"),
    )
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "str"], results


statuses = st.one_of(
    st.sampled_from([{"status": "todo"}, {"status": "doing"}, {"status": "done"}]),
    st.sampled_from(
        [{"status": "blocked", "status_reason": "No licence"}, {"status": "dropped", "status_reason": "No need"}]
    ),
)
days = st.one_of(st.none(), st.dates(date(2026, 3, 1), date(2026, 3, 9)))
values = st.one_of(
    statuses,
    st.fixed_dictionaries({"title": st.sampled_from(["One", "Two", "Żółw"])}),
    st.fixed_dictionaries({"start_on": days}),
    st.fixed_dictionaries({"due_on": days.map(lambda day: day and day + timedelta(days=20))}),
    st.fixed_dictionaries({"priority": st.integers(1, 4), "required": st.booleans()}),
)
act = st.one_of(
    st.tuples(st.just("change"), st.lists(st.tuples(st.integers(0, 2), values), min_size=1, max_size=3)),
    st.tuples(
        st.just("tag"), st.lists(st.tuples(st.integers(0, 2), st.sets(st.sampled_from("abc"))), min_size=1, max_size=3)
    ),
)


@given(st.lists(act, min_size=1, max_size=6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_acts_taken_back_in_reverse_leave_no_trace(app, cast, acts):
    with app.app_context():
        database.begin_writing()
        items = add_items(cast.manager.actor, cast.program_id, [ItemDraft(f"{n}", tags=("a",)) for n in range(3)])
        states, batches = [everything(cast.program_id)], []
        for kind, changes in acts:
            batch = audit.new_batch()
            for place, change in changes:
                if kind == "change":
                    change_items(cast.manager.actor, cast.program_id, [(items[place], change)], batch=batch)
                else:
                    tag_items(cast.manager.actor, cast.program_id, {items[place]: change}, batch=batch)
            if everything(cast.program_id) != states[-1]:
                states.append(everything(cast.program_id))
                batches.append(batch)
        redo = []
        for batch, before in zip(reversed(batches), reversed(states[:-1]), strict=True):
            redo.append(undo(cast.manager.actor, cast.program_id, batch))
            assert everything(cast.program_id) == before
        for batch, after in zip(reversed(redo), states[1:], strict=True):
            undo(cast.manager.actor, cast.program_id, batch)
            assert everything(cast.program_id) == after
        db.session.rollback()
