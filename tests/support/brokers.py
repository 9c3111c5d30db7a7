"""Brokers for tests: the embedded one, and a real Apache Kafka from Maven Central.

Anything that works on only one of them is a bug, so tests take the fixture ``broker`` and run on both. The jars are
fetched once, into ``.cache/kafka`` of the repository. Without Java or Maven the tests fail, unless
``TICKETSTREAMS_WITHOUT_KAFKA=1`` says that this is known (ignored where ``CI=true``).
"""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
import shutil
import signal
import socket
import string
import subprocess
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from agents.broker import EmbeddedBroker

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent / "kafka"
CACHE = Path(__file__).parents[2] / ".cache" / "kafka"


class Broker(Protocol):
    """What tests need of a broker."""

    @property
    def address(self) -> str:
        """``host:port``."""


class KafkaServer:
    """A single Apache Kafka node whose data lives in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        """``directory``: for configuration, data and log; must exist."""
        self._directory = directory
        self._jars = kafka_jars()
        self._process: subprocess.Popen[bytes] | None = None
        self._port, controller_port = free_ports(2)
        template = string.Template((HERE / "server.properties").read_text())
        self._config = directory / "server.properties"
        self._config.write_text(
            template.substitute(port=self._port, controller_port=controller_port, data=directory / "data")
        )
        # Kafka's tool takes an id that begins with a dash for an option.
        identity = "-"
        while identity.startswith("-"):
            identity = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        self._java("kafka.tools.StorageTool", "format", "-t", identity, "-c", str(self._config)).communicate(timeout=60)

    @property
    def address(self) -> str:
        """``host:port``."""
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start, also again after ``stop`` or ``kill``, and wait until it answers."""
        self._process = self._java("kafka.Kafka", str(self._config))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self._process.poll() is None, f"Kafka ended: {self._said()}"
            if answers(self._port):
                return
            time.sleep(0.1)
        self.kill()
        pytest.fail(f"Kafka does not answer after 60 s: {self._said()}")

    def stop(self) -> None:
        """End it properly."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _java(self, main: str, *arguments: str) -> subprocess.Popen[bytes]:
        options = ["-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        options += [f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}", "-cp", f"{self._jars}/*"]
        with (self._directory / "log").open("ab") as log:
            return subprocess.Popen(["java", *options, main, *arguments], stdout=log, stderr=log, cwd=self._directory)

    def _said(self) -> str:
        return (self._directory / "log").read_text(errors="replace")[-2000:]


def kafka_jars() -> Path:
    """The directory with Kafka's jars; fetched when it is not there yet."""
    jars = CACHE / "libs"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not jars.is_dir():
            fresh = CACHE / "fresh"
            shutil.rmtree(fresh, ignore_errors=True)
            command = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
            command += ["-DincludeScope=runtime", f"-DoutputDirectory={fresh}"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
            assert done.returncode == 0, f"Maven could not fetch Kafka: {done.stdout[-2000:]}{done.stderr[-2000:]}"
            fresh.rename(jars)
    return jars


def require_java() -> None:
    """Fail without Java and Maven, or skip if the environment says that they are known to be missing."""
    missing = [tool for tool in ("java", "mvn") if shutil.which(tool) is None]
    if not missing:
        return
    if os.environ.get("TICKETSTREAMS_WITHOUT_KAFKA") == "1" and os.environ.get("CI") != "true":
        pytest.skip(f"no {' and no '.join(missing)}, and TICKETSTREAMS_WITHOUT_KAFKA=1")
    pytest.fail(
        f"the tests on Apache Kafka need {' and '.join(missing)}: install Java 17 and Maven, "
        f"or set TICKETSTREAMS_WITHOUT_KAFKA=1 to do without (not in CI)"
    )


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nothing listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def answers(port: int) -> bool:
    """Whether something listens on the port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def tansu() -> Iterator[EmbeddedBroker]:
    """The embedded broker."""
    with EmbeddedBroker() as broker:
        yield broker


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """Apache Kafka."""
    require_java()
    server = KafkaServer(tmp_path_factory.mktemp("kafka"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["tansu", "kafka"])
def broker(request: pytest.FixtureRequest) -> Broker:
    """Each of the brokers in turn; shared by the tests of a session, so use ``prefix`` for topics and groups."""
    found: Broker = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def prefix() -> str:
    """Makes names of topics and groups unique to a test."""
    return f"t{secrets.token_hex(4)}"
