"""A running pulse in the small cast's program: its team of twelve, asked on Mondays at nine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask

from program.extensions import db
from program.ground import database
from program.ground.actor import Access, Actor
from program.ground.now import held_at
from program.ground.together import read_together
from program.people.models import Membership
from program.planning import audiences
from program.planning.criteria import Answer, Asking, Question
from program.pulse import gate, keeping_time, links, surveys
from program.pulse.answering import answer, sheet_of
from program.pulse.models import Round, Survey
from program.pulse.surveys import SurveyDraft, set_up, start
from tests.cast import Cast, make_person

ZONES = ("Europe/Warsaw", "America/New_York", "Asia/Tokyo")
PARTS = {"chat": 6, "phone": 5, "shop": 3}


@dataclass
class Team:
    """Who is asked: ids of fourteen people, in three zones and three parts; and the verbs in short."""

    app: Flask
    program_id: int
    manager: Actor
    people: list[int]
    part: dict[int, str]

    def at(self, moment: str) -> AbstractContextManager[None]:
        """Within the block it is that moment (ISO, with its offset), in a transaction of its own."""
        return _moment(self.app, moment)

    def tick(self, moment: str) -> int:
        """The clock comes by."""
        with self.at(moment):
            return keeping_time.tick()

    def survey(self) -> Survey:
        """The survey's row."""
        found = surveys.find_survey(self.program_id)
        assert found is not None
        return found

    def rounds(self) -> list[Round]:
        """All rounds, the first one first."""
        return list(db.session.scalars(db.select(Round).order_by(Round.number)))

    def gate_says(self) -> Answer:
        """What a gate would be told that asks for the pulse."""
        asking = Asking(self.program_id, "ALFA", date(2026, 3, 9), (), ())
        rows = read_together(gate.wanted(asking, ()).statements, {"program": self.program_id})
        question: Any = Question(None, None)  # type: ignore[arg-type]
        return gate.answer_for(replace(asking, rows=rows), [question])[0]

    def answer_all(self, round_id: int, person_id: int, value: int, words: str = "") -> None:
        """Answer every question of the sheet with that value (its lowest where it has no such answer)."""
        token = links.token(round_id, person_id)
        for question in sheet_of(token).questions:
            if question.answers:
                answer(token, question.id, value if value in question.answers else question.answers[0])
            elif words:
                answer(token, question.id, words=words)


@contextmanager
def _moment(app: Flask, moment: str) -> Iterator[None]:
    with app.app_context(), held_at(datetime.fromisoformat(moment)), database.transaction():
        yield


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[int]]:
    """The people of each part, as a room above would tell; the kind is called 'desk'."""
    found: dict[str, list[int]] = {}
    kind = audiences.Kind(
        "desk",
        "Desk",
        10,
        lambda _program: [audiences.Part(key, key.title()) for key in sorted(found)],
        lambda _program: found,
    )
    monkeypatch.setitem(audiences._KINDS, "desk", kind)
    return found


@pytest.fixture
def team(app: Flask, cast: Cast, parts: dict[str, list[int]]) -> Team:
    """The program's pulse, running since Friday 6 March 2026; results are broken down by desk."""
    part: dict[int, str] = {}
    with _moment(app, "2026-03-06T10:00+01:00"):
        for name, count in PARTS.items():
            for number in range(count):
                person = make_person(f"{name} {number}", f"{name}{number}@alfa.example")
                person.timezone = ZONES[len(part) % 3]
                db.session.add(
                    Membership(program_id=cast.program_id, person_id=person.id, access=Access.CONTRIBUTOR.value)
                )
                part[person.id] = name
                parts.setdefault(name, []).append(person.id)
        db.session.flush()
        chosen = tuple(f"desk:{name}" for name in PARTS)
        survey = set_up(cast.manager.actor, cast.program_id, SurveyDraft(audience=chosen, breakdown="desk"))
        start(cast.manager.actor, survey, seen=survey.revision)
    return Team(app, cast.program_id, cast.manager.actor, sorted(part), part)


Told = Callable[[], list[Any]]
