"""Panes: the figures of each minute, and the windows that are merged from them.

A pane holds, for one minute and one group of labels, the cells that contributions were booked to. Windows are kept as
running sums of panes: a contribution inside a window is added to it at once, and moving the present only adds the
minutes that enter and takes off those that leave. All of it is integers, so any order of changes gives the same sums.

The window ``all`` begins with the first event. No window reaches beyond the present: what is dated later waits in its
pane. Events count in their minute at once, even if the clocks of their producers are ahead; but what the mere passing
of time brings about (:data:`streams.figures.cells.PUNCTUAL`) waits until its very instant has come. Panes behind the
longest window are dropped; what is corrected there later still corrects ``all``.
"""

from __future__ import annotations

from collections import Counter
from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from streams.figures.cells import DURATIONS, PUNCTUAL, TALLIES
from streams.figures.sketch import ExactSketch, Sketch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streams.figures.contributions import Item, Live

MINUTE = 60_000
COHORT = "~"
"""Suffix of a cell's code where it is booked by cohort."""

WINDOWS: dict[str, int] = {"15m": 15, "30m": 30, "1h": 60, "1d": 1440, "7d": 10_080}
"""Length of each window in minutes."""

_LONGEST_FIRST = tuple(sorted(WINDOWS.items(), key=lambda window: -window[1]))

ALL = "all"
_NEVER = -(1 << 62)

Cells = dict[str, "int | Sketch"]


class GroupKey(NamedTuple):
    """The labels that a series carries."""

    queue: str
    channel: str
    priority: str


_DURATION_CELLS = DURATIONS | {cell + COHORT for cell in DURATIONS}


def bump(cells: Cells, cell: str, value: int, times: int = 1, sketch_type: type[Sketch] = Sketch) -> None:
    """Add one contribution to a set of cells, or take it back with ``times=-1``.

    A cell that is back at nothing is dropped: what a group shows must not tell what was once taken back.
    """
    if cell in _DURATION_CELLS:
        sketch = cells.get(cell)
        if sketch is None:
            sketch = cells[cell] = sketch_type()
        sketch.add(value, times)  # type: ignore[union-attr]
        if not sketch.count:  # type: ignore[union-attr]
            del cells[cell]
    elif cell in TALLIES:
        tally = cells.get(cell)
        if tally is None:
            tally = cells[cell] = ExactSketch()
        tally.add(value, times)  # type: ignore[union-attr]
        if not tally.count:  # type: ignore[union-attr]
            del cells[cell]
    else:
        number = cells.get(cell, 0) + value * times  # type: ignore[operator]
        if number:
            cells[cell] = number
        else:
            cells.pop(cell, None)


def pour(into: Cells, cells: Cells, times: int = 1) -> None:
    """Merge cells into others, or take them back with ``times=-1``."""
    for cell, held in cells.items():
        if isinstance(held, Sketch):
            sketch = into.get(cell)
            if sketch is None:
                sketch = into[cell] = type(held)()
            sketch.merge(held, times)  # type: ignore[union-attr]
            if not sketch.count:  # type: ignore[union-attr]
                del into[cell]
        else:
            number = into.get(cell, 0) + held * times  # type: ignore[operator]
            if number:
                into[cell] = number
            else:
                into.pop(cell, None)


class Group:
    """The panes and windows of one set of labels."""

    __slots__ = ("changes", "live", "minutes", "pinned", "windows")

    def __init__(self) -> None:
        self.pinned = False
        """Whether it is shown even with nothing in it."""
        self.minutes: dict[int, Cells] = {}
        self.windows: dict[str, Cells] = {name: {} for name in (*WINDOWS, ALL)}
        self.live: dict[str, dict[str, int]] = {}
        """Live state to entity to the instant since when, in milliseconds."""
        self.changes = 0
        """Grows with every change, so that readers know what they may keep."""

    def is_empty(self) -> bool:
        """Whether nothing is left in it, now or in time to come."""
        return not (self.windows[ALL] or any(self.live.values()) or any(self.minutes.values()))


