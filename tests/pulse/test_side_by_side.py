"""Rounds side by side: no answers of fewer people than the limit follow from what was told before and now."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from program.pulse import roster
from program.pulse.side_by_side import Earlier, told_beside
from tests.pulse.attacker import Shown, leaks

PARTS = ("", "a", "b", "c", "d")
# A person of the story: the part they are in and what they answer, week by week; None where they are not asked at all,
# 0 where they do not answer.
Week = tuple[str, int] | None


@st.composite
def lives(draw: st.DrawFn) -> list[list[Week]]:
    """People over two to four weeks: most stay and answer as before; some move, join, leave, fall silent or change."""
    weeks = draw(st.integers(2, 3))
    people = []
    for part in draw(st.lists(st.sampled_from(PARTS), min_size=4, max_size=18)):
        now: Week = (part, draw(st.sampled_from((1, 2, 5, 5, 0))))
        life: list[Week] = []
        for _week in range(weeks):
            match draw(st.sampled_from("sssssssssmjlac")):
                case "m" if now:
                    now = (draw(st.sampled_from(PARTS)), now[1])
                case "l":
                    now = None
                case "j":
                    now = (part, draw(st.integers(0, 5)))
                case "a" if now:
                    now = (now[0], draw(st.integers(0, 5)))
            life.append(now)
        people.append(life)
    return people


def told(people: list[list[Week]], limits: list[int], by_part: list[bool]) -> list[Shown]:
    """What each week shows, by the room's own rules; the turnover is counted as the room counts it."""
    shown: list[Shown] = []
    kept: list[dict[str, Any]] = []
    before: dict[int, str] = {}
    for week in range(len(people[0])):
        asked: dict[int, str] = {}
        parts: dict[str, Counter[int]] = {}
        for number, life in enumerate(people):
            one = life[week]
            if one is not None:
                asked[number] = one[0] if by_part[week] else ""
                if one[1]:
                    parts.setdefault(asked[number], Counter())[one[1]] += 1
        kept.append(turnover(before, asked))
        before = asked
        earlier = [
            Earlier(whole, shown[past].parts, kept[past]["asked"], *roster.added_up(kept[past + 1 :]))
            for past in range(week - 1, -1, -1)
            if (whole := shown[past].whole) is not None
        ]
        found = told_beside(parts, kept[-1]["asked"], limits[week], earlier)
        shown.append(
            Shown(
                {part: frozenset(one for one in asked if asked[one] == part) for part in PARTS},
                None if found is None else sum(parts.values(), Counter()),
                {part: parts[part] for part in found or ()},
            )
        )
    return shown


def turnover(before: dict[int, str], now: dict[int, str]) -> dict[str, Any]:
    """As `roster.take` keeps it."""
    parts: dict[str, list[int]] = {}
    for number in {*before, *now}:
        was, is_in = before.get(number), now.get(number)
        if was != is_in:
            for part, place in ((is_in, 0), (was, 1)):
                if part is not None:
                    parts.setdefault(part, [0, 0])[place] += 1
    asked = dict(Counter(now.values()))
    return {"asked": asked, "all": [len(now.keys() - before.keys()), len(before.keys() - now.keys())], "parts": parts}


@settings(max_examples=60)
@given(
    lives(),
    st.integers(3, 6),
    st.lists(st.integers(0, 3), min_size=4, max_size=4),
    st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_no_few_answers_follow_from_any_rounds_together(
    people: list[list[Week]], least: int, raises: list[int], without: list[bool]
):
    limits = [least + sum(raises[: week + 1]) for week in range(4)]
    shown = told(people, limits, [not (one and number) for number, one in enumerate(without)])
    assert leaks(shown, least) == []


def test_one_leaver_in_a_steady_team_holds_the_score_back_until_others_change():
    team: list[list[Week]] = [[("a", 4)] * 3 for _ in range(7)] + [[("a", 2)] * 3 for _ in range(4)]
    steady = told([*team, [("a", 1)] * 3], [5] * 3, [True] * 3)
    assert [one.whole is not None for one in steady] == [True, True, True]
    leaver: list[Week] = [("a", 1), None, None]
    left = told([*team, leaver], [5] * 3, [True] * 3)
    # What was told the week before, less what would be told now, is the leaver's answer.
    assert [one.whole is not None for one in left] == [True, False, False]
    # Somebody who stayed answers otherwise: nobody can tell the one from the other any more.
    team[0] = [("a", 4), ("a", 5), ("a", 5)]
    assert [one.whole is not None for one in told([*team, leaver], [5] * 3, [True] * 3)] == [True, True, True]


def test_what_is_known_of_nobody_is_held_back_when_little_differs():
    twelve, eleven = {"a": Counter({4: 11, 1: 1})}, {"a": Counter({4: 11})}
    before = [Earlier(twelve["a"], {}, {}, *roster.added_up([None]))]
    assert told_beside(eleven, {"a": 11}, 5, before) is None
    assert told_beside(twelve, {"a": 12}, 5, before) == {"a"}


def test_many_parts_are_compared_as_few_are():
    parts = {f"p{number}": Counter({3: 6 + number % 3}) for number in range(12)}
    asked = {part: sum(counts.values()) for part, counts in parts.items()}
    whole = sum(parts.values(), Counter())
    before = [Earlier(whole, parts, asked, *roster.added_up([{"all": [0, 0], "parts": {}}]))]
    assert told_beside(parts, asked, 5, before) == set(parts)
    fewer = {**parts, "p3": parts["p3"] - Counter({3: 1})}
    gone = [Earlier(whole, parts, asked, *roster.added_up([{"all": [0, 1], "parts": {"p3": [0, 1]}}]))]
    assert told_beside(fewer, {**asked, "p3": asked["p3"] - 1}, 5, gone) is None
    # Moved to another part: everybody together stays as it was, and the two parts go.
    moved = {**fewer, "p4": parts["p4"] + Counter({3: 1})}
    changed = {"all": [0, 0], "parts": {"p3": [0, 1], "p4": [1, 0]}}
    found = told_beside(moved, asked, 5, [Earlier(whole, parts, asked, *roster.added_up([changed]))])
    assert found is not None
    assert not {"p3", "p4"} & found
    assert len(found) >= 9
