"""Makes what a stage computed durable, in the one order that neither loses nor half-does anything."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from agents.engine.config import EngineError
from agents.engine.pace import Pace
from agents.engine.sender import Sender

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agents.engine.app import EngineApp
    from agents.engine.changelog import ChangelogTable
    from agents.engine.transport import Consumer
    from streams.stage import Record, Stage, Step, TallyKey

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one partition, in offset order."""

    topic: str
    partition: int
    records: Sequence[Record]
    generation: int
    """Of the consumer group, when the records were fetched."""


@dataclass(slots=True)
class Unit:
    """One stage and what the engine keeps for it."""

    stage: Stage
    table: ChangelogTable
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held during a step, and while partitions are taken from the stage."""
    held: set[int] = field(default_factory=set)
    """Partitions of which the stage has, or may have, state."""
    pace: Pace = field(default_factory=Pace)


class Steps:
    """Outputs confirmed, then changelog confirmed, then state adopted; an error ends the worker."""

    def __init__(self, app: EngineApp, session_timeout_s: float) -> None:
        """``session_timeout_s``: seconds without a heartbeat after which another worker may own our partitions."""
        self.tally: Counter[TallyKey] = Counter()
        self.failure: BaseException | None = None
        self.failed = asyncio.Event()
        self._app = app
        self._session = session_timeout_s
        self.sender = Sender(lambda: cast("Any", app.producer)._producer)

    async def make_durable(self, unit: Unit, partition: int, step: Step) -> None:
        """Send what a step sends, wait for the broker, and let the stage adopt it.

        Raises:
            KafkaError: the broker refused, or did not answer in time.
            EngineError: the worker must not go on.
        """
        if step.outputs:
            await self.sender.outputs(step.outputs)
        if step.writes:
            self._check_lease()
            await self.sender.writes(unit.table.changelog_topic_name, partition, step.writes)
        if self.failure is not None:
            msg = "another step has failed"
            raise EngineError(msg)
        unit.stage.adopt(partition, step)
        self.tally.update(step.tally)

    def _check_lease(self) -> None:
        consumer = cast("Consumer", self._app.consumer)
        silent = time.monotonic() - consumer.thread.lease_at
        if silent > self._session:
            msg = f"no heartbeat was accepted for {silent:.1f} s: another worker may own our partitions by now"
            raise EngineError(msg)

    def fail(self, error: BaseException) -> None:
        """End the worker because of an error; only the first one is logged. The process exits with status 1."""
        if self.failure is None:
            self.failure = error
            log.critical("the worker ends because of an error: %s", error, exc_info=error)
            self.failed.set()
