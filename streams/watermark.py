"""Event-time clocks.

The watermark of a partition is the largest event time seen minus the allowed lateness, plus the system time elapsed
since that largest event was seen. In replay (``follow_system=False``) it moves with the events alone. It never goes
back. All values are milliseconds since the epoch, UTC; the system clock is always an argument.
"""

from __future__ import annotations


class Watermark:
    """The watermark of one partition."""

    __slots__ = ("_follow_system", "_lateness", "_seen_at", "_top")

    def __init__(self, lateness: int, *, follow_system: bool) -> None:
        """``lateness``: allowed lateness in milliseconds."""
        self._lateness = lateness
        self._follow_system = follow_system
        self._top: int | None = None
        self._seen_at = 0

    def observe(self, event_time: int, system_now: int) -> None:
        """Note an event; earlier ones than the largest seen change nothing."""
        if self._top is None or event_time > self.top(system_now):
            self._top = event_time
            self._seen_at = system_now

    def top(self, system_now: int) -> int:
        """The largest event time seen, aged by the system clock; 0 before the first event."""
        if self._top is None:
            return 0
        # A system clock that jumps back must not take the watermark with it.
        return self._top + (max(0, system_now - self._seen_at) if self._follow_system else 0)

    def at(self, system_now: int) -> int | None:
        """The watermark, or None before the first event."""
        return None if self._top is None else self.top(system_now) - self._lateness

    def is_late(self, event_time: int, system_now: int) -> bool:
        """Whether an event stands behind the watermark."""
        mark = self.at(system_now)
        return mark is not None and event_time < mark
