"""A program with all its rooms out of one instance and into another: nothing lost, nothing said that must not be."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from program.extensions import db
from program.ground.actor import Origin, system
from program.ground.errors import Invalid
from program.kpis.models import FiscalYear, IndexValue
from program.planning import portable, portable_rooms
from program.planning.models import Program
from tests.cast import Cast
from tests.demo import fill

ACTOR = system(Origin.CLI)
Document = dict[str, Any]


def test_of_every_table_of_a_program_it_is_said_whether_it_goes_along(app: Flask) -> None:
    """A new table fails here until its room says in `portable.py` that it is carried, or why it stays."""
    unspoken = portable_rooms.unspoken_for(db.metadata.tables.values())
    assert sorted(set(unspoken) - portable.TABLES_OF_PLANNING) == []
    carried = {one.name for room in portable_rooms.rooms() for one in room.carried}
    assert carried & set(portable_rooms.left()) == set()
    assert all(len(reason) > 10 for reason in portable_rooms.left().values())


def rows_without_refs(document: Document) -> dict[str, Counter[str]]:
    """What the rooms' rows say, apart from what names other rows, and from what arrives otherwise on purpose."""
    found: dict[str, Counter[str]] = {}
    for room in portable_rooms.rooms():
        for one in room.carried:
            refs = {key for key, column in one.keys.items() if column.foreign_keys or key == "ref"}
            people = {key for key, column in one.keys.items() if portable_rooms.target_of(column) == "person"}
            left = (refs - people) | set(one.becomes) | set(one.inside)
            found[one.name] = Counter(
                json.dumps({key: value for key, value in row.items() if key not in left}, sort_keys=True)
                for row in document["rooms"][room.name][one.name]
                if one.comes_in(row)
            )
    return found


def index_of(program_id: int) -> list[tuple[Any, ...]]:
    return [
        (row.week, row.value, [{**part, "kpi": None} for part in row.parts])
        for row in db.session.execute(
            select(IndexValue.week, IndexValue.value, IndexValue.parts)
            .where(IndexValue.program_id == program_id)
            .order_by(IndexValue.week)
        )
    ]


def broken(document: Document, change: Callable[[Document], object]) -> bytes:
    found = copy.deepcopy(document)
    change(found)
    return json.dumps(found).encode()


CHANGES: list[tuple[Callable[[Document], object], str]] = [
    (lambda d: d.update(rooms=[]), "rooms"),
    (lambda d: d["rooms"].update(cellar={}), "rooms.cellar"),
    (lambda d: d["rooms"]["kpis"].update(kpi_source=[]), "rooms.kpis.kpi_source"),
    (lambda d: d["rooms"]["pulse"].update(survey_open_answer=[]), "rooms.pulse.survey_open_answer"),
    (lambda d: d["rooms"]["kpis"].update(kpi={}), "rooms.kpis.kpi"),
    (lambda d: d["rooms"]["kpis"]["kpi"].append(7), "rooms.kpis.kpi[7]"),
    (lambda d: d["rooms"]["kpis"]["kpi"][0].update(revision=3), "rooms.kpis.kpi[0].revision"),
    (lambda d: d["rooms"]["kpis"]["kpi"][0].update(unit="ells"), "rooms.kpis.kpi[0].unit"),
    (lambda d: d["rooms"]["kpis"]["kpi"][0].update(every="hour"), "rooms.kpis.kpi[0].every"),
    (lambda d: d["rooms"]["kpis"]["kpi"][0].update(code="X" * 21), "rooms.kpis.kpi[0].code"),
    (lambda d: d["rooms"]["kpis"]["kpi"][1].update(ref=d["rooms"]["kpis"]["kpi"][0]["ref"]), "rooms.kpis.kpi[1].ref"),
    (lambda d: d["rooms"]["kpis"]["kpi"][0].update(decimals=9), "rooms.kpis.kpi[0]"),
    (lambda d: d["rooms"]["kpis"]["kpi_reading"][0].update(value=4.5), "rooms.kpis.kpi_reading[0].value"),
    (lambda d: d["rooms"]["kpis"]["kpi_reading"][0].update(value="NaN"), "rooms.kpis.kpi_reading[0].value"),
    (lambda d: d["rooms"]["kpis"]["kpi_reading"][0].update(kpi=987654), "rooms.kpis.kpi_reading[0].kpi"),
    (
        lambda d: d["rooms"]["kpis"]["kpi_reading"].append(dict(d["rooms"]["kpis"]["kpi_reading"][0])),
        "rooms.kpis.kpi_reading[480]",
    ),
    (lambda d: d["rooms"]["pulse"]["survey"][0].update(cadence={"unit": "week"}), "rooms.pulse.survey[0].cadence"),
    (lambda d: d["rooms"]["steering"]["risk"][0].update(probability=6), "rooms.steering.risk[0]"),
    (lambda d: d["rooms"]["team"]["raci_mark"][0].update(letter="Z"), "rooms.team.raci_mark[0].letter"),
    (lambda d: d["rooms"]["team"]["assignment"][0].update(person=None), "rooms.team.assignment[0].person"),
]


