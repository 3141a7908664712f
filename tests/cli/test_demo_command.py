"""`milepost demo`: loading once, making anew, touching nothing real; and that any day of the year will do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from program.cli.demo import loading, removal
from program.cli.demo.stage import TIMEZONE
from program.cli.demo.story import cast as demo_cast
from program.extensions import Base, db
from program.ground import database
from program.ground.actor import Access, Origin, system
from program.ground.errors import Conflict
from program.ground.now import held_at, today_in
from program.people.models import Membership, Person
from program.planning import gate_evidence
from program.planning.models import Program, WorkItem
from program.planning.programs import NewProgram, create_program
from program.planning.readiness import readiness
from tests.cast import Cast, make_program
from tests.demo import fill

Run = Callable[..., Result]


def snapshot(app: Flask) -> list[tuple[Any, ...]]:
    """What the demo tells, apart from ids."""
    with app.app_context():
        return [
            tuple(row)
            for row in db.session.execute(
                select(
                    Program.key,
                    Program.starts_on,
                    WorkItem.number,
                    WorkItem.title,
                    WorkItem.status,
                    WorkItem.due_on,
                    WorkItem.done_at,
                    Person.name,
                )
                .join(WorkItem, WorkItem.program_id == Program.id)
                .outerjoin(Person, Person.id == WorkItem.owner_id)
                .where(Program.key.in_(("PRZ", "LIPA", "SOSNA", "INFO")))
                .order_by(Program.key, WorkItem.number)
            )
        ]


def counts(app: Flask) -> dict[str, int]:
    """How many rows every table holds."""
    with app.app_context():
        return {
            table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def test_it_is_loaded_once_and_made_anew_the_same(app: Flask, cast: Cast, milepost: Run):
    before = counts(app)
    first = milepost("demo", "--locale", "pl")
    assert first.exit_code == 0, first.output
    assert "Bank Przystań, jedna rozmowa" in first.output
    told, rows = snapshot(app), counts(app)
    again = milepost("demo")
    assert again.exit_code == 1
    assert "milepost demo --reset" in again.output
    assert milepost("demo", "--if-empty").exit_code == 0
    assert counts(app) == rows
    declined = milepost("demo", "--reset", input="n\n")
    assert declined.exit_code == 1
    assert "4 programs" in declined.output
    assert counts(app) == rows
    assert milepost("demo", "--reset", "--yes", "--locale", "pl").exit_code == 0
    assert snapshot(app) == told
    assert counts(app) == rows
    with app.app_context(), database.transaction():
        removal.remove()
    assert counts(app) == before
    with app.app_context():
        assert db.session.scalars(select(Person.name).order_by(Person.id)).first() == cast.manager.name


def test_only_an_empty_instance_gets_it(app: Flask, cast: Cast, milepost: Run):
    before = counts(app)
    result = milepost("demo", "--if-empty")
    assert result.exit_code == 0
    assert "left alone" in result.output
    assert counts(app) == before
    result = milepost("demo", "--link", "--base-url", "http://127.0.0.1:8107")
    assert result.exit_code == 0
    assert "no demo here" in result.output


def test_an_empty_instance_gets_it(app: Flask, milepost: Run, monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []
    monkeypatch.setattr(loading, "load", lambda locale: [asked.append(locale) or "A program"])
    assert milepost("demo", "--if-empty", "--locale", "en").exit_code == 0
    assert asked == ["en"]


@pytest.mark.one_database
@pytest.mark.usefixtures("told")
def test_the_link_signs_the_manager_in(milepost: Run, browser: Any):
    result = milepost("demo", "--link", "--base-url", "http://127.0.0.1:8107")
    url = result.output.strip().splitlines()[-1]
    assert url.startswith("http://127.0.0.1:8107/sign-in/")
    client = browser()
    assert client.post(url.removeprefix("http://127.0.0.1:8107")).status_code == 303
    assert "Marta Zawadzka" in client.get("/me").text


def test_a_real_program_in_its_place_is_left_alone(app: Flask, milepost: Run):
    with app.app_context(), database.transaction():
        make_program("PRZ", "A real program")
    result = milepost("demo")
    assert result.exit_code == 1
    assert "PRZ" in result.output
    with app.app_context():
        assert db.session.scalars(select(Program.name)).all() == ["A real program"]
        assert not db.session.scalars(select(Person.id)).all()


@pytest.fixture
def told(app: Flask, kept: Path) -> None:
    """The demo in English, before anybody else comes."""
    fill(app, "en", kept)


def test_it_is_not_removed_while_its_people_are_in_real_programs(app: Flask, told: None, cast: Cast, milepost: Run):
    with app.app_context(), database.transaction():
        guest = db.session.scalars(select(Person).where(Person.email == demo_cast()[3].email)).one()
        db.session.add(Membership(program_id=cast.program_id, person_id=guest.id, access=Access.VIEWER))
    rows = counts(app)
    result = milepost("demo", "--reset", "--yes")
    assert result.exit_code == 1
    assert "Alfa Bank omnichannel" in result.output
    assert "Jakub Sikorski" in result.output
    assert counts(app) == rows


def test_traces_of_its_people_elsewhere_are_seen(app: Flask, told: None, cast: Cast, context: None):
    manager = db.session.scalars(select(Person).where(Person.email == demo_cast()[0].email)).one()
    item = WorkItem(program_id=cast.program_id, number=900, title="Real", title_folded="real", owner_id=manager.id)
    db.session.add(item)
    db.session.flush()
    with pytest.raises(Conflict, match=r"work_item\.owner_id"):
        removal.remove()


@pytest.mark.one_database
def test_a_program_that_the_demos_manager_made_is_not_the_demos(app: Flask, told: None, context: None):
    manager = db.session.scalars(select(Person).where(Person.email == demo_cast()[0].email)).one()
    own = NewProgram("Tried out", "TRY", "", today_in(TIMEZONE), manager_id=manager.id)
    create_program(system(Origin.CLI), own)
    with pytest.raises(Conflict, match="Tried out"):
        removal.remove()


# The story is told in Python: how it falls on the days of a year is the same on every database.
@pytest.mark.one_database
@pytest.mark.parametrize(
    "now",
    [
        pytest.param(datetime(2026, 11, 23, 5, 30, tzinfo=UTC), id="early on a Monday"),
        pytest.param(datetime(2027, 4, 2, 14, 0, tzinfo=UTC), id="Easter in this week and the next"),
        pytest.param(datetime(2027, 1, 1, 11, 0, tzinfo=UTC), id="New Year after Christmas"),
        pytest.param(datetime(2027, 1, 7, 9, 0, tzinfo=UTC), id="a fortnight after Christmas"),
        pytest.param(datetime(2027, 8, 15, 21, 59, tzinfo=UTC), id="a Sunday that is a holiday"),
        pytest.param(datetime(2028, 2, 29, 12, 0, tzinfo=UTC), id="a leap day"),
    ],
)
def test_any_day_will_do(app: Flask, context: None, now: datetime):
    with held_at(now):
        loading.load("pl")
        program = db.session.scalars(select(Program).where(Program.key == "PRZ")).one()
        today = today_in(TIMEZONE)
        first, second, *_rest = readiness(program, today)
        assert first.state == "reopened"
        assert second.planned_on >= today
        items = db.session.scalars(select(WorkItem).where(WorkItem.program_id == program.id)).all()
        assert sum(1 for item in items if item.status == "blocked") >= 2
        assert any(item.status == "doing" and item.due_on and item.due_on < today for item in items)
        assert all(item.done_at <= now for item in items if item.done_at)
        assert gate_evidence.verify(program.id) == []
