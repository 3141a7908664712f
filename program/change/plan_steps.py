"""The built-in change plan around a go-live (plan.yaml, from the handbook, section 5): its stages, steps and messages.

How months count: month 1 begins with the go-live day itself, month -1 is the month before it, and there is no month 0.
Preparation is month -1, training months 1 and 2, support months 2 and 3. `change_plan.py` makes work items of steps.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from program.change.models.plan import Medium
from program.ground.calendar import DAY, FIRST_DAY, LAST_DAY, WorkingCalendar
from program.ground.records import record
from program.playbooks.document import Mapping, Node, read
from program.playbooks.fields import Fields
from program.playbooks.model import TEXT_MAX, TITLE_MAX, Text
from program.playbooks.problems import Findings
from program.playbooks.roles import roles

FILE = Path(__file__).with_name("plan.yaml")


class PlanStage(StrEnum):
    """The three stages around a go-live."""

    PREPARATION = "preparation"
    TRAINING = "training"
    SUPPORT = "support"


# The months of each stage, as people count them: there is no month 0.
MONTHS = {PlanStage.PREPARATION: (-1, -1), PlanStage.TRAINING: (1, 2), PlanStage.SUPPORT: (2, 3)}
# Days from the go-live that lie within the stage however long its months are.
SAFE_DAYS = {PlanStage.PREPARATION: (-28, -1), PlanStage.TRAINING: (0, 58), PlanStage.SUPPORT: (31, 88)}
EARLIEST, LATEST = SAFE_DAYS[PlanStage.PREPARATION][0], SAFE_DAYS[PlanStage.SUPPORT][1]


@record
class PlanStep:
    """A step of the plan. `start` and `due` are days from the go-live: 0 is that day, -7 a week before."""

    key: str
    stage: PlanStage
    title: Text
    description: Text
    role: str
    start: int
    due: int

    def dates(self, on_date: date, working: WorkingCalendar) -> tuple[date, date]:
        """Its first and last day around a go-live on that day, both working days.

        Raises OverflowError beyond the years that can be planned.
        """
        start = working.on_or_after(_shifted(on_date, self.start))
        due = working.on_or_before(_shifted(on_date, self.due))
        return start, max(start, due)


@record
class PlanMessage:
    """A message of the plan, `day` days from the go-live."""

    key: str
    message: Text
    audience: Text
    medium: Medium
    day: int

    def on(self, on_date: date, working: WorkingCalendar) -> date:
        """The working day for it: on the go-live itself whatever day that is, else the last one before."""
        return on_date if self.day == 0 else working.on_or_before(_shifted(on_date, self.day))


@record
class ChangePlan:
    """The whole plan, in the order of the file."""

    steps: tuple[PlanStep, ...]
    messages: tuple[PlanMessage, ...]


def stage_dates(stage: PlanStage, on_date: date) -> tuple[date, date]:
    """The first and the last day of a stage: whole months around the go-live, cut at the end of a shorter month."""
    first, last = MONTHS[stage]
    start = first if first < 0 else first - 1
    end = last + 1 if last < 0 else last
    return add_months(on_date, start), add_months(on_date, end) - DAY


def add_months(day: date, months: int) -> date:
    """The same day of another month, or that month's last one. Raises OverflowError outside the years of plans."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not FIRST_DAY.year - 1 <= year <= LAST_DAY.year + 1:
        raise OverflowError(day)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@cache
def built_in() -> ChangePlan:
    """The plan of plan.yaml; read at the first call and kept."""
    return parse_plan(FILE.read_bytes(), FILE.name)


def parse_plan(source: str | bytes, name: str) -> ChangePlan:
    """The plan in a file. Raises PlaybookError with all that is wrong."""
    findings = Findings(name)
    root = read(source, findings)
    if not isinstance(root, Mapping):
        findings.refuse(root.line, "not-mapping", key="plan")
    fields = Fields(root, "plan", findings, ("steps", "messages"))
    steps = [_step(key, node, findings) for key, _line, node in fields.pairs("steps")]
    messages = [_message(key, node, findings) for key, _line, node in fields.pairs("messages")]
    findings.raise_if_any()
    return ChangePlan(tuple(steps), tuple(messages))


def _step(key: str, node: Node, findings: Findings) -> PlanStep:
    fields = Fields(node, key, findings, ("stage", "title", "description", "role", "start", "due"))
    stage = fields.word("stage")
    if stage and stage not in list(PlanStage):
        findings.add_unknown(fields.line_of("stage"), "unknown-kind", stage, list(PlanStage), value=stage)
    known = PlanStage(stage) if stage in list(PlanStage) else PlanStage.PREPARATION
    role = fields.word("role")
    if role and role not in roles():
        findings.add_unknown(fields.line_of("role"), "unknown-role", role, roles(), value=role)
    low, high = SAFE_DAYS[known]
    start = fields.number("start", low, high, low)
    # Due before it starts is a day outside what is left of the stage.
    due = fields.number("due", start, high, high)
    return PlanStep(
        key,
        known,
        fields.text("title", TITLE_MAX),
        fields.text("description", TEXT_MAX, several_lines=True),
        role,
        start,
        due,
    )


def _message(key: str, node: Node, findings: Findings) -> PlanMessage:
    fields = Fields(node, key, findings, ("message", "audience", "medium", "day"))
    medium = fields.word("medium")
    if medium and medium not in list(Medium):
        findings.add_unknown(fields.line_of("medium"), "unknown-kind", medium, list(Medium), value=medium)
    known = Medium(medium) if medium in list(Medium) else Medium.MEETING
    day = fields.number("day", EARLIEST, LATEST, 0)
    return PlanMessage(key, fields.text("message", TITLE_MAX), fields.text("audience", TITLE_MAX), known, day)


def _shifted(day: date, days: int) -> date:
    found = day + timedelta(days=days)
    if not FIRST_DAY <= found <= LAST_DAY:
        raise OverflowError(found)
    return found
