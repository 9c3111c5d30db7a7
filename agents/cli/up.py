"""``up``: the whole thing on one machine, fed with a demo or with recorded logs."""

from __future__ import annotations

import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import click
import msgspec

from agents.broker import BrokerError
from agents.cli.errors import UserError, told_plainly
from agents.cli.progress import Progress
from agents.cli.replay import encoded
from agents.cli.speed import SPEED, Speed
from agents.cli.tables import print_figures
from agents.feed import Feeder, FeedError
from agents.logs import read_log
from agents.machine import Machine, MachineError, fetch_json
from agents.mappings import read_mapping
from agents.rules import load_rules
from agents.settings import Settings, load_settings
from agents.supervisor import WorkerError
from agents.topics_admin import TopicsError
from streams.codec import format_time
from streams.sources.simulator import AROUND_THE_CLOCK, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.events import Kind

DEMO = "demo"
NO_FEED = "none"
_WATCH_S = 0.2
_STILL_S = 0.5


@click.command("up")
@click.option("--feed", multiple=True, default=(DEMO,), show_default=True, help="demo, none, or a recorded log.")
@click.argument("files", nargs=-1)
@click.option("--mapping", help="For recorded logs: name of a shipped mapping, or path of one.")
@click.option("--speed", type=SPEED, help="Seconds of the feed per second, or max. Default: demo 1, logs max.")
@click.option("--broker", help="host:port of a running broker. Default: the embedded one.")
@click.option("--workers", type=click.IntRange(1, 16), default=1, show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), help="Of the pages. Default: the configured one, 9464.")
@click.option("--once", is_flag=True, help="End when a recorded log has been taken whole, with its figures.")
@click.option("--verbose", is_flag=True, help="Show the workers' logs.")
@click.option("--config", help="YAML file with settings; the environment wins over it.")
@told_plainly
def command(
    feed: tuple[str, ...],
    files: tuple[str, ...],
    mapping: str | None,
    speed: Speed | None,
    broker: str | None,
    workers: int,
    port: int | None,
    once: bool,
    verbose: bool,
    config: str | None,
) -> None:
    """Run everything on this machine; Ctrl-C ends all of it.

    Further recorded logs may follow as FILES.
    """
    settings = load_settings(config)
    source = _source((*feed, *files) if feed != (DEMO,) or not files else files, mapping, speed, once=once)
    settings = settings.model_copy(update=source.settings(settings))
    # What the workers could not begin with is told before anything is started.
    load_rules(settings.figure_options, calendars_file=settings.calendars_file, policies=settings.policy_names)
    # A supervisor's SIGTERM ends everything in order, as Ctrl-C does; also where a shell that started us in the
    # background has SIGINT ignored.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Machine(
            settings, broker=broker, workers=workers, port=port or settings.http_port, verbose=verbose
        ) as machine:
            _run(machine, source, once=once)
    except (BrokerError, FeedError, MachineError, WorkerError, TopicsError) as error:
        raise UserError(str(error)) from None
    except KeyboardInterrupt:
        _say("everything has ended")


def _say(text: str) -> None:
    click.echo(text, err=True)


class _Feed(threading.Thread):
    """Feeds while the main thread looks after the processes."""

    def __init__(self, source: _Source, broker: str) -> None:
        super().__init__(name="feed", daemon=True)
        self.source = source
        self.broker = broker
        self.stopped = threading.Event()
        self.sent = 0
        self.at = 0
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            with Feeder(self.broker, stopped=self.stopped.is_set) as feeder:
                self.source.feed(feeder, self._note)
                self.sent = feeder.sent
        except Exception as error:  # the main thread tells it
            self.error = error

    def _note(self, sent: int, at: int) -> None:
        self.sent, self.at = sent, at


