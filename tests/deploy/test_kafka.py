"""The stack's Kafka settings, put through the image's own entrypoint and accepted by a real broker.

The image's entrypoint is a class inside Kafka's jar: it turns KAFKA_A_B_C into a.b.c and formats the storage. The
test runs that class from the jar of the same version; only hosts, ports and the data directory are moved.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
import yaml
from kafka import KafkaAdminClient

from tests.deploy.programs import DEPLOY, ROOT, run
from tests.support.brokers import answers, free_ports, kafka_jars, require_java

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS = dict(
    line.split("=", 1)
    for line in (DEPLOY / "kafka" / "broker.env").read_text().splitlines()
    if line and not line.startswith("#")
)
KAFKA = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["kafka"]


def version_of_jars() -> str:
    (jar,) = kafka_jars().glob("kafka_2.13-*.jar")
    return jar.stem.removeprefix("kafka_2.13-")


class Node:
    """The broker of docker-compose.yml on this machine."""

    def __init__(self, directory: Path) -> None:
        """Render the settings as the image does, format the storage and start."""
        self.directory = directory
        internal, host, controller = free_ports(3)
        self.addresses = [f"127.0.0.1:{internal}", f"127.0.0.1:{host}"]
        moved = [
            (r"(kafka|127\.0\.0\.1)?:9092", self.addresses[0]),
            (r"(kafka|127\.0\.0\.1)?:29092", self.addresses[1]),
            (r"(kafka)?:9093", f"127.0.0.1:{controller}"),
            (r"^/var/lib/kafka/data$", str(directory / "data")),
        ]
        environment = {**os.environ, **SETTINGS}
        for name in SETTINGS:
            for pattern, replacement in moved:
                environment[name] = re.sub(pattern, replacement, environment[name])
        for name in ("default", "mounted", "final"):
            (directory / name).mkdir()
        # The image ships one; that it is present is all that the entrypoint asks of it.
        for name in ("log4j2.yaml", "tools-log4j2.yaml"):
            (directory / "default" / name).write_text("Configuration:\n  Loggers:\n    Root:\n      level: INFO\n")
        (directory / "final" / "server.properties").touch()
        folders = [f"--{name}-configs-dir={directory / name}" for name in ("default", "mounted", "final")]
        done = subprocess.run(
            [*self.java(), "kafka.docker.KafkaDockerWrapper", "setup", *folders],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        self.properties = (directory / "final" / "server.properties").read_text()
        with (directory / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *self.java(SETTINGS["KAFKA_HEAP_OPTS"]),
                    "kafka.Kafka",
                    str(directory / "final" / "server.properties"),
                ],
                stdout=log,
                stderr=log,
                cwd=directory,
            )

    def java(self, *options: str) -> list[str]:
        """Java with Kafka's jars; warnings and errors go to the log."""
        logging = ROOT / "tests" / "support" / "kafka" / "log4j2.properties"
        more = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Dlog4j2.configurationFile={logging}"]
        return ["java", *options, *more, "-cp", f"{kafka_jars()}/*"]

    def said(self) -> str:
        """The broker's log."""
        return (self.directory / "log").read_text()

    def admin(self, address: str) -> KafkaAdminClient:
        """A client that came in by this door; waits until the broker answers."""
        deadline = time.monotonic() + 60
        while not answers(int(address.rpartition(":")[2])):
            assert self.process.poll() is None, self.said()[-3000:]
            assert time.monotonic() < deadline, self.said()[-3000:]
            time.sleep(0.2)
        return KafkaAdminClient(bootstrap_servers=address)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    require_java()
    node = Node(tmp_path_factory.mktemp("kafka"))
    yield node
    node.process.terminate()
    try:
        node.process.wait(20)
    except subprocess.TimeoutExpired:
        node.process.kill()
        node.process.wait()


def test_the_tested_broker_is_the_one_of_the_stack() -> None:
    require_java()
    assert KAFKA["image"] == f"apache/kafka:{version_of_jars()}"


def test_both_doors_answer_and_send_the_client_back_to_themselves(node: Node) -> None:
    for address in node.addresses:
        admin = node.admin(address)
        (broker,) = admin.describe_cluster()["brokers"]
        assert f"{broker['host']}:{broker['port']}" == address
        admin.close()


def test_the_broker_knows_every_setting(node: Node) -> None:
    """Kafka ignores a setting it does not know; so each must come back from the broker with our value."""
    assert "KAFKA_HEAP_OPTS" not in node.properties
    wanted = dict(line.split("=", 1) for line in node.properties.splitlines() if line)
    assert len(wanted) == len([name for name in SETTINGS if name.startswith("KAFKA_") and name != "KAFKA_HEAP_OPTS"])
    reported = run(
        *node.java(),
        "kafka.admin.ConfigCommand",
        *("--bootstrap-server", node.addresses[0], "--entity-type", "brokers", "--entity-name", "1"),
        *("--describe", "--all"),
    ).stdout
    known = dict(re.findall(r"^\s*([a-z.]+)=(\S*) sensitive", reported, flags=re.MULTILINE))
    assert {name: known.get(name) for name in wanted} == wanted


def test_nothing_is_published_that_the_broker_does_not_advertise() -> None:
    assert KAFKA["ports"] == ["127.0.0.1:29092:29092"]
    assert "HOST://127.0.0.1:29092" in SETTINGS["KAFKA_ADVERTISED_LISTENERS"].split(",")
    check = KAFKA["healthcheck"]["test"]
    assert check[check.index("--bootstrap-server") + 1] == "127.0.0.1:29092"
