"""What a person may do in a program. Every verb asks here first; the default is no.

Outside a program the answer is 404, the same as for a program that does not exist; inside, too little access is 403.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.extensions import db
from program.ground.actor import Access, Actor
from program.ground.errors import Forbidden, NotFound
from program.people.models import Membership

__all__ = ["Access", "access_of", "require", "require_admin"]

NOT_HERE = _l("There is nothing here, or it is not open to you.")


def access_of(actor: Actor, program_id: int) -> Access | None:
    """The actor's access in the program; None for a stranger. The system and administrators manage every program."""
    if actor.person_id is None or actor.is_admin:
        return Access.MANAGER
    if program_id not in actor.known_access:
        found = db.session.scalar(
            select(Membership.access).where(
                Membership.program_id == program_id, Membership.person_id == actor.person_id
            )
        )
        actor.known_access[program_id] = None if found is None else Access(found)
    return actor.known_access[program_id]


def require(actor: Actor, program_id: int, needed: Access) -> None:
    """Let those pass who have the needed access. Raises NotFound for strangers and Forbidden for too little."""
    access = access_of(actor, program_id)
    if access is None:
        raise NotFound(NOT_HERE)
    if access < needed:
        raise Forbidden(
            _l("This takes a manager of the program.")
            if needed is Access.MANAGER
            else _l("You can read this program but not change it.")
        )


def require_admin(actor: Actor) -> None:
    """Let administrators of the instance pass. Others get NotFound: what they may not use does not exist for them."""
    if not actor.is_admin:
        raise NotFound(NOT_HERE)
