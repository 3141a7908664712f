"""Training: times of the program's clock, seats that never overflow, attendance, coverage counting people once."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from program.change import attendance, training_coverage, training_seats, training_sessions
from program.change.models import GoLive, GroupMember, ImpactedGroup, TrainingGroup, TrainingSeat, TrainingSession
from program.change.models.training import Audience, SeatState, SessionState
from program.change.training_coverage import coverage
from program.change.training_seats import Whom
from program.extensions import db
from program.ground import database
from program.ground.actor import Actor
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.ground.folding import fold
from program.ground.now import held_at
from program.outbox.models import Message
from tests.cast import Cast, Member, as_member, make_person, make_program
from tests.crowd import gather_crowd
from tests.planning.helpers import at_the_same_moment

AT = "/p/ALFA/change/training"
BEFORE = datetime(2026, 5, 4, 8, tzinfo=UTC)
STARTS = datetime(2026, 5, 11, 8, tzinfo=UTC)
ENDS = STARTS + timedelta(hours=2)
AFTER = datetime(2026, 5, 12, 8, tzinfo=UTC)


def make_group(cast: Cast, name: str, people: Any = (), *, headcount: int = 0, **more: Any) -> ImpactedGroup:
    group = ImpactedGroup(program_id=cast.program_id, name=name, name_folded=fold(name), headcount=headcount, **more)
    db.session.add(group)
    db.session.flush()
    for person_id in people:
        db.session.add(GroupMember(group_id=group.id, person_id=person_id, program_id=cast.program_id))
    db.session.flush()
    return group


def make_people(count: int) -> list[Member]:
    return [as_member(make_person(f"Agent {number:02}", f"a{number}@alfa.example")) for number in range(count)]


def make_session(cast: Cast, groups: Any, capacity: int = 12, **more: Any) -> TrainingSession:
    return training_sessions.add_session(
        cast.contributor.actor,
        cast.program_id,
        {"title": "One inbox", "capacity": capacity, **more},
        [group.id for group in groups],
        STARTS,
        ENDS,
    )


def invite(cast: Cast, session: TrainingSession, whom: Whom = Whom.ALL) -> int:
    with held_at(BEFORE):
        return training_seats.invite(cast.contributor.actor, cast.program_id, session.id, whom)


def say(cast: Cast, session: TrainingSession, person_id: int, comes: bool) -> SeatState:
    with held_at(BEFORE):
        return training_seats.answer(Actor(person_id), cast.program_id, session.id, comes=comes)


def states(session_id: int) -> dict[int, str]:
    rows = db.session.execute(
        select(TrainingSeat.person_id, TrainingSeat.state).where(TrainingSeat.session_id == session_id)
    )
    return {row.person_id: row.state for row in rows}


def told(kind: str) -> list[int | None]:
    return list(
        db.session.scalars(
            select(Message.person_id).where(Message.kind == f"change.training_{kind}").order_by(Message.person_id)
        )
    )


class TestTimes:
    def test_hours_are_those_of_the_programs_clock(self) -> None:
        winter = training_sessions.span(date(2026, 3, 27), time(9), 120, "Europe/Warsaw")
        summer = training_sessions.span(date(2026, 3, 30), time(9), 120, "Europe/Warsaw")
        assert winter[0] == datetime(2026, 3, 27, 8, tzinfo=UTC)
        assert summer[0] == datetime(2026, 3, 30, 7, tzinfo=UTC)

    def test_two_hours_stay_two_hours_in_the_night_the_clocks_change(self) -> None:
        starts, ends = training_sessions.span(date(2026, 10, 25), time(1), 180, "Europe/Warsaw")
        assert ends - starts == timedelta(hours=3)
        twice = training_sessions.span(date(2026, 10, 25), time(2, 30), 60, "Europe/Warsaw")[0]
        assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    @pytest.mark.usefixtures("context")
    @pytest.mark.parametrize(
        ("day", "begins", "minutes", "field"),
        [
            (date(2026, 3, 29), time(2, 30), 60, "begins"),
            (date(1999, 1, 1), time(9), 60, "day"),
            (date(9999, 1, 1), time(9), 60, "day"),
            (date(2026, 5, 4), time(9), 0, "minutes"),
            (date(2026, 5, 4), time(9), -5, "minutes"),
            (date(2026, 5, 4), time(9), 10**8, "minutes"),
        ],
    )
    def test_times_that_cannot_be(self, day: date, begins: time, minutes: int, field: str) -> None:
        with pytest.raises(Invalid) as caught:
            training_sessions.span(day, begins, minutes, "Europe/Warsaw")
        assert list(caught.value.fields) == [field]


@pytest.mark.usefixtures("context")
class TestInviting:
    def test_each_choice_invites_whom_it_says(self, cast: Cast) -> None:
        people = make_people(5)
        group = make_group(cast, "A", [one.id for one in people])
        # In two groups of the session, and still one person.
        other = make_group(cast, "B", [people[0].id])
        db.session.get_one(GroupMember, (group.id, people[1].id)).is_super_user = True
        helper = db.session.get_one(GroupMember, (group.id, people[2].id))
        helper.belongs, helper.is_ambassador = False, True
        earlier = make_session(cast, [group])
        db.session.add(
            TrainingSeat(
                session_id=earlier.id, person_id=people[3].id, program_id=cast.program_id, state=SeatState.ATTENDED
            )
        )
        db.session.flush()
        session = make_session(cast, [group, other])
        found = training_seats.invitable(session)
        # The ambassador comes from outside; the fourth is trained already.
        assert (found.all, found.untrained, found.super_users) == (4, 3, 1)
        assert invite(cast, session, Whom.SUPER_USERS) == 1
        assert invite(cast, session, Whom.UNTRAINED) == 2
        assert invite(cast, session, Whom.ALL) == 1
        with pytest.raises(Invalid):
            invite(cast, session)
        assert told("invited") == sorted(one.id for number, one in enumerate(people) if number != 2)

    def test_without_groups_it_is_for_those_of_its_go_live_and_channel(self, cast: Cast) -> None:
        go_live = GoLive(program_id=cast.program_id, name="Wave 1", on_date=date(2026, 5, 4))
        db.session.add(go_live)
        db.session.flush()
        wanted = [
            make_group(cast, name, channel=channel, go_live_id=go_live.id).id
            for name, channel in (("Phone", "phone"), ("All", ""), ("Chat", "chat"))
        ][:2]
        session = make_session(cast, [], channel="phone", go_live_id=go_live.id)
        groups = db.session.scalars(select(TrainingGroup.group_id).where(TrainingGroup.session_id == session.id))
        assert sorted(groups) == wanted
        with pytest.raises(Invalid):
            make_session(cast, [])

    def test_a_full_session_has_a_waiting_list_and_a_free_seat_goes_to_the_first(self, cast: Cast) -> None:
        people = make_people(4)
        session = make_session(cast, [make_group(cast, "A", [one.id for one in people])], capacity=2)
        invite(cast, session)
        said = [say(cast, session, one.id, True) for one in people]
        assert said == [SeatState.ACCEPTED, SeatState.ACCEPTED, SeatState.WAITING, SeatState.WAITING]
        assert say(cast, session, people[2].id, True) is SeatState.WAITING
        say(cast, session, people[0].id, False)
        assert states(session.id)[people[2].id] == SeatState.ACCEPTED
        assert told("seat") == [people[2].id]
        training_sessions.change_session(cast.contributor.actor, session, {"capacity": 3}, None, seen=revision(session))
        assert states(session.id)[people[3].id] == SeatState.ACCEPTED
        with pytest.raises(Invalid) as caught:
            training_sessions.change_session(
                cast.contributor.actor, session, {"capacity": 2}, None, seen=revision(session)
            )
        assert "capacity" in caught.value.fields

    def test_only_the_invited_answer_and_only_in_time(self, cast: Cast) -> None:
        people = make_people(2)
        session = make_session(cast, [make_group(cast, "A", [people[0].id])])
        make_group(cast, "B", [people[1].id])
        invite(cast, session)
        for stranger in (people[1].id, cast.stranger.id, cast.manager.id):
            with pytest.raises(NotFound):
                say(cast, session, stranger, True)
        with held_at(STARTS + timedelta(seconds=1)), pytest.raises(Conflict):
            training_seats.answer(Actor(people[0].id), cast.program_id, session.id, comes=True)
        beta = make_program("BETA", "Beta")
        with pytest.raises(NotFound), held_at(BEFORE):
            training_seats.answer(Actor(people[0].id), beta.id, session.id, comes=True)

    def test_moving_and_cancelling_tell_those_who_count_on_it(self, cast: Cast) -> None:
        people = make_people(3)
        session = make_session(cast, [make_group(cast, "A", [one.id for one in people])])
        invite(cast, session)
        say(cast, session, people[0].id, True)
        say(cast, session, people[1].id, False)
        moved = training_sessions.move_session(
            cast.contributor.actor, session, STARTS + timedelta(days=1), ENDS + timedelta(days=1), seen=1
        )
        assert moved == 2
        assert told("moved") == [people[0].id, people[2].id]
        assert states(session.id)[people[0].id] == SeatState.ACCEPTED
        assert training_sessions.cancel_session(cast.contributor.actor, session, seen=2) == 2
        assert told("cancelled") == [people[0].id, people[2].id]
        with pytest.raises(Conflict):
            training_sessions.cancel_session(cast.contributor.actor, session, seen=3)
        with pytest.raises(Conflict):
            say(cast, session, people[0].id, True)

    def test_who_may_not(self, cast: Cast) -> None:
        session = make_session(cast, [make_group(cast, "A")])
        for person, error in ((cast.viewer, Forbidden), (cast.stranger, NotFound)):
            with pytest.raises(error):
                training_sessions.cancel_session(person.actor, session, seen=1)
            with pytest.raises(error):
                training_seats.invite(person.actor, cast.program_id, session.id, Whom.ALL)
            with pytest.raises(error):
                attendance.write_attendance(person.actor, cast.program_id, session.id, [], {}, seen=1)


def revision(session: TrainingSession) -> int:
    found: Any = session.revision
    return int(found)


@given(
    st.integers(1, 3),
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["yes", "no", "more", "fewer"])), max_size=25),
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_never_more_people_come_than_there_are_seats(
    app: Flask, cast: Cast, capacity: int, acts: list[tuple[int, str]]
) -> None:
    with app.app_context():
        database.begin_writing()
        people = make_people(5)
        session = make_session(cast, [make_group(cast, "A", [one.id for one in people])], capacity)
        invite(cast, session)
        for who, act in acts:
            if act in ("yes", "no"):
                say(cast, session, people[who].id, act == "yes")
            else:
                wanted = max(1, session.capacity + (1 if act == "more" else -1))
                with contextlib.suppress(Invalid):
                    training_sessions.change_session(
                        cast.contributor.actor, session, {"capacity": wanted}, None, seen=revision(session)
                    )
            found = list(states(session.id).values())
            come = found.count(SeatState.ACCEPTED)
            assert come <= session.capacity
            # Nobody waits while a seat is free.
            assert come == session.capacity or SeatState.WAITING not in found
        db.session.rollback()


def test_of_two_who_take_the_last_seat_at_once_one_waits(app: Flask, cast: Cast) -> None:
    with app.app_context(), database.transaction():
        people = make_people(6)
        session = make_session(cast, [make_group(cast, "A", [one.id for one in people])], capacity=1)
        invite(cast, session)
        session_id = session.id

    def take(person_id: int) -> SeatState:
        with held_at(BEFORE):
            return training_seats.answer(Actor(person_id), cast.program_id, session_id, comes=True)

    said = at_the_same_moment(app, *(partial(take, one.id) for one in people))
    assert sorted(said) == [SeatState.ACCEPTED] + [SeatState.WAITING] * 5
    with app.app_context():
        found = sorted(states(session_id).values())
    assert found == [SeatState.ACCEPTED] + [SeatState.WAITING] * 5


@pytest.mark.usefixtures("context")
class TestAttendance:
    def test_who_said_yes_and_was_not_there_missed_it(self, cast: Cast) -> None:
        people = make_people(6)
        group = make_group(cast, "A", [one.id for one in people[:5]], headcount=10)
        make_group(cast, "B", [people[5].id])
        session = make_session(cast, [group], capacity=2)
        invite(cast, session)
        for one in people[:3]:
            say(cast, session, one.id, True)
        say(cast, session, people[3].id, False)
        with held_at(AFTER):
            came = attendance.write_attendance(
                cast.contributor.actor,
                cast.program_id,
                session.id,
                [people[0].id, people[5].id],
                {group.id: 3},
                seen=revision(session),
            )
        assert came == (2, 1)
        assert [states(session.id)[one.id] for one in people] == [
            SeatState.ATTENDED,
            SeatState.MISSED,
            SeatState.WAITING,
            SeatState.DECLINED,
            SeatState.INVITED,
            SeatState.ATTENDED,
        ]
        assert session.state == SessionState.HELD
        # Somebody remembers better.
        with held_at(AFTER):
            attendance.write_attendance(
                cast.contributor.actor,
                cast.program_id,
                session.id,
                [people[1].id],
                {group.id: 0},
                seen=revision(session),
            )
        found = states(session.id)
        assert (found[people[0].id], found[people[1].id]) == (SeatState.MISSED, SeatState.ATTENDED)

    def test_sheets_that_cannot_be(self, cast: Cast) -> None:
        group, other = make_group(cast, "A"), make_group(cast, "B")
        session = make_session(cast, [group])

        def write(present: Any, counted: Any, seen: int = 1, at: datetime = AFTER) -> None:
            with held_at(at):
                attendance.write_attendance(
                    cast.contributor.actor, cast.program_id, session.id, present, counted, seen=seen
                )

        for present, counted, field in (
            ([cast.stranger.id], {}, "others"),
            ([10**8], {}, "others"),
            ([], {other.id: 1}, "counted"),
            ([], {group.id: -1}, "counted"),
            ([], {group.id: 10**8}, "counted"),
        ):
            with pytest.raises(Invalid) as caught:
                write(present, counted)
            assert field in caught.value.fields
        with pytest.raises(Conflict):
            write([], {}, seen=7)
        with pytest.raises(Conflict):
            write([], {}, at=BEFORE)
        assert session.state == SessionState.PLANNED


@given(
    st.integers(0, 6),
    st.lists(
        st.tuples(
            st.sampled_from(list(Audience)), st.lists(st.tuples(st.integers(0, 3), st.booleans())), st.integers(0, 4)
        ),
        max_size=5,
    ),
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_coverage_counts_each_person_once(
    app: Flask, cast: Cast, headcount: int, held: list[tuple[Audience, list[tuple[int, bool]], int]]
) -> None:
    with app.app_context():
        database.begin_writing()
        people = make_people(4)
        group = make_group(cast, "A", [one.id for one in people], headcount=headcount)
        # The last one is a super-user, and belongs to another group as well.
        db.session.get_one(GroupMember, (group.id, people[3].id)).is_super_user = True
        make_group(cast, "B", [people[3].id])
        trained: set[int] = set()
        heads = 0
        for audience, seats, counted in held:
            session = make_session(cast, [group], audience=audience.value)
            session.state = SessionState.HELD.value
            if audience is Audience.AGENTS:
                heads += counted
            db.session.execute(
                TrainingGroup.__table__.update()  # type: ignore[attr-defined]
                .where(TrainingGroup.session_id == session.id)
                .values(counted=counted)
            )
            for who, came in dict(seats).items():
                state = SeatState.ATTENDED if came else SeatState.MISSED
                db.session.add(
                    TrainingSeat(
                        session_id=session.id, person_id=people[who].id, program_id=cast.program_id, state=state
                    )
                )
                if came and (audience is Audience.AGENTS or who == 3):
                    trained.add(who)
        db.session.flush()
        found = {row.name: row for row in coverage(cast.program_id)}
        assert found["A"].named == len(trained)
        assert found["A"].size == max(headcount, 4)
        assert found["A"].trained == min(max(headcount, 4), len(trained) + heads)
        assert found["B"].named == (1 if 3 in trained else 0)
        total = training_coverage.total(list(found.values()))
        assert total.trained <= total.size
        db.session.rollback()


DATA = {
    "title": "One inbox",
    "day": "2026-05-11",
    "begins": "10:00",
    "minutes": "120",
    "audience": "agents",
    "channel": "",
    "go_live_id": "",
    "groups": "night shift",
    "place": "Room 3",
    "trainer": "Tomek Wójcik",
    "capacity": "1",
    "note": "",
}


def the_session(app: Flask) -> int:
    with app.app_context():
        return db.session.scalars(select(TrainingSession.id)).one()


class TestPages:
    def test_from_planning_to_the_answer_of_the_front_line(
        self, app: Flask, cast: Cast, browser: Any, zosia: Member
    ) -> None:
        client = browser(cast.contributor)
        assert "Plan the first session" in client.get(AT).text
        with held_at(BEFORE):
            made = client.post(f"{AT}/new", data=DATA)
            assert made.status_code == 303
            at = f"{AT}/{the_session(app)}"
            page = client.get(at).text
            for words in ("Mon 11 May, 10:00", "12:00", "Room 3", "Night shift", "Those who are not trained yet: 1"):
                assert words in page
            assert client.post(f"{at}/invite", data={"whom": "untrained"}).status_code == 303
            front = browser(zosia)
            assert "One inbox" in front.get("/p/ALFA/for-you").text
            # The front line sees the invitation on its own page, and nothing of the room.
            for path in (AT, at, f"{at}/list", f"{at}/attendance"):
                assert front.get(path).status_code == 404
            answered = front.post(f"{at}/answer", data={"answer": "accepted"})
            assert answered.status_code == 303
            assert "Your seat is kept" in front.get("/p/ALFA/for-you").text
            assert front.post(f"{at}/answer", data={"answer": "maybe"}).status_code == 422
            assert browser(cast.stranger).post(f"{at}/answer", data={"answer": "accepted"}).status_code == 404
            assert browser(cast.viewer).post(f"{at}/answer", data={"answer": "accepted"}).status_code == 404
            page = client.get(at).text
            assert "Seats taken: 1 of 1" in page
            assert "Full" in page
            assert "Zosia Nowak" in client.get(f"{at}/list").text
            assert "has not begun yet" in client.get(f"{at}/attendance").text
        with held_at(AFTER):
            assert "Attendance missing" in client.get(AT).text
            sheet = client.get(f"{at}/attendance").text
            assert f'value="{zosia.id}" id="seat-{zosia.id}" aria-label="Zosia Nowak" checked' in sheet
            with app.app_context():
                group = db.session.scalars(select(ImpactedGroup.id)).one()
            data = {"revision": "1", "present": str(zosia.id), f"counted-{group}": "2", "others": "Tomek Wójcik"}
            assert client.post(f"{at}/attendance", data={**data, "others": "Nobody Real"}).status_code == 422
            assert client.post(f"{at}/attendance", data={**data, f"counted-{group}": "x"}).status_code == 422
            assert client.post(f"{at}/attendance", data=data).status_code == 303
            assert "Present: 4" in client.get(at).text
            assert "Night shift" in client.get(f"{AT}/coverage").text
            for kind in ("csv", "xlsx"):
                assert client.get(f"{AT}/export.{kind}").status_code == 200
                assert client.get(f"{AT}/export.{kind}?what=coverage").status_code == 200

    def test_a_session_is_changed_moved_and_cancelled(
        self, app: Flask, cast: Cast, browser: Any, zosia: Member
    ) -> None:
        client = browser(cast.contributor)
        with held_at(BEFORE):
            client.post(f"{AT}/new", data=DATA)
            at = f"{AT}/{the_session(app)}"
            form = client.get(f"{at}/edit").text
            assert 'value="Tomek Wójcik"' in form
            changed = {**DATA, "title": "<b>Inbox</b>", "capacity": "5", "revision": "1"}
            assert client.post(f"{at}/edit", data=changed).status_code == 303
            assert "&lt;b&gt;Inbox&lt;/b&gt;" in client.get(at).text
            assert client.post(f"{at}/edit", data=changed).status_code == 409
            assert 'value="10:00"' in client.get(f"{at}/move").text
            moved = {"day": "2026-05-12", "begins": "14:30", "minutes": "60", "revision": "2"}
            assert client.post(f"{at}/move", data=moved).status_code == 303
            assert "Tue 12 May, 14:30" in client.get(at).text
            assert client.post(f"{at}/move", data={**moved, "revision": "3"}).status_code == 422
            asked = client.post(f"{at}/cancel", data={"revision": "3"})
            assert "stays in the list as cancelled" in asked.text
            assert client.post(f"{at}/cancel", data={"revision": "3", "confirmed": "1"}).status_code == 303
            assert "This session is cancelled." in client.get(at).text

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", ""),
            ("title", "x" * 201),
            ("day", "2026-02-30"),
            ("day", "9999-01-01"),
            ("begins", "25:00"),
            ("begins", ""),
            ("minutes", "0"),
            ("minutes", "-30"),
            ("minutes", "9" * 30),
            ("audience", "everybody"),
            ("channel", "fax"),
            ("go_live_id", "99999"),
            ("groups", "Nobody's"),
            ("groups", ""),
            ("trainer", "Obcy Człowiek"),
            ("capacity", "0"),
            ("capacity", "1001"),
            ("place", "x" * 201),
            ("note", "x" * 501),
        ],
    )
    def test_a_session_that_cannot_be(
        self, app: Flask, cast: Cast, browser: Any, zosia: Member, field: str, value: str
    ) -> None:
        answer = browser(cast.contributor).post(f"{AT}/new", data={**DATA, field: value})
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
        with app.app_context():
            assert db.session.scalar(select(func.count()).select_from(TrainingSession)) == 0

    def test_a_crowd_takes_few_statements(self, app: Flask, cast: Cast, browser: Any, statements: Any) -> None:
        with app.app_context(), database.transaction():
            crowd = gather_crowd(cast)
            session = training_sessions.add_session(
                cast.contributor.actor,
                cast.program_id,
                {"title": "All", "capacity": 500, "go_live_id": None},
                list(crowd.groups),
                STARTS,
                ENDS,
            )
            assert invite(cast, session) == 2000
            at = f"{AT}/{session.id}"
        client = browser(cast.contributor)
        paths = (AT, f"{AT}?show=past", f"{AT}/coverage?page=2", at, f"{at}?page=3", f"{at}/list", f"{at}/edit")
        with held_at(BEFORE):
            for path in (*paths, f"{AT}/export.csv", f"{AT}/export.csv?what=coverage", f"{AT}/new"):
                with statements() as ran:
                    page = client.get(path)
                assert page.status_code == 200
                assert len(ran) <= 12, path
                assert len(page.data) < 150_000, path
        with held_at(AFTER), statements() as ran:
            assert client.get(f"{at}/attendance").status_code == 200
        assert len(ran) <= 12
