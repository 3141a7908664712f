"""Handing over: what the change room carries for somebody is listed, and changes hands whole, or not at all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import select

from program.change import ideas, rituals
from program.change.ideas import IdeaDraft
from program.change.models import Coaching, Communication, Idea, ImpactedGroup, Ritual, TrainingSession
from program.change.rituals import RitualDraft
from program.extensions import db
from program.ground import audit
from program.ground.audit import AuditEntry
from program.planning.handing_over import Handover, parts
from tests.cast import Cast, Member, make_program

NOW = datetime(2026, 3, 12, 11, tzinfo=UTC)
NAMES = ("rituals", "trainings", "ideas", "coaching", "groups", "communications")


@pytest.fixture
def carried(cast: Cast, zosia: Member, context: None) -> Handover:
    """Maria carries one of each in ALFA, one that is over, and one in another program."""
    g.timezone = "Europe/Warsaw"
    maria = cast.manager.id
    beta = make_program("BETA", "Beta")
    for program_id in (cast.program_id, beta.id):
        admin = cast.admin.actor
        idea = ideas.hand_in(admin, program_id, IdeaDraft("Idea"))
        idea.owner_id = maria
        over = ideas.hand_in(admin, program_id, IdeaDraft("Over"))
        over.owner_id, over.stage = maria, "rolled_out"
        ritual = rituals.add_ritual(admin, program_id, RitualDraft("other", "Review", "weekly", date(2026, 3, 2), 540))
        ended = rituals.add_ritual(
            admin,
            program_id,
            RitualDraft("other", "Ended", "weekly", date(2020, 3, 2), 540, last_on=date(2020, 6, 1)),
        )
        ritual.organiser_id = ended.organiser_id = maria
        times = {"starts_at": NOW, "ends_at": NOW + timedelta(hours=1)}
        db.session.add_all(
            [
                TrainingSession(program_id=program_id, title="Training", trainer_id=maria, **times),
                TrainingSession(program_id=program_id, title="Held", trainer_id=maria, state="held", **times),
                Coaching(program_id=program_id, person_id=zosia.id, coach_id=maria, topic="Secret"),
                Coaching(program_id=program_id, person_id=zosia.id, coach_id=maria, topic="Over", state="done"),
                ImpactedGroup(program_id=program_id, name="Shops", name_folded="shops", representative_id=maria),
                Communication(program_id=program_id, message="Why", sender_id=maria, planned_on=date(2026, 3, 20)),
                Communication(
                    program_id=program_id,
                    message="Said",
                    sender_id=maria,
                    planned_on=date(2026, 3, 2),
                    done_on=date(2026, 3, 2),
                ),
            ]
        )
    db.session.flush()
    return Handover(cast.program_id, cast.key, maria, cast.contributor.id, NOW.date())


def mine() -> dict[str, Any]:
    return {part.name.removeprefix("change."): part for part in parts() if part.name.startswith("change.")}


def test_what_is_ahead_is_listed_in_one_statement_each(app: Flask, carried: Handover, statements: Any):
    with app.test_request_context():
        for name, title in zip(NAMES, ("Review", "Training", "Idea", "Zosia Nowak", "Shops", "Why"), strict=True):
            with statements() as ran:
                lines = mine()[name].carried(carried)
            assert [line.name for line in lines] == [title], name
            assert len(ran) == 1, name


def test_it_changes_hands(app: Flask, cast: Cast, carried: Handover):
    batch = audit.new_batch()
    for name in NAMES:
        assert mine()[name].carry_out(cast.manager.actor, carried, batch) == 1, name
    for table, column in (
        (Ritual, "organiser_id"),
        (TrainingSession, "trainer_id"),
        (Idea, "owner_id"),
        (Coaching, "coach_id"),
        (ImpactedGroup, "representative_id"),
        (Communication, "sender_id"),
    ):
        owners = db.session.scalars(
            select(getattr(table, column)).where(table.program_id == cast.program_id).order_by(table.id)
        ).all()
        assert owners.count(cast.contributor.id) == 1, table
        elsewhere = db.session.scalars(select(getattr(table, column)).where(table.program_id != cast.program_id)).all()
        assert set(elsewhere) == {cast.manager.id}, table
    db.session.flush()
    trail = db.session.scalars(select(AuditEntry).where(AuditEntry.batch == batch)).all()
    assert len(trail) == len(NAMES)
    assert not any("Zosia" in entry.name or "Secret" in entry.name for entry in trail)


def test_nobody_coaches_themselves(cast: Cast, zosia: Member, carried: Handover):
    to_zosia = Handover(carried.program_id, carried.key, carried.from_id, zosia.id, NOW.date())
    mine()["coaching"].carry_out(cast.manager.actor, to_zosia, audit.new_batch())
    coaches = db.session.scalars(
        select(Coaching.coach_id).where(Coaching.program_id == cast.program_id, Coaching.state == "wanted")
    )
    assert coaches.all() == [None]