class Panes:
    """The figures of the queues of one partition."""

    def __init__(self) -> None:
        self.groups: dict[tuple[str, str, str], Group] = {}
        """Groups by their labels; the keys are :class:`GroupKey`."""
        self.present = _NEVER
        """The minute that windows reach to, inclusive."""
        self._held: dict[int, set[tuple[str, str, str]]] = {}
        self._lessened: set[tuple[str, str, str]] = set()
        """Groups that something was taken back from since :meth:`tidy`."""
        self._instant = _NEVER
        """What is punctual counts up to here, inclusive; milliseconds."""
        self._ahead: dict[int, Counter[tuple[str, Item]]] = {}
        """Instant to the punctual items that count from it on, with their queues."""
        self._instants: list[int] = []
        """A heap of the instants ahead."""

    def group(self, queue: str, channel: str, priority: str) -> Group:
        """The group of a set of labels, made when it does not exist."""
        key = GroupKey(queue, channel, priority)
        found = self.groups.get(key)
        if found is None:
            found = self.groups[key] = Group()
        return found

    def apply(self, queue: str, items: Iterable[Item], times: int) -> None:
        """Book contributions of a queue, or take them back with ``times=-1``."""
        for item in items:
            if item.at > self._instant and item.cell in PUNCTUAL:
                self._put_off(queue, item, times)
            else:
                self._book_item(queue, item, times)

    def _put_off(self, queue: str, item: Item, times: int) -> None:
        """Keep a punctual item until its instant has come, or forget it with ``times=-1``."""
        waiting = self._ahead.get(item.at)
        if waiting is None:
            waiting = self._ahead[item.at] = Counter()
            heappush(self._instants, item.at)
        waiting[queue, item] += times

    def _release(self, now: int) -> None:
        """Book the punctual items whose instant has come."""
        self._instant = max(self._instant, now)
        while self._instants and self._instants[0] <= self._instant:
            for (queue, item), times in self._ahead.pop(heappop(self._instants)).items():
                for _ in range(times):
                    self._book_item(queue, item, 1)

    def _book_item(self, queue: str, item: Item, times: int) -> None:
        key = (queue, item.channel, item.priority)
        group = self.groups.get(key) or self.group(*key)
        if times < 0:
            self._lessened.add(key)
        self._book(key, group, item.cell, item.at // MINUTE, item.value, times)
        if item.cohort:
            self._book(key, group, item.cell + COHORT, item.cohort // MINUTE, item.value, times)

    def _book(self, key: tuple[str, str, str], group: Group, cell: str, minute: int, value: int, times: int) -> None:
        age = self.present - minute
        if age < WINDOWS["7d"]:
            pane = group.minutes.get(minute)
            if pane is None:
                pane = group.minutes[minute] = {}
                self._held.setdefault(minute, set()).add(key)
            bump(pane, cell, value, times)
        if age >= 0:
            group.changes += 1
            bump(group.windows[ALL], cell, value, times)
            for name, length in _LONGEST_FIRST:
                if age >= length:
                    break
                bump(group.windows[name], cell, value, times)

    def set_live(self, queue: str, entity: str, live: Iterable[Live], *, add: bool) -> None:
        """Note, or forget, what an entity's state is now."""
        for one in live:
            group = self.group(queue, one.channel, one.priority)
            group.changes += 1
            members = group.live.setdefault(one.state, {})
            if add:
                members[entity] = one.since
            else:
                members.pop(entity, None)
                self._lessened.add((queue, one.channel, one.priority))

    def tidy(self) -> None:
        """Drop groups that everything was taken back from: a queue that was but mistaken for another leaves nothing."""
        for key in self._lessened:
            group = self.groups.get(key)
            if group is not None and not group.pinned and group.is_empty():
                del self.groups[key]
                for minute in group.minutes:
                    self._held[minute].discard(key)
        self._lessened.clear()

    def advance(self, now: int) -> None:
        """Move the present to ``now`` (milliseconds); it never goes back."""
        before, present = self.present, now // MINUTE
        if present > before:
            self._move(before, present)
        self._release(now)

    def _move(self, before: int, present: int) -> None:
        self.present = present
        longest = WINDOWS["7d"]
        for minute in self._crossing(before, present):
            entering = minute > before
            age, old_age = present - minute, before - minute
            for key in self._held[minute]:
                group = self.groups[key]
                pane = group.minutes[minute]
                group.changes += 1
                if entering:
                    pour(group.windows[ALL], pane)
                for name, length in WINDOWS.items():
                    inside = age < length
                    was_inside = not entering and old_age < length
                    if inside != was_inside:
                        pour(group.windows[name], pane, 1 if inside else -1)
                if age >= longest:
                    del group.minutes[minute]
            if age >= longest:
                del self._held[minute]

    def _crossing(self, before: int, present: int) -> list[int]:
        """The held minutes that enter or leave some window when the present moves; all others stay as they are."""
        edges = [(before - length, present - length) for length in (0, *WINDOWS.values())]
        if (present - before) * len(edges) >= len(self._held):
            return sorted(minute for minute in self._held if minute <= present)
        return sorted({minute for low, high in edges for minute in range(low + 1, high + 1) if minute in self._held})
