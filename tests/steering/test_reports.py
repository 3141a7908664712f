"""Status reports: facts with reasons, edits that survive new facts, drafted by the clock, sent once and then frozen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update

from program.cli.doctor import OK, TROUBLE, check_chains
from program.extensions import db
from program.ground import database
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.ground.formats import reading_as
from program.ground.now import held_at
from program.outbox.models import Message
from program.outbox.wording import words
from program.planning.comments import add_comment
from program.planning.items import ItemDraft, add_item, change_item
from program.planning.models.items import Status
from program.steering import committee, decisions, report_proofs, reports, risks
from program.steering.committee import SeatDraft
from program.steering.decision_requests import OptionDraft, RequestDraft, options_of, put_to_committee, write_request
from program.steering.models import StatusReport, SteeringPlan
from program.steering.report_merging import merged
from program.steering.report_words import text_of
from tests.cast import Cast

# A Monday; the report is drafted on Fridays at two.
MONDAY = datetime.fromisoformat("2026-06-15T09:00+02:00")
WEEK = date(2026, 6, 15)


@pytest.fixture(autouse=True)
def monday() -> Any:
    with held_at(MONDAY):
        yield


def on(moment: str) -> Any:
    return held_at(datetime.fromisoformat(f"2026-{moment}+02:00"))


@pytest.fixture
def seated(cast: Cast, context: None) -> Cast:
    committee.add_seat(cast.manager.actor, cast.program_id, SeatDraft(cast.viewer.id, cast.contributor.id, "chair"))
    return cast


def make_week(cast: Cast) -> None:
    """Before the week three items are planned; in it one is done, one slips with a word on why, one is blocked."""
    maria = cast.manager.actor
    with on("06-01T09:00"):
        drafts = [("Map the *journeys*", date(2026, 6, 17)), ("Connect CRM", date(2026, 6, 19)), ("Ask law", None)]
        items = [
            add_item(maria, cast.program_id, ItemDraft(title, owner_id=cast.contributor.id, due_on=day))
            for title, day in drafts
        ]
    with on("06-17T09:00"):
        journeys, crm, law = items
        change_item(maria, journeys, {"status": Status.DONE}, seen=journeys.revision)
        change_item(maria, crm, {"due_on": date(2026, 6, 26)}, seen=crm.revision)
        add_comment(cast.contributor.actor, crm, "The vendor's test system was down for a week.")
        reason = {"status": Status.BLOCKED, "status_reason": "No opinion yet"}
        change_item(maria, law, reason, seen=law.revision)
        add_item(maria, cast.program_id, ItemDraft("Train the shop", due_on=date(2026, 6, 24)))
        values = {"title": "Data silos", "probability": 4, "impact": 4, "category": "data"}
        risks.add_risk(maria, cast.program_id, dict.fromkeys(risks.COLUMNS) | values)
        options = [OptionDraft("Chat"), OptionDraft("Shop")]
        draft = RequestDraft("Which first", decide_by=date(2026, 6, 30), options=options)
        request = write_request(maria, cast.program_id, draft)
        put_to_committee(maria, request, seen=request.revision)
        chosen = options_of(request.id)[0].id
        decisions.decide(cast.viewer.actor, cast.program_id, request.number, "chair", chosen, "It is ready.")


def drafted(cast: Cast) -> StatusReport:
    make_week(cast)
    with on("06-19T14:00"):
        return reports.draft_now(cast.manager.actor, cast.program_id)


class TestTheDraft:
    def test_tells_what_happened_by_how_much_and_why_in_both_languages(self, seated: Cast):
        report = drafted(seated)
        text = report.texts["en"]
        for line in (
            "- ALFA-1 Map the \\*journeys\\*",
            "- ALFA-2 Connect CRM, 5 working days later, now Fri 26 Jun 2026."
            " Why: The vendor's test system was down for a week.",
            "- ALFA-3 Ask law. Why: No opinion yet",
            "- ALFA-4 Train the shop, due Wed 24 Jun 2026",
            "- D1 Which first: Chat. It is ready.",
            "- Wed 24 Jun 2026: ALFA-4 Train the shop",
            "- R1 Data silos: new, score 16",
        ):
            assert line in text.split("\n"), text
        headings = [line[2:] for line in text.split("\n") if line.startswith("# ")]
        assert headings == ["Done", "Slipped", "Blocked", "Added", "Decided", "The next two weeks", "Risks"]
        assert "ALFA-2 Connect CRM" in report.texts["pl"]
        assert "pt. 26 cze 2026" in report.texts["pl"].lower()
        plain = text_of(text)
        assert "\N{BULLET} ALFA-1 Map the *journeys*" in plain
        assert "#" not in plain

    def test_the_next_one_tells_of_the_time_since_this_one(self, seated: Cast):
        report = drafted(seated)
        with on("06-26T14:00"):
            following = reports.draft_now(seated.manager.actor, seated.program_id)
            again = reports.draft_now(seated.manager.actor, seated.program_id)
        assert following.since == report.until
        assert again.id == following.id
        assert "Nothing was finished in this time." in following.texts["en"]


class TestTheClock:
    def test_drafts_at_the_hour_once_and_tells_managers(self, seated: Cast):
        plan = reports.set_times(seated.manager.actor, seated.program_id, 4, 14, seen=0)
        assert plan.report_at == datetime.fromisoformat("2026-06-19T14:00+02:00")
        with on("06-19T13:59"):
            assert reports.draft_due() == 0
        with on("06-19T14:00"):
            assert (reports.draft_due(), reports.draft_due()) == (1, 0)
        told = db.session.scalars(select(Message.person_id).where(Message.kind == "steering.report_drafted")).all()
        assert told == [seated.manager.id]

    def test_that_was_away_drafts_the_last_one_only(self, seated: Cast):
        reports.set_times(seated.manager.actor, seated.program_id, 4, 14, seen=0)
        # Three Fridays have gone by; it is the Monday after the last.
        with on("07-06T08:00"):
            assert (reports.draft_due(), reports.draft_due()) == (1, 0)
        assert db.session.scalars(select(StatusReport.week)).all() == [date(2026, 6, 29)]
        plan = db.session.get_one(SteeringPlan, seated.program_id)
        assert plan.report_at == datetime.fromisoformat("2026-07-10T14:00+02:00")

    def test_gives_way_to_the_working_day_before_a_holiday(self, seated: Cast):
        with on("06-01T08:00"):
            # Thursday the 4th of June is Corpus Christi.
            plan = reports.set_times(seated.manager.actor, seated.program_id, 3, 9, seen=0)
        assert plan.report_at == datetime.fromisoformat("2026-06-03T09:00+02:00")


class TestEditing:
    def test_survives_new_facts(self, seated: Cast):
        report = drafted(seated)
        maria = seated.manager.actor
        mine = report.texts["en"].replace("- ALFA-3 Ask law. Why: No opinion yet\n", "")
        mine = mine.replace("# Slipped\n", "# Slipped\n\nWe saw this coming.\n")
        seen = report.revision
        reports.save_text(maria, report, "en", mine, seen=seen)
        with pytest.raises(Conflict):
            reports.save_text(maria, report, "en", "Mine", seen=seen)
        with on("06-19T16:00"):
            add_item(maria, seated.program_id, ItemDraft("Late idea", due_on=date(2026, 6, 25)))
            reports.refresh(maria, report, seen=report.revision)
        text = report.texts["en"]
        assert "We saw this coming." in text
        assert "Ask law" not in text
        assert "- ALFA-5 Late idea, due Thu 25 Jun 2026" in text
        assert "Late idea" in report.texts["pl"]

    @given(
        old=st.lists(st.sampled_from("abcd"), max_size=6),
        new=st.lists(st.sampled_from("abcdef"), max_size=6),
        mine=st.lists(st.sampled_from("abcdXY"), max_size=6),
    )
    @hypothesis_settings(max_examples=150, deadline=None)
    def test_merging_keeps_what_people_wrote_and_brings_what_is_new(self, old: Any, new: Any, mine: Any):
        texts = ["\n".join(lines) for lines in (old, new, mine)]
        found = merged(*texts)
        assert merged(texts[0], texts[1], texts[0]) == texts[1]
        assert merged(texts[0], texts[0], texts[2]) == texts[2]
        lines = found.split("\n")
        own = [line for line in mine if line in "XY"]
        assert [line for line in lines if line in ("X", "Y")] == own
        assert {line for line in new if line not in old} <= set(lines)


class TestSending:
    def test_reaches_the_committee_once_and_freezes_it(self, seated: Cast):
        report = drafted(seated)
        maria = seated.manager.actor
        for actor in (seated.viewer.actor, seated.contributor.actor):
            with pytest.raises(NotFound):
                reports.find_report(actor, seated.program_id, WEEK)
        with pytest.raises(Forbidden):
            reports.send(seated.contributor.actor, report, seen=report.revision)
        assert reports.send(maria, report, seen=report.revision) == 2
        for again in (reports.send, reports.refresh):
            with pytest.raises(Conflict):
                again(maria, report, seen=report.revision)
        with pytest.raises(Conflict):
            reports.save_text(maria, report, "en", "After all", seen=report.revision)
        told = db.session.scalars(select(Message).where(Message.kind == "steering.status_report")).all()
        assert {one.person_id for one in told} == {seated.viewer.id, seated.contributor.id}
        for locale, said in (("en", "Which first: Chat"), ("pl", "Connect CRM")):
            with reading_as(locale, "Europe/Warsaw"):
                assert said in words(told[0].kind, told[0].data).text
        assert reports.find_report(seated.viewer.actor, seated.program_id, WEEK).id == report.id

    def test_takes_a_committee(self, cast: Cast, context: None):
        report = reports.draft_now(cast.manager.actor, cast.program_id)
        with pytest.raises(Invalid):
            reports.send(cast.manager.actor, report, seen=report.revision)


class TestWhatWasSent:
    @pytest.fixture
    def sent(self, seated: Cast) -> StatusReport:
        report = drafted(seated)
        reports.send(seated.manager.actor, report, seen=report.revision)
        assert report_proofs.verify(seated.program_id) == []
        return report

    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({"texts": {"en": "All is well.", "pl": "Wszystko dobrze."}}, "text or its facts were changed"),
            ({"facts": {}}, "text or its facts were changed"),
            # A fraction cannot be hashed in one way only; it was not there when the report was sent.
            ({"facts": {"share": 0.5}}, "text or its facts were changed"),
            ({"week": date(2026, 6, 8)}, "Its week"),
            ({"sent_by_id": None}, "another sender"),
            ({"sent_at": None}, "stands as a draft now"),
        ],
    )
    def test_a_change_behind_its_back_is_found_and_named(
        self, seated: Cast, sent: StatusReport, values: dict[str, Any], reason: str
    ):
        db.session.execute(update(StatusReport).where(StatusReport.id == sent.id).values(**values))
        (found,) = [one for one in check_chains() if one.state != OK]
        assert (found.check, found.state) == ("evidence", TROUBLE)
        assert found.sentence.startswith("ALFA, status report of the week of 2026-06-15: ")
        assert reason in found.sentence

    def test_one_that_is_gone_or_slipped_in_is_named_as_well(self, seated: Cast, sent: StatusReport):
        kept = {"program_id": seated.program_id, "since": MONDAY, "until": MONDAY, "drafted_at": MONDAY}
        db.session.execute(delete(StatusReport))
        db.session.execute(insert(StatusReport).values(id=sent.id + 1, week=date(2026, 6, 8), sent_at=MONDAY, **kept))
        found = report_proofs.verify(seated.program_id)
        assert [str(one.week) for one in found] == ["2026-06-08", "2026-06-15"]
        assert ["the history does not tell" in found[0].reason, "is gone" in found[1].reason] == [True, True]


class TestThePages:
    def test_the_second_editor_loses_nothing_and_the_reader_gets_their_language(
        self, app: Flask, cast: Cast, browser: Any, statements: Any
    ):
        with app.app_context(), database.transaction():
            seat = SeatDraft(cast.viewer.id, cast.contributor.id, "chair")
            committee.add_seat(cast.manager.actor, cast.program_id, seat)
            drafted(cast)
        client, at = browser(cast.manager), "/p/ALFA/reports/2026-06-15"
        saved = client.post(f"{at}/edit?in=en", data={"text": "**First**", "revision": "1"})
        assert saved.status_code == 303
        late = client.post(f"{at}/edit?in=en", data={"text": "Second", "revision": "1"})
        assert late.status_code == 409
        assert "Second</textarea>" in late.text
        assert "<strong>First</strong>" in late.text
        # What is sent now is what the second editor has seen.
        assert 'name="revision" type="hidden" value="2"' in late.text
        assert browser(cast.viewer).get(at).status_code == 404
        assert "confirmed" in client.post(f"{at}/send", data={"revision": "2"}).text
        assert client.post(f"{at}/send", data={"revision": "2", "confirmed": "1"}).status_code == 303
        with statements() as ran:
            page = browser(cast.viewer).get(at)
        assert len(ran) <= 12
        assert "<strong>First</strong>" in page.text
        assert "On track" in page.text
        assert "/edit" not in page.text
        assert "Connect CRM" in browser(cast.viewer).get(f"{at}?in=pl").text
        for path in ("/p/ALFA/reports/2026-06-16", "/p/ALFA/reports/monday"):
            assert browser(cast.viewer).get(path).status_code == 404
        with app.app_context():
            assert db.session.scalar(select(func.count()).where(Message.kind == "steering.status_report")) == 2
