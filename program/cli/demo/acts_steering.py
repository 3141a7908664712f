"""What people of a story do about risks, money and in the committee: requests, votes, decisions, links, days kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from program.cli.demo.stage import TIMEZONE, Stage, as_of
from program.extensions import db
from program.ground.actor import Actor
from program.ground.now import today_in
from program.planning.opening import find_program
from program.steering import (
    budget,
    committee,
    decision_requests,
    decisions,
    needs,
    risks,
    share_links,
    snapshots,
    states,
)
from program.steering.decision_requests import find_request, options_of, prefilled
from program.steering.models import BudgetLine, SnapshotKind
from program.steering.progress_parts import Section

Act = Callable[[Stage, Actor, Any], None]


def _seats(stage: Stage, actor: Actor, told: Sequence[Mapping[str, str]]) -> None:
    """Give seats: [{person, deputy?, role?}, …]."""
    for one in told:
        deputy = stage.people[one["deputy"]] if "deputy" in one else None
        draft = committee.SeatDraft(stage.people[one["person"]], deputy, one.get("role", "member"))
        committee.add_seat(actor, stage.program_id, draft)


def _risks_taken(stage: Stage, actor: Actor, keys: Sequence[str]) -> None:
    """Take risks over from the handbook, by their keys."""
    risks.take_over(actor, stage.program_id, keys)


def _risk(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Change the risk of that `number`: its `owner`, `review_on` and whatever column is told."""
    risk = risks.find_risk(actor, stage.program_id, told["number"])
    values = {name: getattr(risk, name) for name in risks.COLUMNS}
    values |= {name: as_of(value, stage) for name, value in told.items() if name in values}
    if "owner" in told:
        values["owner_id"] = stage.people[told["owner"]]
    if "look_again" in told:
        values["review_on"] = stage.almanac.due(told["look_again"])
    risks.change_risk(actor, risk, values, seen=_seen(risk))
    if "further" in told:
        risks.escalate(actor, risk, as_of(told["further"], stage), seen=_seen(risk))
    if "settled" in told:
        risks.settle(actor, risk, told["settled"], as_of(told["outcome"], stage), seen=_seen(risk))


def _ask(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Ask the committee about one of the handbook's conflicts (`conflict`) until a day (`by_day`)."""
    draft = prefilled(told["conflict"], stage.locale)
    request = decision_requests.write_request(actor, stage.program_id, draft)
    values = {name: getattr(draft, name) for name in draft.__dataclass_fields__}
    values |= {"decide_by": stage.almanac.due(told["by_day"])}
    if "effect" in told:
        values["case_effect"] = as_of(told["effect"], stage)
    draft = decision_requests.RequestDraft(**values)
    decision_requests.change_request(actor, request, draft, seen=_seen(request))
    decision_requests.put_to_committee(actor, request, seen=_seen(request))


def _vote(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Vote for an option by its place from 1 (0 abstains) in the request of that `number`."""
    request = find_request(actor, stage.program_id, told["number"])
    place = told["option"]
    option = options_of(request.id)[place - 1].id if place else None
    reason = as_of(told["why"], stage) if "why" in told else ""
    decisions.vote(actor, stage.program_id, told["number"], option, reason)


def _decided(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """The vote on the request of that `number` is recorded as the decision, with a reason."""
    decisions.decide(actor, stage.program_id, told["number"], "vote", None, as_of(told["reason"], stage))


def _money(stage: Stage, actor: Actor, told: Sequence[Mapping[str, Any]]) -> None:
    """Enter lines of the budget: [{label, phase?, approved, spent, forecast?, note?}, …]."""
    for one in told:
        values: dict[str, Any] = {name: as_of(one.get(name, ""), stage) for name in ("label", "note")}
        values |= {name: Decimal(str(one[name])) for name in ("approved", "spent", "forecast") if name in one}
        values["phase_id"] = stage.phase(one["phase"]).id if "phase" in one else None
        budget.add_line(actor, stage.program_id, values)


def _money_spent(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """The line of the budget at that place (from 1) has cost something: `spent`, `forecast`?."""
    query = select(BudgetLine).where(BudgetLine.program_id == stage.program_id, BudgetLine.position == told["line"])
    line = db.session.scalars(query).one()
    values = {name: getattr(line, name) for name in budget.COLUMNS}
    values |= {name: Decimal(str(told[name])) for name in ("spent", "forecast") if name in told}
    budget.change_line(actor, line, values, seen=_seen(line))


def _said(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Say the state against the rules: `state`, `reason`, `until`."""
    held = states.holding(stage.program_id, today_in(TIMEZONE))
    until = stage.almanac.due(told["until"])
    seen = held.id if held else None
    states.say_state(actor, stage.program_id, told["state"], as_of(told["reason"], stage), until, seen=seen)


def _shared(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Make a link to share: `name`, `days`, and `sections` without those that are left out (`without`)."""
    sections = [section.value for section in Section if section.value not in told.get("without", ())]
    share_links.make_link(
        actor, stage.program_id, name=as_of(told["name"], stage), sections=sections, days=told["days"]
    )


def _needs(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Write down what is needed `of` another program (its key) by a day."""
    day = stage.almanac.due(told["by_day"])
    needs.add_need(actor, stage.program_id, told["of"], as_of(told["title"], stage), day)


def _day_kept(stage: Stage, actor: Actor, _told: Any) -> None:
    """The clock kept that day of the progress page."""
    snapshots.take(find_program(actor, stage.program.key), SnapshotKind.DAILY.value)


def _seen(row: Any) -> int:
    return int(row.revision)


ACTS: Mapping[str, Act] = {
    "seats": _seats,
    "risks_taken": _risks_taken,
    "risk": _risk,
    "ask_committee": _ask,
    "vote": _vote,
    "decided_by_vote": _decided,
    "money": _money,
    "money_spent": _money_spent,
    "state_said": _said,
    "link_shared": _shared,
    "needs": _needs,
    "day_kept": _day_kept,
}
