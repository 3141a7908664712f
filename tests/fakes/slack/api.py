"""The door of the Web API: who calls, whether the token may, and which function answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.world import Json, Token, World

Answering = Callable[["World", "Args"], Json]
_UNSET = object()


@dataclass
class Args:
    """A call's arguments, whichever way they came (form values are text, and so are objects in forms)."""

    given: dict[str, Any]
    token: Token

    def text(self, name: str, default: str = "") -> str:
        """As text."""
        value = self.given.get(name)
        return default if value is None else str(value)

    def needed(self, name: str, code: str = "invalid_arguments") -> str:
        """As text that must be there."""
        value = self.text(name)
        if not value:
            message = f"[ERROR] missing required field: {name}"
            raise SlackError(code, response_metadata={"messages": [message]})
        return value

    def yes(self, name: str, *, default: bool = False) -> bool:
        """As yes or no."""
        value = self.given.get(name, default)
        return value in (True, 1) or str(value).lower() in ("true", "1")

    def number(self, name: str, default: int) -> int:
        """As a whole number."""
        try:
            return int(self.given.get(name) or default)
        except (TypeError, ValueError):
            raise SlackError("invalid_limit") from None

    def parsed(self, name: str, wrong: str) -> Any:
        """As the object that it is, or is the JSON of; None when it is not there. `wrong` is the error's code."""
        value = self.given.get(name)
        if isinstance(value, str):
            try:
                value = json.loads(value) if value else None
            except ValueError:
                raise SlackError(wrong) from None
        return value


@dataclass(frozen=True)
class Method:
    """A method: what answers, the scopes of which one is needed, the kind of token, whether it takes JSON bodies."""

    answer: Answering
    scopes: tuple[str, ...]
    token: str
    takes_json: bool


METHODS: dict[str, Method] = {}


def method(name: str, *scopes: str, token: str = "bot", takes_json: bool = True) -> Callable[[Answering], Answering]:
    """Register the function under a method's name."""

    def register(answer: Answering) -> Answering:
        METHODS[name] = Method(answer, scopes, token, takes_json)
        return answer

    return register


def call(world: World, name: str, token: str, given: dict[str, Any], *, is_json: bool) -> tuple[Json, Token | None]:
    """Answer a call as Slack does; with the token it was made with. The effect and the answer are one step."""
    with world.lock:
        found = world.tokens.get(token)
        try:
            return {"ok": True, **_answer(world, name, token, given, is_json)}, found
        except SlackError as error:
            return {"ok": False, "error": error.code, **error.extra}, found


def _answer(world: World, name: str, token: str, given: dict[str, Any], is_json: bool) -> Json:
    chosen = METHODS.get(name)
    if chosen is None:
        raise SlackError("unknown_method", req_method=name)
    if not token:
        raise SlackError("not_authed")
    found = world.tokens.get(token)
    if found is None:
        raise SlackError("invalid_auth")
    if found.state != "good":
        raise SlackError(found.state)
    if chosen.token not in ("any", found.kind):
        raise SlackError("not_allowed_token_type")
    needed = set(chosen.scopes)
    if needed and not needed & found.scopes:
        raise SlackError("missing_scope", needed=",".join(sorted(needed)), provided=",".join(sorted(found.scopes)))
    # Reading methods do not see the arguments of a JSON body.
    return chosen.answer(world, Args({} if is_json and not chosen.takes_json else given, found))
