"""Policies published to a topic, and the workers that run clocks by them, through a real broker."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import pytest
from click.testing import CliRunner
from kafka import KafkaProducer
from prometheus_client.parser import text_string_to_metric_families

from agents.cli.policy import command
from agents.feed import Feeder
from agents.machine import Machine, fetch_json
from agents.policies import load_policies
from agents.policy_topic import PolicyTopic
from agents.policy_watch import PoliciesInForce
from agents.settings import Settings
from agents.topic_specs import topic_specs
from agents.topics_admin import check_topics, create_topics
from streams.codec import encode
from streams.events import ENTRY_TYPES, EVENT_TYPES
from streams.sla.promises import Policies
from streams.topics import POLICIES
from tests.support.brokers import KafkaServer, require_java
from tests.support.job import free_port, fresh_broker, total

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streams.events import Kind

pytestmark = pytest.mark.broker

WAIT_S = 60.0
POLICY = """\
effective_from: {since}
calendars: hours.yaml
policies:
  - name: {name}
    mode: live
    owner: desk
    review_by: 2100-01-01
    calendar: desk
    targets: {{first_reply: {{default: {target}, goal: 90%}}}}
"""
CALENDARS = "calendars: {desk: {zone: UTC, week: always, icalendar: [closed.ics]}}\n"
NEVER_CLOSED = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\nEND:VCALENDAR\n"


class State(NamedTuple):
    """What one worker says of its policies."""

    version: str
    failures: int
    breaches: float


class Desk:
    """Workers that follow the topic, and a directory with the policies that are published."""

    def __init__(self, broker: str, directory: Path, workers: int) -> None:
        self.broker = broker
        self.directory = directory
        settings = Settings(app_id=f"t{secrets.token_hex(4)}", partitions=2, policies_topic=True)
        create_topics(broker, topic_specs(settings))
        assert check_topics(broker, topic_specs(settings)) == []
        self.machine = Machine(settings, broker=broker, workers=workers, port=free_port(), verbose=False)
        (directory / "hours.yaml").write_text(CALENDARS)
        (directory / "closed.ics").write_text(NEVER_CLOSED)

    def write(self, name: str, since: datetime, target: str) -> Path:
        path = self.directory / f"{name}.policy.yaml"
        path.write_text(POLICY.format(since=since.isoformat(), name=name, target=target))
        return path

    def policy(self, what: str, *arguments: str | Path, status: int = 0) -> str:
        """Run a command of ``policy``."""
        done = CliRunner().invoke(command, [what, *map(str, arguments), "--broker", self.broker])
        assert done.exit_code == status, done.output
        return done.output

    def states(self) -> list[State]:
        """What each worker says; a worker that does not answer says nothing."""
        found = []
        for worker in self.machine.workers:
            try:
                with urllib.request.urlopen(f"{worker.url}/metrics", timeout=10) as answer:
                    text = answer.read().decode()
            except OSError:
                continue
            samples = [each for family in text_string_to_metric_families(text) for each in family.samples]
            (version,) = (one.labels["version"] for one in samples if one.name == "ticketstreams_policy_info")
            failures = total(samples, "ticketstreams_policy_reload_failures_total")
            breaches = total(samples, "support_sla_breaches_total")
            found.append(State(version, int(failures), breaches))
        return found

    def wait_for(self, wanted: Callable[[list[State]], bool]) -> list[State]:
        """Wait until all workers say what is wanted."""
        deadline = time.monotonic() + WAIT_S
        while True:
            self.machine.watch(lambda _: None)
            found = self.states()
            if len(found) == len(self.machine.workers) and wanted(found):
                return found
            assert time.monotonic() < deadline, found
            time.sleep(0.1)

    def clock(self) -> Any:
        """The policy and the state of the ticket's one clock; None if it is not known."""
        said = [fetch_json(f"{worker.url}/api/v1/explain/ticket/T1") for worker in self.machine.workers]
        clocks = [each["clocks"] for each in said if each is not None]
        return (clocks[0][0]["policy"], clocks[0][0]["state"]) if clocks and clocks[0] else None


def a_ticket(created: datetime) -> tuple[int, Kind, str, bytes]:
    """A ticket that nobody has answered."""
    data = msgspec.convert({"queue": "refunds", "channel": "email"}, EVENT_TYPES["ticket.created"])
    entry = ENTRY_TYPES["ticket"](int(created.timestamp() * 1000), 0, "", data)
    return entry.time, "ticket", "T1", encode("ticket", "T1", "ticket.created", "/test", "1", entry)


