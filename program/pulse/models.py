"""What is remembered of pulse checks, and above all what is not.

While a round is open, an answer stands under a keyed hash of its person, so that they can change it; the key is made of
a secret of that round and of the instance. When the round closes, answers are counted, and the secret, the answers and
the list of who was asked are gone: what stays are counts (`RoundResult`) and shuffled comments (`RoundComment`). No row
here says when an answer came, or in which order. Codes of those asked (`Roster`) wait for the next round, to count who
came and went; no answer ever stands beside them.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id, Moment, UtcDateTime

# Scores are told from so many answers, comments from so many commenters, unless a survey asks for more.
SCORES_FROM, COMMENTS_FROM = 5, 10
# No survey may go below.
FEWEST = 3


class SurveyState(StrEnum):
    """Whether rounds come round."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"


class Survey(Editable, Base):
    """A program's pulse: when it comes round, whom it asks, how many questions, and from how many answers it tells."""

    __tablename__ = "survey"
    __table_args__ = (
        CheckConstraint("questions_a_round BETWEEN 1 AND 5", name="questions_a_round"),
        CheckConstraint("scores_from >= 3 AND comments_from >= scores_from", name="limits"),
        CheckConstraint("days_open BETWEEN 1 AND 14", name="days_open"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), unique=True)
    state: Mapped[str] = mapped_column(String(10), default=SurveyState.DRAFT)
    # `ground.cadence.Cadence.to_data()`; its hour is that of each person's own zone.
    cadence: Mapped[dict[str, Any]] = mapped_column(JSON)
    # Calendar days from the day of opening to that of closing.
    days_open: Mapped[int] = mapped_column(default=4)
    questions_a_round: Mapped[int] = mapped_column(default=4)
    # Sources and keys of `planning.audiences`, as ['group:12', 'role:3']; empty: everybody in the program.
    audience: Mapped[list[str]] = mapped_column(JSON, default=list)
    # The one kind of part that results are broken down by ('group', 'role', 'site'); '' for none. One only, so that
    # nothing can be computed from parts that overlap.
    breakdown: Mapped[str] = mapped_column(String(20), default="")
    scores_from: Mapped[int] = mapped_column(default=SCORES_FROM)
    comments_from: Mapped[int] = mapped_column(default=COMMENTS_FROM)
    # The meant-for day of the occurrence that was opened last, and when to look for the next one.
    last_on: Mapped[date | None]
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), index=True)
    created_at: Mapped[CreatedAt]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class SurveyQuestion(Editable, Base):
    """A question a survey may ask: one of the bank by its key, or the program's own in its own words."""

    __tablename__ = "survey_question"
    __table_args__ = (Index("ix_survey_question_survey_id", "survey_id", "position"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"))
    # The bank's key; '' for an own question.
    bank_key: Mapped[str] = mapped_column(String(60), default="")
    theme: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(10))
    # Own words in both languages; '' for a question of the bank.
    text_en: Mapped[str] = mapped_column(String(200), default="")
    text_pl: Mapped[str] = mapped_column(String(200), default="")
    position: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)


