"""Fixtures of the change room's tests: Zosia from the front line, and ALFA with two groups and a go-live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from flask import Flask

from program.change import group_members, groups
from program.change.models import GoLive, GroupMember, ImpactedGroup
from program.extensions import db
from program.ground import database
from tests.cast import Cast, Member, as_member, make_person


@pytest.fixture
def zosia(app: Flask, cast: Cast) -> Member:
    """Zosia answers the phone in a group of ALFA, and has no access to the program beside that."""
    with app.app_context(), database.transaction():
        group = ImpactedGroup(
            program_id=cast.program_id, name="Night shift", name_folded="night shift", channel="phone"
        )
        db.session.add(group)
        person = make_person("Zosia Nowak", "zosia@alfa.example")
        db.session.flush()
        db.session.add(GroupMember(group_id=group.id, person_id=person.id, program_id=cast.program_id))
        return as_member(person)


@dataclass(frozen=True)
class Floor:
    """The ids of ALFA's groups and go-live, and Zosia, who is in the first group and in nothing else."""

    program_id: int
    key: str
    night_shift: int
    chat_team: int
    go_live: int
    agent: Member
    cast: Cast


@pytest.fixture
def floor(app: Flask, cast: Cast) -> Floor:
    """Two groups of ALFA, committed. For tests of verbs use `context` as well."""
    with app.app_context(), database.transaction():
        return build_floor(cast)


def build_floor(cast: Cast) -> Floor:
    """Write the groups into the running transaction."""
    wave = GoLive(program_id=cast.program_id, name="Wave 1", on_date=date(2026, 5, 4))
    agent = make_person("Zosia Nowak", "zosia@alfa.example")
    db.session.add(wave)
    db.session.flush()
    manager = cast.manager.actor
    night = groups.add_group(
        manager,
        cast.program_id,
        {"name": "Night shift", "headcount": 30, "site": "Łódź", "go_live_id": wave.id, "training_target": 80},
    )
    chat = groups.add_group(manager, cast.program_id, {"name": "Chat team", "channel": "chat", "headcount": 8})
    group_members.add_member(manager, night, agent.email)
    return Floor(cast.program_id, cast.key, night.id, chat.id, wave.id, as_member(agent), cast)
