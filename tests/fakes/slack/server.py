"""The HTTP side of the stand-in: Web API, uploads, response addresses and the socket, on one port of this machine."""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from email.message import Message as Headers
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.slack import api_chat, api_people, api_views, faults
from tests.fakes.slack.api import call
from tests.fakes.slack.calls import Call
from tests.fakes.slack.errors import RateLimited, SlackError
from tests.fakes.slack.faults import Fault, Faults
from tests.fakes.slack.limits import Limits
from tests.fakes.slack.response_urls import take_response
from tests.fakes.slack.sockets import Link, accept_key
from tests.fakes.slack.world import APP, World

# Imported for what they register.
_REGISTERED = (api_chat, api_people, api_views)
_HTML = b"<!DOCTYPE html><html><body>Slack is having a moment.</body></html>"


class Server(ThreadingHTTPServer):
    """Answers for the workspace. `calls` is all that was asked, in order."""

    daemon_threads = True
    # A crowd of clients may knock at once.
    request_queue_size = 128

    def __init__(self, world: World) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.world, self.faults, self.limits = world, Faults(), Limits()
        self.calls: list[Call] = []
        self.keep_calls = True
        self.links: list[Link] = []
        # Sockets that were ever opened.
        self.linked_so_far = 0
        self.linked = threading.Condition()
        world.base_url = f"http://127.0.0.1:{self.server_address[1]}"

    def note(self, method: str, given: dict[str, Any], status: int, error: str, token: str) -> None:
        """Keep a call."""
        if self.keep_calls:
            self.calls.append(Call(method, given, status, error, token, self.world.now()))

    def hang_up(self) -> None:
        """Close all sockets."""
        for link in list(self.links):
            link.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of the server."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path.startswith("/link/"):
            self._hold_socket()
        else:
            self._answer_api(b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/upload/"):
            self._take_upload(body)
        elif self.path.startswith("/response/"):
            self._take_response(body)
        else:
            self._answer_api(body)

    def _answer_api(self, body: bytes) -> None:
        address = urlsplit(self.path)
        name = address.path.removeprefix("/api/").strip("/")
        given: dict[str, Any] = dict(parse_qsl(address.query, keep_blank_values=True))
        kind = self.headers.get_content_type() if self.headers.get("Content-Type") else ""
        is_json = kind == "application/json"
        try:
            given |= _read_body(body, kind, self.headers)
        except ValueError:
            self._send_json(200, {"ok": False, "error": "invalid_json" if is_json else "invalid_form_data"})
            return
        scheme, _space, bearer = self.headers.get("Authorization", "").partition(" ")
        token = str(given.pop("token", "") or (bearer.strip() if scheme.lower() == "bearer" else ""))
        trouble = self.server.faults.meet(name, given)
        if trouble is not None and self._is_cut_short(trouble, name, given, token):
            return
        try:
            with self.server.world.lock:
                channel = str(given.get("channel", ""))
                self.server.limits.take(name, channel, self.server.world.now())
        except RateLimited as limit:
            self.server.note(name, given, 429, "ratelimited", token)
            self._send_json(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(limit.seconds)})
            return
        answer, found = call(self.server.world, name, token, given, is_json=is_json)
        if trouble is not None and trouble.kind == faults.LOSE_REPLY:
            self.server.note(name, given, 0, answer.get("error", ""), token)
            self.close_connection = True
            return
        self.server.note(name, given, 200, answer.get("error", ""), token)
        scopes = {"X-OAuth-Scopes": ",".join(sorted(found.scopes))} if found else {}
        self._send_json(200, answer, scopes)

    def _is_cut_short(self, trouble: Fault, name: str, given: dict[str, Any], token: str) -> bool:
        """Act the trouble out; False if the call goes on all the same."""
        if trouble.kind == faults.DROP:
            self.server.note(name, given, 0, "dropped", token)
            self.close_connection = True
        elif trouble.kind == faults.STATUS:
            status, after = trouble.detail if isinstance(trouble.detail, tuple) else (trouble.detail, None)
            self.server.note(name, given, status, f"status {status}", token)
            headers = {"Retry-After": str(after)} if after is not None else {}
            self._send_json(status, {"ok": False, "error": "ratelimited"} if status == 429 else {}, headers)
        elif trouble.kind == faults.HTML:
            self.server.note(name, given, trouble.detail or 200, "html", token)
            self._send(trouble.detail or 200, _HTML, {"Content-Type": "text/html"})
        elif trouble.kind == faults.ERROR:
            self.server.note(name, given, 200, str(trouble.detail), token)
            self._send_json(200, {"ok": False, "error": trouble.detail})
        else:
            if trouble.kind == faults.SLOW:
                time.sleep(trouble.detail)
            return False
        return True

    def _take_upload(self, body: bytes) -> None:
        with self.server.world.lock:
            file = self.server.world.files.get(self.path.removeprefix("/upload/"))
            if file is None:
                self._send(404, b"", {})
                return
            if self.headers.get_content_type() == "multipart/form-data":
                body = next(iter(_parts(body, self.headers).values()), b"")
            file.content = body
        self._send(200, f"OK - {len(body)}".encode(), {})

    def _take_response(self, body: bytes) -> None:
        name = self.path.removeprefix("/response/")
        trouble = self.server.faults.meet("response_url", {"name": name})
        if trouble is not None and self._is_cut_short(trouble, "response_url", {}, ""):
            return
        try:
            given = json.loads(body)
            with self.server.world.lock:
                take_response(self.server.world, name, given)
            error = ""
        except ValueError:
            given, error = {}, "invalid_payload"
        except SlackError as problem:
            error = problem.code
        self.server.note("response_url", given, 404 if error == "used_url" else 200, error, "")
        if trouble is not None and trouble.kind == faults.LOSE_REPLY:
            self.close_connection = True
        elif error:
            self._send_json(404 if error == "used_url" else 200, {"ok": False, "error": error})
        else:
            self._send(200, b"ok", {})

    def _hold_socket(self) -> None:
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept_key(self.headers["Sec-WebSocket-Key"]))
        self.end_headers()
        self.close_connection = True
        link = Link(self.rfile, self.connection)
        with self.server.linked:
            self.server.links.append(link)
            self.server.linked_so_far += 1
            count = len(self.server.links)
            self.server.linked.notify_all()
        info = {"type": "hello", "num_connections": count, "connection_info": {"app_id": APP}, "debug_info": {}}
        try:
            link.send(info)
            link.run()
        finally:
            with self.server.linked:
                self.server.links.remove(link)
                self.server.linked.notify_all()

    def _send_json(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
        head = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
        self._send(status, json.dumps(content).encode(), head)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        with suppress(ConnectionError):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


def _read_body(body: bytes, kind: str, headers: Headers) -> dict[str, Any]:
    if not body:
        return {}
    if kind == "application/json":
        given = json.loads(body)
        if not isinstance(given, dict):
            raise ValueError("not an object")
        return given
    if kind == "multipart/form-data":
        return {name: content.decode("utf-8", "replace") for name, content in _parts(body, headers).items()}
    return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict"))


def _parts(body: bytes, headers: Headers) -> dict[str, bytes]:
    head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
    whole: Any = BytesParser(policy=HTTP).parsebytes(head + body)
    found: dict[str, bytes] = {}
    for part in whole.iter_parts():
        content = part.get_payload(decode=True)
        found[str(part.get_param("name", header="content-disposition"))] = content or b""
    return found
