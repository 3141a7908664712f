"""What people of a story do around a go-live: the plan, what is said, trainings, job aids and coaching.

Go-lives, messages, trainings and coachings are named by keys that the story gives them; groups by their names.
A task that the plan of go-live `wave1` brought is the item `wave1/faq`, a message of it is `wave1/why`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import time
from typing import Any

from sqlalchemy import select

from program.change import (
    attendance,
    change_plan,
    coaching,
    communications,
    go_live_moves,
    go_lives,
    job_aids,
    training_seats,
    training_sessions,
)
from program.change.models import (
    ChangePlanItem,
    Coaching,
    Communication,
    GoLive,
    ImpactedGroup,
    TrainingSeat,
    TrainingSession,
)
from program.change.models.training import SeatState
from program.change.plan_steps import built_in
from program.change.training_seats import Whom
from program.cli.demo.stage import TIMEZONE, Stage, as_of
from program.extensions import db
from program.ground.actor import Actor, Origin
from program.ground.folding import fold
from program.ground.now import today_in
from program.planning.models import WorkItem
from program.planning.opening import find_program

Act = Callable[[Stage, Actor, Any], None]


def _go_live(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Add a go-live: `key`, `name`, `on`, and if they like `note`, `phase`, `groups`."""
    values = {
        "name": stage.text(told["name"]),
        "on_date": stage.almanac.due(told["on"]),
        "phase_id": stage.phase(told["phase"]).id if "phase" in told else None,
        "note": as_of(told.get("note", ""), stage),
    }
    go_live = go_lives.add_go_live(actor, stage.program_id, values)
    stage.made["go_live", told["key"]] = go_live.id
    if "groups" in told:
        groups = _groups(stage, told["groups"])
        go_lives.assign_groups(actor, go_live, groups, groups)


