"""A connection with Jira in the demo, as it stands after some weeks: rows alone, for pages that speak to nobody."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from plugins.jira_sync import side, wanting
from plugins.jira_sync.book import CONFLICT, ITEM, PERSON
from plugins.jira_sync.side import Demanded, IssueType, Side
from plugins.jira_sync.statuses import RemoteStatus
from program.extensions import db
from program.ground import database
from program.ground.actor import Actor
from program.ground.now import utc_now
from program.ground.sealing import seal
from program.planning.models import Program
from program.plugin_api import core
from program.plugin_api.contract import Link, LinkState
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
        assert connection.program is not None
        for number, item in enumerate(core.items(connection.program, limit=6)):
            kept = Link(
                ITEM, item.id, str(number), f"SHOP-{number}", f"{URL}/browse/SHOP-{number}", state=LinkState.DONE
            )
            if number == 1:
                kept = Link(
                    ITEM, item.id, base={"wanted": "SHOP-99"}, state=LinkState.FAILED, error="There is no SHOP-99."
                )
            core.keep_link(connection, kept)
            if number == 0:
                about = {"item": item.number, "title": item.title, "field": "title", "here": "Ours", "there": "Theirs"}
                core.keep_link(connection, Link(CONFLICT, 32, base={**about, "winner": None, "key": "SHOP-0"}))
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
