"""`milepost doctor` finds what is wrong, says it in a sentence, changes nothing, and exits with 1 on trouble."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import text, update

from program.cli import main
from program.cli.doctor import TROUBLE, WARNING, examine
from program.clock import due
from program.extensions import db
from program.ground import database
from program.ground.now import utc_now
from program.outbox.messages import tell
from program.outbox.models import Message
from program.planning.dependencies import add_dependency
from program.planning.items import ItemDraft, add_item
from program.planning.models import Dependency, GateDecision, Program, WorkItem
from program.planning.models.items import Kind
from program.settings import Settings
from tests.cast import Cast, make_program
from tests.outbox.conftest import DIRECT
from tests.planning.builder import Alfa, build_alfa
from tests.planning.test_decisions import take


@pytest.fixture
def settings(app: Flask, tmp_path: Path) -> Settings:
    """Settings on the test's database with an instance folder of its own."""
    with app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
    return Settings(database_url=url, instance=str(tmp_path / "instance"))


@pytest.fixture
def alfa(app: Flask, cast: Cast) -> Alfa:
    """Program ALFA with two decisions, committed."""
    with app.app_context(), database.transaction():
        built = build_alfa(cast)
        take(built)
        take(built, place=1)
        return built


def of_state(settings: Settings, state: str) -> dict[str, str]:
    return {finding.check: finding.sentence for finding in examine(settings) if finding.state == state}


