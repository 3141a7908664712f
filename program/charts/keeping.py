"""Keeps drawings in files, so that each is drawn once on a machine, for all its processes and after a restart.

Files rather than a table: a page that only reads cannot write into the database, and what can be drawn again at any
time need not be in a backup. A drawing's name is made of all that it follows from, so it never grows old; when there
are too many, those go that nobody has asked for longest.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

# Some 1,500 charts of 40 KB: every KPI of a large program, in both languages and both sizes.
MOST_BYTES = 64 * 1024 * 1024
# Once in so many drawings somebody looks how many there are.
_LOOK_EVERY = 50


class Shelf:
    """A folder of drawings, at most `most` bytes of them. A disk that is full or cannot be written costs only time."""

    def __init__(self, folder: Path, most: int = MOST_BYTES, look_every: int = _LOOK_EVERY) -> None:
        self._folder, self._most, self._look_every = folder, most, look_every

    def find(self, name: str) -> bytes | None:
        """The drawing of that name, or None."""
        path = self._folder / name
        try:
            found = path.read_bytes()
        except OSError:
            return None
        with suppress(OSError):
            os.utime(path)
        return found

    def keep(self, name: str, drawing: bytes) -> None:
        """Keep a drawing. Whoever reads at this moment finds all of it or nothing."""
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished = self._folder / f"{name}.{secrets.token_hex(4)}"
            unfinished.write_bytes(drawing)
            unfinished.replace(self._folder / name)
        if secrets.randbelow(self._look_every) == 0:
            self.tidy()

    def tidy(self) -> None:
        """Take away what was asked for longest ago, until three quarters of the room are taken."""
        files = []
        with suppress(OSError):
            for entry in os.scandir(self._folder):
                with suppress(OSError):
                    files.append((entry.stat().st_mtime, entry.stat().st_size, entry.path))
        left = sum(size for _at, size, _path in files)
        if left <= self._most:
            return
        for _at, size, path in sorted(files):
            if left <= self._most * 3 // 4:
                return
            with suppress(OSError):
                os.unlink(path)
                left -= size
