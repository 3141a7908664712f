"""Guessing is slowed down, for those who guess; the right person always comes in after a while, or by a link."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from program.extensions import db
from program.people import throttle
from program.people.models import SignInAttempt
from program.people.throttle import ACCOUNT, ADDRESS
from tests.cast import Cast
from tests.people.test_sign_in import PASSWORD, give_password, try_sign_in

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
moments = st.lists(
    st.timedeltas(min_value=timedelta(), max_value=timedelta(hours=3)).map(lambda ago: NOW - ago), max_size=120
)
limits = st.sampled_from([ACCOUNT, ADDRESS])


@given(moments, limits)
def test_the_wait_is_bounded_and_runs_out(failures: list[datetime], limit: throttle.Limit):
    wait = limit.wait(failures, NOW)
    assert timedelta() <= wait <= limit.longest_wait
    # Who waits it out may try again, as long as nothing new is counted; and waiting is never counted.
    assert limit.wait(failures, NOW + wait) == timedelta()


@given(moments, limits)
def test_a_further_failure_never_shortens_the_wait(failures: list[datetime], limit: throttle.Limit):
    assert limit.wait([*failures, NOW], NOW) >= limit.wait(failures, NOW)


@given(moments, limits)
def test_the_first_tries_are_free(failures: list[datetime], limit: throttle.Limit):
    assert limit.wait(failures[: limit.free - 1], NOW) == timedelta()


@given(moments, limits)
def test_the_order_of_failures_does_not_matter(failures: list[datetime], limit: throttle.Limit):
    assert limit.wait(failures, NOW) == limit.wait(sorted(failures), NOW)


def test_somebody_who_never_rests_gets_some_dozen_tries_an_hour():
    failures: list[datetime] = []
    now = NOW
    while now < NOW + timedelta(hours=24):
        wait = ACCOUNT.wait(failures, now)
        if wait:
            now += wait
        else:
            failures.append(now)
            now += timedelta(seconds=1)
    assert len(failures) < 24 * 12


def fail(client: Any, email: str, times: int) -> Any:
    answer = None
    for _time in range(times):
        answer = try_sign_in(client, email, "wrong")
    return answer


def test_the_sixth_try_waits_and_the_wait_ends(app: Flask, cast: Cast, browser: Any):
    give_password(app, cast.manager)
    with time_machine.travel(NOW, tick=False) as clock:
        assert fail(browser(), cast.manager.email, 5).status_code == 422
        held = try_sign_in(browser(), cast.manager.email)
        assert held.status_code == 429
        assert held.headers["Retry-After"] == "60"
        assert "Try again in 1 minute" in held.text
        assert cast.manager.email in held.text
        clock.shift(59)
        assert "Try again in 1 second" in try_sign_in(browser(), cast.manager.email).text
        clock.shift(1)
        assert try_sign_in(browser(), cast.manager.email).status_code == 303
        # Having come in, one starts afresh.
        assert fail(browser(), cast.manager.email, 5).status_code == 422


def test_it_waits_for_accounts_that_do_not_exist_alike(app: Flask, cast: Cast, browser: Any):
    give_password(app, cast.manager)
    with time_machine.travel(NOW, tick=False):
        answers = [fail(browser(), email, 6) for email in (cast.manager.email, "nobody@nowhere.example")]
    assert {answer.status_code for answer in answers} == {429}
    assert len({answer.headers["Retry-After"] for answer in answers}) == 1


def test_the_waiting_are_not_counted(app: Flask, cast: Cast, browser: Any):
    with time_machine.travel(NOW, tick=False):
        fail(browser(), cast.manager.email, 30)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 2 * 5


def test_a_known_browser_is_not_kept_out_by_strangers(app: Flask, cast: Cast, browser: Any):
    give_password(app, cast.manager)
    with time_machine.travel(NOW, tick=False):
        known = browser()
        assert try_sign_in(known, cast.manager.email).status_code == 303
        known.post("/sign-out")
        assert fail(browser(), cast.manager.email, 6).status_code == 429
        assert try_sign_in(known, cast.manager.email).status_code == 303
        # It opens nothing on its own, and it too is slowed down.
        known.post("/sign-out")
        assert fail(known, cast.manager.email, 6).status_code == 429


@pytest.mark.parametrize("token", ["", ".", "a.b", "ż.ź", "x" * 5000])
def test_a_made_up_token_is_a_stranger(app: Flask, cast: Cast, browser: Any, token: str):
    with app.test_request_context():
        subject = throttle._account_subject("maria@alfa.example", token)
        assert subject == throttle._account_subject("maria@alfa.example", "")
        real = throttle.device_token("maria@alfa.example")
        assert throttle._account_subject("maria@alfa.example", real) != subject
        # Somebody else's token is worth nothing here.
        assert throttle._account_subject("tomek@alfa.example", real) == throttle._account_subject(
            "tomek@alfa.example", ""
        )


def test_one_address_is_slowed_down_over_all_accounts(app: Flask, cast: Cast, browser: Any):
    client = browser()
    with time_machine.travel(NOW, tick=False):
        for number in range(50):
            assert try_sign_in(client, f"person{number}@firma.example", "wrong").status_code == 422
        assert try_sign_in(client, "another@firma.example", "wrong").status_code == 429
        elsewhere = client.post(
            "/sign-in",
            data={"email": "another@firma.example", "password": "x"},
            environ_base={"REMOTE_ADDR": "10.1.2.3"},
        )
        assert elsewhere.status_code == 422


def test_an_ipv6_household_is_one_address():
    assert throttle._network("2001:db8:1:2::1") == throttle._network("2001:db8:1:2:ffff::9")
    assert throttle._network("2001:db8:1:2::1") != throttle._network("2001:db8:1:3::1")
    assert throttle._network("10.0.0.1") == "10.0.0.1"
    assert throttle._network("") == ""


def test_many_tries_at_the_same_moment_are_all_counted(app: Flask, cast: Cast, browser: Any):
    give_password(app, cast.manager)
    clients = [browser() for _ in range(12)]
    start = threading.Barrier(len(clients))
    statuses: list[int] = []

    def guess(client: Any) -> None:
        start.wait()
        statuses.append(try_sign_in(client, cast.manager.email, "wrong").status_code)

    threads = [threading.Thread(target=guess, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [422] * 5 + [429] * 7


def test_old_failures_are_swept(app: Flask, cast: Cast, browser: Any):
    with time_machine.travel(NOW, tick=False) as clock:
        fail(browser(), cast.manager.email, 3)
        clock.shift(timedelta(hours=1, seconds=1))
        fail(browser(), "other@firma.example", 1)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 2


def test_the_sentence_counts_in_minutes_and_seconds(app: Flask):
    with app.test_request_context():
        assert "in 1 second," in throttle.in_words(1)
        assert "in 59 seconds," in throttle.in_words(59)
        assert "in 1 minute," in throttle.in_words(60)
        assert "in 2 minutes," in throttle.in_words(61)


def test_a_password_longer_than_any_is_refused_before_the_work(app: Flask, cast: Cast, browser: Any):
    answer = try_sign_in(browser(), cast.manager.email, "x" * 100_000)
    assert answer.status_code == 422
    assert PASSWORD not in answer.text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 0
