"""From a description to a picture: SVG for pages and papers, PNG for messages.

`drawn` looks on the shelf (`keeping.py`) first. What is not there yet is drawn by a process of its own (`artist.py`),
one of each sort for each process that needs one, begun with the first chart and ended when nobody has asked for a
while. Only what asks for a chart's own address waits for it; a page never does.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from program.charts import artist
from program.charts.cleaning import NotADrawing, cleaned
from program.charts.keeping import Shelf
from program.charts.look import LIGHT, Chart, number_locale, time_locale
from program.ground.records import record

SVG, PNG = "svg", "png"
MIME = {SVG: "image/svg+xml", PNG: "image/png"}
# Seconds that one drawing may take (the first one loads the library), and that one waits for those before it.
LONGEST, LONGEST_WAIT = 20.0, 10.0
# Seconds without a chart after which the process ends: it holds some 130 MB.
IDLE = 300.0
# Raise it when `look.py` or `cleaning.py` make something else of the same description.
_EDITION = 1
# Nothing of our environment: it holds secrets, and a drawing needs none.
_PASSED_ON = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "SYSTEMROOT")


class NotDrawn(Exception):
    """A chart could not be drawn: the description is wrong, or drawing took too long. The text says which."""


@record
class Order:
    """What is to be drawn: a chart, in a language, as SVG or as PNG with `scale` pixels a point."""

    chart: Chart
    locale: str
    format: str = SVG
    scale: float = 2.0

    @property
    def name(self) -> str:
        """A name made of all that the drawing follows from: the same name is the same picture."""
        parts = [_EDITION, _library(), self.locale, self.chart.spec, self.chart.title, self.chart.alt]
        if self.format == PNG:
            parts.append(self.scale)
        text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
        return f"{hashlib.sha256(text.encode()).hexdigest()[:40]}.{self.format}"


def drawn(order: Order, folder: Path) -> bytes:
    """The picture, from the shelf in that folder or drawn now. Raises NotDrawn."""
    shelf = Shelf(folder)
    found = shelf.find(order.name)
    if found is None:
        found = draw(order)
        shelf.keep(order.name, found)
    return found


def draw(order: Order) -> bytes:
    """The picture, drawn now: 100 ms, and a second for the first one. Raises NotDrawn."""
    spec = order.chart.spec
    if order.format == PNG:
        # In a message it stands on whatever ground the reader's theme has.
        spec = {**spec, "background": LIGHT["ground"]}
    wanted = {
        "format": order.format,
        "spec": spec,
        "numbers": number_locale(order.locale),
        "times": time_locale(order.locale),
        "scale": order.scale,
    }
    picture = _studios[order.format].draw(json.dumps(wanted, default=float).encode())
    if order.format == PNG:
        return picture
    try:
        return cleaned(picture, order.chart.title, order.chart.alt).encode()
    except NotADrawing as error:
        raise NotDrawn(str(error)) from error


def warm_up() -> None:
    """Have the process ready before the first chart is asked for: for those who are about to draw many."""
    draw(Order(Chart({"data": {"values": [{}]}, "mark": "point"}), "en"))


class Studio:
    """The process that draws: begun when needed, one drawing at a time, ended when it hangs or nobody asks."""

    def __init__(self, command: list[str], longest: float = LONGEST, wait: float = LONGEST_WAIT, idle: float = IDLE):
        self._command, self._longest, self._wait, self._idle = command, longest, wait, idle
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._going_home: threading.Timer | None = None
        self._owner = os.getpid()

    def draw(self, request: bytes) -> bytes:
        """One drawing. Raises NotDrawn."""
        with self._my_turn():
            process = self._at_work()
            # Ending the process ends the reading below: the one way out of a read that works everywhere.
            limit = threading.Timer(self._longest, process.kill)
            limit.daemon = True
            limit.start()
            try:
                return self._ask(process, request)
            except (OSError, ValueError) as error:
                self.end()
                raise NotDrawn("The process that draws charts ended before it was done.") from error
            finally:
                limit.cancel()

    def end(self) -> None:
        """Let the process go."""
        process, self._process = self._process, None
        if process is not None and self._owner == os.getpid():
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=self._wait):
            raise NotDrawn("Too many charts are waiting to be drawn.")
        try:
            yield
        finally:
            self._turn.release()
            # Only now: whoever comes to end the process while somebody has the turn goes away again.
            self._rest_later()

    def _at_work(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():
            # A forked process has a copy of this object, but the artist is its parent's.
            self._process, self._going_home, self._owner = None, None, os.getpid()
        if self._going_home is not None:
            self._going_home.cancel()
        if self._process is None or self._process.poll() is not None:
            self.end()
            # Days are days: in UTC each of them begins at midnight.
            environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | {"TZ": "UTC"}
            self._process = subprocess.Popen(  # noqa: S603 - our own file
                self._command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        return self._process

    def _ask(self, process: subprocess.Popen[bytes], request: bytes) -> bytes:
        if process.stdin is None or process.stdout is None:
            raise ValueError("no pipes")
        process.stdin.write(request + b"\n")
        process.stdin.flush()
        head: dict[str, Any] = json.loads(process.stdout.readline())
        if "error" in head:
            raise NotDrawn(head["error"])
        picture = process.stdout.read(head["size"])
        if len(picture) < head["size"]:
            raise ValueError("it ended in the middle")
        return picture

    def _rest_later(self) -> None:
        if self._going_home is not None:
            self._going_home.cancel()
        self._going_home = threading.Timer(self._idle, self._rest)
        self._going_home.daemon = True
        self._going_home.start()

    def _rest(self) -> None:
        # Whoever is drawing now sets a timer of their own when they are done.
        if self._turn.acquire(blocking=False):
            try:
                self.end()
            finally:
                self._turn.release()


@cache
def _library() -> str:
    return metadata.version("vl-convert-python")


# By its path: as a module of ours it would load the whole app with it. Web pages ask for SVG, messages for pictures:
# it is rare that one process of ours needs both.
_studios = {format: Studio([sys.executable, "-P", artist.__file__, format]) for format in (SVG, PNG)}
for _studio in _studios.values():
    atexit.register(_studio.end)
