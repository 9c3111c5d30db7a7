"""The topic of policies for those who are no worker: looked at, read as it is now, and written."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from agents.policy_topic import LARGEST, PARTITION, READ_S, REQUEST_MS, PolicyRecord, polls
from agents.topic_specs import topic_specs
from agents.topics_admin import TopicsError, check_topics
from streams.topics import POLICIES

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from agents.settings import Settings

T = TypeVar("T")


def check_topic(broker: str, settings: Settings) -> None:
    """Make sure that the topic is there, and keeps what is written to it.

    Raises:
        TopicsError: it is not, or does not; or the broker cannot be reached.
    """
    problems = check_topics(broker, [spec for spec in topic_specs(settings) if spec.name == POLICIES.name])
    if problems:
        msg = f"{'; '.join(problems)}. Run `ticket-streams topics create` first."
        raise TopicsError(msg)


def read_topic(broker: str) -> list[PolicyRecord]:
    """All records of the topic.

    Raises:
        TopicsError: it cannot be read.
    """

    async def read() -> list[PolicyRecord]:
        reading = polls(broker)
        try:
            return await asyncio.wait_for(anext(reading), READ_S)
        finally:
            await reading.aclose()

    return _told(broker, "read", read())


def write_topic(broker: str, records: Mapping[str, bytes | None]) -> None:
    """Write records by key, as one batch: all of them or none.

    Raises:
        TopicsError: they could not be written.
    """

    async def write() -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=broker,
            acks="all",
            compression_type="gzip",
            max_batch_size=LARGEST,
            request_timeout_ms=REQUEST_MS,
        )
        try:
            await producer.start()
            batch = producer.create_batch()
            for key, value in records.items():
                if batch.append(timestamp=None, key=key.encode(), value=value) is None:
                    msg = f"what is published at once must come to less than {LARGEST} bytes"
                    raise TopicsError(msg)
            batch.close()
            await (await producer.send_batch(batch, POLICIES.name, partition=PARTITION.partition))
        finally:
            await producer.stop()

    _told(broker, "written", write())


def _told(broker: str, done: str, work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except (KafkaError, TimeoutError) as error:
        reason = str(error) or "no answer in time"
        msg = f"topic {POLICIES.name!r} at {broker} cannot be {done}: {reason}"
        raise TopicsError(msg) from None
