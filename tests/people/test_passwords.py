"""Which passwords are refused, with a reason; and that the stand-in for accounts without one costs the same."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from program.ground.errors import Invalid
from program.people import passwords

WHO = {"email": "maria.zielinska@alfa.example", "name": "Maria Zielińska"}


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "at least 12"),
        ("krótkie", "at least 12"),
        ("x" * 201, "at most 200"),
        ("maria.zielinska@alfa.example", "your name or e-mail"),
        ("MariaZielińska", "your name or e-mail"),
        ("Zielinska2026!", "your name or e-mail"),
        ("alfa.maria.1234", "your name or e-mail"),
        ("password1234", "first passwords"),
        ("Password12345!", "first passwords"),
        ("hasło123456789", "first passwords"),
        ("qwertyuiop123", "first passwords"),
        ("123456789012", "first passwords"),
        ("098765432109", "first passwords"),
        ("abcdefghijklm", "first passwords"),
        ("aaaaaaaaaaaaaaa", "first passwords"),
        ("żółwżółwżółw", "first passwords"),
        ("milepostmilepost1", "first passwords"),
        ("            ", "first passwords"),
        ("............", "first passwords"),
    ],
)
def test_what_would_be_guessed_is_refused_with_the_reason(app: Flask, password: str, reason: str):
    with app.test_request_context(), pytest.raises(Invalid) as refused:
        passwords.check(password, **WHO)
    assert reason in str(refused.value.fields["password"])


@pytest.mark.one_database
@pytest.mark.parametrize(
    "password",
    [
        "cztery zielone parasole",
        "correct horse battery staple",
        "Tr0ub4dor&3-Tr1",
        "żółta łódź na jeziorze",
        "🦊🌲🚲🎺🧊🪁🎲🥝🧵🪗🎯🧭",
    ],
)
def test_what_is_long_and_ones_own_is_taken(app: Flask, password: str):
    with app.test_request_context():
        passwords.check(password, **WHO)


@given(st.text(min_size=12, max_size=200), st.text(max_size=254), st.text(max_size=120))
def test_the_check_answers_about_any_text(password: str, email: str, name: str):
    reason = passwords._why_not(password, email, name)
    assert reason is None or hasattr(reason, "_func")


def test_a_hash_fits_its_password_only_and_is_never_the_same_twice():
    kept = passwords.make_hash("cztery zielone parasole")
    assert passwords.matches("cztery zielone parasole", kept) == (True, None)
    assert passwords.matches("cztery zielone parasol", kept) == (False, None)
    assert passwords.make_hash("cztery zielone parasole") != kept
    assert len(kept) <= 200


def test_without_a_hash_the_answer_is_no_after_the_same_work():
    assert passwords.matches("cztery zielone parasole", None) == (False, None)
    parameters = passwords.make_hash("cztery zielone parasole").rsplit("$", 2)[0]
    assert passwords._NOBODYS.rsplit("$", 2)[0] == parameters
    assert not passwords._hasher().current_hasher.check_needs_rehash(passwords._NOBODYS)
