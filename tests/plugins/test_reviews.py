"""Weekly reviews by way of a plugin: read in one's own language, written into once, held by whom it takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from program.extensions import db
from program.ground import database
from program.kpis import review_rounds
from program.kpis.models import Review, ReviewNote, Way
from program.kpis.review_plan import PlanDraft, save_plan
from program.kpis.writing import NewReading, write
from program.people.models import Person as PersonRow
from program.planning.models import WorkItem
from program.plugin_api import contract, core
from tests.cast import Cast
from tests.kpis.conftest import at, make_kpi, monday


@pytest.fixture
def review_id(app: Flask, cast: Cast) -> Iterator[int]:
    """A review of week 24 that is ready, and an application context outside any transaction."""
    with app.app_context():
        with database.transaction(), at("2026-06-12T12:00+02:00"):
            csat = make_kpi(cast.program_id, "CSAT", owner_id=cast.contributor.id)
            write(cast.program_id, [NewReading(csat.id, "", monday(24), Decimal("81.5"))], way=Way.FORM)
            save_plan(cast.manager.actor, cast.program_id, PlanDraft(weekday=3, collect_days=3), seen=None)
        with at():
            with database.transaction():
                review_rounds.tick()
                found = db.session.query(Review).one().id
            yield found


def person(email: str) -> Any:
    found = core.find_person(email)
    assert found is not None
    return found


def test_a_review_is_read_written_and_held_through_a_plugin(review_id: int, cast: Cast) -> None:
    with database.transaction():
        db.session.get_one(PersonRow, cast.viewer.id).locale = "pl"
    manager, writer, reader = (person(one.email) for one in (cast.manager, cast.contributor, cast.viewer))
    found = core.review(writer, review_id)
    (line,) = found.lines
    assert (found.state, found.program, found.week) == ("ready", "ALFA", monday(24))
    assert line.text == "CSAT: No target, 81.5\N{NO-BREAK SPACE}%, week 24"
    assert (line.matters, found.may_write, found.may_hold) == (True, True, False)
    assert found.url.endswith("/p/ALFA/kpis/reviews/1")
    assert "81,5" in core.review(reader, review_id).lines[0].text
    assert not core.review(reader, review_id).may_write
    for _again in range(2):
        core.add_review_note(writer, review_id, "cause", "Czat", kpi_id=line.kpi_id, remote_key="slack:C1:17.2")
    number = core.add_review_action(writer, review_id, "Więcej osób", writer.id, date(2026, 6, 24))
    with pytest.raises(contract.Invalid) as wrong:
        core.add_review_action(writer, review_id, "Więcej osób", None, None)
    assert set(wrong.value.fields) == {"owner", "due_on"}
    with pytest.raises(contract.Forbidden):
        core.add_review_note(reader, review_id, "note", "x")
    with pytest.raises(contract.Forbidden):
        core.hold_review(writer, review_id)
    core.hold_review(manager, review_id)
    with pytest.raises(contract.Conflict):
        core.hold_review(manager, review_id)
    with pytest.raises(contract.NotFound):
        core.review(person(cast.stranger.email), review_id)
    with pytest.raises(contract.NotFound):
        core.review(manager, 999_999)
    with database.transaction():
        assert db.session.query(ReviewNote).one().author_id == cast.contributor.id
        assert db.session.query(WorkItem).one().number == number
    assert core.review(manager, review_id).state == "held"
