"""The load over all programs of a person: what counts, what is shown of it, and to whom."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from program.extensions import db
from program.ground import database
from program.people.models import Membership
from program.planning.items import ItemDraft, add_item, change_item
from program.planning.models import WorkItem
from program.team.workload import Carrier, first_monday, headline, workload
from tests.cast import Cast, Member
from tests.team.crew import MONDAY, TODAY, assign_directly, give, join, make_roles, second_program


def carriers(cast: Cast, reader: Member, **more: Any) -> dict[str, Carrier]:
    found = workload(reader.actor, cast.program_id, TODAY, MONDAY, **more)
    return {carrier.name: carrier for carrier in found.carriers}


def of_tomek(cast: Cast, reader: Member | None = None) -> Carrier:
    return carriers(cast, reader or cast.manager)["Tomek Wójcik"]


@pytest.mark.usefixtures("context")
class TestCounting:
    """What makes up a load."""

    def test_roles_of_all_programs_add_up(self, cast: Cast) -> None:
        analyst, compliance = make_roles(cast, "data_analyst", "compliance")
        give(cast, analyst, cast.contributor.id, share=60)
        give(cast, compliance, cast.contributor.id, share=10, starts_on=date(2026, 3, 18))
        beta, helper = second_program(cast, cast.contributor)
        assign_directly(beta.id, helper.id, cast.contributor.id, 40, ends_on=date(2026, 3, 20))
        weeks = of_tomek(cast).loads
        # The second week has compliance from Wednesday on: three of five days.
        assert [load.percent for load in weeks[:4]] == [100, 106, 70, 70]
        assert [load.is_over for load in weeks[:4]] == [False, True, False, False]
        assert len(weeks) == 13

    def test_what_is_over_stands_first(self, cast: Cast) -> None:
        (role,) = make_roles(cast, "super_user")
        busy = join(cast, "Zbigniew Busy", "zbigniew@alfa.example")
        give(cast, role, cast.contributor.id, share=90)
        give(cast, role, busy.id, share=90)
        beta, helper = second_program(cast, busy)
        assign_directly(beta.id, helper.id, busy.id, 20)
        assert list(carriers(cast, cast.manager)) == ["Zbigniew Busy", "Tomek Wójcik"]
        found = workload(cast.manager.actor, cast.program_id, TODAY, MONDAY)
        assert headline(found) == (
            "1 person carries more than a full week in these thirteen weeks: Zbigniew Busy with 110% in week 11."
        )

    def test_closed_programs_and_those_one_has_left_do_not_count(self, cast: Cast) -> None:
        (role,) = make_roles(cast, "data_analyst")
        give(cast, role, cast.contributor.id, share=60)
        closed, helper = second_program(cast, cast.contributor, key="CLOSED")
        closed.closed_on = date(2026, 3, 18)
        assign_directly(closed.id, helper.id, cast.contributor.id, 40)
        left, aide = second_program(cast, cast.contributor, key="LEFT")
        assign_directly(left.id, aide.id, cast.contributor.id, 40)
        db.session.query(Membership).filter_by(program_id=left.id).delete()
        db.session.flush()
        tomek = of_tomek(cast)
        # Closed on the Wednesday of the second week.
        assert [load.percent for load in tomek.loads[:3]] == [100, 84, 60]
        assert [place.key for place in tomek.initiatives] == ["ALFA"]

    def test_who_owns_items_without_a_role_is_listed_with_no_load(self, cast: Cast) -> None:
        add_item(cast.manager.actor, cast.program_id, ItemDraft("Map", owner_id=cast.contributor.id))
        tomek = of_tomek(cast)
        assert [load.percent for load in tomek.loads] == [0] * 13
        assert [place.key for place in tomek.initiatives] == ["ALFA"]
        assert {load.level for load in tomek.loads} == {"none"}

    def test_initiatives_are_programs_with_a_current_role_or_open_items(self, cast: Cast) -> None:
        (role,) = make_roles(cast, "data_analyst")
        give(cast, role, cast.contributor.id)
        for number in range(3):
            beta, helper = second_program(cast, cast.contributor, key=f"P{number}", name=f"P {number}")
            # One with a role that is over, and an open item; one with a role to come; one with a current role.
            days = ({"ends_on": TODAY - timedelta(days=1)}, {"starts_on": TODAY + timedelta(days=1)}, {})[number]
            assign_directly(beta.id, helper.id, cast.contributor.id, 5, **days)
            if number == 0:
                db.session.add(
                    WorkItem(
                        program_id=beta.id,
                        number=1,
                        title="Open",
                        title_folded="open",
                        kind="task",
                        owner_id=cast.contributor.id,
                    )
                )
        db.session.flush()
        tomek = of_tomek(cast, cast.admin)
        assert [place.key for place in tomek.initiatives] == ["ALFA", "P0", "P2"]
        assert not tomek.too_many
        item = db.session.query(WorkItem).one()
        change_item(cast.admin.actor, item, {"status": "done"}, seen=None)
        assert [place.key for place in of_tomek(cast, cast.admin).initiatives] == ["ALFA", "P2"]

    def test_more_than_three_initiatives_are_flagged(self, cast: Cast) -> None:
        (role,) = make_roles(cast, "data_analyst")
        give(cast, role, cast.contributor.id, share=10)
        for number in range(3):
            assert not of_tomek(cast).too_many
            beta, helper = second_program(cast, cast.contributor, key=f"P{number}", name=f"P {number}")
            assign_directly(beta.id, helper.id, cast.contributor.id, 5)
        assert of_tomek(cast).too_many
        found = workload(cast.manager.actor, cast.program_id, TODAY, MONDAY)
        assert headline(found) == "1 person works on more than three initiatives."


@pytest.mark.usefixtures("context")
class TestReading:
    """What of other programs is shown, and to whom."""

    def test_programs_one_may_not_see_count_and_stay_unnamed(self, cast: Cast) -> None:
        (role,) = make_roles(cast, "data_analyst")
        give(cast, role, cast.contributor.id, share=60)
        beta, helper = second_program(cast, cast.contributor, cast.viewer, key="BETA", name="Beta Shops")
        gamma, aide = second_program(cast, cast.contributor, key="GAMMA", name="Secret Gamma")
        assign_directly(beta.id, helper.id, cast.contributor.id, 20)
        assign_directly(gamma.id, aide.id, cast.contributor.id, 30)
        for reader, seen, words in (
            (cast.manager, ["ALFA"], "ALFA 60%, elsewhere 50%"),
            (cast.viewer, ["ALFA", "BETA"], "ALFA 60%, BETA 20%, elsewhere 30%"),
            (cast.admin, ["ALFA", "BETA", "GAMMA"], "ALFA 60%, GAMMA 30%, BETA 20%"),
            (cast.contributor, ["ALFA", "BETA", "GAMMA"], "ALFA 60%, GAMMA 30%, BETA 20%"),
        ):
            tomek = of_tomek(cast, reader)
            assert tomek.loads[0].percent == 110
            assert [place.key for place in tomek.seen] == seen
            assert len(tomek.seen) + tomek.elsewhere == 3
            assert tomek.loads[0].in_words() == words

    def test_people_of_other_programs_are_nobodys_business(self, cast: Cast) -> None:
        (role,) = make_roles(cast, "data_analyst")
        give(cast, role, cast.contributor.id)
        beta, helper = second_program(cast, cast.stranger)
        assign_directly(beta.id, helper.id, cast.stranger.id, 100)
        assert list(carriers(cast, cast.admin)) == ["Tomek Wójcik"]


def test_the_page_shows_figures_marks_and_words(app: Flask, cast: Cast, browser: Any) -> None:
    with app.app_context(), database.transaction():
        (role,) = make_roles(cast, "data_analyst")
        give(cast, role, cast.contributor.id, share=80, starts_on=date(2026, 1, 1))
        gamma, aide = second_program(cast, cast.contributor, key="GAMMA", name="Secret Gamma")
        assign_directly(gamma.id, aide.id, cast.contributor.id, 30, starts_on=date(2026, 1, 1))
    page = browser(cast.viewer).get("/p/ALFA/team/load?from=2026-03-09").text
    assert 'class="load-cell load-over" title="ALFA 80%, elsewhere 30%"><span>110</span>' in page
    assert "more than a full week" in page
    assert "GAMMA" not in page
    assert "Secret" not in page
    assert "An initiative is a program in which somebody has a current assignment or owns an open item." in page
    assert "GAMMA" in browser(cast.contributor).get("/p/ALFA/team/load?from=2026-03-09").text


@pytest.mark.parametrize("raw", ["", "x", "2026-02-30", "9999-12-31", "0001-01-01", "2026-03-09T00:00", "<script>"])
def test_weeks_nobody_can_show_are_this_week(app: Flask, cast: Cast, browser: Any, raw: str) -> None:
    assert first_monday(raw, TODAY) == MONDAY
    assert browser(cast.viewer).get("/p/ALFA/team/load", query_string={"from": raw}).status_code == 200


def test_any_other_day_gives_its_week() -> None:
    assert first_monday("2026-06-18", TODAY) == date(2026, 6, 15)


def test_names_are_searched_without_case_and_accents(app: Flask, cast: Cast, browser: Any) -> None:
    with app.app_context(), database.transaction():
        (role,) = make_roles(cast, "data_analyst")
        give(cast, role, cast.contributor.id)
    client = browser(cast.viewer)
    assert "Tomek Wójcik" in client.get("/p/ALFA/team/load?q=WOJ").text
    nobody = client.get("/p/ALFA/team/load?q=%25").text
    assert "Nobody found" in nobody
