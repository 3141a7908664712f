"""Saturation: what lands on which group in which week, read for whole programs at once, and a warning before more
lands.

One statement reads everything (groups with size and impact, go-lives, trainings, other changes, freezes, limits), for
one program or for many; `load.py` does the arithmetic.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Date, Integer, String, bindparam, case, cast, func, literal, null, select, union_all

from program.change.coverage import size_of
from program.change.limits import BUILT_IN, Limits
from program.change.load import (
    BAD,
    FULL,
    GO_LIVE_WEEKS,
    TENTHS,
    WEEK,
    Cell,
    Cells,
    Freeze,
    Part,
    Source,
    State,
    add_up,
    monday_of,
    of_go_live,
    of_training,
    weeks_between,
)
from program.change.models import (
    ChangeLimits,
    GoLive,
    GroupImpact,
    GroupMember,
    ImpactedGroup,
    OtherChange,
    OtherChangeGroup,
    TrainingGroup,
    TrainingSession,
)
from program.change.models.saturation import OtherKind
from program.change.models.training import SessionState
from program.ground import formats
from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.database import read
from program.ground.model import UtcDateTime
from program.ground.now import zone
from program.ground.records import record
from program.planning.models import Program

WEEKS_SHOWN = 13
_NOTHING = Cell()


@record
class GroupInfo:
    """What saturation knows of a group."""

    id: int
    name: str
    size: int
    impact: int | None
    go_live_on: date | None


@dataclass(slots=True)
class Picture:
    """What lands on a program's groups in a stretch of weeks."""

    weeks: Sequence[date]
    groups: dict[int, GroupInfo] = field(default_factory=dict)
    limits: Limits = BUILT_IN
    cells: Cells = field(default_factory=dict)

    def cell(self, group_id: int, week: date) -> Cell:
        """A group's week."""
        return self.cells.get((group_id, week), _NOTHING)

    def state(self, group_id: int, week: date) -> State:
        """What a group's week is."""
        return self.cell(group_id, week).state(self.limits)

    def bad_weeks(self, group_id: int) -> int:
        """How many weeks of a group are red, or have something planned into a freeze."""
        return sum(1 for week in self.weeks if self.state(group_id, week) in BAD)

    def peak(self, group_id: int) -> Cell:
        """The group's heaviest week."""
        return max((self.cell(group_id, week) for week in self.weeks), key=lambda cell: cell.tenths, default=_NOTHING)

    def by_load(self) -> list[GroupInfo]:
        """All groups, the most loaded first: by bad weeks, then by the heaviest week, then by name."""
        return sorted(
            self.groups.values(),
            key=lambda group: (-self.bad_weeks(group.id), -self.peak(group.id).tenths, group.name.casefold(), group.id),
        )


def picture_of(program_id: int, first: date, weeks: int = WEEKS_SHOWN) -> Picture:
    """What lands on the program's groups in so many weeks from the one of `first`. One statement."""
    return pictures_of([program_id], first, weeks)[program_id]


def pictures_of(program_ids: Collection[int], first: date, weeks: int) -> dict[int, Picture]:
    """As `picture_of`, for many programs in one statement."""
    start = within(monday_of(first))
    shown = [start + WEEK * step for step in range(weeks)]
    return put_together(program_ids, shown, read(_statement(), asked(program_ids, shown)))


def asked(program_ids: Collection[int], weeks: Sequence[date]) -> dict[str, Any]:
    """The values of the statement for those programs and weeks (Mondays)."""
    # A day more on both sides, for the zones: what lies outside is left out when the week is known.
    first, last = weeks[0], weeks[-1] + WEEK - timedelta(days=1)
    return {
        "program_ids": list(program_ids),
        "first_day": first,
        "last_day": last,
        "from_moment": datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=1),
        "to_moment": datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=2),
    }


