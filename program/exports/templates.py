"""The company's template of a program: chosen by a manager, used by all slides from then on."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.exports.company_template import Looked
from program.exports.deck import Company
from program.exports.models import SlideTemplate
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Conflict, Invalid
from program.ground.now import utc_now
from program.ground.text import clean_line
from program.people import access
from program.planning.history_words import TITLES

CHANGED_MEANWHILE = _l("Somebody changed the template while you had this page open.")
MAX_NAME = 200
TITLES.update(
    {
        "template.chosen": _l("Template for slides “%(name)s” chosen"),
        "template.changed": _l("Layouts of the template “%(name)s” changed"),
        "template.removed": _l("Template for slides “%(name)s” removed"),
    }
)


def template_of(program_id: int) -> SlideTemplate | None:
    """The program's template, without its content; None where our own is used. Permission is the caller's."""
    return db.session.scalars(select(SlideTemplate).where(SlideTemplate.program_id == program_id)).one_or_none()


def company_of(program_id: int) -> Company | None:
    """The template as slides are made on it. One statement; permission is the caller's."""
    query = select(SlideTemplate.content, SlideTemplate.title_layout, SlideTemplate.page_layout)
    row = db.session.execute(query.where(SlideTemplate.program_id == program_id)).one_or_none()
    return Company(*row) if row else None


def choose(actor: Actor, program_id: int, file_name: str, looked: Looked, *, seen: int) -> SlideTemplate:
    """Use that template from now on; `seen` is the revision of the one before, 0 for none. Raises Conflict."""
    access.require(actor, program_id, Access.MANAGER)
    present = _held(program_id)
    if (present.revision if present else 0) != seen:
        raise Conflict(CHANGED_MEANWHILE)
    template = present or SlideTemplate(program_id=program_id)
    template.file_name = clean_line(file_name)[:MAX_NAME] or "template.pptx"
    template.content, template.size = looked.content, len(looked.content)
    template.layouts = [[one.name, one.has_title] for one in looked.layouts]
    template.title_layout, template.page_layout = looked.title_layout, looked.page_layout
    template.uploaded_at, template.uploaded_by_id = utc_now(), actor.person_id
    db.session.add(template)
    db.session.flush()
    _record(actor, "template.chosen", template, audit.created({"size": template.size}))
    return template


def set_layouts(actor: Actor, program_id: int, title_layout: int, page_layout: int, *, seen: int) -> None:
    """Say which layouts titles and pages use. Raises Conflict, Invalid."""
    access.require(actor, program_id, Access.MANAGER)
    template = _held(program_id)
    if template is None or template.revision != seen:
        raise Conflict(CHANGED_MEANWHILE)
    for number in (title_layout, page_layout):
        if not 0 <= number < len(template.layouts) or not template.layouts[number][1]:
            raise Invalid(_l("Choose one from the list."))
    changes = audit.change(template, {"title_layout": title_layout, "page_layout": page_layout})
    if changes:
        db.session.flush()
        _record(actor, "template.changed", template, changes)


def remove(actor: Actor, program_id: int, *, seen: int) -> None:
    """Use our own from now on. Raises Conflict."""
    access.require(actor, program_id, Access.MANAGER)
    template = _held(program_id)
    if template is None:
        return
    if template.revision != seen:
        raise Conflict(CHANGED_MEANWHILE)
    _record(actor, "template.removed", template, audit.removed({"size": template.size}))
    db.session.delete(template)
    db.session.flush()


def _held(program_id: int) -> SlideTemplate | None:
    query: Any = select(SlideTemplate).where(SlideTemplate.program_id == program_id).with_for_update()
    found: SlideTemplate | None = db.session.scalars(query).one_or_none()
    return found


def _record(actor: Actor, verb: str, template: SlideTemplate, changes: audit.Changes) -> None:
    name, program_id = template.file_name, template.program_id
    audit.record(actor, verb, object_id=template.id, name=name, program_id=program_id, changes=changes)
