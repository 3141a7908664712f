"""What the clock does for the pulse: everything that is due, in the order of a round's life."""

from __future__ import annotations

from program.pulse import closing, rounds


def tick() -> int:
    """Close what is over, open what is due, ask who joined, remind. Returns how many things were done.

    Closing comes first: a clock that was away over the end of one round and the beginning of the next does both.
    """
    return rounds.close_due() + rounds.open_due() + rounds.welcome() + rounds.remind_due()


def forget() -> int:
    """Make the database let go of what closed rounds left in its files. Returns 0: nothing is done for anybody."""
    closing.forget_for_good()
    return 0
