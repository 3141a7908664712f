"""Results: read from what closing kept, by today's limits; pages; the gate; closing the loop."""

from __future__ import annotations

import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, text, update

from program.change.models import GoLive
from program.extensions import Base, db
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.outbox.models import Message
from program.people.models import Person
from program.pulse import closing, links, replies, surveys
from program.pulse.advice import Advice, advice_for
from program.pulse.forms.pulse import draft_of
from program.pulse.models import Round, RoundResult, Survey, SurveyQuestion
from program.pulse.results import RoundLine, read_results
from program.pulse.surveys import SurveyDraft, change_survey, set_up
from tests.cast import Cast
from tests.pulse.conftest import PARTS, Team

MONDAYS = ("2026-03-09", "2026-03-16", "2026-03-23")


def week(team: Team, monday: str, values: dict[str, int], *, but: tuple[int, ...] = ()) -> None:
    """A whole round: everybody of each part answers with its value, but those people."""
    team.tick(f"{monday}T09:00+01:00")
    with team.at(f"{monday}T12:00+01:00"):
        one = team.rounds()[-1]
        scales = db.session.scalars(select(SurveyQuestion.id).where(SurveyQuestion.kind == "scale5")).all()
        # The same question each week, so that weeks can be compared.
        one.questions = {"": [scales[0]]}
        db.session.flush()
        for person in team.people:
            if person not in but:
                team.answer_all(one.id, person, values[team.part[person]])
    friday = int(monday[8:]) + 4
    team.tick(f"{monday[:8]}{friday}T18:00+01:00")


def results(team: Team, number: int | None = None) -> Any:
    return read_results(team.manager, team.survey(), number, "en")


def test_turnout_first_then_the_score_with_its_parts(team: Team):
    week(team, MONDAYS[0], {"chat": 5, "phone": 4, "shop": 2})
    with team.at("2026-03-14T12:00+01:00"):
        found = results(team)
        assert (found.round.asked, found.round.answered, found.round.rate) == (14, 14, 100)
        (line,) = found.questions
        assert line.score.answered == 14
        assert line.mean == pytest.approx((6 * 5 + 5 * 4 + 3 * 2) / 14)
        assert [(part.name, part.answered, part.mean) for part in line.parts] == [("Chat", 6, 5.0)]
        assert found.held_parts == 1


def test_a_change_is_marked_only_when_it_is_more_than_chance(team: Team):
    week(team, MONDAYS[0], {"chat": 4, "phone": 4, "shop": 3})
    week(team, MONDAYS[1], {"chat": 4, "phone": 4, "shop": 4})
    week(team, MONDAYS[2], {"chat": 2, "phone": 2, "shop": 1})
    with team.at("2026-03-28T12:00+01:00"):
        assert results(team, 2).questions[0].change is None
        assert results(team, 3).questions[0].change == pytest.approx(-2.214, abs=0.01)
        assert [point.number for point in results(team).themes[0].points] == [1, 2, 3]


def test_a_limit_that_is_raised_holds_back_what_is_below_it_now(team: Team):
    week(team, MONDAYS[0], {"chat": 5, "phone": 4, "shop": 2})
    with team.at("2026-03-14T12:00+01:00"):
        survey = team.survey()
        draft = draft_of(survey)
        with pytest.raises(Invalid) as caught:
            change_survey(
                team.manager, survey, SurveyDraft(**{**_values(draft), "scores_from": 3}), seen=survey.revision
            )
        assert set(caught.value.fields) == {"scores_from"}
        change_survey(team.manager, survey, SurveyDraft(**{**_values(draft), "scores_from": 8}), seen=survey.revision)
        (line,) = results(team).questions
        assert line.parts == []
        assert line.score is not None
        change_survey(
            team.manager,
            survey,
            SurveyDraft(**{**_values(draft), "scores_from": 15, "comments_from": 15}),
            seen=survey.revision,
        )
        assert results(team).questions[0].held
        assert results(team).themes == []
        assert results(team).turnouts == []


def _values(draft: SurveyDraft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in draft.__slots__}


