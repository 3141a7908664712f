"""The page of the clock: whether one runs, what failed, what is due next; for administrators."""

from __future__ import annotations

from datetime import timedelta

import pytest

from program.clock import due
from program.clock.models import TickState
from program.extensions import db
from program.ground import ticks
from program.ground.now import utc_now
from program.ground.ticks import Tick


def test_without_a_clock_it_says_what_to_do(cast, browser):
    page = browser(cast.admin).get("/clock")
    assert page.status_code == 200
    assert "No clock runs" in page.text
    assert "milepost clock" in page.text


def test_it_shows_who_runs_and_how_it_went(app, cast, browser, monkeypatch):
    def fail() -> int:
        raise RuntimeError("secret")

    broken = Tick("test.broken", "Broken work", timedelta(minutes=1), fail)
    fine = Tick("test.fine", "Fine work", timedelta(minutes=1), lambda: 3)
    monkeypatch.setattr(ticks, "all_of", lambda _app: (broken, fine))
    with app.app_context():
        due.say_alive(utc_now())
        due.run_due(app)
    page = browser(cast.admin).get("/clock").text
    assert "1 clock runs. 1 thing went wrong." in page
    assert "RuntimeError" in page
    assert "secret" not in page
    assert due.clock_name() in page


def test_something_can_be_done_now(app, cast, browser):
    with app.app_context():
        due.run_due(app)
        before = db.session.get(TickState, "outbox.sweep").due_at
    answer = browser(cast.admin).post("/clock", data={"tick": "outbox.sweep"})
    assert answer.status_code == 303
    with app.app_context():
        assert db.session.get(TickState, "outbox.sweep").due_at <= utc_now() < before


@pytest.mark.parametrize("wrong", ["", "outbox.hand_over", "nothing", "<b>"])
def test_what_is_no_work_is_not_there(cast, browser, wrong):
    assert browser(cast.admin).post("/clock", data={"tick": wrong}).status_code == 404


def test_it_is_not_there_for_others(cast, browser):
    for person in (cast.manager, cast.viewer):
        assert browser(person).get("/clock").status_code == 404
        assert browser(person).post("/clock", data={"tick": "outbox.sweep"}).status_code == 404


def test_it_takes_few_statements(app, cast, browser, statements):
    with app.app_context():
        due.run_due(app)
    with statements() as ran:
        browser(cast.admin).get("/clock")
    assert len(ran) <= 12
