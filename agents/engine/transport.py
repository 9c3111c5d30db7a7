"""Faust's Kafka transport, reading batch-wise and keeping its own books.

This module and :mod:`agents.engine.changelog` are the only ones that touch private parts of Faust and aiokafka;
``tests/conformance`` fails loudly when one of those changes.

What differs from the stock transport, and why:

* All records of a partition that one fetch brought reach the stream as *one* event (a thousand at most).
* Offsets are committed as the engine reports batches durable, whatever Faust acknowledges: Faust acknowledges an
  event also when its processing raised or was cancelled, and its bookkeeping of offset gaps lags behind.
* The broker may hold an empty fetch for 50 ms instead of 1.5 s, during which one quiet partition blocks a busy one.
* The end of a partition is learnt from Fetch; the embedded broker answers ListOffsets wrongly.
* A seek to what is committed also moves partitions of which nothing is committed yet.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.group import LeaveGroupRequest
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from agents.engine.config import EngineError
from agents.engine.loop import new_event_loop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    from faust.app.base import App
    from faust.types.tuples import Message

POLL_S = 0.1
"""Longest wait of one poll; also how long a partition that was taken out under back-pressure stays unnoticed."""
GATE_POLL_S = 0.02
"""How soon after recovery the first records are taken."""
LEAVE_S = 1.0
"""How long a leaving worker waits for the broker to take note."""
END_WAIT_MS = 20
"""What a broker has for its first answer about the ends of partitions; twice as long for each that follows."""
END_ATTEMPTS = 6
SPIN_FLOOR_S = 0.01
"""Shortest time between two fetches that bring nothing, for brokers that do not hold a fetch back."""


class Seen(NamedTuple):
    """What the consumer thread last saw of a partition."""

    generation: int
    position: int
    """Next offset it will fetch; beyond trailing offsets that hold no record."""
    end: int | None
    """Next offset to be written, or None before the first answer."""


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """The thread that talks to the broker."""

    handed: dict[TP, tuple[int, int]]
    """Per partition the generation and the offset after the last record handed to the event loop."""
    seen: dict[TP, Seen]
    lease_at: float
    """``time.monotonic`` of the last heartbeat that the broker accepted, taken before it was sent."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.handed = {}
        self.seen = {}
        self.lease_at = time.monotonic()

    def _create_worker_consumer(self, transport: driver.Transport) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust hard-codes 1500 and offers no setting.
        consumer._fetch_max_wait_ms = _fetch_wait_ms(self.app)
        return consumer

    async def on_start(self) -> None:
        """Connect, and put our guards around what aiokafka runs."""
        await super().on_start()
        self.lease_at = time.monotonic()
        consumer = self._ensure_consumer()
        self._guard_fetch(consumer._fetcher)
        self._watch_heartbeat(consumer._coordinator)

    async def on_thread_stop(self) -> None:
        """Leave the group, and disconnect."""
        await self._leave_first_generation()
        await super().on_thread_stop()

    async def _leave_first_generation(self) -> None:
        """Tell the broker that we go, where aiokafka does not: it takes generation 0 for "not a member".

        The embedded broker numbers generations from 0. Without this a restarted worker waits for a session to end.
        """
        coordinator = self._consumer and self._consumer._coordinator
        if coordinator and coordinator.generation == 0 and coordinator.member_id:
            with contextlib.suppress(KafkaError, asyncio.TimeoutError):
                request = LeaveGroupRequest(coordinator.group_id, coordinator.member_id)
                await asyncio.wait_for(coordinator._send_req(request), LEAVE_S)

    def _guard_fetch(self, fetcher: Any) -> None:
        fetch = fetcher._proc_fetch_request

        async def unhurried(assignment: Any, node_id: Any, request: Any) -> Any:
            began = time.monotonic()
            brought = await fetch(assignment, node_id, request)
            rest = SPIN_FLOOR_S - (time.monotonic() - began)
            if not brought and rest > 0:
                await asyncio.sleep(rest)
            return brought

        fetcher._proc_fetch_request = unhurried

    def _watch_heartbeat(self, coordinator: Any) -> None:
        beat = coordinator._do_heartbeat

        async def noted() -> bool:
            began = time.monotonic()
            accepted = bool(await beat())
            if accepted:
                self.lease_at = began
            return accepted

        coordinator._do_heartbeat = noted

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Joining the group is as good as a heartbeat."""
        self.lease_at = time.monotonic()
        await super().on_partitions_assigned(assigned, generation_id)

    async def _fetch_records(
        self,
        consumer: Any,
        active_partitions: set[TP],
        timeout: float | None = None,  # noqa: ASYNC109
        max_records: int | None = None,
    ) -> Any:
        # The generation is read first: what is noted under it can then only be older, never newer, than it.
        generation = self.app.consumer_generation_id
        records = await super()._fetch_records(consumer, active_partitions, timeout=timeout, max_records=max_records)
        for tp, found in records.items():
            self.handed[tp] = (generation, found[-1].offset + 1)
        subscription = consumer._subscription.subscription
        assignment = subscription and subscription.assignment
        if assignment is not None and assignment.active and generation == self.app.consumer_generation_id:
            for tp in assignment.tps:
                state = assignment.state_value(tp)
                if state.has_valid_position:
                    self.seen[TP(tp.topic, tp.partition)] = Seen(generation, state.position, state.highwater)
        return records

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Go back to what is committed; in source partitions of which nothing is, to the beginning.

        aiokafka leaves the position of the latter where it is: what a poll had fetched while a rebalance dropped it
        would never come again.
        """
        committed: Mapping[TP, int | None] = await super().seek_to_committed()
        fresh = [tp for tp, offset in committed.items() if not offset and self.app.topics.acks_enabled_for(tp.topic)]
        if fresh:
            await self.call_thread(self._ensure_consumer().seek_to_beginning, *fresh)
        return cast("Mapping[TP, int]", committed)

    async def _highwaters(self, partitions: list[TP]) -> Mapping[TP, int]:
        """Where partitions end, learnt from Fetch.

        Raises:
            EngineError: the broker did not say it of each partition. To begin with less would be to recover less.
        """
        ends = dict(await super()._highwaters(partitions))
        told: set[TP] = set()
        for attempt in range(END_ATTEMPTS):
            # A broker may answer without a partition when its time for the answer was up before it looked.
            told |= await self._fetch_ends(ends, ends.keys() - told, END_WAIT_MS << attempt)
            if told == ends.keys():
                return ends
        missing = ", ".join(f"{tp.topic}/{tp.partition}" for tp in sorted(ends.keys() - told))
        msg = f"the broker does not tell the end of {missing}"
        raise EngineError(msg)

    async def _fetch_ends(self, ends: dict[TP, int], wanted: Iterable[TP], wait_ms: int) -> set[TP]:
        client = self._ensure_consumer()._client
        nodes: dict[Any, dict[str, list[tuple[int, int, int]]]] = {}
        for tp in wanted:
            leader = client.cluster.leader_for_partition(tp)
            nodes.setdefault(leader, {}).setdefault(tp.topic, []).append((tp.partition, ends[tp], 1))
        told = set()
        for node, topics in nodes.items():
            response = await client.send(node, FetchRequest(wait_ms, 0, 1 << 20, 0, list(topics.items())))
            for topic, answers in response.topics:
                for partition, error, highwater, *_ in answers:
                    if error:
                        problem = f"end of {topic}/{partition}"
                        raise for_code(error)(problem)
                    tp = TP(topic, partition)
                    ends[tp] = max(ends[tp], highwater)
                    told.add(tp)
        return told


