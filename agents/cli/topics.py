"""``topics``: create the topics, or say what is wrong with them."""

from __future__ import annotations

import sys

import click

from agents.cli.errors import NOT_FINE, UserError, told_plainly
from agents.settings import load_settings
from agents.topic_specs import topic_specs
from agents.topics_admin import TopicsError, check_topics, create_topics


@click.group("topics")
def command() -> None:
    """Create or check the topics."""


@command.command("create")
@click.option("--config", help="YAML file with settings; the environment wins over it.")
@told_plainly
def create(config: str | None) -> None:
    """Create the topics that do not exist; existing ones are left as they are."""
    settings = load_settings(config)
    try:
        created = create_topics(settings.broker, topic_specs(settings), replication=settings.replication)
    except TopicsError as error:
        raise UserError(str(error)) from None
    for name in created:
        click.echo(f"created {name}")
    click.echo(f"{len(created)} topics created, the others exist already" if created else "all topics exist already")


@command.command("check")
@click.option("--config", help="YAML file with settings; the environment wins over it.")
@told_plainly
def check(config: str | None) -> None:
    """Compare the topics with what is needed; exit code 1 if they differ."""
    settings = load_settings(config)
    specs = topic_specs(settings)
    try:
        problems = check_topics(settings.broker, specs)
    except TopicsError as error:
        raise UserError(str(error)) from None
    for problem in problems:
        click.echo(problem)
    if problems:
        sys.exit(NOT_FINE)
    click.echo(f"all {len(specs)} topics are as they should be")
