"""``simulate``: a contact centre that never was, for trying things out, and the truth about it to compare with."""

from __future__ import annotations

import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import click
import orjson

from agents.cli.errors import UserError, told_plainly
from agents.cli.progress import Progress
from agents.cli.speed import SPEED, Speed
from agents.feed import Feeder, FeedError
from agents.settings import load_settings
from streams.codec import RejectedError, format_time, parse_time
from streams.sources.simulator import AROUND_THE_CLOCK, Profile, Simulator, delivery, disorder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.sources.simulator import Delivery, Simulated, Truth

_HOUR = 3_600_000
_RHYTHMS = {"steady": AROUND_THE_CLOCK, "office": Profile()}
_REPORT_EVERY = 1_000


class _Plan(NamedTuple):
    """What is to be simulated."""

    seed: int
    start: int
    end: int
    profile: Profile

    def simulator(self) -> Simulator:
        return Simulator(self.seed, self.start, self.profile)


class _Last:
    """When the last of some events was, in order of time; until there is one, when they began."""

    def __init__(self, at: int) -> None:
        self.at = at

    def of(self, events: Iterator[Simulated]) -> Iterator[Simulated]:
        """Hand events on."""
        for event in events:
            self.at = event.entry.time
            yield event


@click.command("simulate")
@click.option("--hours", type=click.FloatRange(0, 8784, min_open=True), default=8.0, show_default=True)
@click.option("--from", "start", metavar="TIME", help="RFC 3339 with zone. Default: so that it ends now.")
@click.option("--seed", type=int, default=7, show_default=True, help="The same one gives the same events.")
@click.option(
    "--rhythm", type=click.Choice(list(_RHYTHMS)), default="steady", show_default=True,
    help="As busy day and night, or busy in office hours (UTC) of working days.",
)  # fmt: skip
@click.option(
    "--busier", type=click.FloatRange(0, 1000, min_open=True), default=1.0, show_default=True,
    help="Times as many customers, contacts and reps.",
)  # fmt: skip
@click.option("--disorder", "disordered", is_flag=True, help="Late, twice, in another order, and among garbage.")
@click.option("--speed", type=SPEED, default="max", show_default=True, help="Simulated seconds per second, or max.")
@click.option("--out", metavar="FILE", help="Write the events there, one a line (-: stdout), not to the broker.")
@click.option("--truth", "truth_file", metavar="FILE", help="Write there what really happened, as a report tells it.")
@click.option("--broker", help="host:port; default: the configured one.")
@click.option("--config", help="YAML file with settings; the environment wins over it.")
@told_plainly
def command(
    hours: float,
    start: str | None,
    seed: int,
    rhythm: str,
    busier: float,
    disordered: bool,
    speed: Speed,
    out: str | None,
    truth_file: str | None,
    broker: str | None,
    config: str | None,
) -> None:
    """Produce the events of a simulated contact centre: calls, chats, tickets and reps.

    Its queues have finite numbers of reps, some of whom rush, and customers who hang up and come back. To compare the
    truth with: `report --mapping cloudevents` of what --out writes, or the API of a worker with `clock: event` and
    nothing else on its topics. Both by the default definitions.
    """
    if out and (broker or speed.factor is not None):
        msg = f"--out {out}: goes together with neither --broker nor --speed"
        raise UserError(msg)
    plan = _plan(start, hours, seed, _RHYTHMS[rhythm].busier(busier))
    last = _Last(plan.start)
    events = last.of(plan.simulator().until(plan.end))
    records = disorder(events, seed) if disordered else map(delivery, events)
    if out:  # an empty record would be an empty line, which is none
        records = (record for record in records if record.value)
    records = _counted(records, counts := Counter[str]())
    try:
        with Progress("simulating", None) as progress:
            if out:
                _write(records, out, progress)
            else:
                _produce(records, broker or load_settings(config).broker, speed, progress)
    except KeyboardInterrupt:
        msg = "interrupted before all was simulated"
        raise UserError(msg) from None
    if truth_file:
        _save(truth_file, _told(plan, last.at, counts))
    said = ", ".join(f"{counts[flaw]:,} {name}" for flaw, name in _FLAWS.items() if counts[flaw])
    click.echo(
        f"{said or 'no events'}; seed {seed}, from {format_time(plan.start)} to {format_time(plan.end)}", err=True
    )


_FLAWS = {"": "events", "duplicate": "duplicates", "invalid": "invalid", "unknown_type": "of an unknown type"}


def _plan(start: str | None, hours: float, seed: int, profile: Profile) -> _Plan:
    """What the options ask for."""
    length = round(hours * _HOUR)
    try:
        begin = time.time_ns() // 1_000_000 - length if start is None else parse_time(start, "--from")
    except RejectedError as error:
        raise UserError(str(error)) from None
    return _Plan(seed, begin, begin + length, profile)


def _counted(records: Iterator[Delivery], counts: Counter[str]) -> Iterator[Delivery]:
    for record in records:
        counts[record.flaw] += 1
        yield record


def _write(records: Iterator[Delivery], out: str, progress: Progress) -> None:
    with _opened(out) as file:
        for number, record in enumerate(records, 1):
            file.write(record.value + b"\n")
            if number % _REPORT_EVERY == 0:
                progress.show(number, f"it is {format_time(record.at)}")


def _produce(records: Iterator[Delivery], broker: str, speed: Speed, progress: Progress) -> None:
    try:
        with Feeder(broker) as feeder:
            feeder.feed_records(
                ((record.at, record.topic, record.key, record.value) for record in records),
                speed=speed.factor,
                progress=lambda number, at: progress.show(number, f"it is {format_time(at)}"),
            )
    except FeedError as error:
        raise UserError(str(error)) from None


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdout.buffer
        return
    try:
        with Path(name).open("wb") as file:
            yield file
    except OSError as error:
        msg = f"{name}: cannot be written: {error.strerror or error}"
        raise UserError(msg) from None


def _told(plan: _Plan, last: int, counts: Counter[str]) -> dict[str, Any]:
    """What happened up to the last event, which is the present of whoever knows no other clock.

    It is simulated once more up to there: what nobody tells may have happened after it.
    """
    again = plan.simulator()
    for _ in again.until(last):
        pass
    return {
        "as_of": format_time(last),
        "seed": plan.seed,
        "events": {"ok": counts[""], **{flaw: counts[flaw] for flaw in _FLAWS if flaw}},
        "total": _nested(again.truth, last, None),
        "by": {"queue": {queue.name: _nested(again.truth, last, queue.name) for queue in plan.profile.queues}},
    }


def _nested(truth: Truth, as_of: int, queue: str | None) -> dict[str, Any]:
    """Figures under the names of a report: what dots join there are tables within tables."""
    found: dict[str, Any] = {}
    for name, value in sorted(truth.figures(as_of, queue).items()):
        *tables, last = name.split(".")
        place = found
        for table in tables:
            place = place.setdefault(table, {})
        place[last] = value
    return found


def _save(name: str, told: dict[str, Any]) -> None:
    with _opened(name) as file:
        file.write(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
