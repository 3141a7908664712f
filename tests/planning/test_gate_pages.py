"""The pages of gates and baselines, as people use them: reading, confirming, deciding in two steps, comparing."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from program.extensions import db
from program.ground import database
from program.ground.now import today_in
from program.people.models import Person
from program.planning.baselines import take_baseline
from program.planning.gates import find_gate
from program.planning.items import ItemDraft, add_item, add_items, change_item
from program.planning.models import Baseline, GateCriterion, GateDecision, WorkItem
from program.planning.models.items import Status
from tests.cast import Cast
from tests.planning.builder import Alfa, build_alfa
from tests.planning.test_decisions import contract, take
from tests.planning.test_readiness import fill


@pytest.fixture
def alfa(app: Flask, cast: Cast) -> Alfa:
    """Program ALFA with phases and gates, committed; each test opens its own contexts."""
    with app.app_context(), database.transaction():
        return build_alfa(cast)


def gate_url(alfa: Alfa, place: int = 0, rest: str = "") -> str:
    return f"/p/ALFA/gates/{alfa.gates[place]}{rest}"


def form_of(page: str, **values: object) -> dict[str, object]:
    """The hidden fields of the decision form, and what is typed into it."""
    hidden = dict(re.findall(r'name="(revision|looked)"[^>]*value="([^"]*)"', page))
    if len(hidden) < 2:
        hidden |= {name: value for value, name in re.findall(r'value="([^"]*)"[^>]*name="(revision|looked)"', page)}
    return {**hidden, "decided_on": today_in("Europe/Warsaw").isoformat(), "step": "review", **values}


def page_of(client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


class TestReading:
    def test_all_gates_on_one_page(self, app, alfa: Alfa, browser):
        with app.app_context(), database.transaction():
            add_item(alfa.manager, alfa.id, ItemDraft("Approve it", required=True, phase_id=alfa.phases[0]))
        page = page_of(browser(alfa.cast.viewer), "/p/ALFA/gates")
        for text in ("Start the pilot", "Roll out to all", "Launch", "ALFA-1 Approve it", "“Start the pilot” is next."):
            assert text in page
        assert "Add a gate" not in page

    def test_one_gate_says_why_not_yet(self, alfa: Alfa, browser):
        page = page_of(browser(alfa.cast.viewer), gate_url(alfa))
        assert "1 of 6 criteria is open" in page
        assert "Nobody has confirmed it yet." in page
        assert "Take the decision" not in page
        assert "Confirm in my name" not in page

    def test_strangers_find_nothing(self, alfa: Alfa, browser):
        stranger = browser(alfa.cast.stranger)
        for url in ("/p/ALFA/gates", gate_url(alfa), "/p/ALFA/plan/baselines", "/p/ALFA/plan/compare"):
            assert stranger.get(url).status_code == 404
        assert stranger.post(gate_url(alfa, rest="/decide")).status_code == 404
        manager = browser(alfa.cast.manager)
        for rest in ("/decisions/1", "/edit"):
            assert manager.get(f"/p/ALFA/gates/999999{rest}").status_code == 404
        assert manager.get("/p/ALFA/gates/999999").status_code == 404

    def test_few_statements_whatever_the_size(self, app, alfa: Alfa, browser, statements):
        with app.app_context(), database.transaction():
            fill(alfa, 10_000)
            take(alfa, "conditional_go", conditions=(contract(alfa),))
            take_baseline(alfa.manager, alfa.id, "Large")
            for number in (100, 101, 102):
                item = db.session.scalars(select(WorkItem).where(WorkItem.number == number)).one()
                change_item(alfa.manager, item, {"title": f"Renamed {number}"}, seen=None)
        client = browser(alfa.cast.manager)
        for url, most in (
            ("/p/ALFA/gates", 6),
            (gate_url(alfa), 8),
            (gate_url(alfa, rest="/decisions/1"), 9),
            ("/p/ALFA/plan/baselines", 9),
            ("/p/ALFA/plan/compare", 12),
        ):
            with statements() as ran:
                assert client.get(url).status_code == 200
            assert len(ran) <= most, url


class TestConfirming:
    def criterion(self, app) -> GateCriterion:
        with app.app_context():
            return db.session.scalars(select(GateCriterion)).one()

    def test_a_contributor_confirms_with_a_note_and_takes_it_back(self, app, alfa: Alfa, browser):
        client = browser(alfa.cast.contributor)
        criterion = self.criterion(app)
        url = gate_url(alfa, rest=f"/criteria/{criterion.id}")
        answer = client.post(f"{url}/tick", data={"revision": "1", "note": "Minutes of 3 March <b>"})
        assert answer.status_code == 303
        page = page_of(client, gate_url(alfa))
        assert "Minutes of 3 March &lt;b&gt;" in page
        assert "ticked by Tomek Wójcik" in page
        assert client.post(f"{url}/untick", data={"revision": "1"}).status_code == 409
        assert client.post(f"{url}/untick", data={"revision": "2"}).status_code == 303
        assert "Nobody has confirmed it yet." in page_of(client, gate_url(alfa))

    def test_viewers_cannot_and_wrong_input_is_refused(self, app, alfa: Alfa, browser):
        criterion = self.criterion(app)
        url = gate_url(alfa, rest=f"/criteria/{criterion.id}")
        assert browser(alfa.cast.viewer).post(f"{url}/tick", data={"revision": "1"}).status_code == 403
        client = browser(alfa.cast.contributor)
        assert client.post(f"{url}/tick", data={"revision": "x"}).status_code == 422
        assert client.post(f"{url}/tick", data={"revision": "1", "note": "x" * 501}).status_code == 422
        elsewhere = gate_url(alfa, 1, f"/criteria/{criterion.id}/tick")
        assert client.post(elsewhere, data={"revision": "1"}).status_code == 404


class TestDeciding:
    def test_from_form_to_frozen_evidence(self, app, alfa: Alfa, browser):
        client = browser(alfa.cast.manager)
        values = form_of(
            page_of(client, gate_url(alfa)),
            outcome="conditional_go",
            reason="Good enough <script>",
            deciders=[str(alfa.cast.viewer.id)],
            guests="Jan Kowalski",
            **{
                "conditions-0-title": "Sign the contract",
                "conditions-0-owner_id": str(alfa.cast.contributor.id),
                "conditions-0-due_on": (today_in("Europe/Warsaw") + timedelta(days=9)).isoformat(),
                "conditions-1-title": "",
                "dissent-0-name": "Wanda Łoś",
                "dissent-0-why": "Too early",
            },
        )
        review = client.post(gate_url(alfa, rest="/decide"), data=values)
        assert review.status_code == 200
        text = review.get_data(as_text=True)
        for shown in (
            "Record the decision",
            "Good enough &lt;script&gt;",
            "Wanda Łoś, Jan Kowalski",
            "Sign the contract",
        ):
            assert shown in text
        with app.app_context():
            assert db.session.scalar(select(func.count()).select_from(GateDecision)) == 0
        answer = client.post(gate_url(alfa, rest="/decide"), data={**values, "step": "record"})
        assert answer.status_code == 303
        assert answer.location.endswith("#decision-1")
        page = page_of(client, gate_url(alfa))
        for shown in (
            "Unchanged since it was recorded",
            "Too early",
            "ALFA-1",
            "Passed on conditions",
            "5 of 6 criteria met",
        ):
            assert shown in page
        whole = page_of(browser(alfa.cast.viewer), gate_url(alfa, rest="/decisions/1"))
        assert "Good enough &lt;script&gt;" in whole
        assert client.get(gate_url(alfa, 1, "/decisions/1")).status_code == 404

    def test_the_way_back_keeps_what_was_typed(self, alfa: Alfa, browser):
        client = browser(alfa.cast.manager)
        values = form_of(page_of(client, gate_url(alfa)), outcome="hold", reason="Not <yet>", guests="Jan")
        for step in ("edit", "more"):
            answer = client.post(gate_url(alfa, rest="/decide"), data={**values, "step": step})
            text = answer.get_data(as_text=True)
            assert answer.status_code == 200
            assert "Not &lt;yet&gt;" in text
            assert re.search(r'checked[^>]*value="hold"|value="hold"[^>]*checked', text)
        assert 'name="conditions-2-title"' in text

    def test_mistakes_stand_beside_their_fields(self, alfa: Alfa, browser):
        client = browser(alfa.cast.manager)
        values = form_of(
            page_of(client, gate_url(alfa)),
            outcome="conditional_go",
            decided_on="2026-02-30",
            **{"conditions-0-title": "x" * 201, "conditions-0-due_on": "9999-01-01", "conditions-0-owner_id": "abc"},
        )
        answer = client.post(gate_url(alfa, rest="/decide"), data=values)
        assert answer.status_code == 422
        assert "Write a day that exists" in answer.get_data(as_text=True)
        values |= {"decided_on": today_in("Europe/Warsaw").isoformat()}
        answer = client.post(gate_url(alfa, rest="/decide"), data=values)
        text = answer.get_data(as_text=True)
        assert answer.status_code == 422
        for shown in (
            "Say why it was decided so.",
            "Name at least one person who decided.",
            "Up to 200 letters.",
            "Choose who owns it.",
            "Give a day that is still ahead.",
        ):
            assert shown in text
        assert 'href="#conditions-0-title"' in text

    @pytest.mark.parametrize("outcome", ["", "maybe", "GO", "<script>"])
    def test_an_unknown_outcome_is_refused(self, alfa: Alfa, browser, outcome):
        client = browser(alfa.cast.manager)
        values = form_of(page_of(client, gate_url(alfa)), outcome=outcome, reason="R", guests="Jan")
        answer = client.post(gate_url(alfa, rest="/decide"), data=values)
        assert answer.status_code == 422
        assert "Choose one of the four outcomes." in answer.get_data(as_text=True)

    def test_garbage_is_answered_not_crashed_on(self, alfa: Alfa, browser):
        client = browser(alfa.cast.manager)
        garbage = {
            "revision": "x",
            "deciders": ["abc", "9" * 40],
            "conditions-a-title": "?",
            "conditions-99999999-title": "a",
        }
        for step in ("review", "record", "more", "edit", "nonsense"):
            answer = client.post(gate_url(alfa, rest="/decide"), data={**garbage, "step": step})
            assert answer.status_code in (200, 422)

    def test_a_form_that_comes_back_keeps_who_was_chosen(self, app, alfa: Alfa, browser):
        with app.app_context(), database.transaction():
            db.session.get(Person, alfa.cast.viewer.id).name = "Ola <b>Wolska</b>"
        client = browser(alfa.cast.manager)
        owner, decider = alfa.cast.contributor.id, alfa.cast.viewer.id
        chosen = {"deciders": [str(decider)], "conditions-0-owner_id": str(owner), "conditions-0-title": '"Sign"'}
        fresh = page_of(client, gate_url(alfa))
        assert " checked" not in fresh.split('name="deciders"', 1)[1].split("</fieldset>")[0]
        text = client.post(
            gate_url(alfa, rest="/decide"), data={**form_of(fresh, outcome="hold", **chosen), "step": "review"}
        ).get_data(as_text=True)
        boxes = re.findall(r'<input [^>]*name="deciders"[^>]*>', text)
        assert [box for box in boxes if " checked" in box] == [box for box in boxes if f'value="{decider}"' in box]
        assert "Ola &lt;b&gt;Wolska" in text
        assert "<b>Wolska" not in text
        row = text.split('name="conditions-0-owner_id"', 1)[1].split("</select>")[0]
        assert re.findall(r'<option selected value="(\d*)"', row) == [str(owner)]
        assert 'name="conditions-0-title" type="text" value="&#34;Sign&#34;"' in text

    def test_what_changed_since_the_look_is_shown_before_it_is_frozen(self, app, alfa: Alfa, browser):
        client = browser(alfa.cast.manager)
        values = form_of(page_of(client, gate_url(alfa)), outcome="hold", reason="Kept text", guests="Jan")
        with app.app_context(), database.transaction():
            add_item(alfa.manager, alfa.id, ItemDraft("New and required", required=True, phase_id=alfa.phases[0]))
        for step in ("review", "record"):
            answer = client.post(gate_url(alfa, rest="/decide"), data={**values, "step": step})
            text = answer.get_data(as_text=True)
            assert answer.status_code == 409
            assert "Something has changed since you looked" in text
            assert "Kept text" in text
            assert "New and required" in text
        again = form_of(text, outcome="hold", reason="Kept text", guests="Jan", step="record")
        assert client.post(gate_url(alfa, rest="/decide"), data=again).status_code == 303

    def test_the_second_of_two_deciders_is_told_and_loses_nothing(self, alfa: Alfa, browser):
        first, second = browser(alfa.cast.manager), browser(alfa.cast.admin)
        values = form_of(page_of(first, gate_url(alfa)), outcome="hold", reason="First", guests="Jan", step="record")
        late = {**values, "reason": "Second text"}
        assert first.post(gate_url(alfa, rest="/decide"), data=values).status_code == 303
        answer = second.post(gate_url(alfa, rest="/decide"), data=late)
        assert answer.status_code == 409
        assert "Somebody decided or changed this gate" in answer.get_data(as_text=True)
        assert "Second text" in answer.get_data(as_text=True)

    def test_only_managers_see_and_send_the_form(self, alfa: Alfa, browser):
        for person in (alfa.cast.viewer, alfa.cast.contributor):
            assert browser(person).post(gate_url(alfa, rest="/decide"), data={"step": "record"}).status_code == 403

    def test_a_changed_record_is_marked_as_broken(self, app, alfa: Alfa, browser):
        with app.app_context(), database.transaction():
            take(alfa)
        with app.app_context(), database.transaction():
            decision = db.session.scalars(select(GateDecision)).one()
            decision.reason = "Something else"
        page = page_of(browser(alfa.cast.viewer), gate_url(alfa))
        assert "The evidence does not hold" in page

    def test_evidence_shows_what_was_seen_not_what_is_now(self, app, alfa: Alfa, browser):
        with app.app_context(), database.transaction():
            item = add_item(alfa.manager, alfa.id, ItemDraft("As it was", required=True, phase_id=alfa.phases[0]))
            take(alfa)
            change_item(alfa.manager, item, {"title": "As it is", "status": Status.DONE}, seen=None)
        page = page_of(browser(alfa.cast.viewer), gate_url(alfa, rest="/decisions/1"))
        assert "As it was" in page
        assert "As it is" not in page
        assert "0 of 1 done" in page


class TestChangingGates:
    def test_add_change_and_remove(self, app, alfa: Alfa, browser):
        client = browser(alfa.cast.manager)
        phase = str(alfa.phases[0])
        wrong = client.post("/p/ALFA/gates/new", data={"name": "", "planned_on": "2026-02-30", "phase_id": "999999"})
        assert wrong.status_code == 422
        added = client.post("/p/ALFA/gates/new", data={"name": "Budget", "planned_on": "2026-03-20", "phase_id": phase})
        assert added.status_code == 303
        url = added.location
        changed = {"name": "Budget gate", "planned_on": "2026-03-21", "phase_id": phase, "revision": "1"}
        assert client.post(f"{url}/edit", data=changed).status_code == 303
        assert client.post(f"{url}/edit", data={**changed, "name": "Stale"}).status_code == 409
        assert "Budget gate" in page_of(client, "/p/ALFA/gates")
        assert client.post(f"{url}/criteria", data={"text": "The board agrees"}).status_code == 303
        assert client.post(f"{url}/criteria", data={"text": " "}).status_code == 422
        page = page_of(client, f"{url}/edit")
        assert "The board agrees" in page
        asked = client.post(f"{url}/remove", data={"revision": "2"})
        assert asked.status_code == 200
        assert client.post(f"{url}/remove", data={"revision": "2", "confirmed": "1"}).status_code == 303
        assert client.get(url).status_code == 404

    def test_a_decided_gate_stays(self, app, alfa: Alfa, browser):
        with app.app_context(), database.transaction():
            take(alfa)
            revision = find_gate(alfa.manager, alfa.id, alfa.gates[0]).revision
        data = {"revision": str(revision), "confirmed": "1"}
        assert browser(alfa.cast.manager).post(gate_url(alfa, rest="/remove"), data=data).status_code == 422

    def test_reworded_criteria_lose_their_tick(self, app, alfa: Alfa, browser):
        client = browser(alfa.cast.manager)
        with app.app_context():
            criterion = db.session.scalars(select(GateCriterion)).one()
        url = gate_url(alfa, rest=f"/criteria/{criterion.id}")
        client.post(f"{url}/tick", data={"revision": "1"})
        assert client.post(url, data={"revision": "2", "text": "Another question"}).status_code == 303
        with app.app_context():
            found = db.session.scalars(select(GateCriterion)).one()
            assert (found.text, found.ticked_at) == ("Another question", None)
        assert client.post(url, data={"revision": "3", "remove": "1"}).status_code == 303
        with app.app_context():
            assert db.session.scalars(select(GateCriterion)).all() == []

    @pytest.mark.parametrize("who", ["contributor", "viewer"])
    def test_others_cannot(self, alfa: Alfa, browser, who):
        client = browser(getattr(alfa.cast, who))
        for url in ("/p/ALFA/gates/new", gate_url(alfa, rest="/edit"), gate_url(alfa, rest="/remove")):
            assert client.post(url, data={"name": "x", "revision": "1", "confirmed": "1"}).status_code == 403


class TestBaselines:
    def test_take_compare_and_delete(self, app, alfa: Alfa, browser):
        with app.app_context(), database.transaction():
            items = add_items(
                alfa.manager,
                alfa.id,
                [ItemDraft(f"Item {n}", phase_id=alfa.phases[0], due_on=today_in("Europe/Warsaw")) for n in range(3)],
            )
            ids = [item.id for item in items]
        client = browser(alfa.cast.manager)
        assert client.post("/p/ALFA/plan/baselines", data={"name": " "}).status_code == 422
        assert client.post("/p/ALFA/plan/baselines", data={"name": "Plan at the start"}).status_code == 303
        with app.app_context(), database.transaction():
            change_item(
                alfa.manager,
                db.session.get(WorkItem, ids[0]),
                {"due_on": today_in("Europe/Warsaw") + timedelta(days=21), "owner_id": alfa.cast.contributor.id},
                seen=None,
            )
            add_item(alfa.manager, alfa.id, ItemDraft("Brand new", phase_id=alfa.phases[1]))
        page = page_of(client, "/p/ALFA/plan/compare")
        assert "Since the baseline “Plan at the start”: 1 item later by" in page
        assert "from nobody to Tomek Wójcik" in page
        assert "Brand new" in page
        only = page_of(client, "/p/ALFA/plan/compare?kind=added")
        assert "Brand new" in only
        assert "ALFA-1 Item 0" not in only
        with app.app_context():
            baseline = db.session.scalars(select(Baseline)).one()
        url = f"/p/ALFA/plan/baselines/{baseline.id}/delete"
        assert browser(alfa.cast.contributor).post(url, data={"confirmed": "1"}).status_code == 403
        assert client.post(url).status_code == 200
        assert client.post(url, data={"confirmed": "1"}).status_code == 303
        assert "No baseline yet" in page_of(client, "/p/ALFA/plan/baselines")

    def test_any_two_days(self, alfa: Alfa, browser):
        client = browser(alfa.cast.viewer)
        today = today_in("Europe/Warsaw")
        page = page_of(client, f"/p/ALFA/plan/compare?before=day&before_day={today}&after=now")
        assert "nothing changed" in page
        for day in ("2000-01-01", (today + timedelta(days=1)).isoformat(), "2026-02-30", "abc"):
            answer = client.get(f"/p/ALFA/plan/compare?before=day&before_day={day}&after=now")
            assert answer.status_code == 422
        assert client.get("/p/ALFA/plan/compare?before=999999&after=<script>&page=9999&kind=x").status_code == 200

    def test_viewers_read_but_take_none(self, alfa: Alfa, browser):
        client = browser(alfa.cast.viewer)
        assert "Take a baseline" not in page_of(client, "/p/ALFA/plan/baselines")
        assert client.post("/p/ALFA/plan/baselines", data={"name": "Mine"}).status_code == 403
