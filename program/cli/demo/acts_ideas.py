"""What people of a story do with ideas, A/B tests, successes and rituals.

Whoever hands in an idea or supports one needs to be in the program or in one of its groups by then. Ideas and rituals
are named by keys that the story gives them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from program.change import ab_tests, ideas, meetings, proofs, rituals
from program.change.ideas import IdeaDraft
from program.change.meetings import Name
from program.change.models import Idea, Ritual
from program.change.proofs import ProofDraft
from program.change.ritual_dates import slots
from program.change.rituals import RitualDraft
from program.cli.demo.stage import Stage, as_of
from program.extensions import db
from program.ground.actor import Actor
from program.ground.errors import Conflict
from program.ground.now import today_in
from program.people.models import Person
from program.planning.opening import find_program

YEAR = timedelta(days=366)
Act = Callable[[Stage, Actor, Any], None]


def _idea(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Hand an idea in: `key`, `title`, and if they like `detail`, `channel`, `named: false`."""
    draft = IdeaDraft(
        stage.text(told["title"]),
        as_of(told.get("detail", ""), stage),
        told.get("channel", ""),
        named=told.get("named", True),
    )
    stage.made["idea", told["key"]] = ideas.hand_in(actor, stage.program_id, draft).id


def _support(stage: Stage, _actor: Actor, told: Mapping[str, Sequence[str]]) -> None:
    """People say 'I have this too', by the idea's key."""
    for key, people in told.items():
        for person in people:
            ideas.support(stage.actor(person), _found(stage, key))


