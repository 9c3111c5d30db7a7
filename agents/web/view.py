"""What the web needs to know of a worker. Whatever runs the stages satisfies these protocols; tests do so by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from streams.topics import IDENTITIES, REPS, SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streams.figures.exports import Exports
    from streams.figures.options import FigureOptions
    from streams.figures.sla_cells import Allowances
    from streams.pipeline.kpis import KpiStage
    from streams.stage import TallyKey

FEEDS: tuple[str, ...] = tuple(topic.name for topic in SOURCES.values())
"""Topics that producers write: their silence is what makes figures stale."""
SPORADIC: frozenset[str] = frozenset({IDENTITIES.name, REPS.name})
"""Those of them whose silence says nothing: customers are merged now and then; reps go on with what they do, and are
in an unknown state once their heartbeats stop."""

STALE_AFTER_SECONDS = 600.0
"""Default of how old the newest event of a feed may be."""
HEARTBEAT_SECONDS = 10.0
"""A loop that has not shown itself for so long is not alive."""


class PartitionState(NamedTuple):
    """How far one owned partition has been taken."""

    topic: str
    partition: int
    position: int
    """Offset after the last record whose effects are durable."""
    end: int | None
    """Next offset to be written; None while it is not known."""


class PolicyState(NamedTuple):
    """The policies that a worker's clocks run by."""

    version: str = ""
    """Content hash; empty: there are none."""
    failures: int = 0
    """How many newer versions could not be used since the process started."""


class RuntimeView(Protocol):
    """The worker as a process. All instants are milliseconds since the epoch."""

    @property
    def clock(self) -> Literal["wall", "event"]:
        """Whether time is the system's or, in replay, that of the events."""

    @property
    def tally(self) -> Mapping[TallyKey, int]:
        """How events were taken since the process started."""

    @property
    def ready(self) -> bool:
        """Whether all assigned partitions are recovered and served."""

    @property
    def drained(self) -> bool:
        """Whether all that the broker has shown has been taken, and all passed deadlines acted upon."""

    @property
    def failure(self) -> str | None:
        """Why the worker ends, or None."""

    @property
    def heartbeat_age(self) -> float:
        """Seconds since the worker's own loop last showed that it turns."""

    @property
    def policies(self) -> PolicyState:
        """What clocks run by."""

    def now_ms(self) -> int:
        """The instant that figures reach to; 0 in replay before the first event."""

    def last_event_ms(self) -> Mapping[str, int]:
        """Largest event time taken, by topic, since the process started."""

    def watermark_ms(self) -> Mapping[str, int]:
        """The least watermark of the owned partitions, by topic."""

    def partitions(self) -> Sequence[PartitionState]:
        """The owned and recovered partitions of source topics; empty during a rebalance."""


class WorkerView(RuntimeView, Protocol):
    """The worker with its figures."""

    @property
    def kpis(self) -> KpiStage:
        """The stage that keeps the figures."""

    @property
    def options(self) -> FigureOptions:
        """How figures are defined here."""

    @property
    def exports(self) -> Exports:
        """Which series are exported."""

    def allowances(self) -> Allowances:
        """What the goals in force now allow to be late."""

    def explain(self, kind: str, entity: str) -> dict[str, Any] | None:
        """Why the clocks of an entity stand where they stand; None if it is not known here."""

    def owned(self) -> frozenset[int]:
        """Partitions of figures that are owned and recovered: no others may be shown."""
