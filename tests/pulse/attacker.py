"""Somebody with patience and linear algebra: what can be computed from all that the pulse ever showed.

Slow and simple on purpose, and it shares no line with the rules it tests. It knows who was asked in every round and in
which part; it does not know who answered. Every figure on show becomes an indicator over the people asked; it adds
and subtracts them in every way, within a round and between two, and looks for a result that rests on fewer answers
than the limit. Between rounds it supposes that whoever was asked in both did the same in both (answered alike, or not
at all), for as long as what it sees does not refute that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

Histogram = Mapping[int, int]


@dataclass(frozen=True)
class Shown:
    """A question of a round as it was shown: who was asked, by part, and the counts of everybody and of parts told."""

    asked: Mapping[str, frozenset[int]]
    whole: Histogram | None
    parts: Mapping[str, Histogram]

    def cells(self) -> list[tuple[frozenset[int], Counter[int]]]:
        """What can be seen apart: each part told with its people, and all others together."""
        if self.whole is None:
            return [(self.asked[part], Counter(counts)) for part, counts in self.parts.items()]
        rest = Counter(self.whole)
        for counts in self.parts.values():
            rest.subtract(counts)
        others = frozenset(chain.from_iterable(people for part, people in self.asked.items() if part not in self.parts))
        return [*((self.asked[part], Counter(counts)) for part, counts in self.parts.items()), (others, rest)]


Choice = tuple[tuple[int, ...], tuple[int, ...]]


def leaks(rounds: Sequence[Shown], least: int) -> list[str]:
    """Every way to compute something from fewer than `least` answers, in words; empty when there is none."""
    found = []
    for number, shown in enumerate(rounds):
        for chosen in _subsets(range(len(shown.cells()))):
            answers = sum(sum(shown.cells()[cell][1].values()) for cell in chosen)
            if 0 < answers < least:
                found.append(f"round {number}: {answers} answers in {chosen}")
    for first, second in combinations(range(len(rounds)), 2):
        found += [f"rounds {first} and {second}: {words}" for words in _between(rounds[first], rounds[second], least)]
    return found


def _between(before: Shown, now: Shown, least: int) -> list[str]:
    """Ways to take some cells of the one round from some of the other."""
    old, new = before.cells(), now.cells()
    fits: dict[Choice, bool] = {}
    small: dict[Choice, str] = {}
    for taken in _subsets(range(len(new))):
        for given in _subsets(range(len(old))):
            came, people_now = _sum([new[cell] for cell in taken])
            went, people_then = _sum([old[cell] for cell in given])
            joined, left = people_now - people_then, people_then - people_now
            change = {answer: came[answer] - went[answer] for answer in {*came, *went}}
            more = sum(count for count in change.values() if count > 0)
            fewer = -sum(count for count in change.values() if count < 0)
            # If nobody else changed, the difference is made of those who joined, less those who left.
            fits[taken, given] = more <= len(joined) and fewer <= len(left)
            # Answers of those who joined and of those who left may hide each other, unless either are used up.
            exact = more == len(joined) or fewer == len(left)
            if exact and (0 < more < least or 0 < fewer < least):
                small[taken, given] = f"+{more} -{fewer} of {sorted(joined)} less {sorted(left)}"
    return [
        f"{choice}: {words}"
        for choice, words in small.items()
        # A part of the same cells that does not fit refutes the supposition for all of them.
        if choice[0] and choice[1] and all(fits[taken, given] for taken, given in _within(choice))
    ]


def _within(choice: Choice) -> list[Choice]:
    return [(taken, given) for taken in _subsets(choice[0]) for given in _subsets(choice[1])]


def _sum(cells: Sequence[tuple[frozenset[int], Counter[int]]]) -> tuple[Counter[int], frozenset[int]]:
    counts: Counter[int] = Counter()
    for _people, found in cells:
        counts.update(found)
    return counts, frozenset(chain.from_iterable(people for people, _found in cells))


def _subsets(items: Sequence[int] | range) -> list[tuple[int, ...]]:
    return list(chain.from_iterable(combinations(items, size) for size in range(len(items) + 1)))
