"""Pages of the weekly review: setting it up, the list, one review with its forms, closing it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from program.cli.bench.kpi_seeding import KpiSize, seed_kpis
from program.extensions import db
from program.ground import database
from program.ground.now import held_at
from program.kpis import review_rounds
from program.kpis.models import Review, ReviewNote, ReviewPlan, Way
from program.kpis.review_plan import PlanDraft, save_plan
from program.kpis.reviews import ActionDraft, add_action, add_note
from program.kpis.writing import NewReading, write
from program.planning.models import WorkItem
from tests.cast import Cast
from tests.kpis.conftest import at, make_kpi, monday

D = Decimal
AT = "/p/ALFA/kpis/reviews"


@pytest.fixture
def review(app: Any, cast: Cast) -> Any:
    """A review of week 24 that collects figures, on Wednesday morning; CSAT fell, NPS is silent. Gives CSAT's id."""
    with app.app_context(), database.transaction():
        with held_at(datetime.fromisoformat("2026-06-12T12:00+02:00")):
            csat = make_kpi(cast.program_id, "CSAT", name="<Zadowolenie>", owner_id=cast.contributor.id)
            make_kpi(cast.program_id, "NPS", unit="points", scale_low=D(-100), decimals=0)
            rows = [NewReading(csat.id, "", monday(week), D(value)) for week, value in ((23, 72), (24, 70))]
            write(cast.program_id, rows, way=Way.FORM)
            save_plan(cast.manager.actor, cast.program_id, PlanDraft(weekday=3, collect_days=3), seen=None)
        # Nobody owns NPS, so nobody could be asked, and the review is ready at once.
        with at():
            review_rounds.tick()
        kpi_id = csat.id
    with at():
        yield kpi_id


def revision(app: Any) -> str:
    with app.app_context():
        return str(db.session.query(Review).one().revision)


def test_a_manager_sets_the_review_up(app: Any, cast: Cast, browser: Any) -> None:
    assert "No weekly review yet" in browser(cast.viewer).get(AT).text
    assert browser(cast.contributor).get(f"{AT}/settings").status_code == 403
    manager = browser(cast.manager)
    assert "Set up the weekly review" in manager.get(f"{AT}/settings").text
    data = {"every": "1", "weekday": "3", "hour": "14", "collect_days": "2", "chair": "", "is_active": "y"}
    refused = manager.post(f"{AT}/settings", data={**data, "collect_days": "9", "channel": "here"})
    assert refused.status_code == 422
    assert "Give 0 to 4 working days." in refused.text
    with at():
        assert manager.post(f"{AT}/settings", data=data).status_code == 303
        assert "No review yet" in manager.get(AT).text
    with app.app_context():
        plan = db.session.query(ReviewPlan).one()
        assert (plan.cadence["weekday"], plan.cadence["at"], plan.collect_days) == (3, "14:00", 2)
        seen = str(plan.revision)
    assert manager.post(f"{AT}/settings", data={**data, "revision": "77"}).status_code == 409
    assert manager.post(f"{AT}/settings", data={**data, "revision": seen, "hour": "15"}).status_code == 303


