"""The team's way to divide people: by the role they play today. For whom to ask in a pulse check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import lazy_gettext as _l

from program.ground import formats
from program.planning import audiences
from program.planning.audiences import Kind, Part
from program.team.staffing import roles_of


def init_app() -> None:
    """Make the kind known."""
    audiences.register(Kind("role", _l("Role"), 30, _parts, _people))


def _parts(program_id: int) -> Sequence[Part]:
    return [Part(str(role.id), role.name) for role in roles_of(program_id, formats.today())]


def _people(program_id: int) -> Mapping[str, Sequence[int]]:
    today = formats.today()
    return {str(role.id): [player.person_id for player in role.now(today)] for role in roles_of(program_id, today)}
