"""Files of readings on their way in: kept, laid out, looked at, sent off, and taken back.

Who may enter figures of some KPI may import; each figure is checked against who may enter it. The clock does the work
(`import_running.py`), so that a hundred thousand rows keep no page waiting.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, islice
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Conflict, Forbidden, NotFound
from program.ground.text import clean_line
from program.kpis.import_columns import LOOKED_AT, Layout, check, guess
from program.kpis.import_rows import Figure, RowReader
from program.kpis.models import ImportState, Kpi, ReadingImport
from program.kpis.reading_words import words_of
from program.people import access
from program.people.models import Person
from program.planning.spreadsheets_in import Most, SheetRow, open_spreadsheet

MOST = Most(rows=100_000, columns=260)
MAX_FILE_NAME = 200
# Rows that the preview reads; the import reads all of them.
PREVIEWED = 300
# How long an import can be taken back, and its wrong rows read.
KEPT = timedelta(days=30)
_GONE = _l("This file is gone. Choose it again.")
_STEP = 64 * 1024


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was read: its first rows, and all of them packed."""

    name: str
    headings: tuple[str, ...]
    first: tuple[SheetRow, ...]
    notes: dict[str, str]
    content: bytes
    rows: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What the first rows of a file come to."""

    figures: list[Figure]
    rows: int

    @property
    def problems(self) -> list[Figure]:
        """Those that cannot be written."""
        return [figure for figure in self.figures if figure.problem]

    @property
    def readable(self) -> list[Figure]:
        """Those that can."""
        return [figure for figure in self.figures if not figure.problem]


def require_importer(actor: Actor, program_id: int) -> None:
    """Let those pass who may enter figures of some KPI. Raises NotFound, Forbidden."""
    access.require(actor, program_id, Access.VIEWER)
    if (access.access_of(actor, program_id) or 0) >= Access.MANAGER:
        return
    mine = select(Kpi.id).where(
        Kpi.program_id == program_id,
        Kpi.is_active,
        (Kpi.owner_id == actor.person_id) | (Kpi.deputy_id == actor.person_id),
    )
    if read(mine.limit(1)).first() is None:
        raise Forbidden(_l("Figures are entered by the KPI's owner, their deputy or a manager."))


def read_file(file_name: str, data: bytes) -> File:
    """Read a file, without a look at the database: it may take seconds. Raises Invalid for what cannot be read."""
    sheet = open_spreadsheet(data, MOST)
    first = list(islice(sheet.rows, LOOKED_AT))
    rows = _Counted(chain(first, sheet.rows))
    content = _packed(rows)
    width = max(len(sheet.headings), *(len(row.cells) for row in first))
    headings = (*sheet.headings, *[""] * (width - len(sheet.headings)))
    name = clean_line(file_name)[:MAX_FILE_NAME] or _("file")
    return File(name, headings, tuple(first), sheet.notes, content, rows.count)


def keep_file(actor: Actor, program_id: int, file: File) -> ReadingImport:
    """Keep the file's cells and guess its layout."""
    require_importer(actor, program_id)
    layout = guess(file.headings, [row.cells for row in file.first], words_of(program_id))
    kept = ReadingImport(
        program_id=program_id,
        file_name=file.name,
        content=file.content,
        mapping={"layout": layout.to_data(), "headings": list(file.headings), "notes": file.notes},
        rows=file.rows,
        created_by_id=actor.person_id,
    )
    db.session.add(kept)
    db.session.flush()
    return kept


def find_import(actor: Actor, program_id: int, import_id: int, *, lock: bool = False) -> ReadingImport:
    """An import of the program: the importer's own, or any for managers. Raises NotFound, Forbidden."""
    require_importer(actor, program_id)
    query = select(ReadingImport).where(ReadingImport.id == import_id, ReadingImport.program_id == program_id)
    found = db.session.scalars(query.with_for_update() if lock else query).one_or_none()
    is_manager = (access.access_of(actor, program_id) or 0) >= Access.MANAGER
    if found is None or not (is_manager or found.created_by_id == actor.person_id):
        raise NotFound(_GONE)
    return found


