"""A connection with Jira in the demo, as it stands after some weeks: rows alone, for pages that speak to nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Flask
from sqlalchemy import select

from plugins.jira_sync import conflicts, side, wanting
from plugins.jira_sync.book import ASIDE, CONFLICT, ITEM, PERSON, TWIN
from plugins.jira_sync.side import Demanded, IssueType, Side
from plugins.jira_sync.statuses import RemoteStatus
from program.extensions import db
from program.ground import database
from program.ground.actor import Actor
from program.ground.now import utc_now
from program.ground.sealing import seal
from program.planning.models import Program
from program.plugin_api import core
from program.plugin_api.contract import Connection, Link, LinkState
from program.plugin_host import connections, switching
from program.plugin_host.forms import Kept

PLUGIN, URL = "jira_sync", "https://jira.example"
STATUSES = (RemoteStatus("To Do", "new"), RemoteStatus("In review", "indeterminate"), RemoteStatus("Shipped", "done"))


def connect(app: Flask, key: str, actor: Actor) -> None:
    """Connect the program with a project, some items in step, one in trouble, a conflict, issues to be taken over."""
    with app.app_context():
        with database.transaction():
            program_id = db.session.scalars(select(Program.id).where(Program.key == key)).one()
            switching.set_enabled(actor, PLUGIN, True)
            switching.set_in_program(actor, program_id, PLUGIN, True)
            values = {"url": URL, "face": "cloud", "project": "SHOP", "user": "bot@jira.example"}
            connections.add(actor, program_id, PLUGIN, "Shop", Kept(values, {"token": seal("of nobody")}))
        (connection,) = core.active_connections(PLUGIN)
        region = Demanded("customfield_10050", "Region", "option", (('{"id": "7"}', "North"), ('{"id": "8"}', "South")))
        task = IssueType("1", "Task", level=0, statuses=STATUSES, demanded=(region,), dates={"customfield_9": "Start"})
        people = core.doers(connection)
        side.keep(
            connection,
            Side(
                utc_now(),
                URL,
                "SHOP",
                "Shop",
                allowed={"BROWSE_PROJECTS": True, "CREATE_ISSUES": False},
                types=(task, IssueType("2", "Epic", level=1, statuses=STATUSES)),
                priorities=("High", "Medium", "Low"),
                people=(("5b10a1", "Ola Nowak"),),
            ),
        )
        core.keep_link(connection, Link(PERSON, people[0].id, external_id="5b10a1", external_key="Ola Nowak"))
        _pairs(connection)
        found = {"ids": ["7", "8"], "homes": {"": 2}, "linked": 3, "epics": 1, "is_cut": False}
        first = [["SHOP-7", f"{URL}/browse/SHOP-7", "Connect the CRM", "doing", None]]
        core.keep_link(connection, Link(wanting.FOUND, 1, base={**found, "first": first}, state=LinkState.DONE))
        counts = {"create": 40, "to_jira": 1, "from_jira": 0, "both": 0, "same": 3, "left": 60}
        preview = {
            "at": utc_now().isoformat(),
            "trouble": "",
            "counts": counts,
            "created": ["PRZ-1 One"],
            "statuses": {},
        }
        asked = {"jql": "labels = pilot", "state": "ready", "at": utc_now().isoformat(), "trouble": ""}
        core.note(connection, {"preview": {**preview, "unmatched": [people[1].name]}, "adopt": asked})


def _pairs(connection: Connection) -> None:
    """Items with their issues as they may stand: in step, in trouble, in conflict, left out, created twice."""
    assert connection.program is not None
    items = core.items(connection.program, limit=8)
    agreed = {"title": ["", "Connect the CRM with the tills"], "status": ["", ["Shipped", "done", "Won't Do"]]}
    agreed |= {"due_on": ["", "2026-03-02"], "labels": ["", ["crm", "pilot"]], "priority": ["", "High"]}
    for number, item in enumerate(items):
        key = f"SHOP-{number}"
        link = Link(ITEM, item.id, str(number), key, f"{URL}/browse/{key}", {"fields": agreed}, state=LinkState.DONE)
        match number:
            case 1:
                words = "There is no issue SHOP-99, or the account may not see it. Enter another key."
                link = Link(ITEM, item.id, base={"wanted": "SHOP-99"}, state=LinkState.FAILED, error=words)
            case 2:
                words = "Jira’s workflow offers no step to this status now. It offers: “In review”, “Ready for review”."
                link = replace(link, state=LinkState.FAILED, error=words)
            case 3:
                words = "The issue is gone from Jira, or we may not see it. Link another one, or have it made anew."
                link = replace(link, base={"gone": True}, state=LinkState.FAILED, error=words)
            case 4:
                link = replace(link, state=LinkState.WAITING)
        core.keep_link(connection, link)
    owner = core.doers(connection)[0].id
    said: list[tuple[str, Any, Any, str | None]] = [
        ("title", "Connect the CRM with the tills", "Connect the CRM with all tills of the pilot stores", None),
        ("status", "doing", ["Shipped", "done", "Done"], "jira"),
        ("due_on", "2026-03-02", None, "program"),
        ("owner", owner, None, "jira"),
        ("priority", 3, "Low", "jira"),
        ("labels", ["crm", "pilot"], ["crm"], "jira"),
        ("description", "As **agreed** with the stores. " * 9, "As *agreed*", "jira"),
    ]
    for name, here, there, winner in said:
        about = {"item": items[0].number, "title": items[0].title, "field": name, "key": "SHOP-0"}
        base = {**about, "here": here, "there": there, "winner": winner}
        state = LinkState.DONE if winner else LinkState.WAITING
        number = conflicts.number_of(items[0].id, name)
        core.keep_link(
            connection,
            Link(CONFLICT, number, external_key="SHOP-0", url=f"{URL}/browse/SHOP-0", base=base, state=state),
        )
    core.keep_link(connection, Link(ASIDE, items[5].id))
    words = "SHOP-77 is a second issue of the same item as SHOP-6."
    about = {"item": items[6].number, "title": items[6].title, "first": "SHOP-6", "mark": "milepost-prz-7"}
    core.keep_link(
        connection,
        Link(TWIN, 77, "77", "SHOP-77", f"{URL}/browse/SHOP-77", about, state=LinkState.WAITING, error=words),
    )
