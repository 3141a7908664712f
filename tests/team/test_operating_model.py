"""The operating model: chosen by managers with a reason and a day, changed without losing what was chosen before."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.team import operating_model
from program.team.models import Model, ModelChoice
from tests.cast import Cast

TODAY = date(2026, 4, 15)
AT = "/p/ALFA/team/operating-model"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-04-15T09:00:00+00:00", tick=False):
        yield


def choose(
    cast: Cast, model: str = "hybrid", reason: str = "Shared KPIs", on: date | None = TODAY, seen: int = 0
) -> int:
    return operating_model.choose(cast.manager.actor, cast.program_id, model, reason, on, seen=seen).id


def test_the_last_choice_holds_and_the_earlier_ones_are_the_history(context: None, cast: Cast):
    first = choose(cast, Model.CENTRALISED, "We are ready", date(2026, 3, 2))
    second = choose(cast, Model.HYBRID, "Shops asked for a say", date(2026, 4, 1), seen=first)
    found = operating_model.choices(cast.program_id)
    assert [(one.id, one.model, one.reason) for one in found] == [
        (second, "hybrid", "Shops asked for a say"),
        (first, "centralised", "We are ready"),
    ]
    assert found[0].recorded_by == cast.manager.name
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.verb for entry in entries] == ["operating_model.chosen"] * 2
    assert entries[1].changes["operating_model"] == ["centralised", "hybrid"]


def test_an_older_decision_recorded_late_does_not_displace_the_newer_one(context: None, cast: Cast):
    newer = choose(cast, Model.HYBRID, on=date(2026, 4, 1))
    choose(cast, Model.CENTRALISED, on=date(2026, 3, 1), seen=newer)
    assert operating_model.choices(cast.program_id)[0].model == "hybrid"


def test_who_saw_an_older_choice_is_told(context: None, cast: Cast):
    choose(cast)
    with pytest.raises(Conflict):
        choose(cast, Model.CENTRALISED)
    assert db.session.scalar(select(func.count()).select_from(ModelChoice)) == 1


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("model", {"model": "matrix"}),
        ("reason", {"reason": " \u200b\n"[:1]}),
        ("reason", {"reason": "x" * 2001}),
        ("decided_on", {"on": None}),
        ("decided_on", {"on": date(2026, 4, 16)}),
        ("decided_on", {"on": date(1999, 12, 31)}),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(context: None, cast: Cast, field: str, values: dict[str, Any]):
    with pytest.raises(Invalid) as caught:
        choose(cast, **values)
    assert list(caught.value.fields) == [field]
    assert db.session.scalar(select(func.count()).select_from(ModelChoice)) == 0


@pytest.mark.parametrize(("who", "error"), [("contributor", Forbidden), ("viewer", Forbidden), ("stranger", NotFound)])
def test_only_managers_choose(context: None, cast: Cast, who: str, error: type[Exception]):
    with pytest.raises(error):
        operating_model.choose(getattr(cast, who).actor, cast.program_id, "hybrid", "Because", TODAY, seen=0)


def test_the_page_compares_and_a_manager_chooses(cast: Cast, browser: Any, statements: Any):
    client = browser(cast.manager)
    page = client.get(AT).text
    assert "No model is chosen yet" in page
    assert page.count("<td data-label=") == 18
    form = client.get(f"{AT}/choose").text
    assert re.search(r'name="decided_on"[^>]* value="2026-04-15"', form)
    sent = {"model": "hybrid", "reason": "<b>Both</b> sides\nagreed", "decided_on": "2026-04-10", "seen": "0"}
    answer = client.post(f"{AT}/choose", data=sent)
    assert (answer.status_code, answer.location) == (303, AT)
    with statements() as ran:
        page = client.get(AT).text
    assert len(ran) <= 5
    assert "Chosen: Hybrid, on Fri 10 Apr." in page
    assert "&lt;b&gt;Both&lt;/b&gt; sides" in page
    # A second window that was opened before is told, with what it holds now.
    late = client.post(f"{AT}/choose", data=sent | {"reason": "Typed for long"})
    assert late.status_code == 409
    assert "Typed for long" in late.text
    seen = re.search(r'name="seen"[^>]* value="(\d+)"', late.text)
    assert seen
    again = client.post(f"{AT}/choose", data=sent | {"seen": seen.group(1), "model": "centralised"})
    assert again.status_code == 303
    assert "Earlier choices" in client.get(AT).text


@pytest.mark.parametrize("day", ["2026-02-30", "9999-01-01", "tomorrow", ""])
def test_impossible_days_are_refused_beside_the_field(cast: Cast, browser: Any, day: str):
    client = browser(cast.manager)
    answer = client.post(f"{AT}/choose", data={"model": "hybrid", "reason": "x", "decided_on": day, "seen": "0"})
    assert answer.status_code == 422
    assert 'id="decided_on-error"' in answer.text


def test_readers_compare_and_are_offered_nothing_to_change(cast: Cast, browser: Any):
    page = browser(cast.viewer).get(AT)
    assert page.status_code == 200
    assert "/choose" not in page.text
    assert browser(cast.viewer).get(f"{AT}/choose").status_code == 403


def test_the_history_of_one_program_is_not_another_ones(app: Any, cast: Cast):
    with app.app_context(), database.transaction():
        choose(cast)
        assert operating_model.choices(cast.program_id + 1) == []
