"""Weekly reviews of KPIs, for plugins through which people take part in them: a chat, a screen in the meeting room.

The plugin says who acts, and has made sure that it is them. What it is given back is in that person's language.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from program.ground import formats
from program.ground.actor import Access, Actor, Origin
from program.ground.database import read
from program.ground.errors import NotFound
from program.ground.now import today_in
from program.ground.pages import path_to
from program.kpis import reviews
from program.kpis.models import Review as ReviewRow
from program.kpis.models import ReviewState
from program.kpis.review_facts import so_what
from program.kpis.review_page import ReviewSheet, read_review
from program.kpis.review_telling import row_in_words
from program.people import access
from program.people.access import NOT_HERE
from program.planning.models import Program as ProgramRow
from program.plugin_api.contract import Person, Review, ReviewLine
from program.plugin_api.units import reading, writing
from program.plugin_api.work import web_address


def review(person: Person, review_id: int, *, where: Origin = Origin.SLACK) -> Review:
    """A weekly review as that person may see it, in their words. Raises NotFound."""
    with reading():
        actor = Actor(person.id, where)
        program, number = _place(actor, review_id)
        with formats.reading_as(person.locale, person.timezone):
            sheet = read_review(actor, program.id, number, today_in(program.timezone))
            return _review(actor, sheet, program.key)


def add_review_note(
    person: Person,
    review_id: int,
    kind: str,
    text: str,
    *,
    kpi_id: int | None = None,
    remote_key: str | None = None,
    where: Origin = Origin.SLACK,
) -> None:
    """Write a 'note', 'cause' or 'decision' of that person into a review; one with the same `remote_key` once only.

    About a KPI, or None for the week. Raises NotFound, Forbidden, Invalid by field, and Conflict when it is closed.
    """
    with writing():
        actor = Actor(person.id, where)
        reviews.add_note(actor, _find(actor, review_id), kind, text, kpi_id, remote_key=remote_key)


def add_review_action(
    person: Person,
    review_id: int,
    title: str,
    owner_id: int | None,
    due_on: date | None,
    *,
    kpi_id: int | None = None,
    where: Origin = Origin.SLACK,
) -> int:
    """Agree on an action in a review and give the number of its item.

    Raises NotFound, Forbidden, Invalid by 'title', 'owner', 'due_on' and 'kpi', and Conflict when it is closed.
    """
    with writing():
        actor = Actor(person.id, where)
        draft = reviews.ActionDraft(title, owner_id, due_on, kpi_id)
        return reviews.add_action(actor, _find(actor, review_id), draft).number


def hold_review(person: Person, review_id: int, *, where: Origin = Origin.SLACK) -> None:
    """Hold a review: its figures are kept as they stand now. Raises NotFound, Forbidden, Conflict when it was held."""
    with writing():
        actor = Actor(person.id, where)
        row: Any = _find(actor, review_id)
        reviews.hold(actor, row, seen=row.revision)


def _place(actor: Actor, review_id: int) -> tuple[Any, int]:
    found = read(
        select(ReviewRow.number, ProgramRow.id, ProgramRow.key, ProgramRow.timezone)
        .join(ProgramRow, ProgramRow.id == ReviewRow.program_id)
        .where(ReviewRow.id == review_id)
    ).first()
    if found is None:
        raise NotFound(NOT_HERE)
    access.require(actor, found.id, Access.VIEWER)
    return found, found.number


def _find(actor: Actor, review_id: int) -> ReviewRow:
    program, number = _place(actor, review_id)
    return reviews.find_review(actor, program.id, number)


def _review(actor: Actor, sheet: ReviewSheet, key: str) -> Review:
    row = sheet.review
    level = access.access_of(actor, row.program_id) or Access.VIEWER
    is_ahead = row.state in (ReviewState.COLLECTING, ReviewState.READY)
    return Review(
        id=row.id,
        program_id=row.program_id,
        program=key,
        number=row.number,
        week=row.week,
        week_name=formats.week(row.week),
        state=row.state,
        meets_at=row.meets_at,
        headline=so_what(sheet.facts),
        lines=tuple(
            ReviewLine(one.kpi_id, one.code, one.label, one.state.value, row_in_words(one), one.matters)
            for one in sheet.facts.rows
        ),
        may_write=sheet.is_open and level >= Access.CONTRIBUTOR,
        may_hold=is_ahead and sheet.may_hold,
        url=web_address(path_to("kpi_reviews.show", key=key, number=row.number)),
    )
