"""Who does something, and through which door they came."""

from __future__ import annotations

from dataclasses import field
from enum import IntEnum, StrEnum

from program.ground.records import record


class Access(IntEnum):
    """What a person may do in a program; each level includes the ones below it."""

    VIEWER = 1  # the committee: reads
    CONTRIBUTOR = 2  # the team: works on items
    MANAGER = 3  # the omnichannel manager: plans, decides, invites


class Origin(StrEnum):
    """The door a change came through; the audit trail keeps it."""

    WEB = "web"
    CLI = "cli"
    CLOCK = "clock"
    API = "api"
    SLACK = "slack"
    JIRA = "jira"


@record
class Actor:
    """One who acts: a person at a door, or the system itself (`person_id` None), which may do everything."""

    person_id: int | None
    origin: Origin = Origin.WEB
    is_admin: bool = False
    # Access that was already looked up in this request, by program id; None for 'outside'. A memo, not a claim.
    known_access: dict[int, Access | None] = field(default_factory=dict, compare=False)


def system(origin: Origin) -> Actor:
    """The actor for commands and the clock."""
    return Actor(person_id=None, origin=origin, is_admin=True)
