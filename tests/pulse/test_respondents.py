"""Names of people in a round: the same for the same person, nobody's without both keys."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from program.pulse.respondents import new_secret, respondent

SECRET = st.binary(min_size=32, max_size=32)
KEY = st.text(min_size=1, max_size=40)


@given(SECRET, KEY, st.integers(1, 2**31))
def test_a_person_finds_their_answers_again(secret: bytes, key: str, person: int):
    assert respondent(secret, key, person) == respondent(secret, key, person)
    assert len(respondent(secret, key, person)) == 64


@given(SECRET, KEY, st.integers(1, 10_000))
def test_another_person_another_round_or_another_instance_is_another_name(secret: bytes, key: str, person: int):
    mine = respondent(secret, key, person)
    assert mine != respondent(secret, key, person + 1)
    assert mine != respondent(bytes([secret[0] ^ 1]) + secret[1:], key, person)
    assert mine != respondent(secret, key + "x", person)


def test_every_round_has_a_secret_of_its_own():
    assert len({new_secret() for _ in range(100)}) == 100
