"""Ends a process that is alive and does nothing.

A thread, not a task: it must also notice an event loop that no longer runs. Faust and aiokafka have ways to hang that
no error reports (a broker that was restarted, a consumer that stops fetching); a supervisor can only help when the
process ends.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from agents.engine.progress import PartitionProgress

log = logging.getLogger(__name__)

EXIT_STALLED = 70
TICK_S = 1.0
STALE_S = 3.0
"""Vitals older than this are only judged by their age."""


class Vitals(NamedTuple):
    """What the event loop says about itself, twice a second. Times are of ``time.monotonic``, in seconds."""

    beat: float
    """When this was written."""
    lease_at: float
    """When the last heartbeat that the broker accepted was sent."""
    recovered: bool
    restored: int
    """Changelog entries restored so far."""
    rows: tuple[PartitionProgress, ...]


class StallDetector:
    """Judges a series of vitals."""

    def __init__(self, stall_s: float, broker_s: float) -> None:
        """``stall_s``: longest time without progress. ``broker_s``: longest silence of the broker. In seconds."""
        self._stall = stall_s
        self._broker = broker_s
        self._since: dict[tuple[str, int], tuple[int, float]] = {}

    def verdict(self, vitals: Vitals, now: float) -> str | None:
        """Why the process must end, or None."""
        if now - vitals.beat > self._stall:
            return f"the event loop has not run for {now - vitals.beat:.0f} s"
        if now - vitals.beat > STALE_S:
            # What the loop said before it stopped says nothing about the time since.
            return None
        if now - vitals.lease_at > self._broker:
            return f"the broker has not accepted a heartbeat for {now - vitals.lease_at:.0f} s"
        # What must move, and where it stands: a partition that lags or cannot be read, or the recovery as a whole.
        busy = {(row.topic, row.partition): row.position for row in vitals.rows if row.lag != 0}
        if not vitals.recovered:
            busy["", -1] = vitals.restored
        self._since = {
            key: self._since[key] if key in self._since and self._since[key][0] == at else (at, now)
            for key, at in busy.items()
        }
        for (topic, partition), (at, since) in self._since.items():
            if now - since > self._stall:
                what = (
                    f"{topic}/{partition} is not at its end and has stood at offset {at}"
                    if topic
                    else "no recovery progress"
                )
                return f"{what} for {now - since:.0f} s"
        return None


class Watchdog(threading.Thread):
    """Ends the process with status 70 and one line in the log."""

    def __init__(
        self, vitals: Callable[[], Vitals], detector: StallDetector, end: Callable[[int], None] = os._exit
    ) -> None:
        """``vitals`` is called from this thread and must only hand out what the event loop has left there."""
        super().__init__(name="watchdog", daemon=True)
        self._vitals = vitals
        self._detector = detector
        self._end = end
        self._stop_now = threading.Event()

    def stop(self) -> None:
        """Watch no longer."""
        self._stop_now.set()

    def run(self) -> None:
        """Watch until stopped."""
        last = time.monotonic()
        while not self._stop_now.wait(TICK_S):
            now = time.monotonic()
            # After a pause of the whole process the loop needs a moment to show that it is alive.
            paused, last = now - last > 5 * TICK_S, now
            reason = None if paused else self._detector.verdict(self._vitals(), now)
            if reason is not None:
                log.critical("watchdog: %s; the process ends with status %d", reason, EXIT_STALLED)
                sys.stdout.flush()
                sys.stderr.flush()
                self._end(EXIT_STALLED)
                return
