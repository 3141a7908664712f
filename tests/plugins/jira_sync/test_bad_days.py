"""What goes wrong between Milepost and Jira: each with its own words on the connection's page, nothing lost here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from werkzeug.datastructures import MultiDict

from plugins.jira_sync.book import PERSON
from plugins.jira_sync.settings import ConnectionForm
from plugins.jira_sync.text import LONGEST
from program.extensions import db
from program.ground import database
from program.plugin_api import core
from program.plugin_api.contract import LinkState
from program.plugin_api.models import Connection as ConnectionRow
from program.plugin_host import syncing as looking_after
from program.plugin_host.host import host
from tests.plugins.jira_sync.conftest import Wired


@pytest.fixture
def face() -> str:
    return "cloud"


def page(step: Wired) -> str:
    browser = step.app.test_client()
    browser.sign_in(step.cast.manager)
    return str(browser.get(f"/plugins/jira_sync/{step.connection.id}").text)


def look(step: Wired) -> str:
    """Have the clock look after the connection; how the page tells it."""
    looking_after.sync(host().plugins["jira_sync"], step.connection.id)
    return page(step)


def set_up(step: Wired, **values: str) -> None:
    with database.transaction():
        row = db.session.get(ConnectionRow, step.connection.id)
        assert row is not None
        row.settings = {**row.settings, **values}
    core.note(step.connection, {"begun_with": None})


def login_page(step: Wired) -> None:
    step.jira.faults.answer(200, times=99, kind="text/html; charset=utf-8", body="<title>Sign in</title>")


def leads_on(step: Wired) -> None:
    step.jira.faults.answer(302, times=99, headers={"Location": "http://10.0.0.7/login"})


def wrong_token(step: Wired) -> None:
    step.jira.faults.answer(401, times=99)


def no_rights(step: Wired) -> None:
    step.jira.world.permissions["BROWSE_PROJECTS"] = False


def archived(step: Wired) -> None:
    step.jira.world.is_archived = True
    core.note(step.connection, {"started": None, "preview": None, "wants_preview": True})


def may_not_create(step: Wired) -> None:
    step.jira.world.permissions["CREATE_ISSUES"] = False
    core.note(step.connection, {"started": None, "preview": None, "wants_preview": True})


def wrong_address(step: Wired) -> None:
    # Nobody listens there.
    set_up(step, url="http://127.0.0.1:9")


def within_the_network(step: Wired) -> None:
    set_up(step, url="http://10.0.0.7:8080")


def wrong_face(step: Wired) -> None:
    step.jira.faults.answer(410, path="/search", times=9)


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (login_page, "a page for people: perhaps a sign-in page"),
        (leads_on, "The Jira address leads on to 10.0.0.7"),
        (wrong_token, "does not accept the user or the token"),
        (no_rights, "The account sees no project SHOP"),
        (archived, "The project is archived: nothing can be written there."),
        (may_not_create, "CREATE_ISSUES"),
        (wrong_address, "Jira does not answer"),
        (within_the_network, "The address lies inside the own network."),
        (wrong_face, "Choose Cloud or Data Center as it really is"),
    ],
)
def test_what_stands_in_the_way_is_said_in_its_own_words(
    step: Wired, trouble: Callable[[Wired], None], words: str
) -> None:
    (number,) = step.add("Connect the CRM")
    trouble(step)
    shown = look(step)
    assert words in shown, shown[shown.find("<main") :][:3000]
    assert step.item(number).title == "Connect the CRM"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://10.0.0.7/jira", "inside the own network"),
        ("file:///etc/passwd", "http"),
        ("https://user:secret@jira.example/", ""),
        ("jira", ""),
    ],
)
def test_an_address_that_will_never_be_called_is_refused_at_once(step: Wired, url: str, words: str) -> None:
    with step.app.test_request_context():
        values = {"url": url, "face": "cloud", "project": "SHOP", "user": "bot@jira.example", "token": "t"}
        form = ConnectionForm(MultiDict(values))
        assert not form.validate()
        assert words in str(form.url.errors[0])


def test_a_description_of_200_kb_in_jira_is_said_and_leaves_the_item_as_it_is(step: Wired) -> None:
    (number,) = step.add("Connect the CRM", description="Short")
    step.sync()
    issue = step.issue(number)
    step.jira.world.edit(issue, summary="Connect it twice")
    # Longer than Jira itself lets people write: what an old import left there.
    issue.fields["description"] = "word " * 40_000
    with step.later(timedelta(minutes=6)):
        step.sync()
        shown = page(step)
        # It is tried once, not at every look.
        asked = len(step.jira.requests)
        step.sync()
        assert len(step.jira.requests) <= asked + 1
    assert (step.item(number).title, step.item(number).description) == ("Connect it twice", "Short")
    assert step.link(number).state is LinkState.FAILED
    assert "letters" in shown


def test_a_long_description_of_ours_is_cut_there_and_whole_here(step: Wired) -> None:
    text = "word " * 3_900 + "\n\n" + "*x* " * 100
    (number,) = step.add("Connect the CRM", description=text.strip())
    step.sync(2)
    assert step.link(number).state is LinkState.DONE, step.link(number).error
    assert len(step.issue(number).fields["description"]) <= LONGEST
    assert step.item(number).description == text.strip()


def test_a_status_that_no_step_leads_to_is_said_with_what_is_offered(step: Wired) -> None:
    (number,) = step.add("Connect the CRM")
    step.sync()
    step.jira.world.steps = [one for one in step.jira.world.steps if one.to in ("To Do", "In Progress")]
    step.change(number, status="done")
    step.sync()
    assert step.issue(number).status == "To Do"
    assert step.item(number).status == "done"
    shown = page(step)
    assert "offers no step to this status" in shown
    assert "In Progress" in shown
    # The workflow is mended, and somebody presses the button.
    step.jira.world.steps.append(type(step.jira.world.steps[0])("31", "Finish", "Done"))
    browser = step.app.test_client()
    browser.sign_in(step.cast.manager)
    browser.post(f"/plugins/jira_sync/{step.connection.id}/items/{step.item(number).id}/again")
    step.sync()
    assert (step.issue(number).status, step.link(number).state) == ("Done", LinkState.DONE)


def test_a_right_that_is_lost_is_said_of_the_item_and_its_change_waits(step: Wired) -> None:
    (number,) = step.add("Connect the CRM")
    step.sync()
    step.jira.world.permissions["EDIT_ISSUES"] = False
    step.change(number, title="Connect it twice")
    step.sync()
    assert "do not have permission to edit" in page(step)
    step.jira.world.permissions["EDIT_ISSUES"] = True
    step.change(number, priority=4)
    step.sync()
    assert step.issue(number).fields["summary"] == "Connect it twice"
    assert step.link(number).state is LinkState.DONE


def test_a_user_who_was_removed_is_listed_and_stands_in_nobody_s_way(step: Wired) -> None:
    owner = step.cast.contributor
    there = step.jira.world.person("Ola N.", owner.email)
    step.know(owner.id, there.id)
    (number,) = step.add("Connect the CRM", owner_id=owner.id)
    step.sync()
    assert step.issue(number).fields["assignee"] == there.id
    there.is_active = False
    core.note(step.connection, {"wants_side": True})
    (second,) = step.add("Name the owners", owner_id=owner.id)
    step.sync()
    link = core.find_link(step.connection, PERSON, object_id=owner.id)
    assert link is not None
    assert link.state is LinkState.FAILED
    assert "gives no issues to this account any more" in page(step)
    assert step.issue(second).fields["assignee"] is None
    assert step.item(second).owner_id == owner.id


def test_an_issue_that_was_moved_is_known_by_its_new_key_and_said_to_be_elsewhere(step: Wired) -> None:
    (number,) = step.add("Connect the CRM")
    step.sync()
    issue = step.issue(number)
    step.jira.world.transfer(issue)
    step.change(number, priority=4)
    step.sync()
    link = step.link(number)
    assert link.external_key == issue.key
    assert issue.key.startswith("OTHER-")
    assert link.url.endswith(issue.key)
    assert "moved to the project OTHER" in page(step)
    assert issue.fields["priority"] == "Highest"


def test_a_renamed_status_is_noticed_when_the_project_is_read_again(step: Wired) -> None:
    set_up(step, statuses={"In Progress": "doing"})  # type: ignore[arg-type]
    step.sync()
    world = step.jira.world
    world.statuses["Under way"] = type(world.statuses["In Progress"])("3", "Under way", "indeterminate")
    del world.statuses["In Progress"]
    world.steps = [one for one in world.steps if one.to != "In Progress"]
    core.note(step.connection, {"wants_side": True})
    step.sync()
    assert "These statuses are mapped but no longer in Jira: In Progress. Were they renamed?" in page(step)
