"""Jira as this plugin uses it: a dozen calls on plain data, the same for Cloud and for Data Center.

PyPI `jira` signs in and speaks; its own searching and updating are passed by where they do the wrong thing (they call
the removed `/search` on a Cloud they were not introduced to, search people by a name Cloud refuses, and send updates to
whatever address an issue names as its own). API version 2 throughout, because it takes and gives wiki text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from flask_babel import gettext as _

from plugins.jira_sync.issues import CLOUD, Created, Issue, User
from plugins.jira_sync.statuses import RemoteStatus, Transition
from plugins.jira_sync.wire import Adapter, Rejected
from program.plugin_api.contract import Connection, Misconfigured

# What Jira takes at once: issues of one create, ids that a search has to have seen, issues of one page.
BULK, RECONCILED, PAGE = 50, 50, 100
READ = (
    *("summary", "description", "status", "resolution", "assignee", "duedate", "priority", "labels"),
    *("created", "updated", "issuetype", "parent", "project", "issuelinks"),
)
T = TypeVar("T")


class Jira:
    """One Jira, signed in. Raises the contract's fates, and `Unknown`, `NotFound`, `Rejected` of `wire.py`."""

    def __init__(self, connection: Connection) -> None:
        # Imported here: the library weighs twenty megabytes, and only a sync needs it.
        from jira import JIRA

        values = connection.values
        self.url = str(values.get("url") or "").rstrip("/")
        self.project_key = str(values.get("project") or "").strip()
        self.face = str(values.get("face") or CLOUD)
        token = str(values.get("token") or "")
        if not self.url or not self.project_key or not token:
            raise Misconfigured(_("Name the address of Jira, the project and the token."))
        sign_in: dict[str, Any] = {"token_auth": token}
        if self.face == CLOUD:
            sign_in = {"basic_auth": (str(values.get("user") or ""), token)}
        # The field of the start date is one of a project's own: it has to be asked for by its name.
        self.reads = (*READ, *filter(None, (str(values.get("start_field") or ""),)))
        self.adapter = Adapter()
        self._client = JIRA(
            self.url,
            options={"rest_api_version": "2", "check_update": False, "agile_rest_api_version": "1.0"},
            # No question to begin with: a steady look must cost one request. What it would have found out, we know.
            get_server_info=False,
            max_retries=0,
            timeout=30,
            logging=False,
            **sign_in,
        )
        self._client.deploymentType = "Cloud" if self.is_cloud else "Server"
        self._client._version = (1001, 0, 0) if self.is_cloud else (9, 12, 0)
        session = self._client._session
        session.mount("https://", self.adapter)
        session.mount("http://", self.adapter)
        # Nothing of the environment: neither its proxies nor passwords lying in ~/.netrc.
        session.trust_env = False

    def __enter__(self) -> Jira:
        return self

    def __exit__(self, *_error: object) -> None:
        self._client._session.close()

    @property
    def is_cloud(self) -> bool:
        """Whether it is a Cloud, with account ids and without `/search`."""
        return self.face == CLOUD

    # What there is.

    def server(self) -> Mapping[str, Any]:
        """Its version and kind."""
        return self._get("serverInfo")

    def myself(self) -> User:
        """Who we are signed in as."""
        return _user(self._get("myself"))

    def project(self) -> Mapping[str, Any]:
        """The project: id, key, name, issue types, whether it is archived."""
        return self._get(f"project/{self.project_key}")

    def permissions(self) -> Mapping[str, bool]:
        """What we may do in the project, by Jira's names of permissions."""
        wanted = "BROWSE_PROJECTS,CREATE_ISSUES,EDIT_ISSUES,TRANSITION_ISSUES,LINK_ISSUES,ADD_COMMENTS,ASSIGN_ISSUES"
        wanted += ",ADMINISTER_PROJECTS"
        params = {"projectKey": self.project_key} | ({"permissions": wanted} if self.is_cloud else {})
        found = self._get("mypermissions", **params).get("permissions", {})
        return {name: bool(one.get("havePermission")) for name, one in found.items() if name in wanted.split(",")}

    def statuses(self) -> Mapping[str, tuple[RemoteStatus, ...]]:
        """The statuses of each issue type of the project, by the type's name."""
        return {
            str(one["name"]): tuple(_status(status, "") for status in one.get("statuses", ()))
            for one in self._get(f"project/{self.project_key}/statuses")
        }

    def fields_of(self, type_id: str) -> tuple[Mapping[str, Any], ...]:
        """The fields that an issue of that type takes when it is created: key, name, required, allowed values."""
        found: list[Mapping[str, Any]] = []
        while True:
            path = f"issue/createmeta/{self.project_key}/issuetypes/{type_id}"
            page = self._get(path, startAt=len(found), maxResults=PAGE)
            rows = page.get("fields") or page.get("values") or ()
            found.extend({**row, "key": row.get("fieldId") or row.get("key") or ""} for row in rows)
            if not rows or len(found) >= int(page.get("total", 0)):
                return tuple(found)

    def priorities(self) -> tuple[str, ...]:
        """The names of the priorities, the most urgent first."""
        return tuple(str(one["name"]) for one in self._get("priority"))

    def people(self, most: int) -> tuple[User, ...]:
        """Those whom issues of the project can be given to, up to that many."""
        found: list[User] = []
        while len(found) < most:
            asked: dict[str, Any] = {"startAt": len(found), "maxResults": min(PAGE, most - len(found))}
            # Cloud wants something to look for, be it nothing.
            asked |= {"query": ""} if self.is_cloud else {}
            page = self._get("user/assignable/search", project=self.project_key, **asked)
            found.extend(_user(one) for one in page)
            if len(page) < asked["maxResults"]:
                break
        return tuple(found)

    def find_people(self, text: str) -> tuple[User, ...]:
        """Those whom issues of the project can be given to, by a piece of name or e-mail."""
        asked = {"query": text} if self.is_cloud else {"username": text}
        found = self._get("user/assignable/search", project=self.project_key, maxResults=20, **asked)
        return tuple(_user(one) for one in found)

    # Reading issues.

    def search(self, jql: str, fields: Sequence[str] = (), reconcile: Sequence[str] = ()) -> Iterator[Issue]:
        """All issues that the JQL finds, page by page. It must be bounded, or Cloud refuses it.

        The index lags behind: issues named in `reconcile` (ids, fifty at most) are looked at afresh.
        """
        fields = fields or self.reads
        if not self.is_cloud:
            yield from self._search_with_totals(jql, fields)
            return
        token = None
        while True:
            asked: dict[str, Any] = {"jql": jql, "fields": list(fields), "maxResults": PAGE}
            if reconcile:
                # The same list on every page, or pages do not fit together.
                asked["reconcileIssues"] = [int(one) for one in reconcile[:RECONCILED]]
            if token:
                asked["nextPageToken"] = token
            page = self._post("search/jql", asked)
            yield from (_issue(one) for one in page.get("issues", ()))
            token = page.get("nextPageToken")
            if not token or page.get("isLast"):
                return

    def _search_with_totals(self, jql: str, fields: Sequence[str]) -> Iterator[Issue]:
        start = 0
        while True:
            asked = {"jql": jql, "fields": list(fields), "startAt": start, "maxResults": PAGE, "validateQuery": True}
            page = self._post("search", asked)
            rows = page.get("issues", ())
            yield from (_issue(one) for one in rows)
            start += len(rows)
            if not rows or start >= int(page.get("total", 0)):
                return

    def read_many(self, ids: Iterable[str]) -> dict[str, Issue]:
        """Issues by id as they are now, past the lagging index; those that are gone or hidden are missing."""
        found: dict[str, Issue] = {}
        for some in _some(list(ids), PAGE):
            found |= {one.id: one for one in map(_issue, self._read_some(some, self.reads))}
        return found

    def _read_some(self, ids: Sequence[str], fields: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        if not ids:
            return ()
        if self.is_cloud:
            page = self._post("issue/bulkfetch", {"issueIdsOrKeys": list(ids), "fields": list(fields)})
        else:
            # A search for an id that is gone is an error on Data Center unless it is told to be a warning.
            asked = {"jql": f"id in ({','.join(ids)})", "fields": list(fields), "maxResults": PAGE}
            page = self._post("search", {**asked, "startAt": 0, "validateQuery": "warn"})
        found: Sequence[Mapping[str, Any]] = page.get("issues", ())
        return found

    def read(self, id_or_key: str) -> Issue:
        """One issue as it is now."""
        return _issue(self._get(f"issue/{id_or_key}", fields=",".join(self.reads)))

    def history(self, id_or_key: str) -> tuple[Mapping[str, Any], ...]:
        """Every change Jira tells of, oldest first: {'created', 'author', 'items': [{'field', 'fromString', …}]}."""
        if not self.is_cloud:
            found = self._get(f"issue/{id_or_key}", expand="changelog", fields="created")
            return tuple(found.get("changelog", {}).get("histories", ()))
        rows: list[Mapping[str, Any]] = []
        while True:
            page = self._get(f"issue/{id_or_key}/changelog", startAt=len(rows), maxResults=PAGE)
            rows.extend(page.get("values", ()))
            if page.get("isLast") or not page.get("values"):
                return tuple(rows)

    def talk(self, ids: Sequence[str]) -> dict[str, tuple[tuple[Mapping[str, Any], ...], int]]:
        """Comments of some issues by their ids, oldest first, as many as Jira shows at once, and how many there are."""
        found: dict[str, tuple[tuple[Mapping[str, Any], ...], int]] = {}
        for one in self._read_some(ids, ("comment",)):
            told = (one.get("fields") or {}).get("comment") or {}
            rows = tuple(told.get("comments", ()))
            found[str(one["id"])] = (rows, int(told.get("total", len(rows))))
        return found

    def comment(self, id_or_key: str, comment_id: str) -> Mapping[str, Any]:
        """One comment as it is now."""
        found: Mapping[str, Any] = self._get(f"issue/{id_or_key}/comment/{comment_id}")
        return found

    def comments(self, id_or_key: str, start: int = 0) -> tuple[tuple[Mapping[str, Any], ...], int]:
        """A page of comments from that one on, oldest first, and how many there are."""
        page = self._get(f"issue/{id_or_key}/comment", startAt=start, maxResults=PAGE, orderBy="created")
        return tuple(page.get("comments", ())), int(page.get("total", 0))

    # Writing. Each of these may raise `Unknown`.

    def create_many(self, drafts: Sequence[Mapping[str, Any]]) -> tuple[Created, ...]:
        """Create up to fifty issues in one request: one answer for each draft, in their order.

        A draft is {'fields': …} and, on Cloud, {'properties': …}.
        """
        if len(drafts) > BULK:
            raise ValueError(f"{len(drafts)} issues: Jira creates {BULK} at once")
        try:
            answer = self._post("issue/bulk", {"issueUpdates": [dict(draft) for draft in drafts]})
        except Rejected as refused:
            # All of them were refused; the body would say which for what, but the words are the same.
            return tuple(Created(error=refused.words) for _draft in drafts)
        failed = {int(one.get("failedElementNumber", -1)): _reasons(one) for one in answer.get("errors", ())}
        made = iter(answer.get("issues", ()))
        out = []
        for number in range(len(drafts)):
            if number in failed:
                out.append(Created(error=failed[number]))
            elif (one := next(made, None)) is not None:
                out.append(Created(str(one["id"]), str(one["key"])))
            else:
                out.append(Created(error=_("Jira said nothing of this issue.")))
        return tuple(out)

    def edit(self, id_or_key: str, fields: Mapping[str, Any]) -> None:
        """Write fields; what is not named stays. A status takes a transition."""
        self._send("PUT", f"issue/{id_or_key}", {"fields": dict(fields)})

    def transitions(self, id_or_key: str) -> tuple[Transition, ...]:
        """The steps Jira offers us now."""
        found = self._get(f"issue/{id_or_key}/transitions", expand="transitions.fields").get("transitions", ())
        return tuple(
            Transition(
                str(one["id"]),
                str(one["name"]),
                _status(one["to"], ""),
                tuple(
                    sorted(
                        name
                        for name, about in (one.get("fields") or {}).items()
                        if about.get("required") and not about.get("hasDefaultValue")
                    )
                ),
            )
            for one in found
        )

    def step(self, id_or_key: str, transition_id: str, fields: Mapping[str, Any]) -> None:
        """Take a step that was offered."""
        asked: dict[str, Any] = {"transition": {"id": transition_id}}
        if fields:
            asked["fields"] = dict(fields)
        self._send("POST", f"issue/{id_or_key}/transitions", asked)

    def link(self, blocker: str, blocked: str) -> None:
        """Say that one issue (by key) blocks another."""
        self._client.create_issue_link("Blocks", blocker, blocked)

    def point_back(self, id_or_key: str, global_id: str, url: str, title: str) -> None:
        """A link on the issue to the item; the same global id again changes it instead of adding one."""
        known = {"url": url, "title": title[:255]}
        self._send("POST", f"issue/{id_or_key}/remotelink", {"globalId": global_id, "object": known})

    def unpoint(self, id_or_key: str, global_id: str) -> None:
        """Take such a link off the issue."""
        path = f"issue/{id_or_key}/remotelink?globalId={quote(global_id, safe='')}"
        self._client._session.delete(self._client._get_url(path))

    def parts(self, kind: str) -> tuple[Mapping[str, Any], ...]:
        """The versions or components ('version', 'component') of the project."""
        return tuple(self._get(f"project/{self.project_key}/{kind}s"))

    def add_part(self, kind: str, name: str) -> str:
        """Add a version or component to the project; its id."""
        about: dict[str, Any] = {"name": name, "project": self.project_key}
        return str(self._post(kind, about)["id"])

    def rename_part(self, kind: str, number: str, name: str) -> None:
        """Give a version or component another name."""
        self._send("PUT", f"{kind}/{number}", {"name": name})

    def say(self, id_or_key: str, wiki: str) -> Mapping[str, Any]:
        """Add a comment; as Jira keeps it."""
        found: Mapping[str, Any] = self._post(f"issue/{id_or_key}/comment", {"body": wiki})
        return found

    def say_anew(self, id_or_key: str, comment_id: str, wiki: str) -> Mapping[str, Any]:
        """Change what a comment says; as Jira keeps it."""
        found: Mapping[str, Any] = self._send("PUT", f"issue/{id_or_key}/comment/{comment_id}", {"body": wiki}).json()
        return found

    def browse(self, key: str) -> str:
        """The page of an issue for people."""
        return f"{self.url}/browse/{key}"

    # The wire.

    def _get(self, path: str, **params: Any) -> Any:
        return self._client._get_json(path, params=params)

    def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._send("POST", path, body).json()

    def _send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        return self._client._session.request(method, self._client._get_url(path), data=json.dumps(body))


def _some(rows: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), most):
        yield rows[start : start + most]


