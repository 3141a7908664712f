"""The audit trail in words: every verb has a sentence, values are people's words, and nothing unknown breaks it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from program.extensions import db
from program.ground import audit
from program.planning import history_text, items
from program.planning.items import ItemDraft
from program.planning.models import Phase
from tests.cast import Cast

DAY = date(2026, 3, 2)


@pytest.fixture
def names(context: None) -> history_text.Names:
    return history_text.Names(
        people={7: "Maria Zielińska"}, phases={3: "Pilot"}, roles={"data_analyst": "Data analyst"}
    )


def said(verb: str, changes: dict[str, Any], names: history_text.Names) -> list[tuple[str, str | None, str | None]]:
    return [(one.label, one.before, one.after) for one in history_text.details(verb, changes, names)]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("verb", "changes", "expected"),
    [
        ("item.changed", {"owner_id": [None, 7]}, ("Owner", "—", "Maria Zielińska")),
        ("item.changed", {"owner_id": [7, 8]}, ("Owner", "Maria Zielińska", "somebody")),
        ("item.changed", {"phase_id": [3, None]}, ("Phase", "Pilot", "—")),
        ("item.changed", {"phase_id": [3, 4]}, ("Phase", "Pilot", "a phase that is gone")),
        ("item.changed", {"due_on": ["2031-03-12", None]}, ("Due", "Wed 12 Mar 2031", "—")),
        ("item.changed", {"status": ["todo", "blocked"]}, ("Status", "To do", "Blocked")),
        ("item.changed", {"required": [False, True]}, ("Required", "no", "yes")),
        ("item.changed", {"priority": [2, 4]}, ("Priority", "Normal", "Urgent")),
        ("item.changed", {"role": ["", "data_analyst"]}, ("Role", "—", "Data analyst")),
        ("item.tagged", {"tags": [["a"], ["a", "b"]]}, ("Tags", "a", "a, b")),
        ("item.changed", {"description": ["", "word " * 40]}, ("Description", None, None)),
        ("item.changed", {"title": ["2026-99-99", "Other"]}, ("Title", "2026-99-99", "Other")),
        ("member.changed", {"access": [1, 3]}, ("Access", "Viewer", "Manager")),
        ("item.created", {"due_on": [None, "2031-03-12"], "title": [None, "X"]}, ("Due", None, "Wed 12 Mar 2031")),
        (
            "kpi.targets_set",
            {"targets": [[], ["2031-03-12: rise_by 15"]]},
            ("Targets", "—", "15% more by Wed 12 Mar 2031"),
        ),
        ("kpi.changed", {"deputy_id": [None, 7]}, ("Deputy", "—", "Maria Zielińska")),
        ("risk.changed", {"state": ["open", "happened"]}, ("State", "Open", "Happened")),
        ("risk.changed", {"outcome": ["", "It was found."]}, ("What became of it", "—", "It was found.")),
        ("decision.opened", {"state": ["draft", "open"]}, ("State", "Draft", "Before the committee")),
        ("pulse_comments.sorted", {"tools": [0, 2]}, ("Tools", "0", "2")),
        ("strange.verb", {"odd_thing": "not a pair"}, ("odd thing", "—", "not a pair")),
    ],
)
def test_a_change_is_told_in_words(
    names: history_text.Names, verb: str, changes: dict[str, Any], expected: tuple[str, str | None, str | None]
) -> None:
    assert said(verb, changes, names) == [expected]


def test_order_and_shadows_are_left_out(names: history_text.Names) -> None:
    assert said("phase.changed", {"position": [1, 2], "title_folded": ["a", "b"]}, names) == []


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("verb", "changes", "sentence"),
    [
        ("item.changed", {"status": ["todo", "done"]}, "“X 100%” is done"),
        ("item.changed", {"status": ["done", "doing"]}, "“X 100%” opened again"),
        ("item.changed", {"title": ["Y", "X"]}, "Item “X 100%” changed"),
        ("phase.moved", {}, "Phase “X 100%” moved"),
        ("item.vanished_into_air", {}, "Item “X 100%” changed"),
        ("story.told", {}, "“X 100%” changed"),
    ],
)
def test_every_verb_has_a_sentence(context: None, verb: str, changes: dict[str, Any], sentence: str) -> None:
    assert history_text.title(verb, "X 100%", changes) == sentence


def test_the_history_of_an_item_names_people_and_phases_in_few_statements(
    app: Flask, cast: Cast, context: None, statements: Any
) -> None:
    phase = Phase(program_id=cast.program_id, position=1, name="Pilot", planned_start=DAY, planned_end=DAY)
    db.session.add(phase)
    db.session.flush()
    item = items.add_item(cast.manager.actor, cast.program_id, ItemDraft("Name the pilot group", phase_id=phase.id))
    items.change_item(cast.contributor.actor, item, {"status": "done", "owner_id": cast.contributor.id}, seen=1)
    audit.record(cast.manager.actor, "item.untold", object_id=item.id, name=item.title, program_id=cast.program_id)
    db.session.flush()
    with statements() as ran:
        found = history_text.history_of("item", item.id)
    assert len(ran) <= 2
    assert [(line.who, line.title) for line in found] == [
        ("Maria Zielińska", "Item “Name the pilot group” changed"),
        ("Tomek Wójcik", "“Name the pilot group” is done"),
        ("Maria Zielińska", "Item “Name the pilot group” added"),
    ]
    assert [(one.label, one.after) for one in found[2].details] == [("Phase", "Pilot")]
    assert found[0].origin == "on the web"


@pytest.mark.one_database
def test_what_is_named_by_its_day_is_named_as_people_write_days(names: history_text.Names):
    assert history_text.title("report.sent", "2031-03-10", {}) == "Status report of the week of Mon 10 Mar 2031 sent"
    assert said("report.changed", {"text": [None, "pl"]}, names) == [("Text", "—", "Polski")]
