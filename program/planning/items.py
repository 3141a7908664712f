"""Work items: adding them and changing them, with the rules that every door keeps.

Neighbours: `dependencies.py` (what waits for what), `comments.py`, `item_lists.py` (reading many at once).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import insert, select, update

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.errors import Forbidden, Invalid, NotFound
from program.ground.folding import fold
from program.ground.now import utc_now
from program.people import access
from program.people.models import Membership, Person
from program.planning.models import Gate, GateDecision, ItemTag, Phase, PhaseBlock, Program, WorkItem
from program.planning.models.items import Channel, Kind, Priority, Status

MAX_TITLE, MAX_DESCRIPTION, MAX_REASON, MAX_TAGS, MAX_TAG = 200, 50_000, 500, 20, 40
# Columns that people change through `change_item`; everything else follows from them.
CHANGEABLE = frozenset(
    ("title", "description", "status", "status_reason", "required", "owner_id", "role", "priority", "channel")
    + ("start_on", "due_on", "phase_id", "block_id", "position", "kind")
)
# What a contributor may not change: it decides what a gate asks for.
MANAGER_ONLY = frozenset({"required", "kind"})
CHANGED_MEANWHILE = _l("Somebody changed this item while you had it open.")


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """An item that does not exist yet. Only the title is needed."""

    title: str
    description: str = ""
    kind: Kind = Kind.TASK
    status: Status = Status.TODO
    status_reason: str = ""
    required: bool = False
    owner_id: int | None = None
    role: str = ""
    priority: Priority = Priority.NORMAL
    channel: str = ""
    start_on: date | None = None
    due_on: date | None = None
    phase_id: int | None = None
    block_id: int | None = None
    decision_id: int | None = None
    key: str = ""
    tags: tuple[str, ...] = field(default=())


def add_item(actor: Actor, program_id: int, draft: ItemDraft) -> WorkItem:
    """Add one item. Raises Invalid naming the field at fault."""
    return add_items(actor, program_id, [draft])[0]


def add_items(
    actor: Actor, program_id: int, drafts: Iterable[ItemDraft], *, batch: str | None = None
) -> list[WorkItem]:
    """Add items in one go, numbered in their order. Raises Invalid for the first one that cannot be."""
    access.require(actor, program_id, Access.CONTRIBUTOR)
    drafts = list(drafts)
    if not drafts:
        return []
    surroundings = Surroundings(program_id)
    is_manager = (access.access_of(actor, program_id) or 0) >= Access.MANAGER
    for draft in drafts:
        if draft.required and not is_manager:
            raise Forbidden(_l("Only a manager of the program decides what is required."))
    first_number = _take_numbers(program_id, len(drafts))
    now = utc_now()
    items = []
    for offset, draft in enumerate(drafts):
        values = asdict(draft)
        tags = values.pop("tags")
        values = {**values, **_checked(values, {}, surroundings)}
        item = WorkItem(
            **values,
            program_id=program_id,
            number=first_number + offset,
            position=first_number + offset,
            title_folded=fold(values["title"]),
            created_by_id=actor.person_id,
            created_at=now,
            updated_at=now,
        )
        _stamp(item)
        items.append((item, clean_tags(tags)))
    db.session.add_all([item for item, _tags in items])
    db.session.flush()
    tag_rows = [{"item_id": item.id, "tag": tag, "program_id": program_id} for item, tags in items for tag in tags]
    if tag_rows:
        db.session.execute(insert(ItemTag), tag_rows)
    audit.record_many(
        actor,
        "item.created",
        program_id,
        [
            (item.id, item.title, audit.created({name: getattr(item, name) for name in sorted(CHANGEABLE)}))
            for item, _ in items
        ],
        batch=batch,
    )
    return [item for item, _tags in items]


def change_item(
    actor: Actor, item: WorkItem, values: Mapping[str, Any], *, seen: int | None, batch: str | None = None
) -> audit.Changes:
    """Set columns of an item (names of CHANGEABLE) and return what really changed.

    `seen` is the revision the editor began from; None only where no person had the item open (a tick, a sync).
    Raises Conflict when the item moved on since, Invalid naming the field at fault, Forbidden for too little access.
    """
    access.require(actor, item.program_id, Access.CONTRIBUTOR)
    unknown = set(values) - CHANGEABLE
    if unknown:
        raise ValueError(f"not changeable: {sorted(unknown)}")
    if seen is not None:
        audit.check_revision(item, seen, CHANGED_MEANWHILE, "item")
    before = {name: getattr(item, name) for name in CHANGEABLE}
    values = _checked(dict(values), before, Surroundings(item.program_id))
    _check_manager(actor, item, values)
    changes = audit.change(item, values)
    if not changes:
        return changes
    if "title" in changes:
        item.title_folded = fold(item.title)
    if "status" in changes:
        _stamp(item)
    db.session.flush()
    audit.record(
        actor,
        "item.changed",
        object_id=item.id,
        name=item.title,
        program_id=item.program_id,
        changes=changes,
        batch=batch,
    )
    return changes


def set_tags(actor: Actor, item: WorkItem, tags: Iterable[str]) -> None:
    """Give the item exactly these tags."""
    access.require(actor, item.program_id, Access.CONTRIBUTOR)
    wanted = clean_tags(tags)
    present = set(db.session.scalars(select(ItemTag.tag).where(ItemTag.item_id == item.id)))
    if present == set(wanted):
        return
    db.session.execute(ItemTag.__table__.delete().where(ItemTag.item_id == item.id))  # type: ignore[attr-defined]
    if wanted:
        db.session.execute(
            insert(ItemTag), [{"item_id": item.id, "tag": tag, "program_id": item.program_id} for tag in wanted]
        )
    audit.record(
        actor,
        "item.tagged",
        object_id=item.id,
        name=item.title,
        program_id=item.program_id,
        changes={"tags": [sorted(present), sorted(wanted)]},
    )


def find_item(actor: Actor, program_id: int, number: int, needed: Access = Access.VIEWER) -> WorkItem:
    """The item with that number in the program. Raises NotFound."""
    access.require(actor, program_id, needed)
    item = db.session.scalars(
        select(WorkItem).where(WorkItem.program_id == program_id, WorkItem.number == number)
    ).one_or_none()
    if item is None:
        raise NotFound(access.NOT_HERE)
    return item


def clean_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags in lower case, without doubles, in their order. Raises Invalid for too many or too long ones."""
    clean = tuple(dict.fromkeys(" ".join(tag.lower().split()) for tag in tags if tag.strip()))
    if len(clean) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in clean):
        raise Invalid(fields={"tags": _l("Up to 20 tags of up to 40 letters each.")})
    return clean


