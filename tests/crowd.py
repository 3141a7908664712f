"""A crowd for the statement tests: 2,000 people in 300 groups of program ALFA, with impacts, go-lives and trainings.

Written in bulk, so that a test can afford it. The first 200 people are contributors of the program; the others are on
the front line only. Everything follows from the place in the list: no dice, so that a failure comes back.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from program.change.models import (
    AdoptionReading,
    GoLive,
    GroupImpact,
    GroupMember,
    ImpactedGroup,
    TrainingGroup,
    TrainingSeat,
    TrainingSession,
)
from program.change.models.groups import Aspect, GroupKind
from program.change.models.training import SeatState, SessionState
from program.extensions import db
from program.ground.actor import Access
from program.ground.folding import fold
from program.people.models import Membership, Person
from tests.cast import Cast

PEOPLE, GROUPS, GO_LIVES, SESSIONS, SEATS_A_SESSION, MEMBERS = 2000, 300, 6, 40, 10, 200
# A Thursday; the go-lives follow every four weeks, the sessions lie on working days around it.
TODAY = date(2026, 3, 12)


@dataclass(frozen=True)
class Crowd:
    """The ids of what was written, in order."""

    program_id: int
    key: str
    people: tuple[int, ...]
    # The first of `people`, who are contributors of the program as well.
    members: tuple[int, ...]
    groups: tuple[int, ...]
    go_lives: tuple[int, ...]
    sessions: tuple[int, ...]


def gather_crowd(cast: Cast, *, people: int = PEOPLE, groups: int = GROUPS) -> Crowd:
    """Write the crowd into the running transaction."""
    program_id = cast.program_id
    persons = _people(people)
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    _write(
        Membership,
        (
            {
                "program_id": program_id,
                "person_id": person,
                "access": Access.CONTRIBUTOR.value,
                "created_at": now,
                "revision": 1,
            }
            for person in persons[:MEMBERS]
        ),
    )
    go_lives = _ids(
        GoLive,
        (
            {"program_id": program_id, "name": f"Wave {number + 1}", "on_date": TODAY + timedelta(weeks=4 * number)}
            for number in range(GO_LIVES)
        ),
    )
    group_ids = _groups(program_id, persons, go_lives, groups)
    _write(
        GroupMember,
        (
            {
                "group_id": group_ids[place % groups],
                "person_id": person,
                "program_id": program_id,
                "belongs": True,
                # Every third group has an ambassador, every fourth a super-user.
                "is_ambassador": place < groups and place % 3 == 0,
                "is_super_user": place < groups and place % 4 == 0,
            }
            for place, person in enumerate(persons)
        ),
    )
    sessions = _trainings(program_id, persons, group_ids, go_lives)
    _write(
        AdoptionReading,
        (
            {
                "program_id": program_id,
                "group_id": group,
                "measure": measure,
                "on_date": TODAY - timedelta(weeks=4 * step),
                "value": (place * 7 + 10 * (3 - step)) % 101,
                "source": "Team leaders' count",
            }
            for place, group in enumerate(group_ids)
            for measure in ("active", "confident")
            for step in range(3)
        ),
    )
    return Crowd(program_id, cast.key, persons, persons[:MEMBERS], group_ids, tuple(go_lives), tuple(sessions))


def _people(many: int) -> tuple[int, ...]:
    return tuple(
        _ids(
            Person,
            (
                {
                    "email": f"agent{number:04}@alfa.example",
                    "name": f"Agent {number:04} Łęcki",
                    "name_folded": fold(f"Agent {number:04} Łęcki"),
                    "locale": "en",
                    "theme": "auto",
                    "timezone": "Europe/Warsaw",
                    "is_admin": False,
                    "is_active": True,
                    "session_key": secrets.token_urlsafe(16),
                }
                for number in range(1, many + 1)
            ),
        )
    )


def _groups(program_id: int, persons: tuple[int, ...], go_lives: list[int], many: int) -> tuple[int, ...]:
    kinds, channels = list(GroupKind), ("", "phone", "email", "chat")
    found = tuple(
        _ids(
            ImpactedGroup,
            (
                {
                    "program_id": program_id,
                    "name": f"Team {number:03}",
                    "name_folded": fold(f"Team {number:03}"),
                    "kind": kinds[number % len(kinds)].value,
                    "site": f"Site {number % 20}",
                    "channel": channels[number % len(channels)],
                    "headcount": 5 + number % 9,
                    "representative_id": persons[number % MEMBERS],
                    "go_live_id": go_lives[number % len(go_lives)],
                    "training_target": 80,
                }
                for number in range(1, many + 1)
            ),
        )
    )
    _write(
        GroupImpact,
        (
            {"group_id": group, "aspect": aspect.value, "level": (place + step) % 6, "note": ""}
            for place, group in enumerate(found)
            for step, aspect in enumerate(Aspect)
        ),
    )
    return found


def _trainings(program_id: int, persons: tuple[int, ...], groups: tuple[int, ...], go_lives: list[int]) -> list[int]:
    def starts_at(number: int) -> datetime:
        return datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(days=7 * (number // 5) + number % 5)

    def state(number: int) -> str:
        return SessionState.HELD if starts_at(number).date() < TODAY else SessionState.PLANNED

    sessions = _ids(
        TrainingSession,
        (
            {
                "program_id": program_id,
                "title": f"One inbox, session {number + 1}",
                "go_live_id": go_lives[number % len(go_lives)],
                "starts_at": starts_at(number),
                "ends_at": starts_at(number) + timedelta(hours=2),
                "trainer_id": persons[number % MEMBERS],
                "state": state(number),
            }
            for number in range(SESSIONS)
        ),
    )
    pairs = [(number, groups[(number * 5 + step) % len(groups)]) for number in range(SESSIONS) for step in range(5)]
    _write(
        TrainingGroup,
        (
            {
                "session_id": sessions[number],
                "group_id": group,
                "counted": 2 if state(number) == SessionState.HELD else 0,
            }
            for number, group in pairs
        ),
    )
    states = (SeatState.ATTENDED, SeatState.MISSED), (SeatState.INVITED, SeatState.ACCEPTED, SeatState.DECLINED)
    rows: list[dict[str, Any]] = []
    for number, session in enumerate(sessions):
        known = states[0] if state(number) == SessionState.HELD else states[1]
        for seat in range(SEATS_A_SESSION):
            rows.append(
                {
                    "session_id": session,
                    "person_id": persons[(number * SEATS_A_SESSION + seat) % len(persons)],
                    "program_id": program_id,
                    "state": known[seat % len(known)].value,
                }
            )
    _write(TrainingSeat, iter(rows))
    return sessions


def _ids(model: Any, rows: Any) -> list[int]:
    written = list(rows)
    return list(db.session.scalars(insert(model).returning(model.id, sort_by_parameter_order=True), written))


def _write(model: Any, rows: Any) -> None:
    if written := list(rows):
        db.session.execute(insert(model), written)
