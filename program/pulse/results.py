"""What closed rounds say: turnout first, then themes and questions with their spread, parts side by side, comments.

Only what closing kept can be read here; a limit that was raised since then holds back more of it. Every figure that
leaves the pulse, on a page, in a file or in a chat, comes from this module.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_, select

from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.records import record
from program.people import access
from program.pulse.bank import Kind
from program.pulse.holding_back import tellable
from program.pulse.models import Round, RoundComment, RoundResult, RoundTurnout, Survey, SurveyQuestion
from program.pulse.movement import Score, moved, recommendation, score, together
from program.pulse.questions import text_of

# Rounds a trend looks back on: half a year of weeks.
TREND = 26
COMMENTS_SHOWN = 100


@record
class RoundLine:
    """A closed round: its number, its day, and how many of those asked answered. `rate` is in percent."""

    id: int
    number: int
    meant_for: date
    closed_on: date
    asked: int
    answered: int

    @property
    def rate(self) -> int:
        """The response rate, rounded to whole percent."""
        return round(100 * self.answered / self.asked) if self.asked else 0


@record
class PartLine:
    """One part beside the others: how many answered, and the mean (for yes/no the share of yes in percent)."""

    part: str
    name: str
    answered: int
    mean: float


@record
class QuestionLine:
    """What a round's question got. `change` is against the last time it was asked, None when it is no more than noise.

    `mean` is on the question's own scale; for yes/no the share of yes in percent, for the recommendation promoters
    minus detractors. `held` is True when too few answered to tell.
    """

    id: int
    theme: str
    kind: str
    text: str
    counts: Mapping[int, int]
    score: Score | None
    mean: float | None
    change: float | None = None
    parts: Sequence[PartLine] = ()
    held: bool = False


@record
class ThemePoint:
    """A theme in one round."""

    number: int
    meant_for: date
    score: Score


@record
class ThemeLine:
    """A theme's five-point questions together, over the rounds that asked them; the newest point is last.

    `change` is against the point before, None when it is no more than noise.
    """

    theme: str
    points: Sequence[ThemePoint]
    change: float | None
    # Whether the shown round asked about it.
    is_fresh: bool


@record
class Turnout:
    """How many of a part were asked and answered."""

    name: str
    asked: int
    answered: int


@record
class Said:
    """A comment: its words, and the theme that a manager put it under ('' for none). Its id is of chance alone."""

    id: str
    text: str
    theme: str = ""


@record
class Results:
    """One round's results, with the trend up to it."""

    round: RoundLine
    rounds: Sequence[RoundLine]
    themes: Sequence[ThemeLine]
    questions: Sequence[QuestionLine]
    comments: Mapping[int, Sequence[Said]]
    turnouts: Sequence[Turnout]
    # From how many answers scores and comments are told here.
    scores_from: int
    comments_from: int
    # How many questions and how many parts of questions are held back.
    held_questions: int
    held_parts: int
    # Whether the round is told by parts at all.
    broken_down: bool = False
    question_texts: Mapping[int, str] = field(default_factory=dict)

    @property
    def before(self) -> RoundLine | None:
        """The round before this one."""
        earlier = [one for one in self.rounds if one.number < self.round.number]
        return earlier[-1] if earlier else None


def open_round(program_id: int) -> tuple[int, datetime] | None:
    """The number of the round that is open now, and when it closes. One statement."""
    row = read(
        select(Round.number, Round.closes_at)
        .where(Round.program_id == program_id, Round.closed_on.is_(None))
        .order_by(Round.number.desc())
        .limit(1)
    ).first()
    return (row.number, row.closes_at) if row else None


def read_results(actor: Actor, survey: Survey, number: int | None, locale: str) -> Results | None:
    """The results of a round (None: the last one that closed). None when there is none. Six statements at most."""
    access.require(actor, survey.program_id, Access.VIEWER)
    rows = _rounds(survey.id, number)
    if not rows or (number is not None and rows[-1].number != number):
        return None
    shown = rows[-1]
    least = {row.id: max(row.scores_from, survey.scores_from) for row in rows}
    comments_from = max(shown.comments_from, survey.comments_from)
    questions = _questions(survey.id)
    whole, parts = _counts(rows, shown.id, least)
    asked = [question_id for ids in shown.questions.values() for question_id in ids]
    lines = [
        _question_line(questions[question_id], locale, rows, whole, parts.get(question_id, []), least[shown.id])
        for question_id in dict.fromkeys(asked)
        if question_id in questions
    ]
    figures = [line for line in lines if line.kind != Kind.TEXT]
    comments = comments_of(shown.id, comments_from) if any(line.kind == Kind.TEXT for line in lines) else {}
    return Results(
        round=_line(shown),
        rounds=[_line(row) for row in rows],
        themes=_themes(rows, questions, whole),
        questions=figures,
        comments=comments,
        turnouts=_turnouts(shown, least[shown.id]),
        scores_from=least[shown.id],
        comments_from=comments_from,
        held_questions=sum(line.held for line in figures),
        held_parts=_held_parts(figures) if shown.breakdown else 0,
        broken_down=bool(shown.breakdown),
        question_texts={line.id: line.text for line in lines},
    )


