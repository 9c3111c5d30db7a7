"""Looks for deadlines that have passed, also where no event comes any more."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

EVENT_GAP_S = 0.05
"""In event mode deadlines are looked for after every batch, but not more often than this."""


class Deadlines:
    """Runs a pass over all owned partitions again and again."""

    def __init__(self, run_pass: Callable[[], Awaitable[None]], interval_s: float | None) -> None:
        """``interval_s``: seconds between two passes, or None: only when asked for (event mode)."""
        self._run_pass = run_pass
        self._interval = interval_s
        self._asked = asyncio.Event()
        self._running = False

    @property
    def pending(self) -> bool:
        """Whether a pass was asked for that has not ended yet."""
        return self._asked.is_set() or self._running

    def ask(self) -> None:
        """Ask for a pass soon."""
        self._asked.set()

    async def loop(self) -> None:
        """Run until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), self._interval)
            self._running = True
            self._asked.clear()
            await self._run_pass()
            self._running = False
            if self._interval is None:
                await asyncio.sleep(EVENT_GAP_S)
