"""Fixtures of the change room's tests: somebody of the front line beside the cast."""

from __future__ import annotations

import pytest
from flask import Flask

from program.change.models import GroupMember, ImpactedGroup
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
