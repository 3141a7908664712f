"""Small things that the tests of planning share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Flask

from program.extensions import db
from program.ground import database
from program.planning.items import ItemDraft, add_item
from program.planning.models import Gate, Phase, PhaseBlock, WorkItem
from tests.cast import Cast


def add(cast: Cast, title: str = "Connect the CRM", **more: Any) -> WorkItem:
    """An item added by the manager in the running transaction."""
    return add_item(cast.manager.actor, cast.program_id, ItemDraft(title=title, **more))


def kept_item(app: Flask, cast: Cast, title: str = "Connect the CRM", **more: Any) -> int:
    """An item added and committed; gives its number."""
    with app.app_context(), database.transaction():
        return add(cast, title, **more).number


def make_phase(program_id: int, name: str, start: date, end: date, position: int = 1) -> Phase:
    """A phase written directly."""
    phase = Phase(program_id=program_id, name=name, position=position, planned_start=start, planned_end=end)
    db.session.add(phase)
    db.session.flush()
    return phase


def make_block(phase: Phase, name: str, position: int = 1) -> PhaseBlock:
    """A block over the whole of its phase, written directly."""
    block = PhaseBlock(
        program_id=phase.program_id,
        phase_id=phase.id,
        name=name,
        position=position,
        starts_on=phase.planned_start,
        ends_on=phase.planned_end,
    )
    db.session.add(block)
    db.session.flush()
    return block


def make_gate(phase: Phase, name: str, planned_on: date) -> Gate:
    """A gate written directly."""
    gate = Gate(program_id=phase.program_id, phase_id=phase.id, name=name, planned_on=planned_on)
    db.session.add(gate)
    db.session.flush()
    return gate


def at_the_same_moment(app: Flask, *acts: Callable[[], Any]) -> list[Any]:
    """Run each act in a thread and a transaction of its own, begun together; gives results or what was raised."""
    barrier = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        with app.app_context():
            try:
                barrier.wait(timeout=20)
                with database.transaction():
                    results[place] = act()
            except Exception as error:  # noqa: BLE001 - the test looks at it
                results[place] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results
