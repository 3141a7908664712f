"""My messages and how they reach me: the pages, with what other people and other programs must not show."""

from __future__ import annotations

from datetime import timedelta

import pytest

from program.extensions import db
from program.ground import database
from program.ground.now import utc_now
from program.outbox import inbox, transports, wishes
from program.outbox.kinds import MessageKind, Pace, Words, register
from program.outbox.messages import tell, withdraw
from program.outbox.models import State, Wishes
from program.people.models import Membership, Person
from tests.fakes.ways import FakeWay
from tests.outbox.conftest import PROMPT, Post

SAYING = register(MessageKind("test.saying", "Saying", Pace.DIRECT, lambda data: Words(data["s"], data.get("t", ""))))
USUAL = {
    "revision": "0",
    "digest": "morning",
    "prompts": "morning",
    "budget": "5",
    "day_begins": "08:30",
    "day_ends": "18:00",
    "weekdays": ["0", "1", "2", "3", "4"],
    "country": "PL",
    "open_ways": ["chat"],
}


@pytest.fixture
def say(app, cast):
    """Say something to Maria; gives the ids of her messages, the newest last."""

    def said(*texts: str, to=None, **more) -> list[int]:
        with app.app_context(), database.transaction():
            person = to or cast.manager
            for text in texts:
                tell([person.id], SAYING, {"s": text}, key=f"say:{text}"[:160], **more)
        with app.app_context():
            rows = db.session.execute(db.text("SELECT id FROM message ORDER BY id"))
            return [row.id for row in rows]

    return said


def unread(app, person) -> int:
    with app.app_context():
        from program.people.session import signed_in

        return signed_in(person.id).unread


class TestReading:
    def test_an_empty_page_says_what_belongs_there(self, cast, browser):
        page = browser(cast.manager).get("/messages")
        assert page.status_code == 200
        assert "No messages yet" in page.text

    def test_what_was_said_stands_there_and_at_the_bell(self, cast, browser, say):
        say("First", "Second", program_id=cast.program_id, path="/p/ALFA/")
        page = browser(cast.manager).get("/messages").text
        assert page.index("Second") < page.index("First")
        assert "Alfa Bank omnichannel" in page
        assert "2 messages that you have not read" in page
        assert 'aria-hidden="true">2</span>' in browser(cast.manager).get("/my-work").text
        assert "bell-count" not in browser(cast.viewer).get("/my-work").text

    def test_opening_it_marks_it_and_leads_on(self, app, cast, browser, say):
        first, _ = say("First", "Second", path="/p/ALFA/items/1")
        answer = browser(cast.manager).post("/messages", data={"open": first})
        assert (answer.status_code, answer.location) == (303, "/p/ALFA/items/1")
        assert unread(app, cast.manager) == 1

    def test_marking_read_and_new_again(self, app, cast, browser, say):
        first, _, _ = say("First", "Second", "Third")
        client = browser(cast.manager)
        client.post("/messages", data={"read": first})
        assert unread(app, cast.manager) == 2
        client.post("/messages", data={"new": first})
        assert unread(app, cast.manager) == 3
        answer = client.post("/messages", data={"all": "1"}, follow_redirects=True)
        assert "3 messages are marked as read" in answer.text
        assert unread(app, cast.manager) == 0

    def test_only_new_ones(self, cast, browser, say):
        first, _ = say("First", "Second")
        client = browser(cast.manager)
        client.post("/messages", data={"read": first})
        page = client.get("/messages?show=new").text
        assert "Second" in page
        assert "First" not in page

    def test_what_is_to_come_or_is_over_is_not_shown(self, app, cast, browser, say):
        say("Later", not_before=utc_now() + timedelta(days=1))
        say("Over", expires_at=utc_now() - timedelta(seconds=1))
        say("Old", about="round:1")
        say("Closed", about="round:2")
        say("Newer", about="round:1")
        with app.app_context(), database.transaction():
            withdraw("round:2")
        page = browser(cast.manager).get("/messages").text
        assert [text for text in ("Later", "Over", "Old", "Closed", "Newer") if text in page] == ["Newer"]
        assert unread(app, cast.manager) == 1

    def test_what_was_seen_on_its_own_page_is_not_new(self, app, cast, say):
        say("First", about="item:1")
        with app.app_context(), database.transaction():
            inbox.read_elsewhere(cast.viewer.id, ["item:1"])
        assert unread(app, cast.manager) == 1
        with app.app_context(), database.transaction():
            inbox.read_elsewhere(cast.manager.id, ["item:1"])
        assert unread(app, cast.manager) == 0

    def test_a_hundred_new_ones_are_counted_no_further(self, app, cast, browser, say):
        say(*(f"Saying {n}" for n in range(130)))
        assert unread(app, cast.manager) == 100
        assert ">99+</span>" in browser(cast.manager).get("/my-work").text

    def test_markup_in_what_is_said_is_shown_as_typed(self, cast, browser, say):
        say("<script>alert(1)</script> مرحبا 🦊")
        page = browser(cast.manager).get("/messages").text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; مرحبا 🦊" in page

    def test_many_messages_cost_no_more_statements(self, cast, browser, say, statements):
        client = browser(cast.manager)
        say(*(f"Saying {n}" for n in range(3)), program_id=cast.program_id)
        with statements() as few:
            client.get("/messages")
        say(*(f"More {n}" for n in range(120)), program_id=cast.program_id)
        with statements() as many:
            assert client.get("/messages?page=2").status_code == 200
        assert len(many) == len(few) <= 12

    @pytest.mark.parametrize("page", ["0", "-1", "999", "x"])
    def test_any_page_can_be_asked_for(self, cast, browser, say, page):
        say("First")
        assert browser(cast.manager).get(f"/messages?page={page}").status_code == 200


