"""What is known ahead of its time: it waits, and comes when its time does."""

from __future__ import annotations

from collections import Counter
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.figures.contributions import Item

Booked = tuple[str, "Item"]
"""A queue, and what is booked to it."""


class Waiting:
    """Contributions by the time that they wait for, all in one unit."""

    def __init__(self) -> None:
        self._by_time: dict[int, Counter[Booked]] = {}
        self._times: list[int] = []
        """A heap."""

    def put(self, time: int, queue: str, item: Item, times: int) -> None:
        """Let something wait so many times more, or with a negative number fewer."""
        waiting = self._by_time.get(time)
        if waiting is None:
            waiting = self._by_time[time] = Counter()
            heappush(self._times, time)
        waiting[queue, item] += times
        if not waiting[queue, item]:
            del waiting[queue, item]

    @property
    def first(self) -> int | None:
        """The first time that anything waits for."""
        return self._times[0] if self._times else None

    def come(self, now: int) -> Iterator[tuple[Booked, int]]:
        """What has waited for times up to ``now``, inclusive, with how often; it waits no longer."""
        while self._times and self._times[0] <= now:
            yield from self._by_time.pop(heappop(self._times)).items()
