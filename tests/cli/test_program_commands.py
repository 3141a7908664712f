"""`milepost program`: from the console, with sentences instead of tracebacks, and whole programs carried as files."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select

from program.cli import main
from program.extensions import db
from program.ground import database
from program.ground.errors import Invalid
from program.people.models import Membership
from program.planning import comments, dependencies, evidence, items, portable, programs
from program.planning.models import Comment, Dependency, EvidenceLink, GateDecision, ItemTag, Phase, Program, WorkItem
from program.planning.models.items import Kind
from tests.cast import Cast
from tests.planning.plan_parts import make_parts


@pytest.fixture
def milepost(app: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command on the tests' database."""
    monkeypatch.setenv("MILEPOST_DATABASE_URL", database_url)
    monkeypatch.setenv("MILEPOST_SECRET_KEY", "a key for tests only")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["program", *arguments])

    return run


@pytest.fixture
def exported(app: Flask, cast: Cast) -> dict[str, Any]:
    """Program ALFA with a little of everything, exported."""
    actor = cast.manager.actor
    with app.app_context(), database.transaction():
        parts = make_parts(cast)
        early, late = parts.items["early"], parts.items["late"]
        items.set_tags(actor, early, ["people", "pilot"])
        items.change_item(actor, early, {"owner_id": cast.contributor.id}, seen=early.revision)
        items.change_item(actor, late, {"status": "blocked", "status_reason": "No data"}, seen=late.revision)
        comments.add_comment(actor, early, "Ask **Tomek**")
        evidence.add_evidence(actor, early, "https://wiki.example/pilot", "Wiki")
        dependencies.add_dependency(actor, cast.program_id, late, early)
        decision = GateDecision(
            program_id=cast.program_id,
            gate_id=parts.gate.id,
            sequence=1,
            outcome="conditional_go",
            reason="Nearly",
            record="{}",
            previous_hash="",
            hash="h",
        )
        db.session.add(decision)
        db.session.flush()
        parts.items["next"].kind = Kind.CONDITION.value
        parts.items["next"].decision_id = decision.id
        db.session.flush()
        document = portable.export_program(actor, cast.program_id)
    return json.loads(json.dumps(document))  # type: ignore[no-any-return]


def count(model: Any, program_id: int) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(model.program_id == program_id)) or 0


def test_a_program_is_created_listed_and_shown(app: Flask, cast: Cast, milepost: Callable[..., Result]) -> None:
    made = milepost(
        "new",
        "--name",
        "Beta",
        "--playbook",
        "rollout",
        "--start",
        "2026-03-02",
        "--manager",
        cast.viewer.email,
        "--json",
    )
    assert made.exit_code == 0, made.output
    facts = json.loads(made.output)
    assert (facts["key"], facts["starts_on"], facts["country"]) == ("BETA", "2026-03-02", "PL")
    assert [phase["name"] for phase in facts["phases"]][:2] == ["Discovery", "Pilot"]
    assert facts["phases"][0]["gates"]
    with app.app_context():
        program = db.session.scalars(select(Program).where(Program.key == "BETA")).one()
        assert (
            db.session.scalar(select(Membership.person_id).where(Membership.program_id == program.id)) == cast.viewer.id
        )
    listed = json.loads(milepost("list", "--json").output)
    assert [row["key"] for row in listed] == ["ALFA", "BETA"]
    assert "BETA" in milepost("list").output
    assert json.loads(milepost("show", "beta", "--json").output) == facts
    assert "gate: " in milepost("show", "BETA").output


def test_without_options_it_starts_empty_next_monday(cast: Cast, milepost: Callable[..., Result]) -> None:
    made = milepost("new", "--name", "Gamma Delta")
    assert made.exit_code == 0, made.output
    facts = json.loads(milepost("show", "GD", "--json").output)
    assert date.fromisoformat(facts["starts_on"]) > date.today()
    assert facts["phases"] == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("new", "--name", "X", "--key", "ALFA"), "Another program has this key already."),
        (("new", "--name", "X", "--key", "1"), "Two to ten letters"),
        (("new", "--name", ""), "Give it a name."),
        (("new", "--name", "Nice", "--playbook", "none"), "Choose one from the list."),
        (("new", "--name", "Nice", "--start", "2026-02-30"), "does not match"),
        (("new", "--name", "Nice", "--manager", "who@x.example"), "Nobody has the e-mail"),
        (("show", "NOPE"), "There is nothing here"),
        (("export", "NOPE"), "There is nothing here"),
        (("import", "no-such-file.json", "--key", "NEW"), "No such file"),
    ],
)
def test_refusals_are_sentences(
    cast: Cast, milepost: Callable[..., Result], arguments: tuple[str, ...], told: str
) -> None:
    result = milepost(*arguments)
    assert result.exit_code != 0
    assert told in result.output
    assert "Traceback" not in result.output


