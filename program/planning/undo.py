"""Taking back one act: everything that was changed under one batch of the audit trail, all of it or nothing.

An act can be taken back while nothing it touched was changed since. Taking back is itself an act under a batch of its
own, so it can be taken back too. Items that the act added (an import) are dropped, with the reason; other things that
came into being or were removed are not undone here: links and comments have their own buttons. A room above may
register rows that come and go as a whole; adding one of these is taken back by removing it, and removing it by writing
it anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, select
from sqlalchemy.exc import IntegrityError

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.folding import fold
from program.ground.model import UtcDateTime
from program.people import access
from program.planning import items
from program.planning.models import Gate, Phase, PhaseBlock, Program, WorkItem
from program.planning.models.items import Status

# What can be taken back, by the trail's object type; rooms above add theirs. Decisions are never undone: they are taken
# anew.
_TABLES: dict[str, Any] = {"program": Program, "phase": Phase, "block": PhaseBlock, "gate": Gate, "item": WorkItem}
_NEEDED: dict[str, Access] = {"item": Access.CONTRIBUTOR}
_ACTS = frozenset({"changed", "moved", "tagged", "renamed", "reordered", "undone"})
# Nouns whose rows come and go as a whole.
_WHOLE: set[str] = set()
_COMING_AND_GOING = frozenset({"created", "removed"})
MOST_NAMED = 5
TAGS, CREATED = "tags", "item.created"


@dataclass(slots=True)
class _Target:
    """One object of the act: what its columns were before, and what they must still be."""

    object_type: str
    object_id: int
    name: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    # For rows that come and go as a whole: 'created' when the act added it, 'removed' when it removed it.
    act: str = ""


def register(noun: str, table: Any, *, needed: Access = Access.MANAGER, whole: bool = False) -> None:
    """Let acts on a room's own rows be taken back too: the table behind that noun of the trail.

    Its rows have a `program_id` and a revision; `needed` is the access to take an act on them back. With `whole`, rows
    that were added or removed come and go again; their trail then holds every column that is needed to write one.
    """
    _TABLES[noun] = table
    _NEEDED[noun] = needed
    if whole:
        _WHOLE.add(noun)


def undo(actor: Actor, program_id: int, batch: str) -> str:
    """Take back the act with that batch and return the batch of taking it back (give it to `undo` to redo).

    Needs the access that the act itself needs. Raises NotFound for no such act in the program, Invalid for one that
    cannot be taken back, and Conflict, naming what was changed since.
    """
    access.require(actor, program_id, Access.CONTRIBUTOR)
    targets = _targets(program_id, batch)
    access.require(actor, program_id, max(_NEEDED.get(target.object_type, Access.MANAGER) for target in targets))
    rows = _locked_rows(program_id, targets)
    tags = items.tags_of([target.object_id for target in targets if TAGS in target.after])
    _check_unchanged(targets, rows, tags)
    new = audit.new_batch()
    try:
        _restore_items(actor, program_id, targets, rows, new)
        _restore_plan(actor, program_id, targets, rows, new)
        _restore_whole(actor, program_id, targets, rows, new)
    except Invalid as error:
        reasons = " ".join(str(reason) for reason in error.fields.values()) or str(error)
        raise Conflict(_("This cannot be taken back any more. %(reasons)s", reasons=reasons)) from error
    except IntegrityError as error:
        raise Conflict(_("This cannot be taken back any more: it would not fit what was changed since.")) from error
    return new


def can_undo(verbs: Iterable[str]) -> bool:
    """True when acts that left those verbs in the trail can be taken back."""
    return all(_is_undoable(verb) for verb in verbs)


def _is_undoable(verb: str) -> bool:
    noun, _dot, act = verb.partition(".")
    if noun in _WHOLE and act in _COMING_AND_GOING:
        return True
    return (noun in _TABLES and act in _ACTS) or verb == CREATED


def _targets(program_id: int, batch: str) -> list[_Target]:
    """What the act touched, in order; several entries for one object count as one change."""
    entries = db.session.execute(
        select(AuditEntry.verb, AuditEntry.object_type, AuditEntry.object_id, AuditEntry.name, AuditEntry.changes)
        .where(AuditEntry.batch == batch, AuditEntry.program_id == program_id)
        .order_by(AuditEntry.id)
    ).all()
    if not entries:
        raise NotFound(access.NOT_HERE)
    if not can_undo(entry.verb for entry in entries):
        raise Invalid(_l("This act cannot be taken back with one click."))
    found: dict[tuple[str, int], _Target] = {}
    for entry in entries:
        key = (entry.object_type, entry.object_id)
        target = found.setdefault(key, _Target(entry.object_type, entry.object_id, entry.name))
        if not set(entry.changes) <= _columns(entry.object_type):
            raise Invalid(_l("This act cannot be taken back with one click."))
        if entry.verb == CREATED:
            _drop_instead(target, entry.changes)
            continue
        act = entry.verb.partition(".")[2]
        if act in _COMING_AND_GOING:
            target.act = act
        for column, (before, after) in entry.changes.items():
            target.before.setdefault(column, before)
            target.after[column] = after
    return list(found.values())


def _drop_instead(target: _Target, changes: audit.Changes) -> None:
    """For an item that the act added: nobody may have changed it since, and it becomes dropped."""
    target.after = (
        dict.fromkeys(items.CHANGEABLE) | {TAGS: []} | {name: after for name, (_none, after) in changes.items()}
    )
    target.before = {"status": Status.DROPPED.value, "status_reason": _("What added it was taken back.")}


def _columns(object_type: str) -> set[str]:
    if object_type == "item":
        return {*items.CHANGEABLE, *items.FOLLOWING, TAGS}
    return set(_TABLES[object_type].__table__.c.keys()) - {"id", "program_id", "revision"}


def _locked_rows(program_id: int, targets: list[_Target]) -> dict[tuple[str, int], Any]:
    """The rows of the act, held until the transaction ends, in one order for all so that two never wait crosswise."""
    rows: dict[tuple[str, int], Any] = {}
    for object_type, table in _TABLES.items():
        ids = sorted(target.object_id for target in targets if target.object_type == object_type)
        if ids:
            own = table.id if table is Program else table.program_id
            query = select(table).where(own == program_id, table.id.in_(ids)).order_by(table.id)
            query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
            rows.update({(object_type, row.id): row for row in db.session.scalars(query)})
    return rows


def _check_unchanged(targets: list[_Target], rows: dict[tuple[str, int], Any], tags: dict[int, list[str]]) -> None:
    changed, undone = [], True
    for target in targets:
        row = rows.get((target.object_type, target.object_id))
        if target.act == "removed":
            if row is not None:
                raise Conflict(_l("This was taken back already."))
            continue
        if row is None and target.act == "created":
            raise Conflict(_l("This was taken back already."))
        if row is None:
            raise Conflict(_l("“%(name)s” is gone, so this cannot be taken back.", name=target.name))
        now = {
            column: tags.get(target.object_id, []) if column == TAGS else audit.in_json(getattr(row, column))
            for column in target.after
        }
        undone = undone and not target.act and all(now[column] == value for column, value in target.before.items())
        if now != target.after:
            changed.append(target.name)
    if changed and undone:
        raise Conflict(_l("This was taken back already."))
    if changed:
        names = ", ".join(f"“{name}”" for name in changed[:MOST_NAMED])
        if len(changed) > MOST_NAMED:
            names += " …"
        raise Conflict(
            _l("This cannot be taken back: what it changed was changed again since: %(names)s.", names=names)
        )


def _restore_items(
    actor: Actor, program_id: int, targets: list[_Target], rows: dict[tuple[str, int], Any], batch: str
) -> None:
    edits, moments, tags = [], {}, {}
    for target in targets:
        if target.object_type != "item":
            continue
        row = rows["item", target.object_id]
        values = {name: _python(WorkItem, name, value) for name, value in target.before.items() if name != TAGS}
        moments[row.id] = {name: values.pop(name) for name in items.FOLLOWING if name in values}
        if values or moments[row.id]:
            edits.append((row, values))
        if TAGS in target.before:
            tags[row] = target.before[TAGS] or []
    if edits:
        items.change_items(actor, program_id, edits, batch=batch, verb="item.undone", moments=moments)
    if tags:
        items.tag_items(actor, program_id, tags, batch=batch, verb="item.undone")


def _restore_plan(
    actor: Actor, program_id: int, targets: list[_Target], rows: dict[tuple[str, int], Any], batch: str
) -> None:
    entries: dict[str, list[tuple[int, str, audit.Changes]]] = {}
    for target in targets:
        if target.object_type == "item" or target.act:
            continue
        row = rows[target.object_type, target.object_id]
        table = _TABLES[target.object_type]
        values = {name: _python(table, name, value) for name, value in target.before.items()}
        changes = audit.change(row, values)
        if table is Program and "name" in changes:
            row.name_folded = fold(row.name)
        entries.setdefault(target.object_type, []).append((row.id, getattr(row, "name", target.name), changes))
    db.session.flush()
    for object_type, of_type in entries.items():
        audit.record_many(actor, f"{object_type}.undone", program_id, of_type, batch=batch)


def _restore_whole(
    actor: Actor, program_id: int, targets: list[_Target], rows: dict[tuple[str, int], Any], batch: str
) -> None:
    """Remove what the act added, and write anew, under its old id, what it removed."""
    for target in targets:
        if not target.act:
            continue
        table = _TABLES[target.object_type]
        if target.act == "created":
            db.session.delete(rows[target.object_type, target.object_id])
            verb, changes = f"{target.object_type}.removed", audit.removed(target.after)
        else:
            values = {name: _python(table, name, value) for name, value in target.before.items()}
            db.session.add(table(id=target.object_id, program_id=program_id, **values))
            verb, changes = f"{target.object_type}.created", audit.created(target.before)
        db.session.flush()
        audit.record(
            actor,
            verb,
            object_id=target.object_id,
            name=target.name,
            program_id=program_id,
            changes=changes,
            batch=batch,
        )


def _python(table: Any, column: str, value: Any) -> Any:
    """A value of the trail as the column holds it."""
    if value is None:
        return None
    kind = table.__table__.c[column].type
    # A room's own type knows how the trail writes it.
    read = getattr(kind, "from_trail", None)
    if read is not None:
        return read(value)
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value
