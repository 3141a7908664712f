"""Calling an address that somebody typed, without letting it lead into the own network.

A program's manager may name any address for a plugin to call. From here it could reach what only this machine may: a
database's port, a cloud's secrets at 169.254.169.254. So a name is looked up once, every address it has must lie
outside, and the call goes to exactly that address: a name that answers differently the second time gains nothing.
Redirects are not followed. Hosts of MILEPOST_INTERNAL_HOSTS pass as they are.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from flask import current_app

TIMEOUT = 10.0
# What is kept of an answer: enough to say what went wrong.
MOST_READ = 64 * 1024
MAX_URL = 2000
_TRANSLATED = IPv6Network("64:ff9b::/96")
_FORBIDDEN = re.compile("[\x00-\x20\x7f-\xa0\\\\]")


class Refused(Exception):
    """This address must not be called; the text says why. Trying again does not help."""


class Unreachable(Exception):
    """Nothing answered, or not in time; the text says what happened. Trying again may help."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are in lower case; `body` is cut off after 64 KB."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def send(
    method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"", timeout: float = TIMEOUT
) -> Answer:
    """Call the address once, within `timeout` seconds in all. Any status is an Answer. Raises Refused, Unreachable."""
    parts = check_address(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _Connection(parts, timeout)
    try:
        connection.request(method, target, body=body, headers=dict(headers or {}))
        response = connection.getresponse()
        content = response.read(MOST_READ)
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, content)
    except (TimeoutError, http.client.HTTPException, OSError) as error:
        if connection.is_cut_off:
            raise Unreachable(f"No whole answer within {timeout:g} seconds.") from error
        raise Unreachable(_in_words(error)) from error
    finally:
        connection.close()


def check_address(url: str) -> SplitResult:
    """The parts of an address that may be called, as far as that can be seen without looking its name up.

    Raises Refused. For forms too: what is refused here need never be saved.
    """
    if len(url) > MAX_URL or _FORBIDDEN.search(url):
        raise Refused("This is not a web address.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("This is not a web address.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise Refused("Give a web address that begins with https:// or http://.")
    if "@" in parts.netloc:
        raise Refused("Leave the name and password out of the address.")
    try:
        literal = ip_address(parts.hostname.split("%")[0])
    except ValueError:
        return parts
    if not _is_ours(parts) and not is_outside(literal):
        raise Refused(_INSIDE)
    return parts


def connect(host: str, port: int, scheme: str, *, timeout: float = TIMEOUT) -> socket.socket:
    """An open socket to a host that may be called, for client libraries that speak for themselves; without TLS.

    The name is looked up once and the socket goes to exactly what was looked at. Raises Refused, Unreachable.
    """
    netloc = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    allowed = _is_ours(urlsplit(f"{scheme}://{netloc}/"))
    addresses = _look_up(host, port)
    if not allowed and not all(is_outside(ip_address(one[0].split("%")[0])) for one in addresses):
        raise Refused(_INSIDE)
    try:
        return _reach(addresses, timeout)
    except OSError as error:
        raise Unreachable(_in_words(error)) from error


def is_outside(address: IPv4Address | IPv6Address) -> bool:
    """True for an address on the public internet; IPv4 addresses wrapped into IPv6 are looked at as what they are."""
    if isinstance(address, IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if wrapped is None and address in _TRANSLATED:
            wrapped = IPv4Address(int(address) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_outside(wrapped)
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


_INSIDE = "The address lies inside the own network. An administrator can allow its host in MILEPOST_INTERNAL_HOSTS."


def _is_ours(parts: SplitResult) -> bool:
    """True for a host that the administrator let through by name."""
    allowed = {name.strip().lower() for name in current_app.config["MILEPOST"].internal_hosts.split(",")}
    host = (parts.hostname or "").rstrip(".").lower()
    return bool(host) and (host in allowed or f"{host}:{parts.port or _port(parts)}" in allowed)


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was looked at first, and cut off when its time is up."""

    def __init__(self, parts: SplitResult, timeout: float) -> None:
        super().__init__(parts.hostname or "", _port(parts), timeout=timeout)
        self.default_port = 443 if parts.scheme == "https" else 80
        self._parts = parts
        self._socket: socket.socket | None = None
        self.is_cut_off = False
        # Over all of it: a server that sends a byte now and then would otherwise hold us for as long as it likes.
        self._watch = threading.Timer(timeout, self._cut_off)
        self._watch.daemon = True

    def connect(self) -> None:
        """Look the name up, look at what it means, and go to exactly that."""
        self._watch.start()
        addresses = _look_up(self.host, self.port)
        if not _is_ours(self._parts) and not all(is_outside(ip_address(one[0].split("%")[0])) for one in addresses):
            raise Refused(_INSIDE)
        self.sock = self._socket = _reach(addresses, self.timeout)
        if self._parts.scheme == "https":
            # The name is still what the certificate is checked against.
            context = ssl.create_default_context()
            self.sock = self._socket = context.wrap_socket(self.sock, server_hostname=self.host)

    def close(self) -> None:
        """End it."""
        self._watch.cancel()
        super().close()

    def _cut_off(self) -> None:
        self.is_cut_off = True
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                # It is closed already.
                return


def _reach(addresses: list[tuple[Any, ...]], timeout: float | None) -> socket.socket:
    last: OSError | None = None
    for address in addresses[:4]:
        try:
            return socket.create_connection(address[:2], timeout)
        except OSError as error:
            last = error
    raise last or OSError("no address")


def _look_up(host: str, port: int) -> list[tuple[Any, ...]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise Unreachable(f"The name {host} is not known.") from error
    return [info[4] for info in found]


def _in_words(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "No answer in time."
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The certificate is not accepted: {error.verify_message}."
    if isinstance(error, ConnectionRefusedError):
        return "Nothing listens at that address."
    return f"The connection failed: {type(error).__name__}."
