"""Rounds: opening them when they are due, letting in who joins, reminding those who have not answered, closing them.

Each verb here is a piece of the clock's work: what is due is read from rows, and doing it twice is doing it once. A
round opens for each person at the survey's hour of their own day. Reminders come on its second and fourth day.
Neighbours: `answering.py` (what people do with it), `closing.py` (what becomes of it).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import func, insert, select

from program.extensions import db
from program.ground.cadence import latest_due, moment_of, next_after
from program.ground.calendar import DAY, WorkingCalendar
from program.ground.now import utc_now, zone
from program.outbox import messages
from program.people.models import Person
from program.planning import audiences
from program.planning.models import Phase
from program.pulse import closing, links, questions, replies, surveys, telling
from program.pulse.bank import Kind, When
from program.pulse.models import Asked, OpenAnswer, Round, Survey, SurveyState
from program.pulse.respondents import new_secret, respondent
from program.pulse.rotation import Candidate, choose

# When a round closes, on the wall clock of the program.
CLOSES_AT = time(18)
# Working days after the day of opening: its second and its fourth day.
REMIND_AFTER = (1, 3)
# Nobody is asked who would have less than this.
SHORTEST = timedelta(hours=24)
# Rounds that a new round looks back on, to see what was asked when.
HISTORY = 40


def open_due() -> int:
    """Open the rounds that are due. Returns how many were opened."""
    now = utc_now()
    due = (
        select(Survey)
        .where(Survey.state == SurveyState.RUNNING, Survey.next_at <= now)
        .with_for_update(skip_locked=True)
    )
    opened = 0
    for survey in db.session.scalars(due).all():
        opened += _open_next(survey, now)
        surveys.schedule(survey)
    return opened


def welcome() -> int:
    """Ask people who have come into the audience of an open round since it opened. Returns how many."""
    now = utc_now()
    asked = 0
    for open_round in _open_rounds():
        if open_round.closes_at - now >= SHORTEST:
            survey = db.session.get_one(Survey, open_round.survey_id)
            asked += _ask(open_round, survey, now)
    return asked


def remind_due() -> int:
    """Remind those who have not answered, each at the survey's hour of their own day, at most twice. Returns how many.

    Who has answered is worked out from the round's secret and kept nowhere.
    """
    now = utc_now()
    reminded = 0
    for open_round in _open_rounds():
        survey = db.session.get_one(Survey, open_round.survey_id)
        calendar, _zone_name = surveys.calendar_of(survey.program_id)
        begun = _first_day(open_round)
        for number, working_days in enumerate(REMIND_AFTER, start=1):
            day = calendar.add(begun, working_days)
            if number > open_round.reminded and moment_of(day, surveys.cadence_of(survey).at, surveys.EARLIEST) <= now:
                reminded += _remind(open_round, survey, number, day, now)
    return reminded


def close_due() -> int:
    """Close the rounds whose time is over. Returns how many."""
    over = [one for one in _open_rounds() if one.closes_at <= utc_now()]
    for open_round in over:
        closing.close(open_round)
    return len(over)


def part_of_program(program_id: int) -> When:
    """How far the program is: before anybody works the new way, while they go live, or after.

    The first phase is before; the last one, and the time behind it, is after.
    """
    phases = db.session.execute(
        select(Phase.actual_start, Phase.actual_end).where(Phase.program_id == program_id).order_by(Phase.position)
    ).all()
    begun = sum(1 for phase in phases if phase.actual_start is not None)
    if begun <= 1:
        return When.EARLY
    return When.AFTER if begun == len(phases) else When.DURING


def unanswered(open_round: Round) -> set[int]:
    """The ids of those who were asked and have not answered anything yet, while the round is open."""
    answered = set(
        db.session.scalars(select(OpenAnswer.respondent).where(OpenAnswer.round_id == open_round.id).distinct())
    )
    asked = db.session.scalars(select(Asked.person_id).where(Asked.round_id == open_round.id))
    key, secret = current_app.config["SECRET_KEY"], open_round.secret or b""
    return {person_id for person_id in asked if respondent(secret, key, person_id) not in answered}


def _open_next(survey: Survey, now: datetime) -> int:
    calendar, zone_name = surveys.calendar_of(survey.program_id)
    cadence = surveys.cadence_of(survey)
    # The day has come somewhere: nobody's hour comes before that of the place where days begin.
    occurrence = latest_due(
        cadence,
        surveys.EARLIEST,
        moment_of(survey.last_on, time(23, 59), surveys.EARLIEST) if survey.last_on else survey.created_at,
        now,
        calendar,
    )
    if occurrence is None:
        return 0
    survey.last_on = occurrence.day
    day = occurrence.day
    closes_at = moment_of(_last_day(survey, day, calendar), CLOSES_AT, zone_name)
    people = audiences.people_of(survey.program_id, survey.audience)
    if closes_at - now < SHORTEST or not people or _is_open(survey):
        # A clock that was away for so long, nobody to ask, or the last round is still open: this one is left out.
        return 0
    number = (db.session.scalar(select(func.max(Round.number)).where(Round.survey_id == survey.id)) or 0) + 1
    new_round = Round(
        program_id=survey.program_id,
        survey_id=survey.id,
        number=number,
        meant_for=occurrence.meant_for,
        opens_at=moment_of(day, cadence.at, surveys.EARLIEST),
        closes_at=closes_at,
        questions={"": _chosen(survey)},
        scores_from=survey.scores_from,
        comments_from=survey.comments_from,
        breakdown=survey.breakdown,
        secret=new_secret(),
    )
    db.session.add(new_round)
    db.session.flush()
    replies.tell_with(new_round)
    _ask(new_round, survey, now)
    return 1


def _last_day(survey: Survey, day: date, calendar: WorkingCalendar) -> date:
    """The day on which a round that opens on `day` closes: holidays make it longer, the next round cuts it short."""
    last = calendar.add(day, survey.days_open)
    following = next_after(surveys.cadence_of(survey), "UTC", moment_of(day, time(23, 59), "UTC"), calendar)
    return min(last, calendar.on_or_before(following.day - DAY)) if following else last


def _is_open(survey: Survey) -> bool:
    return (
        db.session.scalar(select(Round.id).where(Round.survey_id == survey.id, Round.secret.is_not(None))) is not None
    )


def _open_rounds() -> list[Round]:
    rows = select(Round).where(Round.closed_on.is_(None)).order_by(Round.closes_at).with_for_update(skip_locked=True)
    return list(db.session.scalars(rows))


def _chosen(survey: Survey) -> list[int]:
    """The questions of the next round, by what the last ones asked."""
    last_asked: dict[int, int] = {}
    rows = select(Round.number, Round.questions).where(Round.survey_id == survey.id)
    for number, asked in db.session.execute(rows.order_by(Round.number.desc()).limit(HISTORY)):
        for question_ids in asked.values():
            for question_id in question_ids:
                last_asked.setdefault(question_id, number)
    found = questions.active(questions.questions_of(survey), part_of_program(survey.program_id))
    candidates = [Candidate(one.id, one.theme, one.kind == Kind.TEXT) for one in found]
    return choose(candidates, last_asked, survey.questions_a_round)


def _ask(one: Round, survey: Survey, now: datetime) -> int:
    """Ask everybody of the audience who is not asked yet; each at the survey's hour of their own day."""
    wanted = audiences.people_of(survey.program_id, survey.audience)
    asked = set(db.session.scalars(select(Asked.person_id).where(Asked.round_id == one.id)))
    new = wanted - asked
    if not new:
        return 0
    parts, _names = audiences.part_of(survey.program_id, one.breakdown)
    rows = [{"round_id": one.id, "person_id": person_id, "part": parts.get(person_id, "")} for person_id in sorted(new)]
    db.session.execute(insert(Asked), rows)
    day, at = _first_day(one), surveys.cadence_of(survey).at
    data = telling.asked_data(one)
    for zone_name, people in _by_zone(new).items():
        messages.tell(
            people,
            telling.ASKED,
            data,
            paths=links.paths(one.id, people),
            key=f"pulse.asked:{one.id}",
            program_id=one.program_id,
            about=telling.about(one.id),
            not_before=max(now, moment_of(day, at, zone_name)),
            expires_at=one.closes_at,
        )
    return len(new)


