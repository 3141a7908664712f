"""Pages of ideas and the front line's own page: who sees them, what they say, and what they cost."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert, select

from program.change import ideas
from program.change.ideas import IdeaDraft
from program.change.models import Idea, IdeaStep, IdeaSupport, JobAid, Proof, TrainingSeat, TrainingSession
from program.change.models.ideas import Stage
from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.ground.folding import fold
from tests.cast import Cast, Member
from tests.crowd import gather_crowd

NOON = datetime(2026, 3, 12, 11, 0, tzinfo=UTC)
FOR_YOU, IDEAS = "/p/ALFA/for-you", "/p/ALFA/change/ideas"
TITLE = "Show the last call to the chat agent"


@pytest.fixture(autouse=True)
def noon() -> Any:
    """Noon in Warsaw on a Thursday of the first phase."""
    with time_machine.travel(NOON, tick=False):
        yield


def kept(app: Flask, who: Member, cast: Cast, title: str = TITLE, **more: Any) -> int:
    """An idea handed in and committed; gives its number."""
    with app.app_context(), database.transaction():
        return ideas.hand_in(who.actor, cast.program_id, IdeaDraft(title, **more)).number


def step(app: Flask, cast: Cast, number: int, stage: str, note: str = "") -> None:
    with app.app_context(), database.transaction():
        idea = ideas.find_idea(cast.manager.actor, cast.program_id, number)
        ideas.take_step(cast.manager.actor, idea, stage, note, seen=idea.revision)


def test_an_idea_takes_one_line(app: Flask, cast: Cast, zosia: Member, browser: Any):
    client = browser(zosia)
    page = client.get(FOR_YOU)
    assert page.status_code == 200
    assert page.text.index('name="title"') < page.text.index("colleagues") if "colleagues" in page.text else True
    sent = client.post(f"{FOR_YOU}/ideas", data={"title": TITLE})
    assert (sent.status_code, sent.location) == (303, FOR_YOU)
    after = client.get(FOR_YOU).text
    assert "You read here what becomes of your idea." in after
    assert TITLE in after


def test_nameless_leaves_nothing_in_the_trail_or_the_cookie(app: Flask, cast: Cast, zosia: Member, browser: Any):
    client = browser(zosia)
    sent = client.post(f"{FOR_YOU}/ideas", data={"title": TITLE, "nameless": "y"})
    # Not a link to the idea: addresses stay in a browser's history.
    assert sent.location == FOR_YOU
    with client.session_transaction() as cookie:
        assert TITLE not in str(dict(cookie))
        assert set(cookie) <= {"_user_id", "_fresh", "_flashes"}
    with app.app_context():
        assert db.session.scalar(select(Idea.proposer_id)) is None
        assert db.session.scalars(select(AuditEntry.person_id).where(AuditEntry.verb == "idea.created")).all() == [None]


def test_ideas_like_it_are_shown_once_before(app: Flask, cast: Cast, zosia: Member, browser: Any):
    kept(app, cast.viewer, cast)
    client = browser(zosia)
    asked = client.post(f"{FOR_YOU}/ideas", data={"title": "show chat agents the last call", "detail": "Kept?"})
    assert asked.status_code == 200
    assert "Is it one of these?" in asked.text
    assert "Kept?" in asked.text
    with app.app_context():
        assert len(db.session.scalars(select(Idea)).all()) == 1
    sent = client.post(f"{FOR_YOU}/ideas", data={"title": "show chat agents the last call", "looked": "1"})
    assert sent.status_code == 303
    part = client.get(f"{FOR_YOU}/alike?title=last+call+chat+agent", headers={"HX-Request": "true"})
    assert TITLE in part.text
    assert "<html" not in part.text


def test_supporting_from_the_page(app: Flask, cast: Cast, zosia: Member, browser: Any):
    number = kept(app, cast.viewer, cast)
    client = browser(zosia)
    for _twice in range(2):
        assert client.post(f"{FOR_YOU}/ideas/{number}/support", data={"wanted": "1"}).status_code == 303
    assert "1 has this too" in client.get(FOR_YOU).text
    client.post(f"{FOR_YOU}/ideas/{number}/support", data={"wanted": ""})
    assert "1 has this too" not in client.get(FOR_YOU).text


def test_news_stand_on_the_page_until_they_are_read(app: Flask, cast: Cast, zosia: Member, browser: Any):
    number = kept(app, zosia, cast)
    step(app, cast, number, "declined", "The law <b>forbids</b> it.")
    client = browser(zosia)
    page = client.get(FOR_YOU).text
    assert "There is news of your idea." in page
    assert "The law &lt;b&gt;forbids&lt;/b&gt; it." in page
    assert client.post(f"{FOR_YOU}/seen").status_code == 303
    assert "There is news" not in client.get(FOR_YOU).text


def test_changing_and_withdrawing_ones_own(app: Flask, cast: Cast, zosia: Member, browser: Any):
    number, other = kept(app, zosia, cast), kept(app, cast.viewer, cast, "Another")
    client = browser(zosia)
    assert client.get(f"{FOR_YOU}/ideas/{other}/edit").status_code == 403
    assert client.get(f"{FOR_YOU}/ideas/{number}/edit").status_code == 200
    wrong = client.post(f"{FOR_YOU}/ideas/{number}/edit", data={"title": "", "revision": "1"})
    assert wrong.status_code == 422
    stale = client.post(f"{FOR_YOU}/ideas/{number}/edit", data={"title": "New", "revision": "9"})
    assert stale.status_code == 409
    saved = client.post(f"{FOR_YOU}/ideas/{number}/edit", data={"title": "New words", "revision": "1"})
    assert saved.status_code == 303
    asked = client.post(f"{FOR_YOU}/ideas/{number}/withdraw")
    assert "New words" in asked.text
    done = client.post(f"{FOR_YOU}/ideas/{number}/withdraw", data={"confirmed": "1", "revision": "2"})
    assert done.status_code == 303
    assert "New words" not in client.get(FOR_YOU).text


def test_the_page_says_who_helps_and_where_to_look(app: Flask, cast: Cast, zosia: Member, browser: Any):
    with app.app_context(), database.transaction():
        for title, channel in (("Phone script", "phone"), ("Shop guide", "shop"), ("Glossary", "")):
            db.session.add(JobAid(program_id=cast.program_id, title=title, channel=channel))
        session = TrainingSession(
            program_id=cast.program_id,
            title="One view of the customer",
            starts_at=NOON + timedelta(days=1),
            ends_at=NOON + timedelta(days=1, hours=2),
        )
        db.session.add(session)
        db.session.add(
            Proof(
                program_id=cast.program_id,
                kind="quick_win",
                title="Fewer calls",
                body="We asked.",
                figure="42 %",
                happened_on=date(2026, 3, 2),
            )
        )
        db.session.flush()
        db.session.add(TrainingSeat(session_id=session.id, person_id=zosia.id, program_id=cast.program_id))
    page = browser(zosia).get(FOR_YOU).text
    for text in (
        "One view of the customer",
        "Phone script",
        "Glossary",
        "Fewer calls",
        "Night shift has no ambassador",
    ):
        assert text in page
    assert "Shop guide" not in page


def test_the_front_line_sees_its_page_and_nothing_else(app: Flask, cast: Cast, zosia: Member, browser: Any):
    number = kept(app, zosia, cast)
    client = browser(zosia)
    for path in (IDEAS, f"{IDEAS}/{number}", "/p/ALFA/change/successes", "/p/ALFA/change/ideas/tests", "/p/ALFA/"):
        assert client.get(path).status_code == 404, path
    assert client.post(f"{IDEAS}/{number}/step", data={"stage": "researched"}).status_code == 404


def test_board_list_and_filters(app: Flask, cast: Cast, browser: Any):
    first = kept(app, cast.viewer, cast, channel="chat")
    kept(app, cast.contributor, cast, "Łatwiejszy zwrot w sklepie", channel="shop")
    step(app, cast, first, "researched")
    client = browser(cast.viewer)
    both = client.get(IDEAS).text
    assert "1 idea, handed in today, waits for an answer." in both
    assert "Łatwiejszy zwrot" in both
    for query, hit, miss in (
        ("q=latwiej", "Łatwiejszy", TITLE),
        ("stage=researched", TITLE, "Łatwiejszy"),
        ("channel=shop&view=list", "Łatwiejszy", TITLE),
    ):
        page = client.get(f"{IDEAS}?{query}").text
        assert hit in page, query
        assert miss not in page.split("board")[-1] if "view" not in query else miss not in page, query
    assert "No idea fits the filter" in client.get(f"{IDEAS}?owner=me").text
    assert client.get(f"{IDEAS}?stage=odd&channel=%00&q=%00&page=9999999").status_code == 200


def test_steps_owner_and_item_from_the_page(app: Flask, cast: Cast, zosia: Member, browser: Any):
    number = kept(app, zosia, cast)
    client = browser(cast.contributor)
    at = f"{IDEAS}/{number}"
    assert "Take the next step" in client.get(at).text
    assert "Take the next step" not in browser(cast.viewer).get(at).text
    refused = client.post(f"{at}/step", data={"stage": "declined", "note": "", "revision": "1"})
    assert refused.status_code == 422
    assert "Say why: whoever had the idea reads it." in refused.text
    assert client.post(f"{at}/step", data={"stage": "researched", "note": "", "revision": "1"}).status_code == 303
    late = client.post(f"{at}/step", data={"stage": "prototype", "note": "Words kept", "revision": "1"})
    assert late.status_code == 409
    assert "Words kept" in late.text
    odd = client.post(f"{at}/owner", data={"owner_id": "99999999999999999999", "channel": "", "revision": "2"})
    assert odd.status_code == 422
    good = client.post(f"{at}/owner", data={"owner_id": str(cast.manager.id), "channel": "chat", "revision": "2"})
    assert good.status_code == 303
    assert client.get(f"{at}/item").status_code == 200
    wrong = client.post(f"{at}/item", data={"title": "x", "kind": "task", "due_on": "2026-02-30", "revision": "3"})
    assert wrong.status_code == 422
    made = client.post(f"{at}/item", data={"title": "Side bar", "kind": "change", "due_on": "", "revision": "3"})
    assert made.status_code == 303
    assert "Side bar" in client.get(at).text
    assert TITLE in client.get(made.location).text, "the item leads back to its idea"


def test_costs_with_a_crowd(app: Flask, cast: Cast, statements: Any, browser: Any):
    """2,000 people in 300 groups, and 600 ideas with steps and support."""
    with app.app_context(), database.transaction():
        crowd = gather_crowd(cast)
        stages = list(Stage)
        rows = [
            {
                "program_id": cast.program_id,
                "number": place + 1,
                "title": f"Idea {place} about the last call",
                "title_folded": fold(f"Idea {place} about the last call"),
                "detail": "",
                "channel": "",
                "proposer_id": crowd.people[place % 40],
                "stage": stages[place % len(stages)].value,
                "created_at": NOON - timedelta(days=place % 90),
                "stage_since": NOON - timedelta(days=place % 30),
                "revision": 1,
            }
            for place in range(600)
        ]
        db.session.execute(insert(Idea), rows)
        ids = db.session.scalars(select(Idea.id)).all()
        db.session.execute(
            insert(IdeaStep), [{"idea_id": one, "stage": "researched", "note": "", "at": NOON} for one in ids[::2]]
        )
        db.session.execute(
            insert(IdeaSupport),
            [
                {"idea_id": one, "person_id": person, "at": NOON}
                for place, one in enumerate(ids)
                for person in crowd.people[place % 50 : place % 50 + 5]
            ],
        )
        agent = crowd.people[20]
        key = db.session.scalar(db.text(f"SELECT session_key FROM person WHERE id = {agent}"))
    who = type("Who", (), {"id": agent, "session_key": key})()
    manager = browser(cast.manager)
    for client, path in (
        (browser(who), FOR_YOU),
        (manager, FOR_YOU),
        (manager, IDEAS),
        (manager, f"{IDEAS}?view=list"),
        (manager, f"{IDEAS}/7"),
        (manager, f"{IDEAS}/7/item"),
        (manager, "/p/ALFA/change/ideas/tests"),
        (manager, "/p/ALFA/change/successes"),
    ):
        with statements() as ran:
            page = client.get(path)
        assert page.status_code == 200, path
        assert len(ran) <= 12, (path, len(ran), ran.texts)
        assert len(page.data) < 260_000, (path, len(page.data))


def test_my_work_leads_to_ones_own_page(app: Flask, cast: Cast, zosia: Member, browser: Any):
    number = kept(app, zosia, cast)
    step(app, cast, number, "researched")
    page = browser(zosia).get("/my-work").text
    assert f'href="{FOR_YOU}"' in page
    assert "news of 1 of your ideas" in page
    assert FOR_YOU not in browser(cast.stranger).get("/my-work").text


def test_an_invitation_is_answered_from_the_page(app: Flask, cast: Cast, zosia: Member, browser: Any):
    with app.app_context(), database.transaction():
        times = {"starts_at": NOON + timedelta(days=1), "ends_at": NOON + timedelta(days=1, hours=2)}
        session = TrainingSession(program_id=cast.program_id, title="One view", **times)
        db.session.add(session)
        db.session.flush()
        db.session.add(TrainingSeat(session_id=session.id, person_id=zosia.id, program_id=cast.program_id))
    client = browser(zosia)
    page = client.get(FOR_YOU).text
    assert "1 invitation to a training waits for your answer." in page
    action = page.split('id="trainings"')[1].split('action="')[1].split('"')[0]
    answered = client.post(action, data={"answer": "accepted", "next": f"{FOR_YOU}#trainings"})
    assert (answered.status_code, answered.location) == (303, f"{FOR_YOU}#trainings")
    assert "You come" in client.get(FOR_YOU).text