def test_nothing_of_a_closed_round_leads_back_to_anybody(team: Team):
    """The whole database in hand: neither the names, nor the secret, nor what was held back can be found in it."""
    team.tick(f"{MONDAYS[0]}T09:00+01:00")
    with team.at(f"{MONDAYS[0]}T12:00+01:00"):
        one = team.rounds()[0]
        words = db.session.scalars(select(SurveyQuestion.id).where(SurveyQuestion.kind == "text")).first()
        one.questions = {"": [*one.questions[""][:2], words]}
        db.session.flush()
        for person in team.people[:9]:
            team.answer_all(one.id, person, 3, f"nobody may read this {person}")
        secret = one.secret
        names = list(db.session.scalars(text("SELECT respondent FROM survey_open_answer")))
    team.tick("2026-03-13T18:00+01:00")
    assert secret
    assert names
    with team.app.app_context():
        closing.forget_for_good()
        rows = _dump()
        assert not [name for name in names if name in rows]
        assert "nobody may read this" not in rows
        assert str(secret) not in rows
        assert secret.hex() not in rows.lower()
        if db.engine.dialect.name == "sqlite":
            path = Path(db.engine.url.database or "")
            # By another process: closing the files here would let go of SQLite's locks on them, and from then on
            # other processes and this one would each see a database of their own.
            content = subprocess.run(
                ["cat", *map(str, path.parent.glob(f"{path.name}*"))], capture_output=True, check=True
            ).stdout
            assert b"survey_result" in content
            assert secret not in content
            assert b"nobody may read this" not in content
            assert not [name for name in names if name.encode() in content]


def _dump() -> str:
    """Every row of every table, as text."""
    found = []
    with db.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            found += [repr(tuple(row)) for row in connection.execute(table.select())]
    return "\n".join(found)


def test_the_pages_of_the_pulse(team: Team, cast: Cast, browser: Any, statements: Any):
    week(team, MONDAYS[0], {"chat": 5, "phone": 4, "shop": 2})
    week(team, MONDAYS[1], {"chat": 2, "phone": 1, "shop": 2})
    client = browser(cast.viewer)
    with statements() as ran:
        page = client.get("/p/ALFA/pulse")
    assert len(ran) <= 12
    assert "14 of 14 answered." in page.text
    assert "Chat" in page.text
    assert "Shop" not in page.text
    assert "Start the pulse check" not in page.text
    assert client.get("/p/ALFA/pulse/rounds/1").status_code == 200
    assert client.get("/p/ALFA/pulse/rounds/9").status_code == 404
    assert client.get("/p/ALFA/pulse/settings").status_code == 403
    assert browser(cast.stranger).get("/p/ALFA/pulse").status_code == 404
    manager = browser(cast.manager)
    assert "Make it a change task" in manager.get("/p/ALFA/pulse").text
    for path in ("settings", "questions", "replies/new"):
        assert manager.get(f"/p/ALFA/pulse/{path}").status_code == 200


def test_a_fallen_theme_becomes_a_change_task(team: Team, cast: Cast, browser: Any):
    week(team, MONDAYS[0], {"chat": 5, "phone": 4, "shop": 4})
    week(team, MONDAYS[1], {"chat": 2, "phone": 1, "shop": 2})
    manager = browser(cast.manager)
    made = manager.post("/p/ALFA/pulse/tasks", data={"theme": "why"})
    assert made.status_code == 303
    page = manager.get(made.location.replace("/edit", ""))
    assert "Do something about: Clarity of why" in page.text
    assert "from 14 answers" in page.text
    assert browser(cast.contributor).post("/p/ALFA/pulse/tasks", data={"theme": "why"}).status_code == 403
    assert manager.post("/p/ALFA/pulse/tasks", data={"theme": "<b>"}).status_code == 404


