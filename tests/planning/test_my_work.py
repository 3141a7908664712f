"""My work: the right items in the right group, who waits, where one was named, and that it stays quick."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine

from program.extensions import db
from program.ground import database
from program.people.models import Membership
from program.planning import comments, dependencies
from program.planning.items import ItemDraft, add_items, change_item
from program.planning.models import WorkItem
from program.planning.models.items import Priority
from program.planning.my_work import BLOCKED, IN_PROGRESS, NEXT, NO_DATE, OVERDUE, THIS_WEEK, my_work
from tests.cast import make_program
from tests.planning.helpers import add, kept_item

# A Wednesday.
TODAY = date(2026, 3, 18)


@pytest.fixture(autouse=True)
def on_wednesday():
    with time_machine.travel(datetime(2026, 3, 18, 9, tzinfo=UTC), tick=False):
        yield


def mine(cast, title, **more):
    return ItemDraft(title, owner_id=cast.contributor.id, **more)


@pytest.mark.usefixtures("context")
def test_every_open_item_stands_in_the_first_group_that_fits(cast):
    blocked = {"status": "blocked", "status_reason": "No licence"}
    add_items(
        cast.manager.actor,
        cast.program_id,
        [
            mine(cast, "late", due_on=date(2026, 3, 17)),
            mine(cast, "later still", due_on=date(2026, 3, 2), **blocked),
            mine(cast, "today", due_on=TODAY),
            mine(cast, "on Sunday", due_on=date(2026, 3, 22), status="doing"),
            mine(cast, "on Monday", due_on=date(2026, 3, 23)),
            mine(cast, "begun", status="doing", due_on=date(2026, 5, 1)),
            mine(cast, "stuck", due_on=date(2026, 5, 1), **blocked),
            mine(cast, "some day"),
            mine(cast, "some day, but soon", priority=Priority.URGENT),
            mine(cast, "done", status="done", due_on=date(2026, 3, 2)),
            mine(cast, "dropped", status="dropped", status_reason="No need"),
            ItemDraft("somebody else's", owner_id=cast.manager.id, due_on=date(2026, 3, 2)),
            ItemDraft("nobody's"),
        ],
    )
    work = my_work(cast.contributor.id, TODAY, 1)
    assert [(row.title, row.place) for row in work.rows] == [
        ("later still", OVERDUE),
        ("late", OVERDUE),
        ("today", THIS_WEEK),
        ("on Sunday", THIS_WEEK),
        ("begun", IN_PROGRESS),
        ("stuck", BLOCKED),
        ("on Monday", NEXT),
        ("some day, but soon", NO_DATE),
        ("some day", NO_DATE),
    ]
    assert work.counts == {OVERDUE: 2, THIS_WEEK: 2, IN_PROGRESS: 1, BLOCKED: 1, NEXT: 1, NO_DATE: 2}
    assert (work.total, work.oldest) == (9, date(2026, 3, 2))


@pytest.mark.usefixtures("context")
def test_programs_left_or_closed_are_not_in_it(cast):
    closed, left = make_program("SHUT", "Closed"), make_program("LEFT", "Left")
    for program in (closed, left):
        db.session.add(Membership(program_id=program.id, person_id=cast.contributor.id, access=2))
        db.session.flush()
        item = add_items(cast.admin.actor, program.id, [mine(cast, program.name)])[0]
        before = add_items(cast.admin.actor, program.id, [mine(cast, "Mine too")])[0]
        dependencies.add_dependency(
            cast.admin.actor, program.id, add_items(cast.admin.actor, program.id, [ItemDraft("x")])[0], before
        )
        comments.add_comment(cast.admin.actor, item, "@Tomek Wójcik look")
    assert my_work(cast.contributor.id, TODAY, 1).total == 4
    closed.closed_on = TODAY
    membership = Membership.program_id == left.id, Membership.person_id == cast.contributor.id
    db.session.delete(db.session.scalars(db.select(Membership).where(*membership)).one())
    db.session.flush()
    work = my_work(cast.contributor.id, TODAY, 1)
    assert (work.total, work.waiting_total) == (0, 0)
    # What was said in a closed program may still be read; what one has left, not.
    assert [one.key for one in work.mentions] == ["SHUT"]


@pytest.mark.usefixtures("context")
def test_who_waits_and_what_i_wait_for(cast):
    my_first, my_second = add_items(cast.manager.actor, cast.program_id, [mine(cast, "Map"), mine(cast, "Plan")])
    hers = add(cast, "Train", owner_id=cast.manager.id, due_on=date(2026, 4, 1))
    nobodys = add(cast, "Launch")
    for after, before in ((hers, my_first), (nobodys, my_first), (my_second, my_first), (my_second, hers)):
        dependencies.add_dependency(cast.manager.actor, cast.program_id, after, before)
    work = my_work(cast.contributor.id, TODAY, 1)
    assert [(one.title, one.my_title, one.owner) for one in work.waiting_for_me] == [
        ("Train", "Map", "Maria Zielińska"),
        ("Launch", "Map", None),
    ]
    assert {title for _key, _number, title in work.waits[my_second.id]} == {"Map", "Train"}
    change_item(cast.manager.actor, my_first, {"status": "done"}, seen=None)
    assert my_work(cast.contributor.id, TODAY, 1).waiting_total == 0


@pytest.mark.parametrize(
    ("dues", "sentence"),
    [
        ([], "You own no open items."),
        ([None], "Nothing is late, and nothing is due this week."),
        ([TODAY], "Nothing is late; 1 item is due this week."),
        ([date(2026, 3, 17)], "One item is late, by 1 day."),
        ([date(2026, 3, 12), date(2026, 3, 17), TODAY], "2 items are late, the oldest by 6 days."),
    ],
)
def test_the_headline_says_whether_something_burns(app, cast, browser, dues, sentence):
    with app.app_context(), database.transaction():
        add_items(cast.manager.actor, cast.program_id, [mine(cast, "x", due_on=due) for due in dues])
    page = browser(cast.contributor).get("/my-work")
    assert page.status_code == 200
    assert sentence in page.text


def test_one_click_changes_a_status_and_can_be_taken_back(app, cast, browser):
    kept_item(app, cast, owner_id=cast.contributor.id)
    client = browser(cast.contributor)
    assert 'value="doing ALFA 1 1"' in client.get("/my-work").text
    answer = client.post("/my-work/move", data={"move": "done ALFA 1 1", "next": "/my-work?page=1"})
    assert (answer.status_code, answer.location) == (303, "/my-work?page=1")
    page = client.get("/my-work").text
    assert "/p/ALFA/undo/" in page
    assert "Nothing waits for you" in page
    stale = client.post("/my-work/move", data={"move": "doing ALFA 1 1"})
    assert stale.status_code == 303
    assert "This is how it stands now" in client.get("/my-work").text
    with app.app_context():
        database.begin_writing()
        assert db.session.scalars(db.select(WorkItem.status)).all() == ["done"]
        db.session.rollback()


@pytest.mark.parametrize(
    "move",
    [
        "",
        "done",
        "done ALFA 1",
        "done ALFA one 1",
        "blocked ALFA 1 1",
        "done NONE 1 1",
        "done ALFA 9 1",
        "gone ALFA 1 1",
    ],
)
def test_a_move_that_cannot_be_is_not_there(app, cast, browser, move):
    kept_item(app, cast, owner_id=cast.contributor.id)
    assert browser(cast.contributor).post("/my-work/move", data={"move": move}).status_code == 404


def test_strangers_and_viewers_move_nothing(app, cast, browser):
    kept_item(app, cast)
    assert browser(cast.stranger).post("/my-work/move", data={"move": "done ALFA 1 1"}).status_code == 404
    assert browser(cast.viewer).post("/my-work/move", data={"move": "done ALFA 1 1"}).status_code == 403
    assert browser().get("/my-work").status_code == 302


def test_being_named_is_shown_until_it_was_seen(app, cast, browser):
    with app.app_context(), database.transaction():
        item = add(cast, "Choose the CRM")
        first = comments.add_comment(cast.manager.actor, item, "@Wanda Łoś, please read").id
        comments.add_comment(cast.manager.actor, add(cast, "Other"), "@Wanda Łoś again")
    client = browser(cast.viewer)
    for _ in range(2):
        page = client.get("/my-work").text
        assert "You were named" in page
        assert f'value="ALFA 1 {first}"' in page
    answer = client.post("/my-work/seen", data={"open": f"ALFA 1 {first}"})
    assert answer.location == f"/p/ALFA/items/1#comment-{first}"
    page = client.get("/my-work").text
    assert f'value="ALFA 1 {first}"' not in page
    assert "You were named" in page
    client.post("/my-work/seen")
    assert "You were named" not in client.get("/my-work").text
    assert browser(cast.stranger).post("/my-work/seen", data={"open": f"ALFA 1 {first}"}).status_code == 404
    for rubbish in ("ALFA", "ALFA x 1", "ALFA 1 " + "9" * 40):
        assert client.post("/my-work/seen", data={"open": rubbish}).status_code == 404


def test_five_hundred_items_in_ten_programs_take_as_many_statements_as_one(app, cast, browser, statements):
    client = browser(cast.contributor)

    def count():
        client.get("/my-work")
        with statements() as ran:
            page = client.get("/my-work?page=2")
        assert page.status_code == 200
        return len(ran)

    with app.app_context(), database.transaction():
        add_items(cast.manager.actor, cast.program_id, [mine(cast, f"Item {n}") for n in range(51)])
    small = count()
    with app.app_context(), database.transaction():
        for number in range(10):
            program = make_program(f"P{number}", f"Program {number}")
            db.session.add(Membership(program_id=program.id, person_id=cast.contributor.id, access=2))
            db.session.flush()
            drafts = [mine(cast, f"{number}.{n}", due_on=date(2026, 3, 1 + n % 28)) for n in range(50)]
            items = add_items(cast.admin.actor, program.id, drafts)
            dependencies.add_dependency(cast.admin.actor, program.id, items[1], items[0])
            comments.add_comment(cast.admin.actor, items[0], "@Tomek Wójcik")
    # Two of them are for what team and change show there.
    assert count() == small <= 9
    html = client.get("/my-work?page=11").text
    assert "501" in html
    assert "551" in html
    assert client.get("/my-work?page=9999").status_code == 200
