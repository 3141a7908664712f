"""People's text as it is taken in: without letters that no database or page can show, and nothing else changed.

Right-to-left scripts, accents and emoji pass as they are. What goes is invisible: control characters, halves of
letters, and marks that turn the direction of whatever stands beside the text.
"""

from __future__ import annotations

import re
import unicodedata

# C0 and C1 controls but tab and line feed; lone surrogates; explicit direction overrides; the byte order mark.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")
_INVISIBLE = frozenset(("Cc", "Cf", "Zs", "Zl", "Zp"))


def clean_text(text: str) -> str:
    """Text of several lines: line ends are line feeds, the ends are trimmed."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def clean_line(text: str) -> str:
    """Text of one line: every stretch of white space is one space. '' for text in which nothing can be seen."""
    line = " ".join(_UNWANTED.sub("", text.replace("\r", " ")).split())
    return line if any(unicodedata.category(letter) not in _INVISIBLE for letter in line) else ""