def _change_plan(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Plan what the built-in plan proposes around `go_live`: all of it, or only those `steps` and `messages`."""
    plan, key = built_in(), told["go_live"]
    go_live_id = stage.made["go_live", key]
    steps = told.get("steps", [step.key for step in plan.steps])
    messages = told.get("messages", [message.key for message in plan.messages])
    opened = find_program(actor, stage.program.key)
    change_plan.generate(actor, opened, go_live_id, steps, messages)
    items = select(ChangePlanItem.step, WorkItem).join(WorkItem, WorkItem.id == ChangePlanItem.item_id)
    for row in db.session.execute(items.where(ChangePlanItem.go_live_id == go_live_id)):
        stage.items[f"{key}/{row.step}"] = row.WorkItem
    lines = select(Communication.step, Communication.id).where(Communication.go_live_id == go_live_id)
    for line in db.session.execute(lines.where(Communication.step != "")):
        stage.made["message", f"{key}/{line.step}"] = line.id


def _move_go_live(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Move `go_live` to the day `to`, with what goes along."""
    go_live = db.session.get_one(GoLive, stage.made["go_live", told["go_live"]])
    calendar, to = stage.almanac.calendar, stage.almanac.due(told["to"])
    plan = go_live_moves.preview(actor, go_live, calendar, to)
    go_live_moves.move(actor, stage.program_id, go_live.id, calendar, to, seen=plan.fingerprint)


def _message(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Plan a message: `key`, `message`, `on`, and if they like `audience`, `medium`, `sender`, `group`, `go_live`."""
    values: dict[str, Any] = {
        "message": stage.text(told["message"]),
        "planned_on": stage.almanac.due(told["on"]),
        "audience": as_of(told.get("audience", ""), stage),
        "medium": told.get("medium", "meeting"),
        "sender_id": stage.people[told["sender"]] if "sender" in told else None,
        "group_id": _groups(stage, [told["group"]])[0] if "group" in told else None,
        "go_live_id": stage.made["go_live", told["go_live"]] if "go_live" in told else None,
    }
    stage.made["message", told["key"]] = communications.add(actor, stage.program_id, values).id


def _senders(stage: Stage, actor: Actor, people: Mapping[str, str]) -> None:
    """Say who sends which message, by the messages' keys."""
    for key, person in people.items():
        line = db.session.get_one(Communication, stage.made["message", key])
        communications.change(actor, line, {"sender_id": stage.people[person]}, seen=_seen(line))


def _said(stage: Stage, actor: Actor, keys: Sequence[str]) -> None:
    """These messages are said today."""
    for key in keys:
        line = db.session.get_one(Communication, stage.made["message", key])
        communications.change(actor, line, {"done_on": today_in(TIMEZONE)}, seen=_seen(line))


def _training(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Plan a session: `key`, `title`, `on`, `at`, `minutes`, and `groups` or a `go_live`; `invite` all, untrained or
    super_users at once."""
    starts_at, ends_at = _span(stage, told)
    values = {
        "title": stage.text(told["title"]),
        "audience": told.get("audience", "agents"),
        "channel": told.get("channel", ""),
        "place": as_of(told.get("place", ""), stage),
        "note": as_of(told.get("note", ""), stage),
        "capacity": told.get("seats", 12),
        "trainer_id": stage.people[told["trainer"]] if "trainer" in told else None,
        "go_live_id": stage.made["go_live", told["go_live"]] if "go_live" in told else None,
    }
    groups = _groups(stage, told.get("groups", ()))
    session = training_sessions.add_session(actor, stage.program_id, values, groups, starts_at, ends_at)
    stage.made["training", told["key"]] = session.id
    if "invite" in told:
        training_seats.invite(actor, stage.program_id, session.id, Whom(told["invite"]))


def _answers(stage: Stage, _actor: Actor, told: Mapping[str, Any]) -> None:
    """People answer the invitation to `training`: the first `yes` of those who have not answered come, the next `no`
    do not."""
    session_id = stage.made["training", told["training"]]
    open_seats = training_seats.people_of(session_id, SeatState.INVITED)
    yes, no = told.get("yes", 0), told.get("no", 0)
    for place, person_id in enumerate(open_seats[: yes + no]):
        training_seats.answer(Actor(person_id, Origin.WEB), stage.program_id, session_id, comes=place < yes)


def _attended(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Write down who was at `training`: all who said yes but the last `missed`; `counted` are heads, by `group`."""
    session = db.session.get_one(TrainingSession, stage.made["training", told["training"]])
    come = list(
        db.session.scalars(
            select(TrainingSeat.person_id)
            .where(TrainingSeat.session_id == session.id, TrainingSeat.state == SeatState.ACCEPTED)
            .order_by(TrainingSeat.person_id)
        )
    )
    present = come[: len(come) - told.get("missed", 0)]
    counted = {_groups(stage, [one["group"]])[0]: one["heads"] for one in told.get("counted", ())}
    attendance.write_attendance(actor, stage.program_id, session.id, present, counted, seen=_seen(session))


def _move_training(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Give `training` another time: `on`, `at`, `minutes`."""
    session = db.session.get_one(TrainingSession, stage.made["training", told["training"]])
    training_sessions.move_session(actor, session, *_span(stage, told), seen=_seen(session))


def _cancel_training(stage: Stage, actor: Actor, key: str) -> None:
    """Cancel a session, by its key."""
    session = db.session.get_one(TrainingSession, stage.made["training", key])
    training_sessions.cancel_session(actor, session, seen=_seen(session))


def _aid(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Add a job aid or helpdesk: `title`, `kind`, and if they like `channel`, `url`, `note`, `owner`, `review`."""
    values = {
        "title": stage.text(told["title"]),
        "kind": told["kind"],
        "channel": told.get("channel", ""),
        "url": told.get("url", ""),
        "note": as_of(told.get("note", ""), stage),
        "owner_id": stage.people[told["owner"]] if "owner" in told else None,
        "review_on": stage.almanac.due(told["review"]) if "review" in told else None,
    }
    job_aids.add_aid(actor, stage.program_id, values)


def _coach(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Add a coaching: `key`, `person`, `topic`, and if they like `coach`, `next`."""
    values = {
        "person_id": stage.people[told["person"]],
        "coach_id": stage.people[told["coach"]] if "coach" in told else None,
        "topic": stage.text(told["topic"]),
        "next_on": stage.almanac.due(told["next"]) if "next" in told else None,
    }
    stage.made["coaching", told["key"]] = coaching.add(actor, stage.program_id, values).id


def _coached(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """How the coaching `coaching` goes on: `coach`, `state`, `next`."""
    row = db.session.get_one(Coaching, stage.made["coaching", told["coaching"]])
    values: dict[str, Any] = {}
    if "coach" in told:
        values["coach_id"] = stage.people[told["coach"]]
    if "state" in told:
        values["state"] = told["state"]
    if "next" in told:
        values["next_on"] = stage.almanac.due(told["next"])
    coaching.change(actor, row, values, seen=_seen(row))


def _span(stage: Stage, told: Mapping[str, Any]) -> Any:
    """When a session is: the day `on`, `at` in minutes after midnight, for so many `minutes`."""
    hours, minutes = divmod(told.get("at", 9 * 60), 60)
    return training_sessions.span(
        stage.almanac.due(told["on"]), time(hours, minutes), told.get("minutes", 120), TIMEZONE
    )


def _groups(stage: Stage, names: Sequence[Any]) -> list[int]:
    """Ids of the groups of those names."""
    found = []
    for name in names:
        folded = fold(as_of(name, stage))
        mine = (ImpactedGroup.program_id == stage.program_id, ImpactedGroup.name_folded == folded)
        found.append(db.session.scalars(select(ImpactedGroup.id).where(*mine)).one())
    return found


def _seen(row: Any) -> int:
    """What an editor who looks at the row at this moment has seen."""
    db.session.refresh(row)
    return int(row.revision)


ACTS: Mapping[str, Act] = {
    "aid": _aid,
    "attended": _attended,
    "cancel_training": _cancel_training,
    "change_plan": _change_plan,
    "coach": _coach,
    "coached": _coached,
    "go_live": _go_live,
    "message": _message,
    "move_go_live": _move_go_live,
    "move_training": _move_training,
    "said": _said,
    "senders": _senders,
    "train_answers": _answers,
    "training": _training,
}
