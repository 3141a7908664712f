"""Successes: something to show is needed, and cards come from ideas that were rolled out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask

from program.change import ideas, proofs
from program.change.ideas import IdeaDraft
from program.change.proofs import ProofDraft
from program.ground import database
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from tests.cast import Cast, Member
from tests.planning.helpers import make_phase

AT = "/p/ALFA/change/successes"
GOOD = ProofDraft("quick_win", "Fewer calls", "We asked before we called.", date(2026, 3, 2), figure="42 % fewer")


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(datetime(2026, 3, 12, 11, 0, tzinfo=UTC), tick=False):
        yield


@pytest.mark.usefixtures("context")
class TestVerbs:
    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"figure": ""}, "figure"),
            ({"figure": "", "url": "javascript:alert(1)"}, "url"),
            ({"url": "https://user:secret@alfa.example/"}, "url"),
            ({"title": ""}, "title"),
            ({"title": "x" * 121}, "title"),
            ({"body": " "}, "body"),
            ({"body": "x" * 601}, "body"),
            ({"kind": "boast"}, "kind"),
            ({"channel": "fax"}, "channel"),
            ({"happened_on": None}, "happened_on"),
            ({"happened_on": date(2026, 3, 13)}, "happened_on"),
            ({"happened_on": date(1999, 1, 1)}, "happened_on"),
            ({"idea_number": 99}, "idea_number"),
        ],
    )
    def test_what_cannot_be_is_refused(self, cast: Cast, changed: dict[str, Any], field: str):
        with pytest.raises(Invalid) as caught:
            proofs.add_proof(cast.manager.actor, cast.program_id, replace(GOOD, **changed))
        assert field in caught.value.fields

    def test_a_link_alone_is_enough_and_speaks_for_itself(self, cast: Cast):
        draft = replace(GOOD, figure="", url="https://alfa.example/report/7")
        assert proofs.add_proof(cast.manager.actor, cast.program_id, draft).url_label == "alfa.example/report/7"

    def test_it_comes_from_an_idea_that_was_rolled_out(self, cast: Cast):
        idea = ideas.hand_in(cast.viewer.actor, cast.program_id, IdeaDraft("Ask first"))
        draft = replace(GOOD, idea_number=idea.number)
        with pytest.raises(Invalid):
            proofs.add_proof(cast.manager.actor, cast.program_id, draft)
        ideas.take_step(cast.manager.actor, idea, "rolled_out", seen=idea.revision)
        assert proofs.add_proof(cast.manager.actor, cast.program_id, draft).idea_id == idea.id

    def test_who_may_tell(self, cast: Cast):
        with pytest.raises(Forbidden):
            proofs.add_proof(cast.viewer.actor, cast.program_id, GOOD)
        with pytest.raises(NotFound):
            proofs.add_proof(cast.stranger.actor, cast.program_id, GOOD)

    def test_pinned_ones_stand_first(self, cast: Cast):
        for day, pinned in ((1, False), (2, True), (3, False), (4, False)):
            draft = replace(GOOD, title=f"Day {day}", happened_on=date(2026, 3, day), is_pinned=pinned)
            proofs.add_proof(cast.manager.actor, cast.program_id, draft)
        assert [row.title for row in proofs.newest_proofs(cast.program_id)] == ["Day 2", "Day 4", "Day 3"]

    def test_the_second_of_two_editors_is_told(self, cast: Cast):
        proof = proofs.add_proof(cast.manager.actor, cast.program_id, GOOD)
        proofs.change_proof(cast.manager.actor, proof, replace(GOOD, title="Other"), seen=1)
        with pytest.raises(Conflict):
            proofs.change_proof(cast.contributor.actor, proof, GOOD, seen=1)


def form(**changed: Any) -> dict[str, Any]:
    return {
        "kind": "story",
        "title": "Mr <b>Nowak</b> got his card",
        "body": "In a day.",
        "figure": "1 day",
        "happened_on": "2026-03-02",
        "channel": "",
        **changed,
    }


def test_the_pages(app: Flask, cast: Cast, zosia: Member, browser: Any):
    client = browser(cast.contributor)
    assert "No successes told yet" in client.get(AT).text
    assert client.post(f"{AT}/new", data=form(happened_on="2026-02-30")).status_code == 422
    assert client.post(f"{AT}/new", data=form(idea_number="-5")).status_code == 422
    assert client.post(f"{AT}/new", data=form()).status_code == 303
    page = client.get(AT).text
    assert "1 success to show, the latest 10 days ago." in page
    assert "Mr &lt;b&gt;Nowak&lt;/b&gt;" in page
    assert "March 2026" in page
    number = int(page.split('id="proof-')[1].split('"')[0])
    assert client.post(f"{AT}/{number}/pin", data={"pinned": "1", "revision": "1"}).status_code == 303
    assert "Unpin" in client.get(AT).text
    assert client.post(f"{AT}/{number}/edit", data=form(title="New", revision="1")).status_code == 409
    assert client.post(f"{AT}/{number}/edit", data=form(title="New", revision="2")).status_code == 303
    reader = browser(cast.viewer)
    assert reader.post(f"{AT}/new", data=form()).status_code == 403
    assert "Tell a success" not in reader.get(AT).text
    with app.app_context(), database.transaction():
        make_phase(cast.program_id, "Pilot", date(2026, 3, 2), date(2026, 4, 24))
    assert f"{AT}#proof-{number}" in reader.get("/p/ALFA/").text, "the overview shows it"
    assert "the card" in client.post(f"{AT}/{number}/remove").text.lower()
    gone = client.post(f"{AT}/{number}/remove", data={"confirmed": "1", "revision": "3"})
    assert gone.status_code == 303
    assert "No successes told yet" in client.get(AT).text


def test_an_idea_fills_the_form(app: Flask, cast: Cast, browser: Any):
    with app.app_context(), database.transaction():
        idea = ideas.hand_in(cast.viewer.actor, cast.program_id, IdeaDraft("Ask first", channel="phone"))
        ideas.take_step(cast.manager.actor, idea, "rolled_out", seen=idea.revision)
    assert "Ask first" in browser(cast.contributor).get(f"{AT}/new?idea=1").text
    assert browser(cast.contributor).get(f"{AT}/new?idea=77").status_code == 404
