"""Taking a spreadsheet over: keep the upload, guess its columns, show what would happen, do it all or not at all.

An upload waits for its importer for a day; nobody else may go on with it. The preview and the act read the rows anew
against the program as it is, so what was previewed is what happens, or the importer is told that the list moved on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.folding import fold
from program.ground.now import utc_now
from program.ground.records import record
from program.people import access
from program.people.models import Membership, Person
from program.planning.import_rows import COMPARED, Around, ImportPlan, RowReader
from program.planning.item_lists import chunks, tags_of
from program.planning.item_rules import Surroundings
from program.planning.items import add_items, change_items, tag_items
from program.planning.models import ImportUpload, Phase, WorkItem
from program.planning.sheet_columns import COLUMNS, known_headings
from program.planning.spreadsheets_in import Sheet, SheetRow, read_spreadsheet, slash_order

KEPT = timedelta(days=1)
MAX_FILE_NAME, MOST_SAMPLES = 200, 3
DAY_COLUMNS = ("due_on", "start_on")


@record
class ImportResult:
    """What an import did; `batch` takes it back."""

    batch: str
    added: int
    changed: int


def keep_upload(actor: Actor, program_id: int, file_name: str, data: bytes) -> ImportUpload:
    """Read a file and keep its cells for the next steps; sweeps away what waited over a day. Raises Invalid."""
    access.require(actor, program_id, Access.CONTRIBUTOR)
    if actor.person_id is None:
        raise Invalid(_("A person has to import."))
    db.session.execute(delete(ImportUpload).where(ImportUpload.created_at < utc_now() - KEPT))
    sheet = read_spreadsheet(data)
    upload = ImportUpload(
        program_id=program_id,
        person_id=actor.person_id,
        file_name=" ".join("".join(letter for letter in file_name if letter.isprintable()).split())[:MAX_FILE_NAME],
        rows=[_kept(0, sheet.headings), *(_kept(row.number, row.cells) for row in sheet.rows)],
        notes=sheet.notes,
    )
    db.session.add(upload)
    db.session.flush()
    return upload


def find_upload(actor: Actor, program_id: int, upload_id: int) -> ImportUpload:
    """The actor's own upload. Raises NotFound for anybody else's, and for one that was swept away."""
    access.require(actor, program_id, Access.CONTRIBUTOR)
    upload = db.session.get(ImportUpload, upload_id)
    if upload is None or upload.program_id != program_id or upload.person_id != actor.person_id:
        raise NotFound(_("This upload is gone. Choose the file again."))
    return upload


def sheet_of(upload: ImportUpload) -> Sheet:
    """The upload as the sheet that was read."""
    headings, *rows = upload.rows
    return Sheet(tuple(headings[1:]), tuple(SheetRow(row[0], tuple(row[1:])) for row in rows), dict(upload.notes))


def guess_mapping(headings: Sequence[str]) -> list[str]:
    """The item's column for each of the file's columns, '' for those that are not understood. None is taken twice."""
    known, taken, found = known_headings(), set(), []
    for heading in headings:
        name = known.get(fold(heading), "")
        found.append("" if name in taken else name)
        taken.add(name)
    return found


def samples(sheet: Sheet, column: int) -> list[str]:
    """The first values of a column of the file, to recognise it by."""
    values = (row.cells[column].strip() for row in sheet.rows if column < len(row.cells))
    return list(dict.fromkeys(value for value in values if value))[:MOST_SAMPLES]


def order_of_days(sheet: Sheet, mapping: Sequence[str]) -> str:
    """How days with slashes in the file are written: see `spreadsheets_in.slash_order`."""
    columns = [index for index, name in enumerate(mapping) if name in DAY_COLUMNS]
    return slash_order(row.cells[index] for row in sheet.rows for index in columns if index < len(row.cells))


def plan_import(
    actor: Actor, program_id: int, key: str, sheet: Sheet, mapping: Sequence[str], *, day_first: bool = True
) -> tuple[ImportPlan, str]:
    """What the import would do, and a seal on the state it was worked out from. Raises Invalid for a wrong mapping."""
    access.require(actor, program_id, Access.CONTRIBUTOR)
    columns = _columns(sheet, mapping)
    around = _around(actor, program_id, key)
    reader = RowReader(around, columns, sheet.headings, day_first)
    for row in sheet.rows:
        reader.read(row)
    revisions = [(number, around.items[number].revision) for number in sorted(reader.plan.updates)]
    return reader.plan, hashlib.sha256(repr((revisions, len(reader.plan.drafts))).encode()).hexdigest()


def confirm_import(
    actor: Actor,
    program_id: int,
    key: str,
    upload: ImportUpload,
    mapping: Sequence[str],
    *,
    day_first: bool = True,
    seal: str,
) -> ImportResult:
    """Do it: all rows or none, in one batch. The upload is gone afterwards.

    Raises Invalid when a row cannot be taken over, Conflict when the items moved on since the preview.
    """
    plan, present = plan_import(actor, program_id, key, sheet_of(upload), mapping, day_first=day_first)
    if plan.problems:
        raise Invalid(_("Some rows cannot be taken over. Nothing was imported."), rows=plan.problems)
    if present != seal:
        raise Conflict(_("Items of this file were changed since the preview. Look at the preview again."))
    if plan.is_nothing:
        raise Invalid(_("There is nothing to change."))
    batch = audit.new_batch()
    add_items(actor, program_id, plan.drafts, batch=batch)
    _change(actor, program_id, plan, batch)
    db.session.delete(upload)
    db.session.flush()
    return ImportResult(batch, len(plan.drafts), len(plan.updates))


def _change(actor: Actor, program_id: int, plan: ImportPlan, batch: str) -> None:
    items: dict[int, WorkItem] = {}
    for part in chunks(sorted(plan.updates)):
        query = select(WorkItem).where(WorkItem.program_id == program_id, WorkItem.number.in_(part))
        items.update((item.number, item) for item in db.session.scalars(query.with_for_update()))
    edits = [(items[number], values) for number, (values, _tags) in plan.updates.items() if values]
    if edits:
        change_items(actor, program_id, edits, batch=batch)
    tags = {items[number]: tags for number, (_values, tags) in plan.updates.items() if tags is not None}
    if tags:
        tag_items(actor, program_id, tags, batch=batch)


def _kept(number: int, cells: Sequence[str]) -> list[Any]:
    # PostgreSQL keeps no NUL in JSON either; XML and the CSV reader have refused it before.
    return [number, *(cell.replace("\x00", "") for cell in cells)]


def _columns(sheet: Sheet, mapping: Sequence[str]) -> dict[str, int]:
    """The file's column by the item's column. Raises Invalid."""
    found: dict[str, int] = {}
    wrong: dict[str, Any] = {}
    for index, name in enumerate(mapping[: len(sheet.headings)]):
        if not name:
            continue
        if name not in COLUMNS:
            wrong[f"column-{index}"] = _("Choose one from the list.")
        elif name in found:
            wrong[f"column-{index}"] = _("Two columns of the file cannot both be this one.")
        else:
            found[name] = index
    if not wrong and not found.keys() & {"title", "number"}:
        wrong["column-0"] = _("Say which column holds the title, or the number of items that are here already.")
    if wrong:
        raise Invalid(_("Something is not right yet."), wrong)
    return found


def _around(actor: Actor, program_id: int, key: str) -> Around:
    people: dict[str, tuple[int, ...]] = {}
    names: dict[int, str] = {}
    query = (
        select(Person.id, Person.name, Person.email, Person.is_active, Membership.access)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.program_id == program_id)
    )
    for member in db.session.execute(query):
        names[member.id] = member.name
        if member.is_active and member.access >= Access.CONTRIBUTOR:
            for known in {fold(member.name), fold(member.email)}:
                people[known] = (*people.get(known, ()), member.id)
    phases: dict[str, tuple[int, ...]] = {}
    phase_names: dict[int, str] = {}
    for row in db.session.execute(select(Phase.id, Phase.name).where(Phase.program_id == program_id)):
        phase_names[row.id] = row.name
        phases[fold(row.name)] = (*phases.get(fold(row.name), ()), row.id)
    columns = [getattr(WorkItem, name) for name in ("id", "number", "revision", *_ITEM_COLUMNS)]
    items = {row.number: row for row in db.session.execute(select(*columns).where(WorkItem.program_id == program_id))}
    _learn_former_owners(names, {row.owner_id for row in items.values()})
    return Around(
        key,
        (access.access_of(actor, program_id) or 0) >= Access.MANAGER,
        Surroundings(program_id),
        people,
        names,
        phases,
        phase_names,
        items,
        tags_of([row.id for row in items.values()]),
    )


def _learn_former_owners(names: dict[int, str], owners: set[int | None]) -> None:
    unknown = sorted(owner for owner in owners if owner is not None and owner not in names)
    for part in chunks(unknown):
        names.update(
            (row.id, row.name) for row in db.session.execute(select(Person.id, Person.name).where(Person.id.in_(part)))
        )


_ITEM_COLUMNS = (*COMPARED, "decision_id")
