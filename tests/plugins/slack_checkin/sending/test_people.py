"""Who is who: found by e-mail, matched by hand, looked up again in time; and the administrator's pages of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from plugins.slack_checkin import matching, pages, people
from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.ground.now import held_at, utc_now
from program.outbox.messages import tell
from program.outbox.models import Message, State
from program.people.models import Person
from program.plugin_api import core
from program.plugin_api.contract import Connection, LinkState, Retry
from tests.cast import make_person
from tests.fakes.slack import STATUS
from tests.outbox.conftest import DIRECT
from tests.plugins.slack_checkin.sending.conftest import Office

PAGE = "/plugins/slack_checkin/"


def crowd(count: int) -> list[int]:
    """So many people more, into the running transaction."""
    return [make_person(f"Person {n}", f"person{n}@firma.example").id for n in range(count)]


def match(office: Office, **later: int) -> int:
    """The clock looks people up."""
    with office.app.app_context(), held_at(utc_now() + timedelta(**later)):
        return matching.match_due()


def state_of(office: Office, person: Any) -> tuple[str, str | None, str]:
    with office.app.app_context():
        link = people.known(person.id)
    assert link is not None
    return link.state.value, link.external_id, str(link.base.get("by", ""))


def test_everybody_is_looked_up_ahead_of_their_first_message(office: Office):
    assert match(office) > 3
    assert state_of(office, office.cast.manager) == ("done", office.ania.id, "email")
    assert state_of(office, office.cast.contributor)[:2] == ("failed", None)
    # Nothing is due any more.
    assert match(office) == 0
    office.slack.forget_calls()
    office.tell(1)
    office.work()
    assert [call.method for call in office.slack.calls()] == ["chat.postMessage"]


def test_who_comes_later_and_who_goes_is_seen_in_time(office: Office):
    match(office)
    newcomer = office.join(office.cast.contributor)
    match(office, days=1, minutes=1)
    assert state_of(office, office.cast.contributor) == ("done", newcomer.id, "email")
    office.slack.deactivate(newcomer)
    match(office, days=9)
    assert state_of(office, office.cast.contributor)[:2] == ("failed", None)


def test_somebody_is_matched_by_hand_by_member_id_or_by_another_address(office: Office):
    elsewhere = office.slack.user("J. Contributor", "jc@firma.example")
    match(office)
    page = f"{PAGE}people/{office.cast.contributor.id}"
    admin = office.visit(office.cast.admin)
    for account in (elsewhere.id, "JC@firma.example"):
        assert admin.post(page, data={"account": account}).status_code == 303
        assert state_of(office, office.cast.contributor)[0] == "waiting"
        match(office)
        assert state_of(office, office.cast.contributor) == ("done", elsewhere.id, "hand")
    office.tell(1, to=office.cast.contributor)
    office.work()
    assert elsewhere.last.text.startswith("Done 1")
    with office.app.app_context():
        told = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "person.matched")).all()
        assert [entry.person_id for entry in told] == [office.cast.admin.id] * 2
    # And by e-mail again.
    admin.post(page, data={"account": ""})
    match(office)
    assert state_of(office, office.cast.contributor)[0] == "failed"


def test_who_was_matched_by_hand_and_is_gone_is_looked_for_under_the_same_account(office: Office):
    elsewhere = office.slack.user("J. Contributor", "jc@firma.example")
    with office.app.app_context():
        contributor = core.find_people([office.cast.contributor.id])[office.cast.contributor.id]
        people.match_by_hand(contributor, elsewhere.id)
    match(office)
    office.slack.deactivate(elsewhere)
    match(office, days=8)
    assert state_of(office, office.cast.contributor)[:2] == ("failed", None)
    elsewhere.member.deleted = False
    match(office, days=10)
    assert state_of(office, office.cast.contributor) == ("done", elsewhere.id, "hand")


@pytest.mark.parametrize("account", ["nonsense", "u012ab3cd", "<b>@x", "a@b c"])
def test_what_cannot_be_an_account_is_refused(office: Office, account: str):
    answer = office.visit(office.cast.admin).post(
        f"{PAGE}people/{office.cast.contributor.id}", data={"account": account}
    )
    assert answer.status_code == 422
    assert "A member ID is like U012AB3CD" in answer.text


def test_a_pause_that_slack_asks_for_ends_the_round_and_loses_nobody(office: Office):
    office.slack.faults.add("users.lookupByEmail", STATUS, detail=(429, "30"), after=2, times=1)
    done = match(office)
    assert done == 2
    assert match(office) > 0
    office.slack.faults.add("users.lookupByEmail", STATUS, detail=(429, "30"), times=1)
    with pytest.raises(Retry):
        match(office, days=2)


def test_many_are_found_by_the_list_of_members_and_few_are_asked_about(office: Office, monkeypatch: pytest.MonkeyPatch):
    slack = office.slack
    with office.app.app_context(), database.transaction():
        ids = crowd(120)
    early = slack.user("Early Bird", "early@firma.example")
    hands = [slack.user(f"Person {n}", f"Person{n}@firma.example") for n in range(100)]
    slack.deactivate(hands[0])
    # An account that was closed has left its address to another one.
    newer = slack.user("Person 1", "person1@firma.example")
    slack.deactivate(hands[1])
    slack.forget_calls()
    # Each tick has time for one page; somebody comes up in between who stood on an earlier one.
    monkeypatch.setattr(matching, "PAGE", 40)
    monkeypatch.setattr(matching, "LONGEST_TICK", -1.0)
    done = match(office)
    with office.app.app_context(), database.transaction():
        late_id = make_person(early.name, early.email).id
    while more := match(office):
        done += more
    assert done >= 121
    called = [call.method for call in slack.calls()]
    assert called.count("users.list") == 3
    assert called.count("users.lookupByEmail") == 1
    with office.app.app_context():
        links = {person_id: people.known(person_id) for person_id in (*ids, late_id)}
    states = [link.state.value if link else "" for link in links.values()]
    assert states.count("done") == 100
    assert links[ids[1]].external_id == newer.id  # type: ignore[union-attr]
    assert links[ids[0]].error  # type: ignore[union-attr]
    assert links[late_id].state is LinkState.DONE  # type: ignore[union-attr]


def test_the_account_of_somebody_who_left_milepost_is_free_again(office: Office):
    match(office)
    with office.app.app_context(), database.transaction():
        db.session.get_one(Person, office.cast.manager.id).is_active = False
    with office.app.app_context():
        contributor = core.find_people([office.cast.contributor.id])[office.cast.contributor.id]
        people.match_by_hand(contributor, office.ania.id)
    match(office)
    assert state_of(office, office.cast.contributor) == ("done", office.ania.id, "hand")


def test_the_page_is_the_administrator_s_alone(office: Office):
    for person in (None, office.cast.manager, office.cast.contributor, office.cast.stranger):
        for address in (PAGE, f"{PAGE}progress", f"{PAGE}people/{office.cast.manager.id}"):
            assert office.visit(person).get(address).status_code in (302, 401, 404)
        assert office.visit(person).post(f"{PAGE}people/{office.cast.manager.id}", data={}).status_code in (
            302,
            401,
            404,
        )
    assert office.visit(office.cast.admin).get(f"{PAGE}people/999999").status_code == 404


def test_the_page_shows_steps_state_and_people_in_few_statements(office: Office, statements: Any):
    match(office)
    with office.app.app_context(), database.transaction():
        crowd(120)
    admin = office.visit(office.cast.admin)
    with statements() as ran:
        page = admin.get(PAGE)
    assert len(ran) <= 12
    assert "Found in Slack: 1 of 125 people." in page.text
    assert "xoxb-fake" not in page.text
    assert page.text.count("<tr>") == pages.PAGE + 1
    assert "Without Slack" in admin.get(f"{PAGE}?state=failed&q=nobody").text
    assert "Nobody fits" in admin.get(f"{PAGE}?q=nobody").text
    assert office.cast.manager.name in admin.get(f"{PAGE}?state=done").text
    assert "connections:write" in admin.get(f"{PAGE}?way=socket").text
    assert "Page 2 of " in admin.get(f"{PAGE}?page=2").text


def test_progress_is_told_in_words_and_survives_a_reload(office: Office):
    with office.app.app_context(), database.transaction():
        tell(crowd(30), DIRECT, {"n": 1}, key="all", program_id=office.cast.program_id)
    with office.app.app_context(), database.transaction():
        rows = list(db.session.scalars(select(Message).order_by(Message.id)))
        for number, row in enumerate(rows):
            if number < 12:
                row.state, row.transport = State.SENT, "slack_checkin"
            elif number < 15:
                row.state, row.transport = State.SENT, ""
            elif number < 20:
                row.why = "quiet"
            elif number == 20:
                row.state = State.FAILED
    admin = office.visit(office.cast.admin)
    for address in (PAGE, f"{PAGE}progress"):
        page = admin.get(address).text
        assert "Of 30 messages: sent in Slack: 12; on their way: 9; waiting for their readers’ hours: 5; " in page
        assert "another way, or no longer needed: 3; failed: 1." in page
        assert 'hx-trigger="every 5s"' in page
    with office.app.app_context():
        (one,) = core.handing_over("slack_checkin")
        assert one.total == one.sent + one.waiting + one.later + one.failed + one.other == 30
    assert one.program


def test_links_of_people_serve_both_directions(office: Office):
    match(office)
    with office.app.app_context():
        found = core.find_link(Connection("slack_checkin"), people.PERSON, external_id=office.ania.id)
    assert found is not None
    assert (found.object_id, found.state) == (office.cast.manager.id, LinkState.DONE)
