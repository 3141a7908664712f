"""The fields of an item and of an issue, each in its own side's words, and how one side is put into the other's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext as _

from plugins.jira_sync import statuses, text
from plugins.jira_sync.issues import Issue, User
from plugins.jira_sync.merging import Direction, Value
from plugins.jira_sync.plan import Plan
from plugins.jira_sync.statuses import RemoteStatus
from program.plugin_api.contract import Item

# What each side takes.
MAX_TITLE, MAX_SUMMARY, MAX_TAG, MAX_LABEL, MAX_REASON = 200, 255, 40, 255, 500
# Labels that are ours and no tag: `milepost-alfa-12` tells an issue's item, whatever else is lost.
MARK = "milepost-"


def mark_of(program_key: str, number: int) -> str:
    """The label by which an issue is known as that item's, even when the answer to its creation was lost."""
    return f"{MARK}{program_key.lower()}-{number}"


@dataclass(slots=True)
class Tongue:
    """Translates one connection's items and issues. `accounts` are Jira's people by our person's id."""

    plan: Plan
    mark: str = ""
    accounts: Mapping[int, str] = field(default_factory=dict)
    is_cloud: bool = True
    # Where phases are labels: those of all phases, which are no tags, and that of the item's own phase.
    homes: frozenset[str] = frozenset()
    home: str = ""

    def here(self, item: Item) -> dict[str, Value]:
        """What the item says, in our words."""
        return {
            "title": item.title,
            "description": text.normalised(item.description),
            "status": item.status,
            "owner": item.owner.id if item.owner else None,
            "due_on": item.due_on.isoformat() if item.due_on else None,
            "start_on": item.start_on.isoformat() if item.start_on else None,
            "priority": item.priority,
            "labels": sorted(item.tags),
        }

    def there(self, issue: Issue) -> dict[str, Value]:
        """What the issue says, in Jira's words."""
        found: dict[str, Value] = {
            "title": issue.title,
            "description": text.normalised(issue.description),
            "status": [issue.status.name, issue.status.category, issue.status.resolution],
            "owner": issue.owner.id if issue.owner else None,
            "due_on": issue.due_on,
            "priority": issue.priority or None,
            "labels": self._tags(issue.labels),
        }
        if self.plan.start_field:
            value = issue.extra.get(self.plan.start_field)
            found["start_on"] = str(value)[:10] if value else None
        return found

    def agree(self, name: str, ours: Value, theirs: Value) -> bool:
        """Whether both say the same."""
        match name:
            case "title":
                return bool(_title(theirs) == ours or text_line(ours)[:MAX_SUMMARY] == theirs)
            case "description":
                return bool(text.cut(text.to_wiki(ours), self._note()) == theirs or text.to_markdown(theirs) == ours)
            case "status":
                return statuses.same(ours, self.meaning(theirs), self.plan.can_block)
            case "owner":
                # Somebody whom we do not know on the other side is nobody's difference: they are listed elsewhere.
                if ours is not None and ours not in self.accounts:
                    return True
                if theirs is not None and theirs not in self.accounts.values():
                    return True
                return self.accounts.get(ours) == theirs if ours is not None else theirs is None
            case "priority":
                known = self._priority(theirs)
                return known is None or known == ours
            case "labels":
                return self._labels(ours) == {_label(one) for one in self._tags(theirs)}
        return bool((ours or None) == (theirs or None))

    def meaning(self, theirs: Value) -> str:
        """What a status of Jira means here."""
        return statuses.meaning(RemoteStatus(*theirs), self.plan.statuses)

    def for_there(self, values: Mapping[str, Value]) -> dict[str, Any]:
        """Our values as fields that Jira takes; a status is no field and is left out."""
        out: dict[str, Any] = {}
        for name, value in values.items():
            match name:
                case "title":
                    out["summary"] = text_line(value)[:MAX_SUMMARY]
                case "description":
                    out["description"] = text.cut(text.to_wiki(value), self._note())
                case "owner":
                    account = self.accounts.get(value) if value is not None else None
                    if value is None or account is not None:
                        out["assignee"] = {"accountId" if self.is_cloud else "name": account} if account else None
                case "due_on":
                    out["duedate"] = value
                case "start_on":
                    out[self.plan.start_field] = value
                case "priority":
                    if known := self.plan.priorities.get(value):
                        out["priority"] = {"name": known}
                case "labels":
                    # Mark and phase are written with every change of labels: this field is replaced as a whole.
                    out["labels"] = sorted(filter(None, self._labels(value) | {self.mark, self.home}))
        return out

    def said(self, name: str, value: Value) -> Value:
        """A value of ours as an issue shows it once it is written there; not for the status."""
        written = self.for_there({name: value})
        match name:
            case "owner":
                return self.accounts.get(value) if value is not None else None
            case "priority":
                return self.plan.priorities.get(value)
            case "labels":
                return self._tags(written["labels"])
            case "description":
                return text.normalised(written["description"])
        return next(iter(written.values()), None)

    def for_here(self, values: Mapping[str, Value], item: Item) -> dict[str, Any]:
        """Jira's values as changes of an item."""
        out: dict[str, Any] = {}
        people = {account: person for person, account in self.accounts.items()}
        for name, value in values.items():
            match name:
                case "title":
                    out["title"] = _title(value) or item.title
                case "description":
                    out["description"] = text.to_markdown(value)
                case "status":
                    out |= self._status(value)
                case "owner":
                    out["owner_id"] = people.get(value) if value is not None else None
                case "due_on" | "start_on":
                    out[name] = date.fromisoformat(value) if value else None
                case "priority":
                    if (known := self._priority(value)) is not None:
                        out["priority"] = known
                case "labels":
                    kept = {_label(tag): tag for tag in item.tags}
                    # A tag that reads like a phase's label cannot travel as a tag, and stays.
                    stays = [tag for tag in item.tags if _label(tag) in self.homes]
                    out["tags"] = [*(kept.get(_label(one), one[:MAX_TAG]) for one in value), *stays]
        return out

    def _tags(self, labels: Iterable[str]) -> list[str]:
        """Those labels that are tags: neither an item's mark nor a phase."""
        return sorted(one for one in labels if not one.startswith(MARK) and one not in self.homes)

    def _labels(self, tags: Iterable[str]) -> set[str]:
        """Tags of ours as labels."""
        return set(self._tags(_label(one) for one in tags))

    def _status(self, theirs: Value) -> dict[str, Any]:
        ours = self.meaning(theirs)
        changes: dict[str, Any] = {"status": ours, "status_reason": ""}
        if ours in statuses.REASONED:
            name, _category, resolution = theirs
            said = f"{name} · {resolution}" if resolution and resolution != name else name
            changes["status_reason"] = _("In Jira: %(status)s", status=said)[:MAX_REASON]
        return changes

    def _priority(self, name: Value) -> int | None:
        known = {one.casefold(): ours for ours, one in self.plan.priorities.items()}
        # What Jira ships on top of ours means our extremes.
        known = {"lowest": 1, "blocker": 4, "critical": 4, "highest": 4, "major": 3, "minor": 1, "trivial": 1} | known
        return known.get(str(name or "").casefold())

    def _note(self) -> str:
        return _("(The text goes on in Milepost.)")


def moving(directions: Mapping[str, Direction]) -> tuple[str, ...]:
    """The fields that travel at all."""
    return tuple(name for name, direction in directions.items() if direction is not Direction.OFF)


def match_people(people: Mapping[int, str], users: Mapping[str, User]) -> dict[int, str]:
    """Accounts by person, where the e-mail address tells: `people` maps ids to addresses, `users` are by account."""
    known = {user.email.casefold(): account for account, user in users.items() if user.email}
    return {person: known[email.casefold()] for person, email in people.items() if email.casefold() in known}


def text_line(value: str) -> str:
    """A title as Jira takes it: one line."""
    return " ".join(value.split())


def _title(summary: str) -> str:
    return text_line(summary)[:MAX_TITLE].rstrip()


def _label(tag: str) -> str:
    """A tag as a label: Jira takes no blanks in it."""
    return "-".join(tag.split())[:MAX_LABEL].casefold()
