"""Passwords: how they are kept (argon2), which are refused, and a check that takes as long where there is none."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import Any

from flask_babel import lazy_gettext as _l

from program.ground.errors import Invalid
from program.ground.folding import fold

SHORTEST, LONGEST = 12, 200
# What is left of a password without the words everybody tries first has to weigh at least this (see `_weight`).
_OWN_WEIGHT = 5
# fmt: off
_COMMON = (
    "administrator", "passwort", "password", "welcome", "letmein", "sunshine", "princess", "football", "dragon",
    "monkey", "iloveyou", "qwertyuiop", "qwerty", "asdfghjkl", "asdfgh", "zxcvbnm", "zaq12wsx", "1qaz2wsx",
    "zaqwsx", "qazwsx", "haslo", "polska", "kocham", "misiek", "milepost", "omnichannel", "secret", "changeme",
    "admin", "login", "master", "test", "abc", "pass", "word", "user",
)
# fmt: on
# Of a password nobody knows, with the parameters below (a test keeps them equal). It stands in for accounts that have
# none or do not exist, so that the answer takes the same time.
_NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$sWkTv1srHeaLuDmIOP56Vg$jkzw0O5zu3ePpfQ72slePqhSiRPlMiRJmcWv7ql09K8"


@lru_cache(maxsize=1)
def _hasher() -> Any:
    # Loaded at the first password: argon2's bindings cost as much to load as Flask.
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    # OWASP's Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane.
    return PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19456, parallelism=1),))


def make_hash(password: str) -> str:
    """What is kept of a password."""
    return str(_hasher().hash(password))


def matches(password: str, kept: str | None) -> tuple[bool, str | None]:
    """Whether that is the password, and a newer hash to keep when the old one was made with weaker parameters.

    Without a kept hash the answer is no, after the same work.
    """
    right, newer = _hasher().verify_and_update(password, kept or _NOBODYS)
    return (bool(right), newer) if kept else (False, None)


def check(password: str, *, email: str, name: str, field: str = "password") -> None:
    """Refuse what would be guessed. Raises Invalid with the reason at that field."""
    reason = _why_not(password, email, name)
    if reason is not None:
        raise Invalid(_l("Something is not right yet."), {field: reason})


def _why_not(password: str, email: str, name: str) -> Any:
    if len(password) < SHORTEST:
        return _l("Use at least %(least)s characters. Three or four words together are easy to keep.", least=SHORTEST)
    if len(password) > LONGEST:
        return _l("Use at most %(most)s characters.", most=LONGEST)
    folded = fold(password).replace(" ", "")
    own = {word for word in re.split(r"[\W_]+", fold(f"{name} {email}")) if len(word) > 2}
    own |= {fold(email), fold(name).replace(" ", "")}
    if any(word and word in folded for word in own) and _weight(_without(folded, own)) < _OWN_WEIGHT:
        return _l("This is mostly your name or e-mail. Choose something that others do not know.")
    if _is_pattern(folded) or _weight(_without(folded, _COMMON)) < _OWN_WEIGHT:
        return _l("This is among the first passwords that others try. Choose another.")
    return None


def _without(text: str, words: Iterable[str]) -> str:
    """The text without those words; the longest go first."""
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    return text


def _weight(text: str) -> float:
    """How much of a person's own a text holds: a letter or sign counts whole, a digit a third, punctuation nothing."""
    weights = {"N": 1 / 3, "P": 0, "Z": 0, "C": 0}
    return sum(0 if c in string.punctuation else weights.get(unicodedata.category(c)[0], 1) for c in text)


def _is_pattern(text: str) -> bool:
    """True for few different characters, a repeated piece, or a run such as abcdefghijkl and 987654321098."""
    if len(set(text)) < 5:
        return True
    if text in (text + text)[1:-1]:
        return True
    steps = {(ord(b) - ord(a)) % 10 if a.isdigit() and b.isdigit() else ord(b) - ord(a) for a, b in pairwise(text)}
    return len(steps) == 1
