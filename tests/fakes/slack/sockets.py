"""The other end of Socket Mode: a WebSocket (RFC 6455) that hands envelopes to the app and waits for its word."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import socket
import struct
import threading
from contextlib import suppress
from typing import Any

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA


def accept_key(key: str) -> str:
    """What a server answers to a client's key."""
    return base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest()).decode()


class Link:
    """One open connection. `run` reads until it ends; `ask` sends an envelope and waits for what the app says."""

    def __init__(self, reader: io.BufferedIOBase, connection: socket.socket) -> None:
        self._reader, self._connection = reader, connection
        self._writing = threading.Lock()
        self._news = threading.Condition()
        self._answers: dict[str, dict[str, Any]] = {}
        self.is_open = True

    def run(self) -> None:
        """Read frames until one side closes."""
        try:
            while (frame := self._read()) is not None:
                code, content = frame
                if code == _PING:
                    self._write(_PONG, content)
                elif code == _TEXT:
                    self._note(json.loads(content))
                elif code == _CLOSE:
                    break
        except (OSError, ValueError, struct.error):
            # The app went away in the middle of a frame.
            pass
        finally:
            with self._news:
                self.is_open = False
                self._news.notify_all()

    def send(self, message: dict[str, Any]) -> None:
        """Send one message, without waiting."""
        self._write(_TEXT, json.dumps(message).encode())

    def ask(self, envelope: dict[str, Any], seconds: float) -> dict[str, Any] | None:
        """Send the envelope; the acknowledgement, or None when there is none within so many seconds."""
        name = envelope["envelope_id"]
        self.send(envelope)
        with self._news:
            self._news.wait_for(lambda: name in self._answers or not self.is_open, timeout=seconds)
            return self._answers.pop(name, None)

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self._write(_CLOSE, struct.pack("!H", 1000))
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def _note(self, answer: dict[str, Any]) -> None:
        with self._news:
            self._answers[str(answer.get("envelope_id"))] = answer
            self._news.notify_all()

    def _read(self) -> tuple[int, bytes] | None:
        head = self._reader.read(2)
        if len(head) < 2:
            return None
        code, length = head[0] & 0x0F, head[1] & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._reader.read(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._reader.read(8))
        mask = self._reader.read(4) if head[1] & 0x80 else b"\0\0\0\0"
        content = self._reader.read(length)
        return code, bytes(byte ^ mask[index % 4] for index, byte in enumerate(content))

    def _write(self, code: int, content: bytes) -> None:
        length = len(content)
        head = bytes([0x80 | code])
        if length < 126:
            head += bytes([length])
        elif length < 65_536:
            head += struct.pack("!BH", 126, length)
        else:
            head += struct.pack("!BQ", 127, length)
        with self._writing:
            self._connection.sendall(head + content)
