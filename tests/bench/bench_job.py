"""Our worker and idiomatic Faust, the same events: events per second from the first to the last figure.

Each job gets a fresh embedded broker with all its events already in it, and is scraped as often as the shipped
Prometheus does.
The clock runs from the first event taken to the last figure applied: all stages and outputs between them included.

Usage: ``python -m tests.bench.bench_job [--events N] [--idiomatic-events N] [--min-ratio R] [--hopping]``.
Ends with status 1 if ours is not ``R`` times as fast.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from agents.broker import EmbeddedBroker
from agents.feed import Feeder
from agents.settings import Settings
from agents.topic_specs import topic_specs
from agents.topics_admin import TopicSpec, create_topics
from streams.sources.simulator import Profile, Simulator
from tests.support.brokers import free_ports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
START = 1_777_852_800_000  # a Monday
PARTITIONS = 4
TICKS = os.sysconf("SC_CLK_TCK")
TIMEOUT_S = 300.0
SCRAPE_S = 5.0
"""The scrape interval of deploy/prometheus/prometheus.yml."""
QUIET_S = 1.0
"""What is drained for so long is drained."""


@dataclass(frozen=True)
class Result:
    """One measured run."""

    name: str
    events: int
    seconds: float
    cpu_seconds: float
    peak_mb: float

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.events / self.seconds


def preload(broker: str, events: int, seed: int) -> dict[str, float]:
    """Produce the first events of a simulation; returns its truth."""
    # Exactly as many events as wanted: the simulation ends with the last of them.
    last = next(islice(Simulator(seed, START, Profile()).until(1 << 60), events - 1, None)).entry.time
    simulator = Simulator(seed, START, Profile())
    with Feeder(broker) as feeder:
        for event in simulator.until(last):
            feeder.send(event.kind, event.entity, event.encoded())
        feeder.flush()
    return simulator.truth.figures(last) | {"events": simulator.truth.events}


def fetch(url: str) -> str:
    """A page, or nothing while there is none."""
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            text: str = answer.read().decode()
            return text
    except OSError:
        return ""


class Job:
    """A worker process under measurement."""

    def __init__(self, command: list[str], environment: dict[str, str], port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=self._log, stderr=self._log
        )
        self._scraped = time.monotonic()
        self.scrapes = 0

    def wait(self, until: Callable[[], object], pause: float) -> None:
        """Poll, and scrape meanwhile."""
        deadline = time.monotonic() + TIMEOUT_S
        while not until():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._log.seek(0)
                tail = self._log.read().decode(errors="replace")[-3000:]
                message = f"the worker ended or is stuck: {self._process.poll()}\n{tail}"
                raise RuntimeError(message)
            if time.monotonic() - self._scraped >= SCRAPE_S:
                self._scraped = time.monotonic()
                self.scrapes += bool(fetch(f"{self.url}/metrics"))
            time.sleep(pause)

    def cpu_seconds(self) -> float:
        """Processor time used so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def peak_mb(self) -> float:
        """Largest resident set so far."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else 0.0

    @contextlib.contextmanager
    def recorded(self, to: str | None) -> Iterator[None]:
        """Have py-spy record where the time goes, if a file for it is given."""
        if to is None:
            yield
            return
        command = ["py-spy", "record", "-r", "200", "-f", "raw", "-o", to, "-p", str(self._process.pid)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as spy:
            yield
            spy.send_signal(signal.SIGINT)

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._log.close()


def total(metrics: str, family: str, *labels: str) -> float:
    """Sum of a family's series that carry some labels."""
    found = 0.0
    for line in metrics.splitlines():
        if line.startswith(f"{family}{{") and all(label in line for label in labels):
            found += float(line.rpartition(" ")[2])
    return found


def check(what: str, found: float, wanted: float) -> None:
    """Fail if a figure is not what the simulator knows."""
    if found != wanted:
        message = f"{what}: {found:.0f}, but the truth is {wanted:.0f}"
        raise RuntimeError(message)


