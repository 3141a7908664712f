"""How the messages look that ask for figures: the first one, the reminder, and the one that tells of silence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin import entering, figures
from plugins.slack_checkin.blocks import Block
from program.plugin_api import core
from program.plugin_api.contract import OutgoingMessage, Part, Person

SILENT = "kpis.silent"
KINDS = ("kpis.asked", "kpis.reminded", SILENT)


def draw(message: OutgoingMessage, part: Part) -> Sequence[Block] | None:
    """What is asked for as it stands for the reader; None for a message to no person, or of an older version."""
    reader, review_id = message.recipient, int(part.data.get("review") or 0)
    if reader is None or not review_id:
        return None
    person = Person(reader.id, reader.name, reader.email, reader.locale, reader.timezone)
    asked = figures.asked_of(review_id, [int(one["kpi_id"]) for one in part.data.get("owed") or ()])
    kpis = entering.kpis_of(person, asked)
    if not kpis:
        return None
    with core.speaking_to(person):
        heading = f"*{b.escaped(b.cut(part.subject, 300))}*"
        if part.kind == SILENT:
            # Whose figures they are is said by the text, so KPIs are not listed again.
            told = [b.section(f"{heading}\n{b.escaped(part.text)}", figures.told_id(review_id))]
            return [*told, *figures.draw(asked, kpis, listed=False)]
        meets = core.moment_in_words(datetime.fromisoformat(str(part.data["meets_at"])))
        line = _("The review is on %(when)s.", when=meets)
        return [b.section(f"{heading}\n{b.escaped(line)}", f"figures:{review_id}:head"), *figures.draw(asked, kpis)]
