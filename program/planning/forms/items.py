"""The form of one item, for adding and for editing, and what it offers to choose from.

The verb judges what was chosen (`item_rules.py`); the form only reads it, so that the reason stands in one place.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from wtforms import BooleanField, DateField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from program.extensions import db
from program.ground import formats
from program.ground.actor import Access
from program.ground.text import clean_line, clean_text
from program.people.models import Membership, Person
from program.planning.item_rules import MAX_DESCRIPTION, MAX_REASON, MAX_TITLE
from program.planning.item_words import CHANNEL_WORDS, KIND_WORDS, PRIORITY_WORDS, STATUS_WORDS, role_words_of
from program.planning.models import ItemTag, Phase, PhaseBlock
from program.planning.models.items import Kind, Priority, Status

# In the order of the page.
FIELDS = (
    *("title", "description", "owner_id", "due_on", "start_on", "phase_id", "block_id", "status", "status_reason"),
    *("required", "kind", "priority", "role", "channel", "tags"),
)
FOR_MANAGERS = ("required", "kind")
MAX_SUGGESTED_TAGS = 100


def _id(raw: Any) -> int | None:
    """A chosen id; None for nothing chosen; what cannot be one becomes an id that nobody has."""
    text = "" if raw is None else str(raw)
    if text in ("", "None"):
        return None
    return int(text) if text.isdecimal() and len(text) <= 9 else -1


class DayField(DateField):
    """A day; what cannot be one is said in words that help."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day; an impossible one, such as 30 February, is an error of this field."""
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            self.data = date.fromisoformat(valuelist[0].strip()[:10])
        except ValueError:
            self.data = None
            raise ValueError(_("There is no such day. Write it as 2026-03-12.")) from None
        if len(valuelist[0].strip()) > 10:
            self.data = None
            raise ValueError(_("There is no such day. Write it as 2026-03-12."))


class ItemForm(FlaskForm):
    """All that people change of an item. The verb checks the values."""

    title = StringField(_l("Title"), [InputRequired(_l("Give it a title."))], render_kw={"maxlength": MAX_TITLE})
    description = TextAreaField(_l("Description"), render_kw={"maxlength": MAX_DESCRIPTION})
    owner_id = SelectField(_l("Owner"), coerce=_id, validate_choice=False)
    due_on = DayField(_l("Due"))
    start_on = DayField(_l("Start"))
    phase_id = SelectField(_l("Phase"), coerce=_id, validate_choice=False)
    block_id = SelectField(_l("Block of the phase"), coerce=_id, validate_choice=False)
    status = SelectField(_l("Status"), choices=lambda: list(STATUS_WORDS.items()), validate_choice=False)
    status_reason = StringField(
        _l("Reason"),
        description=_l("Needed when it is blocked or dropped."),
        render_kw={"maxlength": MAX_REASON},
    )
    required = BooleanField(_l("Required"), description=_l("The gate of its phase asks for it."))
    kind = SelectField(_l("Kind"), validate_choice=False)
    priority = SelectField(
        _l("Priority"), choices=lambda: list(PRIORITY_WORDS.items()), coerce=_id, validate_choice=False
    )
    role = SelectField(_l("Role that usually owns it"), validate_choice=False)
    channel = SelectField(_l("Customer channel"), validate_choice=False)
    tags = StringField(_l("Tags"), description=_l("Words to sort by, with commas between them."))
    # Where the edit began: the item's revision, and a fingerprint of each field to tell who changed what since.
    revision = IntegerField(widget=HiddenInput())
    base = HiddenField()

    def offer(self, program_id: int, *, is_manager: bool, kind: str, owner: tuple[int, str] | None = None) -> None:
        """Fill the lists to choose from. `owner` is the present one, who may have left the team since."""
        people = team(program_id)
        if owner is not None and owner[0] not in people:
            people = {owner[0]: _("%(name)s (no longer in the team)", name=owner[1]), **people}
        phases = {
            row.id: row.name
            for row in db.session.execute(
                select(Phase.id, Phase.name).where(Phase.program_id == program_id).order_by(Phase.position, Phase.id)
            )
        }
        blocks: dict[str, list[tuple[Any, Any]]] = {}
        for row in db.session.execute(
            select(PhaseBlock.id, PhaseBlock.name, PhaseBlock.phase_id)
            .join(Phase, Phase.id == PhaseBlock.phase_id)
            .where(PhaseBlock.program_id == program_id)
            .order_by(Phase.position, Phase.id, PhaseBlock.position)
        ):
            blocks.setdefault(phases[row.phase_id], []).append((row.id, row.name))
        nothing = ("", "—")
        self.owner_id.choices = [("", _("Nobody yet")), *people.items()]
        self.phase_id.choices = [("", _("Outside the phases")), *phases.items()]
        self.block_id.choices = {"": [nothing], **blocks}
        self.role.choices = [nothing, *sorted(role_words_of(program_id).items(), key=lambda role: role[1])]
        self.channel.choices = [nothing, *CHANNEL_WORDS.items()]
        of_gate = Kind.CONDITION.value
        self.kind.choices = [(key, word) for key, word in KIND_WORDS.items() if (key == of_gate) == (kind == of_gate)]
        if not blocks:
            del self.block_id
        if not is_manager:
            for name in FOR_MANAGERS:
                delattr(self, name)

    def values(self) -> dict[str, Any]:
        """What was chosen, by column; `tags` as a list. Fields that the reader may not change are not in it."""
        found = {name: self[name].data for name in FIELDS if name in self}
        # As they would be kept, so that two versions can be compared.
        found["title"] = clean_line(found["title"] or "")
        found["description"] = clean_text(found["description"] or "")
        found["tags"] = sorted({clean_line(tag.lower()) for tag in split_tags(found["tags"] or "")})
        if found.get("status") not in (Status.BLOCKED, Status.DROPPED):
            found["status_reason"] = ""
        return found


