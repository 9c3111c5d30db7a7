"""Drives stages: a batch or a passed deadline becomes a step, a step becomes durable, then the stage adopts it."""

from __future__ import annotations

import asyncio
import gc
import time
from typing import TYPE_CHECKING, Any, cast

from faust.types import TP

from agents.engine.app import EngineApp
from agents.engine.assignment import assignment_problem
from agents.engine.changelog import ChangelogTable, Entries, close_trailing_hole
from agents.engine.clock import WorkerClock
from agents.engine.config import EngineConfig, EngineError
from agents.engine.deadlines import Deadlines
from agents.engine.progress import Progress, lost_records, partition_progress
from agents.engine.steps import Batch, Steps, Unit
from agents.engine.watchdog import Vitals

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine

    from faust.types.agents import AgentT
    from faust.types.streams import StreamT

    from agents.engine.transport import Consumer
    from streams.stage import Stage, TallyKey

_DUE_STEPS = 200  # with deadlines of one partition, in one pass at most
BEAT_S = 0.5
"""How often the event loop shows that it is alive."""


class Engine:
    """Runs stages on Faust. See the package's docstring for how to use it.

    Order of one step: outputs confirmed, changelog confirmed, state adopted, offset marked for commit. Nothing is
    awaited between the last two, so no cancellation can come between them. Steps of one stage never overlap.
    """

    def __init__(self, config: EngineConfig) -> None:
        """Build the Faust application; nothing is connected yet."""
        self.config = config
        self.app = EngineApp(config)
        self.app.hooks = self
        self.clock = WorkerClock(config.clock, config.lateness_ms)
        self.steps = Steps(self.app, config.session_timeout_s)
        self.deadlines = Deadlines(self._due_pass, None if config.clock == "event" else config.due_interval_s)
        self.vitals = Vitals(beat=time.monotonic(), lease_at=time.monotonic(), recovered=False, restored=0, rows=())
        self._units: dict[str, Unit] = {}
        self._ready = False
        self._epoch = 0
        """Counts how often all partitions were given up; a broker may use a generation number twice."""
        self._owned: frozenset[TP] = frozenset()
        self._restored = 0
        self._listeners: list[Callable[[], None]] = []
        self._starters: list[Callable[[], Coroutine[Any, Any, None]]] = []

    # --- registration ------------------------------------------------------------------------------------------

    def agent(self, stage: Stage) -> Callable[[Callable[[StreamT[Any]], Awaitable[None]]], AgentT[Any]]:
        """Register a stage and make the decorated function its Faust agent.

        Raises:
            EngineError: a stage of this name exists already.
        """
        if stage.name in self._units:
            msg = f"two stages are named {stage.name!r}"
            raise EngineError(msg)

        def restore(partition: int, entries: Entries) -> None:
            self._restore(unit, partition, entries)

        table = ChangelogTable(
            self.app, stage.name, restore, app_id=self.config.app_id, partitions=self.config.partitions
        )
        unit = self._units[stage.name] = Unit(stage, cast("ChangelogTable", self.app.tables.add(table)))
        topic = self.app.topic(
            stage.source,
            key_serializer="raw",
            value_serializer="raw",
            partitions=self.config.partitions,
            internal=False,
            allow_empty=True,
        )

        def register(function: Callable[[StreamT[Any]], Awaitable[None]]) -> AgentT[Any]:
            return self.app.agent(topic, name=stage.name, concurrency=1)(function)

        return register

    def on_started(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a coroutine beside the worker, from its start on. If it raises, the worker ends."""
        self._starters.append(function)

    def needs(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Await a coroutine before any event is taken, beside those of :meth:`on_started`. If it raises, all ends."""
        self.app.needs.append(function)

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call back after partitions were given up, and after new ones have been recovered."""
        self._listeners.append(callback)

    # --- what others read --------------------------------------------------------------------------------------

    def now(self) -> int:
        """The time stages are given, in milliseconds since the epoch; see ``EngineConfig.clock``."""
        return self.clock.now()

    @property
    def tally(self) -> Counter[TallyKey]:
        """How events were taken, summed over all adopted steps since the process started."""
        return self.steps.tally

    @property
    def last_event_ms(self) -> dict[str, int]:
        """Largest event time seen per source topic."""
        return self.clock.last_event_ms

    def owned(self, stage: Stage) -> frozenset[int]:
        """Partitions of a stage that this worker owns and has recovered; empty during a rebalance."""
        return frozenset(tp.partition for tp in self._owned if tp.topic == stage.source) if self._ready else frozenset()

    def progress(self) -> Progress:
        """How far the worker is."""
        if not self._ready:
            return Progress(recovered=False, assigned=(), due_pending=False)
        generation = self.app.consumer_generation_id
        rows = tuple(partition_progress(self._consumer, tp, generation) for tp in sorted(self._owned))
        pending = self.clock.mode == "event" and self.deadlines.pending
        return Progress(recovered=True, assigned=rows, due_pending=pending)

    # --- the work ----------------------------------------------------------------------------------------------

    async def batches(self, stream: StreamT[Any]) -> AsyncIterator[Batch]:
        """The batches of an agent's stream."""
        async for event in stream.events():
            message: Any = event.message
            yield Batch(message.topic, message.partition, message.value, message.generation_id)

    async def run_batch(self, stage: Stage, batch: Batch) -> None:
        """Fold a batch and make the result durable, in as many steps as it takes to pause now and then.

        A batch of a partition that has meanwhile been given up is left to its new owner. An error ends the worker
        before the batch is acknowledged: this coroutine then only ends by being cancelled.
        """
        unit = self._units[stage.name]
        epoch = self._epoch
        first = 0
        while first < len(batch.records):
            async with unit.lock:
                if not self._ready or not self._current(batch, epoch):
                    return
                try:
                    self._consumer.check_next(batch.topic, batch.partition, batch.records[-1].offset + 1)
                    first += await self._take(unit, batch, first)
                except Exception as error:
                    self.fail(error)
            if self.steps.failure is not None:
                await asyncio.Event().wait()

    async def _take(self, unit: Unit, batch: Batch, first: int) -> int:
        """Take the next records of a batch; returns how many."""
        records = batch.records[first : first + unit.pace.size]
        began = time.monotonic()
        step = unit.stage.fold(batch.partition, records, self.now())
        unit.pace.took(len(records), time.monotonic() - began)
        await self.steps.make_durable(unit, batch.partition, step)
        self._consumer.mark_done(batch.topic, batch.partition, records[-1].offset + 1)
        if step.max_event_time is not None:
            moved = self.clock.observe(batch.topic, batch.partition, step.max_event_time)
            # In replay the end of a partition's backlog may also let deadlines pass: see `present`.
            if moved or self.clock.mode == "event":
                self.deadlines.ask()
        return len(records)

    def _current(self, batch: Batch, epoch: int) -> bool:
        return epoch == self._epoch and batch.generation == self.app.consumer_generation_id

    def fail(self, error: BaseException) -> None:
        """End the worker because of an error; only the first one is logged. The process exits with status 1."""
        self.steps.fail(error)

    async def _due_pass(self) -> None:
        for unit in self._units.values():
            for partition in self.owned(unit.stage):
                # A stage takes a share of what is due at a time; between two, events get their turn.
                for _ in range(_DUE_STEPS):
                    if not await self._run_due(unit, partition):
                        break

    async def _run_due(self, unit: Unit, partition: int) -> bool:
        """Take what is due in a partition; returns whether there was anything."""
        async with unit.lock:
            # Asked again under the lock: a rebalance may have begun while we waited for it.
            if partition not in self.owned(unit.stage) or self.steps.failure is not None:
                return False
            try:
                source = unit.stage.source
                row = partition_progress(self._consumer, TP(source, partition), self.app.consumer_generation_id)
                step = unit.stage.due(partition, row.present(self.now(), self.clock.newest(source, partition)))
                if step is None:
                    return False
                await self.steps.make_durable(unit, partition, step)
            except Exception as error:
                self.fail(error)
                return False
        return True

    # --- assignment --------------------------------------------------------------------------------------------

    def _restore(self, unit: Unit, partition: int, entries: Entries) -> None:
        # Faust swallows what this raises and goes on without the entries.
        try:
            unit.held.add(partition)
            unit.stage.restore(partition, entries)
            self._restored += len(entries)
        except Exception as error:
            self.fail(error)

    def on_pause(self) -> None:
        """A rebalance begins: take no further batch. Called from the consumer's thread."""
        self._ready = False
        self._consumer.taking = False

    async def on_release(self) -> None:
        """Wait for the steps in flight, then forget all partitions."""
        self._ready = False
        self._epoch += 1
        for unit in self._units.values():
            async with unit.lock:
                for partition in sorted(unit.held):
                    unit.stage.revoke(partition)
                    self.clock.forget(unit.stage.source, partition)
                unit.held.clear()
        self._owned = frozenset()
        self._consumer.forget()
        # The one moment at which all that is left is little: see `agents.engine.worker.GC_THRESHOLDS`.
        gc.collect()
        self._notify()

    def on_ready(self) -> None:
        """All assigned partitions are recovered: take batches."""
        assigned = self._consumer.assignment()
        sources = {unit.stage.source for unit in self._units.values()}
        for unit in self._units.values():
            problem = assignment_problem(unit, self._consumer, assigned, self.config.partitions)
            if problem is not None:
                self.fail(EngineError(problem))
                return
            unit.held |= {tp.partition for tp in assigned if tp.topic == unit.stage.source}
        self._owned = frozenset(tp for tp in assigned if tp.topic in sources)
        self._ready = True
        self._consumer.taking = True
        self.deadlines.ask()
        self._notify()

    def _notify(self) -> None:
        for callback in self._listeners:
            callback()

    # --- life --------------------------------------------------------------------------------------------------

    @property
    def _consumer(self) -> Consumer:
        return cast("Consumer", self.app.consumer)

    async def on_start(self) -> None:
        """Start the engine's own loops, and those that were added."""
        for function in (self.deadlines.loop, self._beat_loop, *self._starters):
            self.app.add_future(self._guarded(function))

    async def _guarded(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await function()
        except Exception as error:
            self.fail(error)

    async def _beat_loop(self) -> None:
        while True:
            thread = self._consumer.thread
            if self.app.in_recovery:
                close_trailing_hole(self.app, thread.handed, thread.seen)
            progress = self.progress()
            self.vitals = Vitals(
                beat=time.monotonic(),
                lease_at=thread.lease_at,
                recovered=progress.recovered,
                restored=self._restored,
                rows=progress.assigned,
            )
            lost = lost_records(self._consumer, progress.assigned)
            if lost is not None:
                raise EngineError(lost)
            await asyncio.sleep(BEAT_S)
