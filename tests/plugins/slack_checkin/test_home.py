"""The app's home, the command and the shortcuts, as people use them; every act is theirs, with their rights."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from plugins.slack_checkin import receiving
from program.change.models import Idea
from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.people.models import Membership
from program.people.models import Person as PersonRow
from program.planning import items
from program.planning.items import ItemDraft
from program.planning.models import WorkItem
from tests.cast import Cast
from tests.fakes.slack import Person, Slack


@pytest.fixture
def tomek(slack: Slack, cast: Cast) -> Person:
    return slack.user(cast.contributor.name, cast.contributor.email)


@pytest.fixture
def done(slack_app: Flask) -> Any:
    """Wait until what was told is done."""

    def wait() -> None:
        with slack_app.app_context():
            assert receiving.receiver().workers.finish()

    return wait


def add(app: Flask, cast: Cast, title: str) -> int:
    with app.app_context(), database.transaction():
        draft = ItemDraft(title, owner_id=cast.contributor.id, due_on=date(2026, 3, 9))
        return items.add_item(cast.manager.actor, cast.program_id, draft).number


def row(app: Flask, number: int) -> Any:
    with app.app_context(), database.looking():
        return db.session.execute(
            db.select(WorkItem.status, WorkItem.status_reason).where(WorkItem.number == number)
        ).one()


def test_the_home_shows_tasks_and_does_them(slack_app: Flask, slack: Slack, cast: Cast, tomek: Person, done: Any):
    first, second = add(slack_app, cast, "Call <the> shop & ask"), add(slack_app, cast, "Write it down")
    assert tomek.open_home("messages").ok
    done()
    assert tomek.home is None
    assert tomek.open_home().ok
    done()
    shown = tomek.home
    assert shown is not None
    assert "Call &lt;the&gt; shop &amp; ask" in shown.words
    assert "No pulse check is open" in shown.words
    assert tomek.press(shown, "task.done", block_id=f"task:{cast.program_id}:{first}:row").ok
    done()
    assert row(slack_app, first).status == "done"
    assert "Call" not in tomek.home.words  # type: ignore[union-attr]
    tomek.press(tomek.home, "task.block", block_id=f"task:{cast.program_id}:{second}:row")  # type: ignore[arg-type]
    done()
    tomek.submit({"words": "   "})
    assert tomek.errors == {"reason": "Say in a few words what holds it up."}
    tomek.submit({"words": "No access yet"})
    done()
    assert tuple(row(slack_app, second)) == ("blocked", "No access yet")
    assert "Blocked: No access yet" in tomek.home.words  # type: ignore[union-attr]
    with slack_app.app_context(), database.looking():
        told = db.session.execute(
            db.select(AuditEntry.origin, AuditEntry.person_id).where(AuditEntry.verb == "item.changed")
        ).all()
    assert {tuple(one) for one in told} == {("slack", cast.contributor.id)}
    assert slack.troubles == []


def test_who_was_removed_can_do_nothing(slack_app: Flask, cast: Cast, tomek: Person, done: Any):
    number = add(slack_app, cast, "Still mine?")
    tomek.open_home()
    done()
    shown = tomek.home
    assert shown is not None
    with slack_app.app_context(), database.transaction():
        db.session.execute(db.delete(Membership).where(Membership.person_id == cast.contributor.id))
    tomek.press(shown, "task.done", block_id=f"task:{cast.program_id}:{number}:row")
    done()
    assert row(slack_app, number).status == "todo"
    assert "not open to you" in tomek.home.words  # type: ignore[union-attr]
    with slack_app.app_context(), database.transaction():
        db.session.get_one(PersonRow, cast.contributor.id).is_active = False
    tomek.open_home()
    done()
    assert "does not know yet who you are" in tomek.home.words  # type: ignore[union-attr]


def test_what_moved_on_meanwhile_is_said_and_shown(slack_app: Flask, cast: Cast, tomek: Person, done: Any):
    number = add(slack_app, cast, "Moving")
    tomek.open_home()
    done()
    old = tomek.home
    with slack_app.app_context(), database.transaction():
        item = items.find_item(cast.manager.actor, cast.program_id, number)
        items.change_item(cast.manager.actor, item, {"title": "Moved"}, seen=None)
    tomek.press(old, "task.done", block_id=f"task:{cast.program_id}:{number}:row")  # type: ignore[arg-type]
    done()
    assert row(slack_app, number).status == "todo"
    assert "changed this item" in tomek.home.words  # type: ignore[union-attr]
    assert "Moved" in tomek.home.words  # type: ignore[union-attr]


def ideas(app: Flask) -> list[tuple[Any, ...]]:
    with app.app_context(), database.looking():
        found = db.session.execute(db.select(Idea.title, Idea.detail, Idea.proposer_id).order_by(Idea.number))
        return [tuple(one) for one in found]


def test_an_idea_from_a_message_with_and_without_a_name(
    slack_app: Flask, slack: Slack, cast: Cast, tomek: Person, done: Any
):
    where = slack.channel("shops", tomek)
    said = tomek.say("Call back <@U1> at <https://a.example/x|the desk> &amp; ask\nWhen it rings twice", where)
    assert tomek.shortcut("idea.from_message", said).ok
    done()
    assert tomek.modal is not None
    tomek.submit({})
    done()
    assert "You are told of every step it takes." in tomek.modal.words  # type: ignore[union-attr]
    tomek.close()
    assert ideas(slack_app) == [("Call back at the desk & ask", "When it rings twice", cast.contributor.id)]
    tomek.shortcut("idea.new")
    done()
    tomek.choose(tomek.modal, "words", " ", block_id="title")  # type: ignore[arg-type]
    tomek.submit({})
    assert tomek.errors == {"title": "Write your idea in a line first."}
    tomek.choose(tomek.modal, "words", "Quietly", block_id="title")  # type: ignore[arg-type]
    tomek.submit({"without": ["without"]})
    done()
    assert ideas(slack_app)[1] == ("Quietly", "", None)
    assert "Nothing keeps who it was from." in tomek.modal.words  # type: ignore[union-attr]
    # No message says that there was an idea, in the channel or in the conversation with the app.
    assert tomek.messages == []
    assert [one.user for one in where.messages] == [tomek.id]
    assert slack.troubles == []


@pytest.mark.parametrize(
    ("typed", "locale", "wanted"),
    [
        ("status", "en", "No data"),
        ("STAN", "pl", "Brak danych"),
        ("help", "en", "/milepost status"),
        ("", "pl", "/milepost status"),
        ("frobnicate", "en", "does not know that word"),
    ],
)
def test_the_command_in_both_languages(
    slack_app: Flask, slack: Slack, cast: Cast, done: Any, typed: str, locale: str, wanted: str
):
    with slack_app.app_context(), database.transaction():
        db.session.get_one(PersonRow, cast.viewer.id).locale = locale
    wanda = slack.user(cast.viewer.name, cast.viewer.email)
    assert wanda.command("/milepost", typed).ok
    done()
    assert wanted in wanda.last.words
    assert wanda.last.seen_by == wanda.id


@pytest.mark.parametrize("word", ["idea", "pomysł"])
def test_the_command_opens_the_window_for_an_idea(
    slack_app: Flask, slack: Slack, cast: Cast, tomek: Person, done: Any, word: str
):
    tomek.command("/milepost", f"{word} Fewer clicks")
    done()
    tomek.submit({})
    done()
    assert ideas(slack_app) == [("Fewer clicks", "", cast.contributor.id)]


def test_strangers_get_kind_words_in_their_language(slack_app: Flask, slack: Slack, done: Any):
    polish = slack.user("Obcy", "nobody@elsewhere.example", locale="pl-PL")
    polish.command("/milepost", "status")
    polish.open_home()
    done()
    english = slack.user("Nobody", "no@elsewhere.example")
    english.command("/milepost", "status")
    done()
    assert "does not know yet who you are" in english.last.words
    assert polish.home is not None
    assert slack.troubles == []


def test_when_slack_or_the_database_fails_it_is_said(slack_app: Flask, slack: Slack, tomek: Person, done: Any):
    slack.faults.add("views.open", "error", detail="expired_trigger_id")
    tomek.command("/milepost", "idea")
    done()
    assert "try again" in tomek.last.words


def test_an_idea_that_cannot_be_kept_is_shown_to_be_copied(
    slack_app: Flask, cast: Cast, tomek: Person, done: Any, monkeypatch: pytest.MonkeyPatch
):
    tomek.shortcut("idea.new")
    done()
    with slack_app.app_context(), database.transaction():
        db.session.execute(db.delete(Membership).where(Membership.person_id == cast.contributor.id))
    tomek.choose(tomek.modal, "words", "A long and good idea", block_id="title")  # type: ignore[arg-type]
    tomek.submit({})
    done()
    assert ideas(slack_app) == []
    assert "not open to you" in tomek.modal.words  # type: ignore[union-attr]
    assert "A long and good idea" in tomek.modal.words  # type: ignore[union-attr]
