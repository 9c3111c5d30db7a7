"""A ticket that nobody answers, followed on the wall's clock through every real program to those who are paged for it.

Events go through a broker to a worker with policies; Prometheus asks it and evaluates what ``policy rules`` made, and
Alertmanager routes by what ``policy alertmanager`` made, both at the shipped intervals; a webhook hears the pages.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import pytest
import yaml
from click.testing import CliRunner

from agents.cli.policy import command
from agents.feed import Feeder
from agents.machine import Machine
from agents.settings import Settings
from streams.codec import encode
from streams.events import ENTRY_TYPES, EVENT_TYPES
from tests.deploy.programs import DEPLOY, program
from tests.deploy.test_paging import Receiver
from tests.support.brokers import answers, free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.broker, pytest.mark.slow]

TARGET_S = 30 * 60
WARNED_S = TARGET_S * 0.99
MANAGER_S = 60.0
PROMPT_S = 30.0
"""The most that may lie between what happened and the page about it."""
POLICIES = """
effective_from: 2020-01-01
goals:
  in-time: {{mission: Answers come when they were promised., share: 90%}}
contacts:
  lead: {{webhook: "{url}/lead"}}
  supervisor: {{webhook: "{url}/supervisor"}}
  manager: {{webhook: "{url}/manager"}}
policies:
  - name: desk
    goal: in-time
    mode: live
    owner: head-of-support
    review_by: 2100-01-01
    match: {{channel: email}}
    targets:
      first_reply: {{default: "0:30h", warn_at: 99%}}
    escalation:
      - {{who: lead, when: warning, severity: critical}}
      - {{who: supervisor, severity: critical}}
      - {{who: manager, after: "0:01h", severity: critical}}
  - name: dream
    goal: in-time
    mode: shadow
    owner: head-of-support
    review_by: 2100-01-01
    match: {{channel: [email, web]}}
    targets:
      first_reply: {{default: "0:20h", warn_at: 50%}}
    escalation:
      - {{who: lead, when: warning, severity: critical}}
      - {{who: supervisor, severity: critical}}
    each_breach: true
