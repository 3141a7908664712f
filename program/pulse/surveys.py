"""A program's pulse as its managers shape it: when it asks, whom, what about, and from how many answers it tells.

Neighbours: `questions.py` (what is asked), `rounds.py` (asking), `closing.py` (counting).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.cadence import Cadence, moment_of, next_after, weekly
from program.ground.calendar import WorkingCalendar
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.now import today_in, utc_now
from program.ground.records import record
from program.people import access
from program.planning import audiences
from program.planning.models import Program
from program.pulse import questions
from program.pulse.models import COMMENTS_FROM, FEWEST, SCORES_FROM, Round, Survey, SurveyState

# Where a day begins first: a round opens for everybody at an hour of their own day, so it must be there by then.
EARLIEST = "Pacific/Kiritimati"
MOST_QUESTIONS = 5
DAYS_OPEN = (2, 10)
MOST_FROM = 50
CHANGED_MEANWHILE = _l("Somebody changed the pulse check while you had the page open.")
WRONG = _l("Something is not right yet.")
TOLD_OTHERWISE = _l("Results were told by other parts before; from both together, single people could be computed.")


@record
class SurveyDraft:
    """How a pulse is to be. `days_open` counts working days from the day of opening to that of closing.

    `audience` names parts as 'kind:key' (`planning.audiences`), nobody named is the program's team; `breakdown` is the
    one kind of part by which results are told, '' for none.
    """

    weekday: int = 0
    at: time = time(9)
    every: int = 1
    days_open: int = 4
    questions_a_round: int = 4
    audience: tuple[str, ...] = ()
    breakdown: str = ""
    scores_from: int = SCORES_FROM
    comments_from: int = COMMENTS_FROM


def find_survey(program_id: int) -> Survey | None:
    """The program's pulse as a row; None before it is set up."""
    return db.session.scalars(select(Survey).where(Survey.program_id == program_id)).one_or_none()


def get_survey(actor: Actor, program_id: int, needed: Access = Access.MANAGER) -> Survey:
    """The program's pulse, to read or to shape. Raises NotFound, Forbidden."""
    access.require(actor, program_id, needed)
    survey = find_survey(program_id)
    if survey is None:
        raise NotFound(access.NOT_HERE)
    return survey


def set_up(actor: Actor, program_id: int, draft: SurveyDraft) -> Survey:
    """Set up the program's pulse, as a draft that asks nobody yet. Raises Invalid, or Conflict when there is one."""
    access.require(actor, program_id, Access.MANAGER)
    if find_survey(program_id) is not None:
        raise Conflict(_l("This program has a pulse check already."))
    values = _checked(program_id, draft)
    survey = Survey(program_id=program_id, created_by_id=actor.person_id, state=SurveyState.DRAFT, **values)
    db.session.add(survey)
    db.session.flush()
    questions.take_bank(survey)
    _record(actor, "pulse.set_up", survey, audit.created(values))
    return survey


def change_survey(actor: Actor, survey: Survey, draft: SurveyDraft, *, seen: int) -> audit.Changes:
    """Shape the pulse anew; an open round stays as it was asked. Raises Invalid, Conflict.

    From how many answers it tells can always be raised; lowered only before the first round, as those who answered
    were promised otherwise. Once results were told by one kind of part, they are told by that one or by none: parts of
    two kinds overlap, over the rounds as within one.
    """
    access.require(actor, survey.program_id, Access.MANAGER)
    audit.check_revision(survey, seen, CHANGED_MEANWHILE, "pulse")
    wrong: dict[str, Any] = {}
    if has_rounds(survey):
        promised = _l("People have answered on the promise of the present figure: it can be raised, not lowered.")
        for name in ("scores_from", "comments_from"):
            if getattr(draft, name) < getattr(survey, name):
                wrong[name] = promised
        if draft.breakdown and draft.breakdown not in _told_by(survey):
            wrong["breakdown"] = _l(
                "Results were told by other parts before: told by these as well, few could be computed."
            )
    values = _checked(survey.program_id, draft, wrong)
    changes = audit.change(survey, values)
    if changes:
        if "cadence" in changes and survey.state == SurveyState.RUNNING:
            survey.next_at = _next_look(survey)
        db.session.flush()
        _record(actor, "pulse.changed", survey, changes)
    return changes


def start(actor: Actor, survey: Survey, *, seen: int) -> datetime | None:
    """Let rounds come round. Returns when the first one opens, at the earliest. Raises Conflict, Invalid."""
    access.require(actor, survey.program_id, Access.MANAGER)
    audit.check_revision(survey, seen, CHANGED_MEANWHILE, "pulse")
    if not audiences.people_of(survey.program_id, survey.audience):
        raise Invalid(_l("Nobody would be asked: add people to the team, or choose another audience."))
    _set_state(actor, survey, SurveyState.RUNNING, "pulse.started")
    return survey.next_at