def _remind(one: Round, survey: Survey, number: int, day: date, now: datetime) -> int:
    silent = unanswered(one)
    at = surveys.cadence_of(survey).at
    told = 0
    for zone_name, people in _by_zone(silent).items():
        if moment_of(day, at, zone_name) > now:
            continue
        told += len(people)
        messages.tell(
            people,
            telling.REMINDED,
            telling.asked_data(one),
            paths=links.paths(one.id, people),
            # Told once, although the clock comes by many times while that hour goes round the world.
            key=f"pulse.reminded:{one.id}:{number}",
            program_id=one.program_id,
            about=telling.about(one.id),
            expires_at=one.closes_at,
        )
    if moment_of(day, at, "Etc/GMT+12") <= now:
        one.reminded = number
    return told


def _first_day(one: Round) -> date:
    return one.opens_at.astimezone(zone(surveys.EARLIEST)).date()


def _by_zone(person_ids: Iterable[int]) -> Mapping[str, list[int]]:
    ids = sorted(person_ids)
    found: dict[str, list[int]] = {}
    rows: Any = db.session.execute(select(Person.id, Person.timezone).where(Person.id.in_(ids))) if ids else ()
    for person_id, zone_name in rows:
        found.setdefault(zone_name, []).append(person_id)
    return found
