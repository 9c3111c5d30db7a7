"""The running worker as the web sees it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal

from agents.web.view import PartitionState
from streams.pipeline.derive import clocks_of
from streams.sla.explanation import explain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agents.engine import Engine, Progress
    from agents.policy_watch import PoliciesInForce
    from agents.web.view import PolicyState
    from streams.figures.exports import Exports
    from streams.figures.options import FigureOptions
    from streams.figures.sla_cells import Allowances
    from streams.pipeline.entities import EntityStage
    from streams.pipeline.kpis import KpiStage
    from streams.stage import TallyKey


class LiveView:
    """Reads the engine and the figures; satisfies :class:`agents.web.view.WorkerView`."""

    def __init__(
        self,
        engine: Engine,
        kpis: KpiStage,
        entities: Mapping[str, EntityStage],
        options: FigureOptions,
        exports: Exports,
        in_force: PoliciesInForce,
    ) -> None:
        """``entities``: the stages of what clocks may run for, by kind."""
        self._engine = engine
        self._entities = entities
        self._in_force = in_force
        self.kpis = kpis
        self.options = options
        self.exports = exports

    @property
    def _progress(self) -> Progress:
        return self._engine.progress()

    @property
    def clock(self) -> Literal["wall", "event"]:
        """Whether time is the system's or that of the events."""
        return self._engine.config.clock

    @property
    def tally(self) -> Mapping[TallyKey, int]:
        """How events were taken since the process started."""
        return self._engine.tally

    @property
    def policies(self) -> PolicyState:
        """What clocks run by."""
        return self._in_force.state

    def allowances(self) -> Allowances:
        """What the goals in force now allow to be late."""
        return self._in_force.policies.allowances(self.now_ms())

    def explain(self, kind: str, entity: str) -> dict[str, Any] | None:
        """Why the clocks of an entity stand where they stand; None if this worker does not keep its history."""
        stage = self._entities[kind]
        history = stage.history(entity)
        if history is None:
            return None
        now = self.now_ms()
        return explain(f"{kind}/{entity}", clocks_of(stage.kind, entity, history, stage.rules, now), now)

    @property
    def ready(self) -> bool:
        """Whether all assigned partitions are recovered and served."""
        return self._progress.recovered

    @property
    def drained(self) -> bool:
        """Whether all that the broker has shown has been taken."""
        return self._progress.drained

    @property
    def failure(self) -> str | None:
        """Why the worker ends, or None."""
        return None if self._engine.steps.failure is None else str(self._engine.steps.failure)

    @property
    def heartbeat_age(self) -> float:
        """Seconds since the worker's own loop last showed that it turns."""
        return time.monotonic() - self._engine.vitals.beat

    def now_ms(self) -> int:
        """The instant that figures reach to.

        In replay it is the newest event time that the figures know of: it is kept with them, so that a restarted
        worker shows the same figures before any further event comes.
        """
        if self._engine.config.clock == "wall":
            return self._engine.now()
        return max([self._engine.now(), *self.kpis.seen.values()])

    def last_event_ms(self) -> Mapping[str, int]:
        """Largest event time taken, by topic."""
        return self._engine.last_event_ms

    def watermark_ms(self) -> Mapping[str, int]:
        """The least watermark of the owned partitions, by topic."""
        return self._engine.clock.watermarks_ms()

    def partitions(self) -> Sequence[PartitionState]:
        """The owned and recovered partitions of source topics."""
        return [PartitionState(*row) for row in self._progress.assigned]

    def owned(self) -> frozenset[int]:
        """Partitions of figures that are owned and recovered."""
        return self._engine.owned(self.kpis)
