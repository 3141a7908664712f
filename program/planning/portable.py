"""A whole program as one JSON file: out of one instance, and into another under a new key.

The file holds the plan and the work: phases, blocks, gates with their criteria, items with comments, evidence, tags and
dependencies, and what the other rooms carry along (`portable_rooms.py`). Decisions go out for the record but not in:
their evidence is chained in the program that took them, so the gates of an imported program wait for decisions of their
own. Baselines and history stay where they were made; an imported program begins with a baseline of its own. The format
stands in `portable_format.py`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import insert, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.audit import AuditEntry
from program.ground.errors import Invalid
from program.ground.folding import fold
from program.ground.records import record
from program.outbox.models import Message
from program.people import access
from program.people.models import Membership, Person
from program.planning import baselines, portable_arrival, portable_rooms, programs
from program.planning.models import (
    Comment,
    Dependency,
    EvidenceLink,
    Gate,
    GateCriterion,
    GateDecision,
    ItemTag,
    Phase,
    PhaseBlock,
    Program,
    WorkItem,
)
from program.planning.models.baselines import Baseline, BaselineLine
from program.planning.models.items import Kind, Mention
from program.planning.models.lists import ImportUpload, SavedView
from program.planning.portable_format import FORMAT, PROGRAM, SECTIONS, VERSION, Reader, emails_in
from program.planning.portable_rules import check_rows

# Where a key of the file is called otherwise in the table.
_COLUMNS: dict[str, str] = {
    "ref": "id",
    "phase": "phase_id",
    "block": "block_id",
    "gate": "gate_id",
    "item": "item_id",
    "owner": "owner_id",
    "created_by": "created_by_id",
    "added_by": "added_by_id",
    "ticked_by": "ticked_by_id",
    "recorded_by": "recorded_by_id",
    "author": "author_id",
    "predecessor": "predecessor_id",
    "successor": "successor_id",
}
_TABLES: dict[str, Any] = {
    "phases": Phase,
    "blocks": PhaseBlock,
    "gates": Gate,
    "criteria": GateCriterion,
    "items": WorkItem,
    "dependencies": Dependency,
    "evidence": EvidenceLink,
    "comments": Comment,
    "decisions": GateDecision,
}
# What this room writes into the file's own sections, for whoever asks whether a table goes along.
TABLES_OF_PLANNING = frozenset({table.__tablename__ for table in _TABLES.values()} | {ItemTag.__tablename__})


def init_app() -> None:
    """Say which of the room's tables, and of those below it, stay."""
    portable_rooms.leave(
        {
            AuditEntry: "history stays where it was made",
            Message: "what was said to people there",
            Membership: "access is given, not carried",
            Baseline: "an imported program begins with a baseline of its own",
            BaselineLine: "an imported program begins with a baseline of its own",
            Mention: "who was called in a comment has seen it there",
            SavedView: "somebody's own way of looking",
            ImportUpload: "a file on its way in",
        }
    )


@record
class Imported:
    """What came of an import: the program, and what a person should know about it."""

    program: Program
    notes: tuple[str, ...]


def export_program(actor: Actor, program_id: int) -> dict[str, Any]:
    """The whole program in JSON terms. For its managers: it holds everybody's work and words."""
    access.require(actor, program_id, Access.MANAGER)
    program = db.session.get_one(Program, program_id)
    emails = {row.id: row.email for row in db.session.execute(select(Person.id, Person.email))}
    document: dict[str, Any] = {"format": FORMAT, "version": VERSION}
    document["program"] = {name: portable_rooms.in_json(getattr(program, name)) for name in PROGRAM}
    tags: dict[int, list[str]] = defaultdict(list)
    rows = db.session.execute(
        select(ItemTag.item_id, ItemTag.tag).where(ItemTag.program_id == program_id).order_by(ItemTag.tag)
    )
    for row in rows:
        tags[row.item_id].append(row.tag)
    for section, keys in SECTIONS.items():
        table = _TABLES[section]
        names = [name for name in keys if name != "tags"]
        columns = [getattr(table, _COLUMNS.get(name, name)).label(name) for name in names]
        query = select(*columns).where(_within(table, program_id)).order_by(*table.__table__.primary_key)
        if table is Comment:
            # A removed comment is a stub without text: nothing to carry over.
            query = query.where(Comment.removed_at.is_(None))
        people = {name for name in names if keys[name].kind == "email"}
        document[section] = [
            {
                name: emails.get(value) if name in people else portable_rooms.in_json(value)
                for name, value in row._asdict().items()
            }
            for row in db.session.execute(query)
        ]
    for item in document["items"]:
        item["tags"] = tags.get(item["ref"], [])
    document["rooms"] = {
        room.name: {one.name: list(portable_rooms.rows_of(one, program_id, emails)) for one in room.carried}
        for room in portable_rooms.rooms()
    }
    return document


