"""`milepost user`: from the console, with sentences instead of tracebacks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from program.cli import main
from program.extensions import db
from program.people.models import Person
from tests.cast import Cast


@pytest.fixture
def milepost(app: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command on the tests' database."""
    monkeypatch.setenv("MILEPOST_DATABASE_URL", database_url)
    monkeypatch.setenv("MILEPOST_SECRET_KEY", "a key for tests only")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    return run


def test_adding_prints_an_invitation_that_works(app: Flask, milepost: Callable[..., Result], browser: Any):
    result = milepost("user", "add", "Ada@Firma.example", "--name", "Ada  Nowak", "--admin", "--locale", "pl")
    assert result.exit_code == 0
    url = result.output.strip().splitlines()[-1]
    assert url.startswith("http://127.0.0.1:8000/sign-in/")
    with app.app_context():
        person = db.session.scalars(db.select(Person)).one()
        assert (person.email, person.name, person.is_admin, person.locale) == (
            "ada@firma.example",
            "Ada Nowak",
            True,
            "pl",
        )
    client = browser()
    path = url.removeprefix("http://127.0.0.1:8000")
    assert client.post(path, data={"name": "Ada Nowak", "locale": "pl"}).status_code == 303


def test_links_are_built_from_the_address_people_use(
    cast: Cast, milepost: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MILEPOST_BASE_URL", "https://milepost.firma.example/")
    assert milepost("user", "link", cast.viewer.email).output.startswith("https://milepost.firma.example/sign-in/")
    result = milepost("user", "link", cast.viewer.email, "--base-url", "http://10.0.0.5:8000/mp")
    assert result.output.startswith("http://10.0.0.5:8000/mp/sign-in/")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("user", "add", "maria@alfa.example", "--name", "Maria"), "Somebody has this e-mail already"),
        (("user", "add", "not an address", "--name", " "), "name: Write a full name."),
        (("user", "add", "x@y.example"), "--name"),
        (("user", "add", "x@y.example", "--name", "X", "--locale", "de"), "'de' is not one of"),
        (("user", "link", "nobody@x.example"), "milepost user list"),
        (("user", "link", "maria@alfa.example", "--base-url", "firma.example"), "write the whole address"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    cast: Cast, milepost: Callable[..., Result], arguments: tuple[str, ...], told: str
):
    result = milepost(*arguments)
    assert result.exit_code != 0
    assert told in result.output
    assert "Traceback" not in result.output


def test_the_list_is_for_people_and_for_programs(cast: Cast, milepost: Callable[..., Result]):
    text = milepost("user", "list").output
    assert "maria@alfa.example" in text
    assert "(administrator, invited, has not come yet)" in text
    people = json.loads(milepost("user", "list", "--json").output)
    assert len(people) == 5
    assert set(people[0]) == {"email", "name", "locale", "is_admin", "is_active", "joined_at"}
    assert "Wanda Łoś" in {person["name"] for person in people}


def test_an_empty_instance_says_how_to_begin(app: Flask, milepost: Callable[..., Result]):
    assert "milepost user add EMAIL --name NAME --admin" in milepost("user", "list").output
