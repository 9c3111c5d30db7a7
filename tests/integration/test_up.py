"""``up`` as a new user meets it: it works, it says in one sentence what does not, and it leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agents.machine import fetch_json
from tests.support.job import free_port

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.broker

ROOT = Path(__file__).parents[2]
LOG = """\
id,when,what,team,who
T1,2026-05-04 09:00,new,billing,anna
T2,2026-05-04 09:10,new,sales,bert
T1,2026-05-04 09:30,done,billing,anna
T2,2026-05-04 11:10,done,sales,bert
T3,2026-05-04 12:00,new,sales,anna
"""
MAPPING = """\
format: {type: csv}
source: /test
kind: ticket
entity: "{id}"
zone: as_written
times:
  when: {value: "{when}", format: "%Y-%m-%d %H:%M"}
data:
  queue: "{team}"
events:
  - event: ticket.created
    when: {is: {what: new}}
    at: when
    data: {customer: "{who}"}
  - event: ticket.solved
    when: {is: {what: done}}
    at: when
"""


class Up:
    """A running ``up``."""

    def __init__(self, *arguments: str, before: Callable[[], object] | None = None) -> None:
        """``before``: done in the new process before it begins."""
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "agents", "up", "--port", str(self.port), *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=before,  # noqa: PLW1509 - a process of one thread
        )
        self.family: set[int] = set()

    def children(self) -> set[int]:
        """Process ids below ``up``; remembered, so that they can be looked for when it has ended."""
        found, todo = set(), [self.process.pid]
        while todo:
            parent = todo.pop()
            for task in Path(f"/proc/{parent}/task").glob("*/children"):
                for child in map(int, task.read_text().split()):
                    found.add(child)
                    todo.append(child)
        self.family |= found
        return found

    def wait_for(self, path: str, seconds: float = 60) -> dict[str, object]:
        """The JSON that a page answers with, as soon as it does."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            found = fetch_json(f"http://127.0.0.1:{self.port}{path}")
            if isinstance(found, dict):
                self.children()
                return found
            time.sleep(0.2)
        self.process.kill()
        pytest.fail(f"{path} does not answer: {self.process.communicate()}")

    def ended(self, seconds: float = 60) -> tuple[int, str, str]:
        """Exit code, stdout and stderr; and nothing is left running."""
        out, err = self.process.communicate(timeout=seconds)
        left = {pid for pid in self.family if Path(f"/proc/{pid}").exists()}
        assert not left, f"still running: {[Path(f'/proc/{pid}/cmdline').read_text() for pid in left]}"
        return self.process.returncode, out, err


@pytest.fixture
def log(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "log.csv").write_text(LOG)
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    return str(tmp_path / "log.csv"), str(tmp_path / "mapping.yaml")


def sentence(err: str) -> str:
    """The one sentence that an error comes to."""
    lines = [line for line in err.splitlines() if line.startswith("ticket-streams: ")]
    assert len(lines) == 1, err
    assert "Traceback" not in err
    return lines[0]


def test_a_log_that_nobody_has_seen_before(log: tuple[str, str]) -> None:
    file, mapping = log
    status, out, err = Up("--feed", file, "--mapping", mapping, "--once").ended()
    assert status == 0, err
    assert "5 events taken" in err
    assert re.search(r"created\s+│\s+3 ", out)
    assert re.search(r"solved\s+│\s+2 ", out)


def test_ctrl_c_ends_everything() -> None:
    up = Up()
    up.wait_for("/api/v1/figures?window=1h")
    assert len(up.children()) == 2, "a broker and a worker"
    up.process.send_signal(signal.SIGINT)
    status, _, err = up.ended()
    assert status == 0, err
    assert "everything has ended" in err


def test_a_supervisor_s_sigterm_does_too_when_it_was_started_in_the_background() -> None:
    """A shell that is no terminal's ignores SIGINT for what it starts with ``&``."""
    up = Up(before=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    up.wait_for("/api/v1/figures?window=1h")
    up.process.send_signal(signal.SIGTERM)
    status, _, err = up.ended()
    assert status == 0, err
    assert "everything has ended" in err


def test_a_broker_that_dies(log: tuple[str, str]) -> None:
    up = Up("--feed", log[0], "--mapping", log[1])
    up.wait_for("/api/v1/figures")
    broker = next(pid for pid in up.children() if "tansu" in Path(f"/proc/{pid}/cmdline").read_text())
    os.kill(broker, signal.SIGKILL)
    status, _, err = up.ended()
    assert status == 2
    assert "the embedded broker has ended unexpectedly" in sentence(err)


def test_a_worker_that_dies_is_started_again(log: tuple[str, str]) -> None:
    up = Up("--feed", log[0], "--mapping", log[1])
    up.wait_for("/api/v1/figures")
    worker = next(pid for pid in up.children() if "worker" in Path(f"/proc/{pid}/cmdline").read_text())
    os.kill(worker, signal.SIGKILL)
    deadline = time.monotonic() + 60
    found: dict[str, dict[str, dict[str, int]]] = {}
    while found.get("total", {}).get("tickets", {}).get("created") != 3 and time.monotonic() < deadline:
        time.sleep(0.3)
        found = up.wait_for("/api/v1/figures")  # type: ignore[assignment]
    assert found["total"]["tickets"]["created"] == 3, "its figures are back"
    assert worker not in up.children()
    up.process.send_signal(signal.SIGTERM)
    status, _, err = up.ended()
    assert status == 0, err
    assert "was started again" in err


def test_a_port_in_use(log: tuple[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        up = Up("--feed", log[0], "--mapping", log[1], "--port", port)
        status, _, err = up.ended()
    assert status == 2
    assert f"port {port} on 127.0.0.1 is already in use" in sentence(err)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--feed", "nothing.csv", "--mapping", "italian-helpdesk"), "nothing.csv: cannot be read: No such file"),
        (("--feed", "nothing.csv"), "--feed nothing.csv: needs --mapping"),
        (("--feed", "nothing.csv", "--mapping", "italien-helpdesk"), "did you mean 'italian-helpdesk'?"),
        (("--once",), "--once needs a recorded log"),
        (("--speed", "max"), "--speed max: the demo goes on for ever"),
        (("--broker", "127.0.0.1:1", "--feed", "none"), "127.0.0.1:1"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(arguments: tuple[str, ...], said: str) -> None:
    status, _, err = Up(*arguments).ended()
    assert status == 2
    assert said in sentence(err)
