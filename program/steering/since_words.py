"""What changed between two days, in words: one sentence for all of it, and under it list by list with the reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import aliased

from program.ground import formats
from program.ground.audit import AuditEntry
from program.ground.database import read
from program.ground.model import UtcDateTime
from program.ground.records import record
from program.people.models import Person
from program.planning.comparison import LineChange
from program.planning.models import Dependency, WorkItem
from program.planning.models.items import Status
from program.steering.progress_parts import KpiLine
from program.steering.progress_words import counted
from program.steering.since import End, Since

LISTED = 12
LIST_WORDS: dict[str, Any] = {
    "finished": _l("Done"),
    "later": _l("Slipped"),
    "added": _l("Added"),
    "removed": _l("Removed or dropped"),
    "blocked": _l("Blocked"),
    "reopened": _l("Taken up again"),
    "moved": _l("Gates and phases moved"),
    "earlier": _l("Brought forward"),
}
RISK_WORDS: dict[str, Any] = {
    "opened": _l("Opened"),
    "reopened": _l("Opened again"),
    "risen": _l("Risen"),
    "fallen": _l("Fallen"),
    "happened": _l("Happened"),
    "closed": _l("Closed"),
}


# How the progress page counts the same kinds.
_COUNTED = {
    "finished": "done",
    "later": "slipped",
    "added": "added",
    "removed": "dropped",
    "blocked": "blocked",
    "reopened": "reopened",
    "earlier": "pulled",
}


@record
class Row:
    """A line of a list: an item (its number), a gate (its id) or a phase, what happened to it, and why."""

    name: str
    number: int | None = None
    gate_id: int | None = None
    what: str = ""
    why: str = ""


@record
class List:
    """One kind of change, with all of it counted and the first rows."""

    kind: str
    title: str
    total: int
    rows: tuple[Row, ...]
    # The working days that all of it moved on average.
    days: int = 0


@record
class FigureRow:
    """The index or a KPI at both ends. `way` is 1 for better, -1 for worse, 0 for neither or not known."""

    name: str
    before: str
    after: str
    way: int


def headline(since: Since, lists: Sequence[List]) -> str:
    """All of it in one or two sentences."""
    parts = [counted(_COUNTED[one.kind], one.total, one.days) for one in lists if one.kind in _COUNTED]
    gates = len(since.plan.of("later", "earlier", object_type="gate"))
    if gates:
        parts.append(ngettext("%(num)s gate moved", "%(num)s gates moved", gates))
    if since.taken:
        parts.append(ngettext("%(num)s decision taken", "%(num)s decisions taken", len(since.taken)))
    opened = sum(1 for one in since.risks if one.kind in ("opened", "reopened"))
    if opened:
        parts.append(ngettext("%(num)s risk opened", "%(num)s risks opened", opened))
    what = ", ".join(parts) or _("nothing changed")
    said = _("%(span)s: %(what)s.", span=span(since), what=what)
    return f"{said[0].upper()}{said[1:]} {_index_sentence(since)}".strip()


def span(since: Since) -> str:
    """'Since the meeting on Wed 3 Jun', 'From Mon 1 Jun to the meeting on Wed 17 Jun'."""
    if since.last.is_now:
        if since.first.meeting is not None:
            return _("Since the meeting on %(day)s", day=formats.day(since.first.day))
        return _("Since %(day)s", day=formats.day(since.first.day))
    return _("From %(first)s to %(last)s", first=_day(since.first), last=_day(since.last))


def _day(end: End) -> str:
    day = formats.day(end.day)
    return day if end.meeting is None else _("the meeting on %(day)s", day=day)


def _index_sentence(since: Since) -> str:
    before = since.before.index.value if since.before and since.before.index else None
    after = since.after.index.value if since.after and since.after.index else None
    if before is None or after is None or before == after:
        return ""
    old, new = formats.exact(before, 1), formats.exact(after, 1)
    if after > before:
        return _("The Experience Index rose from %(old)s to %(new)s.", old=old, new=new)
    return _("The Experience Index fell from %(old)s to %(new)s.", old=old, new=new)


def lists(since: Since) -> list[List]:
    """What happened to the plan, list by list; empty ones are left out. Two statements."""
    plan = since.plan
    phases = {one.object_id: one.shift for one in plan.of("later", object_type="phase")}
    added = plan.of("added")
    kinds: dict[str, list[LineChange]] = {
        # What was added and is done by now is both.
        "finished": [*plan.of("finished"), *(one for one in added if one.line.status == Status.DONE)],
        # Those that moved by themselves come before those that only went along with their phase.
        "later": sorted(
            (one for one in plan.of("later") if _is_open(one)),
            key=lambda one: (one.shift <= phases.get(one.phase_id or 0, 0), -one.shift, one.object_id),
        ),
        "added": added,
        "removed": plan.of("removed", "dropped"),
        "blocked": [one for one in (*plan.of("status"), *added) if one.line.status == Status.BLOCKED],
        "reopened": plan.of("reopened"),
        "moved": [
            *plan.of("later", "earlier", "added", "removed", object_type="phase"),
            *plan.of("later", "earlier", "added", "removed", object_type="gate"),
        ],
        "earlier": sorted((one for one in plan.of("earlier") if _is_open(one)), key=lambda one: one.shift),
    }
    shown = {kind: changes[:LISTED] for kind, changes in kinds.items() if changes}
    facts = _facts([one.object_id for changes in shown.values() for one in changes if one.object_type == "item"])
    moved = {one.object_id for kind in ("later", "earlier") for one in shown.get(kind, ())}
    moves = _moves(sorted(moved), since.first.moment, since.last.moment)
    return [
        List(
            kind,
            str(LIST_WORDS[kind]),
            len(kinds[kind]),
            tuple(_row(kind, one, facts.get(one.object_id), moves.get(one.object_id)) for one in changes),
            _average(kinds[kind]) if kind in ("later", "earlier") else 0,
        )
        for kind, changes in shown.items()
    ]


def _average(changes: Sequence[LineChange]) -> int:
    return round(sum(abs(one.shift) for one in changes) / len(changes))


def _is_open(change: LineChange) -> bool:
    return change.line.status not in (Status.DONE, Status.DROPPED)


def _row(kind: str, change: LineChange, facts: Any, move: Any) -> Row:
    if change.object_type != "item":
        gate_id = change.object_id if change.object_type == "gate" and change.after else None
        return Row(change.name, gate_id=gate_id, what=_moved(change))
    number = facts.number if facts else None
    what = why = ""
    if kind in ("later", "earlier"):
        what, why = _moved(change), _why(facts, move)
    elif kind == "blocked" or (kind == "removed" and change.after is not None):
        why = facts.status_reason if facts and facts.status == change.line.status else ""
    elif kind == "added" and change.line.ends_on:
        what = _("due %(day)s", day=formats.day(change.line.ends_on))
    return Row(change.name, number, what=what, why=why)


def _moved(change: LineChange) -> str:
    old, new = change.before, change.after
    if old is None or new is None:
        return _("new") if old is None else _("removed")
    days = abs(change.shift)
    if change.shift > 0:
        by = ngettext("%(num)s working day later", "%(num)s working days later", days)
    elif change.shift < 0:
        by = ngettext("%(num)s working day earlier", "%(num)s working days earlier", days)
    else:
        by = _("moved")
    first, last = (old.ends_on, new.ends_on) if old.ends_on != new.ends_on else (old.starts_on, new.starts_on)
    return _("%(by)s, from %(old)s to %(new)s", by=by, old=formats.day(first), new=formats.day(last))


def _why(facts: Any, move: Any) -> str:
    """What is known of why an item moved: what blocks it, the phase it moved with, what it waits for, who moved it."""
    if facts is not None and facts.status == Status.BLOCKED:
        return _("Blocked: %(reason)s", reason=facts.status_reason)
    if move is not None and move.phase:
        return _("Moved with the phase “%(phase)s”", phase=move.phase)
    if facts is not None and facts.waits_for is not None:
        return _("Waits for “%(title)s”", title=facts.waits_for)
    return _("Moved by %(name)s", name=move.person) if move is not None and move.person else ""


def _facts(item_ids: Sequence[int]) -> Mapping[int, Any]:
    if not item_ids:
        return {}
    return {row.id: row for row in read(_facts_query(), {"ids": sorted(set(item_ids))})}


@cache
def _facts_query() -> Any:
    before = aliased(WorkItem)
    waits_for = (
        select(before.title)
        .join(Dependency, Dependency.predecessor_id == before.id)
        .where(Dependency.successor_id == WorkItem.id, Dependency.before_open)
        .order_by(before.due_on.desc(), before.id)
        .limit(1)
        .scalar_subquery()
    )
    columns = (WorkItem.id, WorkItem.number, WorkItem.status, WorkItem.status_reason, waits_for.label("waits_for"))
    return select(*columns).where(WorkItem.id.in_(bindparam("ids", expanding=True)))


def _moves(item_ids: Sequence[int], first: datetime, last: datetime) -> Mapping[int, Any]:
    """The last time each item's due date moved in between: who moved it, and the phase it moved with."""
    if not item_ids:
        return {}
    values = {"ids": list(item_ids), "first": first, "last": last}
    return {row.object_id: row for row in read(_moves_query(), values)}