def test_what_was_done_is_told_with_the_next_round_and_then_stays(team: Team, cast: Cast, browser: Any):
    week(team, MONDAYS[0], {"chat": 5, "phone": 4, "shop": 4})
    manager = browser(cast.manager)
    sent = manager.post(
        "/p/ALFA/pulse/replies/new",
        data={"theme": "tools", "said": "Logging in takes <b>long</b>", "did": "One sign-in since Monday.", "item": ""},
    )
    assert sent.status_code == 303
    assert "Logging in takes &lt;b&gt;long&lt;/b&gt;" in manager.get("/p/ALFA/pulse").text
    team.tick(f"{MONDAYS[1]}T09:00+01:00")
    with team.at(f"{MONDAYS[1]}T10:00+01:00"):
        one = team.rounds()[-1]
        token = links.token(one.id, team.people[0])
        reply = replies.replies_of(cast.program_id)[0]
        assert reply.told_in == 2
        with pytest.raises(Conflict):
            replies.remove_reply(cast.manager.actor, cast.program_id, reply.id)
        assert replies.told_with(one.id) == [("Logging in takes <b>long</b>", "One sign-in since Monday.")]
        assert token


def test_the_sheet_needs_no_account_and_speaks_its_owners_language(team: Team, cast: Cast, browser: Any, app: Flask):
    now = "2026-03-09T12:00+01:00"
    team.tick("2026-03-09T09:00+01:00")
    with team.at(now):
        one = team.rounds()[0]
        token = links.token(one.id, team.people[0])
        person = db.session.get(Person, team.people[0])
        assert person is not None
        person.locale = "pl"
        question_ids = one.questions[""]
        # The real clock is far behind the round's: the page must find it open.
        one.closes_at = one.closes_at + timedelta(days=3650)
    client = app.test_client()
    page = client.get(f"/pulse/{token}")
    assert page.status_code == 200
    assert 'lang="pl"' in page.text
    assert "noindex" in page.text
    sent = client.post(f"/pulse/{token}", data={f"q{question_ids[0]}": "4", f"q{question_ids[1]}": ""})
    assert sent.status_code == 303
    assert "checked" in client.get(f"/pulse/{token}").text
    assert client.post(f"/pulse/{token}", data={f"q{question_ids[0]}": "9"}).status_code == 422
    assert client.post(f"/pulse/{token}", data={f"q{question_ids[0]}": "<script>"}).status_code == 422
    assert client.get(f"/pulse/{token[:-2]}xx").status_code == 404
    assert client.get("/pulse/zażółć").status_code == 404
    # The stranger's session changes nothing: the address says who it is.
    assert 'lang="pl"' in browser(cast.stranger).get(f"/pulse/{token}").text


def test_only_managers_shape_the_pulse(team: Team, cast: Cast):
    with team.at("2026-03-07T12:00+01:00"):
        survey = team.survey()
        for member, error in ((cast.contributor, Forbidden), (cast.viewer, Forbidden), (cast.stranger, NotFound)):
            with pytest.raises(error):
                change_survey(member.actor, survey, SurveyDraft(), seen=survey.revision)
            with pytest.raises(error):
                surveys.pause(member.actor, survey, seen=survey.revision)
            with pytest.raises(error):
                replies.add_reply(member.actor, cast.program_id, "tools", "said", "did")
        with pytest.raises(NotFound):
            read_results(cast.stranger.actor, survey, None, "en")
        with pytest.raises(Conflict):
            set_up(cast.manager.actor, cast.program_id, SurveyDraft())
        with pytest.raises(Conflict):
            change_survey(cast.manager.actor, survey, SurveyDraft(), seen=survey.revision - 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("questions_a_round", 0),
        ("questions_a_round", 6),
        ("days_open", 1),
        ("days_open", 11),
        ("scores_from", 2),
        ("scores_from", 51),
        ("comments_from", 4),
        ("weekday", 6),
        ("every", 0),
        ("audience", ("desk:nowhere",)),
        ("audience", ("role:1; DROP TABLE person",)),
        ("breakdown", "shoe size"),
    ],
)
def test_a_shape_that_cannot_be_is_refused_by_field(team: Team, name: str, value: Any):
    with team.at("2026-03-07T12:00+01:00"):
        survey = team.survey()
        with pytest.raises(Invalid) as caught:
            change_survey(
                team.manager, survey, SurveyDraft(**{**_values(draft_of(survey)), name: value}), seen=survey.revision
            )
        assert name in caught.value.fields


