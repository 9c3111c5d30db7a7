"""A real Alertmanager, started by its entrypoint as in the stack: who is paged, and who is spared."""

from __future__ import annotations

import http.server
import json
import os
import queue
import subprocess
import threading
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from tests.deploy.programs import DEPLOY, both
from tests.support.brokers import answers, free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = tuple[str, dict[str, Any]]


class Receiver(http.server.ThreadingHTTPServer):
    """Takes webhooks and keeps them: (path, body)."""

    def __init__(self) -> None:
        """Listen on a free port of loopback."""
        self.pages: queue.Queue[PAGE] = queue.Queue()
        super().__init__(("127.0.0.1", 0), Webhook)


class Webhook(http.server.BaseHTTPRequestHandler):
    """One delivery."""

    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.pages.put((self.path, json.loads(body)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: pytest's output is for failures."""


@pytest.fixture(params=["installed", "newest"])
def alertmanager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Receiver]]:
    """Its address, and what receives its webhooks."""
    receiver = Receiver()
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{receiver.server_address[1]}"
    (port,) = free_ports(1)
    environment = {
        "PATH": os.environ["PATH"],
        "TMPDIR": str(tmp_path),
        "TICKETSTREAMS_ALERTMANAGER": both("prometheus-alertmanager", request.param),
        "TICKETSTREAMS_ALERTMANAGER_TEMPLATE": str(DEPLOY / "alertmanager" / "alertmanager.tmpl.yml"),
        "TICKETSTREAMS_PAGER_URL": f"{url}/pager",
        "TICKETSTREAMS_DESK_URL": f"{url}/desk",
        "TICKETSTREAMS_DEADMAN_URL": f"{url}/deadman",
    }
    command = ["sh", str(DEPLOY / "alertmanager" / "entrypoint"), "--cluster.listen-address="]
    command += [f"--storage.path={tmp_path / 'data'}", f"--web.listen-address=127.0.0.1:{port}"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 30
        while not answers(port):
            assert process.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", receiver
    finally:
        process.terminate()
        process.wait(20)
        receiver.shutdown()
        receiver.server_close()


def alert(name: str, severity: str, **labels: str) -> dict[str, Any]:
    return {"labels": {"alertname": name, "severity": severity, **labels}}


def test_critical_alerts_page_together_and_spare_their_warnings(alertmanager: tuple[str, Receiver]) -> None:
    address, receiver = alertmanager
    alerts = [
        alert("Watchdog", "none"),
        alert("SupportServiceLevelLow", "critical", queue="billing", channel="voice"),
        alert("SupportServiceLevelLow", "critical", queue="billing", channel="chat"),
        # Inhibited: the same thing, less badly.
        alert("SupportServiceLevelLow", "warning", queue="billing", channel="voice"),
        # Not inhibited: another queue.
        alert("SupportServiceLevelLow", "warning", queue="sales", channel="voice"),
        alert("SupportQueueBusy", "info", queue="sales"),
    ]
    request = urllib.request.Request(
        f"{address}/api/v2/alerts", json.dumps(alerts).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as reply:
        assert reply.status == 200
    # The desk's group waits longest (15 s); whatever were to come wrongly would have come by then.
    pages: list[PAGE] = []
    deadline = time.monotonic() + 30
    while "/desk" not in {path for path, _ in pages}:
        pages.append(receiver.pages.get(timeout=max(0.1, deadline - time.monotonic())))
    time.sleep(1)
    while not receiver.pages.empty():
        pages.append(receiver.pages.get())
    said = {
        (path, one["labels"]["alertname"], one["labels"].get("queue", ""), one["labels"].get("channel", ""))
        for path, body in pages
        for one in body["alerts"]
    }
    assert said == {
        ("/deadman", "Watchdog", "", ""),
        ("/pager", "SupportServiceLevelLow", "billing", "voice"),
        ("/pager", "SupportServiceLevelLow", "billing", "chat"),
        ("/desk", "SupportServiceLevelLow", "sales", "voice"),
    }
    assert [path for path, _ in pages].count("/pager") == 1, "both channels of a queue are one page"