def import_program(
    actor: Actor, source: bytes, key: str, *, name: str | None = None, manager_id: int | None = None
) -> Imported:
    """Make a program from a file under a new key, all or nothing. Raises Invalid with a sentence for each problem."""
    access.require_admin(actor)
    reader = Reader()
    document = reader.read(source)
    if not reader.problems:
        check_rows(document, reader.add)
    if reader.problems:
        raise Invalid(_("The file cannot be taken over. Nothing was changed."), rows=reader.problems)
    facts = document["program"]
    wished = programs.NewProgram(
        name=name or facts["name"],
        key=key,
        playbook="",
        starts_on=facts["starts_on"],
        timezone=facts["timezone"],
        locale=facts["locale"],
        country=facts["country"],
        purpose=facts["purpose"],
    )
    checked = programs.check(actor, wished)
    kept = {"playbook_key": facts["playbook_key"], "closed_on": facts["closed_on"], "starts_on": facts["starts_on"]}
    next_number = max((item["number"] for item in document["items"]), default=0) + 1
    program = programs.insert_program(actor, {**checked.values, **kept, "next_number": next_number})
    programs.add_manager(actor, program, actor.person_id or manager_id)
    notes = _Writer(program, document).write()
    audit.record(
        actor,
        "program.imported",
        object_id=program.id,
        name=program.name,
        program_id=program.id,
        changes=audit.created({**checked.values, **kept}),
    )
    baselines.take_baseline(actor, program.id, _("As imported"))
    return Imported(program, tuple(notes))


class _Writer:
    """Writes the rows of a checked document, each section in one go, and remembers which ref became which id."""

    def __init__(self, program: Program, document: dict[str, Any]) -> None:
        self.program = program
        self.document = document
        self.ids: dict[str, dict[int, int]] = {}
        wanted = emails_in(document)
        rows = db.session.execute(select(Person.email, Person.id).where(Person.email.in_(wanted)))
        self.people: dict[str, int] = {row.email: row.id for row in rows}
        self.strangers = sorted(wanted - set(self.people))

    def write(self) -> list[str]:
        """Write everything and say what did not come along."""
        self._rows("phases")
        self._rows("blocks", phase="phases")
        self._rows("gates", phase="phases")
        self._rows("criteria", gate="gates")
        conditions = self._items()
        self._plain("dependencies", predecessor="items", successor="items")
        self._plain("evidence", item="items")
        self._plain("comments", item="items")
        return self._notes(conditions, self._rooms())

    def _rooms(self) -> Counter[str]:
        """What the other rooms sent along. Raises Invalid with the place of each row that a table refuses."""
        ids = {table: self.ids[section] for table, section in portable_rooms.OF_PLANNING.items()}
        arrival = portable_arrival.Arrival(self.program.id, self.people, ids)
        problems: list[str] = []
        arrival.write(self.document["rooms"], lambda where, reason: problems.append(f"{where}: {reason}"))
        if problems:
            raise Invalid(_("The file cannot be taken over. Nothing was changed."), rows=problems)
        return arrival.left_out

    def _items(self) -> int:
        conditions = 0
        for item in self.document["items"]:
            item["title_folded"] = fold(item["title"])
            if item["kind"] == Kind.CONDITION:
                # Without the decision that asked for it, it is an item that a gate waits for.
                item["kind"], item["required"] = Kind.ITEM.value, True
                conditions += 1
        tags = {item["ref"]: item.pop("tags") for item in self.document["items"]}
        self._rows("items", phase="phases", block="blocks")
        rows = [
            {"item_id": self.ids["items"][ref], "tag": tag, "program_id": self.program.id}
            for ref, of_item in tags.items()
            for tag in dict.fromkeys(tag.lower() for tag in of_item)
        ]
        if rows:
            db.session.execute(insert(ItemTag), rows)
        return conditions

    def _values(self, section: str, row: dict[str, Any], refs: dict[str, str]) -> dict[str, Any]:
        keys = SECTIONS[section]
        values: dict[str, Any] = {}
        for name, raw in row.items():
            if name == "ref":
                continue
            value = raw
            if name in refs and raw is not None:
                value = self.ids[refs[name]][raw]
            elif name in keys and keys[name].kind == "email":
                value = self.people.get(raw)
            values[_COLUMNS.get(name, name)] = value
        if "program_id" in _TABLES[section].__table__.c:
            values["program_id"] = self.program.id
        return values

    def _rows(self, section: str, **refs: str) -> None:
        rows = self.document[section]
        objects = [_TABLES[section](**self._values(section, row, refs)) for row in rows]
        db.session.add_all(objects)
        db.session.flush()
        self.ids[section] = {row["ref"]: one.id for row, one in zip(rows, objects, strict=True)}

    def _plain(self, section: str, **refs: str) -> None:
        db.session.add_all([_TABLES[section](**self._values(section, row, refs)) for row in self.document[section]])
        db.session.flush()

    def _notes(self, conditions: int, left_out: Counter[str]) -> list[str]:
        notes = []
        if self.strangers:
            notes.append(
                _(
                    "These people have no account here, so their names were left out: %(emails)s.",
                    emails=", ".join(self.strangers),
                )
            )
        decisions = len(self.document["decisions"])
        if decisions:
            notes.append(
                ngettext(
                    "%(num)s decision stays with the program that took it; its gate is open here.",
                    "%(num)s decisions stay with the program that took them; their gates are open here.",
                    decisions,
                )
            )
        if conditions:
            notes.append(
                ngettext(
                    "%(num)s condition of a gate became a required item.",
                    "%(num)s conditions of gates became required items.",
                    conditions,
                )
            )
        if left_out:
            notes.append(
                _(
                    "Rows that cannot be without a person who has no account here were left out: %(rows)s.",
                    rows=", ".join(f"{table} {count}" for table, count in sorted(left_out.items())),
                )
            )
        return notes


def _within(table: Any, program_id: int) -> Any:
    if table is EvidenceLink:
        return EvidenceLink.item_id.in_(select(WorkItem.id).where(WorkItem.program_id == program_id))
    return table.program_id == program_id
