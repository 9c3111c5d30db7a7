"""What single reps did since the first event, for those who ask for it: a few sums, and the most active by name.

A queue's reps are many, and come and go; every one of them is a handful of series. So only so many of each queue keep
their names: those who did most within the last seven days, by the days of UTC. All others are added up.

It is for people who lead a team. No alert follows it: a rep is no service, and fast ones may be rushed (M56).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from streams.figures import cells as c
from streams.figures.days import MINUTE
from streams.figures.panes import Panes
from streams.figures.running import within
from streams.figures.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streams.figures.contributions import Item
    from streams.figures.days import LocalDays
    from streams.figures.panes import Places
    from streams.figures.running import Passed

OTHER: Final = "__other__"
"""Stands for all who have no name of their own."""
_DAY = 86_400_000
_RECENT_DAYS = 7

_COUNTED: Final[dict[str, tuple[str, ...]]] = {
    c.QUEUE_WAIT: ("answered",),
    c.HANDLE: ("handled", "handle"),
    c.REP_NO_ANSWER: ("no_answer",),
    c.FIRST_REPLY: ("replies",),
    c.NEXT_REPLY: ("replies",),
    c.CHAT_FIRST_REPLY: ("replies",),
    c.CHAT_NEXT_REPLY: ("replies",),
    c.SOLVE: ("solves",),
}
"""Cells to the sums that they count in: the first by one, a second by milliseconds."""
_TIMED: Final = {
    c.REP_TIME + "on_contact": "busy",
    c.REP_TIME + "acw": "busy",
    c.REP_BUSY_BESIDES: "busy",
    c.REP_TIME + "available": "idle",
}
"""Cells of time to the sum that they count in, by milliseconds: the parts of occupancy (M37)."""
SECONDS: Final = frozenset({"handle", "busy", "idle"})
"""Sums that are kept in milliseconds and published in seconds."""

Sums = Counter[str]


class Place(NamedTuple):
    """Where a rep did something."""

    queue: str
    channel: str


class Ranked(NamedTuple):
    """The reps of one queue."""

    named: dict[Place, dict[str, Sums]]
    """Channel to rep to what they did; the last may be :data:`OTHER`."""
    unnamed: int
    """How many reps that stands for."""


class RepTallies:
    """Sums by queue, channel and rep; integers, so that any order of changes gives the same."""

    def __init__(self) -> None:
        self.changes = 0
        """Grows with every change, so that readers know what they may keep."""
        self._sums: dict[str, dict[str, dict[Place, Sums]]] = {}
        """Queue to rep to place to sums."""
        self._active: defaultdict[tuple[str, str], Counter[int]] = defaultdict(Counter)
        """Queue and rep to day since the epoch to how much they did in it."""

    def count(self, queue: str, item: Item, times: int) -> None:
        """Count something that a rep did, or with ``times=-1`` did not."""
        by_one, *by_value = _COUNTED[item.cell]
        self._add(queue, item, by_one, times)
        for name in by_value:
            self._add(queue, item, name, item.value * times)
        days = self._active[queue, item.rep]
        days[item.at // _DAY] += times
        if not days[item.at // _DAY]:
            del days[item.at // _DAY]
            if not days:
                del self._active[queue, item.rep]

    def took(self, queue: str, item: Item, millis: int) -> None:
        """Count time of a rep."""
        self._add(queue, item, _TIMED[item.cell], millis)

    def _add(self, queue: str, item: Item, name: str, change: int) -> None:
        self.changes += 1
        reps = self._sums.setdefault(queue, {})
        places = reps.setdefault(item.rep, {})
        place = Place(queue, item.channel)
        sums = places.setdefault(place, Counter())
        sums[name] += change
        if not sums[name]:
            del sums[name]
            if not sums:
                del places[place]
            if not places:
                del reps[item.rep]
            if not reps:
                del self._sums[queue]

    @property
    def queues(self) -> list[str]:
        """Queues of which any rep is known."""
        return list(self._sums)

    def ranked(self, queue: str, named: int, now: int) -> Ranked:
        """The reps of a queue, so many of them by name.

        Args:
            queue: one that any rep is known of.
            named: how many keep their names.
            now: milliseconds since the epoch.
        """
        reps = self._sums.get(queue, {})
        today = now // _DAY
        order = sorted((rep for rep in reps if rep != OTHER), key=lambda rep: (-self._recent(queue, rep, today), rep))
        known = frozenset(order[:named])
        found: defaultdict[Place, dict[str, Sums]] = defaultdict(dict)
        for rep in sorted(reps, key=lambda rep: (rep not in known, rep)):
            for place, sums in reps[rep].items():
                found[place].setdefault(rep if rep in known else OTHER, Counter()).update(sums)
        return Ranked(dict(found), len(reps) - len(known))

    def _recent(self, queue: str, rep: str, today: int) -> int:
        days = self._active.get((queue, rep))
        if days is None:
            return 0
        return sum(number for day, number in days.items() if today - _RECENT_DAYS < day <= today)


class RepPanes(Panes):
    """Panes that also tell reps apart: what is booked to a group is counted for the item's rep, too."""

    def __init__(self, days: Callable[[str], LocalDays]) -> None:
        """``days``: the days of a queue."""
        super().__init__(days)
        self.reps = RepTallies()
        self._later = Waiting()
        """What is counted from a minute on that is yet to come."""
        self._kept: list[tuple[str, Item, int]] = []
        """What was kept back of time that lies ahead."""

    def _book_item(self, queue: str, item: Item, times: int, places: Places) -> None:
        super()._book_item(queue, item, times, places)
        if item.rep and item.cell in _COUNTED:
            minute = item.at // MINUTE
            if minute <= self.present:
                self.reps.count(queue, item, times)
                return
            self._later.put(minute, queue, item, times)

    def _book_passed(self, passed: Passed) -> None:
        super()._book_passed(passed)
        queue, item, times, first, last = passed
        if item.rep and item.cell in _TIMED and first <= last:
            self.reps.took(queue, item, within(item, first, last) * times)

    def _keep_back(self, queue: str, item: Item, value: int) -> None:
        super()._keep_back(queue, item, value)
        if value and item.rep and item.cell in _TIMED:
            self.reps.took(queue, item, -value)
            self._kept.append((queue, item, value))

    def _give_back(self) -> None:
        super()._give_back()
        for queue, item, value in self._kept:
            self.reps.took(queue, item, value)
        self._kept.clear()

    def _move(self, before: int, present: int) -> None:
        super()._move(before, present)
        for (queue, item), times in self._later.come(present):
            self.reps.count(queue, item, times)


class RepSample(NamedTuple):
    """One value of one rep, or of all who have no name."""

    family: str
    place: Place
    rep: str
    value: float


def rep_samples(ranked: Ranked) -> Iterator[RepSample]:
    """The series of a queue's reps; times in seconds. What a rep never did there has none."""
    for place, reps in sorted(ranked.named.items()):
        for rep, sums in reps.items():
            for name, value in sorted(sums.items()):
                unit = "_seconds" if name in SECONDS else ""
                yield RepSample(
                    f"support_by_rep_{name}{unit}_total", place, rep, value / 1000 if name in SECONDS else value
                )
