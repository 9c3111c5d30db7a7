"""Kills, freezes and broker failures while records flow: the state is exact afterwards, and nothing hangs."""

from __future__ import annotations

import random
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from agents.broker import EmbeddedBroker
from tests.conformance.harness import Toy, event, expected
from tests.support.brokers import KafkaServer, require_java

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.brokers import Broker

pytestmark = pytest.mark.timeout(240)

Events = list[tuple[str, dict[str, Any]]]


def history(count: int) -> Events:
    """Distinct events of many keys, a tenth of them repeated somewhere later."""
    chance = random.Random(count)
    events = [event(f"e{number}", f"k{chance.randrange(200)}", at=number) for number in range(count)]
    return events + chance.choices(events, k=count // 10)


def feed(toy: Toy, events: Events, parts: int, pause: float) -> threading.Thread:
    """Produce in the background, in so many parts with a pause in seconds after each."""

    def run() -> None:
        size = -(-len(events) // parts)
        for start in range(0, len(events), size):
            toy.produce(events[start : start + size])
            time.sleep(pause)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def assert_exact(toy: Toy, events: Events) -> None:
    """The changelog holds each distinct event, and each was put out at least once."""
    assert toy.ids() == expected(events)
    assert {record.value.decode() for record in toy.read(toy.out)} == {value["id"] for _, value in events}


def test_kill_9_of_the_only_worker(broker: Broker, prefix: str) -> None:
    events = history(12_000)
    with Toy(broker.address, prefix) as toy:
        first = toy.worker()
        first.until(lambda status: status["recovered"])
        feeding = feed(toy, events, 20, 0.05)
        first.until(lambda status: status["tally"].get("ok", 0) > 2000)
        first.kill()
        feeding.join()
        second = toy.worker()
        status = second.until(lambda status: status["drained"] and status["tally"], 80)
        assert status["tally"]["ok"] < len(events), "the first worker's state was lost"
        assert_exact(toy, events)


def test_kill_9_and_freeze_of_one_of_two_workers(broker: Broker, prefix: str) -> None:
    """A frozen worker that wakes up after its partitions were taken over does no harm."""
    events = history(12_000)
    with Toy(broker.address, prefix) as toy:
        workers = [toy.worker(), toy.worker()]
        for worker in workers:
            worker.until(lambda status: status["recovered"] and len(status["rows"]) == 2)
        feeding = feed(toy, events, 40, 0.2)
        workers[0].until(lambda status: status["tally"].get("ok", 0) > 300)
        workers[0].process.send_signal(signal.SIGSTOP)
        workers[1].until(lambda status: len(status["rows"]) == 4, 60)
        workers[0].process.send_signal(signal.SIGCONT)
        workers.append(toy.worker())
        workers[2].until(lambda status: status["recovered"] and status["rows"], 60)
        workers[1].kill()
        feeding.join()
        alive = [worker for worker in workers if worker.process.poll() is None]
        assert workers[2] in alive

        def all_drained(_: object) -> bool:
            # A report may be older than the kill: what counts is that every record of every partition was taken.
            statuses = [worker.status for worker in alive if worker.process.poll() is None]
            rows = [row for one in statuses for row in one["rows"]]
            taken = {row["partition"]: row["position"] for row in rows}
            whole = len(rows) == len(taken) == 4 and sum(taken.values()) == len(events)
            return whole and all(one["drained"] for one in statuses)

        workers[2].until(all_drained, 80)
        assert_exact(toy, events)


def test_a_lost_embedded_broker_ends_the_worker(prefix: str) -> None:
    """It comes back empty, on the same port; nothing could be right after that."""
    with EmbeddedBroker() as broker, Toy(broker.address, prefix) as toy:
        port = int(broker.address.split(":")[1])
        toy.produce([event("a", "k1")])
        worker = toy.worker(broker_timeout_s=6, stall_timeout_s=10)
        worker.until(lambda status: status["drained"] and status["tally"])
        broker.kill()
        time.sleep(0.5)
        with EmbeddedBroker(port):
            assert worker.ended(25) in (1, 70)


def test_a_restarted_kafka_loses_nothing(tmp_path: Path, prefix: str) -> None:
    """The worker may end; with one more start, as a supervisor would do it, all is there."""
    require_java()
    server = KafkaServer(tmp_path)
    server.start()
    events = history(4000)
    try:
        with Toy(server.address, prefix) as toy:
            toy.produce(events[:2000])
            worker = toy.worker(broker_timeout_s=8)
            worker.until(lambda status: status["tally"].get("ok", 0) > 0)
            server.kill()
            server.start()
            toy.produce(events[2000:])
            deadline = time.monotonic() + 30
            while worker.process.poll() is None and not (
                worker.status["drained"] and worker.status["tally"].get("ok", 0) == 4000
            ):
                assert time.monotonic() < deadline, f"it hangs: {worker.status} {worker.text()}"
                time.sleep(0.1)
            if worker.process.poll() is not None:
                toy.worker().until(lambda status: status["drained"], 80)
            assert_exact(toy, events)
    finally:
        server.kill()


def test_a_broker_that_goes_away_ends_the_worker(prefix: str) -> None:
    with EmbeddedBroker() as broker, Toy(broker.address, prefix) as toy:
        worker = toy.worker(broker_timeout_s=5)
        worker.until(lambda status: status["recovered"])
        broker.kill()
        assert worker.ended(15) == 70
        assert any("watchdog: the broker has not accepted a heartbeat" in line for line in worker.log)
