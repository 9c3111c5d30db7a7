"""Topics, records and worker processes for tests of the engine."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from agents.engine import changelog_topic
from agents.topics_admin import TopicSpec, create_topics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ROOT = Path(__file__).parents[2]
PARTITIONS = 4
SESSION_S = 2.0
"""Short, so that a killed worker is missed soon."""


def partition_of(key: str) -> int:
    """Where the tests put a key."""
    return sum(key.encode()) % PARTITIONS


def event(identity: str, key: str, at: int = 1, **more: Any) -> tuple[str, dict[str, Any]]:
    """A key and an event for it."""
    return key, {"id": identity, "t": at, **more}


@dataclass
class ToyWorker:
    """One worker process, and what it last said about itself."""

    process: subprocess.Popen[str]
    status: dict[str, Any] = field(default_factory=dict)
    statuses: int = 0
    log: list[str] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    @classmethod
    def start(cls, options: dict[str, Any]) -> Self:
        """Start the process."""
        command = [sys.executable, "-m", "tests.conformance.toyworker", json.dumps(options)]
        pipe = subprocess.PIPE
        worker = cls(subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True))
        for target in (worker._follow, worker._collect):
            worker.threads.append(threading.Thread(target=target, daemon=True))
            worker.threads[-1].start()
        return worker

    def _follow(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.status = json.loads(line)
            self.statuses += 1

    def _collect(self) -> None:
        assert self.process.stderr is not None
        self.log.extend(self.process.stderr)

    def until(self, what: Callable[[dict[str, Any]], object], timeout: float = 60.0) -> dict[str, Any]:
        """Wait until the worker's report fulfils a condition, and return that report."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            status = self.status
            if status and what(status):
                return status
            assert self.process.poll() is None, f"worker ended with {self.process.returncode}:\n{self.text()}"
            time.sleep(0.02)
        msg = f"not within {timeout} s; last report {self.status}\n{self.text()}"
        raise AssertionError(msg)

    def ended(self, timeout: float) -> int:
        """Wait for the process to end by itself, and return its status."""
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            msg = f"the worker did not end within {timeout} s; last report {self.status}\n{self.text()}"
            raise AssertionError(msg) from None
        self._close()
        return status

    def _close(self) -> None:
        for thread in self.threads:
            thread.join(5)
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()

    def terminate(self, timeout: float = 10.0) -> int:
        """SIGTERM, and wait."""
        self.process.terminate()
        return self.ended(timeout)

    def kill(self) -> None:
        """SIGKILL, and wait."""
        self.process.kill()
        self.process.wait()
        self._close()

    def text(self) -> str:
        """The end of its log."""
        return "".join(self.log[-60:])


class Toy:
    """The topics of one toy application, and its workers."""

    def __init__(self, broker: str, app: str, out_config: dict[str, str] | None = None) -> None:
        """Create the topics."""
        self.broker = broker
        self.app = app
        self.source, self.out = f"{app}-source", f"{app}-out"
        self.changelog = changelog_topic(app, "toy")
        specs = [TopicSpec(self.source, PARTITIONS, {}), TopicSpec(self.out, PARTITIONS, out_config or {})]
        create_topics(broker, [*specs, TopicSpec(self.changelog, PARTITIONS, {"cleanup.policy": "compact"})])
        self.workers: list[ToyWorker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.kill()

    def worker(
        self, *, crash: tuple[str, int] | None = None, seek_after: int | None = None, **config: Any
    ) -> ToyWorker:
        """Start a worker."""
        base = {
            "app_id": self.app,
            "broker": self.broker,
            "partitions": PARTITIONS,
            "session_timeout_s": SESSION_S,
            "heartbeat_interval_s": SESSION_S / 4,
            "rebalance_timeout_s": 6,
            "shutdown_timeout_s": 5,
        }
        options: dict[str, Any] = {"config": base | config, "source": self.source, "out": self.out}
        if crash is not None:
            options["crash"] = crash
        if seek_after is not None:
            options["seek_after"] = seek_after
        worker = ToyWorker.start(options)
        self.workers.append(worker)
        return worker

    def produce(self, events: Iterable[tuple[str, dict[str, Any]]]) -> None:
        """Send events to the source topic, and wait for the broker."""
        producer = KafkaProducer(bootstrap_servers=self.broker, linger_ms=5)
        sent = [
            producer.send(self.source, key=key.encode(), value=json.dumps(value).encode(), partition=partition_of(key))
            for key, value in events
        ]
        producer.flush(timeout=30)
        for future in sent:
            future.get(timeout=1)
        producer.close()

    def read(self, topic: str) -> list[Any]:
        """All records of a topic."""
        return list(read_all(self.broker, topic))

    def ids(self) -> dict[str, set[str]]:
        """Per key the ids in the changelog's last entry: the state that a fresh worker would have."""
        last: dict[str, set[str]] = {}
        for record in self.read(self.changelog):
            assert partition_of(record.key.decode()) == record.partition
            last[record.key.decode()] = set(json.loads(record.value)["ids"])
        return last


def read_all(broker: str, topic: str) -> Iterator[Any]:
    """All records of a topic, up to the end that Fetch tells (the embedded broker's ListOffsets is wrong)."""
    consumer = KafkaConsumer(bootstrap_servers=broker, enable_auto_commit=False)
    try:
        parts = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(parts)
        for part in parts:
            consumer.seek(part, 0)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for records in consumer.poll(timeout_ms=100).values():
                yield from records
            ends = {part: consumer.highwater(part) for part in parts}
            if all(end is not None and consumer.position(part) >= end for part, end in ends.items()):
                return
        msg = f"{topic} could not be read to its end: {ends}"
        raise AssertionError(msg)
    finally:
        consumer.close()


def expected(events: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, set[str]]:
    """Per key the ids that the events hold: what the state must be after all of them."""
    found: dict[str, set[str]] = {}
    for key, value in events:
        found.setdefault(key, set()).add(value["id"])
    return found


def sizes(status: dict[str, Any]) -> dict[str, int]:
    """Per key the number of ids that a worker reports."""
    return {key: count for kept in status["kept"].values() for key, count in kept.items()}
