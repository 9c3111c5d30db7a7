"""The topic of dead letters, read from its beginning to its end; and letters sent back to where they came from.

Where the topic ends is learnt from Fetch, as the embedded broker answers ListOffsets wrongly.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, KafkaTimeoutError

from agents.engine.sender import Sender
from agents.topics_admin import TopicsError, partition_counts
from streams.pipeline.redrive import Letter, open_letter
from streams.stage import Output
from streams.topics import DEAD_LETTERS, SOURCES

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine

_PARTITION = TopicPartition(DEAD_LETTERS.name, 0)
_POLL_MS = 200
_WAIT_MS = 50
"""How long the broker may hold back that there is nothing more."""
_STALL_S = 20.0
"""How long nothing more may come before the end."""
_REQUEST_MS = 10_000
_AT_ONCE = 100
"""Letters that are sent and confirmed together; each may be as large as a record."""


def source_partitions(broker: str) -> dict[str, int]:
    """How many partitions each source topic has that exists; makes sure that there is a topic of dead letters.

    Raises:
        TopicsError: there is none, or the broker cannot be reached.
    """
    counts = partition_counts(broker, [DEAD_LETTERS.name, *(topic.name for topic in SOURCES.values())])
    if DEAD_LETTERS.name not in counts:
        msg = f"topic {DEAD_LETTERS.name!r} does not exist. Run `ticket-streams topics create` first."
        raise TopicsError(msg)
    del counts[DEAD_LETTERS.name]
    return counts


def read_letters(broker: str, take: Callable[[Letter, int], object]) -> None:
    """Hand over every dead letter up to the present end, oldest first, with its time (milliseconds).

    Raises:
        TopicsError: they cannot be read.
    """

    async def read() -> None:
        async with contextlib.aclosing(_letters(broker)) as reading:
            async for letter, at in reading:
                take(letter, at)

    _told(f"topic {DEAD_LETTERS.name!r} at {broker} cannot be read", read())


def send_letters(broker: str, choose: Callable[[Letter, int], bool], full: Callable[[], bool]) -> None:
    """Send back the dead letters up to the present end that are chosen: same bytes, key, headers and partition.

    What of them is refused again becomes another dead letter behind that end. Returns when the broker has confirmed all
    of them.

    Args:
        broker: ``host:port``, or several separated by commas.
        choose: asked for every letter, oldest first, with its time (milliseconds).
        full: asked after each; ends it early.

    Raises:
        TopicsError: they cannot be read or sent.
    """

    async def send() -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=broker,
            acks="all",
            request_timeout_ms=_REQUEST_MS,
            max_batch_size=256 * 1024,
        )
        # By batches: for single records the client refuses one that has neither key nor value.
        sender = Sender(lambda: producer)
        chosen: list[Output] = []
        try:
            await producer.start()
            async with contextlib.aclosing(_letters(broker)) as reading:
                async for letter, at in reading:
                    if choose(letter, at):
                        chosen.append(Output(letter.topic, letter.partition, letter.key, letter.value, letter.headers))
                    if len(chosen) >= _AT_ONCE:
                        await sender.outputs(chosen)
                        chosen.clear()
                    if full():
                        break
            await sender.outputs(chosen)
        finally:
            await producer.stop()

    _told(f"dead letters at {broker} cannot all be sent again (do it once more, twice does no harm)", send())


async def _letters(broker: str) -> AsyncGenerator[tuple[Letter, int], None]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=broker,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        request_timeout_ms=_REQUEST_MS,
        fetch_max_wait_ms=_WAIT_MS,
    )
    try:
        await consumer.start()
        consumer.assign([_PARTITION])
        await consumer.seek_to_beginning(_PARTITION)
        end: int | None = None
        reached, since = -1, time.monotonic()
        while end is None or reached < end:
            answer = await consumer.getmany(_PARTITION, timeout_ms=_POLL_MS)
            if end is None:
                end = consumer.highwater(_PARTITION)
            for record in answer.get(_PARTITION, ()):
                if end is not None and record.offset < end:
                    yield open_letter(record), record.timestamp
            position = await consumer.position(_PARTITION)
            if position != reached:
                reached, since = position, time.monotonic()
            elif time.monotonic() - since > _STALL_S:
                msg = "no answer in time"
                raise KafkaTimeoutError(msg)
    finally:
        await consumer.stop()


def _told(what: str, work: Coroutine[Any, Any, None]) -> None:
    try:
        asyncio.run(work)
    except (KafkaError, TimeoutError, ExceptionGroup) as error:
        # What is sent to several partitions fails in a group.
        first: BaseException = error
        while isinstance(first, ExceptionGroup):
            first = first.exceptions[0]
        if not isinstance(first, KafkaError | TimeoutError):
            raise
        msg = f"{what}: {str(first) or 'no answer in time'}"
        raise TopicsError(msg) from None
