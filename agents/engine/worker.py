"""Runs one worker in this process, and sees to it that the process ends when it should."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import threading
from typing import TYPE_CHECKING

from agents.engine.loop import new_event_loop
from agents.engine.watchdog import StallDetector, Watchdog

if TYPE_CHECKING:
    from agents.engine.runtime import Engine

log = logging.getLogger(__name__)

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_OVERRUN = 71
"""The shutdown had to be cut short. Nothing is lost: what was not committed is taken again."""

GC_THRESHOLDS = (25_000, 4, 1_000_000_000)
"""A collection stops every thread, heartbeats too, for as long as it walks objects. Measured on two cores, alone and
beside other work: 45 to 190 ms for 125,000 of them, 0.4 to 0.9 s for the 730,000 that 33,000 calls leave, 1.8 s (alone)
for 4 million; a session lasts 6 s. State is millions of objects that live long and make no cycles, so only what is
young is ever looked through: 25,000 objects, or 125,000 every fifth time. Thresholds of 200,000 and 20 let 4 million
come together until the second generation was due. The oldest is collected only when all partitions have been given up
and little is left (``Engine.on_release``): in a replay of 124,419 events it had 1,600 objects of garbage by then."""
_CHATTY = ("faust", "faust.topics", "faust.transport", "aiokafka", "mode", "asyncio")


def run_worker(engine: Engine, loglevel: str = "info") -> int:
    """Run the worker until SIGTERM, SIGINT or an error, and return the exit status for the process.

    This must be the last thing a process does: threads of Faust that do not end in time are cut off by ending the
    process, ``shutdown_timeout_s`` after the shutdown began.

    Returns:
        0 after a signal, 1 after an error (logged once). The process may also end by itself with 70 (the watchdog
        saw no progress) or 71 (the shutdown took too long after a signal).
    """
    quiet_logging(loglevel)
    gc.set_threshold(*GC_THRESHOLDS)
    detector = StallDetector(engine.config.stall_timeout_s, engine.config.broker_timeout_s)
    watchdog = Watchdog(lambda: engine.vitals, detector)
    watchdog.start()
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(_serve(engine, watchdog))


def quiet_logging(loglevel: str) -> None:
    """Log to stderr, unless someone has set up logging already, and keep Faust from building debug records."""
    level = logging.getLevelNamesMapping()[loglevel.upper()]
    if not logging.getLogger().handlers:
        logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in _CHATTY:
        # Even records that no handler wants cost a tenth of the time when the level lets them be created.
        logging.getLogger(name).setLevel(max(level, logging.INFO))


async def _serve(engine: Engine, watchdog: Watchdog) -> int:
    app = engine.app
    loop = asyncio.get_running_loop()
    signalled = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, signalled.set)
    starting = asyncio.create_task(_start(engine))
    ends = [
        asyncio.create_task(wait) for wait in (signalled.wait(), engine.steps.failed.wait(), app.wait_until_stopped())
    ]
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    if app.crash_reason is not None:
        engine.fail(app.crash_reason)
    status = EXIT_OK if engine.steps.failure is None else EXIT_FAILED
    _end_process_in(engine.config.shutdown_timeout_s, status or EXIT_OVERRUN)
    watchdog.stop()
    try:
        await app.stop()
    except Exception:
        log.exception("the shutdown was not clean")
        status = EXIT_FAILED
    for task in (starting, *ends):
        task.cancel()
    await asyncio.gather(starting, *ends, return_exceptions=True)
    return status


async def _start(engine: Engine) -> None:
    try:
        await engine.app.start()
    except Exception as error:
        engine.fail(error)


def _end_process_in(seconds: float, status: int) -> None:
    def end() -> None:
        log.critical("the shutdown took longer than %.0f s; the process ends with status %d", seconds, status)
        os._exit(status)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