class Surroundings:
    """What an item may point to in its program: people, phases, blocks. Each is looked up once, when first asked."""

    def __init__(self, program_id: int) -> None:
        self.program_id = program_id
        self._people: dict[int, str] | None = None
        self._phases: set[int] | None = None
        self._blocks: dict[int, int] | None = None

    @property
    def people(self) -> dict[int, str]:
        """Names of those who can own an item, by id: active contributors and managers."""
        if self._people is None:
            rows = db.session.execute(
                select(Person.id, Person.name)
                .join(Membership, Membership.person_id == Person.id)
                .where(
                    Membership.program_id == self.program_id,
                    Membership.access >= Access.CONTRIBUTOR,
                    Person.is_active,
                )
            )
            self._people = {row.id: row.name for row in rows}
        return self._people

    @property
    def phases(self) -> set[int]:
        """Ids of the program's phases."""
        if self._phases is None:
            self._phases = set(db.session.scalars(select(Phase.id).where(Phase.program_id == self.program_id)))
        return self._phases

    @property
    def blocks(self) -> dict[int, int]:
        """The phase of each block, by the block's id."""
        if self._blocks is None:
            rows = db.session.execute(
                select(PhaseBlock.id, PhaseBlock.phase_id).where(PhaseBlock.program_id == self.program_id)
            )
            self._blocks = {row.id: row.phase_id for row in rows}
        return self._blocks

    def has_decision(self, decision_id: int) -> bool:
        """True when that gate decision belongs to the program."""
        found = db.session.scalar(
            select(GateDecision.id)
            .join(Gate, Gate.id == GateDecision.gate_id)
            .where(GateDecision.id == decision_id, GateDecision.program_id == self.program_id)
        )
        return found is not None


