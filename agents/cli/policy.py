"""``policy``: check policy files, publish them, and make from them what Prometheus and Alertmanager need."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agents.cli.errors import NOT_FINE, told_plainly
from agents.cli.policy_check import TODAY, checked, day, summary
from agents.cli.policy_diff import diff
from agents.cli.policy_publish import publish, published
from agents.policies import policy_paths, read_policy_file
from agents.policies.writing import alertmanager_config, to_yaml
from streams.problems import Problem
from streams.sla.policy_alerts import Thresholds
from streams.sla.policy_document import PolicyError
from streams.sla.policy_quiet import DAYS_AHEAD
from streams.sla.policy_routes import routing
from streams.sla.policy_rules import rule_file

if TYPE_CHECKING:
    from datetime import datetime

    from agents.policies import PolicyFile


@click.group("policy")
def command() -> None:
    """Check and publish policies; generate alert rules and routes; compare policies on a recorded log."""


for one in (diff, publish, published):
    command.add_command(one)


@command.command("check")
@click.argument("files", nargs=-1, required=True)
@TODAY
@click.option("--strict", is_flag=True, help="Exit code 1 for warnings too.")
@told_plainly
def check(files: tuple[str, ...], today: datetime | None, strict: bool) -> None:
    """Say what is wrong with policy files, or with all in a directory; exit code 1 if anything is.

    A warning may be meant so, and alone leaves the exit code at 0.
    """
    read, errors, warnings = checked(policy_paths(files), day(today))
    for file in read:
        click.echo(summary(file))
    if errors or (strict and warnings):
        sys.exit(NOT_FINE)


@command.command("rules")
@click.argument("file")
@click.option("--min-due", default=10, show_default=True, type=click.IntRange(1), help="Fewer due burn no budget.")
@click.option("--min-at-risk", default=5, show_default=True, type=click.IntRange(1), help="Fewer at risk are no alert.")
@told_plainly
def rules(file: str, min_due: int, min_at_risk: int) -> None:
    """Write the recording and alert rules for Prometheus to standard output."""
    read = usable(file)
    made = rule_file(read.document, read.calendars, Thresholds(min_due, min_at_risk))
    about = f"Made by `ticket-streams policy rules` from policies of version {read.document.policies.version}."
    if read.document.weekly_blackouts:
        about += "\nWeekly blackouts are kept by Alertmanager: see `ticket-streams policy alertmanager`."
    click.echo(to_yaml(made, about + "\nDo not edit: edit the policies, and make it anew."), nl=False)


@command.command("alertmanager")
@click.argument("file")
@click.option(
    "--base", type=click.Path(path_type=Path), help="Configuration to add to, such as that with your other receivers."
)
@TODAY
@told_plainly
def alertmanager(file: str, base: Path | None, today: datetime | None) -> None:
    """Write a configuration for Alertmanager to standard output, with the routes of the escalation lists."""
    read = usable(file)
    until = day(today) + timedelta(days=DAYS_AHEAD)
    made = alertmanager_config(routing(read.document, read.calendars, day(today)), base)
    about = f"Made by `ticket-streams policy alertmanager` from policies of version {read.document.policies.version}."
    about += f"\nHolidays are told until {until}: make it anew before, and whenever policies or calendars change."
    click.echo(to_yaml(made, about), nl=False)


def usable(name: str) -> PolicyFile:
    """The one file of a name, if nothing is wrong with it but warnings.

    Raises:
        PolicyError: there are errors, or several files.
    """
    paths = policy_paths([name])
    if len(paths) > 1:
        raise PolicyError(name, [Problem((), name, "must be a single file: the version that is to be watched over")])
    file = read_policy_file(paths[0])
    fatal = [found.problem for found in file.findings(date.min) if found.fatal]
    if fatal:
        raise PolicyError(file.name, fatal)
    return file
