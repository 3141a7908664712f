"""A connection's own page and the address that Jira calls."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from plugins.jira_sync import syncing
from plugins.jira_sync.book import CONFLICT, HINT, PERSON
from program.extensions import db
from program.ground import database
from program.ground.sealing import seal
from program.plugin_api import core
from program.plugin_api.models import Connection as ConnectionRow
from program.plugin_host.host import host
from tests.fakes.jira import Jira
from tests.plugins.jira_sync import hooks
from tests.plugins.jira_sync.conftest import Wired
from tests.plugins.jira_sync.hooks import SECRET


@pytest.fixture
def face() -> str:
    return "cloud"


def page(step: Wired) -> str:
    return f"/plugins/jira_sync/{step.connection.id}"


def browse(step: Wired, who: Any) -> Any:
    browser = step.app.test_client()
    browser.sign_in(who)
    return browser


def test_nothing_is_written_before_the_preview_was_seen_and_confirmed(step: Wired) -> None:
    core.note(step.connection, {"started": None})
    step.add("Connect the CRM")
    step.sync()
    assert step.jira.requests == []
    manager = browse(step, step.cast.manager)
    manager.post(f"{page(step)}/preview")
    step.sync()
    assert not [one for one in step.jira.requests if one[0] != "GET" and "search" not in one[1]]
    shown = manager.get(page(step)).text
    assert "1 issue would be created." in shown
    assert "Begin" in shown
    manager.post(f"{page(step)}/start")
    step.sync()
    assert len([one for one in step.jira.world.issues.values() if one.type == "Task"]) == 1
    assert "1 item is in step." in manager.get(page(step)).text


def test_people_are_found_by_e_mail_and_the_others_matched_by_hand(step: Wired) -> None:
    maria = step.jira.world.person("Maria Z.", step.cast.manager.email)
    hidden = step.jira.world.person("Hidden", step.cast.contributor.email, shows_email=False)
    core.note(step.connection, {"wants_preview": True})
    step.sync()
    assert step.connection.memory["preview"]["unmatched"] == [step.cast.contributor.name]
    manager = browse(step, step.cast.manager)
    manager.post(f"{page(step)}/people/{step.cast.contributor.id}", data={"account": hidden.id})
    accounts = {link.object_id: link.external_id for link in core.list_links(step.connection, PERSON)[0]}
    assert accounts == {step.cast.manager.id: maria.id, step.cast.contributor.id: hidden.id}
    (number,) = step.add("Connect the CRM", owner_id=step.cast.contributor.id)
    step.sync()
    assert step.issue(number).fields["assignee"] == hidden.id


def test_a_conflict_is_turned_round_by_hand(step: Wired) -> None:
    (number,) = step.add("Connect the CRM")
    step.sync()
    step.change(number, title="Ours")
    step.jira.world.edit(step.issue(number), summary="Theirs")
    with step.later(timedelta(minutes=6)):
        step.sync()
    assert step.item(number).title == "Theirs"
    ((conflict,), _total) = core.list_links(step.connection, CONFLICT)
    manager = browse(step, step.cast.manager)
    assert "Theirs" in manager.get(page(step)).text
    manager.post(f"{page(step)}/conflicts/{conflict.object_id}", data={"winner": "program"})
    with step.later(timedelta(minutes=7)):
        step.sync(2)
    assert (step.item(number).title, step.issue(number).fields["summary"]) == ("Ours", "Ours")
    manager.post(f"{page(step)}/conflicts/{conflict.object_id}", data={"winner": ""})
    assert core.list_links(step.connection, CONFLICT)[1] == 0


def test_both_values_of_a_conflict_stand_in_the_words_of_their_side(step: Wired) -> None:
    maria = step.jira.world.person("Maria in Jira", step.cast.manager.email)
    ola = step.jira.world.person("Ola", step.cast.contributor.email)
    core.note(step.connection, {"wants_preview": True})
    (number,) = step.add("Connect the CRM", owner_id=step.cast.manager.id)
    step.sync()
    step.change(number, status="doing", owner_id=step.cast.contributor.id, due_on=date(2027, 3, 1), tags=["a", "b"])
    step.change(number, priority=4)
    theirs = {"duedate": "2027-03-08", "assignee": {"accountId": ola.id}, "priority": {"name": "Low"}, "labels": ["c"]}
    step.jira.world.edit(step.issue(number), status="Cancelled", **theirs)
    step.change(number, owner_id=None)
    with step.later(timedelta(minutes=6)):
        step.sync()
    shown = browse(step, step.cast.manager).get(page(step)).text
    rows = [
        re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", row)) for row in shown.split("<tr>") if 'data-label="Field"' in row
    ]
    said = {
        one: next(row for row in rows if f" {one} " in row)
        for one in ("Status", "Owner", "Due date", "Priority", "Tags")
    }
    for words, row in (
        (" in progress Cancelled ", said["Status"]),
        (" — Ola ", said["Owner"]),
        (" Mon 1 Mar 2027 Mon 8 Mar 2027 ", said["Due date"]),
        (" Urgent Low ", said["Priority"]),
        (" a, b c ", said["Tags"]),
    ):
        assert words in row
    assert maria.id not in shown.partition('id="people"')[0]


@pytest.mark.parametrize(("who", "status"), [("contributor", 403), ("stranger", 404)])
def test_the_page_is_for_managers_of_the_program_alone(step: Wired, who: str, status: int) -> None:
    assert browse(step, getattr(step.cast, who)).get(page(step)).status_code == status


@pytest.fixture
def signed(step: Wired) -> Wired:
    with database.transaction():
        row = db.session.get(ConnectionRow, step.connection.id)
        assert row is not None
        row.secrets = {**row.secrets, "webhook_secret": seal(SECRET)}
    return step


def deliver(step: Wired, body: bytes, secret: str = SECRET) -> int:
    return hooks.deliver(step.app, step.connection.id, body, secret)


def test_a_signed_hint_brings_a_change_over_at_the_next_look(signed: Wired) -> None:
    (number,) = signed.add("Connect the CRM")
    signed.sync()
    issue = signed.issue(number)
    signed.jira.world.edit(issue, summary="Theirs")
    body = json.dumps({"webhookEvent": "jira:issue_updated", "issue": {"id": str(issue.id)}}).encode()
    assert [deliver(signed, body), deliver(signed, body)] == [204, 204]
    assert core.list_links(signed.connection, HINT)[1] == 1
    asked = len(signed.jira.requests)
    signed.sync()
    assert signed.item(number).title == "Theirs"
    # No poll was due: the hint alone was looked at.
    assert len(signed.jira.requests) == asked + 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"issue": {"id": "x"}}', b"\xff\xfe"])
def test_what_cannot_be_read_is_refused_in_words_of_http(signed: Wired, body: bytes) -> None:
    assert deliver(signed, body) == 400
    assert deliver(signed, body, secret="another secret of letters") == 401
    assert core.list_links(signed.connection, HINT)[1] == 0


def test_without_a_secret_nobody_is_believed(step: Wired) -> None:
    assert deliver(step, b'{"issue": {"id": "1"}}', secret="") == 401


def test_the_shell_connects_previews_and_syncs(step: Wired, jira: Jira, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.transaction():
        db.session.execute(db.text("DELETE FROM connection"))
    monkeypatch.setenv("JIRA_TOKEN_OF_TEST", "jira-token-of-the-tests")
    run = CliRunner()
    commands = {one.name: one for one in host().plugins["jira_sync"].plugin.commands()}
    step.add("Connect the CRM")
    said = run.invoke(
        commands["connect"],
        ["--program", "ALFA", "--url", jira.url, "--project", "SHOP", "--user", "bot@jira.example"]
        + ["--token-env", "JIRA_TOKEN_OF_TEST"],
        catch_exceptions=False,
    )
    assert said.exit_code == 0, said.output
    assert "is ready" in said.output
    assert "create     1" in run.invoke(commands["preview"], ["--program", "ALFA"]).output
    assert run.invoke(commands["sync"], ["--program", "ALFA"]).exit_code == 0
    assert json.loads(run.invoke(commands["status"], ["--program", "ALFA", "--json"]).output)["in_step"] == 1
    jira.world.permissions["CREATE_ISSUES"] = False
    refused = run.invoke(commands["check"], ["--program", "ALFA"])
    assert refused.exit_code == 1
    assert "CREATE_ISSUES" in refused.output


def test_a_sync_that_was_cut_short_goes_on_where_it_stood(step: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    step.add(*(f"Item {number}" for number in range(5)))
    monkeypatch.setattr(syncing.creating, "BULK", 2)
    calls = iter([True, True, False])
    monkeypatch.setattr("plugins.jira_sync.book.Book.has_time", lambda _book: next(calls, True))
    step.sync(2)
    assert len([one for one in step.jira.world.issues.values() if one.type == "Task"]) == 5


def test_how_far_the_first_sync_is_survives_a_reload_and_a_clock_that_ends(
    step: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    step.add(*(f"Item {number}" for number in range(5)))
    monkeypatch.setattr(syncing.creating, "BULK", 2)
    calls = iter([True, True, False])
    monkeypatch.setattr("plugins.jira_sync.book.Book.has_time", lambda _book: next(calls, False))
    step.sync()
    manager = browse(step, step.cast.manager)
    for _reload in range(2):
        shown = manager.get(page(step)).text
        assert '<progress max="5" value="2"' in shown
    monkeypatch.undo()
    step.sync()
    assert "<progress" not in manager.get(page(step)).text
