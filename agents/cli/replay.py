"""``replay``: recorded logs to events on the broker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agents.cli.errors import UserError, told_plainly
from agents.cli.progress import Progress
from agents.cli.speed import SPEED, Speed
from agents.feed import Feeder, FeedError
from agents.logs import Log, read_log
from agents.mappings import read_mapping
from agents.settings import load_settings
from streams.codec import format_time
from streams.sources.mapping import to_cloudevent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.events import Kind


@click.command("replay")
@click.argument("files", nargs=-1, required=True)
@click.option("--mapping", required=True, help="Name of a shipped mapping, or path of one.")
@click.option("--speed", type=SPEED, default="max", show_default=True, help="Seconds of the log per second, or max.")
@click.option("--broker", help="host:port; default: the configured one.")
@click.option("--config", help="YAML file with settings; the environment wins over it.")
@told_plainly
def command(files: tuple[str, ...], mapping: str, speed: Speed, broker: str | None, config: str | None) -> None:
    """Convert recorded logs to events, in order of time, and produce them."""
    settings = load_settings(config)
    compiled = read_mapping(mapping)
    log = read_log(files, compiled)
    for problem in log.problems:
        click.echo(f"rejected: {problem}", err=True)
    try:
        with Feeder(broker or settings.broker) as feeder, Progress("replaying", len(log.events)) as progress:
            sent = feeder.feed(
                encoded(log),
                speed=speed.factor,
                progress=lambda number, at: progress.show(number, f"the log is at {format_time(at)}"),
            )
            progress.show(sent)
    except FeedError as error:
        raise UserError(str(error)) from None
    except KeyboardInterrupt:
        msg = "interrupted before the whole log was produced"
        raise UserError(msg) from None
    click.echo(
        f"{sent:,} events produced, {log.counts['ignored']:,} rows ignored, {log.counts['invalid']:,} rows rejected"
    )


def encoded(log: Log) -> Iterator[tuple[int, Kind, str, bytes]]:
    """The events of a log as they are produced."""
    for mapped in log.events:
        event = mapped.event
        yield event.entry.time, event.kind, event.entity, to_cloudevent(mapped)
