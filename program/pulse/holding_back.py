"""What of a round may be told: the rules that keep fewer people than the limit from being singled out.

Pure functions on counts. People are divided into parts that do not overlap, and there is the whole. A part is told when
it has at least `least` answers. Whoever knows the whole and all parts told but one can subtract: so what is left over,
all parts not told together, must be empty or have at least `least` answers too; where it has not, the smallest part
told is held back as well, until it holds. The whole is told from `least` answers on.
"""

from __future__ import annotations

from collections.abc import Mapping


def tellable(counts: Mapping[str, int], least: int, held: int = 0) -> frozenset[str]:
    """The parts that may be told, from how many answered in each (parts nobody answered in may be left out).

    `least` is at least 1. `held` is how many more answers there are that are told in no part. The whole is told beside
    the parts only if `may_tell_whole`.
    """
    told = {part for part, count in counts.items() if count >= least}
    left_over = held + sum(count for part, count in counts.items() if part not in told)
    # By size, then by name: the same counts always give the same answer, so asking twice tells nothing new.
    for part in sorted(told, key=lambda part: (counts[part], part)):
        if left_over == 0 or left_over >= least:
            break
        told.discard(part)
        left_over += counts[part]
    return frozenset(told)


def may_tell_whole(counts: Mapping[str, int], least: int) -> bool:
    """Whether all answers together may be told."""
    return sum(counts.values()) >= least
