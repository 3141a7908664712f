"""Playbooks by the handful, for property tests: every one keeps the rules of the format."""

from __future__ import annotations

from hypothesis import strategies as st
from yaml.reader import Reader

from program.playbooks.model import (
    ASKED_KINDS,
    COMPUTED_CRITERIA,
    LANGUAGES,
    Block,
    Criterion,
    CriterionKind,
    Gate,
    Item,
    ItemKind,
    Phase,
    Playbook,
    Tag,
    Text,
    tidy,
)
from program.playbooks.roles import roles
from program.playbooks.vocabulary import CHANNELS, KPI_CODES

# What YAML could take for something other than a text.
AWKWARD = [
    "no",
    "null",
    "~",
    "1-2",
    "2026-01-01",
    "a: b",
    "# x",
    "- y",
    "*z",
    "&q",
    "!t",
    "%d",
    "{a}",
    "'",
    '"',
    "ążź",
    ">-",
]

keys = st.from_regex(r"[a-z0-9][a-z0-9-]{0,12}", fullmatch=True)


def lines(most: int = 40, *, several: bool = False) -> st.SearchStrategy[str]:
    """A text as people may write it: any letters, emoji, quotes, and what YAML could take for something else."""
    awkward = st.sampled_from([*AWKWARD, "|"])
    letters = st.text(max_size=most)
    both = st.lists(awkward | letters, min_size=1, max_size=3).map(" ".join)
    text = both.map(lambda value: tidy(Reader.NON_PRINTABLE.sub("", value))[:most].strip())
    if several:
        text = st.lists(text, min_size=1, max_size=4).map("\n".join).map(tidy)
    else:
        text = text.filter(lambda value: len(value.splitlines()) == 1)
    return text.filter(bool)


@st.composite
def texts(draw: st.DrawFn, languages: tuple[str, ...], *, several: bool = False) -> Text:
    return Text(**{language: draw(lines(several=several)) for language in languages})


@st.composite
def spans(draw: st.DrawFn, low: int, high: int) -> tuple[int, int]:
    first = draw(st.integers(low, high))
    return first, draw(st.integers(first, high))


def some(values: object) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(sorted(values)), unique=True, max_size=3).map(tuple) if values else st.just(())


@st.composite
def items(
    draw: st.DrawFn,
    key: str,
    weeks: int,
    blocks: tuple[Block, ...],
    tags: tuple[Tag, ...],
    earlier: list[str],
    languages: tuple[str, ...],
) -> Item:
    block = draw(st.sampled_from([None, *blocks]))
    first, last = draw(spans(block.first_week, block.last_week) if block else spans(1, weeks))
    kind = draw(st.sampled_from(ItemKind))
    return Item(
        key=key,
        title=draw(texts(languages)),
        first_week=first,
        last_week=first if kind is ItemKind.MILESTONE else last,
        description=draw(st.just(Text()) | texts(languages, several=True)),
        kind=kind,
        required=draw(st.booleans()),
        role=draw(st.none() | st.sampled_from(sorted(roles()))),
        block=block.key if block else None,
        channel=draw(st.none() | st.sampled_from(CHANNELS)),
        tags=draw(some([tag.key for tag in tags])),
        after=draw(some(earlier)),
    )


@st.composite
def gates(draw: st.DrawFn, key: str, weeks: int, languages: tuple[str, ...]) -> Gate:
    own = draw(st.lists(keys, unique=True, max_size=3))
    asked = tuple(
        Criterion(one, CriterionKind.MANUAL, draw(texts(languages)))
        if draw(st.booleans())
        else Criterion(one, draw(st.sampled_from(ASKED_KINDS)))
        for one in own
    )
    return Gate(
        key, draw(texts(languages)), draw(st.integers(1, weeks)), COMPUTED_CRITERIA + asked, draw(some(KPI_CODES))
    )


@st.composite
def playbooks(draw: st.DrawFn) -> Playbook:
    languages = draw(st.sampled_from([LANGUAGES, ("pl", "en"), ("en",), ("pl",)]))
    tags = tuple(Tag(key, draw(texts(languages))) for key in draw(st.lists(keys, unique=True, max_size=3)))
    phases: list[Phase] = []
    used: list[str] = []
    for key in draw(st.lists(keys, unique=True, min_size=1, max_size=3)):
        weeks = draw(st.integers(1, 260))
        blocks = tuple(
            Block(one, draw(texts(languages)), *draw(spans(1, weeks)))
            for one in draw(st.lists(keys, unique=True, max_size=2))
        )
        new = [one for one in draw(st.lists(keys, unique=True, max_size=3)) if one not in used]
        its = []
        for one in new:
            its.append(draw(items(one, weeks, blocks, tags, list(used), languages)))
            used.append(one)
        overlap, gap = 0, 0
        if phases:
            overlap = draw(st.integers(0, phases[-1].weeks))
            gap = 0 if overlap else draw(st.integers(0, 10))
        phases.append(
            Phase(
                key=key,
                name=draw(texts(languages)),
                weeks=weeks,
                purpose=draw(st.just(Text()) | texts(languages, several=True)),
                overlaps_previous_weeks=overlap,
                gap_before_weeks=gap,
                blocks=blocks,
                items=tuple(its),
                gate=draw(st.none() | gates(f"{key}-gate", weeks, languages)),
            )
        )
    summary = draw(st.just(Text()) | texts(languages, several=True))
    return Playbook(draw(keys), draw(texts(languages)), tuple(phases), summary, languages, tags)
