"""Playing a story: its program is created on its first Monday and every step is done at its own past moment.

Each act goes through the verb that a page would have used, by the person who did it, while the clock is held at that
moment: audit trail, baselines, decisions with their chain, comments and mentions are therefore real. Steps that lie
ahead of now have not happened and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from program.cli.demo.every_act import ACTS
from program.cli.demo.stage import COUNTRY, TIMEZONE, Stage, moment_of
from program.cli.demo.story import Step, Story
from program.planning.models import Program
from program.planning.programs import NewProgram, create_program

CREATED, INVITED = "1 mon 08:00", "1 mon 08:05"
# Acts that end a day's work rather than begin it, where the story gives no time of day.
_AT_END = {"done"}
MINUTE = timedelta(minutes=1)


def play(story: Story, people: dict[str, int], locale: str, now: datetime, today: date) -> Program:
    """Play the story up to `now`, its weeks counted back from `today`, and return its program."""
    stage = Stage(story, people, locale, today)
    with moment_of(stage.almanac.moment(CREATED), locale):
        stage.program = create_program(stage.actor(story.manager), _new_program(stage))
        stage.know_playbook()
    with moment_of(stage.almanac.moment(INVITED), locale):
        for person, level in story.members.items():
            stage.invite(stage.actor(story.manager), person, level)
    for moment, step in in_order(stage):
        if moment > now:
            break
        with moment_of(moment, locale):
            _do(stage, step)
    return stage.program


def in_order(stage: Stage) -> Iterator[tuple[datetime, Step]]:
    """The story's steps with their moments, as they happened; at one moment in the order they are written.

    What is told of holidays happens on the next working day: then before that day's own work, one act after another.
    """
    timed = []
    for place, step in enumerate(stage.story.steps):
        at_end = any(name in _AT_END for name, _value in step.acts)
        timed.append((stage.almanac.told(step.at, f"{step.by} {step.acts}", at_end=at_end), place, step))
    latest: datetime | None = None
    for told, _place, step in sorted(timed, key=lambda one: one[:2]):
        moment = stage.almanac.happened(told)
        if latest is not None and moment < latest:
            moment = latest + MINUTE
        latest = moment
        yield moment, step


def _do(stage: Stage, step: Step) -> None:
    for name, value in step.acts:
        try:
            ACTS[name](stage, stage.actor(step.by), value)
        except Exception as error:
            # Whoever wrote the story wants to know where it breaks.
            error.add_note(f"In the story of {stage.story.key}: {step.by}, {step.at}, {name} {value}")
            error.add_note(str(getattr(error, "fields", "")))
            raise


def _new_program(stage: Stage) -> NewProgram:
    story = stage.story
    return NewProgram(
        name=stage.text(story.name),
        key=story.key,
        playbook=story.playbook,
        starts_on=stage.almanac.monday,
        timezone=TIMEZONE,
        locale=stage.locale,
        country=COUNTRY,
        purpose=stage.text(story.purpose),
    )
