"""A mail server that speaks SMTP on a port of this machine and keeps what it is given.

It does what a test tells it: refuse at a step, ask for a password, offer STARTTLS with a certificate of its own, or
hang up in the middle.
"""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


@dataclass
class Letter:
    """One letter as it was taken: from whom, to whom, and what."""

    sender: str
    to: list[str]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The letter, parsed."""
        parsed: Any = message_from_bytes(self.content, policy=policy.default)
        return parsed


@dataclass
class FakeMailServer:
    """What the server does and what it has. `refuse` maps a step (MAIL, RCPT, DATA, END, AUTH) to its answer."""

    port: int = 0
    letters: list[Letter] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    # The step at which it hangs up without a word. 'END' is after it took the letter.
    hang_up: str = ""
    user: str = ""
    password: str = ""
    tls: ssl.SSLContext | None = None
    utf8: bool = False
    commands: list[str] = field(default_factory=list)


class _Conversation(socketserver.StreamRequestHandler):
    server: Any

    def handle(self) -> None:
        fake: FakeMailServer = self.server.fake
        self._state = Letter("", [], b"")
        self._encrypted = False
        self._say("220 fake.test")
        try:
            while line := self.rfile.readline().decode().strip():
                fake.commands.append(line)
                verb = line.split()[0].upper()
                if fake.hang_up == verb:
                    return
                if verb in fake.refuse:
                    self._say(fake.refuse[verb])
                elif not self._answer(verb, line, fake):
                    return
        except (OSError, ValueError):
            # The other side went away.
            return

    def finish(self) -> None:
        """Close what was opened here; the server closes the plain connection."""
        with suppress(OSError):
            super().finish()
        self.connection.close()

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def _answer(self, verb: str, line: str, fake: FakeMailServer) -> bool:
        if verb in ("EHLO", "HELO"):
            offers = ["fake.test", "8BITMIME", "SIZE 10000000"]
            offers += ["STARTTLS"] if fake.tls and not self._encrypted else []
            offers += ["AUTH PLAIN"] if fake.user else []
            offers += ["SMTPUTF8"] if fake.utf8 else []
            for offer in offers[:-1]:
                self._say(f"250-{offer}")
            self._say(f"250 {offers[-1]}")
        elif verb == "STARTTLS" and fake.tls:
            self._say("220 go ahead")
            self.connection = fake.tls.wrap_socket(self.connection, server_side=True)
            self.rfile = self.connection.makefile("rb")
            self.wfile = self.connection.makefile("wb", buffering=0)
            self._encrypted = True
        elif verb == "AUTH":
            given = base64.b64decode(line.split()[2]).decode().split("\0")[1:]
            self._say("235 welcome" if given == [fake.user, fake.password] else "535 5.7.8 bad credentials")
        elif verb == "MAIL":
            self._state = Letter(line.partition("<")[2].partition(">")[0], [], b"")
            self._say("250 ok")
        elif verb == "RCPT":
            self._state.to.append(line.partition("<")[2].partition(">")[0])
            self._say("250 ok")
        elif verb == "DATA":
            return self._take_letter(fake)
        elif verb == "QUIT":
            self._say("221 bye")
            return False
        else:
            self._say("250 ok")
        return True

    def _take_letter(self, fake: FakeMailServer) -> bool:
        self._say("354 send it")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line[1:] if line.startswith(b".") else line)
        if "END" in fake.refuse:
            self._say(fake.refuse["END"])
            return True
        self._state.content = b"".join(lines)
        fake.letters.append(self._state)
        if fake.hang_up == "END":
            return False
        self._say("250 taken as 42")
        return True


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def mail_server(**told: Any) -> Iterator[FakeMailServer]:
    """Run the server on a free port for the length of the block."""
    fake = FakeMailServer(**told)
    server: Any = _Server(("127.0.0.1", 0), _Conversation)
    server.fake = fake
    fake.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
