"""Quick wins and customer success stories: short cards that show that the change is worth it.

A card needs something to show: a figure or a link, better both. Successes are celebrated weekly or monthly (the
handbook, section 5), so they stand on the overview and on the front line's page, pinned ones first, then the newest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Integer, bindparam, func, select

from program.change.models import Idea, Proof
from program.change.models.ideas import Stage
from program.change.models.proofs import ProofKind
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import FIRST_DAY
from program.ground.database import read
from program.ground.errors import Invalid, NotFound
from program.ground.now import today_in
from program.ground.records import record
from program.ground.text import clean_line, clean_text
from program.people import access
from program.people.access import NOT_HERE
from program.people.models import Person
from program.planning.evidence import MAX_LABEL, checked_url
from program.planning.history_words import COLUMN_WORDS, TITLES
from program.planning.models import Program
from program.planning.models.items import Channel

MAX_TITLE, MAX_BODY, MAX_FIGURE = 120, 600, 60
PAGE_SIZE, SHOWN_ASIDE = 24, 3
NOT_RIGHT = _l("Something is not right yet.")
CHANGED_MEANWHILE = _l("Somebody changed this card while you had it open.")
KIND_WORDS: dict[str, Any] = {
    ProofKind.QUICK_WIN.value: _l("Quick win"),
    ProofKind.STORY.value: _l("Customer success story"),
}
COLUMNS = ("kind", "title", "body", "figure", "url", "url_label", "channel", "happened_on", "is_pinned", "idea_id")
TITLES.update(
    {
        "proof.created": _l("Success “%(name)s” told"),
        "proof.changed": _l("Success “%(name)s” changed"),
        "proof.removed": _l("Success “%(name)s” removed"),
    }
)
COLUMN_WORDS.update(
    {"figure": _l("Figure"), "url_label": _l("Words of the link"), "happened_on": _l("Day"), "is_pinned": _l("Pinned")}
)


@record
class ProofDraft:
    """A card before it is kept. `idea_number` names the rolled-out idea it comes from."""

    kind: str
    title: str
    body: str
    happened_on: date | None
    figure: str = ""
    url: str = ""
    url_label: str = ""
    channel: str = ""
    is_pinned: bool = False
    idea_number: int | None = None


def add_proof(actor: Actor, program_id: int, draft: ProofDraft) -> Proof:
    """Tell a success. Raises Invalid naming the fields at fault."""
    access.require(actor, program_id, Access.CONTRIBUTOR)
    proof = Proof(program_id=program_id, author_id=actor.person_id, **_checked(program_id, draft))
    db.session.add(proof)
    db.session.flush()
    _record(actor, "proof.created", proof, audit.created({name: getattr(proof, name) for name in COLUMNS}))
    return proof


def change_proof(
    actor: Actor, proof: Proof, draft: ProofDraft, *, seen: int, batch: str | None = None
) -> audit.Changes:
    """Change a card. Raises Conflict, Invalid."""
    access.require(actor, proof.program_id, Access.CONTRIBUTOR)
    audit.check_revision(proof, seen, CHANGED_MEANWHILE, "proof")
    changes = audit.change(proof, _checked(proof.program_id, draft, proof.idea_id))
    if changes:
        db.session.flush()
        _record(actor, "proof.changed", proof, changes, batch)
    return changes


def remove_proof(actor: Actor, proof: Proof, *, seen: int) -> None:
    """Remove a card; the trail keeps what it showed."""
    access.require(actor, proof.program_id, Access.CONTRIBUTOR)
    audit.check_revision(proof, seen, CHANGED_MEANWHILE, "proof")
    _record(actor, "proof.removed", proof, audit.removed({name: getattr(proof, name) for name in COLUMNS}))
    db.session.delete(proof)
    db.session.flush()


def find_proof(actor: Actor, program_id: int, proof_id: int, needed: Access = Access.VIEWER) -> Proof:
    """That card of the program. Raises NotFound."""
    access.require(actor, program_id, needed)
    proof = db.session.scalars(select(Proof).where(Proof.id == proof_id, Proof.program_id == program_id)).one_or_none()
    if proof is None:
        raise NotFound(NOT_HERE)
    return proof


def draft_of(proof: Proof, idea_number: int | None) -> ProofDraft:
    """The card as it is, for its form."""
    values = {name: getattr(proof, name) for name in COLUMNS if name != "idea_id"}
    return ProofDraft(**values, idea_number=idea_number)


def newest_proofs(program_id: int, most: int = SHOWN_ASIDE) -> Sequence[Any]:
    """The cards to show beside other things: pinned ones first, then the newest. One statement."""
    return read(_newest(), {"program": program_id, "most": most}).all()


def proofs_page(program_id: int, kind: str, page: int) -> Sequence[Any]:
    """One page (from 1) of cards by day, newest first, of one kind or ('') of both. One statement."""
    query = _cards().where(Proof.program_id == program_id)
    if kind:
        query = query.where(Proof.kind == kind)
    query = query.order_by(Proof.happened_on.desc(), Proof.id.desc())
    return read(query.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()


def count_proofs(program_id: int) -> Sequence[Any]:
    """How many cards of each kind there are, and the day of the newest. One statement."""
    return read(_counts(), {"program": program_id}).all()


def _cards() -> Any:
    return (
        select(
            *(Proof.id, Proof.kind, Proof.title, Proof.body, Proof.figure, Proof.url, Proof.url_label),
            *(Proof.channel, Proof.happened_on, Proof.is_pinned, Proof.revision),
            Idea.number.label("idea_number"),
            Idea.title.label("idea_title"),
            Person.name.label("author"),
        )
        .select_from(Proof)
        .outerjoin(Idea, Idea.id == Proof.idea_id)
        .outerjoin(Person, Person.id == Proof.author_id)
    )


@cache
def _newest() -> Any:
    return (
        _cards()
        .where(Proof.program_id == bindparam("program"))
        .order_by(Proof.is_pinned.desc(), Proof.happened_on.desc(), Proof.id.desc())
        .limit(bindparam("most", type_=Integer))
    )


@cache
def _counts() -> Any:
    return (
        select(Proof.kind, func.count().label("count"), func.max(Proof.happened_on).label("newest"))
        .where(Proof.program_id == bindparam("program"))
        .group_by(Proof.kind)
    )


def _checked(program_id: int, draft: ProofDraft, present_idea: int | None = None) -> dict[str, Any]:
    values: dict[str, Any] = asdict(draft)
    number = values.pop("idea_number")
    wrong: dict[str, Any] = {}
    for name in ("title", "figure", "url_label"):
        values[name] = clean_line(values[name] or "")
    values["body"], values["url"] = clean_text(values["body"] or ""), (values["url"] or "").strip()
    for name, sentence in (("title", _l("Give it a title.")), ("body", _l("Tell in a few sentences what happened."))):
        if not values[name]:
            wrong[name] = sentence
    for name, most in (("title", MAX_TITLE), ("body", MAX_BODY), ("figure", MAX_FIGURE), ("url_label", MAX_LABEL)):
        if len(values[name]) > most:
            wrong[name] = _l("Up to %(most)s letters.", most=most)
    _check_choices(values, wrong)
    if values["url"]:
        try:
            shown = checked_url(values["url"])
            values["url_label"] = values["url_label"] or shown[:MAX_LABEL]
        except Invalid as error:
            wrong |= error.fields
    elif not values["figure"]:
        wrong["figure"] = _l("Show it: a figure, or a link to where it can be seen.")
    _check_day(program_id, values["happened_on"], wrong)
    values["idea_id"] = _idea(program_id, number, present_idea, wrong)
    if wrong:
        raise Invalid(NOT_RIGHT, wrong)
    return values


def _check_choices(values: Mapping[str, Any], wrong: dict[str, Any]) -> None:
    if values["kind"] not in tuple(ProofKind):
        wrong["kind"] = _l("Choose one from the list.")
    if values["channel"] and values["channel"] not in tuple(Channel):
        wrong["channel"] = _l("Choose one from the list.")


def _check_day(program_id: int, day: date | None, wrong: dict[str, Any]) -> None:
    if day is None:
        wrong["happened_on"] = _l("Give the day on which it happened.")
        return
    zone_name = db.session.scalar(select(Program.timezone).where(Program.id == program_id)) or "UTC"
    if not FIRST_DAY <= day <= today_in(zone_name):
        wrong["happened_on"] = _l("Give a day that has been: successes are told afterwards.")


def _idea(program_id: int, number: int | None, present: int | None, wrong: dict[str, Any]) -> int | None:
    """The id of the idea with that number, which must have been rolled out unless the card has it already."""
    if number is None:
        return None
    row = db.session.execute(
        select(Idea.id, Idea.stage).where(Idea.program_id == program_id, Idea.number == number)
    ).first()
    if row is None or (row.stage != Stage.ROLLED_OUT and row.id != present):
        wrong["idea_number"] = _l("Choose an idea of this program that was rolled out.")
        return None
    return int(row.id)


def _record(actor: Actor, verb: str, proof: Proof, changes: audit.Changes, batch: str | None = None) -> None:
    audit.record(
        actor, verb, object_id=proof.id, name=proof.title, program_id=proof.program_id, changes=changes, batch=batch
    )
