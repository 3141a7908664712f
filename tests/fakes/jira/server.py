"""The stand-in as an HTTP server on a free port of this machine."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.jira.api import Api, Asked
from tests.fakes.jira.faults import Faults
from tests.fakes.jira.world import Refusal, World

USER, TOKEN = "bot@jira.example", "jira-token-of-the-tests"


@dataclass
class Jira:
    """A running stand-in."""

    world: World
    faults: Faults = field(default_factory=Faults)
    port: int = 0
    # (method, path with query, body, status), in order.
    requests: list[tuple[str, str, Any, int]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def count(self, method: str = "", path: str = "") -> int:
        """How many requests there were to addresses with that piece in their path."""
        return sum(1 for m, p, _body, _status in self.requests if method in ("", m) and path in p)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        jira: Jira = self.server.jira
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = jira.faults.take(self.command, self.path)
        if fault is not None and fault.what == "drop":
            self._break()
            return
        if fault is not None and fault.what == "slow":
            time.sleep(fault.seconds)
        if fault is not None and fault.what == "answer":
            jira.requests.append((self.command, self.path, None, fault.status))
            self._answer(fault.status, fault.body.encode(), fault.kind, fault.headers)
            return
        status, body = self._asked(jira, raw)
        if fault is not None and fault.what == "lose":
            self._break()
            return
        content = b"" if body is None else json.dumps(body).encode()
        self._answer(status, content, "application/json;charset=UTF-8", {})

    def _asked(self, jira: Jira, raw: bytes) -> tuple[int, Any]:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        body = None
        with jira.lock:
            try:
                if not self._is_signed_in(jira.world):
                    raise Refusal(401, "Client must be authenticated to access this resource.")
                if raw:
                    body = json.loads(raw)
                status, answer = Api(jira.world).answer(Asked(self.command, parts.path, query, body))
            except Refusal as refused:
                status = refused.status
                answer = {"errorMessages": refused.messages, "errors": refused.fields}
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                status, answer = 400, {"errorMessages": [f"Invalid request payload: {error!r}"], "errors": {}}
            jira.requests.append((self.command, self.path, body, status))
        return status, answer

    def _is_signed_in(self, world: World) -> bool:
        said = self.headers.get("Authorization", "")
        if world.face == "cloud":
            return said == "Basic " + base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
        return said == f"Bearer {TOKEN}"

    def _answer(self, status: int, content: bytes, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _break(self) -> None:
        """End the connection without a word."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_about: Any) -> None:
        """A client that hung up is no error here."""


@contextmanager
def running_jira(face: str = "cloud", project: str = "SHOP") -> Iterator[Jira]:
    """Run one for the length of the block."""
    jira = Jira(World(face, project))
    server: Any = _Server(("127.0.0.1", 0), _Handler)
    server.jira = jira
    jira.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield jira
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
