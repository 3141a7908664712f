"""Under which name an answer is kept while its round is open, and how that name becomes nobody's when it closes.

The name is a hash of the person keyed with the round's secret and the instance's key. With it the same person finds
their answers again, for as long as the secret is there. Closing a round deletes the secret: from then on nobody, with
the whole database in hand, can say whose a name was.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

SECRET_BYTES = 32


def new_secret() -> bytes:
    """A fresh secret for a round."""
    return secrets.token_bytes(SECRET_BYTES)


def respondent(secret: bytes, instance_key: str, person_id: int) -> str:
    """The name of a person in a round: 64 hexadecimal digits."""
    # Two keys, one after the other: neither the database alone nor the instance's key alone is enough.
    key = hmac.digest(instance_key.encode(), b"milepost.pulse.respondent" + secret, hashlib.sha256)
    return hmac.new(key, str(person_id).encode(), hashlib.sha256).hexdigest()
