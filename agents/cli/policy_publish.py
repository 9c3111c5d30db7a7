"""``policy publish``, ``policy published``: the versions that stand in the topic that workers follow."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from agents.cli.errors import NOT_FINE, UserError, told_plainly
from agents.cli.policy_check import TODAY, checked, day, summary
from agents.policies import UNUSABLE, policy_paths
from agents.policies.published import PublishedPolicies, together
from agents.policies.record import PublishedVersion
from agents.settings import load_settings
from streams.businesstime.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path
    from types import ModuleType

    from agents.policies.published import Outcome

BROKER = click.option("--broker", help="host:port; default: the configured one.")
CONFIG = click.option("--config", help="YAML file with settings; the environment wins over it.")


@click.command("publish")
@click.argument("files", nargs=-1)
@click.option("--withdraw", multiple=True, metavar="NAME", help="Take a version back; may be repeated.")
@BROKER
@TODAY
@CONFIG
@told_plainly
def publish(
    files: tuple[str, ...], withdraw: tuple[str, ...], broker: str | None, today: datetime | None, config: str | None
) -> None:
    """Put policy FILES, with the calendars that they name, into the topic that workers follow.

    A version is known by the name of its file: what is published under a name takes the place of what was published
    under it before. Everything is checked first, with what is published already: what cannot be used is refused, with
    exit code 1. What is published and withdrawn at once is one change.
    """
    if not files and not withdraw:
        msg = "nothing to publish: name policy files, or versions to --withdraw"
        raise UserError(msg)
    paths = policy_paths(files)
    changes: dict[str, PublishedVersion | None] = dict.fromkeys(withdraw)
    _check_names([*withdraw, *(path.name for path in paths)])
    read, errors, _ = checked(paths, day(today))
    if errors:
        _refuse()
    changes |= _packed(paths)
    address = _address(broker, config)
    topic = _read(address)
    before = topic.outcome().texts
    for name in withdraw:
        if name not in topic.versions and name not in topic.broken:
            msg = f"--withdraw {name}: no such version is published; {nearest(name, [*topic.versions, *topic.broken])}"
            raise UserError(msg)
    records = {name: None if version is None else version.encode() for name, version in changes.items()}
    for name, value in records.items():
        topic.put(name.encode(), value)
    _check_together(topic, changes)
    with _admin() as admin:
        admin.write_topic(address, records)
    for file in read:
        click.echo(summary(file))
    for name, version in changes.items():
        click.echo(f"{'withdrawn' if version is None else 'published'}: {name}")
    after = topic.outcome()
    for name in sorted(before.keys() & after.texts.keys() - changes.keys()):
        if before[name] != after.texts[name]:
            click.echo(f"{name} is another one than before, for all versions that name it")
    _say_in_force(after)


@click.command("published")
@BROKER
@CONFIG
@told_plainly
def published(broker: str | None, config: str | None) -> None:
    """List the versions in the topic, and what is in force by them; exit code 1 if something in it cannot be used."""
    topic = _read(_address(broker, config))
    for name, version in topic.versions.items():
        click.echo(summary(version.check(name)))
    outcome = topic.outcome()
    _say_in_force(outcome)
    if outcome.problems:
        sys.exit(NOT_FINE)


def _check_names(names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            msg = f"{name} is named twice: a version has one name, that of its file"
            raise UserError(msg)


def _packed(paths: Iterable[Path]) -> dict[str, PublishedVersion]:
    return {path.name: PublishedVersion.of_file(path) for path in paths}


@contextlib.contextmanager
def _admin() -> Iterator[ModuleType]:
    """The module that talks to the broker; what it says is the user's to mend."""
    # Imported where a broker is asked: those who only check files need not wait for Faust and Kafka to be imported.
    from agents import policy_admin, topics_admin  # noqa: PLC0415

    try:
        yield policy_admin
    except topics_admin.TopicsError as error:
        raise UserError(str(error)) from None


def _address(broker: str | None, config: str | None) -> str:
    settings = load_settings(config)
    address = broker or settings.broker
    with _admin() as admin:
        admin.check_topic(address, settings)
    return address


def _read(address: str) -> PublishedPolicies:
    topic = PublishedPolicies()
    with _admin() as admin:
        for record in admin.read_topic(address):
            topic.put(record.key, record.value)
    return topic


def _check_together(topic: PublishedPolicies, changed: Iterable[str]) -> None:
    """Refuse what would not be in force as a whole."""
    try:
        together(topic.versions)
        problems = [topic.broken[name] for name in changed if name in topic.broken]
    except UNUSABLE as error:
        problems = [str(error)]
    if problems:
        click.echo("\n".join(problems))
        _refuse()


def _refuse() -> NoReturn:
    click.echo("ticket-streams: nothing was published", err=True)
    sys.exit(NOT_FINE)


def _say_in_force(outcome: Outcome) -> None:
    for problem in sorted(outcome.problems):
        click.echo(f"cannot be used: {problem}")
    version, count = outcome.policies.version, len(outcome.policies.book.sets)
    click.echo(f"in force: version {version}, of {count} published" if version else "in force: nothing is promised")
