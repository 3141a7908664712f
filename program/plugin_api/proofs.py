"""Evidence on items, for plugins that show it elsewhere: what is new there, and what was taken off here."""

from __future__ import annotations

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from program.ground.database import read
from program.planning.models import EvidenceLink, WorkItem
from program.plugin_api.contract import Connection, Evidence, Link
from program.plugin_api.links import COLUMNS, link_of
from program.plugin_api.models import ExternalLink
from program.plugin_api.units import program_of, reading

OBJECT = "evidence"


def new_evidence(connection: Connection, *, after: int = 0, limit: int = 100) -> tuple[Evidence, ...]:
    """Evidence without an 'evidence' link, on items with a counterpart, by id from the one after `after`."""
    of_item = aliased(ExternalLink)
    own = and_(
        ExternalLink.connection_id == connection.id,
        ExternalLink.object_type == OBJECT,
        ExternalLink.object_id == EvidenceLink.id,
    )
    home = and_(
        of_item.connection_id == connection.id,
        of_item.object_type == "item",
        of_item.object_id == EvidenceLink.item_id,
        of_item.external_id.is_not(None),
    )
    statement = (
        select(EvidenceLink.id, EvidenceLink.item_id, EvidenceLink.url, EvidenceLink.label)
        .join(WorkItem, WorkItem.id == EvidenceLink.item_id)
        .join(of_item, home)
        .outerjoin(ExternalLink, own)
        .where(WorkItem.program_id == program_of(connection).id, EvidenceLink.id > after, ExternalLink.id.is_(None))
        .order_by(EvidenceLink.id)
        .limit(limit)
    )
    with reading():
        return tuple(Evidence(*row) for row in read(statement))


def gone_evidence(connection: Connection, *, limit: int = 100) -> tuple[Link, ...]:
    """The 'evidence' links whose evidence was taken off its item."""
    statement = (
        select(*COLUMNS)
        .outerjoin(EvidenceLink, EvidenceLink.id == ExternalLink.object_id)
        .where(ExternalLink.connection_id == connection.id, ExternalLink.object_type == OBJECT)
        .where(EvidenceLink.id.is_(None))
        .order_by(ExternalLink.object_id)
        .limit(limit)
    )
    with reading():
        return tuple(link_of(row) for row in read(statement))
