"""Reading many ideas: the board by stage, the list, how long people wait for a first answer, and ideas that are alike.

Filters live in the address, so that a view can be sent to a colleague.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from statistics import median
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from program.change.models import Idea, IdeaStep, IdeaSupport
from program.change.models.ideas import Stage
from program.ground.database import read
from program.ground.folding import fold, like
from program.ground.records import record
from program.people.models import Person
from program.planning.models.items import Channel

PAGE_SIZE, ON_BOARD, MAX_TEXT = 50, 12, 80
# The newest answered ideas that the usual wait is worked out from.
LOOKED_AT = 500
# Ideas are alike when they share this part of the shorter one's words; shown are the most alike.
ALIKE_FROM, MOST_ALIKE, MOST_WORDS, LOOKED_THROUGH = 0.5, 5, 8, 300
_WORD = re.compile(r"\w+")
# Words as long as this say something; longer ones are compared by their beginning: Polish and English change endings.
_SHORTEST, _STEM = 4, 5


@record
class IdeaFilter:
    """What the list or board is narrowed to; '' is 'any'. `owner` 'me' is the reader's, 'none' those without one."""

    text: str = ""
    stage: str = ""
    channel: str = ""
    owner: str = ""

    @property
    def is_on(self) -> bool:
        """True when anything is narrowed."""
        return bool(self.text or self.stage or self.channel or self.owner)


@record
class Waiting:
    """How ideas wait for a first answer: how many do, since when the oldest; the usual wait in days, where known."""

    count: int
    oldest: datetime | None
    # Half of the answered ideas waited no longer than this.
    median_days: float | None


@record
class Alike:
    """An idea that sounds like what somebody is about to hand in."""

    number: int
    title: str
    stage: str
    supporters: int


def read_filter(arguments: Mapping[str, str]) -> IdeaFilter:
    """The filter in an address; what cannot be one is left out."""
    stage, channel, owner = (arguments.get(name, "") for name in ("stage", "channel", "owner"))
    return IdeaFilter(
        text=arguments.get("q", "").replace("\x00", "").strip()[:MAX_TEXT],
        stage=stage if stage in tuple(Stage) else "",
        channel=channel if channel in tuple(Channel) else "",
        owner=owner if owner in ("me", "none") else "",
    )


def stage_counts(program_id: int, wanted: IdeaFilter, reader_id: int | None) -> dict[str, int]:
    """How many ideas stand at each stage, within the filter except for its stage. One statement."""
    query = select(Idea.stage, func.count()).where(Idea.program_id == program_id).group_by(Idea.stage)
    return {row.stage: row[1] for row in read(_narrowed(query, wanted, reader_id, with_stage=False))}