def run(monkeypatch: pytest.MonkeyPatch, settings: Settings, *arguments: str):
    monkeypatch.setenv("MILEPOST_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("MILEPOST_INSTANCE", settings.instance)
    return CliRunner().invoke(main, ["doctor", *arguments])


def test_a_sound_instance(alfa: Alfa, settings: Settings, monkeypatch):
    assert of_state(settings, TROUBLE) == {}
    answer = run(monkeypatch, settings)
    assert answer.exit_code == 0, answer.output
    assert "2 decisions of 1 programs are as they were recorded." in answer.output
    assert answer.output.rstrip().endswith("Everything is sound.")
    assert not Path(settings.instance).exists()


def test_a_changed_record_is_trouble(app: Flask, alfa: Alfa, settings: Settings, monkeypatch):
    with app.app_context(), database.transaction():
        db.session.execute(update(GateDecision).where(GateDecision.sequence == 1).values(reason="Other"))
    answer = run(monkeypatch, settings, "--json")
    assert answer.exit_code == 1
    told = json.loads(answer.output)
    assert told["sound"] is False
    assert [(finding["check"], finding["state"]) for finding in told["findings"] if finding["state"] == TROUBLE] == [
        ("evidence", TROUBLE)
    ]
    assert "ALFA, record 1" in run(monkeypatch, settings).output


def test_rows_that_do_not_agree_are_trouble(app: Flask, alfa: Alfa, settings: Settings):
    with app.app_context(), database.transaction():
        item = add_item(alfa.manager, alfa.id, ItemDraft("Lost", phase_id=alfa.phases[0]))
        after = add_item(alfa.manager, alfa.id, ItemDraft("After", phase_id=alfa.phases[0]))
        add_dependency(alfa.manager, alfa.id, after, add_item(alfa.manager, alfa.id, ItemDraft("Before")))
        other = make_program("BETA", "Beta")
        db.session.execute(
            update(WorkItem).where(WorkItem.id == item.id).values(program_id=other.id, kind=Kind.CONDITION.value)
        )
        # As if the triggers had been lost.
        db.session.execute(update(Dependency).values(before_open=False))
    sentences = [finding.sentence for finding in examine(settings) if finding.check == "rows"]
    assert sentences == [
        "1 dependencies that do not know how their items stand.",
        "1 items in a phase of another program.",
        "1 conditions that no decision asked for.",
        "1 items whose number is still to be given out.",
    ]


def test_a_program_without_a_manager_is_a_warning(app: Flask, alfa: Alfa, settings: Settings):
    with app.app_context(), database.transaction():
        make_program("BETA", "Beta")
    assert of_state(settings, WARNING)["managers"] == "Running programs without a manager: BETA."


def test_no_clock_and_stuck_messages_are_warnings(app: Flask, alfa: Alfa, settings: Settings):
    assert of_state(settings, WARNING)["clock"] == "No clock runs: nothing goes out and nothing is done on time."
    with app.app_context(), database.transaction():
        due.say_alive(utc_now())
        tell([alfa.cast.manager.id], DIRECT, {"n": 1}, key="one")
        db.session.execute(update(Message).values(state="failed"))
    assert of_state(settings, WARNING)["messages"] == "1 failed, or are of unknown fate."
    assert of_state(settings, "ok")["clock"] == "1 running."


def test_rows_without_their_parents_are_trouble_on_sqlite(app: Flask, alfa: Alfa, settings: Settings):
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("PostgreSQL does not let this happen")
        raw = db.engine.raw_connection()
        try:
            raw.execute("PRAGMA foreign_keys=OFF")
            raw.execute("UPDATE gate_criterion SET gate_id = 999999")
            raw.execute("PRAGMA foreign_keys=ON")
        finally:
            raw.close()
    assert of_state(settings, TROUBLE)["foreign keys"] == "Rows point to rows that are gone: 1 in gate_criterion."
    with app.app_context(), database.transaction():
        db.session.execute(text("DELETE FROM gate_criterion"))


def test_missing_migrations_are_told_first(app: Flask, alfa: Alfa, settings: Settings):
    with app.app_context(), database.transaction():
        before = db.session.scalar(text("SELECT version_num FROM alembic_version"))
        db.session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    try:
        findings = examine(settings)
        assert findings[-1].check == "migrations"
        assert findings[-1].state == TROUBLE
        assert findings[-1].todo == "Run: milepost upgrade"
    finally:
        with app.app_context(), database.transaction():
            db.session.execute(text("UPDATE alembic_version SET version_num = :before"), {"before": before})


def test_a_database_that_is_not_there_is_told_and_not_made(tmp_path: Path, monkeypatch):
    settings = Settings(instance=str(tmp_path / "nowhere"))
    assert of_state(settings, TROUBLE)["database"].startswith("There is no database at ")
    assert not (tmp_path / "nowhere").exists()
    assert run(monkeypatch, settings).exit_code == 1


def test_a_server_that_does_not_answer_is_told():
    settings = Settings(database_url="postgresql://nobody@127.0.0.1:1/none")
    assert of_state(settings, TROUBLE)["database"].startswith("The database does not answer")


@pytest.mark.parametrize(
    ("mode", "content", "state"), [(0o600, "k" * 64, "ok"), (0o644, "k" * 64, TROUBLE), (0o600, "", TROUBLE)]
)
def test_the_kept_secret_is_only_its_owners(settings: Settings, cast: Cast, mode: int, content: str, state: str):
    folder = Path(settings.instance)
    folder.mkdir()
    (folder / "secret_key").write_text(content)
    (folder / "secret_key").chmod(mode)
    assert next(finding.state for finding in examine(settings) if finding.check == "secret key") == state


def test_a_short_secret_is_a_warning_and_an_open_folder_trouble(tmp_path: Path):
    folder = tmp_path / "instance"
    folder.mkdir()
    folder.chmod(0o777)
    settings = Settings(secret_key="short", instance=str(folder))
    found = {finding.check: finding.state for finding in examine(settings)}
    assert (found["secret key"], found["instance folder"]) == (WARNING, TROUBLE)


def test_the_program_row_is_left_as_it_was(app: Flask, alfa: Alfa, settings: Settings):
    with app.app_context():
        before = db.session.get(Program, alfa.id).revision
    examine(settings)
    with app.app_context():
        assert db.session.get(Program, alfa.id).revision == before
