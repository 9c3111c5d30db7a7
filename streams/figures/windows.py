"""Windows: which minutes each of them holds, and the cells of one group within each.

The hopping windows all end in the present, so a group keeps its cells by age instead: a *band* holds what is too old
for one window and still in the next, and the last one what is too old for all of them. A contribution is added to one
band; a window is the sum of the bands it reaches over, made when it is read, and all of them are what there was since
the first event. The days of a queue are kept as they are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from streams.figures.cell_sets import Cells, summed
from streams.figures.days import MINUTE

if TYPE_CHECKING:
    from streams.figures.days import LocalDays

NEVER: Final = -(1 << 62)
"""The minute before all others."""

WINDOWS: dict[str, int] = {"15m": 15, "30m": 30, "1h": 60, "1d": 1440, "7d": 10_080}
"""Length in minutes of each window that ends in the present; shortest first."""
TODAY: Final = "today"
"""Since the last midnight in the queue's time zone."""
YESTERDAY: Final = "yesterday"
"""The last complete day in the queue's time zone."""
ALL: Final = "all"
"""Since the first event."""
WINDOW_NAMES: Final = (*WINDOWS, TODAY, YESTERDAY, ALL)

EDGES: Final = tuple(WINDOWS.values())
LONGEST: Final = EDGES[-1]


def band_of(age: int) -> int:
    """The band of an age in minutes, that of the present being 0; ``len(EDGES)`` beyond the longest window."""
    return bisect_right(EDGES, age)


class Midnights:
    """The minutes at which the days of one zone begin, as seen from the present."""

    __slots__ = ("_days", "today", "tomorrow", "yesterday")

    def __init__(self, days: LocalDays, present: int) -> None:
        """``present``: the minute that windows reach to, inclusive; at :data:`NEVER` there are no days yet."""
        self._days = days
        self.yesterday = self.today = self.tomorrow = NEVER
        if present > NEVER:
            self.move(present)

    def move(self, present: int) -> None:
        """Note that the present is another minute."""
        if not self.today <= present < self.tomorrow:
            day = self._days.day_of(present * MINUTE)
            self.today, self.tomorrow = day.start // MINUTE, day.end // MINUTE
            self.yesterday = self._days.before(day).start // MINUTE

    def spans(self, present: int) -> dict[str, tuple[int, int]]:
        """First and last minute of every window."""
        return {
            **{name: (present - length + 1, present) for name, length in WINDOWS.items()},
            TODAY: (self.today, present),
            YESTERDAY: (self.yesterday, self.today - 1),
            ALL: (NEVER, present),
        }


class GroupWindows(Mapping[str, Cells]):
    """A group's cells by window. They must not be changed by who reads them, and are right until the next change."""

    __slots__ = ("_sums", "bands", "today", "yesterday")

    def __init__(self) -> None:
        self.bands: list[Cells] = [{} for _ in (*EDGES, None)]
        self.today: Cells = {}
        self.yesterday: Cells = {}
        self._sums: dict[str, Cells] = {}
        """Sums of bands that have been read since the last change."""

    def spans_of_bands(self, present: int) -> Iterator[tuple[Cells, int, int]]:
        """The bands, newest first, each with the first and last minute that it holds."""
        newest = present
        for edge, band in zip((*EDGES, present - NEVER), self.bands, strict=True):
            yield band, present - edge + 1, newest
            newest = present - edge

    def changed(self) -> None:
        """What was summed up is not right any more."""
        if self._sums:
            self._sums = {}

    def is_empty(self) -> bool:
        """Whether nothing is left in any of them; what is in a day is in a band, too."""
        return not any(self.bands)

    def __getitem__(self, name: str) -> Cells:
        if name == TODAY:
            return self.today
        if name == YESTERDAY:
            return self.yesterday
        if not self._sums:
            self._sum_up()
        return self._sums[name]

    def __iter__(self) -> Iterator[str]:
        return iter(WINDOW_NAMES)

    def __len__(self) -> int:
        return len(WINDOW_NAMES)

    def _sum_up(self) -> None:
        sums: Cells = {}
        for name, band in zip((*WINDOWS, ALL), self.bands, strict=True):
            sums = self._sums[name] = summed(sums, band) if sums else band
