"""What people do in a weekly review: notes, causes and decisions, actions, how sure they are; holding it, closing it.

Who works on the program writes; a manager or whoever leads the review holds and closes it. A closed review is frozen:
nothing in it changes any more, whatever becomes of the figures. Neighbours: `review_rounds.py` (the clock's part),
`review_page.py` (reading one).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.ground.now import today_in, utc_now
from program.ground.pages import path_to
from program.ground.records import record
from program.ground.text import clean_line, clean_text
from program.kpis import review_telling
from program.kpis.models import (
    Kpi,
    NoteKind,
    Review,
    ReviewAction,
    ReviewConfidence,
    ReviewNote,
    ReviewPlan,
    ReviewState,
)
from program.kpis.review_facts import facts_now
from program.outbox import messages
from program.people import access
from program.people.access import NOT_HERE
from program.planning.items import ItemDraft, add_item
from program.planning.models import Program, WorkItem
from program.planning.models.items import Kind

MAX_NOTE, MAX_SUMMARY = 2000, 2000
LEVELS = range(1, 6)
CHANGED_MEANWHILE = _l("Somebody changed this review while you had it open.")
NOTE_CHANGED = _l("Somebody changed this note while you had it open.")
FROZEN = _l("This review is closed: nothing in it changes any more.")
WRONG = _l("Something is not right yet.")


@record
class ActionDraft:
    """An action to agree on: what, who, by when, and the KPI it is about (None for the week)."""

    title: str
    owner_id: int | None
    due_on: date | None
    kpi_id: int | None = None


def find_review(actor: Actor, program_id: int, number: int) -> Review:
    """That review of the program, for everybody who reads it. Raises NotFound, Forbidden."""
    access.require(actor, program_id, Access.VIEWER)
    row = db.session.scalars(select(Review).where(Review.program_id == program_id, Review.number == number))
    found = row.one_or_none()
    if found is None:
        raise NotFound(NOT_HERE)
    return found


def may_hold(actor: Actor, program_id: int, chair_id: int | None) -> bool:
    """Whether the actor holds and closes reviews: a manager, or who leads them and works on the program."""
    level = access.access_of(actor, program_id)
    if level is None or level < Access.CONTRIBUTOR:
        return False
    return level >= Access.MANAGER or (actor.person_id is not None and actor.person_id == chair_id)


def hold(actor: Actor, review: Review, *, seen: int) -> None:
    """The meeting takes place: its figures are kept as they stand now. Raises Forbidden, Conflict."""
    _require_chair(actor, review.program_id)
    _lock(review)
    audit.check_revision(review, seen, CHANGED_MEANWHILE, "review")
    if review.state not in (ReviewState.COLLECTING, ReviewState.READY):
        raise Conflict(_l("This review was held already."))
    if _is_newest(review):
        _keep_facts(review)
    values = {"state": ReviewState.HELD.value, "held_at": utc_now(), "held_by_id": actor.person_id}
    _change(actor, review, values, "review.held")


def close(actor: Actor, review: Review, summary: str, *, seen: int) -> None:
    """Close a review that was held, or one that is ready and will not be. Raises Forbidden, Conflict, Invalid."""
    _require_chair(actor, review.program_id)
    _lock(review)
    audit.check_revision(review, seen, CHANGED_MEANWHILE, "review")
    if review.state == ReviewState.CLOSED:
        raise Conflict(FROZEN)
    if review.state == ReviewState.COLLECTING:
        raise Conflict(_l("This review is still collecting figures. Hold it first."))
    summary = clean_text(summary)
    if len(summary) > MAX_SUMMARY:
        raise Invalid(WRONG, {"summary": _l("Up to %(most)s letters.", most=MAX_SUMMARY)})
    if review.state == ReviewState.READY and _is_newest(review):
        _keep_facts(review)
    values = {
        "state": ReviewState.CLOSED.value,
        "closed_at": utc_now(),
        "closed_by_id": actor.person_id,
        "summary": summary,
    }
    _change(actor, review, values, "review.closed")
    _tell_closed(review)


def add_note(
    actor: Actor, review: Review, kind: str, text: str, kpi_id: int | None = None, *, remote_key: str | None = None
) -> ReviewNote:
    """Write down a note, a cause or a decision, about a KPI or (None) the week. For contributors.

    With `remote_key` a note that comes twice is written once: the first one is given back. Raises Conflict, Invalid.
    """
    access.require(actor, review.program_id, Access.CONTRIBUTOR)
    _lock(review)
    if remote_key is not None:
        there = select(ReviewNote).where(ReviewNote.review_id == review.id, ReviewNote.remote_key == remote_key)
        found = db.session.scalars(there).one_or_none()
        if found is not None:
            return found
    _require_open(review)
    values = _checked_note(review.program_id, kind, text, kpi_id)
    note = ReviewNote(
        program_id=review.program_id,
        review_id=review.id,
        author_id=actor.person_id,
        remote_key=remote_key,
        **values,
    )
    db.session.add(note)
    db.session.flush()
    _record(actor, "review_note.created", note.id, note.text, review.program_id, audit.created(values))
    return note


def find_note(actor: Actor, review: Review, note_id: int) -> ReviewNote:
    """A note of that review, to change: for its author and for managers. Raises NotFound, Forbidden."""
    access.require(actor, review.program_id, Access.CONTRIBUTOR)
    note = db.session.get(ReviewNote, note_id)
    if note is None or note.review_id != review.id:
        raise NotFound(NOT_HERE)
    if note.author_id != actor.person_id:
        access.require(actor, review.program_id, Access.MANAGER)
    return note


def change_note(
    actor: Actor, review: Review, note: ReviewNote, kind: str, text: str, kpi_id: int | None, *, seen: int
) -> None:
    """Write a note anew. Raises Conflict, Invalid."""
    find_note(actor, review, note.id)
    _lock(review)
    _require_open(review)
    audit.check_revision(note, seen, NOTE_CHANGED, "review_note")
    changes = audit.change(note, _checked_note(review.program_id, kind, text, kpi_id))
    if changes:
        db.session.flush()
        _record(actor, "review_note.changed", note.id, note.text, review.program_id, changes)


def remove_note(actor: Actor, review: Review, note: ReviewNote) -> None:
    """Take a note away; the trail keeps it. Raises Conflict."""
    find_note(actor, review, note.id)
    _lock(review)
    _require_open(review)
    values = {"kind": note.kind, "text": note.text, "kpi_id": note.kpi_id}
    _record(actor, "review_note.removed", note.id, note.text, review.program_id, audit.removed(values))
    db.session.delete(note)
    db.session.flush()


def set_confidence(
    actor: Actor, review: Review, levels: Mapping[int, int | None], seen: Mapping[int, int | None]
) -> None:
    """Keep how sure the meeting is of each KPI, 1 to 5, None for nothing said. For those who hold the review.

    `seen` is what was shown. Raises Conflict when somebody said something else meanwhile, Invalid.
    """
    _require_chair(actor, review.program_id)
    _lock(review)
    _require_open(review)
    if any(level is not None and level not in LEVELS for level in levels.values()):
        raise Invalid(_l("How sure we are is a number from 1 to 5."), {"confidence": _l("Choose 1 to 5.")})
    rows = db.session.execute(select(Kpi.id, Kpi.code).where(Kpi.program_id == review.program_id))
    codes = {row.id: row.code for row in rows}
    if levels.keys() - codes.keys():
        raise NotFound(NOT_HERE)
    said = db.session.scalars(select(ReviewConfidence).where(ReviewConfidence.review_id == review.id))
    there = {row.kpi_id: row for row in said}
    changes: audit.Changes = {}
    for kpi_id, level in levels.items():
        row = there.get(kpi_id)
        now = row.level if row else None
        if level == now or level == seen.get(kpi_id):
            continue
        if now != seen.get(kpi_id):
            raise Conflict(CHANGED_MEANWHILE)
        changes[codes[kpi_id]] = [now, level]
        if level is None:
            db.session.delete(row)
        elif row is None:
            db.session.add(ReviewConfidence(review_id=review.id, kpi_id=kpi_id, level=level, by_id=actor.person_id))
        else:
            row.level, row.by_id = level, actor.person_id
    if changes:
        db.session.flush()
        _record(actor, "review.confidence", review.id, str(review.number), review.program_id, changes)


def add_action(actor: Actor, review: Review, draft: ActionDraft) -> WorkItem:
    """Agree on an action: a work item with somebody who does it and a day. Raises Conflict, Invalid."""
    access.require(actor, review.program_id, Access.CONTRIBUTOR)
    _lock(review)
    _require_open(review)
    wrong: dict[str, Any] = {}
    if not clean_line(draft.title):
        wrong["title"] = _l("Write what is to be done.")
    if draft.owner_id is None:
        wrong["owner"] = _l("Choose who does it: an action without a name is a wish.")
    if draft.due_on is None:
        wrong["due_on"] = _l("Give the day it is to be done by.")
    wrong |= _wrong_kpi(review.program_id, draft.kpi_id)
    if wrong:
        raise Invalid(WRONG, wrong)
    try:
        item = add_item(
            actor,
            review.program_id,
            ItemDraft(draft.title, kind=Kind.ACTION, owner_id=draft.owner_id, due_on=draft.due_on),
        )
    except Invalid as error:
        names = {"owner_id": "owner"}
        raise Invalid(error.sentence, {names.get(name, name): why for name, why in error.fields.items()}) from None
    db.session.add(ReviewAction(review_id=review.id, item_id=item.id, kpi_id=draft.kpi_id))
    db.session.flush()
    return item


def _checked_note(program_id: int, kind: str, text: str, kpi_id: int | None) -> dict[str, Any]:
    text = clean_text(text)
    wrong = _wrong_kpi(program_id, kpi_id)
    if kind not in set(NoteKind):
        wrong["kind"] = _l("Choose a note, a cause or a decision.")
    if not text:
        wrong["text"] = _l("Write something.")
    elif len(text) > MAX_NOTE:
        wrong["text"] = _l("Up to %(most)s letters.", most=MAX_NOTE)
    if wrong:
        raise Invalid(WRONG, wrong)
    return {"kind": str(kind), "text": text, "kpi_id": kpi_id}


def _wrong_kpi(program_id: int, kpi_id: int | None) -> dict[str, Any]:
    if kpi_id is None:
        return {}
    found = db.session.scalar(select(Kpi.id).where(Kpi.id == kpi_id, Kpi.program_id == program_id))
    return {} if found else {"kpi": _l("Choose a KPI of this program.")}


def _require_chair(actor: Actor, program_id: int) -> None:
    access.require(actor, program_id, Access.CONTRIBUTOR)
    chair_id = db.session.scalar(select(ReviewPlan.chair_id).where(ReviewPlan.program_id == program_id))
    if not may_hold(actor, program_id, chair_id):
        raise Forbidden(_l("This takes a manager of the program, or whoever leads the review."))


def _require_open(review: Review) -> None:
    if review.state == ReviewState.CLOSED:
        raise Conflict(FROZEN)


def _lock(review: Review) -> None:
    """Hold the row until the commit: what is written and the closing follow one another."""
    db.session.refresh(review, with_for_update=True)


def _is_newest(review: Review) -> bool:
    newest = select(func.max(Review.number)).where(Review.program_id == review.program_id)
    return db.session.scalar(newest) == review.number


def _keep_facts(review: Review) -> None:
    zone_name = db.session.scalar(select(Program.timezone).where(Program.id == review.program_id)) or "UTC"
    review.facts = facts_now(review, today_in(zone_name)).to_data()


def _tell_closed(review: Review) -> None:
    """Say in the program's channel how it ended."""
    plan = db.session.get(ReviewPlan, review.program_id)
    if plan is None or not plan.channel:
        return
    program = db.session.get_one(Program, review.program_id)
    transport, _colon, channel = plan.channel.partition(":")
    messages.tell_channel(
        *(transport, channel, review_telling.CLOSED, review_telling.closed_data(program.name, review)),
        key=f"kpis.review_closed:{review.id}",
        path=path_to("kpi_reviews.show", key=program.key, number=review.number),
        program_id=program.id,
    )


def _change(actor: Actor, review: Review, values: dict[str, Any], verb: str) -> None:
    changes = audit.change(review, values)
    db.session.flush()
    # When and by whom is what the entry itself says.
    told = {name: change for name, change in changes.items() if name in ("state", "summary")}
    _record(actor, verb, review.id, str(review.number), review.program_id, told)


def _record(actor: Actor, verb: str, object_id: int, name: str, program_id: int, changes: audit.Changes) -> None:
    audit.record(actor, verb, object_id=object_id, name=name, program_id=program_id, changes=changes)