def _take_numbers(program_id: int, count: int) -> int:
    """Reserve `count` consecutive numbers and return the first; the program's row is locked until the commit."""
    after = db.session.execute(
        update(Program)
        .where(Program.id == program_id)
        .values(next_number=Program.next_number + count)
        .returning(Program.next_number)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    return int(after) - count


def _stamp(item: WorkItem) -> None:
    """Keep the moments of beginning and finishing in step with the status."""
    if item.status != Status.DONE:
        item.done_at = None
    elif item.done_at is None:
        item.done_at = utc_now()
    if item.status in (Status.DOING, Status.DONE) and item.started_at is None:
        item.started_at = utc_now()


def _check_manager(actor: Actor, item: WorkItem, values: Mapping[str, Any]) -> None:
    if (access.access_of(actor, item.program_id) or 0) >= Access.MANAGER:
        return
    if any(name in values and values[name] != getattr(item, name) for name in MANAGER_ONLY):
        raise Forbidden(_l("Only a manager of the program decides what is required."))
    bound = item.required or item.kind == Kind.CONDITION
    if bound and values.get("status") == Status.DROPPED and item.status != Status.DROPPED:
        raise Forbidden(_l("Only a manager of the program may drop what a gate asks for."))
    if item.kind == Kind.CONDITION and "due_on" in values and values["due_on"] != item.due_on:
        raise Forbidden(_l("Only a manager of the program may move the date of a gate's condition."))


def _checked(values: dict[str, Any], before: Mapping[str, Any], around: Surroundings) -> dict[str, Any]:
    """The values, tidied. Raises Invalid with every field that is wrong."""
    wrong: dict[str, Any] = {}
    if "title" in values:
        values["title"] = " ".join(str(values["title"]).split())
        if not values["title"]:
            wrong["title"] = _l("Give it a title.")
        elif len(values["title"]) > MAX_TITLE:
            wrong["title"] = _l("Up to %(most)s letters.", most=MAX_TITLE)
    if len(values.get("description") or "") > MAX_DESCRIPTION:
        wrong["description"] = _l("Up to %(most)s letters.", most=MAX_DESCRIPTION)
    _check_choices(values, wrong)
    _check_status(values, before, wrong)
    _check_dates(values, before, wrong)
    _check_places(values, before, around, wrong)
    if wrong:
        raise Invalid(_l("Something is not right yet."), wrong)
    return values


def _check_choices(values: dict[str, Any], wrong: dict[str, Any]) -> None:
    choices: dict[str, Any] = {"status": Status, "kind": Kind, "priority": Priority}
    for name, choice in choices.items():
        if name not in values:
            continue
        try:
            values[name] = choice(values[name]).value
        except ValueError:
            wrong[name] = _l("Choose one of the list.")
    if values.get("channel") and values["channel"] not in tuple(Channel):
        wrong["channel"] = _l("Choose one of the list.")


def _check_status(values: dict[str, Any], before: Mapping[str, Any], wrong: dict[str, Any]) -> None:
    status = values.get("status", before.get("status"))
    if status not in (Status.BLOCKED, Status.DROPPED):
        if values.get("status_reason") or before.get("status_reason"):
            values["status_reason"] = ""
        return
    if "status" in values and values["status"] != before.get("status"):
        # A reason for 'blocked' does not explain 'dropped'.
        values.setdefault("status_reason", "")
    if "status_reason" not in values:
        return
    values["status_reason"] = str(values["status_reason"]).strip()
    if not values["status_reason"]:
        wrong["status_reason"] = _l("Say what blocks it.") if status == Status.BLOCKED else _l("Say why it is dropped.")
    elif len(values["status_reason"]) > MAX_REASON:
        wrong["status_reason"] = _l("Up to %(most)s letters.", most=MAX_REASON)


def _check_dates(values: dict[str, Any], before: Mapping[str, Any], wrong: dict[str, Any]) -> None:
    for name in ("start_on", "due_on"):
        day = values.get(name)
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            wrong[name] = _l("Give a day between 2000 and 2099.")
    start = values.get("start_on", before.get("start_on"))
    due = values.get("due_on", before.get("due_on"))
    if start and due and start > due and not wrong:
        wrong["due_on" if "due_on" in values else "start_on"] = _l("It is due before it starts.")


def _check_places(
    values: dict[str, Any], before: Mapping[str, Any], around: Surroundings, wrong: dict[str, Any]
) -> None:
    # A value that stays as it was is fine even if it could not be chosen today: the owner may have left since.
    def is_new(name: str) -> bool:
        return values.get(name) is not None and values[name] != before.get(name)

    if is_new("owner_id") and values["owner_id"] not in around.people:
        wrong["owner_id"] = _l("Choose somebody of the program's team.")
    if is_new("phase_id") and values["phase_id"] not in around.phases:
        wrong["phase_id"] = _l("Choose a phase of this program.")
    if is_new("decision_id") and not around.has_decision(values["decision_id"]):
        wrong["decision_id"] = _l("Choose a decision of this program.")
    phase_id = values.get("phase_id", before.get("phase_id"))
    if is_new("block_id") and around.blocks.get(values["block_id"]) != phase_id:
        wrong["block_id"] = _l("Choose a block of the item's phase.")
    elif "phase_id" in values and values["phase_id"] != before.get("phase_id") and "block_id" not in values:
        values["block_id"] = None
