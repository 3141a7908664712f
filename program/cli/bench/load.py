"""Clients with a stop-watch: keep-alive connections that ask again as soon as they are answered.

A client is a socket and a few lines on purpose: on a small machine it shares the processors with the server that it
measures.
"""

from __future__ import annotations

import socket
import statistics
import threading
import time
from dataclasses import dataclass, field

from program.ground.records import record


@record
class Request:
    """What to ask for. `status` is the answer that counts as right."""

    path: str
    cookie: str = ""
    method: str = "GET"
    body: bytes = b""
    status: int = 200

    def raw(self) -> bytes:
        """The request as it goes over the wire."""
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: 127.0.0.1", "Accept-Encoding: gzip, deflate, br, zstd"]
        if self.cookie:
            lines.append(f"Cookie: {self.cookie}")
        if self.method != "GET":
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(self.body)}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body


class WrongAnswer(Exception):
    """The server answered something else than a bench may count."""


@dataclass(slots=True)
class Client:
    """One keep-alive connection to a server on this machine."""

    port: int
    connection: socket.socket | None = None
    spare: bytes = field(default=b"")

    def ask(self, request: Request) -> tuple[int, bytes]:
        """Send the request; return the status and the body as it was transferred. Reconnects once if hung up on."""
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = socket.create_connection(("127.0.0.1", self.port), timeout=60)
                self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.spare = b""
            try:
                self.connection.sendall(request.raw())
                return self._answer()
            except ConnectionError:
                self.close()
                if attempt == 2:
                    raise
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Hang up."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _more(self) -> None:
        assert self.connection is not None  # noqa: S101 - `ask` has just connected
        received = self.connection.recv(262_144)
        if not received:
            raise ConnectionResetError("the server hung up")
        self.spare += received

    def _answer(self) -> tuple[int, bytes]:
        while b"\r\n\r\n" not in self.spare:
            self._more()
        head, self.spare = self.spare.split(b"\r\n\r\n", 1)
        status = int(head[9:12])
        headers = head.lower()
        if b"transfer-encoding: chunked" in headers:
            return status, self._chunks()
        length = 0
        for line in headers.split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        while len(self.spare) < length:
            self._more()
        body, self.spare = self.spare[:length], self.spare[length:]
        if b"connection: close" in headers:
            self.close()
        return status, body

    def _chunks(self) -> bytes:
        body = b""
        while True:
            while b"\r\n" not in self.spare:
                self._more()
            size, self.spare = self.spare.split(b"\r\n", 1)
            length = int(size, 16)
            while len(self.spare) < length + 2:
                self._more()
            body, self.spare = body + self.spare[:length], self.spare[length + 2 :]
            if length == 0:
                return body


@record
class Timing:
    """What a run of requests took: milliseconds for the median and the 95th percentile, requests a second."""

    median: float
    p95: float
    per_second: float
    count: int


def measure(port: int, requests: list[Request], clients: int, seconds: float) -> Timing:
    """Ask for `requests` in turn with that many clients for about that many seconds. Raises WrongAnswer."""
    took: list[float] = []
    wrong: list[str] = []
    lock = threading.Lock()
    stop_at = time.perf_counter() + seconds

    def run(offset: int) -> None:
        client, mine, turn = Client(port), [], offset
        while time.perf_counter() < stop_at and not wrong:
            request = requests[turn % len(requests)]
            turn += clients
            started = time.perf_counter()
            status, _body = client.ask(request)
            mine.append(time.perf_counter() - started)
            if status != request.status:
                wrong.append(f"{request.method} {request.path} answered {status}, not {request.status}")
        client.close()
        with lock:
            took.extend(mine)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - started
    if wrong:
        raise WrongAnswer(wrong[0])
    took.sort()
    return Timing(
        median=statistics.median(took) * 1000,
        p95=took[min(len(took) - 1, int(len(took) * 0.95))] * 1000,
        per_second=len(took) / elapsed,
        count=len(took),
    )
