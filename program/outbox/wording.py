"""Messages in words: what a row's data says in its reader's language, and the whole of what is handed over."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext

from program.ground.formats import reading_as
from program.outbox import kinds
from program.outbox.kinds import File, Words
from program.outbox.transports import OutgoingMessage, Part, Recipient

_log = logging.getLogger("milepost.outbox")
# Where people choose how they are reached.
PREFERENCES_PATH = "/messages/preferences"
MAX_SUBJECT, MAX_TEXT = 200, 3_000


def words(kind_name: str, data: Mapping[str, Any]) -> Words:
    """What that data says in the present reader's language. A kind that is unknown, or fails, says so and no more.

    A message must not be lost, and a page must not break, because the room or plugin that knew its kind is gone.
    """
    kind = kinds.find(kind_name)
    if kind is not None:
        try:
            said = kind.words(data)
        except Exception:  # noqa: BLE001 - the message must not be lost for it
            _log.exception("a kind of message could not be put into words", extra={"fields": {"kind": kind_name}})
        else:
            return Words(said.subject[:MAX_SUBJECT], said.text[:MAX_TEXT], said.action)
    return Words(_("There is something new in Milepost"), "", _("Open Milepost"))


def outgoing(rows: Sequence[Any], recipient: Recipient | None, *, locale: str = "", zone: str = "") -> OutgoingMessage:
    """The message that those rows make together, the first of them carrying the others.

    Rows have the columns of `Message`. `locale` and `zone` are for a channel, which has no reader of its own.
    """
    carrier = rows[0]
    settings = current_app.config["MILEPOST"]
    base = settings.base_url.rstrip("/")
    locale = recipient.locale if recipient else locale or settings.locale
    with reading_as(locale, recipient.timezone if recipient else zone or settings.timezone):
        parts = tuple(_part(row, base) for row in rows)
        subject = parts[0].subject
        if len(parts) > 1:
            subject = ngettext("%(num)s thing for you", "%(num)s things for you", len(parts))
    return OutgoingMessage(
        id=carrier.id,
        key=carrier.key,
        recipient=recipient,
        channel=carrier.channel.partition(":")[2],
        program_id=carrier.program_id,
        subject=subject,
        parts=parts,
        locale=locale,
        attempt=carrier.attempts + 1,
        created_at=carrier.created_at,
        preferences_url=base + PREFERENCES_PATH if recipient else "",
    )


def _part(row: Any, base: str) -> Part:
    said = words(row.kind, row.data)
    url = base + row.path if row.path else ""
    action = (said.action or _("Open Milepost")) if url else ""
    return Part(row.kind, row.data, said.subject, said.text, action, url, _files(row.kind, row.data))


def _files(kind_name: str, data: Mapping[str, Any]) -> tuple[File, ...]:
    kind = kinds.find(kind_name)
    if kind is None or kind.files is None:
        return ()
    try:
        return kind.files(data)
    except Exception:  # noqa: BLE001 - a message without its file is better than none
        _log.exception("the files of a message could not be made", extra={"fields": {"kind": kind_name}})
        return ()
