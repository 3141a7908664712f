"""Weekly reviews of KPIs, for plugins through which people take part in them: a chat, a screen in the meeting room.

The plugin says who acts, and has made sure that it is them. What it is given back is in that person's language.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy import select

from program.charts.drawing import PNG, NotDrawn, Order, drawn
from program.charts.look import PICTURE, Chart
from program.ground import formats
from program.ground.actor import Access, Actor, Origin, system
from program.ground.database import read
from program.ground.errors import NotFound
from program.ground.now import today_in
from program.ground.pages import path_to
from program.kpis import index, reviews
from program.kpis.models import OVERALL, ReviewState
from program.kpis.models import Review as ReviewRow
from program.kpis.pictures import index_of, trend_of
from program.kpis.review_facts import ActionFact, so_what
from program.kpis.review_page import NoteLine, ReviewSheet, read_review
from program.kpis.review_telling import row_in_words
from program.kpis.series import open_kpi
from program.kpis.words import NOTE_WORDS
from program.people import access
from program.people.access import NOT_HERE
from program.planning.models import Program as ProgramRow
from program.plugin_api.contract import Person, Picture, Review, ReviewLine
from program.plugin_api.units import reading, writing
from program.plugin_api.work import web_address

# Weeks of the picture that goes with a review.
PICTURED = 26
_log = logging.getLogger("milepost.charts")


def review(person: Person, review_id: int, *, where: Origin = Origin.SLACK) -> Review:
    """A weekly review as that person may see it, in their words. Raises NotFound."""
    with reading():
        actor = Actor(person.id, where)
        program, number = _place(actor, review_id)
        with formats.reading_as(person.locale, person.timezone):
            sheet = read_review(actor, program.id, number, today_in(program.timezone))
            return _review(actor, sheet, program.key)


def review_in_channel(review_id: int) -> Review:
    """A weekly review as the channel is told of it that its managers have chosen. Raises NotFound.

    In the language of `speaking_to_channel`. Nobody in particular reads it there: it says that nobody may do anything.
    """
    with reading():
        found = _row(review_id)
        with formats.reading_as(_house(), found.timezone):
            sheet = read_review(system(Origin.CLOCK), found.id, found.number, today_in(found.timezone))
            return replace(_review(None, sheet, found.key), may_write=False, may_hold=False, may_close=False)


@contextmanager
def speaking_to_channel(review: Review) -> Iterator[None]:
    """Within the block texts and moments are those of the channel in which that review is told."""
    with reading():
        zone = _row(review.id).timezone
    with formats.reading_as(_house(), zone):
        yield


def review_picture(review_id: int) -> Picture | None:
    """The Experience Index over half a year, or else the KPI that matters most; None where nothing can be drawn.

    In the language of `speaking_to_channel`. Drawing takes up to two seconds, in which no transaction is open.
    """
    with reading():
        found = _row(review_id)
        with formats.reading_as(_house(), found.timezone):
            sheet = read_review(system(Origin.CLOCK), found.id, found.number, today_in(found.timezone))
            chart = _chart(found, sheet)
    if chart is None:
        return None
    order = Order(chart, _house(), PNG, scale=1.5)
    try:
        png = drawn(order, current_app.config["MILEPOST"].instance_folder / "charts")
    except NotDrawn as error:
        _log.warning("chart not drawn", extra={"fields": {"title": chart.title, "reason": str(error)}})
        return None
    return Picture(png, chart.title, chart.alt)


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


def close_review(person: Person, review_id: int, summary: str, *, where: Origin = Origin.SLACK) -> None:
    """Close a review with a summary: nothing in it changes any more. Raises NotFound, Forbidden, Conflict, Invalid."""
    with writing():
        actor = Actor(person.id, where)
        row: Any = _find(actor, review_id)
        reviews.close(actor, row, summary, seen=row.revision)


def _chart(found: Any, sheet: ReviewSheet) -> Chart | None:
    points = index.series(found.id, PICTURED)
    if sum(point.value is not None for point in points) > 1:
        return index_of(points, PICTURE)
    for one in sheet.facts.rows:
        view = open_kpi(found.id, one.code, OVERALL, today_in(found.timezone))
        if len(view.shown) > 1:
            return trend_of(found.id, view, PICTURE)
    return None


def _house() -> str:
    """The language of what nobody in particular reads: a channel's."""
    locale: str = current_app.config["MILEPOST"].locale
    return locale


def _row(review_id: int) -> Any:
    found = read(
        select(ReviewRow.number, ProgramRow.id, ProgramRow.key, ProgramRow.timezone)
        .join(ProgramRow, ProgramRow.id == ReviewRow.program_id)
        .where(ReviewRow.id == review_id)
    ).first()
    if found is None:
        raise NotFound(NOT_HERE)
    return found


def _place(actor: Actor, review_id: int) -> tuple[Any, int]:
    found = _row(review_id)
    access.require(actor, found.id, Access.VIEWER)
    return found, found.number


def _find(actor: Actor, review_id: int) -> ReviewRow:
    program, number = _place(actor, review_id)
    return reviews.find_review(actor, program.id, number)


def _review(actor: Actor | None, sheet: ReviewSheet, key: str) -> Review:
    row = sheet.review
    level = (access.access_of(actor, row.program_id) if actor is not None else None) or Access.VIEWER
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
        may_close=sheet.is_open and sheet.may_hold and row.state != ReviewState.COLLECTING,
        noted=tuple(_noted(one) for one in sheet.notes),
        agreed=tuple(_agreed(one, key) for one in sheet.actions),
        summary=row.summary,
    )


def _noted(one: NoteLine) -> str:
    about = f"{NOTE_WORDS[one.kind]}, {one.kpi}" if one.kpi else str(NOTE_WORDS[one.kind])
    return f"{about}: {one.text}" + (f" ({one.author})" if one.author else "")


def _agreed(one: ActionFact, key: str) -> str:
    words = f"{key}-{one.number} {one.title}" + (f", {one.owner}" if one.owner else "")
    return words + (f", {formats.day(one.due_on)}" if one.due_on else "")
