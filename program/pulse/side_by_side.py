"""What of a round may be told beside earlier rounds: the rules against subtracting last week from this week.

Whoever reads two rounds that asked the same question, and knows who joined or left meanwhile, may suppose that all
others answered as before. Where the two results fit that supposition, the difference is what those few said. So what is
told is compared with all that was told before: where joiners and leavers alone could explain a difference of fewer than
`least` answers, it is held back. Where they could not, others answered differently, and nobody can tell the one from
the other. Pure functions on counts; who joined and who left is known as a count only (`roster.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import chain, combinations
from math import inf

from program.ground.records import record
from program.pulse.holding_back import may_tell_whole, tellable

Counts = Mapping[int, int]
# The part of those who are in none; it is never told by itself.
REST = ""


# Up to so many cells (parts told, and what is left over) all sums are compared; of more, those that lie close.
ALL_SUMS_OF = 5


@record
class Turnover:
    """At most so many came into a part and left it, over a stretch of rounds."""

    joined: float = 0
    left: float = 0

    def __add__(self, other: Turnover) -> Turnover:
        return Turnover(self.joined + other.joined, self.left + other.left)


UNKNOWN = Turnover(inf, inf)


@record
class Earlier:
    """What an earlier round told about the question, and who came and went between it and this one.

    `whole` and `parts` (those that were told) are counts by answer, `asked` says how many were asked then, by part. A
    part that is not in `turnover` kept its people; `known` is False where nobody can tell.
    """

    whole: Counts
    parts: Mapping[str, Counts]
    asked: Mapping[str, int]
    everybody: Turnover
    turnover: Mapping[str, Turnover] = field(default_factory=dict)
    known: bool = True

    def of(self, part: str) -> Turnover:
        """Who came into that part and left it, at most."""
        return self.turnover.get(part, Turnover()) if self.known else UNKNOWN


@dataclass(frozen=True, slots=True, eq=False)
class _Cell:
    """Some parts whose counts are known together."""

    parts: frozenset[str]
    counts: Counts
    # A part told by itself; otherwise what is left over.
    is_part: bool = True


_Choice = tuple[tuple[_Cell, ...], tuple[_Cell, ...]]


def told_beside(
    parts: Mapping[str, Counts], asked: Mapping[str, int], least: int, earlier: Sequence[Earlier]
) -> frozenset[str] | None:
    """The parts that may be told, from how often each answer was given in each part; None if not even the whole may.

    `parts` and `asked` hold everybody, those in no part under `REST`. Each part that is told, and what is left over,
    has `least` answers or more, and so has every difference to an earlier round that coming and going could explain.
    """
    sizes = {part: sum(counts.values()) for part, counts in parts.items()}
    if not may_tell_whole(sizes, least):
        return None
    told = set(tellable({part: size for part, size in sizes.items() if part != REST}, least, held=sizes.get(REST, 0)))
    while (found := _leak(parts, asked, told, least, earlier)) is not None:
        cells, one = found
        # Without one of the parts it rests on.
        blamed = {part for cell in cells if cell.is_part for part in cell.parts} or told
        if not blamed:
            return None
        told.discard(min(blamed, key=lambda part: (_is_still(part, parts, one), sizes[part], part)))
        left_over = sum(sizes.values()) - sum(sizes[part] for part in told)
        told &= tellable({part: sizes[part] for part in told}, least, held=left_over)
    return frozenset(told)


def _leak(
    parts: Mapping[str, Counts], asked: Mapping[str, int], told: set[str], least: int, earlier: Sequence[Earlier]
) -> tuple[Sequence[_Cell], Earlier] | None:
    """Cells of this round from which few answers follow, and with which earlier one; None when there are none."""
    now = _cells(_together(parts.values()), {part: parts[part] for part in told}, set(parts) | set(asked))
    for one in earlier:
        then = _cells(one.whole, one.parts, set(one.asked) | set(one.parts) | set(parts) | set(asked))
        if max(len(now), len(then)) <= ALL_SUMS_OF:
            choices = _all_sums(now, then)
        else:
            # What might follow by leaving a cell out are the few who answered there now.
            few = {cell for cell in then if sum(_size(parts, part) for part in cell.parts) < 2 * least}
            choices = _close_sums(now, then, few, least)
        for choice in choices:
            if _gives_away(choice, one, asked, least) and all(
                _explained(within, one, asked) for within in _simpler(choice)
            ):
                return choice[0], one
    return None


def _is_still(part: str, parts: Mapping[str, Counts], one: Earlier) -> bool:
    """Whether a part is as it was: it would hide nothing. Of others the smallest goes first, by name among equals."""
    return one.of(part) == Turnover() and one.parts.get(part) == parts[part]


def _cells(whole: Counts, told: Mapping[str, Counts], everywhere: set[str]) -> list[_Cell]:
    inside = _together(told.values())
    rest = {answer: count - inside.get(answer, 0) for answer, count in whole.items()}
    cells = [_Cell(frozenset([part]), counts) for part, counts in sorted(told.items())]
    return [*cells, _Cell(frozenset(everywhere - set(told)), rest, is_part=False)]


def _all_sums(now: Sequence[_Cell], then: Sequence[_Cell]) -> Iterator[_Choice]:
    for taken in _subsets(now):
        for given in _subsets(then):
            if taken and given:
                yield taken, given


def _close_sums(now: Sequence[_Cell], then: Sequence[_Cell], few: Set[_Cell], least: int) -> Iterator[_Choice]:
    """Each cell, and all together, against the cells of the earlier round that it shares parts with, but for one."""
    for taken in [*((cell,) for cell in now), tuple(now)]:
        parts = frozenset[str]().union(*(cell.parts for cell in taken))
        shared = tuple(cell for cell in then if cell.parts & parts)
        yield taken, shared
        change = _change((taken, shared))
        for left_out in shared if len(shared) > 1 else ():
            # Looked at in full only where it may matter: there may be hundreds of cells.
            if left_out in few and _is_small(_together((change, left_out.counts)), least):
                yield taken, tuple(cell for cell in shared if cell is not left_out)
    both = tuple(cell for cell in now if any(cell.parts == one.parts for one in then))
    new = tuple(cell for cell in now if cell.is_part and cell not in both)
    if new:
        yield new, tuple(cell for cell in then if not cell.is_part)


def _simpler(choice: _Choice) -> Iterator[_Choice]:
    """Sums of some of the same cells. One that coming and going do not explain refutes that nobody else changed."""
    now, then = choice
    if len(now) + len(then) <= 2 * ALL_SUMS_OF:
        yield from ((taken, given) for taken in _subsets(now) for given in _subsets(then))
    else:
        yield from (((cell,), (one,)) for cell in now for one in then if cell.parts == one.parts)


def _explained(choice: _Choice, one: Earlier, asked: Mapping[str, int]) -> bool:
    more, fewer = _more_and_fewer(_change(choice))
    most, _fewest = _strangers(choice, one, asked)
    return more <= most.joined and fewer <= most.left


def _gives_away(choice: _Choice, one: Earlier, asked: Mapping[str, int], least: int) -> bool:
    """Whether the difference of the two sums is that of few people, if all who are in both did as before."""
    change = _change(choice)
    if not _is_small(change, least):
        return False
    more, fewer = _more_and_fewer(change)
    most, fewest = _strangers(choice, one, asked)
    # Of those who are in one sum only, some answers may cancel each other out; where none can, the rest is theirs.
    hidden = min(fewest.joined - more, fewest.left - fewer)
    return more <= most.joined and fewer <= most.left and hidden < 1


def _change(choice: _Choice) -> Counts:
    now, then = (_together(cell.counts for cell in cells) for cells in choice)
    return {answer: now.get(answer, 0) - then.get(answer, 0) for answer in {*now, *then}}


def _is_small(change: Counts, least: int) -> bool:
    more, fewer = _more_and_fewer(change)
    return 0 < more < least or 0 < fewer < least


def _more_and_fewer(change: Counts) -> tuple[int, int]:
    counts = change.values()
    return sum(count for count in counts if count > 0), -sum(count for count in counts if count < 0)


def _strangers(choice: _Choice, one: Earlier, asked: Mapping[str, int]) -> tuple[Turnover, Turnover]:
    """How many are in the one sum and not in the other: at most, and at least."""
    now, then = (frozenset[str]().union(*(cell.parts for cell in cells)) for cells in choice)
    most = fewest = Turnover()
    for part in now | then:
        turnover = one.of(part)
        if part in now and part in then:
            most += turnover
        elif part in now:
            most += Turnover(asked.get(part, 0), 0)
            fewest += Turnover(max(0, asked.get(part, 0) - turnover.joined), 0)
        else:
            most += Turnover(0, one.asked.get(part, 0) if one.known else inf)
            fewest += Turnover(0, max(0, one.asked.get(part, 0) - turnover.left))
    if one.known and now == then and now >= {*asked, *one.asked}:
        # Everybody: whoever only changed the part has neither come nor gone.
        most = one.everybody
    return most, fewest


def _size(parts: Mapping[str, Counts], part: str) -> int:
    return sum(parts[part].values()) if part in parts else 0


def _together(all_counts: Iterable[Counts]) -> dict[int, int]:
    found: dict[int, int] = {}
    for counts in all_counts:
        for answer, count in counts.items():
            found[answer] = found.get(answer, 0) + count
    return found


def _subsets(cells: Sequence[_Cell]) -> Iterator[tuple[_Cell, ...]]:
    return chain.from_iterable(combinations(cells, size) for size in range(len(cells) + 1))
