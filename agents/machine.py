"""Everything on one machine: broker, topics, workers and their common front, kept alive and ended together."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from agents.broker import BrokerError, EmbeddedBroker, claim_port
from agents.supervisor import WorkerProcess, end_all
from agents.topic_specs import STAGES, topic_specs
from agents.topics_admin import create_topics
from agents.web.front import create_front
from agents.web.server import start
from streams.topics import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from agents.settings import Settings

READY_S = 90.0
_POLL_S = 0.2
_HOST = "127.0.0.1"


class MachineError(RuntimeError):
    """The machine cannot be kept running; the message says why."""


class Machine:
    """Broker, workers and front. Usable as a context manager; leaving it ends all of it."""

    def __init__(self, settings: Settings, *, broker: str | None, workers: int, port: int, verbose: bool) -> None:
        """``broker``: ``host:port`` of a running one; None: the embedded one.

        Raises:
            BrokerError: the port is taken.
        """
        claim_port(port)
        self._settings = settings
        self._external = broker
        self._embedded: EmbeddedBroker | None = None
        self._port = port
        environment = {
            "TICKETSTREAMS_APP_ID": settings.app_id,
            # The workers run elsewhere, so that the path must not depend on where they do.
            "TICKETSTREAMS_CALENDARS_FILE": settings.calendars_file and str(Path(settings.calendars_file).resolve()),
            "TICKETSTREAMS_POLICIES_FILE": _from_anywhere(settings.policies_file),
            "TICKETSTREAMS_POLICIES_TOPIC": str(settings.policies_topic).lower(),
            "TICKETSTREAMS_CLOCK": settings.clock,
            "TICKETSTREAMS_FIGURES": json.dumps(settings.figures),
            "TICKETSTREAMS_PARTITIONS": str(settings.partitions),
            "TICKETSTREAMS_HTTP_HOST": _HOST,
        }
        self.workers = [
            WorkerProcess(number, port if workers == 1 else claim_port(), dict(environment), verbose)
            for number in range(1, workers + 1)
        ]
        self._front: _Front | None = None

    @property
    def broker(self) -> str:
        """Address of the broker in use."""
        return self._embedded.address if self._embedded is not None else str(self._external)

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"http://{_HOST}:{self._port}"

    def start(self, say: Callable[[str], None]) -> None:
        """Start everything, and wait until the workers serve all partitions.

        Raises:
            BrokerError: the embedded broker does not start.
            TopicsError: the broker cannot be reached, or refuses topics.
            WorkerError, MachineError: the workers do not come up.
        """
        if self._external is None:
            self._embedded = EmbeddedBroker().start()
            say(f"embedded broker on {self.broker} (in memory: its contents end with it)")
        else:
            say(f"broker {self.broker}")
        created = create_topics(self.broker, topic_specs(self._settings), replication=self._settings.replication)
        say(f"{len(created)} topics created" if created else "all topics exist already")
        for worker in self.workers:
            worker.environment["TICKETSTREAMS_BROKER"] = self.broker
            worker.start()
            say(f"worker {worker.number} started, pid {worker.pid}")
        if len(self.workers) > 1:
            self._front = _Front([worker.url for worker in self.workers], self._port)
            self._front.start()
        deadline = time.monotonic() + READY_S
        while not self.serves_all():
            self.watch(say)
            if time.monotonic() > deadline:
                msg = f"the workers do not serve all partitions after {READY_S:.0f} s"
                raise MachineError(msg)
            time.sleep(_POLL_S)

    def watch(self, say: Callable[[str], None]) -> None:
        """Look after the processes; to be called now and then, from the main thread.

        Raises:
            BrokerError: the embedded broker has ended.
            WorkerError: a worker keeps ending.
        """
        if self._embedded is not None and not self._embedded.alive():
            msg = "the embedded broker has ended unexpectedly, and with it everything it held: start again"
            raise BrokerError(msg)
        for worker in self.workers:
            status = worker.watch()
            if status is not None:
                say(f"worker {worker.number} ended with status {status} and was started again, pid {worker.pid}")

    def progress(self) -> list[dict[str, Any]] | None:
        """What each worker says of its progress; None if one of them does not answer."""
        found = []
        for worker in self.workers:
            answer = fetch_json(f"{worker.url}/api/v1/progress")
            if answer is None:
                return None
            found.append(answer)
        return found

    def serves_all(self) -> bool:
        """Whether every partition is served by one of the workers."""
        progress = self.progress()
        return progress is not None and _partitions(progress) == len(STAGES) * self._settings.partitions

    def taken(self) -> tuple[int, bool]:
        """How many source records have been taken since the topics began, and whether all is drained."""
        progress = self.progress()
        if progress is None or _partitions(progress) != len(STAGES) * self._settings.partitions:
            return 0, False
        rows = [row for answer in progress for row in answer["partitions"] if row["topic"] in _SOURCES]
        return sum(row["position"] for row in rows), all(answer["drained"] for answer in progress)

    def stop(self) -> None:
        """End everything."""
        end_all(self.workers)
        if self._front is not None:
            self._front.stop()
        if self._embedded is not None:
            self._embedded.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


_SOURCES = frozenset(topic.name for topic in SOURCES.values())


def _from_anywhere(policies: str) -> str:
    """A path that does not depend on where a program runs; the name of a shipped policy is none."""
    return str(Path(policies).resolve()) if policies and Path(policies).exists() else policies


def _partitions(progress: list[dict[str, Any]]) -> int:
    return len({(row["topic"], row["partition"]) for answer in progress for row in answer["partitions"]})


def fetch_json(url: str) -> Any:
    """The JSON that a page answers with; None if it does not answer."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own loopback address
            return json.load(answer)
    except (urllib.error.URLError, OSError, ValueError):
        return None


class _Front(threading.Thread):
    """Serves the common pages of several workers."""

    def __init__(self, urls: list[str], port: int) -> None:
        super().__init__(name="front", daemon=True)
        self._urls = urls
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()

    def run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        runner = await start(create_front(self._urls), _HOST, self._port)
        await self._end.wait()
        await runner.cleanup()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self.join(5)
