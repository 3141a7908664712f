"""Answering a round: what somebody is asked, what they have answered so far, and keeping an answer while it is open.

Nothing here writes an audit entry, a time or an address: whoever answered is known as a count only, once it is closed.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from program.extensions import db
from program.ground.cadence import moment_of
from program.ground.database import read
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.now import utc_now, zone
from program.ground.records import record
from program.ground.text import clean_text
from program.people.access import NOT_HERE
from program.people.models import Person
from program.planning.models import Program
from program.pulse import links, surveys
from program.pulse.bank import ANSWERS, Kind
from program.pulse.models import Asked, OpenAnswer, Round, SurveyQuestion
from program.pulse.questions import text_of
from program.pulse.replies import told_with
from program.pulse.respondents import respondent

MAX_COMMENT = 1000
CLOSED = _l("This round is closed. Thank you; the next one comes soon.")


@record
class SheetQuestion:
    """A question as somebody is asked it, with the answer they have given so far."""

    id: int
    kind: str
    theme: str
    text: str
    value: int | None = None
    words: str = ""

    @property
    def answers(self) -> tuple[int, ...]:
        """The answers there are to choose from; none for a question in words."""
        return ANSWERS.get(Kind(self.kind), ())


@record
class Sheet:
    """What one person sees of a round: the questions, and the figures of the promise that was made."""

    round_id: int
    program_id: int
    program: str
    locale: str
    closes_at: datetime
    timezone: str
    scores_from: int
    comments_from: int
    is_open: bool
    questions: tuple[SheetQuestion, ...] = field(default=())
    # What people said before and what was done about it, as this round tells it.
    replies: tuple[tuple[str, str], ...] = ()

    @property
    def answered(self) -> int:
        """How many questions have an answer."""
        return sum(1 for question in self.questions if question.value is not None or question.words)


def sheet_of(token: str) -> Sheet:
    """What the owner of that address is asked. Raises NotFound for an address that we did not make."""
    return sheet_for(*_read(token))


def sheet_for(round_id: int, person_id: int) -> Sheet:
    """What that person is asked in that round, for whoever has made sure that it is them. Raises NotFound.

    For a closed round, or one that no longer asks that person, a sheet without questions. Four statements.
    """
    row = read(
        select(
            *(Round.id, Round.closes_at, Round.scores_from, Round.comments_from, Round.secret, Round.questions),
            *(Round.program_id, Program.name, Person.locale, Person.timezone, Asked.part),
        )
        .join(Program, Program.id == Round.program_id)
        .join(Person, Person.id == person_id)
        .outerjoin(Asked, (Asked.round_id == Round.id) & (Asked.person_id == Person.id))
        .where(Round.id == round_id, Person.is_active.is_(True))
    ).one_or_none()
    if row is None:
        raise NotFound(NOT_HERE)
    is_open = row.secret is not None and row.part is not None and utc_now() < row.closes_at
    return Sheet(
        round_id=row.id,
        program_id=row.program_id,
        program=row.name,
        locale=row.locale,
        closes_at=row.closes_at,
        timezone=row.timezone,
        scores_from=row.scores_from,
        comments_from=row.comments_from,
        is_open=is_open,
        questions=_questions(row, person_id) if is_open else (),
        replies=tuple(told_with(row.id)) if is_open else (),
    )


def answer(token: str, question_id: int, value: int | None = None, words: str = "") -> None:
    """Keep one answer, in place of an earlier one; an empty one takes it back.

    Raises NotFound for a question that is not asked, Invalid for an answer it cannot have, Conflict after closing.
    """
    answer_for(*_read(token), question_id, value, words)


def answer_for(round_id: int, person_id: int, question_id: int, value: int | None = None, words: str = "") -> None:
    """The same for that person in that round, for whoever has made sure that it is them."""
    # The round's row is held, so that it cannot close while an answer is written that it would not count.
    one = db.session.scalars(select(Round).where(Round.id == round_id).with_for_update()).one_or_none()
    part = db.session.scalar(
        select(Asked.part)
        .join(Person, Person.id == Asked.person_id)
        .where(Asked.round_id == round_id, Asked.person_id == person_id, Person.is_active.is_(True))
    )
    if one is None:
        raise NotFound(NOT_HERE)
    if one.secret is None or utc_now() >= one.closes_at:
        raise Conflict(CLOSED)
    if part is None or question_id not in _asked_of(one.questions, part):
        raise NotFound(NOT_HERE)
    kind = db.session.scalars(select(SurveyQuestion.kind).where(SurveyQuestion.id == question_id)).one()
    value, words = _checked(Kind(kind), value, words)
    name = respondent(one.secret, current_app.config["SECRET_KEY"], person_id)
    mine = (OpenAnswer.round_id == one.id, OpenAnswer.respondent == name, OpenAnswer.question_id == question_id)
    db.session.execute(delete(OpenAnswer).where(*mine))
    if value is not None or words:
        db.session.add(OpenAnswer(round_id=one.id, respondent=name, question_id=question_id, value=value, text=words))
    db.session.flush()


def open_rounds_of(person_id: int) -> list[int]:
    """The ids of the rounds that ask that person now, the one that closes first before the others. One statement.

    A round asks from its hour of the person's own day on, as its messages do.
    """
    now = utc_now()
    rows = read(
        select(Round.id, Round.opens_at, Person.timezone)
        .join(Asked, Asked.round_id == Round.id)
        .join(Person, Person.id == Asked.person_id)
        .where(Asked.person_id == person_id, Person.is_active.is_(True))
        .where(Round.secret.is_not(None), Round.closes_at > now)
        .order_by(Round.closes_at, Round.id)
    )
    found = []
    for row in rows:
        begun = row.opens_at.astimezone(zone(surveys.EARLIEST))
        if moment_of(begun.date(), begun.time(), row.timezone) <= now:
            found.append(row.id)
    return found


def is_open(round_id: int) -> bool:
    """Whether the round takes answers. One statement."""
    row = read(select(Round.secret, Round.closes_at).where(Round.id == round_id)).one_or_none()
    return row is not None and row.secret is not None and utc_now() < row.closes_at


def _read(token: str) -> tuple[int, int]:
    found = links.read(token)
    if found is None:
        raise NotFound(NOT_HERE)
    return found


def _asked_of(asked: dict[str, list[int]], part: str) -> list[int]:
    return asked.get(part, asked.get("", []))


def _questions(row: Any, person_id: int) -> tuple[SheetQuestion, ...]:
    ids = _asked_of(row.questions, row.part)
    columns = (SurveyQuestion.id, SurveyQuestion.kind, SurveyQuestion.theme)
    words = (SurveyQuestion.bank_key, SurveyQuestion.text_en, SurveyQuestion.text_pl)
    found = {one.id: one for one in read(select(*columns, *words).where(SurveyQuestion.id.in_(ids)))}
    name = respondent(row.secret, current_app.config["SECRET_KEY"], person_id)
    given = {
        one.question_id: one
        for one in read(
            select(OpenAnswer.question_id, OpenAnswer.value, OpenAnswer.text).where(
                OpenAnswer.round_id == row.id, OpenAnswer.respondent == name
            )
        )
    }
    return tuple(
        SheetQuestion(
            id=one.id,
            kind=one.kind,
            theme=one.theme,
            text=text_of(one, row.locale),
            value=given[one.id].value if one.id in given else None,
            words=given[one.id].text if one.id in given else "",
        )
        for one in (found[question_id] for question_id in ids if question_id in found)
    )


def _checked(kind: Kind, value: int | None, words: str) -> tuple[int | None, str]:
    words = clean_text(words)
    if kind is Kind.TEXT:
        if len(words) > MAX_COMMENT:
            raise Invalid(_l("Something is not right yet."), {"words": _l("Up to %(most)s letters.", most=MAX_COMMENT)})
        return None, words
    if value is not None and value not in ANSWERS[kind]:
        raise Invalid(_l("Something is not right yet."), {"value": _l("Choose one of the answers.")})
    return value, ""
