"""What people of a story do with the pulse check: a manager sets it up, the team answers week by week.

Answers go through the pages' own verbs, each at its moment; which answer somebody gives follows from the story's figure
for the theme and the person's place in the team, the same at every loading. Nobody's answer is written in the story.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import time
from typing import Any
from zlib import crc32

from sqlalchemy import select

from program.cli.demo.stage import Stage, as_of
from program.extensions import db
from program.ground.actor import Actor
from program.pulse import keeping_time, links, replies, surveys
from program.pulse.answering import SheetQuestion, answer, sheet_of
from program.pulse.bank import Kind
from program.pulse.models import Asked, Round
from program.pulse.surveys import SurveyDraft

Act = Callable[[Stage, Actor, Any], None]


def _pulse(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Set the pulse up and start it: `audience` and `breakdown` as in the settings, `questions` a round."""
    draft = SurveyDraft(
        at=time(9),
        questions_a_round=told.get("questions", 4),
        audience=tuple(stage.part(one) for one in told.get("audience", ())),
        breakdown=told.get("breakdown", ""),
    )
    survey = surveys.set_up(actor, stage.program_id, draft)
    surveys.start(actor, survey, seen=1)


def _pulse_answers(stage: Stage, _actor: Actor, told: Mapping[str, Any]) -> None:
    """The clock comes by, and people answer the open round.

    `rate` is the share of those asked who answer, in percent; `themes` the figure around which answers lie, by theme
    (1 to 5, `all` for the others); `words` what some of them write.
    """
    keeping_time.tick()
    one = db.session.scalars(
        select(Round).where(Round.program_id == stage.program_id, Round.closed_on.is_(None))
    ).one_or_none()
    if one is None:
        return
    asked = list(db.session.scalars(select(Asked.person_id).where(Asked.round_id == one.id).order_by(Asked.person_id)))
    # Another order every week: it is not always the same people who answer.
    asked.sort(key=lambda person_id: _chance(one.number, person_id, "comes"))
    words = [as_of(text, stage) for text in told.get("words", ())]
    for place, person_id in enumerate(asked[: round(len(asked) * told["rate"] / 100)]):
        token = links.token(one.id, person_id)
        for question in sheet_of(token).questions:
            if question.kind == Kind.TEXT:
                if place < len(words):
                    answer(token, question.id, words=words[place])
            else:
                answer(token, question.id, _value(question, told["themes"], one.number, person_id))


def _pulse_closes(_stage: Stage, _actor: Actor, _told: Any) -> None:
    """The clock comes by at the end of a round."""
    keeping_time.tick()


def _pulse_did(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """What people said and what was done about it."""
    item = stage.items[told["item"]].number if "item" in told else None
    replies.add_reply(actor, stage.program_id, told["theme"], stage.text(told["said"]), stage.text(told["did"]), item)


def _value(question: SheetQuestion, themes: Mapping[str, float], number: int, person_id: int) -> int:
    """An answer around the theme's figure: somebody's mood, a little different each week."""
    figure = float(themes.get(question.theme, themes["all"]))
    mood = (_chance(0, person_id, "mood") - 0.5) * 1.4 + (_chance(number, person_id, question.text) - 0.5) * 1.6
    on_five = min(5.0, max(1.0, figure + mood))
    if question.kind == Kind.YES_NO:
        return int(on_five >= 3)
    if question.kind == Kind.NPS10:
        return min(10, max(0, round(on_five * 2.2 - 1)))
    return round(on_five)


def _chance(number: int, person_id: int, what: str) -> float:
    """A number from 0 to 1 that looks like chance and is the same at every loading."""
    return (crc32(f"{number}/{person_id}/{what}".encode()) % 10_007) / 10_007


ACTS: Mapping[str, Act] = {
    "pulse": _pulse,
    "pulse_answers": _pulse_answers,
    "pulse_closes": _pulse_closes,
    "pulse_did": _pulse_did,
}
