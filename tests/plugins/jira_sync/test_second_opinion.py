"""The same flows against a Jira that nobody here wrote: PyPI `jira820`, which plays a Data Center 8.20.

Connecting, reading the project, the preview, the first sync, changes on both sides, quiet; and the same with items as
sub-tasks. It has less than a real Data Center, so a few doors are put before it, and nothing else: issues, and what
they lie under, are named by their number as well as by their key (it knows keys), `POST /search` (it knows GET),
`POST /issue/bulk` (it makes one at a time), the fields of one type (it tells those of all types at once, and no
custom ones), what the account may do, and whom issues can be given to. It has no sign-in, no start date, no limits,
no versions to add, and its moments are days: a change there is seen when its day is over. Its epics hang by the field
of a Data Center, not by `parent`.
"""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from plugins.jira_sync import side, syncing
from plugins.jira_sync.book import ITEM, STAGE
from plugins.jira_sync.plan import fingerprint
from program.ground import database
from program.ground.sealing import seal
from program.planning import items, phases
from program.planning.items import ItemDraft
from program.plugin_api import core
from program.plugin_api.contract import Connection, LinkState
from program.plugin_host import connections
from program.plugin_host.forms import Kept
from tests.cast import Cast

with warnings.catch_warnings():
    # Of its own libraries, while they are loaded.
    warnings.simplefilter("ignore")
    uvicorn = pytest.importorskip("uvicorn")
    jira820 = pytest.importorskip("jira820")
    from fastapi import FastAPI, Request
    from jira820 import jql
    from jira820.config import Config
    from jira820.server import make_app
    from jira820.store import JiraError, Store

