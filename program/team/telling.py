"""What the team room tells people about their roles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from program.extensions import db
from program.ground import formats
from program.ground.actor import Actor
from program.outbox.kinds import MessageKind, Pace, Words, register
from program.outbox.messages import tell
from program.planning.models import Program
from program.team.models import Assignment, ProgramRole
from program.team.role_words import role_name


def _words(data: Mapping[str, Any]) -> Words:
    role = role_name(data["role"], data["role_name"])
    start, end = date.fromisoformat(data["starts_on"]), data["ends_on"]
    if end:
        text = _(
            "%(share)s%% of your week, from %(start)s to %(end)s.",
            share=data["share"],
            start=formats.dated(start),
            end=formats.dated(date.fromisoformat(end)),
        )
    else:
        text = _("%(share)s%% of your week, from %(start)s on.", share=data["share"], start=formats.dated(start))
    subject = _("You have a role in %(program)s: %(role)s", program=data["program"], role=role)
    return Words(subject, text, _("See what you do in the program"))


ROLE_GIVEN = register(
    MessageKind("team.role_given", _l("A role is given to me"), Pace.DIGEST, _words, icon="users-group")
)


def tell_role_given(actor: Actor, assignment: Assignment) -> None:
    """Tell somebody that they have a role from now on; nobody is told of what they did themselves."""
    if assignment.person_id == actor.person_id:
        return
    program = db.session.get_one(Program, assignment.program_id)
    role = db.session.get_one(ProgramRole, assignment.role_id)
    tell(
        [assignment.person_id],
        ROLE_GIVEN,
        {
            "program": program.name,
            "role": role.key,
            "role_name": role.name,
            "share": assignment.share,
            "starts_on": assignment.starts_on.isoformat(),
            "ends_on": assignment.ends_on.isoformat() if assignment.ends_on else None,
        },
        key=f"team.role_given:{assignment.id}",
        path=f"/p/{program.key}/team/people/{assignment.person_id}",
        program_id=assignment.program_id,
        about=f"assignment:{assignment.id}",
    )
