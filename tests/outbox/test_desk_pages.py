"""Outgoing messages: for administrators all, for managers those of their program, and nobody reads what is private."""

from __future__ import annotations

import ast

import pytest

from program.extensions import db
from program.ground import database
from program.outbox import settling
from program.outbox.fates import GiveUp, Misconfigured, ReplyLost
from program.outbox.models import State
from program.outbox.reasons import STATE_MARKS, STATE_WORDS, WHY
from program.people.models import Membership
from tests.cast import as_member, make_person, make_program
from tests.outbox.conftest import DIRECT, PROMPT, later

HERE = "/p/ALFA/settings/messages"


@pytest.fixture
def failed(post):
    """Two messages about ALFA: one failed for good, one waits for settings."""
    post.way.answers += [GiveUp("The chat does not know her."), Misconfigured("The token was withdrawn.")]
    post.tell(1, 2, program_id=post.cast.program_id)
    post.work()
    return post


def test_an_administrator_sees_what_became_of_each(failed, browser):
    page = browser(failed.cast.admin).get("/outgoing")
    assert page.status_code == 200
    for words in ("1 message failed for good.", "The chat does not know her.", "No way could take it.", "Done 1"):
        assert words in page.text
    assert "It waits for the settings to be put right." in page.text
    assert "Text 1" not in page.text


def test_the_list_is_filtered(failed, browser):
    client = browser(failed.cast.admin)
    failed.tell(3, to=failed.cast.contributor, kind=PROMPT)
    for query, there, gone in (
        ("state=failed", ["Done 1"], ["Done 2"]),
        ("kind=test.direct", ["Done 1", "Done 2"], ["What it says is private."]),
        ("q=tomek", ["What it says is private."], ["Done 1"]),
        ("q=ZIELINSKA", ["Done 1", "Done 2"], ["What it says is private."]),
        ("way=chat", ["Done 1"], ["What it says is private."]),
        ("state=nonsense", ["Done 1", "Done 2"], []),
        ("q=%25", [], ["Done 1"]),
    ):
        page = client.get(f"/outgoing?{query}").text
        assert all(text in page for text in there), query
        assert not any(text in page for text in gone), query


def test_trying_again_goes_by_every_way_anew(failed, browser):
    client = browser(failed.cast.admin)
    answer = client.post("/outgoing", data={"retry": failed.rows()[0].id, "next": "/outgoing?state=failed"})
    assert (answer.status_code, answer.location) == (303, "/outgoing?state=failed")
    row = failed.rows()[0]
    assert (row.state, row.tried, row.attempts) == (State.WAITING, [], 0)


def test_all_that_is_stuck_is_tried_again(failed, browser):
    answer = browser(failed.cast.admin).post("/outgoing", data={"all": "1"}, follow_redirects=True)
    assert "2 messages are tried again." in answer.text
    assert {row.state for row in failed.rows()} == {State.WAITING}


def test_taking_back_what_has_not_gone(post, browser):
    post.tell(1)
    client = browser(post.cast.admin)
    client.post("/outgoing", data={"cancel": post.row().id})
    assert (post.row().state, post.row().why) == (State.CANCELLED, "by_hand")
    assert post.work() == 0
    again = client.post("/outgoing", data={"cancel": post.row().id}, follow_redirects=True)
    assert "has moved on" in again.text


@pytest.mark.parametrize(("act", "state"), [("arrived", State.SENT), ("retry", State.WAITING), ("cancel", "cancelled")])
def test_a_person_decides_where_nobody_can_tell(post, browser, act, state):
    post.way.answers.append(ReplyLost("The connection broke."))
    post.tell(1, 2, kind=PROMPT, at=later(hours=-2))
    post.work()
    post.find_out(later(minutes=1))
    page = browser(post.cast.admin).get("/outgoing").text
    assert "It has arrived" in page
    browser(post.cast.admin).post("/outgoing", data={act: post.rows()[0].id})
    # What goes together stays together.
    assert {row.state for row in post.rows()} == {state}


class TestManagers:
    def test_they_see_their_program_and_no_other(self, app, failed, browser):
        with app.app_context(), database.transaction():
            beta = make_program("BETA", "Beta")
            person = make_person("Bartek Inny", "bartek@beta.example")
            db.session.add(Membership(program_id=beta.id, person_id=person.id, access=3))
            other = as_member(person)
            beta_id = beta.id
        failed.tell(7, to=other, program_id=beta_id, kind=DIRECT)
        failed.tell(8, to=failed.cast.manager)
        page = browser(failed.cast.manager).get(HERE).text
        assert "Done 1" in page
        assert "Done 7" not in page
        assert "Done 8" not in page
        client = browser(other)
        assert "Done 7" in client.get("/p/BETA/settings/messages").text
        of_alfa = failed.rows()[0].id
        assert client.post("/p/BETA/settings/messages", data={"retry": of_alfa}).status_code == 404
        assert failed.rows()[0].state == State.FAILED

    def test_what_is_private_stays_private(self, post, browser):
        post.tell(5, kind=PROMPT, program_id=post.cast.program_id)
        page = browser(post.cast.manager).get(HERE).text
        assert "What it says is private." in page
        assert "Done 5" not in page
        assert "Done 5" not in browser(post.cast.admin).get("/outgoing").text

    def test_they_may_try_again(self, failed, browser):
        browser(failed.cast.manager).post(HERE, data={"all": "1"})
        assert {row.state for row in failed.rows()} == {State.WAITING}

    def test_others_may_not(self, failed, browser):
        for person, status in ((failed.cast.contributor, 403), (failed.cast.viewer, 403), (failed.cast.stranger, 404)):
            assert browser(person).get(HERE).status_code == status
            assert browser(person).post(HERE, data={"all": "1"}).status_code == status
        for person in (failed.cast.manager, failed.cast.contributor):
            assert browser(person).get("/outgoing").status_code == 404
            assert browser(person).post("/outgoing", data={"all": "1"}).status_code == 404
        assert failed.rows()[0].state == State.FAILED


@pytest.mark.parametrize("wrong", ["0", "x", "", "9999999999", "-1", "٣"])
def test_what_is_no_message_is_not_there(post, browser, wrong):
    assert browser(post.cast.admin).post("/outgoing", data={"retry": wrong}).status_code == 404


def test_what_is_no_act_is_not_there(post, browser):
    assert browser(post.cast.admin).post("/outgoing", data={"delete": "1"}).status_code == 404


def test_a_thousand_messages_cost_no_more_statements(post, browser, statements):
    client = browser(post.cast.admin)
    post.tell(*range(5), program_id=post.cast.program_id)
    with statements() as few:
        client.get("/outgoing")
    post.tell(*range(5, 300), program_id=post.cast.program_id)
    with statements() as many:
        assert client.get("/outgoing?page=2").status_code == 200
    assert len(many) == len(few) <= 12
    with statements() as managers:
        assert browser(post.cast.manager).get(HERE).status_code == 200
    assert len(managers) <= 12


def test_every_reason_that_has_words_is_given_and_every_state_has_some(project_root):
    given = set()
    for name in ("claiming", "settling", "handing_over", "rhythm", "desk", "messages"):
        tree = ast.parse((project_root / "program" / "outbox" / f"{name}.py").read_text(encoding="utf-8"))
        given |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert set(WHY) <= given
    assert set(STATE_WORDS) == set(STATE_MARKS) == set(State)


def test_pauses_grow_and_differ():
    assert settling.pause(30) <= settling.pause(1) * 400
    assert len({settling.pause(3) for _ in range(20)}) > 1
