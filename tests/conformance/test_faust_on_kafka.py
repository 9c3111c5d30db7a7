"""What only a real Kafka can show: offsets without records, and records that it refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from aiokafka import AIOKafkaProducer

from tests.conformance.harness import Toy, event, partition_of, sizes

if TYPE_CHECKING:
    from tests.support.brokers import KafkaServer

pytestmark = pytest.mark.timeout(90)


async def produce_in_transaction(broker: str, topic: str, key: str, values: list[bytes]) -> None:
    """Send records and a marker behind them, which takes an offset but is never delivered."""
    producer = AIOKafkaProducer(bootstrap_servers=broker, transactional_id=f"{topic}-{key}")
    await producer.start()
    try:
        async with producer.transaction():
            for value in values:
                await producer.send(topic, value, key=key.encode(), partition=partition_of(key))
    finally:
        await producer.stop()


@pytest.mark.asyncio
async def test_offsets_without_records(kafka: KafkaServer, prefix: str) -> None:
    """In the midst and at the end, of source and changelog: nothing hangs, nothing is taken twice."""
    with Toy(kafka.address, prefix) as toy:
        await produce_in_transaction(
            kafka.address,
            toy.changelog,
            "k1",
            [b'{"ids": ["old"], "due": null}', b'{"ids": ["old", "new"], "due": null}'],
        )
        for number in range(3):
            _, value = event(f"e{number}", "k1", at=number)
            await produce_in_transaction(kafka.address, toy.source, "k1", [json.dumps(value).encode()])
        first = toy.worker()
        status = first.until(lambda status: status["drained"] and status["tally"] == {"ok": 3})
        assert sizes(status) == {"k1": 5}
        rows = {row["partition"]: row for row in status["rows"]}
        assert (rows[partition_of("k1")]["position"], rows[partition_of("k1")]["end"]) == (6, 6)
        assert first.terminate() == 0
        second = toy.worker()
        status = second.until(lambda status: status["drained"])
        assert sizes(status) == {"k1": 5}
        assert status["tally"] == {}


def test_a_refused_output_ends_the_worker_before_state_and_acknowledgement(kafka: KafkaServer, prefix: str) -> None:
    with Toy(kafka.address, prefix, out_config={"max.message.bytes": "200"}) as toy:
        toy.produce([event("x" * 500, "k1")])
        worker = toy.worker()
        assert worker.ended(30) == 1
        assert sum("CRITICAL" in line for line in worker.log) == 1
        assert toy.read(toy.changelog) == []
        again = toy.worker()
        assert again.ended(30) == 1
        assert "MessageSizeTooLarge" in "".join(again.log)
