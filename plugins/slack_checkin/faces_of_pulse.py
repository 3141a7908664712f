"""How the pulse's messages look: the questions with their buttons, in the first message and in a reminder alike."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.slack_checkin import pulse
from plugins.slack_checkin.blocks import Block
from program.plugin_api import core
from program.plugin_api.contract import OutgoingMessage, Part, Person

KINDS = ("pulse.asked", "pulse.reminded")


def draw(message: OutgoingMessage, part: Part) -> Sequence[Block] | None:
    """The questions as they stand for the reader; None for a message to no person, or of an older version."""
    reader, check_in_id = message.recipient, int(part.data.get("round") or 0)
    if reader is None or not check_in_id:
        return None
    person = Person(reader.id, reader.name, reader.email, reader.locale, reader.timezone)
    check_in = core.check_in(person, check_in_id)
    with core.speaking_to(person):
        return pulse.draw(check_in)
