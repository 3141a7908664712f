"""Job aids and helpdesks: where people look things up after training, and whom they ask, each with a day to look again.

The front line's own page shows them by customer channel. A job aid that is no longer true does harm, so each has a day
by which somebody checks whether it still is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, case, func, select

from program.change.models import JobAid
from program.change.models.training import AidKind
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.database import read
from program.ground.errors import Invalid, NotFound
from program.ground.pages import Pagination
from program.ground.records import record
from program.ground.text import clean_line
from program.people import access
from program.people.models import Person
from program.planning import undo
from program.planning.evidence import checked_url
from program.planning.models.items import Channel

MAX_TITLE, MAX_NOTE, PAGE = 200, 300, 100
COLUMNS = ("kind", "title", "channel", "url", "note", "owner_id", "review_on")
CHANGED_MEANWHILE = _l("Somebody changed this entry while you had it open.")

undo.register("aid", JobAid, needed=Access.CONTRIBUTOR, whole=True)


@record
class Aid:
    """An entry as the list shows it."""

    id: int
    revision: int
    kind: str
    title: str
    channel: str
    url: str
    note: str
    owner: str | None
    review_on: date | None

    def is_stale(self, today: date) -> bool:
        """True when the day to look again is over."""
        return self.review_on is not None and self.review_on < today


@record
class Counts:
    """How many entries there are, how many of them are to be looked at again, and how many helpdesks."""

    total: int
    stale: int
    helpdesks: int


def counts(program_id: int, today: date) -> Counts:
    """One statement; permission is the caller's."""
    return Counts(*read(_counts(), {"program": program_id, "today": today}).one())


def aids(
    program_id: int, today: date, *, kind: str = "", channel: str = "", page: int = 1
) -> tuple[list[Aid], Pagination]:
    """A page of entries, those to be looked at again first, then by title. Two statements.

    Permission is the caller's.
    """
    asked: list[Any] = [JobAid.program_id == program_id]
    if kind:
        asked.append(JobAid.kind == kind)
    if channel:
        asked.append(JobAid.channel.in_(("", channel)))
    total = read(select(func.count()).select_from(JobAid).where(*asked)).scalar() or 0
    stale = case((JobAid.review_on < today, 0), else_=1)
    query = (
        select(
            JobAid.id,
            JobAid.revision,
            JobAid.kind,
            JobAid.title,
            JobAid.channel,
            JobAid.url,
            JobAid.note,
            Person.name,
            JobAid.review_on,
        )
        .outerjoin(Person, Person.id == JobAid.owner_id)
        .where(*asked)
        .order_by(stale, func.lower(JobAid.title), JobAid.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return [Aid(*row) for row in read(query)], Pagination(page, PAGE, total)


def find_aid(actor: Actor, program_id: int, aid_id: int, needed: Access = Access.VIEWER) -> JobAid:
    """One entry of the program. Raises NotFound."""
    access.require(actor, program_id, needed)
    found = db.session.scalars(select(JobAid).where(JobAid.id == aid_id, JobAid.program_id == program_id)).one_or_none()
    if found is None:
        raise NotFound(access.NOT_HERE)
    return found


def add_aid(actor: Actor, program_id: int, values: Mapping[str, Any]) -> JobAid:
    """Add an entry (names of COLUMNS). Raises Invalid naming the fields at fault."""
    access.require(actor, program_id, Access.CONTRIBUTOR)
    defaults = {"kind": AidKind.JOB_AID.value, "title": "", "channel": "", "url": "", "note": ""}
    tidy = _checked({**defaults, "owner_id": None, "review_on": None, **values}, {})
    aid = JobAid(program_id=program_id, **tidy)
    db.session.add(aid)
    db.session.flush()
    _record(actor, "aid.created", aid, audit.created(tidy), None)
    return aid


def change_aid(actor: Actor, aid: JobAid, values: Mapping[str, Any], *, seen: int) -> str:
    """Change an entry; returns the batch that takes it back. Raises Invalid and Conflict."""
    access.require(actor, aid.program_id, Access.CONTRIBUTOR)
    audit.check_revision(aid, seen, CHANGED_MEANWHILE, "aid")
    before = {name: getattr(aid, name) for name in COLUMNS}
    batch = audit.new_batch()
    changes = audit.change(aid, _checked({name: values[name] for name in COLUMNS if name in values}, before))
    db.session.flush()
    if changes:
        _record(actor, "aid.changed", aid, changes, batch)
    return batch


def remove_aid(actor: Actor, aid: JobAid, *, seen: int) -> str:
    """Remove an entry; returns the batch that takes it back."""
    access.require(actor, aid.program_id, Access.CONTRIBUTOR)
    audit.check_revision(aid, seen, CHANGED_MEANWHILE, "aid")
    batch = audit.new_batch()
    _record(actor, "aid.removed", aid, audit.removed({name: getattr(aid, name) for name in COLUMNS}), batch)
    db.session.delete(aid)
    db.session.flush()
    return batch


def _record(actor: Actor, verb: str, aid: JobAid, changes: audit.Changes, batch: str | None) -> None:
    audit.record(actor, verb, object_id=aid.id, name=aid.title, program_id=aid.program_id, changes=changes, batch=batch)


def _checked(values: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    wrong: dict[str, Any] = {}
    for name, most in (("title", MAX_TITLE), ("note", MAX_NOTE)):
        if name in values:
            values[name] = clean_line(str(values[name] or ""))
            if len(values[name]) > most:
                wrong[name] = _l("Up to %(most)s letters.", most=most)
    if "title" in values and not values["title"]:
        wrong["title"] = _l("Give it a title.")
    after = {**before, **values}
    if after["kind"] not in tuple(AidKind):
        wrong["kind"] = _l("Choose one from the list.")
    if after["channel"] and after["channel"] not in tuple(Channel):
        wrong["channel"] = _l("Choose one from the list.")
    if "url" in values:
        values["url"] = (values["url"] or "").strip()
        _check_url(values["url"], after, wrong)
    day = values.get("review_on")
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        wrong["review_on"] = _l("Give a day between 2000 and 2099.")
    if wrong:
        raise Invalid(_l("Something is not right yet."), wrong)
    return values


def _check_url(url: str, after: Mapping[str, Any], wrong: dict[str, Any]) -> None:
    if url:
        try:
            checked_url(url)
        except Invalid as error:
            wrong["url"] = error.fields["url"]
    elif after["kind"] != AidKind.HELPDESK:
        wrong["url"] = _l("Give the address where it can be read.")
    elif not after["note"]:
        wrong["note"] = _l("A helpdesk without an address needs its telephone number or place here.")


@cache
def _counts() -> Any:
    def count(condition: Any) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    return select(
        func.count(),
        count(JobAid.review_on < bindparam("today", type_=JobAid.review_on.type)),
        count(JobAid.kind == AidKind.HELPDESK),
    ).where(JobAid.program_id == bindparam("program"))
