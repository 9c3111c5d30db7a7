"""``dead-letters``: the events that could not be taken, and their way back."""

from __future__ import annotations

import json
import sys
from collections import Counter, deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agents.cli.errors import NOT_FINE, UserError, told_plainly
from agents.cli.tables import plain
from agents.dead_letter_topic import read_letters, send_letters, source_partitions
from agents.settings import load_settings
from agents.topics_admin import TopicsError
from streams.codec import RejectedError, format_time, parse_time
from streams.pipeline.redrive import FOREIGN, Letter, Redrive, Selection
from streams.topics import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

F = TypeVar("F", bound="Callable[..., Any]")

_SHOWN_KEY = 60
_DEFAULT_LIMIT = 100


def _selectors(function: F) -> F:
    """The options that both commands have."""
    for option in (
        click.option("--config", help="YAML file with settings; the environment wins over it."),
        click.option("--broker", help="host:port; default: the configured one."),
        click.option("--since", metavar="TIME", help="Not what was refused before (RFC 3339 with zone)."),
        click.option(
            "--topic",
            type=click.Choice([topic.name for topic in SOURCES.values()]),
            help="Only what came on this topic.",
        ),
        click.option("--reason", "reasons", multiple=True, help="Only what was refused for this reason; repeatable."),
    ):
        function = option(function)
    return function


@click.group("dead-letters")
def command() -> None:
    """List the events that could not be taken, or send them again."""


