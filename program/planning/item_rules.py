"""What an item may look like, and who may change what of it. Every door of `items.py` asks here before it writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.extensions import db
from program.ground.actor import Access
from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.errors import Forbidden, Invalid
from program.ground.text import clean_line, clean_text
from program.people.models import Membership, Person
from program.planning.models import Gate, GateDecision, Phase, PhaseBlock, WorkItem
from program.planning.models.items import Channel, Kind, Priority, Status

MAX_TITLE, MAX_DESCRIPTION, MAX_REASON, MAX_TAGS, MAX_TAG, MAX_ROLE = 200, 50_000, 500, 20, 40, 40
# Columns that people change; everything else follows from them.
CHANGEABLE = frozenset(
    ("title", "description", "status", "status_reason", "required", "owner_id", "role", "priority", "channel")
    + ("start_on", "due_on", "phase_id", "block_id", "position", "kind")
)
# What a contributor may not change: it decides what a gate asks for.
MANAGER_ONLY = frozenset({"required", "kind"})


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


def clean_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags in lower case, without doubles, in their order. Raises Invalid for too many or too long ones."""
    # A comma divides tags where people type several, so none can hold one.
    clean = tuple(dict.fromkeys(tag for raw in tags if (tag := clean_line(raw.lower().replace(",", " ")))))
    if len(clean) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in clean):
        raise Invalid(_l("Something is not right yet."), {"tags": _l("Up to 20 tags of up to 40 letters each.")})
    return clean


def check_manager(is_manager: bool, item: WorkItem, values: Mapping[str, Any]) -> None:
    """Refuse a contributor what only a manager may change. Raises Forbidden."""
    if is_manager:
        return
    changed = {name for name, value in values.items() if value != getattr(item, name)}
    if changed & MANAGER_ONLY:
        raise Forbidden(_l("Only a manager of the program decides what is required."))
    if not (item.required or item.kind == Kind.CONDITION):
        return
    if "status" in changed and values["status"] == Status.DROPPED:
        raise Forbidden(_l("Only a manager of the program may drop what a gate asks for."))
    if "phase_id" in changed:
        raise Forbidden(_l("Only a manager of the program may move what a gate asks for to another phase."))
    if item.kind == Kind.CONDITION and "due_on" in changed:
        raise Forbidden(_l("Only a manager of the program may move the date of a gate's condition."))


def checked(values: dict[str, Any], before: Mapping[str, Any], around: Surroundings) -> dict[str, Any]:
    """The values, tidied. `before` holds the columns as they are ({} for a new item).

    Raises Invalid with every field that is wrong.
    """
    wrong: dict[str, Any] = {}
    _check_texts(values, wrong)
    _check_choices(values, before, wrong)
    _check_status(values, before, wrong)
    _check_dates(values, before, wrong)
    _check_places(values, before, around, wrong)
    if wrong:
        raise Invalid(_l("Something is not right yet."), wrong)
    return values


def _check_texts(values: dict[str, Any], wrong: dict[str, Any]) -> None:
    if "title" in values:
        values["title"] = clean_line(str(values["title"]))
        if not values["title"]:
            wrong["title"] = _l("Give it a title.")
    for name in ("description", "role", "channel"):
        if name in values:
            values[name] = clean_text(values[name] or "")
    for name, most in (("title", MAX_TITLE), ("description", MAX_DESCRIPTION), ("role", MAX_ROLE)):
        if len(values.get(name) or "") > most:
            wrong[name] = _l("Up to %(most)s letters.", most=most)


def _check_choices(values: dict[str, Any], before: Mapping[str, Any], wrong: dict[str, Any]) -> None:
    choices: dict[str, Any] = {"status": Status, "kind": Kind, "priority": Priority}
    for name, choice in choices.items():
        if name not in values:
            continue
        try:
            values[name] = choice(values[name]).value
        except ValueError:
            wrong[name] = _l("Choose one from the list.")
    if values.get("channel") and values["channel"] not in tuple(Channel):
        wrong["channel"] = _l("Choose one from the list.")
    if "kind" not in wrong and Kind.CONDITION in (values.get("kind"), before.get("kind")):
        # A condition is asked for by a decision of a gate, and stays one: the gate would lose sight of it.
        if before and "kind" in values and values["kind"] != before["kind"]:
            wrong["kind"] = _l("What a gate asked for stays its condition, and nothing else becomes one.")
        elif not before and not values.get("decision_id"):
            wrong["kind"] = _l("Conditions are made by the decision of a gate.")


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
    values["status_reason"] = clean_line(str(values["status_reason"] or ""))
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
    if start and due and start > due and not wrong.keys() & {"start_on", "due_on"}:
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
    block_id = values.get("block_id", before.get("block_id"))
    if block_id is None or (block_id == before.get("block_id") and phase_id == before.get("phase_id")):
        return
    if block_id in around.blocks and around.blocks[block_id] == phase_id:
        return
    if is_new("block_id"):
        wrong["block_id"] = _l("Choose a block of the item's phase.")
    else:
        # The block belongs to the phase that the item leaves.
        values["block_id"] = None
