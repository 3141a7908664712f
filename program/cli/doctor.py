"""`milepost doctor`: is this instance sound? Settings, database, migrations, rows that must agree, evidence chains.

Each check answers in one sentence, with what to do when it finds trouble. Nothing is changed, not even made: a missing
database is told, not created. The exit code is 1 when there is trouble; a warning alone leaves it at 0.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
from flask import Flask
from sqlalchemy import ColumnElement, and_, exists, func, or_, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import aliased

from program import create_app
from program.clock.due import SILENCE
from program.clock.models import ClockState
from program.extensions import db
from program.ground import database, schema
from program.ground.actor import Access
from program.ground.now import utc_now
from program.ground.records import record
from program.outbox.models import Message, State
from program.people.models import Membership, Person
from program.planning import gate_evidence
from program.planning.models import Dependency, Gate, GateCriterion, GateDecision, Phase, PhaseBlock, Program, WorkItem
from program.planning.models.items import OPEN_STATUSES, Kind
from program.plugin_api.models import PluginState
from program.plugin_host.host import host
from program.settings import Settings
from program.steering import decision_chain, minutes, report_proofs
from program.steering.models import DecisionOutcome

OK, WARNING, TROUBLE, SKIPPED = "ok", "warning", "trouble", "skipped"
_MARKS = {OK: "ok      ", WARNING: "warning ", TROUBLE: "TROUBLE ", SKIPPED: "skipped "}
SHORTEST_KEY = 32


@record
class Finding:
    """What one check found: its name, `state`, a sentence, and what to do ('' when nothing)."""

    check: str
    state: str
    sentence: str
    todo: str = ""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def doctor(as_json: bool) -> None:
    """Check that this instance is sound: settings, database, migrations, rows, and every chain of evidence."""
    findings = examine(Settings.from_environment())
    sound = all(finding.state != TROUBLE for finding in findings)
    if as_json:
        answer = {"sound": sound, "findings": [asdict(finding) for finding in findings]}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            click.echo(f"{_MARKS[finding.state]}{finding.check}: {finding.sentence}")
            if finding.todo:
                click.echo(f"        {finding.todo}")
        troubles = sum(finding.state == TROUBLE for finding in findings)
        click.echo("Everything is sound." if sound else f"Trouble in {troubles} of {len(findings)} checks.")
    if not sound:
        raise click.exceptions.Exit(1)


def examine(settings: Settings) -> list[Finding]:
    """Every check, in order; those that need the database stop at the first that it cannot answer."""
    findings = [check_secret(settings), check_folder(settings)]
    missing = check_file(settings.resolved_database_url())
    if missing is not None:
        return [*findings, missing]
    # Nothing is signed here, so the real key is not read, and not made where it is missing.
    app = create_app(replace(settings, secret_key="for the doctor only"))  # noqa: S106
    with app.app_context():
        database.begin_reading()
        try:
            findings += check_database(app)
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            findings.append(
                Finding("database", TROUBLE, f"The database does not answer: {reason}", "Check MILEPOST_DATABASE_URL.")
            )
        finally:
            db.session.rollback()
            db.engine.dispose()
    return findings


def check_secret(settings: Settings) -> Finding:
    """The key that signs sessions and links: long enough, and nobody else's to read."""
    if settings.secret_key:
        if len(settings.secret_key) < SHORTEST_KEY:
            return Finding(
                "secret key",
                WARNING,
                f"The configured key has fewer than {SHORTEST_KEY} characters and could be guessed.",
                "Set MILEPOST_SECRET_KEY to a longer random text. Everybody will have to sign in again.",
            )
        return Finding("secret key", OK, "It comes from the environment.")
    path = settings.instance_folder / "secret_key"
    if not path.exists():
        return Finding("secret key", OK, "There is none yet; the first start makes one.")
    if not path.read_text(encoding="ascii", errors="replace").strip():
        return Finding("secret key", TROUBLE, f"{path} is empty.", "Delete it; the next start makes a new one.")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        sentence = f"Others on this machine can read {path} (mode {mode:03o})."
        return Finding("secret key", TROUBLE, sentence, f"Run: chmod 600 {path}")
    return Finding("secret key", OK, "It is kept in the instance folder and only its owner can read it.")


def check_folder(settings: Settings) -> Finding:
    """The instance folder, which strangers must not be able to write into."""
    folder = settings.instance_folder
    if not folder.exists():
        return Finding("instance folder", OK, "There is none yet; the first start makes it.")
    if stat.S_IMODE(folder.stat().st_mode) & 0o002:
        sentence = f"Everybody on this machine can write into {folder}."
        return Finding("instance folder", TROUBLE, sentence, f"Run: chmod o-w {folder}")
    return Finding("instance folder", OK, f"{folder}")


