"""Runs stages (:mod:`streams.stage`) on Faust: batch-wise, exactly-once in effect, and never silently stuck.

An application is wired like this::

    engine = Engine(EngineConfig(app_id="ticket-streams", broker="127.0.0.1:9092", partitions=4))
    tickets.register(engine, TicketStage(...))     # one agent a file, see below
    engine.on_started(serve)                       # a coroutine that runs beside the worker, also during recovery
    engine.needs(load)                             # one that must have ended before any event is taken
    sys.exit(run_worker(engine, loglevel="info"))

and an agent file like this::

    def register(engine: Engine, stage: Stage) -> None:
        @engine.agent(stage)
        async def tickets(stream: StreamT[Any]) -> None:
            async for batch in engine.batches(stream):
                await engine.run_batch(stage, batch)

What is promised:

* A batch's outputs are confirmed by the broker, then its changelog entries, then the stage adopts the step, then the
  offset is marked for commit. An error anywhere ends the process, with status 1, before the last two.
* Deadlines (``Stage.due``) are looked for once a second for every owned partition, with or without traffic; in event
  mode whenever the event clock has moved. Their steps become durable in the same way.
* When a rebalance begins, steps in flight are finished, then every stage forgets all its partitions; the ones that
  come back are recovered from their changelogs. A worker that missed its heartbeats does not write any more.
* Lag, or a recovery, without progress ends the process with status 70, as does a silent broker; a shutdown that hangs
  is cut short (status 71). So a supervisor that restarts ended processes is all that is needed.

Topics must exist (:mod:`agents.topics_admin`), each source and its changelog (:func:`changelog_topic`) with the same
number of partitions. Progress is read with :meth:`Engine.progress`, counts with :attr:`Engine.tally`.
"""

from __future__ import annotations

from agents.engine.clock import wall_ms
from agents.engine.config import Clock, EngineConfig, EngineError, changelog_topic
from agents.engine.progress import PartitionProgress, Progress
from agents.engine.runtime import Engine
from agents.engine.steps import Batch
from agents.engine.watchdog import EXIT_STALLED
from agents.engine.worker import EXIT_FAILED, EXIT_OK, EXIT_OVERRUN, run_worker

__all__ = [
    "EXIT_FAILED",
    "EXIT_OK",
    "EXIT_OVERRUN",
    "EXIT_STALLED",
    "Batch",
    "Clock",
    "Engine",
    "EngineConfig",
    "EngineError",
    "PartitionProgress",
    "Progress",
    "changelog_topic",
    "run_worker",
    "wall_ms",
]
