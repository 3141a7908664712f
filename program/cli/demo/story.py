"""The demo's stories as data: a cast of people, and for each program what its people did in which week.

A story is a YAML file in `stories/`. Whatever a person would have typed is written in both languages, as a mapping with
`en` and `pl`; one without the other is refused. Times are weeks of the program, as in '6 fri 14:30' (`almanac.py`).

Three ways to tell what happened, all of which become steps:
- `work`: the everyday of an item of the playbook: who owns it, when they began, when they were done;
- `added`: items that people added by hand, with the same everyday;
- `steps`: everything else, one or more acts of one person at one moment (`every_act.py` lists the acts).

What belongs to another room than planning stands in a chapter of its own beside the story: `bank-team.yaml` holds more
steps of `bank.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from program.ground.records import record
from program.playbooks.model import Text

FOLDER = Path(__file__).parent / "stories"
# In the order in which they are played: the main program gets the lowest numbers.
STORIES = ("bank", "clinics", "insurer", "helpline")
_LANGUAGES = {"en", "pl"}
_EVERYDAY = {"owner", "doing", "done"}


class StoryError(Exception):
    """A story says something that cannot be; the text names the file and the place."""


@record
class CastMember:
    """Somebody of the demo. `locale` is '' for those who read the demo's own language."""

    id: str
    name: str
    email: str
    locale: str
    came: str


@record
class Step:
    """What one person did at one moment: acts by name, with their values."""

    at: str
    by: str
    acts: tuple[tuple[str, Any], ...]


@record
class Story:
    """A program from its first Monday, `weeks_ago` weeks before this week's (negative: ahead of it)."""

    key: str
    name: Text
    purpose: Text
    playbook: str
    weeks_ago: int
    manager: str
    members: Mapping[str, str]
    steps: tuple[Step, ...]


@cache
def cast() -> tuple[CastMember, ...]:
    """Everybody in the demo, the manager of all programs first."""
    return tuple(
        CastMember(person_id, one["name"], one["email"], one.get("locale", ""), one.get("came", ""))
        for person_id, one in _load("cast").items()
    )


@cache
def stories() -> tuple[Story, ...]:
    """The programs of the demo."""
    return tuple(_story(name) for name in STORIES)


def _story(name: str) -> Story:
    told = _load(name)
    steps = [
        *_everyday(name, told.pop("work", {})),
        *_additions(name, told.pop("added", [])),
        *(_step(name, step) for step in told.pop("steps")),
    ]
    for chapter in sorted(path.stem for path in FOLDER.glob(f"{name}-*.yaml")):
        steps += [_step(chapter, step) for step in _load(chapter)["steps"]]
    return Story(steps=tuple(steps), **told)


def _step(name: str, told: dict[str, Any]) -> Step:
    acts = dict(told)
    try:
        at, by = acts.pop("at"), acts.pop("by")
    except KeyError as missing:
        raise StoryError(f"{name}: a step without {missing}: {told}") from None
    if not acts:
        raise StoryError(f"{name}: nothing happens at {at}")
    return Step(at, by, tuple(acts.items()))


def _everyday(name: str, work: dict[str, dict[str, str]]) -> list[Step]:
    steps = []
    for item, day in work.items():
        if unknown := set(day) - _EVERYDAY:
            raise StoryError(f"{name}: {item} has {sorted(unknown)}")
        steps += [Step(day[act], day["owner"], ((act, [item]),)) for act in ("doing", "done") if act in day]
    return steps


def _additions(name: str, added: list[dict[str, Any]]) -> list[Step]:
    steps = []
    for told in added:
        item = dict(told)
        at, by = item.pop("at"), item.pop("by")
        days = {act: item.pop(act) for act in ("doing", "done") if act in item}
        steps.append(Step(at, by, (("add", item),)))
        if days and "owner" not in item:
            raise StoryError(f"{name}: nobody works on {item['key']}")
        steps += [Step(day, item["owner"], ((act, [item["key"]]),)) for act, day in days.items()]
    return steps


def _load(name: str) -> dict[str, Any]:
    # Imported here: no other command needs it to start.
    import yaml

    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    found = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe loader either way
    return {key: _texts(name, value) for key, value in found.items()}


def _texts(place: str, value: Any) -> Any:
    """The value with every mapping of languages turned into a text. Raises StoryError for a language that lacks."""
    if isinstance(value, list):
        return [_texts(place, one) for one in value]
    if not isinstance(value, dict):
        return value
    if _LANGUAGES & set(value):
        if set(value) != _LANGUAGES or not all(isinstance(text, str) and text.strip() for text in value.values()):
            raise StoryError(f"{place}: not in both languages: {value}")
        return Text(en=value["en"], pl=value["pl"])
    return {key: _texts(f"{place}.{key}", one) for key, one in value.items()}
