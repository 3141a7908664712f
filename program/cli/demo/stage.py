"""The program of a story while it is played: who is who, what is what, and which day it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from flask import g
from sqlalchemy import select

from program.cli.demo.almanac import Almanac, first_monday
from program.cli.demo.story import Story
from program.extensions import db
from program.ground.actor import Access, Actor, Origin
from program.ground.calendar import WorkingCalendar
from program.ground.now import held_at
from program.people import members
from program.people.models import Person
from program.planning import audiences
from program.planning.models import Gate, Phase, Program, WorkItem
from program.playbooks.model import Text

TIMEZONE, COUNTRY = "Europe/Warsaw", "PL"


class Stage:
    """What acts need: the story's program and its days, its people, and its items by the keys of the story."""

    def __init__(self, story: Story, people: dict[str, int], locale: str, today: date) -> None:
        self.story = story
        self.people = people
        self.locale = locale
        self.almanac = Almanac(first_monday(today, story.weeks_ago), WorkingCalendar(COUNTRY), TIMEZONE)
        self.program: Program
        # By the keys of the playbook, or those a story gives to what was added by hand.
        self.items: dict[str, WorkItem] = {}
        self._phases: dict[str, int] = {}
        self._gates: dict[str, int] = {}
        self._actors: dict[str, Actor] = {}
        # Numbers or ids of what the acts of rooms made, by what it is and the story's key for it.
        self.made: dict[tuple[str, str], int] = {}

    @property
    def program_id(self) -> int:
        """The program's id."""
        return int(self.program.id)

    def actor(self, person: str) -> Actor:
        """That person at the web's door. What they may do is looked up once, and again after somebody came."""
        if person not in self._actors:
            self._actors[person] = Actor(self.people[person], Origin.WEB)
        return self._actors[person]

    def text(self, text: Text) -> str:
        """A text in the demo's language."""
        return text.pl if self.locale == "pl" else text.en

    def phase(self, key: str) -> Phase:
        """The phase with that key."""
        return db.session.get_one(Phase, self._phases[key])

    def gate(self, key: str) -> Gate:
        """The gate with that key."""
        return db.session.get_one(Gate, self._gates[key])

    def know_phase(self, key: str, phase: Phase) -> None:
        """A phase was added by hand; the story calls it so."""
        self._phases[key] = phase.id

    def know_gate(self, key: str, gate: Gate) -> None:
        """A gate was added by hand; the story calls it so."""
        self._gates[key] = gate.id

    def part(self, told: str) -> str:
        """A part of the program's people as the story names it ('group:Helpline'), as verbs take it."""
        name, _colon, part_name = told.partition(":")
        kind = audiences.find(name)
        found = [part.key for part in kind.parts(self.program_id) if part.name == part_name] if kind else []
        if not found:
            raise KeyError(f"there is no {told}")
        return f"{name}:{found[0]}"

    def know_playbook(self) -> None:
        """Know what came from the playbook by its keys."""
        self.items |= {row.key: row for row in self._rows(WorkItem)}
        self._phases |= {row.key: row.id for row in self._rows(Phase)}
        self._gates |= {row.key: row.id for row in self._rows(Gate)}

    def invite(self, by: Actor, person: str, level: str) -> None:
        """Let somebody of the cast into the program."""
        row = db.session.get_one(Person, self.people[person])
        members.invite(by, self.program_id, row.email, row.name, Access[level.upper()])
        self._actors.clear()

    def _rows(self, model: Any) -> Any:
        return db.session.scalars(select(model).where(model.program_id == self.program_id, model.key != ""))


@contextmanager
def moment_of(moment: datetime, locale: str) -> Iterator[None]:
    """Within the block it is that moment, for somebody who reads that language."""
    # 'Today' is remembered for the length of a request, and every step has its own.
    g.pop("today", None)
    g.locale, g.timezone = locale, TIMEZONE
    with held_at(moment):
        yield
    g.pop("today", None)


def as_of(value: Any, stage: Stage) -> Any:
    """A value of a story as verbs take it: texts in the demo's language."""
    return stage.text(value) if isinstance(value, Text) else value
