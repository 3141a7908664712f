"""Importing groups and people: reasons row by row, all or nothing, and twice is once."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from program.change import group_imports, group_lists, impacts
from program.change.group_lists import Asked
from program.change.models import GroupMember, ImpactedGroup
from program.extensions import db
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.people.models import Membership, Person, SignInLink
from program.planning.imports import keep_upload
from program.planning.models import ImportUpload
from tests.change.conftest import Floor

GROUPS = """Group;What it is;Site;Channel;People;Who speaks for them;Go-live;Training target in percent;Tools;Pay
Morning shift;Team;Kraków;Phone;24;tomek@alfa.example;wave 1;90;4;0
NIGHT shift;Team;;;35;;;;2;
Sklep Wola;Site;Warszawa;Shop;12;;;;;
"""
PEOPLE = """Full name;E-mail;Group;Ambassador;Super-user;Language
Ewa Lis;ewa@alfa.example;Night shift;tak;;pl
;EWA@alfa.example;Chat team;;yes;
Zosia N.;zosia@alfa.example;Night shift;yes;no;
"""


def upload(floor: Floor, text: str) -> ImportUpload:
    return keep_upload(floor.cast.manager.actor, floor.program_id, "file.csv", text.encode())


def bring_in(floor: Floor, kind: str, text: str) -> Any:
    manager, kept = floor.cast.manager.actor, upload(floor, text)
    found = group_imports.preview(manager, floor.program_id, kind, kept)
    return group_imports.confirm(manager, floor.program_id, kind, kept, seal=found.seal)


def problems(floor: Floor, kind: str, text: str) -> list[tuple[int, str]]:
    found = group_imports.preview(floor.cast.manager.actor, floor.program_id, kind, upload(floor, text))
    return [(problem.row, problem.column) for problem in found.plan.problems]


@pytest.mark.usefixtures("context")
class TestGroups:
    def test_new_ones_are_added_and_known_ones_changed(self, floor: Floor):
        done = bring_in(floor, "groups", GROUPS)
        assert (done.added, done.changed) == (2, 1)
        rows = {row.name: row for row in group_lists.all_groups(floor.program_id)}
        morning = rows["Morning shift"]
        assert (morning.headcount, morning.site, morning.channel, morning.training_target) == (
            24,
            "Kraków",
            "phone",
            90,
        )
        assert (morning.representative, morning.go_live, morning.highest) == ("Tomek Wójcik", "Wave 1", 4)
        # Empty cells leave things as they are, and so does the way a name is written.
        assert (rows["Night shift"].headcount, rows["Night shift"].site, rows["Night shift"].highest) == (35, "Łódź", 2)
        assert rows["Sklep Wola"].kind == "site"

    def test_twice_is_once(self, floor: Floor):
        bring_in(floor, "groups", GROUPS)
        before = group_lists.all_groups(floor.program_id)
        with pytest.raises(Invalid, match="nothing to change"):
            bring_in(floor, "groups", GROUPS)
        assert group_lists.all_groups(floor.program_id) == before

    def test_an_imported_level_keeps_the_note(self, floor: Floor):
        group = db.session.get_one(ImpactedGroup, floor.night_shift)
        impacts.set_impacts(floor.cast.manager.actor, group, {"tools": impacts.Impact(1, "New inbox")}, seen=None)
        bring_in(floor, "groups", "Group;Tools\nNight shift;5\n")
        assert impacts.impacts_of([group.id])[group.id] == {"tools": impacts.Impact(5, "New inbox")}

    @pytest.mark.parametrize(
        ("row", "column"),
        [
            (";Team", "Group"),
            ("x;gang", "What it is"),
            ("x;;many", "People"),
            ("x;;-3", "People"),
            ("x;;99999999999", "People"),
            ("x;;;101", "Training target in percent"),
            ("x;;;;Nobody", "Who speaks for them"),
            ("x;;;;obcy@elsewhere.example", "Who speaks for them"),
            ("x;;;;;Wave 9", "Go-live"),
            ("x;;;;;;6", "Tools"),
            ("x;;;;;;much", "Tools"),
            ("x" * 121, "Group"),
        ],
    )
    def test_every_wrong_row_is_told_with_its_column(self, floor: Floor, row: str, column: str):
        text = (
            f"Group;What it is;People;Training target in percent;Who speaks for them;Go-live;Tools\nFine;;;;;;\n{row}\n"
        )
        assert problems(floor, "groups", text) == [(3, column)]

    def test_one_wrong_row_keeps_all_out(self, floor: Floor):
        with pytest.raises(Invalid) as refused:
            bring_in(floor, "groups", "Group;People\nFine;3\nBad;x\n")
        assert len(refused.value.rows) == 1
        assert "Fine" not in [row.name for row in group_lists.all_groups(floor.program_id)]

    def test_the_same_group_twice_in_a_file_is_refused(self, floor: Floor):
        assert problems(floor, "groups", "Group;People\nDay;3\nDAY;4\n") == [(3, "Group")]

    def test_headings_are_needed(self, floor: Floor):
        with pytest.raises(Invalid, match="Group"):
            problems(floor, "groups", "People;Site\n3;x\n")

    def test_what_was_not_previewed_is_not_done(self, floor: Floor):
        manager, kept = floor.cast.manager.actor, upload(floor, GROUPS)
        seal = group_imports.preview(manager, floor.program_id, "groups", kept).seal
        bring_in(floor, "groups", "Group;People\nNight shift;31\n")
        with pytest.raises(Conflict):
            group_imports.confirm(manager, floor.program_id, "groups", kept, seal=seal)

    def test_it_takes_a_manager(self, floor: Floor):
        kept = upload(floor, GROUPS)
        for who, error in (("contributor", Forbidden), ("viewer", Forbidden), ("stranger", NotFound)):
            with pytest.raises(error):
                group_imports.preview(getattr(floor.cast, who).actor, floor.program_id, "groups", kept)


@pytest.mark.usefixtures("context")
class TestPeople:
    def test_new_accounts_have_no_password_no_access_and_no_link(self, floor: Floor):
        done = bring_in(floor, "people", PEOPLE)
        assert (done.added, done.changed, done.accounts) == (2, 1, 1)
        ewa = db.session.scalars(select(Person).where(Person.email == "ewa@alfa.example")).one()
        assert (ewa.name, ewa.password_hash, ewa.locale, ewa.is_admin, ewa.joined_at) == (
            "Ewa Lis",
            None,
            "pl",
            False,
            None,
        )
        assert db.session.scalar(select(func.count()).where(Membership.person_id == ewa.id)) == 0
        assert db.session.scalar(select(func.count()).select_from(SignInLink)) == 0
        places = db.session.execute(
            select(GroupMember.group_id, GroupMember.is_ambassador, GroupMember.is_super_user)
            .where(GroupMember.person_id == ewa.id)
            .order_by(GroupMember.group_id)
        ).all()
        assert [tuple(place) for place in places] == [
            (floor.night_shift, True, False),
            (floor.chat_team, False, True),
        ]
        # Her name is hers.
        assert db.session.get_one(Person, floor.agent.id).name == "Zosia Nowak"

    def test_twice_is_once(self, floor: Floor):
        bring_in(floor, "people", PEOPLE)
        before = db.session.scalar(select(func.count()).select_from(AuditEntry))
        with pytest.raises(Invalid, match="nothing to change"):
            bring_in(floor, "people", PEOPLE)
        assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == before

    @pytest.mark.parametrize(
        ("row", "column"),
        [
            ("Ewa;;Night shift", "E-mail"),
            ("Ewa;not an address;Night shift", "E-mail"),
            (";ewa@alfa.example;Night shift", "Full name"),
            ("Ewa;ewa@alfa.example;", "Group"),
            ("Ewa;ewa@alfa.example;Nobody's", "Group"),
            ("Ewa;ewa@alfa.example;Night shift;maybe", "Ambassador"),
            ("Ewa;ewa@alfa.example;Night shift;;perhaps", "Super-user"),
            ("Ewa;ewa@alfa.example;Night shift;;;klingon", "Language"),
            (f"{'x' * 121};ewa@alfa.example;Night shift", "Full name"),
        ],
    )
    def test_every_wrong_row_is_told_with_its_column(self, floor: Floor, row: str, column: str):
        text = f"Full name;E-mail;Group;Ambassador;Super-user;Language\nAla;ala@alfa.example;Chat team\n{row}\n"
        assert problems(floor, "people", text) == [(3, column)]

    def test_two_names_for_one_address_are_refused(self, floor: Floor):
        text = "Full name;E-mail;Group\nEwa Lis;ewa@alfa.example;Chat team\nAda Lis;ewa@alfa.example;Night shift\n"
        assert problems(floor, "people", text) == [(3, "Full name")]

    def test_a_closed_account_is_refused(self, floor: Floor):
        db.session.get_one(Person, floor.agent.id).is_active = False
        db.session.flush()
        assert problems(floor, "people", "E-mail;Group\nzosia@alfa.example;Chat team\n") == [(2, "E-mail")]

    def test_two_thousand_people_cost_few_statements(self, floor: Floor, statements: Any):
        lines = [f"Agent {number};agent{number}@alfa.example;Night shift;;;" for number in range(2000)]
        text = "\n".join(["Full name;E-mail;Group;Ambassador;Super-user;Language", *lines])
        manager, kept = floor.cast.manager.actor, upload(floor, text)
        with statements() as ran:
            found = group_imports.preview(manager, floor.program_id, "people", kept)
            group_imports.confirm(manager, floor.program_id, "people", kept, seal=found.seal)
        assert group_lists.one_group(manager, floor.program_id, floor.night_shift).known == 2001  # type: ignore[union-attr]
        # Bulk inserts go out in parts, some hundreds of rows each.
        assert len(ran) <= 90, len(ran)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    names=st.lists(st.sampled_from(["Night shift", "Chat team", "Kasy", "Zażółć", "日本"]), unique=True, min_size=1),
    heads=st.lists(st.integers(0, 300), min_size=5, max_size=5),
    levels=st.lists(st.sampled_from(["", "0", "3", "5"]), min_size=5, max_size=5),
)
def test_importing_any_file_twice_is_importing_it_once(
    context: None, floor: Floor, names: list[str], heads: list[int], levels: list[str]
):
    lines = [f"{name};{heads[place]};{levels[place]}" for place, name in enumerate(names)]
    text = "\n".join(["Group;People;Tools", *lines])
    kept = upload(floor, text)
    manager = floor.cast.manager.actor
    found = group_imports.preview(manager, floor.program_id, "groups", kept)
    if not found.is_nothing:
        group_imports.confirm(manager, floor.program_id, "groups", kept, seal=found.seal)
    again = group_imports.preview(manager, floor.program_id, "groups", upload(floor, text))
    assert again.is_nothing
    assert again.plan.unchanged == len(names)
    db.session.rollback()


class TestThePages:
    def start(self, floor: Floor, browser: Any, what: str, text: str) -> tuple[Any, Any]:
        client = browser(floor.cast.manager)
        data = {"what": what, "file": (io.BytesIO(text.encode()), "plik.csv")}
        return client, client.post("/p/ALFA/change/groups/import", data=data)

    def test_from_file_to_groups(self, floor: Floor, browser: Any):
        client, answer = self.start(floor, browser, "groups", GROUPS)
        assert answer.status_code == 303
        page = client.get(answer.location).text
        assert "This will happen: 2 groups added, 1 group changed." in page
        seal = page.split('name="seal" value="')[1].split('"')[0]
        done = client.post(f"{answer.location}/confirm", data={"seal": seal})
        assert done.status_code == 303
        assert "Morning shift" in client.get(done.location).text
        assert client.get(answer.location).status_code == 404

    def test_wrong_rows_are_listed_and_nothing_is_offered(self, floor: Floor, browser: Any):
        client, answer = self.start(floor, browser, "people", "E-mail;Group\n<b>x</b>;Nobody\n")
        page = client.get(answer.location)
        assert page.status_code == 422
        assert "&lt;b&gt;x&lt;/b&gt;" in page.text
        assert "Import it" not in page.text
        assert client.post(f"{answer.location}/confirm", data={"seal": "x"}).status_code == 303

    @pytest.mark.parametrize(
        "content", [b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04nonsense", b"no;headings\n1;2\n"]
    )
    def test_files_that_cannot_be_read_say_why(self, floor: Floor, browser: Any, content: bytes):
        data = {"what": "groups", "file": (io.BytesIO(content), "plik.csv")}
        answer = browser(floor.cast.manager).post("/p/ALFA/change/groups/import", data=data)
        assert answer.status_code == 422
        assert "This file cannot be imported" in answer.text

    def test_nobody_goes_on_with_somebody_elses_file(self, app: Flask, floor: Floor, browser: Any):
        _client, answer = self.start(floor, browser, "groups", GROUPS)
        assert browser(floor.cast.admin).get(answer.location).status_code == 404

    @pytest.mark.parametrize("what", ["groups", "people"])
    def test_an_empty_file_can_be_fetched_and_read_back(self, floor: Floor, browser: Any, what: str):
        client = browser(floor.cast.manager)
        for kind in ("csv", "xlsx"):
            file = client.get(f"/p/ALFA/change/groups/import/{what}.{kind}")
            assert file.status_code == 200
            data = {"what": what, "file": (io.BytesIO(file.data), f"x.{kind}")}
            answer = client.post("/p/ALFA/change/groups/import", data=data)
            # Known headings and not a row: what is wrong is that it is empty.
            assert answer.status_code in (303, 422)
            assert "no column with this heading" not in answer.text


def test_the_list_asks_for_all_sorts(floor: Floor, app: Flask):
    with app.app_context():
        for sort in group_lists.SORTS:
            rows, _pagination = group_lists.list_groups(floor.cast.viewer.actor, floor.program_id, Asked(sort=sort))
            assert len(rows) == 2
