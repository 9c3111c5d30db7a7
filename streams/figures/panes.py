"""Panes: the figures of each minute, and the windows that are merged from them.

A pane holds, for one minute and one group of labels, the cells that contributions were booked to. Windows are kept as
running sums of panes (see :mod:`streams.figures.windows`): a contribution inside a window is added to it at once, and
moving the present only adds the minutes that enter and takes off those that leave. All of it is integers, so any order
of changes gives the same sums.

The window ``all`` begins with the first event. No window reaches beyond the present: what is dated later waits in its
pane. Events count in their minute at once, even if the clocks of their producers are ahead; but what the mere passing
of time brings about (:data:`streams.figures.cells.PUNCTUAL`) waits until its very instant has come. What covers a span
of time (:data:`streams.figures.cells.SPLIT`) is booked to each minute that it touches, milliseconds to each, up to and
including the instant of the present (:mod:`streams.figures.unpassed`). Panes behind the longest window are dropped;
what is corrected there later still corrects ``all``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.figures.cell_sets import COHORT, Cells, add, book, pour
from streams.figures.cells import PUNCTUAL, SPAN_STATES, SPLIT
from streams.figures.days import MINUTE, days_of
from streams.figures.differences import difference
from streams.figures.groups import Group, GroupKey
from streams.figures.running import Passed, Running, minutes_of, within
from streams.figures.sla_cells import SLA
from streams.figures.unpassed import Unpassed, ahead
from streams.figures.waiting import Waiting
from streams.figures.windows import (
    ALL,
    EDGES,
    LONGEST,
    NEVER,
    TODAY,
    WINDOW_NAMES,
    WINDOWS,
    YESTERDAY,
    Midnights,
    band_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from streams.figures.contributions import Item, Live
    from streams.figures.days import LocalDays

__all__ = [
    "ALL", "COHORT", "MINUTE", "TODAY", "WINDOWS", "WINDOW_NAMES", "YESTERDAY",
    "Cells", "Group", "GroupKey", "Panes", "book", "pour",
]  # fmt: skip

Places = dict[tuple[str, str, int], list[Cells]]
"""Channel, priority and minute to the sets of cells that are booked to."""


class Panes:
    """The figures of the queues of one partition."""

    def __init__(self, days: Callable[[str], LocalDays] = lambda _: days_of("UTC")) -> None:
        """``days``: the days of a queue."""
        self._days = days
        self._midnights: dict[LocalDays, Midnights] = {}
        self.groups: dict[tuple[str, str, str], Group] = {}
        """Groups by their labels; the keys are :class:`GroupKey`."""
        self.present = NEVER
        """The minute that windows reach to, inclusive."""
        self._held: dict[int, set[tuple[str, str, str]]] = {}
        self._lessened: set[tuple[str, str, str]] = set()
        """Groups that something was taken back from since :meth:`tidy`."""
        self._instant = NEVER
        """What is punctual counts up to here, inclusive; milliseconds."""
        self._punctual = Waiting()
        """Punctual items that wait for their instants."""
        self._running = Running()
        self._unpassed = Unpassed()
        self._shown: dict[tuple[str, str, str], dict[str, dict[str, int]]] = {}
        """Live states that running spans brought about, by group."""

    def group(self, queue: str, channel: str, priority: str) -> Group:
        """The group of a set of labels, made when it does not exist."""
        key = GroupKey(queue, channel, priority)
        found = self.groups.get(key)
        if found is None:
            days = self._days(queue)
            midnights = self._midnights.get(days)
            if midnights is None:
                midnights = self._midnights[days] = Midnights(days, self.present)
            found = self.groups[key] = Group(midnights)
        return found

    def spans(self, group: Group) -> dict[str, tuple[int, int]]:
        """First and last minute of each of a group's windows."""
        return group.midnights.spans(self.present)

    def apply(self, queue: str, items: Iterable[Item], times: int) -> None:
        """Book contributions of a queue, or take them back with ``times=-1``."""
        places: Places = {}
        for item in items:
            if item.cell in SPLIT:
                self._book_span(queue, item, times)
            elif item.at > self._instant and (item.cell in PUNCTUAL or item.cell.startswith(SLA)):
                self._punctual.put(item.at, queue, item, times)
            else:
                self._book_item(queue, item, times, places)

    def replace(self, queue: str, old: Sequence[Item], new: Sequence[Item]) -> None:
        """Book contributions of a queue in place of others; only what differs is touched."""
        gone, come, moved = difference(old, new)
        self.apply(queue, gone, -1)
        self.apply(queue, come, 1)
        for one in moved:
            first, last = minutes_of(one.between)
            self._book_passed(Passed(queue, one.between, one.times, first, min(last, self.present)))
            self._running.add(queue, one.before, -1, self.present)
            self._running.add(queue, one.after, 1, self.present)

    def _book_item(self, queue: str, item: Item, times: int, places: Places) -> None:
        """``places``: those that are known already, as much of what an entity contributes falls into few minutes."""
        place = (item.channel, item.priority, item.at // MINUTE)
        into = places.get(place)
        if into is None:
            into = places[place] = self._place(queue, *place, times)
        book(into, item.cell, item.value, times)
        if item.cohort:
            place = (item.channel, item.priority, item.cohort // MINUTE)
            into = places.get(place)
            if into is None:
                into = places[place] = self._place(queue, *place, times)
            book(into, item.cell + COHORT, item.value, times)

    def _book_span(self, queue: str, item: Item, times: int) -> None:
        """Book every minute of a span up to the present, and keep it if it runs on."""
        first, last = minutes_of(item)
        if last < first:
            return
        self._book_passed(Passed(queue, item, times, first, min(last, self.present)))
        self._running.add(queue, item, times, self.present)

    def _book_passed(self, passed: Passed) -> None:
        """Book minutes that are not later than the present: windows at once, and each minute's pane."""
        queue, item, times, first, last = passed
        if last < first:
            return
        key = (queue, item.channel, item.priority)
        group = self.groups.get(key) or self.group(*key)
        if times < 0:
            self._lessened.add(key)
        group.changed()
        cell, windows, today = item.cell, group.windows, group.midnights.today
        for cells, low, high in (
            *windows.spans_of_bands(self.present),
            (windows.today, today, self.present),
            (windows.yesterday, group.midnights.yesterday, today - 1),
        ):
            if low <= last and high >= first:
                add(cells, cell, within(item, max(low, first), min(high, last)) * times)
        if last == self.present:
            self._keep_back(queue, item, ahead(item, self._instant) * times)
        whole = MINUTE * item.value * times
        for minute in range(max(first, self.present - LONGEST + 1), last + 1):
            is_whole = item.cohort <= minute * MINUTE and item.at >= (minute + 1) * MINUTE
            add(self._pane(key, group, minute), cell, whole if is_whole else within(item, minute, minute) * times)

    def _keep_back(self, queue: str, item: Item, value: int) -> None:
        """Keep back of a span what lies ahead in the present minute; a negative value was taken back."""
        key = (queue, item.channel, item.priority)
        self._unpassed.keep(key, self.groups[key], item.cell, value)

    def _give_back(self) -> None:
        """Let all that was kept back count."""
        self._unpassed.give_back(self.groups)

    def _pane(self, key: tuple[str, str, str], group: Group, minute: int) -> Cells:
        pane = group.minutes.get(minute)
        if pane is None:
            pane = group.minutes[minute] = {}
            self._held.setdefault(minute, set()).add(key)
        return pane

    def _place(self, queue: str, channel: str, priority: str, minute: int, times: int) -> list[Cells]:
        """All sets of cells that a minute of a group counts in; with ``times=-1`` they are to be lessened."""
        key = (queue, channel, priority)
        group = self.groups.get(key) or self.group(*key)
        if times < 0:
            self._lessened.add(key)
        into: list[Cells] = []
        age = self.present - minute
        if age < LONGEST:
            into.append(self._pane(key, group, minute))
        if age >= 0:
            group.changed()
            windows = group.windows
            into.append(windows.bands[band_of(age)])
            if minute >= group.midnights.today:
                into.append(windows.today)
            elif minute >= group.midnights.yesterday:
                into.append(windows.yesterday)
        return into

    def set_live(self, queue: str, entity: str, live: Iterable[Live], *, add: bool) -> None:
        """Note, or forget, what an entity's state is now."""
        for one in live:
            group = self.group(queue, one.channel, one.priority)
            group.changed()
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
        if now > self._instant:
            self._pass_to(now)
        self._show_running()

    def _pass_to(self, now: int) -> None:
        before, present = self.present, now // MINUTE
        self._give_back()
        self._instant = now
        if present > before:
            self._move(before, present)
        else:
            for queue, item, times in self._running.reaching():
                self._keep_back(queue, item, ahead(item, now) * times)
        for (queue, item), times in self._punctual.come(now):
            for _ in range(times):
                self._book_item(queue, item, 1, {})

    def _show_running(self) -> None:
        """Note what the running spans say is so at the instant of the present."""
        found: dict[tuple[str, str, str], dict[str, dict[str, int]]] = {}
        for queue, item in self._running.during(self._instant):
            state = SPAN_STATES.get(item.cell)
            if state is not None:
                states = found.setdefault((queue, item.channel, item.priority), {})
                states.setdefault(state, {})[item.rep] = item.cohort
        for key in {*self._shown, *found}:
            states = found.get(key, {})
            group = self.groups.get(key)
            if group is not None and states != self._shown.get(key):
                for state in self._shown.get(key, ()):
                    group.live.pop(state, None)
                group.live.update(states)
                group.changed()
                self._lessened.add(key)
        self._shown = found

    def _move(self, before: int, present: int) -> None:
        self.present = present
        self._pass_midnight(present)
        for minute in self._crossing(before, present):
            entering = minute > before
            old, new = band_of(before - minute), band_of(present - minute)
            if old == new and not entering:
                continue
            for key in self._held[minute]:
                group = self.groups[key]
                pane, windows = group.minutes[minute], group.windows
                group.changed()
                if entering:
                    if minute >= group.midnights.today:
                        pour(windows.today, pane)
                    elif minute >= group.midnights.yesterday:
                        pour(windows.yesterday, pane)
                else:
                    pour(windows.bands[old], pane, -1)
                pour(windows.bands[new], pane)
                if new == len(EDGES):
                    del group.minutes[minute]
            if new == len(EDGES):
                del self._held[minute]
        for passed in self._running.move(before, present):
            self._book_passed(passed)

    def oldest(self) -> int | None:
        """The first minute that is held or in which something will begin; None if there is none."""
        return min((*self._held, *filter(None, [self._running.next_start])), default=None)

    def _pass_midnight(self, present: int) -> None:
        """Where a day has begun, what was today's becomes yesterday's. Called before minutes enter."""
        began = {}
        for midnights in self._midnights.values():
            today = midnights.today
            midnights.move(present)
            if midnights.today != today:
                began[midnights] = midnights.yesterday == today
        if began:
            for group in self.groups.values():
                if group.midnights in began:
                    windows = group.windows
                    windows.yesterday = windows.today if began[group.midnights] else {}
                    windows.today = {}
                    group.changed()

    def _crossing(self, before: int, present: int) -> list[int]:
        """The held minutes that enter or leave some window when the present moves; all others stay as they are."""
        edges = [(before - length, present - length) for length in (0, *WINDOWS.values())]
        if (present - before) * len(edges) >= len(self._held):
            return sorted(minute for minute in self._held if minute <= present)
        return sorted({minute for low, high in edges for minute in range(low + 1, high + 1) if minute in self._held})
