"""A person's own way into a round, without an account: a signed address that says which round and whom.

It is worth something only while the round is open, and only to answer in that person's place; it opens nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from program.ground.pages import path_to

_SALT = "milepost.pulse.sheet"


def token(round_id: int, person_id: int) -> str:
    """The secret part of the address."""
    return str(_serializer().dumps([round_id, person_id]))


def read(text: str) -> tuple[int, int] | None:
    """The ids of the round and the person of an address; None for one that we did not make."""
    try:
        found = _serializer().loads(text)
    except BadData:
        return None
    match found:
        case [int(round_id), int(person_id)]:
            return round_id, person_id
    return None


def paths(round_id: int, person_ids: Iterable[int]) -> dict[int, str]:
    """The path of each person's own page in a round."""
    return {person_id: path_to("pulse_answers.sheet", token=token(round_id, person_id)) for person_id in person_ids}


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=_SALT)
