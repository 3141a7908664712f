"""What can go wrong between us and Jira, for the next requests that match."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass
class Fault:
    """One thing that goes wrong: for which requests, how often, how."""

    method: str
    path: str
    # 'drop' before anything is done, 'lose' after it was done, 'answer' instead of it, 'slow' and then as usual.
    what: str
    times: int = 1
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: str = "{}"
    kind: str = "application/json"
    seconds: float = 0.0


class Faults:
    """The faults that wait for their requests. `method` '' and `path` '' match all; `path` is a piece of the path."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def drop(self, method: str = "", path: str = "", times: int = 1) -> None:
        """The connection breaks before Jira has done anything."""
        self._add(Fault(method, path, "drop", times))

    def lose_reply(self, method: str = "", path: str = "", times: int = 1) -> None:
        """Jira does it, and the answer is lost."""
        self._add(Fault(method, path, "lose", times))

    def answer(
        self,
        status: int,
        method: str = "",
        path: str = "",
        times: int = 1,
        headers: dict[str, str] | None = None,
        body: str = "{}",
        kind: str = "application/json",
    ) -> None:
        """Jira, or something before it, answers this instead."""
        self._add(Fault(method, path, "answer", times, status, headers or {}, body, kind))

    def take(self, method: str, path: str) -> Fault | None:
        """The fault for that request, if one waits."""
        with self._lock:
            for fault in self._waiting:
                if fault.times and fault.method in ("", method) and fault.path in path:
                    fault.times -= 1
                    if not fault.times:
                        self._waiting.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._waiting.clear()

    def _add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)
