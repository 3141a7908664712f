"""Days to mark on a time axis: phases and gates where they happened, and what rooms above register."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

from program.change.models import GoLive
from program.extensions import db
from program.ground import database
from program.ground.now import held_at
from program.planning import marks
from program.planning.marks import Mark, Source, kind_words, marks_of
from program.planning.models import Gate, GateDecision
from tests.cast import Cast
from tests.planning.helpers import make_gate, make_phase

MAY = date(2026, 5, 1), date(2026, 5, 31)


@pytest.fixture
def notes() -> Iterator[None]:
    marks.register(
        Source("notes", 90, {"note": "Note"}, lambda _program, first, _last: [Mark(first, "note", "Strike")])
    )
    yield
    marks.unregister("notes")


def decide(gate: Gate, sequence: int, outcome: str, moment: str) -> None:
    decided = datetime.fromisoformat(moment)
    words: dict[str, Any] = {"reason": "", "record": "{}", "previous_hash": "", "hash": str(sequence)}
    more = {"program_id": gate.program_id, "gate_id": gate.id, "sequence": sequence}
    db.session.add(GateDecision(outcome=outcome, decided_at=decided, **more, **words))
    db.session.flush()


def test_marks_stand_where_things_happened_and_else_where_they_are_planned(
    app: Flask, cast: Cast, notes: None, statements: Any
):
    with app.app_context(), database.transaction(), held_at(datetime(2026, 5, 15, tzinfo=UTC)):
        program = cast.program_id
        pilot = make_phase(program, "Pilot", date(2026, 5, 4), date(2026, 5, 29))
        pilot.actual_start = date(2026, 5, 6)
        make_phase(program, "Rollout", date(2026, 5, 30), date(2026, 7, 31), 2)
        make_phase(program, "Launch", date(2026, 8, 3), date(2026, 8, 28), 3)
        passed = make_gate(pilot, "To the pilot", date(2026, 4, 30))
        decide(passed, 1, "hold", "2026-05-02T08:00+00:00")
        # Late on Monday evening in Greenwich is Tuesday in Warsaw.
        decide(passed, 2, "conditional_go", "2026-05-04T22:30+00:00")
        held = make_gate(pilot, "To the rollout", date(2026, 5, 8))
        decide(held, 3, "hold", "2026-05-11T08:00+00:00")
        for name, day in (("Wave 1", 15), ("Wave 2", 18)):
            db.session.add(GoLive(program_id=program, name=name, on_date=date(2026, 5, day)))
        db.session.flush()
        with statements() as ran:
            found = marks_of(program, *MAY)
        assert len(ran) == 2
        assert found == [
            Mark(date(2026, 5, 1), "note", "Strike"),
            Mark(date(2026, 5, 5), "gate", "To the pilot"),
            Mark(date(2026, 5, 6), "phase", "Pilot"),
            Mark(date(2026, 5, 8), "gate", "To the rollout", is_planned=True),
            Mark(date(2026, 5, 15), "go_live", "Wave 1"),
            Mark(date(2026, 5, 18), "go_live", "Wave 2", is_planned=True),
            Mark(date(2026, 5, 30), "phase", "Rollout", is_planned=True),
        ]
        with statements() as ran:
            only = marks_of(program, *MAY, kinds=("go_live",))
        assert len(ran) == 1
        assert [mark.name for mark in only] == ["Wave 1", "Wave 2"]
        assert marks_of(0, *MAY, kinds=("phase", "gate", "go_live")) == []
        assert list(kind_words()) == ["phase", "gate", "go_live", "note"]