def check_file(url: str) -> Finding | None:
    """Trouble when an embedded database is not there; connecting would make an empty one."""
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite" or not parts.database or parts.database == ":memory:":
        return None
    if Path(parts.database).exists():
        return None
    return Finding("database", TROUBLE, f"There is no database at {parts.database}.", "Run: milepost upgrade")


def check_database(app: Flask) -> list[Finding]:
    """What the database itself says, then what its rows say."""
    dialect = db.engine.dialect.name
    db.session.execute(select(1))
    findings = [Finding("database", OK, f"It answers ({dialect}).")]
    found, head = schema.current_revision(db.engine), schema.head_revision()
    if found != head:
        sentence = f"The database stands at {found or 'nothing'}, the code wants {head}."
        return [*findings, Finding("migrations", TROUBLE, sentence, "Run: milepost upgrade")]
    findings.append(Finding("migrations", OK, f"The database stands at the newest one, {head}."))
    findings += [
        *check_storage(dialect),
        *check_people(),
        *check_clock(),
        *check_plugins(),
        *check_rows(),
        *check_chains(),
    ]
    return findings


def check_storage(dialect: str) -> Iterator[Finding]:
    """SQLite's own checks of its file and of its foreign keys; PostgreSQL keeps both by itself."""
    if dialect != "sqlite":
        yield Finding("storage", SKIPPED, "PostgreSQL keeps its own files and foreign keys sound.")
        return
    answers = [row[0] for row in db.session.execute(text("PRAGMA integrity_check(5)"))]
    if answers == ["ok"]:
        yield Finding("storage", OK, "The file is intact.")
    else:
        yield Finding("storage", TROUBLE, f"The file is damaged: {answers[0]}", "Restore it from a backup.")
    broken: dict[str, int] = {}
    for row in db.session.execute(text("PRAGMA foreign_key_check")):
        broken[row[0]] = broken.get(row[0], 0) + 1
    if broken:
        told = ", ".join(f"{count} in {table}" for table, count in sorted(broken.items()))
        yield Finding("foreign keys", TROUBLE, f"Rows point to rows that are gone: {told}.", "Restore from a backup.")
    else:
        yield Finding("foreign keys", OK, "Every row points to rows that are there.")


def check_people() -> Iterator[Finding]:
    """Somebody has to be able to let people in and to manage each program."""
    admins = db.session.scalar(select(func.count()).where(Person.is_admin, Person.is_active))
    if admins:
        yield Finding("administrators", OK, f"{admins} can sign in.")
    else:
        sentence = "Nobody who can sign in is an administrator."
        yield Finding("administrators", WARNING, sentence, "Run: milepost user add E-MAIL --name NAME --admin")
    managed = exists().where(
        Membership.program_id == Program.id,
        Membership.access >= Access.MANAGER,
        Membership.person_id == Person.id,
        Person.is_active,
    )
    keys = list(db.session.scalars(select(Program.key).where(~managed, Program.closed_on.is_(None))))
    if keys:
        sentence = f"Running programs without a manager: {', '.join(sorted(keys)[:10])}."
        yield Finding("managers", WARNING, sentence, "An administrator can give somebody the access.")
    else:
        yield Finding("managers", OK, "Every running program has a manager.")


def check_clock() -> Iterator[Finding]:
    """A clock must run, and nothing may be stuck that only a person can free."""
    now = utc_now()
    running = db.session.scalar(select(func.count()).where(ClockState.seen_at > now - SILENCE))
    if running:
        yield Finding("clock", OK, f"{running} running.")
    else:
        sentence = "No clock runs: nothing goes out and nothing is done on time."
        yield Finding("clock", WARNING, sentence, "Run milepost serve, or milepost clock beside your web server.")
    stuck = or_(Message.state == State.FAILED, and_(Message.state == State.UNCERTAIN, Message.why == "cannot_tell"))
    count = db.session.scalar(select(func.count()).where(stuck))
    if count:
        sentence = f"{count} failed, or are of unknown fate."
        yield Finding("messages", WARNING, sentence, "An administrator sees why under Outgoing messages.")
    else:
        yield Finding("messages", OK, "None waits for a person's decision.")


def check_plugins() -> Iterator[Finding]:
    """What is switched on must be there; the plugins' own checks are `milepost plugin check`."""
    plugins = host().plugins
    names = sorted(db.session.scalars(select(PluginState.plugin).where(PluginState.enabled)))
    gone = [name for name in names if name not in plugins]
    broken = [name for name in names if name in plugins and plugins[name].is_broken]
    if gone:
        sentence = f"Switched on but no longer installed: {', '.join(gone)}."
        yield Finding("plugins", WARNING, sentence, "Install them again, or: milepost plugin disable NAME")
    if broken:
        sentence = f"Switched on but broken: {', '.join(broken)}."
        yield Finding("plugins", WARNING, sentence, "See: milepost plugin list")
    if not gone and not broken:
        yield Finding("plugins", OK, f"All that are switched on ({len(names)}) could be loaded.")