class Round(Base):
    """One time a survey is asked. It is open while it has a secret."""

    __tablename__ = "survey_round"
    __table_args__ = (
        UniqueConstraint("survey_id", "meant_for"),
        Index("ix_survey_round_program_id", "program_id", "number"),
        # What the clock looks for: rounds to remind of and to close.
        Index("ix_survey_round_closes_at", "closed_on", "closes_at"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"))
    # 1, 2, 3 ... within the program.
    number: Mapped[int]
    # The day the cadence meant it for: what makes it this round and no other.
    meant_for: Mapped[date]
    opens_at: Mapped[Moment]
    closes_at: Mapped[Moment]
    # Ids of the questions, by part of the audience ('' for those without); fixed when it opens.
    questions: Mapped[dict[str, list[int]]] = mapped_column(JSON)
    # As they stood when people were asked; results are told by the higher of these and the survey's.
    scores_from: Mapped[int]
    comments_from: Mapped[int]
    breakdown: Mapped[str] = mapped_column(String(20), default="")
    # 0, 1 or 2 reminders were told.
    reminded: Mapped[int] = mapped_column(default=0)
    # How many were asked, counted when it closes.
    asked: Mapped[int] = mapped_column(default=0)
    answered: Mapped[int] = mapped_column(default=0)
    # How many came and went since the round before, altogether and by part (`roster.py`); empty while it is open.
    turnover: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    # The day it closed, in the program's zone; no finer.
    closed_on: Mapped[date | None]
    # 32 random bytes while it is open; nothing afterwards.
    secret: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class Asked(Base):
    """Somebody who is asked in an open round, with the part of the audience they count in. Deleted when it closes."""

    __tablename__ = "survey_asked"
    __table_args__ = (Index("ix_survey_asked_person_id", "person_id"), {"sqlite_with_rowid": False})

    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    part: Mapped[str] = mapped_column(String(60), default="")


class Roster(Base):
    """Somebody who was asked in the last round that closed, as a code, until the next one closes (`roster.py`)."""

    __tablename__ = "survey_roster"
    __table_args__ = ({"sqlite_with_rowid": False},)

    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    part: Mapped[str] = mapped_column(String(60), default="")


class OpenAnswer(Base):
    """An answer of an open round, under the keyed hash of its person. Deleted when the round closes.

    No number of its own and no hidden one either (SQLite's rowid), so that nothing tells the order of arrival.
    """

    __tablename__ = "survey_open_answer"
    __table_args__ = ({"sqlite_with_rowid": False},)

    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id", ondelete="CASCADE"), primary_key=True)
    respondent: Mapped[str] = mapped_column(String(64), primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("survey_question.id", ondelete="CASCADE"), primary_key=True)
    value: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text, default="")


class RoundResult(Base):
    """How often each answer was given to a question, by everybody or by one part, where enough people answered.

    `part` is '' for everybody. What is held back is not here, so that no later mistake can show it.
    """

    __tablename__ = "survey_result"
    __table_args__ = (
        UniqueConstraint("round_id", "question_id", "part"),
        Index("ix_survey_result_program_id", "program_id", "round_id"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id", ondelete="CASCADE"))
    question_id: Mapped[int] = mapped_column(ForeignKey("survey_question.id", ondelete="CASCADE"))
    part: Mapped[str] = mapped_column(String(60), default="")
    # The part's name then; it may be renamed or gone later.
    part_name: Mapped[str] = mapped_column(String(120), default="")
    answered: Mapped[int]
    # How often each answer was given: {'1': 0, '2': 3, ...}.
    counts: Mapped[dict[str, int]] = mapped_column(JSON)


class RoundTurnout(Base):
    """How many of a part were asked and answered at all, where enough were asked."""

    __tablename__ = "survey_turnout"

    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id", ondelete="CASCADE"), primary_key=True)
    part: Mapped[str] = mapped_column(String(60), primary_key=True)
    part_name: Mapped[str] = mapped_column(String(120), default="")
    asked: Mapped[int]
    answered: Mapped[int]


class RoundComment(Base):
    """Something that was said in a closed round. `id` is drawn at random: it tells nothing about when."""

    __tablename__ = "survey_comment"
    __table_args__ = (Index("ix_survey_comment_round_id", "round_id", "id"), {"sqlite_with_rowid": False})

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id", ondelete="CASCADE"))
    question_id: Mapped[int] = mapped_column(ForeignKey("survey_question.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)
    # What a manager says that it is about (`comment_themes.py`); '' while nobody has.
    theme: Mapped[str] = mapped_column(String(12), default="")


class Reply(Editable, Base):
    """'You said, we did': what was done about something the pulse showed, told to those who were asked."""

    __tablename__ = "survey_reply"
    __table_args__ = (Index("ix_survey_reply_program_id", "program_id", "created_at"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    theme: Mapped[str] = mapped_column(String(12))
    said: Mapped[str] = mapped_column(String(300))
    did: Mapped[str] = mapped_column(String(600))
    # The work item that did it.
    item_id: Mapped[int | None] = mapped_column(ForeignKey("work_item.id", ondelete="SET NULL"), index=True)
    # The round that showed it, and the round with which it was told; empty until told.
    seen_in_id: Mapped[int | None] = mapped_column(ForeignKey("survey_round.id", ondelete="SET NULL"))
    told_in_id: Mapped[int | None] = mapped_column(ForeignKey("survey_round.id", ondelete="SET NULL"))
    created_at: Mapped[CreatedAt]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