@command.command("list")
@_selectors
@click.option(
    "--limit",
    type=click.IntRange(0),
    default=_DEFAULT_LIMIT,
    show_default=True,
    help="Show the newest so many, 0: all; all are counted.",
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@told_plainly
def list_letters(
    reasons: tuple[str, ...],
    topic: str | None,
    since: str | None,
    broker: str | None,
    config: str | None,
    limit: int,
    form: str,
) -> None:
    """Show when each was refused, where it came from, its key, and what is wrong: field, value and rule."""
    selection = _selection(reasons, topic, since)
    listing = Listing(selection, limit)
    with _broker(broker, config) as address:
        source_partitions(address)
        read_letters(address, listing.take)
    if form == "json":
        # Only ASCII, so that nothing that others wrote acts on a terminal.
        click.echo(json.dumps(listing.document(), indent=2))
    else:
        listing.print()


@command.command("redrive")
@_selectors
@click.option("--limit", type=click.IntRange(1), help="Send so many at most, the oldest first.")
@click.option("--all", "everything", is_flag=True, help="All of them; needed where nothing is selected.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
@told_plainly
def redrive(
    reasons: tuple[str, ...],
    topic: str | None,
    since: str | None,
    broker: str | None,
    config: str | None,
    limit: int | None,
    everything: bool,
    dry_run: bool,
) -> None:
    """Send dead letters back to where they came from, as they came; exit code 1 if any of them cannot be.

    Each distinct one is sent once. What was taken meanwhile is a duplicate and changes nothing; what is refused again
    becomes another dead letter. The old ones stay until they are too old for their topic.
    """
    selection = _selection(reasons, topic, since)
    if everything == (selection != Selection() or limit is not None):
        msg = "select dead letters with --reason, --topic, --since or --limit, or take --all of them" + (
            ", not both" if everything else ""
        )
        raise UserError(msg)
    with _broker(broker, config) as address:
        work = Redrive(selection, source_partitions(address), limit)
        if dry_run:
            read_letters(address, work.send)
        else:
            send_letters(address, work.send, lambda: work.full)
    for line in outcome(work, dry_run=dry_run):
        click.echo(plain(line))
    if work.left:
        sys.exit(NOT_FINE)


def _selection(reasons: tuple[str, ...], topic: str | None, since: str | None) -> Selection:
    try:
        instant = None if since is None else parse_time(since, "--since")
    except RejectedError as error:
        raise UserError(str(error)) from None
    return Selection(frozenset(reasons), topic or "", instant)


@contextmanager
def _broker(broker: str | None, config: str | None) -> Iterator[str]:
    """Whom to ask; what goes wrong there is told plainly."""
    try:
        yield broker or load_settings(config).broker
    except TopicsError as error:
        raise UserError(str(error)) from None


class Listing:
    """The dead letters that are meant: all counted, the newest kept."""

    def __init__(self, selection: Selection, limit: int) -> None:
        """``limit``: how many to keep; 0: all."""
        self._selection = selection
        self._newest: deque[tuple[Letter, int, int]] = deque(maxlen=limit or None)
        self._counts: Counter[str] = Counter()
        self._others: Counter[str] = Counter()

    def take(self, letter: Letter, at: int) -> None:
        """Take one letter. ``at``: when it became one (milliseconds)."""
        if not self._selection.has(letter, at):
            self._others[letter.reason] += 1
            return
        self._counts[letter.reason] += 1
        # Values may be as large as a record, and are not shown.
        self._newest.append((letter._replace(value=None, headers=()), at, len(letter.value or b"")))

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "selected": self._counts.total(),
            "not_selected": self._others.total(),
            "by_reason": dict(sorted(self._counts.items())),
            "letters": [
                {
                    "at": format_time(at),
                    "reason": letter.reason,
                    "field": letter.field,
                    "error": letter.error,
                    **_origin(letter),
                    "key": None if letter.key is None else letter.key.decode("utf-8", "backslashreplace"),
                    "kept_bytes": size,
                    "cannot_be_sent_again": letter.obstacle or None,
                }
                for letter, at, size in self._newest
            ],
        }

    def print(self, console: Console | None = None) -> None:
        """As a table."""
        if not self._counts:
            others = self._others.total()
            there = f"none of {others:,} dead letters is selected; there are: {_said(self._others)}"
            click.echo(plain(there) if others else "there are no dead letters")
            return
        table = Table()
        table.add_column("refused at", overflow="fold")
        table.add_column("from", overflow="fold")
        table.add_column("key", overflow="fold")
        table.add_column("reason", overflow="fold")
        table.add_column("what is wrong", overflow="fold", ratio=1)
        for letter, at, _ in self._newest:
            kept = f" · cannot be sent again: {letter.obstacle}" if letter.obstacle and letter.reason != FOREIGN else ""
            cells = (
                format_time(at),
                letter.origin if letter.topic else "",
                _shown(letter.key),
                letter.reason,
                letter.error + kept,
            )
            table.add_row(*(Text(plain(cell)) for cell in cells))
        (console or Console()).print(table)
        shown, total = len(self._newest), self._counts.total()
        newest = f", the newest {shown:,} are shown" if shown < total else ""
        click.echo(plain(f"{total:,} dead letter{'s' if total > 1 else ''}: {_said(self._counts)}{newest}"))


def _origin(letter: Letter) -> dict[str, Any]:
    if not letter.topic:
        return {"topic": None, "partition": None, "offset": None}
    return {"topic": letter.topic, "partition": letter.partition, "offset": letter.offset}


def _shown(key: bytes | None) -> str:
    text = "" if key is None else key[: _SHOWN_KEY * 4].decode("utf-8", "backslashreplace")
    return text if len(text) <= _SHOWN_KEY else text[:_SHOWN_KEY] + "…"


def _said(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in sorted(counts.items()))


def outcome(work: Redrive, *, dry_run: bool) -> Iterator[str]:
    """What was sent where, and what was not, as lines."""
    for (topic, reason), count in sorted(work.sent.items()):
        yield f"{'would go' if dry_run else 'sent'} to {topic}: {count:,} {reason}"
    for letter, obstacle in work.left:
        name = letter.origin if letter.topic else "what no worker wrote"
        yield f"cannot be sent again: {name}, {letter.reason}: {obstacle}"
    parts = [f"{work.sent.total():,} {'would be sent' if dry_run else 'sent'} again"]
    if work.same:
        parts.append(f"{work.same:,} the same as one of them")
    if work.left:
        parts.append(f"{len(work.left):,} cannot be sent again")
    yield ", ".join(parts)
