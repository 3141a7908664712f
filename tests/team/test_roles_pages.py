"""The pages of roles and assignments, as people of the cast see them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from program.extensions import db
from program.ground import database
from program.team.models import Assignment, ProgramRole
from tests.cast import Cast
from tests.team.crew import give, make_roles


@pytest.fixture
def team(app: Flask, cast: Cast) -> dict[str, int]:
    """Two roles: the manager's with Maria in it, and the analyst's, which is required and vacant."""
    with app.app_context(), database.transaction():
        manager, analyst = make_roles(
            cast, "omnichannel_manager", "data_analyst", required=("omnichannel_manager", "data_analyst")
        )
        given = give(cast, manager, cast.manager.id, share=80)
        return {"manager": manager.id, "analyst": analyst.id, "given": given.id}


def test_without_roles_the_page_offers_the_first_step(cast: Cast, browser: Any) -> None:
    page = browser(cast.manager).get("/p/ALFA/team").text
    assert "No roles yet" in page
    assert "/p/ALFA/team/roles/catalogue" in page
    assert "/p/ALFA/team/roles/catalogue" not in browser(cast.viewer).get("/p/ALFA/team").text


@pytest.mark.parametrize("who", ["manager", "contributor", "viewer"])
def test_everybody_of_the_program_reads_it(team: dict[str, int], cast: Cast, browser: Any, who: str) -> None:
    client = browser(getattr(cast, who))
    for path in (
        "/p/ALFA/team",
        f"/p/ALFA/team/roles/{team['analyst']}",
        "/p/ALFA/team/load",
        f"/p/ALFA/team/people/{cast.manager.id}",
    ):
        assert client.get(path).status_code == 200, path


def test_the_vacancy_stands_first(team: dict[str, int], cast: Cast, browser: Any) -> None:
    page = browser(cast.viewer).get("/p/ALFA/team").text
    assert "Nobody plays a required role: Data analyst." in page
    assert page.index("Vacancies") < page.index("All roles")


def test_only_managers_shape_the_team(team: dict[str, int], cast: Cast, browser: Any) -> None:
    for who in (cast.contributor, cast.viewer):
        client = browser(who)
        for path in (
            "/p/ALFA/team/roles/new",
            "/p/ALFA/team/roles/catalogue",
            f"/p/ALFA/team/roles/{team['analyst']}/edit",
            "/p/ALFA/team/assignments/new",
            f"/p/ALFA/team/assignments/{team['given']}/edit",
            f"/p/ALFA/team/assignments/{team['given']}/end",
            "/p/ALFA/team/import",
        ):
            assert client.get(path).status_code == 403, path


def test_roles_are_taken_over_from_the_catalogue(app: Flask, cast: Cast, browser: Any) -> None:
    client = browser(cast.manager)
    page = client.get("/p/ALFA/team/roles/catalogue").text
    assert 'id="role-product_owner" value="product_owner" checked' in page
    assert 'id="role-super_user" value="super_user">' in page
    sent = {"role": ["product_owner", "compliance"], "required": ["product_owner"]}
    assert client.post("/p/ALFA/team/roles/catalogue", data=sent).status_code == 303
    with app.app_context():
        rows = db.session.query(ProgramRole).order_by(ProgramRole.position).all()
        assert [(row.key, row.is_required, row.share_low) for row in rows] == [
            ("product_owner", True, 50),
            ("compliance", False, 5),
        ]
    assert client.post("/p/ALFA/team/roles/catalogue", data={"role": ["boss"]}).status_code == 422


def test_an_own_role_is_added_changed_and_removed(app: Flask, cast: Cast, browser: Any) -> None:
    client = browser(cast.manager)
    typed = {"name": "Regional coach <b>", "purpose": "Coaches.", "share_low": "20", "share_high": "40"}
    answer = client.post("/p/ALFA/team/roles/new", data={**typed, "skill_dashboards": "2", "is_required": "y"})
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "Regional coach &lt;b&gt;" in page
    assert "Regional coach <b>" not in page
    with app.app_context():
        role = db.session.query(ProgramRole).one()
        assert (role.key, role.skills, role.is_required) == ("regional_coach_b", {"dashboards": 2}, True)
        role_id = role.id
    at = f"/p/ALFA/team/roles/{role_id}"
    assert client.post(f"{at}/edit", data={**typed, "name": "Coach", "revision": "1"}).status_code == 303
    assert client.post(f"{at}/edit", data={**typed, "name": "Other", "revision": "1"}).status_code == 409
    asked = client.post(f"{at}/remove", data={"revision": "2"}).text
    assert "The role “Coach” goes." in asked
    assert client.post(f"{at}/remove", data={"revision": "2", "confirmed": "1"}).status_code == 303
    with app.app_context():
        assert db.session.query(ProgramRole).count() == 0


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name", "", "Give it a name."),
        ("name", "x" * 81, "Up to 80 letters."),
        ("share_low", "-1", "Give a share from 0 to 100 percent."),
        ("share_low", "half", "Write a whole number."),
        ("share_high", "101", "Give a share from 0 to 100 percent."),
        ("share_high", "10", "The upper share is below the lower one."),
        ("share_high", "", "Give both shares, or none."),
        ("skill_dashboards", "4", "Not a valid choice"),
        ("responsibilities", "x" * 4001, "Up to 4000 letters."),
    ],
)
def test_bad_input_is_told_beside_the_field(
    app: Flask, cast: Cast, browser: Any, field: str, value: str, told: str
) -> None:
    typed = {"name": "Coach", "share_low": "20", "share_high": "40", field: value}
    answer = browser(cast.manager).post("/p/ALFA/team/roles/new", data=typed)
    assert answer.status_code == 422
    assert told in answer.text
    with app.app_context():
        assert db.session.query(ProgramRole).count() == 0


def test_a_role_is_given_changed_ended_and_taken_away(
    app: Flask, team: dict[str, int], cast: Cast, browser: Any
) -> None:
    client = browser(cast.manager)
    at = "/p/ALFA/team/assignments"
    form = client.get(f"{at}/new?role={team['analyst']}&person={cast.contributor.id}").text
    assert 'value="Tomek Wójcik"' in form
    typed = {"role_id": str(team["analyst"]), "person": "tomek wojcik", "share": "60", "starts_on": "2026-03-02"}
    answer = client.post(f"{at}/new", data=typed)
    assert answer.status_code == 303, answer.text
    with app.app_context():
        row = db.session.query(Assignment).filter_by(role_id=team["analyst"]).one()
        assert (row.person_id, row.share, row.ends_on) == (cast.contributor.id, 60, None)
    changed = {"share": "70", "starts_on": "2026-03-02", "revision": "1", "note": "Mondays to Thursdays"}
    assert client.post(f"{at}/{row.id}/edit", data=changed).status_code == 303
    assert client.post(f"{at}/{row.id}/end", data={"ends_on": "2026-02-01", "revision": "2"}).status_code == 422
    assert client.post(f"{at}/{row.id}/end", data={"ends_on": "2026-05-29", "revision": "2"}).status_code == 303
    assert "as if it had never been" in client.post(f"{at}/{row.id}/remove", data={"revision": "3"}).text
    assert client.post(f"{at}/{row.id}/remove", data={"revision": "3", "confirmed": "1"}).status_code == 303
    with app.app_context():
        assert db.session.query(Assignment).filter_by(role_id=team["analyst"]).count() == 0


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("share", "0", "Give a share from 1 to 100 percent."),
        ("share", "101", "Give a share from 1 to 100 percent."),
        ("share", "999999999999", "Write a whole number."),
        ("share", "", "Give a share from 1 to 100 percent."),
        ("starts_on", "2026-02-30", "Write a day that exists"),
        ("starts_on", "9999-01-01", "Give a day between 2000 and 2099."),
        ("ends_on", "2026-03-01", "The last day lies before the first one."),
        ("person", "", "Say who."),
        ("person", "Obcy Człowiek", "Nobody in this program has this name or e-mail."),
        ("person", "<script>alert(1)</script>", "Nobody in this program has this name or e-mail."),
        ("role_id", "0", "Choose a role of this program."),
        ("role_id", "x", "Choose a role of this program."),
        ("note", "x" * 301, "Up to 300 letters."),
    ],
)
def test_a_wrong_assignment_is_told_beside_the_field(
    app: Flask, team: dict[str, int], cast: Cast, browser: Any, field: str, value: str, told: str
) -> None:
    typed = {
        "role_id": str(team["analyst"]),
        "person": cast.contributor.email,
        "share": "60",
        "starts_on": "2026-03-02",
    }
    answer = browser(cast.manager).post("/p/ALFA/team/assignments/new", data={**typed, field: value})
    assert answer.status_code == 422
    assert told in answer.text
    assert "<script>alert" not in answer.text
    with app.app_context():
        assert db.session.query(Assignment).count() == 1


def test_a_change_can_be_taken_back(app: Flask, team: dict[str, int], cast: Cast, browser: Any) -> None:
    client = browser(cast.manager)
    sent = {"share": "40", "starts_on": "2026-03-02", "revision": "1"}
    page = client.post(f"/p/ALFA/team/assignments/{team['given']}/edit", data=sent, follow_redirects=True).text
    undo = page.partition('class="toast-note')[2].partition('action="')[2].partition('"')[0]
    assert client.post(undo).status_code == 303
    with app.app_context():
        assert db.session.get_one(Assignment, team["given"]).share == 80


def test_people_outside_the_program_have_no_page_in_it(team: dict[str, int], cast: Cast, browser: Any) -> None:
    client = browser(cast.manager)
    assert client.get(f"/p/ALFA/team/people/{cast.stranger.id}").status_code == 404
    assert client.get("/p/ALFA/team/people/999999").status_code == 404
    assert browser(cast.stranger).get(f"/p/ALFA/team/people/{cast.manager.id}").status_code == 404