def test_the_gate_asks_for_half_and_for_the_middle(team: Team):
    with team.at("2026-03-07T12:00+01:00"):
        assert team.gate_says().met is None
    week(team, MONDAYS[0], {"chat": 5, "phone": 4, "shop": 4})
    with team.at("2026-03-14T12:00+01:00"):
        assert team.gate_says().met is True
    week(team, MONDAYS[1], {"chat": 2, "phone": 3, "shop": 2})
    with team.at("2026-03-21T12:00+01:00"):
        assert (team.gate_says().met, "clarity of why" in team.gate_says().why_not) == (False, True)
    week(team, MONDAYS[2], dict.fromkeys(PARTS, 5), but=tuple(team.people[:8]))
    with team.at("2026-03-28T12:00+01:00"):
        assert team.gate_says().met is False


def test_advice_comes_when_people_are_tired():
    def rounds(*answered: int) -> list[RoundLine]:
        day = date(2026, 3, 9)
        return [RoundLine(n, n, day, day, 20, count) for n, count in enumerate(answered, start=1)]

    assert advice_for(rounds(9), 1) == [Advice.LOW]
    assert advice_for(rounds(10), 1) == []
    assert advice_for(rounds(*[15] * 12), 1) == [Advice.LESS_OFTEN]
    assert advice_for(rounds(*[15] * 12), 2) == []
    assert advice_for([], 1) == []


def test_the_page_costs_no_more_after_years(team: Team, cast: Cast, browser: Any, statements: Any):
    week(team, MONDAYS[0], {"chat": 5, "phone": 4, "shop": 2})
    with team.at("2026-03-14T12:00+01:00"):
        one = team.rounds()[0]
        questions = one.questions[""]
        columns = {
            name: getattr(one, name)
            for name in (
                "program_id",
                "survey_id",
                "opens_at",
                "closes_at",
                "questions",
                "scores_from",
                "comments_from",
            )
        }
        rows = [
            columns
            | {"number": number, "meant_for": one.meant_for + timedelta(weeks=number), "closed_on": one.closed_on}
            | {"asked": 2000, "answered": 1500, "reminded": 2, "breakdown": "desk"}
            for number in range(2, 151)
        ]
        db.session.execute(insert(Round), rows)
        ids = list(db.session.scalars(select(Round.id).where(Round.number > 1)))
        db.session.execute(
            insert(RoundResult),
            [
                {"program_id": cast.program_id, "round_id": round_id, "question_id": question_id, "part": part}
                | {"part_name": part, "answered": 500, "counts": {str(n): 100 for n in range(1, 6)}}
                for round_id in ids
                for question_id in questions
                for part in ("", "chat", "phone", "shop")
            ],
        )
        db.session.execute(update(Survey).values(next_at=None))
    with statements() as ran:
        page = browser(cast.viewer).get("/p/ALFA/pulse")
    assert page.status_code == 200
    assert len(ran) <= 12


def test_nobody_can_look_up_who_was_reminded(team: Team, cast: Cast, browser: Any):
    """Whoever got a reminder had not answered: that stands in their own inbox and in no list of anybody else."""
    team.tick("2026-03-09T09:00+01:00")
    team.tick("2026-03-10T22:00+00:00")
    with team.at("2026-03-10T23:00+00:00"):
        kinds = set(db.session.scalars(select(Message.kind)))
    assert kinds >= {"pulse.asked", "pulse.reminded"}
    for reader, path in ((cast.manager, "/p/ALFA/settings/messages"), (cast.admin, "/outgoing")):
        page = browser(reader).get(path)
        assert page.status_code == 200
        assert "chat 0" not in page.text
        assert "chat 0" not in browser(reader).get(f"{path}?kind=pulse.reminded").text


