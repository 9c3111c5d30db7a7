"""What time it is for a worker: the system's time, or in replay the time of the events."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from streams.watermark import Watermark

if TYPE_CHECKING:
    from agents.engine.config import Clock


def wall_ms() -> int:
    """The system clock, milliseconds since the epoch, UTC."""
    return time.time_ns() // 1_000_000


class WorkerClock:
    """One clock for all partitions of a worker, and the watermark of each partition."""

    def __init__(self, mode: Clock, lateness_ms: int) -> None:
        """``mode``: see ``EngineConfig.clock``. ``lateness_ms``: allowed lateness of the watermarks."""
        self.mode = mode
        self.last_event_ms: dict[str, int] = {}
        """Largest event time seen per topic, since the process started."""
        self._lateness = lateness_ms
        self._event_now = 0
        self._marks: dict[tuple[str, int], Watermark] = {}
        self._newest: dict[tuple[str, int], int] = {}

    def now(self) -> int:
        """The time to give to stages; in event mode 0 before the first event. It never goes back in event mode."""
        return wall_ms() if self.mode == "wall" else self._event_now

    def observe(self, topic: str, partition: int, event_time: int) -> bool:
        """Note the largest event time of a durable batch. Returns whether the event clock moved."""
        mark = self._marks.get((topic, partition))
        if mark is None:
            mark = self._marks[topic, partition] = Watermark(self._lateness, follow_system=self.mode == "wall")
        mark.observe(event_time, wall_ms())
        self._newest[topic, partition] = max(event_time, self.newest(topic, partition))
        if event_time > self.last_event_ms.get(topic, -1):
            self.last_event_ms[topic] = event_time
        moved = event_time > self._event_now
        if moved:
            self._event_now = event_time
        return moved

    def newest(self, topic: str, partition: int) -> int:
        """The largest event time taken of a partition since it is ours; 0 before its first event."""
        return self._newest.get((topic, partition), 0)

    def watermark(self, topic: str, partition: int) -> int | None:
        """The watermark of a partition in milliseconds, or None before its first event."""
        mark = self._marks.get((topic, partition))
        return None if mark is None else mark.at(wall_ms())

    def watermarks_ms(self) -> dict[str, int]:
        """The least watermark of the partitions of each topic, in milliseconds; topics without events are left out."""
        least: dict[str, int] = {}
        for topic, partition in self._marks:
            mark = self.watermark(topic, partition)
            if mark is not None:
                least[topic] = min(mark, least.get(topic, mark))
        return least

    def forget(self, topic: str, partition: int) -> None:
        """Drop the watermark of a partition that is no longer ours."""
        self._marks.pop((topic, partition), None)
        self._newest.pop((topic, partition), None)