class Consumer(driver.Consumer):
    """The consumer as the event loop sees it."""

    _thread: ConsumerThread
    done: dict[TP, int]
    """Per partition the offset after the last record whose effects are durable; this is what gets committed."""

    reached: dict[TP, int]
    """Like ``done``, but over all rebalances: a log that ends before it has lost records."""
    taking: bool
    """Whether records of source topics may be handed to the stream; the engine says so once recovery is complete.

    Faust would do it a little earlier, and then clear the stream's queue, batches in it included.
    """
    on_way: dict[TP, deque[int]]
    """Per source partition the ends of the batches that were handed to the stream and are not durable yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.done = {}
        self.reached = {}
        self.taking = False
        self.on_way = defaultdict(deque)
        super().__init__(*args, **kwargs)

    @property
    def thread(self) -> ConsumerThread:
        """The thread that talks to the broker."""
        return self._thread

    def committed(self, tp: TP) -> int:
        """The offset from which this worker began or last committed; 0 if there is none."""
        return self._committed_offset.get(tp) or 0

    def partition_count(self, topic: str) -> int:
        """How many partitions a topic has, as far as known; 0 when it does not exist."""
        return len(self._thread._ensure_consumer()._client.cluster.partitions_for_topic(topic) or ())

    def mark_done(self, topic: str, partition: int, offset: int) -> None:
        """Everything before ``offset`` is durable. Never goes back: records may be delivered twice."""
        tp = TP(topic, partition)
        done = self.done[tp] = max(offset, self.done.get(tp, 0))
        self.reached[tp] = max(done, self.reached.get(tp, 0))
        waiting = self.on_way[tp]
        while waiting and waiting[0] <= done:
            waiting.popleft()

    def check_next(self, topic: str, partition: int, end: int) -> None:
        """Make sure that no batch before the one that ends at ``end`` was dropped on its way to the stage.

        Raises:
            EngineError: one was. To go on would commit its records without having taken them.
        """
        waiting = self.on_way[TP(topic, partition)]
        if waiting and waiting[0] < end:
            msg = f"{topic}/{partition}: the batch that ends at {waiting[0]} was never processed"
            raise EngineError(msg)

    def forget(self) -> None:
        """All partitions are given up."""
        self.done.clear()
        self.on_way.clear()

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, thread_loop=new_event_loop(), beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:  # noqa: ASYNC109
        """Poll, never longer than ``POLL_S`` seconds."""
        async for tp, message in super().getmany(min(timeout, POLL_S)):
            if self.app.topics.acks_enabled_for(tp.topic):
                self.on_way[tp].append(message.offset + 1)
            yield tp, message

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:  # noqa: ASYNC109
        if self.taking or active_partitions is None:
            return await super()._getmany(active_partitions, timeout)
        changelogs = {tp for tp in active_partitions if not self.app.topics.acks_enabled_for(tp.topic)}
        if changelogs:
            return await super()._getmany(changelogs, timeout)
        await self.sleep(GATE_POLL_S)
        return {}

    async def perform_seek(self) -> None:
        """Go back to what is committed; batches on their way will come again."""
        self.on_way.clear()
        await super().perform_seek()

    def ack(self, message: Message) -> bool:
        """Let go of an event. Says nothing about offsets: those are committed as the engine reports them."""
        message.acked = True
        self._unacked_messages.discard(message)
        return True

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Nothing: offsets without records need no books when only the last durable one counts."""

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return (tp for tp in list(self.done) if topics is None or tp in topics or tp.topic in topics)

    def _new_offset(self, tp: TP) -> int | None:
        return self.done.get(tp)


class Transport(driver.Transport):
    """Registers the consumer above with Faust."""

    Consumer = Consumer


def _fetch_wait_ms(app: Any) -> int:
    engine_app: App = app
    return int(engine_app.fetch_wait_ms)  # type: ignore[attr-defined]
