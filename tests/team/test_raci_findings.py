"""Exactly one accountable role a row: what counts as a gap and as a double, for any letters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from program.team.models import Letter
from program.team.raci_findings import Finding, Tally, accountable, finding, is_letter, tally

ROWS = st.lists(st.lists(st.sampled_from(list(Letter)), max_size=8), max_size=30)


@given(ROWS)
def test_each_row_is_clear_a_gap_or_a_double_and_never_two_of_them(rows: list[list[Letter]]):
    counts = [accountable(letters) for letters in rows]
    found = tally(counts)
    clear = sum(1 for letters in rows if sum(letter.startswith("A") for letter in letters) == 1)
    assert found.rows == len(rows)
    assert found.gaps + found.doubles + clear == found.rows
    assert found.gaps == sum(1 for letters in rows if not any("A" in letter for letter in letters))
    assert found.is_clear == (bool(rows) and clear == len(rows))


@given(st.lists(st.sampled_from(list(Letter)), max_size=6), st.permutations(range(6)))
def test_the_order_of_roles_makes_no_difference(letters: list[Letter], order: list[int]):
    moved = [letters[place] for place in order if place < len(letters)]
    assert finding(accountable(moved)) == finding(accountable(letters))


@given(st.lists(st.sampled_from([Letter.RESPONSIBLE, Letter.CONSULTED, Letter.INFORMED]), max_size=6))
def test_letters_without_an_a_change_no_finding(others: list[Letter]):
    assert finding(accountable([*others])) is Finding.GAP
    assert finding(accountable([*others, Letter.BOTH])) is None
    assert finding(accountable([Letter.ACCOUNTABLE, *others, Letter.BOTH])) is Finding.DOUBLE


def test_a_matrix_without_rows_is_not_clear():
    assert tally([]) == Tally(0, 0, 0)
    assert not tally([]).is_clear


@given(st.text(max_size=3))
def test_only_letters_are_letters(text: str):
    assert is_letter(text) == (text in ("", "R", "A", "AR", "C", "I"))
