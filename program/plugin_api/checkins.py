"""Pulse checks, for plugins through which people answer them: a chat, a screen in the break room.

The plugin says who answers, and has made sure that it is them. What it is given back is for that person alone. Nothing
here is written to the trail; a plugin must not write down either who answered what, or that somebody answered.
"""

from __future__ import annotations

from sqlalchemy import select

from program.ground import formats
from program.ground.actor import Actor
from program.ground.database import read
from program.ground.errors import NotFound
from program.ground.pages import path_to
from program.planning.models import Program
from program.plugin_api.contract import CheckIn, Person, Question, Thanks, ThemeScore
from program.plugin_api.units import reading, writing
from program.plugin_api.work import web_address
from program.pulse import answering, links, results, surveys
from program.pulse.bank import THEME_WORDS, Theme
from program.pulse.telling import promise

THEMES_TOLD = 3


def open_check_ins(person: Person) -> tuple[CheckIn, ...]:
    """The pulse checks that ask that person now, with their answers so far, the first to close first."""
    with reading():
        return tuple(_check_in(round_id, person) for round_id in answering.open_rounds_of(person.id))


def check_in(person: Person, check_in_id: int) -> CheckIn:
    """That pulse check for that person. Raises NotFound for one that never was, or for a closed account."""
    with reading():
        return _check_in(check_in_id, person)


def is_check_in_open(check_in_id: int) -> bool:
    """Whether anybody can still answer that pulse check."""
    with reading():
        return answering.is_open(check_in_id)


def answer_check_in(
    person: Person, check_in_id: int, question_id: int, *, value: int | None = None, words: str = ""
) -> None:
    """Keep that person's answer to one question, in place of an earlier one; without `value` and `words` take it back.

    Raises NotFound for a question that is not asked, Invalid for an answer it cannot have, Conflict after closing.
    """
    with writing():
        answering.answer_for(check_in_id, person.id, question_id, value, words)


def thanks_for(person: Person, check_in_id: int) -> Thanks:
    """What to tell somebody who has answered that pulse check: the last one that closed, within all limits."""
    with reading():
        sheet = answering.sheet_for(check_in_id, person.id)
        survey = surveys.find_survey(sheet.program_id)
        if survey is None:
            return Thanks()
        try:
            found = results.read_results(Actor(person.id), survey, None, person.locale)
        except NotFound:
            # Somebody who is asked and has no access to the program, as people of a group: results are not for them.
            return Thanks()
        if found is None:
            return Thanks()
        fresh = [line for line in found.themes if line.is_fresh]
        # What moved before what did not: it is what people want to know.
        fresh.sort(key=lambda line: (line.change is None, -abs(line.change or 0)))
        with formats.reading_as(person.locale, person.timezone):
            scores = tuple(
                ThemeScore(str(THEME_WORDS[Theme(line.theme)]), line.points[-1].score.mean, line.change)
                for line in fresh[:THEMES_TOLD]
            )
        key = read(select(Program.key).where(Program.id == sheet.program_id)).scalar()
        url = web_address(path_to("pulse.show", key=key))
        return Thanks(found.round.asked, found.round.answered, scores, url)


def _check_in(round_id: int, person: Person) -> CheckIn:
    sheet = answering.sheet_for(round_id, person.id)
    with formats.reading_as(person.locale, person.timezone):
        said = promise(sheet.scores_from, sheet.comments_from)
    return CheckIn(
        id=sheet.round_id,
        program_id=sheet.program_id,
        program=sheet.program,
        is_open=sheet.is_open,
        closes_at=sheet.closes_at,
        promise=said,
        questions=tuple(
            Question(one.id, one.kind, one.text, one.answers, one.value, one.words) for one in sheet.questions
        ),
        replies=sheet.replies,
        url=web_address(links.paths(round_id, [person.id])[person.id]),
    )
