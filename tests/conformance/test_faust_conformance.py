"""The private parts of Faust, mode and aiokafka that the engine builds upon are as it expects them.

A failure here after an upgrade means: read what changed, adapt ``agents/engine``, and run the behaviour tests.
"""

from __future__ import annotations

import inspect
from collections import Counter
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

import aiokafka
import faust
import pytest
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.producer.message_accumulator import BatchBuilder
from faust.tables.base import Collection
from faust.tables.recovery import Recovery
from faust.transport import consumer as base
from faust.transport.drivers import aiokafka as driver
from faust.transport.utils import DefaultSchedulingStrategy
from faust.types import TP

from agents.engine import EngineConfig, PartitionProgress
from agents.engine.batches import batch_scheduler
from agents.engine.changelog import close_trailing_hole
from agents.engine.progress import partition_progress
from agents.engine.transport import Seen
from agents.engine.watchdog import STALE_S, StallDetector, Vitals

METHODS = [
    (driver.AIOKafkaConsumerThread, "__post_init__", "self"),
    (driver.AIOKafkaConsumerThread, "_create_worker_consumer", "self transport"),
    (driver.AIOKafkaConsumerThread, "_ensure_consumer", "self"),
    (driver.AIOKafkaConsumerThread, "_fetch_records", "self consumer active_partitions timeout max_records"),
    (driver.AIOKafkaConsumerThread, "_highwaters", "self partitions"),
    (driver.AIOKafkaConsumerThread, "on_partitions_assigned", "self assigned generation_id"),
    (driver.Consumer, "_new_consumer_thread", "self"),
    (base.Consumer, "getmany", "self timeout"),
    (base.ThreadDelegateConsumer, "_getmany", "self active_partitions timeout"),
    (base.Consumer, "perform_seek", "self"),
    (base.Consumer, "ack", "self message"),
    (base.Consumer, "_add_gap", "self tp offset_from offset_to"),
    (base.Consumer, "_filter_tps_with_pending_acks", "self topics"),
    (base.Consumer, "_new_offset", "self tp"),
    (DefaultSchedulingStrategy, "iterate", "self records"),
    (faust.App, "_new_transport", "self"),
    (faust.App, "on_rebalance_start", "self"),
    (faust.App, "on_rebalance_end", "self"),
    (Collection, "on_rebalance", "self assigned revoked newly_assigned generation_id"),
    (Collection, "on_recovery_completed", "self active_tps standby_tps"),
    (Collection, "apply_changelog_batch", "self batch"),
    (Collection, "persisted_offset", "self tp"),
    (Recovery, "need_recovery", "self"),
    (Fetcher, "_proc_fetch_request", "self assignment node_id request"),
    (GroupCoordinator, "_do_heartbeat", "self"),
    (GroupCoordinator, "_send_req", "self request"),
    (aiokafka.AIOKafkaProducer, "create_batch", "self"),
    (aiokafka.AIOKafkaProducer, "send_batch", "self batch topic partition"),
    (BatchBuilder, "append", "self timestamp key value headers"),
]


def test_versions_are_the_ones_this_was_written_for() -> None:
    pins = {"faust-streaming": "0.15.3", "mode-streaming": "0.7.1", "aiokafka": "0.14.0"}
    assert {name: version(name) for name in pins} == pins


@pytest.mark.parametrize(("owner", "name", "parameters"), METHODS, ids=lambda value: getattr(value, "__name__", value))
def test_methods_we_override_or_call(owner: type, name: str, parameters: str) -> None:
    assert " ".join(inspect.signature(getattr(owner, name)).parameters) == parameters


def test_places_from_which_our_overrides_are_called() -> None:
    """Overriding a method is only of use as long as Faust goes through it."""
    source = inspect.getsource
    assert "self._new_offset(tp)" in source(base.Consumer._filter_committable_offsets)
    assert "self._filter_tps_with_pending_acks(topics)" in source(base.Consumer.force_commit)
    assert "getmany(timeout=1.0)" in source(base.Consumer._drain_messages)
    assert "self.scheduler.iterate(records)" in source(base.Consumer.getmany)
    assert "self._highwaters" in source(driver.AIOKafkaConsumerThread.highwaters)
    assert "self._fetch_records" in source(driver.AIOKafkaConsumerThread.getmany)
    assert "self._proc_fetch_request(" in source(Fetcher._fetch_requests_routine)
    assert "self._do_heartbeat()" in source(GroupCoordinator._heartbeat_routine)
    assert "self.app.on_rebalance_end()" in source(Recovery.on_recovery_completed)
    assert "fetch_max_wait_ms=1500" in source(driver.AIOKafkaConsumerThread._create_worker_consumer)
    assert "consumer._fetch_max_wait_ms" not in source(aiokafka.AIOKafkaConsumer.__init__)
    assert "fetch_max_wait_ms=self._fetch_max_wait_ms" in source(aiokafka.AIOKafkaConsumer.start)


def test_the_first_record_of_a_batch_is_taken_whatever_its_size() -> None:
    batch = BatchBuilder(100, 0)
    assert batch.append(timestamp=None, key=b"k", value=b"x" * 1000, headers=[("a", b"b")]) is not None
    assert batch.append(timestamp=None, key=b"k", value=b"x", headers=[]) is None


