"""How Slack says no."""

from __future__ import annotations

from typing import Any


class SlackError(Exception):
    """An answer with `ok: false`; `extra` stands beside the code."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code, self.extra = code, extra

    @classmethod
    def invalid(cls, code: str, problems: list[str]) -> SlackError:
        """With what was found wrong, where Slack puts it."""
        return cls(code, errors=problems, response_metadata={"messages": problems})


class RateLimited(Exception):
    """An answer 429: come back after so many whole seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(str(seconds))
        self.seconds = seconds
