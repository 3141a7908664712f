"""The frozen data about meetings of a committee and status reports that passes between Milepost and its plugins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class AgendaPoint:
    """A point of an agenda: its title, how many minutes it takes, and what there is to know about it, a line each.

    `kind` is 'actions', 'decision', 'gate', 'risks', 'figures', 'budget' or 'own'.
    """

    kind: str
    title: str
    minutes: int
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting of a committee as one person sees it, in words of their language.

    `state` is 'planned', 'held', 'closed' (its minutes are approved) or 'cancelled', which `reason` explains. `link` is
    where people join it. Once it has begun, `decided` and `agreed` are what its minutes say of decisions and actions, a
    line each. `may_approve` is for the chair while the minutes wait.
    """

    id: int
    program_id: int
    program: str
    number: int
    meets_at: datetime
    minutes: int
    place: str
    link: str
    state: str
    reason: str
    points: tuple[AgendaPoint, ...]
    decided: tuple[str, ...]
    agreed: tuple[str, ...]
    may_approve: bool
    url: str


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A part of a status report: its heading ('' for what stands before the first), and its lines as plain text."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatusReport:
    """A status report as one person reads it, in their language and the words in which the manager left it.

    `state` is 'on_track', 'at_risk', 'off_track', 'no_data' or, for a report of an older version, ''. It tells of the
    days from `since` to `until`.
    """

    id: int
    program_id: int
    program: str
    week: date
    week_name: str
    since: date
    until: date
    state: str
    state_name: str
    sections: tuple[ReportSection, ...]
    url: str
