"""Calling outside: what lies inside is refused however it is dressed up, and nobody holds a call for ever."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from program.plugin_api import outside
from program.plugin_api.outside import Refused, Unreachable, check_address, is_outside, send

# What goes out asks the database for nothing.
pytestmark = pytest.mark.one_database


class Handler(BaseHTTPRequestHandler):
    """Answers what its path says."""

    seen: list[tuple[str, bytes, dict[str, str]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.seen.append((self.path, body, dict(self.headers)))
        if self.path.startswith("/redirect"):
            self.send_response(302)
            self.send_header("Location", "/secret")
            self.end_headers()
        elif self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            STOP.wait(5)
        else:
            self.send_response(418)
            self.end_headers()
            self.wfile.write(b"x" * 200_000 if self.path == "/large" else b"short")

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


STOP = threading.Event()


@pytest.fixture
def server() -> Iterator[int]:
    """A server on this machine; its port."""
    STOP.clear()
    Handler.seen.clear()
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running.server_port
    STOP.set()
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def trusting(inside: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """An app whose administrator lets one internal name through."""
    settings = replace(inside.config["MILEPOST"], internal_hosts="Hooks.Internal, 127.0.0.1, other:81")
    monkeypatch.setitem(inside.config, "MILEPOST", settings)


def names(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Answer look-ups with those addresses, one list each time; gives the list of names that were asked for."""
    asked: list[str] = []
    left = list(answers)

    def look_up(host: str, port: int, *_rest: Any, **_more: Any) -> Any:
        asked.append(host)
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(outside.socket, "getaddrinfo", look_up)
    return asked


INSIDE = (
    "http://127.0.0.1/",
    "http://127.9.9.9:8080/x",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://0.0.0.0/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[fe80::1%25eth0]/",
    "http://[fc00::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:a00:1]/",
    "http://[::127.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2001:0:7f00:1::]/",
)


@pytest.mark.parametrize("url", INSIDE)
def test_addresses_inside_are_refused_before_they_are_saved(inside: Flask, url: str):
    with pytest.raises(Refused):
        check_address(url)


@pytest.mark.parametrize(
    "url",
    [
        *("", "hooks.example", "ftp://hooks.example/", "file:///etc/passwd", "javascript:alert(1)", "https://"),
        *("https://user:word@hooks.example/", "https://hooks.example:99999/", "https://hooks.example:0/"),
        *("https://hooks.example/a b", "https://hooks.example/\r\nX: y", "https://hooks.example\\@10.0.0.1/"),
        "https://hooks.example/" + "a" * 2000,
    ],
)
def test_what_is_no_web_address_is_refused(inside: Flask, url: str):
    with pytest.raises(Refused):
        check_address(url)


@pytest.mark.parametrize(
    "url", ["https://hooks.example/in?x=1", "http://93.184.216.34:8080/", "https://[2606:4700::1]/"]
)
def test_addresses_outside_may_be_saved(inside: Flask, url: str):
    assert check_address(url).hostname


@given(st.one_of(st.integers(0, 2**32 - 1).map(IPv4Address), st.integers(0, 2**128 - 1).map(IPv6Address)))
def test_nothing_that_is_not_global_counts_as_outside(address: Any):
    if is_outside(address):
        assert address.is_global


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_wrapping_an_address_changes_nothing(address: IPv4Address):
    for prefix in ("::ffff:0:0", "64:ff9b::"):
        assert is_outside(IPv6Address(int(ip_address(prefix)) | int(address))) == is_outside(address)
    assert is_outside(IPv6Address((0x2002 << 112) | (int(address) << 80))) == is_outside(address)


@pytest.mark.parametrize("answer", [["10.0.0.5"], ["93.184.216.34", "10.0.0.5"], ["127.0.0.1"]])
def test_a_name_that_leads_inside_is_refused(inside: Flask, monkeypatch: pytest.MonkeyPatch, answer: list[str]):
    names(monkeypatch, answer)
    with pytest.raises(Refused, match="MILEPOST_INTERNAL_HOSTS"):
        send("POST", "http://hooks.example/")


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1", "localhost", "localhost."])
def test_other_spellings_of_this_machine_are_refused(inside: Flask, host: str):
    with pytest.raises((Refused, Unreachable)):
        send("POST", f"http://{host}:9/")


def test_a_name_that_changes_its_mind_gains_nothing(inside: Flask, monkeypatch: pytest.MonkeyPatch, server: int):
    """Rebinding: outside when it is looked at, inside when it is called. It is looked up once, and that is called."""
    asked = names(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    called: list[Any] = []

    def connect(address: Any, timeout: float) -> Any:
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(outside.socket, "create_connection", connect)
    with pytest.raises(Unreachable, match="Nothing listens"):
        send("POST", f"http://hooks.example:{server}/")
    assert asked == ["hooks.example"]
    assert called == [("93.184.216.34", server)]
    assert Handler.seen == []


def test_hosts_that_the_administrator_named_are_called(
    trusting: None, inside: Flask, monkeypatch: pytest.MonkeyPatch, server: int
):
    names(monkeypatch, ["127.0.0.1"])
    answer = send("POST", f"http://hooks.internal:{server}/in?a=1", headers={"X-A": "b"}, body=b"{}", timeout=5)
    assert (answer.status, answer.body) == (418, b"short")
    ((path, body, headers),) = Handler.seen
    assert (path, body, headers["X-A"]) == ("/in?a=1", b"{}", "b")
    assert headers["Host"] == f"hooks.internal:{server}"
    with pytest.raises(Refused):
        send("POST", f"http://other:{server}/")


def test_redirects_are_not_followed(trusting: None, server: int):
    answer = send("POST", f"http://127.0.0.1:{server}/redirect", timeout=5)
    assert answer.status == 302
    assert [path for path, _body, _headers in Handler.seen] == ["/redirect"]


def test_a_long_answer_is_cut_off(trusting: None, server: int):
    assert len(send("POST", f"http://127.0.0.1:{server}/large", timeout=5).body) == outside.MOST_READ


def test_an_answer_that_does_not_end_is_cut_off(trusting: None, server: int):
    with pytest.raises(Unreachable, match=r"within 0\.2 seconds|No answer in time"):
        send("POST", f"http://127.0.0.1:{server}/slow", timeout=0.2)


def test_a_header_cannot_smuggle_another(trusting: None, server: int):
    with pytest.raises(ValueError, match="Invalid header"):
        send("POST", f"http://127.0.0.1:{server}/", headers={"X-A": "b\r\nX-Evil: c"})
    assert Handler.seen == []


def test_a_name_nobody_knows_may_be_tried_again(inside: Flask, monkeypatch: pytest.MonkeyPatch):
    def unknown(*_arguments: Any, **_more: Any) -> Any:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(outside.socket, "getaddrinfo", unknown)
    with pytest.raises(Unreachable, match=r"The name hooks\.example is not known"):
        send("POST", "https://hooks.example/")