@pytest.mark.parametrize("name", ["tansu", "kafka"])
def test_workers_run_clocks_by_what_is_published(name: str, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with fresh_broker(name) as address:
        desk = Desk(address, tmp_path, workers=2)
        first = desk.write("first", now - timedelta(days=100), "4h")
        said = desk.policy("publish", first)
        version = load_policies([str(first)]).version
        assert f"in force: version {version}, of 1 published" in said
        with desk.machine as machine, Feeder(address) as feeder:
            machine.start(lambda _: None)
            assert [each.version for each in desk.states()] == [version, version], "before they serve anything"
            feeder.feed([a_ticket(now - timedelta(hours=1))])
            desk.wait_for(lambda _: desk.clock() == ("first", "active"))

            # A later version: what happened since then is looked at again.
            second = desk.write("second", now - timedelta(hours=2), "0:30bh")
            desk.policy("publish", second)
            both = load_policies([str(tmp_path)]).version
            assert version != both
            desk.wait_for(lambda found: all(each.version == both for each in found))
            desk.wait_for(lambda found: sum(each.breaches for each in found) == 1)
            desk.wait_for(lambda _: desk.clock() == ("second", "breached"))

            # A broken record changes nothing, and is counted once by each worker.
            producer = KafkaProducer(bootstrap_servers=address)
            for value in (b"no policy", b"no policy"):
                producer.send(POLICIES.name, key=b"second.policy.yaml", value=value, partition=0)
            producer.close()
            desk.wait_for(lambda found: all(each.failures == 1 for each in found))
            said = desk.policy("published", status=1)
            assert "cannot be used: policies/second.policy.yaml: document = '': must be a published version" in said
            assert f"in force: version {both}, of 2 published" in said

            # A worker that starts again comes back with what can be used, before it takes anything.
            pid = machine.workers[0].pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            desk.wait_for(lambda found: machine.workers[0].restarts == 1)
            desk.wait_for(lambda found: sum(each.breaches for each in found) == 1)
            desk.wait_for(lambda found: [(each.version, each.failures) for each in found] == [(both, 1), (both, 1)])

            desk.policy("publish", "--withdraw", "second.policy.yaml")
            desk.wait_for(lambda found: all(each.version == version for each in found))
            desk.wait_for(lambda _: desk.clock() == ("first", "active"))
            desk.wait_for(lambda found: sum(each.breaches for each in found) == 0)
            assert "of 1 published" in desk.policy("published")


def test_a_worker_without_the_topic_is_told_what_to_do(tmp_path: Path) -> None:
    with fresh_broker("tansu") as address:
        said = CliRunner().invoke(command, ["published", "--broker", address])
        assert (said.exit_code, said.stderr) == (
            2,
            "ticket-streams: topic 'policies' does not exist. Run `ticket-streams topics create` first.\n",
        )
        desk = Desk(address, tmp_path, workers=1)
        assert "in force: nothing is promised" in desk.policy("published")
        with desk.machine as machine:
            machine.start(lambda _: None)
            assert desk.states() == [State("", 0, 0)], "an empty topic promises nothing, and is no fault"


def test_a_follower_survives_a_restart_of_the_broker(tmp_path: Path) -> None:
    require_java()
    (tmp_path / "broker").mkdir()
    server = KafkaServer(tmp_path / "broker")
    server.start()
    try:
        desk = Desk(server.address, tmp_path, workers=1)
        now = datetime.now(UTC)
        desk.policy("publish", desk.write("first", now - timedelta(days=100), "4h"))
        asyncio.run(_followed_over_a_restart(server, desk, now))
    finally:
        server.stop()


async def _followed_over_a_restart(server: KafkaServer, desk: Desk, now: datetime) -> None:
    taken: list[Policies] = []
    topic = PolicyTopic(server.address, PoliciesInForce(Policies(), taken.append))
    following = asyncio.create_task(topic.follow())
    await topic.caught_up()
    await asyncio.to_thread(server.kill)
    await asyncio.to_thread(server.start)
    second = desk.write("second", now - timedelta(hours=2), "2h")
    await asyncio.to_thread(desk.policy, "publish", second)
    deadline = time.monotonic() + WAIT_S
    wanted = load_policies([str(desk.directory)]).version
    while taken[-1].version != wanted:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert len(taken) == 2
