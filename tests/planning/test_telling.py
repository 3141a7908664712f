"""What planning tells people: named in a comment, given an item; not what they did themselves, nor what was undone."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from program.extensions import db
from program.ground import audit, database
from program.outbox.models import Message, State
from program.outbox.wording import words
from program.planning import comments, items, undo
from program.planning.items import ItemDraft


def told() -> list[tuple[int, str, str, str]]:
    """Who was told what, with the page it leads to and its state."""
    rows = db.session.scalars(select(Message).order_by(Message.id))
    return [(row.person_id, words(row.kind, row.data).subject, row.path, row.state) for row in rows]


@pytest.fixture
def item(context, cast):
    return items.add_item(cast.manager.actor, cast.program_id, ItemDraft("Map the journey", due_on=date(2026, 3, 20)))


class TestNamed:
    def test_who_is_named_is_told(self, cast, item):
        comment = comments.add_comment(cast.contributor.actor, item, "@Maria Zielińska and @Wanda Łoś, look")
        path = f"/p/ALFA/items/{item.number}#comment-{comment.id}"
        said = "Tomek Wójcik on “Map the journey”"
        assert told() == [
            (cast.manager.id, said, path, State.WAITING),
            (cast.viewer.id, said, path, State.WAITING),
        ]

    def test_what_the_comment_says_is_not_copied(self, cast, item):
        comments.add_comment(cast.contributor.actor, item, "@Maria Zielińska a secret")
        assert "secret" not in str(db.session.scalars(select(Message.data)).one())

    def test_an_edit_tells_only_who_is_new(self, cast, item):
        comment = comments.add_comment(cast.contributor.actor, item, "@Maria Zielińska")
        comments.edit_comment(cast.contributor.actor, item, comment.id, "@Maria Zielińska @Wanda Łoś", seen=1)
        assert [person_id for person_id, *_ in told()] == [cast.manager.id, cast.viewer.id]

    def test_a_removed_comment_is_taken_back(self, cast, item):
        comment = comments.add_comment(cast.contributor.actor, item, "@Maria Zielińska")
        comments.remove_comment(cast.contributor.actor, item, comment.id, seen=1)
        db.session.expire_all()
        assert [state for *_, state in told()] == [State.CANCELLED]

    def test_who_has_seen_it_there_need_not_be_told(self, cast, item):
        comments.add_comment(cast.contributor.actor, item, "@Maria Zielińska @Wanda Łoś")
        assert comments.mark_seen(cast.manager.actor, item_id=item.id) == 1
        db.session.expire_all()
        rows = db.session.scalars(select(Message).order_by(Message.id)).all()
        assert [row.read_at is None for row in rows] == [False, True]


class TestGiven:
    def test_a_new_owner_is_told(self, cast, item):
        items.change_item(cast.manager.actor, item, {"owner_id": cast.contributor.id}, seen=item.revision)
        ((person_id, subject, path, _),) = told()
        assert (person_id, subject) == (cast.contributor.id, "“Map the journey” is yours now")
        assert path == f"/p/ALFA/items/{item.number}"
        data = db.session.scalars(select(Message.data)).one()
        assert "Maria Zielińska" in words("planning.assigned", data).text

    def test_nobody_is_told_of_what_they_took_themselves(self, cast, item):
        items.change_item(cast.manager.actor, item, {"owner_id": cast.manager.id}, seen=item.revision)
        assert told() == []

    def test_other_changes_tell_nobody(self, cast, item):
        items.change_item(cast.manager.actor, item, {"status": "doing", "title": "Draw it"}, seen=item.revision)
        assert told() == []

    def test_who_no_longer_owns_it_need_not_be_told(self, cast, item):
        items.change_item(cast.manager.actor, item, {"owner_id": cast.contributor.id}, seen=None)
        items.change_item(cast.admin.actor, item, {"owner_id": cast.manager.id}, seen=None)
        db.session.expire_all()
        assert [(person_id, state) for person_id, _, _, state in told()] == [
            (cast.contributor.id, State.CANCELLED),
            (cast.manager.id, State.WAITING),
        ]

    def test_many_items_are_one_message(self, cast, context):
        drafts = [ItemDraft(f"Item {n}", owner_id=cast.contributor.id) for n in range(40)]
        items.add_items(cast.manager.actor, cast.program_id, drafts)
        assert told() == [(cast.contributor.id, "40 items are yours now", "/my-work", State.WAITING)]

    def test_taking_a_change_back_tells_nobody(self, cast, item):
        batch = audit.new_batch()
        items.change_item(cast.manager.actor, item, {"owner_id": cast.contributor.id}, seen=None, batch=batch)
        undo.undo(cast.manager.actor, cast.program_id, batch)
        db.session.expire_all()
        assert [state for *_, state in told()] == [State.CANCELLED]

    def test_what_costs_most_days_costs_nothing_more(self, cast, item, statements):
        """A change of status asks nothing of messages."""
        with statements() as ran:
            items.change_item(cast.manager.actor, item, {"status": "doing"}, seen=None)
        assert not [text for text in ran.texts if "message" in text]


def test_the_words_are_those_of_the_reader(app):
    from program.ground.formats import reading_as

    with app.app_context(), database.transaction(), reading_as("pl", "Europe/Warsaw"):
        data = {"title": "Mapa", "count": 1, "due": "2026-03-20", "who": "Maria"}
        assert "20 mar" in words("planning.assigned", data).text
