"""What the stand-in answers: version 2 of the REST API, as far as it is asked, in the words of its face."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.fakes.jira import jql
from tests.fakes.jira.world import Issue, Refusal, User, World

BULK = 50
Answer = tuple[int, Any]


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    body: Any


class Api:
    """The API of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.is_cloud = world.face == "cloud"

    def answer(self, asked: Asked) -> Answer:
        """Answer a request. Raises Refusal."""
        for method, pattern, serve in _ROUTES:
            found = re.fullmatch(r"/rest/api/(?:2|latest)/" + pattern, asked.path)
            if found and method == asked.method:
                return serve(self, asked, *found.groups())
        raise Refusal(404, "null for uri: " + asked.path)

    # What there is.

    def server_info(self, _asked: Asked) -> Answer:
        numbers = [1001, 0, 0] if self.is_cloud else [9, 12, 4]
        kind = "Cloud" if self.is_cloud else "Server"
        return 200, {"baseUrl": "https://jira.example", "deploymentType": kind, "versionNumbers": numbers} | {
            "version": ".".join(map(str, numbers)),
            "serverTitle": "Jira",
        }

    def myself(self, _asked: Asked) -> Answer:
        return 200, self._user(self.world.me)

    def permissions(self, asked: Asked) -> Answer:
        if self.is_cloud and not asked.query.get("permissions"):
            raise Refusal(400, "The 'permissions' query parameter is required.")
        self._project(asked.query.get("projectKey", ""))
        return 200, {
            "permissions": {
                name: {"id": str(number), "key": name, "name": name, "type": "PROJECT", "havePermission": has}
                for number, (name, has) in enumerate(self.world.permissions.items())
            }
        }

    def project(self, _asked: Asked, key: str) -> Answer:
        self._project(key)
        types = [
            {"id": number, "name": name, "subtask": sub, "self": "https://jira.example/rest/api/2/issuetype/" + number}
            for number, (name, sub) in self.world.types.items()
        ]
        return 200, {"id": "10000", "key": key, "name": "Shop", "archived": self.world.is_archived, "issueTypes": types}

    def project_statuses(self, _asked: Asked, key: str) -> Answer:
        self._project(key)
        statuses = [self._status(name) for name in self.world.statuses]
        return 200, [
            {"id": number, "name": name, "subtask": sub, "self": "https://jira.example/", "statuses": statuses}
            for number, (name, sub) in self.world.types.items()
        ]

    def create_fields(self, asked: Asked, key: str, number: str) -> Answer:
        self._project(key)
        if number not in self.world.types:
            raise Refusal(404, "Issue type not found.")
        rows = [
            {"fieldId": "summary", "key": "summary", "name": "Summary", "required": True, "hasDefaultValue": False}
            | {"schema": {"type": "string", "system": "summary"}, "operations": ["set"]},
        ]
        if self.world.start_field:
            rows.append(
                {"fieldId": self.world.start_field, "key": self.world.start_field, "name": "Start date"}
                | {"required": False, "hasDefaultValue": False, "operations": ["set"]}
                | {"schema": {"type": "date", "custom": "com.atlassian.jpo:jpo-custom-field-baseline-start"}}
            )
        rows += self._epic_fields(number)
        for name, about in self.world.required.items():
            if about.get("type", self.world.types[number][0]) == self.world.types[number][0]:
                rows.append(
                    {"fieldId": name, "key": name, "name": about["name"], "required": True, "hasDefaultValue": False}
                    | {"schema": {"type": "string"}, "operations": ["set"], "allowedValues": about.get("values", [])}
                )
        start = int(asked.query.get("startAt", 0))
        part = rows[start : start + min(self.world.page, int(asked.query.get("maxResults", 50)))]
        name = "fields" if self.is_cloud else "values"
        return 200, {"startAt": start, "maxResults": self.world.page, "total": len(rows), name: part}

    def _epic_fields(self, number: str) -> list[dict[str, Any]]:
        if not self.world.epic_link:
            return []
        kind, is_epic = "com.pyxis.greenhopper.jira:gh-epic-", self.world.types[number][0] == "Epic"
        key, name, custom = (
            (self.world.epic_name, "Epic Name", "label") if is_epic else (self.world.epic_link, "Epic Link", "link")
        )
        about = {"fieldId": key, "name": name, "required": is_epic, "hasDefaultValue": False, "operations": ["set"]}
        return [about | {"schema": {"type": "any", "custom": kind + custom}}]

    def assignable(self, asked: Asked) -> Answer:
        self._project(asked.query.get("project", ""))
        if self.is_cloud and "username" in asked.query:
            raise Refusal(400, "'accountId' must be the only user identifying query parameter in GDPR strict mode.")
        text = asked.query.get("query" if self.is_cloud else "username", "").casefold()
        found = [
            user
            for user in self.world.users.values()
            if user.is_active and (text in user.display.casefold() or (user.shows_email and text in user.email))
        ]
        start = int(asked.query.get("startAt", 0))
        return 200, [self._user(user) for user in found[start : start + int(asked.query.get("maxResults", 50))]]

    def priorities(self, _asked: Asked) -> Answer:
        return 200, [{"id": str(number), "name": name} for number, name in enumerate(self.world.priorities, 1)]

    def parts(self, _asked: Asked, key: str, kind: str) -> Answer:
        self._project(key)
        known = self.world.versions if kind == "version" else self.world.components
        return 200, [{"id": number, "name": name} for number, name in known.items()]

    def add_part(self, asked: Asked, kind: str) -> Answer:
        self._project(asked.body["project"])
        number = self.world.add_part(kind, asked.body["name"])
        return 201, {"id": number, "name": asked.body["name"]}

    def rename_part(self, asked: Asked, kind: str, number: str) -> Answer:
        if number not in (self.world.versions if kind == "version" else self.world.components):
            raise Refusal(404, f"Could not find {kind} for id '{number}'.")
        self.world.name_part(kind, number, asked.body["name"])
        return 200, {"id": number, "name": asked.body["name"]}

    # Reading issues.

    def search_jql(self, asked: Asked) -> Answer:
        if not self.is_cloud:
            raise Refusal(404, "null for uri: " + asked.path)
        body = asked.body if asked.method == "POST" else asked.query
        issues = {issue.id: issue for issue in jql.find(self.world, body["jql"])}
        reconcile = body.get("reconcileIssues") or ()
        if len(reconcile) > BULK:
            raise Refusal(400, "Up to 50 ids of issues can be reconciled.")
        if reconcile:
            lag, self.world.lag = self.world.lag, self.world.lag * 0
            fresh = {number: self.world.issues[number] for number in reconcile if number in self.world.issues}
            self.world.lag = lag
            issues |= {number: issue for number, issue in fresh.items() if number in issues}
        rows = list(issues.values())
        start = int(body.get("nextPageToken") or 0)
        size = max(1, min(int(body.get("maxResults") or 50), self.world.page))
        part = rows[start : start + size]
        fields = body.get("fields") or ["id"]
        answer: dict[str, Any] = {"issues": [self._issue(issue, fields) for issue in part]}
        answer["isLast"] = start + size >= len(rows)
        if not answer["isLast"]:
            answer["nextPageToken"] = str(start + size)
        return 200, answer

    def search(self, asked: Asked) -> Answer:
        if self.is_cloud:
            raise Refusal(410, "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.")
        body = asked.body if asked.method == "POST" else asked.query
        rows = jql.find(self.world, body["jql"])
        start = int(body.get("startAt") or 0)
        size = min(int(body.get("maxResults") or 50), self.world.page)
        part = [self._issue(issue, body.get("fields") or ["*all"]) for issue in rows[start : start + size]]
        return 200, {"startAt": start, "maxResults": size, "total": len(rows), "issues": part}

    def bulk_fetch(self, asked: Asked) -> Answer:
        if not self.is_cloud:
            raise Refusal(404, "null for uri: " + asked.path)
        wanted = asked.body["issueIdsOrKeys"]
        if len(wanted) > 100:
            raise Refusal(400, "The maximum number of issues is 100.")
        found = []
        for one in wanted:
            try:
                found.append(self.world.find(str(one)))
            except Refusal:
                continue
        return 200, {"issues": [self._issue(issue, asked.body.get("fields") or ["*all"]) for issue in found]}

    def issue(self, asked: Asked, key: str) -> Answer:
        found = self.world.find(key)
        shown = self._issue(found, (asked.query.get("fields") or "*all").split(","))
        if "changelog" in asked.query.get("expand", "") and not self.is_cloud:
            rows = self._history(found)
            shown["changelog"] = {"startAt": 0, "maxResults": len(rows), "total": len(rows), "histories": rows}
        return 200, shown

    def changelog(self, asked: Asked, key: str) -> Answer:
        if not self.is_cloud:
            raise Refusal(404, "null for uri: " + asked.path)
        rows = self._history(self.world.find(key))
        start = int(asked.query.get("startAt", 0))
        part = rows[start : start + min(self.world.page, int(asked.query.get("maxResults", 100)))]
        is_last = start + len(part) >= len(rows)
        page = {"startAt": start, "maxResults": 100, "total": len(rows), "isLast": is_last, "values": part}
        return 200, {**page, "self": "https://jira.example/"}

    def one_comment(self, _asked: Asked, key: str, number: str) -> Answer:
        return 200, self._comment(self.world.find_comment(self.world.find(key), number))

    def reword(self, asked: Asked, key: str, number: str) -> Answer:
        issue = self.world.find(key)
        said = self.world.find_comment(issue, number)
        return 200, self._comment(self.world.reword(issue, said, asked.body["body"]))

    def comments(self, asked: Asked, key: str) -> Answer:
        rows = [self._comment(one) for one in self.world.find(key).comments]
        start = int(asked.query.get("startAt", 0))
        part = rows[start : start + min(self.world.page, int(asked.query.get("maxResults", 50)))]
        return 200, {"startAt": start, "maxResults": 100, "total": len(rows), "comments": part}

    # Writing.

    def create(self, asked: Asked) -> Answer:
        return 201, self._made(self._create(asked.body))

    def _create(self, draft: dict[str, Any]) -> Issue:
        fields, name = draft["fields"], self.world.epic_name
        if name and (fields.get("issuetype") or {}).get("name") == "Epic" and not fields.get(name):
            raise Refusal(400, **{name: "Epic Name is required."})
        return self.world.create(fields, self._properties(draft))

    def create_many(self, asked: Asked) -> Answer:
        drafts = asked.body["issueUpdates"]
        if len(drafts) > BULK:
            raise Refusal(400, f"The number of issues must not exceed {BULK}.")
        made, errors = [], []
        for number, draft in enumerate(drafts):
            try:
                made.append(self._made(self._create(draft)))
            except Refusal as refused:
                said = {"errorMessages": refused.messages, "errors": refused.fields, "status": refused.status}
                errors.append({"status": refused.status, "elementErrors": said, "failedElementNumber": number})
        return (201 if made else 400), {"issues": made, "errors": errors}

    def edit(self, asked: Asked, key: str) -> Answer:
        self.world.change(self.world.find(key), asked.body["fields"])
        return 204, None

    def transitions(self, _asked: Asked, key: str) -> Answer:
        issue = self.world.find(key)
        return 200, {
            "expand": "transitions",
            "transitions": [
                {"id": one.id, "name": one.name, "to": self._status(one.to), "hasScreen": bool(one.required)}
                | {"isAvailable": True, "isConditional": False, "isGlobal": not one.sources, "isInitial": False}
                | {"fields": {name: self._asks(name) for name in one.required}}
                for one in self.world.offered(issue)
            ],
        }

    def take_step(self, asked: Asked, key: str) -> Answer:
        if not self.world.permissions["TRANSITION_ISSUES"]:
            raise Refusal(403, "You do not have permission to transition this issue.")
        self.world.step(self.world.find(key), str(asked.body["transition"]["id"]), asked.body.get("fields") or {})
        return 204, None

    def link(self, asked: Asked) -> Answer:
        if asked.body["type"]["name"] != "Blocks":
            raise Refusal(404, "No issue link type with name found.")
        # 'inward' is the one that blocks: it stands on the inward side of the other.
        first = self.world.find(str(asked.body["inwardIssue"].get("key") or asked.body["inwardIssue"].get("id")))
        then = self.world.find(str(asked.body["outwardIssue"].get("key") or asked.body["outwardIssue"].get("id")))
        then.links.append({"inward": first.id})
        first.links.append({"outward": then.id})
        return 201, None

    def remote_link(self, asked: Asked, key: str) -> Answer:
        issue = self.world.find(key)
        known = asked.body.get("globalId") or asked.body["object"]["url"]
        is_new = known not in issue.remote_links
        issue.remote_links[known] = asked.body["object"]
        number = 1000 + list(issue.remote_links).index(known)
        return (201 if is_new else 200), {"id": number, "self": f"https://jira.example/rest/api/2/issue/{key}/{number}"}

    def drop_remote_link(self, asked: Asked, key: str) -> Answer:
        found = self.world.find(key).remote_links.pop(asked.query.get("globalId", ""), None)
        if found is None:
            raise Refusal(404, "No remote link with this global id.")
        return 204, None

    def say(self, asked: Asked, key: str) -> Answer:
        if not isinstance(asked.body["body"], str):
            raise Refusal(400, comment="Comment body is not valid!")
        return 201, self._comment(self.world.comment(self.world.find(key), asked.body["body"]))

    # How things look.

    def _project(self, key: str) -> None:
        if key != self.world.project_key or not self.world.permissions["BROWSE_PROJECTS"]:
            raise Refusal(404, f"No project could be found with key '{key}'.")

    def _properties(self, draft: dict[str, Any]) -> dict[str, Any]:
        return {one["key"]: one["value"] for one in draft.get("properties") or ()}

    def _made(self, issue: Issue) -> dict[str, Any]:
        return {"id": str(issue.id), "key": issue.key, "self": f"https://jira.example/rest/api/2/issue/{issue.id}"}

    def _user(self, user: User) -> dict[str, Any]:
        shown: dict[str, Any] = {"displayName": user.display, "active": user.is_active, "timeZone": "Europe/Warsaw"}
        shown["emailAddress"] = user.email if user.shows_email else ""
        if self.is_cloud:
            return {**shown, "accountId": user.id, "accountType": "atlassian"}
        return {**shown, "name": user.name, "key": "JIRAUSER" + user.id}

    def _status(self, name: str) -> dict[str, Any]:
        status = self.world.statuses[name]
        return {"id": status.id, "name": name, "statusCategory": self.world.category(name)} | {
            "self": "https://jira.example/rest/api/2/status/" + status.id,
            "description": "",
            "iconUrl": "https://jira.example/",
        }

    def _asks(self, name: str) -> dict[str, Any]:
        about = {"required": True, "name": name, "key": name, "hasDefaultValue": False, "operations": ["set"]}
        return {**about, "schema": {"type": "resolution" if name == "resolution" else "string"}}

    def _comment(self, one: dict[str, Any]) -> dict[str, Any]:
        at = self.world.moment(one["at"])
        shown = {
            "id": one["id"],
            "body": one["body"],
            "author": self._user(one["author"]),
            "created": at,
            "updated": at,
        }
        return shown | ({"visibility": one["visibility"]} if "visibility" in one else {})

    def _talk(self, issue: Issue) -> dict[str, Any]:
        """Comments as they come with an issue: Cloud shows only so many of them."""
        rows = [self._comment(one) for one in issue.comments]
        shown = rows[: self.world.inline_comments] if self.is_cloud else rows
        return {"comments": shown, "startAt": 0, "maxResults": len(shown), "total": len(rows)}

    def _history(self, issue: Issue) -> list[dict[str, Any]]:
        return [
            {"id": str(number), "author": self._user(one["author"]), "created": self.world.moment(one["at"])}
            | {"items": [{**item, "fieldtype": "jira"} for item in one["items"]]}
            for number, one in enumerate(issue.history)
        ]

    def _issue(self, issue: Issue, wanted: list[str]) -> dict[str, Any]:
        shown = {"id": str(issue.id), "key": issue.key, "self": f"https://jira.example/rest/api/2/issue/{issue.id}"}
        if wanted == ["id"]:
            return {"id": shown["id"]}
        fields = self._fields(issue)
        if "*all" not in wanted:
            fields = {name: value for name, value in fields.items() if name in wanted}
        return {**shown, "fields": fields}

    def _fields(self, issue: Issue) -> dict[str, Any]:
        world, raw = self.world, issue.fields
        assignee = world.users.get(raw.get("assignee") or "")
        types = {name: number for number, (name, _sub) in world.types.items()}
        names_of = dict(world.types.values())
        parent = world.issues.get(raw.get("parent") or 0)
        names = {"fixVersions": world.versions, "components": world.components}
        return {
            "summary": raw["summary"],
            "description": raw.get("description"),
            "status": self._status(issue.status),
            "resolution": {"id": "1", "name": issue.resolution} if issue.resolution else None,
            "assignee": self._user(assignee) if assignee else None,
            "duedate": raw.get("duedate"),
            "priority": {"id": "3", "name": raw.get("priority")},
            "labels": raw["labels"],
            "created": world.moment(issue.created),
            "updated": world.moment(issue.updated),
            "issuetype": {"id": types[issue.type], "name": issue.type, "subtask": names_of[issue.type]},
            "project": {"id": "10000", "key": issue.project, "name": "Shop"},
            "comment": self._talk(issue),
            "issuelinks": [self._link(one) for one in issue.links],
            **({"parent": self._made(parent)} if parent else {}),
            **{name: [{"id": one, "name": known[one]} for one in raw.get(name, ())] for name, known in names.items()},
            **{name: raw.get(name) for name in (world.start_field, world.epic_link, *world.required) if name},
        }

    def _link(self, one: dict[str, Any]) -> dict[str, Any]:
        side, number = next(iter(one.items()))
        about = {"id": "10000", "name": "Blocks", "inward": "is blocked by", "outward": "blocks"}
        return {"id": "1", "type": about, f"{side}Issue": self._made(self.world.issues[number])}