def _idea_step(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Bring an idea (`idea`) to a stage (`to`), with a `note` for its proposer; `owner` looks after it from then on."""
    idea = _found(stage, told["idea"])
    if "owner" in told:
        ideas.organise(actor, idea, {"owner_id": stage.people[told["owner"]]}, seen=_seen(idea))
    ideas.take_step(actor, idea, told["to"], as_of(told.get("note", ""), stage), seen=_seen(idea))


def _idea_item(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Make an idea (`idea`) an item of the plan that the story calls `key`; `title`, `kind`, `owner`, `due`."""
    idea = _found(stage, told["idea"])
    stage.items[told["key"]] = ideas.become_item(
        actor,
        idea,
        kind=told.get("kind", "task"),
        title=stage.text(told["title"]) if "title" in told else idea.title,
        owner_id=stage.people[told["owner"]] if "owner" in told else None,
        due_on=stage.almanac.due(told["due"]) if "due" in told else None,
        seen=_seen(idea),
    )


def _news_read(stage: Stage, _actor: Actor, people: Sequence[str]) -> None:
    """People read the news of their ideas."""
    for person in people:
        ideas.mark_news_seen(stage.actor(person), stage.program_id)


def _ab_test(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Plan an A/B test: `key`, `hypothesis`, `metric`, `a`, `b`, `start`, `end`, and the `idea` it tries."""
    values = {name: stage.text(told[name]) for name in ("hypothesis", "metric")}
    values |= {"group_a": stage.text(told["a"]), "group_b": stage.text(told["b"])}
    days = {"starts_on": stage.almanac.day(told["start"]), "ends_on": stage.almanac.day(told["end"])}
    number = _found(stage, told["idea"]).number if "idea" in told else None
    test = ab_tests.add_test(actor, stage.program_id, {**values, **days, "idea_number": number})
    stage.made["ab_test", told["key"]] = test.id


def _ab_result(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """What an A/B test (`test`) showed: `a`, `b`, `verdict`, `conclusion`."""
    test = ab_tests.find_test(actor, stage.program_id, stage.made["ab_test", told["test"]])
    values = {name: getattr(test, name) for name in ab_tests.COLUMNS if name != "idea_id"}
    number = db.session.scalar(db.select(Idea.number).where(Idea.id == test.idea_id))
    shown = {"result_a": as_of(told["a"], stage), "result_b": as_of(told["b"], stage), "verdict": told["verdict"]}
    conclusion = {"conclusion": as_of(told.get("conclusion", ""), stage), "idea_number": number}
    ab_tests.change_test(actor, test, {**values, **shown, **conclusion}, seen=_seen(test))


def _success(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Tell a success: `kind` (quick_win or story), `title`, `body`, `figure` or `url` with `label`.

    It happened `on` a day, today unless told; `channel`, `pinned` and the rolled-out `idea` it came from are optional.
    """
    draft = ProofDraft(
        kind=told["kind"],
        title=stage.text(told["title"]),
        body=stage.text(told["body"]),
        happened_on=stage.almanac.day(told["on"]) if "on" in told else today_in(stage.program.timezone),
        figure=as_of(told.get("figure", ""), stage),
        url=told.get("url", ""),
        url_label=as_of(told.get("label", ""), stage),
        channel=told.get("channel", ""),
        is_pinned=told.get("pinned", False),
        idea_number=_found(stage, told["idea"]).number if "idea" in told else None,
    )
    proofs.add_proof(actor, stage.program_id, draft)


def _usual_rituals(stage: Stage, actor: Actor, _value: bool) -> None:
    """Set up the usual five; the story calls them by their kinds (weekly_review, lunch_and_learn, ...)."""
    today = today_in(stage.program.timezone)
    for ritual in rituals.set_up_usual(actor, stage.program_id, today, stage.almanac.calendar):
        stage.made["ritual", ritual.kind] = ritual.id


def _ritual(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Add a ritual: `key`, `kind`, `title`, `rhythm`, `first` day, `at` (minutes after midnight), `minutes`, `every`.

    `guests` are keys of people who come beside whoever adds it; `place` and `agenda` say more.
    """
    draft = RitualDraft(
        kind=told.get("kind", "other"),
        title=stage.text(told["title"]),
        rhythm=told["rhythm"],
        first_on=stage.almanac.day(told["first"]),
        starts_at_minute=told["at"],
        minutes=told.get("minutes", 60),
        every=told.get("every", 1),
        place=as_of(told.get("place", ""), stage),
        agenda=as_of(told.get("agenda", ""), stage),
        organiser_id=actor.person_id,
    )
    ritual = rituals.add_ritual(actor, stage.program_id, draft)
    for person in told.get("guests", ()):
        rituals.invite(actor, ritual, db.session.get_one(Person, stage.people[person]).email)
    stage.made["ritual", told["key"]] = ritual.id


def _meeting(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """What became of a meeting of a `ritual`: `held` (its notes) with `actions`, `moved` to a day, or `cancelled`.

    Meant is the first meeting from the day `on` on. Those that follow phases are left to the pages.
    """
    ritual = db.session.get_one(Ritual, stage.made["ritual", told["ritual"]])
    day = stage.almanac.day(told["on"])
    program = find_program(actor, stage.program.key)
    found = next(slots(ritual, day, day + YEAR, program.calendar), None)
    if found is None:
        raise Conflict(f"{ritual.title} does not meet from {day} on")
    name = Name(found.planned_on)
    if "held" in told:
        actions = as_of(told.get("actions", ""), stage)
        due_on = stage.almanac.due(told["due"]) if "due" in told else None
        notes = stage.text(told["held"])
        meetings.hold(actor, program, ritual, name, notes=notes, actions=actions, due_on=due_on, seen=0)
    elif "moved" in told:
        meetings.move(actor, program, ritual, name, stage.almanac.day(told["moved"]), seen=0)
    else:
        meetings.cancel(actor, program, ritual, name, seen=0)


def _seen(row: Any) -> int:
    """What an editor who looks at the row at this moment has seen."""
    return int(row.revision)


def _found(stage: Stage, key: str) -> Idea:
    return db.session.get_one(Idea, stage.made["idea", key])


ACTS: Mapping[str, Act] = {
    "ab_result": _ab_result,
    "ab_test": _ab_test,
    "idea": _idea,
    "idea_item": _idea_item,
    "idea_step": _idea_step,
    "meeting": _meeting,
    "news_read": _news_read,
    "ritual": _ritual,
    "success": _success,
    "support": _support,
    "usual_rituals": _usual_rituals,
}
