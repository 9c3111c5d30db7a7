"""The contract between a pure stage and whatever drives it (a Faust worker, or the in-process report).

A *stage* stands between one topic and its table. It is fed batches of records of one partition and answers with a
:class:`Step`: the outputs to send, the changelog entries to write and the state to adopt. The driver makes the step
durable **in this order** and only then lets the stage adopt it:

1. outputs are sent and confirmed by the broker,
2. changelog writes are sent and confirmed,
3. :meth:`Stage.adopt` changes the stage's memory,
4. the input batch is acknowledged.

``fold`` and ``due`` must therefore compute on copies: a step that never becomes durable leaves no trace. A crash
between any two of these repeats work and loses none; repeating is harmless because states are upserts that are pure
functions of the distinct events seen.

All times are integers: milliseconds since the Unix epoch, UTC.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


MAX_BATCH = 1000
"""The most records that a driver may hand to :meth:`Stage.fold` at once; see :mod:`streams.pipeline.sent`."""


class Record(Protocol):
    """One consumed record, as Kafka clients hand it out."""

    @property
    def offset(self) -> int:
        """Offset in its partition."""

    @property
    def key(self) -> bytes | None:
        """Key as produced."""

    @property
    def value(self) -> bytes | None:
        """Value as produced; None is a tombstone."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        """Headers as produced."""


class Output(NamedTuple):
    """One record to send; the stage has already chosen the partition."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()


class TallyKey(NamedTuple):
    """What is counted per event: the topic and how the event was taken (``ok``, ``duplicate``, ``late`` …)."""

    topic: str
    result: str
    reason: str = ""


@dataclass(slots=True)
class Step:
    """What one batch, or one set of passed deadlines, does to the world."""

    outputs: list[Output] = field(default_factory=list)
    writes: dict[bytes, bytes | None] = field(default_factory=dict)
    """Changelog entries: one per touched key, ``None`` deletes."""
    tally: Counter[TallyKey] = field(default_factory=Counter)
    state: Any = None
    """What :meth:`Stage.adopt` needs; opaque to the driver."""
    max_event_time: int | None = None
    """Largest event time of the batch, or None when it held none; moves the watermark."""


class Stage(Protocol):
    """A table's owner. One instance serves all partitions that this worker owns, and never does I/O."""

    name: str
    """Names the Faust agent, the table and (with the application's id) the changelog topic."""
    source: str
    """Topic consumed."""

    def fold(self, partition: int, records: Sequence[Record], now: int) -> Step:
        """Compute what a batch changes. Must not change the stage. ``now``: see :mod:`streams.watermark`."""

    def due(self, partition: int, now: int) -> Step | None:
        """Compute what the deadlines at or before ``now`` change, or None if none has passed."""

    def adopt(self, partition: int, step: Step) -> None:
        """Take over a step that has become durable."""

    def restore(self, partition: int, entries: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Adopt changelog entries, oldest first, while a partition is being recovered. May be called repeatedly."""

    def revoke(self, partition: int) -> None:
        """Forget everything of a partition that now belongs to another worker."""