_ROUTES: list[tuple[str, str, Callable[..., Answer]]] = [
    ("GET", "serverInfo", Api.server_info),
    ("GET", "myself", Api.myself),
    ("GET", "mypermissions", Api.permissions),
    ("GET", "project/([^/]+)", Api.project),
    ("GET", "priority", Api.priorities),
    ("GET", "project/([^/]+)/statuses", Api.project_statuses),
    ("GET", "project/([^/]+)/(version|component)s", Api.parts),
    ("POST", "(version|component)", Api.add_part),
    ("PUT", "(version|component)/([^/]+)", Api.rename_part),
    ("GET", "issue/createmeta/([^/]+)/issuetypes/([^/]+)", Api.create_fields),
    ("GET", "user/assignable/search", Api.assignable),
    ("GET", "search/jql", Api.search_jql),
    ("POST", "search/jql", Api.search_jql),
    ("GET", "search", Api.search),
    ("POST", "search", Api.search),
    ("POST", "issue/bulkfetch", Api.bulk_fetch),
    ("POST", "issue/bulk", Api.create_many),
    ("POST", "issue", Api.create),
    ("GET", "issue/([^/]+)", Api.issue),
    ("PUT", "issue/([^/]+)", Api.edit),
    ("GET", "issue/([^/]+)/changelog", Api.changelog),
    ("GET", "issue/([^/]+)/comment", Api.comments),
    ("POST", "issue/([^/]+)/comment", Api.say),
    ("GET", "issue/([^/]+)/comment/([^/]+)", Api.one_comment),
    ("PUT", "issue/([^/]+)/comment/([^/]+)", Api.reword),
    ("GET", "issue/([^/]+)/transitions", Api.transitions),
    ("POST", "issue/([^/]+)/transitions", Api.take_step),
    ("POST", "issue/([^/]+)/remotelink", Api.remote_link),
    ("DELETE", "issue/([^/]+)/remotelink", Api.drop_remote_link),
    ("POST", "issueLink", Api.link),
]
