"""Evidence of items on their issues."""

from __future__ import annotations

from datetime import timedelta

from program.ground import database
from program.planning import evidence, items
from program.planning.models import EvidenceLink
from program.plugin_api import core
from tests.plugins.jira_sync.conftest import Wired


def look(step: Wired, minutes: int) -> None:
    with step.later(timedelta(minutes=minutes)):
        step.sync()


def test_evidence_stands_on_the_issue_once_and_goes_when_it_goes_here(step: Wired) -> None:
    (number,) = step.add("Connect the CRM")
    actor = step.cast.manager.actor
    with database.transaction():
        item = items.find_item(actor, step.cast.program_id, number)
        kept: EvidenceLink = evidence.add_evidence(actor, item, "https://crm.example/report", "It answers")
        proof = kept.id
    step.jira.faults.lose_reply("POST", "/remotelink")
    for minutes in (0, 1, 2):
        look(step, minutes)
    links = step.issue(number).remote_links
    assert links.pop(f"milepost=ALFA-evidence-{proof}") == {"url": "https://crm.example/report", "title": "It answers"}
    assert list(links) == [f"milepost=ALFA-{number}"]
    links[f"milepost=ALFA-evidence-{proof}"] = {}
    asked = len(step.jira.requests)
    look(step, 3)
    assert len(step.jira.requests) == asked
    with database.transaction():
        item = items.find_item(actor, step.cast.program_id, number)
        evidence.remove_evidence(actor, item, proof)
    look(step, 4)
    assert list(step.issue(number).remote_links) == [f"milepost=ALFA-{number}"]
    assert core.gone_evidence(step.connection) == ()
