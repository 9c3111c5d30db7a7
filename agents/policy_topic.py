"""Policies from the topic that ``policy publish`` writes to: read from its beginning, and followed.

Beside Faust's consumer, and without a group: every worker reads all of it. Where the topic ends is learnt from Fetch,
as the embedded broker answers ListOffsets wrongly; of each key the newest record is kept here, as it does not compact.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from agents.engine import EngineError
from agents.policies.published import PublishedPolicies
from streams.topics import POLICIES

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from agents.policies.published import Outcome
    from agents.policy_watch import PoliciesInForce

log = logging.getLogger(__name__)

READ_S = 20.0
"""How long the topic may take to be read to its end for the first time."""
RETRY_S = 1.0
_POLL_MS = 200
REQUEST_MS = 10_000
LARGEST = 8 << 20
"""Bytes of one publication, before compression; brokers have limits of their own, by default 1 MiB after it."""
PARTITION = TopicPartition(POLICIES.name, 0)


class PolicyRecord(NamedTuple):
    """One record of the topic."""

    key: bytes | None
    value: bytes | None
    """None: the version is withdrawn."""


class PolicyTopic:
    """Keeps the policies in force as the topic says."""

    def __init__(self, broker: str, in_force: PoliciesInForce) -> None:
        """``broker``: ``host:port``, or several separated by commas."""
        self._broker = broker
        self._in_force = in_force
        self._caught_up = asyncio.Event()
        self._texts: dict[str, str] = {}
        self._problems: frozenset[str] = frozenset()

    async def caught_up(self) -> None:
        """Wait until all that stood in the topic at first has been taken.

        Raises:
            EngineError: that takes too long. To go on would be to run clocks without what was promised.
        """
        try:
            await asyncio.wait_for(self._caught_up.wait(), READ_S)
        except TimeoutError:
            msg = f"topic {POLICIES.name!r} at {self._broker} could not be read to its end within {READ_S:.0f} s"
            raise EngineError(msg) from None

    async def follow(self) -> None:
        """Read the topic to its end and go on with what is published; connect again when the broker is lost."""
        while True:
            published = PublishedPolicies()
            try:
                async for records in polls(self._broker):
                    for record in records:
                        published.put(record.key, record.value)
                    self._settle(published.outcome())
                    self._caught_up.set()
            except KafkaError as error:
                log.warning("topic %r is read anew, as it cannot be read on: %s", POLICIES.name, error)
            await asyncio.sleep(RETRY_S)

    def _settle(self, outcome: Outcome) -> None:
        # A state is refused once, however often it is read: after a lost connection everything is read again.
        for problem in sorted(outcome.problems - self._problems):
            self._in_force.refuse(problem)
        self._problems = outcome.problems
        if outcome.texts != self._texts:
            self._texts = outcome.texts
            self._in_force.take(outcome.policies)


async def polls(broker: str) -> AsyncGenerator[list[PolicyRecord], None]:
    """All records so far, which may be none; and from then on those that were added, whenever there are any.

    Raises:
        KafkaError: the broker cannot be reached, or does not have what follows: it must be read anew.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=broker,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",  # a log that ends before what was read of it is another one
        max_partition_fetch_bytes=LARGEST,
        request_timeout_ms=REQUEST_MS,
    )
    try:
        await consumer.start()
        consumer.assign([PARTITION])
        await consumer.seek_to_beginning(PARTITION)
        found: list[PolicyRecord] = []
        first = True
        while True:
            for records in (await consumer.getmany(PARTITION, timeout_ms=_POLL_MS)).values():
                found += [PolicyRecord(record.key, record.value) for record in records]
            position, end = await consumer.position(PARTITION), consumer.highwater(PARTITION)
            if end is not None and end < position:
                # Apache Kafka refuses to fetch from there; the embedded broker, started again, does not.
                raise OffsetOutOfRangeError({PARTITION: position})
            # What was published together may come in several answers: it is looked at when all of it is there.
            if (first or found) and position == end:
                yield found
                found, first = [], False
    finally:
        await consumer.stop()