"""


class Page(NamedTuple):
    """One alert of a message that says that something fires."""

    at: float
    """When it came, seconds since the epoch."""
    who: str
    queue: str
    policy: str


@contextlib.contextmanager
def running(port: int, arguments: list[str], log: Path, **environment: str) -> Iterator[None]:
    """A program that listens on a port, while it is needed; its start is not waited for."""
    with log.open("wb") as said:
        process = subprocess.Popen(arguments, stdout=said, stderr=said, env={"PATH": os.environ["PATH"], **environment})
    try:
        yield
        assert process.poll() is None, log.read_text()
        assert answers(port), log.read_text()
    finally:
        process.terminate()
        process.wait(20)


def made(*arguments: str) -> str:
    done = CliRunner().invoke(command, [*arguments])
    assert done.exit_code == 0, done.output
    return done.output


def prometheus_config(worker: int, alertmanager: int, rules: Path) -> str:
    """The shipped configuration, with addresses of this machine, and only the rules that policies make."""
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    (ours,) = (one for one in config["scrape_configs"] if one["job_name"] == "ticket-streams")
    del ours["dns_sd_configs"]
    ours["static_configs"] = [{"targets": [f"127.0.0.1:{worker}"]}]
    config["scrape_configs"] = [ours]
    config["alerting"]["alertmanagers"] = [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager}"]}]}]
    config["rule_files"] = [str(rules)]
    return str(yaml.safe_dump(config))


def event(ticket: str, at: float, name: str, **data: str) -> tuple[int, str, bytes]:
    """An event of a ticket at a time in seconds since the epoch: its time in milliseconds, its ticket, its bytes."""
    entry = ENTRY_TYPES["ticket"](round(at * 1000), 0, "", msgspec.convert(data, EVENT_TYPES[name]))
    return entry.time, ticket, encode("ticket", ticket, name, "/test", f"{ticket}-{name}", entry)


def heard(receiver: Receiver, until: float) -> Iterator[Page]:
    """The pages that come until an instant."""
    while (left := until - time.time()) > 0:
        with contextlib.suppress(queue.Empty):
            path, body = receiver.pages.get(timeout=left)
            for one in body["alerts"] if body["status"] == "firing" else ():
                labels = one["labels"]
                yield Page(time.time(), path.removeprefix("/"), labels.get("queue", ""), labels["policy"])


class Asked:
    """What Prometheus knows."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/api/v1/query?query="

    def __call__(self, expression: str) -> list[float]:
        """The values of an expression, one for each series."""
        with urllib.request.urlopen(self._url + urllib.parse.quote(expression), timeout=10) as reply:
            found: dict[str, Any] = json.load(reply)
        return [float(one["value"][1]) for one in found["data"]["result"]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    listening = Receiver()
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield listening
    listening.shutdown()
    listening.server_close()


def test_who_is_paged_for_a_ticket_that_nobody_answers_and_when(receiver: Receiver, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{receiver.server_address[1]}"
    policies, rules = tmp_path / "desk.policy.yaml", tmp_path / "policies.yml"
    policies.write_text(POLICIES.format(url=url))
    rules.write_text(made("rules", str(policies)))
    base = DEPLOY / "alertmanager" / "alertmanager.tmpl.yml"
    (tmp_path / "alertmanager.yml").write_text(made("alertmanager", str(policies), "--base", str(base)))
    worker, prometheus, alertmanager = free_ports(3)
    (tmp_path / "prometheus.yml").write_text(prometheus_config(worker, alertmanager, rules))
    settings = Settings(policies_file=str(policies), partitions=2)
    with (
        running(
            alertmanager,
            [
                "sh",
                str(DEPLOY / "alertmanager" / "entrypoint"),
                "--cluster.listen-address=",
                f"--storage.path={tmp_path / 'alerts'}",
                f"--web.listen-address=127.0.0.1:{alertmanager}",
            ],
            tmp_path / "alertmanager.log",
            TMPDIR=str(tmp_path),
            TICKETSTREAMS_ALERTMANAGER=program("prometheus-alertmanager"),
            TICKETSTREAMS_ALERTMANAGER_TEMPLATE=str(tmp_path / "alertmanager.yml"),
            TICKETSTREAMS_PAGER_URL=f"{url}/pager",
            TICKETSTREAMS_DESK_URL=f"{url}/desk",
        ),
        running(
            prometheus,
            [
                program("prometheus"),
                f"--config.file={tmp_path / 'prometheus.yml'}",
                f"--storage.tsdb.path={tmp_path / 'series'}",
                f"--web.listen-address=127.0.0.1:{prometheus}",
            ],
            tmp_path / "prometheus.log",
        ),
        Machine(settings, broker=None, workers=1, port=worker, verbose=False) as machine,
    ):
        said: list[str] = []
        machine.start(said.append)
        # Written so long ago that the warning is a second ahead; from here on time alone goes by.
        created = time.time() + 1 - WARNED_S
        warned, breached = created + WARNED_S, created + TARGET_S
        events = [
            event(ticket, created, "ticket.created", queue=place, channel=channel)
            for ticket, place, channel in (
                ("T1", "refunds", "email"),
                ("T2", "returns", "email"),
                ("T3", "ideas", "web"),
            )
        ]
        events.append(event("T2", warned - 1, "message.sent", author="rep", rep="anna"))
        with Feeder(machine.broker) as feeder:
            feeder.feed((at, "ticket", ticket, value) for at, ticket, value in events)
        pages: list[Page] = []
        # Everybody has been told when the manager has; what came twice, or wrongly, would have come before as well.
        for page in heard(receiver, breached + MANAGER_S + PROMPT_S):
            pages.append(page)
            if page.who == "manager":
                break
        pages += heard(receiver, time.time() + 1)
        machine.watch(said.append)
        ask = Asked(prometheus)
        assert [(page.who, page.queue, page.policy) for page in pages] == [
            (who, "refunds", "desk") for who in ("lead", "supervisor", "manager")
        ]
        late = [page.at - due for page, due in zip(pages, (warned, breached, breached + MANAGER_S), strict=True)]
        assert all(0 < each < PROMPT_S for each in late), late
        # The breach bears the instant of the target, not that of a look at the clock.
        oldest = 'support_sla_oldest_breach_timestamp_seconds{policy="desk", queue="refunds"}'
        assert ask(oldest) == [pytest.approx(round(breached, 3), abs=1e-6)]
        # Those that nobody was paged for did what they are here for.
        assert sum(ask('support_sla_fulfilled_total{policy="desk", queue="returns", late="false"}')) == 1
        assert sum(ask('support_sla_instances{queue="returns", mode="live"}')) == 0
        assert sum(ask('support_sla_instances{queue="ideas", mode="shadow", state="breached"}')) == 1
        assert not any("was started again" in line for line in said)
