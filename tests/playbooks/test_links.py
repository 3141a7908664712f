"""Circles among dependencies: found whenever there is one, shown once, and cheaply in any tangle."""

from __future__ import annotations

import itertools
from graphlib import CycleError, TopologicalSorter

from hypothesis import given
from hypothesis import strategies as st

from program.playbooks.links import circles

few = st.sampled_from("abcdef")


@given(st.dictionaries(few, st.lists(few, unique=True, max_size=4)))
def test_a_circle_is_found_exactly_when_no_order_exists(after: dict[str, list[str]]) -> None:
    found = circles(after)
    try:
        TopologicalSorter(after).prepare()
        ordered = True
    except CycleError:
        ordered = False
    assert bool(found) is not ordered
    for circle in found:
        assert circle[0] == circle[-1]
        assert len(set(circle)) == len(circle) - 1
        assert all(earlier in after[item] for item, earlier in itertools.pairwise(circle))
    assert len(set(found)) == len(found)


def test_a_circle_reached_from_several_sides_is_shown_once() -> None:
    assert circles({"x": ["a"], "y": ["a"], "a": ["b"], "b": ["a"]}) == [("a", "b", "a")]


def test_a_ladder_with_a_million_million_paths_is_walked_once() -> None:
    rungs = 500
    after = {f"{side}{n}": [f"l{n + 1}", f"r{n + 1}"] for n in range(rungs) for side in "lr"}
    assert circles(after) == []
