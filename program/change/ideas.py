"""Ideas from the front line: handing one in, supporting it, and every step that its proposer is told of.

The loop is the handbook's (section 5): heard, researched, prototype, A/B test, rolled out, or declined with a reason.
A step may skip stages or go back; each is kept with the words that the proposer reads. Neighbours: `idea_lists.py`
(reading many), `idea_page.py` (reading one), `ab_tests.py`, `proofs.py`.

An idea handed in without a name keeps no trace of who it was: no proposer, nobody in the trail, and only the day in
place of the moment, so that it cannot be laid beside what else somebody did at that minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from program.change.front_line import require_front_line
from program.change.idea_words import IDEA_STEP
from program.change.models import Idea, IdeaStep, IdeaSupport
from program.change.models.ideas import Stage
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.cadence import moment_of
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.ground.folding import fold
from program.ground.now import held_at, utc_now, zone
from program.ground.pages import path_to
from program.ground.records import record
from program.ground.text import clean_line, clean_text
from program.outbox.messages import tell
from program.people import access
from program.people.access import NOT_HERE
from program.people.models import Membership, Person
from program.planning.items import ItemDraft, add_items
from program.planning.models import Program, WorkItem
from program.planning.models.items import Channel, Kind, Status

MAX_TITLE, MAX_DETAIL, MAX_NOTE = 200, 4000, 2000
CHANGED_MEANWHILE = _l("Somebody changed this idea while you had it open.")
NOT_RIGHT = _l("Something is not right yet.")
ITEM_KINDS = (Kind.TASK, Kind.CHANGE)


@record
class IdeaDraft:
    """An idea before it is handed in. Only the title is needed; `named` False leaves out who it was."""

    title: str
    detail: str = ""
    channel: str = ""
    named: bool = True


def hand_in(actor: Actor, program_id: int, draft: IdeaDraft) -> Idea:
    """Hand an idea in. Raises Invalid naming the field at fault."""
    require_front_line(actor, program_id)
    values = _checked({"title": draft.title, "detail": draft.detail, "channel": draft.channel})
    number, zone_name = _take_number(program_id)
    moment = utc_now() if draft.named else _beginning_of_day(zone_name)
    idea = Idea(
        program_id=program_id,
        number=number,
        **values,
        title_folded=fold(values["title"]),
        proposer_id=actor.person_id if draft.named else None,
        stage=Stage.HEARD.value,
        created_at=moment,
        stage_since=moment,
    )
    db.session.add(idea)
    db.session.flush()
    who = actor if draft.named else Actor(None, actor.origin)
    with held_at(moment):
        audit.record(
            who,
            "idea.created",
            object_id=idea.id,
            name=idea.title,
            program_id=program_id,
            changes=audit.created({"title": idea.title, "channel": idea.channel or None}),
        )
    return idea


def change_own(actor: Actor, idea: Idea, values: Mapping[str, Any], *, seen: int) -> audit.Changes:
    """Its proposer puts an idea in other words while nobody has answered it. Raises Conflict, Forbidden, Invalid."""
    require_front_line(actor, idea.program_id)
    _check_own(actor, idea)
    audit.check_revision(idea, seen, CHANGED_MEANWHILE, "idea")
    return _change(actor, idea, _checked({name: values[name] for name in ("title", "detail", "channel")}))


def withdraw(actor: Actor, idea: Idea, *, seen: int) -> None:
    """Its proposer takes an idea back while nobody has answered it: it goes, with the support it had."""
    require_front_line(actor, idea.program_id)
    _check_own(actor, idea)
    audit.check_revision(idea, seen, CHANGED_MEANWHILE, "idea")
    audit.record(actor, "idea.removed", object_id=idea.id, name=idea.title, program_id=idea.program_id)
    db.session.delete(idea)
    db.session.flush()


def organise(actor: Actor, idea: Idea, values: Mapping[str, Any], *, seen: int) -> audit.Changes:
    """The team says who looks after an idea (`owner_id`) and which customer channel it is about (`channel`)."""
    access.require(actor, idea.program_id, Access.CONTRIBUTOR)
    audit.check_revision(idea, seen, CHANGED_MEANWHILE, "idea")
    tidy = {name: values[name] for name in ("owner_id", "channel") if name in values}
    if "channel" in tidy:
        tidy["channel"] = _channel(tidy["channel"])
    owner_id = tidy.get("owner_id")
    if owner_id is not None and owner_id != idea.owner_id and not _in_team(idea.program_id, owner_id):
        raise Invalid(NOT_RIGHT, {"owner_id": _l("Choose somebody of the program's team.")})
    return _change(actor, idea, tidy)


def take_step(actor: Actor, idea: Idea, stage: str, note: str = "", *, seen: int) -> IdeaStep:
    """Bring the idea to a stage and tell its proposer. The present stage with words of its own is news without a step.

    Declining asks for a reason. Raises Invalid, Conflict.
    """
    access.require(actor, idea.program_id, Access.CONTRIBUTOR)
    audit.check_revision(idea, seen, CHANGED_MEANWHILE, "idea")
    note, wrong = clean_text(note), {}
    if stage not in tuple(Stage):
        wrong["stage"] = _l("Choose one from the list.")
    elif stage == Stage.DECLINED and not note:
        wrong["note"] = _l("Say why: whoever had the idea reads it.")
    elif stage == idea.stage and not note:
        wrong["note"] = _l("It is at this stage already. Choose another one, or write what is new.")
    if len(note) > MAX_NOTE:
        wrong["note"] = _l("Up to %(most)s letters.", most=MAX_NOTE)
    if wrong:
        raise Invalid(NOT_RIGHT, wrong)
    now = utc_now()
    changes = audit.change(idea, {"stage": Stage(stage).value})
    if changes:
        idea.stage_since = now
    step = IdeaStep(idea_id=idea.id, stage=idea.stage, note=note, at=now, by_id=actor.person_id)
    db.session.add(step)
    db.session.flush()
    audit.record(
        actor, "idea.moved", object_id=idea.id, name=idea.title, program_id=idea.program_id, changes=changes or None
    )
    _tell_proposer(actor, idea, step)
    return step


def support(actor: Actor, idea: Idea, *, wanted: bool = True) -> bool:
    """'I have this too', once for each person; or no longer. True when that changed something.

    Raises Invalid for one's own idea. The trail says nothing of it: it is a show of hands, not a change.
    """
    require_front_line(actor, idea.program_id)
    if idea.proposer_id is not None and idea.proposer_id == actor.person_id:
        raise Invalid(_l("This is your own idea; it counts as one already."))
    if not wanted:
        mine = (IdeaSupport.idea_id == idea.id, IdeaSupport.person_id == actor.person_id)
        gone = db.session.execute(
            delete(IdeaSupport).where(*mine).returning(IdeaSupport.idea_id),
            execution_options={"synchronize_session": False},
        )
        return gone.first() is not None
    table: Any = IdeaSupport.__table__
    row = {"idea_id": idea.id, "person_id": actor.person_id, "at": utc_now()}
    insert: Any = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    added = insert(table).values(row).on_conflict_do_nothing().returning(table.c.idea_id)
    return db.session.execute(added).first() is not None


def become_item(
    actor: Actor,
    idea: Idea,
    *,
    kind: str,
    title: str,
    owner_id: int | None = None,
    due_on: date | None = None,
    seen: int,
) -> WorkItem:
    """Make the idea an item of the plan, linked both ways; once, unless that item was dropped. Raises Conflict."""
    access.require(actor, idea.program_id, Access.CONTRIBUTOR)
    audit.check_revision(idea, seen, CHANGED_MEANWHILE, "idea")
    if idea.item_id is not None:
        status = db.session.scalar(select(WorkItem.status).where(WorkItem.id == idea.item_id))
        if status != Status.DROPPED:
            raise Conflict(_l("This idea is an item of the plan already."))
    if kind not in ITEM_KINDS:
        raise Invalid(NOT_RIGHT, {"kind": _l("Choose one from the list.")})
    draft = ItemDraft(
        title=title,
        description=idea.detail,
        kind=Kind(kind),
        owner_id=owner_id,
        due_on=due_on,
        channel=idea.channel,
    )
    batch = audit.new_batch()
    item = add_items(actor, idea.program_id, [draft], batch=batch)[0]
    idea.item_id = item.id
    db.session.flush()
    audit.record(actor, "idea.linked", object_id=idea.id, name=idea.title, program_id=idea.program_id)
    return item


def mark_news_seen(actor: Actor, program_id: int) -> int:
    """The actor has read the news of their ideas in that program. Returns how much was new."""
    require_front_line(actor, program_id)
    mine = select(Idea.id).where(Idea.program_id == program_id, Idea.proposer_id == actor.person_id)
    seen = (
        update(IdeaStep)
        .where(IdeaStep.idea_id.in_(mine), IdeaStep.seen_at.is_(None))
        .values(seen_at=utc_now())
        .returning(IdeaStep.id)
    )
    return len(db.session.execute(seen, execution_options={"synchronize_session": False}).all())


def find_idea(actor: Actor, program_id: int, number: int, *, lock: bool = False) -> Idea:
    """The idea with that number, for members and the front line. Raises NotFound. `lock` holds other writers back."""
    require_front_line(actor, program_id)
    query = select(Idea).where(Idea.program_id == program_id, Idea.number == number)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    idea = db.session.scalars(query).one_or_none()
    if idea is None:
        raise NotFound(NOT_HERE)
    return idea


def _check_own(actor: Actor, idea: Idea) -> None:
    if idea.proposer_id is None or idea.proposer_id != actor.person_id:
        raise Forbidden(_l("Only whoever handed an idea in can change or withdraw it."))
    if idea.stage != Stage.HEARD:
        raise Conflict(_l("Somebody works on this idea already. Tell its owner what you would change."))


def _change(actor: Actor, idea: Idea, tidy: Mapping[str, Any]) -> audit.Changes:
    changes = audit.change(idea, tidy)
    if changes:
        idea.title_folded = fold(idea.title)
        db.session.flush()
        kept = {name: pair for name, pair in changes.items() if name != "detail"}
        audit.record(
            actor, "idea.changed", object_id=idea.id, name=idea.title, program_id=idea.program_id, changes=kept
        )
    return changes


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    tidy = {"title": clean_line(values["title"] or ""), "detail": clean_text(values["detail"] or "")}
    wrong: dict[str, Any] = {}
    if not tidy["title"]:
        wrong["title"] = _l("Write your idea in a line first.")
    for name, most in (("title", MAX_TITLE), ("detail", MAX_DETAIL)):
        if len(tidy[name]) > most:
            wrong[name] = _l("Up to %(most)s letters.", most=most)
    try:
        tidy["channel"] = _channel(values["channel"])
    except Invalid as error:
        wrong |= error.fields
    if wrong:
        raise Invalid(NOT_RIGHT, wrong)
    return tidy


def _channel(value: Any) -> str:
    if value and value not in tuple(Channel):
        raise Invalid(NOT_RIGHT, {"channel": _l("Choose one from the list.")})
    return str(value or "")


def _take_number(program_id: int) -> tuple[int, str]:
    """The next number, and the program's time zone; the program's row is held so that two never get the same."""
    zone_name = db.session.scalar(
        select(Program.timezone).where(Program.id == program_id).with_for_update(key_share=True)
    )
    if zone_name is None:
        raise NotFound(NOT_HERE)
    last = db.session.scalar(select(func.max(Idea.number)).where(Idea.program_id == program_id)) or 0
    return last + 1, zone_name


def _beginning_of_day(zone_name: str) -> datetime:
    return moment_of(utc_now().astimezone(zone(zone_name)).date(), time(), zone_name)


def _in_team(program_id: int, person_id: int) -> bool:
    found = db.session.scalar(
        select(Membership.id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.program_id == program_id,
            Membership.person_id == person_id,
            Membership.access >= Access.CONTRIBUTOR.value,
            Person.is_active,
        )
    )
    return found is not None


def _tell_proposer(actor: Actor, idea: Idea, step: IdeaStep) -> None:
    if idea.proposer_id is None or idea.proposer_id == actor.person_id:
        return
    key = db.session.scalar(select(Program.key).where(Program.id == idea.program_id))
    tell(
        [idea.proposer_id],
        IDEA_STEP,
        {"title": idea.title, "stage": step.stage, "note": step.note},
        key=f"change.idea_step:{step.id}",
        path=path_to("front_line.show", key=key) + f"#idea-{idea.number}",
        program_id=idea.program_id,
    )