@record
class Glance:
    """The last closed round of a program with its themes over the rounds, for pages that show no more of the pulse."""

    round: RoundLine
    themes: Sequence[ThemeLine]


def glance_query(program_id: Any) -> Any:
    """What `glance_of` reads, for whoever asks for it among others: a row for each question of each closed round."""
    last = (
        select(Round.id)
        .where(Round.program_id == program_id, Round.closed_on.is_not(None))
        .order_by(Round.number.desc())
        .limit(TREND)
    ).subquery()
    everybody = and_(RoundResult.round_id == Round.id, RoundResult.part == "")
    return (
        select(
            *(Round.id, Round.number, Round.meant_for, Round.closed_on, Round.asked, Round.answered, Round.questions),
            *(Round.scores_from, Survey.scores_from.label("asks_for"), RoundResult.question_id),
            *(RoundResult.answered.label("said"), RoundResult.counts, SurveyQuestion.theme, SurveyQuestion.kind),
        )
        .join(Survey, Survey.id == Round.survey_id)
        .outerjoin(RoundResult, everybody)
        .outerjoin(SurveyQuestion, SurveyQuestion.id == RoundResult.question_id)
        .where(Round.id.in_(select(last.c.id)))
    )


def glance_of(found: Sequence[Any]) -> Glance | None:
    """Turnout and themes of the last closed round, under the same limits as its page; None without one.

    The rows are those of `glance_query`, in any order. Permission is the caller's.
    """
    rounds = {row.id: row for row in sorted(found, key=lambda row: row.number)}
    if not rounds:
        return None
    told = [row for row in found if row.question_id is not None and row.said >= max(row.scores_from, row.asks_for)]
    whole = {(row.id, row.question_id): {int(answer): count for answer, count in row.counts.items()} for row in told}
    rows = list(rounds.values())
    return Glance(_line(rows[-1]), _themes(rows, {row.question_id: row for row in told}, whole))


def _rounds(survey_id: int, number: int | None) -> list[Any]:
    columns = (Round.id, Round.number, Round.meant_for, Round.closed_on, Round.asked, Round.answered)
    more = (Round.questions, Round.scores_from, Round.comments_from, Round.breakdown)
    wanted = select(*columns, *more).where(Round.survey_id == survey_id, Round.closed_on.is_not(None))
    if number is not None:
        wanted = wanted.where(Round.number <= number)
    return list(read(wanted.order_by(Round.number.desc()).limit(TREND)))[::-1]


def _line(row: Any) -> RoundLine:
    return RoundLine(row.id, row.number, row.meant_for, row.closed_on, row.asked, row.answered)


def _questions(survey_id: int) -> dict[int, Any]:
    columns = (SurveyQuestion.id, SurveyQuestion.theme, SurveyQuestion.kind, SurveyQuestion.bank_key)
    words = (SurveyQuestion.text_en, SurveyQuestion.text_pl)
    rows = read(select(*columns, *words).where(SurveyQuestion.survey_id == survey_id))
    return {row.id: row for row in rows}


Whole = dict[tuple[int, int], dict[int, int]]


def _counts(rows: Sequence[Any], shown_id: int, least: Mapping[int, int]) -> tuple[Whole, dict[int, list[Any]]]:
    """The counts of everybody by (round, question), and the rows of the shown round's parts by question."""
    found: Whole = {}
    parts: dict[int, list[Any]] = defaultdict(list)
    columns = (RoundResult.round_id, RoundResult.question_id, RoundResult.part, RoundResult.part_name)
    wanted = select(*columns, RoundResult.answered, RoundResult.counts).where(
        RoundResult.round_id.in_([row.id for row in rows]),
        or_(RoundResult.part == "", RoundResult.round_id == shown_id),
    )
    for row in read(wanted):
        if row.part:
            parts[row.question_id].append(row)
        elif row.answered >= least[row.round_id]:
            found[row.round_id, row.question_id] = {int(answer): count for answer, count in row.counts.items()}
    return found, parts


