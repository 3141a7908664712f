"""The built-in change plan: what the handbook names, in both languages, each step within the months of its stage."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program.change.plan_steps import PlanStage, add_months, built_in, parse_plan, stage_dates
from program.ground.calendar import WorkingCalendar
from program.playbooks.problems import PlaybookError
from program.playbooks.roles import roles

DAYS = st.dates(date(2001, 1, 1), date(2098, 12, 31))
POLAND = WorkingCalendar("PL")


def test_the_plan_holds_what_the_handbook_names() -> None:
    plan = built_in()
    stages = {stage: [step.key for step in plan.steps if step.stage is stage] for stage in PlanStage}
    assert stages[PlanStage.PREPARATION] == ["explain-why", "find-ambassadors", "job-aids", "procedures", "faq"]
    assert stages[PlanStage.TRAINING] == ["train-super-users", "train-channels", "practice", "reference"]
    assert stages[PlanStage.SUPPORT] == ["coaching", "helpdesk", "weekly-pulse", "celebrate"]
    assert {step.role for step in plan.steps} <= set(roles())
    for text in [step.title for step in plan.steps] + [line.message for line in plan.messages]:
        assert text.en != text.pl


def test_months_count_from_the_go_live() -> None:
    assert stage_dates(PlanStage.PREPARATION, date(2026, 5, 4)) == (date(2026, 4, 4), date(2026, 5, 3))
    assert stage_dates(PlanStage.TRAINING, date(2026, 5, 4)) == (date(2026, 5, 4), date(2026, 7, 3))
    assert stage_dates(PlanStage.SUPPORT, date(2026, 5, 4)) == (date(2026, 6, 4), date(2026, 8, 3))
    assert add_months(date(2026, 12, 31), 2) == date(2027, 2, 28)
    assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)


@given(DAYS)
def test_every_step_lies_within_its_stage_on_working_days(on_date: date) -> None:
    for step in built_in().steps:
        start, due = step.dates(on_date, POLAND)
        first, last = stage_dates(step.stage, on_date)
        assert first <= start <= due <= last
        assert POLAND.is_working(start)
        assert POLAND.is_working(due)


@given(DAYS)
def test_messages_keep_to_their_side_of_the_go_live(on_date: date) -> None:
    for line in built_in().messages:
        day = line.on(on_date, POLAND)
        assert day <= on_date + timedelta(days=line.day)
        assert (day < on_date) == (line.day < 0) or line.day > 0


STEP = (
    "steps:\n  one:\n    stage: {stage}\n    title: {{en: A, pl: B}}\n    description: {{en: A, pl: B}}\n"
    "    role: {role}\n    start: {start}\n    due: {due}\nmessages: {{}}\n"
)


@pytest.mark.parametrize(
    ("stage", "role", "start", "due", "line", "code"),
    [
        ("preparaton", "super_user", -20, -2, 3, "unknown-kind"),
        ("training", "superuser", 0, 3, 6, "unknown-role"),
        ("preparation", "super_user", -31, -2, 7, "not-number"),
        ("preparation", "super_user", -20, 2, 8, "not-number"),
        ("training", "super_user", 10, 5, 8, "not-number"),
        ("support", "super_user", 5, 40, 7, "not-number"),
    ],
)
def test_a_wrong_plan_is_refused(stage: str, role: str, start: int, due: int, line: int, code: str) -> None:
    with pytest.raises(PlaybookError) as caught:
        parse_plan(STEP.format(stage=stage, role=role, start=start, due=due), "plan.yaml")
    assert (line, code) in [(problem.line, problem.code) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("- x\n", "not-mapping"),
        ("steps: {}\n", "missing-key"),
        ("steps: {}\nmessages: {}\nmore: {}\n", "unknown-key"),
        (
            "steps: {}\nmessages:\n  a: {message: {en: A, pl: B}, audience: {en: A, pl: B}, medium: fax, day: 0}\n",
            "unknown-kind",
        ),
        (
            "steps: {}\nmessages:\n  a: {message: {en: A, pl: B}, audience: {en: A, pl: B}, medium: chat, day: 900}\n",
            "not-number",
        ),
    ],
)
def test_a_wrong_file_is_refused(source: str, code: str) -> None:
    with pytest.raises(PlaybookError) as caught:
        parse_plan(source, "plan.yaml")
    assert code in [problem.code for problem in caught.value.problems]
