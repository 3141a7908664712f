"""Looking after connections: what is due is done once, failures wait longer each time, people mend settings."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from program.extensions import db
from program.ground import database, ticks
from program.ground.now import held_at, utc_now
from program.plugin_api import core, setups
from program.plugin_api.contract import GiveUp, Misconfigured, Retry
from program.plugin_api.models import ConnectionReport
from program.plugin_host import connections, switching, syncing
from program.plugin_host.calling import LIMITS
from program.plugin_host.host import host
from tests.cast import Cast
from tests.plugins import sample


def report(connection_id: int) -> ConnectionReport:
    with database.looking():
        found = db.session.get(ConnectionReport, connection_id)
        assert found is not None
        db.session.expunge(found)
        return found


def synced() -> list[int]:
    return [given.id for name, given in sample.CALLS if name == "sync"]


def raising(error: Exception) -> Any:
    def fail(_connection: Any) -> None:
        raise error

    return fail


def test_a_new_connection_is_looked_after_at_once_and_then_every_so_often(inside: Flask, connect: Any):
    number = connect()
    assert syncing.sync_what_is_due() == 1
    assert syncing.sync_what_is_due() == 0
    found = report(number)
    assert found.synced_at is not None
    assert found.sync_at == found.synced_at + timedelta(minutes=3)
    with held_at(utc_now() + timedelta(minutes=3, seconds=1)):
        assert syncing.sync_what_is_due() == 1
    assert synced() == [number, number]


def test_two_clocks_share_the_work(inside: Flask, connect: Any):
    numbers = {connect(name=f"Board {number}") for number in range(5)}
    one = host().plugins["sample"]
    assert set(syncing.claim(one)) == numbers
    assert syncing.claim(one) == []


def test_clocks_at_the_same_moment_never_take_one_connection_twice(plugin_app: Flask, connect: Any):
    numbers = [connect(name=f"Board {number}") for number in range(12)]
    one = plugin_app.extensions["milepost.plugins"].plugins["sample"]
    start, taken = threading.Barrier(4), []

    def clock() -> None:
        with plugin_app.app_context():
            start.wait(10)
            taken.extend(syncing.claim(one))

    threads = [threading.Thread(target=clock) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == numbers


def test_what_a_killed_clock_had_comes_up_again(inside: Flask, connect: Any):
    number = connect()
    one = host().plugins["sample"]
    assert syncing.claim(one) == [number]
    with held_at(utc_now() + timedelta(seconds=2 * (LIMITS["sync"] + LIMITS["readings"]) + 60)):
        assert syncing.claim(one) == [number]


def test_a_clock_that_is_told_to_stop_leaves_the_rest_to_the_next(inside: Flask, connect: Any):
    numbers = [connect(name=f"Board {number}") for number in range(3)]

    def stop(_connection: Any) -> None:
        ticks.stopping.set()

    sample.INSTEAD["sync"] = stop
    try:
        assert syncing.sync_what_is_due() == 1
    finally:
        ticks.stopping.clear()
    assert sorted(syncing.claim(host().plugins["sample"])) == sorted(set(numbers) - set(synced()))


def test_a_failure_waits_longer_each_time_and_a_success_forgets_it(inside: Flask, connect: Any):
    number = connect()
    one = host().plugins["sample"]
    sample.INSTEAD["sync"] = raising(Retry("They are busy."))
    waits = []
    for _try in range(4):
        assert not syncing.sync(one, number)
        waits.append(report(number).sync_at - utc_now())
    assert waits == sorted(waits)
    found = report(number)
    assert (found.failures, found.reason, found.needs_person) == (4, "They are busy.", False)
    sample.INSTEAD.clear()
    assert syncing.sync(one, number)
    assert (report(number).failures, report(number).reason) == (0, "")


def test_the_remote_s_own_wait_is_honoured(inside: Flask, connect: Any):
    number = connect()
    sample.INSTEAD["sync"] = raising(Retry("Quota.", after=timedelta(hours=3)))
    syncing.sync(host().plugins["sample"], number)
    assert report(number).sync_at - utc_now() > timedelta(hours=2, minutes=59)


@pytest.mark.parametrize("error", [Misconfigured("The token is revoked."), GiveUp("The project is gone.")])
def test_what_only_a_person_can_mend_waits_for_one(
    plugin_app: Flask, cast: Cast, connect: Any, visit: Any, error: Exception
):
    number = connect()
    sample.INSTEAD["sync"] = raising(error)
    with plugin_app.app_context():
        assert syncing.sync_what_is_due() == 1
        with held_at(utc_now() + timedelta(days=3)):
            assert syncing.sync_what_is_due() == 0
    page = visit(cast.manager).get(f"/p/ALFA/settings/plugins/sample/{number}").text
    assert f"It waits for you: {error}" in page
    assert str(error) in visit(cast.admin).get("/admin/plugins/sample").text
    sample.INSTEAD.clear()
    visit(cast.manager).post(f"/p/ALFA/settings/plugins/sample/{number}/sync")
    with plugin_app.app_context():
        assert syncing.sync_what_is_due() == 1
        assert not report(number).needs_person


def test_a_secret_in_a_reason_is_blotted_out(plugin_app: Flask, cast: Cast, visit: Any, all_on: None):
    client = visit(cast.manager)
    form = {"name": "B", "set-project": "P", "set-depth": "1", "set-kind": "a", "set-secret-key": "hunter2222"}
    client.post("/p/ALFA/settings/plugins/sample/new", data=form)
    sample.INSTEAD["sync"] = raising(Retry("https://x.example/?key=hunter2222 answers 503"))
    with plugin_app.app_context():
        with database.looking():
            (found,) = setups.active("sample")
        syncing.sync(host().plugins["sample"], found.id)
        assert report(found.id).reason == "https://x.example/?key=••• answers 503"


def test_a_connection_that_went_away_meanwhile_is_no_failure(inside: Flask, cast: Cast, connect: Any):
    number = connect()
    assert syncing.claim(host().plugins["sample"]) == [number]
    with database.transaction():
        connections.remove(cast.manager.actor, cast.program_id, "sample", number)
    assert not syncing.sync(host().plugins["sample"], number)
    assert synced() == []


def test_a_plugin_that_is_switched_off_is_not_called_by_the_clock(inside: Flask, cast: Cast, connect: Any):
    connect()
    with database.transaction():
        switching.set_enabled(cast.admin.actor, "sample", False)
    found = {tick.name: tick for tick in ticks.all_of(inside)}
    assert found["plugins.sync"].run() == 0
    assert found["plugin_sample.sweep"].run() == 0
    assert sample.CALLS == []


def test_no_transaction_is_open_while_a_plugin_works(inside: Flask, connect: Any):
    def write(_connection: Any) -> None:
        with database.transaction():
            db.session.execute(text("UPDATE plugin_state SET enabled = enabled"))

    connect()
    sample.INSTEAD["sync"] = write
    with database.transaction():
        # As the clock runs it: in a transaction that the tick must leave alone.
        assert syncing.sync_what_is_due() == 1
    sample.INSTEAD["tick"] = lambda _given: write(None) or 7
    found = {tick.name: tick for tick in ticks.all_of(inside)}
    with database.transaction():
        assert found["plugin_sample.sweep"].run() == 7


@given(st.integers(1, 10_000))
def test_pauses_stay_within_reason(failures: int):
    assert timedelta(seconds=45) <= syncing.pause(failures) <= syncing.LONGEST_PAUSE


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        (timedelta(minutes=3), timedelta(minutes=3)),
        (timedelta(0), syncing.SHORTEST),
        (timedelta(days=400), syncing.LONGEST),
        ("often", syncing.FIRST_PAUSE),
    ],
)
def test_how_often_is_kept_within_reason(inside: Flask, monkeypatch: pytest.MonkeyPatch, wanted: Any, kept: timedelta):
    one = host().plugins["sample"]
    monkeypatch.setattr(one.plugin, "sync_every", wanted)
    assert syncing.interval(one) == kept


def test_who_asks_for_a_sync_while_one_runs_is_given_another(inside: Flask, connect: Any):
    number = connect()
    sample.INSTEAD["sync"] = core.sync_soon
    assert syncing.sync_what_is_due() == 1
    assert report(number).sync_at <= utc_now()
    del sample.INSTEAD["sync"]
    assert syncing.sync_what_is_due() == 1
    assert report(number).sync_at > utc_now()