def test_an_empty_instance_says_what_to_do(app: Flask, milepost: Callable[..., Result]) -> None:
    assert "milepost program new" in milepost("list").output
    assert json.loads(milepost("list", "--json").output) == []


def test_a_whole_program_goes_out_and_comes_in(
    app: Flask, cast: Cast, exported: dict[str, Any], milepost: Callable[..., Result], tmp_path: Path
) -> None:
    file = tmp_path / "alfa.json"
    assert milepost("export", "alfa", "--output", str(file)).exit_code == 0
    assert json.loads(file.read_text(encoding="utf-8")) == exported
    assert json.loads(milepost("export", "ALFA").output) == exported
    taken = milepost("import", str(file), "--key", "copy", "--name", "The copy", "--manager", cast.manager.email)
    assert taken.exit_code == 0, taken.output
    assert "COPY is here: The copy." in taken.output
    assert "1 decision stays" in taken.output
    assert "1 condition of a gate became a required item" in taken.output
    with app.app_context():
        copied = db.session.scalars(select(Program).where(Program.key == "COPY")).one()
        for model in (Phase, WorkItem, Comment, Dependency, ItemTag):
            assert count(model, copied.id) == count(model, cast.program_id), model
        early = db.session.scalars(
            select(WorkItem).where(WorkItem.program_id == copied.id, WorkItem.title == "Name the pilot group")
        ).one()
        assert early.owner_id == cast.contributor.id
        assert db.session.scalars(select(EvidenceLink.url).where(EvidenceLink.item_id == early.id)).all() == [
            "https://wiki.example/pilot"
        ]
        assert count(GateDecision, copied.id) == 0
        condition = db.session.scalars(
            select(WorkItem).where(WorkItem.program_id == copied.id, WorkItem.title == "Migrate history")
        ).one()
        assert (condition.kind, condition.required) == ("item", True)
        assert copied.next_number == max(row["number"] for row in exported["items"]) + 1
        again = json.loads(json.dumps(portable.export_program(cast.admin.actor, copied.id)))
    assert shape(again) == shape(exported)


def shape(document: dict[str, Any]) -> dict[str, list[str]]:
    """The rows without refs and without what an import changes on purpose."""
    left_out = {"ref", "phase", "block", "gate", "item", "predecessor", "successor", "kind", "required"}
    return {
        section: sorted(json.dumps({name: row[name] for name in row if name not in left_out}) for row in rows)
        for section, rows in document.items()
        if isinstance(rows, list) and section != "decisions"
    }


def test_people_who_are_not_here_are_left_out_and_named(app: Flask, cast: Cast, exported: dict[str, Any]) -> None:
    for item in exported["items"]:
        item["owner"] = "gone@elsewhere.example"
    with app.app_context(), database.transaction():
        imported = portable.import_program(cast.admin.actor, json.dumps(exported).encode(), "NEW")
        assert "gone@elsewhere.example" in imported.notes[0]
        owners = db.session.scalars(select(WorkItem.owner_id).where(WorkItem.program_id == imported.program.id)).all()
        assert set(owners) == {None}


def broken(document: dict[str, Any], change: Callable[[dict[str, Any]], object]) -> bytes:
    found = copy.deepcopy(document)
    change(found)
    return json.dumps(found).encode()


