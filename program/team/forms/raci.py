"""Reading what was sent from the responsibility matrix: one select for each cell, and the state each row began from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from program.ground.records import record
from program.team.raci import RowEdit
from program.team.raci_matrix import MatrixRow, RoleColumn

# What stands in no list of letters, so that the verb refuses it with a sentence.
STRANGE = "?"


@record
class SentRow:
    """A row as it was sent: its letters, the revision it began from, and whether the sender changed anything."""

    row: MatrixRow
    letters: Mapping[int, str]
    seen: int
    is_touched: bool

    @property
    def is_overtaken(self) -> bool:
        """True when somebody else changed the row since."""
        return self.seen != self.row.revision

    @property
    def edit(self) -> RowEdit:
        """The edit it asks for."""
        return RowEdit(self.row.id, self.row.phase_id, self.letters, self.seen)


def base_of(row: MatrixRow) -> str:
    """The row's letters as a short text for a hidden field: 'role:letter' in order."""
    return " ".join(f"{role}:{letter}" for role, letter in sorted(row.letters.items()))


def read_rows(sent: Mapping[str, str], rows: Sequence[MatrixRow], roles: Sequence[RoleColumn]) -> list[SentRow]:
    """The rows that the form holds; those that the page did not show are left out."""
    found = []
    for row in rows:
        token = row.token
        # A phase's row may have been written since the page was drawn.
        if f"seen-{token}" not in sent and row.is_phase:
            token = f"p{row.phase_id}"
        if f"seen-{token}" not in sent:
            continue
        letters = {
            role.id: _letter(sent[f"cell-{token}-{role.id}"]) for role in roles if f"cell-{token}-{role.id}" in sent
        }
        typed = " ".join(f"{role}:{letter}" for role, letter in sorted(letters.items()) if letter)
        seen = sent[f"seen-{token}"]
        found.append(
            SentRow(
                row,
                letters,
                int(seen) if seen.isdecimal() and len(seen) <= 9 else -1,
                typed != sent.get(f"base-{token}", ""),
            )
        )
    return found


def _letter(raw: str) -> str:
    return raw if len(raw) <= 2 else STRANGE