def _rules() -> dict[str, tuple[Any, ColumnElement[bool]]]:
    """What must never be, by the sentence that tells it: the table to count in, and the condition."""
    before, after = aliased(WorkItem), aliased(WorkItem)
    elsewhere = exists().where(Phase.id == WorkItem.phase_id, Phase.program_id != WorkItem.program_id)
    gate_elsewhere = exists().where(Phase.id == Gate.phase_id, Phase.program_id != Gate.program_id)
    block_elsewhere = exists().where(
        PhaseBlock.id == WorkItem.block_id,
        or_(WorkItem.phase_id.is_(None), PhaseBlock.phase_id != WorkItem.phase_id),
    )
    crossing = exists().where(
        before.id == Dependency.predecessor_id,
        after.id == Dependency.successor_id,
        or_(before.program_id != Dependency.program_id, after.program_id != Dependency.program_id),
    )
    decision_elsewhere = exists().where(
        GateDecision.id == WorkItem.decision_id, GateDecision.program_id != WorkItem.program_id
    )
    followed = exists().where(
        before.id == Dependency.predecessor_id,
        after.id == Dependency.successor_id,
        before.status.in_(OPEN_STATUSES) == Dependency.before_open,
        after.status.in_(OPEN_STATUSES) == Dependency.after_open,
        after.phase_id.is_not_distinct_from(Dependency.phase_id),
        after.position == Dependency.position,
        after.due_on.is_not_distinct_from(Dependency.due_on),
        before.due_on.is_not_distinct_from(Dependency.before_due_on),
    )
    return {
        "dependencies that do not know how their items stand": (Dependency, ~followed),
        "items in a phase of another program": (WorkItem, elsewhere),
        "items in a block of another phase": (WorkItem, block_elsewhere),
        "gates at a phase of another program": (Gate, gate_elsewhere),
        "dependencies between programs": (Dependency, crossing),
        "conditions of a decision of another program": (WorkItem, decision_elsewhere),
        "conditions that no decision asked for": (
            WorkItem,
            and_(WorkItem.kind == Kind.CONDITION.value, WorkItem.decision_id.is_(None)),
        ),
        "ticks without a moment": (
            GateCriterion,
            and_(GateCriterion.ticked_by_id.is_not(None), GateCriterion.ticked_at.is_(None)),
        ),
        "items whose number is still to be given out": (
            WorkItem,
            exists().where(Program.id == WorkItem.program_id, WorkItem.number >= Program.next_number),
        ),
    }


def check_rows() -> Iterator[Finding]:
    """Rules between rows that the database cannot keep by itself."""
    found = {}
    for sentence, (table, condition) in _rules().items():
        count = db.session.scalar(select(func.count()).select_from(table).where(condition))
        if count:
            found[sentence] = count
    if not found:
        yield Finding("rows", OK, "Items, phases, gates, dependencies and conditions agree.")
    for sentence, count in found.items():
        yield Finding("rows", TROUBLE, f"{count} {sentence}.", "Report this with the version you run.")


def check_chains() -> Iterator[Finding]:
    """The evidence of every program's decisions, at gates and of the committee, of its minutes and its reports."""
    programs = db.session.execute(
        select(Program.id, Program.key, func.count(GateDecision.id))
        .outerjoin(GateDecision, GateDecision.program_id == Program.id)
        .group_by(Program.id, Program.key)
        .order_by(Program.key)
    ).all()
    decisions, sound = 0, True
    for program_id, key, count in programs:
        decisions += count
        for broken in gate_evidence.verify(program_id):
            sound = False
            sentence = f"{key}, record {broken.sequence}: {broken.reason}"
            yield Finding("evidence", TROUBLE, sentence, "Compare it with a backup or a printed copy.")
        for broken in decision_chain.verify(program_id):
            sound = False
            sentence = f"{key}, decision {broken.sequence} of the committee: {broken.reason}"
            yield Finding("evidence", TROUBLE, sentence, "Compare it with a backup or a printed copy.")
        for broken in minutes.verify(program_id):
            sound = False
            sentence = f"{key}, minutes {broken.sequence} of the committee: {broken.reason}"
            yield Finding("evidence", TROUBLE, sentence, "Compare it with a backup or a printed copy.")
        for altered in report_proofs.verify(program_id):
            sound = False
            sentence = f"{key}, status report of the week of {altered.week}: {altered.reason}"
            yield Finding("evidence", TROUBLE, sentence, "Compare it with a backup or with what the committee got.")
    decisions += db.session.scalar(select(func.count()).select_from(DecisionOutcome)) or 0
    if sound:
        yield Finding("evidence", OK, f"{decisions} decisions of {len(programs)} programs are as they were recorded.")
