"""What the engine promises, on both brokers, with workers as processes of their own."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from agents.engine.pace import FIRST
from tests.conformance.harness import PARTITIONS, Toy, event, expected, partition_of, sizes
from tests.conformance.toyworker import CRASH_POINTS

if TYPE_CHECKING:
    from tests.support.brokers import Broker

pytestmark = pytest.mark.timeout(90)

KEYS = [f"k{number}" for number in range(12)]


def test_batches_recovery_and_committed_position(broker: Broker, prefix: str) -> None:
    """A restarted worker has the whole state, to the last changelog record, and takes nothing twice."""
    with Toy(broker.address, prefix) as toy:
        events = [event(f"e{number}", "one", at=number) for number in range(2500)]
        events += [event(f"f{number}", KEYS[number % 12], at=5000 + number) for number in range(36)]
        toy.produce(events)
        first = toy.worker()
        status = first.until(lambda status: status["drained"] and status["tally"].get("ok") == len(events))
        assert status["largest"] == 1000, "the records of a fetch must come as batches of at most a thousand"
        assert status["last"] == {toy.source: 5035}
        assert sizes(status) == {key: len(ids) for key, ids in expected(events).items()}
        assert first.terminate() == 0

        assert toy.ids() == expected(events)
        outputs = toy.read(toy.out)
        assert sorted(record.value.decode() for record in outputs) == sorted(value["id"] for _, value in events)
        assert all(record.headers == [("toy", str(first.process.pid).encode())] for record in outputs)
        assert all(record.partition == partition_of(record.key.decode()) for record in outputs)

        second = toy.worker()
        status = second.until(lambda status: status["drained"])
        assert sizes(status) == {key: len(ids) for key, ids in expected(events).items()}
        toy.produce([event("last", "one")])
        status = second.until(lambda status: status["tally"])
        assert status["tally"] == {"ok": 1}
        second.until(lambda status: sizes(status)["one"] == 2501)
        rows = {row["partition"]: row for row in second.until(lambda status: status["drained"])["rows"]}
        ends = {partition: sum(partition_of(key) == partition for key, _ in events) for partition in range(PARTITIONS)}
        ends[partition_of("one")] += 1
        assert {partition: (row["position"], row["end"]) for partition, row in rows.items()} == {
            partition: (end, end) for partition, end in ends.items()
        }


def test_what_was_dropped_before_the_first_commit_comes_again(broker: Broker, prefix: str) -> None:
    """A rebalance drops batches on their way; the seek after it must bring them also when nothing is committed."""
    with Toy(broker.address, prefix) as toy:
        events = [event(f"e{number}", KEYS[number % 12], at=number) for number in range(120)]
        toy.produce(events)
        worker = toy.worker(commit_interval_s=60, seek_after=len(events))
        worker.until(lambda status: status["tally"] == {"ok": 120, "duplicate": 120})
        assert toy.ids() == expected(events)


def test_outputs_before_state_before_acknowledgement(broker: Broker, prefix: str) -> None:
    """A kill between any two parts of a step leaves what was sent before, and a restart completes it exactly."""
    # As many as a worker that knows nothing yet takes in one step.
    events = [event(f"e{number}", "one") for number in range(FIRST)]
    ids = {value["id"] for _, value in events}
    toys = {point: Toy(broker.address, f"{prefix}-{point}") for point in CRASH_POINTS}
    try:
        for point, toy in toys.items():
            toy.produce(events)
            toy.worker(crash=(point, 1))
        for point, toy in toys.items():
            assert toy.workers[0].ended(30) == -9
            outputs = {record.value.decode() for record in toy.read(toy.out)}
            assert outputs == (set() if point == "folded" else ids), point
            assert toy.ids() == ({} if point in ("folded", "outputs-sent") else {"one": ids}), point
        for toy in toys.values():
            toy.worker()
        for point, toy in toys.items():
            status = toy.workers[1].until(lambda status: status["drained"])
            # Not acknowledged in any of the cases: all are delivered again.
            taken = "ok" if point in ("folded", "outputs-sent") else "duplicate"
            assert status["tally"] == {taken: FIRST}, point
            assert toy.ids() == {"one": ids}, point
            assert {record.value.decode() for record in toy.read(toy.out)} == ids, point
    finally:
        for toy in toys.values():
            toy.__exit__()


def test_an_error_ends_the_worker_before_the_acknowledgement(broker: Broker, prefix: str) -> None:
    """A batch that cannot be folded is neither skipped nor half taken, now or after a restart."""
    with Toy(broker.address, prefix) as toy:
        toy.produce([event("fine", "one")])
        first = toy.worker()
        first.until(lambda status: status["tally"] == {"ok": 1})
        toy.produce([event("bad", "one", boom=True), event("after", "one")])
        assert first.ended(15) == 1
        assert sum("CRITICAL" in line for line in first.log) == 1
        assert "ValueError: boom" in "".join(first.log)
        second = toy.worker()
        assert second.ended(20) == 1
        assert "ValueError: boom" in "".join(second.log)
        assert toy.ids() == {"one": {"fine"}}
        assert [record.value for record in toy.read(toy.out)] == [b"fine"]


def test_two_workers_share_and_take_over(broker: Broker, prefix: str) -> None:
    """Partitions are split, state goes with them and nowhere else, and a killed worker's come back."""
    events = [event(f"e{number}", KEYS[number % 12]) for number in range(120)]
    with Toy(broker.address, prefix) as toy:
        toy.produce(events)
        first = toy.worker()
        first.until(lambda status: sizes(status) == dict.fromkeys(KEYS, 10))
        second = toy.worker()
        split = second.until(lambda status: status["recovered"] and len(status["rows"]) == 2)
        kept = first.until(lambda status: status["recovered"] and len(status["rows"]) == 2)
        assert sizes(split) | sizes(kept) == dict.fromkeys(KEYS, 10)
        for status in (split, kept):
            owned = {str(row["partition"]) for row in status["rows"]}
            assert set(status["kept"]) == owned, "state of a partition that was given up must be gone"
        assert kept["changes"] > split["changes"] >= 1
        second.kill()
        more = [event(f"m{number}", KEYS[number % 12]) for number in range(24)]
        toy.produce(more)
        first.until(lambda status: status["drained"] and len(status["rows"]) == PARTITIONS)
        assert sizes(first.until(lambda status: status["drained"])) == dict.fromkeys(KEYS, 12)
        assert toy.ids() == expected(events + more)


