"""What can become of a message that is handed over, in words that say what to do next.

A way to people (`transports.py`) answers `Delivered`, or raises one of these. Anything else that it raises leaves
unknown what happened, and is taken as `ReplyLost`.
"""

from __future__ import annotations

from datetime import timedelta

from program.ground.records import record


@record
class Delivered:
    """It arrived. `reference` is what the other side calls it, '' when it gives no name."""

    reference: str = ""


class Fate(Exception):
    """It did not arrive. `reason` is one plain sentence for the administrator, without secrets or people's text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Retry(Fate):
    """Not now; try again, after `after` at the earliest where the other side said how long to wait."""

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after


class GiveUp(Fate):
    """Never this way for this message: the person is unknown there, the text is refused."""


class Misconfigured(Fate):
    """Not before somebody puts the settings right. `reason` says which, and how."""


class ReplyLost(Fate):
    """It was sent and no answer came: it may have arrived. The way's own `was_delivered` finds out."""
