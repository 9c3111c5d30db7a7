"""What of one rep goes on at once, kept up as time passes: however much it is, a step costs the same."""

from __future__ import annotations

from collections import Counter
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streams.reps.occupancy import Part


class Active:
    """The parts that have begun and not ended."""

    def __init__(self) -> None:
        self._ends: list[tuple[int, int]] = []
        """A heap of ends, each with the number of its part."""
        self._parts: list[Part] = []
        """All that ever began, in the order in which they did."""
        self._latest: list[Part] = []
        """Those of them that may be the latest one that goes on; the last one is."""
        self._doing: Counter[str] = Counter()
        self._chats: Counter[int] = Counter()
        self._done: Counter[int] = Counter()
        """Instant to the chats that the rep is done with then."""

    def begin(self, part: Part) -> None:
        """A part begins; to be told in the order of their beginnings."""
        heappush(self._ends, (part.end, len(self._parts)))
        self._parts.append(part)
        self._latest.append(part)
        self._doing[part.what] += 1
        if part.chat >= 0:
            self._chats[part.chat] += 1
        if part.last:
            self._done[part.end] += 1

    def pass_to(self, instant: int) -> None:
        """End what is over at an instant."""
        while self._ends and self._ends[0][0] <= instant:
            part = self._parts[heappop(self._ends)[1]]
            _less(self._doing, part.what)
            if part.chat >= 0:
                _less(self._chats, part.chat)
        while self._latest and self._latest[-1].end <= instant:
            self._latest.pop()

    def __bool__(self) -> bool:
        """Whether anything goes on."""
        return bool(self._latest)

    @property
    def latest(self) -> Part:
        """What began last of what goes on."""
        return self._latest[-1]

    @property
    def doing(self) -> Counter[str]:
        """Each thing that the rep does, and how many times at once."""
        return self._doing

    @property
    def chats(self) -> int:
        """How many chats the rep has."""
        return len(self._chats)

    def done_at(self, instant: int) -> int:
        """How many of what goes on are chats that the rep is done with at an instant."""
        return self._done[instant]


def _less(counted: Counter[str] | Counter[int], key: str | int) -> None:
    counted[key] -= 1  # type: ignore[index]
    if not counted[key]:  # type: ignore[index]
        del counted[key]
