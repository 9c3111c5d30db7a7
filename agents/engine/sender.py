"""Record batches to the broker, and the wait for its confirmation."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from streams.stage import Output

Entry = tuple[bytes | None, bytes | None, "Sequence[tuple[str, bytes | None]]"]


class Sender:
    """Sends through Faust's own aiokafka producer, a record batch at a time instead of a record at a time."""

    def __init__(self, producer: Callable[[], Any]) -> None:
        """``producer``: gives the running ``AIOKafkaProducer``; asked anew on every send."""
        self._producer = producer

    async def outputs(self, outputs: Iterable[Output]) -> None:
        """Send outputs; those of one partition keep their order. Returns when the broker has confirmed all.

        Raises:
            KafkaError: the broker refused, or did not answer in time.
        """
        groups: defaultdict[tuple[str, int], list[Entry]] = defaultdict(list)
        for output in outputs:
            groups[output.topic, output.partition].append((output.key, output.value, output.headers))
        await self._send(groups)

    async def writes(self, topic: str, partition: int, writes: Mapping[bytes, bytes | None]) -> None:
        """Send changelog entries. Returns when the broker has confirmed all.

        Raises:
            KafkaError: the broker refused, or did not answer in time.
        """
        await self._send({(topic, partition): [(key, value, ()) for key, value in writes.items()]})

    async def _send(self, groups: Mapping[tuple[str, int], Sequence[Entry]]) -> None:
        producer = self._producer()
        # One after the other would cost a round trip each; the order within a partition is kept by its own task.
        async with asyncio.TaskGroup() as tasks:
            for (topic, partition), entries in groups.items():
                tasks.create_task(_send_partition(producer, topic, partition, entries))


async def _send_partition(producer: Any, topic: str, partition: int, entries: Sequence[Entry]) -> None:
    confirmations = []
    batch = producer.create_batch()
    for key, value, headers in entries:
        head = list(headers)
        if batch.append(timestamp=None, key=key, value=value, headers=head) is None:
            # A closed batch is sent at once, an open one would linger for more.
            batch.close()
            confirmations.append(await producer.send_batch(batch, topic, partition=partition))
            batch = producer.create_batch()
            # The first record of a batch is taken whatever its size.
            batch.append(timestamp=None, key=key, value=value, headers=head)
    batch.close()
    confirmations.append(await producer.send_batch(batch, topic, partition=partition))
    await asyncio.gather(*confirmations)
