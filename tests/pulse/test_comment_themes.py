"""Comments by theme: sorted by managers, counted only where comments are told, two at once lose nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from program.extensions import db
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.pulse import comment_themes
from program.pulse.forms.pulse import draft_of
from program.pulse.models import RoundComment, SurveyQuestion
from program.pulse.surveys import SurveyDraft, change_survey
from tests.cast import Cast
from tests.pulse.conftest import Team
from tests.pulse.test_results import _values

AFTER = "2026-03-14T12:00+01:00"
AT = "/p/ALFA/pulse/rounds/1/comments"


@pytest.fixture
def said(team: Team) -> Team:
    """Ten people have written something in the first round, which has closed."""
    team.tick("2026-03-09T09:00+01:00")
    with team.at("2026-03-09T12:00+01:00"):
        one = team.rounds()[-1]
        words = db.session.scalars(select(SurveyQuestion.id).where(SurveyQuestion.kind == "text")).first()
        one.questions = {"": [words]}
        db.session.flush()
        for number, person in enumerate(team.people[:10]):
            team.answer_all(one.id, person, 3, f"Said {number}")
    team.tick("2026-03-13T18:00+01:00")
    return team


def ids() -> list[str]:
    return list(db.session.scalars(select(RoundComment.id).order_by(RoundComment.id)))


def sort(team: Team, chosen: dict[str, str], seen: dict[str, str] | None = None, who: Any = None) -> int:
    return comment_themes.sort_comments(who or team.manager, team.survey(), 1, chosen, seen or {})


def raise_limit(team: Team) -> None:
    """From now on comments are told from fifteen writers on."""
    survey = team.survey()
    draft = SurveyDraft(**_values(draft_of(survey)) | {"scores_from": 15, "comments_from": 15})
    change_survey(team.manager, survey, draft, seen=survey.revision)


def test_managers_sort_what_is_told_and_the_trail_gets_counts_alone(said: Team, cast: Cast):
    with said.at(AFTER):
        first, second, third, *_rest = ids()
        for who in (cast.contributor.actor, cast.viewer.actor):
            with pytest.raises(Forbidden):
                sort(said, {first: "tools"}, who=who)
        with pytest.raises(NotFound):
            sort(said, {"f" * 32: "tools"})
        # In their own words is what all of them are.
        for theme in ("open", "sales"):
            with pytest.raises(Invalid):
                sort(said, {first: theme})
        assert sort(said, {first: "tools", second: "tools", third: "workload"}) == 3
        assert sort(said, {first: "tools"}) == 0
        assert sort(said, {first: "", third: "tools"}, {first: "tools", third: "workload"}) == 2
        (found,) = comment_themes.told_in(said.manager, said.survey(), 1).values()
        assert comment_themes.counts(found) == [("tools", 2), ("", 8)]
        trail = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "pulse_comments.sorted")).all()
        assert [entry.changes for entry in trail] == [{"workload": [0, 1], "tools": [0, 2]}, {"workload": [1, 0]}]
        assert not [entry for entry in trail if "Said" in f"{entry.name}{entry.changes}"]


def test_of_two_who_sort_the_same_comment_the_second_is_told(said: Team):
    with said.at(AFTER):
        first, second, *_rest = ids()
        sort(said, {first: "tools"}, {first: ""})
        with pytest.raises(Conflict):
            sort(said, {second: "why", first: "workload"}, {second: "", first: ""})
        # Nothing of it was kept; the same choice by both is no quarrel.
        assert sort(said, {first: "tools"}, {first: ""}) == 0
        (found,) = comment_themes.told_in(said.manager, said.survey(), 1).values()
        assert comment_themes.counts(found) == [("tools", 1), ("", 9)]


def test_where_the_limit_is_raised_nothing_is_counted_any_more(said: Team):
    with said.at(AFTER):
        first = ids()[0]
        sort(said, {first: "tools"})
        raise_limit(said)
        assert comment_themes.told_in(said.manager, said.survey(), 1) == {}
        with pytest.raises(NotFound):
            sort(said, {first: "why"})
        with pytest.raises(NotFound):
            comment_themes.told_in(said.manager, said.survey(), 2)


def test_the_pages_and_the_file_say_the_themes(said: Team, cast: Cast, browser: Any, statements: Any):
    client = browser(cast.manager)
    assert AT in client.get("/p/ALFA/pulse").text
    page = client.get(AT).text
    shown = re.findall(r'name="theme-([0-9a-f]{32})"', page)
    assert len(shown) == 10
    was = {f"was-{one}": "" for one in shown}
    kept = {f"theme-{one}": "" for one in shown} | {f"theme-{shown[0]}": "tools", f"theme-{shown[1]}": "workload"}
    assert client.post(AT, data=was | kept).status_code == 303
    # A colleague with the page open since before moves one of these and another one.
    late = {f"theme-{one}": "" for one in shown} | {f"theme-{shown[0]}": "why", f"theme-{shown[2]}": "why"}
    answer = client.post(AT, data=was | late)
    assert answer.status_code == 409
    assert answer.text.count('value="why" selected') == 2
    # What they did not touch stands as it is now, and what they did shows where it stood.
    assert answer.text.count('value="workload" selected') == 1
    assert "Stands under: Tools" in answer.text
    with statements() as seen:
        assert client.get(AT).status_code == 200
    assert len(seen) <= 12
    reader = browser(cast.viewer)
    told = reader.get("/p/ALFA/pulse").text
    assert AT not in told
    assert re.search(r"Tools <span class=.count.>1<", told)
    assert re.search(r"Without a theme <span class=.count.>8<", told)
    assert reader.get(AT).status_code == 403
    assert browser(cast.stranger).get(AT).status_code == 404
    file = reader.get("/p/ALFA/pulse/rounds/1.csv").data.decode("utf-8-sig").splitlines()
    themes = [line.split(",")[2] for line in file if line.split(",")[1] == "Comment"]
    assert sorted(themes) == ["In their own words"] * 8 + ["Tools", "Workload"]
