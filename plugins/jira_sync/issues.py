"""Jira's people and issues as plain data, the same for Cloud and Data Center."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plugins.jira_sync.statuses import RemoteStatus

CLOUD, DATA_CENTER = "cloud", "data_center"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody in Jira. `id` is an accountId on Cloud and a user name on Data Center; `email` is often hidden ('')."""

    id: str
    name: str
    email: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue. `id` never changes, `key` does when it is moved; `updated` is Jira's own text for the moment."""

    id: str
    key: str
    updated: str
    title: str
    description: str
    status: RemoteStatus
    owner: User | None
    due_on: str | None
    priority: str
    labels: tuple[str, ...]
    type: str
    project: str
    parent: str | None
    # Ids of issues that this one waits for ("is blocked by").
    blocked_by: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Created:
    """What became of one issue of a bulk create: its id and key, or why there is none."""

    id: str = ""
    key: str = ""
    error: str = ""
