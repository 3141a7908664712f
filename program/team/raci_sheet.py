"""The responsibility matrix as a file, CSV or XLSX: a line for each phase and deliverable, a column for each role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import IO, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from program.planning.spreadsheets_out import SEPARATORS, Cell, csv_file, xlsx_file
from program.team import raci_matrix
from program.team.models import Letter
from program.team.raci_findings import Finding
from program.team.raci_matrix import MatrixRow, RoleColumn

LETTER_TEXTS: Mapping[str, str] = {letter.value: letter.value for letter in Letter} | {Letter.BOTH.value: "A/R"}
FINDING_WORDS: dict[Finding, Any] = {
    Finding.GAP: _l("Nobody is accountable"),
    Finding.DOUBLE: _l("Several are accountable"),
}


def write(kind: str, program_id: int, program_key: str, today: date, locale: str) -> IO[bytes]:
    """The whole matrix as 'csv' or 'xlsx', with the headings in the reader's language; the file stands at its start."""
    rows = raci_matrix.rows_of(program_id)
    raci_matrix.fill(rows)
    roles = raci_matrix.columns(program_id, today)
    headings = [_("Phase"), _("Deliverable"), _("No."), _("Finding"), *(role.name for role in roles)]
    cells = _cells(rows, roles, program_key)
    if kind == "csv":
        return csv_file(headings, cells, SEPARATORS.get(locale, ","))
    return xlsx_file(_("Responsibilities"), headings, [24, 48, 12, 26, *(16 for _role in roles)], cells)


def _cells(rows: Sequence[MatrixRow], roles: Sequence[RoleColumn], key: str) -> Iterator[list[Cell]]:
    words = {finding: str(word) for finding, word in FINDING_WORDS.items()}
    for row in rows:
        yield [
            row.phase,
            "" if row.is_phase else row.name,
            "" if row.number is None else f"{key}-{row.number}",
            words[row.finding] if row.finding else "",
            *(LETTER_TEXTS.get(row.letters.get(role.id, ""), "") for role in roles),
        ]