@cache
def _moves_query() -> Any:
    entry, other = AuditEntry, aliased(AuditEntry)
    touched = entry.changes[("due_on", 1)].as_string().is_not(None)
    newest = (
        select(func.max(entry.id).label("id"))
        .where(
            # An item's entries are those of its program. Said once more, SQLite would read all of the program's.
            entry.object_type == "item",
            entry.object_id.in_(bindparam("ids", expanding=True)),
            entry.at > bindparam("first", type_=UtcDateTime()),
            entry.at <= bindparam("last", type_=UtcDateTime()),
            touched,
        )
        .group_by(entry.object_id)
        .subquery()
    )
    phase = (
        select(func.min(other.name))
        .where(and_(other.batch == entry.batch, other.object_type == "phase"))
        .scalar_subquery()
    )
    return (
        select(entry.object_id, Person.name.label("person"), phase.label("phase"))
        .join(newest, newest.c.id == entry.id)
        .outerjoin(Person, Person.id == entry.person_id)
    )


def figure_rows(since: Since) -> list[FigureRow]:
    """The index and every KPI that was part of it at either end. Empty where nothing was kept of one of them."""
    if since.before is None or since.after is None:
        return []
    found = []
    old, new = since.before.index, since.after.index
    if old or new:
        was, now = (one.value if one else None for one in (old, new))
        found.append(FigureRow(_("Experience Index"), _exact(was), _exact(now), _way(was, now)))
    before = {(one.code, one.channel): one for one in since.before.kpis}
    after = {(one.code, one.channel): one for one in since.after.kpis}
    for key in [*after, *(key for key in before if key not in after)]:
        then, line = before.get(key), after.get(key)
        known = line or then
        if known is not None:
            name = f"{known.name}, {known.channel}" if known.channel else known.name
            scores = (then.score if then else None, line.score if line else None)
            way = _way(*scores) if None not in scores else known.better * _way(*_numbers(then, line))
            found.append(FigureRow(name, then.value if then else "—", line.value if line else "—", way))
    return found


def _numbers(then: KpiLine | None, line: KpiLine | None) -> tuple[Decimal | None, Decimal | None]:
    return then.number if then else None, line.number if line else None


def _exact(value: Decimal | None) -> str:
    return formats.exact(value, 1) if value is not None else "—"


def _way(before: Decimal | None, after: Decimal | None) -> int:
    if before is None or after is None or before == after:
        return 0
    return 1 if after > before else -1