def empty_draft() -> dict[str, Any]:
    """What the form of a new item begins with."""
    return {"kind": Kind.TASK.value, "status": Status.TODO.value, "priority": Priority.NORMAL.value}


def team(program_id: int) -> dict[int, str]:
    """Names of those who can own an item, by id, in order of the name."""
    rows = db.session.execute(
        select(Person.id, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.program_id == program_id,
            Membership.access >= Access.CONTRIBUTOR.value,
            Person.is_active.is_(True),
        )
        .order_by(Person.name_folded, Person.id)
    )
    return {row.id: row.name for row in rows}


def suggested_tags(program_id: int) -> list[str]:
    """Tags that the program uses, the most used first."""
    return list(
        db.session.scalars(
            select(ItemTag.tag)
            .where(ItemTag.program_id == program_id)
            .group_by(ItemTag.tag)
            .order_by(func.count().desc(), ItemTag.tag)
            .limit(MAX_SUGGESTED_TAGS)
        )
    )


def split_tags(text: str) -> list[str]:
    """Tags as they were typed, with commas between them."""
    return [tag for tag in (part.strip() for part in text.split(",")) if tag]


def fingerprints(values: Mapping[str, Any]) -> str:
    """A short mark of each value, as text for a hidden field. It tells what differs; it is no secret and no proof."""
    return json.dumps({name: _mark(value) for name, value in values.items()}, sort_keys=True)


def touched(base: str, values: Mapping[str, Any]) -> set[str]:
    """Names of the values that differ from those whose fingerprints these are; unreadable ones differ in all."""
    try:
        marks = json.loads(base)
    except ValueError:
        marks = {}
    if not isinstance(marks, dict):
        marks = {}
    return {name for name, value in values.items() if marks.get(name) != _mark(value)}


def _mark(value: Any) -> int:
    if isinstance(value, list | tuple | set):
        value = sorted(value)
    return zlib.crc32(repr("" if value is None else value).encode("utf-8", "surrogatepass"))


def shown(form: ItemForm, name: str, value: Any) -> str:
    """A value of the form in words, to set it beside another one."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (None, "", []):
        return "—"
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, date):
        return formats.day(value)
    for choice in _choices(form[name]):
        if choice[0] == value:
            return str(choice[1])
    return str(value)


def _choices(field: Any) -> Iterable[tuple[Any, Any]]:
    choices = getattr(field, "choices", None) or ()
    if isinstance(choices, Mapping):
        return [choice for group in choices.values() for choice in group]
    return list(choices)
