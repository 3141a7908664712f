"""Secrets, encrypted before they reach the database, so that a copy of it gives nobody a password away.

The key follows from MILEPOST_SECRET_KEY: whoever changes that has to enter the secrets again, and is told so.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l

from program.ground.errors import MilepostError

# Beside the key of sessions and links, so that one never serves as the other.
_PURPOSE = b"milepost plugin secrets, 1"


class CannotUnseal(MilepostError):
    """A secret was sealed with another key; only entering it again helps."""

    status = 409


def seal(secret: str) -> str:
    """The secret as the database keeps it."""
    return str(_box(str(current_app.secret_key)).encrypt(secret.encode()).decode("ascii"))


def unseal(sealed: str) -> str:
    """The secret again. Raises CannotUnseal when it was sealed under another secret key, or was tampered with."""
    # Imported here: most processes never open a secret, and the library weighs several megabytes.
    from cryptography.fernet import InvalidToken

    try:
        return str(_box(str(current_app.secret_key)).decrypt(sealed.encode("ascii")).decode())
    except (InvalidToken, UnicodeError) as error:
        raise CannotUnseal(
            _l("A secret can no longer be read, because MILEPOST_SECRET_KEY has changed. Enter the secret again.")
        ) from error


@lru_cache(maxsize=4)
def _box(secret_key: str) -> Any:
    from cryptography.fernet import Fernet

    return Fernet(base64.urlsafe_b64encode(hashlib.blake2b(secret_key.encode(), key=_PURPOSE, digest_size=32).digest()))