def test_batches_keep_partitions_apart_and_records_in_order() -> None:
    records = {
        TP("t", part): [SimpleNamespace(topic="t", partition=part, offset=o, timestamp=0, timestamp_type=0) for o in at]
        for part, at in ((0, range(5)), (1, [7, 9]))
    }
    found = list(batch_scheduler(2)().iterate(records))
    batches = [(tp.partition, [record.offset for record in batch.value], batch.offset) for tp, batch in found]
    assert sorted(batches) == [(0, [0, 1], 1), (0, [2, 3], 3), (0, [4], 4), (1, [7, 9], 9)]
    assert [batch for batch in batches if batch[0] == 0] == sorted(batch for batch in batches if batch[0] == 0)


TP0 = TP("t", 0)


@pytest.mark.parametrize(
    ("have", "position", "handed", "closed"),
    [
        (7, 11, 8, True),  # offsets 8 to 10 hold no record, and all that came has been applied
        (7, 11, 10, False),  # a record at 9 is on its way
        (7, 9, 8, False),  # not read to the end yet
        (-1, 11, None, True),  # nothing but holes
    ],
)
def test_recovery_ends_at_a_trailing_hole(have: int, position: int, handed: int | None, closed: bool) -> None:
    recovery = SimpleNamespace(active_tps={TP0}, active_highwaters={TP0: 10}, active_offsets=Counter({TP0: have}))
    app: Any = SimpleNamespace(tables=SimpleNamespace(recovery=recovery), consumer_generation_id=3)
    close_trailing_hole(app, {} if handed is None else {TP0: (3, handed)}, {TP0: Seen(3, position, 11)})
    assert recovery.active_offsets[TP0] == (10 if closed else have)
    stale = SimpleNamespace(tables=SimpleNamespace(recovery=recovery), consumer_generation_id=4)
    recovery.active_offsets[TP0] = have
    close_trailing_hole(stale, {}, {TP0: Seen(3, position, 11)})
    assert recovery.active_offsets[TP0] == have


@pytest.mark.parametrize(
    ("done", "handed", "seen", "expected"),
    [
        (5, 5, 8, 8),  # trailing offsets without records count as taken
        (5, 7, 8, 5),  # a batch is on its way
        (None, None, 4, 4),
        (None, 3, 4, 2),  # nothing done yet: where it began
    ],
)
def test_position(done: int | None, handed: int | None, seen: int, expected: int) -> None:
    thread = SimpleNamespace(seen={TP0: Seen(1, seen, 9)}, handed={} if handed is None else {TP0: (1, handed)})
    consumer: Any = SimpleNamespace(thread=thread, done={} if done is None else {TP0: done}, committed=lambda _: 2)
    assert partition_progress(consumer, TP0, 1) == PartitionProgress("t", 0, expected, 9)
    assert partition_progress(consumer, TP0, 2).end is None


def vitals(at: float, *rows: tuple[int, int | None], recovered: bool = True, restored: int = 0) -> Vitals:
    found = tuple(PartitionProgress("t", number, position, end) for number, (position, end) in enumerate(rows))
    return Vitals(beat=at, lease_at=at, recovered=recovered, restored=restored, rows=found)


def test_stall_detector_wants_progress_of_each_lagging_partition() -> None:
    detector = StallDetector(10, 30)
    for at in range(0, 10):
        assert detector.verdict(vitals(at, (at, 100), (5, 5), (7, 9)), at) is None
    verdict = detector.verdict(vitals(11, (11, 100), (5, 5), (7, 9)), 11)
    assert verdict == "t/2 is not at its end and has stood at offset 7 for 11 s"
    assert detector.verdict(vitals(12, (12, 100), (5, 5), (8, 9)), 12) is None
    for at in range(12, 22):
        assert detector.verdict(vitals(at, (5, None)), at) is None
    assert "t/0 is not at its end" in str(detector.verdict(vitals(23, (5, None)), 23))


def test_stall_detector_wants_progress_of_recovery() -> None:
    detector = StallDetector(10, 30)
    for at in range(0, 40, 2):
        assert detector.verdict(vitals(at, recovered=False, restored=at), at) is None
    assert detector.verdict(vitals(50, recovered=False, restored=38), 50) == "no recovery progress for 12 s"


def test_stall_detector_notices_a_stopped_loop_and_a_silent_broker() -> None:
    detector = StallDetector(10, 30)
    fine = vitals(100, (5, 5))
    assert detector.verdict(fine, 100) is None
    assert detector.verdict(fine._replace(lease_at=69), 100) == "the broker has not accepted a heartbeat for 31 s"
    assert detector.verdict(fine._replace(lease_at=69), 100 + STALE_S + 1) is None
    assert detector.verdict(fine, 111) == "the event loop has not run for 11 s"


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"partitions": 0}, "partitions"),
        ({"broker": ""}, "broker"),
        ({"session_timeout_s": 40.0}, "session_timeout_s"),
        ({"heartbeat_interval_s": 4.0}, "heartbeat_interval_s"),
    ],
)
def test_configuration_is_checked(change: dict[str, Any], names: str) -> None:
    fields: dict[str, Any] = {"app_id": "a", "broker": "127.0.0.1:9092", "partitions": 4}
    with pytest.raises(ValueError, match=names):
        EngineConfig(**(fields | change))
