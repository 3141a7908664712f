"""Every call of Slack's Web API held against a description of its methods that nobody here wrote.

The description is read from `../shared/contracts` beside the project (override: `MILEPOST_CONTRACTS`). Where it is
absent nothing is checked.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.web.base_client import BaseClient

_ROOT = Path(__file__).resolve().parents[2]
METHODS_FILE = Path(os.environ.get("MILEPOST_CONTRACTS", _ROOT.parent / "shared" / "contracts")) / (
    "slack/web-api-methods.json"
)
ABSENT = not METHODS_FILE.is_file()
WHY_ABSENT = f"{METHODS_FILE} is not there"
# What every method may be answered with, beside its own errors.
COMMON_ERRORS = frozenset(
    (
        *("not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired", "missing_scope"),
        *("not_allowed_token_type", "ratelimited", "fatal_error", "internal_error", "unknown_method"),
        *("invalid_arguments", "invalid_json", "invalid_form_data", "team_access_not_granted", "org_login_required"),
    )
)


@lru_cache(maxsize=1)
def methods() -> dict[str, Any]:
    """The description: by method its arguments, errors and scopes."""
    found: dict[str, Any] = json.loads(METHODS_FILE.read_text())
    return found


def scopes_of(method: str) -> frozenset[str]:
    """The scopes a bot may call it with: one of them will do. Empty for methods that need none."""
    return frozenset(scope["name"] for scope in methods()[method]["scopes"].get("bot", []))


def errors_of(method: str) -> frozenset[str]:
    """The error codes that the method may be answered with."""
    listed: Any = methods()[method]["errors"]
    own = listed if isinstance(listed, dict) else [one["name"] if isinstance(one, dict) else one for one in listed]
    return COMMON_ERRORS | frozenset(own)


def wrong_with(method: str, given: dict[str, Any]) -> list[str]:
    """What the description says against a call with these arguments."""
    if method not in methods():
        return [f"there is no method {method}"]
    known = methods()[method]["args"]
    sent = {name for name, value in given.items() if value is not None} - {"token"}
    unknown = sorted(sent - set(known))
    lacking = sorted(name for name, about in known.items() if about.get("required") and name not in sent)
    return [f"{method} takes no {name}" for name in unknown] + [f"{method} needs {name}" for name in lacking]


@dataclass
class CallsSeen:
    """What was called while it watched, and what is wrong with it."""

    methods: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Look at every call from here on. What is wrong is kept, not raised: a plugin might catch it."""
        original: Callable[..., Any] = BaseClient.api_call

        def api_call(client: BaseClient, api_method: str, **more: Any) -> Any:
            given: dict[str, Any] = {}
            for way in ("params", "data", "json", "files"):
                given |= dict(more.get(way) or {})
            self.methods.add(api_method)
            self.problems += wrong_with(api_method, given)
            return original(client, api_method, **more)

        monkeypatch.setattr(BaseClient, "api_call", api_call)
