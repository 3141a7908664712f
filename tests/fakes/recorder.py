"""The far end of a way to people: a real HTTP server on this machine that keeps what arrives.

It is often out of sorts: drops connections before or after it has written a message down, asks for patience, or
breaks. What it answers
about a message later is the truth, except that of some messages it cannot tell.
"""

from __future__ import annotations

import json
import random
import threading
import zlib
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# Of every so many keys the recorder cannot tell later whether they arrived.
FORGOTTEN = 10


def is_forgotten(key: str) -> bool:
    """True for a message of which the recorder cannot tell later whether it arrived."""
    return zlib.crc32(key.encode()) % FORGOTTEN == 0


class Recorder(ThreadingHTTPServer):
    """Keeps how often each key arrived, and how often its sender was answered in full."""

    daemon_threads = True
    # Killed clocks leave connections; new ones must not wait for them.
    request_queue_size = 256

    def __init__(self, trouble: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.trouble = trouble
        self.arrived: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.again: list[str] = []
        self.lock = threading.Lock()
        self._dice = random.Random(7)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def mood(self) -> str:
        """What it does with the next message."""
        with self.lock:
            dice = self._dice.random()
        # Asking for patience is rare: every clock then waits, whatever else is due.
        moods = ("drop", "lose", "break", "drop", "lose", "break", "lose", "busy")
        return moods[int(dice / self.trouble * len(moods))] if dice < self.trouble else "take"

    def take(self, key: str) -> None:
        with self.lock:
            if self.answered[key]:
                # The worst there is: somebody who had been told that it arrived sent it again.
                self.again.append(key)
            self.arrived[key] += 1

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that was killed in the middle is what this is for."""


class _Handler(BaseHTTPRequestHandler):
    server: Recorder
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        key = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["key"]
        mood = self.server.mood()
        if mood == "drop":
            self.close_connection = True
        elif mood == "busy":
            self._answer(429, {}, {"Retry-After": "0.1"})
        elif mood == "break":
            self._answer(500, {})
        else:
            self.server.take(key)
            if mood == "lose":
                self.close_connection = True
                return
            self._answer(200, {"reference": f"r-{key}"})
            with self.server.lock:
                self.server.answered[key] += 1

    def do_GET(self) -> None:
        key = self.path.partition("key=")[2]
        self._answer(200, {"arrived": None if is_forgotten(key) else bool(self.server.arrived[key])})

    def _answer(self, status: int, content: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
