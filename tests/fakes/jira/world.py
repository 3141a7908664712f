"""What there is in the stand-in's Jira: a project with issue types, a workflow, people, issues and their history."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

NEW, GOING, DONE = "new", "indeterminate", "done"
_CATEGORIES = {NEW: (2, "To Do", "blue-gray"), GOING: (4, "In Progress", "yellow"), DONE: (3, "Done", "green")}
MAX_SUMMARY, MAX_TEXT, MAX_LABEL = 255, 32_767, 255


@dataclass
class User:
    """Somebody. Cloud knows them by `id`, Data Center by `name`; others see the e-mail only if they show it."""

    id: str
    name: str
    display: str
    email: str
    shows_email: bool = True
    is_active: bool = True


@dataclass
class Status:
    """A status of the workflow."""

    id: str
    name: str
    category: str


@dataclass
class Step:
    """A transition: from which statuses (empty: from all), to which one, and what it asks for on the way."""

    id: str
    name: str
    to: str
    sources: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    # A validator that refuses for a reason of its own, whatever is sent.
    refuses: str = ""


@dataclass
class Issue:
    """An issue."""

    id: int
    number: int
    project: str
    type: str
    fields: dict[str, Any]
    status: str
    resolution: str | None
    created: datetime
    updated: datetime
    # When the index will know of what it says now.
    indexed: datetime
    # What the index says until then; None: nothing at all.
    before: Issue | None = None
    comments: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    remote_links: dict[str, dict[str, Any]] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    is_hidden: bool = False

    @property
    def key(self) -> str:
        """What people call it."""
        return f"{self.project}-{self.number}"


class Refusal(Exception):
    """Jira says no: an HTTP status, sentences, and reasons by field."""

    def __init__(self, status: int, *messages: str, **fields: str) -> None:
        super().__init__(status, messages, fields)
        self.status, self.messages, self.fields = status, list(messages), fields


class World:
    """One site with one project, and a second one that issues can be moved to."""

    def __init__(self, face: str = "cloud", project: str = "SHOP") -> None:
        self.face, self.project_key = face, project
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.zone = ZoneInfo("America/Los_Angeles")
        self.lag = timedelta(0)
        # The most issues of one page, however many are asked for.
        self.page = 100
        # How many comments of an issue come with it (Cloud).
        self.inline_comments = 20
        self.is_archived = False
        self.permissions = dict.fromkeys(
            ("BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "TRANSITION_ISSUES", "LINK_ISSUES")
            + ("ADD_COMMENTS", "ASSIGN_ISSUES"),
            True,
        )
        self.types = {"10001": ("Task", False), "10002": ("Epic", False), "10003": ("Sub-task", True)}
        self.priorities = ["Highest", "High", "Medium", "Low", "Lowest"]
        self.required: dict[str, dict[str, Any]] = {}
        self.statuses = {
            one.name: one
            for one in (
                Status("1", "To Do", NEW),
                Status("3", "In Progress", GOING),
                Status("5", "Done", DONE),
                Status("6", "Cancelled", DONE),
            )
        }
        self.steps = [
            Step("11", "Back to do", "To Do"),
            Step("21", "Start", "In Progress"),
            Step("31", "Finish", "Done"),
            Step("41", "Cancel", "Cancelled"),
        ]
        self.issues: dict[int, Issue] = {}
        self.versions: dict[str, str] = {}
        self.components: dict[str, str] = {}
        self.start_field = "customfield_10015"
        # On Data Center an issue lies under its epic by a field of its own, and an epic has a second name.
        self.epic_link, self.epic_name = ("", "") if face == "cloud" else ("customfield_10008", "customfield_10011")
        self._ids, self._numbers, self._parts = itertools.count(10_000), itertools.count(1), itertools.count(500)
        self.users: dict[str, User] = {}
        self.me = self.person("Milepost Bot", "bot@jira.example")

    # People.

    def person(self, display: str, email: str, *, shows_email: bool = True) -> User:
        """Add somebody."""
        number = f"5b10a{len(self.users):04d}"
        user = User(number, email.partition("@")[0], display, email, shows_email)
        self.users[number] = user
        return user

    def user_of(self, said: Any) -> User | None:
        """The user that a field names, in the words of this face. Raises Refusal."""
        if said is None:
            return None
        known = said.get("accountId") if self.face == "cloud" else said.get("name")
        if known is None and self.face == "cloud":
            raise Refusal(
                400, assignee="'accountId' must be the only user identifying query parameter in GDPR strict mode."
            )
        if known in ("", "-1"):
            return None
        for user in self.users.values():
            if (user.id if self.face == "cloud" else user.name) == known and user.is_active:
                return user
        raise Refusal(400, assignee=f"User '{known}' cannot be assigned issues.")

    # Issues.

    def find(self, text: str) -> Issue:
        """The issue with that id or key, also a former key. Raises Refusal 404."""
        if text.isdecimal() and (known := self.issues.get(int(text))) is not None and not known.is_hidden:
            return known
        for issue in self.issues.values():
            if (
                str(issue.id) == text or issue.key == text or text in issue.properties.get("", ())
            ) and not issue.is_hidden:
                return issue
        raise Refusal(404, "Issue does not exist or you do not have permission to see it.")

    def create(self, fields: dict[str, Any], properties: dict[str, Any] | None = None) -> Issue:
        """Create an issue as the API or somebody in Jira does. Raises Refusal."""
        if self.is_archived:
            raise Refusal(400, "The project is archived.")
        if not self.permissions["CREATE_ISSUES"]:
            raise Refusal(403, "You do not have permission to create issues in this project.")
        fields = dict(fields)
        project = (fields.pop("project", None) or {"key": self.project_key})["key"]
        if project != self.project_key:
            raise Refusal(400, project="valid project is required")
        said = fields.pop("issuetype", None) or {"name": "Task"}
        names = dict(self.types.values())
        type_name = said.get("name") or self.types.get(str(said.get("id")), ("", False))[0]
        if type_name not in names:
            raise Refusal(400, issuetype="Specify a valid issue type")
        if self.epic_link and "parent" in fields and not names[type_name]:
            raise Refusal(400, parent="Field 'parent' cannot be set. It is not on the appropriate screen, or unknown.")
        if names[type_name] and "parent" not in fields:
            raise Refusal(400, parent="Issue type is a sub-task but parent issue key or id not specified.")
        if (
            names[type_name]
            and self.find(str(fields["parent"].get("id") or fields["parent"].get("key"))).type == "Epic"
        ):
            raise Refusal(400, parent="An epic cannot have sub-tasks.")
        if not str(fields.get("summary") or "").strip():
            raise Refusal(400, summary="You must specify a summary of the issue.")
        for name, about in self.required.items():
            if name not in fields and about.get("type", type_name) == type_name:
                raise Refusal(400, **{name: f"{about['name']} is required."})
        now = self.now()
        first = next(iter(self.statuses))
        clean = self._checked(fields)
        issue = Issue(
            next(self._ids), next(self._numbers), project, type_name, {}, first, None, now, now, now + self.lag
        )
        issue.fields = {"summary": "", "description": None, "assignee": None, "duedate": None, "labels": []} | {
            "priority": "Medium",
            **clean,
        }
        issue.properties = {**(properties or {})}
        self.issues[issue.id] = issue
        return issue

    def change(self, issue: Issue, fields: dict[str, Any], who: User | None = None) -> None:
        """Write fields. Raises Refusal and then changes nothing."""
        if not self.permissions["EDIT_ISSUES"] and who is None:
            raise Refusal(403, "You do not have permission to edit issues in this project.")
        if "status" in fields:
            raise Refusal(400, status="Field 'status' cannot be set. It is not on the appropriate screen, or unknown.")
        clean = self._checked(fields)
        if self.epic_link:
            # A sub-task's new parent is taken without a word and changes nothing: only a person moves it.
            clean.pop("parent", None)
        self._touch(issue)
        for name, value in clean.items():
            self._remember(issue, name, issue.fields.get(name), value, who)
            issue.fields[name] = value

    def edit(self, issue: Issue, **fields: Any) -> None:
        """Somebody in Jira edits the issue: `status` by name, everything else as the API takes it."""
        who = next(iter(self.users.values()))
        if (status := fields.pop("status", None)) is not None:
            self.move(issue, status)
        if fields:
            self.change(issue, fields, who)

    def move(self, issue: Issue, status: str, resolution: str | None = None) -> None:
        """Put the issue into a status, whatever the workflow says."""
        self._touch(issue)
        self._remember(issue, "status", issue.status, status, None)
        issue.status = status
        is_done = self.statuses[status].category == DONE
        issue.resolution = (resolution or ("Done" if status == "Done" else status)) if is_done else None

    def offered(self, issue: Issue) -> list[Step]:
        """The steps that are on offer."""
        return [one for one in self.steps if not one.sources or issue.status in one.sources]

    def step(self, issue: Issue, number: str, fields: dict[str, Any]) -> None:
        """Take a step. Raises Refusal."""
        found = next((one for one in self.offered(issue) if one.id == number), None)
        if found is None:
            raise Refusal(400, f"It seems that you have tried to perform an invalid workflow operation: {number}")
        if found.refuses:
            raise Refusal(400, found.refuses)
        missing = [name for name in found.required if name not in fields]
        if missing:
            raise Refusal(400, **{name: f"{name} is required." for name in missing})
        self.move(issue, found.to, (fields.get("resolution") or {}).get("name"))

    def transfer(self, issue: Issue, project: str = "OTHER") -> None:
        """Move the issue to another project: its key changes, its id does not."""
        self._touch(issue)
        issue.properties.setdefault("", []).append(issue.key)
        issue.project = project

    def delete(self, issue: Issue) -> None:
        """It is gone."""
        del self.issues[issue.id]

    def comment(self, issue: Issue, text: str, who: User | None = None) -> dict[str, Any]:
        """Add a comment. Raises Refusal."""
        if not self.permissions["ADD_COMMENTS"] and who is None:
            raise Refusal(403, "You do not have permission to comment on this issue.")
        if not text.strip():
            raise Refusal(400, comment="Comment body can not be empty!")
        if len(text) > MAX_TEXT:
            raise Refusal(400, comment="The entered text is too long. It exceeds the limit of 32,767 characters.")
        self._touch(issue)
        said = {"id": str(next(self._parts)), "body": self.normalised(text), "author": who or self.me, "at": self.now()}
        issue.comments.append(said)
        return said

    def find_comment(self, issue: Issue, number: str) -> dict[str, Any]:
        """That comment. Raises Refusal 404."""
        for one in issue.comments:
            if one["id"] == number:
                return one
        raise Refusal(404, f"Can not find a comment for the id: {number}.")

    def reword(self, issue: Issue, said: dict[str, Any], text: str, who: User | None = None) -> dict[str, Any]:
        """Change a comment, as the API does or somebody in Jira; others' are not ours to change. Raises Refusal."""
        if who is None and said["author"] is not self.me and not self.permissions.get("EDIT_ALL_COMMENTS"):
            raise Refusal(400, "You do not have the permission for this comment.")
        self._touch(issue)
        said["body"] = self.normalised(text)
        return said

    def normalised(self, text: str) -> str:
        """A text as Jira keeps it: carriage returns at line ends, nothing at the end of lines."""
        lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
        return "\r\n".join(lines).strip()

    def indexed(self) -> list[Issue]:
        """The issues as the index has them."""
        now = self.now()
        found: list[Issue] = []
        for issue in self.issues.values():
            shown: Issue | None = issue
            while shown is not None and shown.indexed > now:
                shown = shown.before
            if shown is not None and not issue.is_hidden:
                found.append(shown)
        return found

    def moment(self, at: datetime) -> str:
        """A moment as Jira writes it, in the site's zone."""
        return at.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + at.astimezone(self.zone).strftime("%z")

    def category(self, status: str) -> dict[str, Any]:
        """A status' category, as the API shows it."""
        key = self.statuses[status].category
        number, name, colour = _CATEGORIES[key]
        return {"id": number, "key": key, "name": name, "colorName": colour}

    def add_part(self, kind: str, name: str) -> str:
        """Add a version or component. Raises Refusal for a name that is there."""
        number = str(next(self._parts))
        self.name_part(kind, number, name)
        return number

    def name_part(self, kind: str, number: str, name: str) -> None:
        """Give a version or component its name. Raises Refusal for a name that is there."""
        parts = self.versions if kind == "version" else self.components
        if name in parts.values():
            raise Refusal(400, name="A version with this name already exists in this project.")
        parts[number] = name

    def under(self, epic: Issue) -> dict[str, Any]:
        """The field by which an issue lies under that epic."""
        return {self.epic_link: epic.key} if self.epic_link else {"parent": {"id": str(epic.id)}}

    def _touch(self, issue: Issue) -> None:
        now = self.now()
        issue.before = deepcopy(issue) if self.lag else None
        # Two changes within a millisecond are two versions all the same.
        issue.updated = max(now, issue.updated + timedelta(milliseconds=1))
        issue.indexed = now + self.lag

    def _remember(self, issue: Issue, name: str, old: Any, new: Any, who: User | None) -> None:
        if old != new:
            item = {"field": name, "fromString": _text(old), "toString": _text(new)}
            issue.history.append({"at": self.now(), "author": who or self.me, "items": [item]})

    def _checked(self, fields: dict[str, Any]) -> dict[str, Any]:
        """The fields as they are kept. Raises Refusal for the first that cannot be."""
        checks: dict[str, Callable[[Any], Any]] = {
            "summary": self._summary,
            "description": self._description,
            "assignee": lambda value: user.id if (user := self.user_of(value)) else None,
            "duedate": lambda value: _day("duedate", value),
            self.start_field: lambda value: _day(self.start_field, value),
            "priority": self._priority,
            "labels": _labels,
            "parent": lambda value: self.find(str(value.get("id") or value.get("key"))).id if value else None,
            "fixVersions": lambda value: _parts("fixVersions", value, self.versions),
            "components": lambda value: _parts("components", value, self.components),
            "resolution": lambda value: value,
            **({self.epic_link: self._epic, self.epic_name: str} if self.epic_link else {}),
            **{name: lambda value: value for name in self.required},
        }
        for name in fields:
            if name not in checks:
                said = f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
                raise Refusal(400, **{name: said})
        return {name: checks[name](value) for name, value in fields.items()}

    def _description(self, value: Any) -> str | None:
        if value is not None and not isinstance(value, str):
            raise Refusal(400, description="Operation value must be a string")
        if len(value or "") > MAX_TEXT:
            raise Refusal(400, description="The entered text is too long. It exceeds the limit of 32,767 characters.")
        return self.normalised(value) if value else None

    def _epic(self, key: Any) -> str | None:
        if key is not None and next((one.type for one in self.issues.values() if one.key == key), "") != "Epic":
            raise Refusal(400, **{self.epic_link: f"Issue '{key}' is not an epic."})
        return None if key is None else str(key)

    def _priority(self, value: Any) -> str:
        if value["name"] not in self.priorities:
            raise Refusal(400, priority="The priority selected is invalid.")
        return str(value["name"])

    def _summary(self, value: Any) -> str:
        text = str(value or "")
        if not text.strip():
            raise Refusal(400, summary="You must specify a summary of the issue.")
        if "\n" in text:
            raise Refusal(400, summary="The summary is invalid because it contains newline characters.")
        if len(text) > MAX_SUMMARY:
            raise Refusal(400, summary="Summary must be less than 255 characters.")
        return text.strip()


def _day(name: str, value: Any) -> str | None:
    if value is not None and not re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)):
        raise Refusal(400, **{name: "Error parsing date string"})
    return None if value is None else str(value)


def _labels(value: Any) -> list[str]:
    if any(" " in label or len(label) > MAX_LABEL for label in value):
        raise Refusal(400, labels="The label contains spaces which is invalid.")
    return sorted(set(value))


def _parts(name: str, value: Any, known: dict[str, str]) -> list[str]:
    if any(str(one["id"]) not in known for one in value):
        raise Refusal(400, **{name: "It does not exist."})
    return [str(one["id"]) for one in value]


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