PROJECT = "SHOP"
EPIC_LINK, EPIC_NAME = "customfield_10008", "customfield_10011"
RIGHTS = ("BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "TRANSITION_ISSUES", "LINK_ISSUES", "ASSIGN_ISSUES")


def number_of(store: Any, key: str) -> str:
    """An issue's number, as its answers give it."""
    return str(store.serializer.issue_res(store.issues[key], "", "")["id"])


def with_doors(store: Any) -> Any:
    """Its app with the doors that a real Data Center has and it has not."""
    front = FastAPI()
    front.state.store = store

    @front.get("/rest/api/2/mypermissions")
    def permissions() -> dict[str, Any]:
        return {"permissions": {name: {"key": name, "havePermission": True} for name in RIGHTS}}

    @front.get("/rest/api/2/user/assignable/search")
    def assignable(request: Request) -> list[Any]:
        asked = request.query_params
        text, start = asked.get("username", "").casefold(), int(asked.get("startAt", 0))
        found = [store.serializer.user_obj(name) for name in store.users]
        wanted = [one for one in found if text in f"{one['emailAddress']} {one['name']}".casefold()]
        return wanted[start : start + int(asked.get("maxResults", 50))]

    @front.get("/rest/api/2/issue/createmeta/{project}/issuetypes/{number}")
    def fields(project: str, number: str) -> dict[str, Any]:
        rows = [
            {"fieldId": "summary", "name": "Summary", "required": True, "schema": {"type": "string"}},
            {"fieldId": EPIC_LINK, "name": "Epic Link", "required": False}
            | {"schema": {"type": "any", "custom": "com.pyxis.greenhopper.jira:gh-epic-link"}},
            {"fieldId": EPIC_NAME, "name": "Epic Name", "required": number == "2"}
            | {"schema": {"type": "string", "custom": "com.pyxis.greenhopper.jira:gh-epic-label"}},
        ]
        return {"total": len(rows), "values": rows}

    @front.post("/rest/api/2/search")
    async def search(request: Request) -> dict[str, Any]:
        asked = await request.json()
        query = asked["jql"]
        if query.startswith("id in ("):
            ids = query.removeprefix("id in (").removesuffix(")").split(",")
            keys = [key for key in store.issues if number_of(store, key) in ids]
        else:
            keys = jql.filter_keys(store, query)
        part = keys[asked["startAt"] : asked["startAt"] + asked["maxResults"]]
        found = [store.serializer.issue_res(store.issues[key], "", ",".join(asked["fields"])) for key in part]
        return {"startAt": asked["startAt"], "total": len(keys), "issues": found}

    @front.post("/rest/api/2/issue/bulk", status_code=201)
    async def bulk(request: Request) -> dict[str, Any]:
        made, errors = [], []
        for number, draft in enumerate((await request.json())["issueUpdates"]):
            try:
                about = draft["fields"]
                if parent := about.get("parent"):
                    about["parent"] = {
                        "key": next(key for key in store.issues if number_of(store, key) == parent["id"])
                    }
                made.append(store.create_issue(about))
            except JiraError as refused:
                errors.append({"failedElementNumber": number, "elementErrors": refused.body()})
        return {"issues": made, "errors": errors}

    @front.middleware("http")
    async def by_number(request: Request, onward: Any) -> Any:
        parts = request.scope["path"].split("/")
        if len(parts) > 5 and parts[4] == "issue" and parts[5].isdecimal():
            keys = {number_of(store, key): key for key in store.issues}
            parts[5] = keys.get(parts[5], parts[5])
            request.scope["path"] = "/".join(parts)
        return await onward(request)

    front.mount("/", make_app(store=store))
    return front


class Other:
    """It, running."""

    def __init__(self, store: Any, port: int) -> None:
        self.store, self.url = store, f"http://127.0.0.1:{port}"

    def tomorrow(self) -> None:
        """Its moments are days."""
        self.store.config.base_date += timedelta(days=1)

    def tasks(self) -> list[Any]:
        return self.all_of("Task")

    def all_of(self, kind: str) -> list[Any]:
        return [one for one in self.store.issues.values() if one["type"] == kind]


@pytest.fixture
def other() -> Iterator[Other]:
    """A Data Center 8.20 on a free port, with an empty project."""
    store = Store(Config(project_key=PROJECT, project_name="Shop"), seed=False)
    server = uvicorn.Server(uvicorn.Config(with_doors(store), port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    ends = time.monotonic() + 60
    while not server.started and time.monotonic() < ends:
        time.sleep(0.02)
    try:
        yield Other(store, server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(timeout=20)


@pytest.fixture
def choices() -> dict[str, str]:
    """What maps to what, where it is not as it is to begin with."""
    return {}


@pytest.fixture
def connected(jira_app: Flask, cast: Cast, other: Other, choices: dict[str, str]) -> Any:
    """ALFA connected with it, by what its manager would enter; how the connection stands now."""
    values = {"url": other.url, "face": "data_center", "project": PROJECT, "user": "", **choices}
    with database.transaction():
        connections.add(cast.manager.actor, cast.program_id, "jira_sync", "Shop", Kept(values, {"token": seal("t")}))

    def now() -> Connection:
        (connection,) = core.active_connections("jira_sync")
        return connection

    return now


def test_a_program_and_a_jira_that_nobody_here_wrote_come_into_step(connected: Any, cast: Cast, other: Other) -> None:
    actor, program_id = cast.manager.actor, cast.program_id
    with database.transaction():
        phase = phases.add_phase(actor, program_id, phases.PhaseDraft("Discovery", weeks=4))
        drafts = [
            ItemDraft("Connect the CRM", description="**Both** ways", phase_id=phase.id, tags=("pilot",)),
            ItemDraft("Name the owners"),
        ]
        numbers = [item.number for item in items.add_items(actor, program_id, drafts)]

    # The project is read, the preview says what would happen, and nothing is written.
    core.note(connected(), {"wants_side": True, "wants_preview": True})
    syncing.sync(connected())
    seen = side.kept(connected())
    assert seen is not None
    assert {"Task", "Epic", "Bug"} <= {one.name for one in seen.types}
    assert (seen.type_named("Task") or seen.types[0]).epic_link == EPIC_LINK
    preview = connected().memory["preview"]
    assert (preview["trouble"], preview["counts"]["create"]) == ("", 2)
    assert preview["of"] == fingerprint(connected())
    assert other.store.issues == {}

    # The first sync.
    core.note(connected(), {"started": True})
    syncing.sync(connected())
    first, second = other.tasks()
    assert (first["summary"], first["description"]) == ("Connect the CRM", "*Both* ways")
    (epic,) = [one for one in other.store.issues.values() if one["type"] == "Epic"]
    assert (epic["summary"], epic["epicName"], first["epicKey"]) == ("Discovery", "Discovery", epic["key"])
    assert second["epicKey"] is None
    links, total = core.list_links(connected(), ITEM)
    assert total == 2
    assert {(link.state, link.error) for link in links} == {(LinkState.DONE, "")}
    assert core.list_links(connected(), STAGE)[1] == 1

    # Both sides change, different fields of one and the status of the other.
    with database.transaction():
        one = items.find_item(actor, program_id, numbers[0])
        items.change_item(actor, one, {"title": "Connect the CRM twice", "status": "doing"}, seen=None)
    other.tomorrow()
    other.store.update_issue(first["key"], {"priority": {"name": "High"}})
    steps = other.store.workflow.available_transitions(other.store.serializer, second["statusName"])
    review = next(step["id"] for step in steps if step["to"]["name"] == "In Review")
    other.store.transition_issue(second["key"], review)
    core.note(connected(), {"compared_at": "2026-01-01T00:00:00+00:00"})
    syncing.sync(connected())
    with database.looking():
        one, two = (items.find_item(actor, program_id, number) for number in numbers)
        assert (one.title, one.priority, two.status) == ("Connect the CRM twice", 3, "doing")
    assert (first["summary"], first["statusName"], first["priority"]) == (
        "Connect the CRM twice",
        "In Progress",
        "High",
    )

    # Quiet: nothing changes any more on either side, however often it is compared.
    before = [dict(one) for one in other.store.issues.values()]
    for _time in range(2):
        core.note(connected(), {"compared_at": "2026-01-01T00:00:00+00:00"})
        syncing.sync(connected())
    assert [dict(one) for one in other.store.issues.values()] == before
    assert len(other.tasks()) == 2


@pytest.mark.parametrize("choices", [{"phase_as": "subtask", "item_type": "Sub-task", "epic_type": "Story"}])
def test_items_are_sub_tasks_there_too(connected: Any, cast: Cast, other: Other) -> None:
    actor, program_id = cast.manager.actor, cast.program_id
    with database.transaction():
        first = phases.add_phase(actor, program_id, phases.PhaseDraft("Discovery", weeks=4))
        then = phases.add_phase(actor, program_id, phases.PhaseDraft("Pilot", weeks=4, after_id=first.id))
        drafts = [ItemDraft("Connect the CRM", phase_id=first.id), ItemDraft("Name the owners")]
        number, other_number = [item.number for item in items.add_items(actor, program_id, drafts)]
        phase_id = then.id
    core.note(connected(), {"wants_side": True, "wants_preview": True})
    syncing.sync(connected())
    assert connected().memory["preview"]["counts"]["create"] == 2
    core.note(connected(), {"started": True})
    syncing.sync(connected())
    homes = {one["summary"]: one for one in other.all_of("Story")}
    assert set(homes) == {"Discovery", connected().program.name}
    part, alone = other.all_of("Sub-task")
    assert (part["parentKey"], alone["parentKey"]) == (
        homes["Discovery"]["key"],
        homes[connected().program.name]["key"],
    )
    assert homes["Discovery"]["subtasks"] == [part["key"]]
    links, _total = core.list_links(connected(), ITEM)
    assert {(link.state, link.error) for link in links} == {(LinkState.DONE, "")}

    # A change comes over, and so does one there; the move to another phase it takes without a word and does not make.
    with database.transaction():
        one = items.find_item(actor, program_id, number)
        items.change_item(actor, one, {"title": "Connect the CRM twice", "phase_id": phase_id}, seen=None)
    other.tomorrow()
    other.store.update_issue(alone["key"], {"priority": {"name": "High"}})
    core.note(connected(), {"compared_at": "2026-01-01T00:00:00+00:00"})
    syncing.sync(connected())
    assert (part["summary"], part["parentKey"]) == ("Connect the CRM twice", homes["Discovery"]["key"])
    with database.looking():
        ids = [items.find_item(actor, program_id, one).id for one in (number, other_number)]
    told = {link.object_id: link.error for link in core.list_links(connected(), ITEM)[0]}
    assert told == {ids[0]: "Jira leaves it under the phase it was in: move the issue there by hand.", ids[1]: ""}
    with database.looking():
        assert items.find_item(actor, program_id, other_number).priority == 3
    assert len(other.all_of("Sub-task")) == 2
