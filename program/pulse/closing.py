"""Closing a round: answers become counts, and everything that could tell whose they were is gone.

In one transaction: the answers of those who were asked are counted, for everybody and for each part that is large
enough (`holding_back.py`); comments are kept in random order when enough people wrote one; then the answers, the list
of those asked, the messages about the round and its secret are deleted. `forget_for_good` makes the database let go of
the deleted rows' contents as well.
"""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from flask import current_app
from sqlalchemy import delete, insert, select, text

from program.extensions import db
from program.ground import database, formats
from program.ground.now import today_in
from program.outbox import messages
from program.planning import audiences
from program.planning.models import Program
from program.pulse import roster, surveys, telling
from program.pulse.bank import ANSWERS, Kind
from program.pulse.holding_back import tellable
from program.pulse.models import (
    Asked,
    OpenAnswer,
    Round,
    RoundComment,
    RoundResult,
    RoundTurnout,
    SurveyQuestion,
)
from program.pulse.respondents import respondent
from program.pulse.side_by_side import Earlier, told_beside

EVERYBODY = ""
# Earlier rounds that a closing round is compared with: nobody supposes that all answer as they did a year ago.
LOOKED_BACK = 52


def close(one: Round) -> None:
    """Count the round and forget who answered. Closing it twice is closing it once."""
    if one.secret is None:
        return
    key, secret = current_app.config["SECRET_KEY"], one.secret
    asked = db.session.execute(select(Asked.person_id, Asked.part).where(Asked.round_id == one.id))
    part_of = {row.person_id: row.part for row in asked}
    part_of_name = {respondent(secret, key, person_id): part for person_id, part in part_of.items()}
    one.turnover = roster.take(one.survey_id, key, part_of)
    answers = list(
        db.session.execute(
            select(OpenAnswer.respondent, OpenAnswer.question_id, OpenAnswer.value, OpenAnswer.text).where(
                OpenAnswer.round_id == one.id
            )
        )
    )
    # An answer under a name that belongs to nobody asked is not counted: the instance's key was changed meanwhile.
    answers = [answer for answer in answers if answer.respondent in part_of_name]
    names = _part_names(one)
    _keep_turnout(one, part_of_name, {answer.respondent for answer in answers}, names)
    _keep_counts(one, answers, part_of_name, names)
    _keep_comments(one, answers)
    _calendar, zone_name = surveys.calendar_of(one.program_id)
    one.asked, one.answered = len(part_of_name), len({answer.respondent for answer in answers})
    one.closed_on = today_in(zone_name)
    one.secret = None
    db.session.execute(delete(OpenAnswer).where(OpenAnswer.round_id == one.id))
    db.session.execute(delete(Asked).where(Asked.round_id == one.id))
    messages.forget(telling.about(one.id))
    db.session.flush()


def forget_for_good() -> None:
    """Let the database overwrite what was deleted. For the clock, after its commit and outside any transaction.

    SQLite overwrites at once (`secure_delete`) but keeps a journal, which is emptied here. PostgreSQL keeps dead rows
    until it is told to clean up.
    """
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            raw: Any = connection.connection.dbapi_connection
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
    database.begin_writing()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in (OpenAnswer, Asked):
            connection.execute(text(f"VACUUM {table.__tablename__}"))
        # The secret stood in the round's former row.
        connection.execute(text(f"VACUUM {Round.__tablename__}"))


def _part_names(one: Round) -> dict[str, str]:
    """The names of the parts, in the program's language: they are kept, and the clock has no reader."""
    row = db.session.execute(select(Program.locale, Program.timezone).where(Program.id == one.program_id)).one()
    with formats.reading_as(row.locale, row.timezone):
        return {key: str(name) for key, name in audiences.part_of(one.program_id, one.breakdown)[1].items()}


