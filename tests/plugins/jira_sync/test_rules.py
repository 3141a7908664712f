"""The rules of the plugin, as pure functions: merging of three sides, statuses and steps, texts there and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.jira_sync.merging import Direction, Rule, merge
from plugins.jira_sync.statuses import RemoteStatus, Transition, meaning, step
from plugins.jira_sync.text import LONGEST, cut, to_markdown, to_wiki

VALUES = st.sampled_from(["", "a", "b", "c"])
BOTH = {"x": Direction.BOTH}


def equal(_name: str, ours: Any, theirs: Any) -> bool:
    return bool(ours == theirs)


@given(VALUES, VALUES, VALUES, st.sampled_from(Rule))
def test_a_field_changed_on_one_side_goes_to_the_other_and_on_both_is_a_conflict(
    base: str, here: str, there: str, rule: Rule
) -> None:
    merged = merge({"x": (base, base)}, {"x": here}, {"x": there}, BOTH, rule, equal)
    if here == there:
        assert merged.is_quiet
        assert not merged.conflicts
    elif here == base:
        assert (merged.to_here, merged.to_there) == ({"x": there}, {})
    elif there == base:
        assert (merged.to_here, merged.to_there) == ({}, {"x": here})
    else:
        (conflict,) = merged.conflicts
        assert (conflict.here, conflict.there) == (here, there)
        expected = {Rule.JIRA: ({"x": there}, {}), Rule.PROGRAM: ({}, {"x": here}), Rule.ASK: ({}, {})}
        assert (merged.to_here, merged.to_there) == expected[rule]


@given(VALUES, VALUES, VALUES, st.sampled_from(list(Direction)))
def test_a_direction_lets_nothing_go_the_other_way(base: str, here: str, there: str, direction: Direction) -> None:
    merged = merge({"x": (base, base)}, {"x": here}, {"x": there}, {"x": direction}, Rule.JIRA, equal)
    if direction in (Direction.TO_JIRA, Direction.OFF):
        assert not merged.to_here
    if direction in (Direction.FROM_JIRA, Direction.OFF):
        assert not merged.to_there


def test_what_jira_makes_of_a_text_is_no_change_of_theirs() -> None:
    base = {"x": ("a  b", "a b")}
    assert merge(base, {"x": "a  b"}, {"x": "a b"}, BOTH, Rule.JIRA, equal).is_quiet


def test_without_a_base_the_empty_side_is_filled() -> None:
    merged = merge({}, {"x": ""}, {"x": "theirs"}, BOTH, Rule.ASK, equal)
    assert (merged.to_here, merged.conflicts) == ({"x": "theirs"}, ())


@pytest.mark.parametrize(
    ("name", "category", "resolution", "expected"),
    [
        ("To Do", "new", "", "todo"),
        ("In Review", "indeterminate", "", "doing"),
        ("Done", "done", "Done", "done"),
        ("Cancelled", "done", "", "dropped"),
        ("Duplikat", "done", "", "dropped"),
        ("Done", "done", "Won't Do", "dropped"),
        ("On Hold", "indeterminate", "", "blocked"),
        ("Weird", "undefined", "", "todo"),
    ],
)
def test_a_status_means_what_its_category_says_unless_its_name_says_better(
    name: str, category: str, resolution: str, expected: str
) -> None:
    assert meaning(RemoteStatus(name, category, resolution), {}) == expected
    assert meaning(RemoteStatus(name, category, resolution), {name.upper(): "blocked"}) == "blocked"


def test_a_step_is_taken_only_to_what_is_meant() -> None:
    done = Transition("3", "Close", RemoteStatus("Closed", "done"))
    asking = Transition("1", "Resolve", RemoteStatus("Done", "done"), ("resolution",))
    going = Transition("2", "Start", RemoteStatus("In Progress", "indeterminate"))
    assert step([asking, done, going], "done", {}) is done
    assert step([asking, done, going], "done", {"Done": "done"}) is asking
    assert step([going], "done", {}) is None
    assert step([going], "blocked", {}) is going
    assert step([done], "dropped", {}) is None


# Code has no escape in wiki text, so nothing that could end it stands beside code.
WORD = st.text("abżó1.#~|[]!\\", min_size=1, max_size=6)
MARKED = st.sampled_from(
    ["**bold**", "*it*", "~~gone~~", "`co de`", "[a b](https://x.example/q_r)", "https://x.example/a_b"]
)
LINE = st.lists(st.one_of(WORD, MARKED), min_size=1, max_size=4).map(lambda parts: " ".join(("so", *parts)))
BLOCK = st.one_of(
    LINE,
    LINE.map(lambda line: f"## {line}"),
    st.lists(LINE, min_size=1, max_size=3).map(lambda lines: "\n".join(f"- {line}" for line in lines)),
    st.lists(LINE, min_size=1, max_size=3).map(
        lambda lines: "\n".join(f"{n}. word {x}" for n, x in enumerate(lines, 1))
    ),
    LINE.map(lambda line: f"> {line}"),
    st.just("```py\nx = 1 * 2\n```"),
    st.just("| a | b |\n|---|---|\n| 1 | **2** |"),
)


@settings(max_examples=150)
@given(st.lists(BLOCK, max_size=4).map("\n\n".join))
def test_a_text_that_went_to_jira_and_back_goes_there_the_same_again(markdown: str) -> None:
    wiki = to_wiki(markdown)
    assert to_wiki(to_markdown(wiki)) == wiki


@pytest.mark.parametrize(
    ("markdown", "wiki"),
    [
        ("# Plan\n\nA **bold** *word*, `x = 1`", "h1. Plan\n\nA *bold* _word_, {{x = 1}}"),
        ("- a\n- b\n  1. c", "* a\n* b\n*# c"),
        ("> said\n\n---", "{quote}\nsaid\n{quote}\n\n----"),
        ("[CRM](https://crm.example/a_b)", "[CRM|https://crm.example/a_b]"),
        ("2*3*4", "2{_}3{_}4"),
        ("```sql\nselect 1\n```", "{code:sql}\nselect 1\n{code}"),
    ],
)
def test_what_both_know_is_the_same_thing_in_both(markdown: str, wiki: str) -> None:
    assert to_wiki(markdown) == wiki
    assert to_wiki(to_markdown(wiki)) == wiki


def test_a_text_longer_than_jira_takes_is_cut_and_says_so() -> None:
    shown = cut("word " * 40_000, "(It goes on.)")
    assert len(shown) <= LONGEST
    assert shown.endswith("(It goes on.)")