def _question_line(
    question: Any, locale: str, rows: Sequence[Any], whole: Whole, parts: Sequence[Any], least: int
) -> QuestionLine:
    counts = whole.get((rows[-1].id, question.id), {})
    earlier = [whole[row.id, question.id] for row in rows[:-1] if (row.id, question.id) in whole]
    now = score(counts)
    return QuestionLine(
        id=question.id,
        theme=question.theme,
        kind=question.kind,
        text=text_of(question, locale),
        counts=counts,
        score=now,
        mean=_mean(question.kind, counts),
        change=moved(score(earlier[-1]), now) if earlier else None,
        parts=_part_lines(question.kind, counts, parts, least),
        held=question.kind != Kind.TEXT and now is None,
    )


def _mean(kind: str, counts: Mapping[int, int]) -> float | None:
    if kind == Kind.NPS10:
        return recommendation(counts)
    found = score(counts)
    if found is None:
        return None
    return 100 * found.mean if kind == Kind.YES_NO else found.mean


def _part_lines(kind: str, counts: Mapping[int, int], rows: Sequence[Any], least: int) -> list[PartLine]:
    """The parts that may be told by today's limit: what is left over has to be nobody, or enough."""
    if not counts:
        return []
    sizes = {row.part: row.answered for row in rows}
    told = tellable(sizes, least, held=sum(counts.values()) - sum(sizes.values()))
    lines = []
    for row in rows:
        mean = _mean(kind, {int(answer): count for answer, count in row.counts.items()})
        if row.part in told and mean is not None:
            lines.append(PartLine(row.part, row.part_name, row.answered, mean))
    return sorted(lines, key=lambda line: (line.mean, line.name))


def _held_parts(lines: Sequence[QuestionLine]) -> int:
    """In how many questions somebody's answers are in the whole but in no part that is told."""
    return sum(1 for line in lines if line.score and sum(part.answered for part in line.parts) < line.score.answered)


def _themes(rows: Sequence[Any], questions: Mapping[int, Any], whole: Whole) -> list[ThemeLine]:
    points: dict[str, list[ThemePoint]] = defaultdict(list)
    for row in rows:
        by_theme: dict[str, list[dict[int, int]]] = defaultdict(list)
        for ids in row.questions.values():
            for question_id in ids:
                question = questions.get(question_id)
                if question is not None and question.kind == Kind.SCALE5 and (row.id, question_id) in whole:
                    by_theme[question.theme].append(whole[row.id, question_id])
        for theme, counts in by_theme.items():
            found = score(together(counts))
            if found is not None:
                points[theme].append(ThemePoint(row.number, row.meant_for, found))
    lines = [
        ThemeLine(
            theme,
            found,
            moved(found[-2].score, found[-1].score) if len(found) > 1 else None,
            found[-1].number == rows[-1].number,
        )
        for theme, found in points.items()
    ]
    return sorted(lines, key=lambda line: (line.points[-1].score.mean, line.theme))


def comments_of(round_id: int, least: int) -> dict[int, list[Said]]:
    """Comments by question, in their random order, where enough people wrote one. Permission is the caller's."""
    found: dict[int, list[Said]] = defaultdict(list)
    rows = read(
        select(RoundComment.question_id, RoundComment.id, RoundComment.text, RoundComment.theme)
        .where(RoundComment.round_id == round_id)
        .order_by(RoundComment.id)
    )
    for row in rows:
        found[row.question_id].append(Said(row.id, row.text, row.theme))
    return {question_id: said for question_id, said in found.items() if len(said) >= least}


def _turnouts(shown: Any, least: int) -> list[Turnout]:
    rows = read(
        select(RoundTurnout.part, RoundTurnout.part_name, RoundTurnout.asked, RoundTurnout.answered).where(
            RoundTurnout.round_id == shown.id
        )
    ).all()
    # A limit that was raised since closing holds back what is below it now.
    sizes = {row.part: row.asked for row in rows}
    told = tellable(sizes, least, held=shown.asked - sum(sizes.values()))
    found = [Turnout(row.part_name, row.asked, row.answered) for row in rows if row.part in told]
    return sorted(found, key=lambda one: (one.answered / one.asked, one.name))