def _run(machine: Machine, source: _Source, *, once: bool) -> None:
    machine.start(_say)
    before, _ = machine.taken()
    _say(f"wallboard  {machine.url}/wallboard")
    _say(f"metrics    {machine.url}/metrics")
    _say(f"figures    {machine.url}/api/v1/figures?window=all")
    _say("Ctrl-C ends everything")
    feed = _Feed(source, machine.broker)
    feed.start()
    try:
        with Progress("taken", source.total) as progress:
            still_since: float | None = None
            while True:
                machine.watch(_say)
                if feed.error is not None:
                    raise feed.error
                taken, drained = machine.taken()
                done = max(0, taken - before)
                progress.show(
                    done, f"the feed is at {format_time(feed.at)}" if feed.at else "", source.total or feed.sent
                )
                fed = not feed.is_alive()
                if fed and drained and done >= feed.sent:
                    # Twice in a row: what a stage sent last may not have been seen by the next one yet.
                    if still_since is not None and time.monotonic() - still_since >= _STILL_S:
                        break
                    still_since = still_since or time.monotonic()
                else:
                    still_since = None
                time.sleep(_WATCH_S)
        _show(machine, feed.sent)
        if not once:
            _say("all taken; the pages stay until Ctrl-C")
            while True:
                machine.watch(_say)
                time.sleep(_WATCH_S)
    finally:
        feed.stopped.set()
        feed.join(5)


def _show(machine: Machine, sent: int) -> None:
    figures = fetch_json(f"{machine.url}/api/v1/figures?window=all&by=queue")
    if figures is None:
        msg = f"{machine.url}/api/v1/figures does not answer"
        raise MachineError(msg)
    _say(f"{sent:,} events taken")
    sys.stderr.flush()
    print_figures(figures)


class _Source:
    """What ``up`` is fed with."""

    total: int | None = None

    def settings(self, settings: Settings) -> dict[str, Any]:
        """Settings that the feed asks for."""
        return {}

    def feed(self, feeder: Feeder, note: Any) -> None:
        """Produce all there is."""


class _Logs(_Source):
    """Recorded logs."""

    def __init__(self, files: tuple[str, ...], mapping: str, speed: Speed | None) -> None:
        compiled = read_mapping(mapping)
        self._log = read_log(files, compiled)
        self._figures = msgspec.to_builtins(compiled.figures)
        self._speed = speed.factor if speed else None
        self.total = len(self._log.events)
        for problem in self._log.problems:
            _say(f"rejected: {problem}")

    def settings(self, settings: Settings) -> dict[str, Any]:
        """A recorded log is seen at its own time, by the definitions that its mapping chooses."""
        return {"clock": "event", "figures": {**self._figures, **settings.figures}}

    def feed(self, feeder: Feeder, note: Any) -> None:
        """Produce the log."""
        feeder.feed(encoded(self._log), speed=self._speed, progress=note)


class _Demo(_Source):
    """A simulated contact centre: its last hours at once, then as time goes by."""

    HISTORY_MS = 8 * 3_600_000
    STEP_S = 0.5

    def __init__(self, speed: Speed | None) -> None:
        self._speed = 1.0 if speed is None else speed.factor
        if self._speed is None:
            msg = "--speed max: the demo goes on for ever; give a number"
            raise UserError(msg)

    def settings(self, settings: Settings) -> dict[str, Any]:
        """At real speed the demo is live; faster, it has a time of its own."""
        return {"clock": "wall" if self._speed == 1.0 else "event"}

    def feed(self, feeder: Feeder, note: Any) -> None:
        """Produce until asked to stop."""
        begun, now = time.monotonic(), time.time_ns() // 1_000_000
        simulator = Simulator(seed=7, start_ms=now - self.HISTORY_MS, profile=AROUND_THE_CLOCK)

        def until(instant: int) -> Iterator[tuple[int, Kind, str, bytes]]:
            for one in simulator.until(instant):
                yield one.entry.time, one.kind, one.entity, one.encoded()

        while not feeder.stopped():
            assert self._speed is not None  # noqa: S101 - refused above
            instant = now + round((time.monotonic() - begun) * 1000 * self._speed)
            feeder.feed(until(instant))
            note(feeder.sent, instant)
            time.sleep(self.STEP_S)


def _source(feeds: tuple[str, ...], mapping: str | None, speed: Speed | None, *, once: bool) -> _Source:
    if feeds in ((DEMO,), (NO_FEED,)):
        if once:
            msg = "--once needs a recorded log: the demo goes on for ever"
            raise UserError(msg)
        return _Demo(speed) if feeds == (DEMO,) else _Source()
    if mapping is None:
        msg = f"--feed {feeds[0]}: needs --mapping, to say how its rows become events"
        raise UserError(msg)
    return _Logs(feeds, mapping, speed)
