"""The room attacked from its doors: what a manager sees over the weeks, and what whoever has the database finds."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from program.extensions import Base, db
from program.ground import database
from program.ground.errors import Invalid
from program.ground.now import held_at
from program.outbox.models import Message
from program.pulse import closing, roster
from program.pulse.forms.pulse import draft_of
from program.pulse.models import Roster, Round, RoundResult, SurveyQuestion
from program.pulse.results import read_results
from program.pulse.surveys import SurveyDraft, change_survey
from tests.cast import Cast, make_person
from tests.pulse.conftest import Team
from tests.pulse.test_results import MONDAYS, week

STEADY = {"chat": 5, "phone": 4, "shop": 2}


def figures(team: Team) -> list[dict[str, dict[str, int]]]:
    """What closing kept, round by round: counts by part."""
    with team.at("2026-04-01T12:00+02:00"):
        found: list[dict[str, dict[str, int]]] = [{} for _ in team.rounds()]
        rows = db.session.execute(
            db.select(Round.number, RoundResult.part, RoundResult.counts).join(Round, Round.id == RoundResult.round_id)
        )
        for number, part, counts in rows:
            found[number - 1][part] = counts
        return found


def test_last_week_less_this_week_tells_no_leavers_answer(team: Team, cast: Cast, browser: Any, parts: Any):
    week(team, MONDAYS[0], STEADY)
    leaver = parts["shop"].pop()
    week(team, MONDAYS[1], STEADY)
    first, second = figures(team)
    assert set(first) == {"", "chat"}
    # Fourteen less thirteen would be what the one who left had said.
    assert second == {}
    with team.at("2026-03-21T12:00+01:00"):
        line = read_results(team.manager, team.survey(), 2, "en").questions[0]
        assert (line.held, line.counts, line.parts, line.change) == (True, {}, [], None)
        assert team.gate_says().met is None
    page = browser(cast.manager).get("/p/ALFA/pulse").text
    assert "Held back" in page
    parts["shop"].append(leaver)
    # All fourteen again, as the first time: nothing is new.
    week(team, MONDAYS[2], STEADY)
    assert figures(team)[2] == first


def test_opening_and_closing_cost_no_statement_a_person(team: Team, cast: Cast, parts: Any, statements: Any):
    with team.at("2026-03-07T12:00+01:00"):
        parts["chat"] += [make_person(f"Agent {n}", f"agent{n}@alfa.example").id for n in range(200)]
    with statements() as opening:
        assert team.tick(f"{MONDAYS[0]}T09:00+01:00") == 1
    with team.at(f"{MONDAYS[0]}T10:00+01:00"):
        assert db.session.scalar(db.select(db.func.count()).select_from(Message)) == 214
    with statements() as closing_it:
        assert team.tick("2026-03-13T18:00+01:00") == 1
    assert len(opening) + len(closing_it) < 80


def test_results_are_never_told_by_a_second_kind_of_part(team: Team):
    week(team, MONDAYS[0], STEADY)
    with team.at("2026-03-14T12:00+01:00"):
        survey = team.survey()
        values = {name: getattr(draft_of(survey), name) for name in SurveyDraft.__slots__}
        with pytest.raises(Invalid) as caught:
            change_survey(team.manager, survey, SurveyDraft(**values | {"breakdown": "role"}), seen=survey.revision)
        assert set(caught.value.fields) == {"breakdown"}
        change_survey(team.manager, survey, SurveyDraft(**values | {"breakdown": ""}), seen=survey.revision)
        change_survey(team.manager, survey, SurveyDraft(**values), seen=survey.revision)


def test_a_closed_round_is_the_same_whoever_gave_which_answer(team: Team):
    """Two worlds, in which people of a part swapped their answers: row for row the same database after closing."""
    team.tick(f"{MONDAYS[0]}T09:00+01:00")
    with team.at(f"{MONDAYS[0]}T12:00+01:00"):
        one = team.rounds()[0]
        words = db.session.scalars(db.select(SurveyQuestion.id).where(SurveyQuestion.kind == "text")).first()
        one.questions = {"": [*one.questions[""][:2], words]}
    forwards = _world(team, team.people)
    chat = sorted(person for person in team.people if team.part[person] == "chat")
    swap = dict(zip(chat, reversed(chat), strict=True))
    assert _world(team, [swap.get(person, person) for person in team.people]) == forwards


def _world(team: Team, people: list[int]) -> Counter[str]:
    """Everybody but the last two answers, as the person in their place of the list; the round closes; all rows."""
    with team.app.app_context(), held_at(datetime.fromisoformat(f"{MONDAYS[0]}T18:00+01:00")):
        database.begin_writing()
        one = team.rounds()[0]
        for place, person in enumerate(people[:-2]):
            team.answer_all(one.id, person, 1 + place % 5, f"Comment {place}")
        closing.close(one)
        rows: Counter[str] = Counter()
        for table in Base.metadata.sorted_tables:
            # Drawn by chance or by a sequence: they say nothing.
            columns = [column for column in table.c if column.name not in _chance(table.name)]
            for row in db.session.execute(db.select(*columns)):
                rows[f"{table.name} {tuple(row)!r}"] += 1
        db.session.rollback()
        return rows


def _chance(table: str) -> set[str]:
    return {"id"} if table in ("survey_result", "survey_comment") else set()


def test_the_list_that_waits_for_the_next_round_names_nobody_and_no_answer(team: Team):
    week(team, MONDAYS[0], STEADY, but=tuple(team.people[:3]))
    with team.at("2026-03-14T12:00+01:00"):
        key = team.app.config["SECRET_KEY"]
        codes = set(db.session.scalars(db.select(Roster.code)))
        # All who were asked, whether they answered or not; and only with the instance's key.
        survey_id = team.survey().id
        assert codes == {roster.code(key, survey_id, person) for person in team.people}
        assert not codes & {roster.code("another key", survey_id, person) for person in team.people}
        assert team.rounds()[0].turnover == {
            "asked": {"chat": 6, "phone": 5, "shop": 3},
            "all": [14, 0],
            "parts": {"chat": [6, 0], "phone": [5, 0], "shop": [3, 0]},
        }
