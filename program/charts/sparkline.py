"""A figure's last weeks as a small line in a row of a table: written as SVG by hand, since sixty stand on one page.

Its colours are classes of the page's own style sheet, so it follows the theme and prints as the page does.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from markupsafe import Markup, escape

WIDTH, HEIGHT = 96, 24
_AIR = 3


@lru_cache(maxsize=4096)
def sparkline(
    values: tuple[float | Decimal | None, ...], words: str = "", width: int = WIDTH, height: int = HEIGHT
) -> Markup:
    """The line of values in the order of their periods, None for a gap; '' without any.

    `words` say what is to be seen; without them it is hidden from screen readers, for where the figures stand beside.
    """
    known = [float(value) for value in values if value is not None]
    if not known:
        return Markup("")
    low, most = min(known), max(known)
    reach = (most - low) or 1.0
    # A line that never moved lies in the middle.
    lift = 0.0 if most > low else 0.5
    step = (width - 2 * _AIR) / max(1, len(values) - 1)
    tall = height - 2 * _AIR
    pieces: list[list[str]] = [[]]
    last = ""
    for number, value in enumerate(values):
        if value is None:
            if pieces[-1]:
                pieces.append([])
            continue
        share = (float(value) - low) / reach + lift
        last = f"{_AIR + number * step:.1f} {_AIR + tall * (1 - share):.1f}"
        pieces[-1].append(last)
    # A piece of one value would be nothing: a line of no length with round ends is a dot.
    path = "".join(f"M{'L'.join(piece if len(piece) > 1 else piece * 2)}" for piece in pieces if piece)
    x, _, y = last.partition(" ")
    said = f'role="img" aria-label="{escape(words)}"' if words else 'aria-hidden="true"'
    return Markup(  # noqa: S704 - figures of ours, and words that are escaped
        f'<svg class="spark" width="{width}" height="{height}" viewBox="0 0 {width} {height}" {said} focusable="false">'
        f'<path class="spark-line" d="{path}" fill="none"/><circle class="spark-end" cx="{x}" cy="{y}" r="2.5"/></svg>'
    )