class TestOtherPeople:
    def test_a_message_is_its_readers_alone(self, app, cast, browser, say):
        (one,) = say("For Maria", path="/my-work")
        for person in (cast.contributor, cast.admin):
            client = browser(person)
            assert "For Maria" not in client.get("/messages").text
            assert client.post("/messages", data={"open": one}).status_code == 404
            assert client.post("/messages", data={"new": one}).status_code == 404
            client.post("/messages", data={"read": one})
        assert unread(app, cast.manager) == 1

    def test_who_left_the_program_no_longer_reads_of_it(self, app, cast, browser, say):
        (one,) = say("Secret of ALFA", program_id=cast.program_id)
        with app.app_context(), database.transaction():
            db.session.query(Membership).filter_by(person_id=cast.manager.id).delete()
        client = browser(cast.manager)
        assert "Secret of ALFA" not in client.get("/messages").text
        assert client.post("/messages", data={"open": one}).status_code == 404
        assert unread(app, cast.manager) == 0

    @pytest.mark.parametrize("wrong", ["0", "999999999", "9999999999", "-1", "x", "1 OR 1=1", "٣"])
    def test_what_is_no_message_is_not_there(self, cast, browser, wrong):
        assert browser(cast.manager).post("/messages", data={"open": wrong}).status_code == 404


class TestPreferences:
    def save(self, client, **changes):
        return client.post("/messages/preferences", data=USUAL | changes)

    def test_they_begin_with_what_is_usual(self, cast, browser, way):
        page = browser(cast.manager).get("/messages/preferences")
        assert page.status_code == 200
        assert 'value="08:30"' in page.text
        assert "Write to me first by" not in page.text

    def test_they_are_kept(self, app, cast, browser, way):
        client = browser(cast.manager)
        assert self.save(client, digest="at_once", budget="2", day_ends="16:15", weekdays=["1"]).status_code == 303
        with app.app_context():
            row = db.session.get(Wishes, cast.manager.id)
            assert (row.digest, row.budget, row.day_ends, row.weekdays) == ("at_once", 2, 975, "1")
        page = client.get("/messages/preferences").text
        assert 'value="16:15"' in page

    def test_a_way_can_be_put_first_and_another_closed(self, app, cast, browser, way):
        transports.add(app, FakeWay("mail", "E-mail"))
        try:
            client = browser(cast.manager)
            assert self.save(client, first_way="mail", open_ways=["mail"]).status_code == 303
            with app.app_context():
                chosen = wishes.from_row(db.session.get(Wishes, cast.manager.id))
        finally:
            transports.close(app, "mail")
        assert chosen.order(["chat", "mail"]) == ["mail"]

    def test_two_editors_do_not_overwrite_each_other(self, cast, browser, way):
        client = browser(cast.manager)
        assert self.save(client).status_code == 303
        assert self.save(client, revision="1", budget="3").status_code == 303
        assert self.save(client, revision="1", budget="4").status_code == 409

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("budget", "8"),
            ("budget", "-1"),
            ("budget", "1e9"),
            ("digest", "shout"),
            ("prompts", "at_once"),
            ("country", "XX"),
            ("weekdays", ["7"]),
            ("weekdays", []),
            ("day_begins", "25:00"),
            ("day_begins", "<b>"),
            ("day_ends", "08:45"),
            ("day_ends", "07:00"),
            ("open_ways", ["owl"]),
        ],
    )
    def test_what_cannot_be_is_refused_beside_the_field(self, app, cast, browser, way, field, value):
        answer = self.save(browser(cast.manager), **{field: value})
        assert answer.status_code == 422
        assert "field-error" in answer.text
        with app.app_context():
            assert db.session.get(Wishes, cast.manager.id) is None

    def test_what_waits_is_looked_at_in_their_light(self, app, cast, browser, way):
        post = Post(app, cast, way)
        with app.app_context(), database.transaction():
            tell([cast.manager.id], PROMPT, {"n": 1}, key="prompt:1")
        post.change(due_at=utc_now() + timedelta(days=3), why="budget")
        self.save(browser(cast.manager), prompts="page")
        with app.app_context():
            from program.outbox import handing_over

            handing_over.drain()
        assert (post.row().state, post.row().why) == (State.SENT, "page")


def test_a_page_in_polish_speaks_polish(app, cast, browser, post):
    with app.app_context(), database.transaction():
        db.session.get(Person, cast.manager.id).locale = "pl"
    post.tell(1)
    assert "Zrobione 1" in browser(cast.manager).get("/messages").text