def test_a_review_is_written_held_and_closed_on_its_page(review: int, app: Any, cast: Cast, browser: Any) -> None:
    manager, writer, reader = browser(cast.manager), browser(cast.contributor), browser(cast.viewer)
    page = reader.get(f"{AT}/1").text
    assert "Ready to be held" in page
    assert "&lt;Zadowolenie&gt;" in page
    assert "NPS has no fresh figure." in page
    assert "Write it down" not in page
    assert page.index('id="before"') < page.index('id="owed"') < page.index('id="matters"') < page.index('id="said"')
    assert reader.post(f"{AT}/1/notes", data={"kind": "note", "text": "x"}).status_code == 403
    refused = writer.post(f"{AT}/1/notes", data={"kind": "cause", "kpi": str(review), "text": " "})
    assert refused.status_code == 422
    assert "Write something." in refused.text
    data = {"kind": "cause", "kpi": str(review), "text": "Wolny czat"}
    assert writer.post(f"{AT}/1/notes", data=data).status_code == 303
    with app.app_context():
        note = db.session.query(ReviewNote).one()
        note_at, seen = f"{AT}/1/notes/{note.id}", str(note.revision)
    assert "Wolny czat" in writer.get(note_at).text
    changed = {**data, "text": "Bardzo wolny czat", "revision": seen}
    assert writer.post(note_at, data=changed).status_code == 303
    assert manager.post(note_at, data={**changed, "text": "Za późno"}).status_code == 409
    assert "Bardzo wolny czat" in reader.get(f"{AT}/1").text
    sure = {f"sure-{review}": "4", f"was-{review}": ""}
    assert writer.post(f"{AT}/1/confidence", data=sure).status_code == 403
    assert manager.post(f"{AT}/1/confidence", data=sure).status_code == 303
    assert manager.post(f"{AT}/1/confidence", data={f"sure-{review}": "2", f"was-{review}": ""}).status_code == 409
    assert manager.post(f"{AT}/1/confidence", data={f"sure-{review}": "9", f"was-{review}": "4"}).status_code == 303
    assert "Choose who does it" in writer.post(f"{AT}/1/actions/new", data={"title": "Więcej osób"}).text
    action = {"title": "Więcej osób", "owner": str(cast.contributor.id), "due_on": "2026-06-24", "kpi": ""}
    assert writer.post(f"{AT}/1/actions/new", data=action).status_code == 303
    assert writer.post(f"{AT}/1/hold", data={"revision": revision(app)}).status_code == 403
    assert manager.post(f"{AT}/1/hold", data={"revision": revision(app)}).status_code == 303
    assert "Held, not closed" in reader.get(AT).text
    assert "Close and freeze it" in manager.get(f"{AT}/1/close").text
    closing = {"revision": revision(app), "summary": "Czat potrzebuje ludzi."}
    assert manager.post(f"{AT}/1/close", data={**closing, "revision": "1"}).status_code == 409
    assert manager.post(f"{AT}/1/close", data=closing).status_code == 303
    page = manager.get(f"{AT}/1").text
    assert "Czat potrzebuje ludzi." in page
    assert "Write it down" not in page
    assert "Więcej osób" in page
    assert manager.post(f"{AT}/1/notes", data=data).status_code == 409
    assert "Czat potrzebuje ludzi." in reader.get(AT).text


def test_a_note_can_be_taken_away_until_the_end(review: int, app: Any, cast: Cast, browser: Any) -> None:
    writer = browser(cast.contributor)
    writer.post(f"{AT}/1/notes", data={"kind": "note", "kpi": "", "text": "Zbędne"})
    with app.app_context():
        note_id = db.session.query(ReviewNote).one().id
    assert writer.post(f"{AT}/1/notes/{note_id}/remove").status_code == 303
    assert "Zbędne" not in writer.get(f"{AT}/1").text
    for path in ("reviews/2", f"reviews/1/notes/{note_id}", "reviews/2/close"):
        assert browser(cast.manager).get(f"/p/ALFA/kpis/{path}").status_code == 404
    assert browser(cast.stranger).get(f"{AT}/1").status_code == 404


def test_a_full_review_takes_no_more_statements(app: Any, cast: Cast, browser: Any, statements: Any) -> None:
    with app.app_context(), database.transaction(), at("2026-06-12T12:00+02:00"):
        seed_kpis(
            cast.program_id,
            [cast.manager.id, cast.contributor.id],
            date(2026, 6, 17),
            KpiSize(kpis=60, channels=12, weeks=8),
        )
        save_plan(cast.manager.actor, cast.program_id, PlanDraft(weekday=3, chair_id=cast.manager.id), seen=None)
    with app.app_context(), database.transaction(), at():
        review_rounds.tick()
        one = db.session.query(Review).one()
        for number in range(8):
            add_note(cast.manager.actor, one, "note", f"Note {number}")
            add_action(cast.manager.actor, one, ActionDraft(f"Do {number}", cast.manager.id, date(2026, 7, 1)))
        assert db.session.query(WorkItem).count() == 8
    manager = browser(cast.manager)
    with at():
        for path in ("", "/1", "/1/actions/new", "/1/close", "/settings"):
            manager.get(f"{AT}{path}")
            with statements() as ran:
                assert manager.get(f"{AT}{path}").status_code == 200
            assert len(ran) <= 12, (path, len(ran), ran.texts)
        with statements() as ran:
            assert "The review of week 24 is on" in manager.get("/p/ALFA/week").text
        assert len(ran) <= 12, ran.texts