def latest_imports(actor: Actor, program_id: int, limit: int = 20) -> Sequence[Any]:
    """The newest imports: rows with the importer's name as `by`; all of the program for managers."""
    require_importer(actor, program_id)
    columns = (
        *(ReadingImport.id, ReadingImport.state, ReadingImport.file_name, ReadingImport.rows, ReadingImport.created_at),
        *(ReadingImport.added, ReadingImport.changed, ReadingImport.wrong_rows, Person.name.label("by")),
    )
    query = select(*columns).outerjoin(Person, Person.id == ReadingImport.created_by_id)
    query = query.where(ReadingImport.program_id == program_id)
    if (access.access_of(actor, program_id) or 0) < Access.MANAGER:
        query = query.where(ReadingImport.created_by_id == actor.person_id)
    return read(query.order_by(ReadingImport.id.desc()).limit(limit)).all()


def layout_of(kept: ReadingImport) -> Layout:
    """How the file is laid out, as guessed or as its importer said."""
    return Layout.from_data(kept.mapping["layout"])


def headings_of(kept: ReadingImport) -> list[str]:
    """The headings of the file."""
    return list(kept.mapping["headings"])


def lay_out(kept: ReadingImport, layout: Layout, reason: str) -> None:
    """Keep what the importer says of the columns. Raises Invalid for what cannot be, Conflict once it is on its way."""
    if kept.state != ImportState.MAPPING:
        raise Conflict(_l("This file is on its way already."))
    check(layout)
    kept.mapping = {**kept.mapping, "layout": layout.to_data()}
    kept.reason = clean_line(reason)[:500]
    db.session.flush()


def preview(actor: Actor, kept: ReadingImport) -> Preview:
    """What its first rows come to, as the importer laid it out."""
    layout = layout_of(kept)
    check(layout)
    reader = RowReader(actor, kept.program_id, layout, headings_of(kept), kept.reason)
    first = list(islice(rows_of(kept), PREVIEWED))
    return Preview(reader.read(first), len(first))


def send_off(actor: Actor, kept: ReadingImport) -> None:
    """Let the clock import it. Raises Invalid for a layout that cannot be, Conflict when it is on its way already."""
    if kept.state != ImportState.MAPPING or kept.content is None:
        raise Conflict(_l("This file is on its way already."))
    check(layout_of(kept))
    kept.state = ImportState.WAITING
    kept.created_by_id = actor.person_id
    db.session.flush()


def drop(kept: ReadingImport) -> None:
    """Forget a file that is not on its way. Raises Conflict for one that is."""
    if kept.state not in (ImportState.MAPPING, ImportState.REFUSED):
        raise Conflict(_l("This file is on its way already."))
    db.session.delete(kept)
    db.session.flush()


def record(actor: Actor, kept: ReadingImport, verb: str) -> None:
    """Write into the trail what an import did or took back."""
    counted = {"added": kept.added, "changed": kept.changed, "reason": kept.reason or None}
    audit.record(
        actor,
        verb,
        object_id=kept.id,
        name=kept.file_name,
        program_id=kept.program_id,
        changes=audit.created(counted),
    )


def rows_of(kept: ReadingImport) -> Iterator[SheetRow]:
    """The rows of the file, unpacked as they are read. Raises Conflict when they are kept no longer."""
    if kept.content is None:
        raise Conflict(_GONE)
    return _unpacked(kept.content)


class _Counted:
    """Rows that count themselves while they pass."""

    def __init__(self, rows: Iterator[SheetRow]) -> None:
        self.count, self._rows = 0, rows

    def __iter__(self) -> Iterator[SheetRow]:
        for row in self._rows:
            self.count += 1
            yield row


def _packed(rows: _Counted) -> bytes:
    """The rows as lines of JSON, compressed as they come: the file is never held as rows."""
    packer = zlib.compressobj(3)
    parts: list[bytes] = []
    for row in rows:
        line = json.dumps([row.number, *row.cells], ensure_ascii=False, separators=(",", ":")) + "\n"
        # PostgreSQL keeps no NUL, and nobody means one.
        parts.append(packer.compress(line.replace("\\u0000", "").encode("utf-8", "replace")))
    parts.append(packer.flush())
    return b"".join(parts)


def _unpacked(content: bytes) -> Iterator[SheetRow]:
    unpacker, left = zlib.decompressobj(), b""
    view = memoryview(content)
    for start in range(0, len(content), _STEP):
        *lines, left = (left + unpacker.decompress(view[start : start + _STEP])).split(b"\n")
        for line in lines:
            number, *cells = json.loads(line)
            yield SheetRow(number, tuple(cells))