def test_deadlines_pass_without_traffic(broker: Broker, prefix: str) -> None:
    """Once each: by the wall clock in a silent partition, by the event clock when other partitions move it."""
    now = time.time_ns() // 1_000_000
    with Toy(broker.address, f"{prefix}w") as wall, Toy(broker.address, f"{prefix}e") as replay:
        wall.produce([event("a", "k1", at=now, due_in=7000)])
        replay.produce([event("a", "k1", at=1000, due_in=500), event("b", "k2", at=1400)])
        assert partition_of("k1") != partition_of("k2")
        first, second = wall.worker(due_interval_s=0.3), replay.worker(clock="event")
        assert second.until(lambda status: status["drained"] and status["now"] == 1400)
        assert [record.value for record in replay.read(replay.out) if record.value == b"due"] == []
        replay.produce([event("c", "k2", at=1500)])
        second.until(lambda status: status["drained"] and status["now"] == 1500)
        first.until(lambda status: status["now"] > now + 7600)
        for toy in (wall, replay):
            assert [record.key for record in toy.read(toy.out) if record.value == b"due"] == [b"k1"]
            entries = [json.loads(record.value) for record in toy.read(toy.changelog) if record.key == b"k1"]
            assert [entry["due"] is None for entry in entries] == [False, True]
        assert first.terminate() == 0


def test_overdue_deadlines_pass_after_a_restart(broker: Broker, prefix: str) -> None:
    """A deadline that passed while nobody was there is seen to by the next worker."""
    at = time.time_ns() // 1_000_000
    with Toy(broker.address, prefix) as toy:
        toy.produce([event("a", "k1", at=at, due_in=7000)])
        toy.worker().until(lambda status: status["drained"] and status["tally"] == {"ok": 1})
        assert toy.workers[0].terminate() == 0
        assert len(toy.read(toy.out)) == 1
        time.sleep(max(0.0, at / 1000 + 7.1 - time.time()))
        toy.worker().until(lambda status: status["drained"])
        time.sleep(0.3)
        assert [record.value for record in toy.read(toy.out)] == [b"a", b"due"]


def test_the_watchdog_ends_a_stuck_worker(broker: Broker, prefix: str) -> None:
    """A fold that does not return ends the process with status 70 and says why."""
    with Toy(broker.address, prefix) as toy:
        worker = toy.worker(stall_timeout_s=5, shutdown_timeout_s=60)
        worker.until(lambda status: status["recovered"])
        toy.produce([event("stuck", "one", block=60)])
        assert worker.ended(10) == 70
        assert any("watchdog: the event loop has not run" in line for line in worker.log)


def test_sigterm_ends_a_worker_in_time(broker: Broker, prefix: str) -> None:
    """While it idles, and while it is still joining its group."""
    with Toy(broker.address, prefix) as toy:
        idle = toy.worker()
        idle.until(lambda status: status["recovered"])
        began = time.monotonic()
        assert idle.terminate(10) == 0
        assert time.monotonic() - began < 5
        joining = toy.worker()
        joining.until(lambda _: any("(Re-)joining" in line for line in joining.log))
        began = time.monotonic()
        # Inside JoinGroup Faust does not stop by itself; then the deadline of 5 s does it.
        assert joining.terminate(10) in (0, 71)
        assert time.monotonic() - began < 7
