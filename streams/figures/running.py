"""Spans of time that reach beyond the present: what of them has passed is booked, the rest waits for its minute.

A rep who is idle now is so until something else is known. Were every such span booked ahead, minute by minute, each
change of state would take hundreds of minutes back. So of a span only the minutes up to the present are booked, and
each minute that passes books those that run on.
"""

from __future__ import annotations

from collections import Counter
from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from streams.figures.days import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.figures.contributions import Item

Booked = tuple[str, "Item"]
"""A queue, and a span booked to it."""


def minutes_of(item: Item) -> tuple[int, int]:
    """First and last minute that a span touches."""
    return item.cohort // MINUTE, (item.at - 1) // MINUTE


def within(item: Item, first: int, last: int) -> int:
    """What a span counts within some minutes, both limits included."""
    passed = min(item.at, (last + 1) * MINUTE) - max(item.cohort, first * MINUTE)
    return max(0, passed) * item.value


class Passed(NamedTuple):
    """Minutes of a span that have come, both limits included."""

    queue: str
    item: Item
    times: int
    first: int
    last: int


class Running:
    """The spans that reach to the present minute or beyond it."""

    def __init__(self) -> None:
        self._begun: Counter[Booked] = Counter()
        self._coming: dict[int, Counter[Booked]] = {}
        """First minute to the spans that begin in it."""
        self._starts: list[int] = []
        """A heap of the minutes in which spans will begin."""

    def add(self, queue: str, item: Item, times: int, present: int) -> None:
        """Keep a span that reaches to the present minute, or forget it with ``times=-1``."""
        first, last = minutes_of(item)
        if last < present:
            return
        held = self._begun
        if first > present:
            coming = self._coming.get(first)
            if coming is None:
                coming = self._coming[first] = Counter()
                heappush(self._starts, first)
            held = coming
        held[queue, item] += times
        if not held[queue, item]:
            del held[queue, item]

    @property
    def next_start(self) -> int | None:
        """The first minute in which a span will begin."""
        return self._starts[0] if self._starts else None

    def move(self, before: int, present: int) -> Iterator[Passed]:
        """The minutes of spans that come when the present moves."""
        while self._starts and self._starts[0] <= present:
            for booked, times in self._coming.pop(heappop(self._starts)).items():
                self._begun[booked] += times
        for (queue, item), times in list(self._begun.items()):
            first, last = minutes_of(item)
            yield Passed(queue, item, times, max(first, before + 1), min(last, present))
            if last < present:
                del self._begun[queue, item]

    def during(self, instant: int) -> Iterator[Booked]:
        """The spans that an instant of the present minute lies in."""
        return ((queue, item) for queue, item in self._begun if item.cohort <= instant < item.at)