def list_page(program_id: int, wanted: IdeaFilter, reader_id: int | None, page: int) -> Sequence[Any]:
    """One page (from 1) of ideas, newest first. One statement."""
    query = _narrowed(_rows().where(Idea.program_id == program_id), wanted, reader_id)
    return (
        read(query.order_by(Idea.created_at.desc(), Idea.id.desc()).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    ).all()


def board(program_id: int, wanted: IdeaFilter, reader_id: int | None) -> dict[str, list[Any]]:
    """The first ideas of each stage: those most supported, then those that wait longest. One statement."""
    inner = _narrowed(_rows().where(Idea.program_id == program_id), wanted, reader_id).subquery()
    place = (
        func.row_number()
        .over(partition_by=inner.c.stage, order_by=(inner.c.supporters.desc(), inner.c.stage_since, inner.c.id))
        .label("place")
    )
    ranked = select(inner, place).subquery()
    found: dict[str, list[Any]] = {stage.value: [] for stage in Stage}
    for row in read(select(ranked).where(ranked.c.place <= ON_BOARD).order_by(ranked.c.place)):
        found[row.stage].append(row)
    return found


def waiting(program_id: int) -> Waiting:
    """How long ideas of the program wait for a first answer. Two statements."""
    row = read(_unanswered(), {"program": program_id}).one()
    pairs = read(_answered(), {"program": program_id, "most": LOOKED_AT})
    waits = [max(0.0, (answered - handed_in).total_seconds() / 86_400) for handed_in, answered in pairs]
    return Waiting(row.waiting, row.oldest, median(waits) if waits else None)


def alike(program_id: int, title: str) -> list[Alike]:
    """Ideas of the program that sound like this one and were not declined, the most alike first. One statement."""
    stems = _stems(title)
    if not stems:
        return []
    asked = sorted(stems, key=lambda stem: (-len(stem), stem))[:MOST_WORDS]
    query = (
        select(Idea.number, Idea.title, Idea.title_folded, Idea.stage, _supporters().label("supporters"))
        .where(
            Idea.program_id == program_id,
            Idea.stage != Stage.DECLINED.value,
            or_(*(Idea.title_folded.like(like(stem), escape="\\") for stem in asked)),
        )
        .order_by(Idea.id.desc())
        .limit(LOOKED_THROUGH)
    )
    scored = [(_likeness(stems, _stems(row.title)), row) for row in read(query)]
    best = sorted((one for one in scored if one[0] >= ALIKE_FROM), key=lambda one: (-one[0], -one[1].supporters))
    return [Alike(row.number, row.title, row.stage, row.supporters) for _score, row in best[:MOST_ALIKE]]


def days_waiting(since: date, today: date) -> int:
    """Whole days from one day to another, never below 0."""
    return max(0, (today - since).days)


def _stems(text: str) -> frozenset[str]:
    words = _WORD.findall(fold(text))
    return frozenset(word[:_STEM] for word in words if len(word) >= _SHORTEST)


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    shorter = min(len(one), len(other))
    # A single word in common is a subject, not yet the same idea, unless one of them is a single word.
    shared = len(one & other)
    return shared / shorter if shorter and (shared > 1 or shorter == 1) else 0.0


def _supporters() -> Any:
    return (
        select(func.count())
        .select_from(IdeaSupport)
        .where(IdeaSupport.idea_id == Idea.id)
        .correlate(Idea)
        .scalar_subquery()
    )


def _rows() -> Select[Any]:
    owner, proposer = aliased(Person), aliased(Person)
    query: Select[Any] = (
        select(
            *(Idea.id, Idea.number, Idea.title, Idea.channel, Idea.stage, Idea.created_at, Idea.stage_since),
            *(owner.name.label("owner"), proposer.name.label("proposer"), _supporters().label("supporters")),
        )
        .select_from(Idea)
        .outerjoin(owner, owner.id == Idea.owner_id)
        .outerjoin(proposer, proposer.id == Idea.proposer_id)
    )
    return query


def _narrowed(query: Any, wanted: IdeaFilter, reader_id: int | None, *, with_stage: bool = True) -> Any:
    if wanted.text:
        query = query.where(Idea.title_folded.like(like(wanted.text), escape="\\"))
    if wanted.stage and with_stage:
        query = query.where(Idea.stage == wanted.stage)
    if wanted.channel:
        query = query.where(Idea.channel == wanted.channel)
    if wanted.owner == "me":
        query = query.where(Idea.owner_id == reader_id)
    elif wanted.owner == "none":
        query = query.where(Idea.owner_id.is_(None))
    return query


@cache
def _unanswered() -> Any:
    answered = select(IdeaStep.id).where(IdeaStep.idea_id == Idea.id).correlate(Idea).exists()
    return select(func.count().label("waiting"), func.min(Idea.created_at).label("oldest")).where(
        Idea.program_id == bindparam("program"), Idea.stage == Stage.HEARD.value, ~answered
    )


@cache
def _answered() -> Any:
    return (
        select(Idea.created_at, func.min(IdeaStep.at).label("answered"))
        .join(IdeaStep, and_(IdeaStep.idea_id == Idea.id))
        .where(Idea.program_id == bindparam("program"))
        .group_by(Idea.id, Idea.created_at)
        .order_by(Idea.created_at.desc())
        .limit(bindparam("most", type_=Integer))
    )
