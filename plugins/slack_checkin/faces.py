"""How a message looks in Slack: a short text, and one button with words for the one thing it asks.

Each kind of message may have a face of its own (`face`); every other gets the plain one: what it says, then a button
that opens the page it is about. A message that gathers several (a morning's) has them one below the other, and what is
more than Slack takes as a list of links. Beside the blocks there is always a text, for notifications and for screen
readers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin.blocks import Block
from program.plugin_api.contract import Fate, OutgoingMessage, Part

Face = Callable[[OutgoingMessage, Part], "Sequence[Block] | None"]
_log = logging.getLogger("milepost.slack")
# What the ids of buttons begin with that only open a page. Slack tells of each tap all the same.
OPEN = "open"
# Slack takes 50 blocks and some 13,000 characters in one message; the last blocks are for what is listed.
MOST_BLOCKS, MOST_CHARACTERS = b.MESSAGE_BLOCKS - 6, 8_000
# A link's address may take a third of this.
_SECTION, MOST_SECTIONS = 1_900, 2
_faces: dict[str, Face] = {}


def face(*kinds: str) -> Callable[[Face], Face]:
    """Mark the function that draws messages of those kinds.

    It is called with the reader's language switched on, and gives blocks, or None for the plain face. Ids of its blocks
    and buttons must not meet those of another part: let them hold what the part is about.
    """

    def keep(function: Face) -> Face:
        _faces.update(dict.fromkeys(kinds, function))
        return function

    return keep


def draw(message: OutgoingMessage) -> tuple[str, list[Block]]:
    """The text and the blocks of a message; the reader's language is switched on."""
    alone = len(message.parts) == 1
    blocks: list[Block] = [] if alone else [b.header(message.subject, "subject")]
    characters, listed = 0, list[Part]()
    for number, part in enumerate(message.parts):
        drawn = _drawn(message, part, number, alone)
        size = characters + _characters(drawn)
        if listed or len(blocks) + len(drawn) + 1 > MOST_BLOCKS or (blocks[1:] and size > MOST_CHARACTERS):
            listed.append(part)
            continue
        characters = size
        blocks += [b.divider(f"line:{number}"), *drawn] if number else drawn
    blocks += _listed(listed)
    if message.preferences_url:
        words = _("Choose what reaches you, and how")
        blocks.append(b.context(f"<{b.escaped(message.preferences_url)}|{b.escaped(words)}>", "preferences"))
    return read_aloud(message), blocks


def read_aloud(message: OutgoingMessage) -> str:
    """The message as text, for notifications and screen readers: its subject first, as phones show only that."""
    return b.cut(b.escaped(f"{message.subject}\n{message.text}".strip()), b.MESSAGE_TEXT - 1_000)


def plain_face(part: Part, number: int) -> list[Block]:
    """What every kind looks like that has no face of its own."""
    subject = f"*{b.escaped(b.cut(part.subject, 300))}*"
    drawn = [b.section(f"{subject}\n{b.escaped(part.text)}" if part.text else subject, f"part:{number}")]
    if part.url:
        # The subject is what tells one 'Open the item' from the next for those who hear them.
        opening = b.button(part.action, f"{OPEN}:{number}", said=f"{part.action}: {part.subject}", url=part.url)
        drawn.append(b.actions([opening], f"do:{number}"))
    return drawn


def _drawn(message: OutgoingMessage, part: Part, number: int, alone: bool) -> list[Block]:
    own = _faces.get(part.kind)
    if own is not None:
        try:
            drawn = own(message, part)
        except Fate:
            raise
        except Exception:  # noqa: BLE001 - the message must not be lost for its looks
            # The plain one says the same.
            _log.exception("a face could not be drawn", extra={"fields": {"kind": part.kind}})
        else:
            if drawn:
                return list(drawn)
    return plain_face(part, number)


def _characters(blocks: Sequence[Block]) -> int:
    found = 0
    for block in blocks:
        found += sum(b.size(str(value)) for value in _texts(block))
    return found


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for name, one in value.items() if name != "url" for text in _texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    return [value] if isinstance(value, str) else []


def _listed(parts: Sequence[Part]) -> list[Block]:
    """What did not fit, a line each: what it is, and a link to it."""
    if not parts:
        return []
    lines = [f"• <{b.escaped(part.url)}|{_one_line(part)}>" if part.url else f"• {_one_line(part)}" for part in parts]
    sections: list[list[str]] = [[]]
    for line in lines:
        if sum(len(one) + 1 for one in [*sections[-1], line]) > _SECTION:
            sections.append([])
        sections[-1].append(line)
    shown = sections[:MOST_SECTIONS]
    blocks = [b.divider("line:more"), *(b.section("\n".join(one), f"more:{n}") for n, one in enumerate(shown))]
    if left := len(lines) - sum(len(one) for one in shown):
        words = ngettext("… and %(num)s more in Milepost.", "… and %(num)s more in Milepost.", left)
        blocks.append(b.context(words, "more:left"))
    return blocks


def _one_line(part: Part) -> str:
    # A bar or a bracket would end the link early.
    return b.escaped(b.cut(" ".join(part.subject.split()), 120)).replace("|", "/")
