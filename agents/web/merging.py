"""From groups of labels to the figures of a whole and of its parts: cells are added up, then read."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from streams.codec import format_time
from streams.figures import cells as c
from streams.figures.panes import COHORT, Cells, GroupKey, pour
from streams.figures.readers import Attribution, count, figures, outcomes
from streams.figures.reps import need

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agents.web.cells import LiveState

DIMENSIONS = ("queue", "channel", "priority")


class Part(NamedTuple):
    """One group's share."""

    key: GroupKey
    cells: Cells
    """Of the window that is asked for."""
    live: Mapping[str, LiveState]
    families: frozenset[str]
    threshold_seconds: float


class _Bucket:
    def __init__(self) -> None:
        self.cells: Cells = {}
        self.counts: Counter[str] = Counter()
        self.oldest: dict[str, int] = {}
        self.waiting_inside = 0
        self.families: set[str] = set()
        self.thresholds: set[float] = set()
        self.required: Counter[str] = Counter()
        self.live_by: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """Queue to how many are in each live state."""
        self.with_reps: set[str] = set()
        """Queues of whose reps something was ever known."""

    def add(self, part: Part, window: str) -> None:
        pour(self.cells, part.cells)
        self.families |= part.families
        if "reps" in part.families:
            self.with_reps.add(part.key.queue)
        self.thresholds.add(part.threshold_seconds)
        for state, held in part.live.items():
            self.counts[state] += held.count
            self.live_by[part.key.queue][state] += held.count
            if held.oldest is not None:
                self.oldest[state] = min(held.oldest, self.oldest.get(state, held.oldest))
            self.waiting_inside += held.inside.get(window, 0)

    def figures(self, attribution: Attribution, whole: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """``whole``: the figures of what this is a part of."""
        # Queues with different thresholds have a service level together, but no threshold to name beside it.
        threshold = next(iter(self.thresholds)) if len(self.thresholds) == 1 else None
        return figures(self.cells, self.counts, threshold, attribution, whole=whole)

    def live(self, now: int) -> dict[str, Any]:
        opened = [at for state, at in self.oldest.items() if state.startswith(c.OPEN)]
        return {
            "families": sorted(self.families),
            "waiting": self.counts[c.WAITING],
            **_since("oldest_waiting", self.oldest.get(c.WAITING), now),
            "open": sum(number for state, number in self.counts.items() if state.startswith(c.OPEN)),
            **_since("oldest_open", min(opened, default=None), now),
            "identity": self._identity(),
            **self._staffing(),
        }

    def _staffing(self) -> dict[str, int | None]:
        # Queues and channels do not share their reps, so what they need adds up. Where nothing is known of a queue's
        # reps, nobody knows how many it lacks.
        needs = [
            need(self.required.get(queue), self.live_by[queue], known=queue in self.with_reps)
            for queue in {*self.required, *self.with_reps}
        ]

        def added(values: Iterable[int | None]) -> int | None:
            known = [value for value in values if value is not None]
            return sum(known) if known else None

        return {
            "required_reps": added(one.required for one in needs),
            "staffed_reps": added(one.staffed for one in needs),
            "staffing_gap": added(one.gap for one in needs),
        }

    def _identity(self) -> dict[str, Any]:
        """Everyone who entered a queue within the window, and what became of them."""
        said = outcomes(self.cells, "cohort")
        known = {
            "answered": said.answered,
            "abandoned": said.abandoned,
            "flow_out": said.flow_out,
            "ghosts": count(self.cells, c.GHOST + COHORT),
            "waiting": self.waiting_inside,
        }
        return {"offered": said.offered, **known, "holds": said.offered == sum(known.values())}


def _since(name: str, at: int | None, now: int) -> dict[str, Any]:
    if at is None:
        return {name: None, f"{name}_seconds": None}
    return {name: format_time(at), f"{name}_seconds": max(0, now - at) / 1000}


class Merge:
    """Collects the parts of one window."""

    def __init__(self, window: str, by: tuple[str, ...]) -> None:
        """``by``: dimensions of :data:`DIMENSIONS` to break down by."""
        self._window = window
        self._total = _Bucket()
        self._by: dict[str, dict[str, _Bucket]] = {dimension: defaultdict(_Bucket) for dimension in by}

    def add(self, part: Part) -> None:
        """Add a part to the whole and to its values, so that these always add up."""
        self._total.add(part, self._window)
        for dimension, values in self._by.items():
            values[getattr(part.key, dimension)].add(part, self._window)

    def require(self, queue: str, channel: str, reps: int) -> None:
        """Add the reps that a queue needs for a channel."""
        labels = {"queue": queue, "channel": channel}
        wholes = [values[labels[by]] for by, values in self._by.items() if labels.get(by) in values]
        for bucket in (self._total, *wholes):
            bucket.required[queue] += reps

    def queues(self) -> set[str]:
        """The queues in it, if it is broken down by queue."""
        return set(self._by.get("queue", ()))

    async def read(self, attribution: Attribution, now: int) -> dict[str, Any]:
        """The figures and live states; the loop gets its turn between values."""
        total = self._total.figures(attribution)
        by: dict[str, dict[str, Any]] = {}
        live_by: dict[str, dict[str, Any]] = {}
        for dimension, values in self._by.items():
            by[dimension], live_by[dimension] = {}, {}
            for value in sorted(values):
                by[dimension][value] = values[value].figures(attribution, total)
                live_by[dimension][value] = values[value].live(now)
                await asyncio.sleep(0)
        return {
            "total": total,
            "by": by,
            "live": {"total": self._total.live(now), "by": live_by},
        }
