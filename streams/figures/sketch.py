"""Distributions as count, sum and bins: merged exactly, and exactly taken back.

Durations are whole milliseconds, so counts and sums are integers and do not depend on the order of additions. Bins are
logarithmic (DDSketch's mapping): a quantile is within the stated relative error of a value that was really observed.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import ClassVar, Self

RELATIVE_ERROR = 0.005
"""Half the error that is promised (1 %), so that interpolation and rounding cannot use it up."""

_GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_LOG_GAMMA = math.log(_GAMMA)
_ZERO_BIN = -1
QUANTILES = (0.5, 0.9, 0.95)


@lru_cache(maxsize=65_536)
def bin_of(value: int) -> int:
    """The bin of a duration in milliseconds; negative ones count as zero."""
    return math.ceil(math.log(value) / _LOG_GAMMA) if value > 0 else _ZERO_BIN


def value_of(number: int) -> float:
    """The middle of a bin, in milliseconds."""
    return 0.0 if number == _ZERO_BIN else 2 * _GAMMA**number / (_GAMMA + 1)


class Sketch:
    """A distribution of durations in milliseconds."""

    __slots__ = ("bins", "count", "total")

    bin_of: ClassVar[staticmethod[[int], int]] = staticmethod(bin_of)
    """The bin of a value."""

    def __init__(self) -> None:
        self.count = 0
        self.total = 0
        self.bins: dict[int, int] = {}

    def add(self, value: int, times: int = 1) -> None:
        """Add a value, or take it back with ``times=-1``."""
        self.put(self.bin_of(value), value, times)

    def put(self, number: int, value: int, times: int) -> None:
        """The same for who knows the value's bin already."""
        self.count += times
        self.total += value * times
        held = self.bins.get(number, 0) + times
        if held:
            self.bins[number] = held
        else:
            self.bins.pop(number, None)

    def copy(self) -> Self:
        """An independent one with the same values."""
        made = type(self)()
        made.count, made.total, made.bins = self.count, self.total, self.bins.copy()
        return made

    def merge(self, other: Sketch, times: int = 1) -> None:
        """Add another distribution, or take it back with ``times=-1``."""
        self.count += other.count * times
        self.total += other.total * times
        bins = self.bins
        for number, there in other.bins.items():
            held = bins.get(number, 0) + there * times
            if held:
                bins[number] = held
            else:
                bins.pop(number, None)

    def value_at(self, number: int) -> float:
        """The value that stands for a bin."""
        return value_of(number)

    @property
    def mean(self) -> float | None:
        """Mean in milliseconds, exact; None without values."""
        return self.total / self.count if self.count else None

    def quantiles(self, wanted: tuple[float, ...] = QUANTILES) -> list[float] | None:
        """Quantiles in milliseconds, interpolated between closest ranks; None without values."""
        if self.count <= 0:
            return None
        numbers = sorted(self.bins)
        ends: list[int] = []
        running = 0
        for number in numbers:
            running += self.bins[number]
            ends.append(running)

        def at_rank(rank: int) -> float:
            low, high = 0, len(ends) - 1
            while low < high:
                middle = (low + high) // 2
                if ends[middle] > rank:
                    high = middle
                else:
                    low = middle + 1
            return self.value_at(numbers[low])

        found = []
        for q in wanted:
            rank = q * (self.count - 1)
            below = math.floor(rank)
            value = at_rank(below)
            if rank > below:
                value += (at_rank(below + 1) - value) * (rank - below)
            found.append(value)
        return found

    @property
    def largest(self) -> float | None:
        """The largest value in milliseconds, within the relative error; None without values."""
        return self.value_at(max(self.bins)) if self.bins else None

    def is_empty(self) -> bool:
        """Whether nothing is left in it."""
        return not self.count and not self.bins


class ExactSketch(Sketch):
    """The same with a bin for every value: exact quantiles, for logs that fit in memory and for small numbers."""

    __slots__ = ()

    bin_of = staticmethod(int)
    """The value itself."""

    def value_at(self, number: int) -> float:
        """The value itself."""
        return float(number)
