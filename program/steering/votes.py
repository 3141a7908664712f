"""Counting votes, as pure functions: who has spoken, whether they are enough, which option leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from program.ground.records import record


@record
class Vote:
    """What one seat says. `option_id` None is an abstention; `by_id` is the member or the deputy."""

    seat_id: int
    member: str
    by_id: int
    by: str
    option_id: int | None
    reason: str
    at: datetime
    # By the member in person; a deputy's vote may be replaced by them.
    in_person: bool = True


@record
class Tally:
    """How a vote stands."""

    # Votes by option, without abstentions, of seats that count.
    by_option: dict[int, int]
    abstained: int
    needed: int

    @property
    def spoken(self) -> int:
        """How many seats have spoken, abstentions too."""
        return sum(self.by_option.values()) + self.abstained

    @property
    def is_valid(self) -> bool:
        """True when enough seats have spoken."""
        return self.spoken >= self.needed

    @property
    def leading(self) -> int | None:
        """The option with more votes than any other; None for a tie, or without votes."""
        ordered = Counter(self.by_option).most_common(2)
        if not ordered or (len(ordered) == 2 and ordered[0][1] == ordered[1][1]):
            return None
        return ordered[0][0]


def tally(votes: Sequence[Vote], seats: Collection[int], needed: int) -> Tally:
    """Count the votes of those seats; a seat that has ended keeps its vote, which no longer counts."""
    counting = [vote for vote in votes if vote.seat_id in seats]
    options = Counter(vote.option_id for vote in counting if vote.option_id is not None)
    return Tally(dict(options), sum(1 for vote in counting if vote.option_id is None), needed)
