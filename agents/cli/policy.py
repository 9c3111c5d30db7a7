"""``policy``: check policy files, and make from them what Prometheus and Alertmanager need."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agents.cli.errors import NOT_FINE, told_plainly
from agents.cli.policy_diff import diff
from agents.policies import disagreements, policy_paths, read_policy_file
from agents.policies.writing import alertmanager_config, to_yaml
from streams.businesstime import CalendarError
from streams.problems import Problem
from streams.sla.policy_alerts import Thresholds
from streams.sla.policy_document import PolicyError, told
from streams.sla.policy_quiet import DAYS_AHEAD
from streams.sla.policy_routes import routing
from streams.sla.policy_rules import rule_file

if TYPE_CHECKING:
    from agents.policies import PolicyFile
    from streams.sla.model import Policy

TODAY = click.option(
    "--today",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    help="The day to judge by, instead of the real one (UTC).",
)


@click.group("policy")
def command() -> None:
    """Check policy files; generate alert rules and routes; compare policies on a recorded log."""


command.add_command(diff)


def day(today: datetime | None) -> date:
    """The day that ``--today`` says, or the real one."""
    return (today or datetime.now(UTC)).date()


@command.command("check")
@click.argument("files", nargs=-1, required=True)
@TODAY
@click.option("--strict", is_flag=True, help="Exit code 1 for warnings too.")
@told_plainly
def check(files: tuple[str, ...], today: datetime | None, strict: bool) -> None:
    """Say what is wrong with policy files, or with all in a directory; exit code 1 if anything is.

    A warning may be meant so, and alone leaves the exit code at 0.
    """
    read: list[PolicyFile] = []
    errors = warnings = 0
    for path in policy_paths(files):
        try:
            file = read_policy_file(path)
        except (PolicyError, CalendarError) as error:
            click.echo(str(error))
            errors += len(error.problems)
            continue
        read.append(file)
        for found in file.findings(day(today)):
            click.echo(told(file.name, found.problem) + ("" if found.fatal else " (warning)"))
            errors += found.fatal
            warnings += not found.fatal
    for name, problem in disagreements(read):
        click.echo(told(name, problem))
        errors += 1
    for file in read:
        click.echo(summary(file))
    if errors or (strict and warnings):
        sys.exit(NOT_FINE)


def summary(file: PolicyFile) -> str:
    """What a file holds, in a few lines: its version, and for each goal the procedures that serve it."""
    policies = file.document.policies
    since = datetime.fromtimestamp(policies.effective_from // 1000, UTC)
    lines = [
        f"{file.name}: version {policies.version} from {since:%Y-%m-%d %H:%M} UTC, {len(policies.policies)} policies"
    ]
    for goal in (*policies.goals, None):
        name = goal.name if goal else ""
        serving = [
            f"{policy.name} ({policy.mode}; {', '.join(policy.selector.channel) or 'all channels'})"
            for policy in policies.policies
            if name in served_by(policy)
        ]
        if serving:
            lines.append(f"  {f'{name}, {100 * goal.share:.4g}%' if goal else 'no goal'}: {', '.join(serving)}")
    return "\n".join(lines)


def served_by(policy: Policy) -> set[str]:
    """Names of the goals that the targets of a policy serve; empty: those that serve none."""
    served = {target.serves for target in policy.targets}
    return served | ({policy.service_level.serves} if policy.service_level else set())


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
