"""Comments by theme: a manager sorts what people wrote, so that the page counts what it is about.

Sorted is only what is told: comments that are held back are neither shown here nor counted. A theme says nothing of
who wrote; the trail gets how many comments stand under each theme, and never their words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Conflict, Invalid, NotFound
from program.people import access
from program.people.access import NOT_HERE
from program.pulse.bank import Theme
from program.pulse.models import Round, RoundComment, Survey
from program.pulse.results import Said, comments_of

# What a comment may be about: the themes that the bank's questions have.
THEMES = (Theme.WHY, Theme.CONFIDENCE, Theme.WORKLOAD, Theme.TOOLS, Theme.SUPPORT, Theme.HANDOVER)
NO_THEME = ""


def told_in(actor: Actor, survey: Survey, number: int) -> dict[int, list[Said]]:
    """The comments of a closed round that are told today, by question. For managers.

    Raises NotFound for a round that has none.
    """
    access.require(actor, survey.program_id, Access.MANAGER)
    return _told(survey, _round(survey, number))


def sort_comments(actor: Actor, survey: Survey, number: int, chosen: Mapping[str, str], seen: Mapping[str, str]) -> int:
    """Put comments under themes, by their ids; '' takes one out again. `seen` is where each stood on the page.

    Returns how many moved. Raises NotFound for a comment that is not told in that round, Invalid for a theme that is
    none, Conflict where somebody moved one meanwhile to a third place.
    """
    access.require(actor, survey.program_id, Access.MANAGER)
    # One after another: the second of two sees what the first has done.
    one = _round(survey, number, lock=True)
    told = {said.id: said for found in _told(survey, one).values() for said in found}
    if any(comment not in told for comment in chosen):
        raise NotFound(NOT_HERE)
    if any(theme not in (*THEMES, NO_THEME) for theme in chosen.values()):
        raise Invalid(_l("Choose a theme."), {"theme": _l("Choose a theme.")})
    moved = {}
    for comment, theme in chosen.items():
        now = told[comment].theme
        if theme in (now, seen.get(comment, now)):
            continue
        if now != seen.get(comment, now):
            raise Conflict(_l("Somebody sorted these comments meanwhile."), object_type="pulse", object_id=one.id)
        moved[comment] = theme
    if not moved:
        return 0
    before = Counter(said.theme for said in told.values())
    for theme in sorted(set(moved.values())):
        ids = [comment for comment, new in moved.items() if new == theme]
        db.session.execute(update(RoundComment).where(RoundComment.id.in_(ids)).values(theme=theme))
    after = Counter({comment: moved.get(comment, said.theme) for comment, said in told.items()}.values())
    changes: dict[str, Any] = {
        theme.value: [before[theme.value], after[theme.value]]
        for theme in THEMES
        if before[theme.value] != after[theme.value]
    }
    audit.record(
        actor,
        "pulse_comments.sorted",
        object_id=one.id,
        name=str(one.number),
        program_id=survey.program_id,
        changes=changes,
    )
    return len(moved)


def counts(said: Sequence[Said]) -> list[tuple[str, int]]:
    """How many of these comments stand under each theme, the most first; those under none last."""
    found = Counter(one.theme for one in said if one.theme)
    rows = sorted(found.items(), key=lambda row: (-row[1], row[0]))
    if rows and (rest := sum(not one.theme for one in said)):
        rows.append((NO_THEME, rest))
    return rows


def _round(survey: Survey, number: int, *, lock: bool = False) -> Any:
    query = select(Round).where(Round.survey_id == survey.id, Round.number == number, Round.closed_on.is_not(None))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(NOT_HERE)
    return found


def _told(survey: Survey, one: Any) -> dict[int, list[Said]]:
    # By the round's limit, or by today's where that is higher.
    return comments_of(one.id, max(one.comments_from, survey.comments_from))
