"""Where a worker stands: what it owns, how far it got, what it took."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from faust.types import TP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agents.engine.transport import Consumer


class PartitionProgress(NamedTuple):
    """How far one owned partition of a source topic has been taken."""

    topic: str
    partition: int
    position: int
    """Offset after the last record whose effects are durable; trailing offsets without records are skipped."""
    end: int | None
    """Next offset to be written, as of the last answer of the broker (some 50 ms ago); None before the first."""

    @property
    def lag(self) -> int | None:
        """Records, at most, that are still to be taken; None while the end is not known."""
        return None if self.end is None else max(0, self.end - self.position)

    def present(self, now: int, newest: int) -> int:
        """What time it is in the partition (milliseconds).

        While there is more to read, no later than the newest event taken: whether what fell due since then was done
        in time may stand in the log, as after an outage, and nobody is to be called for that.
        """
        return now if self.lag == 0 else min(now, newest)


class Progress(NamedTuple):
    """The state of a worker at one moment."""

    recovered: bool
    """All owned partitions have their state back and are being processed."""
    assigned: tuple[PartitionProgress, ...]
    due_pending: bool
    """The clock has moved and passed deadlines have not been looked for since."""

    @property
    def drained(self) -> bool:
        """Whether everything that the broker has shown us is durable, passed deadlines included."""
        return self.recovered and not self.due_pending and all(row.lag == 0 for row in self.assigned)


def partition_progress(consumer: Consumer, tp: TP, generation: int) -> PartitionProgress:
    """Compute the progress of one owned source partition."""
    thread = consumer.thread
    # Read before `handed`: the thread writes them the other way round, so that a position that is ahead of what was
    # taken is only believed when nothing is on its way.
    seen = thread.seen.get(tp)
    handed = thread.handed.get(tp)
    position = max(consumer.done.get(tp, 0), consumer.committed(tp))
    if seen is None or seen.generation != generation:
        return PartitionProgress(tp.topic, tp.partition, position, None)
    if handed is None or handed[0] != generation or position >= handed[1]:
        position = max(position, seen.position)
    return PartitionProgress(tp.topic, tp.partition, position, seen.end)


def lost_records(consumer: Consumer, rows: Iterable[PartitionProgress]) -> str | None:
    """Which partition ends before what was already read of it, or None."""
    for row in rows:
        reached = max(row.position, consumer.reached.get(TP(row.topic, row.partition), 0))
        if row.end is not None and row.end < reached:
            return f"{row.topic}/{row.partition} ends at {row.end}, but we were at {reached}: records were lost"
    return None
