"""Messages on their way out: handed over once, retried with pauses, given up with a reason, never silently lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from program.extensions import db
from program.ground import database
from program.ground.actor import Access
from program.ground.now import held_at
from program.outbox import claiming, handing_over, settling, transports
from program.outbox.fates import GiveUp, Misconfigured, ReplyLost, Retry
from program.outbox.messages import tell_channel
from program.outbox.models import State
from program.people.models import Membership, Person
from tests.fakes.ways import FakeWay
from tests.outbox.conftest import DIRECT, MONDAY, PROMPT, later


class TestTheUsualWay:
    def test_it_reaches_the_person_with_its_words(self, post):
        post.tell(1, path="/p/ALFA/items/1")
        assert post.work() == 1
        (message,) = post.way.got
        assert (message.subject, message.text) == ("Done 1", "Text 1\nhttp://127.0.0.1:8000/p/ALFA/items/1")
        assert message.recipient.email == "maria@alfa.example"
        row = post.row()
        assert (row.state, row.transport, row.reference, row.attempts) == (State.SENT, "chat", f"ref-{row.id}", 1)

    def test_it_is_handed_over_once(self, post):
        post.tell(1)
        post.work()
        assert post.work(later(days=1)) == 0
        assert len(post.way.got) == 1

    def test_it_is_in_its_readers_language(self, app, post):
        with app.app_context(), database.transaction():
            db.session.get(Person, post.cast.manager.id).locale = "pl"
        post.tell(1, to=post.cast.manager)
        post.tell(2, to=post.cast.contributor)
        post.work()
        assert {message.subject for message in post.way.got} == {"Zrobione 1", "Done 2"}

    def test_it_waits_for_its_time_and_its_hours(self, post):
        post.tell(1, not_before=later(hours=1))
        post.tell(2, at=later(hours=10))
        assert post.work() == 0
        assert post.work(later(hours=1)) == 1
        assert post.work(later(hours=10)) == 0
        quiet = post.rows()[1]
        assert (quiet.state, quiet.why) == (State.WAITING, "quiet")
        assert post.work(later(days=1)) == 1

    def test_many_are_handed_over_in_one_go(self, post):
        post.tell(*range(50))
        assert post.work() == 50
        assert {row.state for row in post.rows()} == {State.SENT}

    def test_who_has_no_way_reads_the_page(self, post):
        post.way.strangers.add(post.cast.manager.id)
        post.tell(1)
        assert post.work() == 0
        assert (post.row().state, post.row().transport, post.row().why) == (State.SENT, "", "no_way")


class TestWhatMustNotGo:
    def test_what_is_late_expires(self, post):
        post.tell(1, expires_at=later(hours=1))
        assert post.work(later(hours=1)) == 0
        assert post.row().state == State.EXPIRED

    def test_who_left_the_program_is_not_told(self, app, post):
        post.tell(1, program_id=post.cast.program_id)
        post.tell(2, to=post.cast.stranger, program_id=post.cast.program_id)
        with app.app_context(), database.transaction():
            db.session.query(Membership).filter_by(person_id=post.cast.manager.id).delete()
        assert post.work() == 0
        assert {(row.state, row.why) for row in post.rows()} == {(State.CANCELLED, "left_program")}

    def test_an_administrator_is_told_of_every_program(self, post):
        post.tell(1, to=post.cast.admin, program_id=post.cast.program_id)
        assert post.work() == 1

    def test_a_closed_account_is_not_told(self, app, post):
        post.tell(1)
        with app.app_context(), database.transaction():
            db.session.get(Person, post.cast.manager.id).is_active = False
        assert post.work() == 0
        assert (post.row().state, post.row().why) == (State.CANCELLED, "account_closed")

    def test_what_could_not_go_for_two_weeks_is_no_news(self, app, post):
        post.tell(1)
        with app.app_context(), held_at(MONDAY), database.transaction():
            tell_channel("chat", "C1", DIRECT, {"n": 1}, key="stand-up:1")
        assert post.work(MONDAY + claiming.OLD + timedelta(hours=1)) == 0
        assert [(row.state, row.why) for row in post.rows()] == [(State.SENT, "old"), (State.EXPIRED, "too_late")]

    def test_what_was_read_on_the_page_need_not_go(self, post):
        post.tell(1)
        post.change(read_at=MONDAY)
        assert post.work() == 0
        assert (post.row().state, post.row().why) == (State.SENT, "read")


class TestWhenItFails:
    def test_it_tries_again_after_growing_pauses(self, post):
        post.way.answers += [Retry("The chat is busy.")] * 3
        post.tell(1)
        pauses, now = [], MONDAY
        for _ in range(3):
            post.work(now)
            pauses.append(post.row().due_at - now)
            assert (post.row().state, post.row().why, post.row().reason) == (
                State.WAITING,
                "retry",
                "The chat is busy.",
            )
            now = post.row().due_at
        assert timedelta(seconds=22) < pauses[0] < pauses[1] < pauses[2] < timedelta(seconds=151)
        post.work(now)
        assert (post.row().state, post.row().attempts) == (State.SENT, 4)

    def test_the_others_wait_is_honoured(self, post):
        post.way.answers.append(Retry("Too many.", timedelta(minutes=20)))
        post.tell(1)
        post.work()
        assert post.row().due_at >= later(minutes=20)

    def test_who_asked_to_be_left_alone_is_left_alone(self, app, post):
        """One refusal spares the questions of all others, and none of them counts as tried."""
        post.way.answers.append(Retry("Too many.", timedelta(minutes=20)))
        post.tell(*range(30))
        assert post.work() == 1
        assert sum(row.attempts for row in post.rows()) == 1
        assert all(row.due_at >= later(minutes=20) for row in post.rows())
        assert post.work(later(minutes=25)) == 30

    def test_after_too_many_tries_it_failed_with_the_reason(self, post):
        post.way.answers.append(Retry("The chat is busy."))
        post.tell(1)
        post.change(attempts=settling.MOST_ATTEMPTS - 1)
        post.work()
        assert (post.row().state, post.row().why, post.row().reason) == (State.FAILED, "too_many", "The chat is busy.")

    def test_what_one_way_gives_up_the_next_one_takes(self, app, post):
        mail = FakeWay("mail", "Mail")
        transports.add(app, mail)
        try:
            post.way.answers.append(GiveUp("The chat does not know her."))
            post.tell(1)
            post.work()
        finally:
            transports.close(app, "mail")
        assert (post.row().state, post.row().transport, post.row().tried) == (State.SENT, "mail", ["chat"])

    def test_when_no_way_takes_it_it_failed_for_good(self, post):
        post.way.answers.append(GiveUp("The chat does not know her."))
        post.tell(1)
        post.work()
        row = post.row()
        assert (row.state, row.why, row.reason) == (State.FAILED, "given_up", "The chat does not know her.")
        assert post.work(later(days=1)) == 0

    def test_wrong_settings_wait_for_somebody(self, post):
        post.way.answers.append(Misconfigured("The token was withdrawn. Enter a new one."))
        post.tell(1)
        post.work()
        row = post.row()
        assert (row.state, row.why, row.reason) == (
            State.WAITING,
            "settings",
            "The token was withdrawn. Enter a new one.",
        )
        assert post.work(later(hours=1)) == 1

    @pytest.mark.parametrize("answer", [ZeroDivisionError("secret"), None, "fine", True], ids=str)
    def test_a_way_that_fails_in_its_own_way_leaves_it_unknown(self, post, answer):
        post.way.answers.append(answer)
        post.tell(1, 2)
        assert post.work() == 2
        first, second = post.rows()
        assert (first.state, second.state) == (State.UNCERTAIN, State.SENT)
        assert "secret" not in first.reason

    def test_a_way_that_fails_before_it_is_asked_to_deliver_is_tried_again(self, post, monkeypatch):
        def fail(*_: object) -> bool:
            raise RuntimeError("secret")

        monkeypatch.setattr(post.way, "knows", fail, raising=False)
        post.tell(1)
        assert post.work() == 0
        assert (post.row().state, post.row().attempts, post.row().reason) == (State.WAITING, 1, "RuntimeError")

    def test_words_that_cannot_be_found_do_not_lose_the_message(self, post):
        post.tell(1)
        post.change(kind="a room that is gone")
        assert post.work() == 1
        assert post.way.got[0].subject == "There is something new in Milepost"

    def test_settings_that_nobody_puts_right_are_given_up_in_the_end(self, post):
        post.way.answers += [Misconfigured("The token was withdrawn.")] * 2
        post.tell(1)
        post.work()
        post.work(later(days=15))
        assert (post.row().state, post.row().reason) == (State.FAILED, "The token was withdrawn.")

    def test_a_busy_database_is_asked_again(self, post, monkeypatch):
        def fail_once(*arguments: object) -> bool:
            if not failed:
                failed.append(True)
                raise OperationalError("UPDATE", {}, Exception("locked"))
            return real(*arguments)

        failed: list[bool] = []
        real = settling._step
        monkeypatch.setattr(settling, "_step", fail_once)
        post.tell(1)
        assert post.work() == 1
        assert post.row().state == State.SENT
        assert failed


class TestLostAnswers:
    def lose(self, post, fate) -> None:
        post.way.answers.append(ReplyLost("The connection broke."))
        post.way.knows_fate = lambda message: fate
        post.tell(1)
        post.work()
        assert (post.row().state, post.row().reason) == (State.UNCERTAIN, "The connection broke.")
        assert post.find_out(later(seconds=30)) == 1

    def test_it_had_arrived(self, post):
        self.lose(post, True)
        assert post.row().state == State.SENT
        assert post.work(later(minutes=1)) == 0

    def test_it_had_not_and_goes_again(self, post):
        self.lose(post, False)
        assert post.work(later(minutes=1)) == 1
        assert (post.row().state, post.row().attempts) == (State.SENT, 2)

    def test_nobody_can_tell_so_a_person_decides(self, post):
        self.lose(post, None)
        assert (post.row().state, post.row().why) == (State.UNCERTAIN, "cannot_tell")
        assert post.find_out(later(days=30)) == 0
        assert post.work(later(days=30)) == 0

    def test_a_way_that_cannot_be_asked_is_asked_later(self, post):
        def fail(_message: object) -> bool:
            raise Retry("The chat is down.")

        post.way.answers.append(ReplyLost("The connection broke."))
        post.way.knows_fate = fail
        post.tell(1)
        post.work()
        post.find_out(later(seconds=30))
        assert (post.row().state, post.row().reason) == (State.UNCERTAIN, "The chat is down.")
        post.way.knows_fate = lambda message: True
        assert post.find_out(later(seconds=31)) == 0
        assert post.find_out(later(hours=1)) == 1
        assert post.row().state == State.SENT


class TestDeadClocks:
    def claim(self, app, begin: bool) -> None:
        """A clock that takes what is due and is never heard of again."""
        with app.app_context(), held_at(MONDAY):
            claimed, _ = claiming.claim()
            if begin:
                assert settling.step(None, claimed[0], "chat")

    def test_what_it_had_only_taken_another_hands_over(self, app, post):
        post.tell(1)
        self.claim(app, begin=False)
        assert post.work(later(minutes=2)) == 0
        assert post.work(MONDAY + claiming.LEASE) == 1
        assert len(post.way.got) == 1

    def test_of_what_it_had_begun_nobody_knows(self, app, post):
        post.tell(1)
        self.claim(app, begin=True)
        assert post.work(MONDAY + claiming.LEASE) == 0
        post.way.knows_fate = lambda message: False
        assert post.find_out(MONDAY + claiming.LEASE) == 1
        assert post.row().why == "not_arrived"
        assert post.work(MONDAY + claiming.LEASE) == 1

    def test_a_clock_that_wakes_up_late_begins_nothing(self, app, post):
        post.tell(1)
        with app.app_context(), held_at(MONDAY):
            claimed, _ = claiming.claim()
        assert post.work(MONDAY + claiming.LEASE) == 1
        with app.app_context(), held_at(MONDAY + claiming.LEASE):
            assert not settling.step(None, claimed[0], "chat")

    def test_a_clock_that_answers_late_is_still_believed(self, app, post):
        post.tell(1)
        with app.app_context(), held_at(MONDAY):
            claimed, _ = claiming.claim()
            settling.step(None, claimed[0], "chat")
        with app.app_context(), held_at(MONDAY + claiming.LEASE), database.transaction():
            settling.give_up_leases()
        assert post.row().state == State.UNCERTAIN
        with app.app_context(), held_at(MONDAY + claiming.LEASE):
            settling.step(settling.sent(claimed[0], "late"), None)
        assert (post.row().state, post.row().reference) == (State.SENT, "late")

    def test_two_clocks_never_have_the_same(self, app, post):
        post.tell(*range(30))
        with app.app_context(), held_at(MONDAY):
            first, _ = claiming.claim(20)
            second, _ = claiming.claim(20)
        assert len(first) == 20
        assert len(second) == 10
        assert not {one.id for one in first} & {one.id for one in second}


class TestMornings:
    def test_prompts_of_a_morning_are_one_message(self, post):
        post.tell(1, 2, 3, kind=PROMPT, at=later(hours=-2))
        post.tell(4, kind=PROMPT, to=post.cast.contributor, at=later(hours=-2))
        assert post.work() == 2
        message = next(one for one in post.way.got if one.recipient.id == post.cast.manager.id)
        assert message.subject == "3 things for you"
        assert [part.subject for part in message.parts] == ["Done 1", "Done 2", "Done 3"]
        assert {row.state for row in post.rows()} == {State.SENT}

    def test_the_next_ones_wait_for_the_next_morning(self, post):
        post.tell(1, kind=PROMPT, at=later(hours=-2))
        post.work()
        post.tell(2, kind=PROMPT)
        assert post.work(later(hours=1)) == 0
        assert post.rows()[1].why == "morning"
        assert post.work(later(days=1)) == 1

    def test_a_gathered_message_stays_together_when_it_is_tried_again(self, post):
        post.way.answers.append(Retry("Busy."))
        post.tell(1, 2, kind=PROMPT, at=later(hours=-2))
        post.work()
        post.tell(3, kind=PROMPT)
        assert post.work(later(minutes=10)) == 1
        assert [len(message.parts) for message in post.way.got] == [2]
        assert [row.state for row in post.rows()] == [State.SENT, State.SENT, State.WAITING]

    def test_a_gathered_message_whose_answer_was_lost_is_resolved_whole(self, post):
        post.way.answers.append(ReplyLost("Broke."))
        post.way.knows_fate = lambda message: len(message.parts) == 2
        post.tell(1, 2, kind=PROMPT, at=later(hours=-2))
        post.work()
        assert {row.state for row in post.rows()} == {State.UNCERTAIN}
        post.find_out(later(minutes=1))
        assert {row.state for row in post.rows()} == {State.SENT}

    def test_when_the_first_part_is_closed_the_others_still_go(self, app, post):
        post.way.answers.append(Retry("Busy."))
        post.tell(1, kind=PROMPT, at=later(hours=-2), about="round:1")
        post.tell(2, kind=PROMPT, at=later(hours=-2))
        post.work()
        from program.outbox.messages import withdraw

        with app.app_context(), held_at(MONDAY), database.transaction():
            withdraw("round:1")
        post.find_out()
        assert post.work(later(days=1)) == 1
        assert [row.state for row in post.rows()] == [State.CANCELLED, State.SENT]

    def test_no_more_mornings_a_week_than_the_budget(self, app, post):
        from program.outbox.models import Wishes

        with app.app_context(), database.transaction():
            usual = {"digest": "morning", "prompts": "morning", "day_begins": 480, "day_ends": 1080}
            db.session.add(Wishes(person_id=post.cast.manager.id, **usual, weekdays="01234", country="PL", budget=2))
        for day in range(5):
            post.tell(day, kind=PROMPT, at=later(days=day, hours=-3))
            post.work(later(days=day))
        assert len(post.way.got) == 2
        assert post.work(later(days=7)) == 1
        assert len(post.way.got[2].parts) == 3


def test_a_channel_is_told_through_the_way_it_names(app, post):
    with app.app_context(), held_at(MONDAY), database.transaction():
        tell_channel("chat", "C1", DIRECT, {"n": 1}, key="stand-up:1")
        tell_channel("post", "C2", DIRECT, {"n": 2}, key="stand-up:1")
    assert post.work() == 1
    assert [(message.channel, message.recipient) for message in post.way.got] == [("C1", None)]
    assert [(row.state, row.why) for row in post.rows()] == [(State.SENT, ""), (State.WAITING, "settings")]


def test_looking_when_nothing_is_due_takes_one_statement_and_no_lock(app, post, statements):
    with app.app_context(), statements() as ran:
        assert handing_over.drain() == 0
    assert len(ran) == 1


def test_a_hundred_messages_cost_few_statements_each(app, post, statements):
    post.tell(*range(100))
    with app.app_context(), held_at(MONDAY), statements() as ran:
        assert handing_over.drain() == 100
    # Beginning one and settling the one before, and what claiming twenty at a time takes.
    assert len(ran) <= 250


def test_access_is_looked_at_when_it_is_handed_over(app, post):
    post.tell(1, to=post.cast.stranger, program_id=post.cast.program_id)
    with app.app_context(), database.transaction():
        db.session.add(
            Membership(program_id=post.cast.program_id, person_id=post.cast.stranger.id, access=Access.VIEWER.value)
        )
    assert post.work() == 1
