"""Before and after: where a theme stood when people said something, and where it stands since something was done.

Both figures come from `results.py`, so what is held back there is not here either. That a score moved does not say why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from program.ground.now import zone
from program.ground.records import record
from program.pulse.replies import ReplyLine
from program.pulse.results import ThemeLine, ThemePoint


@record
class BeforeAndAfter:
    """The last point before it was written down, and the newest one after; `after` is None until there is one."""

    before: ThemePoint
    after: ThemePoint | None


def of_replies(
    replies: Sequence[ReplyLine], themes: Sequence[ThemeLine], timezone: str
) -> Mapping[int, BeforeAndAfter]:
    """For each reply by its id, where its theme was asked about before. Days are those of the program's zone."""
    by_theme = {line.theme: line.points for line in themes}
    found = {}
    for reply in replies:
        day = reply.created_at.astimezone(zone(timezone)).date()
        points = by_theme.get(reply.theme, ())
        before = [point for point in points if point.meant_for <= day]
        after = [point for point in points if point.meant_for > day]
        if before:
            found[reply.id] = BeforeAndAfter(before[-1], after[-1] if after else None)
    return found