def _keep_turnout(one: Round, part_of_name: Mapping[str, str], answered: set[str], names: Mapping[str, str]) -> None:
    asked = Counter(part_of_name.values())
    came = Counter(part_of_name[name] for name in answered)
    told = tellable(asked, one.scores_from) - {EVERYBODY}
    rows = [
        {"round_id": one.id, "part": part, "part_name": names.get(part, "")}
        | {"asked": asked[part], "answered": came[part]}
        for part in sorted(told)
    ]
    if rows:
        db.session.execute(insert(RoundTurnout), rows)


def _keep_counts(one: Round, answers: list[Any], part_of_name: Mapping[str, str], names: Mapping[str, str]) -> None:
    kinds = _kinds_of({answer.question_id for answer in answers})
    by_part: dict[int, dict[str, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    for answer in answers:
        if answer.value is not None:
            by_part[answer.question_id][part_of_name[answer.respondent]][answer.value] += 1
    rows = []
    asked = Counter(part_of_name.values())
    earlier = _told_before(one, set(by_part))
    for question_id, parts in sorted(by_part.items()):
        may_tell = told_beside(parts, asked, one.scores_from, earlier.get(question_id, ()))
        if may_tell is None:
            continue
        told = {EVERYBODY: sum(parts.values(), Counter())} | {part: parts[part] for part in sorted(may_tell)}
        rows += [
            {
                "program_id": one.program_id,
                "round_id": one.id,
                "question_id": question_id,
                "part": part,
                "part_name": names.get(part, ""),
                "answered": sum(counts.values()),
                # Every answer there is, in its order: the order of keys must not tell which came first.
                "counts": {str(value): counts[value] for value in ANSWERS[Kind(kinds[question_id])]},
            }
            for part, counts in told.items()
        ]
    if rows:
        db.session.execute(insert(RoundResult), rows)


def _told_before(one: Round, question_ids: set[int]) -> dict[int, list[Earlier]]:
    """What earlier rounds told about these questions, the last one first, with who came and went since."""
    rounds = select(Round.id, Round.turnover).where(Round.survey_id == one.survey_id, Round.number < one.number)
    rows = db.session.execute(rounds.order_by(Round.number.desc()).limit(LOOKED_BACK)).all()
    told: dict[tuple[int, int], dict[str, dict[int, int]]] = defaultdict(dict)
    results = select(RoundResult.round_id, RoundResult.question_id, RoundResult.part, RoundResult.counts).where(
        RoundResult.round_id.in_([row.id for row in rows]), RoundResult.question_id.in_(question_ids)
    )
    for result in db.session.execute(results):
        counts = {int(answer): count for answer, count in result.counts.items()}
        told[result.round_id, result.question_id][result.part] = counts
    found: dict[int, list[Earlier]] = defaultdict(list)
    since = [one.turnover]
    for row in rows:
        everybody, turnover, known = roster.added_up(since)
        for question_id in question_ids:
            parts = told.get((row.id, question_id), {})
            if EVERYBODY in parts:
                whole = parts.pop(EVERYBODY)
                found[question_id].append(
                    Earlier(whole, parts, (row.turnover or {}).get("asked", {}), everybody, turnover, known)
                )
        since.append(row.turnover)
    return found


def _keep_comments(one: Round, answers: list[Any]) -> None:
    said: dict[int, list[str]] = defaultdict(list)
    for answer in answers:
        if answer.text:
            said[answer.question_id].append(answer.text)
    rows: list[dict[str, Any]] = [
        {"id": secrets.token_hex(16), "round_id": one.id, "question_id": question_id, "text": words, "theme": ""}
        for question_id, comments in said.items()
        if len(comments) >= one.comments_from
        for words in comments
    ]
    # By their random ids, so that the order of writing is that of chance, too.
    rows.sort(key=lambda row: row["id"])
    if rows:
        db.session.execute(insert(RoundComment), rows)


def _kinds_of(question_ids: set[int]) -> dict[int, str]:
    rows = db.session.execute(select(SurveyQuestion.id, SurveyQuestion.kind).where(SurveyQuestion.id.in_(question_ids)))
    return {row.id: row.kind for row in rows}
