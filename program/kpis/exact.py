"""Figures without floating-point surprises: kept as whole millionths, computed and shown as decimals."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Dialect, types

# Places behind the point that are kept; what is finer is rounded half up on its way in.
PLACES = 6
_UNIT = Decimal(1).scaleb(-PLACES)
# What fits into 64 bits with millionths to spare: a trillion either way.
LARGEST = Decimal(10) ** 12


class Exact(types.TypeDecorator[Decimal]):
    """A decimal with six places, stored as a whole number of millionths: sorts, sums and compares in SQL exactly."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if not isinstance(value, Decimal):
            raise TypeError(f"{value!r}: only decimals are kept, as floats would not come back the same.")
        return millionths(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else from_millionths(value)

    def from_trail(self, value: str) -> Decimal:
        """A figure as the audit trail keeps it, as the column holds it."""
        return Decimal(value)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[int | None], Decimal | None]:
        """As above by the shortest way: a board reads some two thousand figures."""
        return _read


def millionths(value: Decimal) -> int:
    """The figure as it is stored. Raises ValueError beyond a trillion, and for what is no number."""
    if not value.is_finite() or abs(value) > LARGEST:
        raise ValueError(f"{value}: a figure lies between minus and plus {LARGEST}")
    return int(value.quantize(_UNIT, rounding=ROUND_HALF_UP).scaleb(PLACES))


@lru_cache(maxsize=32_768)
def from_millionths(kept: int) -> Decimal:
    """The figure that was stored. Figures repeat, and decimals never change: each is made once."""
    return Decimal(kept).scaleb(-PLACES)


def _read(kept: int | None) -> Decimal | None:
    return None if kept is None else from_millionths(kept)