def test_what_happened_meanwhile_and_what_came_of_what_was_done(team: Team, cast: Cast, browser: Any, statements: Any):
    week(team, MONDAYS[0], {"chat": 4, "phone": 3, "shop": 3})
    with team.at("2026-03-12T12:00+01:00"):
        replies.add_reply(cast.manager.actor, cast.program_id, "why", "Nobody says why", "A letter from the board.")
        replies.add_reply(cast.manager.actor, cast.program_id, "tools", "Slow", "Faster.")
        db.session.add(GoLive(program_id=cast.program_id, name="Wave 1", on_date=date(2026, 3, 12)))
        db.session.add(GoLive(program_id=cast.program_id, name="Wave 2", on_date=date(2026, 5, 4)))
    week(team, MONDAYS[1], {"chat": 5, "phone": 5, "shop": 2})
    with statements() as ran:
        page = browser(cast.manager).get("/p/ALFA/pulse").text
    assert len(ran) <= 12
    assert "Go-live: Wave 1" in page
    assert "Wave 2" not in page
    assert "Clarity of why: 3.4 before, 4.4 since" in page
    assert "Tools: " not in page.replace("Tools: Slow", "")


def test_files_say_what_the_page_says_and_hold_back_what_it_holds_back(team: Team, cast: Cast, browser: Any):
    week(team, MONDAYS[0], {"chat": 5, "phone": 4, "shop": 2})
    client = browser(cast.viewer)
    assert "/p/ALFA/pulse/rounds/1.xlsx" in client.get("/p/ALFA/pulse").text
    lines = client.get("/p/ALFA/pulse/rounds/1.csv").data.decode("utf-8-sig").splitlines()
    rows = [line.split(",") for line in lines]
    assert [row[1] for row in rows[1:]] == [
        *("Who answered", "Who answered", "Theme of a round", "Question", "Question", "Question")
    ]
    assert rows[2][4:8] == ["Chat", "6", "6", "100"]
    assert rows[4][6:10] == ["14", "4.00", "1.18", "from 1 to 5"]
    assert rows[5][4:8] == ["Chat", "", "6", "5.00"]
    assert rows[6][4:10] == ["Other parts", "", "", "", "", "held back"]
    assert not [line for line in lines if "Shop" in line or "Phone" in line]
    with team.at("2026-03-14T12:00+01:00"):
        survey = team.survey()
        more = _values(draft_of(survey)) | {"scores_from": 15, "comments_from": 15}
        change_survey(team.manager, survey, SurveyDraft(**more), seen=survey.revision)
    lines = client.get("/p/ALFA/pulse/rounds/1.csv").data.decode("utf-8-sig").splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ["Who answered", "Question"]
    assert lines[2].endswith(",,,,,,held back")
    assert client.get("/p/ALFA/pulse/rounds/1.xlsx").data.startswith(b"PK")
    assert client.get("/p/ALFA/pulse/rounds/2.csv").status_code == 404
    assert browser(cast.stranger).get("/p/ALFA/pulse/rounds/1.csv").status_code == 404


def test_three_hundred_parts_to_choose_from_are_folded_and_the_chosen_stand_first(
    team: Team, cast: Cast, browser: Any, parts: dict[str, list[int]]
):
    for number in range(300):
        parts[f"Desk {number:03}"] = []
    page = browser(cast.manager).get("/p/ALFA/pulse/settings").text
    chosen, folded = page.split('<details class="choices-of-kind"><summary>Desk (300)</summary>')
    assert chosen.count('type="checkbox" value="desk:') == 3
    assert folded.count('type="checkbox" value="desk:') == 300
    data = {"every": "1", "weekday": "0", "hour": "9", "days_open": "4", "questions_a_round": "4", "breakdown": "desk"}
    limits = {"scores_from": "5", "comments_from": "10", "audience": ["desk:chat", "desk:Desk 007"]}
    assert browser(cast.manager).post("/p/ALFA/pulse/settings", data=data | limits).status_code == 303
    with team.at("2026-03-07T12:00+01:00"):
        assert team.survey().audience == ["desk:Desk 007", "desk:chat"]
