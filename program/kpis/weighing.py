"""The value for all channels together as the mean of the channels, weighted by a volume; and who is left out of it.

A channel counts when it has both a value and a volume of the same period. Those that have only one of them are left out
and named. A volume of zero counts for nothing; a negative one is no volume.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from program.ground.records import record
from program.kpis.judging import rounded

ZERO = Decimal(0)


@record
class Weighted:
    """The mean, None where no channel counts; and the channels left out, in the order of their keys."""

    value: Decimal | None
    without_volume: tuple[str, ...] = ()
    without_value: tuple[str, ...] = ()

    @property
    def left_out(self) -> tuple[str, ...]:
        """All channels that had one figure without the other."""
        return tuple(sorted({*self.without_volume, *self.without_value}))


def weighted_mean(values: Mapping[str, Decimal], volumes: Mapping[str, Decimal]) -> Weighted:
    """The mean of the channels' values by their volumes, of one period. Keys are channels."""
    usable = {channel: volume for channel, volume in volumes.items() if volume >= ZERO}
    both = values.keys() & usable.keys()
    total = sum((usable[channel] for channel in both), ZERO)
    value = None
    if total:
        value = rounded(sum((values[channel] * usable[channel] for channel in both), ZERO) / total)
    return Weighted(
        value,
        tuple(sorted(values.keys() - usable.keys())),
        tuple(sorted(channel for channel in usable.keys() - values.keys() if usable[channel])),
    )
