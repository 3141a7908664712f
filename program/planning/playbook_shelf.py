"""All playbooks a program can be made from: the built-in ones, and those that people uploaded or saved.

Built-in playbooks are files that come with the product and cannot be removed; the others are kept as the YAML text that
the strict loader accepted (`program/playbooks/loader.py`), and parsed again when they are used.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, Select, exists, select
from sqlalchemy.exc import IntegrityError

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Forbidden, Invalid, NotFound
from program.ground.records import record
from program.people import access
from program.people.models import Membership, Person
from program.playbooks import loader, writer
from program.playbooks.model import Playbook
from program.playbooks.models import StoredPlaybook
from program.playbooks.problems import PlaybookError, Problem

MAX_STORED = 500


@record
class Shelved:
    """A playbook with where it comes from; `stored_id` is None for a built-in one."""

    playbook: Playbook
    stored_id: int | None = None
    added_by: str | None = None
    added_by_id: int | None = None

    @property
    def is_builtin(self) -> bool:
        """True for the playbooks that come with the product."""
        return self.stored_id is None


def shelf() -> list[Shelved]:
    """All playbooks: the built-in ones first, then the others by name. One statement."""
    rows = db.session.execute(_stored().order_by(StoredPlaybook.key).limit(MAX_STORED)).all()
    return [Shelved(playbook) for playbook in loader.catalogue()] + [_shelved(row) for row in rows]


def find(key: str) -> Shelved | None:
    """The playbook with that key, or None."""
    if key in loader.BUILTIN_KEYS:
        return Shelved(loader.builtin(key))
    row = db.session.execute(_stored().where(StoredPlaybook.key == key)).first()
    return _shelved(row) if row else None


def get(key: str) -> Shelved:
    """The playbook with that key. Raises NotFound."""
    found = find(key)
    if found is None:
        raise NotFound(access.NOT_HERE)
    return found


def may_add(actor: Actor) -> bool:
    """True for administrators and for whoever manages a program: they know what a good plan looks like."""
    if actor.person_id is None or actor.is_admin:
        return True
    manages = exists().where(Membership.person_id == actor.person_id, Membership.access >= Access.MANAGER)
    return bool(db.session.scalar(select(manages)))


def may_remove(actor: Actor, shelved: Shelved) -> bool:
    """True for administrators, and for the one who added it."""
    if shelved.is_builtin:
        return False
    return actor.person_id is None or actor.is_admin or actor.person_id == shelved.added_by_id


def upload(actor: Actor, source: bytes, file_name: str) -> Shelved:
    """Take over a YAML file. Raises Invalid whose rows are the loader's problems; nothing is kept then."""
    _require_may_add(actor)
    try:
        playbook = loader.parse(source, file_name)
    except PlaybookError as error:
        raise Invalid(_("The file is not a playbook yet."), rows=error.problems) from error
    return _store(actor, playbook, source.decode("utf-8-sig"))


def add(actor: Actor, playbook: Playbook) -> Shelved:
    """Keep a playbook put together here. Raises Invalid when it breaks a rule of the format or its key is taken."""
    _require_may_add(actor)
    try:
        source = writer.dump(playbook)
    except PlaybookError as error:
        raise Invalid(_("It cannot be kept as a playbook."), rows=error.problems) from error
    return _store(actor, playbook, source)


def remove(actor: Actor, key: str) -> None:
    """Take a stored playbook off the shelf; programs made from it stay as they are."""
    shelved = get(key)
    if not may_remove(actor, shelved):
        raise Forbidden(_l("Only the one who added it, or an administrator, may remove a playbook."))
    row = db.session.get_one(StoredPlaybook, shelved.stored_id)
    audit.record(
        actor, "playbook.removed", object_id=row.id, name=key, changes=audit.removed({"key": key, "source": row.source})
    )
    db.session.delete(row)
    db.session.flush()


def source_of(key: str) -> str:
    """The playbook as YAML text, to download. Raises NotFound."""
    if key in loader.BUILTIN_KEYS:
        return (loader.FOLDER / f"{key}.yaml").read_text(encoding="utf-8")
    source = db.session.scalar(select(StoredPlaybook.source).where(StoredPlaybook.key == key))
    if source is None:
        raise NotFound(access.NOT_HERE)
    return source


def told(problems: Iterable[Problem]) -> list[str]:
    """The loader's problems as sentences in the reader's language, each with its line."""
    return [_("Line %(line)s: %(reason)s", line=problem.line, reason=problem.text(_)) for problem in problems]


def _require_may_add(actor: Actor) -> None:
    if not may_add(actor):
        raise Forbidden(_l("This takes a manager of a program."))


def _store(actor: Actor, playbook: Playbook, source: str) -> Shelved:
    taken = Invalid(_l("Something is not right yet."), {"key": _l("There is a playbook with this key already.")})
    if find(playbook.key) is not None:
        raise taken
    row = StoredPlaybook(key=playbook.key, source=source, created_by_id=actor.person_id)
    try:
        # A savepoint: when somebody else is first in the same moment, only this row is taken back.
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        raise taken from error
    audit.record(actor, "playbook.created", object_id=row.id, name=playbook.key, changes={"key": [None, row.key]})
    return Shelved(playbook, row.id, added_by_id=actor.person_id)


def _stored() -> Select[Any, Any, Any, Any]:
    return select(
        StoredPlaybook.id,
        StoredPlaybook.source,
        StoredPlaybook.created_by_id,
        Person.name,
    ).outerjoin(Person, Person.id == StoredPlaybook.created_by_id)


def _shelved(row: Row[Any, Any, Any, Any]) -> Shelved:
    return Shelved(_parsed(row.source), row.id, row.name, row.created_by_id)


@lru_cache(maxsize=64)
def _parsed(source: str) -> Playbook:
    return loader.parse(source, "playbook.yaml")
