"""What plugins show on the progress page, read from what the host of plugins keeps of them: see `add_part`.

The rows come from above this room; here they become a part of the page. No plugin is asked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from program.people.session import LOCALES
from program.steering.progress_parts import PanelPart

# The part's name, and its columns: `s` the plugin, `b` 1 while it is switched on, `u` '' or that it failed, `text` its
# content as `plugin_host/panels.py` keeps it, `at` when it answered.
PANEL = "panel"


def panels_from(rows: Sequence[Any], locale: str) -> tuple[PanelPart, ...]:
    """The panels by their plugins' names. A failing plugin keeps the place of what it said before."""
    found: list[PanelPart] = []
    for row in sorted(rows, key=lambda one: one.s):
        kept = json.loads(row.text) if row.text else {}
        content = kept.get(locale) or kept.get(LOCALES[0]) or {}
        trouble = "off" if not row.b else "failing" if row.u else ""
        name, boxes = content.get("name", row.s), content.get("panels", ())
        found += [_panel(name, trouble, row.at, one) for one in boxes]
        if not boxes and trouble == "failing":
            found.append(PanelPart(name, trouble, row.at))
    return tuple(found)


def _panel(name: str, trouble: str, as_of: Any, kept: Any) -> PanelPart:
    facts = tuple((str(term), str(value)) for term, value in kept["facts"])
    return PanelPart(name, trouble, as_of, kept["title"], kept["text"], facts, kept["link_url"], kept["link_text"])