def measure_ours(events: int, seed: int, profile_to: str | None) -> Result:
    """The product's own worker, as it is deployed."""
    with EmbeddedBroker() as broker:
        settings = Settings(broker=broker.address, partitions=PARTITIONS)
        create_topics(broker.address, topic_specs(settings))
        truth = preload(broker.address, events, seed)
        port = free_ports(1)[0]
        environment = {
            "TICKETSTREAMS_BROKER": broker.address,
            "TICKETSTREAMS_HTTP_PORT": str(port),
            "TICKETSTREAMS_PARTITIONS": str(PARTITIONS),
            "TICKETSTREAMS_CLOCK": "event",
        }
        command = [sys.executable, "-m", "agents", "worker"]
        job = Job(command, environment, port)
        quiet_since = 0.0

        def said() -> dict[str, object]:
            text = fetch(f"{job.url}/api/v1/progress")
            found: dict[str, object] = json.loads(text) if text else {}
            return found

        def drained() -> bool:
            nonlocal quiet_since
            if not said().get("drained"):
                quiet_since = 0.0
            elif not quiet_since:
                quiet_since = time.monotonic()
            return bool(quiet_since) and time.monotonic() - quiet_since > QUIET_S

        try:
            job.wait(lambda: said().get("recovered"), 0.005)
            began = time.monotonic()
            with job.recorded(profile_to):
                job.wait(drained, 0.05)
            metrics = fetch(f"{job.url}/metrics")
            check("tickets created", total(metrics, "support_tickets_created_total"), truth["tickets.created"])
            offered = total(metrics, "support_contacts_offered_total", 'unit="segment"')
            check("contacts offered", offered, truth["contacts.offered"])
            return Result("ticket-streams", events, quiet_since - began, job.cpu_seconds(), job.peak_mb())
        finally:
            job.end()


def measure_idiomatic(events: int, seed: int, *, hopping: bool) -> Result:
    """The same job in idiomatic Faust."""
    with EmbeddedBroker() as broker:
        names = ("tickets", "calls", "chats", "reps", "idiomatic-facts", "idiomatic-touches")
        create_topics(broker.address, [TopicSpec(name, PARTITIONS, {}) for name in names])
        truth = preload(broker.address, events, seed)
        port = free_ports(1)[0]
        environment = {
            "IDIOMATIC_BROKER": broker.address,
            "IDIOMATIC_PORT": str(port),
            "IDIOMATIC_PARTITIONS": str(PARTITIONS),
            "IDIOMATIC_HOPPING": "1" if hopping else "0",
        }
        with tempfile.TemporaryDirectory() as directory:
            arguments = ["--datadir", f"{directory}/data", "worker", "-l", "warn", "--without-web"]
            job = Job([sys.executable, "-m", "tests.bench.idiomatic", *arguments], environment, port)
            metrics = ""

            def done(what: str) -> float:
                return total(metrics, "idiomatic_progress", f'what="{what}"')

            def finished() -> bool:
                nonlocal metrics
                metrics = fetch(f"{job.url}/metrics")
                return done("events") >= truth["events"] and done("applied") >= done("sent")

            try:
                job.wait(finished, SCRAPE_S)
                check(
                    "tickets created",
                    total(metrics, "idiomatic_facts_total", 'metric="created"'),
                    truth["tickets.created"],
                )
                name = "idiomatic Faust, hopping" if hopping else "idiomatic Faust"
                return Result(name, events, done("last") - done("first"), job.cpu_seconds(), job.peak_mb())
            finally:
                job.end()


def main() -> int:
    """Measure both and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--idiomatic-events", type=int, default=20_000)
    parser.add_argument("--hopping", action="store_true", help="measure idiomatic Faust with a hopping window, too")
    parser.add_argument("--min-ratio", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--py-spy", metavar="FILE", help="record where our worker spends its time; slows it down")
    chosen = parser.parse_args()
    ours = measure_ours(chosen.events, chosen.seed, chosen.py_spy)
    results = [ours]
    if chosen.idiomatic_events:
        results.append(measure_idiomatic(chosen.idiomatic_events, chosen.seed, hopping=False))
        if chosen.hopping:
            results.append(measure_idiomatic(chosen.idiomatic_events // 10, chosen.seed, hopping=True))
    print(f"{'':26}{'events':>9}{'seconds':>9}{'events/s':>10}{'ratio':>8}{'CPU s':>8}{'peak MB':>9}")
    for one in results:
        ratio = ours.rate / one.rate
        print(
            f"{one.name:26}{one.events:9,}{one.seconds:9.2f}{one.rate:10,.0f}"
            f"{ratio:8.1f}{one.cpu_seconds:8.1f}{one.peak_mb:9.0f}"
        )
    if len(results) > 1 and ours.rate < chosen.min_ratio * results[1].rate:
        print(f"ours is not {chosen.min_ratio:g} times as fast", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
