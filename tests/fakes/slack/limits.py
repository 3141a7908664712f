"""Slack's rate limits as its documentation gives them: tiers by method and minute, one post a second and channel."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from tests.fakes.slack.errors import RateLimited

# Calls a minute.
TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
METHODS = {
    "conversations.list": 2,
    "users.list": 2,
    "apps.connections.open": 3,
    "chat.delete": 3,
    "chat.update": 3,
    "conversations.history": 3,
    "conversations.info": 3,
    "conversations.join": 3,
    "conversations.open": 3,
    "conversations.replies": 3,
    "reactions.add": 3,
    "reactions.get": 3,
    "team.info": 3,
    "users.conversations": 3,
    "users.lookupByEmail": 3,
    "chat.postEphemeral": 4,
    "conversations.members": 4,
    "files.completeUploadExternal": 4,
    "files.getUploadURLExternal": 4,
    "files.info": 4,
    "users.info": 4,
    "views.open": 4,
    "views.publish": 4,
    "views.push": 4,
    "views.update": 4,
}
# 'Several hundred' messages a minute for the whole workspace; the figure is nobody's promise.
WORKSPACE_POSTS = 300


@dataclass
class Limits:
    """Buckets that fill up with time. Off unless a test switches them on."""

    on: bool = False
    posts_a_minute: int = WORKSPACE_POSTS
    # Posts that one channel takes at once before a second has to pass.
    burst: int = 1
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, method: str, channel: str, now: float) -> None:
        """Take one call, or raise RateLimited."""
        if not self.on:
            return
        if method == "chat.postMessage":
            self._take(f"channel {channel}", self.burst, 1.0, now)
            self._take("workspace", self.posts_a_minute, self.posts_a_minute / 60, now)
        elif method in METHODS:
            a_minute = TIERS[METHODS[method]]
            self._take(method, a_minute, a_minute / 60, now)

    def _take(self, name: str, most: float, a_second: float, now: float) -> None:
        left, at = self._buckets.get(name, (most, now))
        left = min(most, left + (now - at) * a_second)
        if left < 1:
            self._buckets[name] = (left, now)
            raise RateLimited(max(1, math.ceil((1 - left) / a_second)))
        self._buckets[name] = (left - 1, now)
