"""A slow network and a slow machine, on demand: what a test forgets to wait for fails here, and not one day in CI.

`MILEPOST_SLOW_ANSWERS=0.4` lets every answer take as many seconds longer, scripts and styles included, which no cache
keeps; `MILEPOST_SLOW_BROWSER=6` gives the browser a sixth of its processor.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]

ANSWERS = float(os.environ.get("MILEPOST_SLOW_ANSWERS", "0"))
BROWSER = float(os.environ.get("MILEPOST_SLOW_BROWSER", "1"))


def slowed(app: Application) -> Application:
    """The app, answering late if that was asked for."""
    if not ANSWERS:
        return app

    def late(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def uncached(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            kept = [(name, value) for name, value in headers if name.lower() != "cache-control"]
            return start_response(status, [*kept, ("Cache-Control", "no-store")], *rest)

        time.sleep(ANSWERS)
        return app(environ, uncached)

    return late
