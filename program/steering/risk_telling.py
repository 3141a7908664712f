"""Who is told of a risk that is taken further: managers and the committee, each once and in their own language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.extensions import db
from program.ground.actor import Access, Actor
from program.ground.now import today_in
from program.outbox.kinds import MessageKind, Pace, Words, register
from program.outbox.messages import tell
from program.people.models import Membership, Person
from program.planning.models import Program
from program.steering.models import Risk
from program.steering.risk_words import score
from program.steering.seats import seats_of


def _words(data: Mapping[str, Any]) -> Words:
    subject = _("A risk of %(program)s needs you: %(title)s", program=data["program"], title=data["title"])
    text = _("Score %(score)s of 25. %(why)s", score=data["score"], why=data["why"])
    return Words(subject, text, _("Look at the risk"))


ESCALATED = register(
    MessageKind("steering.risk_escalated", _l("A risk is taken further"), Pace.DIRECT, _words, icon="flag")
)


def tell_escalated(actor: Actor, risk: Risk, why: str) -> list[str]:
    """Tell the program's managers and the committee, but not who does it. Returns their names."""
    program = db.session.get_one(Program, risk.program_id)
    managers = db.session.execute(
        select(Person.id, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.program_id == risk.program_id, Membership.access >= Access.MANAGER.value, Person.is_active)
        .order_by(Person.name_folded, Person.id)
    ).all()
    people = {row.id: row.name for row in managers}
    people |= {seat.person_id: seat.name for seat in seats_of(risk.program_id, today_in(program.timezone))}
    people.pop(actor.person_id or 0, None)
    tell(
        list(people),
        ESCALATED,
        {
            "program": program.name,
            "title": risk.title,
            "score": score(risk.probability, risk.impact),
            "why": why,
        },
        key=f"steering.risk_escalated:{risk.id}",
        path=f"/p/{program.key}/risks/{risk.number}",
        program_id=risk.program_id,
        about=f"risk:{risk.id}",
    )
    return list(people.values())