def _reasons(failed: Mapping[str, Any]) -> str:
    errors = failed.get("elementErrors") or {}
    said = [str(one) for one in errors.get("errorMessages") or ()]
    said += [f"{name}: {reason}" for name, reason in (errors.get("errors") or {}).items()]
    return " ".join(said) or str(failed.get("status", ""))


def _user(raw: Mapping[str, Any]) -> User:
    number = str(raw.get("accountId") or raw.get("name") or raw.get("key") or "")
    is_active = bool(raw.get("active", True))
    return User(number, str(raw.get("displayName") or number), str(raw.get("emailAddress") or ""), is_active)


def _status(raw: Mapping[str, Any], resolution: str) -> RemoteStatus:
    category = str((raw.get("statusCategory") or {}).get("key") or "undefined")
    return RemoteStatus(str(raw.get("name") or ""), category, resolution)


def _issue(raw: Mapping[str, Any]) -> Issue:
    fields = raw.get("fields") or {}
    assignee = fields.get("assignee")
    links = fields.get("issuelinks") or ()
    return Issue(
        id=str(raw["id"]),
        key=str(raw["key"]),
        updated=str(fields.get("updated") or ""),
        title=str(fields.get("summary") or ""),
        description=str(fields.get("description") or ""),
        status=_status(fields.get("status") or {}, str((fields.get("resolution") or {}).get("name") or "")),
        owner=_user(assignee) if assignee else None,
        due_on=fields.get("duedate") or None,
        priority=str((fields.get("priority") or {}).get("name") or ""),
        labels=tuple(sorted(fields.get("labels") or ())),
        type=str((fields.get("issuetype") or {}).get("name") or ""),
        project=str((fields.get("project") or {}).get("key") or str(raw["key"]).rpartition("-")[0]),
        parent=str(fields["parent"]["id"]) if fields.get("parent") else None,
        blocked_by=tuple(
            sorted(
                str(one["inwardIssue"]["id"])
                for one in links
                if one.get("inwardIssue") and (one.get("type") or {}).get("name") == "Blocks"
            )
        ),
        extra=fields,
    )
