"""Secrets at rest: unreadable without the key, told apart from nothing else, and refused when the key has changed."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from program import create_app
from program.ground.sealing import CannotUnseal, seal, unseal
from program.settings import Settings

bare = create_app(Settings(secret_key="one key"))
other = create_app(Settings(secret_key="another key"))


@given(st.text(max_size=300))
def test_what_was_sealed_can_be_opened_with_the_same_key(secret: str):
    with bare.app_context():
        assert unseal(seal(secret)) == secret


def test_nothing_of_a_secret_shows_and_twice_is_not_the_same(app: Flask):
    with app.app_context():
        first, second = seal("hasło do poczty"), seal("hasło do poczty")
    assert first != second
    assert "poczty" not in first + second


def test_another_key_opens_nothing_and_says_what_to_do():
    with bare.app_context():
        sealed = seal("hasło")
    with other.app_context(), pytest.raises(CannotUnseal, match="Enter the secret again"):
        unseal(sealed)


@pytest.mark.parametrize("nonsense", ["", "plain text", "gAAAAA", "żółw"])
def test_what_was_never_sealed_is_refused(nonsense: str):
    with bare.app_context(), pytest.raises(CannotUnseal):
        unseal(nonsense)
