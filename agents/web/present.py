"""Moves the panes of a worker to the present without holding up the event loop.

After a recovery months of panes enter the windows at once. They are taken in steps; after each step the figures are
those of an earlier minute, which is as consistent as any.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from streams.figures.panes import MINUTE, Panes

if TYPE_CHECKING:
    from agents.web.view import WorkerView

LONGEST_STEP = 1440
"""Minutes."""
SHARE = 10
"""A step goes this part of the way that is left: the steps are short where all windows change, which is at the end."""


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
        now = self._view.now_ms()
        target = now // MINUTE
        if panes.present < target:
            await self._move(partition, panes, target)
        if panes.present >= target:
            panes.advance(now)

    async def _move(self, partition: int, panes: Panes, target: int) -> None:
        # Nothing lies before the oldest pane.
        oldest = panes.oldest()
        at = max(panes.present, (target if oldest is None else oldest) - 1)
        while panes.present < target and self.still(partition, panes):
            at = min(target, at + min(LONGEST_STEP, max(1, (target - at) // SHARE)))
            panes.advance(at * MINUTE)
            await asyncio.sleep(0)