@pytest.fixture
def demo(app: Flask, kept: Path) -> None:
    """The demo in Polish."""
    fill(app, "pl", kept)


def test_a_program_goes_round_with_all_its_rooms(demo: None, cast: Cast, context: None) -> None:
    first = db.session.scalars(select(Program).where(Program.key == "PRZ")).one()
    db.session.add(FiscalYear(program_id=first.id, begins=4))
    db.session.flush()
    text = json.dumps(portable.export_program(ACTOR, first.id))
    document = json.loads(text)
    # Nothing of an answer, and no secret, is in the file.
    assert not {"survey_open_answer", "survey_comment", "survey_result"} & set(document["rooms"]["pulse"])
    assert not any(word in text for word in ("token_hash", "secret", "passcode", "password"))

    imported = portable.import_program(ACTOR, text.encode(), "COPY")
    again = json.loads(json.dumps(portable.export_program(ACTOR, imported.program.id)))
    # Options go with their request, and a decided one stays.
    steering = document["rooms"]["steering"]
    decided = {row["ref"] for row in steering["decision_request"] if row["state"] == "decided"}
    arriving = [row for row in steering["decision_option"] if row["request"] not in decided]
    assert 0 < len(arriving) < len(steering["decision_option"])
    expected = {**document["rooms"], "steering": {**steering, "decision_option": arriving}}
    assert rows_without_refs(again) == rows_without_refs({"rooms": expected})
    assert not any("left out" in note for note in imported.notes), imported.notes
    assert db.session.get_one(FiscalYear, imported.program.id).begins == 4
    assert index_of(imported.program.id) == index_of(first.id) != []
    assert [row["state"] for row in again["rooms"]["pulse"]["survey"]] == ["draft"]
    assert {row["state"] for row in again["rooms"]["steering"]["decision_request"]} == {"draft"}

    # Somebody without an account: what hangs on them is left out and told, the rest arrives.
    emails = {row["person"] for row in document["rooms"]["team"]["assignment"]}
    stranger = sorted(emails)[0]
    held = sum(row["person"] == stranger for row in document["rooms"]["team"]["assignment"])
    without = portable.import_program(ACTOR, text.replace(stranger, "gone@elsewhere.example").encode(), "OTHER")
    assert any(f"assignment {held}" in note for note in without.notes), without.notes

    for change, where in CHANGES:
        with pytest.raises(Invalid) as told, db.session.begin_nested():
            portable.import_program(ACTOR, broken(document, change), "NEW")
        assert any(str(problem).startswith(f"{where}: ") for problem in told.value.rows), (where, told.value.rows)


def test_a_file_of_the_first_version_is_read_as_before(app: Flask, cast: Cast, context: None) -> None:
    document = portable.export_program(cast.manager.actor, cast.program_id)
    del document["rooms"]
    document["version"] = 1
    for row in document["criteria"]:
        del row["ref"]
    assert portable.import_program(ACTOR, json.dumps(document).encode(), "OLD").program.key == "OLD"
