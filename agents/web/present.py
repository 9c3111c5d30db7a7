"""Moves the panes of a worker to the present without holding up the event loop.

After a recovery months of panes enter the windows at once. They are taken in steps; after each step the figures are
those of an earlier minute, which is as consistent as any.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from streams.figures.panes import MINUTE, Panes

if TYPE_CHECKING:
    from agents.web.view import WorkerView

SLICE_S = 0.004
"""A step that took less lets the next one be longer."""
SHORTEST_STEP = 60
"""Minutes."""
MOST_STEPS = 100
"""What a step costs besides its panes must not be paid for every minute of a long past."""


class Present:
    """The owned panes of one worker, moved on before they are read."""

    def __init__(self, view: WorkerView) -> None:
        self._view = view
        self._lock = asyncio.Lock()

    def panes(self) -> dict[int, Panes]:
        """The panes that may be shown now, by partition."""
        kept = self._view.kpis.panes
        return {partition: kept[partition] for partition in sorted(self._view.owned()) if partition in kept}

    def still(self, partition: int, panes: Panes) -> bool:
        """Whether panes that were read a moment ago are still this worker's."""
        return partition in self._view.owned() and self._view.kpis.panes.get(partition) is panes

    async def catch_up(self) -> dict[int, Panes]:
        """Move all owned panes to the present, and return them."""
        async with self._lock:
            for partition, panes in self.panes().items():
                await self._advance(partition, panes)
        return self.panes()

    async def _advance(self, partition: int, panes: Panes) -> None:
        target = self._view.now_ms() // MINUTE
        if panes.present >= target:
            return
        at = panes.present
        if target - at > SHORTEST_STEP:
            # Nothing lies before the oldest pane: step from there.
            at = max(at, min((min(group.minutes) for group in panes.groups.values() if group.minutes), default=target) - 1)
        step = shortest = max(SHORTEST_STEP, (target - at) // MOST_STEPS)
        while at < target and self.still(partition, panes):
            at = min(target, at + step)
            began = time.perf_counter()
            panes.advance(at * MINUTE)
            if time.perf_counter() - began < SLICE_S:
                step *= 2
            else:
                step = max(shortest, step // 2)
            await asyncio.sleep(0)
