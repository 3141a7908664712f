"""Ideas: who may do what with them, what the proposer is told, and that a nameless one leads to nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from program.change import ideas
from program.change.idea_lists import alike, waiting
from program.change.ideas import IdeaDraft
from program.change.models import Idea, IdeaStep, IdeaSupport
from program.change.models.ideas import Stage
from program.extensions import db
from program.ground.actor import Actor
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.ground.now import held_at
from program.outbox.models import Message
from program.planning.models import WorkItem
from tests.cast import Cast, Member

NOON = datetime(2026, 3, 12, 11, 0, tzinfo=UTC)


def handed_in(cast: Cast, who: Member, title: str = "Show the last call to the chat agent", **more: Any) -> Idea:
    return ideas.hand_in(who.actor, cast.program_id, IdeaDraft(title, **more))


@pytest.mark.usefixtures("context")
class TestHandingIn:
    def test_the_front_line_and_every_member_may(self, cast: Cast, zosia: Member):
        found = [handed_in(cast, who) for who in (zosia, cast.viewer, cast.contributor, cast.manager)]
        assert [idea.number for idea in found] == [1, 2, 3, 4]
        assert [idea.stage for idea in found] == [Stage.HEARD] * 4

    def test_strangers_may_not(self, cast: Cast, zosia: Member):
        with pytest.raises(NotFound):
            handed_in(cast, cast.stranger)

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"title": ""}, "title"),
            ({"title": " \u200b\n"}, "title"),
            ({"title": "x" * 201}, "title"),
            ({"title": "ok", "detail": "x" * 4001}, "detail"),
            ({"title": "ok", "channel": "fax"}, "channel"),
        ],
    )
    def test_what_cannot_be_is_refused(self, cast: Cast, more: dict[str, str], field: str):
        with pytest.raises(Invalid) as caught:
            ideas.hand_in(cast.viewer.actor, cast.program_id, IdeaDraft(**more))
        assert list(caught.value.fields) == [field]
        assert db.session.scalars(select(Idea)).all() == []

    def test_without_a_name_nothing_leads_to_the_person(self, cast: Cast, zosia: Member):
        with held_at(NOON):
            idea = handed_in(cast, zosia, named=False)
        db.session.commit()
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "idea.created")).one()
        assert (idea.proposer_id, entry.person_id) == (None, None)
        # The day in Warsaw, not the minute: 12 March began an hour before it did in UTC.
        midnight = datetime(2026, 3, 11, 23, 0, tzinfo=UTC)
        assert (idea.created_at, idea.stage_since, entry.at) == (midnight, midnight, midnight)
        assert db.session.scalars(select(IdeaSupport)).all() == []
        assert db.session.scalars(select(Message)).all() == []

    def test_with_a_name_the_trail_says_who(self, cast: Cast, zosia: Member):
        handed_in(cast, zosia)
        db.session.flush()
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "idea.created")).one()
        assert entry.person_id == zosia.id


@pytest.mark.usefixtures("context")
class TestSteps:
    def test_the_proposer_is_told_of_every_step(self, cast: Cast, zosia: Member):
        idea = handed_in(cast, zosia)
        ideas.take_step(cast.contributor.actor, idea, "researched", "Seven of ten agents say so.", seen=idea.revision)
        ideas.take_step(cast.manager.actor, idea, "prototype", seen=idea.revision)
        told = db.session.scalars(select(Message).order_by(Message.id)).all()
        assert [(one.person_id, one.data["stage"], one.data["note"]) for one in told] == [
            (zosia.id, "researched", "Seven of ten agents say so."),
            (zosia.id, "prototype", ""),
        ]
        assert told[0].path == "/p/ALFA/for-you#idea-1"

    def test_nobody_is_told_of_their_own_step_or_of_a_nameless_idea(self, cast: Cast, zosia: Member):
        own, nameless = handed_in(cast, cast.manager), handed_in(cast, zosia, named=False)
        for idea in (own, nameless):
            ideas.take_step(cast.manager.actor, idea, "researched", seen=idea.revision)
        assert db.session.scalars(select(Message)).all() == []

    def test_declining_needs_a_reason_and_standing_still_needs_words(self, cast: Cast):
        idea = handed_in(cast, cast.viewer)
        for stage in ("declined", "heard", "launched", ""):
            with pytest.raises(Invalid):
                ideas.take_step(cast.manager.actor, idea, stage, "  ", seen=idea.revision)
        ideas.take_step(cast.manager.actor, idea, "heard", "We asked the vendor.", seen=idea.revision)
        ideas.take_step(cast.manager.actor, idea, "declined", "The law forbids it.", seen=idea.revision)
        assert idea.stage == Stage.DECLINED

    def test_readers_and_the_front_line_take_no_steps(self, cast: Cast, zosia: Member):
        idea = handed_in(cast, zosia)
        with pytest.raises(Forbidden):
            ideas.take_step(cast.viewer.actor, idea, "researched", seen=idea.revision)
        with pytest.raises(NotFound):
            ideas.take_step(zosia.actor, idea, "researched", seen=idea.revision)

    def test_the_second_of_two_is_told(self, cast: Cast):
        idea = handed_in(cast, cast.viewer)
        seen = idea.revision
        ideas.take_step(cast.manager.actor, idea, "researched", seen=seen)
        with pytest.raises(Conflict):
            ideas.take_step(cast.contributor.actor, idea, "declined", "No.", seen=seen)

    def test_news_are_news_until_they_are_seen(self, cast: Cast, zosia: Member):
        idea = handed_in(cast, zosia)
        ideas.take_step(cast.manager.actor, idea, "researched", seen=idea.revision)
        assert ideas.mark_news_seen(cast.viewer.actor, cast.program_id) == 0
        assert ideas.mark_news_seen(zosia.actor, cast.program_id) == 1
        assert ideas.mark_news_seen(zosia.actor, cast.program_id) == 0

    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(walk=st.lists(st.tuples(st.sampled_from(list(Stage)), st.sampled_from(["", "Words."])), max_size=8))
    def test_any_walk_keeps_the_steps_and_the_stage_in_step(self, cast: Cast, walk: list[tuple[Stage, str]]):
        """Skipping and going back are allowed; whatever is taken is kept, in order, and nothing else is."""
        idea = handed_in(cast, cast.viewer)
        taken, since = [], idea.stage_since
        for day, (stage, note) in enumerate(walk):
            allowed = bool(note) or (stage not in (Stage.DECLINED, Stage(idea.stage)))
            with held_at(NOON + timedelta(days=365 * 5 + day)):
                if not allowed:
                    with pytest.raises(Invalid):
                        ideas.take_step(cast.manager.actor, idea, stage, note, seen=idea.revision)
                    continue
                moved = stage != idea.stage
                ideas.take_step(cast.manager.actor, idea, stage, note, seen=idea.revision)
            taken.append((stage.value, note))
            assert (idea.stage_since > since) == moved
            since = idea.stage_since
        rows = db.session.execute(
            select(IdeaStep.stage, IdeaStep.note).where(IdeaStep.idea_id == idea.id).order_by(IdeaStep.id)
        )
        assert [tuple(row) for row in rows] == taken
        assert idea.stage == (taken[-1][0] if taken else Stage.HEARD)


@pytest.mark.usefixtures("context")
class TestSupport:
    def test_once_for_each_person(self, cast: Cast, zosia: Member):
        idea = handed_in(cast, cast.viewer)
        assert ideas.support(zosia.actor, idea) is True
        assert ideas.support(zosia.actor, idea) is False
        assert ideas.support(cast.manager.actor, idea) is True
        assert len(db.session.scalars(select(IdeaSupport)).all()) == 2
        assert ideas.support(zosia.actor, idea, wanted=False) is True
        assert ideas.support(zosia.actor, idea, wanted=False) is False

    def test_ones_own_idea_counts_already(self, cast: Cast, zosia: Member):
        with pytest.raises(Invalid):
            ideas.support(zosia.actor, handed_in(cast, zosia))

    def test_strangers_support_nothing(self, cast: Cast, zosia: Member):
        with pytest.raises(NotFound):
            ideas.support(cast.stranger.actor, handed_in(cast, zosia))


@pytest.mark.usefixtures("context")
class TestOwnIdea:
    def test_it_can_be_put_in_other_words_until_it_is_answered(self, cast: Cast, zosia: Member):
        idea = handed_in(cast, zosia)
        words = {"title": "Żółw", "detail": "More", "channel": "chat"}
        ideas.change_own(zosia.actor, idea, words, seen=idea.revision)
        assert (idea.title_folded, idea.channel) == ("zolw", "chat")
        ideas.take_step(cast.manager.actor, idea, "researched", seen=idea.revision)
        with pytest.raises(Conflict):
            ideas.change_own(zosia.actor, idea, words, seen=idea.revision)
        with pytest.raises(Conflict):
            ideas.withdraw(zosia.actor, idea, seen=idea.revision)

    def test_nobody_else_changes_it_and_a_nameless_one_is_nobodys(self, cast: Cast, zosia: Member):
        words = {"title": "Mine now", "detail": "", "channel": ""}
        for idea in (handed_in(cast, zosia), handed_in(cast, zosia, named=False)):
            for actor in (cast.manager.actor, cast.admin.actor, Actor(None)):
                with pytest.raises(Forbidden):
                    ideas.change_own(actor, idea, words, seen=idea.revision)
                with pytest.raises(Forbidden):
                    ideas.withdraw(actor, idea, seen=idea.revision)

    def test_withdrawing_takes_the_support_along(self, cast: Cast, zosia: Member):
        idea = handed_in(cast, zosia)
        ideas.support(cast.viewer.actor, idea)
        ideas.withdraw(zosia.actor, idea, seen=idea.revision)
        assert db.session.scalars(select(Idea)).all() == []
        assert db.session.scalars(select(IdeaSupport)).all() == []


@pytest.mark.usefixtures("context")
class TestItem:
    def test_it_becomes_an_item_once(self, cast: Cast, zosia: Member):
        idea = handed_in(cast, zosia, channel="chat", detail="In the side bar.")
        item = ideas.become_item(cast.contributor.actor, idea, kind="task", title=idea.title, seen=idea.revision)
        assert (idea.item_id, item.channel, item.description) == (item.id, "chat", "In the side bar.")
        with pytest.raises(Conflict):
            ideas.become_item(cast.contributor.actor, idea, kind="task", title="Again", seen=idea.revision)
        db.session.execute(update(WorkItem).values(status="dropped", status_reason="No money"))
        ideas.become_item(cast.contributor.actor, idea, kind="change", title="Again", seen=idea.revision)

    def test_bad_kinds_and_readers_are_refused(self, cast: Cast):
        idea = handed_in(cast, cast.viewer)
        with pytest.raises(Invalid):
            ideas.become_item(cast.manager.actor, idea, kind="condition", title="x", seen=idea.revision)
        with pytest.raises(Forbidden):
            ideas.become_item(cast.viewer.actor, idea, kind="task", title="x", seen=idea.revision)

    def test_an_owner_is_of_the_team(self, cast: Cast, zosia: Member):
        idea = handed_in(cast, zosia)
        ideas.organise(
            cast.contributor.actor, idea, {"owner_id": cast.manager.id, "channel": "app"}, seen=idea.revision
        )
        for somebody in (zosia.id, cast.viewer.id, cast.stranger.id, -1):
            with pytest.raises(Invalid):
                ideas.organise(cast.contributor.actor, idea, {"owner_id": somebody}, seen=idea.revision)


@pytest.mark.usefixtures("context")
class TestReading:
    def test_how_long_ideas_wait(self, cast: Cast):
        for day, answered in ((0, 2), (1, 5), (2, None), (4, None)):
            with held_at(NOON + timedelta(days=day)):
                idea = handed_in(cast, cast.viewer, f"Idea of day {day}")
            if answered is not None:
                with held_at(NOON + timedelta(days=answered)):
                    ideas.take_step(cast.manager.actor, idea, "heard", "Thank you.", seen=idea.revision)
        found = waiting(cast.program_id)
        assert (found.count, found.oldest, found.median_days) == (2, NOON + timedelta(days=2), 3.0)

    @pytest.mark.parametrize(
        ("title", "expected"),
        [
            ("show chat agents the last call", 1),
            ("The LAST call, shown in chat", 1),
            ("Better coffee", 0),
            ("", 0),
            ("%_ %_ %_", 0),
            ("chat", 1),
        ],
    )
    def test_ideas_that_are_alike_are_found(self, cast: Cast, title: str, expected: int):
        handed_in(cast, cast.viewer, "Show the last call to the chat agent")
        handed_in(cast, cast.viewer, "Shorter opening hours on Fridays")
        assert len(alike(cast.program_id, title)) == expected

    def test_polish_endings_do_not_hide_a_likeness(self, cast: Cast):
        handed_in(cast, cast.viewer, "Pokazywać agentom czatu ostatnią rozmowę klienta")
        assert len(alike(cast.program_id, "Pokażcie agentowi czatu ostatnie rozmowy klientów")) == 1

    def test_declined_ones_are_not_offered(self, cast: Cast):
        idea = handed_in(cast, cast.viewer, "Show the last call to the chat agent")
        ideas.take_step(cast.manager.actor, idea, "declined", "No.", seen=idea.revision)
        assert alike(cast.program_id, "show the last call to the chat agent") == []


def test_two_at_once_get_two_numbers(app: Flask, cast: Cast):
    from tests.planning.helpers import at_the_same_moment

    def one() -> int:
        return ideas.hand_in(cast.manager.actor, cast.program_id, IdeaDraft("The same minute")).number

    assert sorted(at_the_same_moment(app, one, one, one)) == [1, 2, 3]
