"""Spans of time that reach beyond the present: what of them has passed is booked, the rest waits for its minute.

A rep who is idle now is so until something else is known. Were every such span booked ahead, minute by minute, each
change of state would take hundreds of minutes back. So of a span only the minutes up to the present are booked, and
each minute that passes books those that run on.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from streams.figures.days import MINUTE
from streams.figures.waiting import Booked, Waiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.figures.contributions import Item


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
        self._coming = Waiting()
        """Spans that wait for their first minute."""

    def add(self, queue: str, item: Item, times: int, present: int) -> None:
        """Keep a span that reaches to the present minute, or forget it with ``times=-1``."""
        first, last = minutes_of(item)
        if last < present:
            return
        if first > present:
            self._coming.put(first, queue, item, times)
            return
        self._begun[queue, item] += times
        if not self._begun[queue, item]:
            del self._begun[queue, item]

    @property
    def next_start(self) -> int | None:
        """The first minute in which a span will begin."""
        return self._coming.first

    def move(self, before: int, present: int) -> Iterator[Passed]:
        """The minutes of spans that come when the present moves."""
        for booked, times in self._coming.come(present):
            self._begun[booked] += times
        for (queue, item), times in list(self._begun.items()):
            first, last = minutes_of(item)
            yield Passed(queue, item, times, max(first, before + 1), min(last, present))
            if last < present:
                del self._begun[queue, item]

    def reaching(self) -> Iterator[tuple[str, Item, int]]:
        """The spans that have begun by the present minute and reach to it, each with its queue and how often."""
        return ((queue, item, times) for (queue, item), times in self._begun.items())

    def during(self, instant: int) -> Iterator[Booked]:
        """The spans that an instant of the present minute lies in."""
        return ((queue, item) for queue, item in self._begun if item.cohort <= instant < item.at)
