"""Ambassadors and super-users: whether a group has enough of them for its size. Plain figures, no database.

A group's size is its headcount, or the number of its people known by name where that is larger.
"""

from __future__ import annotations

from enum import StrEnum

from program.change.limits import Limits
from program.ground.records import record


class Cover(StrEnum):
    """How well somebody is there for the people of a group."""

    NONE = "none"
    THIN = "thin"
    ENOUGH = "enough"
    # Nobody knows how many people there are, so nobody knows how many are needed beyond one.
    UNKNOWN = "unknown"


@record
class Covered:
    """How many there are of the people needed, and what that means."""

    have: int
    needed: int
    cover: Cover

    @property
    def missing(self) -> int:
        """How many more are needed."""
        return max(0, self.needed - self.have)


def size_of(headcount: int, known: int) -> int:
    """How many people a group has."""
    return max(headcount, known)


def covered(have: int, size: int, people_per_one: int) -> Covered:
    """Whether `have` ambassadors or super-users are enough when each looks after so many people.

    At least one is needed.
    """
    needed = max(1, -(-size // people_per_one))
    if have == 0:
        return Covered(0, needed, Cover.NONE)
    if size == 0:
        return Covered(have, needed, Cover.UNKNOWN)
    return Covered(have, needed, Cover.ENOUGH if have >= needed else Cover.THIN)


def ambassadors(have: int, size: int, limits: Limits) -> Covered:
    """Coverage by ambassadors."""
    return covered(have, size, limits.people_per_ambassador)


def super_users(have: int, size: int, limits: Limits) -> Covered:
    """Coverage by super-users."""
    return covered(have, size, limits.people_per_super_user)
