"""What the app asked of Slack, call by call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    """One call: its arguments as they came, the HTTP status (0: it got no reply) and the error code ('': none)."""

    method: str
    args: dict[str, Any]
    status: int
    error: str
    token: str
    at: float


@dataclass(frozen=True)
class Answer:
    """What the app answered to something a person did: status, body, and the seconds that it took.

    `status` 0 is no answer in time, over Socket Mode as well.
    """

    status: int
    body: bytes
    seconds: float
    parsed: Any = None

    @property
    def ok(self) -> bool:
        """Acknowledged."""
        return 200 <= self.status < 300
