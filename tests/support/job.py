"""The whole job on one machine, for tests: broker, workers, feed, figures."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from agents.broker import EmbeddedBroker
from agents.feed import Feeder
from agents.machine import Machine, fetch_json
from agents.settings import Settings
from tests.support.brokers import KafkaServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agents.engine import Clock
    from streams.events import Kind
    from streams.figures.options import FigureOptions

Encoded = "tuple[int, Kind, str, bytes]"
DRAIN_S = 270.0


@contextlib.contextmanager
def fresh_broker(name: str) -> Iterator[str]:
    """A broker of the test's own, ``tansu`` or ``kafka``; yields its address."""
    if name == "tansu":
        with EmbeddedBroker() as embedded:
            yield embedded.address
        return
    with tempfile.TemporaryDirectory() as directory:
        server = KafkaServer(Path(directory))
        server.start()
        try:
            yield server.address
        finally:
            server.stop()


def free_port() -> int:
    """A port on loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Job:
    """A running machine, fed by the test."""

    def __init__(self, broker: str, options: FigureOptions, *, workers: int = 1, clock: Clock = "event") -> None:
        self.app_id = f"t{secrets.token_hex(4)}"
        settings = Settings(app_id=self.app_id, clock=clock, figures=msgspec.to_builtins(options), partitions=4)
        self.machine = Machine(settings, broker=broker, workers=workers, port=free_port(), verbose=False)
        self.feeder = Feeder(broker)
        self.said: list[str] = []

    def __enter__(self) -> Job:
        try:
            self.machine.start(self.said.append)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.feeder.close()
        self.machine.stop()

    def feed(self, events: Sequence[tuple[int, Kind, str, bytes]]) -> None:
        """Produce events as fast as the broker takes them."""
        self.feeder.feed(events)

    def kill_worker(self, number: int = 0) -> None:
        """End a worker as a crash would."""
        pid = self.machine.workers[number].pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    def wait_for(self, taken: int, *, drained: bool = True) -> None:
        """Wait until so many source records have been taken, and everything that follows from them is done."""
        deadline = time.monotonic() + DRAIN_S
        still_since: float | None = None
        while True:
            self.machine.watch(self.said.append)
            done, quiet = self.machine.taken()
            now = time.monotonic()
            if done >= taken and not drained:
                return
            if done >= taken and quiet:
                still_since = still_since or now
                if now - still_since > 0.6:
                    return
            else:
                still_since = None
            assert now < deadline, f"{done} of {taken} records taken after {DRAIN_S} s: {self.said}"
            time.sleep(0.05)

    def figures(self, window: str = "all", by: str = "queue") -> dict[str, Any]:
        """What the API says."""
        found: Any = fetch_json(f"{self.machine.url}/api/v1/figures?window={window}&by={by}")
        assert found is not None, "the API does not answer"
        return dict(found)

    def metrics(self) -> list[Any]:
        """What the exposition says, as parsed samples."""
        with urllib.request.urlopen(f"{self.machine.url}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        return [sample for family in text_string_to_metric_families(text) for sample in family.samples]


def total(samples: list[Any], name: str, **labels: str) -> float:
    """Sum of the series of a name that carry labels."""
    return sum(
        float(sample.value)
        for sample in samples
        if sample.name == name and all(sample.labels.get(key) == value for key, value in labels.items())
    )
