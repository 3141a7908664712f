"""Comments and mentions: who is meant, who may edit and remove, what stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from program.extensions import db
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.planning.comments import (
    MAX_MENTIONS,
    add_comment,
    edit_comment,
    mark_seen,
    mentioned,
    remove_comment,
    render,
)
from program.planning.models import Comment, Mention
from tests.cast import make_person
from tests.planning.helpers import add

PEOPLE = {
    1: "Maria Zielińska",
    2: "Maria Zielińska-Nowak",
    3: "Tomek Wójcik",
    4: "Jan",
    5: "Jan Kowalski",
    6: "Dr. Ewa O’Hara",
    7: "Tomek Wójcik",
    8: "Анна Иванова",
    9: "Li (IT)",
}


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ("@Maria Zielińska", {1}),
        ("Hello @Maria Zielińska, can you?", {1}),
        ("@maria zielinska: look", {1}),
        ("@Maria Zielińska-Nowak look", {2}),
        ("@[Maria Zielińska]-like", {1}),
        ("@[Maria Zielińska-Nowak]", {2}),
        ("(@Jan)", {4}),
        ("@Jan Kowalski and @Jan", {4, 5}),
        ("@Jan Kowalskiego", {4}),
        ("@[Jan Kowalskiego]", set()),
        ("@Tomek Wójcik", {3, 7}),
        ("@Dr. Ewa O'Hara.", {6}),
        ("@Анна Иванова!", {8}),
        ("@[Li (IT)] knows", {9}),
        ("maria@Maria Zielińska", set()),
        ("jan@jan.example", set()),
        ("@Mariannna Zielińska", set()),
        ("@ Maria Zielińska", {1}),
        ("@@Jan", set()),
        ("@", set()),
        ("@[", set()),
        ("@[]", set()),
        ("", set()),
        ("**@Jan** _@Maria Zielińska_", {4}),
        ("@Maria\nZielińska", {1}),
    ],
)
def test_who_is_meant(body, ids):
    assert mentioned(body, PEOPLE) == ids


@given(st.text(alphabet="@[] MariazZelńsk-\n.", max_size=80))
def test_no_text_breaks_the_search_and_brackets_name_everybody(text):
    mentioned(text, PEOPLE)
    for person_id, name in PEOPLE.items():
        assert person_id in mentioned(f"{text} @[{name}] {text}", PEOPLE)


@pytest.mark.parametrize(
    ("body", "names", "html"),
    [
        ("Hi @Maria Zielińska, ok", ["Maria Zielińska"], "<p>Hi <strong>@Maria Zielińska</strong>, ok</p>"),
        ("@[Jan]ek", ["Jan"], "<strong>@Jan</strong>ek"),
        ("@jan", ["Jan"], "<strong>@jan</strong>"),
        ("@Janek", ["Jan"], "<p>@Janek</p>"),
        ("@A_b_c", ["A_b_c"], "<strong>@A_b_c</strong>"),
        ("@[<i>]", ["<i>"], "<strong>@&lt;i&gt;</strong>"),
        ("a@Jan", ["Jan"], "<p>a@Jan</p>"),
        ("<b>@Jan</b>", ["Jan"], "&lt;b&gt;<strong>@Jan</strong>&lt;/b&gt;"),
        ('[x](http://a.example "@[Jan]")', ["Jan"], 'href="http://a.example"'),
    ],
)
def test_names_are_shown_bold_and_nothing_else_changes(body, names, html):
    assert html in str(render(body, names))


@pytest.mark.usefixtures("context")
class TestComments:
    def test_members_are_told_and_nobody_else(self, cast):
        item = add(cast)
        body = "@Maria Zielińska @Wanda Łoś @Obcy Człowiek @Tomek Wójcik"
        comment = add_comment(cast.contributor.actor, item, body)
        named = set(db.session.scalars(select(Mention.person_id).where(Mention.comment_id == comment.id)))
        # The stranger is no member, and nobody is told of naming themselves.
        assert named == {cast.manager.id, cast.viewer.id}

    def test_telling_somebody_from_the_list(self, cast):
        item = add(cast)
        comment = add_comment(cast.contributor.actor, item, "Ready?", tell=cast.manager.id)
        assert comment.body == "@[Maria Zielińska] Ready?"
        again = add_comment(cast.contributor.actor, item, "Ready, @Maria Zielińska?", tell=cast.manager.id)
        assert again.body == "Ready, @Maria Zielińska?"
        for stranger in (cast.stranger.id, -1, 99_999):
            with pytest.raises(Invalid) as refused:
                add_comment(cast.contributor.actor, item, "Ready?", tell=stranger)
            assert set(refused.value.fields) == {"tell"}

    def test_editing_keeps_mentions_in_step_and_says_so(self, cast):
        item = add(cast)
        comment = add_comment(cast.contributor.actor, item, "@Maria Zielińska")
        assert mark_seen(cast.manager.actor) == 1
        assert mark_seen(cast.manager.actor) == 0
        edit_comment(cast.contributor.actor, item, comment.id, "@Maria Zielińska @Wanda Łoś", seen=1)
        assert comment.edited_at is not None
        # Who has seen it is not told again; who is new, is.
        assert mark_seen(cast.manager.actor) == 0
        edit_comment(cast.contributor.actor, item, comment.id, "Nobody", seen=2)
        assert mark_seen(cast.viewer.actor) == 0
        with pytest.raises(Conflict):
            edit_comment(cast.contributor.actor, item, comment.id, "Late", seen=1)
        assert comment.body == "Nobody"

    def test_one_sees_ones_own_mentions_only_and_item_by_item(self, cast):
        one, two = add(cast, "One"), add(cast, "Two")
        add_comment(cast.contributor.actor, one, "@Maria Zielińska @Wanda Łoś")
        add_comment(cast.contributor.actor, two, "@Maria Zielińska")
        assert mark_seen(cast.manager.actor, item_id=one.id) == 1
        assert mark_seen(cast.viewer.actor) == 1
        assert mark_seen(cast.manager.actor) == 1

    def test_who_may_write_edit_and_remove(self, cast):
        item, other = add(cast), add(cast, "Other")
        comment = add_comment(cast.contributor.actor, item, "Mine")
        hers = add_comment(cast.manager.actor, item, "Hers")
        with pytest.raises(Forbidden):
            add_comment(cast.viewer.actor, item, "Me too")
        with pytest.raises(NotFound):
            add_comment(cast.stranger.actor, item, "Me too")
        with pytest.raises(Forbidden):
            edit_comment(cast.manager.actor, item, comment.id, "Words put into a mouth", seen=1)
        with pytest.raises(Forbidden):
            remove_comment(cast.contributor.actor, item, hers.id, seen=1)
        with pytest.raises(NotFound):
            edit_comment(cast.contributor.actor, other, comment.id, "By another item", seen=1)
        with pytest.raises(Conflict):
            remove_comment(cast.manager.actor, item, comment.id, seen=7)
        remove_comment(cast.manager.actor, item, comment.id, seen=1)
        remove_comment(cast.manager.actor, item, hers.id, seen=1)

    def test_a_stub_stays_and_the_text_is_gone_for_good(self, cast):
        item = add(cast)
        comment = add_comment(cast.contributor.actor, item, "The secret of @Maria Zielińska")
        remove_comment(cast.manager.actor, item, comment.id, seen=1)
        assert (comment.body, comment.removed_by_id) == ("", cast.manager.id)
        assert comment.removed_at is not None
        assert db.session.scalars(select(Mention)).all() == []
        trail = db.session.scalars(select(AuditEntry)).all()
        assert not any("secret" in f"{entry.changes}{entry.name}" for entry in trail)
        assert [entry.verb for entry in trail][-2:] == ["item.commented", "item.comment_removed"]
        with pytest.raises(NotFound):
            edit_comment(cast.contributor.actor, item, comment.id, "Back", seen=2)
        with pytest.raises(NotFound):
            remove_comment(cast.manager.actor, item, comment.id, seen=2)

    @pytest.mark.parametrize("body", ["", " \n\t", "\u200b\u200b", "\x00", "x" * 10_001])
    def test_what_is_no_comment_is_refused(self, cast, body):
        with pytest.raises(Invalid) as refused:
            add_comment(cast.contributor.actor, add(cast), body)
        assert set(refused.value.fields) == {"body"}
        assert db.session.scalars(select(Comment)).all() == []

    def test_a_crowd_is_not_called_together_in_a_comment(self, cast):
        from program.people.models import Membership

        names = [f"Agent Number{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
        for name in names:
            person = make_person(name, f"{name[-1]}@alfa.example")
            db.session.add(Membership(program_id=cast.program_id, person_id=person.id, access=1))
        db.session.flush()
        item = add(cast)
        add_comment(cast.manager.actor, item, " ".join(f"@[{name}]" for name in names[:MAX_MENTIONS]))
        with pytest.raises(Invalid):
            add_comment(cast.manager.actor, item, " ".join(f"@[{name}]" for name in names))