def put_together(program_ids: Collection[int], weeks: Sequence[date], rows: Any) -> dict[int, Picture]:
    """The pictures from the rows of the statement."""
    found = {program_id: Picture(weeks) for program_id in program_ids}
    by_kind: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row)
    zones = {row.program_id: row.name for row in by_kind["program"]}
    for row in by_kind["program"]:
        if row.n1 is not None:
            found[row.program_id].limits = Limits(amber_from=row.n1, red_from=row.n2)
    parts: dict[int, list[Part]] = defaultdict(list)
    freezes: dict[int, list[Freeze]] = defaultdict(list)
    shown = frozenset(weeks)
    for row in by_kind["group"]:
        info = GroupInfo(row.group_id, row.name, size_of(row.n1, row.n2), row.n3, row.day1)
        found[row.program_id].groups[info.id] = info
        if info.go_live_on is not None:
            parts[row.program_id] += of_go_live(info.id, row.words, info.go_live_on, info.impact)
    for row, week, sizes in _sessions(by_kind["training"], found, zones):
        hours = (row.at2 - row.at1).total_seconds() / 3600
        parts[row.program_id] += of_training(row.name, week, hours, row.n1, sizes)
    for row in by_kind["other"]:
        group_ids = [row.group_id] if row.group_id is not None else list(found[row.program_id].groups)
        touched = weeks_between(max(row.day1, weeks[0]), min(row.day2, weeks[-1] + WEEK - timedelta(days=1)))
        places = [(group_id, week) for week in touched for group_id in group_ids]
        if row.n2:
            freezes[row.program_id] += [Freeze(*place, row.name) for place in places]
        else:
            parts[row.program_id] += [Part(*place, Source.OTHER, row.n1 * TENTHS, row.name) for place in places]
    for program_id, picture in found.items():
        picture.cells = add_up(
            (part for part in parts[program_id] if part.week in shown),
            (freeze for freeze in freezes[program_id] if freeze.week in shown),
        )
    return found


def _sessions(
    rows: Sequence[Any], found: dict[int, Picture], zones: dict[int, str]
) -> Iterator[tuple[Any, date, dict[int, int]]]:
    """Each session's first row, its week on the program's own calendar, and the sizes of the groups it is for."""
    sessions: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        sessions[row.ref].append(row)
    for invited in sessions.values():
        row = invited[0]
        groups = found[row.program_id].groups
        week = monday_of(row.at1.astimezone(zone(zones[row.program_id])).date())
        yield row, week, {each.group_id: groups[each.group_id].size for each in invited}


def warning_for(program_id: int, group_ids: Collection[int], first_day: date, last_day: date) -> str | None:
    """A sentence for somebody who plans a go-live or a training for those groups into those days; None if all is well.

    It looks at what is planned by then: call it after the new thing was flushed, and that counts too. One statement. It
    warns of red weeks and of freezes, and says what to do; it refuses nothing.
    """
    first, last = within(min(first_day, last_day)), within(max(first_day, last_day))
    weeks = weeks_between(first, last)[: 2 * 53]
    picture = picture_of(program_id, first, len(weeks))
    wanted = [group_id for group_id in group_ids if group_id in picture.groups]
    frozen, red = set(), set()
    names: set[str] = set()
    for week in weeks:
        for group_id in wanted:
            cell, state = picture.cell(group_id, week), picture.state(group_id, week)
            if state in (State.FROZEN, State.BROKEN):
                frozen.add(group_id)
                names.update(cell.freezes)
            elif state in FULL:
                red.add((group_id, week))
    if frozen:
        return ngettext(
            "%(freeze)s is a freeze for %(num)s of these groups. Plan it before or after, or agree on an exception.",
            "%(freeze)s is a freeze for %(num)s of these groups. Plan it before or after, or agree on an exception.",
            len(frozen),
            freeze=", ".join(sorted(names)),
        )
    if not red:
        return None
    worst, week = max(red, key=lambda at: (picture.cell(*at).tenths, at[1], at[0]))
    points = formats.number(picture.cell(worst, week).points, 0 if picture.cell(worst, week).tenths % 10 == 0 else 1)
    sentence = _(
        "%(group)s carries %(points)s points in %(week)s; red begins at %(limit)s. Choose another week, or take "
        "something off it.",
        group=picture.groups[worst].name,
        points=points,
        week=formats.week(week),
        limit=picture.limits.red_from,
    )
    others = len({group_id for group_id, _week in red}) - 1
    if not others:
        return sentence
    more = ngettext("%(num)s more group has a red week then.", "%(num)s more groups have a red week then.", others)
    return f"{sentence} {more}"


