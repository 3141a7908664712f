"""The front line's door: people of an impacted group who have no access to the program beside it.

They may open their own page of the program (`front_line.show`) and what hangs on it: hand in an idea, support one,
answer an invitation to a training. Nothing else of the program is there for them, not even its rail. Members of the
program may open the same pages. Everybody else gets the answer that a program gives which does not exist.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import bindparam, select

from program.change.models import GroupMember
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import NotFound
from program.people.access import NOT_HERE, access_of
from program.people.session import current_actor
from program.planning.opening import OpenProgram, program_by_key, show_as_of


def require_front_line(actor: Actor, program_id: int) -> None:
    """Let pass who has access to the program or is in one of its groups. Raises NotFound for everybody else.

    One statement for the front line, none for those whose access is known already.
    """
    if access_of(actor, program_id) is None and not is_in_a_group(actor.person_id, program_id):
        raise NotFound(NOT_HERE)


def open_front_line(key: str) -> OpenProgram:
    """For views: the program of this page, for members and the front line. `g.access` is None for the front line."""
    actor = current_actor()
    program = program_by_key(actor, key)
    require_front_line(actor, program.id)
    show_as_of(program, Access.MANAGER if actor.is_admin else actor.known_access[program.id])
    return program


def is_in_a_group(person_id: int | None, program_id: int) -> bool:
    """Whether somebody belongs to, or is ambassador of, a group of that program. One statement."""
    return read(_in_a_group(), {"person_id": person_id, "program_id": program_id}).first() is not None


@cache
def _in_a_group() -> Any:
    return (
        select(GroupMember.group_id)
        .where(
            GroupMember.person_id == bindparam("person_id"),
            GroupMember.program_id == bindparam("program_id"),
        )
        .limit(1)
    )
