"""Comments between items and issues: each once, both ways, edits followed, and nobody's private word carried."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from plugins.jira_sync.book import COMMENT, CONFLICT
from plugins.jira_sync.comment_words import for_here, said
from program.ground import database
from program.planning import comments, items
from program.plugin_api import core
from program.plugin_api.contract import Fate, LinkState
from tests.cast import Cast
from tests.fakes.jira import Jira
from tests.plugins.jira_sync.conftest import Wired, wired
from tests.plugins.jira_sync.talking import here, reword, say, there


@pytest.fixture
def talk(jira_app: Flask, cast: Cast, jira: Jira) -> Iterator[Wired]:
    """ALFA and SHOP in step, comments both ways."""
    with wired(jira_app, cast, jira, comments="both") as both:
        yield both


def look(step: Wired, minutes: int) -> None:
    with step.later(timedelta(minutes=minutes)):
        try:
            step.sync()
        except Fate:
            return


def test_each_comment_goes_over_once_with_its_author_named(talk: Wired) -> None:
    (number,) = talk.add("Connect the CRM")
    look(talk, 0)
    first = say(talk, number, "It **works** for @[Eva Viewer]")
    stranger = talk.jira.world.person("Jan *Kowalski*", "jan@jira.example")
    known = talk.jira.world.person("E. Contributor", "other@jira.example")
    talk.know(talk.cast.contributor.id, known.id if talk.jira.world.face == "cloud" else known.name)
    talk.jira.world.comment(talk.issue(number), "Seen in *Jira*", stranger)
    talk.jira.world.comment(talk.issue(number), "Me too", known)
    for minutes in (6, 12, 18):
        look(talk, minutes)
    assert here(talk, number)[0][1] == "It **works** for @[Eva Viewer]"
    assert here(talk, number)[1:] == [
        (None, "**Jan \\*Kowalski\\*** (in Jira):\n\nSeen in **Jira**"),
        (talk.cast.contributor.name, "Me too"),
    ]
    ours = there(talk, number)[2:]
    assert ours == [
        f"[{talk.cast.manager.name} in Milepost|{core.web_address('')}/p/ALFA/items/{number}#comment-{first}]:"
        "\n\nIt *works* for @Eva Viewer"
    ]


def test_edits_are_followed_and_what_was_taken_back_is_taken_back(talk: Wired) -> None:
    (number,) = talk.add("Connect the CRM")
    look(talk, 0)
    mine = say(talk, number, "First")
    theirs = talk.jira.world.comment(talk.issue(number), "Erst", talk.jira.world.person("Jan", "jan@jira.example"))
    look(talk, 6)
    reword(talk, number, mine, "Second")
    talk.jira.world.reword(talk.issue(number), theirs, "Zweit", theirs["author"])
    look(talk, 12)
    assert [body for _who, body in here(talk, number)] == ["Second", "**Jan** (in Jira):\n\nZweit"]
    assert there(talk, number)[1].endswith(":\n\nSecond")
    with database.transaction():
        item = items.find_item(talk.cast.manager.actor, talk.cast.program_id, number)
        comments.remove_comment(talk.cast.manager.actor, item, mine, seen=2)
    look(talk, 13)
    assert there(talk, number)[1].endswith("]: This comment was taken back.")
    asked = len(talk.jira.requests)
    look(talk, 19)
    look(talk, 25)
    # The poll, and once more the comments of the issue that we wrote to.
    assert len(talk.jira.requests) == asked + 3


@pytest.mark.parametrize("fault", ["lose_reply", "drop"])
def test_a_comment_whose_answer_was_lost_is_looked_for_before_it_is_said_again(talk: Wired, fault: str) -> None:
    (number,) = talk.add("Connect the CRM")
    look(talk, 0)
    say(talk, number, "Once")
    getattr(talk.jira.faults, fault)("POST", "/comment")
    for minutes in range(1, 5):
        look(talk, minutes)
    assert len(there(talk, number)) == 1
    ((link,), _total) = core.list_links(talk.connection, COMMENT)
    assert (link.state, link.external_id) == (LinkState.DONE, talk.issue(number).comments[0]["id"])
    assert len(here(talk, number)) == 1


@pytest.mark.parametrize("face", ["cloud"])
def test_a_comment_changed_on_both_sides_stands_in_the_list_and_can_be_turned_round(talk: Wired) -> None:
    (number,) = talk.add("Connect the CRM")
    look(talk, 0)
    mine = say(talk, number, "Base")
    look(talk, 1)
    issue = talk.issue(number)
    reword(talk, number, mine, "Ours")
    head = issue.comments[0]["body"].partition("]:")[0]
    talk.jira.world.reword(issue, issue.comments[0], f"{head}]:\n\nTheirs", talk.jira.world.me)
    look(talk, 7)
    assert here(talk, number) == [(talk.cast.manager.name, "Theirs")]
    ((conflict,), _total) = core.list_links(talk.connection, CONFLICT)
    assert (conflict.base["field"], conflict.base["here"], conflict.base["there"]) == ("comment", "Ours", "Theirs")
    browser = talk.app.test_client()
    browser.sign_in(talk.cast.manager)
    page = f"/plugins/jira_sync/{talk.connection.id}"
    assert "Theirs" in browser.get(page).text
    browser.post(f"{page}/conflicts/{conflict.object_id}", data={"winner": "program"})
    look(talk, 8)
    assert here(talk, number) == [(talk.cast.manager.name, "Ours")]
    assert there(talk, number)[0].endswith("\n\nOurs")


@pytest.mark.parametrize("face", ["cloud"])
def test_what_jira_shows_to_some_only_stays_there(talk: Wired) -> None:
    (number,) = talk.add("Connect the CRM")
    look(talk, 0)
    talk.jira.world.comment(talk.issue(number), "For admins")["visibility"] = {"type": "role", "value": "Admins"}
    look(talk, 6)
    assert here(talk, number) == []


@pytest.mark.parametrize("face", ["cloud"])
def test_hundreds_of_comments_are_read_in_pages_and_once(talk: Wired) -> None:
    (number,) = talk.add("Connect the CRM")
    look(talk, 0)
    jan = talk.jira.world.person("Jan", "jan@jira.example")
    issue = talk.issue(number)
    for count in range(250):
        talk.jira.world.comment(issue, f"Word {count}", jan)
    look(talk, 6)
    assert len(here(talk, number)) == 250
    pages = talk.jira.count("GET", "/comment")
    assert pages == 3
    look(talk, 12)
    assert len(here(talk, number)) == 250


@pytest.mark.parametrize("face", ["cloud"])
def test_jira_that_refuses_a_comment_is_heard_and_not_asked_again(talk: Wired) -> None:
    (number,) = talk.add("Connect the CRM")
    look(talk, 0)
    talk.jira.world.permissions["ADD_COMMENTS"] = False
    say(talk, number, "Once")
    look(talk, 1)
    ((link,), _total) = core.list_links(talk.connection, COMMENT)
    assert link.state is LinkState.FAILED
    assert "permission" in link.error
    asked = talk.jira.count("POST", "/comment")
    look(talk, 2)
    assert talk.jira.count("POST", "/comment") == asked


@pytest.mark.parametrize("face", ["cloud"])
def test_nothing_of_a_conversation_moves_until_somebody_says_so(step: Wired) -> None:
    (number,) = step.add("Connect the CRM")
    step.sync()
    say(step, number, "Between us")
    step.jira.world.comment(step.issue(number), "Among us")
    look(step, 6)
    assert len(here(step, number)) == len(there(step, number)) == 1


@pytest.mark.parametrize("name", ["Former user", ""])
def test_people_are_named_where_jira_gives_numbers(jira_app: Flask, name: str) -> None:
    author = {"accountId": "5b", "displayName": name} if name else None
    raw = {"id": "1", "author": author, "created": "never", "body": "Ask *[~accountid:5b10]* or [~accountid:gone]"}
    shown = for_here(said(raw, "ALFA"), {"5b10": "Maria Z"}, is_known=False)
    assert shown == f"**{name or 'somebody'}** (in Jira):\n\nAsk **Maria Z** or somebody"
    long = for_here(said({**raw, "body": "word " * 9_000}, "ALFA"), {}, is_known=False)
    assert len(long) <= 10_000
    assert long.endswith("(The text goes on in Jira.)")
