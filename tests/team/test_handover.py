"""Handing over: everything of one person, once, and nothing of others'; seen before it is done; taken back whole."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.outbox.models import Message
from program.people.models import Membership, Person
from program.planning import handing_over
from program.planning.handing_over import Handover, Line, Part
from program.planning.models import WorkItem
from program.planning.undo import undo
from program.team import handover
from program.team.models import Assignment
from program.team.role_handover import uncovered
from program.team.spans import Span
from tests.cast import Cast, make_person, make_program
from tests.planning.plans import make_items
from tests.team.samples import assign, join, make_roles

TODAY = date(2026, 4, 15)
AT = "/p/ALFA/team/hand-over"
DAYS = st.dates(date(2026, 3, 1), date(2026, 6, 30))


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-04-15T09:00:00+00:00", tick=False):
        yield


def hand_over(cast: Cast, from_id: int, to_id: int) -> str:
    seen = handover.preview(cast.manager.actor, cast.program_id, from_id, to_id).fingerprint
    return handover.hand_over(cast.manager.actor, cast.program_id, from_id, to_id, seen=seen)


def owners(program_id: int) -> dict[int, int | None]:
    rows = db.session.execute(select(WorkItem.number, WorkItem.owner_id).where(WorkItem.program_id == program_id))
    return {row.number: row.owner_id for row in rows}


def played(person_id: int) -> list[tuple[int, int, date, date | None]]:
    columns = (Assignment.role_id, Assignment.share, Assignment.starts_on, Assignment.ends_on)
    rows = db.session.execute(
        select(*columns).where(Assignment.person_id == person_id).order_by(Assignment.role_id, Assignment.starts_on)
    )
    return [tuple(row) for row in rows]


def test_open_items_and_roles_change_hands_and_the_rest_stays(context: None, cast: Cast):
    leaver, heir = cast.contributor.id, join(cast.program_id, "Ola Nowak", "ola@alfa.example")
    make_items(
        cast.program_id,
        [
            {"owner_id": leaver},
            {"owner_id": leaver, "status": "blocked"},
            {"owner_id": leaver, "status": "done"},
            {"owner_id": leaver, "status": "dropped"},
            {"owner_id": cast.manager.id},
            {},
        ],
    )
    beta = make_program("BETA", "Beta")
    make_items(beta.id, [{"owner_id": leaver}])
    roles = make_roles(cast.program_id, "product_owner", "data_analyst", "it_architect")
    long_ago, soon = TODAY - timedelta(days=60), TODAY + timedelta(days=30)
    assign(cast.program_id, roles["product_owner"], leaver, share=60, starts_on=long_ago)
    assign(cast.program_id, roles["data_analyst"], leaver, share=20, starts_on=soon, ends_on=soon + timedelta(days=9))
    assign(cast.program_id, roles["it_architect"], leaver, starts_on=long_ago, ends_on=TODAY - timedelta(days=1))
    batch = hand_over(cast, leaver, heir)
    assert owners(cast.program_id) == {1: heir, 2: heir, 3: leaver, 4: leaver, 5: cast.manager.id, 6: None}
    assert owners(beta.id) == {1: leaver}
    assert played(heir) == [
        (roles["product_owner"], 60, TODAY, None),
        (roles["data_analyst"], 20, soon, soon + timedelta(days=9)),
    ]
    assert played(leaver) == [
        (roles["product_owner"], 60, long_ago, TODAY),
        (roles["it_architect"], 50, long_ago, TODAY - timedelta(days=1)),
    ]
    told = handover.done(cast.manager.actor, cast.program_id, batch)
    assert (told.from_name, told.to_name) == (cast.contributor.name, "Ola Nowak")
    assert [(part.label, part.count, bool(part.batch)) for part in told.parts] == [
        ("Open items", 2, True),
        ("Roles", 2, True),
    ]
    # A second time there is nothing left.
    with pytest.raises(Invalid):
        hand_over(cast, leaver, heir)


def test_each_part_is_taken_back_with_one_click(context: None, cast: Cast):
    leaver, heir = cast.contributor.id, join(cast.program_id, "Ola Nowak", "ola@alfa.example")
    make_items(cast.program_id, [{"owner_id": leaver}])
    roles = make_roles(cast.program_id, "product_owner", "data_analyst")
    assign(cast.program_id, roles["product_owner"], leaver, share=60, note="Mornings", in_pilot_team=True)
    assign(cast.program_id, roles["data_analyst"], leaver, starts_on=TODAY + timedelta(days=1), note="Later")
    before = (owners(cast.program_id), played(leaver), played(heir))
    batch = hand_over(cast, leaver, heir)
    for part in handover.done(cast.manager.actor, cast.program_id, batch).parts:
        assert part.batch
        undo(cast.manager.actor, cast.program_id, part.batch)
    db.session.expire_all()
    assert (owners(cast.program_id), played(leaver), played(heir)) == before
    notes = select(Assignment.note, Assignment.in_pilot_team).where(Assignment.person_id == leaver)
    assert {tuple(row) for row in db.session.execute(notes)} == {("Mornings", True), ("Later", False)}


def test_who_is_gone_already_can_still_be_relieved(context: None, cast: Cast):
    leaver, heir = cast.contributor.id, join(cast.program_id, "Ola Nowak", "ola@alfa.example")
    make_items(cast.program_id, [{"owner_id": leaver}])
    db.session.execute(update(Person).where(Person.id == leaver).values(is_active=False))
    db.session.execute(delete(Membership).where(Membership.person_id == leaver))
    found = handover.preview_named(cast.manager.actor, cast.program_id, "tomek wojcik", "Ola Nowak").handover
    assert (found.from_id, found.to_id) == (leaver, heir)
    hand_over(cast, leaver, heir)
    assert owners(cast.program_id) == {1: heir}
    # Nobody writes to a closed account.
    assert list(db.session.scalars(select(Message.person_id))) == [heir]


def test_both_are_told_in_counts(context: None, cast: Cast):
    leaver, heir = cast.contributor.id, join(cast.program_id, "Ola Nowak", "ola@alfa.example")
    make_items(cast.program_id, [{"owner_id": leaver}] * 3)
    roles = make_roles(cast.program_id, "product_owner")
    assign(cast.program_id, roles["product_owner"], leaver)
    hand_over(cast, leaver, heir)
    found = {row.kind: row for row in db.session.scalars(select(Message))}
    # One message each: the role that is given with it has none of its own.
    assert {kind: row.person_id for kind, row in found.items()} == {
        "team.handed_to_me": heir,
        "team.handed_from_me": leaver,
    }
    assert found["team.handed_to_me"].data["counts"] == {"items": 3, "roles": 1}


def test_the_successor_works_on_the_program(context: None, cast: Cast):
    make_items(cast.program_id, [{"owner_id": cast.contributor.id}])
    closed = join(cast.program_id, "Closed Account", "closed@alfa.example")
    db.session.execute(update(Person).where(Person.id == closed).values(is_active=False))
    for wrong in (cast.viewer.id, cast.stranger.id, closed, cast.contributor.id, 999_999):
        with pytest.raises(Invalid) as caught:
            handover.preview(cast.manager.actor, cast.program_id, cast.contributor.id, wrong)
        assert list(caught.value.fields) == ["to"]
    # A stranger's name is nobody's business here.
    with pytest.raises(NotFound):
        handover.preview(cast.manager.actor, cast.program_id, cast.stranger.id, cast.manager.id)


@pytest.mark.parametrize(("who", "error"), [("contributor", Forbidden), ("viewer", Forbidden), ("stranger", NotFound)])
def test_only_managers_hand_over(context: None, cast: Cast, who: str, error: type[Exception]):
    actor = getattr(cast, who).actor
    for act in (
        lambda: handover.preview(actor, cast.program_id, cast.contributor.id, cast.manager.id),
        lambda: handover.hand_over(actor, cast.program_id, cast.contributor.id, cast.manager.id, seen=""),
        lambda: handover.done(actor, cast.program_id, "0" * 32),
    ):
        with pytest.raises(error):
            act()


def test_what_changed_since_the_preview_is_noticed(context: None, cast: Cast):
    leaver, heir = cast.contributor.id, cast.manager.id
    make_items(cast.program_id, [{"owner_id": leaver}, {"owner_id": None}])
    seen = handover.preview(cast.manager.actor, cast.program_id, leaver, heir).fingerprint
    db.session.execute(update(WorkItem).where(WorkItem.number == 2).values(owner_id=leaver))
    with pytest.raises(Conflict):
        handover.hand_over(cast.manager.actor, cast.program_id, leaver, heir, seen=seen)
    assert set(owners(cast.program_id).values()) == {leaver}


def test_a_part_that_fails_leaves_nothing_half_done(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch):
    def refuse(_actor: Any, _handover: Handover, _batch: str) -> int:
        raise Conflict("Somebody was first.")

    broken = Part("meetings", 90, "Meetings", lambda _handover: [Line("Weekly review")], refuse)
    monkeypatch.setitem(handing_over._PARTS, "meetings", broken)
    with app.app_context(), database.transaction():
        make_items(cast.program_id, [{"owner_id": cast.contributor.id}])
    with app.app_context():
        with pytest.raises(Conflict), database.transaction():
            hand_over(cast, cast.contributor.id, cast.manager.id)
        assert owners(cast.program_id) == {1: cast.contributor.id}
        assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def test_people_are_meant_by_name_or_mail(context: None, cast: Cast):
    twin = join(cast.program_id, cast.contributor.name, "twin@alfa.example")

    def meant(leaver: str, successor: str = cast.manager.name) -> tuple[int, int | None]:
        found = handover.preview_named(cast.manager.actor, cast.program_id, leaver, successor).handover
        return found.from_id, found.to_id

    for text, told in (("", "Say who."), ("Nobody Here", "Nobody"), (cast.contributor.name, "twin@alfa.example")):
        with pytest.raises(Invalid) as caught:
            meant(text)
        assert told in str(caught.value.fields["from"])
    assert meant(cast.viewer.email, "TWIN@alfa.example") == (cast.viewer.id, twin)
    # A reader takes over nothing, and a stranger's name is nobody's business here.
    for pair, field in (((cast.manager.name, cast.viewer.email), "to"), ((cast.stranger.email,), "from")):
        with pytest.raises(Invalid) as caught:
            meant(*pair)
        assert list(caught.value.fields) == [field]
    with pytest.raises(Invalid) as caught:
        meant("", "\u200b")
    assert set(caught.value.fields) == {"from", "to"}


SPANS = st.builds(
    lambda start, length: Span(start, None if length is None else start + timedelta(days=length)),
    DAYS,
    st.none() | st.integers(0, 60),
)


@given(SPANS, st.lists(SPANS, max_size=4))
def test_what_is_uncovered_is_exactly_the_days_that_nobody_covers(span: Span, others: list[Span]):
    found = uncovered(span, others)
    for offset in range(-5, 250):
        day = span.starts_on + timedelta(days=offset)
        wanted = span.covers(day) and not any(other.covers(day) for other in others)
        assert sum(piece.covers(day) for piece in found) == int(wanted), day
    assert not any(one.meets(other) for place, one in enumerate(found) for other in found[:place])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(
    st.lists(
        st.tuples(st.sampled_from(["leaver", "heir", "other"]), st.sampled_from(["todo", "doing", "done"])), max_size=8
    ),
    st.lists(st.tuples(st.sampled_from(["leaver", "heir", "other"]), st.integers(0, 2), SPANS), max_size=6),
)
def test_everything_of_the_leaver_moves_once_and_nothing_of_others(
    context: None, cast: Cast, items: list[tuple[str, str]], spans: list[tuple[str, int, Span]]
):
    db.session.rollback()
    people = {
        "leaver": cast.contributor.id,
        "heir": cast.manager.id,
        "other": make_person("Other", "other@alfa.example").id,
    }
    make_items(cast.program_id, [{"owner_id": people[who], "status": status} for who, status in items])
    roles = list(make_roles(cast.program_id, "product_owner", "data_analyst", "it_architect").values())
    taken: dict[tuple[str, int], list[Span]] = {}
    for who, role, span in spans:
        # The verb lets nobody hold a role twice at a time.
        if not any(span.meets(other) for other in taken.setdefault((who, role), [])):
            taken[who, role].append(span)
            assign(cast.program_id, roles[role], people[who], starts_on=span.starts_on, ends_on=span.ends_on)
    before, others_before = owners(cast.program_id), played(people["other"])
    found = handover.preview(cast.manager.actor, cast.program_id, people["leaver"], people["heir"])
    if found.count:
        hand_over(cast, people["leaver"], people["heir"])
    after = owners(cast.program_id)
    for number, (who, status) in enumerate(items, 1):
        moved = who == "leaver" and status != "done"
        assert after[number] == (people["heir"] if moved else before[number])
    assert played(people["other"]) == others_before
    heirs = played(people["heir"])
    for role in range(3):
        mine = [Span(start, end) for role_id, _share, start, end in heirs if role_id == roles[role]]
        for offset in range(120):
            day = TODAY + timedelta(days=offset)
            wanted = any(
                span.covers(day) and (who == "heir" or span.ends_on is None or span.ends_on > TODAY)
                for (who, place), group in taken.items()
                if place == role and who != "other"
                for span in group
            )
            assert sum(span.covers(day) for span in mine) == int(wanted)
    left = [end for _role, _share, _start, end in played(people["leaver"])]
    assert all(end is not None and end <= TODAY for end in left)
    db.session.rollback()


def test_a_manager_walks_through_it(app: Flask, cast: Cast, browser: Any, statements: Any):
    with app.app_context(), database.transaction():
        make_items(cast.program_id, [{"owner_id": cast.contributor.id, "title": "<b>Map</b>"}] * 300)
        roles = make_roles(cast.program_id, "product_owner")
        assign(cast.program_id, roles["product_owner"], cast.contributor.id)
    client = browser(cast.manager)
    member = client.get(f"/p/ALFA/settings/people/{cast.contributor.id}").text
    assert f"{AT}?person={cast.contributor.id}" in member
    assert f'value="{cast.contributor.name}"' in client.get(f"{AT}?person={cast.contributor.id}").text
    assert cast.stranger.name not in client.get(f"{AT}?person={cast.stranger.id}").text
    empty = client.get(AT, query_string={"from": "", "to": cast.viewer.name})
    assert empty.status_code == 422
    assert 'id="from-error"' in empty.text
    assert 'id="to-error"' in empty.text
    with statements() as ran:
        page = client.get(AT, query_string={"from": cast.contributor.name, "to": cast.manager.email})
    assert len(ran) <= 12, ran.texts
    assert "301 things of Tomek Wójcik would go to Maria Zielińska." in page.text
    assert "&lt;b&gt;Map&lt;/b&gt;" in page.text
    assert "and 200 more" in page.text
    form = dict(re.findall(r'name="(from_id|to_id|seen|from|to)" value="([^"]*)"', page.text))
    stale = client.post(AT, data=form | {"seen": "old"})
    assert stale.status_code == 409
    assert "Nothing was handed over" in stale.text
    answer = client.post(AT, data=form)
    assert answer.status_code == 303
    with statements() as ran:
        done = client.get(answer.location).text
    assert len(ran) <= 12
    assert "Open items: 300, Roles: 1." in done
    assert "Take it back" in done
    items = re.search(r"/p/ALFA/undo/\w+", done)
    assert items
    assert client.post(items.group(), data={"next": answer.location}).status_code == 303
    with app.app_context():
        assert set(owners(cast.program_id).values()) == {cast.contributor.id}
        verbs = db.session.scalars(select(AuditEntry.verb).where(AuditEntry.verb == "handover.done")).all()
        assert len(verbs) == 1
    assert client.get("/p/ALFA/activity").status_code == 200
    for ids in ({"from_id": "0"}, {"from_id": "9" * 30}, {"from_id": "x"}, {"from_id": str(cast.stranger.id)}):
        assert client.post(AT, data=form | ids).status_code == 404
    assert client.post(AT, data=form | {"to_id": str(cast.viewer.id)}).status_code == 422