def within(day: date) -> date:
    """The day, within what the calendar knows."""
    return min(max(day, FIRST_DAY + WEEK), LAST_DAY - WEEK * (WEEKS_SHOWN + len(GO_LIVE_WEEKS)))


@cache
def _statement() -> Any:
    """Everything about saturation as rows of one shape; `kind` says what a row is."""
    return union_all(*statement_parts())


def statement_parts() -> list[Any]:
    """The parts of the statement, for those who read them beside others in one statement."""
    group, impact, member = ImpactedGroup.__table__.c, GroupImpact.__table__.c, GroupMember.__table__.c
    go_live, session, invited = GoLive.__table__.c, TrainingSession.__table__.c, TrainingGroup.__table__.c
    other, about = OtherChange.__table__.c, OtherChangeGroup.__table__.c
    program, limit = Program.__table__.c, ChangeLimits.__table__.c
    ids: Any = bindparam("program_ids", expanding=True)
    highest = (
        select(impact.group_id, func.max(impact.level).label("level"))
        .join(ImpactedGroup.__table__, group.id == impact.group_id)
        .where(group.program_id.in_(ids))
        .group_by(impact.group_id)
        .subquery()
    )
    known = (
        select(member.group_id, func.count().label("people"))
        .where(member.program_id.in_(ids), member.belongs)
        .group_by(member.group_id)
        .subquery()
    )
    groups = (
        shaped(
            "group",
            group.program_id,
            group_id=group.id,
            name=group.name,
            words=go_live.name,
            day1=go_live.on_date,
            n1=group.headcount,
            n2=func.coalesce(known.c.people, 0),
            n3=highest.c.level,
            n4=group.training_target,
        )
        .select_from(ImpactedGroup.__table__)
        .outerjoin(highest, highest.c.group_id == group.id)
        .outerjoin(known, known.c.group_id == group.id)
        .outerjoin(GoLive.__table__, go_live.id == group.go_live_id)
        .where(group.program_id.in_(ids))
    )
    trainings = (
        shaped(
            "training",
            session.program_id,
            group_id=invited.group_id,
            ref=session.id,
            name=session.title,
            at1=session.starts_at,
            at2=session.ends_at,
            n1=session.capacity,
        )
        .select_from(TrainingSession.__table__)
        .join(TrainingGroup.__table__, invited.session_id == session.id)
        .where(
            session.program_id.in_(ids),
            session.state != SessionState.CANCELLED.value,
            session.starts_at >= bindparam("from_moment", type_=UtcDateTime()),
            session.starts_at < bindparam("to_moment", type_=UtcDateTime()),
        )
    )
    others = (
        shaped(
            "other",
            other.program_id,
            group_id=about.group_id,
            ref=other.id,
            name=other.name,
            day1=other.starts_on,
            day2=other.ends_on,
            n1=other.weight,
            n2=case((other.kind == OtherKind.FREEZE.value, 1), else_=0),
        )
        .select_from(OtherChange.__table__)
        .outerjoin(OtherChangeGroup.__table__, about.other_id == other.id)
        .where(
            other.program_id.in_(ids),
            other.starts_on <= bindparam("last_day", type_=Date()),
            other.ends_on >= bindparam("first_day", type_=Date()),
        )
    )
    programs = (
        shaped("program", program.id, name=program.timezone, n1=limit.amber_from, n2=limit.red_from)
        .select_from(Program.__table__)
        .outerjoin(ChangeLimits.__table__, limit.program_id == program.id)
        .where(program.id.in_(ids))
    )
    return [groups, trainings, others, programs]


_SHAPE: tuple[tuple[str, Any], ...] = (
    *(("group_id", Integer()), ("ref", Integer()), ("name", String()), ("words", String())),
    *(("day1", Date()), ("day2", Date()), ("at1", UtcDateTime()), ("at2", UtcDateTime())),
    *(("n1", Integer()), ("n2", Integer()), ("n3", Integer()), ("n4", Integer())),
)


def shaped(kind: str, program_id: Any, **columns: Any) -> Any:
    """A select in the one shape of all parts; columns that are not given are empty."""
    return select(
        literal(kind).label("kind"),
        program_id.label("program_id"),
        *(columns.get(name, cast(null(), type_)).label(name) for name, type_ in _SHAPE),
    )
