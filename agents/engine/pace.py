"""How many records a stage is given at once.

Most take microseconds, but a record of a ticket with thousands of events takes a tenth of a second. A batch of such
must not keep the event loop from everything else, least of all for so long that the watchdog ends the process, and its
successor after it at the same batch. So a stage begins with few records, and gets as many as it takes in good time.
"""

from __future__ import annotations

from streams.stage import MAX_BATCH

FIRST = 32
"""Records in the first step of a process, of which nothing is known yet."""
LONG_S = 2.0
"""A computation that takes longer was too much at once: a third of the time that a broker waits for a sign of life."""
SHORT_S = 0.5
"""One that takes less may be twice as much. Where a step has a cost of its own, however few its records are, such as a
month of a rep's that two records from both ends of it make to be looked through, few records at a time cost most."""


class Pace:
    """Of one stage."""

    def __init__(self) -> None:
        self.size = FIRST
        """The most records to give next."""

    def took(self, records: int, seconds: float) -> None:
        """Note how long the computation of a step took."""
        if seconds > LONG_S:
            self.size = max(1, min(records, self.size) // 2)
        elif seconds < SHORT_S and records >= self.size:
            self.size = min(MAX_BATCH, self.size * 2)
