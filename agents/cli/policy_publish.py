"""``policy publish``, ``policy published``: the versions that stand in the topic that workers follow."""

from __future__ import annotations

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
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from streams.sla.promises import Policies

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
    policies = _together(topic)
    _write(address, records)
    for file in read:
        click.echo(summary(file))
    for name, version in changes.items():
        click.echo(f"{'withdrawn' if version is None else 'published'}: {name}")
    after = topic.outcome().texts
    for name in sorted(before.keys() & after.keys() - changes.keys()):
        if before[name] != after[name]:
            click.echo(f"{name} is another one than before, for all versions that name it")
    _say_in_force(topic, policies)


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
    for problem in sorted(outcome.problems):
        click.echo(problem)
    _say_in_force(topic, outcome.policies)
    if outcome.problems:
        sys.exit(NOT_FINE)


def _check_names(names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            msg = f"{name} is named twice: a version has one name, that of its file"
            raise UserError(msg)


def _packed(paths: Iterable[Path]) -> dict[str, PublishedVersion]:
    return {path.name: PublishedVersion.of_file(path) for path in paths}


# Imported where a broker is asked: those who check files need not wait for Faust and Kafka to be imported.


def _address(broker: str | None, config: str | None) -> str:
    """The broker, if it has the topic.

    Raises:
        UserError: it has not, or keeps it in a way that loses versions.
    """
    from agents.policy_admin import PolicyTopicError, check_topic  # noqa: PLC0415
    from agents.topics_admin import TopicsError  # noqa: PLC0415

    settings = load_settings(config)
    address = broker or settings.broker
    try:
        check_topic(address, settings)
    except (PolicyTopicError, TopicsError) as error:
        raise UserError(str(error)) from None
    return address


def _read(address: str) -> PublishedPolicies:
    from agents.policy_admin import PolicyTopicError, read_topic  # noqa: PLC0415

    topic = PublishedPolicies()
    try:
        for record in read_topic(address):
            topic.put(record.key, record.value)
    except PolicyTopicError as error:
        raise UserError(str(error)) from None
    return topic


def _write(address: str, records: Mapping[str, bytes | None]) -> None:
    from agents.policy_admin import PolicyTopicError, write_topic  # noqa: PLC0415

    try:
        write_topic(address, records)
    except PolicyTopicError as error:
        raise UserError(str(error)) from None


def _together(topic: PublishedPolicies) -> Policies:
    try:
        return together(topic.versions)
    except UNUSABLE as error:
        click.echo(str(error))
        _refuse()


def _refuse() -> NoReturn:
    click.echo("ticket-streams: nothing was published", err=True)
    sys.exit(NOT_FINE)


def _say_in_force(topic: PublishedPolicies, policies: Policies) -> None:
    if policies.version:
        click.echo(f"in force: version {policies.version}, of {len(topic.versions)} published")
    else:
        click.echo("in force: nothing is promised")
