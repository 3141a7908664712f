"""Jira's webhooks, for tests: one for each change there, ours too; delivered never, once or twice, in any order."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from tests.fakes.jira import Jira

SECRET = "a secret of sixteen letters"


def deliver(app: Flask, connection_id: int, body: bytes, secret: str = SECRET, identifier: str = "one") -> int:
    """One delivery, signed as Jira does; what it is answered."""
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature": f"sha256={signature}", "X-Atlassian-Webhook-Identifier": identifier}
    address = f"/plugins/jira_sync/webhook/{connection_id}"
    return int(app.test_client().post(address, data=body, headers=headers).status_code)


@dataclass
class Hooks:
    """The webhooks of one story. `fates` say of each change, in turn, after how many steps its webhook is delivered."""

    app: Flask
    jira: Jira
    connection_id: int
    fates: Sequence[Sequence[int]]
    seen: dict[int, tuple[Any, int]] = field(default_factory=dict)
    waiting: list[tuple[int, int, bytes]] = field(default_factory=list)
    count: int = 0

    def notice(self, step: int) -> None:
        """Write down what changed there since the last time, and when each is told."""
        for issue in list(self.jira.world.issues.values()):
            known, now = self.seen.get(issue.id), (issue.updated, len(issue.comments))
            if known == now:
                continue
            self.seen[issue.id] = now
            event = "jira:issue_created" if known is None else "jira:issue_updated"
            if known is not None and known[1] != now[1]:
                event = "comment_created"
            body = json.dumps({"webhookEvent": event, "issue": {"id": str(issue.id), "key": issue.key}}).encode()
            self.count += 1
            for delay in self.fates[self.count % len(self.fates)]:
                self.waiting.append((step + delay, self.count, body))

    def deliver(self, step: int) -> None:
        """Deliver what is due by now, the newest first. A webhook that comes twice has the same identifier."""
        due = sorted((one for one in self.waiting if one[0] <= step), reverse=True)
        self.waiting = [one for one in self.waiting if one[0] > step]
        for _step, number, body in due:
            assert deliver(self.app, self.connection_id, body, identifier=f"delivery {number}") == 204