CHANGES: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda d: d.update(format="other"), "format"),
    (lambda d: d.update(version=3), "version"),
    (lambda d: d.update(surprise=1), "surprise"),
    (lambda d: d["program"].update(locale="de"), "program.locale"),
    (lambda d: d["program"].update(starts_on="2026-02-30"), "program.starts_on"),
    (lambda d: d["program"].update(starts_on="9999-01-01"), "program.starts_on"),
    (lambda d: d["program"].pop("name"), "program.name"),
    (lambda d: d.update(phases={}), "phases"),
    (lambda d: d["phases"].append(7), "phases[3]"),
    (lambda d: d["phases"][0].update(name="x" * 121), "phases[0].name"),
    (lambda d: d["phases"][0].update(planned_end="2026-01-01"), "phases[0].planned_end"),
    (lambda d: d["phases"][1].update(ref=d["phases"][0]["ref"]), "phases[1].ref"),
    (lambda d: d["items"][0].update(phase=987654), "items[0].phase"),
    (lambda d: d["items"][0].update(title=" \u202e "), "items[0].title"),
    (lambda d: d["items"][0].update(number=0), "items[0].number"),
    (lambda d: d["items"][0].update(number=-1), "items[0].number"),
    (lambda d: d["items"][0].update(number=10**12), "items[0].number"),
    (lambda d: d["items"][1].update(number=d["items"][0]["number"]), "items[1].number"),
    (lambda d: d["items"][0].update(status="paused"), "items[0].status"),
    (lambda d: d["items"][0].update(status="blocked"), "items[0].status_reason"),
    (lambda d: d["items"][0].update(status="done"), "items[0].done_at"),
    (lambda d: d["items"][0].update(done_at="2026-03-01T10:00:00"), "items[0].done_at"),
    (lambda d: d["items"][0].update(required="yes"), "items[0].required"),
    (lambda d: d["items"][0].update(tags=["x" * 41]), "items[0].tags"),
    (lambda d: d["items"][0].update(block=d["blocks"][1]["ref"], phase=d["phases"][0]["ref"]), "items[0].block"),
    (lambda d: d["items"][0].update(owner=5), "items[0].owner"),
    (lambda d: d["evidence"][0].update(url="javascript:alert(1)"), "evidence[0].url"),
    (lambda d: d["dependencies"].append(dict(d["dependencies"][0])), "dependencies[1]"),
    (
        lambda d: d["dependencies"].append(
            {"predecessor": d["dependencies"][0]["successor"], "successor": d["dependencies"][0]["predecessor"]}
        ),
        "dependencies",
    ),
    (lambda d: d["items"][0].update({"<script>": 1}), "items[0].<script>"),
]


def test_each_problem_is_told_with_its_place_and_nothing_is_written(
    app: Flask, cast: Cast, exported: dict[str, Any]
) -> None:
    with app.app_context():
        database.begin_writing()
        for change, where in CHANGES:
            with pytest.raises(Invalid) as told:
                portable.import_program(cast.admin.actor, broken(exported, change), "NEW")
            assert any(str(problem).startswith(f"{where}: ") for problem in told.value.rows), (where, told.value.rows)
        for source in (b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"format": "milepost-program"}'):
            with pytest.raises(Invalid):
                portable.import_program(cast.admin.actor, source, "NEW")
        assert db.session.scalar(select(func.count()).select_from(Program)) == 1
        db.session.rollback()


def test_problems_are_listed_on_the_console(
    cast: Cast, exported: dict[str, Any], milepost: Callable[..., Result], tmp_path: Path
) -> None:
    file = tmp_path / "broken.json"
    exported["items"][0]["status"] = "paused"
    exported["phases"][0]["name"] = ""
    file.write_text(json.dumps(exported), encoding="utf-8")
    result = milepost("import", str(file), "--key", "NEW")
    assert result.exit_code == 1
    assert "items[0].status: " in result.output
    assert "phases[0].name: " in result.output
    taken = milepost("import", str(file), "--key", "ALFA")
    assert taken.exit_code == 1


def test_a_taken_key_is_told(
    cast: Cast, exported: dict[str, Any], milepost: Callable[..., Result], tmp_path: Path
) -> None:
    file = tmp_path / "alfa.json"
    file.write_text(json.dumps(exported), encoding="utf-8")
    assert "Another program has this key already." in milepost("import", str(file), "--key", "ALFA").output


def test_a_program_from_every_playbook_goes_round(app: Flask, cast: Cast) -> None:
    with app.app_context(), database.transaction():
        wished = programs.NewProgram("Beta", "BETA", "rollout", date(2026, 3, 2), locale="pl")
        first = programs.create_program(cast.manager.actor, wished)
        document = json.dumps(portable.export_program(cast.manager.actor, first.id))
        second = portable.import_program(cast.admin.actor, document.encode(), "BETA2").program
        again = json.dumps(portable.export_program(cast.admin.actor, second.id))
        assert shape(json.loads(again)) == shape(json.loads(document))
