"""What a pulse may ask: questions of the bank and the program's own, each switched on or off.

A question that was asked keeps its words, for its results would otherwise belong to others; it is switched off, and a
new one takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Invalid, NotFound
from program.ground.records import record
from program.ground.text import clean_line
from program.people import access
from program.pulse.bank import Kind, Theme, When
from program.pulse.bank import questions as bank
from program.pulse.models import Survey, SurveyQuestion

MAX_TEXT, MAX_OWN = 200, 40
WRONG = _l("Something is not right yet.")
CHANGED_MEANWHILE = _l("Somebody changed this question while you had the page open.")


@record
class OwnQuestion:
    """A question in the program's own words, in at least one language; the other shows the same."""

    text_en: str
    text_pl: str
    kind: str = Kind.SCALE5
    theme: str = Theme.OWN


def questions_of(survey: Survey) -> list[SurveyQuestion]:
    """The survey's questions as rows, in their order."""
    rows = select(SurveyQuestion).where(SurveyQuestion.survey_id == survey.id)
    return list(db.session.scalars(rows.order_by(SurveyQuestion.position, SurveyQuestion.id)))


def take_bank(survey: Survey) -> None:
    """Give a new survey all questions of the bank, switched on."""
    for position, question in enumerate(bank().values(), start=1):
        db.session.add(
            SurveyQuestion(
                program_id=survey.program_id,
                survey_id=survey.id,
                bank_key=question.key,
                theme=question.theme.value,
                kind=question.kind.value,
                position=position,
            )
        )
    db.session.flush()


def add_own(actor: Actor, survey: Survey, draft: OwnQuestion) -> SurveyQuestion:
    """Add a question of the program's own. Raises Invalid naming the fields at fault."""
    access.require(actor, survey.program_id, Access.MANAGER)
    english, polish = clean_line(draft.text_en), clean_line(draft.text_pl)
    wrong: dict[str, Any] = {}
    if not english and not polish:
        wrong["text_en"] = _l("Write the question in at least one language.")
    for name, text in (("text_en", english), ("text_pl", polish)):
        if len(text) > MAX_TEXT:
            wrong[name] = _l("Up to %(most)s letters.", most=MAX_TEXT)
    if draft.kind not in tuple(Kind):
        wrong["kind"] = _l("Choose how it is answered.")
    if draft.theme not in tuple(Theme):
        wrong["theme"] = _l("Choose a theme.")
    own = select(func.count()).where(SurveyQuestion.survey_id == survey.id, SurveyQuestion.bank_key == "")
    if (db.session.scalar(own) or 0) >= MAX_OWN:
        wrong["text_en"] = _l("A pulse check can have up to %(most)s own questions.", most=MAX_OWN)
    if wrong:
        raise Invalid(WRONG, wrong)
    values = {
        "text_en": english or polish,
        "text_pl": polish or english,
        "kind": draft.kind,
        "theme": Theme.OPEN.value if draft.kind == Kind.TEXT else draft.theme,
        # Own questions come first: somebody wants to know just this.
        "position": 0,
    }
    question = SurveyQuestion(program_id=survey.program_id, survey_id=survey.id, **values)
    db.session.add(question)
    db.session.flush()
    _record(actor, "pulse_question.created", question, audit.created(values))
    return question


def find_question(actor: Actor, program_id: int, question_id: int) -> SurveyQuestion:
    """A question of the program's pulse, to change. Raises NotFound, Forbidden."""
    access.require(actor, program_id, Access.MANAGER)
    found = select(SurveyQuestion).where(SurveyQuestion.id == question_id, SurveyQuestion.program_id == program_id)
    question = db.session.scalars(found).one_or_none()
    if question is None:
        raise NotFound(access.NOT_HERE)
    return question


def switch(actor: Actor, question: SurveyQuestion, is_active: bool, *, seen: int) -> None:
    """Let rounds ask it, or no longer. Raises Conflict."""
    access.require(actor, question.program_id, Access.MANAGER)
    audit.check_revision(question, seen, CHANGED_MEANWHILE, "pulse_question")
    changes = audit.change(question, {"is_active": is_active})
    if changes:
        db.session.flush()
        _record(actor, "pulse_question.changed", question, changes)


def text_of(question: Any, locale: str) -> str:
    """A question's words in that language, from a row with bank_key, text_en and text_pl."""
    if question.bank_key:
        known = bank().get(question.bank_key)
        if known is None:
            return str(question.bank_key)
        return known.text.pl if locale == "pl" else known.text.en
    return str(question.text_pl if locale == "pl" else question.text_en)


def fits(question: SurveyQuestion, when: When) -> bool:
    """Whether the question makes sense in that part of the program; own ones always do."""
    known = bank().get(question.bank_key) if question.bank_key else None
    return known is None or when in known.when


def active(questions: Sequence[SurveyQuestion], when: When) -> list[SurveyQuestion]:
    """Those that may be asked now."""
    return [question for question in questions if question.is_active and fits(question, when)]


def _record(actor: Actor, verb: str, question: SurveyQuestion, changes: audit.Changes) -> None:
    name = text_of(question, "en")
    audit.record(actor, verb, object_id=question.id, name=name, program_id=question.program_id, changes=changes)
