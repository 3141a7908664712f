"""The directory of the instance: administrators find, invite, correct and close; nobody else knows it is there."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.people.models import Person
from tests.cast import Cast


def crowd(app: Flask, size: int) -> None:
    """Add that many people in one statement."""
    rows = [
        {
            "email": f"osoba{number}@firma.example",
            "name": f"Osoba {number:04}",
            "name_folded": f"osoba {number:04}",
            "session_key": "x",
            "is_active": number % 10 != 0,
        }
        for number in range(size)
    ]
    with app.app_context(), database.transaction():
        db.session.execute(insert(Person), rows)


def test_the_list_costs_the_same_for_five_and_for_two_thousand(app: Flask, cast: Cast, browser: Any, statements: Any):
    client = browser(cast.admin)
    with statements() as few:
        client.get("/people")
    crowd(app, 2000)
    with statements() as many:
        page = client.get("/people?page=2").text
    assert len(many) == len(few) <= 12
    assert "2,005 people" in page
    assert page.count("<tr>") == 51
    assert client.get("/people?page=999999").status_code == 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [("q=LOS", {"Wanda Łoś"}), ("q=obcy%40", {"Obcy Człowiek"}), ("group=admins", {"Ada Admin"}), ("q=%25", set())],
)
def test_people_are_found(cast: Cast, browser: Any, query: str, expected: set[str]):
    page = browser(cast.admin).get(f"/people?{query}").text
    body = page.split("<tbody>")[1].split("</tbody>")[0] if "<tbody>" in page else ""
    names = {member.name for member in (cast.manager, cast.contributor, cast.viewer, cast.stranger, cast.admin)}
    assert {name for name in names if name in body} == expected


def test_nobody_else_knows_it_is_there(cast: Cast, browser: Any):
    for member in (cast.manager, cast.stranger):
        client = browser(member)
        assert 'href="/people"' not in client.get("/me").text
        for method, path in (
            ("GET", "/people"),
            ("GET", "/people/invite"),
            ("POST", "/people/invite"),
            ("GET", f"/people/{cast.admin.id}"),
            ("POST", f"/people/{cast.admin.id}"),
            ("POST", f"/people/{member.id}/admin"),
            ("POST", f"/people/{cast.admin.id}/active"),
            ("POST", f"/people/{cast.admin.id}/link"),
        ):
            data = {"confirmed": "1", "value": "1"} if method == "POST" else None
            assert client.open(path, method=method, data=data).status_code == 404, (method, path)


def test_inviting_correcting_closing_and_opening(app: Flask, cast: Cast, browser: Any):
    client = browser(cast.admin)
    assert 'href="/people"' in client.get("/me").text
    shown = client.post("/people/invite", data={"email": "nowa@x.example", "name": "Nowa", "locale": "pl"})
    assert "/sign-in/" in shown.text
    with app.app_context():
        nowa = db.session.scalars(select(Person).where(Person.email == "nowa@x.example")).one().id
    path = f"/people/{nowa}"
    assert "has not come yet" in client.get(path).text
    assert client.post(path, data={"name": "Nowa", "email": "MARIA@alfa.example", "revision": "1"}).status_code == 422
    assert client.post(path, data={"name": "Nowa B", "email": "nb@x.example", "revision": "1"}).status_code == 303
    assert client.post(path, data={"name": "Nowa C", "email": "nc@x.example", "revision": "1"}).status_code == 409
    assert "signed out everywhere" in client.post(f"{path}/active", data={"value": "0"}).text
    assert client.post(f"{path}/active", data={"value": "0", "confirmed": "1"}).status_code == 303
    assert "account is closed" in client.get(path).text
    client.post(f"{path}/link")
    assert "account is closed" in client.get(path).text
    client.post(f"{path}/active", data={"value": "1"})
    assert "see and manage every program" in client.post(f"{path}/admin", data={"value": "1"}).text
    client.post(f"{path}/admin", data={"value": "1", "confirmed": "1"})
    with app.app_context():
        entries = db.session.scalars(
            select(AuditEntry.verb).where(AuditEntry.object_id == nowa).order_by(AuditEntry.id)
        ).all()
    assert entries == [
        "person.created",
        "person.link_made",
        "person.changed",
        "person.deactivated",
        "person.reactivated",
        "person.made_admin",
    ]


def test_closing_names_the_programs_left_without_a_manager(cast: Cast, browser: Any):
    asked = browser(cast.admin).post(f"/people/{cast.manager.id}/active", data={"value": "0"}).text
    assert "no manager left but the administrators: Alfa Bank omnichannel" in asked


def test_the_last_administrator_is_told_why_not(cast: Cast, browser: Any):
    client = browser(cast.admin)
    client.post(f"/people/{cast.admin.id}/admin", data={"value": "0", "confirmed": "1"})
    assert "last administrator" in client.get("/people").text


def test_a_person_who_is_not_there(cast: Cast, browser: Any):
    client = browser(cast.admin)
    for method, path in (("GET", ""), ("POST", ""), ("POST", "/link"), ("POST", "/admin"), ("POST", "/active")):
        assert client.open(f"/people/999999{path}", method=method).status_code == 404
    assert client.get("/people/99999999999999999999").status_code == 404
