"""Worker processes of this machine: started, watched, started again when they end, and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from agents.broker import die_with_parent

TERMINATE_S = 12.0
"""A worker ends itself some eight seconds after it was asked to; what does not is killed."""
_TOO_OFTEN = 5
_WITHIN_S = 60.0
_TAIL = 2000


class WorkerError(RuntimeError):
    """A worker cannot be kept running; the message says why."""


@dataclass(slots=True)
class WorkerProcess:
    """One worker, started again whenever it ends."""

    number: int
    port: int
    environment: dict[str, str]
    verbose: bool = False
    restarts: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _log: IO[bytes] | None = None
    _ends: list[float] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """Process id, or None before the start."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the process."""
        if self._log is None and not self.verbose:
            self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the worker
        self._process = subprocess.Popen(
            [sys.executable, "-m", "agents", "worker"],
            cwd=Path(__file__).parents[1],
            env={**os.environ, **self.environment, "TICKETSTREAMS_HTTP_PORT": str(self.port)},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,  # Ctrl-C is for the supervisor, which ends its workers in order
            preexec_fn=die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one libc call
        )

    def watch(self) -> int | None:
        """Start the process again if it has ended; returns how it ended, or None if it runs.

        Raises:
            WorkerError: it keeps ending.
        """
        assert self._process is not None  # noqa: S101 - for the type checker
        status = self._process.poll()
        if status is None:
            return None
        now = time.monotonic()
        self._ends = [*(end for end in self._ends if now - end < _WITHIN_S), now]
        if len(self._ends) >= _TOO_OFTEN or status == 2:
            msg = f"worker {self.number} ended with status {status}: {self.last_words()}"
            raise WorkerError(msg)
        self.restarts += 1
        self.start()
        return status

    def last_words(self) -> str:
        """The last line that the worker logged."""
        if self._log is None:
            return "see above"
        self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, self._log.tell() - _TAIL))
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        said = [line for line in lines if "CRITICAL" in line or line.startswith("ticket-streams:")]
        return (said or lines or ["it wrote nothing"])[-1].removeprefix("ticket-streams: ")

    def ask_to_end(self) -> None:
        """Send SIGTERM."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def wait(self, deadline: float) -> None:
        """Wait until it has ended; kill it at ``deadline`` (monotonic seconds)."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._log is not None:
            self._log.close()


def end_all(workers: list[WorkerProcess]) -> None:
    """End workers, all at the same time."""
    for worker in workers:
        worker.ask_to_end()
    deadline = time.monotonic() + TERMINATE_S
    for worker in workers:
        worker.wait(deadline)
