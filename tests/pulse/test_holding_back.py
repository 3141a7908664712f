"""What may be told: however parts fall out, no number of people below the limit can be computed."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from program.pulse.holding_back import may_tell_whole, tellable

COUNTS = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), st.integers(0, 14), max_size=8)
LEAST = st.integers(3, 12)


def derivable(counts: dict[str, int], told: frozenset[str], whole: bool) -> set[int]:
    """The sizes of all sets of answers that somebody can compute by adding and subtracting what is told.

    Parts do not overlap, so every set there is comes from a choice of parts told, or from the whole without a choice.
    """
    sizes = set()
    for size in range(len(told) + 1):
        for chosen in combinations(sorted(told), size):
            inside = sum(counts[part] for part in chosen)
            if chosen:
                sizes.add(inside)
            if whole:
                sizes.add(sum(counts.values()) - inside)
    return sizes - {0}


@given(COUNTS, LEAST)
def test_nothing_below_the_limit_can_be_computed(counts: dict[str, int], least: int):
    told = tellable(counts, least)
    assert all(size >= least for size in derivable(counts, told, may_tell_whole(counts, least)))


@given(COUNTS, LEAST)
def test_parts_that_nobody_answered_in_change_nothing(counts: dict[str, int], least: int):
    assert tellable({**counts, "empty": 0}, least) == tellable(counts, least)


@given(COUNTS, LEAST)
def test_when_every_part_is_large_enough_every_part_is_told(counts: dict[str, int], least: int):
    large = {part: count for part, count in counts.items() if count >= least}
    assert tellable(large, least) == frozenset(large)


@given(COUNTS, LEAST)
def test_no_more_than_needed_is_held_back(counts: dict[str, int], least: int):
    """Telling any part that was held back, beside the others, would give something away, or the part is too small."""
    told = tellable(counts, least)
    for part in sorted(set(counts) - told):
        if counts[part] == 0:
            continue
        more = told | {part}
        left_over = sum(count for name, count in counts.items() if name not in more)
        assert counts[part] < least or 0 < left_over < least


@given(COUNTS, LEAST)
def test_a_higher_limit_never_tells_more_people(counts: dict[str, int], least: int):
    def people(limit: int) -> int:
        return sum(counts[part] for part in tellable(counts, limit))

    assert people(least + 1) <= people(least)


def test_one_small_part_takes_the_smallest_large_one_with_it():
    counts = {"chat": 9, "phone": 6, "shop": 2}
    assert tellable(counts, 5) == {"chat"}
    assert tellable({**counts, "shop": 5}, 5) == {"chat", "phone", "shop"}
    # Two small parts hide each other.
    assert tellable({**counts, "app": 3}, 5) == {"chat", "phone"}


def test_the_whole_is_held_back_too():
    assert not may_tell_whole({"chat": 2, "phone": 2}, 5)
    assert may_tell_whole({"chat": 2, "phone": 3}, 5)
