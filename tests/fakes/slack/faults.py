"""What goes wrong between an app and Slack, ordered by tests: by method, so many times."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

# Before the effect; after it, so that the reply is lost; in place of an answer; late.
DROP, LOSE_REPLY, STATUS, HTML, SLOW, ERROR = "drop", "lose_reply", "status", "html", "slow", "error"


@dataclass
class Fault:
    """One kind of trouble. `method` '*' is any; `times` None is until it is taken away."""

    kind: str
    method: str
    times: int | None
    after: int
    detail: Any
    where: Callable[[dict[str, Any]], bool]
    met: int = 0


@dataclass
class Faults:
    """Those that are still to come, in the order of their orders."""

    waiting: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(
        self,
        method: str,
        kind: str,
        *,
        times: int | None = 1,
        after: int = 0,
        detail: Any = None,
        where: Callable[[dict[str, Any]], bool] = lambda _arguments: True,
    ) -> None:
        """Order one: for calls of `method` that `where` wants, letting `after` of them through first."""
        with self._lock:
            self.waiting.append(Fault(kind, method, times, after, detail, where))

    def clear(self) -> None:
        """All is well again."""
        with self._lock:
            self.waiting.clear()

    def meet(self, method: str, arguments: dict[str, Any]) -> Fault | None:
        """What happens to this call, if anything."""
        with self._lock:
            for fault in self.waiting:
                if fault.method not in ("*", method) or not fault.where(arguments):
                    continue
                fault.met += 1
                if fault.met <= fault.after:
                    continue
                if fault.times is not None and fault.met >= fault.after + fault.times:
                    self.waiting.remove(fault)
                return fault
        return None
