"""A large instance to measure on: 200 programs, 10,000 items in the largest, 2,000 people. Numbers, not stories.

The rows are written in bulk, past the verbs, and always the same for the same day; the demo is the believable one.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from program.extensions import db
from program.ground.audit import AuditEntry
from program.ground.folding import fold
from program.ground.records import record
from program.outbox.models import Message
from program.people.models import Membership, Person
from program.planning.models import (
    Baseline,
    BaselineLine,
    Comment,
    Dependency,
    Gate,
    GateCriterion,
    ItemTag,
    Phase,
    PhaseBlock,
    Program,
    WorkItem,
)
from program.planning.models.items import Channel, Status

PROGRAMS, PEOPLE, LARGEST, USUAL = 200, 2_000, 10_000, 60
PHASES = ("Discovery", "Pilot", "Full rollout", "Launch and support", "Optimisation")
WEEKS_SO_FAR, WEEKS_A_PHASE = 14, 8
CRITERIA = ("required_items", "no_blockers", "no_overdue_conditions", "dependencies_met", "manual", "manual")
# The person whose pages are measured manages every program.
READER, READER_KEY = 1, "bench"


@record
class Size:
    """How much to write."""

    programs: int = PROGRAMS
    people: int = PEOPLE
    largest: int = LARGEST
    usual: int = USUAL


def seed(today: date, size: Size | None = None) -> None:
    """Fill an empty database; program 1 (key BIG) is the largest. The caller commits."""
    size = size or Size()
    # Not for secrets: the same rows every time are the point.
    dice = random.Random(2026)  # noqa: S311
    start = today - timedelta(weeks=WEEKS_SO_FAR)
    moment = datetime.combine(start, datetime.min.time(), UTC)
    _people(size, moment)
    _programs(size, start, moment)
    _memberships(size, moment, dice)
    _phases(size, start)
    _items(size, start, moment, dice)
    _history(size, moment, dice)
    _baseline(size, start, moment)
    _messages(size, moment)


def _write(model: Any, rows: list[dict[str, Any]]) -> None:
    for begin in range(0, len(rows), 5_000):
        db.session.execute(insert(model), rows[begin : begin + 5_000])


def _people(size: Size, moment: datetime) -> None:
    rows = []
    for number in range(1, size.people + 1):
        name = f"Person {number:04}"
        rows.append(
            {
                "id": number,
                "email": f"person{number}@bench.example",
                "name": name,
                "name_folded": fold(name),
                "locale": "en",
                "theme": "auto",
                "timezone": "Europe/Warsaw",
                "is_admin": False,
                "is_active": True,
                "session_key": READER_KEY,
                "created_at": moment,
                "revision": 1,
            }
        )
    _write(Person, rows)


def _programs(size: Size, start: date, moment: datetime) -> None:
    rows = []
    for number in range(1, size.programs + 1):
        key, name = ("BIG", "The largest program") if number == 1 else (f"P{number:03}", f"Program {number:03}")
        rows.append(
            {
                "id": number,
                "key": key,
                "name": name,
                "name_folded": fold(name),
                "purpose": "One shared context for every channel.",
                "locale": "en",
                "timezone": "Europe/Warsaw",
                "country": "PL",
                "starts_on": start,
                "next_number": (size.largest if number == 1 else size.usual) + 1,
                "created_at": moment,
                "revision": 1,
            }
        )
    _write(Program, rows)


def _memberships(size: Size, moment: datetime, dice: random.Random) -> None:
    pairs = {(program, READER): 3 for program in range(1, size.programs + 1)}
    for person in range(2, size.people + 1):
        if person <= 60:
            pairs[1, person] = 2
        for _ in range(3):
            pairs.setdefault((dice.randint(1, size.programs), person), dice.choice((1, 2, 2, 3)))
    rows = [
        {"program_id": program, "person_id": person, "access": access, "created_at": moment, "revision": 1}
        for (program, person), access in pairs.items()
    ]
    _write(Membership, rows)


def _phase_id(program: int, position: int) -> int:
    return (program - 1) * len(PHASES) + position


def _phases(size: Size, start: date) -> None:
    phases, blocks, gates, criteria = [], [], [], []
    for program in range(1, size.programs + 1):
        for position, name in enumerate(PHASES, 1):
            begins = start + timedelta(weeks=(position - 1) * WEEKS_A_PHASE)
            ends = begins + timedelta(weeks=WEEKS_A_PHASE, days=-3)
            number = _phase_id(program, position)
            common = {"program_id": program, "revision": 1}
            phases.append(
                {
                    **common,
                    "id": number,
                    "position": position,
                    "name": name,
                    "planned_start": begins,
                    "planned_end": ends,
                    "actual_start": begins if position <= 2 else None,
                    "actual_end": ends if position == 1 else None,
                }
            )
            blocks += [
                {
                    **common,
                    "id": (number - 1) * 3 + turn + 1,
                    "phase_id": number,
                    "position": turn + 1,
                    "name": f"Block {turn + 1}",
                    "starts_on": begins + timedelta(weeks=turn * 2),
                    "ends_on": begins + timedelta(weeks=turn * 2 + 2, days=-3),
                }
                for turn in range(3)
            ]
            gates.append(
                {
                    **common,
                    "id": number,
                    "phase_id": number,
                    "name": f"{name} gate",
                    "planned_on": ends,
                    "kpis": ["CSAT"],
                }
            )
            criteria += [
                {
                    **common,
                    "gate_id": number,
                    "position": turn,
                    "kind": kind,
                    "text": "Agreed" if kind == "manual" else "",
                }
                for turn, kind in enumerate(CRITERIA)
            ]
    _write(Phase, phases)
    _write(PhaseBlock, blocks)
    _write(Gate, gates)
    _write(GateCriterion, criteria)


def _items(size: Size, start: date, moment: datetime, dice: random.Random) -> None:
    items: list[dict[str, Any]] = []
    tags, edges = [], []
    channels = [channel.value for channel in Channel] + ["", ""]
    for program in range(1, size.programs + 1):
        count = size.largest if program == 1 else size.usual
        first = len(items) + 1
        for number in range(1, count + 1):
            # Spread over the whole plan, so that a part is done, a part is late and the most lies ahead.
            day = number * len(PHASES) * WEEKS_A_PHASE * 7 // (count + 1)
            due = start + timedelta(days=day)
            position = min(len(PHASES), day // (WEEKS_A_PHASE * 7) + 1)
            status = _status(day, dice)
            reason = "Waits for the supplier" if status in (Status.BLOCKED, Status.DROPPED) else ""
            title = f"Item {number} of program {program}: agree, build and verify"
            done = moment + timedelta(days=max(1, min(day, WEEKS_SO_FAR * 7 - 1))) if status == Status.DONE else None
            items.append(
                {
                    "id": len(items) + 1,
                    "program_id": program,
                    "number": number,
                    "phase_id": _phase_id(program, position),
                    "block_id": (_phase_id(program, position) - 1) * 3 + number % 3 + 1,
                    "position": number,
                    "kind": "milestone" if number % 50 == 0 else "item",
                    "title": title,
                    "title_folded": fold(title),
                    "description": "What *done* looks like:\n\n- agreed\n- built\n- verified",
                    "status": status,
                    "status_reason": reason,
                    "required": number % 3 == 0,
                    "owner_id": dice.randint(1, 60) if dice.random() < 0.9 else None,
                    "priority": dice.choice((1, 2, 2, 2, 3, 4)),
                    "channel": dice.choice(channels),
                    "start_on": due - timedelta(days=7),
                    "due_on": due,
                    "started_at": done,
                    "done_at": done,
                    "created_at": moment,
                    "updated_at": done or moment,
                    "revision": 1,
                }
            )
            if number % 4 == 0:
                tags.append({"item_id": len(items), "tag": f"tag{number % 20}", "program_id": program})
            if number > 5 and number % 3 == 0:
                before = first + dice.randrange(max(0, number - 40), number - 1)
                edges.append({"predecessor_id": before, "successor_id": len(items), "program_id": program})
    _write(WorkItem, items)
    _write(ItemTag, tags)
    _write(Dependency, edges)


def _status(day: int, dice: random.Random) -> str:
    ahead = day - WEEKS_SO_FAR * 7
    if ahead < 0:
        return dice.choices((Status.DONE, Status.DROPPED, Status.DOING, Status.BLOCKED), (96, 2, 1, 1))[0].value
    if ahead < 14:
        return dice.choices((Status.TODO, Status.DOING, Status.BLOCKED), (6, 3, 1))[0].value
    return Status.TODO.value


def _history(size: Size, moment: datetime, dice: random.Random) -> None:
    entries, comments = [], []
    for number in range(1, size.largest + 1):
        entries.append(_entry(number, "item.created", moment, {"status": [None, "todo"]}))
        if number % 2 == 0:
            at = moment + timedelta(days=dice.randint(0, WEEKS_SO_FAR * 7 - 1), hours=9)
            entries.append(_entry(number, "item.changed", at, {"status": ["todo", "doing"]}))
        if number % 10 == 0:
            comments.append(
                {
                    "program_id": 1,
                    "item_id": number,
                    "author_id": READER,
                    "body": "Looks **good** to me.",
                    "created_at": moment + timedelta(days=7),
                    "revision": 1,
                }
            )
    # One item that everybody talked about.
    comments += [{**comments[0], "item_id": LARGEST // 2} for _ in range(40)] if comments else []
    _write(AuditEntry, entries)
    _write(Comment, comments)


def _entry(item: int, verb: str, at: datetime, changes: dict[str, Any]) -> dict[str, Any]:
    return {
        "at": at,
        "program_id": 1,
        "person_id": READER,
        "origin": "web",
        "verb": verb,
        "object_type": "item",
        "object_id": item,
        "name": f"Item {item}",
        "changes": changes,
    }


def _messages(size: Size, moment: datetime) -> None:
    """Some for everybody, many for the reader; half of these are new."""
    to = [person for person in range(2, size.people + 1) for _ in range(4)] + [READER] * 400
    rows = []
    for number, person in enumerate(to):
        at = moment + timedelta(minutes=number)
        data = {"who": f"Person {number % 60:04}", "title": f"Item {number} of program 1: agree, build and verify"}
        rows.append(
            {
                "key": f"bench:{number}",
                "kind": "planning.mentioned",
                "pace": "digest",
                "program_id": 1 if person <= 60 else None,
                "person_id": person,
                "data": data,
                "path": f"/p/BIG/items/{number % size.largest + 1}",
                "created_at": at,
                "visible_from": at,
                "due_at": at,
                "read_at": at if number % 2 else None,
                "state": "sent",
            }
        )
    _write(Message, rows)


def _baseline(size: Size, start: date, moment: datetime) -> None:
    _write(
        Baseline, [{"id": 1, "program_id": 1, "name": "Plan at the start", "taken_at": moment, "taken_by_id": READER}]
    )
    lines = []
    for position, name in enumerate(PHASES, 1):
        begins = start + timedelta(weeks=(position - 1) * WEEKS_A_PHASE - 1)
        ends = begins + timedelta(weeks=WEEKS_A_PHASE, days=-3)
        common = {"baseline_id": 1, "status": "", "phase_id": position}
        lines.append(
            {
                **common,
                "object_type": "phase",
                "object_id": position,
                "name": name,
                "starts_on": begins,
                "ends_on": ends,
            }
        )
        lines.append(
            {**common, "object_type": "gate", "object_id": position, "name": name, "starts_on": None, "ends_on": ends}
        )
    for number in range(1, size.largest + 1):
        due = start + timedelta(days=number * len(PHASES) * WEEKS_A_PHASE * 7 // (size.largest + 1) - number % 9)
        lines.append(
            {
                "baseline_id": 1,
                "object_type": "item",
                "object_id": number,
                "name": f"Item {number}",
                "phase_id": 1,
                "starts_on": None,
                "ends_on": due,
                "status": "todo",
            }
        )
    _write(BaselineLine, lines)