def pause(actor: Actor, survey: Survey, *, seen: int) -> None:
    """Let no new round open; one that is open goes on to its end. Raises Conflict."""
    access.require(actor, survey.program_id, Access.MANAGER)
    audit.check_revision(survey, seen, CHANGED_MEANWHILE, "pulse")
    _set_state(actor, survey, SurveyState.PAUSED, "pulse.paused")


def has_rounds(survey: Survey) -> bool:
    """Whether anybody was ever asked."""
    return db.session.scalar(select(Round.id).where(Round.survey_id == survey.id).limit(1)) is not None


def _told_by(survey: Survey) -> set[str]:
    """The kinds of part that rounds were broken down by, of which there is one at most; any, while there is none."""
    found = set(db.session.scalars(select(Round.breakdown).where(Round.survey_id == survey.id).distinct())) - {""}
    return found or {kind.name for kind in audiences.kinds()}


def cadence_of(survey: Survey) -> Cadence:
    """When the pulse comes round."""
    return Cadence.from_data(survey.cadence)


def calendar_of(program_id: int) -> tuple[WorkingCalendar, str]:
    """The program's working calendar and the name of its time zone."""
    row = db.session.execute(select(Program.country, Program.timezone).where(Program.id == program_id)).one()
    return WorkingCalendar(row.country), row.timezone


def _next_look(survey: Survey) -> datetime | None:
    """When the clock has to look at the survey next: as its next round's day reaches that hour for the first person."""
    calendar, zone_name = calendar_of(survey.program_id)
    after = utc_now()
    if survey.last_on is not None:
        # Not the same occurrence again, where it is still yesterday.
        after = max(after, moment_of(survey.last_on, cadence_of(survey).at, zone_name))
    found = next_after(cadence_of(survey), zone_name, after, calendar)
    return moment_of(found.day, cadence_of(survey).at, EARLIEST) if found else None


def schedule(survey: Survey) -> None:
    """Set when the clock looks at the survey next; for `rounds.py`, once a round is open."""
    survey.next_at = _next_look(survey) if survey.state == SurveyState.RUNNING else None


def _set_state(actor: Actor, survey: Survey, state: SurveyState, verb: str) -> None:
    changes = audit.change(survey, {"state": state.value})
    schedule(survey)
    if changes:
        db.session.flush()
        _record(actor, verb, survey, changes)


def _checked(program_id: int, draft: SurveyDraft, wrong: dict[str, Any] | None = None) -> dict[str, Any]:
    wrong = dict(wrong or {})
    if not 1 <= draft.questions_a_round <= MOST_QUESTIONS:
        wrong["questions_a_round"] = _l("Ask 1 to %(most)s questions: half a minute is enough.", most=MOST_QUESTIONS)
    if not DAYS_OPEN[0] <= draft.days_open <= DAYS_OPEN[1]:
        wrong["days_open"] = _l("Give %(least)s to %(most)s working days.", least=DAYS_OPEN[0], most=DAYS_OPEN[1])
    if not FEWEST <= draft.scores_from <= MOST_FROM:
        wrong.setdefault("scores_from", _l("Give a number from %(least)s to %(most)s.", least=FEWEST, most=MOST_FROM))
    if not draft.scores_from <= draft.comments_from <= MOST_FROM:
        wrong.setdefault("comments_from", _l("Comments take at least as many answers as scores."))
    if not 0 <= draft.weekday <= 4:
        wrong["weekday"] = _l("Choose a day from Monday to Friday.")
    if not 1 <= draft.every <= 8:
        wrong["every"] = _l("Choose every week, or up to every eighth.")
    wrong |= _wrong_people(program_id, draft)
    if wrong:
        raise Invalid(WRONG, wrong)
    _calendar, zone_name = calendar_of(program_id)
    begin: date = today_in(zone_name)
    cadence = weekly(draft.weekday, draft.at, begin - timedelta(days=begin.weekday()), every=draft.every, moves=True)
    return {
        "cadence": cadence.to_data(),
        "days_open": draft.days_open,
        "questions_a_round": draft.questions_a_round,
        "audience": sorted(set(draft.audience)),
        "breakdown": draft.breakdown,
        "scores_from": draft.scores_from,
        "comments_from": draft.comments_from,
    }


def _wrong_people(program_id: int, draft: SurveyDraft) -> Mapping[str, Any]:
    wrong = {}
    known = {f"{kind.name}:{part.key}" for kind in audiences.kinds() for part in kind.parts(program_id)}
    if set(draft.audience) - known:
        wrong["audience"] = _l("Choose among the roles and groups of this program.")
    if draft.breakdown and audiences.find(draft.breakdown) is None:
        wrong["breakdown"] = _l("Choose how results are broken down.")
    return wrong


def _record(actor: Actor, verb: str, survey: Survey, changes: audit.Changes) -> None:
    audit.record(actor, verb, object_id=survey.id, name="", program_id=survey.program_id, changes=changes)


def choosable(program_id: int) -> Sequence[tuple[audiences.Kind, Sequence[audiences.Part]]]:
    """The parts that can be chosen, by kind; one statement a kind."""
    return [(kind, kind.parts(program_id)) for kind in audiences.kinds()]
