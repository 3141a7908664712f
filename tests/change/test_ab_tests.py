"""A/B tests: states by the day, a verdict that needs results, and their pages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask

from program.change import ab_tests
from program.change.ab_tests import AbState, state_on
from program.ground.errors import Forbidden, Invalid, NotFound
from tests.cast import Cast

AT = "/p/ALFA/change/ideas/tests"
GOOD = {
    "hypothesis": "If agents see the last call, repeat calls fall",
    "metric": "repeat calls within 7 days, %",
    "group_a": "Evening shift",
    "group_b": "Night shift",
    "starts_on": date(2026, 3, 9),
    "ends_on": date(2026, 3, 20),
}


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(datetime(2026, 3, 12, 11, 0, tzinfo=UTC), tick=False):
        yield


@pytest.mark.usefixtures("context")
class TestVerbs:
    @pytest.mark.parametrize(
        ("day", "verdict", "state"),
        [
            (date(2026, 3, 8), "", AbState.PLANNED),
            (date(2026, 3, 9), "", AbState.RUNNING),
            (date(2026, 3, 20), "", AbState.RUNNING),
            (date(2026, 3, 21), "", AbState.LATE),
            (date(2026, 3, 21), "better", AbState.DECIDED),
        ],
    )
    def test_the_state_follows_from_the_day(self, cast: Cast, day: date, verdict: str, state: AbState):
        results = {"result_a": "12 %", "result_b": "9 %", "verdict": verdict} if verdict else {}
        test = ab_tests.add_test(cast.contributor.actor, cast.program_id, {**GOOD, **results})
        assert state_on(test, day) is state

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"hypothesis": ""}, "hypothesis"),
            ({"metric": "x" * 121}, "metric"),
            ({"group_b": " "}, "group_b"),
            ({"ends_on": date(2026, 3, 8)}, "ends_on"),
            ({"starts_on": None}, "starts_on"),
            ({"ends_on": date(9999, 1, 1)}, "ends_on"),
            ({"verdict": "great"}, "verdict"),
            ({"verdict": "better"}, "result_a"),
            ({"idea_number": 12}, "idea_number"),
        ],
    )
    def test_what_cannot_be_is_refused(self, cast: Cast, changed: dict[str, Any], field: str):
        with pytest.raises(Invalid) as caught:
            ab_tests.add_test(cast.manager.actor, cast.program_id, {**GOOD, **changed})
        assert field in caught.value.fields

    def test_who_may(self, cast: Cast):
        with pytest.raises(Forbidden):
            ab_tests.add_test(cast.viewer.actor, cast.program_id, GOOD)
        with pytest.raises(NotFound):
            ab_tests.add_test(cast.stranger.actor, cast.program_id, GOOD)


def form(**changed: Any) -> dict[str, Any]:
    return {**{name: str(value) for name, value in GOOD.items()}, **changed}


def test_the_pages(app: Flask, cast: Cast, browser: Any):
    client = browser(cast.contributor)
    assert "No tests yet" in client.get(AT).text
    assert client.post(f"{AT}/new", data=form(starts_on="2026-02-30")).status_code == 422
    made = client.post(f"{AT}/new", data=form())
    assert made.status_code == 303
    assert "1 test is running." in client.get(AT).text
    assert "It runs until" in client.get(made.location).text
    edit = f"{made.location}/edit"
    assert client.post(edit, data=form(verdict="better", revision="1")).status_code == 422
    decided = form(verdict="better", result_a="12 %", result_b="9 %", conclusion="Keep B.", revision="1")
    assert client.post(edit, data=decided).status_code == 303
    assert "B is better: 9 % against 12 %." in client.get(made.location).text
    assert client.post(edit, data=decided).status_code == 409
    assert "goes" in client.post(f"{made.location}/remove").text
    gone = client.post(f"{made.location}/remove", data={"confirmed": "1", "revision": "2"})
    assert gone.status_code == 303
    assert browser(cast.viewer).get(f"{AT}/new").status_code == 403
