"""Evidence links: where the proof of an item can be seen. A link opens elsewhere, so only plain web addresses pass."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Invalid, NotFound
from program.ground.text import clean_line
from program.people import access
from program.planning.models import EvidenceLink, WorkItem

MAX_URL, MAX_LABEL, MAX_LINKS = 2000, 200, 100
# White space and invisible letters have no place in an address; browsers drop some of them and read another address.
_FORBIDDEN = re.compile('[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\\\\"<>^`{|}]')


def add_evidence(actor: Actor, item: WorkItem, url: str, label: str = "") -> EvidenceLink:
    """Hang a link on the item. Without a label the address's host and path speak for it. Raises Invalid."""
    access.require(actor, item.program_id, Access.CONTRIBUTOR)
    wrong: dict[str, object] = {}
    url, label = url.strip(), clean_line(label)
    try:
        shown = checked_url(url)
    except Invalid as error:
        wrong, shown = dict(error.fields), ""
    if len(label) > MAX_LABEL:
        wrong["label"] = _l("Up to %(most)s letters.", most=MAX_LABEL)
    if wrong:
        raise Invalid(_l("Something is not right yet."), wrong)
    count = select(func.count()).select_from(EvidenceLink).where(EvidenceLink.item_id == item.id)
    if (db.session.scalar(count) or 0) >= MAX_LINKS:
        sentence = _l("An item can hold up to %(most)s links.", most=MAX_LINKS)
        raise Invalid(sentence, {"url": sentence})
    link = EvidenceLink(item_id=item.id, url=url, label=label or shown[:MAX_LABEL], added_by_id=actor.person_id)
    db.session.add(link)
    db.session.flush()
    _record(actor, "item.evidence_added", item, audit.created({"evidence": link.label, "url": link.url}))
    return link


def remove_evidence(actor: Actor, item: WorkItem, link_id: int) -> None:
    """Take a link off the item; the trail keeps its address. Raises NotFound for a link of another item."""
    access.require(actor, item.program_id, Access.CONTRIBUTOR)
    link = db.session.scalars(
        select(EvidenceLink).where(EvidenceLink.id == link_id, EvidenceLink.item_id == item.id)
    ).one_or_none()
    if link is None:
        raise NotFound(access.NOT_HERE)
    db.session.delete(link)
    db.session.flush()
    _record(actor, "item.evidence_removed", item, audit.removed({"evidence": link.label, "url": link.url}))


def checked_url(url: str) -> str:
    """The address as it may be shown in place of a label. Raises Invalid for one that must not be linked to.

    For every address that people type and pages link to.
    """
    if not url:
        raise _refusal(_l("Give the address of the evidence."))
    if len(url) > MAX_URL:
        raise _refusal(_l("Up to %(most)s letters.", most=MAX_URL))
    if _FORBIDDEN.search(url):
        raise _refusal(_l("An address holds no spaces or invisible letters. Copy it again from the browser."))
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise _refusal(_l("This is not a web address.")) from None
    if parts.scheme.lower() not in ("http", "https") or not host:
        raise _refusal(_l("Give a web address that begins with https:// or http://."))
    if "@" in parts.netloc:
        raise _refusal(_l("Leave the name and password out of the address."))
    return host + parts.path.rstrip("/")


def _record(actor: Actor, verb: str, item: WorkItem, changes: audit.Changes) -> None:
    audit.record(actor, verb, object_id=item.id, name=item.title, program_id=item.program_id, changes=changes)


def _refusal(sentence: object) -> Invalid:
    return Invalid(sentence, {"url": sentence})
